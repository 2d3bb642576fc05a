/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* Every form of mbuf through the Tx bursts: what the kernel reads is the packet, or none. */

#include <string.h>

#include <rte_errno.h>
#include <rte_mempool.h>

#include "shape.h"
#include "unit_sim.h"

static const uint32_t lens[] = {18, 19, 20, 25, 33, 59, 60, 61, 64, 65, 100, 127, 128, 255, 333,
	512, 777, 1023, 1024, 1025, 1499, 1500, 1513, 1514};

static struct sim *
new_sim(const struct sim_form *f, struct rte_mempool *pool)
{
	struct sim_conf conf = {.pool = pool, .tx_size = 200, .sg = f->sg,
		.zero_copy = f->zero_copy, .max_segs = f->max_segs, .start = UINT32_MAX - 300};

	return sim_new(&conf);
}

/* Longest packet that can be copied. */
static uint32_t
copy_max(const struct sim *s)
{
	return s->conf.max_segs *
	       RTE_MIN(s->g->chunk_size, s->umem->buf_len - RTE_PKTMBUF_HEADROOM);
}

/* ---- good ---- */

/* Whether a shape must be copied, or must not. */
static void
expect_copy(const struct sim_form *f, enum shape shape, struct sim_pkt *p)
{
	switch (shape) {
	case SHAPE_OWN:
	case SHAPE_SHARED:
	case SHAPE_ODD:
	case SHAPE_PREPEND:
		p->as_is = true;
		break;
	case SHAPE_CHAIN: /* of up to five segments; the first with 14 bytes at least */
		p->copy = !f->sg || f->max_segs < 5;
		p->as_is = !p->copy && p->len >= 5 * 14;
		break;
	case SHAPE_MIX:
		break;
	default:
		p->copy = true;
		break;
	}
}

/* The test lets go of what it kept; nothing else may have a reference. */
static void
all_back(struct sim *s, struct shapes *sh)
{
	struct rte_mbuf *m;

	CHECK_INT(sh->extbufs_freed, ==, sh->extbufs_made, "external buffers freed");
	while (sh->nb_kept > 0) {
		m = sh->kept[--sh->nb_kept];
		CHECK_INT(rte_mbuf_refcnt_read(m), ==, 1, "references to a packet the test keeps");
		m->next = NULL; /* of a chain that is gone */
		m->nb_segs = 1;
		sim_free(s, m);
	}
	CHECK_INT(rte_mempool_avail_count(sh->other), ==, sh->other->size, "other pool");
	CHECK_INT(rte_mempool_avail_count(sh->headers), ==, sh->headers->size, "indirect mbufs");
}

static void
send_shapes(struct sim *s, struct shapes *sh, const struct sim_form *f, int shape, unsigned int n,
	    uint32_t *seq)
{
	struct rte_mbuf *m[32];
	struct sim_pkt what[32];
	unsigned int i, kind;

	for (i = 0; i < n; i++) {
		kind = shape >= 0 ? (unsigned int)shape : unit_below(NB_SHAPES);
		what[i] = (struct sim_pkt){.seq = *seq + i,
			.len = lens[(*seq + i) % RTE_DIM(lens)]};
		expect_copy(f, kind, &what[i]);
		m[i] = shape_make(sh, kind, what[i].seq, what[i].len);
		sim_adopt(s, m[i]);
	}
	CHECK_INT(xskpmd_tx_prepare(&s->txq, m, n), ==, n, "prepare (%s)", rte_strerror(rte_errno));
	CHECK_INT(sim_tx(s, m, what, n), ==, n, "packets taken");
	*seq += n;
	sim_complete_all(s);
	all_back(s, sh);
}

