/* SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0 */

/* What the XDP program and the driver agree on. */

#ifndef _XSKPMD_BPF_H_
#define _XSKPMD_BPF_H_

/** Name of the map of sockets, in our program and in a program given with
 * `xdp_prog=`: type XSKMAP, key = receive queue of the interface.
 */
#define XSKPMD_XSKS_MAP_NAME "xsks_map"

/** Entries before the driver sets the number of queues of the interface. */
#define XSKPMD_XSKS_MAP_ENTRIES 64

#endif /* _XSKPMD_BPF_H_ */
