# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# The stage on which applications are tried: hosts in network namespaces, DPDK between them; and the verdict of a case.
# Sourced after lib.sh, by what runs inside isolated().
# shellcheck disable=SC2034,SC2153 # CASE comes from the runner; the tables and PORTS are for the others

: "${DRIVER:=net_xskpmd}"
export DRIVER

# ---- cases ----

# about CASE quick|long APPLICATION PACKAGE WHAT [RELEASE]: case_CASE tries this application of that package (a row of
# the table that make apps prints). make test runs the quick ones. RELEASE has the package where the host does not.
declare -A EFFORT APPLICATION PACKAGE WHAT RELEASE
CASES=()
about() {
	CASES+=("$1")
	EFFORT[$1]=$2
	APPLICATION[$1]=$3
	PACKAGE[$1]=$4
	WHAT[$1]=$5
	RELEASE[$1]=${6:-}
}

# remark APPLICATION TEXT: what its user should know, a paragraph of the page
declare -A REMARK
remark() { REMARK[$1]=$2; }

fail() { # WHY: the case has failed
	{ sed 's/^/    /' "${LOG:-/dev/null}" && echo; } >&2
	echo "FAIL $CASE: $*"
	exit 1
}
note() { echo "$*" >>"$NOTES"; } # TEXT: what was measured, for the table; it decides nothing
skip() { # WHY: this machine or this release cannot run the case
	echo "SKIP $CASE: $*"
	exit 77
}
linux_is() { printf '%s\n' "$1" "$(uname -r)" | sort -V -C; } # VERSION, or later
needs_linux() { # VERSION FOR-WHAT
	linux_is "$1" || skip "needs Linux $1 for $2"
}

# ---- hosts ----

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

# No grep -q behind a pipe: it ends at the first match, and what still writes then fails the pipe by SIGPIPE.
has_no_xdp() { ! ip link show dev "$1" | grep xdp >/dev/null; }
is_gone() { ! kill -0 "$1" 2>/dev/null; }

# snmp PEER PROTOCOL FIELD: what the kernel there counted
snmp() {
	in_peer "$1" awk -v protocol="$2:" -v field="$3" '$1 == protocol {
		if (column) print $column
		for (i = 2; i <= NF && !column; i++) if ($i == field) column = i
	}' /proc/net/snmp
}

# Pings between the hosts: each of a few sizes, then many at once. ping itself compares the bytes.
hosts_talk() { # [ADDRESS OF RIGHT]
	local size right=${1:-198.18.0.2}
	wait_for 15 in_peer left ping -c 1 -W 1 $right || fail "not one ping came through"
	for size in 0 18 56 1000 1472; do
		in_peer left ping -q -c 5 -i 0.01 -W 1 -s $size $right >/dev/null || fail "pings of $size bytes get lost"
	done
	in_peer left ping -q -f -c 2000 -W 2 $right >"$BUILD/run/flood" || true
	grep -q ' 0% packet loss' "$BUILD/run/flood" || fail "flood ping: $(grep loss "$BUILD/run/flood")"
}

# A TCP stream from the left host to this address of the right one.
tcp_stream() { # ADDRESS
	local rate
	in_peer right iperf3 -s -1 >"$BUILD/run/iperf3.server" 2>&1 &
	wait_for 10 in_peer right grep ':1451 ' /proc/net/tcp6 || fail "iperf3 does not listen"
	in_peer left iperf3 -c "$1" -t 3 >"$BUILD/run/iperf3" || fail "iperf3: $(tail -n 1 "$BUILD/run/iperf3")"
	rate=$(awk '/receiver$/ { print $7, $8 }' "$BUILD/run/iperf3")
	[ "$rate" ] || fail "iperf3 received nothing"
	note "iperf3: $rate"
}

# The interface is the kernel's again: no program, and the kernel answers on it.
kernel_has() { # DEVICE ADDRESS
	wait_for 2 has_no_xdp "$1" || fail "an XDP program is left on $1"
	ip addr add "$2/24" dev "$1"
	in_peer left ping -q -c 3 -i 0.05 -W 1 "$2" >/dev/null || fail "the kernel gets no packets from $1"
	ip addr del "$2/24" dev "$1"
}
