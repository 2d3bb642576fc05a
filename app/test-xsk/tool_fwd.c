/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* info and fwd: what a port says of itself, and the smallest forwarder. Any DPDK port will do. */

#include <getopt.h>
#include <inttypes.h>
#include <net/if.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_mbuf.h>
#include <rte_pdump.h>

#include "tool.h"

#define BURST 32
#define MBUFS_PER_QUEUE 4096

enum fwd_mode {
	FWD_RXONLY,
	FWD_IO,
	FWD_MACSWAP,
	FWD_TXONLY,
	NB_FWD_MODES,
};

static const char *const mode_name[NB_FWD_MODES] = {"rxonly", "io", "macswap", "txonly"};
static volatile sig_atomic_t stop;

static void
on_signal(int sig __rte_unused)
{
	stop = 1;
}

static struct rte_mempool *
make_pool(unsigned int queues)
{
	struct rte_mempool *mp;

	mp = rte_pktmbuf_pool_create("tool", RTE_MAX(queues, 1u) * MBUFS_PER_QUEUE, 256, 0,
				     RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	if (mp == NULL)
		fprintf(stderr, "no memory for %u mbufs\n", queues * MBUFS_PER_QUEUE);
	return mp;
}

static int
port_start(uint16_t port, uint16_t queues, struct rte_mempool *mp)
{
	struct rte_eth_conf conf = {0};
	uint16_t q;
	int ret;

	ret = rte_eth_dev_configure(port, queues, queues, &conf);
	for (q = 0; ret == 0 && q < queues; q++)
		ret = rte_eth_rx_queue_setup(port, q, 0, SOCKET_ID_ANY, NULL, mp);
	for (q = 0; ret == 0 && q < queues; q++)
		ret = rte_eth_tx_queue_setup(port, q, 0, SOCKET_ID_ANY, NULL);
	if (ret == 0)
		ret = rte_eth_dev_start(port);
	if (ret != 0)
		fprintf(stderr, "port %u does not start: %d\n", port, ret);
	return ret;
}

static void
print_offloads(const char *what, uint64_t capa, const char *(*name)(uint64_t))
{
	unsigned int bit;

	printf("  %s offloads:", what);
	for (bit = 0; bit < 64; bit++) {
		if (capa & RTE_BIT64(bit))
			printf(" %s", name(RTE_BIT64(bit)));
	}
	printf(capa != 0 ? "\n" : " none\n");
}

static void
print_port(uint16_t port)
{
	char name[RTE_ETH_NAME_MAX_LEN] = "", mac[RTE_ETHER_ADDR_FMT_SIZE] = "";
	char ifname[64] = "", iface[IF_NAMESIZE], link_text[RTE_ETH_LINK_MAX_STR_LEN] = "link unknown";
	struct rte_eth_burst_mode mode;
	struct rte_eth_dev_info info;
	struct rte_ether_addr addr;
	struct rte_eth_link link;
	uint16_t mtu = 0;

	rte_eth_dev_get_name_by_port(port, name);
	if (rte_eth_dev_info_get(port, &info) != 0)
		return;
	if (rte_eth_macaddr_get(port, &addr) == 0)
		rte_ether_format_addr(mac, sizeof(mac), &addr);
	rte_eth_dev_get_mtu(port, &mtu);
	if (rte_eth_link_get_nowait(port, &link) == 0)
		rte_eth_link_to_str(link_text, sizeof(link_text), &link);
	if (info.if_index > 0 && if_indextoname(info.if_index, iface) != NULL)
		snprintf(ifname, sizeof(ifname), " on %s", iface);
	else if (info.if_index > 0) /* of another network namespace */
		snprintf(ifname, sizeof(ifname), " on interface %u", info.if_index);
	printf("port %u: %s, driver %s%s\n", port, name, info.driver_name, ifname);
	printf("  MAC %s, MTU %u (%u to %u), %s\n", mac, mtu, info.min_mtu, info.max_mtu,
	       link_text);
	printf("  queues: up to %u rx, %u tx; rings: rx %u to %u, tx %u to %u\n",
	       info.max_rx_queues, info.max_tx_queues, info.rx_desc_lim.nb_min, info.rx_desc_lim.nb_max,
	       info.tx_desc_lim.nb_min, info.tx_desc_lim.nb_max);
	printf("  buffers: at least %u bytes; segments per packet: up to %u\n", info.min_rx_bufsize,
	       info.tx_desc_lim.nb_mtu_seg_max);
	print_offloads("rx", info.rx_offload_capa, rte_eth_dev_rx_offload_name);
	print_offloads("tx", info.tx_offload_capa, rte_eth_dev_tx_offload_name);
	if (rte_eth_rx_burst_mode_get(port, 0, &mode) == 0)
		printf("  rx burst: %s\n", mode.info);
	if (rte_eth_tx_burst_mode_get(port, 0, &mode) == 0)
		printf("  tx burst: %s\n", mode.info);
}

static int
eal_start(int argc, char **argv, int *eaten)
{
	*eaten = rte_eal_init(argc, argv);
	if (*eaten < 0)
		return 1;
	if (rte_eth_dev_count_avail() == 0) {
		fprintf(stderr, "no port: give --vdev net_xskpmd0,iface=IFACE\n");
		return 1;
	}
	return 0;
}

static void
ports_close(void)
{
	uint16_t port;

	RTE_ETH_FOREACH_DEV(port) {
		if (rte_eth_dev_stop(port) != 0)
			fprintf(stderr, "port %u does not stop\n", port);
		rte_eth_dev_close(port);
	}
	rte_eal_cleanup();
}

int
cmd_info(int argc, char **argv)
{
	struct rte_mempool *mp;
	uint16_t port;
	int ret, eaten;

	if (eal_start(argc, argv, &eaten) != 0)
		return 1;
	ret = 0;
	mp = make_pool(rte_eth_dev_count_avail());
	RTE_ETH_FOREACH_DEV(port) {
		/* what was granted is only known when it runs */
		if (mp == NULL || port_start(port, 1, mp) != 0)
			ret = 1;
		print_port(port);
	}
	ports_close();
	return ret;
}

static void
swap_macs(struct rte_mbuf *m)
{
	struct rte_ether_hdr *eth = rte_pktmbuf_mtod(m, struct rte_ether_hdr *);
	struct rte_ether_addr t = eth->dst_addr;

	eth->dst_addr = eth->src_addr;
	eth->src_addr = t;
}

static uint16_t
txonly_burst(struct rte_mempool *mp, struct rte_mbuf **m)
{
	static const uint8_t head[14] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5};
	uint16_t i;

	if (rte_pktmbuf_alloc_bulk(mp, m, BURST) != 0)
		return 0;
	for (i = 0; i < BURST; i++) {
		memcpy(rte_pktmbuf_append(m[i], 60), head, sizeof(head));
		memset(rte_pktmbuf_mtod_offset(m[i], char *, 14), 0, 46);
	}
	return BURST;
}

