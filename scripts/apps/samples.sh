# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# DPDK's sample applications: compiled, unmodified, from the distribution's examples. Sourced by test-apps.sh.

examples=/usr/share/dpdk/examples
apps=$BUILD/examples
no_offloads=$ROOT/scripts/apps/no_checksum_offloads.h
about l2fwd quick l2fwd dpdk-doc 'forwards between two hosts'
about skeleton quick skeleton dpdk-doc 'forwards between two hosts'
about l3fwd long l3fwd dpdk-doc \
	'routes (LPM) between two networks: pings, then UDP both ways at once (compiled with no_checksum_offloads.h)'
about l3fwd_power quick l3fwd-power dpdk-doc 'sleeps without packets, wakes and routes with one'
about ip_fragmentation quick ip_fragmentation dpdk-doc \
	'cuts pings of 4000 bytes to an MTU of 1500 (compiled with no_checksum_offloads.h)'
about ip_reassembly quick ip_reassembly dpdk-doc \
	'puts the fragments of pings of 4000 bytes together (compiled with no_checksum_offloads.h)'
about link_status_interrupt quick link_status_interrupt dpdk-doc "tells when a peer's link goes down and up; forwards"
routers='It has a Tx queue per lcore, and a veth has one queue by default: hence `-l 0`. It asks for checksum offloads
without looking whether the port has any, and no AF_XDP port has: it is compiled with `gcc -include
scripts/apps/no_checksum_offloads.h`'
remark l3fwd "$routers."
remark ip_fragmentation "$routers, which makes the IP checksums that it leaves to the NIC. Needs Linux 6.6."
remark ip_reassembly "$routers, which makes the IP checksums that it leaves to the NIC, and with \`-D WANTS_SCATTER\`:
it wants frames of 9728 bytes in mbufs of 2 KiB, but does not ask for scattered Rx. Needs Linux 6.6."
remark l3fwd-power '`ptypes=1`, or its own `--parse-ptype`: it routes what has a packet type. It leaves the IP checksum
to the NIC, so what it sends has a wrong one.'

compile_sample() { # NAME
	local include=() to=$apps/${1##*/}
	mkdir -p "$apps"
	case $1 in
	l3fwd | ip_fragmentation) include=(-include "$no_offloads") ;;
	ip_reassembly) include=(-D WANTS_SCATTER -include "$no_offloads") ;;
	esac
	[ ! -x "$to" ] || [ "$no_offloads" -nt "$to" ] || return 0
	# shellcheck disable=SC2046 # words
	(cd "$examples/$1" && gcc -O2 -w -DALLOW_EXPERIMENTAL_API -I"$examples/common" "${include[@]}" -o "$to.new" \
		$(pkg-config --cflags libdpdk) $(sed -n 's/^SRCS-y [:+]= //p' Makefile) $(pkg-config --libs libdpdk)) &&
		mv "$to.new" "$to" || fail "$1 does not compile"
}

# sample_start NAME [APPLICATION OPTION]...: over PORTS; SAMPLE is its pid
sample_start() {
	local name=$1
	shift
	compile_sample "$name"
	eal_options
	EAL+=("${PORTS[@]/#/--vdev=}")
	LOG=$BUILD/run/$name.log
	record_command "$name" "${EAL[@]}" -- "$@"
	stdbuf -oL "$apps/$name" "${EAL[@]}" -- "$@" >"$LOG" 2>&1 &
	SAMPLE=$!
}

# As a user would end it. Background jobs of a script ignore SIGINT until they say otherwise; not all of them do.
sample_end() {
	local status=0
	kill -TERM $SAMPLE
	wait_for 10 is_gone $SAMPLE || fail "it does not end"
	wait $SAMPLE || status=$?
	[ $status = 0 ] || [ $status = 143 ] || fail "it ended with status $status"
	wait_for 2 has_no_xdp xsk0 && wait_for 2 has_no_xdp xsk1 || fail "an XDP program is left"
}

case_l2fwd() {
	two_hosts
	sample_start l2fwd -p 3 -q 2 -T 0 --no-mac-updating
	hosts_talk
	sample_end
}

case_skeleton() {
	two_hosts
	sample_start skeleton
	hosts_talk
	sample_end
}

# The samples that route want a Tx queue per lcore: as veth() makes one, they get one lcore. Their networks are in their
# source, and what they send at port N goes to 02:00:00:00:00:0N.
routed() { # PEER PORT ADDRESS GATEWAY: a host in that network; DPDK is the gateway to all others
	peer "$1"
	veth "xsk$2" "$1" "kern$2" "$3"
	in_peer "$1" ip link set "kern$2" address "02:00:00:00:00:0$2"
	in_peer "$1" ip neigh add "$4" lladdr "$(mac "xsk$2")" dev "kern$2"
	in_peer "$1" ip route add default via "$4"
	# shellcheck disable=SC2034 # for eal_options
	EAL_LCORES=0@$(cpu 0)
}

