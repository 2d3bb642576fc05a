#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The distribution's own applications with the plugin, on veth pairs:  test-apps.sh [CASE]...
#
# testpmd as it is; l2fwd, l3fwd-power and skeleton compiled, unmodified, from the distribution's examples. Each case has
# namespaces of its own. DRIVER=net_af_xdp runs the same over DPDK's own driver.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

: "${DRIVER:=net_xskpmd}"
export DRIVER
examples=/usr/share/dpdk/examples
apps=$BUILD/examples

# ---- the stage ----

# Two hosts with one interface each, and DPDK in the middle with the other ends:
#   left: kern0 198.18.0.1 ---- xsk0 [DPDK] xsk1 ---- kern1 198.18.0.2 :right
two_hosts() {
	peer left
	peer right
	veth xsk0 left kern0 198.18.0.1/24
	veth xsk1 right kern1 198.18.0.2/24
	PORTS=("${DRIVER}0,iface=xsk0" "${DRIVER}1,iface=xsk1")
}
one_host() {
	peer left
	veth xsk0 left kern0 198.18.0.1/24
}

fail() { # WHY: the case has failed
	{ sed 's/^/    /' "${LOG:-/dev/null}" && echo; } >&2
	echo "FAIL $CASE: $*"
	exit 1
}
has_no_xdp() { ! ip link show dev "$1" | grep -q xdp; }
is_gone() { ! kill -0 "$1" 2>/dev/null; }

# Pings between the hosts: each of a few sizes, then many at once. ping itself compares the bytes.
hosts_talk() {
	local size
	wait_for 15 in_peer left ping -c 1 -W 1 198.18.0.2 || fail "not one ping came through"
	for size in 0 18 56 1000 1472; do
		in_peer left ping -q -c 5 -i 0.01 -W 1 -s $size 198.18.0.2 >/dev/null || fail "pings of $size bytes get lost"
	done
	in_peer left ping -q -f -c 2000 -W 2 198.18.0.2 >"$BUILD/run/flood" || true
	grep -q ' 0% packet loss' "$BUILD/run/flood" || fail "flood ping: $(grep loss "$BUILD/run/flood")"
}

# The interface is the kernel's again: no program, and the kernel answers on it.
kernel_has() { # DEVICE ADDRESS
	wait_for 2 has_no_xdp "$1" || fail "an XDP program is left on $1"
	ip addr add "$2/24" dev "$1"
	in_peer left ping -q -c 3 -i 0.05 -W 1 "$2" >/dev/null || fail "the kernel gets no packets from $1"
	ip addr del "$2/24" dev "$1"
}

# At testpmd's prompt, an echo of pings behind it: one host, one port.
prompt() { # NAME [TESTPMD OPTION]...
	one_host
	testpmd_start "$1" "${DRIVER}0,iface=xsk0" -- --forward-mode=icmpecho "${@:2}" || fail "testpmd did not start"
	SAID=1
}
said() { tail -n "+$SAID" "$LOG" | grep -qE -- "$1"; }
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
kernel_says() { ip -d link show dev xsk0 | grep -qE -- "$1"; }
kernel_is() { wait_for 2 kernel_says "$1" || fail "the kernel does not say '$1' of xsk0 $2"; }
leaves() {
	testpmd_quit || fail "testpmd ended with status $?"
	kernel_has xsk0 198.18.0.2
}

# sample NAME [APPLICATION OPTION]...: runs it between the two hosts, then ends it as a user would
sample() {
	local name=$1 app status=0
	shift
	two_hosts
	eal_options
	LOG=$BUILD/run/$name.log
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

# ---- the cases ----

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
	bridge fdb show dev xsk0 | grep -q 02:00:00:00:00:77 || fail "the address is not added"
	bridge fdb show dev xsk0 | grep -q 01:00:5e:00:00:77 || fail "the multicast address is not added"
	says 'mac_addr add 0 00:00:00:00:00:00' 'error -EINVAL|-22|Invalid|failed|NULL|diag'
	done_with 'mac_addr remove 0 02:00:00:00:00:77' 'mcast_addr remove 0 01:00:5e:00:00:77'
	! bridge fdb show dev xsk0 | grep -qE '(02|01):00:..:00:00:77' || fail "an address is not removed"
	done_with 'mac_addr set 0 02:00:00:00:00:78'
	kernel_is 'ether 02:00:00:00:00:78' "after mac_addr set"
	says 'show port info 0' 'MAC address: 02:00:00:00:00:78'
	leaves
	kernel_is "ether $before" "after the end"
}

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

