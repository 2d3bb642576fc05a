#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Zero-copy on real NIC drivers, in a virtual machine:  bench-vm.sh   (see bench.sh and vm.sh)
#
# One testpmd sends 64-byte packets on one NIC, another one receives on the NIC wired to it. What counts is what
# the receiver's application got, second by second: a second without a packet, after the first, is a stall.
# The sender is net_xskpmd for all: a faster one takes more of the two emulated processors from the receiver.
# Rounds are short and many, as an emulation's speed drifts by a third within minutes.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

if [ "${1:-}" != --inside ]; then
	mkdir -p "$BUILD/run"
	plugin=$("$ROOT/scripts/plugin-path.sh")
	for nic in igb virtio; do
		say "vm: $nic"
		"$ROOT/scripts/vm.sh" -n $nic -t 1200 "$ROOT/scripts/bench-vm.sh" --inside $nic "$BUILD" "$plugin" "${QUICK:-}" |
			tee >(grep --line-buffered -v '^vm,' >&2) | grep --line-buffered '^vm,' || say "vm: $nic: ended early"
	done
	exit
fi

# ---- in the virtual machine ----

nic=$2 BUILD=$3 PLUGIN=$4 QUICK=$5
[ "$QUICK" ] && rounds=1 seconds=8 || rounds=7 seconds=6
export EAL_MEMORY='' # huge pages
mount -t tmpfs tmpfs "$BUILD/run" # the rest is read-only

# The sender's lcore is on the first processor, the receiver's on the second.
first=0
cpu() { echo $((($1 + first) % 2)); }

eal_options() {
	EAL=(--lcores "0@$(cpu 0),1@$(cpu 1)" --no-pci --no-telemetry -d "$PLUGIN" --in-memory)
}

# All packets to the first queue
for dev in $IF0 $IF1; do
	ethtool -L $dev combined 1 2>/dev/null || true
done

received() {
	LOG=$rx_log
	: >"$LOG"
	printf 'show port stats 0\n' >&"$rx_in"
	wait_for 5 grep -q 'Tx-pps' "$LOG" || return
	sed -n 's/.*RX-packets: \([0-9]*\).*/\1/p' "$LOG" | tail -n 1
}

# Who waits for whom: of the packets that the sender had, the share it found no room for, in per cent; and how many the
# receiver missed.
limits() { # NAME
	local refused missed
	LOG=$tx_log
	: >"$LOG"
	printf 'show fwd stats all\n' >&"$tx_in"
	wait_for 5 grep -q 'TX-total' "$LOG" || return
	refused=$(sed -n 's/.*TX-dropped: *\([0-9]*\) *TX-total: *\([0-9]*\).*/\1 \2/p' "$LOG" |
		awk 'NR == 1 { printf "%.0f", $2 ? 100 * $1 / $2 : 0 }')
	missed=$(sed -n 's/.*RX-missed: \([0-9]*\).*/\1/p' "$rx_log" | tail -n 1)
	echo "vm,$nic,$1,refused,${refused:-0}"
	echo "vm,$nic,$1,missed,${missed:-0}"
}

quit() { # PID FD
	TESTPMD=$1 TESTPMD_IN=$2
	testpmd_quit || say "testpmd ended with status $?"
}

run() { # NAME DRIVER DEVARGS
	local name=$1 driver=$2 args=$3 n last=0 begin stalled=0 series='' rx_pid rx_in rx_log tx_pid tx_in tx_log
	rm -f "$BUILD/run/"*.in
	first=0
	testpmd_start rx "${driver}0,iface=$IF1$args" -- --forward-mode=rxonly --auto-start || {
		say "$nic: $name: the receiver does not start: $(tail -n 3 "$LOG")"
		return
	}
	rx_pid=$TESTPMD rx_in=$TESTPMD_IN rx_log=$LOG
	first=1
	testpmd_start tx "net_xskpmd0,iface=$IF0" -- --forward-mode=txonly --auto-start \
		--eth-peer=0,"$(mac "$IF1")" || {
		say "$nic: $name: the sender does not start: $(tail -n 3 "$LOG")"
		quit $rx_pid $rx_in
		return
	}
	tx_pid=$TESTPMD tx_in=$TESTPMD_IN tx_log=$LOG
	grep -hE 'queue 0 of|zero-copy|XDP_OPTIONS' "$rx_log" "$LOG" | sed 's/^/    /' || true
	ss --xdp -e 2>/dev/null | grep -o 'zc:[01]' | tr '\n' ' ' | sed 's/^/    /' || true
	n=0
	until last=$(received) && [ "${last:-0}" -gt 0 ] || [ $((n += 1)) -gt 15 ]; do sleep 1; done
	begin=${last:-0}
	for ((n = 0; n < seconds; n++)); do
		sleep 1
		now=$(received) || now=$last
		[ "$now" -gt "${last:-0}" ] || stalled=$((stalled + 1))
		series+=" $((now - last))"
		last=$now
	done
	echo "    $name: per second:$series"
	echo "vm,$nic,$name,packets,$((last - begin))"
	echo "vm,$nic,$name,stalled,$stalled"
	limits "$name" || say "$nic: $name: the sender does not answer"
	quit $tx_pid $tx_in
	quit $rx_pid $rx_in
}

for ((round = 1; round <= rounds; round++)); do
	run net_xskpmd net_xskpmd ''
	run net_af_xdp net_af_xdp ''
	run 'net_af_xdp busy_budget=0' net_af_xdp ,busy_budget=0
	run 'net_af_xdp force_copy=1' net_af_xdp ,force_copy=1
done
dmesg | grep -E 'WARNING:|BUG:|Oops|Call Trace' | head -n 20 || true
