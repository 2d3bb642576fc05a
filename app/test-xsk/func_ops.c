/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* Port operations against what the kernel says. */

#include <errno.h>
#include <string.h>

#include <rte_ether.h>

#include "suites.h"

static void
info(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(4);
	struct xt_port *p = xt_port(w);
	struct rte_eth_dev_info i;
	struct rte_eth_rxq_info rxi;
	struct rte_eth_txq_info txi;
	struct xt_link l;

	CHECK_OK(xt_port_probe(p), "probe");
	CHECK_OK(rte_eth_dev_info_get(p->id, &i), "info");
	CHECK_OK(xt_link_get(w->dev, &l), "link");
	CHECK_INT(i.max_rx_queues, ==, 4, "max_rx_queues");
	CHECK_INT(i.max_tx_queues, ==, 4, "max_tx_queues");
	CHECK_INT(i.if_index, ==, l.ifindex, "if_index");
	CHECK(strcmp(i.driver_name, xt_driver()) == 0, "driver_name %s", i.driver_name);
	CHECK_INT(i.min_mtu, >=, RTE_ETHER_MIN_MTU, "min_mtu");
	CHECK_INT(i.max_mtu, >=, 1500, "max_mtu");
	CHECK_INT(i.max_rx_pktlen, >=, 1514, "max_rx_pktlen");
	CHECK_INT(i.max_mac_addrs, >=, 1, "max_mac_addrs");
	CHECK_INT(i.rx_desc_lim.nb_min, >=, 1, "rx nb_min");
	CHECK_INT(i.tx_desc_lim.nb_min, >=, 1, "tx nb_min");
	CHECK_INT(i.rx_desc_lim.nb_max, <=, 32768, "rx nb_max");
	/* both as with net_af_xdp, which this driver replaces */
	CHECK_INT(i.default_rxportconf.ring_size, ==, 2048, "default rx ring");
	CHECK_INT(i.default_txportconf.ring_size, ==, 2048, "default tx ring");
	CHECK_INT(i.rx_offload_capa & i.rx_queue_offload_capa, ==, i.rx_queue_offload_capa,
		  "queue offloads that are not the port's");
	CHECK_INT(i.reta_size, ==, 0, "reta_size");
	CHECK_INT(rte_eth_dev_configure(p->id, 5, 1, &p->conf), <, 0, "5 rx queues of 4");
	CHECK_INT(rte_eth_dev_configure(p->id, 1, 5, &p->conf), <, 0, "5 tx queues of 4");

	xt_note("all defaults of DPDK");
	p->nb_rxd = p->nb_txd = 0;
	CHECK_OK(xt_port_setup(p), "set-up with ring size 0, the default");
	CHECK_OK(xt_port_start(p), "start");
	xt_traffic(p, w);
	if (rte_eth_rx_queue_info_get(p->id, 0, &rxi) == 0) {
		CHECK(rxi.mp == p->pool, "pool in rxq info");
		CHECK_INT(rxi.nb_desc, ==, i.default_rxportconf.ring_size, "ring in rxq info");
	}
	if (rte_eth_tx_queue_info_get(p->id, 0, &txi) == 0)
		CHECK_INT(txi.nb_desc, ==, i.default_txportconf.ring_size, "ring in txq info");
}

/* An offload that is not in the capabilities is refused by ethdev: each that is must work. */
static void
offloads(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct rte_eth_dev_info i;
	struct xt_port *p = xt_port(w);
	uint64_t capa[2];
	unsigned int dir, bit;

	CHECK_OK(xt_port_probe(p), "probe");
	CHECK_OK(rte_eth_dev_info_get(p->id, &i), "info");
	xt_port_down(p);
	capa[0] = i.rx_offload_capa;
	capa[1] = i.tx_offload_capa;
	for (dir = 0; dir < 2; dir++) {
		for (bit = 0; bit < 64; bit++) {
			if (!(capa[dir] & 1ULL << bit))
				continue;
			xt_note("%s offload bit %u", dir == 0 ? "rx" : "tx", bit);
			p = xt_port(w);
			if (dir == 0)
				p->conf.rxmode.offloads = 1ULL << bit;
			else
				p->conf.txmode.offloads = 1ULL << bit;
			xt_port_up(p);
			xt_traffic(p, w);
			xt_port_down(p);
		}
	}
}

