# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2034,SC2153 # WHY_NOT is for the others, ROOT of lib.sh
# Roots of other Debian releases, to build and run this tree in. Sourced after lib.sh; begin with: apart "$@"
#
# debootstrap makes each root once, from the mirror of the host's apt, in /var/cache/xskpmd-matrix. The host's own
# release runs as it is. The kernel is the host's everywhere.
#
#   MATRIX_CACHE=DIR    the roots elsewhere; to make one anew, remove its folder
#   DPDK_SOURCES=DIR    for releases whose DPDK source package the mirror does not have: a folder of unpacked sources,
#                       or a clone of DPDK's git. What was needed of it is kept beside the roots.

# arm64 in a root of its own: libdpdk-dev of two architectures do not go together.
CROSS_RELEASE=bookworm
cache=${MATRIX_CACHE:-/var/cache/xskpmd-matrix}
host=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")

# apart ARGUMENT...: this script once more in namespaces without names, so that no mount and no process outlives it
apart() {
	local child status=0
	[ -z "${ROOTS_APART:-}" ] || return 0
	is_root || die "needs root, for chroot and network namespaces"
	"$ROOT/scripts/setup.sh" matrix
	if [ -z "${EAL_MEMORY+set}" ]; then
		huge_pages 256
	fi
	setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child=KILL --mount-proc \
		env ROOTS_APART=1 "$0" "$@" </dev/null &
	child=$!
	# shellcheck disable=SC2064 # this child
	trap "kill -KILL $child 2>/dev/null; exit 130" INT TERM HUP
	wait $child || status=$?
	exit $status
}

# The host's mirror, as apt names it: the source that has the host's own release.
mirror() {
	apt-get indextargets --format '$(CODENAME) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
		awk -v release="$host" '$1 == release && $2 == "main" { print $3; exit }'
}

# The finished root appears by one rename: an interrupted debootstrap leaves only a work folder.
make_root() { # NAME RELEASE
	local tmp=$cache/tmp.$1 from script=
	from=$(mirror)
	[ "$from" ] || die "apt has no source of $host: no mirror to make roots from"
	# Releases younger than this debootstrap are made as the others of the time: all are sid's.
	[ -e "/usr/share/debootstrap/scripts/$2" ] || script=sid
	rm -rf --one-file-system "$tmp"
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
	mkdir -p "$root"/{xskpmd,sources,work} "$cache/sources"
	mount --bind "$root" "$root" # pivot_root wants a mount
	mount -t proc proc "$root/proc"
	mount --rbind /dev "$root/dev"
	mount --rbind /sys "$root/sys"
	mount -t bpf bpf "$root/sys/fs/bpf" 2>/dev/null || true
	mount -t tmpfs tmpfs "$root/run"
	mount --bind "$ROOT" "$root/xskpmd"
	mount --bind "$cache/sources" "$root/sources"
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
	furnish "$name"
	# pivot_root, not chroot: the suite makes mount namespaces, in which a chroot is not the root of its files.
	unshare --mount sh -c 'cd "$0" && pivot_root . . && umount -l . && exec chroot . "$@"' "$cache/$name" \
		env -i -C /xskpmd HOME=/root LC_ALL=C.UTF-8 TERM=dumb \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		EAL_MEMORY="$EAL_MEMORY" ${http_proxy:+http_proxy="$http_proxy"} \
		${https_proxy:+https_proxy="$https_proxy"} "$@"
}

# build_of NAME CC: the build folder of a root, in the tree and so of this clone only, by its path there
build_of() {
	[ "$1" = "$host" ] && echo "$BUILD-$1-$2" || echo "/xskpmd/build-$1-$2"
}

# prepare NAME: the root is there, with its packages. Of several that want it at once, one makes it.
prepare() {
	local release=$1
	[ "$1" != arm64 ] || release=$CROSS_RELEASE
	mkdir -p "$cache"
	exec 9>"$cache/$1.lock"
	flock -w 1800 9 || die "another run works on $cache/$1"
	[ "$1" = "$host" ] || [ -d "$cache/$1" ] || make_root "$1" "$release"
	case $1 in
	"$host") inside "$1" scripts/setup.sh test ;;
	arm64) cross_packages ;;
	*) inside "$1" scripts/setup.sh root ;;
	esac
	exec 9>&-
}

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

# ---- DPDK's sources, where the mirror has none ----

# nearest VERSION FOLDER...: of the unpacked sources, that of this version, or else another update of its release
nearest() {
	local version=$1 tree near=
	shift
	for tree; do
		case $(cat "$tree/VERSION" 2>/dev/null) in
		"$version") near=$tree && break ;;
		"${version%.*}".*) near=$tree ;;
		esac
	done
	echo "$near"
}

# keep_source VERSION: the tree of DPDK_SOURCES that comes nearest goes to the cache, by one rename
keep_source() {
	local tmp=$cache/sources/tmp.$$ git=(git -C "${DPDK_SOURCES:-}" -c 'safe.directory=*') tag tree
	mkdir -p "$tmp"
	if "${git[@]}" rev-parse --git-dir >/dev/null 2>&1; then
		tag=$("${git[@]}" tag --list "v$1")
		tag=${tag:-$("${git[@]}" tag --list --sort=-v:refname "v${1%.*}" "v${1%.*}.*" | grep -v -m 1 rc)} || return 0
		"${git[@]}" archive --prefix=tree/ "$tag" | tar -x -C "$tmp"
	else
		tree=$(nearest "$1" "$DPDK_SOURCES"/*/)
		[ -z "$tree" ] || cp -a "$tree" "$tmp/tree"
	fi
	[ ! -e "$tmp/tree/VERSION" ] || mv -T "$tmp/tree" "$cache/sources/dpdk-$(cat "$tmp/tree/VERSION")" || true
	rm -rf "$tmp"
}

# The headers that Debian leaves out, from the mirror or else from the unpacked sources.
sdk_ready() { # NAME [VARIABLE=VALUE]...
	local name=$1 version near sources=$cache/sources
	shift
	! inside "$name" "$@" scripts/sdk-headers.sh || return 0
	version=$(inside "$name" "$@" pkg-config --modversion libdpdk)
	[ -z "${DPDK_SOURCES:-}" ] || [ -e "$sources/dpdk-$version" ] || keep_source "$version"
	near=$(nearest "$version" "$sources"/dpdk-*/)
	[ "$near" ] || return 1
	[ "$name" = "$host" ] || near=/sources/$(basename "$near")
	inside "$name" "$@" DPDK_SOURCE="$near" scripts/sdk-headers.sh
}

# ready NAME [VARIABLE=VALUE]...: root, packages and headers are there; if not, WHY_NOT says why
ready() {
	local log=$BUILD/roots/$1.log
	say "$1: root and packages"
	mkdir -p "$BUILD/roots"
	# A process of its own: in a condition, bash would go on after a command that failed.
	if ! timeout -k 5 "${ROOT_LIMIT:-1800}" "$ROOT/scripts/in-root.sh" --prepare "$1" >"$log" 2>&1; then
		WHY_NOT="no root to be had: $(tail -n 1 "$log") ($log)"
		return 1
	fi
	if ! sdk_ready "$@" >>"$log" 2>&1; then
		WHY_NOT=$(sed -n 's/.*error: //p' "$log" | tail -n 1)
		return 1
	fi
}
