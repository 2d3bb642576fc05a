#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The same tree with the DPDK of each supported Debian release:  matrix.sh [ROW]...
#
# A row is a release (bookworm, trixie, forky) or arm64, which is cross-compiled only; all of them by default. The
# host's own release runs as it is, each other in a root that debootstrap makes once, from Debian's mirror of the
# host's apt, in /var/cache/xskpmd-matrix. The kernel is the host's everywhere.
#
#   QUICK=1             the functional suite with gcc only, and without its slow cases
#   OUT=doc/matrix.md   also write the table there, with date and versions
#   MATRIX_CACHE=DIR    the roots elsewhere; to make them anew, remove that folder
#   MATRIX_LOCK=FILE    run the functional suite under flock of this file
#   DPDK_SOURCES=DIR    unpacked sources of DPDK, for releases whose source package the mirror does not have
set -euo pipefail
. "$(dirname "$0")/lib.sh"

RELEASES='bookworm trixie forky'
# arm64 in a root of its own: libdpdk-dev of two architectures do not go together.
CROSS_RELEASE=bookworm
cache=${MATRIX_CACHE:-/var/cache/xskpmd-matrix}
out=$BUILD/matrix
host=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")

# ---- outside: everything else runs in namespaces without names, so that no mount and no process outlives us ----

if [ -z "${MATRIX_INSIDE:-}" ]; then
	is_root || die "needs root, for chroot and the functional suite"
	"$ROOT/scripts/setup.sh" matrix
	[ -e /run/xskpmd/hugepages ] || trap '"$ROOT/scripts/hugepages.sh" release' EXIT
	EAL_MEMORY=$("$ROOT/scripts/hugepages.sh" 256)
	export EAL_MEMORY
	setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child=KILL --mount-proc \
		env MATRIX_INSIDE=1 "$0" "$@" </dev/null &
	child=$!
	trap 'kill -KILL $child 2>/dev/null; exit 130' INT TERM HUP
	status=0
	wait $child || status=$?
	exit $status
fi

# ---- roots ----

# The host's mirror, as apt names it: the source that has the host's own release.
mirror() {
	apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
		awk -v release="$host" '$1 == release && $2 == "main" { print $3; exit }'
}

# The finished root appears by one rename: an interrupted debootstrap leaves only a work folder, swept below.
make_root() { # NAME RELEASE
	local tmp=$cache/tmp.$1 from script=
	from=$(mirror)
	[ "$from" ] || die "apt has no source of $host: no mirror to make roots from"
	# Releases younger than this debootstrap are made as the others of the time: all are sid's.
	[ -e "/usr/share/debootstrap/scripts/$2" ] || script=sid
	mkdir "$tmp"
	debootstrap --variant=minbase --include=ca-certificates "$2" "$tmp" "$from" $script
	echo "deb $from $2 main" >"$tmp/etc/apt/sources.list"
	echo force-unsafe-io >"$tmp/etc/dpkg/dpkg.cfg.d/matrix" # a root is made again rather than recovered
	mv -T "$tmp" "$cache/$1"
}

# Kernel file systems, the tree, the sources: in our mount namespace only.
furnish() { # NAME
	local root=$cache/$1
	! mountpoint -q "$root" || return 0
	mkdir -p "$root"/{xskpmd,sources,work}
	mount --bind "$root" "$root" # pivot_root wants a mount
	mount -t proc proc "$root/proc"
	mount --rbind /dev "$root/dev"
	mount --rbind /sys "$root/sys"
	mount -t bpf bpf "$root/sys/fs/bpf" 2>/dev/null || true
	mount -t tmpfs tmpfs "$root/run"
	mount --bind "$ROOT" "$root/xskpmd"
	[ -z "${DPDK_SOURCES:-}" ] || mount --bind "$DPDK_SOURCES" "$root/sources"
	# The way to the mirror is the host's, too.
	cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
	apt-config dump | grep '^Acquire::' >"$root/etc/apt/apt.conf.d/90matrix" || true
}

# inside NAME [VARIABLE=VALUE]... COMMAND...: in the root, or as it is on the host; the tree is the current folder
inside() {
	local name=$1
	shift
	if [ "$name" = "$host" ]; then
		(cd "$ROOT" && env "$@")
		return
	fi
	# pivot_root, not chroot: the suite makes mount namespaces, in which a chroot is not the root of its files.
	# shellcheck disable=SC2086 # each a word of its own, or none
	unshare --mount sh -c 'cd "$0" && pivot_root . . && umount -l . && exec chroot . "$@"' "$cache/$name" \
		env -i -C /xskpmd HOME=/root LC_ALL=C.UTF-8 TERM=dumb \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		EAL_MEMORY="$EAL_MEMORY" ${http_proxy:+http_proxy="$http_proxy"} \
		${https_proxy:+https_proxy="$https_proxy"} "$@"
}

prepare() { # NAME
	local release=$1
	[ "$1" != arm64 ] || release=$CROSS_RELEASE
	if [ "$1" != "$host" ]; then
		[ -d "$cache/$1" ] || make_root "$1" "$release"
		furnish "$1"
	fi
	case $1 in
	arm64) cross_packages ;;
	*) inside "$1" scripts/setup.sh demo ;;
	esac
}

