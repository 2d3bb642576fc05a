/* SPDX-License-Identifier: BSD-3-Clause */

/* Queues: set-up and release, start and stop, and what may be asked about them. */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <rte_malloc.h>

#include "xskpmd_compat.h"
#include "xskpmd_ethdev.h"
#include "xskpmd_lend.h"
#include "xskpmd_logs.h"

/** Packets in flight when a queue stops get so long to leave, ms. */
#define TX_DRAIN_MS 100

/** Refill, and reclaim, at latest when so many descriptors are due. */
#define DUE_DEFAULT 32

static struct xskpmd_pair *
port_pair(struct rte_eth_dev *dev, uint16_t q)
{
	return &xskpmd_port(dev)->pairs[q];
}

/* ---- open all that is complete ----------------------------------------------------------- */

/** Whether all that belongs on the pair's socket has been set up. */
static bool
pair_is_complete(const struct xskpmd_port *port, const struct xskpmd_pair *pair)
{
	const uint16_t q = pair - port->pairs;
	const bool need_rx = q < port->data->nb_rx_queues, need_tx = q < port->data->nb_tx_queues;

	if (need_rx != (pair->rxq != NULL) || need_tx != (pair->txq != NULL))
		return false;
	/* A queue that only transmits lives on the pool of the first that receives. */
	return need_rx || port->data->nb_rx_queues == 0 || port->pairs[0].rxq != NULL;
}

/** Whether a pair can be opened before start: an Rx queue of before may still be set up anew for the MTU. */
static bool
is_settled(const struct xskpmd_port *port, const struct xskpmd_pair *pair)
{
	return port->data->dev_started || !xskpmd_pair_mtu_refused(port, pair);
}

/** Whether a process that did not answer may still be using what would be opened anew. */
static bool
is_elsewhere(struct xskpmd_port *port)
{
	if (port->held_elsewhere)
		port->held_elsewhere = !xskpmd_lend_close(port->data->port_id);
	if (port->held_elsewhere)
		XSKPMD_LOG(ERR, "%s: a secondary process has not let go of the queues: end it", port->name);
	return port->held_elsewhere;
}

/** After a queue set-up: open what can be opened now, so that its errors show here. */
static int
open_complete(struct rte_eth_dev *dev)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	uint16_t q;
	int ret = 0;

	if (is_elsewhere(port))
		return -EBUSY;
	for (q = 0; q < port->nb_pairs && ret == 0; q++)
		if (pair_is_complete(port, &port->pairs[q]) && is_settled(port, &port->pairs[q]))
			ret = xskpmd_pair_open(port, &port->pairs[q]);
	if (ret == 0 && port->data->dev_started)
		ret = xskpmd_pairs_track(port);
	if (ret == 0 && port->data->dev_started)
		xskpmd_pairs_busy_poll(port);
	xskpmd_intr_update(dev);
	if (ret == 0)
		xskpmd_queues_lend(port);
	return ret;
}

/* ---- life cycle -------------------------------------------------------------------------- */

int
xskpmd_queues_open(struct xskpmd_port *port)
{
	uint16_t q;
	int ret = 0;

	if (is_elsewhere(port))
		return -EBUSY;
	for (q = 0; q < port->nb_pairs && ret == 0; q++)
		ret = xskpmd_pair_open(port, &port->pairs[q]);
	if (ret == 0)
		ret = xskpmd_pairs_track(port);
	if (ret != 0)
		xskpmd_queues_close(port);
	return ret;
}

void
xskpmd_queues_lend(const struct xskpmd_port *port)
{
	if (port->running)
		xskpmd_lend_open(port->data->port_id);
}

void
xskpmd_queues_take_back(struct xskpmd_port *port)
{
	port->held_elsewhere = !xskpmd_lend_close(port->data->port_id);
	if (port->held_elsewhere)
		XSKPMD_LOG(WARNING, "%s: a secondary process does not let go of its queues: their mbufs are lost, "
			   "and the queues in use until that process ends", port->name);
}

/* ---- start and stop of single queues ------------------------------------------------------ */

