/* SPDX-License-Identifier: BSD-3-Clause */

/* Receive side scaling of the interface, and its number of channels: the kernel's settings,
 * changed by ethtool, put back at close. After SIGKILL they stay as they are.
 *
 * A table that names queues without a socket sends their packets to the kernel, which is what
 * a user wants who gave the port a part of the queues (queue_count=, start_queue=), and a loss
 * for one who gave it all of them and whose application uses fewer. So rss=auto narrows the
 * table in the second case only, and only if the interface has one that can be written;
 * rss=bound always narrows it, or fails; rss=keep never does.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>

#include "xskpmd_ethdev.h"
#include "xskpmd_ethtool.h"
#include "xskpmd_logs.h"

/** A queue whose socket was closed keeps the channels for a while: 20 to 40 ms. */
#define CHANNELS_WAIT_MS 10
#define CHANNELS_TRIES 100

#define IP_FIELDS (RXH_IP_SRC | RXH_IP_DST)
#define L4_FIELDS (RXH_L4_B_0_1 | RXH_L4_B_2_3)

/* Kinds of packets that both ethdev and ethtool know. settable: drivers that hash the addresses
 * only also take the ports (which is off for UDP because of fragments).
 */
static const struct {
	uint64_t hf;
	uint32_t flow;
	uint64_t fields;
	bool settable;
} types[] = {
	{ RTE_ETH_RSS_IPV4, IPV4_FLOW, IP_FIELDS, false },
	{ RTE_ETH_RSS_IPV6, IPV6_FLOW, IP_FIELDS, false },
	{ RTE_ETH_RSS_NONFRAG_IPV4_TCP, TCP_V4_FLOW, IP_FIELDS | L4_FIELDS, false },
	{ RTE_ETH_RSS_NONFRAG_IPV6_TCP, TCP_V6_FLOW, IP_FIELDS | L4_FIELDS, false },
	{ RTE_ETH_RSS_NONFRAG_IPV4_UDP, UDP_V4_FLOW, IP_FIELDS | L4_FIELDS, true },
	{ RTE_ETH_RSS_NONFRAG_IPV6_UDP, UDP_V6_FLOW, IP_FIELDS | L4_FIELDS, true },
	{ RTE_ETH_RSS_NONFRAG_IPV4_SCTP, SCTP_V4_FLOW, IP_FIELDS | L4_FIELDS, false },
	{ RTE_ETH_RSS_NONFRAG_IPV6_SCTP, SCTP_V6_FLOW, IP_FIELDS | L4_FIELDS, false },
};

static_assert(RTE_DIM(types) <= XSKPMD_HASH_TYPES, "hash types: no room for what was found");

/** As the caller of ethdev expects it. */
static int
refusal(int ret)
{
	return ret == -EOPNOTSUPP ? -ENOTSUP : ret;
}

/* ---- what the interface has --------------------------------------------------------------- */

void
xskpmd_rss_info(const struct xskpmd_port *port, struct rte_eth_dev_info *info)
{
	struct xskpmd_rss now;
	uint64_t fields;
	size_t i;

	if (xskpmd_ethtool_rss_get(&port->netdev, &now) != 0)
		return;
	info->reta_size = now.indir_size <= UINT16_MAX ? now.indir_size : 0;
	info->hash_key_size = now.key_size <= UINT8_MAX ? now.key_size : 0;
	xskpmd_ethtool_rss_free(&now);
	for (i = 0; i < RTE_DIM(types); i++) {
		if (xskpmd_ethtool_hash_get(&port->netdev, types[i].flow, &fields) != 0)
			continue;
		if ((fields & types[i].fields) == types[i].fields ||
		    (types[i].settable && (fields & IP_FIELDS) == IP_FIELDS))
			info->flow_type_rss_offloads |= types[i].hf;
	}
}

/** Read table and key; before the first change, keep them to be put back. */
static int
rss_read_to_change(struct xskpmd_port *port, struct xskpmd_rss *now)
{
	struct xskpmd_rss_saved *saved = &port->rss_saved;
	int ret = xskpmd_ethtool_rss_get(&port->netdev, now);

	if (ret == 0 && saved->found.indir == NULL)
		ret = xskpmd_ethtool_rss_get(&port->netdev, &saved->found);
	if (ret != 0)
		xskpmd_ethtool_rss_free(now);
	return ret;
}

/* ---- key and hash types ------------------------------------------------------------------- */

