# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# Suricata in DPDK mode, from Debian 13 on: reads what is replayed, or stands between two hosts. Sourced by test-apps.sh.

about suricata_ids long suricata suricata 'alerts on a replayed pcap, with every packet counted' trixie
about suricata_ips long suricata suricata 'forwards between two hosts, and drops what a rule names' trixie

remark suricata 'Package suricata of Debian 13. In suricata.yaml, each option of EAL is a key below `dpdk:` `eal-params:`,
as in `d: /usr/local/lib/librte_net_xskpmd.so`, `no-pci:`, `vdev: ["net_xskpmd0,iface=xsk0", "net_xskpmd1,iface=xsk1"]`.
The interfaces are then `net_xskpmd0` and `net_xskpmd1`; between two hosts with `copy-mode: ips`, each the `copy-iface:`
of the other. Below `threading:`, `set-cpu-affinity: yes` and a processor per port in the `worker-cpu-set`. A worker that
receives nothing does not hand over its statistics: they are complete when Suricata ends.'

REPLAYED=1000
INTRUDERS=10

# word N, long N: as printf's %b takes them, of a frame and of a pcap's header
word() { printf '\\x%02x\\x%02x' $(($1 >> 8)) $(($1 & 255)); }
long() { printf '\\x%02x\\0\\0\\0' "$1"; }

