/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* The link: set, events of it, and an interface that goes away. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/if_link.h>

#include <bpf/bpf.h>
#include <rte_cycles.h>

#include "suites.h"

/* What the callbacks saw; written by EAL's interrupt thread. */
static volatile unsigned int nb_lsc, nb_rmv;

static int
on_lsc(uint16_t port __rte_unused, enum rte_eth_event_type type __rte_unused,
       void *arg __rte_unused, void *ret __rte_unused)
{
	nb_lsc++;
	return 0;
}

static int
on_rmv(uint16_t port __rte_unused, enum rte_eth_event_type type __rte_unused,
       void *arg __rte_unused, void *ret __rte_unused)
{
	nb_rmv++;
	return 0;
}

static void
run(const char *command)
{
	CHECK_OK(system(command), "%s", command);
}

static void
listen_events(struct xt_port *p)
{
	CHECK_OK(rte_eth_dev_callback_register(p->id, RTE_ETH_EVENT_INTR_LSC, on_lsc, NULL),
		 "register for LSC");
	CHECK_OK(rte_eth_dev_callback_register(p->id, RTE_ETH_EVENT_INTR_RMV, on_rmv, NULL),
		 "register for RMV");
}

static void
deaf(struct xt_port *p)
{
	rte_eth_dev_callback_unregister(p->id, RTE_ETH_EVENT_INTR_LSC, on_lsc, NULL);
	rte_eth_dev_callback_unregister(p->id, RTE_ETH_EVENT_INTR_RMV, on_rmv, NULL);
}

static void
await(volatile unsigned int *count, unsigned int n, const char *what)
{
	double end = xt_now() + 3; /* the kernel holds events back for up to a second */

	while (*count < n && xt_now() < end)
		xt_sleep_ms(1);
	CHECK_INT(*count, ==, n, "%s events", what);
}

static unsigned int
status(struct xt_port *p)
{
	struct rte_eth_link l;

	CHECK_OK(rte_eth_link_get_nowait(p->id, &l), "link_get_nowait");
	return l.link_status;
}

static bool
is_up(const char *name)
{
	struct xt_link l;

	CHECK_OK(xt_link_get(name, &l), "link %s", name);
	return l.flags & IFF_UP;
}

/* set_link_down and set_link_up reach the kernel; close leaves the link as it was found. */
static void
set_link(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);

	xt_port_up(p);
	CHECK_OK(rte_eth_dev_set_link_down(p->id), "set_link_down");
	CHECK(!is_up(w->dev), "the interface is up after set_link_down");
	CHECK_INT(status(p), ==, RTE_ETH_LINK_DOWN, "status");
	CHECK_OK(rte_eth_dev_set_link_down(p->id), "set_link_down twice");
	CHECK_OK(rte_eth_dev_set_link_up(p->id), "set_link_up");
	CHECK(is_up(w->dev), "the interface is down after set_link_up");
	xt_wire_wait_up(w);
	CHECK_INT(status(p), ==, RTE_ETH_LINK_UP, "status");
	xt_traffic(p, w);
	CHECK_OK(rte_eth_dev_set_link_down(p->id), "set_link_down");
	xt_port_down(p);
	CHECK(is_up(w->dev), "close does not put back what set_link_down did");

	xt_note("found down");
	xt_link_set_up(w->dev, false);
	p = xt_port(w);
	xt_port_up(p);
	CHECK_OK(rte_eth_dev_set_link_up(p->id), "set_link_up");
	xt_wire_wait_up(w);
	xt_traffic(p, w);
	xt_port_down(p);
	CHECK(!is_up(w->dev), "close does not put back what set_link_up did");
	xt_link_set_up(w->dev, true);
	xt_wire_wait_up(w);
}

