/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* Every form of mbuf on the wire, byte for byte, and back in its pool. */

#include <stdlib.h>
#include <string.h>

#include <rte_ethdev.h>
#include <rte_mempool.h>

#include "shape.h"
#include "suites.h"

#define BURST 32

static const unsigned int lens[] = {18, 59, 60, 61, 64, 65, 100, 127, 128, 255, 333, 512, 777, 1000,
	1023, 1024, 1025, 1499, 1500, 1513, 1514};

struct form {
	enum shape shape;
	uint64_t offloads;
};

static struct xt_port *
port_up(struct xt_port *p, uint64_t offloads)
{
	struct rte_eth_dev_info info;

	p->conf.txmode.offloads = offloads;
	CHECK_OK(xt_port_probe(p), "probe");
	CHECK_OK(rte_eth_dev_info_get(p->id, &info), "info");
	if ((info.tx_offload_capa & offloads) != offloads)
		SKIP("Tx offloads 0x%" PRIx64, offloads & ~info.tx_offload_capa);
	CHECK_OK(xt_port_setup(p), "set-up");
	CHECK_OK(xt_port_start(p), "start");
	return p;
}

static struct xt_port *
port_with(struct xt_wire *w, uint64_t offloads)
{
	return port_up(xt_port(w), offloads);
}

/* One shape in every length, alone and in bursts. */
static void
tx_shape(const void *arg)
{
	const struct form *f = arg;
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = port_with(w, f->offloads);
	static struct shapes s;
	struct rte_mbuf *m[BURST];
	unsigned int round, i, burst, len;
	uint32_t seq = 0;

	shapes_init(&s, p->pool);
	for (round = 0; round < 60; round++) {
		burst = round % 2 == 0 ? 1 : BURST;
		for (i = 0; i < burst; i++) {
			len = lens[(round + i) % RTE_DIM(lens)];
			m[i] = shape_make(&s, f->shape, seq + i, len);
		}
		CHECK_INT(xt_tx(p, 0, m, burst), ==, burst, "packets taken");
		for (i = 0; i < burst; i++)
			xt_peer_expect(w, 0, seq + i, lens[(round + i) % RTE_DIM(lens)]);
		seq += burst;
	}
	shapes_all_back(&s, p);
	xt_peer_expect_none(w, 10);
	CHECK_INT(xt_stats(p).opackets, ==, seq, "opackets");
	CHECK_INT(xt_stats(p).oerrors, ==, 0, "oerrors");
	xt_traffic(p, w);
}

/* Random shapes, lengths and burst sizes; what is on the wire is checked, in order. */
static void
soak(struct xt_port *p, struct xt_wire *w, double seconds)
{
	static struct shapes s;
	double end = xt_now() + seconds;
	struct rte_mbuf *m[BURST];
	unsigned int len[BURST], i, n;
	uint32_t seq = 0;

	shapes_init(&s, p->pool);
	srand(1);
	while (xt_now() < end) {
		n = 1 + rand() % BURST;
		for (i = 0; i < n; i++) {
			len[i] = rand() % 4 == 0 ? 18 + rand() % 100 : 18 + rand() % 1497;
			m[i] = shape_make(&s, rand() % NB_SHAPES, seq + i, len[i]);
		}
		xt_note("packets %u..%u", seq, seq + n - 1);
		CHECK_INT(xt_tx(p, 0, m, n), ==, n, "packets taken");
		for (i = 0; i < n; i++)
			xt_peer_expect(w, 0, seq + i, len[i]);
		seq += n;
		if (s.nb_kept > RTE_DIM(s.kept) / 4)
			shapes_all_back(&s, p);
	}
	shapes_all_back(&s, p);
	CHECK_INT(xt_stats(p).opackets, ==, seq, "opackets");
	CHECK_INT(xt_stats(p).oerrors, ==, 0, "oerrors");
}

static void
tx_soak(const void *arg)
{
	const struct form *f = arg;
	struct xt_wire *w = xt_veth(1);

	soak(port_with(w, f->offloads), w, 5);
}

