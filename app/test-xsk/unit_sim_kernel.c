/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* The kernel's part: what it does with the rings, and what it finds there. */

#include <string.h>

#include <rte_mempool.h>

#include "xskpmd_compat.h"

#include "unit_sim.h"

/* ---- packets under way ---- */

static void
fifo_push(struct sim_fifo *f, const struct sim_pkt *pkt)
{
	CHECK_INT(f->tail - f->head, <, SIM_PKTS, "packets under way");
	f->pkts[f->tail++ % SIM_PKTS] = *pkt;
}

static struct sim_pkt *
fifo_first(struct sim_fifo *f, const char *what)
{
	CHECK(f->head != f->tail, "%s that nobody sent", what);
	return &f->pkts[f->head % SIM_PKTS];
}

/* ---- Rx ---- */

void
sim_see_comp(struct sim *s)
{
	struct sim_owner *o;

	for (; s->comp_seen != s->comp.consumer; s->comp_seen++) {
		o = sim_owner_at(s, unit_kernel_offset(s->g, *sim_addr(&s->comp, s->comp_seen)));
		CHECK_INT(o->done, >, 0, "completions of an mbuf");
		o->done--;
	}
}

void
sim_see_fill(struct sim *s)
{
	sim_see_comp(s);
	CHECK_INT(s->rxq.fill.cached_prod, ==, s->fill.producer, "fill entries not submitted");
	CHECK_INT(sim_count(&s->fill), <=, s->fill.size, "entries in the fill ring");
	for (; s->fill_seen != s->fill.producer; s->fill_seen++) {
		const uint64_t addr = *sim_addr(&s->fill, s->fill_seen);
		const uint64_t data = unit_kernel_offset(s->g, unit_kernel_rx_addr(s->g, addr));
		struct sim_owner *o;

		CHECK(unit_kernel_takes_fill(s->g, addr), "fill address 0x%" PRIx64, addr);
		o = sim_owner_at(s, data);
		sim_check_fresh(o);
		CHECK_INT(s->g->area + data, ==, (uintptr_t)o->m->buf_addr + s->umem->data_off,
			  "where a packet will be received");
		o->fill = 1;
	}
}

void
sim_check_rx(struct sim *s)
{
	const struct xskpmd_rxq *q = &s->rxq;

	CHECK_INT(q->missing + sim_count(&s->fill) + sim_count(&s->rx), ==,
		  q->owned + s->rx_repeats - q->stats.stray,
		  "mbufs of the Rx queue (missing %u, fill %u, Rx %u)", q->missing,
		  sim_count(&s->fill), sim_count(&s->rx));
	CHECK_INT(q->rx.cached_cons, ==, s->rx.consumer, "Rx entries not released");
	CHECK_INT(xskpmd_rx_queue_count(&s->rxq), ==, sim_count(&s->rx), "rx_queue_count");
}

bool
sim_deliver(struct sim *s, uint32_t seq, uint32_t len)
{
	const uint32_t room = s->g->chunk_size - KERNEL_HEADROOM - s->g->headroom;
	const uint32_t n = (len + room - 1) / room;
	uint32_t from, part;

	CHECK_INT(len, <=, SIM_FRAME, "length of a packet");
	if (sim_count(&s->fill) < n)
		return false;
	if (s->conf.spare > 0 && sim_count(&s->rx) + n > s->rx.size)
		return false; /* as a zero-copy driver does: the packet stays in the NIC's ring, or is lost */
	CHECK_INT(sim_count(&s->rx) + n, <=, s->rx.size, "Rx ring too full for what was filled");
	CHECK(n == 1 || s->conf.sg, "the test sends %u bytes without multi-buffer", len);
	xt_frame_fill(s->frame, len, seq);
	for (from = 0; from < len; from += part) {
		const uint64_t fill = *sim_addr(&s->fill, s->fill.consumer++);
		const uint64_t rx = unit_kernel_rx_addr(s->g, fill);
		struct xdp_desc *desc = sim_desc(&s->rx, s->rx.producer++);
		struct sim_owner *o = sim_owner_at(s, unit_kernel_offset(s->g, rx));

		CHECK_INT(o->fill, ==, 1, "the kernel's mbufs");
		o->fill = 0;
		o->rx = 1;
		part = RTE_MIN(len - from, room);
		memcpy((uint8_t *)s->g->area + unit_kernel_offset(s->g, rx), s->frame + from, part);
		*desc = (struct xdp_desc){rx, part, from + part < len ? XDP_PKT_CONTD : 0};
	}
	if (n == 1 || s->conf.scatter)
		fifo_push(&s->rx_fifo, &(struct sim_pkt){.seq = seq, .len = len});
	return true;
}

