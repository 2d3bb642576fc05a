# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# dpdk-testpmd at its prompt, and how it ends. Sourced by test-apps.sh.

# At testpmd's prompt, an echo of pings behind it: one host, one port.
prompt() { # NAME [TESTPMD OPTION]...
	one_host
	testpmd_start "$1" "${DRIVER}0,iface=xsk0" -- --forward-mode=icmpecho "${@:2}" || fail "testpmd did not start"
	SAID=1
}
said() { tail -n "+$SAID" "$LOG" | grep -E -- "$1" >/dev/null; }
# says COMMAND PATTERN: testpmd answers the command with a line of the pattern
says() {
	SAID=$(($(wc -l <"$LOG") + 1))
	testpmd_do "$1"
	wait_for 5 said "$2" || fail "no '$2' after '$1'"
}
# done_with COMMAND...: given, and executed
done_with() {
	testpmd_do "$@"
	says 'show port summary 0' "^0 .*${DRIVER}0" # an answer to a later command
}
echoes() { wait_for 5 in_peer left ping -q -c 3 -i 0.01 -W 1 198.18.0.2 || fail "no echo $1"; }
is_silent() { ! in_peer left ping -q -c 2 -i 0.2 -W 0.3 198.18.0.2 >/dev/null || fail "an echo $1"; }
kernel_says() { ip -d link show dev xsk0 | grep -E -- "$1" >/dev/null; }
kernel_is() { wait_for 2 kernel_says "$1" || fail "the kernel does not say '$1' of xsk0 $2"; }
leaves() {
	testpmd_quit || fail "testpmd ended with status $?"
	kernel_has xsk0 198.18.0.2
}

tp() { about "$1" "$2" testpmd dpdk "$3"; }
tp testpmd_icmpecho_macswap quick 'the demo: answers pings, sends a UDP stream back'
tp testpmd_io quick 'forwards between two hosts, before and after stop and start'
tp testpmd_port_control quick 'start, stop, close, attach'
tp testpmd_queue_toggle quick 'queues stopped and started, deferred start'
tp testpmd_ring_sizes quick 'rings of 32 to 4096; more queues than there are, refused'
tp testpmd_mtu quick 'MTU set, refused, kept and put back'
tp testpmd_jumbo quick 'frames of 9014 bytes in several mbufs, echoed'
tp testpmd_promisc quick 'promiscuous and allmulticast mode, as the kernel sees them'
tp testpmd_mac_filter quick 'addresses added, refused, removed, replaced'
tp testpmd_stats quick 'statistics counted, cleared, kept'
tp testpmd_capabilities quick 'what it shows; Tx offloads on and off; descriptor status; link down and up'
tp sigkill_leaves_nothing quick 'kill -9: the kernel has its traffic again; the next start works at once'
tp failed_start_leaves_nothing quick 'wrong device arguments: an error, nothing left behind'
tp too_few_mbufs_leaves_nothing quick 'too few mbufs: an error, nothing left behind'
about telemetry quick dpdk-telemetry.py dpdk 'asks testpmd for the driver'\''s objects and counters'

case_testpmd_icmpecho_macswap() { SECONDS_OF_UDP=1 "$ROOT/scripts/demo.sh" traffic; }

case_testpmd_io() {
	two_hosts
	testpmd_start io "${PORTS[@]}" -- || fail "testpmd did not start"
	testpmd_do start
	hosts_talk
	done_with stop 'port stop all' 'port start all' start
	hosts_talk
	testpmd_quit || fail "testpmd ended with status $?"
	has_no_xdp xsk0 && has_no_xdp xsk1 || fail "an XDP program is left"
}

# The scenarios of DPDK's test suite (dts) that need no traffic generator, from here on.

