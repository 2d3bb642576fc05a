#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The distribution's dpdk-testpmd over a veth pair, with real traffic from the kernel's side:  make demo
#
#      +------------- network namespace -------------+      +---- another one ----+
#      |  dpdk-testpmd -- net_xskpmd0 == AF_XDP == xsk0 ---- kern0  198.18.0.1/24 |
#      +---------------------------------------------+      +---------------------+
#
# First testpmd answers pings (icmpecho), then it sends a UDP stream back to where it came from (macswap).
# DRIVER=net_af_xdp shows the same with DPDK's own driver.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

: "${DRIVER:=net_xskpmd}" "${SECONDS_OF_UDP:=3}"
export DRIVER SECONDS_OF_UDP
pings=20
us=198.18.0.2 # the address testpmd answers for

traffic() {
	local ping_words lost rtt sent returned begin end

	say "veth pair: xsk0 for testpmd, kern0 (198.18.0.1) for the kernel, in namespaces of their own"
	peer kernel
	veth xsk0 kernel kern0 198.18.0.1/24
	in_peer kernel ip neigh add $us lladdr "$(mac xsk0)" dev kern0

	say "dpdk-testpmd -d $("$ROOT/scripts/plugin-path.sh") --vdev ${DRIVER}0,iface=xsk0 ... --forward-mode=icmpecho"
	testpmd_start testpmd "${DRIVER}0,iface=xsk0" -- --forward-mode=icmpecho --auto-start || {
		cat "$LOG"
		die "testpmd did not start"
	}
	sed -nE "s/.*${DRIVER}0: (queue .*)/    granted by the kernel: \1/p" "$LOG"

	say "ping $us, $pings times"
	ping_words=$(in_peer kernel taskset -c "$(cpu 0)" ping -q -c $pings -i 0.05 -W 1 $us) || true
	lost=$(sed -nE 's/.* ([0-9.]+)% packet loss.*/\1/p' <<<"$ping_words")
	rtt=$(sed -nE 's/^rtt .* = [^/]*\/([^/]*)\/.*/\1/p' <<<"$ping_words")

	testpmd_do stop 'set fwd macswap' start
	wait_for 10 grep -q '^macswap packet forwarding' "$LOG" || die "testpmd does not switch to macswap"

	say "UDP stream of 64-byte frames for $SECONDS_OF_UDP seconds"
	sent=$(packets kernel kern0 tx)
	returned=$(packets kernel kern0 rx)
	begin=${EPOCHREALTIME/./}
	in_peer kernel timeout "$SECONDS_OF_UDP" taskset -c "$(cpu 0)" \
		bash -c "dd if=/dev/zero bs=18 status=none >/dev/udp/$us/9" || true
	end=${EPOCHREALTIME/./}
	sleep 0.2
	sent=$(($(packets kernel kern0 tx) - sent))
	returned=$(($(packets kernel kern0 rx) - returned))

	testpmd_quit || die "testpmd ended with status $?"
	if ip -d link show xsk0 | grep xdp >/dev/null; then
		die "testpmd left its XDP program on xsk0"
	fi

	printf '\n    ping: %s sent, %s %% lost, round trip %s ms on average\n' $pings "${lost:-100}" "${rtt:--}"
	printf '    UDP:  %d sent, %d came back (%d %%): %d packets per second through testpmd\n' \
		"$sent" "$returned" $((sent > 0 ? returned * 100 / sent : 0)) \
		$((returned * 1000000 / (end - begin)))
	if [ "${lost:-100}" = 0 ] && [ "$returned" -gt 0 ]; then
		printf '\nOK: the demo works.\n'
	else
		printf '\nFAILED: see the numbers above.\n'
		grep -iE 'error|fail|warn' "$LOG" | head -n 10 || true
		return 1
	fi
}

if [ "${1:-}" = traffic ]; then
	traffic
	exit
fi

"$ROOT/scripts/setup.sh" demo
huge_pages 128
isolated "$0" traffic
