/* SPDX-License-Identifier: BSD-3-Clause */

/* One queue of the interface: the socket under a pair of DPDK queues. This is where umem,
 * xsk and the data path meet, and where every mbuf that went into a ring comes back out
 * of it.
 *
 * A socket needs all its rings before it is bound, so it is opened once both DPDK queues on it
 * are set up. It is closed by dev_stop, so that a stopped port holds no mbuf and no queue of
 * the interface, and opened again by dev_start.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_malloc.h>

#include "xskpmd_compat.h"
#include "xskpmd_ethdev.h"
#include "xskpmd_logs.h"

int xskpmd_fds[XSKPMD_SLOTS];

/** mbufs of a transmit-only port's own pool, beyond its ring: a copy in the making. */
#define OWN_POOL_SPARE XSKPMD_BULK

/* ---- what a stopping queue still owns --------------------------------------------------- */

/** mbufs taken out of the rings, to be freed once the kernel is done with them. */
struct leftovers {
	struct rte_mbuf **mbufs;
	uint32_t n, max;
};

static void
leftovers_add(struct leftovers *l, struct rte_mbuf *m)
{
	if (l->n < l->max)
		l->mbufs[l->n++] = m;
}

struct held_walk {
	const struct xskpmd_addr *addr;
	uint16_t *held;
	struct leftovers *left;
};

static void
held_add(struct rte_mempool *pool __rte_unused, void *opaque, void *obj, unsigned int i __rte_unused)
{
	struct held_walk *w = opaque;
	uint16_t *count = &w->held[xskpmd_addr_slot(w->addr, xskpmd_addr_chunk(w->addr, obj))];

	for (; *count > 0; (*count)--)
		leftovers_add(w->left, obj);
}

/** Everything that the kernel has, of a tracked queue. */
static void
leftovers_of_held(struct leftovers *l, const struct xskpmd_addr *addr, struct rte_mempool *pool,
		  uint16_t *held)
{
	struct held_walk w = { .addr = addr, .held = held, .left = l };

	rte_mempool_obj_iter(pool, held_add, &w);
}

/* In copy mode the kernel takes a buffer from the fill ring and puts it into the Rx ring
 * in one go, unless that is full, which may_overflow() excludes: what is in neither ring is ours already.
 */
static void
leftovers_of_rx_rings(struct leftovers *l, struct xskpmd_rxq *rxq)
{
	uint32_t i;

	for (i = *rxq->rx.consumer; i != *rxq->rx.producer; i++)
		leftovers_add(l, xskpmd_addr_mbuf(&rxq->addr,
						  xsk_ring_cons__rx_desc(&rxq->rx, i)->addr));
	for (i = *rxq->fill.consumer; i != *rxq->fill.producer; i++)
		leftovers_add(l, xskpmd_addr_mbuf(&rxq->addr,
						  *xsk_ring_prod__fill_addr(&rxq->fill, i)));
}

/* ---- data path queues on a socket -------------------------------------------------------- */

static uint16_t *
held_alloc(const struct xskpmd_umem *umem, unsigned int socket_id)
{
	return rte_zmalloc_socket("xskpmd_held", ((umem->geom.area_len >> XSKPMD_SLOT_SHIFT) + 1) * sizeof(uint16_t),
				  RTE_CACHE_LINE_SIZE, socket_id);
}

static void
rxq_attach(struct xskpmd_rxq *rxq, const struct xskpmd_pair *pair)
{
	const struct xskpmd_xsk *xsk = &pair->xsk;

	rxq->rx = xsk->rx;
	rxq->fill = xsk->fill;
	xskpmd_fds[rxq->fd_slot] = xsk->fd;
	rxq->addr = pair->umem->geom.addr;
	rxq->missing = rxq->owned;
	rxq->held = NULL;
	rxq->first = NULL;
	rxq->last = NULL;
	rxq->busy_poll = false;
}

/** Descriptors that one packet may take on a socket. */
static uint16_t
granted_segs(const struct xskpmd_port *port, const struct xskpmd_xsk *xsk)
{
	struct xskpmd_xdp_features f;

	if (!xsk->sg)
		return 1;
	if (!xsk->zero_copy)
		return XSKPMD_MAX_SEGS;
	if (xskpmd_netdev_xdp_features(&port->netdev, &f) != 0 || f.zc_max_segs == 0)
		return 1;
	return RTE_MIN(f.zc_max_segs, XSKPMD_MAX_SEGS);
}

