/* SPDX-License-Identifier: BSD-3-Clause */

/* A port of the primary process in a secondary one.
 *
 * What processes share is the memory of EAL: struct rte_eth_dev_data, the queues, the pools. Not shared
 * are file descriptors and mappings, so a secondary process has
 *   - a copy of struct xskpmd_port as it was at attach, with sockets of its own for questions about the
 *     interface. What changes is asked of the primary by messages: nothing that the primary
 *     may have freed is looked at, but for a queue at the moment of a burst on it;
 *   - the rings of a queue, mapped where the primary has them mapped, since the queue points to
 *     them: from its first burst on a queue until the primary takes them back (xskpmd_lend.h). A process
 *     that never calls a burst (dpdk-proc-info, dpdk-dumpcap) holds nothing.
 * Each direction of a queue has a lock, which the process's bursts take: the primary may stop the
 * port while they are called. Two processes must not use one direction of a queue at once.
 */

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_spinlock.h>

#include "xskpmd_ethdev.h"
#include "xskpmd_lend.h"
#include "xskpmd_logs.h"
#include "xskpmd_mp.h"

/** After a refusal the primary is asked again after so long, ms; doubled each time, up to the longest. */
#define RETRY_MS 10
#define RETRY_MS_MAX 1000

typedef uint16_t (*burst_fn)(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts);

/** One direction of a queue, as this process has it. */
struct side {
	rte_spinlock_t lock;
	int fd;              /**< owned; -1: the rings are not mapped */
	uint32_t epoch;      /**< in which they were lent */
	burst_fn burst;
	struct xskpmd_mp_rings rings; /**< mapped here */
	uint64_t retry_at;   /**< TSC */
	uint32_t retry_ms;
} __rte_cache_aligned;

enum { RX, TX, DIRECTIONS };

struct secondary {
	struct xskpmd_port port; /**< the first: what xskpmd_port() returns */
	struct xskpmd_lend *lend;
	uint16_t port_id;        /**< data->port_id is 0 once the primary has closed the port */
	uint32_t serial;         /**< of the port that was attached */
	struct side (*sides)[DIRECTIONS]; /**< nb_pairs; owned */
	pthread_mutex_t borrowing; /**< one thread at a time; over mapped */
	bool release;            /**< the primary wants the rings back: whoever has the lock gives them */
	unsigned int mapped;     /**< sides; not 0: the process is a holder */
	bool told;               /**< why there is nothing to poll */
};

/* Attach, close and messages are in different threads. */
static pthread_mutex_t attached_lock = PTHREAD_MUTEX_INITIALIZER;

static struct secondary *
secondary_of(const struct rte_eth_dev *dev)
{
	return (struct secondary *)xskpmd_port(dev);
}

/* ---- the rings of a queue ----------------------------------------------------------------- */

/* The borrowing lock is held, and that of the side. */
static void
side_unmap(struct secondary *sec, uint16_t q, int dir)
{
	struct side *s = &sec->sides[q][dir];

	if (s->fd < 0)
		return;
	xskpmd_xsk_unmap_rings(s->rings.addr, s->rings.len);
	xskpmd_fds[xskpmd_fd_slot(sec->port_id, q, dir == TX)] = -1;
	close(s->fd);
	s->fd = -1;
	if (--sec->mapped == 0)
		xskpmd_lend_drop(sec->lend);
}

static int
side_map(struct secondary *sec, uint16_t q, int dir, int fd, const struct xskpmd_mp_rings *rings)
{
	struct side *s = &sec->sides[q][dir];
	int ret = xskpmd_xsk_map_rings(fd, dir == TX, rings->addr, rings->len);

	if (ret != 0)
		return ret;
	s->rings = *rings;
	/* Threads that share a Tx queue are kept apart by the lock of the side. That of the queue itself, in
	 * shared memory, would stay locked if this process were killed.
	 */
	s->burst = dir == TX ? xskpmd_wrap_tx_select(rings->sg, false)->fn :
		   xskpmd_wrap_rx_select(rings->sg, rings->track, sec->port.conf.ptypes)->fn;
	xskpmd_fds[xskpmd_fd_slot(sec->port_id, q, dir == TX)] = fd;
	s->fd = fd;
	sec->mapped++;
	return 0;
}

