/* SPDX-License-Identifier: BSD-3-Clause */

/* Transmit: reclaim -> post descriptors (or copy) -> submit -> kick.
 *
 * The queue has txq->size descriptors in use at most: in the Tx ring, in the
 * kernel's hands or in the completion ring. Both rings have at least that many
 * entries, so a free descriptor (txq->free) is a free entry in both, and the
 * kernel never stops for want of room in the completion ring.
 *
 * An mbuf goes to the kernel as it is if it comes from the UMEM's pool, is not
 * attached to another buffer and holds a length the ring takes. Whatever else an
 * application may send is copied into such mbufs, or freed and counted if no
 * ring takes it: an invalid descriptor could stop the ring, or never complete.
 */

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <rte_atomic.h>
#include <rte_errno.h>
#include <rte_ethdev.h>

#include "xskpmd_compat.h"
#include "xskpmd_rxtx.h"

/** sendto() calls in a row that move nothing, before a kick gives up. */
#define KICK_IDLE_MAX 8

/* data_off, refcnt and nb_segs of an mbuf are read in one load. */
#define REARM_REFCNT_SHIFT 16
#define REARM_NB_SEGS_SHIFT 32
static_assert(offsetof(struct rte_mbuf, refcnt) == offsetof(struct rte_mbuf, data_off) + 2 &&
	      offsetof(struct rte_mbuf, nb_segs) == offsetof(struct rte_mbuf, data_off) + 4,
	      "mbuf: data_off, refcnt, nb_segs");

typedef uint64_t xskpmd_u64a __attribute__((may_alias));

/* ---- reclaim ------------------------------------------------------------------------- */

static __rte_always_inline void
tx_free_bulk(struct xskpmd_txq *txq, void **mbufs, uint32_t n)
{
	uint32_t i;

	if (likely(!txq->shared)) {
		/* Posted with one reference and unchained: as the pool wants them back. */
		rte_mempool_put_bulk(txq->pool, mbufs, n);
		return;
	}
	for (i = 0; i < n; i++)
		rte_pktmbuf_free_seg(mbufs[i]);
}

/** The mbufs of n completed addresses. @return their number */
static __rte_always_inline uint32_t
tx_completed_mbufs(struct xskpmd_txq *txq, uint32_t idx, uint32_t n, void **mbufs)
{
	uint32_t i, k = 0;

	if (likely(!txq->zero_copy && !txq->shared)) {
		const struct xskpmd_addr addr = txq->addr;
		const uint64_t *const ring = txq->comp.ring;
		const uint32_t mask = txq->comp.mask;
		uint16_t *const held = txq->held;

		for (i = 0; i < n; i++) {
			struct rte_mbuf *m = xskpmd_addr_mbuf(&addr, ring[(idx + i) & mask]);

			mbufs[i] = m;
			held[xskpmd_addr_slot_of(&addr, m)] = 0;
		}
		return n;
	}
	for (i = 0; i < n; i++) {
		uint64_t addr = *xsk_ring_cons__comp_addr(&txq->comp, idx + i);

		if (xskpmd_held_take(txq->held, xskpmd_addr_slot(&txq->addr, addr)))
			mbufs[k++] = xskpmd_addr_mbuf(&txq->addr, addr);
		else
			txq->stats.stray++;
	}
	return k;
}

uint32_t
xskpmd_tx_reclaim(struct xskpmd_txq *txq)
{
	void *mbufs[XSKPMD_BULK];
	uint32_t n, idx, total = 0;

	while ((n = xsk_ring_cons__peek(&txq->comp, XSKPMD_BULK, &idx)) > 0) {
		const uint32_t k = tx_completed_mbufs(txq, idx, n, mbufs);

		xsk_ring_cons__release(&txq->comp, n);
		tx_free_bulk(txq, mbufs, k);
		total += k;
	}
	txq->free += total;
	if (unlikely(txq->shared) && txq->free == txq->size)
		txq->shared = false;
	return total;
}

/* ---- post ---------------------------------------------------------------------------- */

/** What one descriptor takes: of txq, in registers. */
struct tx_limits {
	const struct rte_mempool *pool;
	uint32_t seg_span;
	uint16_t buf_len;
};

static __rte_always_inline struct tx_limits
tx_limits(const struct xskpmd_txq *txq)
{
	return (struct tx_limits){ txq->pool, txq->seg_span, txq->buf_len };
}

static __rte_always_inline bool
tx_is_direct(const struct tx_limits *l, const struct rte_mbuf *m)
{
	return m->pool == l->pool &&
	       (m->ol_flags & (RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL)) == 0;
}

/** A length that one descriptor takes, within the mbuf. */
static __rte_always_inline bool
tx_fits(const struct tx_limits *l, uint32_t data_off, uint32_t len)
{
	return len - XSKPMD_MIN_FRAME <= l->seg_span && data_off + len <= l->buf_len;
}

