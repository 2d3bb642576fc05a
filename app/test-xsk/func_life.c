/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* Start, stop, close, again; alone and beside others. */

#include <errno.h>
#include <string.h>

#include <rte_dev.h>
#include <rte_mempool.h>

#include "suites.h"

#define CYCLES 20

static void
expect_in_kernel(int fd, struct xt_wire *w, uint32_t seq, unsigned int n)
{
	uint8_t buf[2048];
	unsigned int i;

	for (i = 0; i < n; i++)
		xt_peer_send(w, 0, seq + i, 100);
	for (i = 0; i < n; i++) {
		CHECK_INT(xt_fd_recv(fd, buf, sizeof(buf), 1000), ==, 100,
			  "length of frame %u in the kernel", seq + i);
		CHECK_INT(xt_frame_diff(buf, 100, seq + i), ==, -1, "wrong byte in the kernel");
	}
}

/* The kernel has the traffic except between start and stop. */
static void
nothing_stolen(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	int fd = xt_packet_socket(w->dev), i;
	uint8_t buf[2048];

	xt_note("before probe");
	expect_in_kernel(fd, w, 0, 5);
	CHECK_OK(xt_port_probe(p), "probe");
	xt_note("after probe");
	expect_in_kernel(fd, w, 10, 5);
	CHECK_OK(xt_port_setup(p), "set-up");
	xt_note("after queue set-up");
	expect_in_kernel(fd, w, 20, 100);
	for (i = 0; i < 3; i++) {
		CHECK_OK(xt_port_start(p), "start");
		xt_note("after start %d", i);
		xt_traffic(p, w);
		CHECK_INT(xt_fd_recv(fd, buf, sizeof(buf), 10), ==, -1, "frame in the kernel");
		CHECK_OK(xt_port_stop(p), "stop");
		xt_note("after stop %d", i);
		expect_in_kernel(fd, w, 200, 100);
	}
	CHECK_OK(xt_port_detach(p), "detach");
	xt_note("after detach");
	expect_in_kernel(fd, w, 300, 5);
}

/* What came before stop is not delivered after the next start. */
static void
restart_fresh(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(1);
	struct xt_port *p = xt_port(w);
	uint32_t seq = 0;
	unsigned int i, round;

	xt_port_up(p);
	for (round = 0; round < 5; round++) {
		for (i = 0; i < 20; i++)
			xt_peer_send(w, 0, ++seq, 100);
		CHECK_OK(xt_port_stop(p), "stop");
		for (i = 0; i < 20; i++)
			xt_peer_send(w, 0, ++seq, 100);
		CHECK_OK(xt_port_start(p), "start");
		xt_peer_send(w, 0, ++seq, 100);
		xt_rx_expect(p, 0, seq, 100);
	}
}

/* Nothing sent and still in the Tx ring at stop appears after the next start. */
static void
stop_drains_tx(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	unsigned int i;
	uint16_t n = 0;

	xt_port_up(p);
	xt_link_set_up(w->dev, false);
	for (i = 0; i < 100; i++) {
		struct rte_mbuf *m = xt_mbuf(p->pool, i, 100);

		if (rte_eth_tx_burst(p->id, 0, &m, 1) == 1)
			n++;
		else
			rte_pktmbuf_free(m);
	}
	CHECK_INT(n, >, 0, "packets taken while the link is down");
	CHECK_OK(xt_port_stop(p), "stop");
	xt_pools_full("after stop");
	xt_link_set_up(w->dev, true);
	xt_wire_wait_up(w);
	CHECK_OK(xt_port_start(p), "start");
	xt_traffic(p, w);
}

static void
restart(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	unsigned int i;

	xt_port_up(p);
	for (i = 0; i < CYCLES; i++) {
		xt_note("cycle %u", i);
		xt_traffic(p, w);
		CHECK_OK(xt_port_stop(p), "stop");
		xt_pools_full("after stop");
		CHECK_OK(xt_port_start(p), "start");
	}
	xt_traffic(p, w);
}

/* As testpmd does: stop, close, detach; then the same name again. */
static void
reopen(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	unsigned int i;

	for (i = 0; i < CYCLES; i++) {
		xt_note("cycle %u", i);
		xt_port_up(p);
		xt_traffic(p, w);
		CHECK_OK(xt_port_stop(p), "stop");
		CHECK_OK(rte_eth_dev_close(p->id), "close");
		CHECK_OK(rte_eal_hotplug_remove("vdev", p->name), "remove");
		p->attached = false;
		xt_state_check("after close");
	}
}

