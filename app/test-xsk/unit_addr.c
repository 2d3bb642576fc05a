/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/*
 * mbuf <-> UMEM address, for every geometry of a large table. Nothing is dereferenced: the pools
 * are only addresses, and the kernel's part is played by the rules of kernel-facts.md section 3.
 */

#include <errno.h>

#include "suites.h"
#include "xskpmd_addr.h"
#include "xskpmd_umem.h"

#define BASE UINT64_C(0x7f1234560000) /* of a pool's memory, page aligned */
#define ELEMS 64

struct pool_at {
	struct xskpmd_pool_shape s;
	uint32_t pitch;  /* from one element to the next as they lie in memory */
	uintptr_t start; /* of element 0 */
};

static const struct rte_mbuf *
mbuf_at(const struct pool_at *p, unsigned int i)
{
	return (const struct rte_mbuf *)(p->start + (uintptr_t)i * p->pitch + p->s.header);
}

static uintptr_t
buf_addr(const struct pool_at *p, unsigned int i)
{
	return (uintptr_t)mbuf_at(p, i) + sizeof(struct rte_mbuf) + p->s.priv;
}

/* Where the kernel puts a packet into a frame of the fill ring. */
static uint64_t
kernel_rx_addr(const struct xskpmd_umem_geom *g, uint64_t fill)
{
	const uint64_t off = XSKPMD_KERNEL_HEADROOM + g->headroom;

	return g->unaligned ? fill | off << 48 : (fill & ~(uint64_t)(g->chunk_size - 1)) + off;
}

/* The byte of memory an address in a descriptor means. */
static uintptr_t
kernel_location(const struct xskpmd_umem_geom *g, uint64_t addr)
{
	if (g->unaligned)
		addr = (addr & ((UINT64_C(1) << 48) - 1)) + (addr >> 48);
	return g->area + addr;
}

static void
check_geometry(const struct xskpmd_umem_geom *g, const struct pool_at *p, uint16_t data_off)
{
	CHECK_INT(g->area % 4096, ==, 0, "alignment of the area");
	CHECK_INT(g->chunk_size, >=, 2048, "chunk_size");
	CHECK_INT(g->chunk_size, <=, 4096, "chunk_size");
	if (!g->unaligned) {
		CHECK(g->chunk_size == 2048 || g->chunk_size == 4096, "aligned chunks of %u",
		      g->chunk_size);
		CHECK_INT(g->area_len % g->chunk_size, ==, 0, "area_len in chunks");
	}
	CHECK_INT(g->chunk_size, >=, XSKPMD_KERNEL_HEADROOM + g->headroom + g->room,
		  "chunk_size against what the kernel may write");
	CHECK_INT(g->chunk_size - XSKPMD_KERNEL_HEADROOM - g->headroom, ==, g->room,
		  "bytes the kernel writes at most");
	CHECK_INT(data_off + g->room, <=, p->s.buf_len, "end of the longest packet");
	/* no byte is wasted: all of the data room, unless a chunk cannot be so long */
	if (g->chunk_size < 4096 || !g->unaligned)
		CHECK_INT(data_off + g->room, ==, p->s.buf_len, "end of the longest packet");
}

static void
check_rx(const struct xskpmd_umem_geom *g, const struct pool_at *p, unsigned int i,
	 uint16_t data_off)
{
	const struct rte_mbuf *m = mbuf_at(p, i);
	uint64_t fill = xskpmd_addr_chunk(&g->addr, m);
	uint64_t rx = kernel_rx_addr(g, fill);
	uintptr_t at = kernel_location(g, rx);

	CHECK_INT(fill + g->chunk_size, <=, g->area_len, "end of the chunk of mbuf %u", i);
	if (!g->unaligned)
		CHECK_INT(fill % g->chunk_size, ==, 0, "place of the chunk of mbuf %u", i);
	CHECK(xskpmd_addr_mbuf(&g->addr, rx) == m, "mbuf %u of its Rx address", i);
	CHECK(xskpmd_addr_mbuf(&g->addr, fill) == m, "mbuf %u of its fill address", i);
	CHECK_INT(xskpmd_addr_rx_data_off(&g->addr, rx), ==, data_off, "data_off of mbuf %u", i);
	CHECK_INT(at, ==, buf_addr(p, i) + data_off, "place of the data of mbuf %u", i);
	/* what an XDP program does to the start of the packet is followed */
	CHECK_INT(xskpmd_addr_rx_data_off(&g->addr, rx + (g->unaligned ? UINT64_C(20) << 48 : 20)),
		  ==, data_off + 20, "data_off of mbuf %u after adjust_head(20)", i);
}