static void
expect_link(struct xt_port *p, unsigned int status)
{
	double end = xt_now() + 10;
	struct rte_eth_link l;

	do {
		CHECK_OK(rte_eth_link_get_nowait(p->id, &l), "link_get_nowait");
		if (l.link_status == status)
			return;
	} while (xt_now() < end);
	FAIL("link status is %u, expected %u", l.link_status, status);
}

static void
link_status(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	struct rte_eth_link l;
	unsigned int i;

	xt_port_up(p);
	expect_link(p, RTE_ETH_LINK_UP);
	for (i = 0; i < 3; i++) {
		xt_note("peer down");
		xt_peer_set_up(w, false);
		expect_link(p, RTE_ETH_LINK_DOWN);
		xt_note("peer up");
		xt_peer_set_up(w, true);
		expect_link(p, RTE_ETH_LINK_UP);
		xt_note("interface down");
		xt_link_set_up(w->dev, false);
		expect_link(p, RTE_ETH_LINK_DOWN);
		xt_note("interface up");
		xt_link_set_up(w->dev, true);
		expect_link(p, RTE_ETH_LINK_UP);
		xt_wire_wait_up(w);
		xt_traffic(p, w);
	}
	CHECK_OK(rte_eth_link_get(p->id, &l), "link_get");
	CHECK_INT(l.link_status, ==, RTE_ETH_LINK_UP, "status after waiting");
	xt_peer_set_up(w, false);
	xt_sleep_ms(50);
	CHECK_OK(rte_eth_link_get_nowait(p->id, &l), "link_get_nowait");
	xt_peer_set_up(w, true);
	xt_wire_wait_up(w);
}

static uint32_t
kernel_mtu(struct xt_wire *w)
{
	struct xt_link l;

	CHECK_OK(xt_link_get(w->dev, &l), "link");
	return l.mtu;
}

static void
expect_mtu(struct xt_port *p, struct xt_wire *w, uint16_t mtu)
{
	uint16_t got = 0;

	CHECK_OK(rte_eth_dev_get_mtu(p->id, &got), "get_mtu");
	CHECK_INT(got, ==, mtu, "mtu of the port");
	CHECK_INT(kernel_mtu(w), ==, mtu, "mtu of the interface");
}

/* The port's MTU is the kernel's, before and after set_mtu; close puts the old one back. */
static void
mtu(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p;
	uint16_t got;

	xt_wire_mtu(w, 1300);
	p = xt_port(w);
	CHECK_OK(xt_port_probe(p), "probe");
	CHECK_OK(rte_eth_dev_get_mtu(p->id, &got), "get_mtu");
	CHECK_INT(got, ==, 1300, "mtu after probe");
	CHECK_OK(xt_port_setup(p), "set-up");
	CHECK_OK(xt_port_start(p), "start");
	xt_note("started");
	xt_link_set_mtu(w->peer, 1500);
	CHECK_OK(rte_eth_dev_set_mtu(p->id, 1500), "set_mtu");
	expect_mtu(p, w, 1500);
	xt_peer_send(w, 0, 1, 1514);
	xt_rx_expect(p, 0, 1, 1514);
	CHECK_OK(rte_eth_dev_set_mtu(p->id, 1000), "set_mtu");
	expect_mtu(p, w, 1000);
	xt_traffic(p, w);
	CHECK_OK(xt_port_stop(p), "stop");
	CHECK_OK(rte_eth_dev_set_mtu(p->id, 1400), "set_mtu while stopped");
	CHECK_INT(kernel_mtu(w), ==, 1400, "mtu of the interface");
	xt_port_down(p);
	CHECK_INT(kernel_mtu(w), ==, 1300, "mtu of the interface after close");
	xt_wire_mtu(w, 1500);
}

/* rxmode.mtu of configure reaches the kernel by start at the latest. */
static void
mtu_configured(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);

	xt_link_set_mtu(w->peer, 1800);
	xt_state_add_link(w->peer);
	p->conf.rxmode.mtu = 1800;
	xt_port_up(p);
	expect_mtu(p, w, 1800);
	xt_peer_send(w, 0, 1, 1814);
	xt_rx_expect(p, 0, 1, 1814);
}

