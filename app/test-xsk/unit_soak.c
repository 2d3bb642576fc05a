/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/*
 * An application that does everything at random: receives, keeps, frees, forwards, clones, chains
 * and copies, on an Rx and a Tx queue of one pool, until 2.5 million packets have been sent. The
 * simulation knows at every step who has each mbuf.
 */

#include <string.h>

#include <rte_mempool.h>

#include "unit_sim.h"

#define NB_KEPT 300
#define NB_PENDING 256 /* packets that wait for a Tx burst */

struct form {
	enum unit_pool pool;
	uint16_t rx_size, tx_size, spare;
	bool sg, track;
	uint16_t max_segs;
};

struct soak {
	struct sim *s;
	struct rte_mempool *other;
	uint32_t seq;
	unsigned int paused; /* rounds for which the kernel does not send */

	/* what the application has */
	struct rte_mbuf *kept[NB_KEPT];
	struct sim_pkt kept_what[NB_KEPT];
	unsigned int nb_kept;
	struct rte_mbuf *pending[NB_PENDING + 1];
	struct sim_pkt what[NB_PENDING + 1];
	unsigned int nb_pending;
};

static uint32_t
random_len(uint32_t longest)
{
	switch (unit_below(64)) {
	case 0:
		return 18 + unit_below(longest - 17);
	case 1:
		return longest;
	default:
		return 18 + unit_below(120);
	}
}

/* To the Tx queue, or away with it if that is full. */
static void
queue_up(struct soak *k, struct rte_mbuf *m, struct sim_pkt what)
{
	if (k->nb_pending >= NB_PENDING) {
		sim_free(k->s, m);
		return;
	}
	k->pending[k->nb_pending] = m;
	k->what[k->nb_pending++] = what;
}

static void
forward(struct soak *k, struct rte_mbuf *m, struct sim_pkt what)
{
	struct sim *s = k->s;
	struct rte_mbuf *clone;

	switch (unit_below(12)) {
	case 0: /* keep it */
		if (k->nb_kept < NB_KEPT) {
			k->kept_what[k->nb_kept] = what;
			k->kept[k->nb_kept++] = m;
			return;
		}
		sim_free(s, m);
		return;
	case 1: /* keep a reference */
		if (k->nb_kept < NB_KEPT) {
			sim_ref(s, m);
			k->kept_what[k->nb_kept] = what;
			k->kept[k->nb_kept++] = m;
		}
		break;
	case 2: /* send a clone of it, or both */
		clone = sim_clone(s, m);
		if (clone != NULL) {
			queue_up(k, clone, (struct sim_pkt){what.seq, what.len, .copy = true});
			if (unit_rand() % 2) {
				sim_free(s, m);
				return;
			}
		}
		break;
	case 3:
		sim_free(s, m);
		return;
	}
	queue_up(k, m, what);
}

static void
receive(struct soak *k)
{
	struct sim *s = k->s;
	uint32_t i, n, len, head = s->rx_fifo.head;
	const uint32_t longest = s->conf.sg ? 3 * s->g->room : s->g->room;

	for (n = unit_below(100); n > 0; n--, k->seq++) {
		len = random_len(longest);
		if (!sim_deliver(s, k->seq, len))
			break;
	}
	n = sim_rx(s, 1 + unit_below(64));
	for (i = 0; i < n; i++) {
		const struct sim_pkt *p = &s->rx_fifo.pkts[(head + i) % SIM_PKTS];

		forward(k, s->pkts[i], (struct sim_pkt){.seq = p->seq, .len = p->len});
	}
}

/* Segments of the pool and of another, more than may be posted at times. */
static struct rte_mbuf *
random_chain(struct soak *k, uint32_t seq, uint32_t len)
{
	struct sim *s = k->s;
	struct rte_mbuf *head = NULL, *m;
	unsigned int segs = 2 + unit_below(unit_below(8) == 0 ? 25 : 3);
	uint32_t from, part;

	xt_frame_fill(s->frame, len, seq);
	for (from = 0; segs > 0; from += part, segs--) {
		part = (len - from) / segs;
		m = unit_below(8) == 0 ? rte_pktmbuf_alloc(k->other) : sim_alloc(s);
		if (m == NULL) {
			if (head != NULL)
				sim_free(s, head);
			return NULL;
		}
		m->data_off += unit_below(8);
		memcpy(rte_pktmbuf_append(m, part), s->frame + from, part);
		if (head == NULL)
			head = m;
		else
			CHECK_OK(rte_pktmbuf_chain(head, m), "chain");
	}
	return head;
}