static void
good(const struct sim_form *f)
{
	static struct shapes sh;
	unsigned int round, bursts;
	uint32_t seq = 0;
	struct sim *s;
	int shape;

	s = new_sim(f, unit_pool(f->pool, 600));
	shapes_init(&sh, s->conf.pool);
	for (shape = -1; shape < NB_SHAPES; shape++) {
		xt_note("%s: %s", f->name, shape < 0 ? "any" : shape_name[shape]);
		bursts = unit_less(shape < 0 ? 300 : 100, 10);
		for (round = 0; round < bursts; round++)
			send_shapes(s, &sh, f, shape, round % 2 == 0 ? 1 : 32, &seq);
	}
	sim_close(s);
	unit_pool_free(sh.own);
	unit_pool_free(sh.other);
	unit_pool_free(sh.headers);
}

/* ---- at the limits, and beyond ---- */

struct pools {
	struct rte_mempool *own;
	struct rte_mempool *other; /* buffers of 65535 bytes */
};

/* A chain of n segments that share len bytes. */
static struct rte_mbuf *
chain(struct rte_mempool *pool, uint32_t seq, uint32_t len, unsigned int n)
{
	static uint8_t frame[SIM_FRAME];
	struct rte_mbuf *head = NULL, *m;
	uint32_t from = 0, part;

	xt_frame_fill(frame, len, seq);
	for (; n > 0; n--, from += part) {
		part = (len - from) / n;
		m = xt_mbuf(pool, 0, part);
		memcpy(rte_pktmbuf_mtod(m, uint8_t *), frame + from, part);
		if (head == NULL)
			head = m;
		else
			CHECK_OK(rte_pktmbuf_chain(head, m), "chain");
	}
	CHECK_INT(head->pkt_len, ==, len, "length of a chain");
	return head;
}

enum edge {
	EDGE_14_OWN, EDGE_14_OTHER, EDGE_14_CHAIN, EDGE_18_OWN, EDGE_19_OWN, EDGE_18_OTHER,
	EDGE_40_OTHER, EDGE_COPY_MAX, EDGE_EMPTY_LAST, EDGE_EMPTY_FIRST,
	EDGE_0_OWN, EDGE_1_OWN, EDGE_13_OWN, EDGE_13_OTHER, EDGE_13_CHAIN, EDGE_0_CHAIN,
	EDGE_COPY_OVER, EDGE_65535, EDGE_BEYOND_OWN, EDGE_BEYOND_OTHER, EDGE_BEYOND_LAST,
	EDGE_SEGS_LESS, EDGE_SEGS_MORE, EDGE_SEGS_1_OF_2, EDGE_SEGS_2_OF_1,
	EDGE_LEN_LESS, EDGE_LEN_MORE, EDGE_LEN_LESS_CHAIN, EDGE_LEN_MORE_CHAIN, EDGE_LEN_0,
	NB_EDGES,
};

static const struct {
	const char *name;
	bool bad;
} edges[NB_EDGES] = {
	[EDGE_14_OWN] = {"14 bytes", false},
	[EDGE_14_OTHER] = {"14 bytes of another pool", false},
	[EDGE_14_CHAIN] = {"14 bytes in 3 segments", false},
	[EDGE_18_OWN] = {"18 segments", false},
	[EDGE_19_OWN] = {"19 segments", false},
	[EDGE_18_OTHER] = {"18 segments of another pool", false},
	[EDGE_40_OTHER] = {"40 short segments", false},
	[EDGE_COPY_MAX] = {"as much as can be copied", false},
	[EDGE_EMPTY_LAST] = {"an empty last segment", false},
	[EDGE_EMPTY_FIRST] = {"an empty first segment", false},
	[EDGE_0_OWN] = {"no byte", true},
	[EDGE_1_OWN] = {"1 byte", true},
	[EDGE_13_OWN] = {"13 bytes", true},
	[EDGE_13_OTHER] = {"13 bytes of another pool", true},
	[EDGE_13_CHAIN] = {"13 bytes in 3 segments", true},
	[EDGE_0_CHAIN] = {"no byte in 3 segments", true},
	[EDGE_COPY_OVER] = {"one byte more than can be copied", true},
	[EDGE_65535] = {"65407 bytes", true},
	[EDGE_BEYOND_OWN] = {"a byte beyond the buffer", true},
	[EDGE_BEYOND_OTHER] = {"a byte beyond the buffer of another pool", true},
	[EDGE_BEYOND_LAST] = {"a byte beyond the last segment's buffer", true},
	[EDGE_SEGS_LESS] = {"3 segments that claim to be 2", true},
	[EDGE_SEGS_MORE] = {"3 segments that claim to be 4", true},
	[EDGE_SEGS_1_OF_2] = {"2 segments that claim to be 1", true},
	[EDGE_SEGS_2_OF_1] = {"1 segment that claims to be 2", true},
	[EDGE_LEN_LESS] = {"pkt_len below data_len", true},
	[EDGE_LEN_MORE] = {"pkt_len above data_len", true},
	[EDGE_LEN_LESS_CHAIN] = {"pkt_len below the sum of segments", true},
	[EDGE_LEN_MORE_CHAIN] = {"pkt_len above the sum of segments", true},
	[EDGE_LEN_0] = {"pkt_len 0", true},
};

