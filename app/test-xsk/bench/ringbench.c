/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/*
 * dpdk-test-xsk-ringbench: what AF_XDP drivers cost in user space, with the kernel taken out.
 *
 * Drivers are loaded as any application does, with -d and --vdev, and driven side by side in one
 * process over the ideal NIC of ideal_nic.c. They are timed slice by slice in turn, so that a drift
 * of the machine hits all alike; a slice in which another thread got the CPU does not count. What is
 * printed is the median of the slices, in cycles of the time stamp counter per packet, the two
 * readings of the counter around each burst included.
 */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/resource.h>

#include <rte_common.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_string_fns.h>

#include "ideal_nic.h"

#define MAX_TARGETS 8
#define MAX_QUEUES 16 /* of a target, all ports together */
#define MAX_BURST 512
#define MAX_SLICES 4096
#define MIN_SLICES 9
#define MAX_ROUNDS 1000 /* when nearly every slice is interrupted */
#define RING 2048
#define POOL 16383 /* mbufs per queue: as testpmd's pools, twice what a queue can hold */
#define SLICE_PKTS 65536 /* timed packets of a slice, hot, within these bounds: */
#define SLICE_BURSTS_MIN 256u
#define SLICE_BURSTS_MAX 8192u
#define SLICE_WARM 4096 /* packets before: as many as the rings hold */
#define COLD_BURSTS 64 /* timed bursts of a slice, cold */

enum mode { MODE_RX, MODE_TX, MODE_FWD, NB_MODES };
static const char *const mode_names[NB_MODES] = { "rx", "tx", "fwd" };

struct queue {
	uint16_t port;
	uint16_t id;
	struct nic_sock *sock;
	struct rte_mempool *pool;
};

/* What is compared: one driver, on as many ports and queues as was asked for. */
struct target {
	char driver[RTE_ETH_NAME_MAX_LEN];
	unsigned int instance;
	struct queue queues[MAX_QUEUES];
	unsigned int nb_ports, nb_queues;
	double rx[MAX_SLICES], tx[MAX_SLICES], sum[MAX_SLICES]; /* cycles per packet */
	unsigned int nb_slices;
	uint64_t pkts, wakeups;
};

static struct {
	const char *modes, *bursts;
	double seconds; /* of each measurement */
	unsigned int len, nb_queues, nb_ports;
	size_t cold; /* bytes walked through before each burst */
} opt = { .modes = "rx,tx,fwd", .bursts = "1,4,32,64,256", .seconds = 1, .len = 64,
	  .nb_queues = 1, .nb_ports = 1 };

static struct target targets[MAX_TARGETS];
static unsigned int nb_targets;
static volatile uint64_t *walk;

/* ----------------------------------------------------------------------------- set-up */

