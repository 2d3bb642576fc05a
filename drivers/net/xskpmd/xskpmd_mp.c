/* SPDX-License-Identifier: BSD-3-Clause */

/* The primary answers in EAL's thread for messages. It only tries the lock of the ports, as whoever
 * has it may be waiting for what this thread brings.
 */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>

#include "xskpmd_compat.h"
#include "xskpmd_ethdev.h"
#include "xskpmd_lend.h"
#include "xskpmd_logs.h"
#include "xskpmd_mp.h"

#define MP_NAME "net_xskpmd"

/** An answer is due in so many seconds; it takes some 100 us. */
#define MP_TIMEOUT_S 1

/** The primary is asked so often, every millisecond, while it is at work on its ports. */
#define BUSY_TRIES 50

enum mp_type { MP_BORROW_RX, MP_BORROW_TX, MP_STATISTICS, MP_RESET, MP_PROMISC, MP_ALLMULTI, MP_RELEASE };

/** Counters of both queues of a pair; the kernel's are the same for both. */
struct mp_values {
	struct xskpmd_rx_values rx;
	struct xskpmd_txq_stats tx_own;
	uint64_t tx_errors;
};

struct mp_param {
	uint8_t type;
	uint8_t on;
	uint16_t port_id;
	uint16_t queue;
	int16_t ret;         /**< of an answer: 0 or -errno */
	uint32_t seq;        /**< of the question: a late answer is not taken for another's */
	union {
		struct xskpmd_mp_rings rings;
		struct mp_values values;
	};
};
static_assert(sizeof(struct mp_param) <= RTE_MP_MAX_PARAM_LEN, "fits into a message");

/* ---- answers ------------------------------------------------------------------------------ */

static int
answer_borrow(const struct xskpmd_port *port, uint16_t q, bool tx, struct xskpmd_mp_rings *rings, int *fd)
{
	const struct xskpmd_lend *lend = xskpmd_lend_of(port->data->port_id);
	const struct xskpmd_pair *pair = &port->pairs[q];

	if (q >= port->nb_pairs || lend == NULL || lend->epoch % 2 == 0 || pair->xsk.fd < 0 ||
	    (tx ? pair->txq == NULL : pair->rxq == NULL))
		return -ENOTCONN;
	xskpmd_xsk_rings(&pair->xsk, tx, rings->addr, rings->len);
	rings->sg = tx ? port->tx_sg : port->rx_sg;
	rings->track = port->track;
	*fd = pair->xsk.fd;
	return 0;
}

static int
answer_statistics(const struct xskpmd_port *port, uint16_t q, struct mp_values *values)
{
	struct xskpmd_tx_values tx;

	if (q >= port->nb_pairs)
		return -EINVAL;
	xskpmd_stats_read(port, q, &values->rx, &tx);
	values->tx_own = tx.own;
	values->tx_errors = tx.errors;
	return 0;
}

/** Answer a question about a port. The lock of the ports is held. */
static int
answer_port(struct xskpmd_port *port, struct mp_param *param, int *fd)
{
	switch (param->type) {
	case MP_BORROW_RX:
	case MP_BORROW_TX:
		return answer_borrow(port, param->queue, param->type == MP_BORROW_TX, &param->rings, fd);
	case MP_STATISTICS:
		return answer_statistics(port, param->queue, &param->values);
	case MP_RESET:
		return param->on ? xskpmd_port_xstats_reset(port) : xskpmd_port_stats_reset(port);
	case MP_PROMISC:
		return xskpmd_netdev_promisc(&port->netdev, param->on);
	case MP_ALLMULTI:
		return xskpmd_netdev_allmulti(&port->netdev, param->on);
	default:
		return -EINVAL;
	}
}

static int
answer(struct mp_param *param, int *fd)
{
	struct xskpmd_port *port;
	int ret;

	if (!xskpmd_show_trylock())
		return -EBUSY;
	port = xskpmd_show_find(param->port_id);
	ret = port != NULL ? answer_port(port, param, fd) : -ENODEV;
	xskpmd_show_unlock();
	return ret;
}

