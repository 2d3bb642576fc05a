/* SPDX-License-Identifier: BSD-3-Clause */

/* Messages between the primary process, which has the sockets, and secondary ones.
 *
 *   secondary -> primary      BORROW      a queue's socket, by file descriptor
 *                             STATISTICS  what the kernel counts of it
 *   primary -> secondaries    RELEASE     a queue is about to close: unmap its rings
 *
 * A mapped ring keeps a queue of the interface bound, so the primary waits for the answers to
 * RELEASE. It holds the lock of the ports meanwhile; the thread that answers BORROW only tries that
 * lock, or each would wait for the other.
 */

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "xskpmd_compat.h"
#include "xskpmd_ethdev.h"
#include "xskpmd_logs.h"

#define MP_NAME "net_xskpmd"

/** Answers are due in so many seconds; they take some 100 us. */
#define MP_TIMEOUT_S 2

enum mp_type { MP_BORROW, MP_STATISTICS, MP_RELEASE };

struct mp_param {
	enum mp_type type;
	uint16_t port_id;
	uint16_t queue;
	int32_t ret;                 /**< of an answer: 0 or -errno */
	struct xdp_statistics stats; /**< of an answer to MP_STATISTICS */
};
static_assert(sizeof(struct mp_param) <= RTE_MP_MAX_PARAM_LEN, "fits into a message");

/* EAL refuses a second request of a name to the same process while one is pending. */
static pthread_mutex_t request_lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- answers ------------------------------------------------------------------------------ */

/** Answer a question about a queue whose socket is open. The lock of the ports is held. */
static int
answer_open(struct xskpmd_pair *pair, struct mp_param *param, struct rte_mp_msg *reply)
{
	socklen_t len = sizeof(param->stats);

	if (!pair->lendable)
		return -ENOTCONN;
	if (param->type == MP_STATISTICS)
		return getsockopt(pair->xsk.fd, SOL_XDP, XDP_STATISTICS, &param->stats, &len) == 0 ?
		       0 : -errno;
	pair->lent = true;
	reply->fds[reply->num_fds++] = pair->xsk.fd;
	return 0;
}

static int
answer(struct mp_param *param, struct rte_mp_msg *reply)
{
	struct xskpmd_port *port;
	int ret = -ENODEV;

	if (param->type == MP_RELEASE) {
		xskpmd_secondary_release(param->port_id, param->queue);
		return 0;
	}
	if (!xskpmd_show_trylock())
		return -EBUSY;
	port = xskpmd_show_find(param->port_id);
	if (port != NULL && param->queue < port->nb_pairs)
		ret = answer_open(&port->pairs[param->queue], param, reply);
	xskpmd_show_unlock();
	return ret;
}

static int
handle(const struct rte_mp_msg *msg, const void *peer)
{
	struct mp_param *param;
	struct rte_mp_msg reply = { .len_param = sizeof(*param) };

	if (msg->len_param != sizeof(*param))
		return -1; /* of another version of this driver: the asker's wait ends by itself */
	strcpy(reply.name, MP_NAME);
	param = (struct mp_param *)reply.param;
	memcpy(param, msg->param, sizeof(*param));
	param->ret = answer(param, &reply);
	return rte_mp_reply(&reply, peer);
}

int
xskpmd_mp_init(void)
{
	static bool done;

	if (done)
		return 0;
	/* ENOTSUP: this process shares nothing with others (--in-memory, --no-shconf). */
	if (rte_mp_action_register(MP_NAME, handle) != 0 && rte_errno != ENOTSUP)
		return -rte_errno;
	done = true;
	return 0;
}

/* ---- questions ---------------------------------------------------------------------------- */

/** Ask, and wait. @param reply  its msgs are to be freed. @return 0 if everybody answered, -errno */
static int
ask(enum mp_type type, uint16_t port_id, uint16_t q, struct rte_mp_reply *reply)
{
	const struct timespec timeout = { .tv_sec = MP_TIMEOUT_S };
	const struct mp_param param = { .type = type, .port_id = port_id, .queue = q };
	struct rte_mp_msg msg = { .len_param = sizeof(param) };
	int ret = 0;

	strcpy(msg.name, MP_NAME);
	memcpy(msg.param, &param, sizeof(param));
	pthread_mutex_lock(&request_lock);
	if (rte_mp_request_sync(&msg, reply, &timeout) != 0)
		ret = -rte_errno;
	pthread_mutex_unlock(&request_lock);
	return ret;
}

/** Ask the primary process. @return 0 or -errno; then there is no descriptor */
static int
ask_primary(enum mp_type type, uint16_t port_id, uint16_t q, struct mp_param *param, int *fd)
{
	struct rte_mp_reply reply;
	int ret = ask(type, port_id, q, &reply);

	*fd = -1;
	if (ret != 0)
		return ret;
	if (reply.nb_received == 1 && reply.msgs[0].len_param == sizeof(*param)) {
		memcpy(param, reply.msgs[0].param, sizeof(*param));
		if (reply.msgs[0].num_fds == 1)
			*fd = reply.msgs[0].fds[0];
		ret = param->ret;
	} else {
		ret = -ECONNREFUSED; /* it has ended */
	}
	free(reply.msgs);
	return ret;
}

int
xskpmd_mp_borrow(uint16_t port_id, uint16_t q)
{
	struct mp_param param;
	int fd, ret = ask_primary(MP_BORROW, port_id, q, &param, &fd);

	if (ret != 0)
		return ret;
	return fd >= 0 ? fd : -EPROTO;
}

int
xskpmd_mp_statistics(uint16_t port_id, uint16_t q, struct xdp_statistics *stats)
{
	struct mp_param param;
	int fd, ret = ask_primary(MP_STATISTICS, port_id, q, &param, &fd);

	if (ret == 0)
		*stats = param.stats;
	return ret;
}

void
xskpmd_mp_take_back(uint16_t port_id, uint16_t q)
{
	struct rte_mp_reply reply;
	int ret = ask(MP_RELEASE, port_id, q, &reply);

	if (ret == 0)
		free(reply.msgs);
	else if (ret != -ENOTSUP)
		XSKPMD_LOG(WARNING, "port %u: queue %u: a secondary process does not let go of it: %s: the "
			   "queue stays in use until that process ends", port_id, q, strerror(-ret));
}
