/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/*
 * mbuf <-> UMEM address for every geometry there is, against what the kernel does with the
 * addresses. Pure arithmetic: no memory is behind these mbufs.
 */

#include <errno.h>

#include <rte_common.h>

#include "unit.h"

#define PAGE UINT64_C(0x7f5a40000000)

static const uint32_t headers[] = {64, 128};
/* Where the first element begins in its page; 0 and 2048 suit aligned chunks. */
static const uint32_t firsts[] = {0, 64, 128, 1984, 2048, 4032};
static const uint16_t data_offs[] = {RTE_PKTMBUF_HEADROOM, KERNEL_HEADROOM};
/* The last one is 1 TB away from the first at 4 KB each. */
static const uint64_t elements[] = {0, 1, 2, 3, 31, 32, 1000003, UINT64_C(1) << 28};

/* Data rooms, headroom included, besides every 256th from 1664 to 9344. */
static const uint32_t edge_rooms[] = {
	0, 127, 128, 129, 256, 257, 575, 576, 577, 704, 705, 1791, 1792, 1793, 1919, 1920,
	1921, 2047, 2048, 2049, 2175,
	1855, 1856, 1857, 1858, 2176, 2177, 3967, 3968, 3969, 4095, 4096, 4097, 9343, 9344,
};

enum stride {
	STRIDE_NATURAL, /* the element, up to the next cache line */
	STRIDE_SPREAD,  /* one more cache line, as DPDK adds for memory channels */
	STRIDE_2048,
	STRIDE_4096,
	NB_STRIDES,
};

/* Elements end at a page where the memory is not contiguous for the NIC. */
enum pitch { PITCH_STRIDE, PITCH_PAGE, NB_PITCHES };

struct pool_at {
	struct xskpmd_pool_shape s;
	uint32_t pitch; /* from one element to the next as they lie in memory */
};

static uint32_t
used_of(const struct xskpmd_pool_shape *s)
{
	return s->header + sizeof(struct rte_mbuf) + s->priv + s->buf_len;
}

static struct rte_mbuf *
mbuf_of(const struct pool_at *p, uint64_t i)
{
	return (struct rte_mbuf *)(p->s.first + i * p->pitch + p->s.header);
}

/* The rules as the guide states them. */
static bool
is_aligned(const struct xskpmd_pool_shape *s)
{
	return s->strided && (s->stride == 2048 || s->stride == 4096) && used_of(s) == s->stride;
}

static bool
is_refused(const struct xskpmd_pool_shape *s, uint32_t data_off)
{
	/* from the start of the element to the data */
	const uint32_t before = used_of(s) - s->buf_len + data_off;
	uint32_t headroom;

	if (s->buf_len <= data_off)
		return true;
	headroom = before - KERNEL_HEADROOM;
	if (!is_aligned(s)) {
		/* enough for a chunk of 2048, as far as there is something in front of the data */
		headroom = 2048 - KERNEL_HEADROOM - RTE_MIN(s->buf_len - data_off, 1792u);
		if (headroom + KERNEL_HEADROOM > before)
			return true;
	}
	return s->buf_len - data_off < 448;
}

/* Fill ring -> kernel -> Rx ring -> mbuf. */
static void
check_rx(const struct xskpmd_pool_shape *s, const struct xskpmd_umem_geom *g, uint16_t data_off,
	 const struct rte_mbuf *m)
{
	const uint64_t buf = (uintptr_t)m + sizeof(*m) + s->priv - g->area;
	const uint64_t fill = xskpmd_addr_chunk(&g->addr, m);
	const uint64_t rx = unit_kernel_rx_addr(g, fill);

	CHECK(unit_kernel_takes_fill(g, fill), "fill address 0x%" PRIx64, fill);
	CHECK(g->unaligned || fill % g->chunk_size == 0, "fill address 0x%" PRIx64, fill);
	CHECK(xskpmd_addr_mbuf(&g->addr, fill) == m, "mbuf of fill address 0x%" PRIx64, fill);
	CHECK(xskpmd_addr_mbuf(&g->addr, rx) == m, "mbuf of Rx address 0x%" PRIx64, rx);
	CHECK_INT(xskpmd_addr_rx_data_off(&g->addr, rx), ==, data_off, "data_off of a packet");
	CHECK_INT(unit_kernel_offset(g, rx), ==, buf + data_off, "where a packet is received");
	/* what an XDP program does to the start of the packet is followed */
	CHECK_INT(xskpmd_addr_rx_data_off(&g->addr, rx + (g->unaligned ? UINT64_C(20) << 48 : 20)),
		  ==, data_off + 20, "data_off after 20 bytes were cut");
	CHECK_INT(data_off + g->room, <=, s->buf_len, "end of the longest packet");
	/* the longest packet that the kernel writes is in this mbuf's buffer */
	CHECK_INT(unit_kernel_offset(g, rx) + g->room, <=, buf + s->buf_len, "end in memory");
	CHECK_INT(buf + s->buf_len, <=, g->area_len, "end of the area");
}

