/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* Threads, privileges, hugepages, other interfaces. */

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>
#include <linux/if_link.h>

#include "suites.h"

#define MANY 50000

static void *
tx_thread(void *arg)
{
	struct xt_port *p = arg;
	struct rte_mbuf *m;
	uint32_t seq;

	for (seq = 0; seq < MANY; seq++) {
		while ((m = rte_pktmbuf_alloc(p->pool)) == NULL)
			sched_yield();
		m->data_len = m->pkt_len = 60 + seq % 500;
		xt_frame_fill(rte_pktmbuf_mtod(m, uint8_t *), m->data_len, seq);
		while (rte_eth_tx_burst(p->id, 0, &m, 1) == 0)
			sched_yield();
	}
	return NULL;
}

/* One thread receives on a queue while another transmits on it. */
static void
rx_tx_threads(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	uint32_t rx = 0, tx = 0;
	pthread_t thread;
	unsigned int i;

	xt_port_up(p);
	CHECK_OK(pthread_create(&thread, NULL, tx_thread, p), "thread");
	while (tx < MANY) {
		for (i = 0; i < 8; i++)
			xt_peer_send(w, 0, rx + i, 200);
		for (i = 0; i < 8; i++)
			xt_rx_expect(p, 0, rx + i, 200);
		rx += 8;
		for (i = 0; i < 32 && tx < MANY; i++, tx++)
			xt_peer_expect(w, 0, tx, 60 + tx % 500);
	}
	pthread_join(thread, NULL);
	CHECK_INT(xt_stats(p).ipackets, ==, rx, "ipackets");
	CHECK_INT(xt_stats(p).opackets, ==, MANY, "opackets");
}

static void *
cycle_thread(void *arg)
{
	struct xt_port *p = arg;
	unsigned int i;

	for (i = 0; i < 15; i++) {
		CHECK_OK(rte_eth_dev_configure(p->id, 1, 1, &p->conf), "configure");
		CHECK_OK(rte_eth_rx_queue_setup(p->id, 0, 512, 0, NULL, p->pool), "rxq");
		CHECK_OK(rte_eth_tx_queue_setup(p->id, 0, 512, 0, NULL), "txq");
		CHECK_OK(rte_eth_dev_start(p->id), "start");
		CHECK_OK(rte_eth_dev_stop(p->id), "stop");
	}
	return NULL;
}