static void
txq_attach(struct xskpmd_txq *txq, const struct xskpmd_pair *pair)
{
	const struct xskpmd_xsk *xsk = &pair->xsk;
	const struct xskpmd_umem *umem = pair->umem;

	txq->tx = xsk->tx;
	txq->comp = xsk->comp;
	xskpmd_fds[txq->fd_slot] = xsk->fd;
	txq->addr = umem->geom.addr;
	txq->pool = umem->pool;
	txq->buf_len = umem->buf_len;
	txq->seg_span = RTE_MIN(umem->geom.chunk_size, umem->buf_len) - XSKPMD_MIN_FRAME;
	txq->free = txq->size;
	txq->shared = false;
	txq->max_segs = 1;
	txq->busy_poll = false;
}

static uint32_t
ring_size(const uint32_t nb_desc)
{
	return rte_align32pow2(RTE_MAX(nb_desc, 1u));
}

/* ---- which UMEM -------------------------------------------------------------------------- */

/** A port without Rx queues has no pool: its Tx queues copy into one of their own. */
static int
own_umem_get(struct xskpmd_port *port, struct xskpmd_pair *pair)
{
	struct xskpmd_txq *txq = pair->txq;
	const uint32_t frame = RTE_MIN(port->data->mtu + XSKPMD_L2_OVERHEAD,
				       XSKPMD_CHUNK_MAX - XSKPMD_KERNEL_HEADROOM);
	const uint32_t buf = RTE_PKTMBUF_HEADROOM +
			     RTE_MAX(frame, (uint32_t)RTE_MBUF_DEFAULT_DATAROOM);
	const uint32_t n = txq->size + OWN_POOL_SPARE;
	static uint32_t serial; /* one that another process still uses keeps its name */
	char name[RTE_MEMPOOL_NAMESIZE];
	struct rte_mempool *pool;
	int ret;

	if (pair->own_umem != NULL && rte_pktmbuf_data_room_size(pair->own_umem->pool) >= buf &&
	    pair->own_umem->pool->size >= n)
		return 0;
	xskpmd_pair_put_own_umem(pair); /* of another MTU, or another ring */
	snprintf(name, sizeof(name), "xskpmd_tx_%u", __atomic_fetch_add(&serial, 1, __ATOMIC_RELAXED));
	pool = rte_pktmbuf_pool_create(name, n, 0, 0, buf, port->data->numa_node);
	if (pool == NULL) {
		ret = -rte_errno;
		XSKPMD_LOG(ERR, "%s: Tx queue %u: cannot make a pool of %u mbufs of %u B to copy into: %s: give "
			   "EAL more memory, or set up an Rx queue (its pool is used then)", port->name,
			   txq->queue_id, n, buf, strerror(-ret));
		return ret;
	}
	ret = xskpmd_umem_get(port->name, pool, RTE_PKTMBUF_HEADROOM, &pair->own_umem);
	if (ret != 0)
		rte_mempool_free(pool);
	return ret;
}

void
xskpmd_pair_put_own_umem(struct xskpmd_pair *pair)
{
	struct rte_mempool *pool;

	if (pair->own_umem == NULL)
		return;
	pool = pair->own_umem->pool;
	xskpmd_umem_put(pair->own_umem);
	pair->own_umem = NULL;
	rte_mempool_free(pool);
}

/** The UMEM for a socket: its Rx queue's, else the port's first, else one of its own. */
static int
pair_umem(struct xskpmd_port *port, struct xskpmd_pair *pair)
{
	uint16_t q;
	int ret;

	pair->umem = pair->rx_umem;
	for (q = 0; q < port->nb_pairs && pair->umem == NULL; q++)
		pair->umem = port->pairs[q].rx_umem;
	if (pair->umem != NULL)
		return 0;
	ret = own_umem_get(port, pair);
	pair->umem = pair->own_umem;
	return ret;
}

/* ---- open -------------------------------------------------------------------------------- */

/** Whether packets of the MTU need several buffers of this UMEM. */
static bool
mtu_needs_sg(const struct xskpmd_port *port, const struct xskpmd_umem *umem)
{
	return port->data->mtu + XSKPMD_L2_OVERHEAD > umem->geom.room;
}

static bool
mtu_fits(const struct xskpmd_port *port, const struct xskpmd_pair *pair)
{
	return pair->rxq == NULL || pair->rxq->scatter || !mtu_needs_sg(port, pair->rx_umem);
}

