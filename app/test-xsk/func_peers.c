/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* Scenarios of other projects' tests that no other file has; doc/peers.tsv lists them all. */

#include <pthread.h>

#include "suites.h"

#define QUEUES 3
#define EVENTS 6

/* ---- libxdp: sockets on the queues of an interface, made and deleted in some order ------------ */

/* What happens at once: bit q: the port on queue q. */
struct event {
	unsigned int create, remove;
};

struct order {
	const char *name;
	struct event events[EVENTS + 1]; /* the last one is empty */
};

static const struct order orders[] = {
	{"one", {{1, 0}, {0, 1}}},
	{"two, one after the other", {{1, 0}, {2, 0}, {0, 1}, {0, 2}}},
	{"two, removed at once", {{1, 0}, {2, 0}, {0, 3}}},
	{"two, the one made while the other is removed", {{1, 0}, {2, 1}, {0, 2}}},
	{"three, removed in another order", {{1, 0}, {2, 0}, {4, 0}, {0, 2}, {0, 4}, {0, 1}}},
	{"three at once", {{7, 0}, {0, 7}}},
	{"three, changing hands", {{3, 0}, {4, 1}, {1, 2}, {2, 4}, {4, 3}, {0, 4}}},
};

static void *
port_up(void *arg)
{
	struct xt_port *p = arg;

	CHECK_OK(xt_port_setup(p), "set-up of %s", p->name);
	CHECK_OK(xt_port_start(p), "start of %s", p->name);
	return NULL;
}

static void *
port_close(void *arg)
{
	struct xt_port *p = arg;

	CHECK_OK(xt_port_stop(p), "stop of %s", p->name);
	CHECK_OK(rte_eth_dev_close(p->id), "close of %s", p->name);
	return NULL;
}

static struct xt_port *
port_on(struct xt_wire *w, unsigned int q, struct rte_mempool *pool)
{
	static char args[QUEUES][40];
	struct xt_port *p = xt_port(w);

	snprintf(args[q], sizeof(args[q]), "start_queue=%u,queue_count=1", q);
	p->args = args[q];
	p->nb_rxq = p->nb_txq = 1;
	p->pool = pool;
	CHECK_OK(xt_port_probe(p), "probe of %s", p->name);
	return p;
}

/* Each port of the event in a thread of its own; probe and removal are EAL's, which has a lock for them. */
static void
run_event(const struct event *e, struct xt_wire *w, struct xt_port **ports, struct rte_mempool *pool)
{
	pthread_t threads[QUEUES];
	unsigned int q;

	for (q = 0; q < QUEUES; q++)
		if (e->create & 1 << q)
			ports[q] = port_on(w, q, pool);
	for (q = 0; q < QUEUES; q++)
		if ((e->create | e->remove) & 1 << q)
			CHECK_OK(pthread_create(&threads[q], NULL, e->create & 1 << q ? port_up : port_close,
						ports[q]), "thread");
	for (q = 0; q < QUEUES; q++)
		if ((e->create | e->remove) & 1 << q)
			pthread_join(threads[q], NULL);
	for (q = 0; q < QUEUES; q++)
		if (e->remove & 1 << q)
			ports[q]->attached = false;
}

/* The program is there while any port is, and every port receives on its queue. */
static void
check_all(struct xt_wire *w, struct xt_port *const *ports, unsigned int there)
{
	struct rte_mbuf *m;
	struct xt_link l;
	unsigned int q;

	CHECK_OK(xt_link_get(w->dev, &l), "link");
	CHECK_INT(l.xdp_prog_id != 0, ==, there != 0, "a program on the interface, ports 0x%x", there);
	for (q = 0; q < QUEUES; q++) {
		if (!(there & 1 << q))
			continue;
		xt_peer_send(w, q, q, 100);
		CHECK_INT(xt_rx(ports[q], 0, &m, 1), ==, 1, "packets on queue %u", q);
		xt_mbuf_check(ports[q], m, q, 100);
		rte_pktmbuf_free(m);
	}
}

static void
order(const void *arg __rte_unused)
{
	struct rte_mempool *pool = xt_pool_default(QUEUES);
	struct xt_port *ports[QUEUES] = {NULL};
	struct xt_wire *w = xt_veth(QUEUES);
	unsigned int i, k, there;

	for (i = 0; i < RTE_DIM(orders); i++) {
		there = 0;
		for (k = 0; orders[i].events[k].create + orders[i].events[k].remove != 0; k++) {
			const struct event *e = &orders[i].events[k];

			xt_note("%s: event %u", orders[i].name, k);
			run_event(e, w, ports, pool);
			there = (there | e->create) & ~e->remove;
			check_all(w, ports, there);
		}
		CHECK_INT(there, ==, 0, "ports left by the order");
		xt_state_check(orders[i].name);
	}
}

const struct xt_case func_peers_cases[] = {
	{"refcnt_orders", "ports on queues of an interface, made and closed in any order, at once", order,
	 NULL, 0, 0},
	{0},
};
