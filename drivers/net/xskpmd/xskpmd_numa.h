/* SPDX-License-Identifier: BSD-3-Clause */

/* Where memory really lies. What an application asked for and what it got differ: pages
 * of another node, a pool made on the main lcore's node, a NIC in the other socket.
 */

#ifndef _XSKPMD_NUMA_H_
#define _XSKPMD_NUMA_H_

#include <stdbool.h>
#include <stddef.h>

/** Node of nothing in particular: not known, no NUMA, several. */
#define XSKPMD_NUMA_ANY (-1)

/** Nodes of all that a queue's packets touch; XSKPMD_NUMA_ANY where it is not known. */
struct xskpmd_numa {
	int pool;   /**< pages of the pool */
	int queue;  /**< memory of the queue: the socket_id of its set-up */
	int nic;
};

/**
 * Judge a placement. Pure.
 * @param advice  set to what is wrong and what to do about it
 * @return whether something is wrong
 */
bool xskpmd_numa_judge(const struct xskpmd_numa *n, char *advice, size_t size);

/** Node of the pages of an area, by a sample of them; it must have been written to. */
int xskpmd_numa_node_of(const void *area, size_t len);

#endif /* _XSKPMD_NUMA_H_ */