/* Detach without stop, a new name each time, mbufs in all four rings. */
static void
hotplug(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(1);
	struct rte_mempool *mp = xt_pool_default(1);
	struct rte_mbuf *m;
	unsigned int i, k;

	for (i = 0; i < CYCLES; i++) {
		struct xt_port *p = xt_port(w);

		xt_note("cycle %u", i);
		p->pool = mp;
		xt_port_up(p);
		xt_traffic(p, w);
		for (k = 0; k < 30; k++) {
			xt_peer_send(w, 0, k, 100);
			m = xt_mbuf(mp, k, 100);
			xt_tx_one(p, 0, m);
		}
		p->started = i % 2 != 0; /* every other time without stop */
		xt_port_down(p);
		CHECK_INT(rte_eth_dev_count_avail(), ==, 0, "ports");
		xt_state_check("after detach");
		xt_peer_flush(w);
	}
}

/* Half-built ports close as well. */
static void
close_early(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(2);
	struct xt_port *p;
	unsigned int step;

	for (step = 0; step < 6; step++) {
		p = xt_port(w);
		p->pool = xt_pool_default(2);
		xt_note("close after step %u", step);
		CHECK_OK(xt_port_probe(p), "probe");
		if (step >= 1)
			CHECK_OK(rte_eth_dev_configure(p->id, 2, 2, &p->conf), "configure");
		if (step >= 2)
			CHECK_OK(rte_eth_rx_queue_setup(p->id, 0, 512, 0, NULL, p->pool), "rxq 0");
		if (step >= 3)
			CHECK_OK(rte_eth_tx_queue_setup(p->id, 1, 512, 0, NULL), "txq 1");
		if (step >= 4)
			CHECK_OK(rte_eth_rx_queue_setup(p->id, 1, 512, 0, NULL, p->pool), "rxq 1");
		if (step >= 5) {
			CHECK_OK(rte_eth_tx_queue_setup(p->id, 0, 512, 0, NULL), "txq 0");
			CHECK_OK(xt_port_start(p), "start");
		}
		if (step % 2 == 0)
			CHECK_OK(rte_eth_dev_close(p->id), "close");
		p->started = false;
		xt_port_down(p);
		xt_state_check("after close");
	}
}

/* Configure and set up again on the same port: other sizes, other pools, other queues. */
static void
reconfigure(const void *arg __rte_unused)
{
	static const uint16_t sizes[] = {512, 256, 1024, 64, 2048, 512};
	struct xt_wire *w = xt_tap(2);
	struct xt_port *p = xt_port(w);
	unsigned int i;

	CHECK_OK(xt_port_probe(p), "probe");
	for (i = 0; i < RTE_DIM(sizes); i++) {
		xt_note("ring size %u", sizes[i]);
		p->nb_rxd = sizes[i];
		p->nb_txd = sizes[RTE_DIM(sizes) - 1 - i];
		p->nb_rxq = p->nb_txq = 1 + i % 2;
		if (i % 3 == 0)
			p->pool = xt_pool_default(2);
		CHECK_OK(xt_port_setup(p), "set-up");
		CHECK_OK(xt_port_start(p), "start");
		xt_traffic(p, w);
		CHECK_OK(xt_port_stop(p), "stop");
	}
}

/* Queues set up twice before the start, then again after a stop. */
static void
setup_twice(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	unsigned int i;

	CHECK_OK(xt_port_probe(p), "probe");
	CHECK_OK(xt_port_setup(p), "first set-up");
	for (i = 0; i < 5; i++) {
		p->nb_rxd = 256 << i % 3;
		CHECK_OK(rte_eth_rx_queue_setup(p->id, 0, p->nb_rxd, 0, NULL, p->pool), "rxq");
		CHECK_OK(rte_eth_tx_queue_setup(p->id, 0, 1024 >> i % 3, 0, NULL), "txq");
		CHECK_OK(xt_port_start(p), "start");
		xt_traffic(p, w);
		CHECK_OK(xt_port_stop(p), "stop");
	}
}

static void
queue_numbers(const void *arg __rte_unused)
{
	static const uint16_t nb[][2] = {{1, 2}, {2, 1}, {1, 0}, {0, 1}, {2, 0}, {0, 2}, {4, 1},
		{1, 4}, {3, 2}, {4, 4}};
	struct xt_wire *w = xt_tap(4);
	struct rte_mempool *mp = xt_pool_default(4);
	struct xt_port *p;
	unsigned int i;

	for (i = 0; i < RTE_DIM(nb); i++) {
		xt_note("%u rx and %u tx queues", nb[i][0], nb[i][1]);
		p = xt_port(w);
		p->pool = mp;
		p->nb_rxq = nb[i][0];
		p->nb_txq = nb[i][1];
		xt_port_up(p);
		xt_traffic(p, w);
		xt_traffic(p, w);
		xt_port_down(p);
		xt_state_check("after detach");
	}
}