static void
check_tx(const struct xskpmd_umem_geom *g, const struct pool_at *p, unsigned int i, uint16_t off)
{
	const struct rte_mbuf *m = mbuf_at(p, i);
	uint64_t tx = xskpmd_addr_tx(&g->addr, m, off);
	uintptr_t at = kernel_location(g, tx);
	uint32_t len = p->s.buf_len - off;

	CHECK_INT(at, ==, buf_addr(p, i) + off, "place of Tx data at %u of mbuf %u", off, i);
	CHECK_INT(at + len, <=, g->area + g->area_len, "end of Tx data at %u of mbuf %u", off, i);
	if (!g->unaligned)
		CHECK_INT(tx / g->chunk_size, ==, (tx + len - 1) / g->chunk_size,
			  "chunk of the first and last byte of mbuf %u", i);
	CHECK(xskpmd_addr_mbuf(&g->addr, tx) == m, "mbuf %u of its Tx address", i);
	CHECK(xskpmd_addr_mbuf(&g->addr, tx & ~UINT64_C(1)) == m,
	      "mbuf %u of its Tx address without bit 0", i);
	CHECK_INT(xskpmd_addr_slot(&g->addr, tx & ~UINT64_C(1)), ==,
		  xskpmd_addr_slot(&g->addr, xskpmd_addr_chunk(&g->addr, m)),
		  "slot of mbuf %u by Tx and by fill address", i);
}

static void
check_pool(const struct pool_at *p, uint16_t data_off)
{
	struct xskpmd_umem_geom g = {0};
	uint64_t slot, last_slot = 0;
	unsigned int i;
	uint16_t off;

	xt_note("header %u priv %u buf %u stride %u pitch %u start 0x%lx data_off %u", p->s.header,
		p->s.priv, p->s.buf_len, p->s.stride, p->pitch, (unsigned long)p->start, data_off);
	if (xskpmd_umem_geometry(&p->s, data_off, &g) != 0) {
		/* only where an element is shorter than the smallest chunk */
		CHECK_INT(p->s.header + sizeof(struct rte_mbuf) + p->s.priv + p->s.buf_len, <=,
			  2048, "bytes of an element that is refused");
		return;
	}
	check_geometry(&g, p, data_off);
	for (i = 0; i < ELEMS; i++) {
		check_rx(&g, p, i, data_off);
		slot = xskpmd_addr_slot(&g.addr, xskpmd_addr_chunk(&g.addr, mbuf_at(p, i)));
		CHECK(i == 0 || slot > last_slot, "mbufs %u and %u have the same slot", i - 1, i);
		last_slot = slot;
		for (off = 0; off < p->s.buf_len; off += i == 1 ? 1 : 97)
			check_tx(&g, p, i, off);
	}
}