static int
rx_queue_start(struct rte_eth_dev *dev, uint16_t q)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	struct xskpmd_pair *pair = port_pair(dev, q);
	int ret = pair->xsk.fd >= 0 ? xskpmd_prog_insert(port->prog, pair->xsk.queue, pair->xsk.fd) :
				      -ENOTCONN;

	if (ret != 0) {
		XSKPMD_LOG(ERR, "%s: cannot enter queue %u into the map of sockets: %s", port->name,
			   port->conf.start_queue + q, strerror(-ret));
		return ret;
	}
	pair->in_map = true;
	dev->data->rx_queue_state[q] = RTE_ETH_QUEUE_STATE_STARTED;
	return 0;
}

/* For who did not ask for it: ethdev's event does not say which queue, its information does. */
static void
tell_queue_state(struct rte_eth_dev *dev)
{
	rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_QUEUE_STATE, NULL);
}

int
xskpmd_rx_queue_start(struct rte_eth_dev *dev, uint16_t q)
{
	int ret = rx_queue_start(dev, q);

	if (ret == 0)
		tell_queue_state(dev);
	return ret;
}

/** Leave the packets of a queue to the kernel. */
static void
pair_leave_map(struct xskpmd_port *port, struct xskpmd_pair *pair)
{
	if (!pair->in_map)
		return;
	xskpmd_prog_delete(port->prog, pair->xsk.queue);
	pair->in_map = false;
	xskpmd_prog_quiesce();
}

/* The socket stays: the Tx queue on it may run. So does what is in the fill ring, which the
 * kernel does not give back while the socket is open.
 */
int
xskpmd_rx_queue_stop(struct rte_eth_dev *dev, uint16_t q)
{
	struct xskpmd_pair *pair = port_pair(dev, q);

	pair_leave_map(xskpmd_port(dev), pair);
	xskpmd_queues_take_back(xskpmd_port(dev));
	if (pair->rxq != NULL && pair->xsk.fd >= 0 && !xskpmd_port(dev)->held_elsewhere)
		xskpmd_rx_discard(pair->rxq);
	xskpmd_queues_lend(xskpmd_port(dev));
	dev->data->rx_queue_state[q] = RTE_ETH_QUEUE_STATE_STOPPED;
	tell_queue_state(dev);
	return 0;
}

int
xskpmd_tx_queue_start(struct rte_eth_dev *dev, uint16_t q)
{
	struct xskpmd_port *port = xskpmd_port(dev);

	if (port_pair(dev, q)->xsk.fd < 0) {
		XSKPMD_LOG(ERR, "%s: Tx queue %u has no socket: set up Rx queue %u, which failed or was "
			   "released, first", port->name, q, q);
		return -ENOTCONN;
	}
	dev->data->tx_queue_state[q] = RTE_ETH_QUEUE_STATE_STARTED;
	tell_queue_state(dev);
	return 0;
}

/** Let the packets in flight of one queue leave. @return whether none is left */
static bool
txq_drain_step(const struct xskpmd_port *port, struct xskpmd_pair *pair)
{
	struct xskpmd_txq *txq = pair->txq;

	if (txq == NULL || !pair->xsk.bound || port->held_elsewhere)
		return true;
	xskpmd_tx_reclaim(txq);
	if (txq->free == txq->size)
		return true;
	xskpmd_tx_kick(txq);
	xskpmd_tx_reclaim(txq);
	return txq->free == txq->size;
}

int
xskpmd_tx_queue_stop(struct rte_eth_dev *dev, uint16_t q)
{
	int ms;

	xskpmd_queues_take_back(xskpmd_port(dev));
	for (ms = 0; ms < TX_DRAIN_MS && !txq_drain_step(xskpmd_port(dev), port_pair(dev, q)); ms++)
		usleep(1000);
	xskpmd_queues_lend(xskpmd_port(dev));
	dev->data->tx_queue_state[q] = RTE_ETH_QUEUE_STATE_STOPPED;
	tell_queue_state(dev);
	return 0;
}

