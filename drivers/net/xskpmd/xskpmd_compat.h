/* SPDX-License-Identifier: BSD-3-Clause */

/* Differences between releases, and nothing else: UAPI that the distribution's
 * kernel headers may lack, and DPDK interfaces that changed.
 */

#ifndef _XSKPMD_COMPAT_H_
#define _XSKPMD_COMPAT_H_

#include <linux/if_xdp.h>
#include <sys/socket.h>

#include <rte_version.h>

/* Linux 6.6: multi-buffer. */
#ifndef XDP_USE_SG
#define XDP_USE_SG (1 << 4)
#endif
#ifndef XDP_PKT_CONTD
#define XDP_PKT_CONTD (1 << 0)
#endif

/* Linux 6.18: packets that one sendto() in copy mode may send. */
#ifndef XDP_MAX_TX_SKB_BUDGET
#define XDP_MAX_TX_SKB_BUDGET 9
#endif

/* Linux 5.11: preferred busy polling. */
#ifndef SO_PREFER_BUSY_POLL
#define SO_PREFER_BUSY_POLL 69
#endif
#ifndef SO_BUSY_POLL_BUDGET
#define SO_BUSY_POLL_BUDGET 70
#endif

#ifndef AF_XDP
#define AF_XDP 44
#endif
#ifndef SOL_XDP
#define SOL_XDP 283
#endif

/* DPDK 24.03: rte_eth_tx_queue_count(). */
#if RTE_VERSION >= RTE_VERSION_NUM(24, 3, 0, 0)
#define XSKPMD_SET_TX_QUEUE_COUNT(dev, fn) ((dev)->tx_queue_count = (fn))
#else
#define XSKPMD_SET_TX_QUEUE_COUNT(dev, fn) RTE_SET_USED(fn)
#endif

#endif /* _XSKPMD_COMPAT_H_ */
