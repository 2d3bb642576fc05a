/* SPDX-License-Identifier: BSD-3-Clause */

/* What was asked, what was granted, and how it stands: as telemetry, and as text by
 * rte_eth_dev_priv_dump().
 *
 *   /xskpmd/list         port ids
 *   /xskpmd/port,N       one port
 *   /xskpmd/queue,N,Q    one queue of it
 */

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_string_fns.h>
#include <rte_telemetry.h>

#include "xskpmd_compat.h"
#include "xskpmd_ethdev.h"
#include "xskpmd_ethtool.h"
#include "xskpmd_genl.h"
#include "xskpmd_numa.h"

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static struct xskpmd_port *shown; /* ports from probe to close */

void
xskpmd_show_lock(void)
{
	pthread_mutex_lock(&lock);
}

bool
xskpmd_show_trylock(void)
{
	return pthread_mutex_trylock(&lock) == 0;
}

void
xskpmd_show_unlock(void)
{
	pthread_mutex_unlock(&lock);
}

void
xskpmd_show_remove(struct xskpmd_port *port)
{
	struct xskpmd_port **link;

	xskpmd_show_lock();
	for (link = &shown; *link != NULL && *link != port; link = &(*link)->next_shown)
		;
	if (*link != NULL)
		*link = port->next_shown;
	xskpmd_show_unlock();
}

struct xskpmd_port *
xskpmd_show_find(uint16_t port_id)
{
	struct xskpmd_port *port;

	for (port = shown; port != NULL && port->data->port_id != port_id; port = port->next_shown)
		;
	return port;
}

/* ---- where it goes ------------------------------------------------------------------------ */

/** A file, or a dictionary of telemetry. */
struct out {
	FILE *f;
	struct rte_tel_data *d;
	const char *indent;
};

static void
out_u64(const struct out *o, const char *key, uint64_t value)
{
	if (o->f != NULL)
		fprintf(o->f, "%s%s: %" PRIu64 "\n", o->indent, key, value);
	else
		xskpmd_tel_add_uint(o->d, key, value);
}

static void
out_str(const struct out *o, const char *key, const char *value)
{
	char text[RTE_TEL_MAX_STRING_LEN];

	strlcpy(text, value, sizeof(text)); /* telemetry refuses what is longer */
	if (o->f != NULL)
		fprintf(o->f, "%s%s: %s\n", o->indent, key, value);
	else
		rte_tel_data_add_dict_string(o->d, key, text);
}

static void
out_bool(const struct out *o, const char *key, bool value)
{
	out_str(o, key, value ? "yes" : "no");
}

static void
out_node(const struct out *o, const char *key, int node)
{
	if (node >= 0)
		out_u64(o, key, node);
	else
		out_str(o, key, "unknown");
}

/** Begin a group of keys; NULL of memory: its keys are left out. */
static bool
out_group(const struct out *o, const char *key, struct out *group)
{
	*group = (struct out){ .f = o->f, .indent = "    " };
	if (o->f != NULL) {
		fprintf(o->f, "%s%s:\n", o->indent, key);
		return true;
	}
	group->d = rte_tel_data_alloc();
	if (group->d == NULL)
		return false;
	rte_tel_data_start_dict(group->d);
	if (rte_tel_data_add_dict_container(o->d, key, group->d, 0) == 0)
		return true;
	rte_tel_data_free(group->d);
	return false;
}

/* ---- a port ------------------------------------------------------------------------------- */

static void
show_asked(const struct out *o, const struct xskpmd_port *port)
{
	static const char *const zero_copy[] = { "auto", "on", "off" };
	static const char *const mode[] = { "auto", "drv", "skb", "hw" };
	static const char *const attach[] = { "auto", "link", "libxdp" };
	static const char *const rss[] = { "auto", "keep", "bound" };
	const struct xskpmd_conf *conf = &port->conf;

	out_str(o, "netns", conf->netns);
	out_u64(o, "start_queue", conf->start_queue);
	if (conf->queue_count == XSKPMD_QUEUES_ALL)
		out_str(o, "queue_count", "all");
	else
		out_u64(o, "queue_count", conf->queue_count);
	out_u64(o, "channels", conf->channels);
	out_str(o, "rss", rss[conf->rss]);
	out_bool(o, "ptypes", conf->ptypes);
	out_bool(o, "shared_umem", conf->shared_umem);
	out_str(o, "xdp_prog", conf->xdp_prog);
	out_str(o, "zero_copy", zero_copy[conf->zero_copy]);
	out_str(o, "mode", mode[conf->mode]);
	out_str(o, "attach", attach[conf->attach]);
	out_u64(o, "busy_budget", conf->busy_budget);
}

