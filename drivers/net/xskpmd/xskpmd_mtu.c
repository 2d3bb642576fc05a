/* SPDX-License-Identifier: BSD-3-Clause */

/* The port's MTU: the interface's own, as long as the buffers of the queues can take it. */

#include <errno.h>
#include <string.h>

#include "xskpmd_compat.h"
#include "xskpmd_ethdev.h"
#include "xskpmd_logs.h"

static int
mtu_apply(struct rte_eth_dev *dev, uint16_t mtu)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	int ret = xskpmd_netdev_mtu_set(&port->netdev, mtu);

	if (ret != 0) {
		XSKPMD_LOG(ERR, "%s: %s refuses MTU %u: %s: see ip -d link for its limits (a program that "
			   "is not multi-buffer lowers them)", port->name, port->ifname, mtu,
			   strerror(-ret));
		return ret;
	}
	port->mtu_changed = mtu != port->mtu_found;
	port->mtu_asked = true;
	return 0;
}

/* A port that only transmits copies into mbufs of its own, made for the MTU at start. */
static int
own_refuses(const struct xskpmd_port *port, const struct xskpmd_pair *pair, uint16_t mtu)
{
	uint32_t room;

	if (pair->own_umem == NULL || pair->umem != pair->own_umem || pair->xsk.fd < 0 || pair->txq->max_segs > 1)
		return 0;
	room = rte_pktmbuf_data_room_size(pair->own_umem->pool) - RTE_PKTMBUF_HEADROOM;
	if (mtu + XSKPMD_L2_OVERHEAD <= room)
		return 0;
	XSKPMD_LOG(ERR, "%s: MTU %u needs %u B per packet, Tx queue %u copies up to %u B while it runs: stop the "
		   "port first", port->name, mtu, mtu + XSKPMD_L2_OVERHEAD, pair->txq->queue_id, room);
	return -EBUSY;
}

int
xskpmd_mtu_set(struct rte_eth_dev *dev, uint16_t mtu)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	const uint32_t frame = mtu + XSKPMD_L2_OVERHEAD;
	uint16_t q;
	int ret = 0;

	/* Running queues keep their buffers: what does not fit would vanish. A stopped port's may be set up
	 * anew, for this very MTU (Open vSwitch does so, in this order): start judges them.
	 */
	for (q = 0; dev->data->dev_started && q < port->nb_pairs && ret == 0; q++) {
		const struct xskpmd_pair *pair = &port->pairs[q];
		uint32_t room;

		ret = own_refuses(port, pair, mtu);
		if (pair->rxq == NULL)
			continue;
		room = pair->xsk.zero_copy ? xskpmd_pair_nic_room(port, pair->rx_umem) : pair->rx_umem->geom.room;
		if (frame <= room || (pair->rxq->scatter && pair->xsk.sg))
			continue;
		XSKPMD_LOG(ERR, "%s: MTU %u needs %u B per packet, a buffer of pool %s receives %u B: use a "
			   "larger data room, or RTE_ETH_RX_OFFLOAD_SCATTER before start", port->name,
			   mtu, frame, pair->rxq->pool->name, room);
		return -EINVAL;
	}
	if (ret == 0)
		ret = mtu_apply(dev, mtu);
	if (ret != 0 || dev->data->dev_started)
		return ret;
	/* Start decides anew what the sockets need. */
	xskpmd_show_lock();
	xskpmd_queues_close(port);
	for (q = 0; q < port->nb_pairs; q++)
		xskpmd_pair_put_own_umem(&port->pairs[q]);
	xskpmd_show_unlock();
	return 0;
}

/* ethdev asks for an MTU of 1500 if the application named none. The interface is the
 * kernel's: its MTU stays unless another one was really asked for.
 */
int
xskpmd_mtu_configure(struct rte_eth_dev *dev)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	struct rte_eth_dev_data *data = dev->data;
	unsigned int now;
	int ret = xskpmd_netdev_mtu_get(&port->netdev, &now);

	if (ret != 0)
		return ret;
	now = RTE_MIN(now, (unsigned int)UINT16_MAX - XSKPMD_L2_OVERHEAD);
	if (data->mtu == RTE_ETHER_MTU || data->mtu == now) {
		port->mtu_asked = data->mtu != RTE_ETHER_MTU;
		port->mtu_told = false;
		data->mtu = now;
		data->dev_conf.rxmode.mtu = now;
		return 0;
	}
	/* The queues that are there may be set up anew before start, which judges them. */
	return mtu_apply(dev, data->mtu);
}
