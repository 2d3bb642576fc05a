/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/*
 * Pairs of real NICs, wired to each other, instead of veth pairs. A case takes a pair into its
 * network namespace and finds it in a known state; the kernel gives both back to the first
 * namespace when the one of the case is gone, however the case ended.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/sockios.h>

#include "harness.h"

#define MAX_PAIRS 4
#define MAX_TABLE 2048

enum {
	DEV,
	PEER,
	ENDS,
};

/* A case may rename its NIC: it is known by where it is plugged in. */
struct nic {
	char name[IFNAMSIZ]; /* in the first namespace */
	char place[256];     /* folder of sysfs that names it */
};

static struct nic nics[MAX_PAIRS][ENDS];
static unsigned int nb_pairs;
static unsigned int my_pair;

bool
xt_is_nic(void)
{
	return nb_pairs > 0;
}

unsigned int
xt_nic_pairs(void)
{
	return nb_pairs;
}

/* Names of one end of each pair, with commas between them. */
static unsigned int
learn(const char *variable, unsigned int end)
{
	const char *names = getenv(variable);
	char path[64], real[PATH_MAX], *list, *name, *rest;
	unsigned int n = 0;

	if (names == NULL)
		return 0;
	list = rest = strdup(names);
	while ((name = strsep(&rest, ",")) != NULL && n < MAX_PAIRS) {
		struct nic *nic = &nics[n][end];

		snprintf(nic->name, sizeof(nic->name), "%s", name);
		snprintf(path, sizeof(path), "/sys/class/net/%s/device", nic->name);
		if (realpath(path, real) == NULL || strlen(real) + 5 > sizeof(nic->place)) {
			fprintf(stderr, "%s: %s is no NIC here\n", variable, nic->name);
			n = 0;
			break;
		}
		snprintf(nic->place, sizeof(nic->place), "%.*s/net",
			 (int)sizeof(nic->place) - 5, real);
		n++;
	}
	free(list);
	return n;
}

bool
xt_nic_begin(void)
{
	unsigned int peers = learn("XSKT_PEER", PEER);

	nb_pairs = learn("XSKT_DEV", DEV);
	if (nb_pairs != peers)
		nb_pairs = 0;
	return nb_pairs > 0;
}

/* Its name in this process's first namespace, "" while it is elsewhere. */
static void
name_here(const struct nic *nic, char *name)
{
	DIR *dir = opendir(nic->place);
	struct dirent *e;

	name[0] = '\0';
	if (dir == NULL)
		return;
	while ((e = readdir(dir)) != NULL) {
		if (e->d_name[0] != '.')
			snprintf(name, IFNAMSIZ, "%.*s", IFNAMSIZ - 1, e->d_name);
	}
	closedir(dir);
}

bool
xt_nic_is_back(unsigned int pair)
{
	char name[IFNAMSIZ];
	unsigned int end;

	for (end = 0; end < ENDS; end++) {
		name_here(&nics[pair][end], name);
		if (name[0] == '\0')
			return false;
	}
	return true;
}

static bool
all_back(void)
{
	unsigned int i;

	for (i = 0; i < nb_pairs; i++) {
		if (!xt_nic_is_back(i))
			return false;
	}
	return true;
}

void
xt_nic_use(unsigned int pair)
{
	unsigned int end;

	my_pair = pair;
	for (end = 0; end < ENDS; end++)
		name_here(&nics[pair][end], nics[pair][end].name);
}

void
xt_nic_end(void)
{
	char name[IFNAMSIZ];
	unsigned int i, end;

	for (i = 0; i < 1000 && !all_back(); i++)
		xt_sleep_ms(10);
	for (i = 0; i < nb_pairs; i++) {
		for (end = 0; end < ENDS; end++) {
			name_here(&nics[i][end], name);
			if (name[0] != '\0' && strcmp(name, nics[i][end].name) != 0)
				xt_link_rename(name, nics[i][end].name);
		}
	}
}

static int
ethtool(const char *name, void *cmd)
{
	struct ifreq ifr = {.ifr_data = cmd};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int ret = 0;

	CHECK(fd >= 0, "socket: %s", strerror(errno));
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	if (ioctl(fd, SIOCETHTOOL, &ifr) != 0)
		ret = -errno;
	close(fd);
	return ret;
}

uint32_t
xt_nic_flags(const char *dev)
{
	struct ethtool_value flags = {.cmd = ETHTOOL_GFLAGS};

	CHECK_OK(ethtool(dev, &flags), "flags of %s", dev);
	return flags.data;
}

const char *
xt_nic_driver(const char *dev)
{
	static struct ethtool_drvinfo info;

	info = (struct ethtool_drvinfo){.cmd = ETHTOOL_GDRVINFO};
	CHECK_OK(ethtool(dev, &info), "driver of %s", dev);
	return info.driver;
}

/* As many queues as the case wants; one of several will do where their number is fixed. */
static void
set_channels(const char *name, unsigned int nb_queues)
{
	struct ethtool_channels c = {.cmd = ETHTOOL_GCHANNELS};
	int ret = ethtool(name, &c);

	if (ret != 0 && nb_queues == 1)
		return;
	if (ret != 0 || c.max_combined < nb_queues)
		SKIP("%u queues of the NIC", nb_queues);
	if (c.combined_count == nb_queues)
		return;
	c.cmd = ETHTOOL_SCHANNELS;
	c.combined_count = nb_queues;
	ret = ethtool(name, &c);
	if (ret == -EOPNOTSUPP && nb_queues == 1)
		return;
	if (ret == -EOPNOTSUPP)
		SKIP("a number of queues that can be set");
	CHECK_OK(ret, "%u channels of %s", nb_queues, name);
}

