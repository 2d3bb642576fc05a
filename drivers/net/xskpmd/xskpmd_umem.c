/* SPDX-License-Identifier: BSD-3-Clause */

/* mempool -> UMEM: geometry, checks, and the registry of the pools in use.
 *
 * The kernel wants chunks of 2048 or 4096 bytes at multiples of their size (aligned
 * mode), or of any size between at any place (unaligned mode, Linux 5.4). A pool
 * whose elements are 2048 or 4096 bytes and lie at multiples of that is used in
 * aligned mode; any other in unaligned mode, where a chunk is just the part of an
 * element that a packet needs. xskpmd_addr.h draws both.
 *
 * In front of a packet lie, within the 256 bytes that the kernel leaves free, the mbuf's
 * headroom (128 bytes) and, before that, the private area or the mbuf itself.
 * The kernel writes there only what an XDP program prepends. Ours prepends nothing
 * beyond the headroom, so packets start at RTE_PKTMBUF_HEADROOM as everywhere in
 * DPDK. A program given with xdp_prog= may prepend up to 256 bytes: then packets
 * start at 256, and the mbuf is out of its reach.
 */

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include <rte_mbuf.h>
#include <rte_memory.h>

#include "xskpmd_logs.h"
#include "xskpmd_umem.h"

#define UMEM_PAGE 4096

static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static struct xskpmd_umem *registry;

/* An element with padding behind the buffer is left to unaligned mode: in aligned mode
 * a packet may fill the chunk to its end, beyond what the mbuf calls its buffer.
 */
static bool
is_aligned_shape(const struct xskpmd_pool_shape *s)
{
	const uint32_t used = s->header + sizeof(struct rte_mbuf) + s->priv + s->buf_len;

	return s->strided && (s->stride == 2048 || s->stride == 4096) && used == s->stride;
}

int
xskpmd_umem_geometry(const struct xskpmd_pool_shape *shape, uint16_t data_off,
		     struct xskpmd_umem_geom *geom)
{
	const uint32_t mbuf_size = sizeof(struct rte_mbuf) + shape->priv;
	uint32_t room;

	if (shape->buf_len < data_off + XSKPMD_ROOM_MIN)
		return -ERANGE;
	room = shape->buf_len - data_off;
	geom->unaligned = !is_aligned_shape(shape);
	geom->area = RTE_ALIGN_FLOOR(shape->first, (uintptr_t)UMEM_PAGE);
	geom->area_len = RTE_ALIGN_CEIL(shape->end, (uintptr_t)UMEM_PAGE) - geom->area;

	if (!geom->unaligned) {
		/* The chunk is the element. */
		geom->chunk_size = shape->stride;
		geom->headroom = shape->header + mbuf_size + data_off - XSKPMD_KERNEL_HEADROOM;
		geom->room = room;
		geom->addr.mbuf0 = geom->area + shape->header;
		geom->addr.chunk_mask = ~(uint64_t)(geom->chunk_size - 1);
		geom->addr.off_unit = 1;
		geom->addr.buf_off = shape->header + mbuf_size;
		return 0;
	}
	/* The chunk is what a packet needs: the kernel's headroom and the data room. A data
	 * room beyond a page is used up to there; a small one is made up for by UMEM headroom, as
	 * far back as the element goes. Chunks are even (see xskpmd_addr.h), so headroom is.
	 */
	geom->chunk_size = RTE_MIN(XSKPMD_KERNEL_HEADROOM + room, (uint32_t)XSKPMD_CHUNK_MAX);
	geom->headroom = geom->chunk_size < XSKPMD_CHUNK_MIN ?
			 RTE_ALIGN_CEIL(XSKPMD_CHUNK_MIN - geom->chunk_size, 2u) : 0;
	geom->chunk_size += geom->headroom;
	if (geom->headroom + XSKPMD_KERNEL_HEADROOM > shape->header + mbuf_size + data_off)
		return -ERANGE;
	geom->room = geom->chunk_size - XSKPMD_KERNEL_HEADROOM - geom->headroom;
	geom->addr.buf_off = XSKPMD_KERNEL_HEADROOM + geom->headroom - data_off;
	geom->addr.mbuf0 = geom->area - mbuf_size + geom->addr.buf_off;
	geom->addr.chunk_mask = XSKPMD_UNALIGNED_CHUNK_MASK;
	geom->addr.off_unit = UINT64_C(1) << XSKPMD_UNALIGNED_CHUNK_BITS;
	return 0;
}

struct shape_walk {
	struct xskpmd_pool_shape *shape;
	bool foreign_buf; /**< an mbuf's buffer is not behind it */
};

static void
shape_add(struct rte_mempool *pool, void *opaque, void *obj, unsigned int idx __rte_unused)
{
	struct shape_walk *walk = opaque;
	struct xskpmd_pool_shape *shape = walk->shape;
	const struct rte_mbuf *m = obj;
	const uintptr_t elem = (uintptr_t)obj - shape->header;

	shape->first = RTE_MIN(shape->first, elem);
	shape->end = RTE_MAX(shape->end, elem + shape->header + pool->elt_size);
	if (elem % shape->stride != 0)
		shape->strided = false;
	/* One that is in use may be attached to another buffer for the moment. */
	if (m->ol_flags & (RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL))
		return;
	if ((uintptr_t)m->buf_addr != (uintptr_t)m + sizeof(*m) + shape->priv ||
	    m->buf_len != shape->buf_len)
		walk->foreign_buf = true;
}

