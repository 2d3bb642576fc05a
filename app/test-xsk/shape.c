/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

#include <stdlib.h>
#include <string.h>

#include <rte_mempool.h>

#include "shape.h"

const char *const shape_name[NB_SHAPES] = {
	[SHAPE_OWN] = "own pool",
	[SHAPE_OTHER] = "other pool",
	[SHAPE_INDIRECT] = "indirect",
	[SHAPE_INDIRECT_OTHER] = "indirect of another pool",
	[SHAPE_CLONE] = "clone",
	[SHAPE_EXTBUF] = "external buffer",
	[SHAPE_EXTBUF_OWN] = "external buffer on an mbuf of the pool",
	[SHAPE_SHARED] = "refcnt 2",
	[SHAPE_ODD] = "odd address",
	[SHAPE_PREPEND] = "in the headroom",
	[SHAPE_CHAIN] = "chain",
	[SHAPE_MIX] = "mixed chain",
};

struct extbuf {
	struct rte_mbuf_ext_shared_info shinfo;
	struct shapes *owner;
	unsigned int len;
	bool freed;
	uint8_t data[];
};

void
shapes_init(struct shapes *s, struct rte_mempool *own)
{
	memset(s, 0, sizeof(*s));
	s->own = own;
	s->other = xt_pool(4096, 32, 0, RTE_MBUF_DEFAULT_BUF_SIZE);
	s->headers = xt_pool(8192, 32, 0, 0);
}

static void
extbuf_free(void *addr __rte_unused, void *opaque)
{
	static struct extbuf *old[1024];
	static unsigned int next;
	struct extbuf *e = opaque;

	CHECK(!e->freed, "external buffer freed twice");
	e->freed = true;
	e->owner->extbufs_freed++;
	memset(e->data, 0xee, e->len); /* seen on the wire if it was freed too early */
	/* kept for a while, so that a second call is seen */
	free(old[next]);
	old[next] = e;
	next = (next + 1) % RTE_DIM(old);
}

static struct rte_mbuf *
make_extbuf(struct shapes *s, struct rte_mempool *mp, uint32_t seq, unsigned int len)
{
	struct extbuf *e = malloc(sizeof(*e) + len);
	struct rte_mbuf *m = rte_pktmbuf_alloc(mp);

	CHECK(e != NULL && m != NULL, "no memory for an external buffer");
	memset(e, 0, sizeof(*e));
	e->owner = s;
	e->len = len;
	e->shinfo.free_cb = extbuf_free;
	e->shinfo.fcb_opaque = e;
	rte_mbuf_ext_refcnt_set(&e->shinfo, 1);
	xt_frame_fill(e->data, len, seq);
	rte_pktmbuf_attach_extbuf(m, e->data, (uintptr_t)e->data, len, &e->shinfo);
	m->data_off = 0;
	m->data_len = len;
	m->pkt_len = len;
	s->extbufs_made++;
	return m;
}

static struct rte_mbuf *
make_indirect(struct rte_mempool *mp, struct rte_mbuf *direct)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(mp);

	CHECK(m != NULL, "no mbuf for an indirect one");
	rte_pktmbuf_attach(m, direct);
	rte_pktmbuf_free(direct); /* the indirect mbuf has a reference */
	return m;
}

/* Data starts `by` bytes after (or, negative, before) its usual place. */
static struct rte_mbuf *
make_moved(struct shapes *s, uint32_t seq, unsigned int len, int by)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(s->own);

	CHECK(m != NULL, "no mbuf");
	m->data_off += by;
	m->data_len = len;
	m->pkt_len = len;
	CHECK_INT(m->data_off + len, <=, m->buf_len, "end of a moved packet");
	xt_frame_fill(rte_pktmbuf_mtod(m, uint8_t *), len, seq);
	return m;
}

/* A segment that holds bytes [from, from + len) of frame seq. */
static struct rte_mbuf *
make_segment(struct shapes *s, enum shape shape, uint32_t seq, unsigned int from, unsigned int len)
{
	struct rte_mbuf *m = shape_make(s, shape, seq, from + len);

	/* make the whole frame, then cut: every shape works that way */
	rte_pktmbuf_adj(m, from);
	return m;
}