static bool
size_allowed(const struct rte_eth_desc_lim *lim, uint16_t n)
{
	return n >= lim->nb_min && n <= lim->nb_max && n % RTE_MAX(lim->nb_align, 1) == 0;
}

/* Every ring size the limits allow works; what they do not is refused at set-up. */
static void
ring_sizes(const void *arg __rte_unused)
{
	uint16_t sizes[] = {1, 7, 32, 63, 64, 100, 333, 512, 1000, 1024, 2048, 3000, 4096, 8192, 0,
		0, 0, 0};
	struct xt_wire *w = xt_tap(1);
	struct xt_port *p = xt_port(w);
	struct rte_eth_dev_info info;
	unsigned int i, k, works = 0;
	int rx, tx;

	CHECK_OK(xt_port_probe(p), "probe");
	CHECK_OK(rte_eth_dev_info_get(p->id, &info), "info");
	CHECK_INT(info.rx_desc_lim.nb_max, >=, 1024, "rx_desc_lim.nb_max");
	CHECK_INT(info.tx_desc_lim.nb_max, >=, 1024, "tx_desc_lim.nb_max");
	CHECK_INT(info.rx_desc_lim.nb_max, <=, 32768, "an honest rx_desc_lim.nb_max");
	CHECK_INT(info.tx_desc_lim.nb_max, <=, 32768, "an honest tx_desc_lim.nb_max");
	sizes[14] = info.rx_desc_lim.nb_min;
	sizes[15] = info.rx_desc_lim.nb_max;
	sizes[16] = info.tx_desc_lim.nb_min;
	sizes[17] = info.tx_desc_lim.nb_max;
	p->pool = xt_pool(info.rx_desc_lim.nb_max + 4096, 64, 0, RTE_MBUF_DEFAULT_BUF_SIZE);
	for (i = 0; i < RTE_DIM(sizes); i++) {
		xt_note("ring of %u", sizes[i]);
		CHECK_OK(rte_eth_dev_configure(p->id, 1, 1, &p->conf), "configure");
		rx = rte_eth_rx_queue_setup(p->id, 0, sizes[i], 0, NULL, p->pool);
		tx = rte_eth_tx_queue_setup(p->id, 0, sizes[i], 0, NULL);
		if (sizes[i] != 0 && !size_allowed(&info.rx_desc_lim, sizes[i]))
			CHECK_INT(rx, ==, -EINVAL, "rx set-up outside the limits");
		else if (sizes[i] != 0)
			CHECK_OK(rx, "rx set-up");
		if (sizes[i] != 0 && !size_allowed(&info.tx_desc_lim, sizes[i]))
			CHECK_INT(tx, ==, -EINVAL, "tx set-up outside the limits");
		else if (sizes[i] != 0)
			CHECK_OK(tx, "tx set-up");
		if (rx != 0 || tx != 0)
			continue;
		works++;
		CHECK_OK(xt_port_start(p), "start");
		for (k = 0; k < 50; k++)
			xt_traffic(p, w);
		CHECK_OK(xt_port_stop(p), "stop");
	}
	CHECK_INT(works, >=, 4, "ring sizes that work");
}

/* 22.11's net_af_xdp crashes on 4096..8191 mbufs with shared_umem=1. */
static void
pool_6000(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(2);
	struct xt_port *p = xt_port(w);
	unsigned int i;

	p->args = "queue_count=2,shared_umem=1";
	p->pool = xt_pool(6000, 64, 0, RTE_MBUF_DEFAULT_BUF_SIZE);
	xt_port_up(p);
	for (i = 0; i < 100; i++)
		xt_traffic(p, w);
}

/* Refused with both numbers. */
static void
pool_too_small(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(1);
	struct xt_port *p = xt_port(w);
	const char *log;
	int ret;

	p->pool = xt_pool(777, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE);
	p->nb_rxd = 1024;
	CHECK_OK(xt_port_probe(p), "probe");
	xt_log_begin();
	ret = xt_port_setup(p);
	if (ret == 0)
		ret = xt_port_start(p);
	log = xt_log_end();
	CHECK_INT(ret, <, 0, "start with 777 mbufs and a ring of 1024");
	CHECK(strstr(log, "777") != NULL, "the log does not name the pool's 777 mbufs: \"%s\"",
	      log);
	CHECK(strstr(log, "1024") != NULL || strstr(log, "1025") != NULL,
	      "the log does not name the ring's 1024: \"%s\"", log);
}

