/* SPDX-License-Identifier: BSD-3-Clause */

/* Differences between releases, and nothing else: UAPI that the distribution's
 * kernel headers may lack, and DPDK interfaces that changed.
 */

#ifndef _XSKPMD_COMPAT_H_
#define _XSKPMD_COMPAT_H_

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/if_xdp.h>
#include <stddef.h>
#include <stdint.h>
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

/* Linux 6.8: input_xfrm of struct ethtool_rxfh, reserved before: the byte behind hfunc. */
#define XSKPMD_RXFH_XFRM(rxfh) ((uint8_t *)(rxfh) + offsetof(struct ethtool_rxfh, hfunc) + 1)

#ifndef AF_XDP
#define AF_XDP 44
#endif
#ifndef SOL_XDP
#define SOL_XDP 283
#endif

/* DPDK 24.03: rte_eth_tx_queue_count(). */
#if RTE_VERSION >= RTE_VERSION_NUM(24, 3, 0, 0)
#define XSKPMD_HAS_TX_QUEUE_COUNT 1
#define XSKPMD_SET_TX_QUEUE_COUNT(dev, fn) ((dev)->tx_queue_count = (fn))
#define XSKPMD_TX_QUEUE_COUNT(port, queue) rte_eth_tx_queue_count(port, queue)
#else
#define XSKPMD_HAS_TX_QUEUE_COUNT 0
#define XSKPMD_SET_TX_QUEUE_COUNT(dev, fn) RTE_SET_USED(fn)
#define XSKPMD_TX_QUEUE_COUNT(port, queue) ((void)(port), (void)(queue), -ENOTSUP)
#endif

/* DPDK 24.03: dev_supported_ptypes_get() returns the number of types, too. */
#if RTE_VERSION >= RTE_VERSION_NUM(24, 3, 0, 0)
#define XSKPMD_PTYPES_NUMBER(n) , size_t *n
#define XSKPMD_SET_PTYPES_NUMBER(n, value) (*(n) = (value))
#else
#define XSKPMD_PTYPES_NUMBER(n)
#define XSKPMD_SET_PTYPES_NUMBER(n, value) RTE_SET_USED(value)
#endif

/* DPDK 23.03: rte_tel_data_add_dict_u64() has a new name. */
#if RTE_VERSION >= RTE_VERSION_NUM(23, 3, 0, 0)
#define xskpmd_tel_add_uint rte_tel_data_add_dict_uint
#else
#define xskpmd_tel_add_uint rte_tel_data_add_dict_u64
#endif

/* DPDK 25.11: counters per queue are an argument of the op stats_get, which may be NULL. Before,
 * they are fields of rte_eth_stats, by the same names. XSKPMD_STATS_OP() defines the op, from a
 * function that has the argument; XSKPMD_STATS_CALL() calls the op of a device.
 */
#if RTE_VERSION >= RTE_VERSION_NUM(25, 11, 0, 0)
#define XSKPMD_STATS_OP(op, get)                                                                   \
	static int op(struct rte_eth_dev *dev, struct rte_eth_stats *stats,                        \
		      struct eth_queue_stats *queues)                                              \
	{                                                                                          \
		return get(dev, stats, queues);                                                    \
	}
#define XSKPMD_STATS_CALL(dev, stats, queues) ((dev)->dev_ops->stats_get(dev, stats, queues))
#else
#define eth_queue_stats rte_eth_stats
#define XSKPMD_STATS_OP(op, get)                                                                   \
	static int op(struct rte_eth_dev *dev, struct rte_eth_stats *stats)                        \
	{                                                                                          \
		return get(dev, stats, stats);                                                     \
	}
#define XSKPMD_STATS_CALL(dev, stats, queues)                                                      \
	((void)(dev)->dev_ops->stats_get(dev, stats), (dev)->dev_ops->stats_get(dev, queues))
#endif

/* DPDK 25.11: rte_eth_rx_queue_count()'s op returns int. */
#if RTE_VERSION >= RTE_VERSION_NUM(25, 11, 0, 0)
typedef int xskpmd_queue_count;
#else
typedef uint32_t xskpmd_queue_count;
#endif

/* Linux 6.3 to 6.19: linux/netdev.h, the generic netlink family "netdev". The numbers are the
 * kernel's ABI; the header of the distribution may be missing or older than the kernel.
 */
#define XSKPMD_NETDEV_FAMILY "netdev"
#ifndef _LINUX_NETDEV_H
enum {
	NETDEV_XDP_ACT_BASIC = 1 << 0,
	NETDEV_XDP_ACT_REDIRECT = 1 << 1,
	NETDEV_XDP_ACT_NDO_XMIT = 1 << 2,
	NETDEV_XDP_ACT_XSK_ZEROCOPY = 1 << 3,
	NETDEV_XDP_ACT_HW_OFFLOAD = 1 << 4,
	NETDEV_XDP_ACT_RX_SG = 1 << 5,
	NETDEV_XDP_ACT_NDO_XMIT_SG = 1 << 6,
};
enum {
	NETDEV_XDP_RX_METADATA_TIMESTAMP = 1 << 0,
	NETDEV_XDP_RX_METADATA_HASH = 1 << 1,
	NETDEV_XDP_RX_METADATA_VLAN_TAG = 1 << 2,
};
enum {
	NETDEV_XSK_FLAGS_TX_TIMESTAMP = 1 << 0,
	NETDEV_XSK_FLAGS_TX_CHECKSUM = 1 << 1,
	NETDEV_XSK_FLAGS_TX_LAUNCH_TIME_FIFO = 1 << 2,
};
enum {
	NETDEV_CMD_DEV_GET = 1,
	NETDEV_CMD_QUEUE_GET = 10, /* Linux 6.8 */
	NETDEV_CMD_NAPI_GET = 11,  /* Linux 6.8 */
	NETDEV_CMD_NAPI_SET = 14,  /* Linux 6.13 */
};
enum {
	NETDEV_A_DEV_IFINDEX = 1,
	NETDEV_A_DEV_XDP_FEATURES = 3,
	NETDEV_A_DEV_XDP_ZC_MAX_SEGS,
	NETDEV_A_DEV_XDP_RX_METADATA_FEATURES,
	NETDEV_A_DEV_XSK_FEATURES,
};
enum { NETDEV_QUEUE_TYPE_RX, NETDEV_QUEUE_TYPE_TX };
enum {
	NETDEV_A_QUEUE_ID = 1,
	NETDEV_A_QUEUE_IFINDEX,
	NETDEV_A_QUEUE_TYPE,
	NETDEV_A_QUEUE_NAPI_ID,
};
enum {
	NETDEV_A_NAPI_IFINDEX = 1,
	NETDEV_A_NAPI_ID,
	NETDEV_A_NAPI_IRQ,
	NETDEV_A_NAPI_PID,
	NETDEV_A_NAPI_DEFER_HARD_IRQS,
	NETDEV_A_NAPI_GRO_FLUSH_TIMEOUT,
	NETDEV_A_NAPI_IRQ_SUSPEND_TIMEOUT,
};
#endif /* _LINUX_NETDEV_H */

#endif /* _XSKPMD_COMPAT_H_ */
