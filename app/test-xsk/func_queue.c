/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* Queues one by one: start and stop, deferred start, set-up at run time, what may be asked about
 * them, and Rx interrupts.
 */

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include <rte_interrupts.h>
#include <rte_power_intrinsics.h>

#include "suites.h"

/* ---- start and stop ---------------------------------------------------------------------- */

static void
kernel_gets(const struct xt_wire *w, int fd, bool yes, uint32_t seq, const char *when)
{
	uint8_t buf[2048];
	int len = xt_fd_recv(fd, buf, sizeof(buf), yes ? 1000 : 50);

	CHECK_INT(len > 0, ==, yes, "the kernel of %s gets frame %u %s", w->dev, seq, when);
}

static void
queue_rx_stop(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(2);
	struct xt_port *p = xt_port(w);
	int kernel = xt_packet_socket(w->dev);
	unsigned int i;

	xt_port_up(p);
	for (i = 0; i < 5; i++) {
		CHECK_OK(rte_eth_dev_rx_queue_stop(p->id, 1), "stop Rx queue 1");
		xt_peer_send(w, 1, i, 100);
		kernel_gets(w, kernel, true, i, "while the queue is stopped");
		xt_peer_send(w, 0, i, 100);
		xt_rx_expect(p, 0, i, 100);
		xt_tx_one(p, 1, xt_mbuf(p->pool, i, 100));
		xt_peer_expect(w, 1, i, 100);
		CHECK_OK(rte_eth_dev_rx_queue_start(p->id, 1), "start Rx queue 1");
		xt_peer_send(w, 1, i + 100, 100);
		xt_rx_expect(p, 1, i + 100, 100);
		kernel_gets(w, kernel, false, i, "while the queue runs");
	}
}

static void
queue_rx_stop_drops(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);

	xt_port_up(p);
	xt_peer_send(w, 0, 1, 100);
	xt_peer_send(w, 0, 2, 100);
	xt_sleep_ms(50);
	CHECK_OK(rte_eth_dev_rx_queue_stop(p->id, 0), "stop Rx queue");
	CHECK_INT(rte_eth_rx_queue_count(p->id, 0), ==, 0, "packets waiting after stop");
	CHECK_OK(rte_eth_dev_rx_queue_start(p->id, 0), "start Rx queue");
	xt_peer_send(w, 0, 3, 100);
	xt_rx_expect(p, 0, 3, 100);
}

static void
queue_tx_stop(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(2);
	struct xt_port *p = xt_port(w);
	struct rte_eth_txq_info info;
	unsigned int i;

	xt_port_up(p);
	for (i = 0; i < 5; i++) {
		xt_tx_one(p, 1, xt_mbuf(p->pool, i, 100));
		CHECK_OK(rte_eth_dev_tx_queue_stop(p->id, 1), "stop Tx queue 1");
		xt_peer_expect(w, 1, i, 100);
		CHECK_OK(rte_eth_tx_queue_info_get(p->id, 1, &info), "info of Tx queue 1");
		CHECK_INT(info.queue_state, ==, RTE_ETH_QUEUE_STATE_STOPPED, "state of Tx queue 1");
		xt_peer_send(w, 1, i, 100);
		xt_rx_expect(p, 1, i, 100);
		CHECK_OK(rte_eth_dev_tx_queue_start(p->id, 1), "start Tx queue 1");
	}
	xt_traffic(p, w);
}

