/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* Interfaces: rtnetlink for what only it can do, ioctl for the rest. */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

#include "harness.h"
#include "xskpmd_netdev.h"

/* Send one request, give the answer (if any) to cb; 0 or -errno. */
static int
nl_talk(struct nlmsghdr *nlh, mnl_cb_t cb, void *data)
{
	char buf[32768];
	struct mnl_socket *nl;
	ssize_t len;
	int ret = 0;

	nl = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	CHECK(nl != NULL, "netlink socket: %s", strerror(errno));
	CHECK_OK(mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID), "netlink bind");
	nlh->nlmsg_seq = 1;
	CHECK_INT(mnl_socket_sendto(nl, nlh, nlh->nlmsg_len), >, 0, "netlink send");
	len = mnl_socket_recvfrom(nl, buf, sizeof(buf));
	CHECK_INT(len, >, 0, "netlink receive");
	if (mnl_cb_run(buf, len, 1, mnl_socket_get_portid(nl), cb, data) < 0)
		ret = -errno;
	mnl_socket_close(nl);
	return ret;
}

static struct nlmsghdr *
nl_start(void *buf, uint16_t type, uint16_t flags, int ifindex)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifm;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	ifm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifm));
	ifm->ifi_index = ifindex;
	return nlh;
}

static int
parse_xdp(const struct nlattr *attr, void *data)
{
	struct xt_link *l = data;

	if (mnl_attr_get_type(attr) == IFLA_XDP_ATTACHED)
		l->xdp_attached = mnl_attr_get_u8(attr);
	if (mnl_attr_get_type(attr) == IFLA_XDP_PROG_ID)
		l->xdp_prog_id = mnl_attr_get_u32(attr);
	return MNL_CB_OK;
}

static int
parse_attr(const struct nlattr *attr, void *data)
{
	struct xt_link *l = data;

	switch (mnl_attr_get_type(attr)) {
	case IFLA_MTU:
		l->mtu = mnl_attr_get_u32(attr);
		break;
	case IFLA_ADDRESS:
		if (mnl_attr_get_payload_len(attr) == sizeof(l->mac))
			memcpy(l->mac, mnl_attr_get_payload(attr), sizeof(l->mac));
		break;
	case IFLA_PROMISCUITY:
		l->promiscuity = mnl_attr_get_u32(attr);
		break;
	case IFLA_ALLMULTI:
		l->allmulti = mnl_attr_get_u32(attr);
		break;
	case IFLA_XDP:
		mnl_attr_parse_nested(attr, parse_xdp, l);
		break;
	}
	return MNL_CB_OK;
}

static int
parse_link(const struct nlmsghdr *nlh, void *data)
{
	const struct ifinfomsg *ifm = mnl_nlmsg_get_payload(nlh);
	struct xt_link *l = data;

	l->ifindex = ifm->ifi_index;
	l->flags = ifm->ifi_flags;
	mnl_attr_parse(nlh, sizeof(*ifm), parse_attr, l);
	return MNL_CB_OK;
}

int
xt_link_get(const char *name, struct xt_link *l)
{
	char buf[1024];
	struct nlmsghdr *nlh = nl_start(buf, RTM_GETLINK, 0, 0);

	memset(l, 0, sizeof(*l));
	nlh->nlmsg_flags &= ~NLM_F_ACK;
	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	return nl_talk(nlh, parse_link, l);
}

static void
put_queues(struct nlmsghdr *nlh, unsigned int nb_queues)
{
	mnl_attr_put_u32(nlh, IFLA_NUM_TX_QUEUES, nb_queues);
	mnl_attr_put_u32(nlh, IFLA_NUM_RX_QUEUES, nb_queues);
}

void
xt_link_veth(const char *name, const char *peer, unsigned int nb_queues)
{
	char buf[2048];
	struct nlmsghdr *nlh = nl_start(buf, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
	struct nlattr *info, *data, *other;

	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	put_queues(nlh, nb_queues);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	other = mnl_attr_nest_start(nlh, VETH_INFO_PEER);
	mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, peer);
	put_queues(nlh, nb_queues);
	mnl_attr_nest_end(nlh, other);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	CHECK_OK(nl_talk(nlh, NULL, NULL), "create veth %s", name);
}

