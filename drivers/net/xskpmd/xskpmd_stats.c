/* SPDX-License-Identifier: BSD-3-Clause */

/* Statistics: our counters and the kernel's, less what they were at the last reset. */

#include <string.h>
#include <sys/socket.h>

#include "xskpmd_compat.h"
#include "xskpmd_ethdev.h"

/** The kernel's counters of a queue since probe: of closed sockets and of the open one. */
static void
kernel_stats(const struct xskpmd_pair *pair, struct xdp_statistics *sum)
{
	struct xdp_statistics now = { 0 };
	socklen_t len = sizeof(now);

	*sum = pair->closed;
	if (pair->xsk.fd < 0 || getsockopt(pair->xsk.fd, SOL_XDP, XDP_STATISTICS, &now, &len) != 0)
		return;
	sum->rx_dropped += now.rx_dropped;
	sum->rx_invalid_descs += now.rx_invalid_descs;
	sum->tx_invalid_descs += now.tx_invalid_descs;
	sum->rx_ring_full += now.rx_ring_full;
	sum->rx_fill_ring_empty_descs += now.rx_fill_ring_empty_descs;
	sum->tx_ring_empty_descs += now.tx_ring_empty_descs;
}

void
xskpmd_stats_collect(struct xskpmd_pair *pair)
{
	struct xdp_statistics sum;

	kernel_stats(pair, &sum);
	pair->closed = sum;
}

int
xskpmd_stats_get(struct rte_eth_dev *dev, struct rte_eth_stats *stats)
{
	const struct xskpmd_port *port = xskpmd_port(dev);
	uint16_t q;

	stats->rx_nombuf = 0;
	for (q = 0; q < port->nb_pairs; q++) {
		const struct xskpmd_pair *pair = &port->pairs[q];
		const struct xskpmd_rxq *rxq = pair->rxq;
		const struct xskpmd_txq *txq = pair->txq;
		struct rte_eth_stats s = { 0 };
		struct xdp_statistics k;

		kernel_stats(pair, &k);
		/* A packet dropped because the fill ring was empty is in rx_dropped, too. */
		s.imissed = k.rx_dropped + k.rx_ring_full - pair->base.rx_dropped -
			    pair->base.rx_ring_full;
		if (rxq != NULL) {
			s.ipackets = rxq->stats.packets - rxq->base.packets;
			s.ibytes = rxq->stats.bytes - rxq->base.bytes;
			s.ierrors = rxq->stats.too_long - rxq->base.too_long;
			s.rx_nombuf = rxq->stats.nombuf - rxq->base.nombuf;
		}
		if (txq != NULL) {
			uint64_t lost = txq->stats.dropped - txq->base.dropped +
					k.tx_invalid_descs - pair->base.tx_invalid_descs;

			/* Bytes of packets that the device dropped stay counted: the kernel does not
			 * say which packets they were.
			 */
			s.opackets = txq->stats.packets - txq->base.packets;
			s.opackets -= RTE_MIN(lost, s.opackets);
			s.obytes = txq->stats.bytes - txq->base.bytes;
			s.oerrors = txq->stats.bad - txq->base.bad + lost;
		}
		stats->ipackets += s.ipackets;
		stats->ibytes += s.ibytes;
		stats->imissed += s.imissed;
		stats->ierrors += s.ierrors;
		stats->rx_nombuf += s.rx_nombuf;
		stats->opackets += s.opackets;
		stats->obytes += s.obytes;
		stats->oerrors += s.oerrors;
		if (q < RTE_ETHDEV_QUEUE_STAT_CNTRS) {
			stats->q_ipackets[q] = s.ipackets;
			stats->q_ibytes[q] = s.ibytes;
			stats->q_opackets[q] = s.opackets;
			stats->q_obytes[q] = s.obytes;
			stats->q_errors[q] = s.imissed + s.ierrors;
		}
	}
	return 0;
}

int
xskpmd_stats_reset(struct rte_eth_dev *dev)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	uint16_t q;

	/* The data path owns its counters: a reset remembers them and subtracts. */
	for (q = 0; q < port->nb_pairs; q++) {
		struct xskpmd_pair *pair = &port->pairs[q];

		kernel_stats(pair, &pair->base);
		if (pair->rxq != NULL)
			pair->rxq->base = pair->rxq->stats;
		if (pair->txq != NULL)
			pair->txq->base = pair->txq->stats;
	}
	return 0;
}