# The headers that Debian leaves out, from the mirror or else from the unpacked sources.
sdk_ready() { # NAME [VARIABLE=VALUE]...
	local name=$1 version tree near=
	shift
	! inside "$name" "$@" scripts/sdk-headers.sh >>"$out/$name.log" 2>&1 || return 0
	version=$(inside "$name" "$@" pkg-config --modversion libdpdk)
	for tree in ${DPDK_SOURCES:+"$DPDK_SOURCES"/*/}; do
		case $(cat "$tree/VERSION" 2>/dev/null) in
		"$version") near=$tree && break ;;
		"${version%.*}".*) near=$tree ;;
		esac
	done
	[ "$near" ] || return 1
	[ "$name" = "$host" ] || near=/sources/$(basename "$near")
	inside "$name" "$@" DPDK_SOURCE="$near" scripts/sdk-headers.sh >>"$out/$name.log" 2>&1
}

# ---- cells: PASS, FAIL or SKIP; what stands in the table; why ----

cell() { # VERDICT ROW CELL TEXT
	echo "$1 $2/$3${4:+: $4}" | tee -a "$out/results" >&2
}
last_line() { tail -n 1 "$1"; }

# suite ROW NAME-OF-ROOT SUITE LIMIT COMMAND...: runs a suite of the tool; prints its cell of the table
suite() {
	local row=$1 name=$2 suite=$3 limit=$4 log=$out/${1//\//-}-$3.log status=0 sum
	shift 4
	say "$row: $suite"
	inside "$name" timeout --kill-after=5 "$limit" "$@" >"$log" 2>&1 || status=$?
	sum=$(sed -n "s/^$suite: \([0-9]* passed, [0-9]* failed, [0-9]* skipped\).*/\1/p" "$log" | tail -n 1)
	case $status in
	0) cell PASS "$row" "$suite" "$sum" ;;
	77) cell SKIP "$row" "$suite" "$(last_line "$log")" ;;
	124 | 137) cell FAIL "$row" "$suite" "not finished after $limit s ($log)" ;;
	*) cell FAIL "$row" "$suite" "$(grep -m 1 '^FAIL' "$log" || last_line "$log") ($log)" ;;
	esac
	grep -E -m 20 '^(FAIL|SKIP) ' "$log" | sed "s|^|    $row: |" >&2 || true
	sum=${sum:-no result}
	sum=${sum/ passed, 0 failed/}
	echo "${sum/, 0 skipped/}"
}

# dpdk_of NAME: of which version; and of which the driver's headers are, if not of the same
dpdk_of() {
	local version headers
	version=$(version_of "$1" libdpdk-dev)
	headers=$(cat "$ROOT/.cache/sdk/$(inside "$1" dpkg-query -W -f '${Version}' libdpdk-dev)/.source" 2>/dev/null) || true
	echo "$version$([ "${headers:-$version}" = "$version" ] || echo " (driver headers: $headers)")"
}
version_of() { # NAME PACKAGE
	inside "$1" dpkg-query -W -f '${Version}\n' "$2" | sed -n '1s/^[0-9]*://; 1s/[-+].*//p'
}
compiler() { # NAME CC
	echo "$2 $(inside "$1" "$2" --version | sed -n '1s/.* \([0-9][0-9.]*\).*/\1/p')"
}
table() { printf '| %s | %s | %s | %s | %s | %s | %s | %s |\n' "$@" >>"$out/table"; }

row() { # RELEASE CC
	local row=$1/$2 build unit=- func=- built=yes
	build=/work/$2
	[ "$1" != "$host" ] || build=$BUILD-matrix-$2
	local tool=$build/app/test-xsk/dpdk-test-xsk

	say "$row: build"
	if inside "$1" CC="$2" BUILD="$build" scripts/build.sh >"$out/$1-$2-build.log" 2>&1; then
		cell PASS "$row" build ''
		unit=$(suite "$row" "$1" unit 180 "$tool" unit -j 2)
		if [ "${QUICK:-}" ] && [ "$2" != gcc ]; then
			cell SKIP "$row" func "not with QUICK"
		else
			[ -z "${MATRIX_LOCK:-}" ] || exec 8>"$MATRIX_LOCK"
			[ -z "${MATRIX_LOCK:-}" ] || flock 8
			func=$(suite "$row" "$1" func 1200 "$tool" func ${QUICK:+--quick})
			exec 8>&-
		fi
	else
		built=no
		tail -n 20 "$out/$1-$2-build.log" >&2
		cell FAIL "$row" build "$(grep -m 1 'error:' "$out/$1-$2-build.log" || echo "see $out/$1-$2-build.log")"
	fi
	table "$(release_name "$1")" "$(dpdk_of "$1")" "$(version_of "$1" libxdp-dev)" \
		"$(version_of "$1" libbpf-dev)" "$(compiler "$1" "$2")" "$built" "$unit" "$func"
}

release_name() { # NAME
	inside "$1" sh -c '. /etc/os-release && echo "$NAME ${VERSION_ID:-testing} ($VERSION_CODENAME)"' |
		sed 's,GNU/Linux ,,'
}

