# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# grout, the graph router of DPDK's project, in Debian testing: routes between two hosts. Sourced by test-apps.sh.

about grout_routes long grout grout 'routes ping and iperf3 between two hosts; a port taken away and added again' forky
about grout_interrupts long grout grout 'routes, its idle workers blocked on Rx interrupts (grout -a)' forky

remark grout 'Package grout of Debian testing. It has options of its own for lcores and memory: `-t` is without huge
pages. `-u` is its greatest MTU, for which its mbufs are made. The devices that it makes in the kernel need IPv6 there.'

# Two networks, and grout between them:
#   left: kern0 198.18.0.1 ---- xsk0 [p0 198.18.0.254 grout p1 198.18.1.254] xsk1 ---- kern1 198.18.1.1 :right
grout_start() { # [GROUT OPTION]...
	peer left
	peer right
	veth xsk0 left kern0 198.18.0.1/24
	veth xsk1 right kern1 198.18.1.1/24
	in_peer left ip route add default via 198.18.0.254
	in_peer right ip route add default via 198.18.1.254
	# Devices that it makes for itself get IPv6 routes; the cables are without IPv6 all the same.
	echo 0 >/proc/sys/net/ipv6/conf/default/disable_ipv6
	LOG=$BUILD/run/grout.log
	set -- -t -u 1500 "$@" -- --no-pci -d "$("$ROOT/scripts/plugin-path.sh")"
	record_command grout "$@"
	grout -s "$BUILD/run/grout.sock" -M "unix:$BUILD/run/metrics" "$@" >"$LOG" 2>&1 &
	GROUT=$!
	wait_for 30 test -S "$BUILD/run/grout.sock" || fail "grout does not start"
	grout_port 0
	grout_port 1
}
tell_grout() { # COMMAND...
	record_command grcli "$@"
	timeout 20 grcli -s "$BUILD/run/grout.sock" "$@" </dev/null >>"$LOG" 2>&1 || fail "grcli $* failed"
}
grout_port() { # N
	tell_grout interface add port "p$1" devargs "${DRIVER}$1,iface=xsk$1" up
	tell_grout address add "198.18.$1.254/24" iface "p$1"
}
grout_pings() { # WHEN
	local size
	wait_for 15 in_peer left ping -c 1 -W 1 198.18.1.1 || fail "not one ping is routed $1"
	for size in 0 56 1472; do
		in_peer left ping -q -c 5 -i 0.01 -W 1 -s $size 198.18.1.1 >/dev/null || fail "pings of $size bytes get lost $1"
	done
}
grout_ends() {
	local status=0
	kill -INT $GROUT
	wait_for 20 is_gone $GROUT || fail "grout does not end"
	wait $GROUT || status=$?
	[ $status = 0 ] || fail "grout ended with status $status"
	wait_for 2 has_no_xdp xsk1 || fail "an XDP program is left on xsk1"
	kernel_has xsk0 198.18.0.2
}

case_grout_routes() {
	grout_start
	grout_pings "at first"
	in_peer left ping -c 1 -W 2 -t 1 198.18.1.1 >"$BUILD/run/expired" || true
	grep -q 'From 198.18.0.254 .*Time to live exceeded' "$BUILD/run/expired" || fail "grout does not count hops"
	tcp_stream 198.18.1.1
	tell_grout interface del p0
	wait_for 2 has_no_xdp xsk0 || fail "an XDP program is left on xsk0 when its port is taken away"
	grout_port 0
	grout_pings "when a port was taken away and added again"
	grout_ends
}

case_grout_interrupts() {
	grout_start -a
	grout_pings "at first"
	sleep 3
	grout_pings "after a pause"
	grout_ends
}