static int
set_key(struct xskpmd_port *port, const uint8_t *key, uint32_t len)
{
	struct xskpmd_rss now;
	int ret = rss_read_to_change(port, &now);

	if (ret != 0)
		return refusal(ret);
	if (now.key_size == 0)
		ret = -EOPNOTSUPP;
	else if (len != now.key_size)
		ret = -EINVAL;
	if (ret == 0)
		ret = xskpmd_ethtool_rss_set(&port->netdev, NULL, 0, key, len);
	if (ret == 0)
		port->rss_saved.key_changed = true;
	else
		XSKPMD_LOG(ERR, "%s: %s refuses an RSS key of %u bytes: %s: it has %u", port->name,
			   port->ifname, len, strerror(-ret), now.key_size);
	xskpmd_ethtool_rss_free(&now);
	return refusal(ret);
}

/** Turn types of hashes on; and off, those that are not in hf. */
static int
set_types(struct xskpmd_port *port, uint64_t hf, bool off)
{
	struct xskpmd_rss_saved *saved = &port->rss_saved;
	size_t i;

	for (i = 0; i < RTE_DIM(types); i++) {
		const bool on = (hf & types[i].hf) != 0;
		uint64_t have, want;
		int ret;

		if ((!on && (!off || !(types[i].fields & L4_FIELDS))) ||
		    xskpmd_ethtool_hash_get(&port->netdev, types[i].flow, &have) != 0)
			continue;
		want = on ? types[i].fields : IP_FIELDS;
		if ((have & (IP_FIELDS | L4_FIELDS)) == want || (!on && have == 0))
			continue;
		ret = xskpmd_ethtool_hash_set(&port->netdev, types[i].flow, want);
		if (ret != 0) {
			XSKPMD_LOG(ERR, "%s: %s cannot hash %s of flow type %#x (ethtool -N rx-flow-hash): "
				   "%s: ask for the RSS types that it has", port->name, port->ifname,
				   on ? "all fields" : "only the addresses", types[i].flow,
				   strerror(-ret));
			return refusal(ret);
		}
		if (!(saved->types_changed & RTE_BIT32(i)))
			saved->fields[i] = have;
		saved->types_changed |= RTE_BIT32(i);
	}
	return 0;
}

int
xskpmd_rss_hash_update(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	int ret = 0;

	if (conf->rss_hf == 0)
		return -ENOTSUP; /* a NIC's RSS ends with a table of one queue, not by a type */
	if (conf->rss_key != NULL)
		ret = set_key(port, conf->rss_key, conf->rss_key_len);
	return ret != 0 ? ret : set_types(port, conf->rss_hf, true);
}

int
xskpmd_rss_hash_conf_get(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	struct xskpmd_rss now;
	uint64_t fields;
	size_t i;
	int ret = xskpmd_ethtool_rss_get(&port->netdev, &now);

	if (ret != 0)
		return refusal(ret);
	if (conf->rss_key != NULL && conf->rss_key_len >= now.key_size)
		memcpy(conf->rss_key, now.key, now.key_size);
	conf->rss_key_len = now.key_size;
	xskpmd_ethtool_rss_free(&now);
	conf->rss_hf = 0;
	for (i = 0; i < RTE_DIM(types); i++)
		if (xskpmd_ethtool_hash_get(&port->netdev, types[i].flow, &fields) == 0 &&
		    (fields & types[i].fields) == types[i].fields)
			conf->rss_hf |= types[i].hf;
	return 0;
}

/* ---- indirection table -------------------------------------------------------------------- */

static int
set_table(struct xskpmd_port *port, const uint32_t *indir, uint32_t size)
{
	int ret = xskpmd_ethtool_rss_set(&port->netdev, indir, size, NULL, 0);

	if (ret == 0)
		port->rss_saved.table_changed = true;
	return ret;
}

int
xskpmd_reta_update(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *conf, uint16_t size)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	struct xskpmd_rss now;
	uint16_t i;
	int ret = rss_read_to_change(port, &now);

	if (ret != 0)
		return refusal(ret);
	if (size != now.indir_size) {
		XSKPMD_LOG(ERR, "%s: RSS table of %u entries: %s has %u (dev_info.reta_size)", port->name,
			   size, port->ifname, now.indir_size);
		ret = -EINVAL;
	}
	for (i = 0; i < size && ret == 0; i++) {
		const struct rte_eth_rss_reta_entry64 *group = &conf[i / RTE_ETH_RETA_GROUP_SIZE];
		const uint16_t k = i % RTE_ETH_RETA_GROUP_SIZE;

		if (group->mask & RTE_BIT64(k))
			now.indir[i] = port->conf.start_queue + group->reta[k];
	}
	if (ret == 0)
		ret = set_table(port, now.indir, size);
	if (ret == 0)
		port->rss_saved.narrowed = 0; /* it is the application's now */
	xskpmd_ethtool_rss_free(&now);
	return refusal(ret);
}