/* An MTU that no mbuf holds is refused, and nothing is changed. */
static void
mtu_too_big(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	struct rte_eth_dev_info i;
	const char *log;
	int ret;

	xt_port_up(p);
	xt_log_begin();
	ret = rte_eth_dev_set_mtu(p->id, 3000);
	log = xt_log_end();
	CHECK_INT(ret, <, 0, "set_mtu 3000 with mbufs of 2048 bytes");
	CHECK(strstr(log, "3000") != NULL, "the log does not name the MTU: \"%s\"", log);
	expect_mtu(p, w, 1500);
	CHECK_OK(rte_eth_dev_info_get(p->id, &i), "info");
	CHECK_INT(rte_eth_dev_set_mtu(p->id, i.max_mtu + 1), <, 0, "set_mtu beyond max_mtu");
	expect_mtu(p, w, 1500);
	/* 2048 bytes less the Ethernet header and a VLAN tag */
	CHECK_OK(rte_eth_dev_set_mtu(p->id, 2030), "set_mtu to just what an mbuf holds");
	expect_mtu(p, w, 2030);
	xt_link_set_mtu(w->peer, 2034);
	xt_peer_send(w, 0, 1, 2048);
	xt_rx_expect(p, 0, 1, 2048);
	xt_link_set_mtu(w->peer, 1500);
}

/* The interface has an MTU that no mbuf holds: refused, or frames that fit no mbuf are counted. */
static void
mtu_too_big_at_start(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(1);
	struct xt_port *p = xt_port(w);
	const char *log;
	int ret;

	xt_wire_mtu(w, 3000);
	CHECK_OK(xt_port_probe(p), "probe");
	xt_log_begin();
	p->conf.rxmode.mtu = 3000;
	ret = xt_port_setup(p);
	if (ret == 0)
		ret = xt_port_start(p);
	log = xt_log_end();
	if (ret != 0) {
		CHECK(strstr(log, "3000") != NULL, "the log does not name the MTU: \"%s\"", log);
	} else {
		xt_peer_send(w, 0, 1, 2900);
		xt_peer_send(w, 0, 2, 100);
		xt_rx_expect(p, 0, 2, 100);
		CHECK_INT(xt_stats(p).imissed + xt_stats(p).ierrors, ==, 1,
			  "imissed + ierrors after a frame of 2900 bytes");
		xt_port_down(p);
	}
	xt_port_down(p);
	xt_wire_mtu(w, 1500);
}

/* The interface's own MTU: a warning, once for all queues; what it proposes can be done. */
static void
mtu_warning(const void *arg __rte_unused)
{
	static const struct {
		unsigned int mtu;
		const char *says;
	} table[] = {
		{3000, "use a data room of 3146 B, a smaller MTU, or RTE_ETH_RX_OFFLOAD_SCATTER"},
		{9000, "use a smaller MTU, or RTE_ETH_RX_OFFLOAD_SCATTER"},
	};
	struct xt_wire *w = xt_tap(2);
	const char *log, *found;
	unsigned int i;

	for (i = 0; i < RTE_DIM(table); i++) {
		struct xt_port *p = xt_port(w);

		xt_wire_mtu(w, table[i].mtu);
		CHECK_OK(xt_port_probe(p), "probe");
		xt_log_begin();
		CHECK_OK(xt_port_setup(p), "set-up");
		CHECK_OK(xt_port_start(p), "start");
		log = xt_log_end();
		found = strstr(log, "packets over 2048 B will be lost");
		CHECK(found != NULL && strstr(found, table[i].says) != NULL, "the log does not say \"%s\": "
		      "\"%s\"", table[i].says, log);
		CHECK(strstr(found + 32, "will be lost") == NULL, "it is said twice: \"%s\"", log);
		xt_port_down(p);
	}
	xt_wire_mtu(w, 1500);
}

struct flag {
	const char *name;
	int (*enable)(uint16_t port);
	int (*disable)(uint16_t port);
	int (*get)(uint16_t port);
	unsigned int iff;
	size_t count; /* in struct xt_link */
};

static const struct flag promisc_flag = {"promiscuous", rte_eth_promiscuous_enable,
	rte_eth_promiscuous_disable, rte_eth_promiscuous_get, IFF_PROMISC,
	offsetof(struct xt_link, promiscuity)},
	allmulti_flag = {"allmulticast", rte_eth_allmulticast_enable,
	rte_eth_allmulticast_disable, rte_eth_allmulticast_get, IFF_ALLMULTI,
	offsetof(struct xt_link, allmulti)};

static uint32_t
flag_count(const struct flag *f, struct xt_wire *w)
{
	struct xt_link l;

	CHECK_OK(xt_link_get(w->dev, &l), "link");
	return *(uint32_t *)((char *)&l + f->count);
}