/* One event per change, whatever the application reads in between. */
static void
lsc(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	struct rte_eth_dev_info info;
	unsigned int i;

	p->conf.intr_conf.lsc = 1;
	xt_port_up(p);
	CHECK_OK(rte_eth_dev_info_get(p->id, &info), "info");
	CHECK(*info.dev_flags & RTE_ETH_DEV_INTR_LSC, "no LSC in dev_flags");
	listen_events(p);
	CHECK_INT(status(p), ==, RTE_ETH_LINK_UP, "status after start");
	for (i = 0; i < 3; i++) {
		xt_note("round %u: down", i);
		xt_end_set_up(w, i == 1, false);
		await(&nb_lsc, 2 * i + 1, "LSC");
		CHECK_INT(status(p), ==, RTE_ETH_LINK_DOWN, "status");
		xt_note("round %u: up", i);
		xt_end_set_up(w, i == 1, true);
		await(&nb_lsc, 2 * i + 2, "LSC");
		CHECK_INT(status(p), ==, RTE_ETH_LINK_UP, "status");
	}
	xt_wire_wait_up(w);
	xt_traffic(p, w);
	xt_note("no events that are not of the link, none of others, none while stopped");
	xt_link_set_flag(w->dev, IFF_PROMISC, true);
	xt_link_set_flag(w->dev, IFF_PROMISC, false);
	xt_link_veth("other", "otherp", 1);
	xt_link_del("other");
	CHECK_OK(xt_port_stop(p), "stop");
	xt_peer_set_up(w, false);
	xt_sleep_ms(1100);
	CHECK_INT(nb_lsc, ==, 6, "LSC events");
	CHECK_OK(xt_port_start(p), "start");
	CHECK_INT(status(p), ==, RTE_ETH_LINK_DOWN, "status after a start without carrier");
	xt_peer_set_up(w, true);
	await(&nb_lsc, 7, "LSC");
	CHECK_INT(nb_rmv, ==, 0, "RMV events");
	deaf(p);
}

/* Bursts of a port whose interface is gone end soon, receive nothing, and lose no mbuf. */
static void
check_bursts(struct xt_port *p)
{
	struct rte_mbuf *m[32];
	double start, longest = 0;
	unsigned int i, k;
	uint16_t n = 0;

	for (k = 0; k < 200; k++) {
		start = xt_now();
		CHECK_INT(rte_eth_rx_burst(p->id, 0, m, 32), ==, 0, "frames from nowhere");
		for (i = 0; i < 32; i++)
			m[i] = xt_mbuf(p->pool, i, 100);
		n = rte_eth_tx_burst(p->id, 0, m, 32);
		rte_pktmbuf_free_bulk(m + n, 32 - n);
		longest = RTE_MAX(longest, xt_now() - start);
	}
	CHECK_INT(n, ==, 0, "packets taken by a Tx queue that should be full");
	CHECK(longest < 0.1, "a burst took %.3f s", longest);
}

/* arg: what to do to the interface. */
static void
removed(const void *arg)
{
	const bool moved = arg != NULL;
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	struct rte_eth_dev_info info;
	struct rte_eth_link link;
	double start;

	p->conf.intr_conf.rmv = 1;
	p->conf.intr_conf.lsc = 1;
	xt_port_up(p);
	listen_events(p);
	xt_traffic(p, w);
	CHECK_INT(rte_eth_dev_is_removed(p->id), ==, 0, "is_removed");
	xt_state_forget_link(w->dev);
	xt_state_forget_link(w->peer);
	if (moved)
		run("ip netns add xt_away && ip link set xt0 netns xt_away");
	else
		xt_link_del(w->dev);
	await(&nb_rmv, 1, "RMV");
	CHECK_INT(rte_eth_dev_is_removed(p->id), ==, 1, "is_removed");
	CHECK_INT(nb_lsc, ==, 1, "LSC events");
	CHECK_OK(rte_eth_link_get_nowait(p->id, &link), "link_get_nowait");
	CHECK_INT(link.link_status, ==, RTE_ETH_LINK_DOWN, "link status");
	(void)!rte_eth_dev_info_get(p->id, &info); /* must not crash */
	xt_rx_flush(p, 1);
	check_bursts(p);
	CHECK_INT(nb_rmv, ==, 1, "RMV events");
	deaf(p);
	start = xt_now();
	CHECK_OK(xt_port_stop(p), "stop");
	xt_log_begin();
	CHECK_INT(xt_port_start(p), <, 0, "start without an interface");
	CHECK(strstr(xt_log_end(), "gone") != NULL, "the log does not say that the interface is gone");
	CHECK_OK(xt_port_detach(p), "detach");
	CHECK(xt_now() - start < 1, "stop, start, close took %.3f s", xt_now() - start);
	if (moved)
		run("ip netns del xt_away");
}

