/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* Real mempools as UMEM: which are taken and how, which are refused with which words. */

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_mempool.h>

#include "unit.h"

struct good {
	const char *name;
	struct xt_pool_form form;
	uint16_t data_off; /* 0: RTE_PKTMBUF_HEADROOM */
	bool unaligned;
	uint32_t chunk;
	uint32_t room;
};

#define HEADROOM RTE_PKTMBUF_HEADROOM

static const struct good goods[] = {
	{"default", {.data_room = 2048 + HEADROOM}, 0, true, 2304, 2048},
	{"default, packet at 256", {.data_room = 2048 + HEADROOM}, 256, true, 2176, 1920},
	{"a chunk of 2048", {.data_room = 1792 + HEADROOM}, 0, true, 2048, 1792},
	{"headroom for a chunk of 2048", {.data_room = 1857}, 0, true, 2049, 1729},
	{"smallest data room", {.data_room = 1856}, 0, true, 2048, 1728},
	{"smallest data room, packet at 256", {.data_room = 1856}, 256, true, 2048, 1600},
	{"smallest data room, private area", {.data_room = 832, .priv = 1024}, 0, true, 2048, 704},
	{"a page", {.data_room = 3840 + HEADROOM}, 0, true, 4096, 3840},
	{"more than a page", {.data_room = 3841 + HEADROOM}, 0, true, 4096, 3840},
	{"data room 9216", {.data_room = 9216 + HEADROOM}, 0, true, 4096, 3840},
	{"longest buffer", {.data_room = 65535}, 0, true, 4096, 3840},
	{"private area", {.data_room = 2048 + HEADROOM, .priv = 8}, 0, true, 2304, 2048},
	{"large private area", {.data_room = 2048 + HEADROOM, .priv = 1024}, 0, true, 2304, 2048},
	{"three pieces", {.data_room = 2048 + HEADROOM, .packed = true, .pieces = 3}, 0, true, 2304,
		2048},
	{"three pieces, gaps", {.data_room = 2048 + HEADROOM, .packed = true, .pieces = 3,
		.gap = 1 << 20}, 0, true, 2304, 2048},
	{"aligned 2048", {.stride = 2048, .packed = true, .pieces = 1}, 0, false, 2048, 1728},
	{"aligned 2048, packet at 256", {.stride = 2048, .packed = true, .pieces = 1}, 256, false,
		2048, 1600},
	{"aligned 4096", {.stride = 4096, .packed = true, .pieces = 1}, 0, false, 4096, 3776},
	{"aligned 2048, private area", {.stride = 2048, .priv = 256, .packed = true, .pieces = 1},
		0, false, 2048, 1472},
	{"aligned 4096, private area", {.stride = 4096, .priv = 512, .packed = true, .pieces = 1},
		0, false, 4096, 3264},
	{"aligned 2048, three pieces", {.stride = 2048, .packed = true, .pieces = 3}, 0, false,
		2048, 1728},
	{"aligned 4096, three pieces, gaps", {.stride = 4096, .packed = true, .pieces = 3,
		.gap = 1 << 16}, 0, false, 4096, 3776},
};

static struct xskpmd_umem *
get(struct rte_mempool *pool, uint16_t data_off)
{
	struct xskpmd_umem *umem = NULL;

	CHECK_OK(xskpmd_umem_get("unit", pool, data_off, &umem), "umem of pool %s", pool->name);
	CHECK(umem != NULL, "no umem");
	return umem;
}

struct walk {
	const struct xskpmd_umem *umem;
	uint8_t seen[1 << 14]; /* by slot */
};

