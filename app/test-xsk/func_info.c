/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* What the kernel says about an interface, and what the port makes of it. */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "suites.h"
#include "xskpmd_compat.h"
#include "xskpmd_genl.h"

static void
netdev_open(struct xskpmd_netdev *nd, const char *ifname)
{
	struct xskpmd_netns none = XSKPMD_NETNS_NONE;

	CHECK_OK(xskpmd_netdev_open(nd, ifname, &none), "open of %s", ifname);
}

/* What the driver of the interface can do, from the family netdev. */
static void
netdev_features(const void *arg __rte_unused)
{
	struct xt_wire *veth = xt_veth(1), *tap = xt_tap(1);
	struct xskpmd_xdp_features f;
	struct xskpmd_netdev nd;
	int ret;

	netdev_open(&nd, veth->dev);
	ret = xskpmd_netdev_xdp_features(&nd, &f);
	if (ret == -EOPNOTSUPP)
		SKIP("generic netlink family netdev (Linux 6.3)");
	CHECK_OK(ret, "features of a veth");
	CHECK(f.xdp & NETDEV_XDP_ACT_BASIC, "a veth has no native XDP: %#lx", (long)f.xdp);
	CHECK(f.xdp & NETDEV_XDP_ACT_REDIRECT, "a veth does not redirect: %#lx", (long)f.xdp);
	CHECK(!(f.xdp & NETDEV_XDP_ACT_XSK_ZEROCOPY), "a veth does zero-copy: %#lx", (long)f.xdp);
	xskpmd_netdev_close(&nd);

	netdev_open(&nd, tap->dev);
	CHECK_OK(xskpmd_netdev_xdp_features(&nd, &f), "features of a tap");
	CHECK(f.xdp & NETDEV_XDP_ACT_BASIC, "a tap has no native XDP: %#lx", (long)f.xdp);
	xskpmd_netdev_close(&nd);

	netdev_open(&nd, "lo");
	CHECK_OK(xskpmd_netdev_xdp_features(&nd, &f), "features of lo");
	CHECK_INT(f.xdp, ==, 0, "XDP features of lo");
	nd.ifindex = 9999;
	CHECK_INT(xskpmd_netdev_xdp_features(&nd, &f), ==, -ENODEV, "features of none");
	xskpmd_netdev_close(&nd);
}

/* A veth has one NAPI instance per receive queue while it has a program; settings stick. */
static void
napi_settings(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(2);
	struct xt_port *p = xt_port(w);
	struct xskpmd_napi napis[4], now;
	struct xskpmd_netdev nd;
	uint32_t id;
	int n;

	netdev_open(&nd, w->dev);
	n = xskpmd_napi_list(&nd, napis, RTE_DIM(napis));
	if (n == -EOPNOTSUPP)
		SKIP("netdev napi-get (Linux 6.8)");
	CHECK_INT(n, ==, 0, "NAPI instances of a veth without a program");
	xt_port_up(p);
	CHECK_INT(xskpmd_napi_list(&nd, napis, RTE_DIM(napis)), ==, 2, "NAPI instances");
	CHECK_INT(xskpmd_napi_list(&nd, napis, 1), ==, 1, "NAPI instances, of one that fits");
	CHECK_INT(napis[0].ifindex, ==, nd.ifindex, "interface of the NAPI instance");
	CHECK_OK(xskpmd_napi_get(&nd, napis[0].id, &now), "napi-get");
	CHECK_INT(now.id, ==, napis[0].id, "id of the NAPI instance");
	/* veth does not tie its queues to its instances; a NIC does */
	CHECK_INT(xskpmd_netdev_queue_napi(&nd, 0, false, &id), ==, -ENOENT, "NAPI of a veth's queue");
	CHECK_INT(xskpmd_netdev_queue_napi(&nd, 7, false, &id), <, 0, "NAPI of a queue there is not");
	if (!now.has_settings)
		SKIP("netdev napi-set (Linux 6.13)");
	now.defer_hard_irqs = 3;
	now.gro_flush_timeout = 5000000000;
	now.irq_suspend_timeout = 70000;
	CHECK_OK(xskpmd_napi_set(&nd, &now), "napi-set");
	memset(&now, 0, sizeof(now));
	CHECK_OK(xskpmd_napi_get(&nd, napis[0].id, &now), "napi-get");
	CHECK_INT(now.defer_hard_irqs, ==, 3, "defer_hard_irqs");
	CHECK_INT(now.gro_flush_timeout, ==, 5000000000, "gro_flush_timeout");
	CHECK_INT(now.irq_suspend_timeout, ==, 70000, "irq_suspend_timeout");
	now.defer_hard_irqs = 0;
	now.gro_flush_timeout = 0;
	CHECK_OK(xskpmd_napi_set(&nd, &now), "napi-set");
	CHECK_INT(xskpmd_napi_get(&nd, 0xfffffff0, &now), ==, -ENOENT, "a NAPI there is not");
	xskpmd_netdev_close(&nd);
}

const struct xt_case func_info_cases[] = {
	{"netdev_features", "XDP features of veth, tap and lo by generic netlink", netdev_features,
	 NULL, 0, 0},
	{"napi_settings", "NAPI instances and their settings by generic netlink", napi_settings,
	 NULL, 0, 0},
	{0},
};