/* Packets of one segment, or of segments as they should be. */
static struct rte_mbuf *
edge_length(const struct sim *s, const struct pools *p, enum edge edge, uint32_t seq)
{
	switch (edge) {
	case EDGE_14_OWN:
		return xt_mbuf(p->own, seq, 14);
	case EDGE_14_OTHER:
		return xt_mbuf(p->other, seq, 14);
	case EDGE_14_CHAIN:
		return chain(p->own, seq, 14, 3);
	case EDGE_18_OWN:
		return chain(p->own, seq, 1200, 18);
	case EDGE_19_OWN:
		return chain(p->own, seq, 1200, 19);
	case EDGE_18_OTHER:
		return chain(p->other, seq, 1200, 18);
	case EDGE_40_OTHER:
		return chain(p->other, seq, 1400, 40);
	case EDGE_COPY_MAX:
		return chain(p->other, seq, copy_max(s), 2);
	case EDGE_0_OWN:
		return xt_mbuf(p->own, seq, 0);
	case EDGE_1_OWN:
		return xt_mbuf(p->own, seq, 1);
	case EDGE_13_OWN:
		return xt_mbuf(p->own, seq, 13);
	case EDGE_13_OTHER:
		return xt_mbuf(p->other, seq, 13);
	case EDGE_13_CHAIN:
		return chain(p->own, seq, 13, 3);
	case EDGE_0_CHAIN:
		return chain(p->own, seq, 0, 3);
	case EDGE_COPY_OVER:
		return chain(p->other, seq, copy_max(s) + 1, 2);
	default:
		return chain(p->other, seq, 65535 - RTE_PKTMBUF_HEADROOM, 1);
	}
}

/* Packets whose fields do not agree. */
static struct rte_mbuf *
edge_fields(const struct pools *p, enum edge edge, uint32_t seq)
{
	const bool many = edge >= EDGE_BEYOND_LAST && edge <= EDGE_SEGS_MORE;
	struct rte_mbuf *m = edge == EDGE_BEYOND_OTHER ? xt_mbuf(p->other, seq, 200) :
			     edge == EDGE_SEGS_1_OF_2 || edge == EDGE_LEN_LESS_CHAIN ||
			     edge == EDGE_LEN_MORE_CHAIN ? chain(p->own, seq, 200, 2) :
			     many ? chain(p->own, seq, 300, 3) : xt_mbuf(p->own, seq, 200);
	struct rte_mbuf *last = rte_pktmbuf_lastseg(m), *empty;

	switch (edge) {
	case EDGE_EMPTY_LAST:
		CHECK_OK(rte_pktmbuf_chain(m, xt_mbuf(p->own, 0, 0)), "chain");
		return m;
	case EDGE_EMPTY_FIRST:
		empty = xt_mbuf(p->own, 0, 0);
		CHECK_OK(rte_pktmbuf_chain(empty, m), "chain");
		return empty;
	case EDGE_BEYOND_OWN:
	case EDGE_BEYOND_OTHER:
	case EDGE_BEYOND_LAST:
		last->data_off = last->buf_len - last->data_len + 1;
		return m;
	case EDGE_SEGS_LESS:
	case EDGE_SEGS_1_OF_2:
		m->nb_segs--;
		return m;
	case EDGE_SEGS_MORE:
	case EDGE_SEGS_2_OF_1:
		m->nb_segs++;
		return m;
	case EDGE_LEN_LESS:
	case EDGE_LEN_LESS_CHAIN:
		m->pkt_len--;
		return m;
	case EDGE_LEN_MORE:
	case EDGE_LEN_MORE_CHAIN:
		m->pkt_len++;
		return m;
	default:
		m->pkt_len = 0;
		return m;
	}
}

