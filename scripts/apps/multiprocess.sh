# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# Applications of several processes: secondary ones on a port of a primary one. Sourced by test-apps.sh.
# shellcheck disable=SC2154 # apps comes from samples.sh

about proc_info quick dpdk-proc-info dpdk 'reads counters and information of a port of testpmd'
about dumpcap quick dpdk-dumpcap dpdk 'captures what dpdk-test-xsk fwd receives and sends'
about symmetric_mp quick symmetric_mp dpdk-doc 'two processes forward, each on a queue of both ports'

# Processes share memory by files of huge pages, and sockets in /run/dpdk: here of this case.
shared_memory() {
	[ "$(awk '/^HugePages_Free/ { print $2 * ($2 != "") }' /proc/meminfo)" -ge 64 ] ||
		skip "64 free huge pages of 2 MiB (scripts/hugepages.sh 256)"
	mkdir -p /run/dpdk "$BUILD/run/huge"
	mount -t tmpfs tmpfs /run/dpdk
	mount -t hugetlbfs hugetlbfs "$BUILD/run/huge"
	export EAL_SHARED=$BUILD/run/huge
}

case_proc_info() {
	local said=$BUILD/run/said
	shared_memory
	one_host
	testpmd_start primary "${DRIVER}0,iface=xsk0" -- --forward-mode=icmpecho --auto-start || fail "testpmd did not start"
	wait_for 5 in_peer left ping -q -c 1 -W 1 198.18.0.2 || fail "no echo"
	in_peer left ping -q -c 10 -i 0.01 -W 1 198.18.0.2 >/dev/null || fail "an echo is missing"
	record_command dpdk-proc-info -- -p 1 --xstats
	# Not --show-mempool: the operations of mempools are registered in another order than in testpmd (see dumpcap), and
	# that of 25.11 calls one that is not there.
	for args in --stats --xstats --show-port; do
		LOG=$said$args
		# EAL's options stand before the application's
		info "$args" >"$LOG" 2>&1 || fail "dpdk-proc-info $args ends with status $?"
	done
	LOG=$said--xstats
	[ "$(sed -n 's/^rx_q0_packets: //p' "$LOG")" -ge 11 ] || fail "rx_q0_packets is less than was received"
	grep -q '^tx_xsk_ring_empty: [1-9]' "$LOG" || fail "no counters of the kernel's"
	grep -q '^eth_peer_ifindex: ' "$LOG" || fail "no counters of the interface's"
	LOG=$said--show-port
	grep -q 'Link up' "$LOG" || fail "no link"
	LOG=$BUILD/run/primary.log
	echoes "after dpdk-proc-info"
	leaves
}
info() { dpdk-proc-info --no-pci -d "$("$ROOT/scripts/plugin-path.sh")" --huge-dir "$EAL_SHARED" -- -p 1 "$1"; }

