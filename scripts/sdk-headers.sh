#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Prints the folder of DPDK's driver SDK headers (ethdev_driver.h and what it needs).
#
# A DPDK built with -Denable_driver_sdk=true installs them. Debian's does not: then they are taken, once, from
# the source package of exactly the installed version, into .cache/sdk/VERSION. No root needed, /etc/apt is
# only read, nothing in apt's own state changes. Without a network: DPDK_SOURCE names an unpacked source of that
# version, or SDK_HEADERS the folder itself.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# What a driver includes; what these include in turn is found by itself.
HEADERS=(ethdev_driver.h ethdev_vdev.h bus_vdev_driver.h dev_driver.h bus_driver.h rte_flow_driver.h)

# Every source of the machine, as a deb-src: copied line by line, and so with its own Signed-By.
private_sources() { # DIR
	local main='' folder='' file
	eval "$(apt-config shell main Dir::Etc::sourcelist/f folder Dir::Etc::sourceparts/d)"
	for file in "$main" "$folder"/*.list "$folder"/*.sources; do
		[ -f "$file" ] || continue
		case $file in
		*.sources) sed 's/^Types:.*/Types: deb-src/I' "$file" ;;
		*) sed -nE 's/^[[:space:]]*deb(-src)?[[:space:]]/deb-src /p' "$file" | sort -u ;;
		esac >"$1/${file##*/}"
	done
}

fetch_source() { # PACKAGE VERSION DIR
	local dir=$3
	mkdir -p "$dir"/{sources,lists/partial,cache/archives/partial,src}
	private_sources "$dir/sources"
	# Of the user, not _apt, which may not enter our folder. A third party's source that does not answer
	# or has no deb-src is no reason to stop: what counts is whether the package arrives.
	cat >"$dir/apt.conf" <<-CONF
		Dir::Etc::SourceList "/dev/null";
		Dir::Etc::SourceParts "$dir/sources";
		Dir::State::Lists "$dir/lists";
		Dir::Cache "$dir/cache";
		APT::Sandbox::User "$(id -un)";
		Acquire::Languages "none";
		Acquire::http::Timeout "30";
		Acquire::https::Timeout "30";
		Acquire::Retries "2";
	CONF
	export APT_CONFIG=$dir/apt.conf
	say "driver SDK headers: looking for the source of $1 $2"
	apt-get -qq update >"$dir/log" 2>&1 || true
	say "driver SDK headers: downloading the source of $1 $2 (about 16 MB)"
	(cd "$dir/src" && apt-get -qq source --only-source --download-only "$1=$2") >>"$dir/log" 2>&1 || {
		tail -n 20 "$dir/log" >&2
		die "no source of $1 $2. If a newer version is out, upgrade libdpdk-dev and dpdk; or unpack the source" \
			"of DPDK ${2%%-*} and name its folder by DPDK_SOURCE"
	}
	(cd "$dir/src" && dpkg-source --no-check -x ./*.dsc tree) >>"$dir/log" 2>&1 || {
		tail -n 20 "$dir/log" >&2
		die "cannot unpack the source of $1 $2"
	}
}

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
	if [ -n "${DPDK_SOURCE:-}" ]; then
		[[ $version == "$(cat "$DPDK_SOURCE/VERSION")"* ]] || die "$DPDK_SOURCE is not DPDK ${version%%-*}"
	else
		fetch_source "$source" "$version" "$tmp"
	fi
	mkdir "$tmp/headers"
	copy_headers "${DPDK_SOURCE:-$tmp/src/tree}" "$includedir" "$tmp/headers"
	echo "${HEADERS[*]}" >"$tmp/headers/.wanted"
	mv -T "$tmp/headers" "$ready"
	say "driver SDK headers: ready in ${ready#"$ROOT/"}"
fi
echo "$ready"