static void
show_program(const struct out *o, const struct xskpmd_port *port)
{
	struct xskpmd_prog_info info = { .mode = "none", .attach = "none" };

	if (port->prog != NULL)
		xskpmd_prog_info(port->prog, &info);
	out_u64(o, "id", info.id);
	out_str(o, "mode", info.mode);
	out_str(o, "attach", info.attach);
	out_bool(o, "multi_buffer", info.frags);
	out_bool(o, "custom", info.custom);
}

static void
show_driver(const struct out *o, const struct xskpmd_netdev *nd)
{
	struct ethtool_drvinfo info;
	struct xskpmd_xdp_features f;

	if (xskpmd_ethtool_drvinfo(nd, &info) == 0) {
		out_str(o, "name", info.driver);
		out_str(o, "version", info.version);
		out_str(o, "firmware", info.fw_version);
		out_str(o, "bus_info", info.bus_info);
	}
	if (xskpmd_netdev_xdp_features(nd, &f) != 0)
		return;
	out_u64(o, "xdp_features", f.xdp);
	out_u64(o, "xdp_rx_metadata", f.rx_metadata);
	out_u64(o, "xsk_features", f.xsk);
	out_u64(o, "zc_max_segs", f.zc_max_segs);
}

static void
show_port(const struct out *o, const struct xskpmd_port *port)
{
	struct xskpmd_channels ch = { 0 };
	char name[IFNAMSIZ] = "";
	struct out group;
	uint16_t q, open = 0;

	for (q = 0; q < port->nb_pairs; q++)
		open += port->pairs[q].xsk.fd >= 0;
	xskpmd_netdev_name(&port->netdev, name);
	xskpmd_netdev_channels(&port->netdev, &ch);
	out_str(o, "name", port->name);
	out_str(o, "iface", name);
	out_u64(o, "ifindex", port->netdev.ifindex);
	out_bool(o, "removed", port->removed);
	out_bool(o, "started", port->data->dev_started);
	out_u64(o, "mtu", port->data->mtu);
	out_u64(o, "iface_rx_queues", ch.rx);
	out_u64(o, "iface_tx_queues", ch.tx);
	out_u64(o, "max_rx_queues", port->max_rx_queues);
	out_u64(o, "max_tx_queues", port->max_tx_queues);
	out_u64(o, "rx_queues", port->data->nb_rx_queues);
	out_u64(o, "tx_queues", port->data->nb_tx_queues);
	out_u64(o, "open_sockets", open);
	out_str(o, "rx_burst", xskpmd_port_rx_burst(port)->name);
	out_str(o, "tx_burst", xskpmd_port_tx_burst(port)->name);
	out_node(o, "numa_node", port->data->numa_node);
	if (out_group(o, "asked", &group))
		show_asked(&group, port);
	if (out_group(o, "program", &group))
		show_program(&group, port);
	if (out_group(o, "driver", &group))
		show_driver(&group, &port->netdev);
}

/* ---- a queue ------------------------------------------------------------------------------ */

static void
show_umem(const struct out *o, const struct xskpmd_umem *umem)
{
	const struct xskpmd_umem_geom *g = &umem->geom;
	char text[RTE_TEL_MAX_STRING_LEN];

	out_str(o, "pool", umem->pool->name);
	snprintf(text, sizeof(text), "0x%" PRIxPTR, g->area);
	out_str(o, "area", text);
	out_u64(o, "area_bytes", g->area_len);
	out_u64(o, "chunk_bytes", g->chunk_size);
	out_u64(o, "headroom_bytes", g->headroom);
	out_u64(o, "room_bytes", g->room);
	out_bool(o, "unaligned", g->unaligned);
	out_u64(o, "mbufs", umem->pool->size);
	out_u64(o, "mbufs_of_queues", umem->owned);
	out_u64(o, "mbufs_available", rte_mempool_avail_count(umem->pool));
	out_node(o, "numa_node", xskpmd_numa_node_of((const void *)g->area, g->area_len));
}

