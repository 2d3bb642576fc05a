/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

#include <stdlib.h>
#include <string.h>

#include <rte_mempool.h>

#include <linux/ethtool.h>

#include "suites.h"

#define BATCH 64

static unsigned int
some_len(uint32_t seq)
{
	return 60 + seq * 2654435761u % 1455;
}

static int
by_seq(const void *a, const void *b)
{
	const uint32_t x = xt_frame_seq(rte_pktmbuf_mtod(*(struct rte_mbuf *const *)a, uint8_t *), 60);
	const uint32_t y = xt_frame_seq(rte_pktmbuf_mtod(*(struct rte_mbuf *const *)b, uint8_t *), 60);

	return x < y ? -1 : x > y;
}

static void
rx_batch(struct xt_port *p, struct xt_wire *w, uint16_t q, uint32_t seq, unsigned int n)
{
	struct rte_mbuf *m[BATCH];
	unsigned int i;

	for (i = 0; i < n; i++)
		xt_peer_send(w, q, seq + i, some_len(seq + i));
	CHECK_INT(xt_rx(p, q, m, n), ==, n, "frames received from %u on", seq);
	if (xt_is_nic() && w->nb_queues > 1) /* each frame is a flow of its own: no order is promised */
		qsort(m, n, sizeof(m[0]), by_seq);
	for (i = 0; i < n; i++)
		xt_mbuf_check(p, m[i], seq + i, some_len(seq + i));
	rte_pktmbuf_free_bulk(m, n);
}

static void
tx_batch(struct xt_port *p, struct xt_wire *w, uint16_t q, uint32_t seq, unsigned int n)
{
	struct rte_mbuf *m[BATCH];
	unsigned int i;

	for (i = 0; i < n; i++)
		m[i] = xt_mbuf(p->pool, seq + i, some_len(seq + i));
	CHECK_INT(xt_tx(p, q, m, n), ==, n, "packets taken from %u on", seq);
	for (i = 0; i < n; i++)
		xt_peer_expect(w, q, seq + i, some_len(seq + i));
}

enum {
	RX = 1,
	TX = 2,
};

/* For long runs, XSKT_MANY says how many. */
static uint32_t
how_many(void)
{
	const char *s = getenv("XSKT_MANY");

	return s != NULL ? strtoul(s, NULL, 10) : 200000;
}

static void
many(unsigned int directions)
{
	const uint32_t all = how_many();
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	struct rte_eth_stats s;
	uint32_t seq;
	unsigned int n;

	xt_port_up(p);
	for (seq = 0; seq < all; seq += n) {
		n = RTE_MIN(1 + seq % BATCH, all - seq);
		if (seq % 65536 < n)
			xt_note("from %u on", seq);
		if (directions & RX)
			rx_batch(p, w, 0, seq, n);
		if (directions & TX)
			tx_batch(p, w, 0, seq, n);
	}
	s = xt_stats(p);
	CHECK_INT(s.ipackets, ==, directions & RX ? all : 0, "ipackets");
	CHECK_INT(s.opackets, ==, directions & TX ? all : 0, "opackets");
	CHECK_INT(s.imissed + s.oerrors, ==, 0, "imissed + oerrors");
	xt_rx_expect_none(p, 20);
	xt_peer_expect_none(w, 20);
}

static void
rx_many(const void *arg __rte_unused)
{
	many(RX);
}

static void
tx_many(const void *arg __rte_unused)
{
	many(TX);
}

static void
both_many(const void *arg __rte_unused)
{
	many(RX | TX);
}

/* Frames sent while nobody polls: each is received later or counted, none appears twice. */
static void
rx_overload(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(1);
	struct xt_port *p = xt_port(w);
	const unsigned int sent = 10000;
	unsigned int got = 0, n, i;
	struct rte_mbuf *m[BATCH];
	struct rte_eth_stats s;
	uint32_t seq, next = 0;

	xt_port_up(p);
	for (i = 0; i < sent; i++)
		xt_peer_send(w, 0, i, 64);
	while ((n = xt_rx(p, 0, m, BATCH)) > 0) {
		for (i = 0; i < n; i++) {
			seq = xt_frame_seq(rte_pktmbuf_mtod(m[i], uint8_t *), 64);
			CHECK_INT(seq, >=, next, "order of frames");
			xt_mbuf_check(p, m[i], seq, 64);
			next = seq + 1;
		}
		rte_pktmbuf_free_bulk(m, n);
		got += n;
	}
	s = xt_stats(p);
	CHECK_INT(got, >, 0, "frames received");
	CHECK_INT(got, <, sent, "frames received while not polling");
	CHECK_INT(s.ipackets, ==, got, "ipackets");
	CHECK_INT(s.imissed, ==, sent - got, "imissed");
	CHECK_OK(rte_eth_stats_reset(p->id), "stats reset");
	s = xt_stats(p);
	CHECK_INT(s.imissed + s.ipackets, ==, 0, "imissed and ipackets after reset");
	rx_batch(p, w, 0, 0, BATCH);
}