/** Entries of queues that are not the port's read UINT16_MAX. */
int
xskpmd_reta_query(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *conf, uint16_t size)
{
	const struct xskpmd_port *port = xskpmd_port(dev);
	struct xskpmd_rss now;
	uint16_t i;
	int ret = xskpmd_ethtool_rss_get(&port->netdev, &now);

	if (ret == 0 && size != now.indir_size)
		ret = -EINVAL;
	for (i = 0; i < size && ret == 0; i++) {
		struct rte_eth_rss_reta_entry64 *group = &conf[i / RTE_ETH_RETA_GROUP_SIZE];
		const uint16_t k = i % RTE_ETH_RETA_GROUP_SIZE;
		const uint32_t q = now.indir[i] - port->conf.start_queue; /* wraps for lower ones */

		if (group->mask & RTE_BIT64(k))
			group->reta[k] = q < port->nb_pairs ? q : UINT16_MAX;
	}
	xskpmd_ethtool_rss_free(&now);
	return refusal(ret);
}

/** Let the table name the Rx queues of the port only. */
static int
narrow_table(struct xskpmd_port *port)
{
	const uint32_t first = port->conf.start_queue, nb = port->data->nb_rx_queues;
	struct xskpmd_rss_saved *saved = &port->rss_saved;
	struct xskpmd_rss now;
	bool outside = false, again;
	uint32_t i;
	int ret;

	if (nb == 0)
		return 0;
	ret = rss_read_to_change(port, &now);
	if (ret != 0)
		return ret;
	if (now.indir_size == 0)
		ret = -EOPNOTSUPP;
	/* Narrowed to another number before: begin with what was found. */
	again = saved->narrowed != 0 && saved->narrowed != nb &&
		now.indir_size == saved->found.indir_size;
	if (again)
		memcpy(now.indir, saved->found.indir, now.indir_size * sizeof(*now.indir));
	for (i = 0; i < now.indir_size; i++)
		outside |= now.indir[i] - first >= nb;
	for (i = 0; i < now.indir_size && outside; i++)
		now.indir[i] = first + i % nb;
	if (outside || again)
		ret = set_table(port, now.indir, now.indir_size);
	if ((outside || again) && ret == 0)
		saved->narrowed = outside ? nb : 0;
	if (outside && ret == 0)
		XSKPMD_LOG(NOTICE, "%s: RSS of %s spreads over queues %u to %u now, until the port is "
			   "closed (rss=keep leaves it alone)", port->name, port->ifname, first,
			   first + nb - 1);
	xskpmd_ethtool_rss_free(&now);
	return ret;
}

/** Say that packets of other queues are the kernel's, which nobody has asked for. */
static void
warn_of_others(const struct xskpmd_port *port, int err)
{
	const uint32_t nb = port->data->nb_rx_queues;
	struct xskpmd_channels ch;

	if (xskpmd_netdev_channels(&port->netdev, &ch) != 0 || ch.rx <= nb)
		return;
	XSKPMD_LOG(WARNING, "%s: %s has %u Rx queues, the port receives on %u%s%s: packets of the others "
		   "stay with the kernel: set up %u Rx queues, or use channels=%u", port->name,
		   port->ifname, ch.rx, nb, err == -EOPNOTSUPP ? "" : ", and RSS cannot be narrowed: ",
		   err == -EOPNOTSUPP ? "" : strerror(-err), ch.rx, nb);
}

int
xskpmd_rss_start(struct xskpmd_port *port)
{
	const struct rte_eth_conf *conf = &port->data->dev_conf;
	const struct rte_eth_rss_conf *rss = &conf->rx_adv_conf.rss_conf;
	const bool all = port->conf.queue_count == XSKPMD_QUEUES_ALL && port->conf.start_queue == 0;
	int ret = 0;

	if (conf->rxmode.mq_mode & RTE_ETH_MQ_RX_RSS_FLAG) {
		if (rss->rss_key != NULL)
			ret = set_key(port, rss->rss_key, rss->rss_key_len);
		if (ret == 0)
			ret = set_types(port, rss->rss_hf, false);
		if (ret != 0)
			return ret;
	}
	if (port->conf.rss == XSKPMD_RSS_BOUND || (port->conf.rss == XSKPMD_RSS_AUTO && all))
		ret = narrow_table(port);
	if (ret == 0)
		return 0;
	if (port->conf.rss == XSKPMD_RSS_AUTO) {
		warn_of_others(port, ret);
		return 0;
	}
	XSKPMD_LOG(ERR, "%s: rss=bound: cannot make RSS of %s name the queues of the port only: %s: use "
		   "rss=auto, or all of its queues", port->name, port->ifname, strerror(-ret));
	return ret;
}

