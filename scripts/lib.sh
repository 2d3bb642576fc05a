# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# What the scripts of this folder share. Sourced, never run:  . "$(dirname "$0")/lib.sh"

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
: "${BUILD:=$ROOT/build}"

# make DPDK_PREFIX=/opt/dpdk ...: with a DPDK installed there instead of the distribution's.
if [ -n "${DPDK_PREFIX:-}" ]; then
	LD_LIBRARY_PATH=$DPDK_PREFIX/lib/$(uname -m)-linux-gnu:$DPDK_PREFIX/lib64:$DPDK_PREFIX/lib
	PKG_CONFIG_PATH=${LD_LIBRARY_PATH//://pkgconfig:}/pkgconfig
	PATH=$DPDK_PREFIX/bin:$PATH
	export DPDK_PREFIX LD_LIBRARY_PATH PKG_CONFIG_PATH PATH
fi

# ---- words ----

# say TEXT: a line of progress, on stderr, so that a script's stdout stays its result.
say() { printf '==> %s\n' "$*" >&2; }
die() { printf '%s: error: %s\n' "${0##*/}" "$*" >&2; exit 1; }

have() { command -v "$1" >/dev/null 2>&1; }
is_root() { [ "$(id -u)" -eq 0 ]; }

# ---- what runs share ----

# alone NAME SECONDS: of the runs in this clone that share NAME, one at a time, until this script and its children end.
# In somebody else's clone, where that cannot be noted: as it comes.
alone() {
	local file=$ROOT/.cache/$1.lock fd
	{ mkdir -p "${file%/*}" && [ -e "$file" ] || : >"$file"; } 2>/dev/null || return 0
	exec {fd}<"$file"
	flock -w "$2" "$fd" || die "another run is at work on $1 in this clone"
}

# huge_pages MIB: sets EAL_MEMORY, the options that EAL needs for so much; what had to be reserved goes back when this
# script ends, or, if that is by SIGKILL, when another one asks for some.
huge_pages() {
	! is_root || trap 'HUGE_OWNER=$$ "$ROOT/scripts/hugepages.sh" release 2>/dev/null || true' EXIT # the sum comes last
	EAL_MEMORY=$(HUGE_OWNER=$$ "$ROOT/scripts/hugepages.sh" "$1")
	export EAL_MEMORY
}

# ---- a place of our own ----
# Network, mount and process namespaces without names: all of it, programs included, is gone with the last
# process, even when the script is killed by SIGKILL.

# isolated COMMAND...: runs it there, and ends it when this script ends, however that happens.
isolated() {
	local child status=0
	is_root || die "needs root, for network namespaces and BPF"
	mkdir -p "$BUILD/run"
	setpriv --pdeathsig KILL unshare --net --mount --pid --fork --kill-child=KILL --mount-proc \
		bash -c '
			set -e
			mount -t sysfs sysfs /sys # the one of this network namespace
			mount -t bpf bpf /sys/fs/bpf 2>/dev/null || true
			mount -t tmpfs tmpfs "$1/run" # logs and sockets
			ip link set lo up
			echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6 # no frames but those sent
			shift
			# No exec: timeout of coreutils 9.10 does not work as the first process of a namespace.
			"$@" || exit $?' isolated "$BUILD" "$@" </dev/null &
	child=$!
	# shellcheck disable=SC2064 # this child
	trap "{ kill -KILL $child; wait $child; } 2>/dev/null || true; say interrupted; exit 130" INT TERM HUP
	wait $child || status=$?
	trap - INT TERM HUP
	return $status
}

# peer NAME: a further network namespace, known by the pid of its only process; in_peer NAME COMMAND... runs there.
declare -A PEER
peer() {
	local own try
	own=$(readlink /proc/self/ns/net)
	unshare --net sleep infinity &
	PEER[$1]=$!
	for try in {1..100}; do
		[ "$(readlink "/proc/${PEER[$1]}/ns/net")" = "$own" ] || break
		sleep 0.01
	done
	[ "$try" -lt 100 ] || die "no network namespace to be had"
	in_peer "$1" bash -c '
		ip link set lo up
		echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6'
}
in_peer() { nsenter --net="/proc/${PEER[$1]}/ns/net" "${@:2}"; }

# veth HERE PEER THERE ADDRESS: a cable from device HERE, which DPDK takes, to THERE in the peer, which has an address.
veth() {
	ip link add "$1" type veth peer name "$3" netns "${PEER[$2]}"
	plug "$@"
}
# plug: the same of a cable that is there, both ends up
plug() {
	ip link set "$1" up
	in_peer "$2" ip addr add "$4" dev "$3"
	in_peer "$2" ip link set "$3" up
	# A plain socket would hand over frames whose checksum the device is to finish, and no device does.
	in_peer "$2" ethtool -K "$3" tx off >/dev/null
}

mac() { cat "/sys/class/net/$1/address"; }

# packets PEER DEVICE rx|tx: its packet counter. /proc/net/dev is of the namespace of the process that reads it.
packets() {
	in_peer "$1" awk -v dev="$2:" -v column="$([ "$3" = rx ] && echo 3 || echo 11)" \
		'$1 == dev { print $column }' /proc/net/dev
}

# wait_for SECONDS COMMAND...: until it succeeds
wait_for() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.05
	done
}