/* A burst of a full Tx ring has room in the peer's: nothing is lost there. */
static void
set_rx_ring(const char *name, uint32_t size)
{
	struct ethtool_ringparam r = {.cmd = ETHTOOL_GRINGPARAM};

	if (ethtool(name, &r) != 0 || r.rx_pending >= RTE_MIN(size, r.rx_max_pending))
		return;
	r.cmd = ETHTOOL_SRINGPARAM;
	r.rx_pending = RTE_MIN(size, r.rx_max_pending);
	ethtool(name, &r);
}

/* What cases that failed may have left. */
static void
set_known_state(const char *name, unsigned int nb_queues)
{
	union {
		struct ethtool_perm_addr a;
		uint8_t room[sizeof(struct ethtool_perm_addr) + 6];
	} perm = {.a = {.cmd = ETHTOOL_GPERMADDR, .size = 6}};
	struct ethtool_rxfh reset = {.cmd = ETHTOOL_SRSSH, .rss_context = 0};
	struct ethtool_value flags = {.cmd = ETHTOOL_GFLAGS};
	struct xt_link l;

	xt_link_set_flag(name, IFF_UP | IFF_PROMISC | IFF_ALLMULTI, false);
	CHECK_OK(xt_link_get(name, &l), "interface %s", name);
	if (l.xdp_attached != XDP_ATTACHED_NONE)
		xt_link_xdp(name, -1, l.xdp_attached == XDP_ATTACHED_SKB ? XDP_FLAGS_SKB_MODE :
			    XDP_FLAGS_DRV_MODE);
	if (l.mtu != RTE_ETHER_MTU)
		xt_link_set_mtu(name, RTE_ETHER_MTU);
	if (ethtool(name, &perm) == 0 && memcmp(perm.a.data, l.mac, 6) != 0)
		xt_link_set_mac(name, perm.a.data);
	ethtool(name, &reset); /* a table that names a queue keeps it from being taken away */
	set_channels(name, nb_queues);
	if (ethtool(name, &flags) == 0 && !(flags.data & ETH_FLAG_RXVLAN)) {
		flags.cmd = ETHTOOL_SFLAGS;
		flags.data |= ETH_FLAG_RXVLAN;
		ethtool(name, &flags);
	}
}

/* From the namespace of the runner into that of the case. */
static void
fetch(const char *name, const char *as)
{
	int here = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	char path[64];
	int runner;

	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)getppid());
	runner = open(path, O_RDONLY | O_CLOEXEC);
	CHECK(here >= 0 && runner >= 0, "namespaces: %s", strerror(errno));
	CHECK_OK(setns(runner, CLONE_NEWNET), "setns: %s", strerror(errno));
	xt_link_set_up(name, false); /* so that it can be renamed by older kernels */
	xt_link_move(name, here);
	CHECK_OK(setns(here, CLONE_NEWNET), "setns: %s", strerror(errno));
	close(here);
	close(runner);
	if (strcmp(name, as) != 0)
		xt_link_rename(name, as);
}

void
xt_nic_take(const char *dev, const char *peer, unsigned int nb_queues)
{
	static bool taken;

	if (taken)
		SKIP("a second wire");
	taken = true;
	fetch(nics[my_pair][DEV].name, dev);
	fetch(nics[my_pair][PEER].name, peer);
	set_known_state(dev, nb_queues);
	set_known_state(peer, 1); /* which keeps the order of what the peer sends */
	set_rx_ring(peer, 2048);
	xt_link_set_flag(peer, IFF_PROMISC, true); /* it sees all, as that of a veth does */
}

void
xt_nic_steer(const char *dev, unsigned int queue)
{
	static union {
		struct ethtool_rxfh r;
		uint8_t room[sizeof(struct ethtool_rxfh) + MAX_TABLE * sizeof(uint32_t)];
	} u;
	unsigned int i;
	int ret;

	memset(&u, 0, sizeof(u));
	u.r.cmd = ETHTOOL_GRSSH;
	ret = ethtool(dev, &u.r);
	if (ret != 0 || u.r.indir_size == 0 || u.r.indir_size > MAX_TABLE)
		SKIP("an indirection table of the NIC");
	u.r.cmd = ETHTOOL_SRSSH;
	u.r.key_size = 0;
	for (i = 0; i < u.r.indir_size; i++)
		u.r.rss_config[i] = queue;
	CHECK_OK(ethtool(dev, &u.r), "all packets of %s to queue %u", dev, queue);
}

void
xt_nic_carrier(bool on)
{
	const char *command = getenv("XSKT_CARRIER");
	char line[512];

	if (command == NULL)
		SKIP("a command that pulls the cable (XSKT_CARRIER)");
	snprintf(line, sizeof(line), "%s %u %s", command, my_pair, on ? "on" : "off");
	CHECK_OK(system(line), "%s", line);
}
