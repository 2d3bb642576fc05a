# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# Open vSwitch with DPDK: a bridge of two ports between two hosts. Sourced by test-apps.sh.
#
# Its database, sockets and logs are in a folder of the case; nothing of a service of the machine is used or started.

vswitchd=/usr/lib/openvswitch-switch-dpdk/ovs-vswitchd-dpdk
ovs() { about "$1" long 'Open vSwitch' openvswitch-switch-dpdk "$2"; }
ovs ovs_bridge 'bridge of two ports between two hosts: pings, also of the bridge itself; iperf3 over TCP; link state'
ovs ovs_reconfigure 'n_rxq, n_rxq_desc, n_txq_desc and mtu_request (3000, 9000) changed at run time'
ovs ovs_restart 'ovs-vswitchd killed by SIGKILL and started at once; del-port, add-port; the end'
remark 'Open vSwitch' 'It needs huge pages. A port with fewer queues (`n_rxq`) than its interface leaves packets to the
kernel where there is no RSS, as on veth; with more, it gets those that there are. `mtu_request=9000` needs Linux 6.6
(frames of several mbufs). What the cases accept in `ovs-vswitchd.log` as not to be mended here: no huge pages
of 1 GiB, no telemetry of the old kind, no Rx checksum offload, and that a busy machine kept it waiting.'

vsctl() {
	record_command ovs-vsctl "$@"
	ovs-vsctl --timeout=30 "$@" || fail "ovs-vsctl $1 $2 $3 fails"
}

# Two hosts with two queues each, so that the bridge's ports have as many.
ovs_hosts() {
	local n peers=(left right)
	for n in 0 1; do
		peer ${peers[n]}
		ip link add xsk$n numrxqueues 2 numtxqueues 2 type veth peer name kern$n numrxqueues 2 numtxqueues 2 \
			netns "${PEER[${peers[n]}]}"
		plug xsk$n ${peers[n]} kern$n 198.18.0.$((n + 1))/24
	done
}

ovs_database() {
	local dir=$BUILD/run/ovs plugin
	[[ ${EAL_MEMORY-} != *--no-huge* ]] || skip "no huge pages, which ovs-vswitchd cannot do without"
	plugin=$("$ROOT/scripts/plugin-path.sh")
	mkdir -p $dir /run/dpdk
	mount -t tmpfs tmpfs /run/dpdk # its telemetry socket is of this case
	export OVS_RUNDIR=$dir OVS_DBDIR=$dir OVS_LOGDIR=$dir
	ovsdb-tool create $dir/conf.db /usr/share/openvswitch/vswitch.ovsschema
	ovsdb-server --remote=punix:$dir/db.sock --no-chdir $dir/conf.db >$dir/ovsdb.log 2>&1 &
	wait_for 10 ovs-vsctl --no-wait --timeout=5 init || fail "ovsdb-server does not start"
	vsctl --no-wait set Open_vSwitch . other_config:dpdk-init=true "other_config:dpdk-extra=--no-pci -d $plugin"
}

vswitchd_start() {
	record_command ovs-vswitchd
	"$vswitchd" --no-chdir --unixctl=$OVS_RUNDIR/ctl --log-file=$LOG >/dev/null 2>&1 &
	VSWITCHD=$!
	wait_for 60 ovs-appctl -t $OVS_RUNDIR/ctl version || fail "ovs-vswitchd does not answer"
}

add_port() { # NAME NUMBER
	vsctl add-port br0 $1 -- set Interface $1 type=dpdk \
		"options:dpdk-devargs=${DRIVER}$2,iface=xsk$2" options:n_rxq=2
}
bridge_start() {
	ovs_hosts
	ovs_database
	LOG=$OVS_RUNDIR/ovs-vswitchd.log
	vswitchd_start
	vsctl add-br br0 -- set bridge br0 datapath_type=netdev
	add_port left 0
	add_port right 1
	hosts_talk
}

# What ovs-vswitchd warns of that is not the driver's to mend: huge pages of sizes that there are not, telemetry, what a
# veth has not, and that a busy machine keeps it waiting.
not_ours='No free [0-9]* kB hugepages|TELEMETRY: No legacy callbacks|Rx checksum offload is not supported on port'
not_ours+='|[|]timeval[|]WARN|waiting for main to quiesce'

