#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Packets per second and round trips over veth pairs:  bench-veth.sh veth|rtt   (see bench.sh; in a namespace)
#
#      +------------- this namespace ---------------+      +--------- peer ---------+
#      |  dpdk-testpmd -- the driver ======== xskN ------- genN  flood, sink, rtt   |
#      +--------------------------------------------+      +------------------------+
#
# Every rival has such a pair and a testpmd, started once per case. All but one are stopped (SIGSTOP), and they take
# turns of a fraction of a second, many times: so what the machine does besides hits all alike. testpmd's lcore is
# the second processor, the peer's program has the first.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

wirebench=$BUILD/app/test-xsk/bench/dpdk-test-xsk-wirebench
[ "${QUICK:-}" ] && rounds=5 seconds=0.3 trips=2000 || rounds=25 seconds=0.5 trips=100000

# ---- the rivals: name | driver it needs | vdev, with @ for the device ----

all_rivals=(
	"net_xskpmd||net_xskpmd0,iface=@"
	"net_af_xdp|af_xdp|net_af_xdp0,iface=@"
	"net_af_xdp busy_budget=0|af_xdp|net_af_xdp0,iface=@,busy_budget=0"
	"net_af_packet|af_packet|net_af_packet0,iface=@"
	"net_pcap|pcap|net_pcap0,iface=@"
	"xdp-tools||"
)
rivals=() # those that can run here; the others are skipped by name

look_for_rivals() {
	local rival name driver vdev pmds
	pmds=$(pkg-config --variable=libdir libdpdk)/dpdk
	for rival in "${all_rivals[@]}"; do
		IFS='|' read -r name driver vdev <<<"$rival"
		if [ -n "$driver" ] && ! compgen -G "$pmds/*/librte_net_$driver.so*" >/dev/null; then
			say "$name: skipped, this DPDK has no net_$driver"
		elif [ -z "$vdev" ] && ! { have xdp-bench && have xdp-trafficgen; }; then
			say "$name: skipped, not installed"
		else
			rivals+=("$rival")
		fi
	done
}

# ---- one rival, number i ----

declare -A pid input log # of the rivals that run, by number

# start I MODE: stopped afterwards. XDP's tools do in the kernel what testpmd's modes do.
start() {
	local i=$1 mode=$2 dev=xsk$1 name driver vdev
	IFS='|' read -r name driver vdev <<<"${rivals[i]}"
	ip link add "$dev" type veth peer name "gen$i" netns "${PEER[gen]}"
	ip link set "$dev" up
	in_peer gen ip link set "gen$i" up
	[ "$mode" = rxonly ] || [ "$part" = rtt ] || in_peer gen "$wirebench" sink "gen$i"
	if [ -n "$vdev" ]; then
		rm -f "$BUILD/run/rival$i.in"
		testpmd_start "rival$i" "${vdev/@/$dev}" -- --forward-mode="$mode" --auto-start || return
		pid[$i]=$TESTPMD input[$i]=$TESTPMD_IN log[$i]=$LOG
	else
		LOG=$BUILD/run/rival$i.log
		case $mode in
		txonly) set -- xdp-trafficgen udp "$dev" ;;
		rxonly) set -- xdp-bench drop "$dev" ;;
		macswap) set -- xdp-bench tx "$dev" ;;
		esac
		taskset -c "$(cpu 1)" "$@" </dev/null >"$LOG" 2>&1 &
		pid[$i]=$! input[$i]='' log[$i]=$LOG
		sleep 1
		kill -0 ${pid[$i]} 2>/dev/null || return
	fi
	kill -STOP ${pid[$i]}
}

stop() { # I
	kill -CONT ${pid[$1]} 2>/dev/null || true
	if [ -n "${input[$1]}" ]; then
		LOG=${log[$1]} TESTPMD=${pid[$1]} TESTPMD_IN=${input[$1]}
		testpmd_quit || true
	else
		kill -INT ${pid[$1]} 2>/dev/null || true
		wait_for 2 eval "! kill -0 ${pid[$1]}" || kill -KILL ${pid[$1]}
		wait ${pid[$1]} || true
	fi
}

# Packets that the application got: testpmd's own count; XDP's tools take all that comes in.
received() { # I
	if [ -z "${input[$1]}" ]; then
		awk -v dev="xsk$1:" '$1 == dev { print $3 }' /proc/net/dev
		return
	fi
	: >"${log[$1]}"
	echo 'show port stats 0' >&"${input[$1]}"
	until grep -q 'Tx-pps' "${log[$1]}"; do sleep 0.01; done
	sed -n 's/.*RX-packets: \([0-9]*\).*/\1/p' "${log[$1]}" | tail -n 1
}
returned() { packets gen "gen$1" rx; } # I