static struct rte_mbuf *
edge_make(const struct sim *s, const struct pools *p, enum edge edge, uint32_t seq)
{
	if (edge == EDGE_EMPTY_LAST || edge == EDGE_EMPTY_FIRST || edge >= EDGE_BEYOND_OWN)
		return edge_fields(p, edge, seq);
	return edge_length(s, p, edge, seq);
}

/* Good packets around it are sent, it is sent or freed and counted; prepare says which. */
static void
send_edge(struct sim *s, const struct pools *p, enum edge edge, uint32_t seq)
{
	struct rte_mbuf *m[3];
	struct sim_pkt what[3];
	unsigned int i;
	bool bad = edges[edge].bad;

	if (edge == EDGE_65535)
		bad = copy_max(s) < 65535 - RTE_PKTMBUF_HEADROOM;
	for (i = 0; i < 3; i++) {
		m[i] = i == 1 ? edge_make(s, p, edge, seq + i) : xt_mbuf(p->own, seq + i, 100);
		what[i] = (struct sim_pkt){.seq = seq + i, .len = m[i]->pkt_len,
			.bad = i == 1 && bad, .as_is = i != 1};
		sim_adopt(s, m[i]);
	}
	if (edge != EDGE_SEGS_1_OF_2)
		CHECK_INT(xskpmd_tx_prepare(&s->txq, m, 3), ==, bad ? 1 : 3, "prepare");
	CHECK_INT(sim_tx(s, m, what, 3), ==, 3, "packets taken");
	sim_complete_all(s);
	CHECK_INT(rte_mempool_avail_count(p->own), ==, p->own->size, "mbufs back");
	CHECK_INT(rte_mempool_avail_count(p->other), ==, p->other->size, "other mbufs back");
}

static void
limits(const struct sim_form *f)
{
	struct pools p;
	unsigned int edge, round;
	struct sim *s;

	p.own = unit_pool(f->pool, 200);
	p.other = xt_pool_form(&(struct xt_pool_form){.n = 64, .data_room = 65535, .packed = true,
		.pieces = 1});
	s = new_sim(f, p.own);
	for (edge = 0; edge < NB_EDGES; edge++) {
		xt_note("%s: %s", f->name, edges[edge].name);
		for (round = 0; round < 5; round++)
			send_edge(s, &p, edge, round * 3);
	}
	sim_close(s);
	unit_pool_free(p.own);
	unit_pool_free(p.other);
}

static const struct sim_form forms[] = {
	{"default", POOL_DEFAULT, .max_segs = 1},
	{"aligned 2048, zero-copy", POOL_2048, .zero_copy = true, .max_segs = 1},
	{"copies over several descriptors", POOL_DEFAULT, .max_segs = 18},
	{"multi-buffer", POOL_DEFAULT, .sg = true, .max_segs = 18},
	{"aligned 2048, multi-buffer, zero-copy", POOL_2048, .sg = true, .zero_copy = true,
	 .max_segs = 18},
	{"aligned 4096, multi-buffer", POOL_4096, .sg = true, .max_segs = 18},
	{"data room of 9216, multi-buffer", POOL_BIG, .sg = true, .max_segs = 18},
	{"three pieces, multi-buffer, zero-copy", POOL_PIECES, .sg = true, .zero_copy = true,
	 .max_segs = 18},
};

const struct xt_case unit_shape_cases[] = {
	SIM_CASE("tx_shapes", "every form of mbuf", good, forms),
	SIM_CASE("tx_limits", "shortest, longest, malformed packets", limits, forms),
	{NULL},
};
