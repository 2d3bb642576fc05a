/* SPDX-License-Identifier: BSD-3-Clause */

/* The two queue structures of the data path, and its bursts.
 *
 * Rx owns the Rx and fill rings, Tx owns the Tx and completion rings; neither
 * structure points to the other, so one lcore may receive on a queue while
 * another transmits on it.
 *
 * Ownership of the fields, in the words used below:
 *   lcore: rw, control: ro    the polling lcore writes, anybody reads (statistics)
 *   lcore: ro, control: rw    written while the queue is stopped, or as one aligned word
 */

#ifndef _XSKPMD_RXTX_H_
#define _XSKPMD_RXTX_H_

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <xdp/xsk.h>

#include <rte_common.h>
#include <rte_debug.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "xskpmd_addr.h"
#include "xskpmd_compat.h"

/** mbufs moved between a ring and the pool in one step. */
#define XSKPMD_BULK 64

/** Smallest Ethernet frame that the kernel sends: its header. */
#define XSKPMD_MIN_FRAME 14

/** Segments per packet in copy mode: MAX_SKB_FRAGS + 1, of Linux's default 17. */
#define XSKPMD_MAX_SEGS 18u

/** A debug build (meson -Ddebug_mbufs=true) records in all modes which mbufs the kernel has. */
#ifdef XSKPMD_DEBUG_MBUFS
#define XSKPMD_TRACK_ALWAYS true
#define XSKPMD_VERIFY(exp) RTE_VERIFY(exp)
#else
#define XSKPMD_TRACK_ALWAYS false
#define XSKPMD_VERIFY(exp) do { } while (0)
#endif

/* The table is of 16-bit numbers rather than bytes: a byte may alias anything, and the compiler
 * would read the queue's fields again after each store.
 */
/** Record that the kernel has been given the mbuf of a slot (give), or has given it back (take). */
static __rte_always_inline void
xskpmd_held_give(uint16_t *held, uint64_t slot)
{
	XSKPMD_VERIFY(held[slot] == 0); /* or somebody freed an mbuf that the kernel has */
	held[slot]++;
}

/** @return false if the kernel does not have that mbuf: it has given it back before */
static __rte_always_inline bool
xskpmd_held_take(uint16_t *held, uint64_t slot)
{
	if (unlikely(held[slot] == 0))
		return false;
	held[slot]--;
	return true;
}

/* The sockets of this process: a queue lies in memory that processes share, a file descriptor
 * belongs to one of them. Read where the kernel is called only.
 */
#define XSKPMD_SLOTS (RTE_MAX_ETHPORTS * RTE_MAX_QUEUES_PER_PORT * 2)
extern int xskpmd_fds[XSKPMD_SLOTS]; /**< -1: not open here. lcore: ro, control: rw */

/** Where in xskpmd_fds the descriptor of a queue is. */
static inline uint32_t
xskpmd_fd_slot(uint16_t port_id, uint16_t queue_id, bool is_tx)
{
	return (port_id * RTE_MAX_QUEUES_PER_PORT + queue_id) * 2 + is_tx;
}

/** Counters of one receive queue. lcore: rw, control: ro. */
struct xskpmd_rxq_stats {
	uint64_t packets;
	uint64_t bytes;
	uint64_t wakeups;    /**< recvfrom() calls */
	uint64_t nombuf;     /**< mbufs that a refill asked for and the pool did not have */
	uint64_t stray;      /**< buffers given back that the kernel did not have, ignored */
	uint64_t too_long;   /**< packets of several buffers that nobody asked for, freed */
};

/** One receive queue: an Rx ring and a fill ring. */
struct xskpmd_rxq {
	/* hot: every burst. lcore: rw */
	struct xsk_ring_cons rx;
	struct xsk_ring_prod fill;
	uint32_t missing;            /**< mbufs that the queue is short of */
	uint32_t refill_at;          /**< refill once so many are missing */

	/* hot: lcore: ro, control: rw */
	struct xskpmd_addr addr;
	struct rte_mempool *pool;
	uint64_t rearm;              /**< port, nb_segs, refcnt of a received mbuf; data_off 0 */
	uint16_t *held;               /**< per slot: the kernel has the mbuf; NULL: not tracked */
	uint32_t fd_slot;
	uint32_t owned;              /**< mbufs the queue owns when none is missing */
	uint16_t size;               /**< nb_rx_desc: so many may wait in the Rx ring; <= owned */
	bool scatter;                /**< the application takes packets of several mbufs */
	bool busy_poll;              /**< an empty ring is polled in the kernel */

	/* a packet of several buffers, of which the last has not come. lcore: rw */
	struct rte_mbuf *first;
	struct rte_mbuf *last;

	struct xskpmd_rxq_stats stats __rte_cache_aligned;

	/* cold: control only */
	struct xskpmd_rxq_stats base __rte_cache_aligned; /**< statistics at the last reset */
	uint64_t offloads;           /**< as set up */
	bool deferred_start;
	uint16_t port_id;
	uint16_t queue_id;
} __rte_cache_aligned;