bool
xskpmd_pair_mtu_refused(const struct xskpmd_port *port, const struct xskpmd_pair *pair)
{
	return port->mtu_asked && !mtu_fits(port, pair);
}

/* Packets that do not fit vanish in the kernel. An MTU that the application asked for is
 * refused then; the interface's own MTU may be large for others' sake (9001 on some
 * clouds), so it is only said.
 */
static int
check_mtu(struct xskpmd_port *port, const struct xskpmd_pair *pair)
{
	const struct xskpmd_umem *umem = pair->umem;
	const uint32_t frame = port->data->mtu + XSKPMD_L2_OVERHEAD;
	const char *sg = port->kernel_sg ? "" : " (which needs Linux 6.6)";
	char larger[64] = "";

	if (mtu_fits(port, pair))
		return 0;
	if (frame <= XSKPMD_CHUNK_MAX - XSKPMD_KERNEL_HEADROOM) /* no chunk receives more */
		snprintf(larger, sizeof(larger), "a data room of %u B, ", frame + umem->data_off);
	if (port->mtu_asked) {
		XSKPMD_LOG(ERR, "%s: MTU %u needs %u B per packet, a buffer of pool %s receives %u B: use %s"
			   "a smaller MTU, or RTE_ETH_RX_OFFLOAD_SCATTER%s", port->name, port->data->mtu,
			   frame, umem->pool->name, umem->geom.room, larger, sg);
		return -EINVAL;
	}
	if (!port->mtu_told)
		XSKPMD_LOG(WARNING, "%s: packets over %u B will be lost (imissed): %s has MTU %u, a buffer of "
			   "pool %s receives %u B: to get them, use %sa smaller MTU, or "
			   "RTE_ETH_RX_OFFLOAD_SCATTER%s", port->name, umem->geom.room, port->ifname,
			   port->data->mtu, umem->pool->name, umem->geom.room, larger, sg);
	port->mtu_told = true;
	return 0;
}

/* Where a secondary process most likely has room for the rings, too: far from what the linker and EAL
 * (--base-virtaddr) take, which are at the same places in processes of one program. No ring
 * needs a quarter of the step.
 */
#define MAP_BASE ((uintptr_t)(sizeof(void *) == 8 ? 0x300000000000 : 0))
#define MAP_STEP ((uintptr_t)16 << 20)

static void *
map_at(uint16_t port_id, uint16_t q)
{
	const uintptr_t slot = (uintptr_t)port_id * RTE_MAX_QUEUES_PER_PORT + q;

	return MAP_BASE != 0 ? (void *)(MAP_BASE + slot * MAP_STEP) : NULL;
}

/* These drivers tell the NIC how long its buffers are in steps of 1 KiB: it uses no more of a chunk,
 * and a longer packet, which fills two, comes as two packets (igb of Linux 7.3).
 */
#define NIC_BUFFER_STEP 1024u

static bool
has_stepped_buffers(const struct xskpmd_netdev *nd)
{
	static const char *const drivers[] = { "igb", "igc" };
	struct ethtool_drvinfo info;
	size_t i;

	if (xskpmd_ethtool_drvinfo(nd, &info) != 0)
		return false;
	for (i = 0; i < RTE_DIM(drivers); i++)
		if (strcmp(info.driver, drivers[i]) == 0)
			return true;
	return false;
}

uint32_t
xskpmd_pair_nic_room(const struct xskpmd_port *port, const struct xskpmd_umem *umem)
{
	return has_stepped_buffers(&port->netdev) ? RTE_ALIGN_FLOOR(umem->geom.room, NIC_BUFFER_STEP) :
						    umem->geom.room;
}

/* A zero-copy socket sends and receives in the NIC's driver: with generic XDP, nothing is sent. */
static int
avoid_generic(const struct xskpmd_port *port, struct xskpmd_xsk_req *req)
{
	if (port->conf.mode != XSKPMD_MODE_SKB && !port->generic)
		return 0;
	if (req->zero_copy == XSKPMD_XSK_ZC_ON) {
		XSKPMD_LOG(ERR, "%s: zero_copy=on needs native XDP, %s has generic XDP: use zero_copy=auto%s",
			   port->name, port->ifname,
			   port->conf.mode == XSKPMD_MODE_SKB ? ", or another mode than skb" : "");
		return -EINVAL;
	}
	req->zero_copy = XSKPMD_XSK_ZC_OFF;
	return 0;
}