/* A bridge that lets go of its port says so in a message that looks like a deletion. */
static void
not_removed(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);

	xt_port_up(p);
	listen_events(p);
	run("ip link add br0 type bridge && ip link set br0 up && ip link set xt0 master br0");
	xt_sleep_ms(50);
	run("ip link set xt0 nomaster && ip link del br0");
	xt_sleep_ms(300);
	CHECK_INT(nb_rmv, ==, 0, "RMV events");
	CHECK_INT(rte_eth_dev_is_removed(p->id), ==, 0, "is_removed");
	xt_traffic(p, w);
	deaf(p);
}

static int
close_in_callback(uint16_t port, enum rte_eth_event_type type __rte_unused, void *arg,
		  void *ret __rte_unused)
{
	struct xt_port *p = arg;

	CHECK_OK(xt_port_stop(p), "stop");
	CHECK_OK(rte_eth_dev_close(port), "close");
	nb_rmv++;
	return 0;
}

/* The application closes the port in its callback. */
static void
closed_in_callback(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);

	xt_port_up(p);
	xt_traffic(p, w);
	CHECK_OK(rte_eth_dev_callback_register(p->id, RTE_ETH_EVENT_INTR_RMV, close_in_callback, p),
		 "register");
	xt_state_forget_link(w->dev);
	xt_state_forget_link(w->peer);
	xt_link_del(w->dev);
	await(&nb_rmv, 1, "RMV");
	xt_sleep_ms(20); /* the callback returns */
	CHECK_OK(xt_port_detach(p), "detach");
}

/* A port that is closed while events rain on it. */
static void
close_under_events(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(1);
	struct xt_port *p;
	unsigned int i, k;

	for (i = 0; i < 30; i++) {
		xt_note("round %u", i);
		p = xt_port(w);
		p->conf.intr_conf.lsc = 1;
		CHECK_OK(xt_port_probe(p), "probe");
		if (i % 3 == 0) {
			CHECK_OK(xt_port_setup(p), "set-up");
			CHECK_OK(xt_port_start(p), "start");
		}
		for (k = 0; k < i * 20; k++)
			xt_link_set_flag(w->dev, IFF_DEBUG, k % 2 == 0);
		xt_port_down(p);
	}
}

static volatile unsigned int nb_state;

static int
on_state(uint16_t port __rte_unused, enum rte_eth_event_type type __rte_unused,
	 void *arg __rte_unused, void *ret __rte_unused)
{
	nb_state++;
	return 0;
}

static void
listen_state(const struct xt_port *p)
{
	nb_state = 0;
	CHECK_OK(rte_eth_dev_callback_register(p->id, RTE_ETH_EVENT_QUEUE_STATE, on_state, NULL),
		 "register for QUEUE_STATE");
}

/* As "bpftool link detach" does. */
static void
detach_program(const struct xt_wire *w)
{
	struct bpf_link_info info;
	uint32_t id = 0, len;
	struct xt_link l;
	bool done = false;
	int fd;

	CHECK_OK(xt_link_get(w->dev, &l), "link");
	while (!done && bpf_link_get_next_id(id, &id) == 0) {
		fd = bpf_link_get_fd_by_id(id);
		len = sizeof(info);
		memset(&info, 0, sizeof(info));
		if (fd >= 0 && bpf_obj_get_info_by_fd(fd, &info, &len) == 0 &&
		    info.prog_id == l.xdp_prog_id) {
			CHECK_OK(bpf_link_detach(fd), "detach of link %u", id);
			done = true;
		}
		close(fd);
	}
	CHECK(done, "no bpf_link of program %u", l.xdp_prog_id);
	/* The kernel does not tell it by itself: the next message about the interface does. */
	xt_link_set_mtu(w->dev, l.mtu - 100);
	xt_link_set_mtu(w->dev, l.mtu);
}