/* The pool runs dry while frames come: those that have an mbuf come out, the rest is counted. */
static void
rx_pool_dry(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(1);
	struct xt_port *p = xt_port(w);
	struct rte_mbuf *held[4096], *m[BATCH];
	unsigned int nb_held = 0, got = 0, i, n;
	const unsigned int sent = 8;

	p->pool = xt_pool(RTE_DIM(held), 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE);
	xt_port_up(p);
	while ((held[nb_held] = rte_pktmbuf_alloc(p->pool)) != NULL)
		nb_held++;
	CHECK_INT(rte_mempool_avail_count(p->pool), ==, 0, "mbufs left");

	xt_note("with an empty pool");
	for (i = 0; i < sent; i++)
		xt_peer_send(w, 0, i, 200);
	for (n = xt_rx(p, 0, m, sent); got < n; got++) {
		xt_mbuf_check(p, m[got], got, 200);
		rte_pktmbuf_free(m[got]);
	}
	CHECK_INT(got, ==, sent, "frames received that were in the ring");

	xt_note("with a few mbufs free");
	for (i = 0; i < 3000; i++) {
		xt_peer_send(w, 0, i, 200);
		xt_rx_expect(p, 0, i, 200);
	}
	xt_note("with all mbufs back");
	rte_pktmbuf_free_bulk(held, nb_held);
	for (i = 0; i < 20; i++)
		rx_batch(p, w, 0, i * BATCH, BATCH);
}

/* A queue without a buffer cannot wake anybody, and says so. */
static void
rx_intr_dry(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(1);
	struct xt_port *p = xt_port(w);
	struct rte_mbuf *held[2048];
	unsigned int nb_held = 0, i;
	struct rte_mbuf *none;

	p->pool = xt_pool(RTE_DIM(held), 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE);
	xt_port_up(p);
	while ((held[nb_held] = rte_pktmbuf_alloc(p->pool)) != NULL)
		nb_held++;
	for (i = 0; i < p->nb_rxd; i++) {
		CHECK_OK(rte_eth_dev_rx_intr_enable(p->id, 0), "rx_intr_enable with %u buffers less", i);
		xt_peer_send(w, 0, i, 100);
		CHECK_INT(xt_rx(p, 0, &held[nb_held + i], 1), ==, 1, "frames received");
	}
	CHECK_INT(rte_eth_rx_burst(p->id, 0, &none, 1), ==, 0, "frames received of none");
	CHECK_INT(rte_eth_dev_rx_intr_enable(p->id, 0), ==, -EAGAIN, "rx_intr_enable without a buffer");
	rte_pktmbuf_free_bulk(held, nb_held + p->nb_rxd);
	CHECK_INT(rte_eth_rx_burst(p->id, 0, &none, 1), ==, 0, "frames received of none");
	CHECK_OK(rte_eth_dev_rx_intr_enable(p->id, 0), "rx_intr_enable");
	xt_traffic(p, w);
}

static int
fake_rings(void *arg)
{
	struct ethtool_ringparam *r = arg;

	if (*(uint32_t *)arg != ETHTOOL_GRINGPARAM)
		return 1;
	r->rx_pending = 256;
	return 0;
}

/* A queue of a NIC that may do zero-copy has mbufs for the NIC's ring, too. If it copies, the kernel finds the Rx ring
 * full, and keeps the buffer it has just taken from the fill ring: neither ring shows that one at stop.
 */
