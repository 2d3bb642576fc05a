/* SPDX-License-Identifier: BSD-3-Clause */

/* Extended statistics, in this order:
 *   rx_<name>, tx_<name>           of the port: the sum of its queues
 *   rx_q<N>_<name>, tx_q<N>_<name> of each configured queue
 *   eth_<name>                     the interface's own (ethtool -S), which are the last because
 *                                  their number may change with the interface
 * ethdev's RTE_ETH_DEV_AUTOFILL_QUEUE_XSTATS is not set: it knows 16 queues. The rows packets,
 * bytes and errors have its names.
 */

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_string_fns.h>

#include "xskpmd_ethdev.h"
#include "xskpmd_ethtool.h"

struct row {
	const char *name;
	size_t offset;
	bool queue_only; /**< ethdev has the sum under another name */
};

#define RX(field) offsetof(struct xskpmd_rx_values, field)
#define TX(field) offsetof(struct xskpmd_tx_values, field)

static const struct row rx_rows[] = {
	{ "packets", RX(own.packets), true },
	{ "bytes", RX(own.bytes), true },
	{ "errors", RX(errors), true },
	{ "wakeups", RX(own.wakeups), false },
	{ "nombuf", RX(own.nombuf), false },
	{ "stray", RX(own.stray), false },
	{ "too_long", RX(own.too_long), false },
	{ "busy_poll", RX(busy_poll), false },
	{ "xsk_dropped", RX(xsk.rx_dropped), false },
	{ "xsk_invalid_descs", RX(xsk.rx_invalid_descs), false },
	{ "xsk_ring_full", RX(xsk.rx_ring_full), false },
	{ "xsk_fill_ring_empty", RX(xsk.rx_fill_ring_empty_descs), false },
};

static const struct row tx_rows[] = {
	{ "packets", TX(own.packets), true },
	{ "bytes", TX(own.bytes), true },
	{ "errors", TX(errors), true },
	{ "bad", TX(own.bad), false },
	{ "dropped", TX(own.dropped), false },
	{ "stray", TX(own.stray), false },
	{ "copied", TX(own.copied), false },
	{ "nombuf", TX(own.nombuf), false },
	{ "full", TX(own.full), false },
	{ "kicks", TX(own.kicks), false },
	{ "kick_again", TX(own.kick_again), false },
	{ "kick_down", TX(own.kick_down), false },
	{ "kick_error", TX(own.kick_error), false },
	{ "xsk_invalid_descs", TX(xsk.tx_invalid_descs), false },
	{ "xsk_ring_empty", TX(xsk.tx_ring_empty_descs), false },
};

/* A row for each counter of the data path. Besides these: errors, busy_poll and the kernel's. */
static_assert(RTE_DIM(rx_rows) == sizeof(struct xskpmd_rxq_stats) / sizeof(uint64_t) + 2 + 4,
	      "a counter of struct xskpmd_rxq_stats has no row here");
static_assert(RTE_DIM(tx_rows) == sizeof(struct xskpmd_txq_stats) / sizeof(uint64_t) + 1 + 2,
	      "a counter of struct xskpmd_txq_stats has no row here");

/* eth_base may be read by the telemetry thread while an application resets it. */
static pthread_mutex_t eth_lock = PTHREAD_MUTEX_INITIALIZER;

/** The counters of a queue. */
struct queue_values {
	struct xskpmd_rx_values rx;
	struct xskpmd_tx_values tx;
};

/** Receives names or values, in order; more than fit are counted, not written. */
struct sink {
	struct rte_eth_xstat_name *names;
	uint64_t *values;
	const struct queue_values *queues; /**< nb_pairs; NULL: there are no values */
	unsigned int n, max;
};

static void
sink_put(struct sink *s, const char *prefix, const char *name, uint64_t value)
{
	if (s->n < s->max && s->names != NULL)
		snprintf(s->names[s->n].name, sizeof(s->names[s->n].name), "%s%s", prefix, name);
	if (s->n < s->max && s->values != NULL)
		s->values[s->n] = value;
	s->n++;
}