/* One mbuf several times in a burst, together with clones of it. */
static void
tx_same(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = port_with(w, 0);
	struct rte_mbuf *m, *burst[8];
	uint32_t seq;
	unsigned int i;

	for (seq = 0; seq < 300; seq++) {
		m = xt_mbuf(p->pool, seq, 60 + seq);
		rte_mbuf_refcnt_update(m, 4);
		for (i = 0; i < 8; i++)
			burst[i] = i % 2 == 0 ? m : rte_pktmbuf_clone(m, p->pool);
		CHECK_INT(xt_tx(p, 0, burst, 8), ==, 8, "packets taken");
		for (i = 0; i < 8; i++)
			xt_peer_expect(w, 0, seq, 60 + seq);
		rte_pktmbuf_free(m);
	}
}

enum bad {
	BAD_EMPTY,
	BAD_1,
	BAD_13,
	BAD_OVER_MTU,
	BAD_HUGE,
	BAD_HUGE_CHAIN,
	BAD_BEYOND_BUF,
	NB_BAD,
};

static const char *const bad_name[NB_BAD] = {
	[BAD_EMPTY] = "no byte",
	[BAD_1] = "1 byte",
	[BAD_13] = "13 bytes",
	[BAD_OVER_MTU] = "over the MTU",
	[BAD_HUGE] = "60000 bytes",
	[BAD_HUGE_CHAIN] = "40 segments of 1500 bytes",
	[BAD_BEYOND_BUF] = "data beyond the buffer",
};

static struct rte_mbuf *
bad_make(struct xt_port *p, enum bad bad)
{
	static struct rte_mempool *huge;
	struct rte_mbuf *m;
	unsigned int i;

	switch (bad) {
	case BAD_EMPTY:
		return xt_mbuf(p->pool, 0, 0);
	case BAD_1:
		return xt_mbuf(p->pool, 0, 1);
	case BAD_13:
		return xt_mbuf(p->pool, 0, 13);
	case BAD_OVER_MTU:
		return xt_mbuf(p->pool, 0, 1540);
	case BAD_HUGE:
		if (huge == NULL)
			huge = xt_pool(64, 0, 0, 60128);
		return xt_mbuf(huge, 0, 60000);
	case BAD_HUGE_CHAIN:
		m = xt_mbuf(p->pool, 0, 1500);
		for (i = 1; i < 40; i++)
			CHECK_OK(rte_pktmbuf_chain(m, xt_mbuf(p->pool, 0, 1500)), "chain");
		return m;
	case BAD_BEYOND_BUF:
	default:
		m = xt_mbuf(p->pool, 0, 1000);
		m->data_off = m->buf_len - 100;
		return m;
	}
}

/*
 * A packet that no ring takes is consumed, freed and counted; the packets around it are right.
 * One over the MTU may be refused by the driver, or later by the kernel, which only tells the link.
 */
static void
tx_bad(const void *arg)
{
	enum bad bad = *(const enum bad *)arg;
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = port_with(w, 0);
	struct rte_mbuf *m[5];
	struct rte_eth_stats st;
	unsigned int round, i;

	for (round = 0; round < 10; round++) {
		xt_note("%s, round %u", bad_name[bad], round);
		for (i = 0; i < 5; i++)
			m[i] = i % 2 == 0 ? xt_mbuf(p->pool, i, 64 + i) : bad_make(p, bad);
		CHECK_INT(xt_tx(p, 0, m, 5), ==, 5, "packets taken");
		for (i = 0; i < 5; i += 2)
			xt_peer_expect(w, 0, i, 64 + i);
		xt_peer_expect_none(w, 1);
	}
	st = xt_stats(p);
	CHECK_INT(st.opackets + st.oerrors, ==, 50, "opackets + oerrors");
	if (bad != BAD_OVER_MTU)
		CHECK_INT(st.oerrors, ==, 20, "oerrors");
}