/* By membership: one of several users of the flag, gone with the port. */
static void
membership(const void *arg)
{
	const struct flag *f = arg;
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);

	xt_port_up(p);
	CHECK_OK(flag_count(f, w), "%s users before", f->name);
	CHECK_OK(f->enable(p->id), "enable");
	CHECK_INT(flag_count(f, w), ==, 1, "%s users after enable", f->name);
	CHECK_OK(f->enable(p->id), "enable twice");
	CHECK_INT(flag_count(f, w), ==, 1, "%s users after two enables", f->name);
	CHECK_OK(f->disable(p->id), "disable");
	CHECK_INT(flag_count(f, w), ==, 0, "%s users after disable", f->name);

	xt_note("another user has it");
	xt_link_set_flag(w->dev, f->iff, true);
	CHECK_OK(f->enable(p->id), "enable");
	CHECK_INT(flag_count(f, w), ==, 2, "%s users with another user", f->name);
	CHECK_OK(f->disable(p->id), "disable");
	CHECK_INT(flag_count(f, w), ==, 1, "the other %s user is left", f->name);
	xt_link_set_flag(w->dev, f->iff, false);

	xt_note("stop, start, close");
	CHECK_OK(f->enable(p->id), "enable");
	CHECK_OK(xt_port_stop(p), "stop");
	CHECK_OK(xt_port_start(p), "start");
	CHECK_INT(f->get(p->id), ==, 1, "state after a restart");
	CHECK_INT(flag_count(f, w), ==, 1, "%s users after a restart", f->name);
	xt_port_down(p);
	CHECK_INT(flag_count(f, w), ==, 0, "%s users after close", f->name);
}

static void
mac(const void *arg __rte_unused)
{
	static const struct rte_ether_addr new_mac = {{2, 1, 2, 3, 4, 5}};
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	struct rte_ether_addr got;
	struct xt_link before, l;

	CHECK_OK(xt_link_get(w->dev, &before), "link");
	CHECK_OK(xt_port_probe(p), "probe");
	CHECK_OK(rte_eth_macaddr_get(p->id, &got), "macaddr_get");
	CHECK(memcmp(&got, before.mac, 6) == 0, "the port's MAC is not the interface's");
	CHECK_OK(xt_port_setup(p), "set-up");
	CHECK_OK(xt_port_start(p), "start");
	CHECK_OK(rte_eth_dev_default_mac_addr_set(p->id, (void *)(uintptr_t)&new_mac),
		 "default_mac_addr_set");
	CHECK_OK(xt_link_get(w->dev, &l), "link");
	CHECK(memcmp(&new_mac, l.mac, 6) == 0, "the interface's MAC is not the one set");
	CHECK_OK(rte_eth_macaddr_get(p->id, &got), "macaddr_get");
	CHECK(memcmp(&got, &new_mac, 6) == 0, "the port's MAC is not the one set");
	xt_traffic(p, w);
	xt_port_down(p);
	CHECK_OK(xt_link_get(w->dev, &l), "link");
	CHECK(memcmp(before.mac, l.mac, 6) == 0, "the MAC is not restored at close");
}