/** A packet of one segment that goes out as it is. Branches of what is never seen cost
 *  less than what combining them would.
 */
static __rte_always_inline bool
tx_is_simple(const struct tx_limits *l, const struct rte_mbuf *m)
{
	const uint64_t rearm = *(const xskpmd_u64a *)&m->data_off;

	return (uint32_t)(rearm >> REARM_REFCNT_SHIFT) == (1 | 1 << 16) && tx_is_direct(l, m) &&
	       m->data_len == m->pkt_len && tx_fits(l, (uint16_t)rearm, m->data_len);
}

/** Write one descriptor; the caller has seen that one is free. */
static __rte_always_inline void
tx_desc(struct xskpmd_txq *txq, const struct rte_mbuf *m, uint32_t options)
{
	struct xdp_desc *desc = xsk_ring_prod__tx_desc(&txq->tx, txq->tx.cached_prod++);

	desc->addr = xskpmd_addr_tx(&txq->addr, m, m->data_off);
	desc->len = m->data_len;
	desc->options = options;
	txq->free--;
	/* or it is in the ring more often than it has owners */
	XSKPMD_VERIFY(txq->held[xskpmd_addr_slot_of(&txq->addr, m)] < rte_mbuf_refcnt_read(m));
	txq->held[xskpmd_addr_slot_of(&txq->addr, m)] += 1;
}

/** Free a packet that no ring takes. It counts as sent for the caller of the burst. */
static int
tx_bad(struct xskpmd_txq *txq, struct rte_mbuf *m)
{
	rte_pktmbuf_free(m);
	txq->stats.bad++;
	return 0;
}

/** Whether the segments agree with the packet's lengths and lie within their buffers. */
static bool
tx_is_sound(const struct rte_mbuf *pkt)
{
	const struct rte_mbuf *m;
	uint32_t len = 0, segs = 0;

	for (m = pkt; m != NULL; m = m->next) {
		if ((uint32_t)m->data_off + m->data_len > m->buf_len)
			return false;
		len += m->data_len;
		segs++;
	}
	return len == pkt->pkt_len && segs == pkt->nb_segs && len >= XSKPMD_MIN_FRAME;
}

/** A chain that goes out as it is, one descriptor per segment. */
static bool
tx_is_simple_chain(const struct xskpmd_txq *txq, const struct rte_mbuf *pkt)
{
	const struct tx_limits limits = tx_limits(txq);
	const struct rte_mbuf *m;

	for (m = pkt; m != NULL; m = m->next)
		if (!tx_is_direct(&limits, m) || rte_mbuf_refcnt_read(m) != 1 || m->data_len == 0 ||
		    m->data_len - 1u >= txq->seg_span + XSKPMD_MIN_FRAME ||
		    (uint32_t)m->data_off + m->data_len > txq->buf_len)
			return false;
	return pkt->nb_segs <= txq->max_segs && pkt->data_len >= XSKPMD_MIN_FRAME;
}

/** Post a chain and take it apart: its segments complete, and are freed, one by one. */
static void
tx_post_chain(struct xskpmd_txq *txq, struct rte_mbuf *m)
{
	struct rte_mbuf *next;

	for (; m != NULL; m = next) {
		next = m->next;
		tx_desc(txq, m, next != NULL ? XDP_PKT_CONTD : 0);
		m->next = NULL;
		m->nb_segs = 1;
	}
}

/** Bytes of a copy that one mbuf takes. */
static uint32_t
tx_copy_room(const struct xskpmd_txq *txq)
{
	return RTE_MIN(txq->buf_len - RTE_PKTMBUF_HEADROOM, txq->seg_span + XSKPMD_MIN_FRAME);
}

/** Copy a packet into mbufs of the UMEM, filled to the last byte, chained through next. */
static void
tx_copy_bytes(const struct xskpmd_txq *txq, const struct rte_mbuf *src, struct rte_mbuf **segs)
{
	const uint32_t room = tx_copy_room(txq);
	uint32_t from = 0, n;
	struct rte_mbuf *dst = *segs++;

	while (src != NULL) {
		if (from == src->data_len) {
			src = src->next;
			from = 0;
			continue;
		}
		if (dst->data_len == room)
			dst = *segs++;
		n = RTE_MIN(src->data_len - from, room - dst->data_len);
		memcpy(rte_pktmbuf_mtod_offset(dst, char *, dst->data_len),
		       rte_pktmbuf_mtod_offset(src, const char *, from), n);
		dst->data_len += n;
		from += n;
	}
}

