/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* Calls in unusual orders: what an application may do, and few do. */

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <rte_interrupts.h>

#include "suites.h"

/* Between set-up and start, and after stop, a queue has no rings. */
static void
ask_stopped(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	unsigned int i;

	p->pool = xt_pool_default(1);
	CHECK_OK(xt_port_probe(p), "probe");
	CHECK_OK(rte_eth_dev_configure(p->id, 1, 1, &p->conf), "configure");
	CHECK_OK(rte_eth_rx_queue_setup(p->id, 0, 256, SOCKET_ID_ANY, NULL, p->pool), "Rx queue");
	rte_eth_dev_rx_intr_enable(p->id, 0);
	CHECK_OK(rte_eth_tx_queue_setup(p->id, 0, 256, SOCKET_ID_ANY, NULL), "Tx queue");
	for (i = 0; i < 3; i++) {
		CHECK_INT(rte_eth_tx_done_cleanup(p->id, 0, 0), ==, 0, "cleanup of a stopped port");
		rte_eth_dev_rx_intr_enable(p->id, 0);
		CHECK_OK(xt_port_start(p), "start");
		xt_tx_one(p, 0, xt_mbuf(p->pool, i, 100));
		CHECK_OK(xt_port_stop(p), "stop");
	}
}

/* The port starts with one of the two queues on its socket; the other comes later. */
static void
second_at_runtime(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);

	p->pool = xt_pool_default(1);
	CHECK_OK(xt_port_probe(p), "probe");
	CHECK_OK(rte_eth_dev_configure(p->id, 1, 1, &p->conf), "configure");
	CHECK_OK(rte_eth_rx_queue_setup(p->id, 0, 256, SOCKET_ID_ANY, NULL, p->pool), "Rx queue");
	CHECK_OK(xt_port_start(p), "start with the Rx queue");
	CHECK_OK(rte_eth_dev_rx_queue_stop(p->id, 0), "stop of the Rx queue");
	CHECK_OK(rte_eth_tx_queue_setup(p->id, 0, 256, SOCKET_ID_ANY, NULL), "Tx queue");
	CHECK_OK(rte_eth_dev_rx_queue_start(p->id, 0), "start of the Rx queue");
	CHECK_OK(rte_eth_dev_tx_queue_start(p->id, 0), "start of the Tx queue");
	xt_traffic(p, w);
	xt_port_down(p);

	p = xt_port(w);
	p->pool = xt_pool_default(1);
	CHECK_OK(xt_port_probe(p), "probe");
	CHECK_OK(rte_eth_dev_configure(p->id, 1, 1, &p->conf), "configure");
	CHECK_OK(rte_eth_tx_queue_setup(p->id, 0, 256, SOCKET_ID_ANY, NULL), "Tx queue");
	CHECK_OK(xt_port_start(p), "start with the Tx queue");
	CHECK_OK(rte_eth_dev_tx_queue_stop(p->id, 0), "stop of the Tx queue");
	CHECK_OK(rte_eth_rx_queue_setup(p->id, 0, 256, SOCKET_ID_ANY, NULL, p->pool), "Rx queue");
	CHECK_OK(rte_eth_dev_rx_queue_start(p->id, 0), "start of the Rx queue");
	CHECK_OK(rte_eth_dev_tx_queue_start(p->id, 0), "start of the Tx queue");
	xt_traffic(p, w);
}

