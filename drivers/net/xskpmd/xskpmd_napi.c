/* SPDX-License-Identifier: BSD-3-Clause */

/* Busy polling: the lcore's own system calls drive the kernel's part of a queue's work. */

#include "xskpmd_ethdev.h"
#include "xskpmd_genl.h"
#include "xskpmd_logs.h"

/* A socket's system calls poll the NAPI of its Rx queue, if it has one: veth and tap give it none, and
 * each poll would be wasted. Two settings of the NAPI, per NAPI since Linux 6.13, keep its interrupt off
 * between two polls: defer-hard-irqs and gro-flush-timeout. A timer polls what the lcore leaves alone for
 * that long, without them nobody would.
 *
 * Preferred busy polling also keeps softirqs away from it, and there sendto() on a zero-copy socket polls
 * the Rx queue's NAPI in place of waking the device. So it is for queues whose Tx is served by the same
 * NAPI, elsewhere (virtio-net, igb with few queues) nothing would ever be sent. There the socket polls
 * without preference, which leaves waking to sendto(). (poll() wakes Tx in any case, and was tried: it
 * received a third less than net_af_xdp did without busy polling.)
 */
#define BUSY_DEFER_HARD_IRQS 2
#define BUSY_FLUSH_TIMEOUT_NS 200000

/** @return NULL if the pair is busy polled from now on, or why it is not */
static const char *
pair_busy_poll(struct xskpmd_port *port, struct xskpmd_pair *pair)
{
	const uint32_t queue = pair->xsk.queue, sk_napi = xskpmd_xsk_napi_id(&pair->xsk);
	struct xskpmd_napi napi;
	uint32_t id;
	uint16_t q;
	bool prefer;

	/* as they may be of the pair's socket before this one */
	if (pair->rxq != NULL)
		pair->rxq->busy_poll = false;
	if (pair->txq != NULL)
		pair->txq->busy_poll = false;
	if (sk_napi == 0 || xskpmd_netdev_queue_napi(&port->netdev, queue, false, &id) != 0 ||
	    id != sk_napi)
		return "the queue has no NAPI to poll";
	prefer = pair->txq == NULL ||
		 (xskpmd_netdev_queue_napi(&port->netdev, queue, true, &id) == 0 && id == sk_napi);
	if (!prefer && pair->rxq == NULL)
		return "only its Rx queue's NAPI can be polled, and only Tx is in use";
	if (xskpmd_napi_get(&port->netdev, sk_napi, &napi) != 0)
		return "its NAPI cannot be read";
	pair->napi_found = napi;
	/* One NAPI may serve several queues: as it was before the first of them. */
	for (q = 0; q < port->nb_pairs; q++)
		if (&port->pairs[q] != pair && port->pairs[q].napi_found.id == sk_napi)
			pair->napi_found = port->pairs[q].napi_found;
	napi.defer_hard_irqs = BUSY_DEFER_HARD_IRQS;
	napi.gro_flush_timeout = BUSY_FLUSH_TIMEOUT_NS;
	if (xskpmd_napi_set(&port->netdev, &napi) != 0) {
		pair->napi_found.id = 0;
		return "its NAPI cannot be set (Linux 6.13, CAP_NET_ADMIN)";
	}
	if (xskpmd_xsk_busy_poll(&pair->xsk, port->conf.busy_budget, prefer) != 0)
		return "the socket refuses (Linux 5.11, CAP_NET_ADMIN)";
	if (pair->rxq != NULL)
		pair->rxq->busy_poll = true;
	if (pair->txq != NULL)
		pair->txq->busy_poll = prefer;
	return NULL;
}

void
xskpmd_pairs_busy_poll(struct xskpmd_port *port)
{
	const char *why = NULL;
	uint16_t q, not = 0;

	if (port->conf.busy_budget == 0)
		return;
	for (q = 0; q < port->nb_pairs; q++) {
		struct xskpmd_pair *pair = &port->pairs[q];
		const char *this;

		if (pair->xsk.fd < 0 || pair->xsk.busy_poll)
			continue;
		this = pair_busy_poll(port, pair);
		not += this != NULL;
		why = this != NULL ? this : why;
	}
	if (not > 0)
		XSKPMD_LOG(INFO, "%s: no busy polling on %u queues of %s: %s", port->name, not,
			   port->ifname, why);
}

void
xskpmd_pair_restore_napi(const struct xskpmd_port *port, struct xskpmd_pair *pair)
{
	const struct xskpmd_napi found = pair->napi_found;
	uint16_t q;

	pair->napi_found.id = 0;
	for (q = 0; q < port->nb_pairs; q++)
		if (port->pairs[q].napi_found.id == found.id)
			return; /* none, or another queue of the NAPI is still polled */
	xskpmd_napi_set(&port->netdev, &found);
}
