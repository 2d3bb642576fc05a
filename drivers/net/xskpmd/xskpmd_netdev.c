/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <net/if_arp.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_string_fns.h>

#include "xskpmd_netdev.h"

int
xskpmd_netdev_name(const struct xskpmd_netdev *nd, char name[IFNAMSIZ])
{
	struct ifreq ifr = { .ifr_ifindex = nd->ifindex };

	if (ioctl(nd->ctl_fd, SIOCGIFNAME, &ifr) != 0)
		return -errno;
	strlcpy(name, ifr.ifr_name, IFNAMSIZ);
	return 0;
}

/** An ioctl on the interface, whatever its present name. */
static int
netdev_ioctl(const struct xskpmd_netdev *nd, unsigned long request, struct ifreq *ifr)
{
	int ret = xskpmd_netdev_name(nd, ifr->ifr_name);

	if (ret != 0)
		return ret;
	return ioctl(nd->ctl_fd, request, ifr) == 0 ? 0 : -errno;
}

int
xskpmd_netdev_ethtool(const struct xskpmd_netdev *nd, void *cmd)
{
	struct ifreq ifr = { .ifr_data = cmd };

	return netdev_ioctl(nd, SIOCETHTOOL, &ifr);
}

/** Open the sockets for questions, in the namespace, which becomes the object's. */
static int
netdev_open_sockets(struct xskpmd_netdev *nd, struct xskpmd_netns *netns)
{
	*nd = (struct xskpmd_netdev)XSKPMD_NETDEV_NONE;
	nd->netns = *netns;
	*netns = (struct xskpmd_netns)XSKPMD_NETNS_NONE;
	nd->ctl_fd = xskpmd_netns_socket(&nd->netns, AF_INET, SOCK_DGRAM, 0);
	if (nd->ctl_fd < 0)
		return nd->ctl_fd;
	/* Here, not when first used: in the network namespace of the interface. May fail. */
	nd->genl_fd = xskpmd_netns_socket(&nd->netns, AF_NETLINK, SOCK_RAW, NETLINK_GENERIC);
	return 0;
}

int
xskpmd_netdev_open(struct xskpmd_netdev *nd, const char *ifname, struct xskpmd_netns *netns)
{
	struct ifreq ifr = { .ifr_ifindex = 0 };
	int ret = netdev_open_sockets(nd, netns);

	strlcpy(ifr.ifr_name, ifname, sizeof(ifr.ifr_name));
	if (ret == 0 && ioctl(nd->ctl_fd, SIOCGIFINDEX, &ifr) != 0)
		ret = -errno;
	if (ret != 0)
		xskpmd_netdev_close(nd);
	else
		nd->ifindex = ifr.ifr_ifindex;
	return ret;
}

int
xskpmd_netdev_open_index(struct xskpmd_netdev *nd, int ifindex, struct xskpmd_netns *netns)
{
	char name[IFNAMSIZ];
	int ret = netdev_open_sockets(nd, netns);

	nd->ifindex = ifindex;
	if (ret == 0)
		ret = xskpmd_netdev_name(nd, name);
	if (ret != 0)
		xskpmd_netdev_close(nd);
	return ret;
}

void
xskpmd_netdev_close(struct xskpmd_netdev *nd)
{
	if (nd->member_fd >= 0)
		close(nd->member_fd);
	if (nd->ctl_fd >= 0)
		close(nd->ctl_fd);
	if (nd->genl_fd >= 0)
		close(nd->genl_fd);
	xskpmd_netns_close(&nd->netns);
	*nd = (struct xskpmd_netdev)XSKPMD_NETDEV_NONE;
}