# dpdk-dumpcap takes no EAL options: the plugin has to be installed. The primary is not Debian's testpmd 22.11, beside
# which it captures nothing with any driver: the two register mempool operations in different orders.
case_dumpcap() {
	local drivers capture=$BUILD/run/capture primary dumpcap status=0
	shared_memory
	one_host
	drivers=$(pkg-config --variable=libdir libdpdk)/dpdk
	mkdir -p "$BUILD/run/"{upper,work,prefix}
	mount -t overlay overlay -o "lowerdir=$drivers,upperdir=$BUILD/run/upper,workdir=$BUILD/run/work" "$drivers" ||
		skip "a kernel with overlayfs"
	PREFIX=$BUILD/run/prefix "$ROOT/scripts/install.sh" 2>/dev/null || fail "install.sh"
	eal_options
	LOG=$BUILD/run/fwd.log
	"$BUILD/run/prefix/bin/dpdk-test-xsk" fwd "${EAL[@]}" --vdev "${DRIVER}0,iface=xsk0" -- -m macswap >"$LOG" 2>&1 &
	primary=$!
	wait_for 20 grep -q '^port 0: rx' "$LOG" || fail "dpdk-test-xsk fwd does not start"
	record_command dpdk-dumpcap -i net_xskpmd0 -w capture.pcapng
	LOG=$BUILD/run/dumpcap.log
	dpdk-dumpcap -i "${DRIVER}0" -w "$capture" >"$LOG" 2>&1 &
	dumpcap=$!
	wait_for 20 grep -q 'Packets captured' "$LOG" || fail "dpdk-dumpcap does not start"
	# No echo comes back from a forwarder that swaps MAC addresses: what is sent is what counts.
	in_peer left ip neigh add 198.18.0.2 lladdr "$(mac xsk0)" dev kern0
	in_peer left ping -q -c 20 -i 0.01 -W 0.1 -p 78736b706d64 198.18.0.2 >/dev/null || true
	wait_for 5 captured 40 || fail "of 20 packets, received and sent, the capture has $(patterns)"
	kill -INT $dumpcap
	wait_for 10 is_gone $dumpcap || fail "dpdk-dumpcap does not end"
	kill -INT $primary
	wait_for 10 is_gone $primary || fail "dpdk-test-xsk fwd does not end"
	wait $primary || status=$?
	[ $status = 0 ] || fail "dpdk-test-xsk fwd ended with status $status"
	LOG=$BUILD/run/fwd.log
	kernel_has xsk0 198.18.0.2
}
patterns() { grep -ao 'xskpmdxskpmdxskpmdxskpmd' "$capture" | wc -l; }
captured() { [ "$(patterns)" -ge "$1" ]; }

# Each process has a queue of both ports, and the same addresses (setarch -R): the rings need some of their own. Packets of a packet socket go to the queue of the processor that sends them.
case_symmetric_mp() {
	local n pid=() log=$BUILD/run/symmetric
	shared_memory
	compile_sample multi_process/symmetric_mp
	for n in 0 1; do
		peer "host$n"
		ip link add xsk$n numrxqueues 2 numtxqueues 2 type veth \
			peer name kern$n numrxqueues 2 numtxqueues 2 netns "${PEER[host$n]}"
		ip link set xsk$n up
		in_peer "host$n" ip link set kern$n up
	done
	eal_options
	EAL=("${EAL[@]:2}") # lcores: each process its own
	set -- --vdev "${DRIVER}0,iface=xsk0" --vdev "${DRIVER}1,iface=xsk1"
	for n in 0 1; do
		LOG=$log$n
		options=(--lcores "$n@$(cpu $n)" --proc-type "$([ $n = 0 ] && echo primary || echo secondary)" "${EAL[@]}")
		record_command symmetric_mp "${options[@]}" "$@" -- -p 3 --num-procs=2 --proc-id=$n
		stdbuf -oL setarch -R "$apps/symmetric_mp" "${options[@]}" "$@" -- -p 3 --num-procs=2 --proc-id=$n >"$LOG" 2>&1 &
		pid[n]=$!
		wait_for 20 grep -q 'using queue' "$LOG" || fail "process $n does not start"
		set --
	done
	for n in 0 1; do
		in_peer host0 taskset -c "$n" "$BUILD/app/test-xsk/dpdk-test-xsk" gen -i kern0 -n 1000 >/dev/null ||
			skip "a processor $n"
	done
	wait_for 10 arrived_at host1 2000 || fail "of 2000 packets $(packets host1 kern1 rx) arrive"
	for n in 1 0; do
		LOG=$log$n
		kill -TERM "${pid[n]}"
		wait_for 10 is_gone "${pid[n]}" || fail "process $n does not end"
		grep -q '^Port 0: RX - [1-9]' "$LOG" || fail "process $n received nothing"
	done
	wait_for 2 has_no_xdp xsk0 || fail "an XDP program is left on xsk0"
}
arrived_at() { [ "$(packets "$1" "kern${1#host}" rx)" -ge "$2" ]; }
