# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# Those of DPDK's own tests that ask a port they are given (dpdk-test; the others bring ports of their own). Sourced by
# test-apps.sh.

about dpdk_test_pmd_perf long dpdk-test dpdk 'pmd_perf_autotest: a loop of packets for some seconds'
about dpdk_test_event_rx long dpdk-test dpdk 'event_eth_rx_adapter_autotest'
about dpdk_test_event_rx_intr long dpdk-test dpdk 'event_eth_rx_intr_adapter_autotest: Rx interrupts'
about dpdk_test_event_tx long dpdk-test dpdk 'event_eth_tx_adapter_autotest'

# autotest NAME QUEUES: at dpdk-test's prompt, on one port; what it says is in LOG
autotest() {
	LOG=$BUILD/run/$1.log
	peer left
	ip link add xsk0 numrxqueues "$2" numtxqueues "$2" type veth \
		peer name kern0 numrxqueues "$2" numtxqueues "$2" netns "${PEER[left]}"
	ip link set xsk0 up
	in_peer left ip link set kern0 up
	in_peer left ip link set kern0 xdpdrv obj "$BUILD/app/test-xsk/reflect.bpf.o" sec xdp
	eal_options
	record_command dpdk-test "${EAL[@]}" --vdev "${DRIVER}0,iface=xsk0"
	mkfifo "$BUILD/run/in"
	stdbuf -oL dpdk-test "${EAL[@]}" --vdev "${DRIVER}0,iface=xsk0" <"$BUILD/run/in" >"$LOG" 2>&1 &
	app=$!
	exec {app_in}>"$BUILD/run/in"
	echo "$1" >&"$app_in"
}
has_verdict() { is_gone "$app" || grep -E '^Test (OK|Failed)' "$LOG" >/dev/null; }
ends_well() { # SECONDS
	wait_for "$1" has_verdict || fail "no verdict after $1 s"
	grep -q '^Test OK' "$LOG" || fail "$(grep -m 1 -E 'TestCase.* failed|^Test Failed' "$LOG" || echo "it ended early")"
	echo quit >&"$app_in"
	exec {app_in}>&-
	wait_for 20 is_gone $app || fail "dpdk-test does not end"
	wait_for 2 has_no_xdp xsk0 || fail "an XDP program is left on xsk0"
}

# It wants 2 s of what its link speed promises, which here are minutes: SIGUSR1 ends it, and it says what it measured.
case_dpdk_test_pmd_perf() {
	autotest pmd_perf_autotest 1
	wait_for 60 grep -q '^Test will stop' "$LOG" || fail "pmd_perf_autotest does not begin"
	sleep 5
	kill -USR1 $app
	wait_for 30 grep -q 'cycles per packet' "$LOG" || fail "no result"
	[ "$(sed -n 's/^\([0-9]*\) packet, .*/\1/p' "$LOG")" -gt 10000 ] || fail "hardly a packet came back"
	ends_well 30
}

# With --no-huge the event adapters' tests find no memory, whatever the driver.
adapter_autotest() { # NAME
	[ -z "${EAL_MEMORY-x}" ] || skip "huge pages (scripts/hugepages.sh 1536)"
	autotest "$1" 4 # it asks for queues 0 to 3
	ends_well 120
}
case_dpdk_test_event_rx() { adapter_autotest event_eth_rx_adapter_autotest; }
case_dpdk_test_event_rx_intr() { adapter_autotest event_eth_rx_intr_adapter_autotest; }
case_dpdk_test_event_tx() { adapter_autotest event_eth_tx_adapter_autotest; }
