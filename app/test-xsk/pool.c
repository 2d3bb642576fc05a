/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_mbuf_pool_ops.h>
#include <rte_mempool.h>

#include "harness.h"
#include "xskpmd_umem.h"

#define MAX_POOLS 64

static struct rte_mempool *pools[MAX_POOLS];
static unsigned int nb_pools;

static struct rte_mempool *
remember(struct rte_mempool *mp)
{
	CHECK(nb_pools < MAX_POOLS, "too many pools");
	pools[nb_pools++] = mp;
	return mp;
}

void
xt_pool_forget(struct rte_mempool *mp)
{
	unsigned int i;

	for (i = 0; i < nb_pools; i++) {
		if (pools[i] == mp)
			pools[i] = pools[--nb_pools];
	}
}

static const char *
new_name(void)
{
	static char name[RTE_MEMPOOL_NAMESIZE];
	static unsigned int serial;

	snprintf(name, sizeof(name), "xt%u", serial++);
	return name;
}

struct rte_mempool *
xt_pool(unsigned int n, unsigned int cache, uint16_t priv, uint16_t data_room)
{
	struct rte_mempool *mp;

	mp = rte_pktmbuf_pool_create(new_name(), n, cache, priv, data_room, SOCKET_ID_ANY);
	CHECK(mp != NULL, "pool of %u: %s", n, rte_strerror(rte_errno));
	return remember(mp);
}

/* Enough for each queue's rings of 512, a fill ring of 2048 (net_af_xdp's own) and the test. */
struct rte_mempool *
xt_pool_default(unsigned int nb_queues)
{
	return xt_pool(4096 * nb_queues + 1024, 64, 0, RTE_MBUF_DEFAULT_BUF_SIZE);
}

static void
no_free(struct rte_mempool_memhdr *memhdr __rte_unused, void *opaque __rte_unused)
{
}

