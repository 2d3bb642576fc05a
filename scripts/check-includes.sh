#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The fence around the data path, and the one direction of the includes.
#
#   check-includes.sh [DRIVER FOLDER]    says what breaks a rule
#   check-includes.sh --self-test        breaks each rule in a copy, and fails when that is not noticed
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# A room and the only headers of ours it may include; the first row that fits a file counts.
# A room that is not here (ethdev, vdev, queue, ...) stands above the others and may include any.
MAY_INCLUDE='
rx*.c       rxtx logs compat
tx*.c       rxtx logs compat
rxtx.h      addr compat
addr.h
logs.h
compat.h
devargs.*   devargs logs compat
'
# A room below the port takes plain arguments: unit tests call it without a port.
BELOW_THE_PORT='umem xsk prog netdev genl ethtool flow'
NOT_BELOW='ethdev devargs'
# The driver's side of ethdev brings rte_eth_devices[] with it.
NOT_IN_DATA_PATH='ethdev_driver.h ethdev_vdev.h'
MAX_LINES=700

broken=0
complain() { # FILE TEXT
	echo "$1: $2"
	broken=1
}

includes() { sed -nE 's/^[[:space:]]*#[[:space:]]*include[[:space:]]*[<"]([^>"]+)[>"].*/\1/p' "$1"; }
code() { gcc -fpreprocessed -dD -E -P "$1" 2>/dev/null; } # without comments
contains() { [[ " $1 " == *" $2 "* ]]; }

check_room() { # FILE
	local file=$1 room=${1##*/xskpmd_} pattern allowed header
	while read -r pattern allowed; do
		# shellcheck disable=SC2053 # the right side is a pattern
		[[ -n $pattern && $room == $pattern ]] || continue
		for header in $(includes "$file" | sed -nE 's/^xskpmd_(.*)\.h$/\1/p'); do
			contains "$allowed" "$header" ||
				complain "$file" "may not include xskpmd_$header.h (it may: ${allowed:-none of ours})"
		done
		break
	done <<<"$MAY_INCLUDE"
	contains "$BELOW_THE_PORT" "${room%.*}" || return 0
	for header in $NOT_BELOW; do
		! includes "$file" | grep -qx "xskpmd_$header.h" ||
			complain "$file" "is below the port: may not include xskpmd_$header.h"
	done
}

check_data_path() { # FILE
	local file=$1 header found
	for header in $NOT_IN_DATA_PATH; do
		! includes "$file" | grep -qx "$header" || complain "$file" "data path: may not include $header"
	done
	! code "$file" | grep -q 'rte_eth_devices' || complain "$file" "data path: may not name rte_eth_devices"
	found=$(code "$file" | grep -oE '\<(pthread|rte_(spin|rw|seq|ticket|mcs|pf)lock)_\w*' | head -n 1) || true
	[ -z "$found" ] || complain "$file" "data path: may not lock ($found)"
	[[ $file == *.c ]] || return 0
	! grep -qE '^[[:space:]]*#[[:space:]]*if' "$file" || complain "$file" "data path: may not fork by #if"
	# A function's name begins a line: who calls the kernel?
	found=$(awk '
		match($0, /^[a-z_0-9]+\(/) { name = substr($0, 1, RLENGTH - 1) }
		/^[ \t].*[^a-z_0-9](sendto|send|sendmsg|recvfrom|recv|recvmsg|poll|ioctl|setsockopt|getsockopt|syscall)\(/ &&
			name !~ /^(rx_wake|tx_kick)/ { print name; exit }' "$file")
	[ -z "$found" ] || complain "$file" "data path: only rx_wake*() and tx_kick*() may enter the kernel, not $found()"
}

check() { # FOLDER
	local file lines
	for file in "$1"/xskpmd_*.[ch]; do
		check_room "$file"
		case ${file##*/xskpmd_} in
		rx*.[ch] | tx*.[ch] | addr.h) check_data_path "$file" ;;
		esac
		lines=$(wc -l <"$file")
		[ "$lines" -le $MAX_LINES ] || complain "$file" "$lines lines, $MAX_LINES at most"
	done
	return $broken
}

# Each line breaks one rule: its name, the file, the text to add.
self_test() {
	local name file text copy failed=0
	copy=$(mktemp -d)
	# shellcheck disable=SC2064 # this folder
	trap "rm -rf '$copy'" EXIT
	while read -r name file text; do
		rm -rf "$copy/driver"
		mkdir "$copy/driver"
		echo '/* rte_eth_devices[], pthread_mutex_lock: a comment may name them */' >"$copy/driver/xskpmd_rx.c"
		"$0" "$copy/driver" >/dev/null || die "a folder without fault was refused"
		printf '%b\n' "$text" >>"$copy/driver/xskpmd_$file"
		if "$0" "$copy/driver" >/dev/null; then
			echo "FAIL fence_catches_$name: not noticed"
			failed=1
		else
			echo "PASS fence_catches_$name"
		fi
	done <<-'BREACHES'
		rx_names_a_port        rx.c       #include "xskpmd_ethdev.h"
		tx_names_the_umem      tx.c       #include "xskpmd_umem.h"
		rxtx_names_a_socket    rxtx.h     #include "xskpmd_xsk.h"
		addr_names_a_queue     addr.h     #include "xskpmd_rxtx.h"
		umem_names_a_port      umem.c     #include "xskpmd_ethdev.h"
		xsk_names_devargs      xsk.h      #include "xskpmd_devargs.h"
		devargs_does_io        devargs.c  #include "xskpmd_netdev.h"
		rx_sees_ethdev         rx.c       #include <ethdev_driver.h>
		tx_sees_all_ports      tx.c       int f(void) { return rte_eth_devices[0].data; }
		rx_locks               rx.c       int f(void) { return pthread_mutex_lock(&m); }
		rx_forks               rx_vec.c   #ifdef X\n#endif
		tx_enters_the_kernel   tx.c       static int\ntx_post(void)\n{\n\treturn sendto(0);\n}
	BREACHES
	seq -f '/* %g */' $((MAX_LINES + 1)) >"$copy/driver/xskpmd_mp.c"
	rm "$copy/driver/xskpmd_tx.c"
	if "$0" "$copy/driver" >/dev/null; then
		echo "FAIL fence_catches_long_file: not noticed"
		failed=1
	else
		echo "PASS fence_catches_long_file"
	fi
	return $failed
}

case ${1:-} in
--self-test) self_test ;;
*) check "${1:-$ROOT/drivers/net/xskpmd}" ;;
esac
