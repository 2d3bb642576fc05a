# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# DPDK's bonding driver over two of our ports, under testpmd. Sourced by test-apps.sh.

bond() { about "bond_$1" long 'testpmd, net_bonding' dpdk "$2"; }
bond active_backup "mode 1: pings go on when the active member's carrier goes, and when it comes back"
bond round_robin 'mode 0: answers go out by both members in turn; by one while the other has no carrier'
bond balance 'mode 2, l34: answers to eight addresses go out by both members'
bond lacp 'mode 4: two testpmd agree by LACP, and both members carry frames'
remark 'testpmd, net_bonding' '`member=` is `slave=` before DPDK 23.11. In mode 1 net_bonding receives by the primary only:
after it has moved back, a switch sends to the other member until it learns anew. In mode 4 the application must call
Rx and Tx bursts all the time.'

member_key() { pkg-config --atleast-version=23.11 libdpdk && echo member || echo slave; }

# One host with two cables, which a bridge there joins, as a switch would.
bonded() { # MODE [BOND ARGUMENT]
	local n member
	member=$(member_key)
	peer left
	in_peer left ip link add br0 type bridge
	in_peer left ip addr add 198.18.0.1/24 dev br0
	for n in 0 1; do
		veth xsk$n left kern$n 0.0.0.0
		in_peer left ip link set kern$n master br0
	done
	in_peer left ip link set br0 up
	MACS="$(mac xsk0) $(mac xsk1)"
	testpmd_start bond "${DRIVER}0,iface=xsk0" "${DRIVER}1,iface=xsk1" \
		"net_bonding0,mode=$1,$member=${DRIVER}0,$member=${DRIVER}1${2:+,$2}" -- \
		--forward-mode=icmpecho --portmask=4 || fail "testpmd did not start"
	# shellcheck disable=SC2034 # for says()
	SAID=1
	done_with start
	wait_for 10 in_peer left ping -c 1 -W 1 198.18.0.2 || fail "not one ping came through"
}
bond_end() {
	testpmd_quit || fail "testpmd ended with status $?"
	has_no_xdp xsk0 && has_no_xdp xsk1 || fail "an XDP program is left"
	[ "$(mac xsk0) $(mac xsk1)" = "$MACS" ] || fail "a MAC address is not put back"
}

# The bond learns of a link by an interrupt, and then moves over.
pings_go_on() { # WHEN
	wait_for 10 in_peer left ping -c 1 -W 0.5 198.18.0.2 || fail "no ping $1"
	in_peer left ping -q -c 50 -i 0.01 -W 1 198.18.0.2 >/dev/null || fail "pings get lost $1"
}
carrier() { in_peer left ip link set kern$1 $2; } # MEMBER up|down
active() { says 'show bonding config 2' "Active (Slaves|Members) [^:]*: \[$1\]"; }
answers() { packets left kern$1 rx; } # MEMBER

case_bond_active_backup() {
	local before
	bonded 1 primary=${DRIVER}0
	active '0 1'
	before=$(answers 1)
	pings_go_on "by the primary"
	[ "$(answers 1)" = $before ] || fail "the backup sends"
	carrier 0 down
	pings_go_on "without the primary"
	active 1
	[ "$(answers 1)" -ge $((before + 50)) ] || fail "the backup does not send"
	carrier 0 up
	wait_for 10 active_again || fail "the primary does not come back"
	# net_bonding receives by the primary only, and tells no switch that it has moved back.
	in_peer left ip link set br0 type bridge fdb_flush
	pings_go_on "with the primary back"
	carrier 1 down
	pings_go_on "without the backup"
	bond_end
}
active_again() { testpmd_do 'show bonding config 2' && sleep 0.2 && tail -n 8 "$LOG" | grep -E '\[(0 1|1 0)\]'; }

case_bond_round_robin() {
	local n before=()
	bonded 0
	for n in 0 1; do before[n]=$(answers $n); done
	pings_go_on "by both"
	for n in 0 1; do
		[ $(($(answers $n) - before[n])) -ge 20 ] || fail "member $n sends less than 20 of 50 answers"
	done
	for n in 0 1; do
		carrier $n down
		pings_go_on "without member $n"
		carrier $n up
		wait_for 10 active_again || fail "member $n does not come back"
	done
	bond_end
}

case_bond_balance() {
	local n before=()
	bonded 2 xmit_policy=l34
	for n in 0 1; do before[n]=$(answers $n); done
	for n in {11..18}; do
		in_peer left ip addr add 198.18.0.$n/24 dev br0
		in_peer left ping -q -c 5 -i 0.01 -W 1 -I 198.18.0.$n 198.18.0.2 >/dev/null || fail "no answer to 198.18.0.$n"
	done
	for n in 0 1; do
		[ $(($(answers $n) - before[n])) -ge 5 ] || fail "member $n sends nothing"
	done
	bond_end
}

# net_bonding sends its LACP frames from within Tx bursts, and reads them in Rx bursts: flowgen does both all the time.
case_bond_lacp() {
	local n partner member bond
	member=$(member_key)
	bond=net_bonding0,mode=4,$member=${DRIVER}0,$member=${DRIVER}1,xmit_policy=l34
	peer left
	for n in 0 1; do veth xsk$n left kern$n 0.0.0.0; done
	eal_options
	# not by in_peer: the pid is to be testpmd's
	nsenter --net=/proc/${PEER[left]}/ns/net dpdk-testpmd "${EAL[@]}" --vdev "${DRIVER}0,iface=kern0" \
		--vdev "${DRIVER}1,iface=kern1" --vdev "$bond" -- --total-num-mbufs=16384 --forward-mode=flowgen \
		--portmask=4 --stats-period=1 >$BUILD/run/partner.log 2>&1 &
	partner=$!
	testpmd_start bond "${DRIVER}0,iface=xsk0" "${DRIVER}1,iface=xsk1" "$bond" -- --forward-mode=flowgen --portmask=4 ||
		fail "testpmd did not start"
	# shellcheck disable=SC2034 # for says()
	SAID=1
	done_with start
	# On a busy machine it takes them several attempts: each has to be heard ten times a second.
	wait_for 120 have_agreed || fail "they do not agree: $(tail -n 5 $BUILD/run/partner.log)"
	for n in 0 1; do
		wait_for 10 has_sent $n || fail "member $n sends only LACP"
	done
	kill -TERM $partner
	wait_for 20 is_gone $partner || fail "the partner does not end"
	testpmd_quit || fail "testpmd ended with status $?"
	has_no_xdp xsk0 && has_no_xdp xsk1 || fail "an XDP program is left"
	! in_peer left ip link show | grep xdp >/dev/null || fail "the partner leaves an XDP program"
}
have_agreed() { # both of each member, both members
	testpmd_do 'show bonding lacp info 2'
	sleep 0.5
	[ "$(tail -n 45 $LOG | grep -c 'port state: ACTIVE AGGREGATION SYNCHRONIZATION COLLECTING DISTRIBUTING')" = 4 ]
}
has_sent() { says "show port stats $1" 'TX-packets: [0-9]{4}'; } # MEMBER
