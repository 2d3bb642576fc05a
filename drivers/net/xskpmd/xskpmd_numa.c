/* SPDX-License-Identifier: BSD-3-Clause */

#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <numa.h>

#include <rte_common.h>

#include "xskpmd_numa.h"

/** Pages looked at: evenly spread, so that an area that is half elsewhere is noticed. */
#define SAMPLES 64

bool
xskpmd_numa_judge(const struct xskpmd_numa *n, char *advice, size_t size)
{
	const bool pool_nic = n->pool >= 0 && n->nic >= 0 && n->pool != n->nic;
	const bool queue_nic = n->queue >= 0 && n->nic >= 0 && n->queue != n->nic;
	const bool pool_queue = n->pool >= 0 && n->queue >= 0 && n->pool != n->queue;

	/* The NIC cannot be moved, so it decides, where its node is known. */
	if (pool_nic && queue_nic)
		snprintf(advice, size, "the interface is on node %d, the pool's pages on node %d, the queue "
			 "on node %d: create the pool with socket_id %d and poll on lcores of that node",
			 n->nic, n->pool, n->queue, n->nic);
	else if (pool_nic)
		snprintf(advice, size, "the interface is on node %d, the pool's pages on node %d: create the "
			 "pool with socket_id %d (rte_eth_dev_socket_id()), and give EAL memory there "
			 "(--socket-mem)", n->nic, n->pool, n->nic);
	else if (queue_nic)
		snprintf(advice, size, "the interface is on node %d, the queue on node %d: set the queue up "
			 "with socket_id %d and poll on lcores of that node", n->nic, n->queue, n->nic);
	else if (pool_queue)
		snprintf(advice, size, "the queue is on node %d, the pool's pages on node %d: use one "
			 "socket_id for both", n->queue, n->pool);
	else
		return false;
	return true;
}

int
xskpmd_numa_node_of(const void *area, size_t len)
{
	const size_t page = sysconf(_SC_PAGESIZE), nb_pages = RTE_MAX(len / page, (size_t)1);
	const unsigned int n = RTE_MIN(nb_pages, (size_t)SAMPLES);
	void *pages[SAMPLES];
	int status[SAMPLES], node = XSKPMD_NUMA_ANY;
	unsigned int i;

	if (numa_available() != 0)
		return XSKPMD_NUMA_ANY;
	for (i = 0; i < n; i++)
		pages[i] = (void *)RTE_ALIGN_FLOOR((uintptr_t)area + i * (nb_pages / n) * page, page);
	/* Without nodes to move to, it only tells. */
	if (numa_move_pages(0, n, pages, NULL, status, 0) != 0)
		return XSKPMD_NUMA_ANY;
	for (i = 0; i < n; i++) {
		if (status[i] < 0)
			continue; /* not there yet */
		if (node >= 0 && status[i] != node)
			return XSKPMD_NUMA_ANY;
		node = status[i];
	}
	return node;
}
