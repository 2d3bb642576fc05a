#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Prints the folder of DPDK's driver SDK headers (ethdev_driver.h and what it needs).
#
# A DPDK built with -Denable_driver_sdk=true installs them. Debian's does not: then they are taken, once, from
# the source package of the installed version (or of another update of that release, see check_source), into
# .cache/sdk/VERSION. No root needed, /etc/apt is only read, nothing in apt's own state changes. Without a network:
# DPDK_SOURCE names an unpacked source of such a version, or SDK_HEADERS the folder itself.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/dpdk-source.sh"

# What a driver includes; what these include in turn is found by itself.
HEADERS=(ethdev_driver.h ethdev_vdev.h bus_vdev_driver.h dev_driver.h bus_driver.h rte_flow_driver.h)

# Copies the named headers of a source tree and, one after another, those they include that DPDK does not install.
copy_headers() { # TREE INCLUDEDIR TO
	local queue=("${HEADERS[@]}") header path included
	while [ ${#queue[@]} -gt 0 ]; do
		header=${queue[0]}
		queue=("${queue[@]:1}")
		if [ -e "$3/$header" ] || [ -e "$2/$header" ]; then
			continue
		fi
		path=$(find "$1/lib" "$1/drivers/bus" -name "$header" ! -path '*/windows/*' ! -path '*/freebsd/*' -print -quit)
		if [ -z "$path" ]; then
			continue # a system header, or one that this DPDK version does not have
		fi
		cp "$path" "$3/"
		mapfile -t included < <(sed -nE 's/^#include [<"]([a-z0-9_]+\.h)[>"].*/\1/p' "$path")
		queue+=("${included[@]}")
	done
	[ -e "$3/ethdev_driver.h" ] || die "no ethdev_driver.h in the source of DPDK"
}

if [ -n "${SDK_HEADERS:-}" ]; then
	echo "$SDK_HEADERS"
	exit
fi
includedir=$(pkg-config --variable=includedir libdpdk) || die "libdpdk not found: run scripts/setup.sh"
if [ -e "$includedir/ethdev_driver.h" ]; then
	echo "$includedir"
	exit
fi
read -r source version < <(dpkg-query -W -f '${source:Package} ${source:Version}\n' libdpdk-dev 2>/dev/null) ||
	die "$includedir has no driver SDK headers and is not Debian's libdpdk-dev:" \
		"build that DPDK with -Denable_driver_sdk=true"

cache=$ROOT/.cache/sdk
ready=$cache/$version
is_ready() { [ "$(cat "$ready/.wanted" 2>/dev/null)" = "${HEADERS[*]}" ]; }

if ! is_ready; then
	mkdir -p "$cache"
	exec 9>"$cache/lock"
	flock 9
fi
if ! is_ready; then
	# The finished folder appears by one rename: an interrupted run leaves only a work folder, swept here.
	rm -rf "$cache"/tmp.* "$ready"
	tmp=$(mktemp -d "$cache/tmp.XXXXXX")
	trap 'rm -rf "$tmp"' EXIT
	[ -n "${DPDK_SOURCE:-}" ] || fetch_source "$source" "$version" "$tmp"
	tree=${DPDK_SOURCE:-$tmp/src/tree}
	check_source "$tree" "$includedir" "${version%%-*}"
	mkdir "$tmp/headers"
	copy_headers "$tree" "$includedir" "$tmp/headers"
	cp "$tree/VERSION" "$tmp/headers/.source"
	echo "${HEADERS[*]}" >"$tmp/headers/.wanted"
	mv -T "$tmp/headers" "$ready"
	say "driver SDK headers: ready in ${ready#"$ROOT/"}"
fi
echo "$ready"