void
xt_link_del(const char *name)
{
	char buf[1024];
	struct nlmsghdr *nlh = nl_start(buf, RTM_DELLINK, 0, if_nametoindex(name));

	CHECK_OK(nl_talk(nlh, NULL, NULL), "delete %s", name);
}

int
xt_link_xdp(const char *name, int prog_fd, uint32_t xdp_flags)
{
	char buf[1024];
	struct nlmsghdr *nlh = nl_start(buf, RTM_SETLINK, 0, if_nametoindex(name));
	struct nlattr *xdp = mnl_attr_nest_start(nlh, IFLA_XDP);

	mnl_attr_put_u32(nlh, IFLA_XDP_FD, prog_fd);
	mnl_attr_put_u32(nlh, IFLA_XDP_FLAGS, xdp_flags);
	mnl_attr_nest_end(nlh, xdp);
	return nl_talk(nlh, NULL, NULL);
}

static int
ifreq_ioctl(unsigned long request, const char *name, struct ifreq *ifr)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int ret = 0;

	CHECK(fd >= 0, "socket: %s", strerror(errno));
	snprintf(ifr->ifr_name, sizeof(ifr->ifr_name), "%s", name);
	if (ioctl(fd, request, ifr) != 0)
		ret = -errno;
	close(fd);
	return ret;
}

void
xt_link_set_flag(const char *name, unsigned int iff, bool on)
{
	struct ifreq ifr = {0};

	CHECK_OK(ifreq_ioctl(SIOCGIFFLAGS, name, &ifr), "get flags of %s", name);
	if (on)
		ifr.ifr_flags |= iff;
	else
		ifr.ifr_flags &= ~iff;
	CHECK_OK(ifreq_ioctl(SIOCSIFFLAGS, name, &ifr), "set flags of %s", name);
}

void
xt_link_set_up(const char *name, bool up)
{
	xt_link_set_flag(name, IFF_UP, up);
}

int
xt_link_try_mtu(const char *name, unsigned int mtu)
{
	struct ifreq ifr = {.ifr_mtu = mtu};

	return ifreq_ioctl(SIOCSIFMTU, name, &ifr);
}

void
xt_link_set_mtu(const char *name, unsigned int mtu)
{
	CHECK_OK(xt_link_try_mtu(name, mtu), "mtu %u of %s", mtu, name);
}

void
xt_link_set_mac(const char *name, const uint8_t mac[6])
{
	struct ifreq ifr = {.ifr_hwaddr.sa_family = ARPHRD_ETHER};

	memcpy(ifr.ifr_hwaddr.sa_data, mac, 6);
	CHECK_OK(ifreq_ioctl(SIOCSIFHWADDR, name, &ifr), "mac of %s", name);
}

/* To the network namespace of this file descriptor. */
void
xt_link_move(const char *name, int netns)
{
	char buf[1024];
	struct nlmsghdr *nlh = nl_start(buf, RTM_SETLINK, 0, if_nametoindex(name));

	mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, netns);
	CHECK_OK(nl_talk(nlh, NULL, NULL), "move %s", name);
}

void
xt_netdev_open(struct xskpmd_netdev *nd, const char *name)
{
	struct xskpmd_netns here = XSKPMD_NETNS_NONE;

	CHECK_OK(xskpmd_netdev_open(nd, name, &here), "open of %s", name);
}

void
xt_link_rename(const char *name, const char *to)
{
	struct ifreq ifr = {0};

	snprintf(ifr.ifr_newname, sizeof(ifr.ifr_newname), "%s", to);
	CHECK_OK(ifreq_ioctl(SIOCSIFNAME, name, &ifr), "rename %s", name);
}

void
xt_write_file(const char *text, const char *path_fmt, ...)
{
	char path[256];
	va_list ap;
	int fd;

	va_start(ap, path_fmt);
	vsnprintf(path, sizeof(path), path_fmt, ap);
	va_end(ap);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	CHECK(fd >= 0, "open %s: %s", path, strerror(errno));
	CHECK_INT(write(fd, text, strlen(text)), ==, strlen(text), "write to %s", path);
	close(fd);
}