/* Two queues stop so that one is set up anew, and that fails: the socket of both is closed. */
static void
failed_at_runtime(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(2);
	struct xt_port *p = xt_port(w);
	struct rte_mempool *small;

	xt_port_up(p);
	small = xt_pool(100, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE);
	CHECK_OK(rte_eth_dev_rx_queue_stop(p->id, 1), "stop Rx queue 1");
	CHECK_OK(rte_eth_dev_tx_queue_stop(p->id, 1), "stop Tx queue 1");
	CHECK_INT(rte_eth_rx_queue_setup(p->id, 1, 512, SOCKET_ID_ANY, NULL, small), <, 0,
		  "set-up with 100 mbufs for 512 descriptors");
	CHECK_INT(rte_eth_tx_done_cleanup(p->id, 1, 0), ==, 0, "cleanup of Tx queue 1");
	CHECK_INT(rte_eth_dev_tx_queue_start(p->id, 1), <, 0, "start of a Tx queue without a socket");
	CHECK_OK(rte_eth_rx_queue_setup(p->id, 1, 512, SOCKET_ID_ANY, NULL, p->pool), "Rx queue 1");
	CHECK_OK(rte_eth_dev_rx_queue_start(p->id, 1), "start Rx queue 1");
	CHECK_OK(rte_eth_dev_tx_queue_start(p->id, 1), "start Tx queue 1");
	xt_traffic(p, w);
}

/* A queue that only transmits lives on the pool of a queue that receives. */
static void
tenant_at_runtime(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(3);
	struct xt_port *p = xt_port(w);

	p->nb_rxq = 1;
	xt_port_up(p);
	CHECK_OK(rte_eth_dev_rx_queue_stop(p->id, 0), "stop Rx queue 0");
	CHECK_OK(rte_eth_dev_tx_queue_stop(p->id, 0), "stop Tx queue 0");
	xt_log_begin();
	CHECK_INT(rte_eth_rx_queue_setup(p->id, 0, 256, SOCKET_ID_ANY, NULL, p->pool), ==, -EBUSY,
		  "set-up of the queue whose pool others use");
	CHECK(strstr(xt_log_end(), "Tx queue 1") != NULL, "the refusal does not name Tx queue 1");
	xt_tx_one(p, 1, xt_mbuf(p->pool, 7, 100));
	xt_peer_expect(w, 1, 7, 100);
	CHECK_OK(rte_eth_dev_tx_queue_stop(p->id, 1), "stop Tx queue 1");
	CHECK_OK(rte_eth_dev_tx_queue_stop(p->id, 2), "stop Tx queue 2");
	CHECK_OK(rte_eth_rx_queue_setup(p->id, 0, 256, SOCKET_ID_ANY, NULL, p->pool), "Rx queue 0");
	CHECK_OK(rte_eth_dev_rx_queue_start(p->id, 0), "start Rx queue 0");
	CHECK_OK(rte_eth_dev_tx_queue_start(p->id, 0), "start Tx queue 0");
	CHECK_OK(rte_eth_dev_tx_queue_start(p->id, 1), "start Tx queue 1");
	CHECK_OK(rte_eth_dev_tx_queue_start(p->id, 2), "start Tx queue 2");
	xt_traffic(p, w);
	xt_port_down(p);

	p = xt_port(w);
	p->nb_rxq = 2;
	xt_port_up(p);
	CHECK_OK(rte_eth_dev_rx_queue_stop(p->id, 1), "stop Rx queue 1");
	CHECK_OK(rte_eth_dev_tx_queue_stop(p->id, 1), "stop Tx queue 1");
	CHECK_OK(rte_eth_rx_queue_setup(p->id, 1, 256, SOCKET_ID_ANY, NULL, p->pool), "Rx queue 1");
	xt_tx_one(p, 2, xt_mbuf(p->pool, 7, 100));
	xt_peer_expect(w, 2, 7, 100);
	CHECK_OK(rte_eth_dev_rx_queue_start(p->id, 1), "start Rx queue 1");
	CHECK_OK(rte_eth_dev_tx_queue_start(p->id, 1), "start Tx queue 1");
	xt_traffic(p, w);
}