/* More segments than the kernel takes: sent right, or consumed and counted. */
static void
tx_long_chain(const void *arg)
{
	const struct form *f = arg;
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = port_with(w, f->offloads);
	unsigned int segs, i, part, len;
	struct rte_mbuf *m, *seg;
	uint64_t errors = 0;
	int got;

	for (segs = 15; segs <= 60; segs++) {
		part = 20;
		len = segs * part;
		xt_note("%u segments", segs);
		m = xt_mbuf(p->pool, segs, part);
		for (i = 1; i < segs; i++) {
			seg = xt_mbuf(p->pool, segs, (i + 1) * part);
			rte_pktmbuf_adj(seg, i * part);
			CHECK_OK(rte_pktmbuf_chain(m, seg), "chain");
		}
		xt_tx_one(p, 0, m);
		if (xt_stats(p).oerrors > errors) {
			errors++;
			got = xt_peer_recv(w, 0, 1);
			CHECK_INT(got, ==, -1, "length of a packet counted in oerrors");
		} else {
			xt_peer_expect(w, 0, segs, len);
		}
	}
	xt_traffic(p, w);
}

/* Chains longer than one chunk, with an MTU that lets them pass. */
static void
tx_jumbo_chain(const void *arg)
{
	const struct form *f = arg;
	struct xt_wire *w = xt_veth(1);
	unsigned int segs, i, len, bad;
	struct rte_mbuf *m, *seg;
	struct xt_port *p;
	uint64_t errors = 0;
	uint8_t *part;
	static uint8_t frame[XT_MAX_FRAME];

	xt_wire_mtu(w, 9500);
	p = xt_port(w);
	if (!xt_is_rival())
		p->nb_rxq = 0; /* no receive buffer could hold this MTU */
	port_up(p, f->offloads);
	for (segs = 1; segs <= 5; segs++) {
		for (len = segs * 1800; len < segs * 1800 + 100; len += 33) {
			xt_note("%u bytes in %u segments", len, segs);
			xt_frame_fill(frame, len, len);
			m = NULL;
			for (i = 0; i < segs; i++) {
				seg = rte_pktmbuf_alloc(p->pool);
				CHECK(seg != NULL, "no mbuf");
				bad = i == segs - 1 ? len - i * 1800 : 1800;
				part = (uint8_t *)rte_pktmbuf_append(seg, bad);
				memcpy(part, frame + i * 1800, bad);
				if (m == NULL)
					m = seg;
				else
					CHECK_OK(rte_pktmbuf_chain(m, seg), "chain");
			}
			xt_tx_one(p, 0, m);
			if (xt_stats(p).oerrors > errors) {
				errors++;
				xt_peer_expect_none(w, 1);
			} else {
				xt_peer_expect(w, 0, len, len);
			}
		}
	}
	xt_note("%d refused", (int)errors);
	if (f->offloads != 0)
		CHECK_INT(errors, ==, 0, "refused with multi-segment Tx");
}

/* Good and bad packets of every shape in one burst. */
static void
tx_mixed_burst(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = port_with(w, 0);
	static struct shapes s;
	struct rte_mbuf *m[2 * NB_SHAPES];
	unsigned int round, i;
	uint32_t seq;

	shapes_init(&s, p->pool);
	for (round = 0; round < 200; round++) {
		seq = round * NB_SHAPES;
		for (i = 0; i < NB_SHAPES; i++) {
			m[2 * i] = shape_make(&s, (i + round) % NB_SHAPES, seq + i, 700 + i);
			m[2 * i + 1] = bad_make(p, (i + round) % NB_BAD);
		}
		CHECK_INT(xt_tx(p, 0, m, RTE_DIM(m)), ==, RTE_DIM(m), "packets taken");
		for (i = 0; i < NB_SHAPES; i++)
			xt_peer_expect(w, 0, seq + i, 700 + i);
		if (s.nb_kept > RTE_DIM(s.kept) / 2)
			shapes_all_back(&s, p);
	}
	shapes_all_back(&s, p);
	xt_peer_expect_none(w, 10);
}

/*
 * With the interface down the kernel takes nothing: the ring fills, what does not fit stays the
 * application's and is no error, and all that was taken is on the wire after it is up again.
 */