case_l2fwd() { sample l2fwd -p 3 -q 2 -T 0 --no-mac-updating; }

# It routes 1.1.1.0/24 to port 0 and 2.1.1.0/24 to port 1, where 02:00:00:00:00:0N is the next hop of port N. What it
# sends has a wrong IP checksum, for which it relies on the NIC (22.11): so packets are counted, nobody answers them.
case_l3fwd_power() {
	local app before
	routed left 0
	routed right 1
	eal_options
	LOG=$BUILD/run/l3fwd-power.log
	stdbuf -oL "$apps/l3fwd-power" "${EAL[@]}" --vdev "${DRIVER}0,iface=xsk0,ptypes=1" \
		--vdev "${DRIVER}1,iface=xsk1,ptypes=1" -- -p 3 -P --config "(0,0,0),(1,0,0)" --interrupt-only >"$LOG" 2>&1 &
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

case_telemetry() {
	local answers=$BUILD/run/answers
	one_host
	mkdir -p /run/dpdk
	mount -t tmpfs tmpfs /run/dpdk # its socket is of this case
	EAL_TELEMETRY=--telemetry testpmd_start telemetry "${DRIVER}0,iface=xsk0" -- || fail "testpmd did not start"
	printf '%s\n' /xskpmd/list /xskpmd/port,0 /xskpmd/queue,0,0 /ethdev/xstats,0 quit |
		dpdk-telemetry.py >"$answers" 2>&1 || true
	LOG=$answers
	tr -d ' \n' <"$answers" | grep -qF '"/xskpmd/list":[0]' || fail "no port in /xskpmd/list"
	grep -q '"iface": *"xsk0"' "$answers" || fail "no interface in /xskpmd/port"
	grep -q '"rx_descriptors"' "$answers" || fail "no rings in /xskpmd/queue"
	grep -q '"rx_q0_packets"' "$answers" || fail "no counters of the driver in /ethdev/xstats"
	testpmd_quit || fail "testpmd ended with status $?"
}

case_skeleton() { sample skeleton; }

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
		grep -i "$DRIVER" "$LOG" | grep -qv '^vdev_probe' || fail "no word of the driver about '$devargs'"
		kernel_has xsk0 198.18.0.2
	done
}

case_too_few_mbufs_leaves_nothing() {
	one_host
	LOG=$BUILD/run/few.log
	if testpmd_start few "${DRIVER}0,iface=xsk0" -- --auto-start --total-num-mbufs=600 --mbcache=0; then
		fail "testpmd starts with 600 mbufs for its rings"
	fi
	kernel_has xsk0 198.18.0.2
}

# ---- the runner ----

compile_samples() {
	local name
	mkdir -p "$apps"
	for name in l2fwd l3fwd-power skeleton; do
		[ ! -x "$apps/$name" ] || continue
		# shellcheck disable=SC2046 # words
		gcc -O2 -w -DALLOW_EXPERIMENTAL_API -o "$apps/$name.new" $(pkg-config --cflags libdpdk) "$examples/$name"/*.c \
			$(pkg-config --libs libdpdk) && mv "$apps/$name.new" "$apps/$name"
	done
}

if [ "${1:-}" = --inside ]; then
	CASE=$2
	"case_$CASE"
	exit
fi

is_root || {
	echo "needs root, for network namespaces and BPF"
	exit 77
}
mapfile -t cases < <(declare -F | sed -n 's/^declare -f case_//p')
[ $# -eq 0 ] || cases=("$@")
"$ROOT/scripts/plugin-path.sh" >/dev/null
compile_samples
failed=0
for name in "${cases[@]}"; do
	if isolated timeout -s KILL 60 "$0" --inside "$name" >"$BUILD/$name.out"; then
		echo "PASS $name"
	else
		grep '^FAIL ' "$BUILD/$name.out" || echo "FAIL $name: ended early or took over 60 s"
		failed=1
	fi
done
exit $failed