static void
stats(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(4);
	struct xt_port *p = xt_port(w);
	uint64_t rxp = 0, txp = 0, rxb = 0, txb = 0;
	struct eth_queue_stats queues;
	struct rte_eth_stats s;
	unsigned int q, i;

	xt_port_up(p);
	for (q = 0; q < 4; q++) {
		for (i = 0; i < 10 * (q + 1); i++) {
			xt_peer_send(w, q, i, 100 + q);
			xt_rx_expect(p, q, i, 100 + q);
			xt_tx_one(p, q, xt_mbuf(p->pool, i, 200 + q));
			xt_peer_expect(w, q, i, 200 + q);
			rxb += 100 + q;
			txb += 200 + q;
			rxp++;
			txp++;
		}
	}
	s = xt_stats(p);
	CHECK_INT(s.ipackets, ==, rxp, "ipackets");
	CHECK_INT(s.opackets, ==, txp, "opackets");
	CHECK_INT(s.ibytes, ==, rxb, "ibytes");
	CHECK_INT(s.obytes, ==, txb, "obytes");
	CHECK_INT(s.imissed + s.ierrors + s.oerrors + s.rx_nombuf, ==, 0, "errors");
	queues = xt_queue_stats(p);
	for (q = 0; q < 4; q++) {
		CHECK_INT(queues.q_ipackets[q], ==, 10 * (q + 1), "q_ipackets[%u]", q);
		CHECK_INT(queues.q_opackets[q], ==, 10 * (q + 1), "q_opackets[%u]", q);
		CHECK_INT(queues.q_ibytes[q], ==, 10 * (q + 1) * (100 + q), "q_ibytes[%u]", q);
		CHECK_INT(queues.q_obytes[q], ==, 10 * (q + 1) * (200 + q), "q_obytes[%u]", q);
	}
	CHECK_OK(xt_port_stop(p), "stop");
	CHECK_OK(xt_port_start(p), "start");
	CHECK_INT(xt_stats(p).ipackets, ==, rxp, "ipackets after a restart");
	CHECK_OK(rte_eth_stats_reset(p->id), "reset");
	s = xt_stats(p);
	CHECK_INT(s.ipackets + s.opackets + s.ibytes + s.obytes, ==, 0, "sum after reset");
	CHECK_INT(xt_queue_stats(p).q_ipackets[3], ==, 0, "q_ipackets[3] after reset");
	xt_traffic(p, w);
	s = xt_stats(p);
	CHECK_INT(s.ipackets, ==, 4, "ipackets after reset and traffic");
}

/* Fewer queues than the port has: statistics and their reset work at every step. */
static void
stats_few_queues(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(4);
	struct xt_port *p = xt_port(w);
	struct rte_eth_stats s;

	CHECK_OK(xt_port_probe(p), "probe");
	CHECK_OK(rte_eth_dev_configure(p->id, 2, 2, &p->conf), "configure");
	CHECK_OK(rte_eth_stats_get(p->id, &s), "stats before queue set-up");
	CHECK_OK(rte_eth_stats_reset(p->id), "reset before queue set-up");
	p->nb_rxq = 1;
	p->nb_txq = 2;
	CHECK_OK(xt_port_setup(p), "set-up");
	CHECK_OK(rte_eth_stats_get(p->id, &s), "stats before start");
	CHECK_OK(rte_eth_stats_reset(p->id), "reset before start");
	CHECK_OK(xt_port_start(p), "start");
	xt_traffic(p, w);
	s = xt_stats(p);
	CHECK_INT(s.ipackets, ==, 1, "ipackets");
	CHECK_INT(s.opackets, ==, 2, "opackets");
	CHECK_OK(rte_eth_stats_reset(p->id), "reset");
	CHECK_OK(xt_port_stop(p), "stop");
	CHECK_OK(rte_eth_stats_get(p->id, &s), "stats after stop");
	CHECK_OK(rte_eth_stats_reset(p->id), "reset after stop");
}

/* Each xstat has a name of its own and a value; reset sets them to 0. */
static void
xstats(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(2);
	struct xt_port *p = xt_port(w);
	struct rte_eth_xstat_name names[512];
	struct rte_eth_xstat values[512];
	int n, i, k;

	xt_port_up(p);
	xt_traffic(p, w);
	n = rte_eth_xstats_get_names(p->id, names, RTE_DIM(names));
	CHECK_INT(n, >, 0, "xstats");
	CHECK_INT(n, <=, (int)RTE_DIM(names), "xstats");
	CHECK_INT(rte_eth_xstats_get(p->id, values, RTE_DIM(values)), ==, n, "xstats values");
	for (i = 0; i < n; i++) {
		for (k = 0; k < i; k++)
			CHECK(strcmp(names[i].name, names[k].name) != 0, "two xstats are %s",
			      names[i].name);
	}
	CHECK_OK(rte_eth_xstats_reset(p->id), "xstats_reset");
	CHECK_INT(rte_eth_xstats_get(p->id, values, RTE_DIM(values)), ==, n, "xstats values");
	for (i = 0; i < n; i++)
		CHECK_INT(values[i].value, ==, 0, "%s after reset", names[i].name);
}