static void
tx_full(const void *arg)
{
	bool foreign = arg != NULL;
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = port_with(w, 0);
	struct rte_mempool *pool = foreign ? xt_pool(4096, 32, 0, RTE_MBUF_DEFAULT_BUF_SIZE)
					   : p->pool;
	struct rte_mbuf *m[1000];
	unsigned int taken = 0, i;
	double start;

	for (i = 0; i < RTE_DIM(m); i++)
		m[i] = xt_mbuf(pool, i, 64 + i);
	xt_link_set_up(w->dev, false);
	start = xt_now();
	for (i = 0; i < 100; i++)
		taken += rte_eth_tx_burst(p->id, 0, m + taken, RTE_DIM(m) - taken);
	CHECK(xt_now() - start < 5, "100 bursts to a link that is down took %.3f s",
	      xt_now() - start);
	CHECK_INT(taken, >, 0, "packets taken");
	CHECK_INT(taken, <=, p->nb_txd, "packets taken");
	CHECK_INT(xt_stats(p).oerrors, ==, 0, "oerrors");
	xt_link_set_up(w->dev, true);
	xt_wire_wait_up(w);
	taken += rte_eth_tx_burst(p->id, 0, m + taken, RTE_DIM(m) - taken);
	for (i = 0; i < RTE_DIM(m); i++) {
		while (taken < RTE_DIM(m) && taken < i + BURST)
			taken += xt_tx(p, 0, m + taken, RTE_MIN(RTE_DIM(m) - taken, 32ul));
		xt_peer_expect(w, 0, i, 64 + i);
	}
	CHECK_INT(xt_stats(p).opackets, ==, RTE_DIM(m), "opackets");
	CHECK_INT(xt_stats(p).oerrors, ==, 0, "oerrors");
}

/* The ring is full for ten seconds, while the application tries again and again: each burst is one system call at
 * most, and all that was taken is on the wire in the end, once and in order.
 */
static void
tx_full_long(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = port_with(w, 0);
	struct rte_mbuf *m[600];
	unsigned int taken, i;
	uint64_t bursts = 0;
	double end;

	for (i = 0; i < RTE_DIM(m); i++)
		m[i] = xt_mbuf(p->pool, i, 100);
	xt_link_set_up(w->dev, false);
	taken = rte_eth_tx_burst(p->id, 0, m, RTE_DIM(m));
	CHECK_INT(taken, ==, p->nb_txd, "packets taken");
	for (end = xt_now() + 10; xt_now() < end; bursts++)
		CHECK_INT(rte_eth_tx_burst(p->id, 0, m + taken, RTE_DIM(m) - taken), ==, 0,
			  "packets taken by a full ring");
	CHECK_INT(xt_xstat(p, "tx_kicks"), <=, bursts + 1, "system calls");
	CHECK_INT(xt_stats(p).oerrors, ==, 0, "oerrors");
	xt_link_set_up(w->dev, true);
	xt_wire_wait_up(w);
	taken += xt_tx(p, 0, m + taken, RTE_DIM(m) - taken);
	CHECK_INT(taken, ==, RTE_DIM(m), "packets taken after all");
	for (i = 0; i < RTE_DIM(m); i++)
		xt_peer_expect(w, 0, i, 100);
	xt_peer_expect_none(w, 10);
}

/* A link whose peer is down drops each packet with EBUSY: bursts are bounded, then all is well. */
static void
tx_peer_down(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = port_with(w, 0);
	struct rte_mbuf *m[BURST];
	double start, longest = 0;
	unsigned int i, round, taken;

	xt_peer_set_up(w, false);
	for (round = 0; round < 300; round++) {
		for (i = 0; i < BURST; i++)
			m[i] = xt_mbuf(p->pool, i, 100);
		start = xt_now();
		taken = rte_eth_tx_burst(p->id, 0, m, BURST);
		longest = RTE_MAX(longest, xt_now() - start);
		rte_pktmbuf_free_bulk(m + taken, BURST - taken);
	}
	CHECK(longest < 1, "a burst took %.3f s", longest);
	xt_peer_set_up(w, true);
	xt_wire_wait_up(w);
	xt_poll_until(p, NULL, NULL);
	xt_peer_flush(w); /* some may have waited in the ring */
	xt_traffic(p, w);
}

static bool
is_sent(void *arg)
{
	const struct xt_port *p = arg;

	return rte_eth_tx_done_cleanup(p->id, 0, 0) >= 0 &&
	       rte_eth_tx_descriptor_status(p->id, 0, p->nb_txd - 1) == RTE_ETH_TX_DESC_DONE;
}

