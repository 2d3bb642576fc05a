/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* The n-th call fails, for every n: a clean failure or success, nothing left, then a good start. */

#include <string.h>

#include "suites.h"

#define MAX_CALLS 2000

/* A whole life; every step that can be taken is taken. */
static int
life(struct xt_port *p)
{
	struct rte_eth_link link;
	struct rte_eth_stats st;
	int ret;

	ret = xt_port_probe(p);
	if (ret != 0)
		return ret;
	ret = xt_port_setup(p);
	if (ret == 0)
		ret = xt_port_start(p);
	if (ret == 0) {
		(void)!rte_eth_link_get_nowait(p->id, &link);
		(void)!rte_eth_stats_get(p->id, &st);
		(void)!rte_eth_promiscuous_enable(p->id);
		xt_port_stop(p);
	}
	p->started = false;
	if (rte_eth_dev_is_valid_port(p->id))
		rte_eth_dev_close(p->id);
	return ret;
}

static void
fault(const void *arg)
{
	const unsigned int kinds = *(const unsigned int *)arg;
	struct xt_wire *w = xt_veth(1);
	struct rte_mempool *mp = xt_pool_default(1);
	unsigned int n, calls, failures = 0;
	const char *which = NULL;
	struct xt_port *p;
	int ret;

	for (n = 1; n < MAX_CALLS; n++) {
		p = xt_port(w);
		p->pool = mp;
		xt_note("call %u fails (the last was %s)", n, which);
		xt_fault_arm(kinds, n);
		ret = life(p);
		calls = xt_fault_disarm(&which);
		xt_note("call %u, %s, failed: life returned %d", n, which, ret);
		failures += ret != 0;
		if (p->attached)
			CHECK_OK(xt_port_detach(p), "detach");
		CHECK_INT(rte_eth_dev_count_avail(), ==, 0, "ports");
		xt_state_check("after the failure");
		xt_pools_released("after the failure");
		if (which == NULL)
			break;
		if (ret != 0 || n % 8 == 0) {
			p = xt_port(w);
			p->pool = mp;
			xt_port_up(p);
			xt_traffic(p, w);
			xt_port_down(p);
			xt_state_check("after a good life");
		}
	}
	CHECK_INT(n, <, MAX_CALLS, "calls");
	CHECK_OK(ret, "life without a failure");
	CHECK_INT(calls, <, n, "calls without a failure");
	if (kinds != XT_FAULT_NETLINK) /* what only looks may do without an answer */
		CHECK_INT(failures, >, 0, "failures noticed");
	xt_note("%u calls, %u lives failed", n - 1, failures);
}

static const unsigned int on_socket = XT_FAULT_SOCKET, on_mmap = XT_FAULT_MMAP,
	on_ioctl = XT_FAULT_IOCTL, on_netlink = XT_FAULT_NETLINK, on_bpf = XT_FAULT_BPF,
	on_malloc = XT_FAULT_MALLOC;

const struct xt_case func_fault_cases[] = {
	{"fault_socket_B42", "each socket, bind, setsockopt, getsockopt fails", fault, &on_socket,
	 0, 120},
	{"fault_mmap_B21", "each mmap fails", fault, &on_mmap, 0, 60},
	{"fault_ioctl_B27", "each ioctl fails", fault, &on_ioctl, 0, 60},
	{"fault_netlink", "each netlink message fails", fault, &on_netlink, 0, 60},
	{"fault_bpf_B21", "each bpf() fails", fault, &on_bpf, 0, 60},
	{"fault_malloc_B42", "each allocation from DPDK's heap fails", fault, &on_malloc, 0, 120},
	{0},
};