static void
queue_deferred(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(2);
	struct xt_port *p = xt_port(w);
	struct rte_eth_rxconf rxconf = {.rx_deferred_start = 1};
	struct rte_eth_txconf txconf = {.tx_deferred_start = 1};
	struct rte_eth_rxq_info info;
	int kernel = xt_packet_socket(w->dev);

	CHECK_OK(xt_port_probe(p), "probe");
	CHECK_OK(xt_port_setup(p), "set-up");
	CHECK_OK(rte_eth_rx_queue_setup(p->id, 1, 256, SOCKET_ID_ANY, &rxconf, p->pool), "Rx queue 1");
	CHECK_OK(rte_eth_tx_queue_setup(p->id, 1, 256, SOCKET_ID_ANY, &txconf), "Tx queue 1");
	CHECK_OK(xt_port_start(p), "start");
	CHECK_OK(rte_eth_rx_queue_info_get(p->id, 1, &info), "info");
	CHECK_INT(info.queue_state, ==, RTE_ETH_QUEUE_STATE_STOPPED, "state of a deferred queue");
	CHECK_INT(info.conf.rx_deferred_start, ==, 1, "rx_deferred_start");
	xt_peer_send(w, 1, 1, 100);
	kernel_gets(w, kernel, true, 1, "before the queue starts");
	CHECK_OK(rte_eth_dev_rx_queue_start(p->id, 1), "start Rx queue 1");
	CHECK_OK(rte_eth_dev_tx_queue_start(p->id, 1), "start Tx queue 1");
	xt_traffic(p, w);
}

static void
queue_runtime_setup(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(2);
	struct xt_port *p = xt_port(w);
	struct rte_eth_rxq_info rx;
	struct rte_eth_txq_info tx;

	xt_port_up(p);
	CHECK_OK(rte_eth_dev_rx_queue_stop(p->id, 1), "stop Rx queue 1");
	xt_log_begin();
	CHECK_INT(rte_eth_rx_queue_setup(p->id, 1, 512, SOCKET_ID_ANY, NULL, p->pool), ==, -EBUSY,
		  "set-up of an Rx queue whose Tx queue runs");
	CHECK(strstr(xt_log_end(), "Tx queue 1") != NULL, "the refusal does not name Tx queue 1");
	xt_tx_one(p, 1, xt_mbuf(p->pool, 7, 100));
	xt_peer_expect(w, 1, 7, 100);

	CHECK_OK(rte_eth_dev_tx_queue_stop(p->id, 1), "stop Tx queue 1");
	CHECK_OK(rte_eth_rx_queue_setup(p->id, 1, 300, SOCKET_ID_ANY, NULL, p->pool), "Rx queue 1");
	CHECK_OK(rte_eth_tx_queue_setup(p->id, 1, 100, SOCKET_ID_ANY, NULL), "Tx queue 1");
	CHECK_OK(rte_eth_dev_rx_queue_start(p->id, 1), "start Rx queue 1");
	CHECK_OK(rte_eth_dev_tx_queue_start(p->id, 1), "start Tx queue 1");
	CHECK_OK(rte_eth_rx_queue_info_get(p->id, 1, &rx), "info");
	CHECK_OK(rte_eth_tx_queue_info_get(p->id, 1, &tx), "info");
	CHECK_INT(rx.nb_desc, ==, 300, "Rx descriptors");
	CHECK_INT(tx.nb_desc, ==, 100, "Tx descriptors");
	xt_traffic(p, w);
}

/* ---- what may be asked ------------------------------------------------------------------- */

static void
queue_rx_descriptors(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	struct rte_mbuf *m[8];
	unsigned int i, n;

	p->nb_rxd = 256;
	xt_port_up(p);
	CHECK_INT(rte_eth_rx_queue_count(p->id, 0), ==, 0, "waiting at first");
	CHECK_INT(rte_eth_rx_descriptor_status(p->id, 0, 0), ==, RTE_ETH_RX_DESC_AVAIL, "first");
	for (i = 0; i < 8; i++)
		xt_peer_send(w, 0, i, 100);
	xt_sleep_ms(50);
	CHECK_INT(rte_eth_rx_queue_count(p->id, 0), ==, 8, "waiting after 8 frames");
	CHECK_INT(rte_eth_rx_descriptor_status(p->id, 0, 7), ==, RTE_ETH_RX_DESC_DONE, "the 8th");
	CHECK_INT(rte_eth_rx_descriptor_status(p->id, 0, 8), ==, RTE_ETH_RX_DESC_AVAIL, "the 9th");
	CHECK_INT(rte_eth_rx_descriptor_status(p->id, 0, 255), ==, RTE_ETH_RX_DESC_AVAIL, "the last");
	CHECK_INT(rte_eth_rx_descriptor_status(p->id, 0, 256), ==, -EINVAL, "beyond the last");
	n = xt_rx(p, 0, m, 8);
	CHECK_INT(n, ==, 8, "received");
	rte_pktmbuf_free_bulk(m, n);
	CHECK_INT(rte_eth_rx_queue_count(p->id, 0), ==, 0, "waiting after receiving them");
	/* in zero-copy, the queue owns more than its descriptors */
	if (!xt_is_nic())
		CHECK_INT(rte_eth_rx_descriptor_status(p->id, 0, 255), ==, RTE_ETH_RX_DESC_UNAVAIL,
			  "the last, which is refilled later");
}