/* Somebody takes the XDP program off the interface: a warning and an event, once. */
static void
prog_detached(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	const char *log, *said;

	xt_log_begin();
	xt_port_up(p);
	listen_state(p);
	xt_link_set_mtu(w->dev, 1400);
	xt_link_set_mtu(w->dev, 1500);
	xt_sleep_ms(50);
	CHECK(strstr(xt_log_end(), "somebody") == NULL, "a warning although the program is there");
	CHECK_INT(nb_state, ==, 0, "events although the program is there");
	xt_log_begin();
	detach_program(w);
	await(&nb_state, 1, "QUEUE_STATE");
	xt_link_set_mtu(w->dev, 1400);
	xt_link_set_mtu(w->dev, 1500);
	xt_sleep_ms(100);
	log = xt_log_end();
	said = strstr(log, "somebody has removed");
	CHECK(said != NULL, "no warning: \"%s\"", log);
	CHECK(strstr(said + 1, "somebody has removed") == NULL, "two warnings");
	CHECK_INT(nb_state, ==, 1, "QUEUE_STATE events");
}

static void
check_receives(struct xt_port *p, struct xt_wire *w, unsigned int queue)
{
	xt_peer_send(w, queue, 5, 100);
	xt_rx_expect(p, 0, 5, 100);
}

/* Stop and start put it back; of two ports on the interface the other one receives again, too. */
static void
prog_put_back(const void *arg)
{
	static const char *const args[2] = {"queue_count=1", "start_queue=1,queue_count=1"};
	const bool generic = arg != NULL; /* a veth knows no queues then */
	const unsigned int nb_ports = generic ? 1 : 2;
	struct xt_wire *w = xt_veth(nb_ports);
	struct xt_port *p[2];
	unsigned int i, round;

	for (i = 0; i < nb_ports; i++) {
		p[i] = xt_port(w);
		p[i]->args = generic ? "mode=skb" : args[i];
		p[i]->nb_rxq = p[i]->nb_txq = 1;
		xt_port_up(p[i]);
	}
	for (round = 0; round < 3; round++) {
		xt_note("round %u", round);
		listen_state(p[0]);
		detach_program(w);
		await(&nb_state, 1, "QUEUE_STATE");
		xt_peer_send(w, 0, 5, 100);
		xt_rx_expect_none(p[0], 5);
		CHECK_OK(xt_port_stop(p[0]), "stop");
		CHECK_OK(xt_port_start(p[0]), "start");
		for (i = 0; i < nb_ports; i++)
			check_receives(p[i], w, i);
		CHECK_OK(rte_eth_dev_callback_unregister(p[0]->id, RTE_ETH_EVENT_QUEUE_STATE, on_state,
			 NULL), "unregister");
	}
}

/* A port that comes after somebody has taken the program of another one off. */
static void
prog_joined(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(2);
	struct xt_port *p = xt_port_on(w, 0), *q = xt_port_on(w, 1);

	xt_port_up(p);
	detach_program(w);
	xt_port_up(q);
	check_receives(q, w, 1);
	check_receives(p, w, 0);
}