/** Entries in a ring; NULL: there is no such ring. */
static uint32_t
ring_level(const uint32_t *producer, const uint32_t *consumer)
{
	if (producer == NULL || consumer == NULL)
		return 0;
	return __atomic_load_n(producer, __ATOMIC_RELAXED) - __atomic_load_n(consumer, __ATOMIC_RELAXED);
}

static void
show_rings(const struct out *o, const struct xskpmd_pair *pair)
{
	const struct xskpmd_xsk *xsk = &pair->xsk;

	if (pair->rxq != NULL) {
		out_u64(o, "rx_descriptors", pair->rxq->size);
		out_u64(o, "rx_size", xsk->rx.size);
		out_u64(o, "rx_used", ring_level(xsk->rx.producer, xsk->rx.consumer));
		out_u64(o, "fill_size", xsk->fill.size);
		out_u64(o, "fill_used", ring_level(xsk->fill.producer, xsk->fill.consumer));
		out_u64(o, "rx_owned", pair->rxq->owned);
		out_u64(o, "rx_missing", pair->rxq->missing);
	}
	if (pair->txq != NULL) {
		out_u64(o, "tx_descriptors", pair->txq->size);
		out_u64(o, "tx_size", xsk->tx.size);
		out_u64(o, "tx_used", ring_level(xsk->tx.producer, xsk->tx.consumer));
		out_u64(o, "completion_size", xsk->comp.size);
		out_u64(o, "completion_used", ring_level(xsk->comp.producer, xsk->comp.consumer));
		out_u64(o, "tx_free", pair->txq->free);
	}
}

static void
show_granted(const struct out *o, const struct xskpmd_pair *pair)
{
	const struct xskpmd_xsk *xsk = &pair->xsk;

	out_bool(o, "zero_copy", xsk->zero_copy);
	out_bool(o, "multi_buffer", xsk->sg);
	out_bool(o, "shared_umem", xsk->shared);
	out_bool(o, "busy_poll", xsk->busy_poll);
	out_bool(o, "busy_poll_preferred", xsk->busy_poll_preferred);
	out_u64(o, "skb_budget", xsk->skb_budget);
	out_bool(o, "in_map", pair->in_map);
	out_bool(o, "rx_scatter", pair->rxq != NULL && pair->rxq->scatter);
	out_u64(o, "tx_max_segs", pair->txq != NULL ? pair->txq->max_segs : 0);
}

/** The NAPI instance of the socket, else of the interface's queue. */
static void
show_napi(const struct out *o, const struct xskpmd_port *port, const struct xskpmd_pair *pair)
{
	struct xskpmd_napi napi;
	uint32_t id = xskpmd_xsk_napi_id(&pair->xsk);

	if (id == 0)
		xskpmd_netdev_queue_napi(&port->netdev, pair->xsk.queue, false, &id);
	out_u64(o, "id", id);
	if (id == 0 || xskpmd_napi_get(&port->netdev, id, &napi) != 0)
		return;
	out_u64(o, "irq", napi.irq);
	out_u64(o, "thread_pid", napi.pid);
	if (!napi.has_settings)
		return;
	out_u64(o, "defer_hard_irqs", napi.defer_hard_irqs);
	out_u64(o, "gro_flush_timeout_ns", napi.gro_flush_timeout);
	out_u64(o, "irq_suspend_timeout_ns", napi.irq_suspend_timeout);
}

static void
show_kernel(const struct out *o, const struct xskpmd_port *port, uint16_t q)
{
	struct xskpmd_rx_values rx;
	struct xskpmd_tx_values tx;

	xskpmd_stats_read(port, q, &rx, &tx);
	out_u64(o, "rx_dropped", rx.xsk.rx_dropped);
	out_u64(o, "rx_invalid_descs", rx.xsk.rx_invalid_descs);
	out_u64(o, "rx_ring_full", rx.xsk.rx_ring_full);
	out_u64(o, "rx_fill_ring_empty_descs", rx.xsk.rx_fill_ring_empty_descs);
	out_u64(o, "tx_invalid_descs", tx.xsk.tx_invalid_descs);
	out_u64(o, "tx_ring_empty_descs", tx.xsk.tx_ring_empty_descs);
}