/* One burst of one queue; what the other port does not take is dropped. */
static void
forward(uint16_t port, uint16_t q, enum fwd_mode mode, struct rte_mempool *mp)
{
	uint16_t to = rte_eth_dev_is_valid_port(port ^ 1) ? port ^ 1 : port;
	struct rte_mbuf *m[BURST];
	uint16_t n, sent = 0, i;

	if (mode == FWD_TXONLY) {
		to = port;
		n = txonly_burst(mp, m);
	} else {
		n = rte_eth_rx_burst(port, q, m, BURST);
	}
	if (n == 0)
		return;
	if (mode == FWD_MACSWAP) {
		to = port;
		for (i = 0; i < n; i++)
			swap_macs(m[i]);
	}
	if (mode != FWD_RXONLY)
		sent = rte_eth_tx_burst(to, q, m, n);
	rte_pktmbuf_free_bulk(m + sent, n - sent);
}

static void
print_rates(struct rte_eth_stats *old, double secs)
{
	struct rte_eth_stats s;
	uint16_t port;

	RTE_ETH_FOREACH_DEV(port) {
		if (rte_eth_stats_get(port, &s) != 0)
			continue;
		printf("port %u: rx %.0f pps, tx %.0f pps, missed %" PRIu64 ", errors %" PRIu64
		       "\n", port, (s.ipackets - old[port].ipackets) / secs,
		       (s.opackets - old[port].opackets) / secs, s.imissed,
		       s.ierrors + s.oerrors + s.rx_nombuf);
		old[port] = s;
	}
	fflush(stdout);
}

static void
loop(enum fwd_mode mode, uint16_t queues, double seconds, struct rte_mempool *mp)
{
	static struct rte_eth_stats old[RTE_MAX_ETHPORTS], first[RTE_MAX_ETHPORTS];
	const uint64_t hz = rte_get_timer_hz(), start = rte_get_timer_cycles();
	uint64_t now = start, tick = start;
	unsigned int spins = 0;
	uint16_t port, q;

	while (!stop && (seconds == 0 || (now - start) / (double)hz < seconds)) {
		RTE_ETH_FOREACH_DEV(port) {
			for (q = 0; q < queues; q++)
				forward(port, q, mode, mp);
		}
		if (++spins % 64 != 0)
			continue;
		now = rte_get_timer_cycles();
		if (now - tick >= hz) {
			print_rates(old, (now - tick) / (double)hz);
			tick = now;
		}
	}
	printf("total of %.1f s:\n", (now - start) / (double)hz);
	print_rates(first, (now - start) / (double)hz);
}

static int
fwd_usage(void)
{
	printf("usage: dpdk-test-xsk fwd EAL-OPTIONS -- [-m rxonly|io|macswap|txonly] [-t SECONDS] "
	       "[-q QUEUES]\n");
	return 2;
}

int
cmd_fwd(int argc, char **argv)
{
	enum fwd_mode mode = FWD_MACSWAP;
	struct rte_mempool *mp;
	double seconds = 0;
	uint16_t queues = 1, port;
	unsigned int i;
	int eaten, opt, ret = 0;

	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		return fwd_usage(); /* EAL's --help would show EAL's options only */
	if (eal_start(argc, argv, &eaten) != 0)
		return 1;
	argc -= eaten;
	argv += eaten;
	optind = 1;
	opterr = 0;
	while ((opt = getopt(argc, argv, "m:t:q:")) != -1) {
		for (i = 0; opt == 'm' && i < NB_FWD_MODES; i++) {
			if (strcmp(optarg, mode_name[i]) == 0)
				break;
		}
		if (opt == 'm' && i < NB_FWD_MODES) {
			mode = i;
		} else if (opt == 't') {
			seconds = atof(optarg);
		} else if (opt == 'q' && atoi(optarg) > 0) {
			queues = atoi(optarg);
		} else {
			return fwd_usage();
		}
	}
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	rte_pdump_init(); /* for dpdk-dumpcap; not where EAL shares nothing with other processes */
	mp = make_pool(queues * rte_eth_dev_count_avail());
	RTE_ETH_FOREACH_DEV(port) {
		if (mp == NULL || port_start(port, queues, mp) != 0)
			ret = 1;
	}
	if (ret == 0)
		loop(mode, queues, seconds, mp);
	ports_close();
	return ret;
}