/* Packets of the application's own. */
static void
originate(struct soak *k)
{
	struct sim *s = k->s;
	struct sim_pkt what = {.seq = k->seq++, .len = random_len(s->g->room - 16)};
	struct rte_mbuf *m = NULL;

	switch (unit_below(8)) {
	case 0:
		m = random_chain(k, what.seq, what.len);
		break;
	case 1:
		what.copy = true;
		what.len = RTE_MIN(what.len, 2048u);
		m = xt_mbuf(k->other, what.seq, what.len);
		break;
	case 2:
		what.bad = true;
		what.len = unit_below(14);
		m = sim_mbuf(s, what.seq, 100, what.len);
		break;
	case 3: /* again what was kept */
		if (k->nb_kept == 0)
			return;
		what = k->kept_what[k->nb_kept - 1];
		m = k->kept[k->nb_kept - 1];
		sim_ref(s, m);
		break;
	default:
		what.as_is = true;
		m = sim_mbuf(s, what.seq, unit_below(s->umem->buf_len - what.len + 1), what.len);
		break;
	}
	if (m != NULL)
		queue_up(k, m, what);
}

static void
transmit(struct soak *k)
{
	uint16_t n = RTE_MIN(1 + unit_below(128), k->nb_pending);
	unsigned int sent;

	sent = sim_tx(k->s, k->pending, k->what, n);
	k->nb_pending -= sent;
	memmove(k->pending, k->pending + sent, k->nb_pending * sizeof(k->pending[0]));
	memmove(k->what, k->what + sent, k->nb_pending * sizeof(k->what[0]));
}

/* The kernel sends and completes some; now and then it pauses until the ring must be full. */
static void
drain(struct soak *k)
{
	if (k->paused > 0) {
		k->paused--;
		return;
	}
	if (unit_below(200) == 0)
		k->paused = 50;
	if (unit_below(3) != 0)
		sim_take(k->s, unit_below(200));
	if (unit_below(3) != 0)
		sim_complete(k->s, unit_below(200), unit_rand() % 2);
}

/* Free some of what was kept, or all of it. */
static void
let_go(struct soak *k, unsigned int n)
{
	unsigned int i;

	for (; n > 0 && k->nb_kept > 0; n--) {
		i = unit_below(k->nb_kept);
		sim_free(k->s, k->kept[i]);
		k->kept[i] = k->kept[--k->nb_kept];
		k->kept_what[i] = k->kept_what[k->nb_kept];
	}
}

static void
soak(const void *arg)
{
	const struct form *f = arg;
	const uint64_t packets = unit_less(2500000, 50);
	struct sim_conf conf = {.rx_size = f->rx_size, .spare = f->spare, .tx_size = f->tx_size, .sg = f->sg,
		.scatter = f->sg, .track = f->track, .zero_copy = f->track, .max_segs = f->max_segs,
		.start = UINT32_MAX - unit_less(1250000, 50)};
	static struct soak k;
	unsigned int round;

	unit_eal();
	/* too few for all queues and all that is kept: the pool runs dry at times */
	conf.pool = unit_pool(f->pool, f->rx_size + f->spare + f->tx_size / 2 + NB_KEPT);
	k.other = xt_pool(2048, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE);
	k.s = sim_new(&conf);
	for (round = 0; k.s->tx_packets < packets; round++) {
		if (round % 1024 == 0) {
			xt_note("%" PRIu64 " packets sent", k.s->tx_packets);
			sim_check(k.s);
		}
		receive(&k);
		while (unit_below(10) != 0)
			originate(&k);
		transmit(&k);
		drain(&k);
		if (unit_below(4) == 0)
			let_go(&k, unit_below(64) == 0 ? NB_KEPT : unit_below(20));
	}
	CHECK_INT(k.s->txq.stats.nombuf + k.s->rxq.stats.nombuf, >, 0, "times the pool was empty");
	CHECK_INT(k.s->txq.stats.full, >, 0, "times the ring was full");
	while (k.nb_pending > 0)
		sim_free(k.s, k.pending[--k.nb_pending]);
	let_go(&k, NB_KEPT);
	CHECK_INT(k.nb_kept, ==, 0, "packets kept");
	sim_close(k.s);
	CHECK_INT(rte_mempool_avail_count(k.other), ==, k.other->size, "mbufs of the other pool");
}

static const struct form forms[] = {
	{POOL_DEFAULT, 512, 512, .max_segs = 1},
	{POOL_2048, 300, 200, .spare = 100, .track = true, .max_segs = 1},
	{POOL_DEFAULT, 256, 100, .sg = true, .max_segs = 18},
	{POOL_4096, 100, 64, .spare = 200, .sg = true, .track = true, .max_segs = 18},
};

#define CASE(name, what, form) {name, what, soak, form, .flags = XT_UNIT | XT_SLOW, .limit = 240}

const struct xt_case unit_soak_cases[] = {
	CASE("soak", "2.5 million packets of all forms at random", &forms[0]),
	CASE("soak_track", "the same, aligned chunks, tracked", &forms[1]),
	CASE("soak_sg", "the same, multi-buffer", &forms[2]),
	CASE("soak_sg_track", "the same, multi-buffer, chunks of 4096, tracked", &forms[3]),
	{NULL},
};
