/* SPDX-License-Identifier: BSD-3-Clause */

/* Bursts around the bursts: what few applications ask for, chosen at start, so that the others
 * pay nothing for it. What they need of a queue stands behind the queue.
 */

#ifndef _XSKPMD_WRAP_H_
#define _XSKPMD_WRAP_H_

#include <rte_mbuf_ptype.h>
#include <rte_spinlock.h>

#include "xskpmd_rxtx.h"

/** Layers that packet types are found of. */
#define XSKPMD_PTYPE_LAYERS (RTE_PTYPE_L2_MASK | RTE_PTYPE_L3_MASK | RTE_PTYPE_L4_MASK)

/** Every receive queue is allocated as one of these. */
struct xskpmd_wrap_rxq {
	struct xskpmd_rxq rxq; /**< the first: what ethdev and the inner burst take for the queue */
	uint32_t layers;       /**< RTE_PTYPE_L*_MASK. lcore: ro, control: rw at any time */
};

/** Every transmit queue is allocated as one of these. */
struct xskpmd_wrap_txq {
	struct xskpmd_txq txq; /**< the first */
	rte_spinlock_t lock;   /**< of the rings, with RTE_ETH_TX_OFFLOAD_MT_LOCKFREE */
};

/** Choose the Rx burst; see xskpmd_rx_burst_select(). @param ptypes  it finds packet types */
const struct xskpmd_burst *xskpmd_wrap_rx_select(bool sg, bool track, bool ptypes);

/** Choose the Tx burst; see xskpmd_tx_burst_select().
 *  @param mt  several threads may send on a queue at once */
const struct xskpmd_burst *xskpmd_wrap_tx_select(bool sg, bool mt);

/** The packet types that are found, and RTE_PTYPE_UNKNOWN behind the last. @param n  set to their
 *  number, without that one */
const uint32_t *xskpmd_wrap_ptypes(size_t *n);

#endif /* _XSKPMD_WRAP_H_ */
