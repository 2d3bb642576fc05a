#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Makes sure that MiB of huge pages are free:  hugepages.sh [MiB]   (default 256)
# Gives back what it reserved:                 hugepages.sh release
#
# Prints the EAL options to use: nothing when huge pages are there, --no-huge when this machine has none to give.
#
#   HUGE_OWNER=PID   on behalf of this process: what is reserved is not for others, until it is released for the same
#                    process, or that has ended (scripts/lib.sh, huge_pages)
set -euo pipefail
. "$(dirname "$0")/lib.sh"

record=/run/xskpmd/hugepages # "OWNER count FILE HOW-MANY-MORE", "OWNER mount DIR": what to undo; "OWNER use"
owner=${HUGE_OWNER:--}
sysfs=/sys/kernel/mm/hugepages

remember() { echo "$owner $*" >>"$record"; }

no_huge() {
	say "huge pages: $*: using --no-huge"
	echo "--no-huge -m 512"
	exit 0
}

free_mib() {
	local dir sum=0 kib
	for dir in "$sysfs"/hugepages-*kB; do
		[ -d "$dir" ] || continue
		kib=${dir##*-}
		sum=$((sum + $(cat "$dir/free_hugepages") * ${kib%kB} / 1024))
	done
	echo $sum
}

mount_hugetlbfs() {
	! grep -q ' hugetlbfs ' /proc/mounts || return 0
	is_root || no_huge "no hugetlbfs is mounted (root can: scripts/hugepages.sh)"
	mkdir -p /dev/hugepages 2>/dev/null && mount -t hugetlbfs hugetlbfs /dev/hugepages 2>/dev/null ||
		no_huge "hugetlbfs cannot be mounted here"
	remember mount /dev/hugepages
	say "huge pages: mounted hugetlbfs on /dev/hugepages (undo: scripts/hugepages.sh release)"
}

lives() { [ "$1" != - ] && [ -e "/proc/$1" ]; } # OWNER
# others OWNER [hand]: whether another process uses pages, and is at work; or somebody has reserved some by hand.
others() {
	local pid what
	while read -r pid what _; do
		[ "$what" != mount ] && [ "$pid" != "$1" ] || continue
		! lives "$pid" && [ "${2:-}$pid" != hand- ] || return 0
	done < <(cat "$record" 2>/dev/null)
	return 1
}

# release OWNER: what is of it, or of processes that have ended. What cannot be undone, as others use it, stays in the
# record for the next time.
release() {
	local pid what where count keep kept=
	[ -e "$record" ] || return 0
	while read -r pid what where count; do
		if [ "$what" = mount ]; then
			keep=$(others "$1" hand || [ "$pid$1" = -ended ] && echo yes) || true
		else
			keep=$([ "$pid" = "$1" ] || { [ "$pid" != - ] && ! lives "$pid"; } || echo yes)
		fi
		if [ "$keep" ]; then
			kept+="$pid $what $where $count"$'\n'
			continue
		fi
		case $what in
		count)
			count=$(($(cat "$where") - count))
			echo $((count > 0 ? count : 0)) >"$where" && say "huge pages: back to $(cat "$where") in $where"
			;;
		mount)
			! grep -q " $where hugetlbfs " /proc/mounts ||
				{ umount "$where" 2>/dev/null && say "huge pages: unmounted $where"; }
			;;
		esac || {
			say "huge pages: $where is still in use: left as it is"
			kept+="$pid $what $where $count"$'\n'
		}
	done <"$record"
	if [ -n "$kept" ]; then
		printf %s "$kept" >"$record"
	else
		rm -f "$record"
	fi
}

if [ $# -gt 1 ] || [[ ! ${1:-256} =~ ^(release|[1-9][0-9]{0,6})$ ]]; then
	sed -n '3,7s/^# \{0,1\}//p' "$0" >&2
	exit 2
fi
if is_root; then
	install -d -m 755 "${record%/*}"
	exec 9>"${record%/*}/lock"
	flock -w 60 9 || die "another hugepages.sh is at work"
fi
if [ "${1:-}" = release ]; then
	is_root || die "only root has reserved any"
	release "$owner"
	! others "$owner" || say "huge pages: some are left to runs that are at work"
	exit
fi

need=${1:-256}
[ -d "$sysfs" ] || no_huge "this kernel has none"
! is_root || release ended # nobody's name
available=$(free_mib)
! others "$owner" || available=0 # what is free is theirs
[ "$owner" = - ] || ! is_root || remember use
if [ "$available" -lt "$need" ]; then
	size=$(sed -n 's/^Hugepagesize: *\([0-9]*\) kB/\1/p' /proc/meminfo)
	[ ! -d "$sysfs/hugepages-2048kB" ] || size=2048
	file=$sysfs/hugepages-${size}kB/nr_hugepages
	is_root && [ -w "$file" ] || no_huge "$available MiB free, $need needed, and only root can reserve more"
	before=$(cat "$file")
	more=$(((need - available) * 1024 / size + 1))
	{ echo $((before + more)) >"$file"; } 2>/dev/null || true
	if [ "$(cat "$file")" -lt $((before + more)) ]; then
		{ echo "$before" >"$file"; } 2>/dev/null || true
		no_huge "this machine does not give $more more of $size KiB"
	fi
	remember count "$file" "$more"
	say "huge pages: reserved $more more of $size KiB (undo: scripts/hugepages.sh release)"
fi
mount_hugetlbfs