static void
put_rows(struct sink *s, const char *prefix, const struct row *rows, unsigned int nb_rows,
	 const void *values, bool queue)
{
	unsigned int i;

	for (i = 0; i < nb_rows; i++)
		if (queue || !rows[i].queue_only)
			sink_put(s, prefix, rows[i].name,
				 *(const xskpmd_counter *)RTE_PTR_ADD(values, rows[i].offset));
}

static void
add(void *sum, const void *values, size_t size)
{
	xskpmd_counter *t = sum;
	const xskpmd_counter *v = values;
	size_t i;

	for (i = 0; i < size / sizeof(*t); i++)
		t[i] += v[i];
}

static void
put_port(struct sink *s, const struct xskpmd_port *port)
{
	struct queue_values sum = { 0 };
	uint16_t q;

	for (q = 0; q < port->nb_pairs && s->queues != NULL; q++)
		add(&sum, &s->queues[q], sizeof(sum));
	put_rows(s, "rx_", rx_rows, RTE_DIM(rx_rows), &sum.rx, false);
	put_rows(s, "tx_", tx_rows, RTE_DIM(tx_rows), &sum.tx, false);
}

static void
put_queues(struct sink *s, const struct xskpmd_port *port, bool is_rx)
{
	const uint16_t nb = is_rx ? port->data->nb_rx_queues : port->data->nb_tx_queues;
	static const struct queue_values none;
	char prefix[16];
	uint16_t q;

	for (q = 0; q < RTE_MIN(nb, port->nb_pairs); q++) {
		const struct queue_values *v = s->queues != NULL ? &s->queues[q] : &none;

		snprintf(prefix, sizeof(prefix), "%s_q%u_", is_rx ? "rx" : "tx", q);
		if (is_rx)
			put_rows(s, prefix, rx_rows, RTE_DIM(rx_rows), &v->rx, true);
		else
			put_rows(s, prefix, tx_rows, RTE_DIM(tx_rows), &v->tx, true);
	}
}

static void
put_own(struct sink *s, const struct xskpmd_port *port)
{
	put_port(s, port);
	put_queues(s, port, true);
	put_queues(s, port, false);
}

/* The driver of the interface does not say which of its counters are no counters: after a
 * reset, a state (veth's peer_ifindex) counts from what it was, too. A number of counters that
 * is not that of the last reset says that they are others now: the reset is forgotten.
 */
static void
put_eth_values(struct sink *s, const struct xskpmd_port *port)
{
	uint64_t *values;
	unsigned int i, n = xskpmd_ethtool_stats(&port->netdev, &values);

	pthread_mutex_lock(&eth_lock);
	for (i = 0; i < n; i++)
		sink_put(s, "", "", values[i] - (n == port->eth_base_n ? port->eth_base[i] : 0));
	pthread_mutex_unlock(&eth_lock);
	free(values);
}

static void
put_eth_names(struct sink *s, const struct xskpmd_port *port)
{
	xskpmd_ethtool_name *names;
	unsigned int i, n = xskpmd_ethtool_stats_names(&port->netdev, &names);

	for (i = 0; i < n; i++) {
		char name[sizeof(*names) + 1] = "";

		memcpy(name, names[i], sizeof(*names));
		sink_put(s, "eth_", name, 0);
	}
	free(names);
}

int
xskpmd_xstats_get_names(struct rte_eth_dev *dev, struct rte_eth_xstat_name *names, unsigned int n)
{
	const struct xskpmd_port *port = xskpmd_port(dev);
	struct sink s = { .names = names, .max = names != NULL ? n : 0 };

	put_own(&s, port);
	if (s.n < s.max)
		put_eth_names(&s, port);
	else
		s.n += xskpmd_ethtool_stats_count(&port->netdev);
	return s.n;
}