static void
populate_pieces(struct rte_mempool *mp, const struct xt_pool_form *form)
{
	unsigned int i, each = (form->n + form->pieces - 1) / form->pieces;
	size_t page, min_chunk, align, len;
	char *mem, *piece;

	CHECK_OK(rte_mempool_get_page_size(mp, &page), "page size");
	len = rte_mempool_op_calc_mem_size_default(mp, each, page > 0 ? rte_bsf64(page) : 0,
			&min_chunk, &align);
	len = RTE_ALIGN_CEIL(len, (size_t)sysconf(_SC_PAGESIZE));
	mem = mmap(NULL, (len + form->gap) * form->pieces, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(mem != MAP_FAILED, "mmap: %s", strerror(errno));
	for (i = 0; i < form->pieces; i++) {
		piece = mem + i * (len + form->gap);
		CHECK_INT(rte_mempool_populate_iova(mp, piece, (uintptr_t)piece, len, no_free,
						    NULL), >, 0, "mbufs in piece %u", i);
		if (form->gap > 0)
			munmap(piece + len, form->gap);
	}
}

struct rte_mempool *
xt_pool_form(const struct xt_pool_form *form)
{
	uint16_t room = form->data_room;
	struct rte_pktmbuf_pool_private priv = {.mbuf_priv_size = form->priv};
	unsigned int flags = 0;
	struct rte_mempool *mp;

	if (room == 0) { /* header 64, no trailer, no spreading */
		room = form->stride - 64 - sizeof(struct rte_mbuf) - form->priv;
		flags |= RTE_MEMPOOL_F_NO_SPREAD;
	}
	if (form->packed)
		flags |= RTE_MEMPOOL_F_NO_IOVA_CONTIG;
	priv.mbuf_data_room_size = room;
	mp = rte_mempool_create_empty(form->name != NULL ? form->name : new_name(), form->n,
			sizeof(struct rte_mbuf) + form->priv + room, form->cache, sizeof(priv),
			SOCKET_ID_ANY, flags);
	CHECK(mp != NULL, "empty pool: %s", rte_strerror(rte_errno));
	CHECK_OK(rte_mempool_set_ops_byname(mp, rte_mbuf_best_mempool_ops(), NULL), "pool ops");
	rte_pktmbuf_pool_init(mp, &priv);
	if (form->pieces > 0)
		populate_pieces(mp, form);
	else
		CHECK_INT(rte_mempool_populate_default(mp), >, 0, "populate");
	CHECK_INT(mp->populated_size, ==, form->n, "mbufs in the pool");
	rte_mempool_obj_iter(mp, rte_pktmbuf_init, NULL);
	if (form->data_room == 0)
		CHECK_INT(mp->header_size + mp->elt_size + mp->trailer_size, ==, form->stride,
			  "stride of the pool");
	if (form->pieces > 0)
		CHECK_INT(mp->nb_mem_chunks, ==, form->pieces, "memory chunks of the pool");
	return remember(mp);
}

static int
compare(const void *a, const void *b)
{
	const uintptr_t x = *(const uintptr_t *)a, y = *(const uintptr_t *)b;

	return x < y ? -1 : x > y;
}

/* Every mbuf is there, once, and as the pool hands them out. */
static void
pool_check(struct rte_mempool *mp, const char *when)
{
	unsigned int i, n = 0;
	const struct rte_mbuf *m;
	uintptr_t *all;
	void *obj;

	CHECK_INT(rte_mempool_avail_count(mp), ==, mp->size, "%s: mbufs back in pool %s", when,
		  mp->name);
	all = calloc(mp->size, sizeof(*all));
	CHECK(all != NULL, "no memory");
	while (n < mp->size && rte_mempool_get(mp, &obj) == 0)
		all[n++] = (uintptr_t)obj;
	CHECK_INT(n, ==, mp->size, "%s: mbufs that come out of pool %s", when, mp->name);
	rte_mempool_put_bulk(mp, (void **)all, n);
	qsort(all, n, sizeof(*all), compare);
	for (i = 0; i < n; i++) {
		CHECK(i == 0 || all[i] != all[i - 1], "%s: an mbuf is twice in pool %s", when,
		      mp->name);
		m = (const struct rte_mbuf *)all[i];
		CHECK_INT(rte_mbuf_refcnt_read(m), ==, 1, "%s: refcnt of an mbuf in pool %s", when,
			  mp->name);
		CHECK(m->next == NULL && m->nb_segs == 1, "%s: a chained mbuf is in pool %s", when,
		      mp->name);
		CHECK(m->pool == mp && RTE_MBUF_DIRECT(m), "%s: an attached mbuf is in pool %s",
		      when, mp->name);
	}
	free(all);
}

void
xt_pools_full(const char *when)
{
	unsigned int i;

	for (i = 0; i < nb_pools; i++) {
		/* the unit suite has a pool without mbufs */
		if (pools[i]->elt_size >= sizeof(struct rte_mbuf))
			pool_check(pools[i], when);
	}
}

/* No UMEM is left of a pool once all ports are gone: a later pool may lie where this one did. */
void
xt_pools_released(const char *when)
{
	static const uint16_t offs[] = {RTE_PKTMBUF_HEADROOM, XSKPMD_KERNEL_HEADROOM};
	unsigned int i, k, others, owned;
	struct xskpmd_umem *umem;

	if (xt_is_rival() || rte_eth_dev_count_avail() > 0)
		return;
	for (i = 0; i < nb_pools; i++) {
		for (k = 0; k < RTE_DIM(offs); k++) {
			if (xskpmd_umem_get("xt", pools[i], offs[k], &umem) != 0)
				continue;
			others = umem->refcnt - 1;
			owned = umem->owned;
			xskpmd_umem_put(umem);
			CHECK_INT(others, ==, 0, "%s: users of the UMEM of pool %s", when,
				  pools[i]->name);
			CHECK_INT(owned, ==, 0, "%s: mbufs noted as owned in pool %s", when,
				  pools[i]->name);
		}
	}
}

struct rte_mbuf *
xt_mbuf(struct rte_mempool *mp, uint32_t seq, unsigned int len)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(mp);
	char *data;

	CHECK(m != NULL, "no mbuf in pool %s", mp->name);
	data = rte_pktmbuf_append(m, len);
	CHECK(data != NULL, "no room for %u bytes in an mbuf of pool %s", len, mp->name);
	xt_frame_fill((uint8_t *)data, len, seq);
	return m;
}
