/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */
#ifndef XT_UNIT_H
#define XT_UNIT_H

/*
 * The unit suite: the driver's arithmetic, parsers and bursts without root, hugepages or network.
 * Each case runs in a child process of its own (run.c); those that need mempools start EAL there.
 */

#include <rte_mbuf.h>

#include "harness.h"

#include "xskpmd_umem.h"

extern const struct xt_case unit_addr_cases[];
extern const struct xt_case unit_umem_cases[];
extern const struct xt_case unit_devargs_cases[];
extern const struct xt_case unit_rx_cases[];
extern const struct xt_case unit_tx_cases[];
extern const struct xt_case unit_shape_cases[];
extern const struct xt_case unit_soak_cases[];
extern const struct xt_case unit_kick_cases[];
extern const struct xt_case unit_xsk_cases[];
extern const struct xt_case unit_net_cases[];

/* EAL on 64 MB of ordinary memory. */
void unit_eal(void);
bool unit_on_valgrind(void);
/* n, or n / by under valgrind, which is that much slower; 1 at least. */
unsigned int unit_less(unsigned int n, unsigned int by);
/* The same numbers in every run. */
uint32_t unit_rand(void);
uint32_t unit_below(uint32_t n); /* 0 to n - 1 */

/* Pools of every geometry; their memory is not EAL's, so that they may be large. */
enum unit_pool {
	POOL_DEFAULT,   /* as rte_pktmbuf_pool_create() makes them: unaligned chunks */
	POOL_2048,      /* aligned chunks */
	POOL_4096,
	POOL_BIG,       /* a data room of 9216, of which a chunk takes a page */
	POOL_PIECES,    /* a private area, and memory in three pieces with gaps */
	NB_UNIT_POOLS,
};
extern const struct xt_pool_form unit_pool_forms[NB_UNIT_POOLS];
extern const char *const unit_pool_names[NB_UNIT_POOLS];
struct rte_mempool *unit_pool(enum unit_pool kind, unsigned int n);
void unit_pool_free(struct rte_mempool *pool);

/* ---- What Linux does with a UMEM and with addresses: kernel-facts, "UMEM" ---- */

#define KERNEL_HEADROOM 256
/* struct skb_shared_info and alignment, which a chunk must have room for, too. */
#define KERNEL_HEADROOM_MAX(chunk) ((chunk) - 704)

/* XDP_UMEM_REG takes it. */
void unit_kernel_takes(const struct xskpmd_umem_geom *g);

/* Where the address of a descriptor points, from the start of the area. */
static inline uint64_t
unit_kernel_offset(const struct xskpmd_umem_geom *g, uint64_t addr)
{
	return g->unaligned ? (addr & ((UINT64_C(1) << 48) - 1)) + (addr >> 48) : addr;
}

/* The address in the Rx ring of a packet in the buffer that the fill ring gave. */
static inline uint64_t
unit_kernel_rx_addr(const struct xskpmd_umem_geom *g, uint64_t fill)
{
	const uint64_t off = KERNEL_HEADROOM + g->headroom;

	return g->unaligned ? fill | off << 48 : (fill & ~(uint64_t)(g->chunk_size - 1)) + off;
}

/* An entry of the fill ring is one that the kernel does not skip. */
static inline bool
unit_kernel_takes_fill(const struct xskpmd_umem_geom *g, uint64_t fill)
{
	if (g->unaligned)
		return fill < g->area_len && fill + g->chunk_size <= g->area_len;
	return fill < g->area_len;
}

/* A Tx descriptor is valid. */
static inline bool
unit_kernel_takes_tx(const struct xskpmd_umem_geom *g, uint64_t addr, uint32_t len)
{
	const uint64_t off = unit_kernel_offset(g, addr);

	if (len == 0 || len > g->chunk_size || off >= g->area_len || off + len > g->area_len)
		return false;
	return g->unaligned || off / g->chunk_size == (off + len - 1) / g->chunk_size;
}

#endif /* XT_UNIT_H */