static void
traffic_on(struct xt_port *p, struct xt_wire *w, unsigned int wire_queue)
{
	static uint32_t seq = 5000;

	xt_peer_send(w, wire_queue, ++seq, 200);
	xt_rx_expect(p, 0, seq, 200);
	xt_tx_one(p, 0, xt_mbuf(p->pool, ++seq, 200));
	xt_peer_expect(w, wire_queue, seq, 200);
}

/* Two ports on two queues of one interface; either may close and come back. */
static void
two_vdevs(struct xt_wire *w)
{
	static const char *const args[] = {"start_queue=0,queue_count=1",
		"start_queue=1,queue_count=1"};
	struct xt_port *p[2];
	unsigned int i, round, k;

	for (i = 0; i < 2; i++) {
		p[i] = xt_port(w);
		p[i]->args = args[i];
		p[i]->nb_rxq = p[i]->nb_txq = 1;
		xt_port_up(p[i]);
	}
	for (round = 0; round < 6; round++) {
		i = round % 2;
		xt_note("round %u: both", round);
		for (k = 0; k < 2; k++)
			traffic_on(p[k], w, k);
		xt_note("round %u: without port %u", round, i);
		if (round < 3)
			xt_port_down(p[i]);
		else
			CHECK_OK(xt_port_stop(p[i]), "stop");
		for (k = 0; k < 10; k++)
			traffic_on(p[1 - i], w, 1 - i);
		if (round < 3)
			xt_port_up(p[i]);
		else
			CHECK_OK(xt_port_start(p[i]), "start");
	}
}

static void
two_vdevs_veth(const void *arg __rte_unused)
{
	two_vdevs(xt_veth(2));
}

static void
two_vdevs_tap(const void *arg __rte_unused)
{
	two_vdevs(xt_tap(2));
}

/* A second port on a queue in use is refused; the first does not notice. */
static void
queue_busy(const void *arg __rte_unused)
{
	static const char one_line[] = "net_xskpmd1: queue 0 of xt0 is in use by port net_xskpmd0 of this process: ";
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w), *second = xt_port(w);
	const char *log;
	double start;
	int ret;

	xt_port_up(p);
	xt_traffic(p, w);
	xt_log_begin();
	start = xt_now();
	ret = xt_port_probe(second);
	if (ret == 0)
		ret = xt_port_setup(second);
	if (ret == 0)
		ret = xt_port_start(second);
	log = xt_log_end();
	CHECK_INT(ret, <, 0, "start of a second port on the same queue");
	CHECK(xt_now() - start < 10, "the refusal took %.1f s", xt_now() - start);
	CHECK(strstr(log, "busy") != NULL || strstr(log, "use") != NULL,
	      "the log does not say that the queue is in use: \"%s\"", log);
	if (!xt_is_rival())
		CHECK(strncmp(log, one_line, strlen(one_line)) == 0 && strstr(log + 1, "net_xskpmd1: ") == NULL,
		      "the log is not the one line \"%s\": \"%s\"", one_line, log);
	xt_traffic(p, w);
	xt_port_down(second);
	xt_traffic(p, w);
}

/* One queue cannot be set up; the next one must not stumble over it. */
static void
setup_after_failure(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(2);
	struct xt_port *p = xt_port(w), *second = xt_port(w);
	int ret;
	uint16_t q;

	p->args = "queue_count=1";
	p->nb_rxq = p->nb_txq = 1;
	xt_port_up(p);
	second->args = "queue_count=2,shared_umem=1";
	second->pool = xt_pool_default(2);
	CHECK_OK(xt_port_probe(second), "probe");
	CHECK_OK(rte_eth_dev_configure(second->id, 2, 2, &second->conf), "configure");
	for (ret = 0, q = 0; q < 2; q++) {
		ret |= rte_eth_tx_queue_setup(second->id, q, 512, 0, NULL);
		ret |= rte_eth_rx_queue_setup(second->id, q, 512, 0, NULL, second->pool);
	}
	ret |= xt_port_start(second);
	CHECK_INT(ret, !=, 0, "set-up and start on a queue in use");
	traffic_on(p, w, 0);
	xt_port_down(second);
	traffic_on(p, w, 0);
}

