# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# dpdk-testpmd in each of its forwarding modes: packets counted on the wire, and looked at. Sourced by test-apps.sh.

mode() { about "testpmd_mode_$1" long testpmd dpdk "\`--forward-mode=${1}\`: $2"; }
mode io 'every frame at the other host, as it was sent'
mode mac 'every frame at the other host, from the port to the neighbour testpmd knows of'
mode macswap 'every frame at the other host, MAC addresses swapped'
mode 5tswap 'every frame at the other host, MAC and IP addresses and UDP ports swapped'
mode noisy 'every frame at the other host, from its software buffer'
mode rxonly 'every frame counted, none sent'
mode txonly 'frames of three segments: sent and arrived are the same number'
mode flowgen 'frames of many flows: sent and arrived are the same number'
mode csum 'finishes checksums that a local sender left to its device'
mode icmpecho 'answers ARP and pings'
mode shared_rxq 'Rx queues of several ports as one'
mode ieee1588 'PTP'

frames=200 # as many as any ring takes at once
sender=02:00:00:00:00:02 receiver=02:00:00:00:00:01 # in the frames that dpdk-test-xsk gen makes
send() { in_peer left "$BUILD/app/test-xsk/dpdk-test-xsk" gen -i kern0 -n $frames -s 100 >/dev/null; }