int
xskpmd_queues_start(struct rte_eth_dev *dev)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	int ret = 0;
	uint16_t q;

	for (q = 0; q < port->nb_pairs && ret == 0; q++) {
		const struct xskpmd_pair *pair = &port->pairs[q];

		if (pair->rxq != NULL && !pair->rxq->deferred_start)
			ret = rx_queue_start(dev, q);
		if (pair->txq != NULL && !pair->txq->deferred_start)
			dev->data->tx_queue_state[q] = RTE_ETH_QUEUE_STATE_STARTED;
	}
	return ret;
}

/** Let the packets in flight leave, for a bounded time. */
static void
queues_drain_tx(struct xskpmd_port *port)
{
	bool done = false;
	uint16_t q;
	int ms;

	for (ms = 0; ms < TX_DRAIN_MS && !done; ms++) {
		done = true;
		for (q = 0; q < port->nb_pairs; q++)
			done &= txq_drain_step(port, &port->pairs[q]);
		if (!done)
			usleep(1000);
	}
}

void
xskpmd_queues_close(struct xskpmd_port *port)
{
	bool was_in_map = false;
	uint16_t q;

	for (q = 0; q < port->nb_pairs; q++) {
		struct xskpmd_pair *pair = &port->pairs[q];

		if (!pair->in_map)
			continue;
		xskpmd_prog_delete(port->prog, pair->xsk.queue);
		pair->in_map = false;
		was_in_map = true;
	}
	if (was_in_map)
		xskpmd_prog_quiesce();
	xskpmd_queues_take_back(port);
	queues_drain_tx(port);
	for (q = 0; q < port->nb_pairs; q++)
		xskpmd_pair_close(port, &port->pairs[q]);
}

/* ---- set-up and release ------------------------------------------------------------------ */

static uint32_t
due_at(uint16_t asked, uint16_t nb_desc)
{
	return RTE_MIN(asked != 0 ? asked : DUE_DEFAULT, nb_desc / 4);
}

/** What every received mbuf has in common: data_off 0, one reference, one segment, port. */
static uint64_t
rearm_word(uint16_t port_id)
{
	union {
		uint16_t half[4]; /* data_off, refcnt, nb_segs, port */
		uint64_t word;
	} rearm = { .half = { 0, 1, 1, port_id } };

	return rearm.word;
}

void
xskpmd_rx_queue_layers(struct xskpmd_port *port, uint16_t q)
{
	struct xskpmd_wrap_rxq *rxq = (struct xskpmd_wrap_rxq *)port->pairs[q].rxq;

	if (rxq != NULL)
		__atomic_store_n(&rxq->layers, port->ptype_layers, __ATOMIC_RELAXED);
}

/* At run time a queue can be set up anew only if the other queue on its socket rests, too: its
 * rings would be pulled from under it. ethdev releases a queue before it sets it up, so a release
 * that comes too early keeps the queue on its socket, and the set-up that follows is refused.
 */
static bool
is_running(const struct rte_eth_dev *dev, const struct xskpmd_pair *pair, const void *other,
	   const uint8_t *other_state)
{
	const uint16_t q = pair - xskpmd_port(dev)->pairs;

	return dev->data->dev_started && pair->xsk.fd >= 0 && other != NULL &&
	       other_state[q] == RTE_ETH_QUEUE_STATE_STARTED;
}

static int
refuse_while_running(const struct rte_eth_dev *dev, uint16_t q, const char *other, uint16_t other_q)
{
	XSKPMD_LOG(ERR, "%s: queue %u cannot be set up while %s queue %u runs on the same %s: stop that "
		   "queue, too", xskpmd_port(dev)->name, q, other, other_q,
		   q == other_q ? "socket" : "pool");
	return -EBUSY;
}

/* In zero-copy mode the NIC's own ring is full of mbufs all the time. They come on top of
 * nb_rx_desc, or the fill ring would run dry whenever the application is late.
 */