/* The interface goes away under traffic: bursts return, close works. */
static void
interface_deleted(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(2);
	struct xt_port *p = xt_port(w);
	struct rte_mbuf *m[32];
	double start, longest = 0;
	struct rte_eth_stats s;
	unsigned int i, k;
	uint16_t n;

	xt_port_up(p);
	xt_traffic(p, w);
	for (i = 0; i < 200; i++)
		xt_peer_send(w, 1, i, 100);
	xt_state_forget_link(w->dev);
	xt_state_forget_link(w->peer);
	xt_link_del(w->dev);
	xt_rx_flush(p, 1); /* what was received before is delivered */
	for (k = 0; k < 200; k++) {
		start = xt_now();
		CHECK_INT(rte_eth_rx_burst(p->id, k % 2, m, 32), ==, 0, "frames from nowhere");
		for (i = 0; i < 32; i++)
			m[i] = xt_mbuf(p->pool, i, 100);
		n = rte_eth_tx_burst(p->id, k % 2, m, 32);
		rte_pktmbuf_free_bulk(m + n, 32 - n);
		longest = RTE_MAX(longest, xt_now() - start);
	}
	CHECK(longest < 1, "a burst took %.3f s", longest);
	rte_eth_stats_get(p->id, &s); /* may fail, must not crash */
	CHECK_OK(xt_port_stop(p), "stop");
	CHECK_OK(xt_port_detach(p), "detach");
}

/* A new name does not matter: the interface's index is the same. */
static void
interface_renamed(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	char old[IFNAMSIZ];

	xt_port_up(p);
	xt_traffic(p, w);
	snprintf(old, sizeof(old), "%s", w->dev);
	xt_link_set_up(w->dev, false); /* older kernels rename only what is down */
	xt_link_rename(w->dev, "other0");
	xt_link_set_up("other0", true);
	snprintf(w->dev, sizeof(w->dev), "other0");
	xt_wire_wait_up(w);
	xt_traffic(p, w);
	CHECK_OK(xt_port_stop(p), "stop");
	CHECK_OK(xt_port_start(p), "start");
	xt_traffic(p, w);
	expect_link(p, RTE_ETH_LINK_UP);
	xt_port_down(p);
	xt_link_set_up("other0", false);
	xt_link_rename("other0", old);
	xt_link_set_up(old, true);
	snprintf(w->dev, sizeof(w->dev), "%s", old);
	xt_wire_wait_up(w);
}

/* Down and up again: receiving and sending go on by themselves. */
static void
interface_bounced(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(2);
	struct xt_port *p = xt_port(w);
	unsigned int i;

	xt_port_up(p);
	for (i = 0; i < 10; i++) {
		xt_traffic(p, w);
		xt_end_set_up(w, i % 2, false);
		xt_rx_flush(p, 1);
		xt_end_set_up(w, i % 2, true);
		xt_wire_wait_up(w);
	}
	xt_traffic(p, w);
}

const struct xt_case func_ops_cases[] = {
	{"info", "dev_info is sane, DPDK's defaults work", info, NULL, 0, 0},
	{"offloads", "the port starts with each offload it says it has", offloads, NULL, 0, 60},
	{"link_B17", "link status follows the peer and the interface", link_status, NULL, 0, 0},
	{"mtu_B37", "the MTU is the kernel's, restored at close", mtu, NULL, 0, 0},
	{"mtu_configured_B37", "the configured MTU reaches the kernel", mtu_configured, NULL, 0, 0},
	{"mtu_warning", "an interface's MTU no mbuf holds is warned of once", mtu_warning, NULL, 0, 0},
	{"mtu_too_big_B18", "an MTU no mbuf holds is refused", mtu_too_big, NULL, 0, 0},
	{"mtu_too_big_at_start_B18", "the same when the interface has it already",
	 mtu_too_big_at_start, NULL, 0, 0},
	{"promisc_B36", "promiscuous mode by membership", membership, &promisc_flag, 0, 0},
	{"allmulti_B36", "allmulticast by membership", membership, &allmulti_flag, 0, 0},
	{"mac", "the MAC is the kernel's, restored at close", mac, NULL, 0, 0},
	{"stats", "statistics of the port and each queue, reset", stats, NULL, 0, 0},
	{"stats_few_queues_B10", "statistics with fewer queues than the port has",
	 stats_few_queues, NULL, 0, 0},
	{"xstats", "names are unique, reset sets all to 0", xstats, NULL, 0, 0},
	{"interface_deleted_B45", "the interface is deleted under traffic", interface_deleted,
	 NULL, XT_NO_AGAIN, 0},
	{"interface_renamed", "the interface gets another name", interface_renamed, NULL, 0, 0},
	{"interface_bounced", "the interface or its peer goes down and up", interface_bounced,
	 NULL, 0, 0},
	{0},
};
