/* SPDX-License-Identifier: BSD-3-Clause */

/* Packet types, found by looking at each packet, and Tx queues that several threads share. */

#include <rte_common.h>
#include <rte_net.h>

#include "xskpmd_wrap.h"

/* ---- packet types ------------------------------------------------------------------------- */

static const uint32_t ptypes_found[] = {
	RTE_PTYPE_L2_ETHER, RTE_PTYPE_L2_ETHER_VLAN, RTE_PTYPE_L2_ETHER_QINQ,
	RTE_PTYPE_L3_IPV4, RTE_PTYPE_L3_IPV4_EXT, RTE_PTYPE_L3_IPV6, RTE_PTYPE_L3_IPV6_EXT,
	RTE_PTYPE_L4_FRAG, RTE_PTYPE_L4_TCP, RTE_PTYPE_L4_UDP, RTE_PTYPE_L4_SCTP,
	RTE_PTYPE_UNKNOWN,
};

const uint32_t *
xskpmd_wrap_ptypes(size_t *n)
{
	*n = RTE_DIM(ptypes_found) - 1;
	return ptypes_found;
}

/** A layer can only be found behind those below it. */
static uint32_t
layers_to_parse(uint32_t layers)
{
	if (layers & RTE_PTYPE_L4_MASK)
		return XSKPMD_PTYPE_LAYERS;
	return layers & RTE_PTYPE_L3_MASK ? layers | RTE_PTYPE_L2_MASK : layers;
}

static __rte_always_inline uint16_t
rx_ptypes(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts, const bool sg, const bool track)
{
	const struct xskpmd_wrap_rxq *q = queue;
	const uint32_t layers = __atomic_load_n(&q->layers, __ATOMIC_RELAXED);
	const uint32_t parse = layers_to_parse(layers);
	const uint16_t n = xskpmd_rx_burst_select(sg, track)->fn(queue, pkts, nb_pkts);
	uint16_t i;

	for (i = 0; i < n && layers != 0; i++)
		pkts[i]->packet_type = rte_net_get_ptype(pkts[i], NULL, parse) & layers;
	return n;
}

static uint16_t
rx_ptypes_single(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	return rx_ptypes(queue, pkts, nb_pkts, false, false);
}

static uint16_t
rx_ptypes_single_track(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	return rx_ptypes(queue, pkts, nb_pkts, false, true);
}

static uint16_t
rx_ptypes_sg(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	return rx_ptypes(queue, pkts, nb_pkts, true, false);
}

static uint16_t
rx_ptypes_sg_track(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	return rx_ptypes(queue, pkts, nb_pkts, true, true);
}

const struct xskpmd_burst *
xskpmd_wrap_rx_select(bool sg, bool track, bool ptypes)
{
	static const struct xskpmd_burst bursts[2][2] = {
		{ { rx_ptypes_single, "single-buffer, packet types" },
		  { rx_ptypes_single_track, "single-buffer, tracked, packet types" } },
		{ { rx_ptypes_sg, "multi-buffer, packet types" },
		  { rx_ptypes_sg_track, "multi-buffer, tracked, packet types" } },
	};

	return ptypes ? &bursts[sg][track] : xskpmd_rx_burst_select(sg, track);
}

/* ---- several threads on a Tx queue -------------------------------------------------------- */

/* The rings have one producer and one consumer, which the kernel sees. So the threads take
 * turns; a turn may contain a system call.
 */
static __rte_always_inline uint16_t
tx_mt(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts, const bool sg)
{
	struct xskpmd_wrap_txq *q = queue;
	uint16_t n;

	rte_spinlock_lock(&q->lock);
	n = xskpmd_tx_burst_select(sg)->fn(queue, pkts, nb_pkts);
	rte_spinlock_unlock(&q->lock);
	return n;
}

static uint16_t
tx_mt_single(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	return tx_mt(queue, pkts, nb_pkts, false);
}

static uint16_t
tx_mt_sg(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts)
{
	return tx_mt(queue, pkts, nb_pkts, true);
}

const struct xskpmd_burst *
xskpmd_wrap_tx_select(bool sg, bool mt)
{
	static const struct xskpmd_burst bursts[2] = {
		{ tx_mt_single, "single-buffer, shared by threads" },
		{ tx_mt_sg, "multi-buffer, shared by threads" },
	};

	return mt ? &bursts[sg] : xskpmd_tx_burst_select(sg);
}