int
xskpmd_netdev_channels(const struct xskpmd_netdev *nd, struct xskpmd_channels *ch)
{
	struct ethtool_channels cmd = { .cmd = ETHTOOL_GCHANNELS };
	int ret = xskpmd_netdev_ethtool(nd, &cmd);

	if (ret != 0 && ret != -EOPNOTSUPP)
		return ret;
	if (ret != 0)
		memset(&cmd, 0, sizeof(cmd));
	/* A device that does not speak of channels has one queue each way. */
	ch->rx = RTE_MAX(cmd.combined_count + cmd.rx_count, 1u);
	ch->tx = RTE_MAX(cmd.combined_count + cmd.tx_count, 1u);
	return 0;
}

int
xskpmd_netdev_mac_get(const struct xskpmd_netdev *nd, struct rte_ether_addr *mac)
{
	struct ifreq ifr = { .ifr_ifindex = 0 };
	int ret = netdev_ioctl(nd, SIOCGIFHWADDR, &ifr);

	if (ret != 0)
		return ret;
	if (ifr.ifr_hwaddr.sa_family != ARPHRD_ETHER && ifr.ifr_hwaddr.sa_family != ARPHRD_LOOPBACK)
		return -EAFNOSUPPORT;
	memcpy(mac->addr_bytes, ifr.ifr_hwaddr.sa_data, sizeof(mac->addr_bytes));
	return 0;
}

int
xskpmd_netdev_mac_set(const struct xskpmd_netdev *nd, const struct rte_ether_addr *mac)
{
	struct ifreq ifr = { .ifr_hwaddr.sa_family = ARPHRD_ETHER };

	memcpy(ifr.ifr_hwaddr.sa_data, mac->addr_bytes, sizeof(mac->addr_bytes));
	return netdev_ioctl(nd, SIOCSIFHWADDR, &ifr);
}

int
xskpmd_netdev_mtu_get(const struct xskpmd_netdev *nd, unsigned int *mtu)
{
	struct ifreq ifr = { .ifr_mtu = 0 };
	int ret = netdev_ioctl(nd, SIOCGIFMTU, &ifr);

	if (ret == 0)
		*mtu = ifr.ifr_mtu;
	return ret;
}

int
xskpmd_netdev_mtu_set(const struct xskpmd_netdev *nd, unsigned int mtu)
{
	struct ifreq ifr = { .ifr_mtu = mtu };

	return netdev_ioctl(nd, SIOCSIFMTU, &ifr);
}

/** Speed, duplex, autonegotiation; left alone if the device does not know them. */
static void
netdev_link_settings(const struct xskpmd_netdev *nd, struct xskpmd_netdev_link *link)
{
	union {
		struct ethtool_link_settings base;
		uint32_t room[sizeof(struct ethtool_link_settings) / 4 + 3 * SCHAR_MAX]; /* masks */
	} cmd = { .base = { .cmd = ETHTOOL_GLINKSETTINGS } };

	/* The first call is answered with the negated size of the masks. */
	if (xskpmd_netdev_ethtool(nd, &cmd) != 0 || cmd.base.link_mode_masks_nwords >= 0)
		return;
	cmd.base.cmd = ETHTOOL_GLINKSETTINGS;
	cmd.base.link_mode_masks_nwords = -cmd.base.link_mode_masks_nwords;
	if (xskpmd_netdev_ethtool(nd, &cmd) != 0)
		return;
	if (cmd.base.speed != (uint32_t)SPEED_UNKNOWN)
		link->speed = cmd.base.speed;
	link->full_duplex = cmd.base.duplex != DUPLEX_HALF;
	link->autoneg = cmd.base.autoneg == AUTONEG_ENABLE;
}

int
xskpmd_netdev_up_set(const struct xskpmd_netdev *nd, bool up, bool *was)
{
	struct ifreq ifr = { .ifr_flags = 0 };
	int ret = netdev_ioctl(nd, SIOCGIFFLAGS, &ifr);

	if (ret != 0)
		return ret;
	if (was != NULL)
		*was = ifr.ifr_flags & IFF_UP;
	if (!!(ifr.ifr_flags & IFF_UP) == up)
		return 0;
	ifr.ifr_flags ^= IFF_UP;
	return netdev_ioctl(nd, SIOCSIFFLAGS, &ifr);
}