static void
port_setup(struct target *t, uint16_t port)
{
	struct rte_eth_conf conf = { 0 };
	struct rte_eth_dev_info info;
	struct rte_mempool *pool;
	char name[RTE_MEMPOOL_NAMESIZE];
	uint16_t q;
	int ret;

	snprintf(name, sizeof(name), "pool%u", port);
	pool = rte_pktmbuf_pool_create(name, POOL * opt.nb_queues, 256, 0,
			RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	if (pool == NULL)
		rte_exit(1, "port %u: no memory for %u mbufs\n", port, POOL * opt.nb_queues);
	ret = rte_eth_dev_info_get(port, &info);
	if (ret == 0)
		ret = rte_eth_dev_configure(port, opt.nb_queues, opt.nb_queues, &conf);
	for (q = 0; q < opt.nb_queues && ret == 0; q++) {
		ret = rte_eth_rx_queue_setup(port, q, RING, SOCKET_ID_ANY, NULL, pool);
		if (ret == 0)
			ret = rte_eth_tx_queue_setup(port, q, RING, SOCKET_ID_ANY, NULL);
	}
	if (ret == 0)
		ret = rte_eth_dev_start(port);
	if (ret != 0)
		rte_exit(1, "port %u: set-up fails: %s\n", port, rte_strerror(-ret));
	for (q = 0; q < opt.nb_queues; q++) {
		struct queue *queue = &t->queues[t->nb_queues++];

		queue->port = port;
		queue->id = q;
		queue->pool = pool;
		queue->sock = nic_find(info.if_index, q);
		if (queue->sock == NULL)
			rte_exit(1, "port %u: no AF_XDP socket on queue %u\n", port, q);
	}
	t->nb_ports++;
}

/* The port joins the target of its driver that has room, or begins a new one. */
static void
port_add(uint16_t port)
{
	char name[RTE_ETH_NAME_MAX_LEN];
	unsigned int i, instance = 0;

	rte_eth_dev_get_name_by_port(port, name);
	name[strcspn(name, "0123456789")] = '\0';
	for (i = 0; i < nb_targets; i++) {
		if (strcmp(targets[i].driver, name) != 0)
			continue;
		if (targets[i].nb_ports < opt.nb_ports)
			break;
		instance++;
	}
	if (i == MAX_TARGETS)
		rte_exit(1, "more than %d drivers to compare\n", MAX_TARGETS);
	if (i == nb_targets) {
		strlcpy(targets[i].driver, name, sizeof(targets[i].driver));
		targets[i].instance = instance;
		nb_targets++;
	}
	port_setup(&targets[i], port);
}

/* ------------------------------------------------------------------------- measurement */

/* Push what the caches hold out of them. */
static void
make_cold(void)
{
	size_t i;

	for (i = 0; i < opt.cold / sizeof(*walk); i += RTE_CACHE_LINE_SIZE / sizeof(*walk))
		walk[i]++;
}

struct cycles {
	uint64_t rx, tx;
	uint64_t nb_rx, nb_tx;
};

static unsigned int
burst_make(struct queue *q, struct rte_mbuf **pkts, unsigned int n)
{
	unsigned int i;

	if (rte_pktmbuf_alloc_bulk(q->pool, pkts, n) != 0)
		return 0;
	for (i = 0; i < n; i++) {
		pkts[i]->data_len = opt.len;
		pkts[i]->pkt_len = opt.len;
	}
	return n;
}

static void
burst(struct queue *q, enum mode mode, unsigned int size, struct cycles *c)
{
	struct rte_mbuf *pkts[MAX_BURST];
	uint64_t begin;
	unsigned int n, sent;

	if (mode != MODE_TX)
		nic_receive(q->sock, size, opt.len);
	if (opt.cold > 0)
		make_cold();
	if (mode != MODE_TX) {
		begin = rte_rdtsc_precise();
		n = rte_eth_rx_burst(q->port, q->id, pkts, size);
		c->rx += rte_rdtsc_precise() - begin;
		c->nb_rx += n;
	} else {
		n = burst_make(q, pkts, size);
	}
	if (mode == MODE_RX) {
		rte_pktmbuf_free_bulk(pkts, n);
		return;
	}
	begin = rte_rdtsc_precise();
	sent = rte_eth_tx_burst(q->port, q->id, pkts, n);
	c->tx += rte_rdtsc_precise() - begin;
	c->nb_tx += sent;
	rte_pktmbuf_free_bulk(pkts + sent, n - sent);
	nic_complete(q->sock);
}

/* The queues take turns, burst by burst. */
static void
bursts(struct target *t, enum mode mode, unsigned int size, unsigned int n, struct cycles *c)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		burst(&t->queues[i % t->nb_queues], mode, size, c);
}

/* How often another thread got this CPU from us. */
static long
interruptions(void)
{
	struct rusage u;

	getrusage(RUSAGE_THREAD, &u);
	return u.ru_nivcsw;
}

static void
slice(struct target *t, enum mode mode, unsigned int size)
{
	struct cycles warm = { 0 }, c = { 0 };
	const unsigned long wakeups = nic_wakeups;
	const long interrupted = interruptions();
	const unsigned int i = t->nb_slices;

	if (opt.cold > 0) {
		bursts(t, mode, size, COLD_BURSTS, &c);
	} else {
		bursts(t, mode, size, SLICE_WARM / size * t->nb_queues, &warm);
		bursts(t, mode, size, RTE_MAX(RTE_MIN(SLICE_PKTS / size, SLICE_BURSTS_MAX),
				SLICE_BURSTS_MIN), &c);
	}
	if (c.nb_rx + c.nb_tx == 0)
		rte_exit(1, "%s%u: no packet passes\n", t->driver, t->instance);
	if (i == MAX_SLICES || interruptions() != interrupted)
		return;
	t->rx[i] = c.nb_rx > 0 ? (double)c.rx / c.nb_rx : 0;
	t->tx[i] = c.nb_tx > 0 ? (double)c.tx / c.nb_tx : 0;
	t->sum[i] = t->rx[i] + t->tx[i];
	t->nb_slices++;
	t->pkts += RTE_MAX(c.nb_rx, c.nb_tx) + RTE_MAX(warm.nb_rx, warm.nb_tx);
	t->wakeups += nic_wakeups - wakeups;
}

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
quantile(double *values, unsigned int n, double part)
{
	qsort(values, n, sizeof(*values), compare);
	return values[(unsigned int)((n - 1) * part + 0.5)];
}

static void
print_header(void)
{
	printf("driver,instance,ports,queues,mode,burst,len,cache,nic,"
	       "rx,tx,sum,sum_p25,sum_p75,wakeups_per_1000,slices\n");
}