/* Every data_off, even and odd: the kernel reads that byte, and its completion is found again. */
static void
check_tx(const struct xskpmd_pool_shape *s, const struct xskpmd_umem_geom *g,
	 const struct rte_mbuf *m)
{
	const uint64_t buf = (uintptr_t)m + sizeof(*m) + s->priv - g->area;
	const uint64_t slot = xskpmd_addr_slot(&g->addr, xskpmd_addr_chunk(&g->addr, m));
	/* the offset has 16 bits in an address; xskpmd_umem.c does not send beyond */
	const uint32_t end = g->unaligned ? RTE_MIN(s->buf_len, UINT16_MAX - g->addr.buf_off) :
				s->buf_len;
	uint64_t addr, done, wrong = 0;
	uint32_t d;

	for (d = 0; d < end; d++) {
		addr = xskpmd_addr_tx(&g->addr, m, d);
		done = addr & ~UINT64_C(1); /* one descriptor: the kernel clears bit 0 */
		wrong |= unit_kernel_offset(g, addr) ^ (buf + d);
		wrong |= (uintptr_t)xskpmd_addr_mbuf(&g->addr, addr) ^ (uintptr_t)m;
		wrong |= (uintptr_t)xskpmd_addr_mbuf(&g->addr, done) ^ (uintptr_t)m;
		wrong |= xskpmd_addr_slot(&g->addr, addr) ^ slot;
		wrong |= xskpmd_addr_slot(&g->addr, done) ^ slot;
	}
	for (d = 0; wrong != 0 && d < end; d++) {
		addr = xskpmd_addr_tx(&g->addr, m, d);
		CHECK_INT(unit_kernel_offset(g, addr), ==, buf + d, "data_off %u: byte sent", d);
		CHECK(xskpmd_addr_mbuf(&g->addr, addr & ~UINT64_C(1)) == m, "data_off %u: mbuf", d);
	}
	CHECK(wrong == 0, "slots of one mbuf differ");
	CHECK(unit_kernel_takes_tx(g, xskpmd_addr_tx(&g->addr, m, 0),
				   RTE_MIN(s->buf_len, g->chunk_size)), "whole buffer sent");
	CHECK(end < 14 ||
	      unit_kernel_takes_tx(g, xskpmd_addr_tx(&g->addr, m, end - 14), 14), "end sent");
}

static void
check_pool(struct pool_at *p, uint16_t data_off, bool sweep)
{
	struct xskpmd_pool_shape *s = &p->s;
	struct xskpmd_umem_geom g;
	uint64_t slot, before = 0;
	unsigned int i;
	int ret;

	s->strided = s->first % s->stride == 0 && p->pitch % s->stride == 0;
	s->end = s->first + elements[RTE_DIM(elements) - 1] * p->pitch + used_of(s);
	ret = xskpmd_umem_geometry(s, data_off, &g);
	if (is_refused(s, data_off)) {
		CHECK_INT(ret, ==, -ERANGE, "shape that the kernel would refuse");
		return;
	}
	CHECK_OK(ret, "geometry");
	CHECK_INT(g.unaligned, ==, !is_aligned(s), "unaligned");
	unit_kernel_takes(&g);
	CHECK(g.area <= s->first && s->end <= g.area + g.area_len, "elements in the area");
	CHECK(s->first - g.area < 4096 && g.area + g.area_len - s->end < 4096,
	      "more of the area than the elements' pages");
	/* no byte is wasted: all of the data room, unless a chunk cannot be so long */
	CHECK_INT(data_off + g.room, ==, RTE_MIN(s->buf_len, data_off + 3840u), "end of a packet");
	for (i = 0; i < RTE_DIM(elements); i++) {
		const struct rte_mbuf *m = mbuf_of(p, elements[i]);

		check_rx(s, &g, data_off, m);
		slot = xskpmd_addr_slot(&g.addr, xskpmd_addr_chunk(&g.addr, m));
		CHECK(i == 0 || slot > before, "two mbufs in slot %" PRIu64, slot);
		CHECK_INT(slot, <=, g.area_len >> XSKPMD_SLOT_SHIFT, "slot");
		before = slot;
		if (sweep && (i == 1 || i == RTE_DIM(elements) - 1))
			check_tx(s, &g, m);
	}
}

static uint32_t
stride_of(const struct xskpmd_pool_shape *s, enum stride kind)
{
	switch (kind) {
	case STRIDE_2048:
		return 2048;
	case STRIDE_4096:
		return 4096;
	case STRIDE_SPREAD:
		return RTE_ALIGN_CEIL(used_of(s), 64) + 64;
	default:
		return RTE_ALIGN_CEIL(used_of(s), 64);
	}
}

