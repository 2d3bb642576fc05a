# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# collectd's dpdkstat: a secondary process that reads the counters of a primary's ports. Sourced by test-apps.sh.

about collectd long collectd collectd-core 'dpdkstat beside testpmd: the counters of the port in files'
remark collectd 'In `collectd.conf`, within `<Plugin dpdkstat>` and `<EAL>`: `RteDriverLibPath` is the plugin, `FilePrefix` the
application'\''s ("rte" if it names none). It cannot be kept from asking for PCI devices (`--no-pci`), which does nothing to
those that the application does not have.'

collectd_conf() { # FOLDER
	cat <<-END
		Hostname "host"
		FQDNLookup false
		Interval 1
		BaseDir "$1"
		PIDFile "$1/pid"
		TypesDB "/usr/share/collectd/types.db"
		LoadPlugin logfile
		<Plugin logfile>
			File "$1/log"
		</Plugin>
		LoadPlugin csv
		<Plugin csv>
			DataDir "$1/csv"
		</Plugin>
		LoadPlugin dpdkstat
		<Plugin dpdkstat>
			<EAL>
				Coremask "0x1"
				MemoryChannels "4"
				FilePrefix "rte"
				LogLevel "7"
				RteDriverLibPath "$("$ROOT/scripts/plugin-path.sh")"
			</EAL>
			SharedMemObj "dpdk_collectd_stats_0"
			EnabledPortMask 0xffff
			PortName "xsk0"
		</Plugin>
	END
}

case_collectd() {
	local dir=$BUILD/run/collectd collectd
	shared_memory
	mount -t tmpfs tmpfs /dev/shm # its shared memory object is of this case
	mount -t tmpfs tmpfs /sys/bus/pci/devices # no device of the machine
	one_host
	testpmd_start primary "${DRIVER}0,iface=xsk0" -- --forward-mode=icmpecho --auto-start || fail "testpmd did not start"
	# shellcheck disable=SC2034 # for said()
	SAID=1
	echoes "before collectd"
	mkdir -p $dir
	collectd_conf $dir >$dir/conf
	collectd -f -C $dir/conf >$dir/said 2>&1 &
	collectd=$!
	LOG=$dir/log
	wait_for 30 has_files $dir || fail "no files: $(tail -n 3 $dir/said)"
	in_peer left ping -q -c 100 -i 0.01 -W 1 198.18.0.2 >/dev/null || fail "an echo is missing beside collectd"
	wait_for 15 has_counted $dir if_rx_packets-rx_q0_packets || fail "it does not count what was received"
	wait_for 15 has_counted $dir if_tx_packets-tx_q0_packets || fail "it does not count what was sent"
	kill -TERM $collectd
	wait_for 20 is_gone $collectd || fail "collectd does not end"
	# shellcheck disable=SC2034 # for said()
	LOG=$BUILD/run/primary.log
	echoes "after collectd"
	leaves
}
has_files() { compgen -G "$1/csv/host/dpdkstat-xsk0/if_rx_packets-rx_q0_packets-*" >/dev/null; }
# has_counted FOLDER COUNTER: 100 or more, in the last line "time,value" of its file
has_counted() { [ "$(tail -q -n 1 "$1"/csv/host/dpdkstat-xsk0/$2-* | cut -d , -f 2 | cut -d . -f 1)" -ge 100 ]; }
