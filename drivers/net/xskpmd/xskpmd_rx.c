/* SPDX-License-Identifier: BSD-3-Clause */

/* Receive: peek -> descriptors to mbufs -> release -> refill -> wake.
 *
 * The queue owns rxq->owned mbufs: in the fill ring, in the kernel's hands or in
 * the Rx ring. The fill ring has at least that many entries, so it cannot be too
 * full: a refill never has to look how far the kernel has read it. The same is
 * true of the Rx ring, but for NICs with zero-copy, whose own ring takes further
 * mbufs: when nobody polls, it is the Rx ring that gets full, which every driver
 * waits for, and not the fill ring that runs dry, which some do not survive.
 */

#include <errno.h>
#include <sys/socket.h>

#include <rte_ethdev.h>

#include "xskpmd_compat.h"
#include "xskpmd_rxtx.h"

/* The first line of an mbuf is written with two stores of 16 bytes. */
static_assert(offsetof(struct rte_mbuf, refcnt) == offsetof(struct rte_mbuf, data_off) + 2 &&
	      offsetof(struct rte_mbuf, nb_segs) == offsetof(struct rte_mbuf, data_off) + 4 &&
	      offsetof(struct rte_mbuf, port) == offsetof(struct rte_mbuf, data_off) + 6 &&
	      offsetof(struct rte_mbuf, ol_flags) == offsetof(struct rte_mbuf, data_off) + 8,
	      "mbuf: rearm data, then ol_flags");
static_assert(offsetof(struct rte_mbuf, packet_type) == offsetof(struct rte_mbuf, data_off) + 16 &&
	      offsetof(struct rte_mbuf, pkt_len) == offsetof(struct rte_mbuf, packet_type) + 4 &&
	      offsetof(struct rte_mbuf, data_len) == offsetof(struct rte_mbuf, packet_type) + 8 &&
	      offsetof(struct rte_mbuf, vlan_tci) == offsetof(struct rte_mbuf, packet_type) + 10 &&
	      offsetof(struct rte_mbuf, hash) == offsetof(struct rte_mbuf, packet_type) + 12,
	      "mbuf: packet type, lengths, VLAN, hash");

typedef uint64_t xskpmd_v2 __attribute__((vector_size(16), may_alias));

/** Let the kernel look at the fill ring. Does not block. */
static __rte_noinline void
rx_wake(struct xskpmd_rxq *rxq)
{
	rxq->stats.wakeups++;
	recvfrom(xskpmd_fds[rxq->fd_slot], NULL, 0, MSG_DONTWAIT, NULL, NULL);
}

/** Take mbufs from the pool: all n, or as many as it has. */
static __rte_always_inline uint32_t
rx_alloc(struct xskpmd_rxq *rxq, void **mbufs, uint32_t n)
{
	while (unlikely(rte_mempool_get_bulk(rxq->pool, mbufs, n) != 0)) {
		rxq->stats.nombuf += n - n / 2;
		n /= 2;
		if (n == 0)
			break;
	}
	return n;
}

/** Give the kernel the mbufs that the queue is short of. Not inline: a small burst calls it rarely. */
static __rte_noinline void
rx_refill(struct xskpmd_rxq *rxq, const bool track)
{
	const struct xskpmd_addr addr = rxq->addr;
	void *mbufs[XSKPMD_BULK];
	uint32_t i, n, idx, want;

	while (rxq->missing >= rxq->refill_at) {
		want = RTE_MIN(rxq->missing, (uint32_t)XSKPMD_BULK);
		n = rx_alloc(rxq, mbufs, want);
		if (unlikely(xsk_ring_prod__reserve(&rxq->fill, n, &idx) != n)) {
			rte_mempool_put_bulk(rxq->pool, mbufs, n);
			return;
		}
		for (i = 0; i < n; i++) {
			uint64_t chunk = xskpmd_addr_chunk(&addr, mbufs[i]);

			*xsk_ring_prod__fill_addr(&rxq->fill, idx + i) = chunk;
			if (track)
				xskpmd_held_give(rxq->held, xskpmd_addr_slot(&rxq->addr, chunk));
		}
		xsk_ring_prod__submit(&rxq->fill, n);
		rxq->missing -= n;
		if (n < want)
			return;
	}
}

