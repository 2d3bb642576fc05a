/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* How a socket's set-up unwinds; as any user. */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/if_tun.h>

#include <rte_mempool.h>

#include "unit.h"
#include "xskpmd_umem.h"
#include "xskpmd_xsk.h"

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

const struct xt_case unit_xsk_cases[] = {
	{"xsk_unwinds", "open and bind with the n-th call failing, for every n", xsk_unwinds, NULL,
	 XT_UNIT, 0},
	{0},
};