/** Borrow the socket of a queue and map its rings. The borrowing lock is held. @return 0 or -errno */
static int
borrow(struct secondary *sec, uint16_t q, int dir, uint32_t epoch)
{
	struct side *s = &sec->sides[q][dir];
	struct xskpmd_mp_rings rings;
	int fd, ret = 0;

	/* Before anything is asked for: the primary waits for holders, those to be included. */
	if (sec->mapped == 0)
		ret = xskpmd_lend_claim(sec->lend, epoch);
	if (ret != 0)
		return ret;
	fd = xskpmd_mp_borrow(sec->port_id, q, dir == TX, &rings);
	ret = fd;
	if (fd >= 0) {
		rte_spinlock_lock(&s->lock);
		ret = xskpmd_lend_epoch(sec->lend) == epoch ? side_map(sec, q, dir, fd, &rings) : -ENOTCONN;
		s->epoch = epoch;
		rte_spinlock_unlock(&s->lock);
	}
	if (ret != 0 && fd >= 0)
		close(fd);
	if (ret != 0 && sec->mapped == 0)
		xskpmd_lend_drop(sec->lend);
	return ret;
}

static void
refused(struct secondary *sec, uint16_t q, struct side *s, int err)
{
	const bool passes = err == -ENOTCONN || err == -EBUSY;

	s->retry_ms = passes ? RETRY_MS : RTE_MIN(RTE_MAX(2 * s->retry_ms, RETRY_MS), RETRY_MS_MAX);
	s->retry_at = rte_get_tsc_cycles() + rte_get_tsc_hz() * s->retry_ms / 1000;
	if (sec->told || passes)
		return;
	sec->told = true;
	XSKPMD_LOG(ERR, "%s: cannot use queue %u in this process: %s: %s", sec->port.name, q, strerror(-err),
		   err == -EEXIST ? "the addresses of its rings are in use here: end the primary process's and "
				    "this one's use of them (EAL's --base-virtaddr), and start both again" :
		   err == -ENOSPC ? "too many processes use the port" : "is the primary process alive?");
}

/* The borrowing lock is held. */
static void
release_all(struct secondary *sec)
{
	uint16_t q;
	int dir;

	for (q = 0; q < sec->port.nb_pairs; q++)
		for (dir = 0; dir < DIRECTIONS; dir++) {
			rte_spinlock_lock(&sec->sides[q][dir].lock);
			side_unmap(sec, q, dir);
			rte_spinlock_unlock(&sec->sides[q][dir].lock);
		}
}

/* EAL's thread for messages must not wait for the lock: who has it may be waiting for an answer that
 * this thread brings. Then that one does it, afterwards.
 */
static void
try_release(struct secondary *sec)
{
	if (!__atomic_load_n(&sec->release, __ATOMIC_SEQ_CST) ||
	    pthread_mutex_trylock(&sec->borrowing) != 0)
		return;
	__atomic_store_n(&sec->release, false, __ATOMIC_SEQ_CST);
	/* Lent again by now? Then their users see that the epoch is another one. */
	if (xskpmd_lend_epoch(sec->lend) % 2 == 0)
		release_all(sec);
	pthread_mutex_unlock(&sec->borrowing);
}

/** Have a side mapped in the epoch of now. @return whether it is */
static __rte_noinline bool
side_renew(struct secondary *sec, uint16_t q, int dir)
{
	struct side *s = &sec->sides[q][dir];
	const uint32_t epoch = xskpmd_lend_epoch(sec->lend);
	int ret = 0;

	if ((s->fd < 0 && (epoch % 2 == 0 || rte_get_tsc_cycles() < s->retry_at)) ||
	    pthread_mutex_trylock(&sec->borrowing) != 0)
		return false;
	rte_spinlock_lock(&s->lock);
	if (s->fd >= 0 && s->epoch != epoch)
		side_unmap(sec, q, dir);
	rte_spinlock_unlock(&s->lock);
	if (s->fd < 0 && epoch % 2 == 1)
		ret = sec->lend->serial == sec->serial ? borrow(sec, q, dir, epoch) : -ENODEV;
	if (ret != 0)
		refused(sec, q, s, ret);
	pthread_mutex_unlock(&sec->borrowing);
	try_release(sec);
	return ret == 0 && s->fd >= 0;
}

