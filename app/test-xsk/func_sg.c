/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* Packets of several buffers, both ways. */

#include <stdlib.h>
#include <string.h>

#include "suites.h"

#define MTU 9000
#define ROOM (RTE_MBUF_DEFAULT_BUF_SIZE - RTE_PKTMBUF_HEADROOM)

static struct xt_port *
sg_port(struct xt_wire *w)
{
	struct xt_port *p = xt_port(w);

	xt_wire_mtu(w, MTU);
	p->conf.rxmode.mtu = MTU;
	p->conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_SCATTER;
	p->conf.txmode.offloads = RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	CHECK_OK(xt_port_probe(p), "probe");
	xt_port_needs_scatter(p);
	CHECK_OK(xt_port_setup(p), "set-up");
	CHECK_OK(xt_port_start(p), "start");
	return p;
}

/* Around each number of whole buffers, and some between. */
static unsigned int
some_len(unsigned int i)
{
	static const int around[] = {-2, -1, 0, 1, 2, 13, 14, 15};

	if (i < 4 * RTE_DIM(around))
		return (1 + i / RTE_DIM(around)) * ROOM + around[i % RTE_DIM(around)];
	return 14 + rand() % (MTU + 1);
}

static void
sg_bytes(struct xt_wire *w)
{
	struct xt_port *p = sg_port(w);
	struct rte_mbuf *m;
	unsigned int i, len;

	srand(3);
	for (i = 0; i < 2000; i++) {
		len = some_len(i);
		xt_note("frame %u of %u bytes", i, len);
		xt_peer_send(w, 0, i, len);
		CHECK_INT(xt_rx(p, 0, &m, 1), ==, 1, "frames received");
		xt_mbuf_check(p, m, i, len);
		CHECK_INT(m->nb_segs, ==, (len + ROOM - 1) / ROOM, "nb_segs");
		xt_tx_one(p, 0, m);
		xt_peer_expect(w, 0, i, len);
	}
	CHECK_INT(xt_stats(p).ipackets, ==, 2000, "ipackets");
	CHECK_INT(xt_stats(p).opackets, ==, 2000, "opackets");
	CHECK_INT(xt_stats(p).imissed + xt_stats(p).oerrors, ==, 0, "imissed + oerrors");
}

static void
sg_bytes_veth(const void *arg __rte_unused)
{
	sg_bytes(xt_veth(1));
}

static void
sg_bytes_tap(const void *arg __rte_unused)
{
	sg_bytes(xt_tap(1));
}

/* Bursts smaller than a packet has segments, and of many packets: never half a packet. */
static void
sg_bursts(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = sg_port(w);
	struct rte_mbuf *m[32];
	unsigned int burst, i, n, got;

	for (burst = 1; burst <= 32; burst++) {
		xt_note("bursts of %u", burst);
		for (i = 0; i < 32; i++)
			xt_peer_send(w, 0, i, 3000 + i * 190);
		for (got = 0; got < 32; got += n) {
			n = xt_rx(p, 0, m, RTE_MIN(burst, 32 - got));
			CHECK_INT(n, >, 0, "frames received after %u", got);
			for (i = 0; i < n; i++) {
				xt_mbuf_check(p, m[i], got + i, 3000 + (got + i) * 190);
				rte_pktmbuf_free(m[i]);
			}
		}
	}
}

/* Nobody polls: each packet comes whole later, or is counted. */
static void
sg_overload(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(1);
	struct xt_port *p = sg_port(w);
	const unsigned int sent = 2000;
	unsigned int got = 0, len;
	struct rte_mbuf *m;
	uint32_t seq;

	for (seq = 0; seq < sent; seq++)
		xt_peer_send(w, 0, seq, seq % 3 == 0 ? 100 : 9000 - seq % 7);
	while (xt_rx(p, 0, &m, 1) == 1) {
		len = m->pkt_len;
		seq = xt_frame_seq(rte_pktmbuf_mtod(m, uint8_t *), len);
		CHECK_INT(len, ==, seq % 3 == 0 ? 100 : 9000 - seq % 7, "length of frame %u", seq);
		xt_mbuf_check(p, m, seq, len);
		rte_pktmbuf_free(m);
		got++;
	}
	CHECK_INT(got, >, 0, "frames received");
	CHECK_INT(got + xt_stats(p).imissed, ==, sent, "received and missed");
	xt_traffic(p, w);
}

/* Stop with packets of several buffers in the rings, half of one read. */
static void
sg_restart(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = sg_port(w);
	struct rte_mbuf *m;
	unsigned int round, i;

	for (round = 0; round < 10; round++) {
		for (i = 0; i < 20; i++)
			xt_peer_send(w, 0, i, 8000);
		for (i = 0; i < round; i++) {
			CHECK_INT(xt_rx(p, 0, &m, 1), ==, 1, "frames received");
			xt_tx_one(p, 0, m);
		}
		CHECK_OK(xt_port_stop(p), "stop");
		xt_pools_full("after stop");
		CHECK_OK(xt_port_start(p), "start");
		xt_peer_flush(w);
		xt_traffic(p, w);
	}
}

/* Without SCATTER a frame that fits no mbuf is dropped and counted, those around it come. */
static void
sg_not_asked(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	struct rte_eth_stats s;
	unsigned int i;

	p->conf.txmode.offloads = RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	xt_port_up(p);
	xt_link_set_mtu(w->peer, 3000);
	xt_link_set_mtu(w->dev, 3000); /* behind the port's back */
	for (i = 0; i < 100; i++) {
		xt_peer_send(w, 0, i, 3000);
		xt_peer_send(w, 0, i, 1000);
		xt_rx_expect(p, 0, i, 1000);
	}
	s = xt_stats(p);
	CHECK_INT(s.imissed + s.ierrors, ==, 100, "imissed + ierrors");
	CHECK_INT(s.ipackets, ==, 100, "ipackets");
	xt_link_set_mtu(w->dev, 1500);
	xt_link_set_mtu(w->peer, 1500);
}

const struct xt_case func_sg_cases[] = {
	{"sg_veth", "9000 bytes, SCATTER and MULTI_SEGS, veth", sg_bytes_veth, NULL, 0, 0},
	{"sg_tap", "the same on a tap", sg_bytes_tap, NULL, 0, 0},
	{"sg_bursts", "bursts of 1 to 32 packets of several buffers", sg_bursts, NULL, 0, 0},
	{"sg_overload", "packets come whole or are counted", sg_overload, NULL, 0, 0},
	{"sg_restart", "stop and start with packets of several buffers in the rings", sg_restart,
	 NULL, 0, 0},
	{"sg_not_asked", "frames that fit no mbuf, without SCATTER", sg_not_asked, NULL, 0, 0},
	{0},
};