/** Send a copy of a packet. @return as tx_post_other() */
static int
tx_post_copy(struct xskpmd_txq *txq, struct rte_mbuf *pkt)
{
	const uint32_t room = tx_copy_room(txq);
	const uint32_t n = (pkt->pkt_len + room - 1) / room;
	struct rte_mbuf *segs[XSKPMD_MAX_SEGS];
	uint32_t i;

	if (n > RTE_MIN(txq->max_segs, XSKPMD_MAX_SEGS))
		return tx_bad(txq, pkt);
	if (n > txq->free) {
		txq->stats.full++;
		return -ENOBUFS;
	}
	if (rte_pktmbuf_alloc_bulk(txq->pool, segs, n) != 0) {
		txq->stats.nombuf++;
		return -ENOMEM;
	}
	tx_copy_bytes(txq, pkt, segs);
	for (i = 0; i < n; i++)
		tx_desc(txq, segs[i], i + 1 < n ? XDP_PKT_CONTD : 0);
	txq->stats.copied++;
	rte_pktmbuf_free(pkt);
	return 1;
}

/** Post a packet that is not simple.
 *  @return 1: posted; 0: no ring takes it, freed; negative: cannot be posted now
 */
static __rte_noinline int
tx_post_other(struct xskpmd_txq *txq, struct rte_mbuf *pkt, const bool sg)
{
	const struct tx_limits limits = tx_limits(txq);

	if (!tx_is_sound(pkt))
		return tx_bad(txq, pkt);
	if (pkt->nb_segs == 1 && tx_is_direct(&limits, pkt) &&
	    tx_fits(&limits, pkt->data_off, pkt->data_len)) {
		/* Others read it too: completing it only drops our reference. */
		txq->shared = true;
		tx_desc(txq, pkt, 0);
		return 1;
	}
	if (sg && tx_is_simple_chain(txq, pkt)) {
		if (pkt->nb_segs > txq->free) {
			txq->stats.full++;
			return -ENOBUFS;
		}
		tx_post_chain(txq, pkt);
		return 1;
	}
	return tx_post_copy(txq, pkt);
}

/** Post the simple packets at the front of a burst, as many as there are free descriptors up to
 *  where the ring wraps. What the loop reads of the queue is in locals: the compiler cannot know
 *  that no descriptor overlaps it; and it is a function of its own, so that the locals are in
 *  registers.
 *  @return packets posted
 */
static __rte_noinline uint32_t
tx_post_simple(struct xskpmd_txq *txq, struct rte_mbuf **pkts, uint32_t nb_pkts)
{
	const struct tx_limits limits = tx_limits(txq);
	const struct xskpmd_addr addr = txq->addr;
	const uint32_t at = txq->tx.cached_prod & txq->tx.mask;
	const uint32_t room = RTE_MIN(txq->free, txq->tx.size - at);
	struct rte_mbuf **const end = pkts + RTE_MIN(nb_pkts, room), **pkt;
	struct xdp_desc *desc = (struct xdp_desc *)txq->tx.ring + at;
	uint16_t *const held = txq->held;
	uint64_t sum = 0;

	for (pkt = pkts; pkt < end; pkt++, desc++) {
		const struct rte_mbuf *m = *pkt;
		const uint32_t len = m->data_len;

		if (unlikely(!tx_is_simple(&limits, m)))
			break;
		desc->addr = xskpmd_addr_tx(&addr, m, m->data_off);
		desc->len = len;
		desc->options = 0;
		XSKPMD_VERIFY(held[xskpmd_addr_slot_of(&addr, m)] == 0); /* or it was posted before */
		held[xskpmd_addr_slot_of(&addr, m)] = 1;
		sum += len;
	}
	nb_pkts = pkt - pkts;
	txq->tx.cached_prod += nb_pkts;
	txq->free -= nb_pkts;
	txq->stats.packets += nb_pkts;
	txq->stats.bytes += sum;
	return nb_pkts;
}

/** Post packets up to the first that cannot be posted now. @return packets taken */
static __rte_always_inline uint16_t
tx_post(struct xskpmd_txq *txq, struct rte_mbuf **pkts, uint16_t nb_pkts, const bool sg)
{
	uint16_t i = 0, n;
	uint32_t len;
	int ret;

	for (;;) {
		n = tx_post_simple(txq, pkts + i, nb_pkts - i);
		i += n;
		if (likely(i == nb_pkts))
			break;
		if (n > 0) /* where the ring wraps, or else it will be 0 */
			continue;
		if (txq->free == 0) {
			txq->stats.full++;
			break;
		}
		len = pkts[i]->pkt_len;
		ret = tx_post_other(txq, pkts[i], sg);
		if (ret < 0)
			break;
		txq->stats.packets += ret;
		txq->stats.bytes += ret > 0 ? len : 0;
		i++;
	}
	return i;
}

/* ---- submit and kick ----------------------------------------------------------------- */

