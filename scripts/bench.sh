#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The side-by-side benchmark:  make bench [QUICK=1] [VM=1] [PARTS="ring scale veth rtt vm"]
#
#   ring   user-space cycles per packet over an ideal NIC, and the noise of that measurement
#   scale  the same as queues and ports grow
#   veth   packets per second over a veth pair: tx, rx, fwd
#   rtt    round-trip latency of macswap over a veth pair
#   vm     zero-copy on igb and virtio-net in a virtual machine (VM=1; slow, needs 500 MB)
#
# Every measurement appends "part,case,rival,metric,value" lines to samples.csv; bench-report.sh makes the page of
# their medians. A full run writes doc/bench/, a QUICK one build/bench/. Rivals take turns in every round, so what
# the machine does besides hits all alike. Timing fails nothing: the table at the end says what is reached.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

: "${QUICK:=}" "${VM:=}" "${PARTS:=ring scale veth rtt${VM:+ vm}}"
: "${OUT:=$([ "$QUICK" ] && echo "$BUILD/bench" || echo "$ROOT/doc/bench")}"
SAMPLES=$BUILD/bench/samples.csv
LOAD=$(cut -d ' ' -f 1 /proc/loadavg)
export QUICK OUT SAMPLES LOAD

is_root || die "needs root, for network namespaces and BPF"
"$ROOT/scripts/setup.sh" demo
"$ROOT/scripts/setup.sh" bench || say "going on without some rivals"
mkdir -p "$OUT" "$BUILD/bench"
alone "${BUILD##*/}-bench" 10
huge_pages 768

[ "${LOAD%.*}" -eq 0 ] || say "this machine is busy (load $LOAD): packets per second and latencies will not mean much"
echo 'part,case,rival,metric,value' >"$SAMPLES"
for part in $PARTS; do
	began=$SECONDS
	case $part in
	ring | scale) isolated "$ROOT/scripts/bench-ring.sh" "$part" ;;
	veth | rtt) isolated "$ROOT/scripts/bench-veth.sh" "$part" ;;
	vm) "$ROOT/scripts/bench-vm.sh" ;;
	*) die "no part named $part" ;;
	esac >>"$SAMPLES" || say "$part: ended early, status $?"
	say "$part: $((SECONDS - began)) s"
done
"$ROOT/scripts/bench-report.sh" "$SAMPLES" "$OUT"
