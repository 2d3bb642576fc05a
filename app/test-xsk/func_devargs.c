/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* Device arguments, as a table. */

#include <errno.h>
#include <string.h>
#include <linux/if_link.h>


#include "suites.h"

struct bad {
	const char *args; /* %s: a tap of two queues */
	const char *key;  /* the log must name it */
	bool at_start;    /* only the kernel can tell: may be refused as late as start */
};

static const struct bad bad_args[] = {
	{"", "iface", false},
	{"iface=", "iface", false},
	{"iface=this_name_is_too_long", "iface", false},
	{"iface=none0", "none0", false},
	{"start_queue=0", "iface", false},
	{"iface=%s,iface=%s", "iface", false},
	{"iface=%s,colour=red", "colour", false},
	{"iface=%s,IFACE=x", "IFACE", false},
	{"iface=%s,start_queue=abc", "start_queue", false},
	{"iface=%s,start_queue=-1", "start_queue", false},
	{"iface=%s,start_queue=", "start_queue", false},
	{"iface=%s,start_queue=1x", "start_queue", false},
	{"iface=%s,start_queue= 1", "start_queue", false},
	{"iface=%s,start_queue=0x1", "start_queue", false},
	{"iface=%s,start_queue=1.0", "start_queue", false},
	{"iface=%s,start_queue=99999999999", "start_queue", false},
	{"iface=%s,start_queue=18446744073709551616", "start_queue", false},
	{"iface=%s,start_queue=2", "start_queue", false},
	{"iface=%s,start_queue=7", "start_queue", false},
	{"iface=%s,start_queue=0,start_queue=1", "start_queue", false},
	{"iface=%s,queue_count=0", "queue_count", false},
	{"iface=%s,queue_count=-1", "queue_count", false},
	{"iface=%s,queue_count=3", "queue_count", false},
	{"iface=%s,queue_count=ALL", "queue_count", false},
	{"iface=%s,queue_count=allx", "queue_count", false},
	{"iface=%s,queue_count=", "queue_count", false},
	{"iface=%s,start_queue=1,queue_count=2", "queue_count", false},
	{"iface=%s,shared_umem=2", "shared_umem", false},
	{"iface=%s,shared_umem=yes", "shared_umem", false},
	{"iface=%s,busy_budget=-1", "busy_budget", false},
	{"iface=%s,busy_budget=65536", "busy_budget", false},
	{"iface=%s,busy_budget=64 ", "busy_budget", false},
	{"iface=%s,force_copy=yes", "force_copy", false},
	{"iface=%s,force_copy=2", "force_copy", false},
	{"iface=%s,force_copy=", "force_copy", false},
	{"iface=%s,mode=foo", "mode", false},
	{"iface=%s,mode=", "mode", false},
	{"iface=%s,mode=drv,mode=skb", "mode", false},
	{"iface=%s,zero_copy=maybe", "zero_copy", false},
	{"iface=%s,zero_copy=1", "zero_copy", false},
	{"iface=%s,force_copy=1,zero_copy=on", "zero_copy", false},
	{"iface=%s,attach=glue", "attach", false},
	{"iface=%s,xdp_prog=", "xdp_prog", false},
	{"iface=%s,xdp_prog=/nonexistent", "xdp_prog", false},
	{"iface=%s,xdp_section=xdp", "xdp_section", false},
	{"iface=%s,use_cni=1,use_pinned_map=1", "use_cni", false},
	{"iface=%s,use_pinned_map=2", "use_pinned_map", false},
	{"iface=%s,dp_path=/tmp/x", "dp_path", false},
	{"iface=%s,xdp_prog=/dev/null", "/dev/null", true},
	{"iface=%s,xdp_prog=/etc/passwd", "xdp_prog=/etc/passwd: ", true},
	{"iface=%s,zero_copy=on", "zero", true},
	{"iface=%s,mode=hw", "mode", true},
};

/* Lines that are not EAL's own. */
static unsigned int
driver_lines(const char *log)
{
	unsigned int n = 0;

	for (; *log != '\0'; log++) {
		if (strncmp(log, "EAL:", 4) != 0)
			n++;
		log = strchr(log, '\n');
		if (log == NULL)
			break;
	}
	return n;
}

/* Each is refused with one line that names the key, and leaves nothing. */
static void
bad(const void *arg)
{
	const char *only = arg;
	struct xt_wire *w = xt_tap(2);
	char args[256], name[64];
	const struct bad *b;
	unsigned int i;
	uint16_t port;
	const char *log;
	int ret;

	for (i = 0; i < RTE_DIM(bad_args); i++) {
		b = &bad_args[i];
		if (b->at_start || (only != NULL && strstr(b->args, only) == NULL))
			continue;
		snprintf(args, sizeof(args), b->args, w->dev, w->dev);
		snprintf(name, sizeof(name), "%s%u", xt_driver(), i);
		xt_note("\"%s\"", args);
		xt_log_begin();
		ret = rte_eal_hotplug_add("vdev", name, args);
		log = xt_log_end();
		CHECK_INT(ret, <, 0, "probe");
		CHECK(ret == -EINVAL || ret == -ENODEV || ret == -ERANGE || ret == -ENOTSUP ||
		      ret == -ENOENT || ret == -ENAMETOOLONG, "probe returned %d", ret);
		CHECK(strstr(log, b->key) != NULL, "the log does not name %s: \"%s\"", b->key, log);
		CHECK_INT(driver_lines(log), ==, 1, "lines of log: \"%s\"", log);
		CHECK(rte_eth_dev_get_port_by_name(name, &port) != 0, "port %s exists", name);
		CHECK_INT(rte_eth_dev_count_avail(), ==, 0, "ports");
		xt_state_check("after the refusal");
	}
}