/* Zero-copy needs bursts that record what the kernel has; a port that runs without has others. */
static int
avoid_late(const struct xskpmd_port *port, struct xskpmd_xsk_req *req)
{
	if (!port->data->dev_started || port->track)
		return 0;
	if (req->zero_copy == XSKPMD_XSK_ZC_ON) {
		XSKPMD_LOG(ERR, "%s: zero_copy=on: queue %u cannot be the first with zero-copy of a port that runs: "
			   "stop the port first", port->name, req->queue);
		return -EBUSY;
	}
	req->zero_copy = XSKPMD_XSK_ZC_OFF;
	return 0;
}

/* In zero-copy the NIC's driver receives into mbufs only: without an Rx queue it has none, and the kernel
 * would get no packet of the queue any more, though nobody wants them.
 */
static void
avoid_starving(const struct xskpmd_port *port, const struct xskpmd_pair *pair, struct xskpmd_xsk_req *req)
{
	if (pair->rxq != NULL || req->zero_copy == XSKPMD_XSK_ZC_OFF)
		return;
	if (req->zero_copy == XSKPMD_XSK_ZC_ON)
		XSKPMD_LOG(WARNING, "%s: queue %u of %s only transmits: with zero_copy=on the kernel receives nothing "
			   "on it: use zero_copy=auto, or set up its Rx queue", port->name, req->queue,
			   port->ifname);
	else
		req->zero_copy = XSKPMD_XSK_ZC_OFF;
}

/* The bursts are chosen at start: one for packets of a single buffer takes the pieces of others for packets. */
static int
avoid_pieces(const struct xskpmd_port *port, const struct xskpmd_pair *pair, struct xskpmd_xsk_req *req)
{
	if (!port->data->dev_started || pair->rxq == NULL || port->rx_sg)
		return 0;
	if (req->need_sg) {
		XSKPMD_LOG(ERR, "%s: queue %u cannot be the first with packets of several buffers of a port that "
			   "runs: stop the port first, or use a larger data room", port->name, req->queue);
		return -EBUSY;
	}
	req->want_sg = false;
	req->no_sg = true;
	return 0;
}

/** Take zero-copy out of a request where it would cut packets in two. */
static int
avoid_split(const struct xskpmd_port *port, const struct xskpmd_pair *pair, struct xskpmd_xsk_req *req)
{
	const struct xskpmd_umem *umem = pair->umem;
	const uint32_t frame = port->data->mtu + XSKPMD_L2_OVERHEAD;
	const uint32_t used = xskpmd_pair_nic_room(port, umem);
	const uint32_t wanted = RTE_ALIGN_CEIL(frame, NIC_BUFFER_STEP) + umem->data_off;

	if (pair->rxq == NULL || req->zero_copy == XSKPMD_XSK_ZC_OFF || used >= frame ||
	    used == umem->geom.room)
		return 0;
	if (req->zero_copy == XSKPMD_XSK_ZC_ON) {
		XSKPMD_LOG(ERR, "%s: zero_copy=on: %s would cut packets over %u B in two, it uses %u of the %u B "
			   "that a buffer of pool %s receives: use a data room of %u B", port->name,
			   port->ifname, used, used, umem->geom.room, umem->pool->name, wanted);
		return -EINVAL;
	}
	XSKPMD_LOG(WARNING, "%s: queue %u of %s copies: in zero-copy it would use %u of the %u B that a buffer of "
		   "pool %s receives, and cut longer packets in two: use a data room of %u B", port->name,
		   req->queue, port->ifname, used, umem->geom.room, umem->pool->name, wanted);
	req->zero_copy = XSKPMD_XSK_ZC_OFF;
	return 0;
}

static void
pair_request(const struct xskpmd_port *port, const struct xskpmd_pair *pair,
	     struct xskpmd_xsk_req *req)
{
	const bool tx_sg = port->data->dev_conf.txmode.offloads & RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	const bool rx_sg = pair->rxq != NULL && pair->rxq->scatter;

	*req = (struct xskpmd_xsk_req){
		.name = port->name,
		.ifname = port->ifname,
		.ifindex = port->netdev.ifindex,
		.netns = &port->netdev.netns,
		.queue = port->conf.start_queue + (pair - port->pairs),
		.map_at = map_at(port->data->port_id, pair - port->pairs),
		.umem = pair->umem,
		.rx_size = pair->rxq != NULL ? ring_size(pair->rxq->size) : 0,
		.tx_size = pair->txq != NULL ? ring_size(pair->txq->size) : 0,
		.zero_copy = (enum xskpmd_xsk_zc)port->conf.zero_copy,
		.want_sg = port->kernel_sg && (rx_sg || tx_sg),
		.need_sg = rx_sg && mtu_needs_sg(port, pair->umem),
	};
	req->fill_size = pair->rxq != NULL ? ring_size(pair->rxq->owned) : 1;
	req->comp_size = RTE_MAX(req->tx_size, 1u);
}