static void
rx_parked(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(1);
	struct xt_port *p = xt_port(w);
	unsigned int round, i;

	CHECK_OK(xt_port_probe(p), "probe");
	CHECK_OK(xt_port_setup(p), "set-up");
	xt_fake_ethtool = fake_rings;
	/* what the driver of the NIC can do is not known: the question for it fails, behind a look for old answers */
	xt_fault_arm(XT_FAULT_NETLINK, 2);
	CHECK_OK(rte_eth_rx_queue_setup(p->id, 0, 256, SOCKET_ID_ANY, NULL, p->pool), "Rx queue");
	CHECK_INT(xt_fault_disarm(NULL), >=, 2, "calls by netlink");
	xt_fake_ethtool = NULL;
	for (round = 0; round < 5; round++) {
		CHECK_OK(xt_port_start(p), "start");
		for (i = 0; i < 1000; i++)
			xt_peer_send(w, 0, i, 100);
		CHECK_OK(xt_port_stop(p), "stop");
		xt_pools_full("after a stop with a full Rx ring");
	}
	CHECK_OK(xt_port_start(p), "start");
	xt_traffic(p, w);
}

/* The application keeps every mbuf it receives until nothing more can come, then frees them. */
static void
rx_keep_all(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(1);
	struct xt_port *p = xt_port(w);
	struct rte_mbuf *m[4500];
	unsigned int got = 0, sent = 0, i;

	p->pool = xt_pool(4000, 32, 0, RTE_MBUF_DEFAULT_BUF_SIZE);
	xt_port_up(p);
	for (sent = 0; sent < RTE_DIM(m); sent++) {
		xt_peer_send(w, 0, sent, 100);
		got += rte_eth_rx_burst(p->id, 0, m + got, 1);
	}
	for (i = 0; i < 100; i++)
		got += rte_eth_rx_burst(p->id, 0, m + got, RTE_MIN(RTE_DIM(m) - got, 64u));
	CHECK_INT(got, >=, 1500, "frames received before the pool was empty");
	CHECK_INT(got, <=, 4000, "frames received");
	CHECK_INT(got + xt_stats(p).imissed, ==, sent, "received and missed");
	for (i = 0; i < got; i++)
		xt_mbuf_check(p, m[i], i, 100);
	rte_pktmbuf_free_bulk(m, got);
	xt_rx_flush(p, 1);
	for (i = 0; i < 20; i++)
		rx_batch(p, w, 0, i * BATCH, BATCH);
}

/* Receive up to n frames, whole, and each behind the one before; some may be missing between. */
static unsigned int
rx_behind(struct xt_port *p, unsigned int n, uint32_t *next)
{
	struct rte_mbuf *m[BATCH];
	unsigned int got = rte_eth_rx_burst(p->id, 0, m, n), i;
	uint32_t seq;

	for (i = 0; i < got; i++) {
		seq = xt_frame_seq(rte_pktmbuf_mtod(m[i], uint8_t *), 100);
		CHECK_INT(seq, >=, *next, "sequence number");
		xt_mbuf_check(p, m[i], seq, 100);
		rte_pktmbuf_free(m[i]);
		*next = seq + 1;
	}
	return got;
}

/* Ten seconds of more than is taken: the ring is full all the time. What is received is in order and whole, the rest
 * is counted, and then all is as before.
 */
static void
rx_full(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	uint32_t sent = 0, got = 0, next = 0;
	unsigned int n;
	double end;

	xt_port_up(p);
	for (end = xt_now() + 10; xt_now() < end; sent++) {
		xt_peer_send(w, 0, sent, 100);
		got += sent % 4 == 0 ? rx_behind(p, 1, &next) : 0;
	}
	while ((n = rx_behind(p, BATCH, &next)) > 0)
		got += n;
	CHECK_INT(xt_stats(p).imissed, >, sent / 2, "missed frames: the ring was full");
	CHECK_INT(got + xt_stats(p).imissed, ==, sent, "received and missed");
	xt_traffic(p, w);
}

/* Queue k of the wire is queue k of the port, both ways, whatever the order. */
static void
queues(struct xt_wire *w)
{
	struct xt_port *p = xt_port(w);
	uint32_t seq = 0;
	unsigned int round;
	uint16_t q;

	xt_port_up(p);
	for (round = 0; round < 20; round++) {
		for (q = 0; q < w->nb_queues; q++, seq += BATCH) {
			xt_note("rx queue %u", q);
			rx_batch(p, w, q, seq, BATCH);
			xt_rx_expect_none(p, 0);
		}
		for (q = w->nb_queues; q-- > 0; seq += BATCH) {
			xt_note("tx queue %u", q);
			tx_batch(p, w, q, seq, BATCH);
		}
	}
	xt_peer_expect_none(w, 0);
	for (q = 0; q < w->nb_queues; q++) {
		struct eth_queue_stats s = xt_queue_stats(p);

		CHECK_INT(s.q_ipackets[q], ==, 20 * BATCH, "q_ipackets[%u]", q);
		CHECK_INT(s.q_opackets[q], ==, 20 * BATCH, "q_opackets[%u]", q);
	}
}