# forwards MODE [TESTPMD OPTION]...: between two hosts; what comes to the hosts is captured
forwards() {
	local host n=0
	have tcpdump || skip "no tcpdump"
	[ $# -gt 1 ] || [ "$1" = io ] || unset COMMANDS # the same but for the mode
	two_hosts
	for host in left right; do
		# -s: a slot of its ring holds this much, and by default the ring has 8 slots
		in_peer $host tcpdump -Z root -n -U --immediate-mode -s 512 -B 8192 -Q in -i kern$n \
			-w $BUILD/run/$host.pcap 2>$BUILD/run/$host.tcpdump &
		wait_for 10 grep -q listening $BUILD/run/$host.tcpdump || fail "tcpdump does not start"
		n=$((n + 1))
	done
	testpmd_start "$1" "${PORTS[@]}" -- --forward-mode="$1" "${@:2}" || fail "testpmd did not start"
	# shellcheck disable=SC2034 # for says()
	SAID=1
}
caught() { tcpdump -r "$BUILD/run/$1.pcap" -n "${@:2}" 2>/dev/null | wc -l; } # HOST [FILTER]...
have_arrived() { [ "$(caught right)" -ge $frames ]; }

# arrive_as [FILTER]...: what is sent arrives, all of it, and all of it fits
arrive_as() {
	local all fit
	done_with start
	send
	wait_for 5 have_arrived || true
	all=$(caught right)
	fit=$(caught right "udp and dst net 198.18.0.0/24 and len = 100 and $*")
	[ $all = $frames ] || fail "$all frames arrived, not $frames"
	[ $fit = $frames ] || fail "$fit frames of $frames are $*"
	[ "$(caught left)" = 0 ] || fail "$(caught left) frames came back"
	modes_end
}
modes_end() {
	testpmd_quit || fail "testpmd ended with status $?"
	has_no_xdp xsk0 && has_no_xdp xsk1 || fail "an XDP program is left"
}

case_testpmd_mode_io() {
	forwards io
	arrive_as "ether src $sender and ether dst $receiver and dst port 9"
}

case_testpmd_mode_mac() {
	forwards mac
	arrive_as "ether src $(mac xsk1) and ether dst 02:00:00:00:00:01"
}

case_testpmd_mode_macswap() {
	forwards macswap
	arrive_as "ether src $receiver and ether dst $sender and src host 198.18.0.1 and dst port 9"
}

case_testpmd_mode_5tswap() {
	forwards 5tswap
	arrive_as "ether src $receiver and src host 198.18.0.2 and dst host 198.18.0.1 and src port 9"
}

case_testpmd_mode_noisy() {
	forwards noisy --noisy-tx-sw-buffer-size=64 --noisy-tx-sw-buffer-flushtime=20 --noisy-lkup-memory=1 \
		--noisy-lkup-num-reads=10
	arrive_as "ether src $sender and ether dst $receiver"
}

case_testpmd_mode_rxonly() {
	forwards rxonly
	done_with start
	send
	says 'show port stats 0' "RX-packets: $frames "
	says 'show port stats 1' "TX-packets: 0 "
	[ "$(caught right)" = 0 ] || fail "$(caught right) frames arrived"
	modes_end
}

# What testpmd sent by port 0 in half a second arrived, or veth says that the receiver had no room.
for_a_while() {
	done_with start
	sleep 0.5
	done_with stop
	all_arrived || wait_for 5 all_arrived || fail "sent $sent, arrived $(packets left kern0 rx)"
	[ $sent -gt 0 ] || fail "nothing is sent"
}
all_arrived() {
	says 'show port stats 0' 'TX-packets: '
	sent=$(sed -n 's/.*TX-packets: \([0-9]*\) .*/\1/p' "$LOG" | tail -n 1)
	[ $sent = $(($(packets left kern0 rx) + $(cat /sys/class/net/xsk0/statistics/tx_dropped))) ]
}

case_testpmd_mode_txonly() {
	local sent
	forwards txonly
	done_with 'set txpkts 64,128,256'
	for_a_while
	[ "$(caught left)" = "$(caught left 'udp and len = 448 and dst port 9 and src host 198.18.0.1')" ] ||
		fail "a frame is not of 448 bytes"
	checksums_are_right
	modes_end
}
checksums_are_right() {
	! tcpdump -r $BUILD/run/left.pcap -n -vv 2>/dev/null | grep 'bad .*cksum' >/dev/null || fail "a checksum is wrong"
}

case_testpmd_mode_flowgen() {
	local sent flows
	forwards flowgen
	for_a_while
	flows=$(tcpdump -r $BUILD/run/left.pcap -n udp 2>/dev/null | awk '{ print $5 }' | sort -u | wc -l)
	[ $flows -ge 100 ] || fail "only $flows flows"
	checksums_are_right
	modes_end
}

# The kernel of right checks the UDP checksums before it finds that nobody listens.
case_testpmd_mode_csum() {
	forwards io
	in_peer right ip link set kern1 address 02:00:00:00:00:01
	in_peer left ip neigh replace 198.18.0.2 lladdr 02:00:00:00:00:01 dev kern0
	in_peer left ethtool -K kern0 tx on >/dev/null
	done_with start
	datagrams
	wait_for 5 udp_is InCsumErrors $frames || fail "the sender finishes its checksums itself"
	done_with stop 'set fwd csum' start
	datagrams
	wait_for 5 udp_is NoPorts $frames || fail "$(snmp right Udp NoPorts) datagrams of $frames have a right checksum"
	udp_is InCsumErrors $frames || fail "a checksum is wrong"
	modes_end
}
datagrams() { in_peer left "$BUILD/app/test-xsk/dpdk-test-xsk" gen -u 198.18.0.2 -n $frames >/dev/null; }
udp_is() { [ "$(snmp right Udp $1)" = $2 ]; }

case_testpmd_mode_icmpecho() {
	prompt icmpecho
	done_with start
	in_peer left ping -q -f -c 2000 -W 2 198.18.0.2 >$BUILD/run/flood || true
	grep -q ' 0% packet loss' $BUILD/run/flood || fail "flood ping: $(grep loss $BUILD/run/flood)"
	leaves
}

# Without the capability testpmd 22.11 ends by SIGSEGV at the first frame, over any driver.
case_testpmd_mode_shared_rxq() {
	prompt shared_rxq
	says 'show port info 0' 'Device capabilities: '
	! said 'RXQ_SHARE' || fail "the port can share queues: a case is missing"
	skip "the port has no RTE_ETH_DEV_CAPA_RXQ_SHARE: a socket is of one interface"
}

case_testpmd_mode_ieee1588() {
	prompt ieee1588
	testpmd_do 'set fwd ieee1588' 'show port summary 0'
	wait_for 5 said "^0 .*${DRIVER}0" || fail "no answer"
	! said 'Bad arguments' || skip "this testpmd is built without it (RTE_LIBRTE_IEEE1588)"
	skip "the driver has no timestamps (rte_eth_timesync_enable)"
}
