# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# The source package of the installed DPDK. Sourced, after lib.sh:  . "$(dirname "$0")/dpdk-source.sh"
#
# No root needed, /etc/apt is only read, nothing in apt's own state changes.

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

# Other updates of the release that the mirror lists: an old one goes when its successor comes.
other_updates() { # PACKAGE VERSION
	apt-cache showsrc --only-source "$1" 2>/dev/null | sed -n 's/^Version: //p' | sort -ruV |
		awk -v release="${2%%-*}" -v not="$2" 'BEGIN { sub(/\.[0-9]+$/, ".", release) }
			index($0, release) == 1 && $0 != not'
}

# Of exactly that version or, where it is gone, of another update of the release: then check_source is to be asked.
fetch_source() { # PACKAGE VERSION DIR
	local dir=$3 version
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
	say "looking for the source of $1 $2"
	apt-get -qq update >"$dir/log" 2>&1 || true
	for version in "$2" $(other_updates "$1" "$2"); do
		say "downloading the source of $1 $version (about 16 MB)"
		! (cd "$dir/src" && apt-get -qq source --only-source --download-only "$1=$version") >>"$dir/log" 2>&1 || break
		rm -f "$dir/src"/*
	done
	[ -e "$(echo "$dir/src"/*.dsc)" ] || {
		tail -n 20 "$dir/log" >&2
		die "no source of $1 $2. If a newer version is out, upgrade libdpdk-dev and dpdk; or unpack the source" \
			"of DPDK ${2%%-*} and name its folder by DPDK_SOURCE"
	}
	(cd "$dir/src" && dpkg-source --no-check -x ./*.dsc tree) >>"$dir/log" 2>&1 || {
		tail -n 20 "$dir/log" >&2
		die "cannot unpack the source of $1 $2"
	}
}

# An unpacked source is of the installed version; or of the same release, another stable update, if the public
# headers of ethdev, to which the driver's belong, are the same to the letter.
check_source() { # TREE INCLUDEDIR VERSION
	local has header
	has=$(cat "$1/VERSION") || die "$1 is not an unpacked source of DPDK"
	[ "$has" != "$3" ] || return 0
	[ "${has%.*}" = "${3%.*}" ] || die "$1 is DPDK $has, not $3"
	for header in "$1"/lib/ethdev/rte_*.h; do
		[ ! -e "$2/${header##*/}" ] || cmp -s "$header" "$2/${header##*/}" ||
			die "$1 is DPDK $has, not $3, and differs in ${header##*/}"
	done
	say "$1 is DPDK $has, not $3: the public headers of ethdev are the same"
}
