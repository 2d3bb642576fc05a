#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# User-space cycles per packet over an ideal NIC:  bench-ring.sh ring|scale   (see bench.sh; in a namespace)
set -euo pipefail
. "$(dirname "$0")/lib.sh"

ringbench=$BUILD/app/test-xsk/bench/dpdk-test-xsk-ringbench
us=net_xskpmd
rival=net_af_xdp
[ "${QUICK:-}" ] && seconds=0.25 || seconds=1
ports=4

# Twice the second-level cache
cold_kib=$(($(getconf LEVEL2_CACHE_SIZE) / 512))
[ $cold_kib -gt 0 ] || cold_kib=2048

for ((i = 0; i < 2 * ports; i++)); do
	ip link add "rb$i" numrxqueues 4 numtxqueues 4 type veth peer name "rp$i" numrxqueues 4 numtxqueues 4
	ip link set "rb$i" up
	ip link set "rp$i" up
done

# measure PART PREFIX PORTS QUEUES [RINGBENCH OPTION]...: PORTS devices of each driver
measure() {
	local part=$1 prefix=$2 n=$3 queues=$4 i log=$BUILD/run/ring.log
	shift 4
	say "$part: $prefix: $n port(s) of each driver, $queues queue(s) each"
	eal_options
	for ((i = 0; i < n; i++)); do
		EAL+=(--vdev "$us$i,iface=rb$((2 * i + 1)),queue_count=$queues")
		EAL+=(--vdev "$rival$i,iface=rb$((2 * i)),queue_count=$queues")
	done
	"$ringbench" "${EAL[@]}" -- -t $seconds -q "$queues" "$@" >"$log" 2>&1 || {
		tail -n 20 "$log" >&2
		return 1
	}
	# driver,instance,ports,queues,mode,burst,len,cache,nic,rx,tx,sum,...
	awk -F, -v part="$part" -v prefix="$prefix" '
		NF == 16 && $1 != "driver" {
			key = part "," prefix " " $5 " " $6 "," $1 ($2 > 0 ? "#" $2 : "")
			print key ",cycles," $12
			if ($5 == "fwd") {
				print key ",rx," $10
				print key ",tx," $11
			}
		}' "$log"
}

ring() {
	measure ring hot 1 1
	measure ring cold 1 1 -c $cold_kib
	measure ring hot-zc 1 1 -z
	measure noise hot 2 1 -b 32
}

scale() {
	local n
	for ((n = 1; n <= 4; n++)); do
		measure queues $n 1 $n -m fwd -b 32
	done
	for ((n = 1; n <= ports; n++)); do
		measure ports $n $n 1 -p $n -m fwd -b 32
	done
}

"$1"