void
sim_repeat(struct sim *s)
{
	CHECK_INT(sim_count(&s->rx), <, s->rx.size, "entries in the Rx ring");
	*sim_desc(&s->rx, s->rx.producer) = *sim_desc(&s->rx, s->rx.producer - 1);
	s->rx.producer++;
	s->rx_repeats++;
}

static void
check_received(struct sim *s, const struct rte_mbuf *pkt)
{
	struct sim_pkt *want = fifo_first(&s->rx_fifo, "a packet received");
	const uint16_t port = s->rxq.port_id;
	const struct rte_mbuf *m;
	uint32_t from = 0, segs = 0;

	xt_frame_fill(s->frame, want->len, want->seq);
	CHECK_INT(pkt->pkt_len, ==, want->len, "packet %u: pkt_len", want->seq);
	for (m = pkt; m != NULL; m = m->next, segs++) {
		struct sim_owner *o = sim_owner_of(s, m);

		CHECK(o->rx == 1 && o->m == m, "packet %u: not an mbuf of the Rx ring", want->seq);
		o->rx = 0;
		o->app = 1;
		CHECK_INT(m->data_off, ==, s->umem->data_off, "packet %u: data_off", want->seq);
		CHECK_INT(rte_mbuf_refcnt_read(m), ==, 1, "packet %u: refcnt", want->seq);
		CHECK_INT(from + m->data_len, <=, want->len, "packet %u: data_len", want->seq);
		CHECK(memcmp(rte_pktmbuf_mtod(m, uint8_t *), s->frame + from, m->data_len) == 0,
		      "packet %u: wrong bytes in segment %u", want->seq, segs);
		CHECK(m->ol_flags == 0 && m->packet_type == 0 && m->port == port,
		      "packet %u: flags 0x%" PRIx64 ", type 0x%x, port %u", want->seq, m->ol_flags,
		      m->packet_type, m->port);
		CHECK(m->next == NULL || m->data_len == s->g->room, "packet %u: a gap",
		      want->seq);
		CHECK(m == pkt || m->nb_segs == 1, "packet %u: nb_segs inside", want->seq);
		from += m->data_len;
	}
	CHECK_INT(from, ==, want->len, "packet %u: bytes", want->seq);
	CHECK_INT(segs, ==, pkt->nb_segs, "packet %u: nb_segs", want->seq);
	s->rx_fifo.head++;
}

/* Packets of several buffers that the application did not ask for are freed by the driver. */
static void
follow_chains(struct sim *s, uint32_t from, uint32_t to)
{
	uint32_t i;

	for (i = from; i != to; i++) {
		const struct xdp_desc *desc = sim_desc(&s->rx, i);

		CHECK_INT(s->nb_chain, <, RTE_DIM(s->chain), "parts of a packet");
		s->chain[s->nb_chain++] = sim_owner_at(s, unit_kernel_offset(s->g, desc->addr));
		if (desc->options & XDP_PKT_CONTD)
			continue;
		if (s->nb_chain > 1 && !s->conf.scatter) {
			s->rx_too_long++;
			while (s->nb_chain > 0)
				s->chain[--s->nb_chain]->rx = 0;
		}
		s->nb_chain = 0;
	}
	CHECK_INT(s->rxq.stats.too_long, ==, s->rx_too_long, "too long packets");
}

uint16_t
sim_rx(struct sim *s, uint16_t nb_pkts)
{
	const uint32_t before = s->rx.consumer, avail = sim_count(&s->rx);
	uint16_t i, n;

	n = s->rx_fn(&s->rxq, s->pkts, nb_pkts);
	CHECK_INT(n, <=, nb_pkts, "packets of a burst");
	CHECK_INT(s->rx.consumer - before, <=, nb_pkts, "descriptors of a burst");
	CHECK(avail == 0 || s->rx.consumer != before, "nothing taken from %u in the ring", avail);
	for (i = 0; i < n; i++)
		check_received(s, s->pkts[i]);
	follow_chains(s, before, s->rx.consumer);
	sim_see_fill(s);
	sim_check_rx(s);
	return n;
}

