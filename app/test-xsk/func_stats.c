/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* Extended statistics: each has its row, counts what it says, and is reset. */

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/sockios.h>

#include "suites.h"

#define MAX_XSTATS 1024

static struct rte_eth_xstat_name names[MAX_XSTATS];
static struct rte_eth_xstat values[MAX_XSTATS];

static int
xstats_read(const struct xt_port *p)
{
	int n = rte_eth_xstats_get_names(p->id, names, MAX_XSTATS), i, k;

	CHECK_INT(n, >, 0, "xstats names");
	CHECK_INT(n, <=, MAX_XSTATS, "xstats names");
	CHECK_INT(rte_eth_xstats_get(p->id, values, MAX_XSTATS), ==, n, "xstats");
	for (i = 0; i < n; i++) {
		CHECK_INT(values[i].id, ==, i, "id of %s", names[i].name);
		for (k = 0; k < i; k++)
			CHECK(strcmp(names[i].name, names[k].name) != 0, "two xstats are %s",
			      names[i].name);
	}
	return n;
}

#define CHECK_XSTAT(p, name, op, v) CHECK_INT(xt_xstat(p, name), op, v, "%s", name)

/* Names that scripts may rely on. */
static const char *const stable_names[] = {
	"rx_wakeups", "rx_nombuf", "rx_too_long", "rx_xsk_dropped", "rx_xsk_ring_full",
	"rx_xsk_invalid_descs", "rx_xsk_fill_ring_empty", "rx_busy_poll",
	"tx_bad", "tx_dropped", "tx_copied", "tx_nombuf", "tx_full", "tx_kicks",
	"tx_kick_again", "tx_kick_down", "tx_kick_error", "tx_xsk_invalid_descs",
	"tx_xsk_ring_empty",
	"rx_q0_packets", "rx_q0_bytes", "rx_q0_errors", "rx_q1_xsk_dropped", "rx_q1_busy_poll",
	"tx_q0_packets", "tx_q0_bytes", "tx_q1_errors", "tx_q1_kicks",
};

static void
xstats_queues(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(2);
	struct xt_port *p = xt_port(w);
	unsigned int i;

	xt_port_up(p);
	xstats_read(p);
	for (i = 0; i < RTE_DIM(stable_names); i++)
		xt_xstat(p, stable_names[i]);
	CHECK_OK(rte_eth_xstats_reset(p->id), "reset");
	xt_traffic(p, w);
	xt_tx_one(p, 1, xt_mbuf(p->pool, 77, 200));
	xt_peer_expect(w, 1, 77, 200);
	CHECK_XSTAT(p, "rx_q0_packets", ==, 1);
	CHECK_XSTAT(p, "rx_q1_packets", ==, 1);
	CHECK_XSTAT(p, "rx_q1_bytes", ==, 100);
	CHECK_XSTAT(p, "tx_q0_packets", ==, 1);
	CHECK_XSTAT(p, "tx_q1_packets", ==, 2);
	CHECK_XSTAT(p, "tx_q1_bytes", ==, 300);
	CHECK_XSTAT(p, "tx_q1_kicks", >=, 2);
	CHECK_INT(xt_xstat(p, "tx_kicks"), ==, xt_xstat(p, "tx_q0_kicks") + xt_xstat(p, "tx_q1_kicks"),
		  "tx_kicks is the sum of its queues'");
	CHECK_OK(rte_eth_xstats_reset(p->id), "reset");
	CHECK_XSTAT(p, "tx_q1_packets", ==, 0);
	CHECK_XSTAT(p, "tx_kicks", ==, 0);
	xt_traffic(p, w);
	CHECK_XSTAT(p, "tx_q1_packets", ==, 1);
}

static bool
ring_is_full(void *arg)
{
	return xt_xstat(arg, "rx_q0_xsk_ring_full") + xt_xstat(arg, "rx_q0_xsk_dropped") > 0;
}

/* What the kernel drops while nobody polls, by the reason; it survives stop and start. */
static void
xstats_kernel(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(1);
	struct xt_port *p = xt_port(w);
	struct rte_mbuf *m;
	unsigned int i;
	uint64_t lost;

	p->nb_rxd = 64;
	xt_port_up(p);
	for (i = 0; i < 300; i++)
		xt_peer_try_send(w, 0, "a frame of sixty bytes, which is what Ethernet has at least", 60);
	CHECK(ring_is_full(p), "300 frames fit into 64 descriptors");
	lost = xt_xstat(p, "rx_q0_xsk_ring_full") + xt_xstat(p, "rx_q0_xsk_dropped");
	CHECK_INT(lost, ==, 300 - 64, "frames that the kernel dropped");
	CHECK_XSTAT(p, "rx_q0_errors", ==, lost);
	CHECK_XSTAT(p, "rx_missed_errors", ==, lost);
	xt_rx_flush(p, 10);
	m = xt_mbuf(p->pool, 1, 60);
	rte_pktmbuf_trim(m, 55); /* shorter than an Ethernet header */
	CHECK_INT(xt_tx(p, 0, &m, 1), ==, 1, "packets taken");
	CHECK_XSTAT(p, "tx_q0_bad", ==, 1);
	CHECK_XSTAT(p, "tx_q0_errors", ==, 1);
	CHECK_OK(xt_port_stop(p), "stop");
	CHECK_XSTAT(p, "rx_q0_errors", ==, lost);
	CHECK_OK(xt_port_start(p), "start");
	CHECK_XSTAT(p, "rx_q0_errors", ==, lost);
	CHECK_OK(rte_eth_xstats_reset(p->id), "reset");
	CHECK_XSTAT(p, "rx_q0_errors", ==, 0);
	CHECK_XSTAT(p, "rx_xsk_dropped", ==, 0);
	CHECK_XSTAT(p, "tx_q0_bad", ==, 0);
}