/** Counters of one transmit queue. lcore: rw, control: ro. */
struct xskpmd_txq_stats {
	uint64_t packets;
	uint64_t bytes;
	uint64_t bad;        /**< packets no ring takes (too short, too long, malformed), freed */
	uint64_t dropped;    /**< packets the kernel took and the device refused (EBUSY) */
	uint64_t stray;      /**< completions of what the kernel did not have, ignored */
	uint64_t copied;     /**< packets copied into mbufs of the UMEM */
	uint64_t nombuf;     /**< bursts cut short: no mbuf to copy into */
	uint64_t full;       /**< bursts cut short: no free descriptor */
	uint64_t kicks;      /**< sendto() calls */
	uint64_t kick_again; /**< of these, the ones that ended with EAGAIN or ENOBUFS */
	uint64_t kick_down;  /**< of these, the ones that ended with ENETDOWN or ENXIO */
	uint64_t kick_error; /**< of these, the ones that ended with any other error */
};

/** One transmit queue: a Tx ring and a completion ring. */
struct xskpmd_txq {
	/* hot: every burst. lcore: rw */
	struct xsk_ring_prod tx;
	struct xsk_ring_cons comp;
	uint32_t free;               /**< descriptors that may be posted */
	uint32_t reclaim_at;         /**< reclaim when fewer than so many are free */
	bool shared;                 /**< mbufs with other owners may be in the ring */

	/* hot: lcore: ro, control: rw */
	bool zero_copy;              /**< granted: the kernel drives the ring by itself */
	bool busy_poll;              /**< preferred: nothing moves but by our calls and a timer's */
	struct xskpmd_addr addr;
	struct rte_mempool *pool;    /**< the UMEM's pool; copies come from it */
	uint32_t seg_span;           /**< longest segment the ring takes less XSKPMD_MIN_FRAME, bytes */
	uint16_t buf_len;            /**< of every mbuf of the pool, bytes */
	uint16_t max_segs;           /**< descriptors per packet */
	uint16_t *held;               /**< per slot: times the kernel has the mbuf */
	uint32_t fd_slot;
	uint16_t size;               /**< descriptors in use at most: nb_tx_desc */

	struct xskpmd_txq_stats stats __rte_cache_aligned;

	/* cold: control only */
	struct xskpmd_txq_stats base __rte_cache_aligned; /**< statistics at the last reset */
	uint64_t offloads;           /**< as set up */
	bool deferred_start;
	uint16_t port_id;
	uint16_t queue_id;
} __rte_cache_aligned;

/* Counters have a line of their own: control reads them without taking the
 * lines that the rings' indices live in. */
static_assert(offsetof(struct xskpmd_rxq, stats) % RTE_CACHE_LINE_SIZE == 0, "rxq: stats line");
static_assert(offsetof(struct xskpmd_txq, stats) % RTE_CACHE_LINE_SIZE == 0, "txq: stats line");
/* The rings of a queue take the first two lines, nothing a reader wants is there. */
static_assert(offsetof(struct xskpmd_rxq, addr) <= 2 * RTE_CACHE_LINE_SIZE, "rxq: hot lines");
static_assert(offsetof(struct xskpmd_txq, addr) <= 2 * RTE_CACHE_LINE_SIZE, "txq: hot lines");

/** A burst and the name under which rte_eth_[rt]x_burst_mode_get() reports it. */
struct xskpmd_burst {
	uint16_t (*fn)(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts);
	const char *name;
};

/** Choose the Rx burst.
 * @param sg     packets may come in several buffers
 * @param track  the mbufs that the kernel has are recorded in rxq->held
 */
const struct xskpmd_burst *xskpmd_rx_burst_select(bool sg, bool track);

/** Choose the Tx burst; as for Rx, sg: a packet may take several descriptors. */
const struct xskpmd_burst *xskpmd_tx_burst_select(bool sg);

/** Give the kernel every mbuf that the queue is short of.
 *  Called by control before the queue runs. @return mbufs still missing */
uint32_t xskpmd_rx_fill(struct xskpmd_rxq *rxq);

/** Free the completed mbufs of a queue. @return their number */
uint32_t xskpmd_tx_reclaim(struct xskpmd_txq *txq);

/** Ask the kernel to send what is in the ring.
 *  Bounded by the descriptors in the ring; does not block.
 *  @return whether descriptors are left in the ring */
bool xskpmd_tx_kick(struct xskpmd_txq *txq);

/** Packets' buffers waiting in the Rx ring (rte_eth_rx_queue_count). */
xskpmd_queue_count xskpmd_rx_queue_count(void *rxq);

/** State of a descriptor, from the next to be received or sent (rte_eth_[rt]x_descriptor_status). */
int xskpmd_rx_descriptor_status(void *rxq, uint16_t offset);
int xskpmd_tx_descriptor_status(void *txq, uint16_t offset);

/** Descriptors in use (rte_eth_tx_queue_count, DPDK 24.03). */
int xskpmd_tx_queue_count(void *txq);

/** Free what waits in the Rx ring. The queue must be out of the map of sockets and idle. */
void xskpmd_rx_discard(struct xskpmd_rxq *rxq);

/** Prepare packets for the Tx burst (rte_eth_tx_prepare). @return packets that can be sent */
uint16_t xskpmd_tx_prepare(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts);

#endif /* _XSKPMD_RXTX_H_ */