/* ---- Tx ---- */

void
sim_check_tx(struct sim *s)
{
	const struct xskpmd_txq *q = &s->txq;

	CHECK_INT(q->free + sim_count(&s->tx) + sim_taken(s) + sim_count(&s->comp), ==, q->size,
		  "descriptors (free %u, Tx %u, kernel %u, completion %u)", q->free,
		  sim_count(&s->tx), sim_taken(s), sim_count(&s->comp));
	CHECK_INT(sim_count(&s->tx), <=, s->tx.size, "entries in the Tx ring");
	CHECK_INT(xskpmd_tx_queue_count(&s->txq), ==, sim_count(&s->tx) + sim_taken(s),
		  "tx_queue_count");
	CHECK_INT(q->stats.bad, ==, s->tx_bad, "bad packets");
	CHECK_INT(q->stats.packets, ==, s->tx_packets, "packets");
	CHECK_INT(q->stats.bytes, ==, s->tx_bytes, "bytes");
}

/* One descriptor that has come into the Tx ring: Linux takes it, and it is the next of its packet.
 * @return bytes of the packet after it, 0 when it is complete
 */
static uint32_t
see_desc(struct sim *s, uint32_t i, uint32_t from, uint32_t nb_before)
{
	const struct xdp_desc *desc = sim_desc(&s->tx, i);
	const struct sim_pkt *want = fifo_first(&s->tx_fifo, "a descriptor");
	const uint64_t at = unit_kernel_offset(s->g, desc->addr);
	struct sim_part *part = &s->ring_parts[i & (s->tx.size - 1)];
	struct sim_owner *o;

	CHECK(unit_kernel_takes_tx(s->g, desc->addr, desc->len), "packet %u: descriptor 0x%" PRIx64
	      " of %u bytes is invalid", want->seq, (uint64_t)desc->addr, desc->len);
	CHECK((desc->options & ~(uint32_t)XDP_PKT_CONTD) == 0, "options 0x%x", desc->options);
	CHECK(from > 0 || desc->len >= 14, "packet %u: first part %u bytes", want->seq, desc->len);
	CHECK_INT(nb_before, <, RTE_MAX(s->conf.max_segs, 1), "packet %u: parts", want->seq);

	o = sim_owner_at(s, at);
	CHECK(s->g->area + at >= (uintptr_t)o->m->buf_addr &&
	      s->g->area + at + desc->len <= (uintptr_t)o->m->buf_addr + o->m->buf_len,
	      "packet %u: bytes outside of a buffer", want->seq);
	CHECK(o->fill == 0 && o->rx == 0, "packet %u: the mbuf is the Rx queue's", want->seq);
	o->tx++;
	CHECK(RTE_MBUF_DIRECT(o->m), "packet %u: sent from an attached mbuf", want->seq);

	from += desc->len;
	*part = (struct sim_part){desc->addr, want->seq, from - desc->len, desc->len, false};
	CHECK_INT(from, <=, want->len, "packet %u: bytes posted", want->seq);
	CHECK_INT(from < want->len, ==, desc->options == XDP_PKT_CONTD, "packet %u: more follows",
		  want->seq);
	if (from < want->len)
		return from;
	part->single = nb_before == 0;
	s->tx_fifo.head++;
	return 0;
}

static void
see_tx(struct sim *s)
{
	uint32_t i, from = 0, nb_before = 0;
	const struct sim_owner *o;

	sim_see_comp(s);
	CHECK_INT(s->txq.tx.cached_prod, ==, s->tx.producer, "descriptors not submitted");
	for (i = s->tx_seen; i != s->tx.producer; i++) {
		from = see_desc(s, i, from, nb_before);
		nb_before = from == 0 ? 0 : nb_before + 1;
	}
	for (; s->tx_seen != s->tx.producer; s->tx_seen++) {
		o = sim_owner_at(s, unit_kernel_offset(s->g, sim_desc(&s->tx, s->tx_seen)->addr));
		CHECK_INT(rte_mbuf_refcnt_read(o->m), ==, o->app + o->tx + o->done,
			  "references to an mbuf posted (test %u, ring %u, completed %u)", o->app,
			  o->tx, o->done);
	}
	CHECK_INT(from, ==, 0, "bytes of a packet of which the rest is not posted");
	CHECK(s->tx_fifo.head == s->tx_fifo.tail, "a packet was taken but not posted");
}

