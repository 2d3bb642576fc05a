/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* The Rx bursts against a simulated kernel (unit_sim.h checks every packet and every count). */

#include <rte_mempool.h>

#include "unit_sim.h"

static const uint16_t sizes[] = {32, 48, 64, 100, 333, 1000, 4096};
/* Indices of the rings go through 2^31 and 2^32. */
static const uint32_t starts[] = {0, UINT32_MAX, UINT32_MAX - 100, INT32_MAX - 40};

/* Write over all that an application may write before it frees a packet, then free it. */
static void
soil_and_free(struct sim *s, struct rte_mbuf *pkt)
{
	struct rte_mbuf *m;

	for (m = pkt; m != NULL; m = m->next) {
		m->ol_flags = RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_TX_TCP_CKSUM;
		m->packet_type = UINT32_MAX;
		m->port = 77;
		m->data_off = 9999;
		m->data_len = 7777;
		m->pkt_len = 8888;
		m->vlan_tci = 0xffff;
		m->hash.rss = 0xdeadbeef;
	}
	sim_free(s, pkt);
}

static void
free_all(struct sim *s, uint16_t n)
{
	while (n > 0)
		soil_and_free(s, s->pkts[--n]);
}

/* Every burst size on one queue. */
static void
all_bursts(const struct sim_conf *conf, const char *name, uint32_t *seq)
{
	struct sim *s = sim_new(conf);
	const unsigned int step = unit_on_valgrind() ? 37 : 1;
	uint32_t room = s->g->room, i, n, longest = conf->sg && conf->scatter ? 4 * room : room;
	unsigned int burst;
	uint64_t packets = 0;

	CHECK_INT(s->rxq.missing, ==, 0, "mbufs missing at start");
	for (burst = 1; burst <= SIM_BURST; burst += step) {
		xt_note("%s: size %u, start %u, burst %u", name, conf->rx_size, conf->start, burst);
		n = unit_below(2 * burst + 1);
		for (i = 0; i < n; i++) {
			/* mostly short; sometimes as long as it gets, and a byte around that */
			uint32_t len = unit_below(16) != 0 ? 60 + unit_below(200) :
				       RTE_MIN(room + unit_below(3) - 1, longest);

			if (unit_below(64) == 0)
				len = 1 + unit_below(longest);
			if (!sim_deliver(s, *seq, len))
				break;
			(*seq)++;
			packets++;
		}
		do {
			n = sim_rx(s, burst);
			free_all(s, n);
		} while (n > 0 && sim_count(&s->rx) > 0 && unit_below(8) != 0);
	}
	while (sim_count(&s->rx) > 0)
		free_all(s, sim_rx(s, 64));
	CHECK_INT(s->rxq.stats.packets, ==, packets, "packets");
	CHECK_INT(s->rxq.stats.nombuf, ==, 0, "nombuf");
	CHECK_INT(s->rxq.stats.wakeups, ==, 0, "system calls");
	sim_check(s);
	sim_close(s);
}

static void
bursts(const struct sim_form *f)
{
	struct sim_conf conf = {.sg = f->sg, .scatter = f->sg, .track = f->track,
		.data_off = f->data_off};
	unsigned int i;
	uint32_t seq = 0;

	conf.pool = unit_pool(f->pool, 4096 + 3 * SIM_BURST);
	for (i = 0; i < RTE_DIM(sizes); i++) {
		conf.rx_size = sizes[i];
		conf.start = starts[i % RTE_DIM(starts)];
		all_bursts(&conf, f->name, &seq);
	}
	unit_pool_free(conf.pool);
}

/* Packets of up to 20 buffers, in bursts that end within them. */
static void
chains_of(struct sim *s, uint32_t *seq, unsigned int burst, bool scatter)
{
	const uint32_t room = s->g->room;
	uint64_t bytes = s->rxq.stats.bytes;
	uint32_t sent = 0, i, segs, len;
	unsigned int guard;
	uint16_t n;

	for (i = 0; i < 40; i++) {
		segs = 1 + unit_below(i % 8 == 0 ? 20 : 4);
		len = (segs - 1) * room + 1 + unit_below(room);
		if (i % 3 == 0)
			len = segs * room; /* to the last byte */
		if (!sim_deliver(s, *seq, len))
			break;
		if (scatter || segs == 1) {
			sent++;
			bytes += len;
		}
		(*seq)++;
	}
	CHECK_INT(i, >, 4, "packets delivered");
	for (guard = 0; sim_count(&s->rx) > 0; guard++) {
		CHECK_INT(guard, <, 2000, "bursts for 40 packets");
		n = sim_rx(s, burst);
		CHECK_INT(n, <=, sent, "packets");
		sent -= n;
		free_all(s, n);
	}
	CHECK_INT(sent, ==, 0, "packets that did not come");
	CHECK(s->rxq.first == NULL, "a packet is unfinished");
	CHECK_INT(s->rxq.stats.bytes, ==, bytes, "bytes");
}