/* The set-up that was refused at run time released the Rx queue: it takes nothing any more. */
static void
refused_then_restart(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	int kernel = xt_packet_socket(w->dev);
	uint8_t buf[2048];

	xt_port_up(p);
	CHECK_OK(rte_eth_dev_rx_queue_stop(p->id, 0), "stop Rx queue");
	CHECK_INT(rte_eth_rx_queue_setup(p->id, 0, 256, SOCKET_ID_ANY, NULL, p->pool), ==, -EBUSY,
		  "set-up while the Tx queue runs");
	CHECK_OK(xt_port_stop(p), "stop");
	xt_pools_full("after stop");
	CHECK_OK(xt_port_start(p), "start");
	xt_peer_send(w, 0, 1, 100);
	CHECK_INT(xt_fd_recv(kernel, buf, sizeof(buf), 1000), >, 0, "frame for the kernel");
}

/* The queues of before are still there when configure comes, and are set up anew behind it. */
static void
reconfigure_mtu(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(1);
	struct xt_port *p = xt_port(w);

	xt_port_up(p);
	CHECK_OK(xt_port_stop(p), "stop");
	p->pool = xt_pool(2048, 0, 0, 3500 + RTE_PKTMBUF_HEADROOM);
	p->conf.rxmode.mtu = 3000;
	CHECK_OK(xt_port_setup(p), "set-up for an MTU of 3000");
	CHECK_OK(xt_port_start(p), "start");
	xt_peer_send(w, 0, 1, 3000);
	xt_rx_expect(p, 0, 1, 3000);
	xt_port_down(p);
}

/* The MTU is set while the queues of before are still there; start judges those that it finds. */
static void
stopped_mtu(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(1);
	struct xt_port *p = xt_port(w);
	const char *log;

	xt_port_up(p);
	CHECK_OK(xt_port_stop(p), "stop");
	CHECK_OK(rte_eth_dev_set_mtu(p->id, 3000), "set_mtu while stopped");
	xt_log_begin();
	CHECK_INT(xt_port_start(p), <, 0, "start with mbufs of 2048 bytes");
	log = xt_log_end();
	CHECK(strstr(log, "3000") != NULL, "the log does not name the MTU: \"%s\"", log);
	p->pool = xt_pool(2048, 0, 0, 3500 + RTE_PKTMBUF_HEADROOM);
	CHECK_OK(rte_eth_tx_queue_setup(p->id, 0, 256, SOCKET_ID_ANY, NULL), "Tx queue, before the Rx queue");
	CHECK_OK(rte_eth_rx_queue_setup(p->id, 0, 256, SOCKET_ID_ANY, NULL, p->pool), "Rx queue");
	CHECK_OK(xt_port_start(p), "start with mbufs of 3500 bytes");
	xt_peer_send(w, 0, 1, 3000);
	xt_rx_expect(p, 0, 1, 3000);
	xt_port_down(p);
}

/* A port without Rx queues copies into mbufs of its own: they fit the MTU, whatever it becomes. */
static void
tx_only_mtu(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(1);
	struct xt_port *p = xt_port(w);

	p->nb_rxq = 0;
	p->pool = xt_pool(2048, 0, 0, 3500 + RTE_PKTMBUF_HEADROOM);
	xt_port_up(p);
	CHECK_INT(rte_eth_dev_set_mtu(p->id, 3000), ==, -EBUSY, "set_mtu while it runs");
	CHECK_OK(xt_port_stop(p), "stop");
	CHECK_OK(rte_eth_dev_set_mtu(p->id, 3000), "set_mtu");
	CHECK_OK(xt_port_start(p), "start");
	xt_tx_one(p, 0, xt_mbuf(p->pool, 1, 3000));
	xt_peer_expect(w, 0, 1, 3000);
	CHECK_OK(xt_port_stop(p), "stop");
	p->conf.rxmode.mtu = 3300; /* the queue stays */
	CHECK_OK(rte_eth_dev_configure(p->id, 0, 1, &p->conf), "configure");
	CHECK_OK(xt_port_start(p), "start");
	xt_tx_one(p, 0, xt_mbuf(p->pool, 2, 3300));
	xt_peer_expect(w, 0, 2, 3300);
	CHECK_OK(xt_port_stop(p), "stop");
	p->nb_rxq = 1; /* whose pool is used instead from now on */
	CHECK_OK(rte_eth_dev_configure(p->id, 1, 1, &p->conf), "configure");
	CHECK_OK(rte_eth_rx_queue_setup(p->id, 0, 256, SOCKET_ID_ANY, NULL, p->pool), "Rx queue");
	CHECK_OK(xt_port_start(p), "start");
	CHECK_OK(rte_eth_dev_set_mtu(p->id, 3400), "set_mtu while it runs, on larger mbufs");
	xt_traffic(p, w);
	xt_port_down(p);
}

