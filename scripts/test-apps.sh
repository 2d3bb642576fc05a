#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Applications that nobody here wrote, with the plugin, on veth pairs:  test-apps.sh [CASE]...
#
# Each is the distribution's binary, or compiled, unmodified, from its sources; each case has namespaces of its own.
# Without a name: the quick cases, as make test runs them. How the cases are written: scripts/stage.sh.
#
#   ALL=1                     all cases, and a table at the end (make apps)
#   OUT=doc/applications.md   also write the page there, with date, versions and the commands
#   DRIVER=net_af_xdp         the same over DPDK's own driver
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$ROOT/scripts/stage.sh"
for file in "$ROOT"/scripts/apps/*.sh; do
	# shellcheck source=/dev/null # each is checked by itself
	. "$file"
done
out=$BUILD/apps

if [ "${1:-}" = --inside ]; then
	CASE=$2
	COMMANDS=$out/$CASE.commands
	"case_$CASE"
	exit
fi

is_root || {
	echo "needs root, for network namespaces and BPF"
	exit 77
}

has_package() { dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -x installed >/dev/null; }
limit() { [ "${EFFORT[$1]}" = quick ] && echo 60 || echo 240; }

# try CASE: runs it; prints its line, "PASS name", "FAIL name: why" or "SKIP name: why"
try() {
	local status=0
	if ! has_package "${PACKAGE[$1]}"; then
		echo "SKIP $1: no package ${PACKAGE[$1]}"
		return
	fi
	isolated timeout -s KILL "$(limit "$1")" "$0" --inside "$1" >"$out/$1.out" || status=$?
	case $status in
	0) echo "PASS $1" ;;
	77) grep '^SKIP ' "$out/$1.out" || echo "FAIL $1: a skip without a reason" ;;
	*) grep '^FAIL ' "$out/$1.out" || echo "FAIL $1: ended early or took over $(limit "$1") s" ;;
	esac
}

selected=()
for name in "${@:-${CASES[@]}}"; do
	[ "${APPLICATION[$name]:-}" ] || die "no case $name: ${CASES[*]}"
	[ $# -eq 0 ] && [ -z "${ALL:-}" ] && [ "${EFFORT[$name]}" = long ] || selected+=("$name")
done
"$ROOT/scripts/plugin-path.sh" >/dev/null
rm -rf "$out"
mkdir -p "$out"
for name in "${selected[@]}"; do
	try "$name" | tee -a "$out/results"
done
! grep -q '^FAIL ' "$out/results"