bridge_end() { # [PATTERN]: what it was made to complain of
	local words
	ovs-appctl -t $OVS_RUNDIR/ctl exit >/dev/null
	wait_for 20 is_gone $VSWITCHD || fail "ovs-vswitchd does not end"
	words=$(grep -E '\|(WARN|ERR|EMER)\|' $LOG | grep -vE "$not_ours${1:+|$1}" || true)
	[ -z "$words" ] || fail "its log has $words"
	kernel_has xsk0 198.18.0.3
}

case_ovs_bridge() {
	bridge_start
	# the bridge's own address: a tap device, served by another thread than the ports
	ip addr add 198.18.0.4/24 dev br0
	ip link set br0 up
	wait_for 10 in_peer left ping -q -c 10 -i 0.01 -W 1 198.18.0.4 || fail "the bridge itself does not answer"
	ip addr del 198.18.0.4/24 dev br0 # ovs-vswitchd leaves the device when it ends
	in_peer left ip link set kern0 down
	wait_for 20 link_is down || fail "it does not see that the link is down"
	in_peer left ip link set kern0 up
	wait_for 20 link_is up || fail "it does not see that the link is up"
	hosts_talk
	tcp_stream 198.18.0.2
	bridge_end
}

link_is() { [ "$(ovs-vsctl --timeout=5 get Interface left link_state)" = $1 ]; }

# What the datapath says of the port left, as far as it was granted: "configured_rx_queues=1, ..., mtu=1500, ..."
left_says() { ovs-appctl -t $OVS_RUNDIR/ctl dpif/show | grep -E "^ *left .*[ (]$1[,)]" >/dev/null; }
left_is() {
	wait_for 20 left_says "$1" || fail "the port is not $1: $(ovs-appctl -t $OVS_RUNDIR/ctl dpif/show | grep left)"
}

case_ovs_reconfigure() {
	local size attached
	bridge_start
	# A veth has no RSS: what its peer sends by the second queue is received in the second.
	in_peer left ethtool -L kern0 tx 1
	vsctl set Interface left options:n_rxq=1
	left_is configured_rx_queues=1
	hosts_talk
	vsctl set Interface left options:n_rxq=2
	left_is configured_rx_queues=2
	in_peer left ethtool -L kern0 tx 2
	hosts_talk
	vsctl set Interface left options:n_rxq=42
	left_is requested_rx_queues=42
	left_is configured_rx_queues=2
	hosts_talk
	attached=$(grep -c "'${DRIVER}0,.*attached" $LOG)
	[ $attached = 1 ] || fail "the port was attached $attached times"
	vsctl set Interface left options:n_rxq_desc=512 options:n_txq_desc=1024
	left_is configured_rxq_descriptors=512
	left_is configured_txq_descriptors=1024
	hosts_talk
	for size in 3000 $(! linux_is 6.6 || echo 9000); do # from there on, frames of several buffers
		in_peer left ip link set kern0 mtu $size
		in_peer right ip link set kern1 mtu $size
		vsctl set Interface left mtu_request=$size -- set Interface right mtu_request=$size
		left_is mtu=$size
		wait_for 15 has_mtu xsk1 $size || fail "the kernel does not know of the MTU $size"
		hosts_talk
		in_peer left ping -q -c 5 -i 0.01 -W 1 -M 'do' -s $((size - 28)) 198.18.0.2 >/dev/null ||
			fail "pings of $size bytes get lost"
	done
	# One queue less than the interface has, without RSS: of that it warns, rightly.
	bridge_end 'xsk0 has 2 Rx queues, the port receives on 1'
}
has_mtu() { [ "$(cat /sys/class/net/$1/mtu)" = $2 ]; }

case_ovs_restart() {
	bridge_start
	kill -KILL $VSWITCHD
	{ wait $VSWITCHD; } 2>/dev/null || true
	rm -f $OVS_RUNDIR/ctl
	vswitchd_start
	hosts_talk
	vsctl del-port br0 left
	wait_for 5 has_no_xdp xsk0 || fail "an XDP program is left on xsk0"
	add_port left 0
	hosts_talk
	bridge_end 'xlate_key failed' # a flow that is looked at while its port is deleted
}
