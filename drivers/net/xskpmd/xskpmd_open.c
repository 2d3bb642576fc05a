/* SPDX-License-Identifier: BSD-3-Clause */

/* The bound sockets of all ports of this process: who may share a UMEM, who has a queue, and whose
 * packets have been left behind.
 *
 * A burst kicks the kernel a bounded number of times, and what the device does not take then waits
 * for the next burst: a NIC whose ring is full, an interface that is down. An application that has
 * nothing more to send would leave it there for ever, so a timer looks after the rings that do not
 * move. It reads what the kernel reads, the rings' indices, and needs nothing of the lcore's.
 */

#include <errno.h>
#include <pthread.h>
#include <sys/socket.h>

#include <rte_alarm.h>

#include "xskpmd_compat.h"
#include "xskpmd_ethdev.h"
#include "xskpmd_logs.h"

/** A ring that has not moved from one look to the next is kicked. While all are empty there are fewer
 *  looks, as each takes some microseconds from whoever runs on that processor.
 */
#define LOOK_US 10000
#define LOOK_IDLE_US 100000

/** After a packet that the device refused, so many looks pass it by: the carrier may be less than it seems, as the
 *  kernel tells of it late, and every further packet would be lost as well.
 */
#define LOOKS_REFUSED 10

/** System calls for one ring at one look. The kernel sends 32 packets a call, or the budget set. */
#define KICKS_MAX 64

static pthread_mutex_t open_lock = PTHREAD_MUTEX_INITIALIZER;
/* under the lock */
static struct xskpmd_pair *open_pairs;
static bool looking; /* the timer is set */

/* ---- packets left behind ----------------------------------------------------------------- */

/** The kernel's end of a Tx ring. @return whether there is something in it */
static bool
tx_waits(const struct xskpmd_xsk *xsk, uint32_t *consumer)
{
	*consumer = __atomic_load_n(xsk->tx.consumer, __ATOMIC_ACQUIRE);
	return *consumer != __atomic_load_n(xsk->tx.producer, __ATOMIC_ACQUIRE);
}

/** As xskpmd_tx_kick(), but gives up at the first call that moves nothing: there is a next look. */
static void
kick(struct xskpmd_pair *pair)
{
	uint32_t before, now = pair->tx_seen;
	int i;

	for (i = 0; i < KICKS_MAX; i++) {
		before = now;
		if (sendto(pair->xsk.fd, NULL, 0, MSG_DONTWAIT, NULL, 0) < 0 && errno == EBUSY &&
		    !pair->xsk.zero_copy) {
			pair->tx_dropped++; /* one packet, refused by the device */
			pair->tx_refused = LOOKS_REFUSED;
			return;
		}
		if (!tx_waits(&pair->xsk, &now) || now == before)
			return;
	}
}

static void
look(void *arg __rte_unused)
{
	struct xskpmd_pair *p;
	uint64_t next = LOOK_IDLE_US;
	uint32_t consumer;
	bool waits;

	pthread_mutex_lock(&open_lock);
	looking = false;
	for (p = open_pairs; p != NULL; p = p->next_open) {
		if (p->xsk.tx.ring == NULL)
			continue;
		looking = true;
		waits = tx_waits(&p->xsk, &consumer);
		/* Without a carrier the kernel would throw the packets away. */
		if (p->tx_refused > 0)
			p->tx_refused--;
		else if (waits && p->tx_waited && consumer == p->tx_seen && xsk_ring_prod__needs_wakeup(&p->xsk.tx) &&
			 xskpmd_netdev_has_carrier(&p->port->netdev))
			kick(p);
		p->tx_seen = consumer;
		p->tx_waited = waits;
		if (waits)
			next = LOOK_US;
	}
	looking = looking && rte_eal_alarm_set(next, look, NULL) == 0;
	pthread_mutex_unlock(&open_lock);
}

/* ---- the list ---------------------------------------------------------------------------- */

void
xskpmd_open_add(const struct xskpmd_port *port, struct xskpmd_pair *pair)
{
	pair->port = port;
	pair->tx_waited = false;
	pair->tx_refused = 0;
	pthread_mutex_lock(&open_lock);
	pair->next_open = open_pairs;
	open_pairs = pair;
	if (!looking)
		looking = rte_eal_alarm_set(LOOK_US, look, NULL) == 0;
	pthread_mutex_unlock(&open_lock);
}

void
xskpmd_open_remove(struct xskpmd_pair *pair)
{
	struct xskpmd_pair **link;

	pthread_mutex_lock(&open_lock);
	for (link = &open_pairs; *link != NULL && *link != pair; link = &(*link)->next_open)
		;
	if (*link != NULL)
		*link = pair->next_open;
	pthread_mutex_unlock(&open_lock);
}

/* ---- questions --------------------------------------------------------------------------- */

static bool
is_on_interface(const struct xskpmd_pair *p, const struct xskpmd_netdev *nd)
{
	return p->xsk.ifindex == nd->ifindex && p->xsk.netns->id == nd->netns.id;
}

/** A sharer inherits the modes of the first: they must be what was asked for. */
static bool
suits(const struct xskpmd_xsk *xsk, const struct xskpmd_xsk_req *req)
{
	if (req->zero_copy != XSKPMD_XSK_ZC_AUTO &&
	    xsk->zero_copy != (req->zero_copy == XSKPMD_XSK_ZC_ON))
		return false;
	return xsk->sg ? !req->no_sg : !req->need_sg;
}

const struct xskpmd_xsk *
xskpmd_open_sharer(const struct xskpmd_port *port, const struct xskpmd_xsk_req *req)
{
	const struct xskpmd_pair *p;

	pthread_mutex_lock(&open_lock);
	for (p = open_pairs; p != NULL; p = p->next_open)
		if (p->umem == req->umem && suits(&p->xsk, req) &&
		    (is_on_interface(p, &port->netdev) || port->conf.shared_umem))
			break;
	pthread_mutex_unlock(&open_lock);
	return p != NULL ? &p->xsk : NULL;
}

/* The kernel would not say who has the queue. An index of a removed interface may be that of another
 * one now.
 */
int
xskpmd_open_check(const struct xskpmd_port *port, uint32_t queue)
{
	const struct xskpmd_pair *p;
	int ret = 0;

	pthread_mutex_lock(&open_lock);
	for (p = open_pairs; p != NULL && ret == 0; p = p->next_open) {
		if (p->xsk.queue != queue || !is_on_interface(p, &port->netdev) || p->port->removed)
			continue;
		XSKPMD_LOG(ERR, "%s: queue %u of %s is in use by port %s of this process: close or stop that "
			   "port, or use other queues (start_queue=, queue_count=)", port->name, queue,
			   port->ifname, p->port->name);
		ret = -EBUSY;
	}
	pthread_mutex_unlock(&open_lock);
	return ret;
}
