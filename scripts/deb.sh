#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A Debian package for this release, in build/deb:  make deb
#
# Built from the files that git knows, checked by lintian, then installed, tried and removed in a copy of this machine's
# root file system, an overlay that is gone afterwards.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

dir=$BUILD/deb
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
passed=0 failed=0

# verdict NAME COMMAND...: a case; what the command says goes to a log
verdict() {
	local name=$1
	shift
	if "$@" >"$dir/$name.log" 2>&1; then
		echo "PASS $name"
		passed=$((passed + 1))
	else
		tail -n 20 "$dir/$name.log"
		echo "FAIL $name: see $dir/$name.log"
		failed=$((failed + 1))
		return 1
	fi
}

package() {
	rm -rf "$dir"/src "$dir"/*.{deb,changes,buildinfo}
	mkdir "$dir/src"
	git -c 'safe.directory=*' -C "$ROOT" ls-files -z | tar -C "$ROOT" --null -T - -c | tar -C "$dir/src" -x
	(cd "$dir/src" && SDK_HEADERS=$("$ROOT/scripts/sdk-headers.sh") BUILD='' dpkg-buildpackage -b -us -uc)
}

check() { lintian --fail-on error "$dir"/*.changes; }

# In the overlay: the root's files before and after, but for what dpkg and programs that run write.
files() {
	find / -xdev \( -path /tmp -o -path /proc -o -path /root -o -path /run -o -path /var/log -o -path /var/lib/dpkg \
		-o -path /var/cache -o -path /etc/ld.so.cache -o -path /var/lib/systemd \) -prune -o -print | sort
}
in_overlay() { # in namespaces without names, with a tmpfs as the upper layer
	mount -t tmpfs tmpfs "$dir/overlay"
	mkdir "$dir/overlay"/{upper,work,root}
	mount -t overlay overlay -o "lowerdir=/,upperdir=$dir/overlay/upper,workdir=$dir/overlay/work" "$dir/overlay/root"
	cd "$dir/overlay/root"
	mount -t proc proc proc
	mount -t sysfs sysfs sys
	mount -t bpf bpf sys/fs/bpf 2>/dev/null || true
	mount --rbind /dev dev
	mount -t tmpfs tmpfs run
	mkdir -p tmp/deb
	cp "$dir"/*.deb tmp/deb/
	cp "$ROOT/scripts/deb.sh" "$ROOT/scripts/lib.sh" tmp/deb/
	pivot_root . .
	umount -l .
	exec chroot . env PATH=/usr/sbin:/usr/bin:/sbin:/bin BUILD=/tmp/deb /tmp/deb/deb.sh --try
}
try() {
	local before
	cd /
	ip link set lo up
	ip link add xsk0 type veth peer name kern0
	ip link set xsk0 up
	ip link set kern0 up
	before=$(files)
	dpkg -i /tmp/deb/net-xskpmd_*.deb
	# Nothing names the plugin here.
	dpdk-testpmd --no-huge -m 256 --no-pci --no-telemetry --no-shconf --vdev net_xskpmd0,iface=xsk0 -- \
		--total-num-mbufs=4096 --stats-period 1 --tx-first </dev/null >/tmp/deb/testpmd.log 2>&1 &
	wait_for 20 grep -q 'net_xskpmd0: queue 0 of xsk0' /tmp/deb/testpmd.log || {
		cat /tmp/deb/testpmd.log
		die "testpmd does not find the driver"
	}
	kill -KILL $!
	[ "$(pkg-config --variable=plugin net_xskpmd)" = "$(dpkg -L net-xskpmd | grep '\.so$')" ]
	dpdk-test-xsk unit addr_rooms
	dpkg --purge net-xskpmd
	diff <(echo "$before") <(files)
}

case ${1:-} in
--package) package ;;
--try) try ;;
--in-overlay) in_overlay ;;
'')
	is_root || die "needs root, to install the package in an overlay"
	"$ROOT/scripts/setup.sh" deb
	mkdir -p "$dir/overlay"
	# Each in a process of its own: in a condition, bash would go on after a command that failed.
	if verdict package "$0" --package; then
		verdict lintian check || true
		verdict installs_and_leaves_nothing isolated "$0" --in-overlay || true
		ls "$dir"/net-xskpmd_*.deb
	fi
	printf '\n%d passed, %d failed, 0 skipped\n' $passed $failed
	[ $failed -eq 0 ]
	;;
*) die "usage: deb.sh" ;;
esac