static void
run_chains(const struct sim_form *f, bool scatter)
{
	static const unsigned int burst[] = {1, 2, 3, 4, 5, 7, 8, 16, 17, 32, 64, 100, 512};
	struct sim_conf conf = {.pool = unit_pool(f->pool, 600), .rx_size = 100, .sg = true,
		.scatter = scatter, .track = f->track, .start = UINT32_MAX - 500};
	struct sim *s = sim_new(&conf);
	unsigned int i, round;
	uint32_t seq = 0;

	for (round = 0; round < unit_less(20, 10); round++) {
		for (i = 0; i < RTE_DIM(burst); i++) {
			xt_note("%s: burst %u", f->name, burst[i]);
			chains_of(s, &seq, burst[i], scatter);
		}
	}
	CHECK_INT(s->rxq.stats.too_long > 0, ==, !scatter, "too long packets");
	sim_check(s);
	sim_close(s);
	unit_pool_free(conf.pool);
}

static void
chains(const struct sim_form *f)
{
	run_chains(f, true);
}

static void
too_long(const struct sim_form *f)
{
	run_chains(f, false);
}

/* A queue that is stopped in the middle of a packet gives its mbufs back. */
static void
unfinished(const struct sim_form *f)
{
	struct sim_conf conf = {.rx_size = 64, .sg = true, .scatter = true, .track = f->track};
	unsigned int cut;
	struct sim *s;

	conf.pool = unit_pool(f->pool, 100);
	for (cut = 1; cut < 8; cut++) {
		s = sim_new(&conf);
		CHECK(sim_deliver(s, 1, 8 * s->g->room), "no buffer");
		CHECK_INT(sim_rx(s, cut), ==, 0, "packets");
		CHECK(s->rxq.first != NULL && s->rxq.first->nb_segs == cut, "the beginning of it");
		sim_close(s);
	}
	unit_pool_free(conf.pool);
}

/* Buffers that the kernel gives back twice, at once or when they are somebody's: not received. */
static void
stray(const struct sim_form *f)
{
	struct sim_conf conf = {.rx_size = 100, .sg = f->sg, .scatter = f->sg, .track = true,
		.start = UINT32_MAX - 300};
	unsigned int round, i;
	uint64_t strays = 0;
	struct sim *s;
	uint16_t n;

	conf.pool = unit_pool(f->pool, 300);
	s = sim_new(&conf);
	for (round = 0; round < unit_less(200, 10); round++) {
		xt_note("%s: round %u", f->name, round);
		for (i = 0; i < 20; i++) {
			CHECK(sim_deliver(s, round * 20 + i, 100), "not delivered");
			if (unit_below(3) == 0) {
				sim_repeat(s);
				strays++;
			}
		}
		while (sim_count(&s->rx) > 0) {
			n = sim_rx(s, 8);
			if (sim_count(&s->rx) == 0 && n > 0) {
				sim_repeat(s); /* of a packet that the test has */
				CHECK_INT(sim_rx(s, 8), ==, 0, "packets received twice");
				strays++;
			}
			free_all(s, n);
		}
	}
	CHECK_INT(s->rxq.stats.stray, ==, strays, "stray buffers");
	CHECK_INT(s->rxq.stats.packets, ==, round * 20, "packets");
	sim_check(s);
	sim_close(s);
	unit_pool_free(conf.pool);
}

/* ---- a pool without mbufs ---- */

/* The application keeps all it receives until the pool is empty, and frees it bit by bit. */
static void
exhaust_round(struct sim *s, struct rte_mbuf **kept, uint32_t *seq)
{
	struct rte_mempool *pool = s->conf.pool;
	uint32_t nb_kept = 0, before, owned, tries, back, i;
	uint64_t nombuf = s->rxq.stats.nombuf;
	uint16_t n;

	while (sim_deliver(s, (*seq)++, 100)) {
		n = sim_rx(s, 32);
		for (i = 0; i < n; i++)
			kept[nb_kept++] = s->pkts[i];
	}
	CHECK_INT(sim_count(&s->fill), ==, 0, "buffers in the fill ring");
	while ((n = sim_rx(s, 32)) > 0)
		for (i = 0; i < n; i++)
			kept[nb_kept++] = s->pkts[i];
	CHECK_INT(nb_kept, ==, pool->size, "mbufs kept");
	CHECK_INT(s->rxq.missing, ==, s->rxq.size, "mbufs missing");
	CHECK_INT(s->rxq.stats.nombuf, >, nombuf, "nombuf");

	for (back = 1; nb_kept > 0; back = back * 2 + 1) {
		before = s->rxq.size - s->rxq.missing;
		for (i = 0; i < back && nb_kept > 0; i++)
			soil_and_free(s, kept[--nb_kept]);
		owned = before + rte_mempool_avail_count(pool);
		/* it halves what it asks for, so it need not get all of it at once */
		for (tries = 0; tries < 16 && rte_mempool_avail_count(pool) > 0; tries++)
			sim_rx(s, 32);
		if (owned + s->rxq.refill_at <= s->rxq.size)
			CHECK_INT(rte_mempool_avail_count(pool), ==, 0, "left of %u freed", i);
		CHECK_INT(s->rxq.size - s->rxq.missing, <=, owned, "mbufs owned");
		/* what is there is used: traffic goes on with few buffers */
		if (sim_count(&s->fill) > 0) {
			CHECK(sim_deliver(s, *seq, 200), "not delivered");
			CHECK_INT(sim_rx(s, 32), ==, 1, "received");
			soil_and_free(s, s->pkts[0]);
			(*seq)++;
		}
	}
	sim_rx(s, 32);
	CHECK_INT(s->rxq.missing, <, s->rxq.refill_at, "mbufs missing after all came back");
	sim_check(s);
}