/* The application holds mbufs it received and sent while the port goes away. */
static void
hold_over_close(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(1);
	struct xt_port *p = xt_port(w);
	struct rte_mbuf *m[200];
	unsigned int i;

	p->pool = xt_pool_default(1);
	xt_port_up(p);
	for (i = 0; i < 100; i++) {
		xt_peer_send(w, 0, i, 100 + i);
		CHECK_INT(xt_rx(p, 0, &m[i], 1), ==, 1, "frames received");
		m[100 + i] = xt_mbuf(p->pool, i, 100 + i);
		rte_mbuf_refcnt_update(m[100 + i], 1);
		xt_tx_one(p, 0, m[100 + i]);
	}
	xt_port_down(p);
	for (i = 0; i < 200; i++) {
		CHECK_INT(rte_mbuf_refcnt_read(m[i]), ==, 1, "refcnt of mbuf %u after close", i);
		CHECK_INT(xt_frame_diff(rte_pktmbuf_mtod(m[i], uint8_t *), 100 + i % 100, i % 100),
			  ==, -1, "wrong byte of mbuf %u after close", i);
		rte_pktmbuf_free(m[i]);
	}
}

/* EAL's own --vdev. */
static void
eal_vdev(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	char vdev[128];
	const char *extra[] = {"--vdev", vdev, NULL};

	snprintf(vdev, sizeof(vdev), "%s,iface=%s", p->name, w->dev);
	CHECK_INT(xt_eal_init_with(extra), >=, 0, "rte_eal_init");
	xt_state_begin();
	CHECK_INT(rte_eth_dev_count_avail(), ==, 1, "ports");
	CHECK_OK(rte_eth_dev_get_port_by_name(p->name, &p->id), "port %s", p->name);
	p->attached = true;
	CHECK_OK(xt_port_setup(p), "set-up");
	CHECK_OK(xt_port_start(p), "start");
	xt_traffic(p, w);
	xt_port_stop(p);
	xt_pools_full("after stop");
	xt_pool_forget(p->made);
	p->made = NULL; /* gone with EAL */
	CHECK_OK(rte_eal_cleanup(), "rte_eal_cleanup");
	p->attached = false;
}

const struct xt_case func_life_cases[] = {
	{"nothing_stolen_B16", "the kernel has the traffic except between start and stop",
	 nothing_stolen, NULL, 0, 0},
	{"restart_fresh_B16", "the first packet after a restart is a new one", restart_fresh, NULL,
	 0, 0},
	{"stop_drains_tx", "unsent packets are gone at stop", stop_drains_tx, NULL, 0, 0},
	{"restart_B4", "stop and start, 20 times", restart, NULL, 0, 0},
	{"reopen_B4", "close and probe again, 20 times", reopen, NULL, 0, 0},
	{"hotplug_B4_B25", "attach and detach, 20 times, with mbufs in all rings", hotplug, NULL,
	 0, 0},
	{"close_early", "a port closes at every step of its set-up", close_early, NULL, 0, 0},
	{"reconfigure_B3", "set up again with other sizes, pools, queues", reconfigure, NULL, 0, 0},
	{"setup_twice_B3", "queue set-up twice", setup_twice, NULL, 0, 0},
	{"queue_numbers_B23", "nb_rxq != nb_txq, Rx only, Tx only", queue_numbers, NULL, 0, 0},
	{"ring_sizes_B22", "every ring size in the limits, none outside", ring_sizes, NULL, 0, 60},
	{"pool_6000_B5", "6000 mbufs for two queues with shared_umem=1", pool_6000, NULL, 0, 0},
	{"pool_too_small_B21", "a pool too small for the rings is refused", pool_too_small, NULL, 0,
	 0},
	{"two_vdevs_veth_B7", "two ports on two queues of one veth", two_vdevs_veth, NULL, 0, 0},
	{"two_vdevs_tap_B7", "two ports on two queues of one tap", two_vdevs_tap, NULL, 0, 0},
	{"queue_busy", "a second port on a queue in use is refused", queue_busy, NULL, 0, 0},
	{"setup_after_failure_B33", "a queue set up after one that failed", setup_after_failure,
	 NULL, 0, 0},
	{"hold_over_close", "mbufs held while the port closes", hold_over_close, NULL, 0, 0},
	{"eal_vdev", "--vdev at EAL start, rte_eal_cleanup at the end", eal_vdev, NULL,
	 XT_NO_EAL | XT_NO_AGAIN, 0},
	{0},
};
