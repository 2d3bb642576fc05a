#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The functional suite over real NIC drivers, in virtual machines (see vm.sh):  vm-test.sh [ROW]...
#
# A row is a NIC and a mode, below; all of them by default. Rows of one NIC run in one virtual machine, one machine
# at a time. Each case prints "PASS row/name", "FAIL row/name: why" or "SKIP row/name: why"; what the kernel warned
# of is a case named dmesg, and a machine that dies is one named vm.
#
#   FULL=1           on igb and virtio-net, all cases that are about NICs: an hour or two
#   QUICK=1          igb and virtio, the essential cases only, below 5 minutes
#   OUT=doc/vm.md    also write the table there, with date and versions
#   XSKT_PATIENCE=N  wait N times longer (default here: 4)
set -euo pipefail
. "$(dirname "$0")/lib.sh"

if [ "${1:-}" = --inside ]; then
	FULL=$2 QUICK=$3 XSKT_PATIENCE=$4 # the environment stays outside
fi

# row | device | pairs of NICs | device arguments | cases
# What a NIC's driver changes is tried everywhere; shapes of pools on igb and virtio-net, queues and calls in unusual
# orders on igb.
NIC="nic_granted nic_zero_copy nic_tx_only nic_generic nic_chunk_sizes nic_running_mtu nic_rxvlan nic_rss \
nic_interrupts nic_one_way nic_flaps_peer nic_no_carrier"
TRAFFIC="bytes_veth bytes_full_B18 rx_200k both_200k tx_own tx_odd tx_indirect tx_extbuf tx_shared tx_chain_B1 \
tx_mix_B1 tx_full_B9 tx_left tx_peer_down_B15 rx_idle_B2"
LIFE="nothing_stolen_B16 restart_B4 interrupt_then_stop link_lsc kill9_B36 mac promisc_B36 second_at_runtime"
QUEUES="queue_rx_stop queue_rx_stop_drops queue_tx_stop queue_info queue_interrupt queue_deferred \
queue_runtime_setup queue_numbers_B23 queues_2_veth queues_4_veth failed_at_runtime tenant_at_runtime \
interface_bounced stats"
SHAPES="bytes_stride* bytes_room_1861 bytes_huge_stride4096 bytes_odd_room tx_same tx_long_chain_B1 tx_stop_B25"
ORDER="ask_stopped refused_then_restart clones_at_setup interrupt_after_setup reconfigure_B3 setup_twice_B3 close_early stop_drains_tx \
restart_fresh_B16 hold_over_close two_vdevs_veth_B7 link_B17 link_set prog_detached prog_put_back* kill9_random \
kill9_generic foreign_native_B7 custom_B31 vlan_filter mtu_B37 allmulti_B36 tx_threads interface_renamed \
devargs_modes"
COPY="nic_granted nic_zero_copy nic_generic nic_interrupts nic_one_way nic_flaps_peer bytes_veth both_200k tx_own \
tx_chain_B1 restart_B4 kill9_B36"
DOWN_UP="nic_flaps_own link_lsc tx_full_B9 tx_left"
ESSENTIAL="nic_granted nic_zero_copy nic_tx_only nic_one_way nic_busy_poll nic_flaps_peer nic_interrupts bytes_veth \
both_200k restart_B4 queue_info kill9_B36"
[ -z "${FULL:-}" ] || SHAPES='*'
# Not on vmxnet3: what needs several queues, as QEMU's has no RSS, and DOWN_UP, where the interface goes down and up:
# there its kernel driver forgets the program without letting go of it (Linux 7.3). The program is shown as attached,
# but runs no more (the NIC's counter of XDP packets stands still), and it stays loaded, with its maps, after it was
# detached and its process has ended; bpftool and ip alone show the same.
ROWS="igb|igb|3||$NIC nic_busy_poll nic_flaps_own $TRAFFIC $LIFE $QUEUES $SHAPES $ORDER
igb-copy|igb|3|zero_copy=off|$NIC nic_flaps_own $TRAFFIC $LIFE
virtio|virtio|2||$NIC nic_busy_poll nic_flaps_own $TRAFFIC $LIFE $SHAPES
virtio-copy|virtio|2|zero_copy=off|$COPY $DOWN_UP
vmxnet3|vmxnet3|2||$COPY
e1000e|e1000e|2||$COPY $DOWN_UP"
if [ "${QUICK:-}" ]; then
	ROWS="igb|igb|3||$ESSENTIAL nic_rss
