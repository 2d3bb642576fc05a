/* SPDX-License-Identifier: BSD-3-Clause */

/* A port of the primary process in a secondary one.
 *
 * What processes share is the memory of EAL: struct rte_eth_dev_data, struct xskpmd_port, the
 * queues, the pools. Not shared are file descriptors and mappings, so a secondary process has
 *   - a copy of struct xskpmd_port with sockets of its own for questions about the interface;
 *   - the rings of a queue, mapped where the primary has them mapped, since the queue points to
 *     them: from its first burst on a queue until the primary is about to close it. A process
 *     that never calls a burst (dpdk-proc-info, dpdk-dumpcap) holds no queue, and the primary
 *     can be restarted while it runs.
 * Each direction of a queue has a lock, which the process's bursts take: the primary may stop the
 * port while they are called. Two processes must not use one direction of a queue at once.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_spinlock.h>

#include "xskpmd_ethdev.h"
#include "xskpmd_logs.h"

/** After a refusal the primary process is asked again at earliest after, ms. */
#define RETRY_MS 10

/** One direction of a queue, as this process has it. */
struct side {
	rte_spinlock_t lock;
	int fd;              /**< owned; -1: the rings are not mapped */
	uint16_t (*burst)(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts);
	uint64_t retry_at;   /**< TSC */
	bool told;           /**< why there is nothing to poll */
} __rte_cache_aligned;

enum { RX, TX, DIRECTIONS };

struct secondary {
	struct xskpmd_port port; /**< the first: what xskpmd_port() returns */
	struct side (*sides)[DIRECTIONS]; /**< nb_pairs; owned */
};

static struct secondary *
secondary_of(const struct rte_eth_dev *dev)
{
	return (struct secondary *)xskpmd_port(dev);
}

/* ---- the rings of a queue ----------------------------------------------------------------- */

static uint32_t
slot_of(uint16_t port_id, uint16_t q, int dir)
{
	return xskpmd_fd_slot(port_id, q, dir == TX);
}

static void
side_unmap(struct side *s, const struct xskpmd_xsk *xsk, uint32_t slot, int dir)
{
	if (s->fd < 0)
		return;
	xskpmd_xsk_unmap_shared(xsk, dir == TX);
	xskpmd_fds[slot] = -1;
	close(s->fd);
	s->fd = -1;
}

/** Map the rings. The side is locked. @param fd  becomes the side's if 0 is returned */
static int
side_map(const struct rte_eth_dev *dev, uint16_t q, int dir, int fd)
{
	const struct xskpmd_port *shared = xskpmd_port_shared(dev);
	const struct xskpmd_pair *pair = &shared->pairs[q];
	struct side *s = &secondary_of(dev)->sides[q][dir];
	int ret;

	/* Told to release it between the answer and now? */
	if (!__atomic_load_n(&pair->lendable, __ATOMIC_ACQUIRE))
		return -ENOTCONN;
	ret = xskpmd_xsk_map_shared(&pair->xsk, fd, dir == TX);
	if (ret != 0)
		return ret;
	s->fd = fd;
	s->burst = dir == TX ? xskpmd_port_tx_burst(shared)->fn : xskpmd_port_rx_burst(shared)->fn;
	xskpmd_fds[slot_of(dev->data->port_id, q, dir)] = fd;
	return 0;
}

static void
side_refused(const struct rte_eth_dev *dev, uint16_t q, struct side *s, int err)
{
	s->retry_at = rte_get_tsc_cycles() + rte_get_tsc_hz() * RETRY_MS / 1000;
	if (s->told || err == -ENOTCONN || err == -EBUSY)
		return; /* it is stopping */
	s->told = true;
	XSKPMD_LOG(ERR, "%s: cannot use queue %u in this process: %s%s", dev->data->name, q, strerror(-err),
		   err == -EEXIST ? ": the addresses of its rings are in use here: start the process again" :
				    ": is the primary process alive?");
}

/** Borrow the socket of a queue and map its rings. @return whether the side is locked, and mapped */
static __rte_noinline bool
side_borrow(const struct rte_eth_dev *dev, uint16_t q, int dir)
{
	struct side *s = &secondary_of(dev)->sides[q][dir];
	int fd, ret;

	if (!__atomic_load_n(&xskpmd_port_shared(dev)->pairs[q].lendable, __ATOMIC_ACQUIRE) ||
	    rte_get_tsc_cycles() < s->retry_at)
		return false;
	/* Not under the lock: the thread that brings the answer may be waiting for it. */
	fd = xskpmd_mp_borrow(dev->data->port_id, q);
	rte_spinlock_lock(&s->lock);
	if (s->fd >= 0) { /* another thread was faster */
		if (fd >= 0)
			close(fd);
		return true;
	}
	ret = fd >= 0 ? side_map(dev, q, dir, fd) : fd;
	if (ret == 0)
		return true;
	if (fd >= 0)
		close(fd);
	side_refused(dev, q, s, ret);
	rte_spinlock_unlock(&s->lock);
	return false;
}