# It routes 1.1.1.0/24 to port 0 and 2.1.1.0/24 to port 1. What it sends has a wrong IP checksum, for which it relies
# on the NIC (22.11): so packets are counted, nobody answers them.
case_l3fwd_power() {
	local before
	routed left 0 1.1.1.1/24 1.1.1.254
	routed right 1 2.1.1.1/24 2.1.1.254
	PORTS=("${DRIVER}0,iface=xsk0,ptypes=1" "${DRIVER}1,iface=xsk1,ptypes=1")
	sample_start l3fwd-power -p 3 -P --config "(0,0,0),(1,0,0)" --interrupt-only
	wait_for 20 grep -q 'entering main interrupt loop' "$LOG" || fail "l3fwd-power does not start"
	routes 50
	before=$(ticks $SAMPLE)
	sleep 3
	before=$(($(ticks $SAMPLE) - before))
	[ $before -le 15 ] || fail "$before of 300 ticks without a packet: it polls"
	routes 1 # wakes it
	kill -INT $SAMPLE
	wait_for 10 is_gone $SAMPLE || kill -KILL $SAMPLE
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

case_l3fwd() {
	routed left 0 198.18.0.1/24 198.18.0.254
	routed right 1 198.18.1.1/24 198.18.1.254
	l3fwd_over $DRIVER
	[ $DRIVER != net_xskpmd ] || (
		unset COMMANDS # not for the page
		fail() { note "net_af_xdp: $1" && exit; } # it is for information
		l3fwd_over net_af_xdp
	)
}
l3fwd_over() { # DRIVER
	local n seconds=3 gen=$BUILD/app/test-xsk/dpdk-test-xsk peers=(left right) pids=() sent=() got=()
	PORTS=("${1}0,iface=xsk0" "${1}1,iface=xsk1")
	sample_start l3fwd -p 3 -P --parse-ptype --lookup=lpm --config "(0,0,0),(1,0,0)"
	hosts_talk 198.18.1.1
	for n in 0 1; do
		got[n]=$(packets ${peers[n]} kern$n rx)
		sent[n]=$(packets ${peers[n]} kern$n tx)
		in_peer ${peers[n]} "$gen" gen -i kern$n -u 198.18.$((1 - n)).1 -t $seconds >/dev/null &
		pids[n]=$!
	done
	wait ${pids[0]} && wait ${pids[1]} || fail "no packets to be had from dpdk-test-xsk gen"
	sleep 0.5
	for n in 0 1; do
		sent[n]=$(($(packets ${peers[n]} kern$n tx) - sent[n]))
		got[n]=$(($(packets ${peers[n]} kern$n rx) - got[n]))
		[ ${got[n]} -gt 0 ] || fail "nothing arrives at ${peers[n]}"
	done
	note "$1: $(((got[0] + got[1]) / seconds)) packets/s routed," \
		"$((100 * got[1] / sent[0])) % of what left sent, $((100 * got[0] / sent[1])) % of what right sent"
	sample_end
}

# Pings of 4000 bytes from left to right and back, each of 4028 bytes in one direction and 3 fragments in the other.
big_pings() {
	wait_for 15 in_peer left ping -c 1 -W 1 100.20.0.1 || fail "not one ping came through"
	whole=$(snmp right Ip ReasmReqds)
	in_peer left ping -q -c 20 -i 0.02 -W 1 -M dont -s 4000 100.20.0.1 >/dev/null || fail "pings of 4000 bytes get lost"
	in_peer left ping -q -c 20 -i 0.02 -W 1 -M dont -s 1473 100.20.0.1 >/dev/null || fail "pings of 1473 bytes get lost"
	[ "$(snmp right Ip InHdrErrors)" = 0 ] && [ "$(snmp left Ip InHdrErrors)" = 0 ] || fail "bad IP headers arrived"
}

case_ip_fragmentation() {
	local whole
	needs_linux 6.6 "frames of several buffers"
	routed left 0 100.10.0.1/16 100.10.255.254
	routed right 1 100.20.0.1/16 100.20.255.254
	in_peer left ip link set kern0 mtu 9000
	PORTS=("${DRIVER}0,iface=xsk0,ptypes=1" "${DRIVER}1,iface=xsk1,ptypes=1")
	sample_start ip_fragmentation -p 3 -q 2
	big_pings
	whole=$(($(snmp right Ip ReasmReqds) - whole))
	[ $whole = 100 ] || fail "$whole fragments arrived, not 100 (20 x 3 and 20 x 2)"
	[ "$(snmp right Ip ReasmOKs)" = 40 ] || fail "$(snmp right Ip ReasmOKs) packets came together, not 40"
	sample_end
}

case_ip_reassembly() {
	local whole n peers=(left right)
	needs_linux 6.6 "frames of several buffers"
	routed left 0 100.10.0.1/16 100.10.255.254
	routed right 1 100.20.0.1/16 100.20.255.254
	for n in 0 1; do
		in_peer ${peers[n]} ip link set kern$n mtu 9000
		in_peer ${peers[n]} ip route replace default via 100.$((10 + 10 * n)).255.254 mtu lock 1500
	done
	PORTS=("${DRIVER}0,iface=xsk0,ptypes=1" "${DRIVER}1,iface=xsk1,ptypes=1")
	sample_start ip_reassembly -p 3 -q 2 --maxflows=64
	big_pings
	[ "$(snmp left Ip FragCreates)" -ge 100 ] || fail "left sent $(snmp left Ip FragCreates) fragments, not 100"
	[ "$(snmp right Ip ReasmReqds)" = 0 ] || fail "$(snmp right Ip ReasmReqds) fragments arrived"
	[ "$(snmp left Ip ReasmReqds)" = 0 ] || fail "$(snmp left Ip ReasmReqds) fragments came back"
	sample_end
}

case_link_status_interrupt() {
	two_hosts
	# It sends what it forwards to port N to these addresses.
	in_peer left ip link set kern0 address 02:00:00:00:00:00
	in_peer right ip link set kern1 address 02:00:00:00:00:01
	sample_start link_status_interrupt -p 3 -q 2 -T 1
	hosts_talk
	in_peer right ip link set kern1 down
	wait_for 10 grep -q 'Port 1 Link down' "$LOG" || fail "it does not tell of the link that is down"
	in_peer right ip link set kern1 up
	wait_for 10 grep -q 'Port 1 Link up' "$LOG" || fail "it does not tell of the link that is up"
	grep -q 'Event type: LSC interrupt' "$LOG" || fail "no event"
	hosts_talk
	sample_end
}