/* What unit_addr.c checks in theory, of the mbufs of a real pool. */
static void
check_mbuf(struct rte_mempool *pool __rte_unused, void *opaque, void *obj, unsigned int i)
{
	struct walk *w = opaque;
	const struct xskpmd_umem_geom *g = &w->umem->geom;
	const struct rte_mbuf *m = obj;
	const uint64_t buf = (uintptr_t)m->buf_addr - g->area;
	const uint64_t fill = xskpmd_addr_chunk(&g->addr, m);
	const uint64_t rx = unit_kernel_rx_addr(g, fill);
	const uint64_t slot = xskpmd_addr_slot(&g->addr, fill);
	uint64_t tx;
	uint32_t d;

	CHECK((uintptr_t)m >= g->area && buf + m->buf_len <= g->area_len, "mbuf %u: outside", i);
	CHECK(unit_kernel_takes_fill(g, fill), "mbuf %u: fill address 0x%" PRIx64, i, fill);
	CHECK(xskpmd_addr_mbuf(&g->addr, rx) == m, "mbuf %u: Rx address 0x%" PRIx64, i, rx);
	CHECK_INT(xskpmd_addr_rx_data_off(&g->addr, rx), ==, w->umem->data_off, "mbuf %u", i);
	CHECK_INT(unit_kernel_offset(g, rx), ==, buf + w->umem->data_off, "mbuf %u: data", i);
	CHECK_INT(w->umem->data_off + g->room, <=, m->buf_len, "mbuf %u: end of data", i);
	for (d = 0; d + 14 <= w->umem->buf_len; d++) {
		tx = xskpmd_addr_tx(&g->addr, m, d);
		CHECK_INT(unit_kernel_offset(g, tx), ==, buf + d, "mbuf %u: Tx data_off %u", i, d);
		CHECK(unit_kernel_takes_tx(g, tx, 14), "mbuf %u: Tx at %u is invalid", i, d);
		CHECK(xskpmd_addr_mbuf(&g->addr, tx & ~UINT64_C(1)) == m, "mbuf %u: Tx %u", i, d);
	}
	CHECK(slot < sizeof(w->seen) && w->seen[slot] == 0, "mbuf %u: slot %" PRIu64, i, slot);
	w->seen[slot] = 1;
}

static void
good(const void *arg __rte_unused)
{
	static struct walk w;
	struct xskpmd_umem *umem;
	struct rte_mempool *pool;
	const struct good *g;
	unsigned int i;

	unit_eal();
	for (i = 0; i < RTE_DIM(goods); i++) {
		struct xt_pool_form form = goods[i].form;

		g = &goods[i];
		xt_note("%s", g->name);
		form.n = form.data_room > 16384 ? 50 : unit_less(200, 4);
		pool = xt_pool_form(&form);
		xt_log_begin();
		umem = get(pool, g->data_off != 0 ? g->data_off : HEADROOM);
		CHECK(xt_log_end()[0] == '\0', "a log line for a good pool");
		CHECK_INT(umem->geom.unaligned, ==, g->unaligned, "unaligned");
		CHECK_INT(umem->geom.chunk_size, ==, g->chunk, "chunk size");
		CHECK_INT(umem->geom.room, ==, g->room, "bytes received in a chunk");
		CHECK(umem->pool == pool && umem->small_pages && umem->owned == 0, "umem");
		CHECK_INT(umem->buf_len, <=, rte_pktmbuf_data_room_size(pool), "buffer");
		CHECK_INT(umem->buf_len, >=, RTE_MIN(rte_pktmbuf_data_room_size(pool), 65279),
			  "buffer");
		unit_kernel_takes(&umem->geom);
		memset(w.seen, 0, sizeof(w.seen));
		w.umem = umem;
		rte_mempool_obj_iter(pool, check_mbuf, &w);
		xskpmd_umem_put(umem);
		unit_pool_free(pool);
	}
}

/* ---- refused ---- */

enum bad_pool {
	BAD_PINNED,   /* buffers elsewhere */
	BAD_NO_ROOM,  /* for indirect mbufs only */
	BAD_SHORT,    /* one byte short of a chunk */
	BAD_SHORT256, /* the same, for packets at 256 */
	BAD_PRIV,     /* aligned, but the private area leaves less than the kernel wants */
	BAD_EMPTY,    /* not populated */
	BAD_NO_MBUFS, /* a pool of something else */
	BAD_MOVED,    /* one mbuf has its buffer elsewhere */
	BAD_UNEVEN,   /* one mbuf has a shorter buffer */
};