/** Start to record what the kernel has; the fill ring still says what it was given. */
static int
pair_track(struct xskpmd_pair *pair, unsigned int socket_id)
{
	struct xskpmd_rxq *rxq = pair->rxq;
	uint32_t i;

	if (rxq != NULL && rxq->held == NULL) {
		rxq->held = held_alloc(pair->umem, socket_id);
		if (rxq->held == NULL)
			return -ENOMEM;
		for (i = 0; i < rxq->fill.cached_prod; i++)
			rxq->held[xskpmd_addr_slot(&rxq->addr,
						   *xsk_ring_prod__fill_addr(&rxq->fill, i))] = 1;
	}
	return 0;
}

/** The rings go with the socket: the queues on it must not be asked about them. */
static void
pair_xsk_close(struct xskpmd_pair *pair)
{
	xskpmd_xsk_close(&pair->xsk);
	if (pair->rxq != NULL)
		xskpmd_fds[pair->rxq->fd_slot] = -1;
	if (pair->txq != NULL)
		xskpmd_fds[pair->txq->fd_slot] = -1;
}

/** Close the socket, and leave alone what another process may be using: its mbufs are lost. */
static void
pair_abandon(const struct xskpmd_port *port, struct xskpmd_pair *pair)
{
	xskpmd_pair_restore_napi(port, pair);
	pair_xsk_close(pair);
	pair->umem = NULL;
}

/** Close the socket and return every mbuf of its rings. */
void
xskpmd_pair_close(const struct xskpmd_port *port, struct xskpmd_pair *pair)
{
	struct xskpmd_rxq *rxq = pair->rxq;
	struct xskpmd_txq *txq = pair->txq;
	struct leftovers rx = { NULL, 0, 0 }, tx = { NULL, 0, 0 };
	const bool zero_copy = pair->xsk.zero_copy;

	if (pair->xsk.fd < 0)
		return;
	xskpmd_open_remove(pair);
	xskpmd_stats_collect(pair);
	if (port->held_elsewhere) {
		pair_abandon(port, pair);
		return;
	}
	/* Closed before it was started: the driver has had the buffers since bind. */
	if (zero_copy && pair_track(pair, port->data->numa_node) != 0)
		XSKPMD_LOG(WARNING, "%s: no memory: mbufs are lost", port->name);
	if (rxq != NULL) {
		rte_pktmbuf_free(rxq->first); /* the beginning of a packet */
		rx.max = ring_size(rxq->size) + ring_size(rxq->owned);
		rx.mbufs = calloc(rx.max, sizeof(*rx.mbufs));
		if (rx.mbufs != NULL && rxq->held == NULL)
			leftovers_of_rx_rings(&rx, rxq);
	}
	if (txq != NULL) {
		xskpmd_tx_reclaim(txq);
		tx.max = txq->size;
		tx.mbufs = calloc(tx.max, sizeof(*tx.mbufs));
	}
	xskpmd_pair_restore_napi(port, pair);
	pair_xsk_close(pair);
	if (zero_copy && xskpmd_xsk_wait_unbound(pair->xsk.netns, pair->xsk.ifindex,
						 pair->xsk.queue) != 0)
		XSKPMD_LOG(WARNING, "queue %u of interface %d is still in use by the kernel",
			   pair->xsk.queue, pair->xsk.ifindex);
	if (rxq != NULL && rx.mbufs != NULL) {
		if (rxq->held != NULL)
			leftovers_of_held(&rx, &rxq->addr, rxq->pool, rxq->held);
		/* As they came out of the pool. */
		rte_mempool_put_bulk(rxq->pool, (void **)rx.mbufs, rx.n);
		rte_free(rxq->held);
		rxq->held = NULL;
	}
	if (txq != NULL && tx.mbufs != NULL) {
		leftovers_of_held(&tx, &txq->addr, txq->pool, txq->held);
		for (; tx.n > 0; tx.n--)
			rte_pktmbuf_free_seg(tx.mbufs[tx.n - 1]);
		rte_free(txq->held);
		txq->held = NULL;
	}
	free(rx.mbufs);
	free(tx.mbufs);
	pair->umem = NULL;
}