# A record of a pcap: a UDP packet from the left host to port 9 of the right one.
udp_record() { # DESTINATION-MAC SOURCE-PORT TEXT
	local length=$((28 + ${#3})) sum
	sum=$((0x4500 + length + 0x4011 + 0xc612 + 1 + 0xc612 + 2)) # of the words of the IP header below
	sum=$((0xffff - (sum & 0xffff) - (sum >> 16)))
	printf %s "\0\0\0\0\0\0\0\0$(long $((length + 14)))$(long $((length + 14)))" \
		"\x${1//:/\\x}\x02\0\0\0\0\x01\x08\0" \
		"\x45\0$(word $length)\0\0\0\0\x40\x11$(word $sum)\xc6\x12\0\x01\xc6\x12\0\x02" \
		"$(word "$2")\0\x09$(word $((length - 20)))\0\0" "$3"
}

# REPLAYED packets, of which INTRUDERS have what the rule looks for, each in a flow of its own; so has the last one.
write_pcap() { # FILE DESTINATION-MAC
	local n plain
	plain=$(udp_record "$2" 20000 'nothing at all, sir')
	{
		printf '\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0\0\0\0\0\xff\xff\0\0\x01\0\0\0'
		for ((n = 0; n < REPLAYED; n++)); do
			[ $(((n + 1) % (REPLAYED / INTRUDERS))) -eq 0 ] &&
				printf %b "$(udp_record "$2" $((10000 + n)) 'xskpmd the intruder')" || printf %b "$plain"
		done
	} >"$1"
}

# EAL's options as keys, each with its value if it has one.
eal_params() {
	local n key
	for ((n = 0; n < ${#EAL[@]}; n++)); do
		key=${EAL[n]#-}
		key=${key#-}
		case ${EAL[n + 1]:--} in
		-*) echo "    $key:" ;;
		*) echo "    $key: \"${EAL[n += 1]}\"" ;;
		esac
	done
}

# suricata_config ACTION: the configuration for the ports of PORTS; two ports are each other's way out
suricata_config() {
	local n peers=(1 0)
	eal_options
	mkdir -p "$BUILD/run/log"
	echo "$1 udp any any -> any 9 (msg:\"intruder\"; content:\"xskpmd the intruder\"; sid:1000001; rev:1;)" \
		>"$BUILD/run/local.rules"
	{
		cat <<-END
			%YAML 1.1
			---
			default-rule-path: $BUILD/run
			rule-files: [local.rules]
			classification-file: /etc/suricata/classification.config
			reference-config-file: /etc/suricata/reference.config
			stats: {enabled: yes, interval: 1}
			outputs:
			  - fast: {enabled: yes, filename: fast.log}
			  - eve-log: {enabled: yes, filename: eve.json, types: [alert, stats]}
			threading:
			  set-cpu-affinity: yes
			  cpu-affinity:
			    - management-cpu-set: {cpu: []} # else taken from the workers, where these have all processors
			    - worker-cpu-set: {cpu: [$(cpu 0), $(cpu 1)]}
			dpdk:
			  eal-params:
			    proc-type: primary
			    vdev: [$(printf '"%s", ' "${PORTS[@]}")]
		END
		eal_params
		echo '  interfaces:'
		for n in "${!PORTS[@]}"; do
			cat <<-END
				    - interface: ${PORTS[$n]%%,*}
				      threads: 1
				      mempool-size: 8191
				      mempool-cache-size: 250
				      rx-descriptors: 2048
				      tx-descriptors: 2048
				      mtu: 1500
				      checksum-checks-offload: no
			END
			[ ${#PORTS[@]} -eq 1 ] && printf '      copy-mode: none\n      copy-iface: none\n' ||
				printf '      copy-mode: ips\n      copy-iface: %s\n' "${PORTS[${peers[$n]}]%%,*}"
		done
	} >"$BUILD/run/suricata.yaml"
}

suricata_start() { # ACTION
	suricata_config "$1"
	LOG=$BUILD/run/suricata.log
	record_command suricata --dpdk -c suricata.yaml -l log
	suricata --dpdk -c "$BUILD/run/suricata.yaml" -l "$BUILD/run/log" -v >"$LOG" 2>&1 &
	SURICATA=$!
	wait_for 60 eval "grep -q 'Engine started' '$LOG' || is_gone $SURICATA"
	! is_gone $SURICATA || fail "suricata ended at its start"
}
suricata_ends() {
	local status=0
	kill -INT $SURICATA
	wait_for 30 is_gone $SURICATA || fail "suricata does not end"
	wait $SURICATA || status=$?
	[ $status = 0 ] || fail "suricata ended with status $status"
}
alerts() { [ "$(grep -c '"event_type":"alert".*"signature_id":1000001' "$BUILD/run/log/eve.json")" -eq $INTRUDERS ]; }
decoded() { # PACKETS: the last statistics say so many
	[ "$(grep '"event_type":"stats"' "$BUILD/run/log/eve.json" | tail -n 1 |
		sed -n 's/.*"decoder":{"pkts":\([0-9]*\).*/\1/p')" = "$1" ]
}
replay() { # DESTINATION-MAC
	write_pcap "$BUILD/run/replay.pcap" "$1"
	in_peer left tcpreplay --quiet --pps=2000 --intf1=kern0 "$BUILD/run/replay.pcap" >"$BUILD/run/replay.log" 2>&1 ||
		fail "tcpreplay: $(tail -n 1 "$BUILD/run/replay.log")"
}

case_suricata_ids() {
	one_host
	PORTS=("${DRIVER}0,iface=xsk0")
	suricata_start alert
	replay "$(mac xsk0)"
	wait_for 20 alerts || fail "not $INTRUDERS alerts"
	suricata_ends
	# Only now: a worker without packets does not hand over its numbers.
	decoded $REPLAYED || fail "not $REPLAYED packets decoded"
	kernel_has xsk0 198.18.0.2
}

# Nobody listens on the port, so that the kernel of the right host counts all that arrive.
udp_to_nobody() { in_peer right awk '/^Udp: [0-9]/ { print $3 }' /proc/net/snmp; }
came_through() { [ "$(udp_to_nobody)" -eq $((REPLAYED - INTRUDERS)) ]; }

case_suricata_ips() {
	two_hosts
	suricata_start drop
	hosts_talk
	replay "$(in_peer right ip -br link show dev kern1 | awk '{ print $3 }')"
	wait_for 20 alerts || fail "not $INTRUDERS alerts"
	wait_for 20 came_through || fail "of $((REPLAYED - INTRUDERS)) packets, $(udp_to_nobody) came through"
	suricata_ends
	wait_for 2 has_no_xdp xsk0 && wait_for 2 has_no_xdp xsk1 || fail "an XDP program is left"
}
