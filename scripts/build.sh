#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Configures and builds:  build.sh [FOLDER [MESON OPTION]...]   (default: build/)
#
# What an interruption, another DPDK or other options left behind is noticed and made anew.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

dir=${1:-$BUILD}
shift $(($# > 0 ? 1 : 0))
set -- ${DPDK_PREFIX:+-Ddpdk_prefix="$DPDK_PREFIX"} "$@"

for need in meson ninja pkg-config clang; do
	have "$need" || die "$need is missing: run scripts/setup.sh as root"
done
if [ -e "$dir" ] && [ ! -w "$dir" ]; then
	die "$dir belongs to $(stat -c %U "$dir"): remove it as that user, or set BUILD=another folder"
fi

alone "${dir##*/}" 600
sdk=$("$ROOT/scripts/sdk-headers.sh")
# The folder is good for exactly this; the stamp is written only after a whole configure.
wanted="CC=${CC:-} DPDK=$(pkg-config --modversion libdpdk) SDK=$sdk $*"
stamp=$dir/.configured

if [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ] || ! ninja -C "$dir" -n >/dev/null 2>&1; then
	say "configuring ${dir#"$ROOT/"}"
	rm -rf "$dir"
	meson setup "$dir" "$ROOT" "$@" >&2
	printf '%s\n' "$wanted" >"$stamp"
fi
say "building ${dir#"$ROOT/"}"
ninja -C "$dir" >&2