static const struct {
	enum bad_pool kind;
	const char *name;
	uint16_t data_off;
	const char *words[4]; /* all of them in the one line */
} bads[] = {
	{BAD_PINNED, "pinned external buffers", HEADROOM, {"rte_pktmbuf_pool_create"}},
	{BAD_NO_ROOM, "no data room", HEADROOM, {" 0 B", "2048", "1856 B"}},
	{BAD_SHORT, "data room of 1855", HEADROOM, {"1855 B", "2048", "1856 B"}},
	{BAD_SHORT256, "data room of 1855, packets at 256", 256, {"1855 B", "1856 B"}},
	{BAD_PRIV, "private area of 1408", HEADROOM, {"448 B", "2048", "832 B"}},
	{BAD_EMPTY, "not populated", HEADROOM, {"rte_pktmbuf_pool_create"}},
	{BAD_NO_MBUFS, "no mbufs", HEADROOM, {"rte_pktmbuf_pool_create"}},
	{BAD_MOVED, "an mbuf with its buffer elsewhere", HEADROOM, {"rte_pktmbuf_pool_create"}},
	{BAD_UNEVEN, "an mbuf with a shorter buffer", HEADROOM, {"rte_pktmbuf_pool_create"}},
};

static struct rte_mempool *
bad_pool(enum bad_pool kind)
{
	static char buffers[64][4096] __rte_aligned(4096);
	static const struct rte_pktmbuf_extmem ext = {buffers, RTE_BAD_IOVA, sizeof(buffers), 4096};
	struct rte_pktmbuf_pool_private priv = {.mbuf_data_room_size = 2176};
	const unsigned int elt = sizeof(struct rte_mbuf) + 2176;
	struct rte_mempool *mp;
	struct rte_mbuf *m;

	switch (kind) {
	case BAD_PINNED:
		return rte_pktmbuf_pool_create_extbuf("bad", 64, 0, 0, 4096, SOCKET_ID_ANY,
				&ext, 1);
	case BAD_NO_ROOM:
		return rte_pktmbuf_pool_create("bad", 64, 0, 0, 0, SOCKET_ID_ANY);
	case BAD_SHORT:
		return rte_pktmbuf_pool_create("bad", 64, 0, 0, 1855, SOCKET_ID_ANY);
	case BAD_SHORT256:
		return rte_pktmbuf_pool_create("bad", 64, 0, 0, 1855, SOCKET_ID_ANY);
	case BAD_PRIV:
		mp = xt_pool_form(&(struct xt_pool_form){.n = 64, .priv = 1408, .stride = 2048,
			.packed = true, .pieces = 1});
		xt_pool_forget(mp);
		return mp;
	case BAD_EMPTY:
		mp = rte_mempool_create_empty("bad", 64, elt, 0, sizeof(priv), SOCKET_ID_ANY, 0);
		rte_pktmbuf_pool_init(mp, &priv);
		return mp;
	case BAD_NO_MBUFS:
		return rte_mempool_create("bad", 64, 64, 0, sizeof(priv), rte_pktmbuf_pool_init,
				&priv, NULL, NULL, SOCKET_ID_ANY, 0);
	default:
		mp = rte_pktmbuf_pool_create("bad", 64, 0, 0, 2176, SOCKET_ID_ANY);
		m = rte_pktmbuf_alloc(mp);
		if (kind == BAD_MOVED)
			m->buf_addr = buffers;
		else
			m->buf_len -= 64;
		rte_pktmbuf_free(m);
		return mp;
	}
}