/* Somebody else's program is there now: start fails, and says so; then it can start again. */
static void
prog_replaced(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	struct bpf_insn insns[] = {
		{.code = 0xb7, .imm = XDP_PASS}, /* r0 = XDP_PASS */
		{.code = 0x95},                  /* exit */
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "other", "GPL", insns, RTE_DIM(insns), NULL);
	const char *log;

	CHECK(fd >= 0, "bpf_prog_load: %s", strerror(errno));
	xt_state_own_fd(fd);
	xt_port_up(p);
	detach_program(w);
	CHECK_OK(xt_link_xdp(w->dev, fd, XDP_FLAGS_DRV_MODE), "attach another program");
	CHECK_OK(xt_port_stop(p), "stop");
	xt_log_begin();
	CHECK_INT(xt_port_start(p), ==, -EBUSY, "start beside another program");
	log = xt_log_end();
	CHECK(strstr(log, "the XDP program other") != NULL, "the log does not name it: \"%s\"", log);
	CHECK_OK(xt_link_xdp(w->dev, -1, XDP_FLAGS_DRV_MODE), "detach the other program");
	CHECK_OK(xt_port_start(p), "start");
	xt_traffic(p, w);
	close(fd);
}

/* Queues that are started and stopped while the port runs, but not the port itself. */
static void
queue_state(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(2);
	struct xt_port *p = xt_port(w);
	uint16_t q;

	CHECK_OK(xt_port_probe(p), "probe");
	CHECK_OK(xt_port_setup(p), "set-up");
	listen_state(p);
	CHECK_OK(xt_port_start(p), "start");
	CHECK_INT(nb_state, ==, 0, "events of a start");
	for (q = 0; q < 2; q++) {
		CHECK_OK(rte_eth_dev_rx_queue_stop(p->id, q), "Rx stop");
		CHECK_INT(nb_state, ==, 4 * q + 1, "events");
		CHECK_OK(rte_eth_dev_tx_queue_stop(p->id, q), "Tx stop");
		CHECK_INT(nb_state, ==, 4 * q + 2, "events");
		CHECK_OK(rte_eth_dev_rx_queue_start(p->id, q), "Rx start");
		CHECK_OK(rte_eth_dev_tx_queue_start(p->id, q), "Tx start");
		CHECK_INT(nb_state, ==, 4 * q + 4, "events");
	}
	CHECK_OK(rte_eth_dev_rx_queue_start(p->id, 0), "start of a queue that runs");
	CHECK_INT(nb_state, ==, 8, "events");
	CHECK_OK(xt_port_stop(p), "stop");
	CHECK_INT(nb_state, ==, 8, "events after a stop");
}

static struct rte_eth_link
link_now(struct xt_port *p)
{
	struct rte_eth_link l;

	CHECK_OK(rte_eth_link_get_nowait(p->id, &l), "link_get_nowait");
	return l;
}

/* link_speeds reaches the kernel; close, or asking for none, puts back what was. */
static void
speed_fixed(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(1);
	struct xt_port *p = xt_port(w);
	struct rte_eth_dev_info info;
	unsigned int was;

	xt_port_up(p);
	was = link_now(p).link_speed;
	xt_port_down(p);
	p = xt_port(w);
	p->conf.link_speeds = RTE_ETH_LINK_SPEED_FIXED | RTE_ETH_LINK_SPEED_25G;
	xt_port_up(p);
	CHECK_INT(link_now(p).link_speed, ==, 25000, "speed");
	CHECK_INT(link_now(p).link_autoneg, ==, RTE_ETH_LINK_FIXED, "autoneg");
	CHECK_OK(rte_eth_dev_info_get(p->id, &info), "info");
	CHECK(info.speed_capa & RTE_ETH_LINK_SPEED_25G, "speed_capa 0x%x", info.speed_capa);
	xt_traffic(p, w);
	CHECK_OK(xt_port_stop(p), "stop");
	p->conf.link_speeds = RTE_ETH_LINK_SPEED_AUTONEG;
	CHECK_OK(xt_port_setup(p), "set-up");
	CHECK_OK(xt_port_start(p), "start");
	CHECK_INT(link_now(p).link_speed, ==, was, "speed when none is asked for any more");
	CHECK_OK(xt_port_stop(p), "stop");
	p->conf.link_speeds = RTE_ETH_LINK_SPEED_FIXED | RTE_ETH_LINK_SPEED_100M_HD;
	CHECK_OK(xt_port_setup(p), "set-up");
	CHECK_OK(xt_port_start(p), "start");
	CHECK_INT(link_now(p).link_speed, ==, 100, "speed");
	CHECK_INT(link_now(p).link_duplex, ==, RTE_ETH_LINK_HALF_DUPLEX, "duplex");
	xt_port_down(p);
	p = xt_port(w);
	xt_port_up(p);
	CHECK_INT(link_now(p).link_speed, ==, was, "speed after close");
	CHECK_INT(link_now(p).link_duplex, ==, RTE_ETH_LINK_FULL_DUPLEX, "duplex after close");
}

