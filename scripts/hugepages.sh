#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Makes sure that MiB of huge pages are free:  hugepages.sh [MiB]   (default 256)
# Gives back what it reserved:                 hugepages.sh release
#
# Prints the EAL options to use: nothing when huge pages are there, --no-huge when this machine has none to give.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

record=/run/xskpmd/hugepages # what to undo: "count FILE HOW-MANY-MORE" and "mount DIR" lines
sysfs=/sys/kernel/mm/hugepages

remember() {
	install -d -m 755 "${record%/*}"
	echo "$*" >>"$record"
}

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

# What cannot be undone, as others use it, stays in the record for the next time.
release() {
	local what where count kept=
	[ -e "$record" ] || return 0
	while read -r what where count; do
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
			kept+="$what $where $count"$'\n'
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
if [ "${1:-}" = release ]; then
	release
	exit
fi

need=${1:-256}
[ -d "$sysfs" ] || no_huge "this kernel has none"
available=$(free_mib)
if [ "$available" -lt "$need" ]; then
	size=$(sed -n 's/^Hugepagesize: *\([0-9]*\) kB/\1/p' /proc/meminfo)
	[ ! -d "$sysfs/hugepages-2048kB" ] || size=2048
	file=$sysfs/hugepages-${size}kB/nr_hugepages
	is_root && [ -w "$file" ] || no_huge "$available MiB free, $need needed, and only root can reserve more"
	before=$(cat "$file")
	more=$(((need - available) * 1024 / size + 1))
	{ echo $((before + more)) >"$file"; } 2>/dev/null || true
	if [ "$(free_mib)" -lt "$need" ]; then
		{ echo "$before" >"$file"; } 2>/dev/null || true
		no_huge "this machine gives $(free_mib) MiB of the $need needed"
	fi
	remember count "$file" $more
	say "huge pages: reserved $more more of $size KiB (undo: scripts/hugepages.sh release)"
fi
mount_hugetlbfs