static void
round_trip(const void *arg __rte_unused)
{
	static const uint32_t privs[] = {0, 8, 64, 72, 128, 256},
		bufs[] = {1024, 1600, 1856, 1920, 1921, 2047, 2048, 2176, 2177, 2432, 3000, 3584,
			  3776, 3904, 3968, 4096, 9344, 60000},
		trailers[] = {0, 64, 128};
	static const uintptr_t starts[] = {BASE, BASE + 64, BASE + 2048, BASE + 4032};
	static const uint16_t data_offs[] = {128, 256};
	unsigned int priv, buf, trailer, start, off, paged, n = 0;
	struct pool_at p;

	for (priv = 0; priv < RTE_DIM(privs); priv++)
	for (buf = 0; buf < RTE_DIM(bufs); buf++)
	for (trailer = 0; trailer < RTE_DIM(trailers); trailer++)
	for (start = 0; start < RTE_DIM(starts); start++)
	for (paged = 0; paged < 2; paged++) {
		uint32_t used = 64 + sizeof(struct rte_mbuf) + privs[priv] + bufs[buf];

		p.s = (struct xskpmd_pool_shape){.header = 64, .priv = privs[priv],
			.buf_len = bufs[buf]};
		p.s.stride = RTE_ALIGN_CEIL(used, 64) + trailers[trailer];
		p.pitch = paged ? RTE_ALIGN_CEIL(p.s.stride, 4096) : p.s.stride;
		p.start = starts[start];
		p.s.first = p.start;
		p.s.end = p.start + (uintptr_t)(ELEMS - 1) * p.pitch + used;
		p.s.strided = p.start % p.s.stride == 0 && p.pitch % p.s.stride == 0;
		for (off = 0; off < RTE_DIM(data_offs); off++, n++)
			check_pool(&p, data_offs[off]);
	}
	xt_note("%u geometries", n);
}

/* The mode each kind of pool gets. */
static void
decisions(const void *arg __rte_unused)
{
	static const struct {
		uint32_t priv, buf_len, stride;
		bool strided;
		int ret;
		bool unaligned;
		uint32_t chunk, headroom, room;
	} table[] = {
		/* rte_pktmbuf_pool_create() with the default data room */
		{0, 2176, 2368, false, 0, true, 2304, 0, 2048},
		/* elements of 2048 and 4096 bytes at their multiples */
		{0, 1856, 2048, true, 0, false, 2048, 64, 1728},
		{0, 3904, 4096, true, 0, false, 4096, 64, 3776},
		{64, 3840, 4096, true, 0, false, 4096, 128, 3712},
		/* the same elsewhere */
		{0, 3904, 4096, false, 0, true, 4032, 0, 3776},
		/* padding behind the buffer: the kernel must not write there */
		{0, 3840, 4096, true, 0, true, 3968, 0, 3712},
		/* too small, just large enough, larger than a chunk */
		{0, 1854, 2112, false, -ERANGE, false, 0, 0, 0},
		{0, 1856, 2112, false, 0, true, 2048, 64, 1728},
		{0, 1920, 2112, false, 0, true, 2048, 0, 1792},
		{0, 3968, 4160, false, 0, true, 4096, 0, 3840},
		{0, 9344, 9536, false, 0, true, 4096, 0, 3840},
		{0, 128, 320, false, -ERANGE, false, 0, 0, 0},
		{0, 0, 192, false, -ERANGE, false, 0, 0, 0},
	};
	struct xskpmd_pool_shape s;
	struct xskpmd_umem_geom g;
	unsigned int i;

	for (i = 0; i < RTE_DIM(table); i++) {
		xt_note("row %u", i);
		s = (struct xskpmd_pool_shape){.first = BASE, .end = BASE + table[i].stride * ELEMS,
			.stride = table[i].stride, .header = 64, .priv = table[i].priv,
			.buf_len = table[i].buf_len, .strided = table[i].strided};
		CHECK_INT(xskpmd_umem_geometry(&s, 128, &g), ==, table[i].ret, "result");
		if (table[i].ret != 0)
			continue;
		CHECK_INT(g.unaligned, ==, table[i].unaligned, "unaligned");
		CHECK_INT(g.chunk_size, ==, table[i].chunk, "chunk_size");
		CHECK_INT(g.headroom, ==, table[i].headroom, "headroom");
		CHECK_INT(g.room, ==, table[i].room, "room");
	}
}

const struct xt_case unit_addr_cases[] = {
	{"addr_round_trip", "mbuf -> address -> mbuf, for all geometries", round_trip, NULL,
	 XT_UNIT, 60},
	{"addr_decisions", "aligned, unaligned or refused", decisions, NULL, XT_UNIT, 0},
	{0},
};