/** Whether a table is what drivers begin with: all queues in turn. */
static bool
is_default(const struct xskpmd_port *port, const struct xskpmd_rss *rss)
{
	struct xskpmd_channels ch;
	uint32_t i;

	if (xskpmd_netdev_channels(&port->netdev, &ch) != 0)
		return false;
	for (i = 0; i < rss->indir_size; i++)
		if (rss->indir[i] != i % ch.rx)
			return false;
	return true;
}

static void
restore_rss(struct xskpmd_port *port)
{
	struct xskpmd_rss_saved *saved = &port->rss_saved;
	struct xskpmd_rss *found = &saved->found;
	size_t i;

	/* A table that was written binds the channels; one that was not follows them. */
	if (saved->table_changed &&
	    (!is_default(port, found) || xskpmd_ethtool_rss_reset(&port->netdev) != 0))
		xskpmd_ethtool_rss_set(&port->netdev, found->indir, found->indir_size, NULL, 0);
	if (saved->key_changed)
		xskpmd_ethtool_rss_set(&port->netdev, NULL, 0, found->key, found->key_size);
	for (i = 0; i < RTE_DIM(types); i++)
		if (saved->types_changed & RTE_BIT32(i))
			xskpmd_ethtool_hash_set(&port->netdev, types[i].flow, saved->fields[i]);
	xskpmd_ethtool_rss_free(found);
}

/* ---- channels ----------------------------------------------------------------------------- */

int
xskpmd_channels_set(struct xskpmd_port *port)
{
	const uint32_t n = port->conf.channels;
	struct ethtool_channels ch;
	uint32_t max = 0;
	int ret;

	if (n == 0)
		return 0;
	ret = xskpmd_ethtool_channels_get(&port->netdev, &ch);
	if (ret == 0) {
		const struct ethtool_channels found = ch;

		max = ch.max_combined != 0 ? ch.max_combined : RTE_MIN(ch.max_rx, ch.max_tx);
		if (ch.max_combined != 0) {
			ch.combined_count = n;
			ch.rx_count = 0;
			ch.tx_count = 0;
		} else {
			ch.rx_count = n;
			ch.tx_count = n;
		}
		if (ch.combined_count == found.combined_count && ch.rx_count == found.rx_count &&
		    ch.tx_count == found.tx_count)
			return 0;
		ret = xskpmd_ethtool_channels_set(&port->netdev, &ch);
		if (ret == 0) {
			port->rss_saved.channels = found;
			port->rss_saved.channels_changed = true;
			return 0;
		}
	}
	XSKPMD_LOG(ERR, "%s: channels=%u: %s: %s: %s has at most %u; see ethtool -l, ethtool -L",
		   port->name, n, port->conf.iface, strerror(-ret), port->conf.iface, max);
	return ret;
}

/* Some drivers take queues away for XDP's own Tx rings. */
int
xskpmd_channels_check(const struct xskpmd_port *port)
{
	const uint32_t nb_rx = port->data->nb_rx_queues, nb_tx = port->data->nb_tx_queues;
	const uint32_t first = port->conf.start_queue;
	struct xskpmd_channels ch = { .rx = 0 };
	int ret = xskpmd_netdev_channels(&port->netdev, &ch);

	if (ret == 0 && (ch.rx < first + nb_rx || ch.tx < first + nb_tx))
		ret = -ENOSPC;
	if (ret != 0)
		XSKPMD_LOG(ERR, "%s: with an XDP program %s has %u Rx and %u Tx queues, the port uses %u and "
			   "%u from queue %u on: %s: use fewer", port->name, port->ifname, ch.rx, ch.tx,
			   nb_rx, nb_tx, first, strerror(-ret));
	return ret;
}

static void
restore_channels(struct xskpmd_port *port)
{
	int i, ret;

	for (i = 0; i < CHANNELS_TRIES; i++) {
		ret = xskpmd_ethtool_channels_set(&port->netdev, &port->rss_saved.channels);
		if (ret != -EINVAL && ret != -EBUSY)
			break;
		rte_delay_us_sleep(CHANNELS_WAIT_MS * 1000);
	}
	if (ret != 0 && ret != -ENODEV && ret != -ENXIO)
		XSKPMD_LOG(WARNING, "%s: cannot give %s its channels back: %s: use ethtool -L", port->name,
			   port->ifname, strerror(-ret));
}

void
xskpmd_rss_restore(struct xskpmd_port *port)
{
	restore_rss(port);
	if (port->rss_saved.channels_changed)
		restore_channels(port);
	memset(&port->rss_saved, 0, sizeof(port->rss_saved));
}
