/* SPDX-License-Identifier: BSD-3-Clause */

/* The port's link: asked for, set, and watched. */

#include <errno.h>
#include <string.h>

#include "xskpmd_ethdev.h"
#include "xskpmd_logs.h"

int
xskpmd_link_update(struct rte_eth_dev *dev, int wait __rte_unused)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	struct rte_eth_link link = { 0 };
	struct xskpmd_netdev_link now;

	if (xskpmd_netdev_link_get(&port->netdev, &now) == 0) {
		link.link_status = now.up ? RTE_ETH_LINK_UP : RTE_ETH_LINK_DOWN;
		link.link_speed = now.speed == UINT32_MAX ? RTE_ETH_SPEED_NUM_UNKNOWN : now.speed;
		link.link_duplex = now.full_duplex ? RTE_ETH_LINK_FULL_DUPLEX :
						     RTE_ETH_LINK_HALF_DUPLEX;
		link.link_autoneg = now.autoneg ? RTE_ETH_LINK_AUTONEG : RTE_ETH_LINK_FIXED;
	}
	return rte_eth_linkstatus_set(dev, &link); /* an interface that is gone is down */
}

static int
link_set(struct rte_eth_dev *dev, bool up)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	bool was;
	int ret = xskpmd_netdev_up_set(&port->netdev, up, &was);

	if (ret != 0) {
		XSKPMD_LOG(ERR, "%s: cannot set %s %s: %s: %s", port->name, port->ifname,
			   up ? "up" : "down", strerror(-ret),
			   ret == -EPERM ? "give the process CAP_NET_ADMIN" : "see the kernel log");
		return ret;
	}
	if (!port->up_changed)
		port->up_found = was;
	port->up_changed = up != port->up_found;
	xskpmd_link_update(dev, 0);
	return 0;
}

int
xskpmd_link_set_up(struct rte_eth_dev *dev)
{
	return link_set(dev, true);
}

int
xskpmd_link_set_down(struct rte_eth_dev *dev)
{
	return link_set(dev, false);
}

/* ---- events ------------------------------------------------------------------------------- */

/* What the application was last told counts, not what data->dev_link holds: reading the link in
 * between must not eat the event.
 */
static void
link_changed(struct rte_eth_dev *dev)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	struct rte_eth_link link;

	xskpmd_link_update(dev, 0);
	if (!__atomic_load_n(&port->link_watched, __ATOMIC_ACQUIRE) || !dev->data->dev_conf.intr_conf.lsc)
		return;
	rte_eth_linkstatus_get(dev, &link);
	if (__atomic_exchange_n(&port->link_told, link.link_status, __ATOMIC_ACQ_REL) !=
	    link.link_status)
		rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_INTR_LSC, NULL);
}

static void
link_removed(struct rte_eth_dev *dev)
{
	struct xskpmd_port *port = xskpmd_port(dev);

	__atomic_store_n(&port->removed, true, __ATOMIC_RELEASE);
	XSKPMD_LOG(WARNING, "%s: %s is gone, deleted or moved to another network namespace: close the "
		   "port", port->name, port->ifname);
	rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_INTR_RMV, NULL);
}

/* In the interrupt thread. The application may close the port in its callback: nothing is
 * touched after it.
 */
static void
link_event(void *arg, enum xskpmd_event_what what)
{
	struct rte_eth_dev *dev = arg;
	const struct xskpmd_port *port = xskpmd_port(dev);

	switch (what) {
	case XSKPMD_EVENT_LINK:
		link_changed(dev);
		break;
	case XSKPMD_EVENT_REMOVED:
		link_removed(dev);
		break;
	case XSKPMD_EVENT_DETACHED:
		XSKPMD_LOG(WARNING, "%s: somebody has removed the XDP program from %s, so that nothing is "
			   "received: stop the port and start it again", port->name, port->ifname);
		rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_QUEUE_STATE, NULL);
		break;
	}
}

int
xskpmd_link_watch(struct rte_eth_dev *dev)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	int ret = xskpmd_event_open(&port->netdev.netns, port->netdev.ifindex, link_event, dev,
				    &port->event);

	if (ret != 0)
		XSKPMD_LOG(ERR, "%s: cannot watch %s: %s: it takes a netlink socket and a file descriptor "
			   "(ulimit -n)", port->name, port->ifname, strerror(-ret));
	return ret;
}

void
xskpmd_link_start(struct rte_eth_dev *dev)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	struct rte_eth_link link;

	xskpmd_event_expect_prog(port->event, true);
	xskpmd_link_update(dev, 0);
	rte_eth_linkstatus_get(dev, &link);
	__atomic_store_n(&port->link_told, link.link_status, __ATOMIC_RELEASE);
	__atomic_store_n(&port->link_watched, true, __ATOMIC_RELEASE);
	link_changed(dev); /* while nobody watched */
}

void
xskpmd_link_stop(struct rte_eth_dev *dev)
{
	__atomic_store_n(&xskpmd_port(dev)->link_watched, false, __ATOMIC_RELEASE);
}

int
xskpmd_link_is_removed(struct rte_eth_dev *dev)
{
	const struct xskpmd_port *port = xskpmd_port(dev);
	char name[IFNAMSIZ];
	int ret;

	if (__atomic_load_n(&port->removed, __ATOMIC_ACQUIRE))
		return 1;
	ret = xskpmd_netdev_name(&port->netdev, name);
	return ret == -ENODEV || ret == -ENXIO;
}

int
xskpmd_link_speeds(struct rte_eth_dev *dev)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	const uint32_t speeds = dev->data->dev_conf.link_speeds;
	int ret;

	if (speeds == RTE_ETH_LINK_SPEED_AUTONEG) {
		xskpmd_speed_restore(&port->netdev, &port->speed_found);
		return 0;
	}
	ret = xskpmd_speed_set(&port->netdev, speeds, &port->speed_found);
	if (ret != 0)
		XSKPMD_LOG(ERR, "%s: %s cannot be set to link_speeds=0x%x%s: %s: use "
			   "RTE_ETH_LINK_SPEED_AUTONEG, which leaves it as it is, or flags of speed_capa "
			   "(0x%x)", port->name, port->ifname, speeds,
			   speeds & RTE_ETH_LINK_SPEED_FIXED ? " (fixed)" : "", strerror(-ret),
			   xskpmd_speed_capa(&port->netdev));
	return ret;
}

void
xskpmd_link_restore(struct xskpmd_port *port)
{
	xskpmd_speed_restore(&port->netdev, &port->speed_found);
	if (port->up_changed)
		xskpmd_netdev_up_set(&port->netdev, port->up_found, NULL);
}
