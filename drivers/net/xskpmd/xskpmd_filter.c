/* SPDX-License-Identifier: BSD-3-Clause */

/* Further MAC addresses, multicast addresses, promiscuous modes, VLANs: what the port receives besides its
 * own address and broadcasts.
 *
 * Addresses are memberships of a packet socket, so the kernel passes them on to the device,
 * counts them with those of others, and ends them with the process. VLANs are a bitmap
 * that the XDP program looks into; see bpf/xskpmd.bpf.c. It sees a tag only if the NIC leaves
 * it in the packet, so that is turned off while somebody filters.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "xskpmd_ethdev.h"
#include "xskpmd_logs.h"

/* ---- addresses ---------------------------------------------------------------------------- */

static int
address_join(const struct xskpmd_port *port, struct xskpmd_netdev *nd, const struct rte_ether_addr *a)
{
	int ret;

	xskpmd_show_lock(); /* its socket may be made here, or at a secondary process's request */
	ret = xskpmd_netdev_address(nd, a, true);
	xskpmd_show_unlock();
	if (ret != 0)
		XSKPMD_LOG(ERR, "%s: %s does not take the address " RTE_ETHER_ADDR_PRT_FMT ": %s: use fewer, "
			   "or promiscuous (allmulticast) mode", port->name, port->ifname,
			   RTE_ETHER_ADDR_BYTES(a), strerror(-ret));
	return ret;
}

int
xskpmd_mac_addr_add(struct rte_eth_dev *dev, struct rte_ether_addr *mac, uint32_t index,
		    uint32_t vmdq __rte_unused)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	int ret;

	if (rte_is_multicast_ether_addr(mac)) {
		XSKPMD_LOG(ERR, "%s: " RTE_ETHER_ADDR_PRT_FMT " is no unicast address: use "
			   "rte_eth_dev_set_mc_addr_list()", port->name, RTE_ETHER_ADDR_BYTES(mac));
		return -EINVAL;
	}
	if (port->mac_joined & RTE_BIT64(index))
		return 0; /* ethdev adds all of them again at each start */
	ret = address_join(port, &port->netdev, mac);
	if (ret == 0)
		port->mac_joined |= RTE_BIT64(index);
	return ret;
}

void
xskpmd_mac_addr_remove(struct rte_eth_dev *dev, uint32_t index)
{
	struct xskpmd_port *port = xskpmd_port(dev);

	if (port->mac_joined & RTE_BIT64(index))
		xskpmd_netdev_address(&port->netdev, &port->macs[index], false);
	port->mac_joined &= ~RTE_BIT64(index);
}

static bool
list_has(const struct rte_ether_addr *list, uint32_t n, const struct rte_ether_addr *a)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		if (rte_is_same_ether_addr(&list[i], a))
			return true;
	return false;
}

/** Leave the addresses of a list that are not in another. */
static void
leave_others(struct xskpmd_netdev *nd, const struct rte_ether_addr *list, uint32_t n,
	     const struct rte_ether_addr *keep, uint32_t nb_keep)
{
	uint32_t i;

	for (i = 0; i < n; i++)
		if (!list_has(keep, nb_keep, &list[i]))
			xskpmd_netdev_address(nd, &list[i], false);
}

/* What is in both lists is never left, so that no packet is missed. If an address cannot be
 * joined, the old list stays.
 */
int
xskpmd_set_mc_addr_list(struct rte_eth_dev *dev, struct rte_ether_addr *list, uint32_t n)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	struct rte_ether_addr *copy;
	uint32_t i;
	int ret = 0;

	for (i = 0; i < n; i++)
		if (!rte_is_multicast_ether_addr(&list[i])) {
			XSKPMD_LOG(ERR, "%s: " RTE_ETHER_ADDR_PRT_FMT " is no multicast address: use "
				   "rte_eth_dev_mac_addr_add()", port->name,
				   RTE_ETHER_ADDR_BYTES(&list[i]));
			return -EINVAL;
		}
	copy = malloc(RTE_MAX(n, 1u) * sizeof(*copy));
	if (copy == NULL)
		return -ENOMEM;
	for (i = 0; i < n && ret == 0; i++) {
		copy[i] = list[i];
		if (!list_has(port->mc, port->nb_mc, &list[i]))
			ret = address_join(port, &port->netdev, &list[i]);
	}
	if (ret != 0) {
		leave_others(&port->netdev, copy, i - 1, port->mc, port->nb_mc);
		free(copy);
		return ret;
	}
	leave_others(&port->netdev, port->mc, port->nb_mc, copy, n);
	free(port->mc);
	port->mc = copy;
	port->nb_mc = n;
	return 0;
}

