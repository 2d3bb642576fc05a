#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Brings Debian packages:  setup.sh [build|demo|test|apps|bench|docs|matrix|root|drop-in|deb|vm]
# (default: test, which has the first three)
#
# As root it installs what is missing or too old; as any other user it only says what that is.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

case ${1:-test} in
build) classes='build' ;;
demo) classes='build demo' ;;
test) classes='build demo test' ;;
apps) classes='build demo test apps' ;;
bench) classes='build demo bench' ;;
docs) classes='docs' ;;
matrix) classes='build demo matrix' ;;
root) classes="build demo root $(. /etc/os-release && echo "$VERSION_CODENAME")" ;;
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
policy=/usr/sbin/policy-rc.d
forbid_services() {
	[ ! -e $policy ] || return 0
	printf '#!/bin/sh\n# made by %s for the time of an installation\nexit 101\n' "$ROOT/scripts/setup.sh" >$policy.new
	chmod 755 $policy.new
	mv $policy.new $policy
}
allow_services() { ! grep -q '^# made by .*/scripts/setup.sh for the time' $policy 2>/dev/null || rm -f $policy; }
disable_services() {
	local package
	for package in openvswitch-switch-dpdk:openvswitch-switch collectd-core:collectd; do
		[[ " ${wanted[*]} " != *" ${package%:*} "* ]] || update-rc.d ${package#*:} disable >>"$log" 2>&1 ||
			say "${package#*:} may start at boot: see $log"
	done
}

mapfile -t wanted < <(missing)
[ ${#wanted[@]} -gt 0 ] || exit 0

is_root || die "missing or too old: ${wanted[*]} (as root: scripts/setup.sh, or apt-get install ${wanted[*]})"

export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 LC_ALL=C
mkdir -p "$ROOT/.cache"
log=$ROOT/.cache/setup.log
errors=$(mktemp)
: >"$log"
tail -n 0 -F "$log" 2>/dev/null | sed -un 's/^\(Get:[0-9]* .*\|Setting up .*\)/    \1/p' >&2 &
progress=$!
trap 'kill $progress 2>/dev/null || true; rm -f "$errors"; allow_services' EXIT
forbid_services

# An interrupted install first: apt refuses to work before it.
patiently dpkg --configure -a || say "dpkg --configure -a failed: trying on"
apt-get install -s --no-install-recommends "${wanted[@]}" >/dev/null 2>&1 || update_lists
say "installing ${#wanted[@]} packages and what they need: ${wanted[*]}"
# A list from before the archive's last change names files that are gone: then once more with a new list.
install "${wanted[@]}" || {
	update_lists
	install -f "${wanted[@]}" || {
		tail -n 30 "$log" >&2
		die "apt-get install failed (all of it: $log)"
	}
}
disable_services
mapfile -t wanted < <(missing)
[ ${#wanted[@]} -eq 0 ] || die "this release has no or too old: ${wanted[*]} (see scripts/packages.txt)"
say "packages ready"
