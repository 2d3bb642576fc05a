# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# DPDK's sample applications: compiled, unmodified, from the distribution's examples. Sourced by test-apps.sh.

examples=/usr/share/dpdk/examples
apps=$BUILD/examples

about l2fwd quick l2fwd dpdk-doc 'forwards between two hosts'
about skeleton quick skeleton dpdk-doc 'forwards between two hosts'
about l3fwd_power quick l3fwd-power dpdk-doc 'sleeps without packets, wakes and routes with one'

compile_sample() { # NAME
	mkdir -p "$apps"
	local to=$apps/${1##*/}
	[ ! -x "$to" ] || return 0
	# shellcheck disable=SC2046 # words
	gcc -O2 -w -DALLOW_EXPERIMENTAL_API -o "$to.new" $(pkg-config --cflags libdpdk) "$examples/$1"/*.c \
		$(pkg-config --libs libdpdk) && mv "$to.new" "$to" || fail "$1 does not compile"
}

# sample NAME [APPLICATION OPTION]...: runs it between the two hosts, then ends it as a user would
sample() {
	local name=$1 app status=0
	shift
	compile_sample "$name"
	two_hosts
	eal_options
	LOG=$BUILD/run/$name.log
	record_command "$name" "${EAL[@]}" "${PORTS[@]/#/--vdev=}" -- "$@"
	stdbuf -oL "$apps/$name" "${EAL[@]}" "${PORTS[@]/#/--vdev=}" -- "$@" >"$LOG" 2>&1 &
	app=$!
	hosts_talk
	# Background jobs of a script ignore SIGINT until they say otherwise; l2fwd says so, skeleton does not.
	kill -TERM $app
	wait_for 10 is_gone $app || fail "$name does not end"
	wait $app || status=$?
	[ $status = 0 ] || [ $status = 143 ] || fail "$name ended with status $status"
	wait_for 2 has_no_xdp xsk0 || fail "an XDP program is left on xsk0"
}

case_l2fwd() { sample l2fwd -p 3 -q 2 -T 0 --no-mac-updating; }

# It routes 1.1.1.0/24 to port 0 and 2.1.1.0/24 to port 1, where 02:00:00:00:00:0N is the next hop of port N. What it
# sends has a wrong IP checksum, for which it relies on the NIC (22.11): so packets are counted, nobody answers them.
case_l3fwd_power() {
	local app before
	compile_sample l3fwd-power
	routed left 0
	routed right 1
	eal_options
	LOG=$BUILD/run/l3fwd-power.log
	EAL+=(--vdev "${DRIVER}0,iface=xsk0,ptypes=1" --vdev "${DRIVER}1,iface=xsk1,ptypes=1")
	set -- -p 3 -P --config "(0,0,0),(1,0,0)" --interrupt-only
	record_command l3fwd-power "${EAL[@]}" -- "$@"
	stdbuf -oL "$apps/l3fwd-power" "${EAL[@]}" -- "$@" >"$LOG" 2>&1 &
	app=$!
	wait_for 20 grep -q 'entering main interrupt loop' "$LOG" || fail "l3fwd-power does not start"
	routes 50
	before=$(ticks $app)
	sleep 3
	before=$(($(ticks $app) - before))
	[ $before -le 15 ] || fail "$before of 300 ticks without a packet: it polls"
	routes 1 # wakes it
	kill -INT $app
	wait_for 10 is_gone $app || kill -KILL $app
	wait_for 2 has_no_xdp xsk0 || fail "an XDP program is left on xsk0"
}
routes() { # PACKETS: from left to right, each as soon as the one before has gone
	local n want
	for ((n = 0; n < $1; n++)); do
		want=$(($(packets right kern1 rx) + 1))
		in_peer left ping -q -c 1 -W 0.001 2.1.1.1 >/dev/null || true
		wait_for 2 arrived $want || fail "packet $n is not routed"
	done
}
arrived() { [ "$(packets right kern1 rx)" -ge "$1" ]; }
ticks() { awk '{ print $14 + $15 }' "/proc/$1/stat"; } # of 10 ms, in user and kernel mode
routed() { # PEER PORT
	peer "$1"
	veth "xsk$2" "$1" "kern$2" "$(($2 + 1)).1.1.1/24"
	in_peer "$1" ip link set "kern$2" address "02:00:00:00:00:0$2"
	in_peer "$1" ip neigh add "$(($2 + 1)).1.1.254" lladdr "$(mac "xsk$2")" dev "kern$2"
	in_peer "$1" ip route add default via "$(($2 + 1)).1.1.254"
}

case_skeleton() { sample skeleton; }