/** Descriptors that the kernel has not yet taken from the ring. */
static __rte_always_inline uint32_t
tx_pending(const struct xskpmd_txq *txq)
{
	return txq->tx.cached_prod - __atomic_load_n(txq->tx.consumer, __ATOMIC_ACQUIRE);
}

/** One system call. @return whether it failed in a way that a next one may not */
static bool
tx_kick_once(struct xskpmd_txq *txq)
{
	txq->stats.kicks++;
	if (sendto(xskpmd_fds[txq->fd_slot], NULL, 0, MSG_DONTWAIT, NULL, 0) >= 0)
		return false;
	switch (errno) {
	case EBUSY: /* copy mode: the device dropped one packet, and the call stopped there */
		if (!txq->zero_copy)
			txq->stats.dropped++;
		return true;
	case EAGAIN: /* the budget of one call is used up, or the device pushes back */
	case ENOBUFS:
		txq->stats.kick_again++;
		return true;
	case ENETDOWN: /* nothing is lost: it goes out once the link is up again */
	case ENXIO:    /* the device is gone */
		txq->stats.kick_down++;
		return false;
	default:
		txq->stats.kick_error++;
		return false;
	}
}

/* Judged by the ring's consumer index, not by errno: a call may send some packets and
 * still fail. Either a call takes descriptors from the ring, or it is one of the
 * KICK_IDLE_MAX that may move nothing: no more calls than descriptors plus that.
 * In zero-copy mode a call that succeeds is enough, the kernel goes on by itself.
 */
bool
xskpmd_tx_kick(struct xskpmd_txq *txq)
{
	uint32_t left = tx_pending(txq), before, idle = 0;
	bool again;

	if (txq->busy_poll && left == 0 && txq->free < txq->size)
		tx_kick_once(txq); /* what is sent may still have to complete */
	while (left > 0) {
		before = left;
		again = tx_kick_once(txq);
		left = tx_pending(txq);
		if (left == before ? !again || ++idle == KICK_IDLE_MAX :
				     !again && txq->zero_copy)
			break;
	}
	return left > 0;
}

static __rte_always_inline uint16_t
tx_burst(struct xskpmd_txq *txq, struct rte_mbuf **pkts, uint16_t nb_pkts, const bool sg)
{
	const uint32_t posted = txq->tx.cached_prod;
	uint16_t nb_tx;

	if (txq->free < RTE_MAX(txq->reclaim_at, (uint32_t)nb_pkts))
		xskpmd_tx_reclaim(txq);
	nb_tx = tx_post(txq, pkts, nb_pkts, sg);
	xsk_ring_prod__submit(&txq->tx, txq->tx.cached_prod - posted);
	if (txq->zero_copy) /* a driver that is about to sleep must see the ring, or we its flag */
		rte_smp_mb();
	if (xsk_ring_prod__needs_wakeup(&txq->tx) || txq->busy_poll)
		xskpmd_tx_kick(txq);
	return nb_tx;
}

static uint16_t
tx_burst_single(void *txq, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	return tx_burst(txq, pkts, nb_pkts, false);
}

static uint16_t
tx_burst_sg(void *txq, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	return tx_burst(txq, pkts, nb_pkts, true);
}

const struct xskpmd_burst *
xskpmd_tx_burst_select(bool sg)
{
	static const struct xskpmd_burst bursts[2] = {
		{ tx_burst_single, "single-buffer" }, { tx_burst_sg, "multi-buffer" },
	};

	return &bursts[sg];
}

uint16_t
xskpmd_tx_prepare(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	const struct xskpmd_txq *txq = queue;
	const uint32_t copy_max = tx_copy_room(txq) * txq->max_segs;
	uint16_t i;

	for (i = 0; i < nb_pkts; i++) {
		if (!tx_is_sound(pkts[i]) || (pkts[i]->pkt_len > copy_max &&
					      !tx_is_simple_chain(txq, pkts[i]))) {
			rte_errno = EINVAL;
			break;
		}
	}
	return i;
}

/* ---- questions about the ring ---------------------------------------------------------- */

/** Descriptors that the kernel is done with and that have not been reclaimed. */
static uint32_t
tx_completed(const struct xskpmd_txq *txq)
{
	return __atomic_load_n(txq->comp.producer, __ATOMIC_ACQUIRE) - txq->comp.cached_cons;
}

int
xskpmd_tx_queue_count(void *queue)
{
	const struct xskpmd_txq *txq = queue;

	return txq->size - txq->free - tx_completed(txq);
}

int
xskpmd_tx_descriptor_status(void *queue, uint16_t offset)
{
	const struct xskpmd_txq *txq = queue;

	if (offset >= txq->size)
		return -EINVAL;
	/* From the next to be written on, the free ones come first. */
	if (offset < txq->free + tx_completed(txq))
		return RTE_ETH_TX_DESC_DONE;
	return RTE_ETH_TX_DESC_FULL;
}