/* By id: any choice in any order, and the errors. */
static void
xstats_by_id(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	static struct rte_eth_xstat_name some[MAX_XSTATS];
	uint64_t ids[MAX_XSTATS], v[MAX_XSTATS];
	int n, i;

	xt_port_up(p);
	xt_traffic(p, w);
	n = xstats_read(p);
	for (i = 0; i < n; i++)
		ids[i] = n - 1 - i;
	CHECK_INT(rte_eth_xstats_get_names_by_id(p->id, some, n, ids), ==, n, "names by id");
	CHECK_INT(rte_eth_xstats_get_by_id(p->id, ids, v, n), ==, n, "values by id");
	for (i = 0; i < n; i++) {
		CHECK(strcmp(some[i].name, names[ids[i]].name) == 0, "id %d is %s and %s", i,
		      some[i].name, names[ids[i]].name);
		CHECK_INT(v[i], ==, values[ids[i]].value, "value of %s", some[i].name);
	}
	CHECK_INT(rte_eth_xstats_get_by_id(p->id, NULL, NULL, 0), ==, n, "number of xstats");
	CHECK_INT(rte_eth_xstats_get_by_id(p->id, NULL, v, n), ==, n, "all values");
	CHECK_INT(rte_eth_xstats_get_names_by_id(p->id, some, n, NULL), ==, n, "all names");
	CHECK_INT(rte_eth_xstats_get_names_by_id(p->id, NULL, 0, NULL), ==, n, "number of names");
	ids[0] = n + 5;
	CHECK_INT(rte_eth_xstats_get_by_id(p->id, ids, v, 1), <, 0, "an id there is not");
	/* too little room: the number that is needed */
	CHECK_INT(rte_eth_xstats_get(p->id, values, n - 1), ==, n, "xstats without room");
	CHECK_INT(rte_eth_xstats_get_names(p->id, names, n - 1), ==, n, "names without room");
	CHECK_INT(rte_eth_xstats_get(p->id, NULL, 0), ==, n, "number of xstats");
}

static int
channels_set(const char *ifname, unsigned int n)
{
	struct ethtool_channels ch = {.cmd = ETHTOOL_SCHANNELS, .rx_count = n, .tx_count = n};
	struct ifreq ifr = {.ifr_data = (void *)&ch};
	int fd = socket(AF_INET, SOCK_DGRAM, 0), ret;

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname);
	ret = ioctl(fd, SIOCETHTOOL, &ifr) == 0 ? 0 : -errno;
	close(fd);
	return ret;
}

static int
count_eth(int n)
{
	int i, count = 0;

	for (i = 0; i < n; i++)
		count += strncmp(names[i].name, "eth_", 4) == 0;
	return count;
}

/* The interface's own counters; their number follows the interface. */
static void
xstats_eth(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(4);
	struct xt_port *p = xt_port(w);
	int all, fewer, n, k;

	p->args = ",queue_count=1";
	p->nb_rxq = p->nb_txq = 1;
	xt_port_up(p);
	n = xstats_read(p);
	all = count_eth(n);
	CHECK_INT(all, >, 0, "counters of a veth");
	xt_traffic(p, w);
	CHECK_XSTAT(p, "eth_rx_queue_0_xdp_packets", >=, 1);
	CHECK_OK(rte_eth_xstats_reset(p->id), "reset");
	CHECK_XSTAT(p, "eth_rx_queue_0_xdp_packets", ==, 0);
	xt_traffic(p, w);
	CHECK_XSTAT(p, "eth_rx_queue_0_xdp_packets", ==, 1);

	/* the peer first: a veth needs as many Rx queues as its peer has Tx queues */
	CHECK_OK(channels_set(w->peer, 2), "channels of %s", w->peer);
	CHECK_OK(channels_set(w->dev, 2), "channels of %s", w->dev);
	CHECK_INT(rte_eth_xstats_get(p->id, values, MAX_XSTATS), <, n, "values, of fewer queues");
	k = xstats_read(p);
	fewer = count_eth(k);
	CHECK_INT(k - fewer, ==, n - all, "xstats of our own");
	CHECK_INT(fewer, <, all, "counters of half the queues");
	CHECK_OK(channels_set(w->dev, 4), "channels of %s", w->dev);
	CHECK_OK(channels_set(w->peer, 4), "channels of %s", w->peer);
	CHECK_INT(rte_eth_xstats_get(p->id, values, k), ==, n, "values without room");
	CHECK_INT(count_eth(xstats_read(p)), ==, all, "counters of all queues again");
}

const struct xt_case func_stats_cases[] = {
	{"xstats_queues", "each queue and the port: stable names, values, reset", xstats_queues,
	 NULL, 0, 0},
	{"xstats_kernel", "the kernel's counters, over stop and start", xstats_kernel, NULL, 0, 0},
	{"xstats_by_id", "by id, in any order, and with too little room", xstats_by_id, NULL, 0, 0},
	{"xstats_eth", "the interface's own counters, also when their number changes", xstats_eth,
	 NULL, 0, 0},
	{0},
};