static void
bad(const void *arg __rte_unused)
{
	struct xskpmd_umem *umem = (void *)1;
	struct rte_mempool *pool;
	const char *log;
	unsigned int i, j;
	int ret;

	unit_eal();
	for (i = 0; i < RTE_DIM(bads); i++) {
		xt_note("%s", bads[i].name);
		pool = bad_pool(bads[i].kind);
		CHECK(pool != NULL, "no pool: %s", rte_strerror(rte_errno));
		xt_log_begin();
		ret = xskpmd_umem_get("unit", pool, bads[i].data_off, &umem);
		log = xt_log_end();
		CHECK_INT(ret, ==, -EINVAL, "umem of a pool with %s", bads[i].name);
		CHECK(umem == (void *)1, "umem set on failure");
		CHECK(strchr(log, '\n') != NULL && strchr(log, '\n')[1] == '\0', "lines: %s", log);
		CHECK(strncmp(log, "unit: ", 6) == 0, "the port is not named first: %s", log);
		CHECK(strstr(log, pool->name) != NULL, "the pool is not named: %s", log);
		for (j = 0; j < RTE_DIM(bads[i].words) && bads[i].words[j] != NULL; j++)
			CHECK(strstr(log, bads[i].words[j]) != NULL, "no \"%s\" in: %s",
			      bads[i].words[j], log);
		rte_mempool_free(pool);
	}
	/* nothing of them is left in the registry */
	umem = get(xt_pool(64, 0, 0, 2176), HEADROOM);
	CHECK(umem->next == NULL, "a refused pool is registered");
	xskpmd_umem_put(umem);
}

/* ---- the registry ---- */

static void
registry(const void *arg __rte_unused)
{
	struct rte_mempool *pool[3];
	struct xskpmd_umem *umem[3][2], *again;
	unsigned int i, j;

	unit_eal();
	for (i = 0; i < 3; i++) {
		pool[i] = xt_pool(64, 0, 0, 2176);
		for (j = 0; j < 2; j++)
			umem[i][j] = get(pool[i], j == 0 ? 128 : 256);
		CHECK(umem[i][0] != umem[i][1], "one umem for two data offsets");
		CHECK(i == 0 || umem[i][0] != umem[0][0], "one umem for two pools");
	}
	for (i = 0; i < 3; i++) {
		for (j = 0; j < 2; j++) {
			again = get(pool[i], j == 0 ? 128 : 256);
			CHECK(again == umem[i][j], "a second umem for a pool and data offset");
			CHECK_INT(again->refcnt, ==, 2, "references");
		}
	}
	CHECK_OK(xskpmd_umem_own("unit", umem[1][0], 40), "own");
	/* of the middle, the first and the last in the list, one reference and then the other */
	for (j = 0; j < 2; j++) {
		xskpmd_umem_put(umem[1][0]);
		xskpmd_umem_put(umem[2][1]);
		xskpmd_umem_put(umem[0][0]);
	}
	CHECK(get(pool[0], 256) == umem[0][1] && get(pool[1], 256) == umem[1][1] &&
	      get(pool[2], 128) == umem[2][0], "the others have gone, too");
	again = get(pool[1], 128);
	CHECK_INT(again->refcnt, ==, 1, "references of a new umem");
	CHECK_INT(again->owned, ==, 0, "mbufs owned in a new umem");
	xskpmd_umem_put(again);
	for (i = 0; i < 3; i++) {
		xskpmd_umem_put(umem[0][1]);
		xskpmd_umem_put(umem[1][1]);
		xskpmd_umem_put(umem[2][0]);
	}
	xskpmd_umem_put(NULL);
	again = get(pool[0], 128);
	CHECK(again->next == NULL, "a umem is left in the registry");
	xskpmd_umem_put(again);
}

struct gets {
	struct rte_mempool *pool[2];
	unsigned int times;
};