uint32_t
xskpmd_rx_fill(struct xskpmd_rxq *rxq)
{
	uint32_t refill_at = rxq->refill_at;

	rxq->refill_at = 1;
	if (rxq->held != NULL)
		rx_refill(rxq, true);
	else
		rx_refill(rxq, false);
	rxq->refill_at = refill_at;
	return rxq->missing;
}

/** What turns descriptors into mbufs: of rxq, in registers. The compiler cannot know that no mbuf
 *  overlaps the queue, and would read it again for each.
 */
struct rx_form {
	const struct xdp_desc *ring;
	uint32_t mask;
	struct xskpmd_addr addr;
	uint64_t rearm;
};

static __rte_always_inline struct rx_form
rx_form(const struct xskpmd_rxq *rxq)
{
	return (struct rx_form){ rxq->rx.ring, rxq->rx.mask, rxq->addr, rxq->rearm };
}

/** Make an mbuf of a descriptor. A driver may deliver a buffer twice when the fill ring runs dry (igb of
 *  Linux 7.3, where it wraps its ring): the second time it may be anybody's. A tracked queue sees that.
 *  @return NULL if the kernel did not have it
 */
static __rte_always_inline struct rte_mbuf *
rx_mbuf(struct xskpmd_rxq *rxq, const struct rx_form *form, const struct xdp_desc *desc,
	const bool track)
{
	const uint64_t addr = desc->addr;
	const uint32_t len = desc->len;
	struct rte_mbuf *m = xskpmd_addr_mbuf(&form->addr, addr);
	xskpmd_v2 rearm, fields;

	if (track && !xskpmd_held_take(rxq->held, xskpmd_addr_slot(&form->addr, addr))) {
		rxq->stats.stray++;
		rxq->missing--; /* will be added for every descriptor */
		return NULL;
	}
	/* data_off, refcnt 1, nb_segs 1, port | ol_flags 0 */
	rearm = (xskpmd_v2){ form->rearm | xskpmd_addr_rx_data_off(&form->addr, addr), 0 };
	/* packet_type 0, pkt_len | data_len, vlan_tci 0, hash 0 */
	fields = (xskpmd_v2){ (uint64_t)len << 32, len };
	*(xskpmd_v2 *)&m->data_off = rearm;
	*(xskpmd_v2 *)&m->packet_type = fields;
	return m;
}

static __rte_always_inline uint16_t
rx_take(struct xskpmd_rxq *rxq, uint32_t idx, uint32_t n, struct rte_mbuf **pkts, const bool track)
{
	const struct rx_form form = rx_form(rxq);
	uint64_t bytes = 0;
	uint32_t i, nb_pkts = 0;

	for (i = 0; i < n; i++) {
		const struct xdp_desc *desc = &form.ring[(idx + i) & form.mask];
		const uint32_t len = desc->len;
		struct rte_mbuf *m = rx_mbuf(rxq, &form, desc, track);

		if (track && m == NULL)
			continue;
		pkts[nb_pkts++] = m;
		bytes += len;
	}
	rxq->stats.packets += nb_pkts;
	rxq->stats.bytes += bytes;
	return nb_pkts;
}

/** As rx_take(), but a descriptor with XDP_PKT_CONTD is not the last of its packet. */
static __rte_always_inline uint16_t
rx_take_sg(struct xskpmd_rxq *rxq, uint32_t idx, uint32_t n, struct rte_mbuf **pkts,
	   const bool track)
{
	const struct rx_form form = rx_form(rxq);
	struct rte_mbuf *first = rxq->first, *last = rxq->last;
	uint16_t nb_pkts = 0;
	uint64_t bytes = 0;
	uint32_t i;

	for (i = 0; i < n; i++) {
		const struct xdp_desc *desc = &form.ring[(idx + i) & form.mask];
		struct rte_mbuf *m = rx_mbuf(rxq, &form, desc, track);

		if (track && m == NULL)
			continue;
		if (first == NULL) {
			first = m;
		} else {
			first->pkt_len += m->data_len;
			first->nb_segs++;
			last->next = m;
		}
		last = m;
		if (desc->options & XDP_PKT_CONTD)
			continue;
		if (unlikely(first->nb_segs > 1 && !rxq->scatter)) {
			rxq->stats.too_long++;
			rte_pktmbuf_free(first);
		} else {
			bytes += first->pkt_len;
			pkts[nb_pkts++] = first;
		}
		first = NULL;
	}
	rxq->first = first;
	rxq->last = last;
	rxq->stats.packets += nb_pkts;
	rxq->stats.bytes += bytes;
	return nb_pkts;
}