static void
print(struct target *t, enum mode mode, unsigned int size)
{
	const unsigned int n = t->nb_slices;

	printf("%s,%u,%u,%u,%s,%u,%u,%s,%s,%.2f,%.2f,%.2f,%.2f,%.2f,%.3f,%u\n", t->driver,
	       t->instance, t->nb_ports, t->nb_queues / t->nb_ports, mode_names[mode], size,
	       opt.len, opt.cold > 0 ? "cold" : "hot", nic_zero_copy ? "zero-copy" : "copy",
	       quantile(t->rx, n, 0.5), quantile(t->tx, n, 0.5), quantile(t->sum, n, 0.5),
	       quantile(t->sum, n, 0.25), quantile(t->sum, n, 0.75),
	       1000.0 * t->wakeups / t->pkts, n);
	fflush(stdout);
}

static bool
measured_enough(void)
{
	unsigned int i;

	for (i = 0; i < nb_targets; i++)
		if (targets[i].nb_slices < MIN_SLICES)
			return false;
	return true;
}

static void
measure(enum mode mode, unsigned int size)
{
	unsigned int i, round;
	uint64_t end;

	for (i = 0; i < nb_targets; i++) {
		slice(&targets[i], mode, size); /* warms up */
		targets[i].nb_slices = 0;
		targets[i].pkts = 0;
		targets[i].wakeups = 0;
	}
	end = rte_rdtsc() + opt.seconds * rte_get_tsc_hz();
	for (round = 0; rte_rdtsc() < end || (!measured_enough() && round < MAX_ROUNDS); round++) {
		for (i = 0; i < nb_targets; i++)
			slice(&targets[(i + round) % nb_targets], mode, size);
	}
	for (i = 0; i < nb_targets; i++)
		if (targets[i].nb_slices > 0)
			print(&targets[i], mode, size);
}

static void
measure_all(void)
{
	const char *at;
	char *end;
	int mode;

	for (mode = 0; mode < NB_MODES; mode++) {
		if (strstr(opt.modes, mode_names[mode]) == NULL)
			continue;
		for (at = opt.bursts; *at != '\0'; at = *end == ',' ? end + 1 : end) {
			const unsigned long size = strtoul(at, &end, 10);

			if (end == at || size < 1 || size > MAX_BURST)
				rte_exit(1, "-b %s: sizes of 1 to %d\n", opt.bursts, MAX_BURST);
			measure(mode, size);
		}
	}
}

/* -------------------------------------------------------------------------------- main */

static void
usage(void)
{
	printf("usage: dpdk-test-xsk-ringbench EAL-OPTIONS -d PLUGIN --vdev DRIVER,iface=... "
	       "[--vdev ...] -- [OPTIONS]\n"
	       "  -m rx,tx,fwd      modes\n"
	       "  -b 1,4,32,64,256  packets per burst\n"
	       "  -t SECONDS        of each measurement (1)\n"
	       "  -l BYTES          length of the packets (64)\n"
	       "  -c KIB            cold: walk through so much memory before each burst\n"
	       "  -q N              queues of each port (1)\n"
	       "  -p N              ports that are measured together (1)\n"
	       "  -z                the NIC says that it has zero-copy\n"
	       "  -n                no header line\n");
	exit(2);
}

int
main(int argc, char **argv)
{
	bool header = true;
	uint16_t port;
	int c, ret;

	ret = rte_eal_init(argc, argv);
	if (ret < 0)
		usage();
	argc -= ret;
	argv += ret;
	while ((c = getopt(argc, argv, "m:b:t:l:c:q:p:zn")) != -1) {
		switch (c) {
		case 'm': opt.modes = optarg; break;
		case 'b': opt.bursts = optarg; break;
		case 't': opt.seconds = atof(optarg); break;
		case 'l': opt.len = atoi(optarg); break;
		case 'c': opt.cold = strtoul(optarg, NULL, 10) * 1024; break;
		case 'q': opt.nb_queues = atoi(optarg); break;
		case 'p': opt.nb_ports = atoi(optarg); break;
		case 'z': nic_zero_copy = true; break;
		case 'n': header = false; break;
		default: usage();
		}
	}
	if (opt.nb_queues < 1 || opt.nb_ports < 1 || opt.nb_queues * opt.nb_ports > MAX_QUEUES)
		rte_exit(1, "1 to %d queues in all\n", MAX_QUEUES);
	if (opt.cold > 0)
		walk = calloc(1, opt.cold);
	RTE_ETH_FOREACH_DEV(port)
		port_add(port);
	if (nb_targets == 0)
		usage();
	if (header)
		print_header();
	measure_all();
	RTE_ETH_FOREACH_DEV(port) {
		rte_eth_dev_stop(port);
		rte_eth_dev_close(port);
	}
	/* EAL's threads wait in calls taken over here, where they cannot be cancelled. */
	_exit(0);
}