static uint32_t
own_spare(const struct xskpmd_port *port, struct xskpmd_umem *umem, uint16_t nb_desc)
{
	const uint32_t rx_ring = rte_align32pow2(nb_desc);
	struct ethtool_ringparam nic;
	uint32_t spare;

	if (port->conf.zero_copy == XSKPMD_ZC_OFF || (port->data->dev_started && !port->track) ||
	    !xskpmd_netdev_has_zero_copy(&port->netdev) || xskpmd_ethtool_rings_get(&port->netdev, &nic) != 0)
		return 0;
	spare = rx_ring - nb_desc + nic.rx_pending + XSKPMD_BULK;
	if (xskpmd_umem_own_spare(umem, spare))
		return spare;
	XSKPMD_LOG(WARNING, "%s: pool %s has %u mbufs, too few to keep %u more in the ring of %s: packets "
		   "may be lost when the application is late: use a pool of %u mbufs or more, or a smaller "
		   "ring (ethtool -G %s rx N)", port->name, umem->pool->name, umem->pool->size,
		   nic.rx_pending, port->ifname, 2 * (umem->owned + spare), port->ifname);
	return 0;
}

/** Whether another queue that only transmits lives on this Rx queue's pool, which goes with it. */
static bool
is_tenant(const struct xskpmd_port *port, const struct xskpmd_pair *pair,
	  const struct xskpmd_pair *other)
{
	uint16_t q;

	for (q = 0; q < port->nb_pairs; q++)
		if (&port->pairs[q] != pair && port->pairs[q].rx_umem == pair->rx_umem)
			return false; /* a third queue keeps it */
	return other != pair && other->rxq == NULL && other->umem == pair->rx_umem;
}

/** The Tx queue that has to stop before this Rx queue can go; NULL: none. */
static const struct xskpmd_txq *
rxq_user(const struct rte_eth_dev *dev, const struct xskpmd_pair *pair)
{
	const struct xskpmd_port *port = xskpmd_port(dev);
	uint16_t q;

	for (q = 0; q < port->nb_pairs; q++) {
		const struct xskpmd_pair *other = &port->pairs[q];

		if ((other == pair || (pair->rxq != NULL && is_tenant(port, pair, other))) &&
		    is_running(dev, other, other->txq, dev->data->tx_queue_state))
			return other->txq;
	}
	return NULL;
}

/** A socket without one of its queues is of no use; it is opened again with the other. */
static void
pair_unmap_and_close(struct rte_eth_dev *dev, struct xskpmd_pair *pair)
{
	struct xskpmd_port *port = xskpmd_port(dev);

	pair_leave_map(port, pair);
	xskpmd_intr_leave(dev, pair - port->pairs);
	xskpmd_queues_take_back(port);
	xskpmd_pair_close(port, pair);
}

int
xskpmd_rx_queue_setup(struct rte_eth_dev *dev, uint16_t q, uint16_t nb_desc, unsigned int socket_id,
		      const struct rte_eth_rxconf *conf, struct rte_mempool *pool)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	struct xskpmd_pair *pair = port_pair(dev, q);
	const struct xskpmd_txq *user;
	struct xskpmd_rxq *rxq;
	int ret;

	if (pair->rxq != NULL) /* released while a Tx queue ran */
		xskpmd_rx_queue_release(dev, q);
	user = rxq_user(dev, pair);
	if (user != NULL)
		return refuse_while_running(dev, q, "Tx", user->queue_id);
	ret = xskpmd_umem_get(port->name, pool, xskpmd_port_data_off(port), &pair->rx_umem);
	if (ret != 0)
		return ret;
	ret = xskpmd_umem_own(port->name, pair->rx_umem, nb_desc);
	if (ret != 0)
		goto err_put_umem;
	rxq = rte_zmalloc_socket("xskpmd_rxq", sizeof(struct xskpmd_wrap_rxq), RTE_CACHE_LINE_SIZE, socket_id);
	if (rxq == NULL) {
		ret = -ENOMEM;
		goto err_disown;
	}
	rxq->pool = pool;
	rxq->size = nb_desc;
	rxq->owned = nb_desc + own_spare(port, pair->rx_umem, nb_desc);
	rxq->missing = rxq->owned;
	rxq->refill_at = due_at(conf->rx_free_thresh, nb_desc);
	rxq->rearm = rearm_word(dev->data->port_id);
	rxq->fd_slot = xskpmd_fd_slot(dev->data->port_id, q, false);
	xskpmd_fds[rxq->fd_slot] = -1;
	/* ethdev leaves out what is enabled for all queues. */
	rxq->offloads = conf->offloads | dev->data->dev_conf.rxmode.offloads;
	rxq->scatter = rxq->offloads & RTE_ETH_RX_OFFLOAD_SCATTER;
	rxq->deferred_start = conf->rx_deferred_start;
	rxq->port_id = dev->data->port_id;
	rxq->queue_id = q;
	pair_unmap_and_close(dev, pair); /* the port may have started without this queue */
	pair->rxq = rxq;
	xskpmd_rx_queue_layers(port, q);
	dev->data->rx_queues[q] = rxq;
	ret = open_complete(dev);
	if (ret != 0)
		xskpmd_rx_queue_release(dev, q);
	return ret;

