/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* The UMEM registry over real pools, and how a socket's set-up unwinds; as any user. */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/if_tun.h>

#include <rte_mempool.h>

#include "suites.h"
#include "xskpmd_umem.h"
#include "xskpmd_xsk.h"

static void
registry(const void *arg __rte_unused)
{
	struct xskpmd_umem *a, *b, *c, *d;
	struct rte_mempool *one, *two;

	xt_eal_init();
	one = xt_pool(1000, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE);
	two = xt_pool(1000, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE);
	CHECK_OK(xskpmd_umem_get("t", one, 128, &a), "first get");
	CHECK_OK(xskpmd_umem_get("t", one, 128, &b), "second get");
	CHECK(a == b, "one pool has two UMEMs");
	CHECK_OK(xskpmd_umem_get("t", two, 128, &c), "get of another pool");
	CHECK(a != c, "two pools have one UMEM");
	CHECK_OK(xskpmd_umem_get("t", one, 256, &d), "get with another data_off");
	CHECK(a != d, "two geometries have one UMEM");
	CHECK(a->pool == one && c->pool == two && d->data_off == 256, "what the UMEMs are");
	xskpmd_umem_put(a);
	CHECK_OK(xskpmd_umem_get("t", one, 128, &a), "get after a put");
	CHECK(a == b, "a UMEM in use was dropped");
	xskpmd_umem_put(a);
	xskpmd_umem_put(b);
	xskpmd_umem_put(c);
	xskpmd_umem_put(d);
	xskpmd_umem_put(NULL);
	CHECK_OK(xskpmd_umem_get("t", one, 128, &a), "get after all puts");
	CHECK_INT(a->owned, ==, 0, "mbufs owned in a new UMEM");
	xskpmd_umem_put(a);
}

/* What the queues own together must be less than the pool; the refusal notes nothing. */
static void
owned(const void *arg __rte_unused)
{
	struct xskpmd_umem *u;
	const char *log;

	xt_eal_init();
	CHECK_OK(xskpmd_umem_get("t", xt_pool(1000, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE), 128, &u),
		 "get");
	CHECK_OK(xskpmd_umem_own("t", u, 600), "600 of 1000");
	xt_log_begin();
	CHECK_INT(xskpmd_umem_own("t", u, 512), ==, -ENOSPC, "another 512 of 1000");
	log = xt_log_end();
	CHECK(strstr(log, "1000") != NULL && strstr(log, "1112") != NULL,
	      "the log does not name both numbers: %s", log);
	CHECK_OK(xskpmd_umem_own("t", u, 399), "another 399");
	CHECK_INT(xskpmd_umem_own("t", u, 1), ==, -ENOSPC, "the last mbuf");
	CHECK_OK(xskpmd_umem_own("t", u, -600), "600 given back");
	CHECK_OK(xskpmd_umem_own("t", u, 512), "512");
	CHECK_INT(u->owned, ==, 911, "owned");
	xskpmd_umem_put(u);
}

static void
refused(const char *says, struct rte_mempool *mp)
{
	struct xskpmd_umem *u;
	const char *log;

	xt_log_begin();
	CHECK_INT(xskpmd_umem_get("port5", mp, 128, &u), ==, -EINVAL, "get");
	log = xt_log_end();
	CHECK(strstr(log, says) != NULL, "the log does not say \"%s\": %s", says, log);
	CHECK(strstr(log, mp->name) != NULL, "the log does not name the pool: %s", log);
}

static void
refusals(const void *arg __rte_unused)
{
	struct rte_mempool *mp;

	xt_eal_init();
	refused("1024", xt_pool(100, 0, 0, 1024));
	refused("1854", xt_pool(100, 0, 0, 1854));
	mp = rte_mempool_create("no_mbufs", 100, 64, 0, 0, NULL, NULL, NULL, NULL,
				SOCKET_ID_ANY, 0);
	CHECK(mp != NULL, "mempool");
	refused("mbuf", mp);
}

/* A network of our own, as root or not, with a tap. */
static int
own_tap(char name[IFNAMSIZ])
{
	struct ifreq ifr = {.ifr_flags = IFF_TAP | IFF_NO_PI, .ifr_name = "unit0"};
	int fd;

	if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
		SKIP("a user and network namespace: %s", strerror(errno));
	fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
	if (fd < 0 || ioctl(fd, TUNSETIFF, &ifr) != 0)
		SKIP("a tap: %s", strerror(errno));
	snprintf(name, IFNAMSIZ, "%s", ifr.ifr_name);
	return fd;
}

/* Each system call of open and bind fails in turn: an error, or success; no fd is left. */
static void
xsk_unwinds(const void *arg __rte_unused)
{
	char ifname[IFNAMSIZ];
	struct xskpmd_xsk_req req = {.name = "t", .ifname = ifname, .rx_size = 64, .tx_size = 64,
		.fill_size = 128, .comp_size = 64};
	struct xskpmd_xsk xsk = XSKPMD_XSK_NONE;
	unsigned int n, failures = 0;
	struct xskpmd_umem *umem;
	const char *which;
	int ret;

	own_tap(ifname); /* before EAL has threads: they cannot move */
	xt_eal_init();
	/* few: the locked-memory limit counts what the kernel has not yet let go of */
	CHECK_OK(xskpmd_umem_get("t", xt_pool(32, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE), 128, &umem),
		 "get");
	req.umem = umem;
	req.ifindex = if_nametoindex(ifname);
	xt_state_begin();
	for (n = 1; n < 100; n++) {
		xt_fault_arm(XT_FAULT_SOCKET | XT_FAULT_MMAP, n);
		ret = xskpmd_xsk_open(&req, &xsk);
		if (ret == 0)
			ret = xskpmd_xsk_bind(&req, &xsk);
		xt_fault_disarm(&which);
		xt_note("call %u, %s, failed: %d", n, which, ret);
		if (ret == -EPERM)
			SKIP("AF_XDP sockets (CAP_NET_RAW in the namespace)");
		failures += ret != 0;
		CHECK(ret == 0 || which != NULL, "open and bind fail by themselves: %d", ret);
		xskpmd_xsk_close(&xsk);
		xskpmd_xsk_close(&xsk); /* a closed one is accepted */
		CHECK_INT(xsk.fd, ==, -1, "fd after close");
		xt_state_check("after close");
		if (which == NULL)
			break;
	}
	CHECK_INT(n, >, 10, "calls");
	CHECK_INT(failures, >=, 8, "failures noticed");
	xskpmd_umem_put(umem);
}

const struct xt_case unit_umem_cases[] = {
	{"umem_registry", "one UMEM for each pool and geometry, counted", registry, NULL, XT_UNIT,
	 0},
	{"umem_owned", "a pool too small for its queues is refused with both numbers", owned, NULL,
	 XT_UNIT, 0},
	{"umem_refused", "pools that cannot be a UMEM", refusals, NULL, XT_UNIT, 0},
	{"xsk_unwinds", "open and bind with the n-th call failing, for every n", xsk_unwinds, NULL,
	 XT_UNIT, 0},
	{0},
};