static void
exhaust(const struct sim_form *f)
{
	static struct rte_mbuf *kept[4200];
	static const uint16_t thresh[] = {0, 1, 7, 64};
	uint32_t seq = 0;
	unsigned int i, round;

	for (i = 0; i < RTE_DIM(sizes) + RTE_DIM(thresh); i++) {
		struct sim_conf conf = {.rx_size = i < RTE_DIM(sizes) ? sizes[i] : 300,
			.start = starts[i % RTE_DIM(starts)], .sg = f->sg, .track = f->track,
			.free_thresh = i < RTE_DIM(sizes) ? 0 : thresh[i - RTE_DIM(sizes)]};
		struct sim *s;

		xt_note("%s: size %u, free_thresh %u", f->name, conf.rx_size, conf.free_thresh);
		conf.pool = unit_pool(f->pool, conf.rx_size + 1);
		s = sim_new(&conf);
		for (round = 0; round < unit_less(10, 5); round++)
			exhaust_round(s, kept, &seq);
		sim_close(s);
		unit_pool_free(conf.pool);
	}
}

/* A queue that is set up when the pool is (nearly) empty, and what becomes of it. */
static void
start_empty(const struct sim_form *f)
{
	struct sim_conf conf = {.rx_size = 200, .sg = f->sg, .track = f->track};
	static struct rte_mbuf *held[256];
	unsigned int left, i;
	struct sim *s;

	conf.pool = unit_pool(f->pool, 256);
	for (left = 0; left <= 256; left += left < 8 ? 1 : 31) {
		xt_note("%s: %u mbufs in the pool", f->name, left);
		for (i = 0; i < 256 - left; i++)
			held[i] = rte_pktmbuf_alloc(conf.pool);
		s = sim_new(&conf);
		CHECK_INT(s->rxq.missing, >=, 200 - RTE_MIN(left, 200u), "missing");
		CHECK_INT(s->rxq.missing, <, 200 - RTE_MIN(left, 200u) / 2 + 1, "missing");
		for (i = 0; i < 256 - left; i++)
			rte_pktmbuf_free(held[i]);
		sim_rx(s, 32);
		CHECK_INT(s->rxq.missing, <, s->rxq.refill_at, "missing, pool full again");
		sim_close(s);
	}
	unit_pool_free(conf.pool);
}

static const struct sim_form burst_forms[] = {
	{"default", POOL_DEFAULT},
	{"aligned 2048, tracked", POOL_2048, .track = true},
	{"aligned 4096, packets at 256", POOL_4096, .data_off = 256},
	{"default, packets at 256", POOL_DEFAULT, .data_off = 256},
	{"data room of 9216", POOL_BIG},
	{"multi-buffer", POOL_DEFAULT, .sg = true},
	{"three pieces, multi-buffer, tracked", POOL_PIECES, .sg = true, .track = true},
};

static const struct sim_form chain_forms[] = {
	{"default", POOL_DEFAULT},
	{"aligned 2048, tracked", POOL_2048, .track = true},
	{"aligned 4096", POOL_4096},
	{"data room of 9216, tracked", POOL_BIG, .track = true},
	{"three pieces", POOL_PIECES},
};

static const struct sim_form pool_forms[] = {
	{"default", POOL_DEFAULT},
	{"default, tracked", POOL_DEFAULT, .track = true},
	{"aligned 2048, multi-buffer, tracked", POOL_2048, .sg = true, .track = true},
};

const struct xt_case unit_rx_cases[] = {
	SIM_CASE("rx_bursts", "bursts of 1 to 512, rings of 32 to 4096", bursts, burst_forms),
	SIM_CASE("rx_chains", "packets of several buffers cut by the burst", chains, chain_forms),
	SIM_CASE("rx_too_long", "packets of several buffers that nobody asked for", too_long,
		 chain_forms),
	SIM_CASE("rx_unfinished", "stopped in the middle of a packet", unfinished, chain_forms),
	SIM_CASE("rx_stray", "buffers that come twice", stray, chain_forms),
	SIM_CASE("rx_exhaust", "the pool runs dry, and fills again bit by bit", exhaust,
		 pool_forms),
	SIM_CASE("rx_start_empty", "set up on a pool that is nearly empty", start_empty,
		 pool_forms),
	{NULL},
};