static __rte_always_inline uint16_t
side_burst(struct secondary *sec, uint16_t q, int dir, void *const *array, void *queue,
	   struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	struct side *s = &sec->sides[q][dir];
	uint16_t n = 0;

	if (unlikely(s->fd < 0 || s->epoch != xskpmd_lend_epoch(sec->lend)) && !side_renew(sec, q, dir))
		return 0;
	rte_spinlock_lock(&s->lock);
	/* Under the lock: while it is held the primary waits for us. */
	if (likely(s->fd >= 0 && s->epoch == xskpmd_lend_epoch(sec->lend) && *array == queue))
		n = s->burst(queue, pkts, nb_pkts);
	rte_spinlock_unlock(&s->lock);
	return n;
}

/* The primary may release a queue while it is polled here: ethdev's array says whether it is one, and
 * what a queue says of itself is not relied on.
 */
static uint16_t
secondary_rx(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	const struct xskpmd_rxq *rxq = queue;
	const struct rte_eth_dev *dev;
	uint16_t port_id, q;

	if (unlikely(rxq == NULL))
		return 0;
	port_id = rxq->port_id;
	q = rxq->queue_id;
	if (unlikely(port_id >= RTE_MAX_ETHPORTS))
		return 0;
	dev = &rte_eth_devices[port_id];
	if (unlikely(dev->rx_pkt_burst != secondary_rx || q >= xskpmd_port(dev)->nb_pairs ||
		     dev->data->rx_queues[q] != queue))
		return 0;
	return side_burst(secondary_of(dev), q, RX, &dev->data->rx_queues[q], queue, pkts, nb_pkts);
}

static uint16_t
secondary_tx(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	const struct xskpmd_txq *txq = queue;
	const struct rte_eth_dev *dev;
	uint16_t port_id, q;

	if (unlikely(txq == NULL))
		return 0;
	port_id = txq->port_id;
	q = txq->queue_id;
	if (unlikely(port_id >= RTE_MAX_ETHPORTS))
		return 0;
	dev = &rte_eth_devices[port_id];
	if (unlikely(dev->tx_pkt_burst != secondary_tx || q >= xskpmd_port(dev)->nb_pairs ||
		     dev->data->tx_queues[q] != queue))
		return 0;
	return side_burst(secondary_of(dev), q, TX, &dev->data->tx_queues[q], queue, pkts, nb_pkts);
}

static uint16_t
secondary_tx_prepare(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	return queue != NULL ? xskpmd_tx_prepare(queue, pkts, nb_pkts) : 0;
}

/* They would need the rings, and may be asked before these are mapped. */
static xskpmd_queue_count
no_queue_count(void *queue __rte_unused)
{
	return (xskpmd_queue_count)-ENOTSUP;
}

static int
no_tx_queue_count(void *queue __rte_unused)
{
	return -ENOTSUP;
}

static int
no_descriptor_status(void *queue __rte_unused, uint16_t offset __rte_unused)
{
	return -ENOTSUP;
}

void
xskpmd_secondary_release(uint16_t port_id)
{
	const struct rte_eth_dev *dev;

	if (rte_eal_process_type() == RTE_PROC_PRIMARY || !rte_eth_dev_is_valid_port(port_id))
		return;
	dev = &rte_eth_devices[port_id];
	pthread_mutex_lock(&attached_lock);
	if (dev->dev_ops == &xskpmd_secondary_ops) {
		__atomic_store_n(&secondary_of(dev)->release, true, __ATOMIC_SEQ_CST);
		try_release(secondary_of(dev));
	}
	pthread_mutex_unlock(&attached_lock);
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
secondary_new(struct rte_eth_dev *dev, struct xskpmd_lend *lend)
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
	pthread_mutex_init(&sec->borrowing, NULL);
	sec->lend = lend;
	sec->port_id = dev->data->port_id;
	sec->serial = lend->serial;
	sec->port = *shared;
	/* The primary's own memory. */
	sec->port.pairs = NULL;
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
	free(sec->sides);
	free(sec);
}