case_testpmd_port_control() {
	prompt control
	done_with start
	echoes "after the first start"
	done_with stop 'port stop 0'
	is_silent "of a port that is stopped"
	done_with 'port start 0' start
	echoes "after stop and start"
	testpmd_do stop 'port stop 0' 'port close 0'
	says 'show port summary all' 'Number of available ports: 0'
	kernel_has xsk0 198.18.0.2
	says "port attach ${DRIVER}1,iface=xsk0" 'Port [01] is attached'
	testpmd_do 'port start all' start
	echoes "of a port that was attached"
	testpmd_do stop 'port stop all'
	leaves
}

case_testpmd_queue_toggle() {
	local queue
	prompt toggle
	done_with start
	for queue in rxq txq; do
		done_with stop "port 0 $queue 0 stop" start
		says "show $queue info 0 0" 'queue state: stopped'
		is_silent "while $queue 0 is stopped"
		done_with stop "port 0 $queue 0 start" start
		says "show $queue info 0 0" 'queue state: started'
		echoes "after $queue 0 is started"
	done
	for queue in rxq txq; do
		done_with stop 'port stop 0' "port 0 $queue 0 deferred_start on" 'port start 0'
		says "show $queue info 0 0" 'queue state: stopped'
		done_with "port 0 $queue 0 start" start
		says "show $queue info 0 0" 'queue state: started'
		echoes "after the deferred start of $queue 0"
		done_with stop 'port stop 0' "port 0 $queue 0 deferred_start off" 'port start 0' start
		echoes "after a start that is not deferred"
	done
	leaves
}

case_testpmd_ring_sizes() {
	local n
	prompt rings
	for n in 32 64 333 1024 4096; do
		done_with 'port stop 0' "port config all rxd $n" "port config all txd $n" 'port start 0' start
		says 'show rxq info 0 0' "Number of RXDs: $n\$"
		says 'show txq info 0 0' "Number of TXDs: $n\$"
		echoes "with rings of $n"
		done_with stop
	done
	leaves
	one_port_of 4 8
}
one_port_of() { # QUEUES MORE: so many queues, of each kind, by testpmd's options; more than the interface has fail
	LOG=$BUILD/run/queues.log
	ip link add xskq numrxqueues "$1" numtxqueues "$1" type veth peer name kernq numrxqueues "$1" numtxqueues "$1"
	ip link set xskq up
	ip link set kernq up
	testpmd_start queues "${DRIVER}0,iface=xskq" -- --rxq="$1" --txq="$1" || fail "no start with $1 queues"
	says 'show port info 0' "Current number of RX queues: $1"
	testpmd_do 'port stop 0'
	says "port config all rxq $2" "(Invalid|Fail|nb_rxq).*$1"
	testpmd_quit || fail "testpmd ended with status $?"
}

case_testpmd_mtu() {
	prompt mtu
	done_with start
	done_with stop 'port config mtu 0 1400' start
	kernel_is 'mtu 1400' "after port config mtu"
	in_peer left ip link set kern0 mtu 1400
	echoes "with an MTU of 1400"
	in_peer left ping -q -c 2 -i 0.01 -W 1 -M 'do' -s 1372 198.18.0.2 >/dev/null || fail "no echo of the longest packet"
	says 'port config mtu 0 9000' 'needs 9018 B per packet'
	kernel_is 'mtu 1400' "after a refusal"
	done_with stop 'port stop 0' 'port start 0' start
	says 'show port info 0' '^MTU: 1400$'
	kernel_is 'mtu 1400' "after stop and start"
	echoes "after stop and start"
	testpmd_do stop 'port stop 0' 'port close 0'
	kernel_is 'mtu 1500' "after close"
	in_peer left ip link set kern0 mtu 1500
	leaves
}

case_testpmd_jumbo() {
	needs_linux 6.6 "frames of several buffers"
	prompt jumbo --max-pkt-len=9018 --tx-offloads=0x8000 --enable-scatter --no-flush-rx
	in_peer left ip link set kern0 mtu 9000
	kernel_is 'mtu 9000' "with --max-pkt-len"
	done_with start
	says 'show rxq info 0 0' 'RX scattered packets: on'
	echoes "of small packets"
	in_peer left ping -q -c 3 -i 0.01 -W 1 -M 'do' -s 8972 198.18.0.2 >/dev/null || fail "no echo of 9000 bytes"
	testpmd_do stop 'port stop 0' 'port close 0'
	in_peer left ip link set kern0 mtu 1500
	leaves
}