# ---- DPDK applications ----

# cpu N: the N-th processor this process may use, and again the first when there are not as many
cpu() {
	local list
	mapfile -t list < <(taskset -pc $$ | sed 's/.*: //' | tr , '\n' |
		awk -F- '{ for (i = $1; i <= ($2 == "" ? $1 : $2); i++) print i }')
	echo "${list[$1 % ${#list[@]}]}"
}

# eal_options: sets EAL, the options that every application here is run with.
# Two lcores, or those of EAL_LCORES; no devices but the vdevs named; nothing in /run or hugetlbfs that would outlive the
# application.
eal_options() {
	local plugin memory
	plugin=$("$ROOT/scripts/plugin-path.sh") || exit 1
	EAL=(--lcores "${EAL_LCORES:-0@$(cpu 0),1@$(cpu 1)}" --no-pci "${EAL_TELEMETRY:---no-telemetry}" -d "$plugin")
	read -ra memory <<<"${EAL_MEMORY---no-huge -m 512}"
	if [ "${EAL_SHARED:-}" ]; then # with other processes: a folder of hugetlbfs
		EAL+=(--huge-dir "$EAL_SHARED" -m 96)
	elif [ ${#memory[@]} -gt 0 ]; then
		EAL+=(--no-shconf "${memory[@]}")
	else
		EAL+=(--in-memory)
	fi
	EAL_WORDS=${EAL[*]}
}

# record_command WORD...: what a user would type for it goes to the file COMMANDS, if there is one to be written.
# There, options that only keep a test apart from the machine (memory, lcores, no telemetry) are a user's own.
record_command() {
	local word plugin line=''
	[ "${COMMANDS:-}" ] || return 0
	plugin=$("$ROOT/scripts/plugin-path.sh")
	for word in "$@"; do
		[[ $word =~ ^[a-zA-Z0-9_=,./:@+-]+$ ]] || word="\"$word\""
		line+=" $word"
	done
	line=${line/" ${EAL_WORDS:-none} "/" ${EAL_LCORES:+-l 0 }\$(scripts/hugepages.sh 256) -d $plugin --no-pci "}
	line=${line//"$plugin"/\$(scripts/plugin-path.sh)}
	line=${line//"$BUILD/run/"}
	echo "${line# }" >>"$COMMANDS"
}

# testpmd_start NAME VDEV... -- [TESTPMD OPTION]...: interactive; testpmd_do gives it commands, LOG is what it says
testpmd_start() {
	local name=$1
	shift
	eal_options
	while [ "$1" != -- ]; do
		EAL+=(--vdev "$1")
		shift
	done
	shift
	LOG=$BUILD/run/$name.log
	record_command dpdk-testpmd "${EAL[@]}" -- -i --total-num-mbufs=16384 "$@"
	mkfifo "$BUILD/run/$name.in"
	stdbuf -oL dpdk-testpmd "${EAL[@]}" -- -i --total-num-mbufs=16384 "$@" \
		<"$BUILD/run/$name.in" >"$LOG" 2>&1 &
	TESTPMD=$!
	exec {TESTPMD_IN}>"$BUILD/run/$name.in"
	wait_for 30 testpmd_is_ready && kill -0 $TESTPMD 2>/dev/null &&
		! grep -q 'No probed ethernet devices' "$LOG"
}
testpmd_is_ready() { grep -q '^testpmd>' "$LOG" || ! kill -0 $TESTPMD; }
testpmd_do() { printf '%s\n' "$@" >&"$TESTPMD_IN"; }
testpmd_quit() {
	testpmd_do quit
	exec {TESTPMD_IN}>&-
	wait_for 20 eval "! kill -0 $TESTPMD" || kill -KILL $TESTPMD
	wait $TESTPMD
}