static __rte_always_inline uint16_t
rx_burst(struct xskpmd_rxq *rxq, struct rte_mbuf **pkts, uint16_t nb_pkts, const bool sg,
	 const bool track)
{
	uint32_t idx, n;
	uint16_t nb_rx = 0;

	n = xsk_ring_cons__peek(&rxq->rx, nb_pkts, &idx);
	if (n > 0) {
		nb_rx = sg ? rx_take_sg(rxq, idx, n, pkts, track) :
			     rx_take(rxq, idx, n, pkts, track);
		xsk_ring_cons__release(&rxq->rx, n);
		rxq->missing += n;
	}
	if (rxq->missing >= rxq->refill_at)
		rx_refill(rxq, track);
	if (unlikely(xsk_ring_prod__needs_wakeup(&rxq->fill) || (n == 0 && rxq->busy_poll)) &&
	    rxq->missing < rxq->owned)
		rx_wake(rxq);
	return nb_rx;
}

static uint16_t
rx_burst_single(void *rxq, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	return rx_burst(rxq, pkts, nb_pkts, false, false);
}

static uint16_t
rx_burst_single_track(void *rxq, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	return rx_burst(rxq, pkts, nb_pkts, false, true);
}

static uint16_t
rx_burst_sg(void *rxq, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	return rx_burst(rxq, pkts, nb_pkts, true, false);
}

static uint16_t
rx_burst_sg_track(void *rxq, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	return rx_burst(rxq, pkts, nb_pkts, true, true);
}

const struct xskpmd_burst *
xskpmd_rx_burst_select(bool sg, bool track)
{
	static const struct xskpmd_burst bursts[2][2] = {
		{ { rx_burst_single, "single-buffer" }, { rx_burst_single_track, "single-buffer, tracked" } },
		{ { rx_burst_sg, "multi-buffer" }, { rx_burst_sg_track, "multi-buffer, tracked" } },
	};

	return &bursts[sg][track];
}

/* ---- questions about the ring ---------------------------------------------------------- */

xskpmd_queue_count
xskpmd_rx_queue_count(void *queue)
{
	const struct xskpmd_rxq *rxq = queue;

	return __atomic_load_n(rxq->rx.producer, __ATOMIC_ACQUIRE) - rxq->rx.cached_cons;
}

int
xskpmd_rx_descriptor_status(void *queue, uint16_t offset)
{
	const struct xskpmd_rxq *rxq = queue;

	if (offset >= rxq->size)
		return -EINVAL;
	if (offset < (uint32_t)xskpmd_rx_queue_count(queue))
		return RTE_ETH_RX_DESC_DONE;
	return offset < rxq->owned - rxq->missing ? RTE_ETH_RX_DESC_AVAIL : RTE_ETH_RX_DESC_UNAVAIL;
}

void
xskpmd_rx_discard(struct xskpmd_rxq *rxq)
{
	const struct rx_form form = rx_form(rxq);
	uint32_t n, i, idx;

	while ((n = xsk_ring_cons__peek(&rxq->rx, XSKPMD_BULK, &idx)) > 0) {
		for (i = 0; i < n; i++)
			rte_pktmbuf_free(rx_mbuf(rxq, &form, &form.ring[(idx + i) & form.mask],
						 rxq->held != NULL));
		xsk_ring_cons__release(&rxq->rx, n);
		rxq->missing += n;
	}
	rte_pktmbuf_free(rxq->first); /* the beginning of a packet */
	rxq->first = NULL;
}
