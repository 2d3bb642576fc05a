/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_mempool.h>

#include "unit_sim.h"

void
sim_run(const void *arg)
{
	const struct sim_run *run = arg;
	unsigned int i;

	unit_eal();
	for (i = 0; i < run->nb_forms; i++)
		run->fn(&run->forms[i]);
}

static void *
zalloc(size_t n, size_t size)
{
	void *p = calloc(n, size);

	CHECK(p != NULL, "no memory for %zu times %zu bytes", n, size);
	return p;
}

static void
ring_init(struct sim_ring *r, uint32_t size, size_t entry, uint32_t start)
{
	r->producer = start;
	r->consumer = start;
	r->flags = 0;
	r->size = size;
	r->entries = zalloc(size, entry);
}

/* ---- who has what ---- */

struct sim_owner *
sim_owner_at(const struct sim *s, uint64_t offset)
{
	CHECK_INT(offset, <, s->g->area_len, "offset in the area");
	CHECK(s->owner_at[offset / 64] != 0, "no mbuf at offset %" PRIu64, offset);
	return &s->owners[s->owner_at[offset / 64] - 1];
}

struct sim_owner *
sim_owner_of(const struct sim *s, const struct rte_mbuf *m)
{
	return sim_owner_at(s, (uintptr_t)m - s->g->area);
}

static void
owner_add(struct rte_mempool *pool, void *opaque, void *obj, unsigned int i)
{
	struct sim *s = opaque;
	uint64_t at = ((uintptr_t)obj - s->g->area) / 64;
	const uint64_t end = ((uintptr_t)obj - s->g->area + pool->elt_size + 63) / 64;

	s->owners[i].m = obj;
	for (; at < end; at++)
		s->owner_at[at] = i + 1;
}

void
sim_check_fresh(const struct sim_owner *o)
{
	CHECK(o->app == 0 && o->fill == 0 && o->rx == 0 && o->tx == 0 && o->done == 0,
	      "freed while it had an owner: app %u, fill %u, Rx %u, Tx %u, completion %u",
	      o->app, o->fill, o->rx, o->tx, o->done);
	CHECK(o->m->next == NULL && o->m->nb_segs == 1, "an mbuf was freed with its chain");
}

struct rte_mbuf *
sim_alloc(struct sim *s)
{
	struct rte_mbuf *m = rte_mbuf_raw_alloc(s->conf.pool);
	struct sim_owner *o;

	if (m == NULL)
		return NULL;
	sim_see_comp(s);
	o = sim_owner_of(s, m);
	sim_check_fresh(o);
	CHECK_INT(rte_mbuf_refcnt_read(m), ==, 1, "refcnt of an mbuf in the pool");
	rte_pktmbuf_reset(m);
	o->app = 1;
	return m;
}

struct rte_mbuf *
sim_mbuf(struct sim *s, uint32_t seq, uint32_t data_off, uint32_t len)
{
	struct rte_mbuf *m = sim_alloc(s);

	if (m == NULL)
		return NULL;
	CHECK_INT(data_off + len, <=, m->buf_len, "end of a packet");
	m->data_off = data_off;
	m->data_len = len;
	m->pkt_len = len;
	xt_frame_fill(rte_pktmbuf_mtod(m, uint8_t *), len, seq);
	return m;
}

void
sim_for_each_own(struct sim *s, struct rte_mbuf *pkt, void (*fn)(struct sim_owner *o))
{
	struct rte_mbuf *m;

	for (m = pkt; m != NULL; m = m->next) {
		if (m->pool == s->conf.pool)
			fn(sim_owner_of(s, m));
		if (RTE_MBUF_CLONED(m) && rte_mbuf_from_indirect(m)->pool == s->conf.pool)
			fn(sim_owner_of(s, rte_mbuf_from_indirect(m)));
	}
}

static void
adopt(struct sim_owner *o)
{
	if (o->app > 0) { /* twice in one packet */
		CHECK_INT(o->app, ==, rte_mbuf_refcnt_read(o->m), "references");
		return;
	}
	CHECK(o->fill == 0 && o->rx == 0 && o->tx == 0 && o->done == 0,
	      "an mbuf was freed while it had an owner");
	o->app = rte_mbuf_refcnt_read(o->m);
}

void
sim_drop(struct sim_owner *o)
{
	CHECK_INT(o->app, >, 0, "references of the test");
	o->app--;
}

void
sim_undrop(struct sim_owner *o)
{
	o->app++;
}

void
sim_adopt(struct sim *s, struct rte_mbuf *pkt)
{
	sim_see_comp(s);
	sim_for_each_own(s, pkt, adopt);
}

void
sim_ref(struct sim *s, struct rte_mbuf *pkt)
{
	struct rte_mbuf *m;

	sim_for_each_own(s, pkt, sim_undrop);
	for (m = pkt; m != NULL; m = m->next)
		rte_mbuf_refcnt_update(m, 1);
}