uint16_t
sim_tx(struct sim *s, struct rte_mbuf **pkts, const struct sim_pkt *what, uint16_t n)
{
	const uint64_t copied = s->txq.stats.copied;
	uint32_t copies_min = 0, copies_max = 0;
	uint16_t i, sent;

	/* a reference of each goes to the driver, which may free it at once */
	for (i = 0; i < n; i++)
		sim_for_each_own(s, pkts[i], sim_drop);
	sent = s->tx_fn(&s->txq, pkts, n);
	CHECK_INT(sent, <=, n, "packets of a burst");
	for (i = sent; i < n; i++)
		sim_for_each_own(s, pkts[i], sim_undrop);
	for (i = 0; i < sent; i++) {
		if (what[i].bad) {
			s->tx_bad++;
			continue;
		}
		s->tx_packets++;
		s->tx_bytes += what[i].len;
		copies_min += what[i].copy;
		copies_max += !what[i].as_is;
		fifo_push(&s->tx_fifo, &what[i]);
	}
	see_tx(s);
	sim_check_tx(s);
	CHECK_INT(s->txq.stats.copied - copied, >=, copies_min, "copies");
	CHECK_INT(s->txq.stats.copied - copied, <=, copies_max, "copies");
	return sent;
}

uint32_t
sim_take(struct sim *s, uint32_t n)
{
	uint32_t i;

	n = RTE_MIN(n, sim_count(&s->tx));
	for (i = 0; i < n; i++) {
		s->parts[s->part_tail++ & (s->tx.size - 1)] =
				s->ring_parts[s->tx.consumer & (s->tx.size - 1)];
		memset(sim_desc(&s->tx, s->tx.consumer), 0xee, sizeof(struct xdp_desc));
		s->tx.consumer++;
	}
	return n;
}

/* The kernel is done with a part: until now its bytes had to be there. */
static void
complete(struct sim *s, const struct sim_part *part)
{
	const uint64_t at = unit_kernel_offset(s->g, part->addr);
	struct sim_owner *o = sim_owner_at(s, at);

	xt_frame_fill(s->frame, part->from + part->len, part->seq);
	CHECK(memcmp((uint8_t *)s->g->area + at, s->frame + part->from, part->len) == 0,
	      "packet %u: wrong bytes sent, from byte %u on", part->seq, part->from);
	CHECK_INT(o->tx, >, 0, "packet %u: the kernel's references", part->seq);
	o->tx--;
	o->done++;
	CHECK_INT(sim_count(&s->comp), <, s->comp.size, "completion ring too full");
	*sim_addr(&s->comp, s->comp.producer++) =
			part->single ? part->addr & ~UINT64_C(1) : part->addr;
}

uint32_t
sim_complete(struct sim *s, uint32_t n, bool in_order)
{
	const uint32_t mask = s->tx.size - 1;
	uint32_t i, pick;

	sim_see_comp(s); /* before its entries are written over */
	n = RTE_MIN(n, sim_taken(s));
	for (i = 0; i < n; i++) {
		pick = s->part_head + (in_order ? 0 : unit_below(sim_taken(s)));
		complete(s, &s->parts[pick & mask]);
		s->parts[pick & mask] = s->parts[s->part_head++ & mask];
	}
	return n;
}

void
sim_repeat_comp(struct sim *s)
{
	const uint64_t addr = *sim_addr(&s->comp, s->comp.producer - 1);

	sim_owner_at(s, unit_kernel_offset(s->g, addr))->done++;
	*sim_addr(&s->comp, s->comp.producer++) = addr;
}

void
sim_complete_all(struct sim *s)
{
	sim_take(s, UINT32_MAX);
	sim_complete(s, UINT32_MAX, false);
	xskpmd_tx_reclaim(&s->txq);
	CHECK_INT(s->txq.free, ==, s->txq.size, "free descriptors after all completed");
	CHECK(!s->txq.shared, "an idle queue still expects shared mbufs");
}