/** The counters of all queues. @return owned; NULL: no memory, or they cannot be had (errno) */
static struct queue_values *
read_queues(const struct xskpmd_port *port)
{
	struct queue_values *queues = calloc(port->nb_pairs, sizeof(*queues));
	uint16_t q;
	int ret = queues != NULL ? 0 : -ENOMEM;

	for (q = 0; q < port->nb_pairs && ret == 0; q++)
		ret = xskpmd_stats_read(port, q, &queues[q].rx, &queues[q].tx);
	if (ret == 0)
		return queues;
	free(queues);
	errno = -ret;
	return NULL;
}

/** All values, as many as the interface has at this moment. @return their number, -errno */
static int
read_values(const struct xskpmd_port *port, uint64_t **values)
{
	struct queue_values *queues = read_queues(port);
	struct sink s = { .queues = queues };

	if (queues == NULL)
		return -errno;
	put_own(&s, port);
	s.max = s.n + 2 * xskpmd_ethtool_stats_count(&port->netdev);
	s.values = calloc(s.max, sizeof(*s.values));
	s.n = 0;
	if (s.values != NULL) {
		put_own(&s, port);
		put_eth_values(&s, port);
	}
	free(queues);
	*values = s.values;
	return s.values != NULL ? (int)RTE_MIN(s.n, s.max) : -ENOMEM;
}

int
xskpmd_xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *xstats, unsigned int n)
{
	uint64_t *values;
	int i, have;

	if (xstats == NULL)
		return xskpmd_xstats_get_names(dev, NULL, 0);
	have = read_values(xskpmd_port(dev), &values);
	if (have < 0)
		return have;
	for (i = 0; i < have && (unsigned int)i < n; i++)
		xstats[i] = (struct rte_eth_xstat){ .id = i, .value = values[i] };
	free(values);
	return have;
}

int
xskpmd_xstats_get_by_id(struct rte_eth_dev *dev, const uint64_t *ids, uint64_t *values,
			unsigned int n)
{
	uint64_t *all;
	unsigned int i;
	int have;

	if (values == NULL)
		return xskpmd_xstats_get_names(dev, NULL, 0);
	have = read_values(xskpmd_port(dev), &all);
	if (have < 0)
		return have;
	if (ids == NULL && n < (unsigned int)have) {
		free(all);
		return have;
	}
	n = ids != NULL ? n : (unsigned int)have;
	for (i = 0; i < n; i++) {
		const uint64_t id = ids != NULL ? ids[i] : i;

		if (id >= (uint64_t)have)
			break;
		values[i] = all[id];
	}
	free(all);
	return i == n ? (int)n : -EINVAL;
}

int
xskpmd_xstats_get_names_by_id(struct rte_eth_dev *dev, const uint64_t *ids,
			      struct rte_eth_xstat_name *names, unsigned int n)
{
	struct rte_eth_xstat_name *all;
	unsigned int i;
	int have;

	if (ids == NULL || names == NULL)
		return xskpmd_xstats_get_names(dev, names, n);
	have = xskpmd_xstats_get_names(dev, NULL, 0);
	all = calloc(have, sizeof(*all));
	if (all == NULL)
		return -ENOMEM;
	have = RTE_MIN(have, xskpmd_xstats_get_names(dev, all, have));
	for (i = 0; i < n && ids[i] < (uint64_t)have; i++)
		names[i] = all[ids[i]];
	free(all);
	return i == n ? (int)n : -EINVAL;
}

int
xskpmd_port_xstats_reset(struct xskpmd_port *port)
{
	uint64_t *values;
	unsigned int n = xskpmd_ethtool_stats(&port->netdev, &values);

	pthread_mutex_lock(&eth_lock);
	free(port->eth_base);
	port->eth_base = values;
	port->eth_base_n = n;
	pthread_mutex_unlock(&eth_lock);
	return xskpmd_port_stats_reset(port);
}

int
xskpmd_xstats_reset(struct rte_eth_dev *dev)
{
	return xskpmd_port_xstats_reset(xskpmd_port(dev));
}