/** Measure a pool. @return false if its mbufs do not have their buffers behind them */
static bool
pool_shape(struct rte_mempool *pool, struct xskpmd_pool_shape *shape)
{
	struct shape_walk walk = { .shape = shape };

	*shape = (struct xskpmd_pool_shape){
		.first = UINTPTR_MAX,
		.stride = pool->header_size + pool->elt_size + pool->trailer_size,
		.header = pool->header_size,
		.priv = rte_pktmbuf_priv_size(pool),
		.buf_len = rte_pktmbuf_data_room_size(pool),
		.strided = true,
	};
	rte_mempool_obj_iter(pool, shape_add, &walk);
	return !walk.foreign_buf;
}

static int
umem_init(const char *name, struct rte_mempool *pool, uint16_t data_off, struct xskpmd_umem *umem)
{
	struct xskpmd_pool_shape shape;
	const struct rte_memseg_list *msl;

	if (pool->elt_size < sizeof(struct rte_mbuf) || pool->populated_size == 0 ||
	    (rte_pktmbuf_priv_flags(pool) & RTE_PKTMBUF_POOL_F_PINNED_EXT_BUF) ||
	    !pool_shape(pool, &shape)) {
		XSKPMD_LOG(ERR, "%s: pool %s: its mbufs do not have their buffers behind them, so it "
			   "cannot be a UMEM: use a pool made by rte_pktmbuf_pool_create()",
			   name, pool->name);
		return -EINVAL;
	}
	umem->pool = pool;
	umem->data_off = data_off;
	if (xskpmd_umem_geometry(&shape, data_off, &umem->geom) != 0) {
		XSKPMD_LOG(ERR, "%s: pool %s: data room of %u B is too small, AF_XDP wants chunks of "
			   "%u B at least: use a data room of %u B or more (RTE_MBUF_DEFAULT_BUF_SIZE is %u)",
			   name, pool->name, shape.buf_len, XSKPMD_CHUNK_MIN,
			   XSKPMD_CHUNK_MIN - shape.header - (uint32_t)sizeof(struct rte_mbuf) -
			   RTE_MIN(shape.priv, XSKPMD_CHUNK_MIN / 2u), RTE_MBUF_DEFAULT_BUF_SIZE);
		return -EINVAL;
	}
	/* An unaligned address has 16 bits of offset: the last bytes of the very longest buffers
	 * are beyond, and are sent by copying.
	 */
	umem->buf_len = RTE_MIN(shape.buf_len, UINT16_MAX - umem->geom.addr.buf_off);
	msl = rte_mem_virt2memseg_list((void *)shape.first);
	umem->small_pages = msl == NULL || msl->page_sz <= UMEM_PAGE;
	return 0;
}

int
xskpmd_umem_get(const char *name, struct rte_mempool *pool, uint16_t data_off,
		struct xskpmd_umem **out)
{
	struct xskpmd_umem *umem;
	int ret = 0;

	pthread_mutex_lock(&registry_lock);
	for (umem = registry; umem != NULL; umem = umem->next)
		if (umem->pool == pool && umem->data_off == data_off)
			break;
	if (umem == NULL) {
		umem = calloc(1, sizeof(*umem));
		ret = umem == NULL ? -ENOMEM : umem_init(name, pool, data_off, umem);
		if (ret != 0) {
			free(umem);
			goto unlock;
		}
		umem->next = registry;
		registry = umem;
	}
	umem->refcnt++;
	*out = umem;
unlock:
	pthread_mutex_unlock(&registry_lock);
	return ret;
}

void
xskpmd_umem_put(struct xskpmd_umem *umem)
{
	struct xskpmd_umem **link;

	if (umem == NULL)
		return;
	pthread_mutex_lock(&registry_lock);
	if (--umem->refcnt == 0) {
		for (link = &registry; *link != umem; link = &(*link)->next)
			;
		*link = umem->next;
		free(umem);
	}
	pthread_mutex_unlock(&registry_lock);
}

/* A receive queue owns nb_rx_desc mbufs whenever it can. If the pool has fewer than
 * its queues own together, some of them can never be filled, and nothing is left
 * to copy into or to allocate. What the application holds and what Tx has in
 * flight comes on top; only the application can know that, so it is not refused.
 */
int
xskpmd_umem_own(const char *name, struct xskpmd_umem *umem, int n)
{
	int ret = 0;

	pthread_mutex_lock(&registry_lock);
	if (n > 0 && umem->owned + n >= umem->pool->size) {
		XSKPMD_LOG(ERR, "%s: pool %s has %u mbufs, but its Rx queues would own %u: use a pool of "
			   "%u mbufs or more, or fewer Rx descriptors", name, umem->pool->name,
			   umem->pool->size, umem->owned + n, 2 * (umem->owned + n));
		ret = -ENOSPC;
	} else {
		umem->owned += n;
	}
	pthread_mutex_unlock(&registry_lock);
	return ret;
}

bool
xskpmd_umem_own_spare(struct xskpmd_umem *umem, uint32_t n)
{
	bool own;

	pthread_mutex_lock(&registry_lock);
	own = umem->owned + n <= umem->pool->size / 2;
	if (own)
		umem->owned += n;
	pthread_mutex_unlock(&registry_lock);
	return own;
}