/* The application may hold clones made of mbufs of the pool while it sets up. */
static void
clones_at_setup(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	struct rte_mbuf *m, *clone;

	p->pool = xt_pool_default(1);
	m = xt_mbuf(p->pool, 1, 100);
	clone = rte_pktmbuf_clone(m, p->pool);
	CHECK(clone != NULL, "clone");
	xt_port_up(p);
	xt_tx_one(p, 0, clone);
	xt_peer_expect(w, 0, 1, 100);
	rte_pktmbuf_free(m);
	xt_traffic(p, w);
}

/* A socket on another's UMEM has that one's modes: it must not share what does not suit it. */
static void
sharer_without_sg(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(2);
	struct xt_port *a = xt_port_on(w, 0), *b = xt_port_on(w, 1);

	a->pool = b->pool = xt_pool_default(2);
	xt_port_up(a);
	xt_port_needs_scatter(a);
	xt_link_set_mtu(w->peer, 3000);
	b->conf.rxmode.mtu = 3000;
	b->conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_SCATTER;
	xt_port_up(b);
	xt_peer_send(w, 1, 1, 2900);
	xt_rx_expect(b, 0, 1, 2900);
	xt_port_down(a);
	xt_port_down(b);

	/* The same within a port, if its second Tx queue comes first. */
	a = xt_port(w);
	a->conf.rxmode.mtu = 3000;
	a->conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_SCATTER;
	a->pool = xt_pool_default(2);
	CHECK_OK(xt_port_probe(a), "probe");
	CHECK_OK(rte_eth_dev_configure(a->id, 1, 2, &a->conf), "configure");
	CHECK_OK(rte_eth_rx_queue_setup(a->id, 0, 256, SOCKET_ID_ANY, NULL, a->pool), "Rx queue 0");
	CHECK_OK(rte_eth_tx_queue_setup(a->id, 1, 256, SOCKET_ID_ANY, NULL), "Tx queue 1");
	CHECK_OK(rte_eth_tx_queue_setup(a->id, 0, 256, SOCKET_ID_ANY, NULL), "Tx queue 0");
	CHECK_OK(xt_port_start(a), "start");
	xt_peer_send(w, 0, 1, 2900);
	xt_rx_expect(a, 0, 1, 2900);
	xt_port_down(a);
	xt_wire_mtu(w, 1500);
}

/* The sockets leave the epoll set before they are closed: their numbers may be another's then. */
static void
interrupt_then_stop(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	int epfd = epoll_create1(0);
	const char *log;

	p->conf.intr_conf.rxq = 1;
	xt_state_own_fd(epfd);
	xt_port_up(p);
	CHECK_OK(rte_eth_dev_rx_intr_ctl_q(p->id, 0, epfd, RTE_INTR_EVENT_ADD, NULL), "ctl_q");
	xt_log_begin();
	CHECK_OK(xt_port_stop(p), "stop");
	log = xt_log_end();
	CHECK(strstr(log, "epoll") == NULL, "stop says \"%s\"", log);
}