/* What only the kernel can refuse: at probe, set-up or start, with a word why. */
static void
bad_late(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(2);
	const struct bad *b;
	struct xt_port *p;
	unsigned int i;
	const char *log;
	int ret;

	for (i = 0; i < RTE_DIM(bad_args); i++) {
		b = &bad_args[i];
		if (!b->at_start)
			continue;
		p = xt_port(w);
		p->args = strchr(b->args, ',');
		xt_note("\"%s\"", p->args);
		xt_log_begin();
		ret = xt_port_probe(p);
		if (ret == 0)
			ret = xt_port_setup(p);
		if (ret == 0)
			ret = xt_port_start(p);
		log = xt_log_end();
		CHECK_INT(ret, <, 0, "probe, set-up and start");
		CHECK_INT(ret, >, -4000, "probe, set-up and start: an errno");
		CHECK(strstr(log, "Unknown error") == NULL, "an error without a text: \"%s\"", log);
		CHECK(strstr(log, b->key) != NULL, "the log does not say %s: \"%s\"", b->key, log);
		xt_port_down(p);
		xt_state_check("after the refusal");
	}
}

static void
good(const void *arg __rte_unused)
{
	static const struct {
		const char *args;
		unsigned int queues, first;
	} table[] = {
		{"", 2, 0},
		{"start_queue=1", 1, 1},
		{"queue_count=1", 1, 0},
		{"queue_count=2", 2, 0},
		{"queue_count=all", 2, 0},
		{"start_queue=1,queue_count=all", 1, 1},
		{"start_queue=1,queue_count=1", 1, 1},
		{"queue_count=2,shared_umem=0", 2, 0},
		{"queue_count=2,shared_umem=1", 2, 0},
		{"busy_budget=0", 2, 0},
		{"busy_budget=1", 2, 0},
		{"busy_budget=256", 2, 0},
		{"force_copy=0", 2, 0},
		{"force_copy=1", 2, 0},
		{"zero_copy=auto", 2, 0},
		{"zero_copy=off", 2, 0},
		{"mode=drv", 2, 0},
		{"mode=skb", 2, 0},
		{"attach=auto", 2, 0},
		{"attach=link", 2, 0},
		{"attach=link,mode=skb,busy_budget=0,force_copy=1,start_queue=0", 2, 0},
	};
	struct rte_eth_dev_info info;
	struct xt_port *p;
	struct xt_wire *w;
	unsigned int i, q;
	uint32_t seq = 0;

	w = xt_tap(2);
	for (i = 0; i < RTE_DIM(table); i++) {
		xt_note("\"%s\"", table[i].args);
		p = xt_port(w);
		p->args = table[i].args;
		p->nb_rxq = p->nb_txq = table[i].queues;
		CHECK_OK(xt_port_probe(p), "probe");
		CHECK_OK(rte_eth_dev_info_get(p->id, &info), "info");
		CHECK_INT(info.max_rx_queues, ==, table[i].queues, "max_rx_queues");
		CHECK_INT(info.max_tx_queues, ==, table[i].queues, "max_tx_queues");
		CHECK_OK(xt_port_setup(p), "set-up");
		CHECK_OK(xt_port_start(p), "start");
		for (q = 0; q < table[i].queues; q++) {
			xt_peer_send(w, table[i].first + q, ++seq, 64);
			xt_rx_expect(p, q, seq, 64);
			xt_tx_one(p, q, xt_mbuf(p->pool, ++seq, 64));
			xt_peer_expect(w, table[i].first + q, seq, 64);
		}
		xt_port_down(p);
	}
}

/* The program is native or generic as asked; auto is native where there is native. */
static void
modes(const void *arg __rte_unused)
{
	static const struct {
		const char *args;
		uint8_t attached;
	} table[] = {
		{"", XDP_ATTACHED_DRV}, {"mode=drv", XDP_ATTACHED_DRV},
		{"mode=skb", XDP_ATTACHED_SKB},
	};
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p;
	struct rte_eth_burst_mode mode;
	struct xt_link l;
	unsigned int i;

	for (i = 0; i < RTE_DIM(table); i++) {
		xt_note("\"%s\"", table[i].args);
		p = xt_port(w);
		p->args = table[i].args;
		xt_port_up(p);
		CHECK_OK(xt_link_get(w->dev, &l), "link");
		CHECK_INT(l.xdp_attached, ==, table[i].attached, "kind of XDP attachment");
		if (rte_eth_rx_burst_mode_get(p->id, 0, &mode) == 0)
			CHECK(strstr(mode.info, table[i].attached == XDP_ATTACHED_DRV ?
				     "native" : "generic") != NULL, "burst mode is %s", mode.info);
		xt_traffic(p, w);
		xt_port_down(p);
	}
}

const struct xt_case func_devargs_cases[] = {
	{"devargs_bad_B28_B29", "each bad devarg is refused, its key named, nothing left", bad,
	 NULL, 0, 0},
	{"devargs_start_queue_B28", "the bad values of start_queue alone", bad, "start_queue", 0,
	 0},
	{"devargs_force_copy_B29", "the bad values of force_copy alone", bad, "force_copy", 0, 0},
	{"devargs_mode_B29", "the bad values of mode alone", bad, "mode=", 0, 0},
	{"devargs_bad_late", "what only the kernel can refuse", bad_late, NULL, 0, 0},
	{"devargs_good", "each good devarg works", good, NULL, 0, 60},
	{"devargs_modes", "native and generic as asked", modes, NULL, 0, 0},
	{0},
};
