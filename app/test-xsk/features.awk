# SPDX-License-Identifier: BSD-3-Clause
# doc/features.tsv -> {"name", {"veth", "igb", "virtio"}},
BEGIN { FS = "\t" }
!/^#/ { printf "{\"%s\", {\"%s\", \"%s\", \"%s\"}},\n", $1, $3, $4, $5 }