/* The program is there before the last thing that may fail is tried. */
static void
failed_start_program(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(2);
	struct xt_port *p = xt_port(w);
	struct xt_link l;

	p->args = "rss=bound"; /* which a veth does not have */
	p->nb_rxq = p->nb_txq = 1;
	CHECK_OK(xt_port_probe(p), "probe");
	CHECK_OK(xt_port_setup(p), "set-up");
	CHECK_INT(xt_port_start(p), <, 0, "start with rss=bound");
	CHECK_OK(xt_link_get(w->dev, &l), "link");
	CHECK_INT(l.xdp_attached, ==, 0, "XDP programs after the failure");
}

/* Its socket is another one then, under another number. */
static void
interrupt_after_setup(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(2);
	struct xt_port *p = xt_port(w);
	int epfd = epoll_create1(0), low;
	struct rte_epoll_event ev;

	p->conf.intr_conf.rxq = 1;
	xt_state_own_fd(epfd);
	CHECK_OK(xt_port_probe(p), "probe");
	low = dup(epfd); /* a number below the sockets', free later */
	CHECK_OK(xt_port_setup(p), "set-up");
	CHECK_OK(xt_port_start(p), "start");
	close(low);
	CHECK_OK(rte_eth_dev_rx_queue_stop(p->id, 1), "stop Rx queue 1");
	CHECK_OK(rte_eth_dev_tx_queue_stop(p->id, 1), "stop Tx queue 1");
	CHECK_OK(rte_eth_rx_queue_setup(p->id, 1, 256, SOCKET_ID_ANY, NULL, p->pool), "Rx queue 1");
	CHECK_OK(rte_eth_dev_rx_queue_start(p->id, 1), "start Rx queue 1");
	CHECK_OK(rte_eth_dev_tx_queue_start(p->id, 1), "start Tx queue 1");
	CHECK_OK(rte_eth_dev_rx_intr_ctl_q(p->id, 1, epfd, RTE_INTR_EVENT_ADD, NULL), "ctl_q");
	xt_peer_send(w, 1, 1, 100);
	CHECK_INT(rte_epoll_wait(epfd, &ev, 1, 2000), ==, 1, "events within 2 s");
	xt_rx_expect(p, 1, 1, 100);
}

/* It has been in an epoll set since before: there it stays, with what the application said of it. */
static void
interrupt_over_setup(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(2);
	struct xt_port *p = xt_port(w);
	int epfd = epoll_create1(0);
	struct rte_epoll_event ev;
	const char *log;
	unsigned int i;

	p->conf.intr_conf.rxq = 1;
	xt_state_own_fd(epfd);
	xt_port_up(p);
	CHECK_OK(rte_eth_dev_rx_intr_ctl_q(p->id, 1, epfd, RTE_INTR_EVENT_ADD, p), "ctl_q");
	xt_log_begin();
	for (i = 0; i < 6; i++) {
		xt_note("set-up %u", i);
		CHECK_OK(rte_eth_dev_rx_queue_stop(p->id, 1), "stop Rx queue 1");
		CHECK_OK(rte_eth_dev_tx_queue_stop(p->id, 1), "stop Tx queue 1");
		if (i % 3 != 0)
			CHECK_OK(rte_eth_rx_queue_setup(p->id, 1, 256, SOCKET_ID_ANY, NULL, p->pool), "Rx queue 1");
		if (i % 3 != 1)
			CHECK_OK(rte_eth_tx_queue_setup(p->id, 1, 256, SOCKET_ID_ANY, NULL), "Tx queue 1");
		CHECK_OK(rte_eth_dev_rx_queue_start(p->id, 1), "start Rx queue 1");
		CHECK_OK(rte_eth_dev_tx_queue_start(p->id, 1), "start Tx queue 1");
		CHECK_OK(rte_eth_dev_rx_intr_enable(p->id, 1), "rx_intr_enable");
		xt_peer_send(w, 1, i, 100);
		CHECK_INT(rte_epoll_wait(epfd, &ev, 1, 2000), ==, 1, "events within 2 s");
		CHECK(ev.epdata.data == p, "the event brings other data");
		xt_rx_expect(p, 1, i, 100);
	}
	CHECK_OK(rte_eth_dev_rx_intr_ctl_q(p->id, 1, epfd, RTE_INTR_EVENT_DEL, NULL), "ctl_q, delete");
	CHECK_OK(xt_port_stop(p), "stop");
	log = xt_log_end();
	CHECK(strstr(log, "epoll") == NULL, "EAL says \"%s\"", log);
}

