/* SPDX-License-Identifier: BSD-3-Clause */

/* The kernel's network interface. The only room that speaks ioctl, packet-socket
 * memberships, rtnetlink, ethtool, netdev-genl and sysfs.
 *
 * All functions are for control threads. They return 0 or -errno and log nothing:
 * the caller knows what was asked and of whom.
 */

#ifndef _XSKPMD_NETDEV_H_
#define _XSKPMD_NETDEV_H_

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>

#include "xskpmd_netns.h"

/** An interface, known by its index: it may be renamed. */
struct xskpmd_netdev {
	int ifindex;     /**< within netns; 0: none */
	int ctl_fd;      /**< datagram socket for ioctls; owned; -1: none */
	int member_fd;   /**< packet socket that holds the memberships; owned; -1: none */
	int genl_fd;     /**< generic netlink, for xskpmd_genl.c; owned; -1: none */
	struct xskpmd_netns netns; /**< where it lives; owned */
};

/** Limits of frames, bytes. */
#define XSKPMD_L2_OVERHEAD 18u /* Ethernet header and one VLAN tag; AF_XDP sees no FCS */

/** What ethtool calls channels: queues in use, each way. */
struct xskpmd_channels {
	unsigned int rx; /**< combined and Rx-only ones; at least 1 */
	unsigned int tx; /**< combined and Tx-only ones; at least 1 */
};

/** Link as the kernel has it. */
struct xskpmd_netdev_link {
	bool up;            /**< administratively up and with carrier */
	bool full_duplex;
	bool autoneg;
	uint32_t speed;     /**< Mb/s; UINT32_MAX: unknown */
};

/** An object that xskpmd_netdev_close() accepts. */
#define XSKPMD_NETDEV_NONE { .ctl_fd = -1, .member_fd = -1, .genl_fd = -1, \
			     .netns = XSKPMD_NETNS_NONE }

/**
 * Find an interface by name.
 * @param netns  where, as xskpmd_netns_open() takes it; becomes the object's, also on failure
 * @return 0, -ENODEV, or -errno of socket()
 */
int xskpmd_netdev_open(struct xskpmd_netdev *nd, const char *ifname, struct xskpmd_netns *netns);

/** The same by index, which outlives a change of name. @return 0; -ENODEV (-ENXIO) if there is none */
int xskpmd_netdev_open_index(struct xskpmd_netdev *nd, int ifindex, struct xskpmd_netns *netns);

/** Let go of the interface: memberships end here. Accepts a half-open object. */
void xskpmd_netdev_close(struct xskpmd_netdev *nd);

/** The present name. @return 0; -ENODEV (-ENXIO) if the interface is gone */
int xskpmd_netdev_name(const struct xskpmd_netdev *nd, char name[IFNAMSIZ]);

/** Channels in use (ETHTOOL_GCHANNELS); one each way if the device does not speak of channels. */
int xskpmd_netdev_channels(const struct xskpmd_netdev *nd, struct xskpmd_channels *ch);
/** The MAC address. @return 0; -EAFNOSUPPORT if the interface is not Ethernet (or lo); -errno */
int xskpmd_netdev_mac_get(const struct xskpmd_netdev *nd, struct rte_ether_addr *mac);
/** Set it (SIOCSIFHWADDR): for all users, until somebody sets another. @return 0; -EBUSY if the
 *  driver wants the interface down first; -EADDRNOTAVAIL for a multicast address; -errno */
int xskpmd_netdev_mac_set(const struct xskpmd_netdev *nd, const struct rte_ether_addr *mac);
/** The MTU, bytes after the Ethernet header, without VLAN tags. */
int xskpmd_netdev_mtu_get(const struct xskpmd_netdev *nd, unsigned int *mtu);
/** Set it (SIOCSIFMTU): for all users. @return 0; -EINVAL beyond the device's limits, which an XDP
 *  program may lower; -errno */
int xskpmd_netdev_mtu_set(const struct xskpmd_netdev *nd, unsigned int mtu);
/** Set the interface up or down, as `ip link set` does; was: what it was, may be NULL. */
int xskpmd_netdev_up_set(const struct xskpmd_netdev *nd, bool up, bool *was);
/** Whether it is up and has a carrier: packets given to it would be sent. Never waits for the device. */
bool xskpmd_netdev_has_carrier(const struct xskpmd_netdev *nd);
/** The state now, and what the device says of speed and duplex (ETHTOOL_GLINKSETTINGS). */
int xskpmd_netdev_link_get(const struct xskpmd_netdev *nd, struct xskpmd_netdev_link *link);

/** Set or clear promiscuous (or allmulticast) mode by membership of a packet socket: the
 *  kernel counts the members, and ends ours if the process dies (packet(7)).
 */
int xskpmd_netdev_promisc(struct xskpmd_netdev *nd, bool on);
int xskpmd_netdev_allmulti(struct xskpmd_netdev *nd, bool on);

/** Receive a further unicast, or multicast, address; by membership, too. Not counted here: joining
 *  twice is as joining once.
 */
int xskpmd_netdev_address(struct xskpmd_netdev *nd, const struct rte_ether_addr *a, bool on);

/** An ethtool command (linux/ethtool.h), for xskpmd_ethtool.c and xskpmd_speed.c.
 *  @param cmd  in and out; of the size that the command wants
 *  @return 0; -EOPNOTSUPP if the device does not know it; -errno */
int xskpmd_netdev_ethtool(const struct xskpmd_netdev *nd, void *cmd);

/** NUMA node of the device. @return the node, or -1 if it has none or does not say */
int xskpmd_netdev_numa_node(const struct xskpmd_netdev *nd);

#endif /* _XSKPMD_NETDEV_H_ */