/* ---- modes ------------------------------------------------------------------------------- */

/* A secondary process may ask the primary's thread for messages for the same. */
static int
set_mode(struct rte_eth_dev *dev, int (*set)(struct xskpmd_netdev *nd, bool on), bool on)
{
	int ret;

	xskpmd_show_lock();
	ret = set(&xskpmd_port(dev)->netdev, on);
	xskpmd_show_unlock();
	return ret;
}

int
xskpmd_promisc_enable(struct rte_eth_dev *dev)
{
	return set_mode(dev, xskpmd_netdev_promisc, true);
}

int
xskpmd_promisc_disable(struct rte_eth_dev *dev)
{
	return set_mode(dev, xskpmd_netdev_promisc, false);
}

int
xskpmd_allmulti_enable(struct rte_eth_dev *dev)
{
	return set_mode(dev, xskpmd_netdev_allmulti, true);
}

int
xskpmd_allmulti_disable(struct rte_eth_dev *dev)
{
	return set_mode(dev, xskpmd_netdev_allmulti, false);
}

/* ---- VLANs -------------------------------------------------------------------------------- */

/** Let the NIC leave VLAN tags in the packets. */
static void
vlan_keep_tags(const struct xskpmd_port *port)
{
	bool on;
	int ret;

	if (xskpmd_ethtool_rxvlan_get(&port->netdev, &on) != 0 || !on)
		return;
	ret = xskpmd_ethtool_rxvlan_set(&port->netdev, false);
	if (ret == 0)
		xskpmd_prog_rxvlan_note(port->prog);
	else
		XSKPMD_LOG(WARNING, "%s: %s takes VLAN tags off by itself, and that cannot be turned off "
			   "(ethtool -K %s rxvlan off): %s: tagged packets pass the VLAN filter, without "
			   "their tags", port->name, port->ifname, port->ifname, strerror(-ret));
}

void
xskpmd_vlan_restore(struct xskpmd_port *port)
{
	if (port->prog != NULL && xskpmd_prog_rxvlan_due(port->prog))
		xskpmd_ethtool_rxvlan_set(&port->netdev, true);
}

static int
vlan_apply(struct rte_eth_dev *dev, const struct rte_vlan_filter_conf *conf)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	uint16_t q;
	int ret = 0;

	if (conf != NULL && xskpmd_vlan_capa(port) != 0)
		vlan_keep_tags(port);
	for (q = 0; q < dev->data->nb_rx_queues && ret == 0; q++)
		ret = xskpmd_prog_vlan_set(port->prog, port->conf.start_queue + q,
					   conf != NULL ? conf->ids : NULL);
	if (ret != 0)
		XSKPMD_LOG(ERR, "%s: cannot set the VLAN filter of %s: %s%s", port->name, port->ifname,
			   strerror(-ret), ret == -ENOTSUP ?
			   ": a program given with xdp_prog= has none" : "");
	return ret;
}

int
xskpmd_vlan_filter_set(struct rte_eth_dev *dev, uint16_t vid, int on)
{
	struct rte_vlan_filter_conf conf = dev->data->vlan_filter_conf;

	if (!dev->data->dev_started)
		return 0; /* start applies what ethdev notes */
	if (on)
		conf.ids[vid / 64] |= RTE_BIT64(vid % 64);
	else
		conf.ids[vid / 64] &= ~RTE_BIT64(vid % 64);
	return vlan_apply(dev, &conf);
}

int
xskpmd_vlan_start(struct rte_eth_dev *dev)
{
	if (!(dev->data->dev_conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_VLAN_FILTER))
		return 0;
	return vlan_apply(dev, &dev->data->vlan_filter_conf);
}

void
xskpmd_vlan_stop(struct rte_eth_dev *dev)
{
	if (xskpmd_port(dev)->prog != NULL && xskpmd_vlan_capa(xskpmd_port(dev)) != 0)
		vlan_apply(dev, NULL);
}

int
xskpmd_vlan_offload_set(struct rte_eth_dev *dev, int mask)
{
	const bool on = dev->data->dev_conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_VLAN_FILTER;

	if (!(mask & RTE_ETH_VLAN_FILTER_MASK) || !dev->data->dev_started)
		return 0;
	return vlan_apply(dev, on ? &dev->data->vlan_filter_conf : NULL);
}

uint64_t
xskpmd_vlan_capa(const struct xskpmd_port *port)
{
	return xskpmd_conf_has_own_prog(&port->conf) ? RTE_ETH_RX_OFFLOAD_VLAN_FILTER : 0;
}
