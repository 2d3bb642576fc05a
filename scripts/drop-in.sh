#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The driver inside DPDK's own tree:  make drop-in
#
# drivers/net/xskpmd and bpf are copied into the source of the installed DPDK (its source package, or DPDK_SOURCE, an
# unpacked one), which is built with this driver only; then the demo runs with that testpmd and that driver. As root.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/dpdk-source.sh"

dir=$BUILD/drop-in
tree=$dir/dpdk
log=$dir/build.log
failed=0

unpack() {
	local source version tmp
	tmp=$(mktemp -d "$dir/tmp.XXXXXX")
	read -r source version < <(dpkg-query -W -f '${source:Package} ${source:Version}\n' libdpdk-dev)
	if [ -n "${DPDK_SOURCE:-}" ]; then
		mkdir "$tmp/src"
		cp -a "$DPDK_SOURCE" "$tmp/src/tree"
	else
		fetch_source "$source" "$version" "$tmp"
	fi
	check_source "$tmp/src/tree" "$(pkg-config --variable=includedir libdpdk)" "${version%%-*}"
	# Under its name only when it is whole.
	mv -T "$tmp/src/tree" "$tree"
	rm -rf "$tmp"
}

drop_in() {
	rm -rf "$tree/drivers/net/xskpmd" "$tree/bpf"
	cp -r "$ROOT/drivers/net/xskpmd" "$tree/drivers/net/"
	cp -r "$ROOT/bpf" "$tree/"
	grep -q "'xskpmd'" "$tree/drivers/net/meson.build" ||
		sed -i "s/^\( *\)'vmxnet3',/&\n\1'xskpmd',/" "$tree/drivers/net/meson.build"
}

build() {
	# Shared libraries: so that the driver is loaded as a plugin, and linking takes seconds. Without the libraries
	# that testpmd can do without.
	[ -e "$tree/build/build.ninja" ] || meson setup "$tree/build" "$tree" -Denable_drivers=net/xskpmd \
		-Denable_apps=test-pmd -Ddefault_library=shared -Dtests=false -Denable_docs=false -Dplatform=generic \
		-Ddisable_libs=flow_classify,gpudev,graph,jobstats,kni,node,pipeline,port,power,table,vhost
	ninja -C "$tree/build"
}

# verdict NAME WORDS COMMAND...: a case, and what to say if it fails
verdict() {
	local name=$1 words=$2
	shift 2
	if "$@"; then
		echo "PASS $name"
		passed=$((passed + 1))
	else
		echo "FAIL $name: $words"
		failed=$((failed + 1))
	fi
}
builds() { "$0" --build >"$log" 2>&1 && [ -e "$tree/build/drivers/librte_net_xskpmd.so" ]; }
has_no_warnings() { ! grep -E 'xskpmd[^ ]*: .*warning:' "$log"; }
# EAL gets the folder of drivers, as mempools are among them, under a path without world-writable folders (/tmp).
forwards() {
	local status=0 at=/run/xskpmd/drop-in
	mkdir -p $at
	PLUGIN=$at/drivers PATH=$at/app:$PATH unshare --mount \
		sh -c 'mount --bind "$1" "$2" && exec "$3"' sh "$tree/build" $at "$ROOT/scripts/demo.sh" || status=$?
	rmdir $at 2>/dev/null || true # another clone's run may be in it
	return $status
}

if [ "${1:-}" = --build ]; then
	build
	exit
fi
is_root || die "needs root, for the demo"
"$ROOT/scripts/setup.sh" drop-in
mkdir -p "$dir"
alone "${BUILD##*/}-drop-in" 10
rm -rf "$dir"/tmp.*
passed=0
stamp="$(dpkg-query -W -f '${Version}' libdpdk-dev) ${DPDK_SOURCE:-}"
[ "$(cat "$tree/.of" 2>/dev/null)" = "$stamp" ] || rm -rf "$tree" # of another DPDK
[ -d "$tree" ] || (unpack) # apart: it changes where apt looks
echo "$stamp" >"$tree/.of"
drop_in
say "building DPDK $(cat "$tree/VERSION") with net/xskpmd in it: some minutes (log: $log)"
verdict builds "see $log" builds
verdict has_no_warnings "see $log" has_no_warnings
[ $failed -gt 0 ] || verdict forwards "what testpmd said is above" forwards
printf '\n%d passed, %d failed, 0 skipped\n' $passed $failed
[ $failed -eq 0 ]