case_testpmd_promisc() {
	prompt promisc
	kernel_is 'promiscuity 1' "at testpmd's start"
	says 'show port info 0' 'Promiscuous mode: enabled'
	done_with 'set promisc 0 off'
	kernel_is 'promiscuity 0' "after set promisc off"
	done_with 'set allmulti 0 on'
	kernel_is 'allmulti 1' "after set allmulti on"
	done_with 'port stop 0' 'port start 0' start
	says 'show port info 0' 'Promiscuous mode: disabled'
	says 'show port info 0' 'Allmulticast mode: enabled'
	kernel_is 'allmulti 1' "after stop and start"
	echoes "without promiscuous mode"
	done_with 'set allmulti 0 off' 'set promisc 0 on'
	kernel_is 'promiscuity 1' "after set promisc on"
	kernel_is 'allmulti 0' "after set allmulti off"
	leaves
	kernel_is 'promiscuity 0' "after the end"
}

case_testpmd_mac_filter() {
	local before
	prompt mac
	before=$(mac xsk0)
	done_with 'mac_addr add 0 02:00:00:00:00:77' 'mcast_addr add 0 01:00:5e:00:00:77'
	fdb_has 02:00:00:00:00:77 || fail "the address is not added"
	fdb_has 01:00:5e:00:00:77 || fail "the multicast address is not added"
	says 'mac_addr add 0 00:00:00:00:00:00' 'error -EINVAL|-22|Invalid|failed|NULL|diag'
	done_with 'mac_addr remove 0 02:00:00:00:00:77' 'mcast_addr remove 0 01:00:5e:00:00:77'
	! fdb_has '0[12]:00:..:00:00:77' || fail "an address is not removed"
	done_with 'mac_addr set 0 02:00:00:00:00:78'
	kernel_is 'ether 02:00:00:00:00:78' "after mac_addr set"
	says 'show port info 0' 'MAC address: 02:00:00:00:00:78'
	leaves
	kernel_is "ether $before" "after the end"
}
fdb_has() { bridge fdb show dev xsk0 | grep "$1" >/dev/null; }

case_testpmd_stats() {
	prompt stats
	done_with start 'clear port stats 0'
	in_peer left ping -q -c 100 -i 0.005 -W 1 198.18.0.2 >/dev/null || fail "no echo"
	says 'show port stats 0' 'RX-packets: 10[0-9] '
	says 'show port stats 0' 'TX-packets: 10[0-9] '
	says 'show port xstats 0' '^rx_q0_packets: 10[0-9]$'
	done_with 'clear port stats 0' 'clear port xstats 0'
	says 'show port stats 0' 'RX-packets: 0 '
	says 'show port xstats 0' '^tx_q0_packets: 0$'
	done_with stop 'port stop 0' 'port start 0' start
	echoes "after stop and start"
	says 'show port stats 0' 'RX-packets: [1-9]'
	leaves
}

case_testpmd_capabilities() {
	local offload
	prompt caps
	says 'show port info 0' "Driver name: ${DRIVER%%[0-9]}"
	says 'show port info 0' 'Link speed: 10 Gbps'
	says 'show port summary all' "^0 .*${DRIVER}0 .*up"
	says 'show port 0 tx_offload capabilities' 'Per Port .*MBUF_FAST_FREE'
	for offload in mbuf_fast_free multi_segs mt_lockfree; do
		done_with stop 'port stop 0' "port config 0 tx_offload $offload on" 'port start 0' start
		says 'show port 0 tx_offload configuration' "Port : .*${offload^^}"
		echoes "with $offload"
		done_with stop 'port stop 0' "port config 0 tx_offload $offload off" 'port start 0' start
		echoes "without $offload"
	done
	says 'show port 0 rxq 0 desc 0 status' 'Desc status = (AVAILABLE|DONE)'
	says 'show port 0 txq 0 desc 0 status' 'Desc status = (FULL|DONE)'
	testpmd_do 'set link-down port 0'
	says 'show port info 0' 'Link status: down'
	testpmd_do 'set link-up port 0'
	echoes "after link-up"
	leaves
}