static void
queue_tx_descriptors(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	unsigned int i;

	p->nb_txd = 64;
	xt_port_up(p);
	CHECK_INT(rte_eth_tx_descriptor_status(p->id, 0, 0), ==, RTE_ETH_TX_DESC_DONE, "the next");
	CHECK_INT(rte_eth_tx_descriptor_status(p->id, 0, 63), ==, RTE_ETH_TX_DESC_DONE, "the last");
	CHECK_INT(rte_eth_tx_descriptor_status(p->id, 0, 64), ==, -EINVAL, "beyond the last");
	xt_link_set_up(w->dev, false); /* so that nothing leaves the ring */
	for (i = 0; i < 10; i++)
		xt_tx_one(p, 0, xt_mbuf(p->pool, i, 100));
	CHECK_INT(rte_eth_tx_descriptor_status(p->id, 0, 53), ==, RTE_ETH_TX_DESC_DONE, "free");
	CHECK_INT(rte_eth_tx_descriptor_status(p->id, 0, 54), ==, RTE_ETH_TX_DESC_FULL, "in use");
	if (XSKPMD_HAS_TX_QUEUE_COUNT)
		CHECK_INT(XSKPMD_TX_QUEUE_COUNT(p->id, 0), ==, 10, "tx_queue_count");
	xt_link_set_up(w->dev, true);
	xt_wire_wait_up(w);
	CHECK_INT(rte_eth_tx_done_cleanup(p->id, 0, 0), >=, 0, "tx_done_cleanup");
	CHECK_INT(rte_eth_tx_descriptor_status(p->id, 0, 63), ==, RTE_ETH_TX_DESC_DONE, "sent");
	if (XSKPMD_HAS_TX_QUEUE_COUNT)
		CHECK_INT(XSKPMD_TX_QUEUE_COUNT(p->id, 0), ==, 0, "tx_queue_count after that");
}

static void
queue_info(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	struct rte_eth_burst_mode mode;
	struct rte_eth_rxq_info rx;
	struct rte_eth_txq_info tx;

	p->nb_rxd = 300;
	p->nb_txd = 200;
	xt_port_up(p);
	CHECK_OK(rte_eth_rx_queue_info_get(p->id, 0, &rx), "rx_queue_info_get");
	CHECK_OK(rte_eth_tx_queue_info_get(p->id, 0, &tx), "tx_queue_info_get");
	CHECK_INT(rx.nb_desc, ==, 300, "Rx descriptors");
	CHECK_INT(tx.nb_desc, ==, 200, "Tx descriptors");
	CHECK(rx.mp == p->pool, "Rx pool");
	CHECK_INT(rx.queue_state, ==, RTE_ETH_QUEUE_STATE_STARTED, "state");
	CHECK_OK(rte_eth_rx_burst_mode_get(p->id, 0, &mode), "rx_burst_mode_get");
	CHECK(strstr(mode.info, "native, copy") != NULL || xt_is_nic(), "Rx burst mode is \"%s\"", mode.info);
	CHECK_OK(rte_eth_tx_burst_mode_get(p->id, 0, &mode), "tx_burst_mode_get");
	CHECK(strstr(mode.info, "single-buffer") != NULL, "Tx burst mode is \"%s\"", mode.info);
}

