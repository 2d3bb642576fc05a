#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# make install and make uninstall, into a folder (DESTDIR) that is gone afterwards; the host gets nothing. Whether EAL
# finds what is installed is a case of make deb.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

files() { find "$DESTDIR" ! -type d | sort; }
said() { "$ROOT/scripts/install.sh" "$@" 2>&1 | sed 's/^==> //' | sort; }

# Each file is named, and a second time changes nothing.
installs() {
	local try list plugin pc=$DESTDIR$PREFIX/lib/pkgconfig
	for try in first second; do
		list=$(said)
		diff <(echo "$list") <(files) || die "the $try time, said (<) is not what is there (>)"
	done
	plugin=$(PKG_CONFIG_PATH=$pc pkg-config --variable=plugin net_xskpmd)
	cmp "$DESTDIR$plugin" "$BUILD/drivers/net/xskpmd/librte_net_xskpmd.so" || die "net_xskpmd.pc names $plugin"
	"$DESTDIR$PREFIX/bin/dpdk-test-xsk" unit addr_rooms
}

# Each file that goes is named; what others put there stays.
uninstalls() {
	local there
	there=$(files | sed 's/^/removed /')
	touch "$DESTDIR$PREFIX/bin/other"
	diff <(said --remove) <(echo "$there") || die "said (<) is not what was there (>)"
	[ "$(files)" = "$DESTDIR$PREFIX/bin/other" ] || die "left: $(files | tr '\n' ' ')"
	[ -z "$(said --remove)" ] || die "a second time, something is said to be removed"
	[ ! -e "$DESTDIR$PREFIX/share/doc/net-xskpmd" ] || die "share/doc/net-xskpmd is left"
}

if [ "${1:-}" ]; then
	"$1"
	exit
fi
dir=$BUILD/test-install
rm -rf "$dir"
mkdir -p "$dir"
trap 'rm -rf "$dir"' EXIT
export DESTDIR=$dir/root PREFIX=/opt/xskpmd
failed=0
for name in installs uninstalls; do
	# In a process of its own: in a condition, bash would go on after a command that failed.
	if "$0" $name >"$dir/log" 2>&1; then
		echo "PASS $name"
	else
		cat "$dir/log"
		echo "FAIL $name: $(tail -n 1 "$dir/log")"
		failed=1
	fi
done
exit $failed