static void
show_queue(const struct out *o, const struct xskpmd_port *port, const struct xskpmd_pair *pair)
{
	struct out group;

	out_u64(o, "iface_queue", port->conf.start_queue + (pair - port->pairs));
	out_bool(o, "rx", pair->rxq != NULL);
	out_bool(o, "tx", pair->txq != NULL);
	out_bool(o, "open", pair->xsk.fd >= 0);
	if (out_group(o, "kernel", &group))
		show_kernel(&group, port, pair - port->pairs);
	if (pair->xsk.fd < 0)
		return;
	if (out_group(o, "granted", &group))
		show_granted(&group, pair);
	if (out_group(o, "rings", &group))
		show_rings(&group, pair);
	if (pair->umem != NULL && out_group(o, "umem", &group))
		show_umem(&group, pair->umem);
	if (out_group(o, "napi", &group))
		show_napi(&group, port, pair);
}

int
xskpmd_priv_dump(struct rte_eth_dev *dev, FILE *f)
{
	const struct xskpmd_port *port = xskpmd_port(dev);
	struct out o = { .f = f, .indent = "" };
	uint16_t q;

	xskpmd_show_lock();
	show_port(&o, port);
	o.indent = "  ";
	for (q = 0; q < port->nb_pairs; q++) {
		if (port->pairs[q].rxq == NULL && port->pairs[q].txq == NULL)
			continue;
		fprintf(f, "queue %u:\n", q);
		show_queue(&o, port, &port->pairs[q]);
	}
	xskpmd_show_unlock();
	return 0;
}

/* ---- telemetry ---------------------------------------------------------------------------- */

/** Read "N" or "N,Q"; nothing may follow. */
static bool
parse_numbers(const char *params, unsigned int n, unsigned long *out)
{
	char *end;
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (params == NULL || params[0] < '0' || params[0] > '9')
			return false;
		out[i] = strtoul(params, &end, 10);
		if (*end != (i + 1 < n ? ',' : '\0'))
			return false;
		params = end + 1;
	}
	return true;
}

static const struct xskpmd_port *
find_port(unsigned long id)
{
	const struct xskpmd_port *port;

	for (port = shown; port != NULL && port->data->port_id != id; port = port->next_shown)
		;
	return port;
}

static int
handle_list(const char *cmd __rte_unused, const char *params __rte_unused, struct rte_tel_data *d)
{
	const struct xskpmd_port *port;

	rte_tel_data_start_array(d, RTE_TEL_INT_VAL);
	xskpmd_show_lock();
	for (port = shown; port != NULL; port = port->next_shown)
		rte_tel_data_add_array_int(d, port->data->port_id);
	xskpmd_show_unlock();
	return 0;
}

static int
handle_port(const char *cmd __rte_unused, const char *params, struct rte_tel_data *d)
{
	const struct out o = { .d = d };
	const struct xskpmd_port *port;
	unsigned long id;

	if (!parse_numbers(params, 1, &id))
		return -EINVAL;
	rte_tel_data_start_dict(d);
	xskpmd_show_lock();
	port = find_port(id);
	if (port != NULL)
		show_port(&o, port);
	xskpmd_show_unlock();
	return port != NULL ? 0 : -ENODEV;
}

static int
handle_queue(const char *cmd __rte_unused, const char *params, struct rte_tel_data *d)
{
	const struct out o = { .d = d };
	const struct xskpmd_port *port;
	unsigned long ids[2];
	int ret = -ENODEV;

	if (!parse_numbers(params, 2, ids))
		return -EINVAL;
	rte_tel_data_start_dict(d);
	xskpmd_show_lock();
	port = find_port(ids[0]);
	if (port != NULL && ids[1] < port->nb_pairs) {
		show_queue(&o, port, &port->pairs[ids[1]]);
		ret = 0;
	}
	xskpmd_show_unlock();
	return ret;
}

/* With the first port, not when the plugin is loaded: of two copies of the driver in a process, an
 * installed one and one named by -d, only one gets the ports, and the commands are to be its.
 */
static void
register_commands(void)
{
	rte_telemetry_register_cmd("/xskpmd/list", handle_list,
				   "Ids of the net_xskpmd ports. Takes no parameters");
	rte_telemetry_register_cmd("/xskpmd/port", handle_port,
				   "What was asked of and granted to a port. Parameters: port id");
	rte_telemetry_register_cmd("/xskpmd/queue", handle_queue,
				   "Socket, rings, UMEM, NAPI of a queue. Parameters: port id,queue");
}

void
xskpmd_show_add(struct xskpmd_port *port)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, register_commands);
	xskpmd_show_lock();
	port->next_shown = shown;
	shown = port;
	xskpmd_show_unlock();
}
