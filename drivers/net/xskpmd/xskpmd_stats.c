/* SPDX-License-Identifier: BSD-3-Clause */

/* Statistics: our counters and the kernel's, less what they were at the last reset. */

#include <string.h>
#include <sys/socket.h>

#include <rte_eal.h>

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

/** Counters since a reset. */
static void
subtract(void *now, const void *base, size_t size)
{
	xskpmd_counter *n = now;
	const xskpmd_counter *b = base;
	size_t i;

	for (i = 0; i < size / sizeof(*n); i++)
		n[i] -= b[i];
}

void
xskpmd_stats_collect(struct xskpmd_pair *pair)
{
	struct xdp_statistics sum;

	kernel_stats(pair, &sum);
	pair->closed = sum;
}

/** In the primary process, which has the sockets. */
static void
read_pair(const struct xskpmd_pair *pair, struct xskpmd_rx_values *rx, struct xskpmd_tx_values *tx)
{
	const struct xskpmd_rxq *rxq;
	const struct xskpmd_txq *txq;
	struct xdp_statistics k;
	uint64_t lost;

	xskpmd_show_lock(); /* DPDK's own telemetry asks, too, from a thread of its own */
	rxq = pair->rxq;
	txq = pair->txq;
	kernel_stats(pair, &k);
	subtract(&k, &pair->base, sizeof(k));
	*rx = (struct xskpmd_rx_values){ .xsk = k };
	*tx = (struct xskpmd_tx_values){ .xsk = k };
	/* A packet dropped because the fill ring was empty is in rx_dropped, too. */
	rx->missed = k.rx_dropped + k.rx_ring_full;
	if (rxq != NULL) {
		rx->own = rxq->stats;
		subtract(&rx->own, &rxq->base, sizeof(rx->own));
		rx->busy_poll = pair->xsk.fd >= 0 && rxq->busy_poll;
	}
	rx->errors = rx->missed + rx->own.too_long;
	if (txq != NULL) {
		tx->own = txq->stats;
		subtract(&tx->own, &txq->base, sizeof(tx->own));
		tx->own.dropped += pair->tx_dropped - pair->tx_dropped_base;
	}
	xskpmd_show_unlock();
	lost = tx->own.dropped + k.tx_invalid_descs;
	tx->errors = tx->own.bad + lost;
	/* Bytes of packets that the device dropped stay counted: the kernel does not say which
	 * packets they were.
	 */
	tx->own.packets -= RTE_MIN(lost, tx->own.packets);
}

int
xskpmd_stats_read(const struct xskpmd_port *port, uint16_t q, struct xskpmd_rx_values *rx,
		  struct xskpmd_tx_values *tx)
{
	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return xskpmd_secondary_statistics(port, q, rx, tx);
	read_pair(&port->pairs[q], rx, tx);
	return 0;
}

int
xskpmd_stats_get(struct rte_eth_dev *dev, struct rte_eth_stats *stats,
		 struct eth_queue_stats *queues)
{
	const struct xskpmd_port *port = xskpmd_port(dev);
	struct xskpmd_rx_values rx;
	struct xskpmd_tx_values tx;
	uint16_t q;
	int ret;

	stats->rx_nombuf = 0;
	for (q = 0; q < port->nb_pairs; q++) {
		ret = xskpmd_stats_read(port, q, &rx, &tx);
		if (ret != 0)
			return ret;
		stats->ipackets += rx.own.packets;
		stats->ibytes += rx.own.bytes;
		stats->imissed += rx.missed;
		stats->ierrors += rx.own.too_long;
		stats->rx_nombuf += rx.own.nombuf;
		stats->opackets += tx.own.packets;
		stats->obytes += tx.own.bytes;
		stats->oerrors += tx.errors;
		if (queues != NULL && q < RTE_ETHDEV_QUEUE_STAT_CNTRS) {
			queues->q_ipackets[q] = rx.own.packets;
			queues->q_ibytes[q] = rx.own.bytes;
			queues->q_opackets[q] = tx.own.packets;
			queues->q_obytes[q] = tx.own.bytes;
			queues->q_errors[q] = rx.errors;
		}
	}
	return 0;
}

int
xskpmd_port_stats_reset(struct xskpmd_port *port)
{
	uint16_t q;

	/* The data path owns its counters: a reset remembers them and subtracts. */
	xskpmd_show_lock();
	for (q = 0; q < port->nb_pairs; q++) {
		struct xskpmd_pair *pair = &port->pairs[q];

		kernel_stats(pair, &pair->base);
		pair->tx_dropped_base = pair->tx_dropped;
		if (pair->rxq != NULL)
			pair->rxq->base = pair->rxq->stats;
		if (pair->txq != NULL)
			pair->txq->base = pair->txq->stats;
	}
	xskpmd_show_unlock();
	return 0;
}

int
xskpmd_stats_reset(struct rte_eth_dev *dev)
{
	return xskpmd_port_stats_reset(xskpmd_port(dev));
}