static bool
is_running(const struct ifreq *ifr)
{
	return (ifr->ifr_flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING);
}

bool
xskpmd_netdev_has_carrier(const struct xskpmd_netdev *nd)
{
	struct ifreq ifr = { .ifr_flags = 0 };

	return netdev_ioctl(nd, SIOCGIFFLAGS, &ifr) == 0 && is_running(&ifr);
}

int
xskpmd_netdev_link_get(const struct xskpmd_netdev *nd, struct xskpmd_netdev_link *link)
{
	struct ifreq ifr = { .ifr_flags = 0 };
	int ret = netdev_ioctl(nd, SIOCGIFFLAGS, &ifr);

	if (ret != 0)
		return ret;
	*link = (struct xskpmd_netdev_link){
		.up = is_running(&ifr),
		.full_duplex = true,
		.speed = UINT32_MAX,
	};
	netdev_link_settings(nd, link);
	return 0;
}

static int
netdev_member(struct xskpmd_netdev *nd, int type, const struct rte_ether_addr *a, bool on)
{
	struct packet_mreq mreq = { .mr_ifindex = nd->ifindex, .mr_type = type };

	if (nd->member_fd < 0) {
		if (!on)
			return 0;
		/* Protocol 0: receives nothing. */
		nd->member_fd = xskpmd_netns_socket(&nd->netns, AF_PACKET, SOCK_RAW, 0);
		if (nd->member_fd < 0)
			return nd->member_fd;
	}
	if (a != NULL) {
		mreq.mr_alen = sizeof(*a);
		memcpy(mreq.mr_address, a, sizeof(*a));
	}
	/* Leave first, or a second join would have to be left twice. */
	if (setsockopt(nd->member_fd, SOL_PACKET, PACKET_DROP_MEMBERSHIP, &mreq, sizeof(mreq)) != 0 &&
	    !on)
		return errno == EADDRNOTAVAIL ? 0 : -errno;
	if (on && setsockopt(nd->member_fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &mreq,
			     sizeof(mreq)) != 0)
		return -errno;
	return 0;
}

int
xskpmd_netdev_promisc(struct xskpmd_netdev *nd, bool on)
{
	return netdev_member(nd, PACKET_MR_PROMISC, NULL, on);
}

int
xskpmd_netdev_allmulti(struct xskpmd_netdev *nd, bool on)
{
	return netdev_member(nd, PACKET_MR_ALLMULTI, NULL, on);
}

int
xskpmd_netdev_address(struct xskpmd_netdev *nd, const struct rte_ether_addr *a, bool on)
{
	return netdev_member(nd, rte_is_multicast_ether_addr(a) ? PACKET_MR_MULTICAST :
								  PACKET_MR_UNICAST, a, on);
}

static int
read_node(const char *path)
{
	char text[16];
	int fd, node = -1;
	ssize_t n;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (n > 0) {
		text[n] = '\0';
		node = atoi(text);
	}
	return node;
}

/* By the device's place on its bus, which ethtool tells: /sys/class/net shows the interfaces of
 * the namespace that /sys was mounted in, and those by their present names. Virtual interfaces
 * have no place; those of a bus other than PCI are found by name if at all.
 */
int
xskpmd_netdev_numa_node(const struct xskpmd_netdev *nd)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };
	char path[96], name[IFNAMSIZ];
	int node = -1;

	if (xskpmd_netdev_ethtool(nd, &info) == 0 && info.bus_info[0] != '\0' &&
	    strchr(info.bus_info, '/') == NULL) {
		snprintf(path, sizeof(path), "/sys/bus/pci/devices/%.31s/numa_node", info.bus_info);
		node = read_node(path);
	}
	if (node < 0 && nd->netns.fd < 0 && xskpmd_netdev_name(nd, name) == 0) {
		snprintf(path, sizeof(path), "/sys/class/net/%s/device/numa_node", name);
		node = read_node(path);
	}
	return node;
}
