/* SPDX-License-Identifier: BSD-3-Clause */

/* The kernel's generic netlink family "netdev" (Linux 6.3): what an interface's driver can
 * do for XDP, which NAPI instance serves a queue, and the settings of one NAPI instance.
 *
 * Part of the netdev room: all functions are for control threads, return 0 or -errno, and
 * log nothing. -EOPNOTSUPP: the kernel lacks the family, the command or the attribute.
 * They do not block: the kernel answers before the request returns.
 */

#ifndef _XSKPMD_GENL_H_
#define _XSKPMD_GENL_H_

#include <stdbool.h>
#include <stdint.h>

#include "xskpmd_netdev.h"

/** What a driver says that it can do. Bits: NETDEV_XDP_ACT_* and so on, xskpmd_compat.h. */
struct xskpmd_xdp_features {
	uint64_t xdp;           /**< NETDEV_XDP_ACT_*; 0: no XDP in the driver (Linux 6.3) */
	uint64_t rx_metadata;   /**< NETDEV_XDP_RX_METADATA_* (Linux 6.8) */
	uint64_t xsk;           /**< NETDEV_XSK_FLAGS_* (Linux 6.8) */
	uint32_t zc_max_segs;   /**< descriptors per packet in zero-copy mode (Linux 6.6); 0: unsaid */
};

/** Settings of one NAPI instance. Times in nanoseconds. */
struct xskpmd_napi {
	uint32_t id;
	int ifindex;
	uint32_t irq;                 /**< 0: none of its own */
	uint32_t pid;                 /**< of its kernel thread; 0: not threaded */
	uint32_t defer_hard_irqs;     /**< Linux 6.13 */
	uint64_t gro_flush_timeout;   /**< Linux 6.13 */
	uint64_t irq_suspend_timeout; /**< Linux 6.13 */
	bool has_settings;            /**< the three above are known, and can be set */
};

/** @return 0; -EOPNOTSUPP before Linux 6.3; -ENODEV */
int xskpmd_netdev_xdp_features(const struct xskpmd_netdev *nd, struct xskpmd_xdp_features *f);

/** Whether the interface may grant zero-copy; true if it does not say (before Linux 6.3). */
bool xskpmd_netdev_has_zero_copy(const struct xskpmd_netdev *nd);

/** The NAPI instance of a receive (or transmit) queue.
 *  @return 0; -ENOENT if the queue has none now (veth: always); -EOPNOTSUPP before Linux 6.8 */
int xskpmd_netdev_queue_napi(const struct xskpmd_netdev *nd, uint32_t queue, bool tx,
			     uint32_t *napi_id);

/** @return 0; -ENOENT if there is no such instance (any more) */
int xskpmd_napi_get(const struct xskpmd_netdev *nd, uint32_t napi_id, struct xskpmd_napi *napi);

/** All instances of the interface; as many as fit.
 *  @return their number, or -errno */
int xskpmd_napi_list(const struct xskpmd_netdev *nd, struct xskpmd_napi *napis, unsigned int max);

/** Set defer_hard_irqs, gro_flush_timeout and irq_suspend_timeout of napi->id.
 *  They are lost when the driver makes its NAPI instances anew (down/up, channels; on veth
 *  when a program is attached). @return 0, -errno */
int xskpmd_napi_set(const struct xskpmd_netdev *nd, const struct xskpmd_napi *napi);

#endif /* _XSKPMD_GENL_H_ */