static __rte_always_inline uint16_t
side_burst(uint16_t port_id, uint16_t q, int dir, void *queue, struct rte_mbuf **pkts,
	   uint16_t nb_pkts)
{
	const struct rte_eth_dev *dev = &rte_eth_devices[port_id];
	struct side *s = &secondary_of(dev)->sides[q][dir];
	uint16_t n;

	rte_spinlock_lock(&s->lock);
	if (unlikely(s->fd < 0)) {
		rte_spinlock_unlock(&s->lock);
		if (!side_borrow(dev, q, dir))
			return 0;
	}
	n = s->burst(queue, pkts, nb_pkts);
	rte_spinlock_unlock(&s->lock);
	return n;
}

static uint16_t
secondary_rx(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	const struct xskpmd_rxq *rxq = queue;

	return side_burst(rxq->port_id, rxq->queue_id, RX, queue, pkts, nb_pkts);
}

static uint16_t
secondary_tx(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	const struct xskpmd_txq *txq = queue;

	return side_burst(txq->port_id, txq->queue_id, TX, queue, pkts, nb_pkts);
}

static void
queue_release(const struct rte_eth_dev *dev, uint16_t q)
{
	const struct xskpmd_pair *pair = &xskpmd_port_shared(dev)->pairs[q];
	int dir;

	for (dir = 0; dir < DIRECTIONS; dir++) {
		struct side *s = &secondary_of(dev)->sides[q][dir];

		rte_spinlock_lock(&s->lock);
		side_unmap(s, &pair->xsk, slot_of(dev->data->port_id, q, dir), dir);
		rte_spinlock_unlock(&s->lock);
	}
}

void
xskpmd_secondary_release(uint16_t port_id, uint16_t q)
{
	const struct rte_eth_dev *dev;

	if (rte_eal_process_type() == RTE_PROC_PRIMARY || !rte_eth_dev_is_valid_port(port_id))
		return;
	dev = &rte_eth_devices[port_id];
	if (dev->dev_ops == &xskpmd_secondary_ops && q < xskpmd_port(dev)->nb_pairs)
		queue_release(dev, q);
}

/* ---- the port ----------------------------------------------------------------------------- */

/** The interface of the primary's port, by sockets of this process. */
static int
open_netdev(struct xskpmd_port *port, const struct xskpmd_port *shared)
{
	const struct xskpmd_netns *want = &shared->netdev.netns;
	struct xskpmd_netns netns;
	int ret = xskpmd_netns_open(&netns, port->conf.netns);

	if (ret == 0 && netns.id != want->id) {
		xskpmd_netns_close(&netns);
		ret = -EXDEV;
	}
	if (ret == 0)
		ret = xskpmd_netdev_open_index(&port->netdev, shared->netdev.ifindex, &netns);
	if (ret != 0)
		XSKPMD_LOG(ERR, "%s: cannot reach %s in this process: %s%s", port->name, port->ifname,
			   strerror(-ret), ret == -EXDEV ?
			   ": start it in the network namespace of the primary process, or give that one "
			   "netns=" : "");
	return ret;
}

static struct secondary *
secondary_new(struct rte_eth_dev *dev)
{
	const struct xskpmd_port *shared = xskpmd_port_shared(dev);
	struct secondary *sec = calloc(1, sizeof(*sec));
	uint16_t q;

	if (sec == NULL)
		return NULL;
	sec->sides = aligned_alloc(RTE_CACHE_LINE_SIZE, shared->nb_pairs * sizeof(*sec->sides));
	if (sec->sides == NULL) {
		free(sec);
		return NULL;
	}
	memset(sec->sides, 0, shared->nb_pairs * sizeof(*sec->sides));
	for (q = 0; q < shared->nb_pairs; q++)
		sec->sides[q][RX].fd = sec->sides[q][TX].fd = -1;
	sec->port = *shared;
	/* The primary's own memory. */
	sec->port.prog = NULL;
	sec->port.event = NULL;
	sec->port.mc = NULL;
	sec->port.eth_base = NULL;
	sec->port.eth_base_n = 0;
	sec->port.led = NULL;
	sec->port.speed_found = NULL;
	sec->port.next_shown = NULL;
	sec->port.netdev = (struct xskpmd_netdev)XSKPMD_NETDEV_NONE;
	return sec;
}

static void
secondary_free(struct secondary *sec)
{
	xskpmd_netdev_close(&sec->port.netdev);
	free(sec->port.eth_base);
	free(sec->sides);
	free(sec);
}

int
xskpmd_secondary_attach(struct rte_eth_dev *dev)
{
	struct secondary *sec = secondary_new(dev);
	int ret;

	if (sec == NULL) {
		XSKPMD_LOG(ERR, "%s: no memory", dev->data->name);
		return -ENOMEM;
	}
	ret = open_netdev(&sec->port, xskpmd_port_shared(dev));
	if (ret == 0)
		ret = xskpmd_mp_init();
	if (ret != 0) {
		secondary_free(sec);
		return ret;
	}
	dev->process_private = sec;
	dev->dev_ops = &xskpmd_secondary_ops;
	dev->rx_pkt_burst = secondary_rx;
	dev->tx_pkt_burst = secondary_tx;
	dev->tx_pkt_prepare = xskpmd_tx_prepare;
	return 0;
}

int
xskpmd_secondary_close(struct rte_eth_dev *dev)
{
	struct secondary *sec = secondary_of(dev);
	uint16_t q;

	for (q = 0; q < sec->port.nb_pairs; q++)
		queue_release(dev, q);
	dev->dev_ops = NULL; /* a message about a queue finds nothing */
	secondary_free(sec);
	return 0;
}
