#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# What the documentation names exists: the documents themselves, files of this tree, targets of make; no line is over
# 120 columns but rows of tables in Markdown. (What else it says of the code: features.sh --check-tool.)
set -euo pipefail
. "$(dirname "$0")/lib.sh"
cd "$ROOT"

in_dpdk=' drivers/net/meson.build doc/guides/nics/features/default.ini '
documents='README.md CONTRIBUTING.md doc/design.md doc/features.md doc/matrix.md doc/applications.md doc/peers.md
	doc/vm.md doc/guides/nics/xskpmd.rst'
failed=0
complain() {
	echo "$*"
	failed=1
}

for file in $documents; do
	[ -s "$file" ] || {
		complain "$file is missing"
		continue
	}
	while read -r path; do
		[[ $in_dpdk != *" $path "* ]] || continue
		[ -e "$path" ] || [ -e "$(dirname "$file")/$path" ] || complain "$file names $path, which does not exist"
	done < <(
		grep -oE '(^|[ `("])(scripts|doc|drivers|app|bpf)/[a-zA-Z0-9_./-]*[a-zA-Z0-9_]' "$file" | sed 's/^[ `("]//'
		[[ $file != *.md ]] || grep -oE '\]\([^)#:]+\)' "$file" | sed 's/^](\(.*\))$/\1/'
	)
	while read -r target; do
		grep -q "^$target:" GNUmakefile || complain "$file names make $target, which does not exist"
	done < <(grep -oE '(`|^    |^   )make [a-z-]+' "$file" | sed 's/.*make //')
	found=$(awk '/devargs: begin/ { skip = 1 } /devargs: end/ { skip = 0 }
		!skip && length > 120 && !/^\|/ { print FNR; exit }' "$file")
	[ -z "$found" ] || complain "$file:$found: over 120 columns"
done
exit $failed