struct rte_mbuf *
sim_clone(struct sim *s, struct rte_mbuf *pkt)
{
	struct rte_mbuf *clone = rte_pktmbuf_clone(pkt, s->conf.pool), *m;

	for (m = clone; m != NULL; m = m->next) {
		CHECK_INT(sim_owner_of(s, m)->app, ==, 0, "references to an mbuf of the pool");
		sim_owner_of(s, m)->app = 1;
		sim_owner_of(s, rte_mbuf_from_indirect(m))->app++;
	}
	return clone;
}

void
sim_free(struct sim *s, struct rte_mbuf *pkt)
{
	sim_for_each_own(s, pkt, sim_drop);
	rte_pktmbuf_free(pkt);
}

/* ---- the whole ---- */

/* The state of each descriptor, from the next to be received or written on. */
static void
check_status(struct sim *s)
{
	const uint32_t in_rx = sim_count(&s->rx), in_fill = sim_count(&s->fill);
	const uint32_t in_tx = sim_count(&s->tx) + sim_taken(s);
	uint32_t i;
	int want;

	for (i = 0; i < s->conf.rx_size; i++) {
		want = i < in_rx ? RTE_ETH_RX_DESC_DONE : i < in_rx + in_fill ?
		       RTE_ETH_RX_DESC_AVAIL : RTE_ETH_RX_DESC_UNAVAIL;
		CHECK_INT(xskpmd_rx_descriptor_status(&s->rxq, i), ==, want, "Rx status at %u", i);
	}
	for (i = 0; i < s->conf.tx_size; i++) {
		want = i < s->conf.tx_size - in_tx ? RTE_ETH_TX_DESC_DONE : RTE_ETH_TX_DESC_FULL;
		CHECK_INT(xskpmd_tx_descriptor_status(&s->txq, i), ==, want, "Tx status at %u", i);
	}
	CHECK_INT(xskpmd_rx_descriptor_status(&s->rxq, s->conf.rx_size), ==, -EINVAL, "behind it");
	CHECK_INT(xskpmd_tx_descriptor_status(&s->txq, s->conf.tx_size), ==, -EINVAL, "behind it");
}

void
sim_check(struct sim *s)
{
	uint32_t i;

	if (s->conf.rx_size > 0)
		sim_check_rx(s);
	if (s->conf.tx_size > 0) {
		xskpmd_tx_reclaim(&s->txq);
		sim_check_tx(s);
	}
	check_status(s);
	for (i = 0; i < s->nb_owners; i++) {
		const struct sim_owner *o = &s->owners[i];
		const uint64_t slot = xskpmd_addr_slot(&s->g->addr,
						       xskpmd_addr_chunk(&s->g->addr, o->m));

		if (s->rxq.held != NULL && s->rxq.first == NULL)
			CHECK_INT(s->rxq.held[slot], ==, o->fill + o->rx,
				  "Rx record of mbuf %u", i);
		if (s->conf.tx_size > 0)
			CHECK_INT(s->txq.held[slot], ==, o->tx, "Tx record of mbuf %u", i);
	}
}

static uint32_t
due_at(const struct sim_conf *conf, uint16_t size)
{
	return RTE_MIN(conf->free_thresh != 0 ? conf->free_thresh : 32, size / 4);
}

#define XSK_RING(r, from) do { \
	(r)->mask = (from)->size - 1; \
	(r)->size = (from)->size; \
	(r)->producer = &(from)->producer; \
	(r)->consumer = &(from)->consumer; \
	(r)->flags = &(from)->flags; \
	(r)->ring = (from)->entries; \
	(r)->cached_prod = (from)->producer; \
	(r)->cached_cons = (from)->consumer; \
} while (0)

static void
rx_init(struct sim *s)
{
	const uint32_t size = rte_align32pow2(s->conf.rx_size);
	struct xskpmd_rxq *q = &s->rxq;
	struct rte_mbuf like = {.refcnt = 1, .nb_segs = 1, .port = 5};

	ring_init(&s->rx, size, sizeof(struct xdp_desc), s->conf.start);
	ring_init(&s->fill, rte_align32pow2(s->conf.rx_size + s->conf.spare), sizeof(uint64_t),
		  s->conf.start);
	s->fill_seen = s->conf.start;
	XSK_RING(&q->rx, &s->rx);
	XSK_RING(&q->fill, &s->fill);
	q->fill.cached_cons += s->fill.size;
	q->fd_slot = SIM_RX_SLOT;
	xskpmd_fds[SIM_RX_SLOT] = -1;
	q->addr = s->g->addr;
	q->pool = s->conf.pool;
	q->size = s->conf.rx_size;
	q->owned = q->size + s->conf.spare;
	q->missing = q->owned;
	q->refill_at = due_at(&s->conf, q->size);
	memcpy(&q->rearm, &like.data_off, sizeof(q->rearm));
	q->scatter = s->conf.scatter;
	q->port_id = 5;
	if (s->conf.track)
		q->held = zalloc((s->g->area_len >> XSKPMD_SLOT_SHIFT) + 1, sizeof(*q->held));
	s->rx_fn = xskpmd_rx_burst_select(s->conf.sg, s->conf.track)->fn;
	xskpmd_rx_fill(q);
	sim_see_fill(s);
	sim_check_rx(s);
}