/* One shape in each stride it fits in, from each place in a page. */
static void
check_strides(const struct xskpmd_pool_shape *shape, uint16_t data_off)
{
	struct pool_at p = {.s = *shape};
	unsigned int kind, f, pitch;

	for (kind = 0; kind < NB_STRIDES; kind++) {
		p.s.stride = stride_of(&p.s, kind);
		if (p.s.stride < used_of(&p.s))
			continue;
		for (f = 0; f < NB_PITCHES * RTE_DIM(firsts); f++) {
			pitch = f / RTE_DIM(firsts);
			p.s.first = PAGE + firsts[f % RTE_DIM(firsts)];
			p.pitch = pitch == PITCH_STRIDE ? p.s.stride :
				  RTE_ALIGN_CEIL(p.s.stride, 4096);
			xt_note("header %u, priv %u, buffer %u, stride %u, first at %u, pitch %u, "
				"data_off %u", p.s.header, p.s.priv, p.s.buf_len, p.s.stride,
				firsts[f % RTE_DIM(firsts)], p.pitch, data_off);
			/* where it lies in its page makes no other difference */
			check_pool(&p, data_off, f == 0 || f == 3);
		}
	}
}

static void
for_each_base(void (*check)(struct xskpmd_pool_shape *s, uint16_t data_off))
{
	struct xskpmd_pool_shape s;
	const unsigned int step = unit_on_valgrind() ? 128 : 8;
	unsigned int h, d, priv;

	for (h = 0; h < RTE_DIM(headers); h++) {
		for (d = 0; d < RTE_DIM(data_offs); d++) {
			for (priv = 0; priv <= 512; priv += step) {
				s = (struct xskpmd_pool_shape){.header = headers[h], .priv = priv};
				check(&s, data_offs[d]);
			}
		}
	}
}

static void
check_rooms(struct xskpmd_pool_shape *s, uint16_t data_off)
{
	uint32_t room;

	for (room = 1664; room <= 9216 + RTE_PKTMBUF_HEADROOM; room += 256) {
		s->buf_len = room;
		check_strides(s, data_off);
	}
}

static void
check_edge_rooms(struct xskpmd_pool_shape *s, uint16_t data_off)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(edge_rooms); i++) {
		s->buf_len = edge_rooms[i];
		check_strides(s, data_off);
	}
}

/* Elements of exactly 2048 and 4096 bytes, and a byte or a cache line to either side of that. */
static void
check_exact(struct xskpmd_pool_shape *s, uint16_t data_off)
{
	static const int by[] = {-64, -8, -1, 0, 1, 64};
	uint32_t stride;
	unsigned int i;

	for (stride = 2048; stride <= 4096; stride += 2048) {
		for (i = 0; i < RTE_DIM(by); i++) {
			s->buf_len = 0;
			s->buf_len = stride - used_of(s) + by[i];
			check_strides(s, data_off);
		}
	}
}

static void
rooms(const void *arg __rte_unused)
{
	for_each_base(check_rooms);
}

static void
edges(const void *arg __rte_unused)
{
	for_each_base(check_edge_rooms);
}

static void
exact(const void *arg __rte_unused)
{
	for_each_base(check_exact);
}

/* Beyond what anybody uses: private areas that leave little of a chunk, the longest buffers. */
static void
extreme(const void *arg __rte_unused)
{
	struct xskpmd_pool_shape s = {.header = 64};
	const unsigned int step = unit_on_valgrind() ? 100 : 1;
	unsigned int d;

	for (d = 0; d < RTE_DIM(data_offs); d++) {
		for (s.priv = 520; s.priv <= 1700; s.priv += 8)
			check_exact(&s, data_offs[d]);
		for (s.priv = 0, s.buf_len = 65535 - 300; s.buf_len <= 65535; s.buf_len += step)
			check_strides(&s, data_offs[d]);
	}
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
		{0, 1857, 2112, false, 0, true, 2049, 64, 1729},
		{1408, 447 + 128, 2240, false, -ERANGE, false, 0, 0, 0},
		{1408, 448 + 128, 2240, false, 0, true, 2048, 1344, 448},
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
		s = (struct xskpmd_pool_shape){.first = PAGE, .end = PAGE + table[i].stride * 64,
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
	{"addr_decisions", "aligned, unaligned or refused", decisions, .flags = XT_UNIT},
	{"addr_rooms", "addresses for data rooms 1664 to 9216, private areas 0 to 512", rooms,
		.flags = XT_UNIT, .limit = 120},
	{"addr_edges", "addresses at the edges of the data room", edges, .flags = XT_UNIT,
		.limit = 120},
	{"addr_exact", "elements of 2048 and 4096 bytes, and near it", exact, .flags = XT_UNIT,
		.limit = 120},
	{"addr_extreme", "large private areas, buffers up to 65535 bytes", extreme,
		.flags = XT_UNIT, .limit = 120},
	{NULL},
};
