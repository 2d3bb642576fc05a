#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The distribution's own applications with the plugin, on veth pairs:  test-apps.sh [CASE]...
#
# testpmd as it is; l2fwd and skeleton compiled, unmodified, from the distribution's examples. Each case has
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
	testpmd_do stop 'port stop all' 'port start all' start
	hosts_talk
	testpmd_quit || fail "testpmd ended with status $?"
	has_no_xdp xsk0 && has_no_xdp xsk1 || fail "an XDP program is left"
}

case_l2fwd() { sample l2fwd -p 3 -q 2 -T 0 --no-mac-updating; }

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
	for name in l2fwd skeleton; do
		[ ! -x "$apps/$name" ] || continue
		# shellcheck disable=SC2046 # words
		gcc -O2 -o "$apps/$name.new" $(pkg-config --cflags libdpdk) "$examples/$name"/*.c \
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