/* Two threads set up, start and stop two ports that share a pool. */
static void
parallel_setup(const void *arg __rte_unused)
{
	struct xt_wire *w[2] = {xt_tap(1), xt_veth(1)};
	struct xt_port *p[2] = {xt_port(w[0]), xt_port(w[1])};
	pthread_t thread[2];
	unsigned int i;

	p[0]->pool = p[1]->pool = xt_pool_default(2);
	for (i = 0; i < 2; i++)
		CHECK_OK(xt_port_probe(p[i]), "probe");
	for (i = 0; i < 2; i++)
		CHECK_OK(pthread_create(&thread[i], NULL, cycle_thread, p[i]), "thread");
	for (i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	for (i = 0; i < 2; i++) {
		CHECK_OK(xt_port_start(p[i]), "start");
		xt_traffic(p[i], w[i]);
	}
}

/* Empty bursts do not sleep, whatever the busy-poll budget. */
static void
rx_idle(const void *arg __rte_unused)
{
	static const char *const args[] = {"busy_budget=0", "busy_budget=64"};
	struct xt_wire *w = xt_veth(1);
	struct rte_mbuf *m[32];
	struct xt_port *p;
	unsigned int i, k;
	double start;

	for (i = 0; i < RTE_DIM(args); i++) {
		p = xt_port(w);
		p->args = args[i];
		xt_port_up(p);
		start = xt_now();
		for (k = 0; k < 100000; k++)
			CHECK_INT(rte_eth_rx_burst(p->id, 0, m, 32), ==, 0, "frames");
		CHECK(xt_now() - start < 5, "100000 empty bursts with %s took %.3f s", args[i],
		      xt_now() - start);
		xt_port_down(p);
	}
}

struct rights {
	const char *what;
	uint64_t keep; /* capabilities */
	rlim_t memlock;
	const char *says; /* in the log */
	const char *args;
};

static void
without_rights(void *arg)
{
	const struct rights *r = arg;
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct caps[2] = {0};
	struct rlimit lim = {r->memlock, r->memlock};
	struct xt_wire *w = xt_wire(0);
	struct xt_port *p;
	const char *log;
	int ret;

	xt_eal_init();
	xt_state_begin();
	p = xt_port(w);
	p->args = r->args != NULL ? r->args : "";
	p->pool = xt_pool_default(1);
	CHECK_OK(setrlimit(RLIMIT_MEMLOCK, &lim), "setrlimit");
	caps[0].effective = caps[0].permitted = r->keep;
	caps[1].effective = caps[1].permitted = r->keep >> 32;
	CHECK_OK(syscall(SYS_capset, &head, caps), "capset");
	xt_log_begin();
	ret = xt_port_probe(p);
	if (ret == 0)
		ret = rte_eth_dev_configure(p->id, 1, 1, &p->conf);
	if (ret == 0)
		ret = rte_eth_rx_queue_setup(p->id, 0, 512, 0, NULL, p->pool);
	if (ret == 0)
		ret = rte_eth_tx_queue_setup(p->id, 0, 512, 0, NULL);
	if (ret == 0)
		ret = xt_port_start(p);
	log = xt_log_end();
	CHECK_INT(ret, <, 0, "start %s", r->what);
	CHECK(strstr(log, r->says) != NULL, "%s: the log does not say %s: \"%s\"", r->what, r->says,
	      log);
	xt_port_down(p);
	xt_state_check(r->what);
}

#define CAP(c) (UINT64_C(1) << CAP_##c)

/* Each right that is missing is named. */
static void
no_rights(const void *arg __rte_unused)
{
	static struct rights table[] = {
		{"without capabilities", 0, RLIM_INFINITY, "CAP_NET_RAW"},
		{"with CAP_NET_RAW alone", CAP(NET_RAW) | CAP(IPC_LOCK), RLIM_INFINITY, "CAP_BPF"},
		{"with 64 KiB of locked memory", CAP(NET_RAW) | CAP(NET_ADMIN) | CAP(BPF), 65536,
		 "ulimit -l"},
		{"without CAP_SYS_ADMIN, for netns=", CAP(NET_RAW) | CAP(NET_ADMIN) | CAP(BPF) | CAP(IPC_LOCK),
		 RLIM_INFINITY, "CAP_SYS_ADMIN", "netns=/proc/self/ns/net"},
	};
	unsigned int i;

	xt_tap(1);
	for (i = 0; i < RTE_DIM(table); i++) {
		/* the limit of the harness's process may be lower than unlimited */
		if (table[i].memlock == RLIM_INFINITY) {
			struct rlimit lim;

			getrlimit(RLIMIT_MEMLOCK, &lim);
			table[i].memlock = lim.rlim_max;
		}
		xt_note("%s", table[i].what);
		xt_join(xt_fork(without_rights, &table[i]));
	}
}

/* An interface without native XDP gets the generic program by itself. lo sends to itself. */
static void
generic_fallback(const void *arg __rte_unused)
{
	struct xt_wire lo = {.dev = "lo", .nb_queues = 1};
	struct xt_port *p = xt_port(&lo);
	struct xt_link l;
	uint32_t seq;

	xt_link_set_mtu("lo", 1500);
	xt_state_add_link("lo");
	xt_port_up(p);
	CHECK_OK(xt_link_get("lo", &l), "link");
	CHECK_INT(l.xdp_attached, ==, XDP_ATTACHED_SKB, "kind of XDP attachment");
	for (seq = 0; seq < 100; seq++) {
		xt_tx_one(p, 0, xt_mbuf(p->pool, seq, 64 + seq));
		xt_rx_expect(p, 0, seq, 64 + seq);
	}
	xt_port_down(p);
	p = xt_port(&lo);
	p->args = "mode=drv";
	CHECK_INT(xt_port_probe(p) || xt_port_setup(p) || xt_port_start(p), !=, 0,
		  "start with mode=drv on lo");
	xt_port_down(p);
}

/* The queues of one interface are not confused by what another one could not say. */
static void
channels(const void *arg __rte_unused)
{
	struct xt_wire *one = xt_tap(1), *two = xt_veth(2);
	struct xt_port *p = xt_port(one), *p2 = xt_port(two);
	struct rte_eth_dev_info info;

	CHECK_OK(xt_port_probe(p), "probe of a tap");
	CHECK_OK(xt_port_probe(p2), "probe of a veth with queue_count=2");
	CHECK_OK(rte_eth_dev_info_get(p2->id, &info), "info");
	CHECK_INT(info.max_rx_queues, ==, 2, "max_rx_queues");
	CHECK_OK(xt_port_setup(p2), "set-up");
	CHECK_OK(xt_port_start(p2), "start");
	xt_traffic(p2, two);
}

#define SENDERS 4
#define PER_SENDER 3000
#define WINDOW 16 /* in flight per sender: the peer's socket holds that */

struct sender {
	struct xt_port *p;
	struct rte_mempool *mp;
	unsigned int first, arrived;
};

static void *
send_some(void *arg)
{
	struct sender *s = arg;
	double end = xt_now() + 30;
	unsigned int sent = 0;
	cpu_set_t all;

	/* not all of them on the one core that EAL's main thread is bound to */
	memset(&all, 0xff, sizeof(all));
	CHECK_OK(sched_setaffinity(0, sizeof(all), &all), "affinity");
	while (sent < PER_SENDER && xt_now() < end) {
		struct rte_mbuf *m;

		if (sent - __atomic_load_n(&s->arrived, __ATOMIC_ACQUIRE) >= WINDOW) {
			sched_yield();
			continue;
		}
		m = xt_mbuf(s->mp, s->first + sent, 60 + sent % 200);
		while (rte_eth_tx_burst(s->p->id, 0, &m, 1) == 0 && xt_now() < end)
			rte_eth_tx_done_cleanup(s->p->id, 0, 0);
		sent++;
	}
	return NULL;
}

/* Several threads send on one queue: each frame goes out once, whole, and its mbuf comes back. */
static void
tx_threads(const void *arg)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	struct sender senders[SENDERS];
	static uint8_t seen[SENDERS * PER_SENDER];
	struct rte_eth_burst_mode mode;
	pthread_t threads[SENDERS];
	struct rte_mempool *mp;
	unsigned int i;

	p->conf.txmode.offloads = RTE_ETH_TX_OFFLOAD_MT_LOCKFREE |
		(arg != NULL ? RTE_ETH_TX_OFFLOAD_MULTI_SEGS : 0);
	p->nb_txd = 64;
	p->pool = mp = xt_pool_default(1);
	xt_port_up(p);
	CHECK_OK(rte_eth_tx_burst_mode_get(p->id, 0, &mode), "burst mode");
	CHECK(strstr(mode.info, "shared by threads") != NULL, "burst mode: %s", mode.info);
	for (i = 0; i < SENDERS; i++) {
		senders[i] = (struct sender){.p = p, .mp = mp, .first = i * PER_SENDER};
		CHECK_OK(pthread_create(&threads[i], NULL, send_some, &senders[i]), "thread");
	}
	for (i = 0; i < SENDERS * PER_SENDER; i++) {
		int len = xt_peer_recv(w, 0, 5000);
		uint32_t seq;

		CHECK_INT(len, >=, 60, "length of frame %u", i);
		seq = xt_frame_seq(w->buf, len);
		CHECK_INT(seq, <, RTE_DIM(seen), "sequence number of frame %u", i);
		CHECK_INT(len, ==, 60 + seq % PER_SENDER % 200, "length of frame %u", seq);
		CHECK_INT(xt_frame_diff(w->buf, len, seq), ==, -1, "wrong byte of frame %u", seq);
		CHECK_INT(seen[seq], ==, 0, "times that frame %u has been seen", seq);
		seen[seq] = 1;
		__atomic_add_fetch(&senders[seq / PER_SENDER].arrived, 1, __ATOMIC_RELEASE);
	}
	for (i = 0; i < SENDERS; i++)
		pthread_join(threads[i], NULL);
	CHECK_INT(xt_stats(p).opackets, ==, SENDERS * PER_SENDER, "opackets");
	CHECK_INT(xt_stats(p).oerrors, ==, 0, "oerrors");
}

const struct xt_case func_env_cases[] = {
	{"tx_threads", "Tx of one queue in four threads, MT_LOCKFREE", tx_threads, NULL, 0, 60},
	{"tx_threads_sg", "the same with MULTI_SEGS", tx_threads, "sg", 0, 60},
	{"rx_tx_threads", "Rx and Tx of one queue in two threads", rx_tx_threads, NULL, 0, 60},
	{"parallel_setup_B39", "two ports with one pool set up in two threads", parallel_setup,
	 NULL, 0, 0},
	{"rx_idle_B2", "empty bursts do not sleep", rx_idle, NULL, 0, 0},
	{"no_rights", "each missing right is named", no_rights, NULL, XT_NO_EAL, 0},
	{"generic_fallback", "lo has no native XDP", generic_fallback, NULL, 0, 0},
	{"channels_B27", "a tap first, then a veth of two queues", channels, NULL, 0, 0},
	{0},
};
