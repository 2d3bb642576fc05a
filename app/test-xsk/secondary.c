/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* dpdk-test-xsk secondary: the secondary process of func_mp.c. It takes commands, a line each, and answers each with
 * a line that begins with "ok" or says what is wrong.
 */

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>

#include "harness.h"
#include "tool.h"

struct cmd {
	unsigned int queue, n, len;
	uint32_t seq;
};

static void
say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
}

/* Receive n packets of a sequence, within 10 s. */
static void
do_rx(const struct cmd *c)
{
	const double end = xt_now() + 10;
	uint8_t buf[XT_MAX_FRAME];
	struct rte_mbuf *m;
	unsigned int n = 0;

	while (n < c->n && xt_now() < end) {
		if (rte_eth_rx_burst(0, c->queue, &m, 1) == 0)
			continue;
		if (rte_pktmbuf_pkt_len(m) != c->len ||
		    xt_frame_diff(rte_pktmbuf_read(m, 0, c->len, buf), c->len, c->seq + n) >= 0) {
			say("packet %u is not as sent", n);
			return;
		}
		rte_pktmbuf_free(m);
		n++;
	}
	say(n == c->n ? "ok" : "%u packets received, %u expected", n, c->n);
}

static void
do_tx(const struct cmd *c)
{
	struct rte_mempool *mp = rte_mempool_lookup(XT_SECONDARY_POOL);
	const double end = xt_now() + 10;
	struct rte_mbuf *m;
	unsigned int n;

	for (n = 0; n < c->n; n++) {
		m = rte_pktmbuf_alloc(mp);
		xt_frame_fill((uint8_t *)rte_pktmbuf_append(m, c->len), c->len, c->seq + n);
		while (rte_eth_tx_burst(0, c->queue, &m, 1) == 0) {
			if (xt_now() > end) {
				rte_pktmbuf_free(m);
				say("%u packets taken, %u expected", n, c->n);
				return;
			}
		}
	}
	say("ok");
}

/* Poll both directions for some milliseconds; what comes is freed. */
static void
do_poll(const struct cmd *c)
{
	const double end = xt_now() + c->n / 1000.;
	struct rte_mbuf *m[32];
	uint64_t got = 0;
	uint16_t n;

	say("ok");
	while (xt_now() < end) {
		n = rte_eth_rx_burst(0, c->queue, m, RTE_DIM(m));
		got += n;
		rte_pktmbuf_free_bulk(m, n);
		rte_eth_tx_burst(0, c->queue, m, 0);
	}
	say("ok %" PRIu64, got);
}

static void
do_stats(const struct cmd *c __rte_unused)
{
	struct rte_eth_stats s;

	if (rte_eth_stats_get(0, &s) != 0)
		say("no statistics");
	else
		say("ok %" PRIu64 " %" PRIu64 " %" PRIu64, s.ipackets, s.opackets, s.imissed);
}

/* Whether they can be had or not at that moment: they never run backwards below 0. */
static void
do_stats_poll(const struct cmd *c)
{
	const double end = xt_now() + c->n / 1000.;
	struct rte_eth_stats s;

	while (xt_now() < end) {
		if (rte_eth_stats_get(0, &s) == 0 && s.imissed > UINT32_MAX) {
			say("%" PRIu64 " missed packets", s.imissed);
			return;
		}
	}
	say("ok");
}

/* A port that the primary has closed. What ethdev says of its close depends on the release of DPDK. */
static void
do_gone(const struct cmd *c)
{
	const uint16_t port = c->queue;
	struct rte_eth_stats s;
	const bool asked = rte_eth_stats_get(port, &s) == 0, reset = rte_eth_stats_reset(port) == 0,
		   promisc = rte_eth_promiscuous_enable(port) == 0;

	rte_eth_dev_close(port);
	if (asked || reset || promisc)
		say("closed port: statistics %d, reset %d, promiscuous mode %d", asked, reset, promisc);
	else
		say("ok");
}

static void
do_xstats(const struct cmd *c __rte_unused)
{
	static struct rte_eth_xstat values[512];
	static struct rte_eth_xstat_name names[512];
	int i, n = rte_eth_xstats_get(0, values, RTE_DIM(values));

	if (n <= 0 || n > (int)RTE_DIM(values) || rte_eth_xstats_get_names(0, names, n) != n) {
		say("%d extended statistics", n);
		return;
	}
	for (i = 0; i < n; i++) {
		if (strcmp(names[i].name, "rx_q0_packets") == 0)
			say("ok %" PRIu64, values[i].value);
	}
}

/* Everything that only asks, and what is not for this process. */
static void
do_ask(const struct cmd *c __rte_unused)
{
	struct rte_eth_conf conf = {0};
	struct rte_eth_dev_info info;
	struct rte_eth_rxq_info rxq;
	struct rte_eth_link link;
	uint16_t mtu;

	if (rte_eth_dev_info_get(0, &info) != 0 || info.max_rx_queues == 0 || info.if_index == 0)
		say("dev_info_get");
	else if (rte_eth_rx_queue_info_get(0, 0, &rxq) != 0 || rxq.mp != rte_mempool_lookup(XT_SECONDARY_POOL))
		say("rx_queue_info_get");
	else if (rte_eth_link_get_nowait(0, &link) != 0 || link.link_status != RTE_ETH_LINK_UP)
		say("link_get");
	else if (rte_eth_dev_get_mtu(0, &mtu) != 0 || mtu != 1500)
		say("get_mtu");
	else if (rte_eth_dev_configure(0, 1, 1, &conf) == 0 || rte_eth_dev_set_mtu(0, 1400) == 0)
		say("it may change the port");
	else
		say("ok");
}

static void
do_promisc(const struct cmd *c)
{
	int ret = c->queue ? rte_eth_promiscuous_enable(0) : rte_eth_promiscuous_disable(0);

	say(ret == 0 ? "ok" : "promiscuous mode: %d", ret);
}

static void
do_close(const struct cmd *c __rte_unused)
{
	int ret = rte_eth_dev_close(0);

	say(ret == 0 ? "ok" : "close: %d", ret);
}

/* Without a word of whoever gave it: the end of its input would end it, too. */
static __rte_noreturn void
do_stay(const struct cmd *c __rte_unused)
{
	say("ok");
	for (;;)
		pause();
}

static const struct {
	const char *name;
	void (*fn)(const struct cmd *c);
} commands[] = {
	{"rx", do_rx}, {"tx", do_tx}, {"poll", do_poll}, {"stats", do_stats}, {"xstats", do_xstats},
	{"ask", do_ask}, {"promisc", do_promisc}, {"close", do_close}, {"statspoll", do_stats_poll},
	{"gone", do_gone}, {"stay", do_stay},
};

int
cmd_secondary(int argc, char **argv)
{
	char line[128], name[16];
	unsigned int i;

	if (rte_eal_init(argc, argv) < 0)
		return 1;
	say(rte_eth_dev_count_avail() > 0 ? "ok" : "no port");
	while (fgets(line, sizeof(line), stdin) != NULL) {
		struct cmd c = {0};

		if (sscanf(line, "%15s %u %u %u %" SCNu32, name, &c.queue, &c.n, &c.len, &c.seq) < 1)
			continue;
		for (i = 0; i < RTE_DIM(commands); i++) {
			if (strcmp(name, commands[i].name) == 0)
				commands[i].fn(&c);
		}
	}
	rte_eal_cleanup();
	return 0;
}