virtio|virtio|2||$ESSENTIAL"
fi
out=$BUILD/vm-test

# ---- in the virtual machine: one row after the other ----

# Warnings that are not ours, a pattern of grep -E. An emulated processor may not run for long: soft and workqueue
# lockups. (A sender's NETDEV WATCHDOG, which is no warning of this kind, comes from that, too.)
known_warnings='BUG: (soft|workqueue) lockup'

cable() { # a command that pulls the cable of a pair, or plugs it in
	cat >/run/cable <<-END
		#!/bin/sh
		printf 'set_link n%s.0 %s\nset_link n%s.1 %s\n' "\$1" "\$2" "\$1" "\$2" >$VM_MONITOR
	END
	chmod +x /run/cable
}

inside() { # BUILD-FOLDER ROW...
	local row device pairs args cases
	prepare "$1"
	shift
	dmesg --clear
	echo "INFO kernel $(uname -r)"
	while IFS='|' read -ru 3 row device pairs args cases; do
		[[ " $* " != *" $row "* ]] || inside_row "$row" "$args" "$cases"
	done 3<<<"$ROWS"
}

prepare() { # BUILD-FOLDER
	tool=$1/app/test-xsk/dpdk-test-xsk
	cable
	export XSKT_PATIENCE=${XSKT_PATIENCE:-4} XSKT_CARRIER=/run/cable XSKT_MANY=
	XSKT_MANY=$([ "${QUICK:-}" ] && echo 10000 || echo 100000)
	read -ra devs <<<"$IFS0"
	read -ra peers <<<"$IFS1"
	XSKT_DEV=$(IFS=, && echo "${devs[*]}")
	XSKT_PEER=$(IFS=, && echo "${peers[*]}")
	export XSKT_DEV XSKT_PEER
}

inside_row() { # ROW ARGS CASES
	local row=$1 cases warnings
	export XSKT_ARGS=$2
	read -rd '' -a cases <<<"$3" || true
	echo "INFO $row driver $(basename "$(readlink "/sys/class/net/${devs[0]}/device/driver")")"
	timeout 120 "$tool" nic -v nic_granted 2>&1 | sed -n "s/^granted: /INFO $row granted /p" || true
	"$tool" nic "${cases[@]}" 2>&1 | grep --line-buffered -v '^EAL: ' |
		sed -uE "s,^(PASS|FAIL|SKIP) ,\1 $row/,; s/^nic: .* passed/INFO $row ended: &/" || true
	warnings=$(dmesg --read-clear | grep -E 'WARNING:|BUG:|Oops|general protection|panic' |
		grep -vE "$known_warnings" || true)
	if [ "$warnings" ]; then
		echo "FAIL $row/dmesg: $(head -n 3 <<<"$warnings" | tr '\n' ' ')"
	else
		echo "PASS $row/dmesg"
	fi
}

case ${1:-} in
--inside)
	inside "${@:5}"
	exit
	;;
--case) # by hand: vm.sh -n DEVICE scripts/vm-test.sh --case BUILD-FOLDER NAME...
	prepare "$(cd "$ROOT" && realpath "$2")"
	"$tool" nic -v "${@:3}"
	exit
	;;
esac

# ---- outside ----