/* The sequence number of the first that comes out. A NIC may refuse one or two when its carrier comes: the kernel
 * shows it before it is there (e1000e, Linux 7.3). They are counted.
 */
static unsigned int
first_sent(struct xt_wire *w, const struct xt_port *p)
{
	int len = xt_peer_recv(w, 0, 5000);
	unsigned int first;

	CHECK(xt_is_len(len, 100), "the first frame has %d bytes", len);
	first = xt_frame_seq(w->buf, 100);
	CHECK_INT(first, ==, xt_stats(p).oerrors, "frames before the first");
	CHECK_INT(first, <=, xt_is_nic() ? 3 : 0, "frames refused");
	return first;
}

/*
 * What one burst leaves in the ring goes out without another call: when the interface is up again, and
 * when a NIC's own ring, shorter than this burst, has room again.
 */
static void
tx_left(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = port_with(w, 0);
	struct rte_mbuf *m[512];
	const unsigned int n = RTE_MIN(RTE_DIM(m), (size_t)p->nb_txd);
	unsigned int round, i;

	for (round = 0; round < 2; round++) {
		for (i = 0; i < n; i++)
			m[i] = xt_mbuf(p->pool, i, 100);
		if (round == 0)
			xt_link_set_up(w->dev, false);
		CHECK_INT(rte_eth_tx_burst(p->id, 0, m, n), ==, n, "packets taken");
		if (round == 0) {
			xt_link_set_up(w->dev, true);
			xt_wire_wait_up(w);
		}
		for (i = round == 0 ? first_sent(w, p) + 1 : 0; i < n; i++)
			xt_peer_expect(w, 0, i, 100);
		CHECK(xt_poll_until(p, is_sent, p), "the Tx ring is not empty");
	}
	CHECK_INT(xt_stats(p).opackets + xt_stats(p).oerrors, ==, 2 * n, "opackets");
}

/* Without another burst, tx_done_cleanup gives the mbufs back. */
static void
tx_cleanup(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(1);
	struct xt_port *p = port_with(w, 0);
	unsigned int before = rte_mempool_avail_count(p->pool), i;
	struct rte_mbuf *m[BURST];
	int ret;

	for (i = 0; i < BURST; i++)
		m[i] = xt_mbuf(p->pool, i, 100);
	CHECK_INT(xt_tx(p, 0, m, BURST), ==, BURST, "packets taken");
	for (i = 0; i < BURST; i++)
		xt_peer_expect(w, 0, i, 100);
	ret = rte_eth_tx_done_cleanup(p->id, 0, 0);
	CHECK_INT(ret, >=, 0, "tx_done_cleanup");
	CHECK_INT(rte_mempool_avail_count(p->pool), ==, before, "mbufs back in the pool");
}

/* A burst of Tx-only traffic leaves no mbuf hostage for ever: the next bursts give them back. */
static void
tx_all_come_back(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(1);
	struct xt_port *p = port_with(w, 0);
	unsigned int before = rte_mempool_avail_count(p->pool), i;
	struct rte_mbuf *m[BURST];

	for (i = 0; i < BURST; i++)
		m[i] = xt_mbuf(p->pool, i, 100);
	CHECK_INT(xt_tx(p, 0, m, BURST), ==, BURST, "packets taken");
	for (i = 0; i < BURST; i++)
		xt_peer_expect(w, 0, i, 100);
	CHECK_OK(xt_port_stop(p), "stop");
	CHECK_INT(rte_mempool_avail_count(p->pool), >=, before, "mbufs in the pool after stop");
	CHECK_OK(xt_port_start(p), "start");
	xt_traffic(p, w);
}

/*
 * Behind the peer a bridge holds back every other packet in a slow qdisc and eats the rest at once,
 * so packets complete out of order. Whatever is still out at stop is freed once, nothing else.
 */
