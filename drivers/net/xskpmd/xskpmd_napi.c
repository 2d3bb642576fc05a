/* SPDX-License-Identifier: BSD-3-Clause */

/* Busy polling: the lcore's own system calls drive the kernel's part of a queue's work. */

#include "xskpmd_ethdev.h"
#include "xskpmd_genl.h"
#include "xskpmd_logs.h"

/* With preferred busy polling the kernel leaves a NAPI's interrupt off after a poll, for as
 * long as defer-hard-irqs and gro-flush-timeout say, and sendto() on a zero-copy socket polls
 * the Rx queue's NAPI in place of waking the device. So it works only if
 *   - the socket has a NAPI (veth and tap give it none, and each poll would be wasted);
 *   - the same NAPI serves the Tx queue, or nothing would ever be sent. (poll() would wake Tx all the
 *     same, and was tried on virtio-net: it received a third less than net_af_xdp did without
 *     busy polling);
 *   - both settings are made, or a queue that is not polled for a while would wait for ever;
 *     with them, the timer polls it. Per NAPI since Linux 6.13.
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

	if (sk_napi == 0 || xskpmd_netdev_queue_napi(&port->netdev, queue, false, &id) != 0 ||
	    id != sk_napi)
		return "the queue has no NAPI to poll";
	if (pair->txq != NULL &&
	    (xskpmd_netdev_queue_napi(&port->netdev, queue, true, &id) != 0 || id != sk_napi))
		return "its Tx queue has another NAPI";
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
	if (xskpmd_xsk_busy_poll(&pair->xsk, port->conf.busy_budget) != 0)
		return "the socket refuses (Linux 5.11, CAP_NET_ADMIN)";
	if (pair->rxq != NULL)
		pair->rxq->busy_poll = true;
	if (pair->txq != NULL)
		pair->txq->busy_poll = true;
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
	if (pair->napi_found.id != 0)
		xskpmd_napi_set(&port->netdev, &pair->napi_found);
	pair->napi_found.id = 0;
}