int
xskpmd_secondary_attach(struct rte_eth_dev *dev)
{
	struct xskpmd_lend *lend = xskpmd_lend_find(dev->data->port_id);
	struct secondary *sec;
	int ret;

	/* Before anything else of the port is looked at. */
	if (lend == NULL || lend->layout != xskpmd_lend_layout()) {
		XSKPMD_LOG(ERR, "%s: the primary process has another version of this driver, or is in another PID "
			   "namespace: start this one as that one was started", dev->data->name);
		return -EPROTO;
	}
	sec = secondary_new(dev, lend);
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
	pthread_mutex_lock(&attached_lock);
	dev->process_private = sec;
	dev->dev_ops = &xskpmd_secondary_ops;
	pthread_mutex_unlock(&attached_lock);
	dev->rx_pkt_burst = secondary_rx;
	dev->tx_pkt_burst = secondary_tx;
	dev->tx_pkt_prepare = secondary_tx_prepare;
	dev->rx_queue_count = no_queue_count;
	dev->rx_descriptor_status = no_descriptor_status;
	dev->tx_descriptor_status = no_descriptor_status;
	XSKPMD_SET_TX_QUEUE_COUNT(dev, no_tx_queue_count);
	return 0;
}

int
xskpmd_secondary_close(struct rte_eth_dev *dev)
{
	struct secondary *sec = secondary_of(dev);

	pthread_mutex_lock(&attached_lock);
	dev->dev_ops = NULL; /* a message about the port finds nothing */
	pthread_mutex_unlock(&attached_lock);
	pthread_mutex_lock(&sec->borrowing);
	release_all(sec);
	pthread_mutex_unlock(&sec->borrowing);
	secondary_free(sec);
	return 0;
}

/* ---- what the primary does for us --------------------------------------------------------- */

/** Whether the port is still the one that was attached: not closed, nor another of the same id. */
static bool
is_there(const struct secondary *sec)
{
	return sec->lend->layout != 0 && sec->lend->serial == sec->serial;
}

int
xskpmd_secondary_statistics(const struct xskpmd_port *port, uint16_t q, struct xskpmd_rx_values *rx,
			    struct xskpmd_tx_values *tx)
{
	const struct secondary *sec = (const struct secondary *)port;

	return is_there(sec) ? xskpmd_mp_statistics(sec->port_id, q, rx, tx) : -ENODEV;
}

static int
promisc(const struct rte_eth_dev *dev, bool on)
{
	return is_there(secondary_of(dev)) ? xskpmd_mp_promisc(secondary_of(dev)->port_id, on) : -ENODEV;
}

static int
allmulti(const struct rte_eth_dev *dev, bool on)
{
	return is_there(secondary_of(dev)) ? xskpmd_mp_allmulti(secondary_of(dev)->port_id, on) : -ENODEV;
}

static int
stats_reset(const struct rte_eth_dev *dev, bool interface)
{
	return is_there(secondary_of(dev)) ? xskpmd_mp_stats_reset(secondary_of(dev)->port_id, interface) :
					     -ENODEV;
}

int
xskpmd_secondary_promisc_enable(struct rte_eth_dev *dev)
{
	return promisc(dev, true);
}

int
xskpmd_secondary_promisc_disable(struct rte_eth_dev *dev)
{
	return promisc(dev, false);
}

int
xskpmd_secondary_allmulti_enable(struct rte_eth_dev *dev)
{
	return allmulti(dev, true);
}

int
xskpmd_secondary_allmulti_disable(struct rte_eth_dev *dev)
{
	return allmulti(dev, false);
}

int
xskpmd_secondary_stats_reset(struct rte_eth_dev *dev)
{
	return stats_reset(dev, false);
}

int
xskpmd_secondary_xstats_reset(struct rte_eth_dev *dev)
{
	return stats_reset(dev, true);
}