err_disown:
	xskpmd_umem_own(port->name, pair->rx_umem, -nb_desc);
err_put_umem:
	xskpmd_umem_put(pair->rx_umem);
	pair->rx_umem = NULL;
	return ret;
}

int
xskpmd_tx_queue_setup(struct rte_eth_dev *dev, uint16_t q, uint16_t nb_desc, unsigned int socket_id,
		      const struct rte_eth_txconf *conf)
{
	struct xskpmd_pair *pair = port_pair(dev, q);
	struct xskpmd_txq *txq;
	int ret;

	if (pair->txq != NULL) /* released while the Rx queue ran */
		xskpmd_tx_queue_release(dev, q);
	if (is_running(dev, pair, pair->rxq, dev->data->rx_queue_state))
		return refuse_while_running(dev, q, "Rx", q);
	txq = rte_zmalloc_socket("xskpmd_txq", sizeof(struct xskpmd_wrap_txq), RTE_CACHE_LINE_SIZE, socket_id);
	if (txq == NULL)
		return -ENOMEM;
	txq->size = nb_desc;
	txq->free = nb_desc;
	txq->reclaim_at = nb_desc - due_at(conf->tx_free_thresh, nb_desc) + 1;
	txq->fd_slot = xskpmd_fd_slot(dev->data->port_id, q, true);
	xskpmd_fds[txq->fd_slot] = -1;
	txq->offloads = conf->offloads | dev->data->dev_conf.txmode.offloads;
	txq->deferred_start = conf->tx_deferred_start;
	txq->port_id = dev->data->port_id;
	txq->queue_id = q;
	pair_unmap_and_close(dev, pair); /* the port may have started without this queue */
	pair->txq = txq;
	dev->data->tx_queues[q] = txq;
	ret = open_complete(dev);
	if (ret != 0)
		xskpmd_tx_queue_release(dev, q);
	return ret;
}

void
xskpmd_rx_queue_release(struct rte_eth_dev *dev, uint16_t q)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	struct xskpmd_pair *pair = port_pair(dev, q);
	uint16_t i;

	if (pair->rxq == NULL)
		return;
	dev->data->rx_queues[q] = NULL;
	if (rxq_user(dev, pair) != NULL) {
		pair_leave_map(port, pair);
		return;
	}
	/* Queues that only transmit may live on this one's pool. */
	for (i = 0; i < port->nb_pairs; i++)
		if (is_tenant(port, pair, &port->pairs[i]))
			pair_unmap_and_close(dev, &port->pairs[i]);
	pair_unmap_and_close(dev, pair);
	xskpmd_umem_own(port->name, pair->rx_umem, -(int)pair->rxq->owned);
	xskpmd_umem_put(pair->rx_umem);
	pair->rx_umem = NULL;
	if (!port->held_elsewhere) /* or another process may be in the middle of a burst */
		rte_free(pair->rxq);
	pair->rxq = NULL;
	xskpmd_queues_lend(port);
}

void
xskpmd_tx_queue_release(struct rte_eth_dev *dev, uint16_t q)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	struct xskpmd_pair *pair = port_pair(dev, q);

	if (pair->txq == NULL)
		return;
	dev->data->tx_queues[q] = NULL;
	if (is_running(dev, pair, pair->rxq, dev->data->rx_queue_state))
		return;
	pair_unmap_and_close(dev, pair);
	if (!port->held_elsewhere) {
		xskpmd_pair_put_own_umem(pair);
		rte_free(pair->txq);
	}
	pair->txq = NULL;
	xskpmd_queues_lend(port);
}