static void
tx_init(struct sim *s)
{
	const uint32_t size = rte_align32pow2(s->conf.tx_size);
	struct xskpmd_txq *q = &s->txq;

	ring_init(&s->tx, size, sizeof(struct xdp_desc), s->conf.start);
	ring_init(&s->comp, size, sizeof(uint64_t), s->conf.start);
	s->tx_seen = s->conf.start;
	s->comp_seen = s->conf.start;
	s->ring_parts = zalloc(size, sizeof(*s->ring_parts));
	s->parts = zalloc(size, sizeof(*s->parts));
	XSK_RING(&q->tx, &s->tx);
	XSK_RING(&q->comp, &s->comp);
	q->tx.cached_cons += size;
	q->fd_slot = SIM_TX_SLOT;
	xskpmd_fds[SIM_TX_SLOT] = -1;
	q->addr = s->g->addr;
	q->pool = s->conf.pool;
	q->size = s->conf.tx_size;
	q->free = q->size;
	q->reclaim_at = q->size - due_at(&s->conf, q->size) + 1;
	q->buf_len = s->umem->buf_len;
	q->seg_span = RTE_MIN(s->g->chunk_size, s->umem->buf_len) - XSKPMD_MIN_FRAME;
	q->max_segs = RTE_MAX(s->conf.max_segs, 1);
	q->zero_copy = s->conf.zero_copy;
	q->held = zalloc((s->g->area_len >> XSKPMD_SLOT_SHIFT) + 1, sizeof(*q->held));
	s->tx_fn = xskpmd_tx_burst_select(s->conf.sg)->fn;
}

struct sim *
sim_new(const struct sim_conf *conf)
{
	struct sim *s = aligned_alloc(RTE_CACHE_LINE_SIZE, sizeof(*s));

	CHECK(s != NULL, "no memory");
	memset(s, 0, sizeof(*s));
	s->conf = *conf;
	CHECK_OK(xskpmd_umem_get("sim", conf->pool,
				 conf->data_off != 0 ? conf->data_off : RTE_PKTMBUF_HEADROOM,
				 &s->umem), "umem");
	s->g = &s->umem->geom;
	s->nb_owners = conf->pool->size;
	s->owners = zalloc(s->nb_owners, sizeof(*s->owners));
	s->owner_at = zalloc(s->g->area_len / 64 + 1, sizeof(*s->owner_at));
	rte_mempool_obj_iter(conf->pool, owner_add, s);
	s->rx_fifo.pkts = zalloc(SIM_PKTS, sizeof(struct sim_pkt));
	s->tx_fifo.pkts = zalloc(SIM_PKTS, sizeof(struct sim_pkt));
	s->frame = zalloc(SIM_FRAME, 1);
	if (conf->rx_size > 0)
		rx_init(s);
	if (conf->tx_size > 0)
		tx_init(s);
	return s;
}

/* Every mbuf is in the pool once, as the pool wants it. */
static void
check_pool(struct sim *s)
{
	struct rte_mbuf **m = zalloc(s->nb_owners, sizeof(*m));
	uint32_t n;

	CHECK_INT(rte_mempool_avail_count(s->conf.pool), ==, s->nb_owners, "mbufs in the pool");
	for (n = 0; n < s->nb_owners; n++) {
		m[n] = sim_alloc(s);
		CHECK(m[n] != NULL, "the pool has only %u mbufs of %u", n, s->nb_owners);
	}
	while (n > 0)
		sim_free(s, m[--n]);
	free(m);
}

void
sim_close(struct sim *s)
{
	const struct xskpmd_addr *addr = &s->g->addr;
	struct rte_mbuf *m;
	uint32_t i;

	if (s->conf.tx_size > 0)
		sim_complete_all(s);
	sim_check(s);
	for (i = s->fill.consumer; i != s->fill.producer; i++) {
		m = xskpmd_addr_mbuf(addr, *sim_addr(&s->fill, i));
		sim_owner_of(s, m)->fill = 0;
		rte_mbuf_raw_free(m);
	}
	for (i = s->rx.consumer; i != s->rx.producer; i++)
		sim_owner_of(s, xskpmd_addr_mbuf(addr, sim_desc(&s->rx, i)->addr))->rx = 0;
	for (m = s->rxq.first; m != NULL; m = m->next)
		sim_owner_of(s, m)->rx = 0;
	if (s->conf.rx_size > 0) {
		xskpmd_rx_discard(&s->rxq);
		CHECK(sim_count(&s->rx) == 0 && s->rxq.first == NULL, "packets after a discard");
	}
	check_pool(s);
	xskpmd_umem_put(s->umem);
	free(s->rx.entries);
	free(s->fill.entries);
	free(s->tx.entries);
	free(s->comp.entries);
	free(s->ring_parts);
	free(s->parts);
	free(s->rxq.held);
	free(s->txq.held);
	free(s->owners);
	free(s->owner_at);
	free(s->rx_fifo.pkts);
	free(s->tx_fifo.pkts);
	free(s->frame);
	free(s);
}