static void
tx_out_of_order(const void *arg __rte_unused)
{
	static const uint8_t eaten[6] = {0x01, 0x80, 0xc2, 0, 0, 0}; /* link-local: not forwarded */
	struct xt_wire *w = xt_veth(1);
	struct rte_mbuf *m[40];
	struct xt_port *p;
	unsigned int round, i;
	char cmd[512];

	snprintf(cmd, sizeof(cmd), "ip link add xtbr type bridge && ip link set xtbr up && "
		 "ip link add xtout type veth peer name xtend && ip link set xtend up && "
		 "ip link set xtout master xtbr up && ip link set %s master xtbr && "
		 "tc qdisc add dev xtout root tbf rate 8kbit burst 2000 limit 1000000", w->peer);
	if (system(cmd) != 0)
		SKIP("a bridge and the tbf qdisc");
	xt_state_add_link(w->peer);
	p = port_with(w, 0);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < RTE_DIM(m); i++) {
			m[i] = xt_mbuf(p->pool, i, 1000);
			if (i % 2 != 0)
				memcpy(rte_pktmbuf_mtod(m[i], void *), eaten, sizeof(eaten));
		}
		CHECK_INT(xt_tx(p, 0, m, RTE_DIM(m)), ==, RTE_DIM(m), "packets taken");
		xt_sleep_ms(20);
		rte_eth_tx_done_cleanup(p->id, 0, 0);
	}
	/* what the kernel still queues holds the socket, and its queue, long after this */
	CHECK_OK(xt_port_stop(p), "stop");
	xt_pools_full("after stop");
	xt_port_down(p);
	snprintf(cmd, sizeof(cmd), "ip link set %s nomaster; ip link del xtout; ip link del xtbr",
		 w->peer);
	CHECK_OK(system(cmd), "take the bridge down");
	xt_state_add_link(w->peer);
}

#define SG RTE_ETH_TX_OFFLOAD_MULTI_SEGS
#define FAST RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE

static const struct form
	own = {SHAPE_OWN, 0}, own_fast = {SHAPE_OWN, FAST}, own_sg = {SHAPE_OWN, SG},
	odd = {SHAPE_ODD, 0}, odd_fast = {SHAPE_ODD, FAST},
	prepend = {SHAPE_PREPEND, 0}, prepend_fast = {SHAPE_PREPEND, FAST},
	other = {SHAPE_OTHER, 0}, indirect = {SHAPE_INDIRECT, 0},
	indirect_other = {SHAPE_INDIRECT_OTHER, 0}, own_clone = {SHAPE_CLONE, 0},
	extbuf = {SHAPE_EXTBUF, 0}, own_extbuf = {SHAPE_EXTBUF_OWN, 0},
	shared = {SHAPE_SHARED, 0}, shared_sg = {SHAPE_SHARED, SG},
	chain = {SHAPE_CHAIN, 0}, chain_sg = {SHAPE_CHAIN, SG},
	chain_sg_fast = {SHAPE_CHAIN, SG | FAST},
	mix = {SHAPE_MIX, 0}, mix_sg = {SHAPE_MIX, SG};
static const enum bad bads[NB_BAD] = {BAD_EMPTY, BAD_1, BAD_13, BAD_OVER_MTU, BAD_HUGE,
	BAD_HUGE_CHAIN, BAD_BEYOND_BUF};