# rate COMMAND...: by how much its number grows per second
rate() {
	local a b begin end
	begin=${EPOCHREALTIME/./}
	a=$("$@")
	sleep $seconds
	end=${EPOCHREALTIME/./}
	b=$("$@")
	echo $(((b - a) * 1000000 / (end - begin)))
}

# spent CPU: its time so far, in user space, in the kernel, idle, in ticks
spent() {
	awk -v cpu="cpu$1" '$1 == cpu { print $2 + $3, $4 + $7 + $8, $5 + $6 }' /proc/stat
}
# shares BEFORE AFTER: what of the time between was in user space and in the kernel, per cent
shares() {
	awk -v before="$1" -v after="$2" 'BEGIN {
		split(before, a, " ")
		split(after, b, " ")
		for (i = 1; i <= 3; i++)
			sum += b[i] -= a[i]
		sum = sum > 0 ? sum : 1
		print int(100 * b[1] / sum), int(100 * b[2] / sum)
	}'
}

# ---- a turn of rival i: prints the sample lines ----

turn_veth() { # I NAME CASE
	local i=$1 case=$3 count=returned source=skb flood='' pps peer lcore
	[[ $case != rx* ]] || count=received
	[[ $case != *-frames ]] || source=xdp
	if [ "$case" != tx ]; then
		nsenter --net="/proc/${PEER[gen]}/ns/net" taskset -c "$(cpu 0)" \
			"$wirebench" flood "gen$i" "$(mac "xsk$i")" $source >/dev/null &
		flood=$!
	fi
	sleep 0.1
	peer=$(spent "$(cpu 0)") lcore=$(spent "$(cpu 1)")
	pps=$(rate $count $i)
	peer=$(shares "$peer" "$(spent "$(cpu 0)")") lcore=$(shares "$lcore" "$(spent "$(cpu 1)")")
	if [ -n "$flood" ]; then
		kill -KILL $flood
		wait $flood 2>/dev/null || true
	fi
	echo "veth,$case,$2,pps,$pps"
	echo "veth,$case,$2,peer_user,${peer% *}"
	echo "veth,$case,$2,peer_kernel,${peer#* }"
	echo "veth,$case,$2,lcore_user,${lcore% *}"
	echo "veth,$case,$2,lcore_kernel,${lcore#* }"
}

turn_rtt() { # I NAME
	in_peer gen taskset -c "$(cpu 0)" "$wirebench" rtt "gen$1" "$(mac "xsk$1")" $trips 3 | awk -v name="$2" '{
		print "rtt,p50," name ",us," $1
		print "rtt,p99," name ",us," $2
		print "rtt,p99.9," name ",us," $3
		print "rtt,lost," name ",packets," $4
	}'
}

# ---- a case ----

compete() { # CASE MODE
	local case=$1 mode=$2 i n round name driver vdev running=()
	say "$part: $case: $rounds rounds"
	pid=()
	for i in "${!rivals[@]}"; do
		IFS='|' read -r name driver vdev <<<"${rivals[i]}"
		# XDP frames need a receiver with XDP.
		[[ $case != *-frames || ($driver != af_packet && $driver != pcap) ]] || continue
		if start $i "$mode"; then
			running+=("$i")
		else
			say "$case: $name: skipped, does not start: $(grep -iE 'error|fail|cannot|denied' "$LOG" | head -n 1)"
		fi
	done
	for ((round = 0; round < rounds; round++)); do
		for n in "${!running[@]}"; do
			i=${running[n]}
			name=${rivals[i]%%|*}
			{ kill -CONT ${pid[$i]} && turn_$part $i "$name" "$case"; } 2>/dev/null || {
				say "$case: $name: skipped from now on: $(tail -n 1 "${log[$i]}")"
				unset "running[$n]"
			}
			kill -STOP ${pid[$i]} 2>/dev/null || true
		done
	done
	for i in "${!pid[@]}"; do
		stop $i
	done
	for i in "${!rivals[@]}"; do
		ip link del "xsk$i" 2>/dev/null || true
	done
}

part=$1
look_for_rivals
peer gen
case $part in
veth)
	compete tx txonly
	compete rx rxonly
	compete fwd macswap
	compete rx-frames rxonly
	compete fwd-frames macswap
	;;
rtt) compete macswap macswap ;;
esac