/** Open, fill, bind. On failure nothing is left. */
static int
pair_open_as(const struct xskpmd_port *port, const struct xskpmd_xsk_req *req,
	     struct xskpmd_pair *pair)
{
	int ret = xskpmd_xsk_open(req, &pair->xsk);

	if (ret != 0)
		return ret;
	if (pair->txq != NULL) {
		txq_attach(pair->txq, pair);
		pair->txq->held = held_alloc(pair->umem, port->data->numa_node);
		if (pair->txq->held == NULL) {
			XSKPMD_LOG(ERR, "%s: Tx queue %u: no memory", req->name, pair->txq->queue_id);
			pair_xsk_close(pair);
			return -ENOMEM;
		}
	}
	if (pair->rxq != NULL) {
		rxq_attach(pair->rxq, pair);
		/* Before the bind: some drivers take the buffers there. */
		if (xskpmd_rx_fill(pair->rxq) > 0)
			XSKPMD_LOG(WARNING, "%s: Rx queue %u: pool %s has no more mbufs, %u of %u are "
				   "missing: enlarge the pool", req->name, pair->rxq->queue_id,
				   pair->rxq->pool->name, pair->rxq->missing, pair->rxq->owned);
	}
	ret = xskpmd_xsk_bind(req, &pair->xsk);
	if (ret != 0) {
		struct xskpmd_umem *umem = pair->umem;

		xskpmd_pair_close(port, pair);
		pair->umem = umem;
		return ret;
	}
	if (pair->txq != NULL) {
		pair->txq->zero_copy = pair->xsk.zero_copy;
		pair->txq->max_segs = granted_segs(port, &pair->xsk);
	}
	xskpmd_open_add(port, pair);
	return 0;
}

int
xskpmd_pair_open(struct xskpmd_port *port, struct xskpmd_pair *pair)
{
	struct xskpmd_xsk_req req;
	int ret;

	if (pair->xsk.fd >= 0 || (pair->rxq == NULL && pair->txq == NULL))
		return 0;
	ret = pair_umem(port, pair);
	if (ret == 0)
		ret = check_mtu(port, pair);
	if (ret == 0)
		ret = xskpmd_open_check(port, port->conf.start_queue + (pair - port->pairs));
	if (ret != 0)
		return ret;
	pair_request(port, pair, &req);
	avoid_starving(port, pair, &req);
	ret = avoid_pieces(port, pair, &req);
	if (ret == 0)
		ret = avoid_late(port, &req);
	if (ret == 0)
		ret = avoid_generic(port, &req);
	if (ret == 0)
		ret = avoid_split(port, pair, &req);
	if (ret != 0)
		return ret;
	req.share = xskpmd_open_sharer(port, &req);
	ret = pair_open_as(port, &req, pair);
	if (ret != 0 && req.share != NULL && ret != -EBUSY) {
		/* Older kernels and other devices may not share. */
		req.share = NULL;
		ret = pair_open_as(port, &req, pair);
	}
	return ret;
}

/* ---- tracking ---------------------------------------------------------------------------- */

/* Buffers that were meant for a NIC's own ring, which it does not use: copying, the kernel may find the Rx ring
 * full, and then keeps the buffer it has just taken from the fill ring.
 */
static bool
may_overflow(const struct xskpmd_pair *pair)
{
	return pair->rxq != NULL && pair->xsk.fd >= 0 && pair->rxq->owned > pair->xsk.rx.size;
}

/* A zero-copy driver keeps buffers where no ring shows them. One burst serves all queues of
 * a port, so if one has to be tracked, all are.
 */
int
xskpmd_pairs_track(struct xskpmd_port *port)
{
	/* The bursts are chosen at start: what they do does not change before the next. */
	bool track = XSKPMD_TRACK_ALWAYS || (port->data->dev_started && port->track);
	int ret = 0;
	uint16_t q;

	for (q = 0; q < port->nb_pairs; q++)
		track |= port->pairs[q].xsk.zero_copy || may_overflow(&port->pairs[q]);
	for (q = 0; q < port->nb_pairs && track && ret == 0; q++)
		if (port->pairs[q].xsk.fd >= 0)
			ret = pair_track(&port->pairs[q], port->data->numa_node);
	port->track = track;
	return ret;
}