int
xskpmd_tx_done_cleanup(void *queue, uint32_t free_cnt __rte_unused)
{
	struct xskpmd_wrap_txq *wrap = queue;
	struct xskpmd_txq *txq = queue;
	const bool mt = txq->offloads & RTE_ETH_TX_OFFLOAD_MT_LOCKFREE;
	int ret;

	if (xskpmd_fds[txq->fd_slot] < 0)
		return 0;
	if (mt)
		rte_spinlock_lock(&wrap->lock);
	/* What still waits in the ring is sent first: it can then complete. */
	xskpmd_tx_kick(txq);
	ret = xskpmd_tx_reclaim(txq);
	if (mt)
		rte_spinlock_unlock(&wrap->lock);
	return ret;
}

/* ---- information -------------------------------------------------------------------------- */

void
xskpmd_rxq_info_get(struct rte_eth_dev *dev, uint16_t q, struct rte_eth_rxq_info *info)
{
	const struct xskpmd_rxq *rxq = dev->data->rx_queues[q];

	info->mp = rxq->pool;
	info->scattered_rx = rxq->scatter;
	info->nb_desc = rxq->size;
	info->rx_buf_size = rte_pktmbuf_data_room_size(rxq->pool) - RTE_PKTMBUF_HEADROOM;
	info->conf.offloads = rxq->offloads;
	info->conf.rx_free_thresh = rxq->refill_at;
	info->conf.rx_deferred_start = rxq->deferred_start;
}

void
xskpmd_txq_info_get(struct rte_eth_dev *dev, uint16_t q, struct rte_eth_txq_info *info)
{
	const struct xskpmd_txq *txq = dev->data->tx_queues[q];

	info->nb_desc = txq->size;
	info->conf.offloads = txq->offloads;
	info->conf.tx_free_thresh = txq->size - txq->reclaim_at + 1;
	info->conf.tx_deferred_start = txq->deferred_start;
}

static void
burst_mode_text(const struct xskpmd_port *port, const char *burst, const struct xskpmd_pair *pair,
		char *text, size_t size)
{
	struct xskpmd_prog_info prog = { .mode = "no program" };

	if (port->prog != NULL)
		xskpmd_prog_info(port->prog, &prog);
	snprintf(text, size, "%s; %s, %s", burst, prog.mode,
		 pair->xsk.zero_copy ? "zero-copy" : "copy");
}

int
xskpmd_rx_burst_mode_get(struct rte_eth_dev *dev, uint16_t q, struct rte_eth_burst_mode *mode)
{
	const struct xskpmd_port *port = xskpmd_port(dev);

	mode->flags = 0;
	burst_mode_text(port, xskpmd_port_rx_burst(port)->name,
			&port->pairs[q], mode->info, sizeof(mode->info));
	return 0;
}

int
xskpmd_tx_burst_mode_get(struct rte_eth_dev *dev, uint16_t q, struct rte_eth_burst_mode *mode)
{
	const struct xskpmd_port *port = xskpmd_port(dev);

	mode->flags = 0;
	burst_mode_text(port, xskpmd_port_tx_burst(port)->name,
			&port->pairs[q], mode->info, sizeof(mode->info));
	return 0;
}

/** rte_power_monitor: sleep on if the producer is still where we have read to. */
static int
monitor_ring_moved(const uint64_t value, const uint64_t opaque[RTE_POWER_MONITOR_OPAQUE_SZ])
{
	return (uint32_t)value != (uint32_t)opaque[0] ? -1 : 0;
}

int
xskpmd_get_monitor_addr(void *queue, struct rte_power_monitor_cond *pmc)
{
	struct xskpmd_rxq *rxq = queue;

	pmc->addr = rxq->rx.producer;
	pmc->size = sizeof(*rxq->rx.producer);
	pmc->fn = monitor_ring_moved;
	pmc->opaque[0] = rxq->rx.cached_cons;
	return 0;
}
