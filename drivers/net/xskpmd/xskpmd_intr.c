/* SPDX-License-Identifier: BSD-3-Clause */

/* Rx interrupts: the socket's file descriptor in the port's interrupt handle.
 *
 * A socket is readable while its Rx ring is not empty, and EAL waits for edges: every packet
 * that comes after rte_eth_dev_rx_intr_ctl_q() has put the descriptor into an epoll set
 * is remembered there, whether or not the interrupt is "enabled" at that moment. So
 * no wake-up can be missed, and there is nothing to switch on or off in the device.
 */

#include <errno.h>
#include <sys/socket.h>

#include <rte_atomic.h>
#include <rte_interrupts.h>

#include "xskpmd_ethdev.h"
#include "xskpmd_logs.h"

int
xskpmd_intr_start(struct rte_eth_dev *dev)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	const uint16_t nb = dev->data->nb_rx_queues;
	struct rte_intr_handle *handle;
	uint16_t q;

	if (!dev->data->dev_conf.intr_conf.rxq)
		return 0;
	handle = rte_intr_instance_alloc(RTE_INTR_INSTANCE_F_PRIVATE);
	if (handle == NULL || rte_intr_vec_list_alloc(handle, "xskpmd_intr", nb) != 0 ||
	    rte_intr_type_set(handle, RTE_INTR_HANDLE_VDEV) != 0 ||
	    rte_intr_nb_efd_set(handle, nb) != 0 ||
	    rte_intr_max_intr_set(handle, nb + RTE_INTR_VEC_RXTX_OFFSET) != 0)
		goto err_free;
	for (q = 0; q < nb; q++) {
		port->pairs[q].in_epoll = false;
		if (rte_intr_efds_index_set(handle, q, port->pairs[q].xsk.fd) != 0 ||
		    rte_intr_vec_list_index_set(handle, q, q + RTE_INTR_VEC_RXTX_OFFSET) != 0)
			goto err_free;
	}
	dev->intr_handle = handle;
	return 0;

err_free:
	XSKPMD_LOG(ERR, "%s: no Rx interrupts for %u queues: EAL takes %u at most, and memory", port->name,
		   nb, RTE_MAX_RXTX_INTR_VEC_ID);
	rte_intr_vec_list_free(handle);
	rte_intr_instance_free(handle);
	return -ENOMEM;
}

/* EAL goes on believing that a descriptor is in an epoll set when the kernel has long dropped it, as it does
 * with a socket that closes. So it is taken out before, and the next one put in where it was.
 */
void
xskpmd_intr_leave(struct rte_eth_dev *dev, uint16_t q)
{
	struct rte_intr_handle *handle = dev->intr_handle;
	struct xskpmd_pair *pair = &xskpmd_port(dev)->pairs[q];
	struct rte_epoll_event *ev;

	if (handle == NULL || q >= dev->data->nb_rx_queues || pair->xsk.fd < 0)
		return;
	ev = rte_intr_elist_index_get(handle, q);
	if (ev == NULL || __atomic_load_n(&ev->status, __ATOMIC_RELAXED) == RTE_EPOLL_INVALID)
		return; /* else it is in the set, and may be about to be told; EAL waits for the end of that */
	pair->epoll_fd = ev->epfd;
	pair->epoll_data = ev->epdata.data;
	pair->in_epoll = true;
	rte_intr_rx_ctl(handle, ev->epfd, RTE_INTR_EVENT_DEL, q + RTE_INTR_VEC_RXTX_OFFSET, NULL);
}

void
xskpmd_intr_update(struct rte_eth_dev *dev)
{
	uint16_t q;

	/* The numbers fit: they are as many as at start. */
	for (q = 0; dev->intr_handle != NULL && q < dev->data->nb_rx_queues; q++) {
		struct xskpmd_pair *pair = &xskpmd_port(dev)->pairs[q];

		rte_intr_efds_index_set(dev->intr_handle, q, pair->xsk.fd);
		if (!pair->in_epoll || pair->xsk.fd < 0)
			continue;
		pair->in_epoll = false;
		rte_intr_rx_ctl(dev->intr_handle, pair->epoll_fd, RTE_INTR_EVENT_ADD, q + RTE_INTR_VEC_RXTX_OFFSET,
				pair->epoll_data);
	}
}

void
xskpmd_intr_stop(struct rte_eth_dev *dev)
{
	struct rte_intr_handle *handle = dev->intr_handle;

	dev->intr_handle = NULL;
	if (handle == NULL)
		return;
	rte_intr_free_epoll_fd(handle);
	rte_intr_vec_list_free(handle);
	rte_intr_instance_free(handle);
}

/* A driver that waits to be told about the fill ring is told before the application sleeps. A queue without a
 * single buffer cannot wake anybody.
 */
int
xskpmd_rx_queue_intr_enable(struct rte_eth_dev *dev, uint16_t q)
{
	struct xskpmd_rxq *rxq = dev->data->rx_queues[q];

	if (xskpmd_fds[rxq->fd_slot] < 0)
		return -ENOTCONN; /* no rings before start and after stop */
	if (rxq->missing == rxq->owned)
		return -EAGAIN;
	rte_smp_mb(); /* the refill is seen before the flag is read */
	if (xsk_ring_prod__needs_wakeup(&rxq->fill))
		recvfrom(xskpmd_fds[rxq->fd_slot], NULL, 0, MSG_DONTWAIT, NULL, NULL);
	return 0;
}

int
xskpmd_rx_queue_intr_disable(struct rte_eth_dev *dev __rte_unused, uint16_t q __rte_unused)
{
	return 0;
}
