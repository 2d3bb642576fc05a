/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* Interfaces that live in another network namespace. */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suites.h"

#define NETNS "xt_inner"

static void
run(const char *command)
{
	CHECK_OK(system(command), "%s", command);
}

static ino_t
my_netns(void)
{
	struct stat st;

	CHECK_OK(stat("/proc/thread-self/ns/net", &st), "stat of the namespace");
	return st.st_ino;
}

/* A veth whose one end is in another namespace: the driver's. The index of the end is one that
 * an interface here has, too.
 */
static struct xt_wire *
inner_wire(void)
{
	struct xt_wire *w = xt_veth(1);

	run("ip netns add " NETNS);
	xt_state_forget_link(w->dev);
	run("ip link set xt0 netns " NETNS " && ip -n " NETNS " link set xt0 up");
	xt_sleep_ms(20);
	return w;
}

static void
inner_end(struct xt_wire *w)
{
	run("ip -n " NETNS " link set xt0 netns $$ && ip link set xt0 up && ip netns del " NETNS);
	xt_wire_wait_up(w);
	xt_state_add_link(w->dev);
}

/* What the kernel has of the inner interface. */
static bool
inner_has(const char *words)
{
	char command[256];

	snprintf(command, sizeof(command), "ip -d -n " NETNS " link show xt0 | grep -q '%s'", words);
	return system(command) == 0;
}

static void
inner(const void *arg)
{
	struct xt_wire *w = inner_wire();
	struct xt_port *p = xt_port(w);
	const ino_t home = my_netns();
	struct rte_eth_link link;
	char args[64];
	uint16_t mtu;

	p->args = arg;
	if (strstr(arg, "self") != NULL) {
		/* by a path */
		snprintf(args, sizeof(args), "netns=/run/netns/%s", NETNS);
		p->args = args;
	}
	xt_port_up(p);
	CHECK_INT(my_netns(), ==, home, "the thread's namespace after start");
	CHECK(inner_has("prog/xdp"), "no XDP program on the interface");
	xt_traffic(p, w);
	CHECK_OK(rte_eth_link_get_nowait(p->id, &link), "link");
	CHECK_INT(link.link_status, ==, RTE_ETH_LINK_UP, "link status");
	CHECK_OK(rte_eth_promiscuous_enable(p->id), "promiscuous");
	CHECK(inner_has("promiscuity 1"), "promiscuity does not reach the interface");
	CHECK_OK(rte_eth_dev_set_mtu(p->id, 1400), "set_mtu");
	CHECK(inner_has("mtu 1400"), "the MTU does not reach the interface");
	CHECK_OK(rte_eth_dev_get_mtu(p->id, &mtu), "get_mtu");
	CHECK_INT(mtu, ==, 1400, "mtu");
	CHECK_OK(xt_port_stop(p), "stop");
	CHECK_OK(xt_port_start(p), "start");
	xt_traffic(p, w);
	xt_port_down(p);
	CHECK_INT(my_netns(), ==, home, "the thread's namespace after close");
	CHECK(!inner_has("prog/xdp"), "an XDP program is left on the interface");
	CHECK(inner_has("mtu 1500"), "the MTU is not restored");
	CHECK(!inner_has("promiscuity 1"), "promiscuity is left");
	inner_end(w);
}

static volatile unsigned int nb_lsc;

static int
on_lsc(uint16_t port __rte_unused, enum rte_eth_event_type type __rte_unused,
       void *arg __rte_unused, void *ret __rte_unused)
{
	nb_lsc++;
	return 0;
}

/* Events come from the interface's namespace. */
static void
inner_lsc(const void *arg __rte_unused)
{
	struct xt_wire *w = inner_wire();
	struct xt_port *p = xt_port(w);
	double end;

	p->args = "netns=" NETNS;
	p->conf.intr_conf.lsc = 1;
	xt_port_up(p);
	CHECK_OK(rte_eth_dev_callback_register(p->id, RTE_ETH_EVENT_INTR_LSC, on_lsc, NULL),
		 "register");
	xt_peer_set_up(w, false);
	end = xt_now() + 3;
	while (nb_lsc == 0 && xt_now() < end)
		xt_sleep_ms(1);
	CHECK_INT(nb_lsc, ==, 1, "LSC events");
	rte_eth_dev_callback_unregister(p->id, RTE_ETH_EVENT_INTR_LSC, on_lsc, NULL);
	xt_peer_set_up(w, true);
	xt_port_down(p);
	inner_end(w);
}

static int
index_of(const char *name)
{
	struct xt_link l;

	CHECK_OK(xt_link_get(name, &l), "link %s", name);
	return l.ifindex;
}

/* Two interfaces of one index, in two namespaces, on one pool: two programs, two UMEMs. */
static void
same_index(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w), *q = xt_port(w);
	char command[512];

	snprintf(command, sizeof(command),
		 "ip netns add " NETNS " && "
		 "ip -n " NETNS " link add xt0 index %d type veth peer name xt0p && "
		 "ip -n " NETNS " link set xt0 up && ip -n " NETNS " link set xt0p up",
		 index_of(w->dev));
	run(command);
	q->args = "netns=" NETNS;
	xt_port_up(p);
	q->pool = p->pool;
	xt_port_up(q);
	CHECK(inner_has("prog/xdp"), "no XDP program on the second interface");
	xt_traffic(p, w);
	xt_port_down(q);
	CHECK(!inner_has("prog/xdp"), "a program is left on the second interface");
	xt_traffic(p, w);
	xt_port_down(p);
	run("ip netns del " NETNS);
}

/* The namespace is named wrongly, or is none, or lacks the interface; as this one may. */
static void
refused(const void *arg __rte_unused)
{
	static const struct {
		const char *args, *says;
	} bad[] = {
		{"netns=no_such", "No such file"},
		{"netns=/etc/passwd", "Invalid argument"},
		{"netns=/run/netns", "Invalid argument"},
		{"netns=/proc/self/ns/mnt", "netns="},
		{"netns=" NETNS, "No such device"},
	};
	struct xt_wire *w = xt_veth(1);
	const ino_t home = my_netns();
	struct xt_port *p;
	const char *log;
	unsigned int i;

	run("ip netns add " NETNS);
	for (i = 0; i < RTE_DIM(bad); i++) {
		p = xt_port(w);
		p->args = bad[i].args;
		xt_log_begin();
		CHECK_INT(xt_port_probe(p), <, 0, "probe with %s", bad[i].args);
		log = xt_log_end();
		CHECK(strstr(log, bad[i].says) != NULL, "%s: the log does not say \"%s\": \"%s\"",
		      bad[i].args, bad[i].says, log);
		CHECK_INT(my_netns(), ==, home, "the thread's namespace");
	}
	run("ip netns del " NETNS);

	p = xt_port(w);
	p->iface = "no_such";
	xt_log_begin();
	CHECK_INT(xt_port_probe(p), <, 0, "probe of an interface that is not there");
	log = xt_log_end();
	CHECK(strstr(log, "netns= names another") != NULL, "the log does not mention netns=: \"%s\"", log);
}

const struct xt_case func_netns_cases[] = {
	{"netns_by_name", "an interface of a namespace under /run/netns", inner, "netns=" NETNS, 0, 0},
	{"netns_by_path", "a namespace given by its path", inner, "self", 0, 0},
	{"netns_lsc", "link events of a namespace", inner_lsc, NULL, 0, 0},
	{"netns_same_index", "two interfaces of one index", same_index, NULL, 0, 0},
	{"netns_refused", "namespaces that are none", refused, NULL, 0, 0},
	{0},
};