static void
queue_monitor(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	struct rte_power_monitor_cond pmc;

	xt_port_up(p);
	CHECK_OK(rte_eth_get_monitor_addr(p->id, 0, &pmc), "get_monitor_addr");
	CHECK_INT(pmc.size, ==, 4, "size of what to monitor");
	CHECK_INT(pmc.fn(*(volatile uint32_t *)pmc.addr, pmc.opaque), ==, 0, "sleep on an empty ring");
	xt_peer_send(w, 0, 1, 100);
	xt_sleep_ms(50);
	CHECK_INT(pmc.fn(*(volatile uint32_t *)pmc.addr, pmc.opaque), ==, -1, "stay awake");
	xt_rx_expect(p, 0, 1, 100);
}

/* ---- interrupts -------------------------------------------------------------------------- */

static double
cpu_seconds(void)
{
	struct rusage u;

	getrusage(RUSAGE_THREAD, &u);
	return u.ru_utime.tv_sec + u.ru_stime.tv_sec +
	       (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void
queue_interrupt(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(2);
	struct xt_port *p = xt_port(w);
	struct rte_epoll_event ev;
	double cpu;
	uint32_t i;
	int epfd = epoll_create1(0);

	p->conf.intr_conf.rxq = 1;
	xt_state_own_fd(epfd);
	xt_port_up(p);
	for (i = 0; i < 2; i++)
		CHECK_OK(rte_eth_dev_rx_intr_ctl_q(p->id, i, epfd, RTE_INTR_EVENT_ADD,
						   (void *)(uintptr_t)(i + 1)), "rx_intr_ctl_q");
	cpu = cpu_seconds();
	while (rte_epoll_wait(epfd, &ev, 1, 500) > 0)
		;
	CHECK(cpu_seconds() - cpu < 0.1, "an idle wait of 500 ms took %.3f s of CPU",
	      cpu_seconds() - cpu);
	for (i = 0; i < 2000; i++) {
		const unsigned int q = i % 2;

		/* a packet may come before the interrupt is enabled, or after */
		if (i % 4 < 2)
			xt_peer_send(w, q, i, 100);
		CHECK_OK(rte_eth_dev_rx_intr_enable(p->id, q), "rx_intr_enable");
		if (i % 4 >= 2)
			xt_peer_send(w, q, i, 100);
		do
			CHECK_INT(rte_epoll_wait(epfd, &ev, 1, 2000), ==, 1,
				  "events for packet %u within 2 s", i);
		while (ev.epdata.data != (void *)(uintptr_t)(q + 1));
		CHECK_OK(rte_eth_dev_rx_intr_disable(p->id, q), "rx_intr_disable");
		xt_rx_expect(p, q, i, 100);
	}
	for (i = 0; i < 2; i++)
		CHECK_OK(rte_eth_dev_rx_intr_ctl_q(p->id, i, epfd, RTE_INTR_EVENT_DEL,
						   NULL), "rx_intr_ctl_q, delete");
}

const struct xt_case func_queue_cases[] = {
	{"queue_rx_stop", "a stopped Rx queue is the kernel's, its Tx queue runs", queue_rx_stop, NULL, 0, 0},
	{"queue_rx_stop_drops", "what waits in a stopped Rx queue is dropped", queue_rx_stop_drops, NULL, 0,
	 0},
	{"queue_tx_stop", "a Tx queue that stops sends what it has", queue_tx_stop, NULL, 0, 0},
	{"queue_deferred", "a deferred queue takes nothing before it starts", queue_deferred, NULL, 0, 0},
	{"queue_runtime_setup", "set-up at run time, refused while the socket is used", queue_runtime_setup,
	 NULL, 0, 0},
	{"queue_rx_descriptors", "rx_queue_count and rx_descriptor_status", queue_rx_descriptors, NULL, 0, 0},
	{"queue_tx_descriptors", "tx_descriptor_status, tx_queue_count (DPDK 24.03)", queue_tx_descriptors, NULL, 0, 0},
	{"queue_info", "rxq/txq info, burst modes", queue_info, NULL, 0, 0},
	{"queue_monitor", "get_monitor_addr", queue_monitor, NULL, 0, 0},
	{"queue_interrupt", "Rx interrupts: none missed, an idle wait costs nothing", queue_interrupt, NULL,
	 0, 0},
	{0},
};