static void
queues_2_veth(const void *arg __rte_unused)
{
	queues(xt_veth(2));
}

static void
queues_4_veth(const void *arg __rte_unused)
{
	queues(xt_veth(4));
}

static void
queues_4_tap(const void *arg __rte_unused)
{
	queues(xt_tap(4));
}

static void
queues_8_tap(const void *arg __rte_unused)
{
	queues(xt_tap(8));
}

/* A pool of its own for each queue: mbufs come from the right one. */
static void
pool_per_queue(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(2);
	struct xt_port *p = xt_port(w);
	struct rte_mbuf *m;
	uint16_t q;

	p->pool = xt_pool_default(1);
	for (q = 0; q < 2; q++)
		p->qpool[q] = xt_pool(4096, 64, 0, RTE_MBUF_DEFAULT_BUF_SIZE + 128 * q);
	xt_port_up(p);
	for (q = 0; q < 2; q++) {
		xt_peer_send(w, q, q, 300);
		CHECK_INT(xt_rx(p, q, &m, 1), ==, 1, "frames on queue %u", q);
		xt_mbuf_check(p, m, q, 300);
		CHECK(m->pool == p->qpool[q], "queue %u: mbuf of pool %s", q, m->pool->name);
		xt_tx_one(p, 1 - q, m); /* leaves by the other queue: foreign there */
		xt_peer_expect(w, 1 - q, q, 300);
	}
	xt_traffic(p, w);
}

/* One pool for two ports of two queues; frames of one port leave by the other without a copy. */
static void
pool_for_ports(const void *arg __rte_unused)
{
	struct xt_wire *w[2] = {xt_tap(2), xt_veth(2)};
	struct xt_port *p[2] = {xt_port(w[0]), xt_port(w[1])};
	struct rte_mbuf *m;
	uint32_t seq;
	uint16_t q, from;

	p[0]->pool = p[1]->pool = xt_pool(20000, 64, 0, RTE_MBUF_DEFAULT_BUF_SIZE);
	xt_port_up(p[0]);
	xt_port_up(p[1]);
	for (seq = 0; seq < 5000; seq++) {
		q = seq & 1;
		from = seq >> 1 & 1;
		xt_peer_send(w[from], q, seq, 60 + seq % 1400);
		CHECK_INT(xt_rx(p[from], q, &m, 1), ==, 1, "frame %u", seq);
		xt_mbuf_check(p[from], m, seq, 60 + seq % 1400);
		xt_tx_one(p[1 - from], q, m);
		xt_peer_expect(w[1 - from], q, seq, 60 + seq % 1400);
	}
	xt_note("the first port closes");
	xt_port_down(p[0]);
	xt_traffic(p[1], w[1]);
}

const struct xt_case func_rx_cases[] = {
	{"rx_200k", "200000 frames received in order", rx_many, NULL, 0, 600},
	{"tx_200k", "200000 packets sent in order", tx_many, NULL, 0, 600},
	{"both_200k", "200000 in order each way at once", both_many, NULL, 0, 600},
	{"rx_overload_B8", "what is lost while not polling is in imissed", rx_overload, NULL, 0, 0},
	{"rx_full_10s", "the Rx ring is full for 10 s, then not", rx_full, NULL, XT_SLOW, 0},
	{"rx_pool_dry_B43", "an empty pool stops nothing that has an mbuf", rx_pool_dry, NULL, 0,
	 0},
	{"rx_parked", "stop with a full Rx ring, of a queue with mbufs for a NIC's ring", rx_parked, NULL, 0, 0},
	{"rx_intr_dry", "no promise to wake without a buffer", rx_intr_dry, NULL, 0, 0},
	{"rx_keep_all_B43", "the application keeps all mbufs, then frees them", rx_keep_all, NULL,
	 0, 0},
	{"queues_2_veth", "2 queues, each frame on its own", queues_2_veth, NULL, 0, 0},
	{"queues_4_veth", "4 queues, each frame on its own", queues_4_veth, NULL, 0, 0},
	{"queues_4_tap", "4 queues of a tap", queues_4_tap, NULL, 0, 0},
	{"queues_8_tap", "8 queues of a tap", queues_8_tap, NULL, 0, 0},
	{"pool_per_queue", "two queues, two pools of two sizes", pool_per_queue, NULL, 0, 0},
	{"pool_for_ports", "one pool for two queues of two ports", pool_for_ports, NULL, 0, 0},
	{0},
};
