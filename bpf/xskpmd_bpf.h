/* SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0 */

/* What the XDP program and the driver agree on. */

#ifndef _XSKPMD_BPF_H_
#define _XSKPMD_BPF_H_

#include <linux/types.h>

/** Name of the map of sockets, in our program and in a program given with
 * `xdp_prog=`: type XSKMAP, key = receive queue of the interface.
 */
#define XSKPMD_XSKS_MAP_NAME "xsks_map"

/** Entries before the driver sets the number of queues of the interface. */
#define XSKPMD_XSKS_MAP_ENTRIES 64

/** VLAN filter of one receive queue. */
struct xskpmd_bpf_vlan {
	__u64 on;        /* 0: every packet passes */
	__u64 vids[64];  /* one bit for each VID that passes */
};

#endif /* _XSKPMD_BPF_H_ */
