/* SPDX-License-Identifier: BSD-3-Clause */

/* mbuf <-> UMEM address: the arithmetic at the heart of the driver.
 *
 * The UMEM is the memory of a mempool; a UMEM address is an offset into it. One
 * mbuf is one chunk of the UMEM. This is where the chunk lies in an element of
 * the pool (sizes for the default pool: private size 0, data room 2048):
 *
 *      64           128       priv  128        2048                  0
 *   +---------+-------------+------+----------+---------------------+---------+
 *   | mempool | struct      | priv | headroom | data room           | trailer |
 *   | header  | rte_mbuf    |      |          |                     | padding |
 *   +---------+-------------+------+----------+---------------------+---------+
 *   |                       |      buf_addr^  ^data
 *   |                       |                 |
 *   |                       |<-- 256 -------->|<-- kernel may write ->|
 *   |                       |                 |                       |
 *   |                       [ unaligned chunk: 256 + data room        ]
 *   |                                         |
 *   |<-- UMEM headroom + 256 ---------------->|
 *   [ aligned chunk: the element, 2048 or 4096 bytes          ]
 *
 * The kernel leaves 256 bytes (XDP_PACKET_HEADROOM) plus the UMEM headroom before
 * the packet. Those bytes are the mbuf itself and its headroom, so that none is
 * wasted and a packet starts exactly RTE_PKTMBUF_HEADROOM behind buf_addr.
 * (The kernel writes there only what an XDP program puts in front of the packet;
 * see xskpmd_umem.c for what follows from that.)
 *
 * An address in a descriptor is, in
 *   - aligned mode:   chunk + offset, the chunk being aligned to its size;
 *   - unaligned mode: chunk | offset << 48.
 * A completed Tx address comes back as it was given, but the kernel clears bit 0
 * of it (Linux 6.18, it tags a pointer there): chunks are even, so the mbuf is
 * found again, and the offset of a completed packet is not used.
 */

#ifndef _XSKPMD_ADDR_H_
#define _XSKPMD_ADDR_H_

#include <stdint.h>

#include <rte_common.h>
#include <rte_mbuf.h>

/** Bits of an unaligned address that hold the chunk; the rest is the offset. */
#define XSKPMD_UNALIGNED_CHUNK_BITS 48
#define XSKPMD_UNALIGNED_CHUNK_MASK ((UINT64_C(1) << XSKPMD_UNALIGNED_CHUNK_BITS) - 1)

/** No two chunks begin within the same 2^11 bytes: a chunk is 2048 bytes at least. */
#define XSKPMD_SLOT_SHIFT 11

/** What maps the mbufs of one pool to the addresses of its UMEM; constant. */
struct xskpmd_addr {
	uintptr_t mbuf0;     /**< where the mbuf of the chunk at address 0 would be */
	uint64_t chunk_mask; /**< the chunk's part of an address */
	uint64_t off_unit;   /**< what one byte of offset adds to an address */
	uint32_t buf_off;    /**< from a chunk's start to buf_addr of its mbuf, bytes */
};

/** The chunk of an mbuf: what goes into the fill ring. */
static __rte_always_inline uint64_t
xskpmd_addr_chunk(const struct xskpmd_addr *a, const struct rte_mbuf *m)
{
	return (uintptr_t)m - a->mbuf0;
}

/** The mbuf of an address from the Rx or completion ring. */
static __rte_always_inline struct rte_mbuf *
xskpmd_addr_mbuf(const struct xskpmd_addr *a, uint64_t addr)
{
	return (struct rte_mbuf *)(a->mbuf0 + (addr & a->chunk_mask));
}

/** Where a received packet starts, from buf_addr of its mbuf. */
static __rte_always_inline uint16_t
xskpmd_addr_rx_data_off(const struct xskpmd_addr *a, uint64_t addr)
{
	uint64_t in_chunk = addr & XSKPMD_UNALIGNED_CHUNK_MASK & ~a->chunk_mask;

	return in_chunk + (addr >> XSKPMD_UNALIGNED_CHUNK_BITS) - a->buf_off;
}

/** The address of data_off bytes behind buf_addr: what goes into the Tx ring. */
static __rte_always_inline uint64_t
xskpmd_addr_tx(const struct xskpmd_addr *a, const struct rte_mbuf *m, uint16_t data_off)
{
	return xskpmd_addr_chunk(a, m) + (a->buf_off + data_off) * a->off_unit;
}

/** A small number for the mbuf of an address, unique within the UMEM. */
static __rte_always_inline uint64_t
xskpmd_addr_slot(const struct xskpmd_addr *a, uint64_t addr)
{
	return (addr & a->chunk_mask) >> XSKPMD_SLOT_SHIFT;
}

/** The same of an mbuf. */
static __rte_always_inline uint64_t
xskpmd_addr_slot_of(const struct xskpmd_addr *a, const struct rte_mbuf *m)
{
	return xskpmd_addr_chunk(a, m) >> XSKPMD_SLOT_SHIFT;
}

#endif /* _XSKPMD_ADDR_H_ */