/* A veth says what its speed is, and cannot be told another. */
static void
speed_refused(const void *arg __rte_unused)
{
	static const uint32_t asked[] = {
		RTE_ETH_LINK_SPEED_FIXED | RTE_ETH_LINK_SPEED_1G,
		RTE_ETH_LINK_SPEED_1G | RTE_ETH_LINK_SPEED_10G,
		RTE_ETH_LINK_SPEED_FIXED | RTE_ETH_LINK_SPEED_1G | RTE_ETH_LINK_SPEED_10G,
	};
	struct xt_wire *w = xt_veth(1);
	struct rte_eth_dev_info info;
	struct xt_port *p;
	const char *log;
	unsigned int i;

	for (i = 0; i < RTE_DIM(asked); i++) {
		p = xt_port(w);
		p->conf.link_speeds = asked[i];
		CHECK_OK(xt_port_probe(p), "probe");
		CHECK_OK(rte_eth_dev_info_get(p->id, &info), "info");
		CHECK_INT(info.speed_capa, ==, RTE_ETH_LINK_SPEED_10G, "speed_capa of a veth");
		CHECK_OK(xt_port_setup(p), "set-up");
		xt_log_begin();
		CHECK_INT(xt_port_start(p), <, 0, "start with link_speeds 0x%x", asked[i]);
		log = xt_log_end();
		CHECK(strstr(log, "link_speeds") != NULL, "the log does not name it: \"%s\"", log);
		xt_port_down(p);
	}
}

const struct xt_case func_link_cases[] = {
	{"link_speed", "link_speeds sets the interface, restored at close", speed_fixed, NULL, 0, 0},
	{"link_speed_refused", "link_speeds where the interface takes none", speed_refused, NULL, 0, 0},
	{"link_set", "set_link_up and set_link_down, restored at close", set_link, NULL, 0, 0},
	{"link_lsc", "an interrupt for each change of the link", lsc, NULL, 0, 0},
	{"removed_deleted_B45", "RMV event, bursts and close after the interface is deleted", removed,
	 NULL, XT_NO_AGAIN, 0},
	{"removed_moved_B45", "the same after it moved to another namespace", removed, "moved",
	 XT_NO_AGAIN, 0},
	{"removed_not", "leaving a bridge is no removal", not_removed, NULL, 0, 0},
	{"removed_closed_in_callback", "the port is closed in the RMV callback", closed_in_callback,
	 NULL, XT_NO_AGAIN, 0},
	{"link_close_under_events", "close while events arrive", close_under_events, NULL, 0, 0},
	{"prog_detached", "a warning and an event when the XDP program is taken off", prog_detached, NULL,
	 0, 0},
	{"prog_put_back", "stop and start put a program back that was taken off", prog_put_back, NULL, 0, 0},
	{"prog_put_back_generic", "the same with mode=skb", prog_put_back, "generic", 0, 0},
	{"prog_joined", "so does the start of another port on the interface", prog_joined, NULL, 0, 0},
	{"prog_replaced", "another program came in its place: start fails", prog_replaced, NULL, 0, 0},
	{"queue_state", "an event for each queue that starts or stops at run time", queue_state, NULL, 0,
	 0},
	{0},
};