/* A port whose burst takes single buffers cannot share a socket with multi-buffer later on. */
static void
sharer_with_sg(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(2);
	struct xt_port *single = xt_port_on(w, 1), *sg = xt_port_on(w, 0);

	sg->pool = single->pool = xt_pool_default(2);
	xt_port_up(single);
	xt_port_needs_scatter(single);
	xt_link_set_mtu(w->peer, 3000);
	sg->conf.rxmode.mtu = 3000;
	sg->conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_SCATTER;
	xt_port_up(sg);
	CHECK_OK(rte_eth_dev_rx_queue_stop(single->id, 0), "stop Rx queue");
	CHECK_OK(rte_eth_dev_tx_queue_stop(single->id, 0), "stop Tx queue");
	CHECK_OK(rte_eth_rx_queue_setup(single->id, 0, 256, SOCKET_ID_ANY, NULL, single->pool), "Rx queue");
	CHECK_OK(rte_eth_dev_rx_queue_start(single->id, 0), "start Rx queue");
	CHECK_OK(rte_eth_dev_tx_queue_start(single->id, 0), "start Tx queue");
	xt_peer_send(w, 1, 1, 2900);
	xt_rx_expect_none(single, 50);
	xt_peer_send(w, 1, 2, 1000);
	xt_rx_expect(single, 0, 2, 1000);
	xt_peer_send(w, 0, 3, 2900);
	xt_rx_expect(sg, 0, 3, 2900);
	xt_port_down(single);
	xt_port_down(sg);
	xt_wire_mtu(w, 1500);
}

const struct xt_case func_order_cases[] = {
	{"ask_stopped", "questions to queues whose socket is closed", ask_stopped, NULL, 0, 0},
	{"second_at_runtime", "the other queue of a socket is set up at run time",
	 second_at_runtime, NULL, 0, 0},
	{"failed_at_runtime", "a set-up fails at run time: what was stopped for it stays stopped",
	 failed_at_runtime, NULL, 0, 0},
	{"tenant_at_runtime", "queues that only transmit, while the one whose pool they use is set up",
	 tenant_at_runtime, NULL, 0, 0},
	{"refused_then_restart", "a queue released while its socket ran is gone after stop",
	 refused_then_restart, NULL, 0, 0},
	{"reconfigure_mtu", "configured again with an MTU that wants other pools",
	 reconfigure_mtu, NULL, 0, 0},
	{"stopped_mtu", "MTU set before the pools that it wants; start judges", stopped_mtu, NULL, 0, 0},
	{"tx_only_mtu", "the MTU of a port that only transmits grows", tx_only_mtu, NULL, 0, 0},
	{"clones_at_setup", "a pool some of whose mbufs are clones", clones_at_setup, NULL, 0, 0},
	{"sharer_without_sg", "a socket that needs multi-buffer beside one that has none",
	 sharer_without_sg, NULL, 0, 0},
	{"interrupt_then_stop", "stop with a queue in an epoll set says nothing",
	 interrupt_then_stop, NULL, 0, 0},
	{"failed_start_program", "no program is left by a start that fails",
	 failed_start_program, NULL, 0, 0},
	{"sharer_with_sg", "a socket without multi-buffer, made at run time, beside one that has it",
	 sharer_with_sg, NULL, 0, 0},
	{"interrupt_over_setup", "Rx interrupts go on over set-ups at run time",
	 interrupt_over_setup, NULL, 0, 0},
	{"interrupt_after_setup", "Rx interrupts of a queue that was set up at run time",
	 interrupt_after_setup, NULL, 0, 0},
	{0},
};