static struct rte_mbuf *
make_chain(struct shapes *s, bool mix, uint32_t seq, unsigned int len)
{
	static const enum shape kinds[] = {SHAPE_OWN, SHAPE_OTHER, SHAPE_INDIRECT, SHAPE_EXTBUF,
		SHAPE_CLONE, SHAPE_ODD, SHAPE_EXTBUF_OWN, SHAPE_SHARED, SHAPE_INDIRECT_OTHER};
	unsigned int segs = 2 + seq % 4, from = 0, part, i;
	struct rte_mbuf *head = NULL, *seg;
	enum shape kind = SHAPE_OWN;

	for (i = 0; i < segs; i++, from += part) {
		part = i == segs - 1 ? len - from : len / segs;
		if (mix && i == 1 && segs > 2)
			part = 0;
		if (mix)
			kind = kinds[(seq + i) % RTE_DIM(kinds)];
		seg = make_segment(s, kind, seq, from, part);
		if (head == NULL)
			head = seg;
		else
			CHECK_OK(rte_pktmbuf_chain(head, seg), "chain");
	}
	CHECK_INT(head->pkt_len, ==, len, "length of a chain");
	return head;
}

struct rte_mbuf *
shape_make(struct shapes *s, enum shape shape, uint32_t seq, unsigned int len)
{
	struct rte_mbuf *m;

	switch (shape) {
	case SHAPE_OTHER:
		return xt_mbuf(s->other, seq, len);
	case SHAPE_INDIRECT:
		return make_indirect(s->headers, xt_mbuf(s->own, seq, len));
	case SHAPE_INDIRECT_OTHER:
		return make_indirect(s->headers, xt_mbuf(s->other, seq, len));
	case SHAPE_CLONE:
		return make_indirect(s->own, xt_mbuf(s->own, seq, len));
	case SHAPE_EXTBUF:
		return make_extbuf(s, s->headers, seq, len);
	case SHAPE_EXTBUF_OWN:
		return make_extbuf(s, s->own, seq, len);
	case SHAPE_SHARED:
		m = xt_mbuf(s->own, seq, len);
		rte_mbuf_refcnt_update(m, 1);
		CHECK(s->nb_kept < RTE_DIM(s->kept), "too many packets kept");
		s->kept[s->nb_kept++] = m;
		return m;
	case SHAPE_ODD:
		return make_moved(s, seq, len, 1 + 2 * (seq % 20));
	case SHAPE_PREPEND:
		return make_moved(s, seq, len, -(int)(1 + seq % RTE_PKTMBUF_HEADROOM));
	case SHAPE_CHAIN:
	case SHAPE_MIX:
		return make_chain(s, shape == SHAPE_MIX, seq, len);
	default:
		return xt_mbuf(s->own, seq, len);
	}
}

static bool
all_back(void *arg)
{
	struct shapes *s = arg;
	unsigned int i;

	for (i = 0; i < s->nb_kept; i++) {
		if (rte_mbuf_refcnt_read(s->kept[i]) != 1)
			return false;
	}
	return s->extbufs_freed == s->extbufs_made &&
	       rte_mempool_avail_count(s->other) == s->other->size &&
	       rte_mempool_avail_count(s->headers) == s->headers->size;
}

void
shapes_all_back(struct shapes *s, struct xt_port *p)
{
	unsigned int i;

	if (!xt_poll_until(p, all_back, s)) {
		CHECK_INT(s->extbufs_freed, ==, s->extbufs_made, "external buffers freed");
		for (i = 0; i < s->nb_kept; i++)
			CHECK_INT(rte_mbuf_refcnt_read(s->kept[i]), ==, 1,
				  "refcnt of a kept packet");
		CHECK_INT(rte_mempool_avail_count(s->other), ==, s->other->size,
			  "mbufs back in the other pool");
		CHECK_INT(rte_mempool_avail_count(s->headers), ==, s->headers->size,
			  "indirect mbufs back in their pool");
	}
	for (i = 0; i < s->nb_kept; i++) {
		struct rte_mbuf *m = s->kept[i];

		/* of a chain that is gone: a segment with another owner keeps its link */
		m->next = NULL;
		m->nb_segs = 1;
		m->pkt_len = m->data_len;
		rte_pktmbuf_free(m);
	}
	s->nb_kept = 0;
}
