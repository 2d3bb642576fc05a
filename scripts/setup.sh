#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Brings Debian packages:  setup.sh [build|demo|test|apps|bench|docs|matrix|root|drop-in|deb|vm]
# (default: test, which has the first three)
#
# As root it installs what is missing or too old; as any other user it only says what that is.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}") # its own packages are a class
case ${1:-test} in
build) classes='build' ;;
demo) classes='build demo' ;;
test) classes='build demo test' ;;
apps) classes="build demo test apps $codename" ;;
bench) classes='build demo bench' ;;
docs) classes='docs' ;;
matrix) classes='build demo matrix' ;;
root) classes="build demo root $codename" ;;
drop-in) classes='build demo drop-in' ;;
deb) classes='build demo deb' ;;
vm) classes='build demo vm' ;;
*) die "usage: setup.sh [build|demo|test|apps|bench|docs|matrix|root|drop-in|deb|vm]" ;;
esac
have dpkg-query || die "not a Debian system: install the like of scripts/packages.txt by hand, then scripts/build.sh"

# Prints the packages that are not installed whole, or older than packages.txt asks for.
missing() {
	local name least class version
	local -A installed
	while read -r name version; do
		installed[$name]=$version
	done < <(dpkg-query -W -f '${db:Status-Status} ${Package} ${Version}\n' | sed -n 's/^installed //p')
	while read -r name least class; do
		[[ $name && $name != \#* && " $classes " == *" $class "* ]] || continue
		[[ -z ${DPDK_PREFIX:-} || $name != *dpdk* ]] || continue
		version=${installed[$name]:-}
		if [ -z "$version" ] ||
			{ [ "$least" != - ] && dpkg --compare-versions "$version" lt "$least"; }; then
			echo "$name"
		fi
	done <"$ROOT/scripts/packages.txt"
}

# Runs a package command; waits, up to 5 minutes, while another package manager holds a lock.
patiently() {
	local tries=60
	until "$@" >>"$log" 2>"$errors"; do
		cat "$errors" >>"$log"
		grep -qiE 'could not get lock|unable to (acquire|lock)|locked by another' "$errors" || return 1
		[ $((tries--)) -gt 0 ] || return 1
		[ $tries -ne 59 ] || say "another package manager is at work: waiting"
		sleep 5
	done
}

update_lists() {
	say "apt-get update"
	# A third party's source that fails is not ours to repair: the install tells whether it mattered.
	patiently apt-get update || say "apt-get update met errors: going on with what it got"
}

install() {
	patiently apt-get install -y --no-install-recommends -o Dpkg::Options::=--force-confold "$@"
}

# A package with a service (Open vSwitch, collectd) starts nothing here, now or at boot: the tests start what they need.
# The file that forbids it names the process that made it and the packages, so that a later run can end what one that was
# killed began.
policy=/usr/sbin/policy-rc.d
forbid_services() {
	[ ! -e $policy ] || return 0
	printf '#!/bin/sh\n# made by process %d of net_xskpmd/scripts/setup.sh, to install: %s\nexit 101\n' $$ "$*" >$policy.new
	chmod 755 $policy.new
	mv $policy.new $policy
}
allow_services() {
	local pid names
	read -r pid names < <(sed -n 's,^# made by process \([0-9]*\) of net_xskpmd/.* to install: ,\1 ,p' $policy 2>/dev/null) ||
		return 0
	[ "$pid" = $$ ] || [ ! -e "/proc/$pid" ] || return 0
	[ "$pid" = $$ ] || disable_services "$names"
	rm -f $policy
}
disable_services() { # NAMES: those of these packages
	local package
	for package in openvswitch-switch-dpdk:openvswitch-switch collectd-core:collectd suricata:suricata; do
		[[ " $1 " == *" ${package%:*} "* && -e /etc/init.d/${package#*:} ]] || continue
		update-rc.d "${package#*:}" disable >>"$log" 2>&1 || say "${package#*:} may start at boot: see $log"
	done
}

# offered NAME...: those that this release has
offered() {
	LC_ALL=C apt-cache policy "$@" | sed -n '/^[^ ].*:$/ { s/:$//; h }; /^ *Candidate: [^(]/ { g; p }'
}

log=$ROOT/.cache/setup.log
if is_root; then
	mkdir -p "$ROOT/.cache"
	allow_services
fi
mapfile -t wanted < <(missing)
[ ${#wanted[@]} -gt 0 ] || exit 0

is_root || die "missing or too old: ${wanted[*]} (as root: scripts/setup.sh, or apt-get install ${wanted[*]})"

export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 LC_ALL=C
errors=$(mktemp)
: >"$log"
tail --pid=$$ -n 0 -F "$log" 2>/dev/null | sed -un 's/^\(Get:[0-9]* .*\|Setting up .*\)/    \1/p' >&2 &
progress=$!
trap 'kill $progress 2>/dev/null || true; rm -f "$errors"; allow_services' EXIT
forbid_services "${wanted[*]}"

# An interrupted install first: apt refuses to work before it.
patiently dpkg --configure -a || say "dpkg --configure -a failed: trying on"
apt-get install -s --no-install-recommends "${wanted[@]}" >/dev/null 2>&1 || update_lists
mapfile -t have < <(offered "${wanted[@]}")
say "installing ${#have[@]} packages and what they need: ${have[*]}"
# A list from before the archive's last change names files that are gone: then once more with a new list.
install "${have[@]}" || {
	update_lists
	install -f "${have[@]}" || {
		tail -n 30 "$log" >&2
		die "apt-get install failed (all of it: $log)"
	}
}
disable_services "${have[*]}"
mapfile -t wanted < <(missing)
[ ${#wanted[@]} -eq 0 ] || die "this release has no or too old: ${wanted[*]} (see scripts/packages.txt)"
say "packages ready"