const struct xt_case func_tx_cases[] = {
	{"tx_own", "mbufs of the port's pool", tx_shape, &own, 0, 0},
	{"tx_own_fast", "the same with MBUF_FAST_FREE", tx_shape, &own_fast, 0, 0},
	{"tx_own_sg", "the same with MULTI_SEGS", tx_shape, &own_sg, 0, 0},
	{"tx_odd", "data at odd addresses", tx_shape, &odd, 0, 0},
	{"tx_odd_fast", "the same with MBUF_FAST_FREE", tx_shape, &odd_fast, 0, 0},
	{"tx_prepend", "data in the headroom", tx_shape, &prepend, 0, 0},
	{"tx_prepend_fast", "the same with MBUF_FAST_FREE", tx_shape, &prepend_fast, 0, 0},
	{"tx_other", "mbufs of another pool", tx_shape, &other, 0, 0},
	{"tx_indirect", "indirect mbufs on the port's pool", tx_shape, &indirect, 0, 0},
	{"tx_clone", "indirect mbufs that are themselves of the port's pool", tx_shape, &own_clone,
	 0, 0},
	{"tx_indirect_other", "indirect mbufs on another pool", tx_shape, &indirect_other, 0, 0},
	{"tx_extbuf", "external buffers", tx_shape, &extbuf, 0, 0},
	{"tx_extbuf_own", "external buffers on mbufs of the port's pool", tx_shape, &own_extbuf,
	 0, 0},
	{"tx_shared", "mbufs the application keeps a reference to", tx_shape, &shared, 0, 0},
	{"tx_shared_sg", "the same with MULTI_SEGS", tx_shape, &shared_sg, 0, 0},
	{"tx_chain_B1", "chains of 2 to 5 segments", tx_shape, &chain, 0, 0},
	{"tx_chain_sg_B1", "the same with MULTI_SEGS", tx_shape, &chain_sg, 0, 0},
	{"tx_chain_sg_fast_B1", "and MBUF_FAST_FREE", tx_shape, &chain_sg_fast, 0, 0},
	{"tx_mix_B1", "chains of mixed shapes with an empty segment", tx_shape, &mix, 0, 0},
	{"tx_mix_sg_B1", "the same with MULTI_SEGS", tx_shape, &mix_sg, 0, 0},
	{"tx_same", "one mbuf and its clones many times in a burst", tx_same, NULL, 0, 0},
	{"tx_long_chain_B1", "15 to 60 segments", tx_long_chain, &own, 0, 0},
	{"tx_long_chain_sg_B1", "the same with MULTI_SEGS", tx_long_chain, &own_sg, 0, 0},
	{"tx_jumbo_chain_B1", "chains of 1800 to 9000 bytes", tx_jumbo_chain, &own, 0, 0},
	{"tx_jumbo_chain_sg_B1", "the same with MULTI_SEGS", tx_jumbo_chain, &own_sg, 0, 0},
	{"tx_empty_B24", "a packet without a byte", tx_bad, &bads[BAD_EMPTY], 0, 0},
	{"tx_1_byte_B24", "a packet of 1 byte", tx_bad, &bads[BAD_1], 0, 0},
	{"tx_13_bytes_B24", "a packet of 13 bytes", tx_bad, &bads[BAD_13], 0, 0},
	{"tx_over_mtu", "a packet over the MTU", tx_bad, &bads[BAD_OVER_MTU], 0, 0},
	{"tx_huge_B24", "a packet no chunk holds", tx_bad, &bads[BAD_HUGE], 0, 0},
	{"tx_huge_chain_B1", "a chain of 60000 bytes", tx_bad, &bads[BAD_HUGE_CHAIN], 0, 0},
	{"tx_beyond_buf", "an mbuf whose data ends beyond its buffer", tx_bad,
	 &bads[BAD_BEYOND_BUF], 0, 0},
	{"tx_mixed_burst", "good and bad packets of every shape in a burst", tx_mixed_burst, NULL,
	 0, 0},
	{"tx_full_B9", "a full ring refuses, counts no error, loses nothing", tx_full, NULL, 0, 0},
	{"tx_full_other_B26", "the same with mbufs of another pool", tx_full, "other", 0, 0},
	{"tx_full_10s", "the Tx ring is full for 10 s, then not", tx_full_long, NULL, XT_SLOW, 0},
	{"tx_peer_down_B15", "bursts are bounded while the peer is down", tx_peer_down, NULL, 0, 0},
	{"tx_left", "what a burst leaves in the ring goes out without another call", tx_left, NULL, 0, 0},
	{"tx_cleanup_B25", "tx_done_cleanup gives mbufs back", tx_cleanup, NULL, 0, 0},
	{"tx_stop_B25", "stop gives mbufs back", tx_all_come_back, NULL, 0, 0},
	{"tx_out_of_order", "completions out of order, then stop", tx_out_of_order, NULL, XT_NO_AGAIN, 0},
	{"tx_soak", "5 s of random shapes", tx_soak, &own, XT_SLOW, 0},
	{"tx_soak_sg", "the same with MULTI_SEGS", tx_soak, &own_sg, XT_SLOW, 0},
	{0},
};