is_root || die "needs root, for the files that the virtual machine shares"
alone "${BUILD##*/}-vm-test" 10
setpriv --pdeathsig TERM "$ROOT/scripts/vm.sh" -c || {
	printf 'SKIP vm: no kernel or no QEMU for virtual machines to be had\n\n0 passed, 0 failed, 1 skipped\n'
	exit 77
}
rm -rf "$out"
mkdir -p "$out"
# With checks of every mbuf's owner.
setpriv --pdeathsig TERM "$ROOT/scripts/build.sh" "$BUILD-vm" -Ddebug_mbufs=true >"$out/build.log" 2>&1 || {
	tail -n 30 "$out/build.log" >&2
	die "the build failed ($out/build.log)"
}
selected=("$@")
[ ${#selected[@]} -gt 0 ] || mapfile -t selected < <(cut -d '|' -f 1 <<<"$ROWS" | grep .)

rows_of() { # DEVICE: those selected
	local row device
	while IFS='|' read -r row device _; do
		[ "$device" != "$1" ] || [[ " ${selected[*]} " != *" $row "* ]] || echo "$row"
	done <<<"$ROWS"
}

machine() { # DEVICE PAIRS
	local rows row status=0 log=$out/$1.log
	mapfile -t rows < <(rows_of "$1")
	[ ${#rows[@]} -gt 0 ] || return 0
	say "$1: ${rows[*]}"
	setpriv --pdeathsig TERM "$ROOT/scripts/vm.sh" -n "$1" -p "$2" -t 2400 "$ROOT/scripts/vm-test.sh" \
		--inside "${FULL:-}" "${QUICK:-}" "${XSKT_PATIENCE:-4}" "$BUILD-vm" "${rows[@]}" 2>&1 | tee "$log" |
		grep --line-buffered -E '^(PASS|FAIL|SKIP) ' | tee -a "$out/results" || status=${PIPESTATUS[0]}
	for row in "${rows[@]}"; do
		grep -q "^INFO $row ended" "$log" && continue
		tee -a "$out/results" <<<"FAIL $row/vm: $(grep -v '^INFO' "$log" | tail -n 1) (status $status, $log)"
	done
}

count() { # VERDICT [ROW]
	grep -c "^$1 ${2:-[^/]*}/" "$out/results" || true
}
info() { # ROW WHAT
	cat "$out"/*.log | sed -n "s/^INFO $1 $2 //p" | tail -n 1
}

table() {
	local row
	echo '| NIC | Driver | Kernel | Granted | Passed | Failed | Skipped |'
	echo '| --- | --- | --- | --- | --- | --- | --- |'
	for row in "${selected[@]}"; do
		echo "| $row | $(info "$row" driver) | $(cat "$out"/*.log | sed -n 's/^INFO kernel //p' | tail -n 1)" \
			"| $(info "$row" granted) | $(count PASS "$row") | $(count FAIL "$row") | $(count SKIP "$row") |"
	done
}

# SKIP and FAIL lines; what a NIC lacks for several cases is said once.
notes() {
	grep '^FAIL ' "$out/results" | sed 's/^/- /' || true
	sed -nE 's,^SKIP ([^/]*)/([^:]*): missing capability: (.*),\1|\3|\2,p' "$out/results" |
		awk -F '|' '{ k = $1 ": no " $2; n[k]++; names[k] = names[k] " " $3 }
			END { for (k in n) print "- SKIP " k ":" names[k] }' | sort
}

page() {
	cat <<-END
		# Real NIC drivers

		Made by \`${QUICK:+QUICK=1 }make vm-test OUT=${OUT#"$ROOT/"}\`, $(date -u +%F), of commit $(git -C "$ROOT" rev-parse --short HEAD),
		in virtual machines of QEMU's software emulation ([vm-test.sh](../scripts/vm-test.sh)). Each row is a pair of
		emulated NICs wired to each other; the cases are those of \`dpdk-test-xsk func\` that are about NICs, and some that
		only NICs can show (\`dpdk-test-xsk nic\`). Granted: the burst mode of a port without further arguments, or with
		\`zero_copy=off\` (rows named -copy).

	END
	table
	printf '\n'
	notes | fold -s -w 116 | sed -E 's/ +$//; /^- /!s/^/  /'
}

while read -ru 3 device pairs; do
	machine "$device" "$pairs"
done 3< <(cut -d '|' -f 2,3 <<<"$ROWS" | grep '^[a-z]' | tr '|' ' ' | uniq)

printf '\n'
table
notes
[ -z "${OUT:-}" ] || page >"$OUT"
printf '\n%d passed, %d failed, %d skipped\n' "$(count PASS)" "$(count FAIL)" "$(count SKIP)"
[ "$(count FAIL)" -eq 0 ] && [ "$(count PASS)" -gt 0 ]