# ready NAME [VARIABLE=VALUE]...: root, packages and headers are there; if not, the row is skipped
ready() {
	say "$1: root and packages"
	: >"$out/$1.log"
	# A process of its own: in a condition, bash would go on after a command that failed.
	if ! "$0" --prepare "$1" >>"$out/$1.log" 2>&1; then
		cell SKIP "$1" root "no root to be had: $(last_line "$out/$1.log") ($out/$1.log)"
	elif ! sdk_ready "$@"; then
		cell SKIP "$1" source "$(sed -n 's/.*error: //p' "$out/$1.log" | tail -n 1)"
	else
		return 0
	fi
	return 1
}

release() { # RELEASE
	local cc
	ready "$1" || return 0
	for cc in gcc clang; do
		row "$1" $cc
	done
}

# ---- arm64: only whether it builds ----

# The packages of a build: the libraries of the other architecture, programs of this one.
cross_packages() {
	local wanted ready=$cache/arm64/work/ready
	mapfile -t wanted < <(awk '!/^#/ && $3 == "build" {
		print $1 ($1 ~ /^lib.*-dev$/ ? ":arm64" : "") }' "$ROOT/scripts/packages.txt")
	wanted+=(gcc-aarch64-linux-gnu)
	[ "$(cat "$ready" 2>/dev/null)" != "${wanted[*]}" ] || return 0
	rm -f "$ready"
	inside arm64 sh -e -c '
		dpkg --configure -a
		dpkg --add-architecture arm64
		apt-get -q update
		DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends "$@"' sh "${wanted[@]}"
	# pkgconfig: the name until meson 1.3
	cat >"$cache/arm64/work/cross.ini" <<-'INI'
		[binaries]
		c = 'aarch64-linux-gnu-gcc'
		ar = 'aarch64-linux-gnu-gcc-ar'
		strip = 'aarch64-linux-gnu-strip'
		pkgconfig = 'pkg-config'
		pkg-config = 'pkg-config'
		[host_machine]
		system = 'linux'
		cpu_family = 'aarch64'
		cpu = 'aarch64'
		endian = 'little'
	INI
	echo "${wanted[*]}" >"$ready"
}

cross() {
	local log=$out/arm64-gcc-build.log built=no libdir=/usr/lib/aarch64-linux-gnu/pkgconfig:/usr/share/pkgconfig
	ready arm64 PKG_CONFIG_LIBDIR=$libdir || return 0
	say "arm64: build"
	if inside arm64 PKG_CONFIG_LIBDIR=$libdir scripts/build.sh /work/gcc --cross-file /work/cross.ini >"$log" 2>&1 &&
		! grep -q 'warning:' "$log"; then
		cell PASS arm64 build ''
		built=yes
	else
		tail -n 20 "$log" >&2
		cell FAIL arm64 build "$(grep -m 1 -E 'error:|warning:' "$log" || echo "see $log")"
	fi
	table "$(release_name arm64), arm64" "$(dpdk_of arm64)" "$(version_of arm64 libxdp-dev)" \
		"$(version_of arm64 libbpf-dev)" "$(compiler arm64 aarch64-linux-gnu-gcc)" $built - -
}

# ---- all of it ----

if [ "${1:-}" = --prepare ]; then
	prepare "$2"
	exit
fi
selected=("${@:-}")
[ "${selected[0]}" ] || read -ra selected <<<"$RELEASES arm64"
rm -rf "$out"
mkdir -p "$out" "$cache"
exec 9>"$cache/lock"
flock -n 9 || die "another run uses $cache"
rm -rf --one-file-system "$cache"/tmp.*
table Release DPDK libxdp libbpf Compiler Builds Unit Functional
table --- --- --- --- --- --- --- ---
for name in "${selected[@]}"; do
	[[ " $RELEASES arm64 " == *" $name "* ]] || die "no row $name: $RELEASES arm64"
	case $name in
	arm64) cross ;;
	*) release "$name" ;;
	esac
done

count() { grep -c "^$1 " "$out/results" || true; }
notes() { grep -E '^(FAIL|SKIP) ' "$out/results" || true; }

page() {
	cat <<-END
		# Version matrix

		Made by \`${DPDK_SOURCES:+DPDK_SOURCES=DIR }${QUICK:+QUICK=1 }make matrix OUT=${OUT#"$ROOT/"}\`, $(date -u +%F), of commit $(git -C "$ROOT" rev-parse --short HEAD),
		with Linux $(uname -r) of the host in every row. Unit, Functional: cases passed, and failed or skipped if there
		are any; \`-\`: not run.${QUICK:+ With QUICK, the slow functional cases are left out.}

	END
	cat "$out/table"
	printf '\n'
	notes | sed 's/^/- /'
}

printf '\n'
cat "$out/table"
notes
[ -z "${OUT:-}" ] || page >"$OUT"
printf '\n%d passed, %d failed, %d skipped\n' "$(count PASS)" "$(count FAIL)" "$(count SKIP)"
[ "$(count FAIL)" -eq 0 ] && [ "$(count PASS)" -gt 0 ]
