#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Installs what is built, or takes it away again:  install.sh [--remove]   (make install, make uninstall)
#
#   PREFIX   for the tool, the pkg-config file and the documents, default /usr/local
#   LIBDIR   for the folder of the pkg-config file, default PREFIX/lib
#   PMDDIR   for the plugin, default the folder from where the installed DPDK loads all its drivers
#   DESTDIR  in front of both, for packages
set -euo pipefail
. "$(dirname "$0")/lib.sh"

: "${PREFIX:=/usr/local}" "${DESTDIR:=}"
libdir=$(pkg-config --variable=libdir libdpdk) || die "libdpdk not found: run scripts/setup.sh"
version=$(sed -n "s/^ *version: '\([0-9.]*\)',.*/\1/p" "$ROOT/meson.build")

# EAL has the folder compiled in, and pkg-config does not know it: it is named after the ABI, as the libraries are.
if [ -z "${PMDDIR:-}" ]; then
	abi=$(readlink -f "$libdir/librte_eal.so")
	PMDDIR=$libdir/dpdk/pmds-${abi##*.so.}
	[ -d "$PMDDIR" ] || die "no folder $PMDDIR: name the one that DPDK loads its drivers from by PMDDIR"
fi

# MODE, FROM and TO, of each; pkgconfig is made here.
files() {
	printf '%s\t%s\t%s\n' \
		644 "$BUILD/drivers/net/xskpmd/librte_net_xskpmd.so" "$PMDDIR/librte_net_xskpmd.so" \
		755 "$BUILD/app/test-xsk/dpdk-test-xsk" "$PREFIX/bin/dpdk-test-xsk" \
		644 pkgconfig "${LIBDIR:-$PREFIX/lib}/pkgconfig/net_xskpmd.pc" \
		644 "$ROOT/doc/dpdk-test-xsk.1" "$PREFIX/share/man/man1/dpdk-test-xsk.1" \
		644 "$ROOT/README.md" "$PREFIX/share/doc/net-xskpmd/README.md" \
		644 "$ROOT/doc/features.md" "$PREFIX/share/doc/net-xskpmd/features.md" \
		644 "$ROOT/doc/guides/nics/xskpmd.rst" "$PREFIX/share/doc/net-xskpmd/xskpmd.rst"
}

# For programs and scripts that want to know where the plugin is: none link with it.
pkgconfig() {
	cat <<-END
		prefix=$PREFIX
		pmddir=$PMDDIR
		plugin=\${pmddir}/librte_net_xskpmd.so

		Name: net_xskpmd
		Description: DPDK poll mode driver over AF_XDP, a plugin
		Version: $version
		Requires: libdpdk
	END
}

put() { # MODE FROM TO
	if [ "$2" = pkgconfig ]; then
		pkgconfig | install -D -m "$1" /dev/stdin "$DESTDIR$3"
	else
		[ -e "$2" ] || die "$2 is not there: run make build"
		install -D -m "$1" "$2" "$DESTDIR$3"
	fi
}

while IFS=$'\t' read -r mode from to; do
	if [ "${1:-}" = --remove ]; then
		[ ! -e "$DESTDIR$to" ] || say "removed $DESTDIR$to"
		rm -f "$DESTDIR$to"
	else
		put "$mode" "$from" "$to"
		say "$DESTDIR$to"
	fi
done < <(files)
[ "${1:-}" != --remove ] || rmdir "$DESTDIR$PREFIX/share/doc/net-xskpmd" 2>/dev/null || true