static void *
get_and_put(void *arg)
{
	const struct gets *g = arg;
	struct xskpmd_umem *umem[2];
	unsigned int i, j;

	for (i = 0; i < g->times; i++) {
		for (j = 0; j < 2; j++)
			umem[j] = get(g->pool[j], 128);
		CHECK_OK(xskpmd_umem_own("unit", umem[0], 3), "own");
		CHECK_OK(xskpmd_umem_own("unit", umem[0], -3), "disown");
		for (j = 0; j < 2; j++)
			xskpmd_umem_put(umem[j]);
	}
	return NULL;
}

/* Ports are set up on several threads at once. */
static void
threads(const void *arg __rte_unused)
{
	struct gets g = {.times = unit_less(5000, 50)};
	struct xskpmd_umem *umem;
	pthread_t thread[4];
	unsigned int i;

	unit_eal();
	g.pool[0] = xt_pool(64, 0, 0, 2176);
	g.pool[1] = xt_pool(64, 0, 0, 2176);
	for (i = 0; i < RTE_DIM(thread); i++)
		CHECK_OK(pthread_create(&thread[i], NULL, get_and_put, &g), "thread");
	for (i = 0; i < RTE_DIM(thread); i++)
		CHECK_OK(pthread_join(thread[i], NULL), "join");
	umem = get(g.pool[0], 128);
	CHECK(umem->next == NULL && umem->refcnt == 1 && umem->owned == 0, "left behind");
	xskpmd_umem_put(umem);
}

/* Rx queues may own fewer mbufs than the pool has; a refusal says both numbers, notes nothing. */
static void
own(const void *arg __rte_unused)
{
	static const struct {
		int n, ret;
		uint32_t owned;
		const char *numbers[3]; /* of the pool, needed, recommended */
	} steps[] = {
		{512, 0, 512, {NULL}},
		{511, 0, 1023, {NULL}},
		{1, -ENOSPC, 1023, {"1024 mbufs", "own 1024", "2048 mbufs"}},
		{-511, 0, 512, {NULL}},
		{512, -ENOSPC, 512, {"1024 mbufs", "own 1024", "2048 mbufs"}},
		{32768, -ENOSPC, 512, {"1024 mbufs", "own 33280", "66560 mbufs"}},
		{0, 0, 512, {NULL}},
		{-512, 0, 0, {NULL}},
		{1024, -ENOSPC, 0, {"1024 mbufs", "own 1024", "2048 mbufs"}},
		{1023, 0, 1023, {NULL}},
		{-1023, 0, 0, {NULL}},
	};
	struct xskpmd_umem *umem;
	unsigned int i, j;
	const char *log;

	unit_eal();
	umem = get(xt_pool(1024, 0, 0, 2176), HEADROOM);
	for (i = 0; i < RTE_DIM(steps); i++) {
		xt_note("step %u: %d", i, steps[i].n);
		xt_log_begin();
		CHECK_INT(xskpmd_umem_own("unit", umem, steps[i].n), ==, steps[i].ret, "own");
		log = xt_log_end();
		CHECK_INT(umem->owned, ==, steps[i].owned, "owned");
		CHECK_INT(log[0] != '\0', ==, steps[i].ret != 0, "a log line");
		for (j = 0; j < 3 && steps[i].numbers[j] != NULL; j++)
			CHECK(strstr(log, steps[i].numbers[j]) != NULL, "no \"%s\" in: %s",
			      steps[i].numbers[j], log);
	}
	xskpmd_umem_put(umem);
}

const struct xt_case unit_umem_cases[] = {
	{"umem_good", "pools of every form, each mbuf's addresses", good, .flags = XT_UNIT},
	{"umem_bad", "pools that cannot be a UMEM: one line with the numbers", bad,
		.flags = XT_UNIT},
	{"umem_registry", "one UMEM per pool and data offset, gone with the last user",
		registry, .flags = XT_UNIT},
	{"umem_threads", "the registry from four threads", threads, .flags = XT_UNIT},
	{"umem_own", "a pool too small for its Rx queues", own, .flags = XT_UNIT},
	{NULL},
};