static int
handle(const struct rte_mp_msg *msg, const void *peer)
{
	struct rte_mp_msg reply = { .len_param = sizeof(struct mp_param) };
	struct mp_param *param = (struct mp_param *)reply.param;
	int fd = -1;

	if (msg->len_param != sizeof(*param))
		return -1; /* of another version of this driver */
	memcpy(param, msg->param, sizeof(*param));
	if (param->type == MP_RELEASE) {
		xskpmd_secondary_release(param->port_id);
		return 0;
	}
	strcpy(reply.name, MP_NAME);
	param->ret = answer(param, &fd);
	if (fd >= 0)
		reply.fds[reply.num_fds++] = fd;
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

void
xskpmd_mp_tell_release(uint16_t port_id)
{
	const struct mp_param param = { .type = MP_RELEASE, .port_id = port_id };
	struct rte_mp_msg msg = { .len_param = sizeof(param) };

	strcpy(msg.name, MP_NAME);
	memcpy(msg.param, &param, sizeof(param));
	rte_mp_sendmsg(&msg);
}

/* ---- questions ---------------------------------------------------------------------------- */

/** Ask the primary process once.
 *  @param fd  -1, or a descriptor that the caller owns
 *  @return 0 or -errno */
static int
ask_once(struct mp_param *param, int *fd)
{
	const struct timespec timeout = { .tv_sec = MP_TIMEOUT_S };
	struct rte_mp_msg msg = { .len_param = sizeof(*param) };
	const struct mp_param asked = *param;
	struct rte_mp_reply reply;
	int i, ret = -ECONNREFUSED; /* nobody answers: it has ended */

	*fd = -1;
	strcpy(msg.name, MP_NAME);
	memcpy(msg.param, param, sizeof(*param));
	if (rte_mp_request_sync(&msg, &reply, &timeout) != 0)
		return -rte_errno;
	if (reply.nb_received == 1 && reply.msgs[0].len_param == sizeof(*param)) {
		memcpy(param, reply.msgs[0].param, sizeof(*param));
		ret = param->seq == asked.seq ? param->ret : -EAGAIN;
		for (i = 0; i < reply.msgs[0].num_fds; i++)
			if (ret == 0 && *fd < 0)
				*fd = reply.msgs[0].fds[i];
			else
				close(reply.msgs[0].fds[i]);
	}
	free(reply.msgs);
	return ret;
}

/** Ask it, again and again while it is busy. EAL refuses a second question while one is pending. */
static int
ask(struct mp_param *param, int *fd, unsigned int tries)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static uint32_t seq;
	const struct mp_param question = *param;
	int ret;

	do {
		*param = question;
		pthread_mutex_lock(&lock);
		param->seq = ++seq;
		ret = ask_once(param, fd);
		pthread_mutex_unlock(&lock);
	} while (ret == -EBUSY && tries-- > 1 && (rte_delay_us_sleep(1000), true));
	return ret;
}

int
xskpmd_mp_borrow(uint16_t port_id, uint16_t q, bool tx, struct xskpmd_mp_rings *rings)
{
	struct mp_param param = { .type = tx ? MP_BORROW_TX : MP_BORROW_RX, .port_id = port_id, .queue = q };
	int fd, ret = ask(&param, &fd, 1);

	if (ret != 0)
		return ret;
	if (fd < 0)
		return -EPROTO;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	*rings = param.rings;
	return fd;
}

int
xskpmd_mp_statistics(uint16_t port_id, uint16_t q, struct xskpmd_rx_values *rx,
		     struct xskpmd_tx_values *tx)
{
	struct mp_param param = { .type = MP_STATISTICS, .port_id = port_id, .queue = q };
	int fd, ret = ask(&param, &fd, BUSY_TRIES);

	if (ret != 0)
		return ret;
	*rx = param.values.rx;
	*tx = (struct xskpmd_tx_values){
		.own = param.values.tx_own,
		.xsk = param.values.rx.xsk,
		.errors = param.values.tx_errors,
	};
	return 0;
}

static int
order(enum mp_type type, uint16_t port_id, bool on)
{
	struct mp_param param = { .type = type, .port_id = port_id, .on = on };
	int fd;

	return ask(&param, &fd, BUSY_TRIES);
}

int
xskpmd_mp_stats_reset(uint16_t port_id, bool interface)
{
	return order(MP_RESET, port_id, interface);
}

int
xskpmd_mp_promisc(uint16_t port_id, bool on)
{
	return order(MP_PROMISC, port_id, on);
}

int
xskpmd_mp_allmulti(uint16_t port_id, bool on)
{
	return order(MP_ALLMULTI, port_id, on);
}
