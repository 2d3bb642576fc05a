/* SPDX-License-Identifier: BSD-3-Clause */

#ifndef _XSKPMD_UMEM_H_
#define _XSKPMD_UMEM_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_mempool.h>

#include "xskpmd_addr.h"

/** Chunk sizes that Linux (5.4 to 7.x) takes, bytes: one page of x86 at most. */
#define XSKPMD_CHUNK_MIN 2048
#define XSKPMD_CHUNK_MAX 4096
/** Bytes the kernel leaves free before a packet, besides the UMEM headroom. */
#define XSKPMD_KERNEL_HEADROOM 256
/** Bytes of a chunk that the kernel wants behind all headroom (for its skb_shared_info). */
#define XSKPMD_ROOM_MIN 448u

/** Where the elements of a pool lie, and what is in one. */
struct xskpmd_pool_shape {
	uintptr_t first;      /**< start of the lowest element (its mempool header) */
	uintptr_t end;        /**< end of the highest element */
	uint32_t stride;      /**< bytes from one element to the next: header, mbuf, trailer */
	uint32_t header;      /**< mempool header in front of the mbuf, bytes */
	uint32_t priv;        /**< private area behind struct rte_mbuf, bytes */
	uint32_t buf_len;     /**< headroom and data room, bytes */
	bool strided;         /**< every element starts at a multiple of stride */
};

/** What is registered with the kernel, and the arithmetic that goes with it. */
struct xskpmd_umem_geom {
	uintptr_t area;       /**< first byte, page aligned */
	uint64_t area_len;    /**< bytes */
	uint32_t chunk_size;  /**< bytes */
	uint32_t headroom;    /**< UMEM headroom, bytes */
	uint32_t room;        /**< longest packet that one chunk receives, bytes */
	bool unaligned;       /**< XDP_UMEM_UNALIGNED_CHUNK_FLAG */
	struct xskpmd_addr addr;
};

/** A mempool as UMEM: one for each pool and data offset in use, whoever uses it. */
struct xskpmd_umem {
	struct rte_mempool *pool;
	uint16_t data_off;    /**< where a received packet starts, from buf_addr, bytes */
	struct xskpmd_umem_geom geom;
	uint32_t buf_len;     /**< of an mbuf, as far as an address reaches into it, bytes */
	bool small_pages;     /**< on pages smaller than a chunk's neighbourhood: 4 KiB */
	uint32_t owned;       /**< mbufs that the queues on this pool own when full */
	/* private */
	unsigned int refcnt;
	struct xskpmd_umem *next;
};

/**
 * Work out the geometry of a UMEM. Pure arithmetic.
 *
 * @param data_off
 *   Where a received packet shall start, from buf_addr, bytes: RTE_PKTMBUF_HEADROOM,
 *   or XSKPMD_KERNEL_HEADROOM for XDP programs that may write in front of it.
 * @return 0; -ERANGE if the data room is too small for a chunk that the kernel takes
 */
int xskpmd_umem_geometry(const struct xskpmd_pool_shape *shape, uint16_t data_off,
			 struct xskpmd_umem_geom *geom);

/**
 * Get the UMEM of a pool: the existing one, or a new one.
 * Control thread; the registry has a lock of its own.
 *
 * @param name  of the port, for messages
 * @param pool  stays the application's; must outlive the UMEM
 * @return 0; -EINVAL if the pool cannot be a UMEM, after one line that says why; -ENOMEM
 */
int xskpmd_umem_get(const char *name, struct rte_mempool *pool, uint16_t data_off,
		    struct xskpmd_umem **umem);

/** Let go of a UMEM; NULL is allowed. */
void xskpmd_umem_put(struct xskpmd_umem *umem);

/**
 * Note that a queue will own n more mbufs of the pool (n < 0: fewer).
 * @return 0; -ENOSPC if the pool is too small for all its queues, nothing is noted
 */
int xskpmd_umem_own(const char *name, struct xskpmd_umem *umem, int n);

/** Note that a queue will own n more that it can do without, if its queues then own half of the
 *  pool at most. @return whether it is noted */
bool xskpmd_umem_own_spare(struct xskpmd_umem *umem, uint32_t n);

#endif /* _XSKPMD_UMEM_H_ */