case_telemetry() {
	local answers=$BUILD/run/answers
	one_host
	mkdir -p /run/dpdk
	mount -t tmpfs tmpfs /run/dpdk # its socket is of this case
	EAL_TELEMETRY=--telemetry testpmd_start telemetry "${DRIVER}0,iface=xsk0" -- || fail "testpmd did not start"
	record_command dpdk-telemetry.py
	printf '%s\n' /xskpmd/list /xskpmd/port,0 /xskpmd/queue,0,0 /ethdev/xstats,0 quit |
		dpdk-telemetry.py >"$answers" 2>&1 || true
	LOG=$answers
	tr -d ' \n' <"$answers" | grep -F '"/xskpmd/list":[0]' >/dev/null || fail "no port in /xskpmd/list"
	grep -q '"iface": *"xsk0"' "$answers" || fail "no interface in /xskpmd/port"
	grep -q '"rx_descriptors"' "$answers" || fail "no rings in /xskpmd/queue"
	grep -q '"rx_q0_packets"' "$answers" || fail "no counters of the driver in /ethdev/xstats"
	testpmd_quit || fail "testpmd ended with status $?"
}

case_sigkill_leaves_nothing() {
	one_host
	testpmd_start killed "${DRIVER}0,iface=xsk0" -- --forward-mode=icmpecho --auto-start || fail "testpmd did not start"
	wait_for 5 in_peer left ping -c 1 -W 1 198.18.0.2 || fail "no ping before SIGKILL"
	kill -KILL "$TESTPMD"
	wait "$TESTPMD" || true
	kernel_has xsk0 198.18.0.2
	# and at once again: the kernel may still hold the old socket for some 40 ms
	testpmd_start again "${DRIVER}0,iface=xsk0" -- --forward-mode=icmpecho --auto-start || fail "no start after SIGKILL"
	wait_for 5 in_peer left ping -c 1 -W 1 198.18.0.2 || fail "no ping after SIGKILL and start"
	testpmd_quit || fail "testpmd ended with status $?"
}

case_failed_start_leaves_nothing() {
	local devargs status
	one_host
	eal_options
	LOG=$BUILD/run/failed.log
	for devargs in iface=nosuch iface=xsk0,queue_count=64 iface=xsk0,start_queue=9 iface=xsk0,no_such_key=1 \
		iface=xsk0,queue_count=1x iface=xsk0,xdp_prog=/no/such.o ''; do
		status=0
		# At the end of its input, which is at once, testpmd quits; without a port it may say so with status 0.
		timeout -s KILL 20 dpdk-testpmd "${EAL[@]}" --vdev "${DRIVER}0,$devargs" -- -i \
			--total-num-mbufs=16384 </dev/null >"$LOG" 2>&1 || status=$?
		[ $status -lt 128 ] || fail "testpmd was killed by signal $((status - 128)) with '$devargs'"
		[ $status -ne 0 ] || grep -q 'No probed ethernet devices' "$LOG" || fail "testpmd runs with '$devargs'"
		grep -i "$DRIVER" "$LOG" | grep -v '^vdev_probe' >/dev/null || fail "no word of the driver about '$devargs'"
		kernel_has xsk0 198.18.0.2
	done
}

case_too_few_mbufs_leaves_nothing() {
	unset COMMANDS # nothing to do after
	one_host
	LOG=$BUILD/run/few.log
	if testpmd_start few "${DRIVER}0,iface=xsk0" -- --auto-start --total-num-mbufs=600 --mbcache=0; then
		fail "testpmd starts with 600 mbufs for its rings"
	fi
	kernel_has xsk0 198.18.0.2
}
