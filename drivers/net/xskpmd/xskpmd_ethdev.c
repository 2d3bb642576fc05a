/* SPDX-License-Identifier: BSD-3-Clause */

/* The port: probe to close, and the ordinary questions about an ethdev. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_malloc.h>
#include <rte_string_fns.h>

#include "xskpmd_compat.h"
#include "xskpmd_ethdev.h"
#include "xskpmd_lend.h"
#include "xskpmd_logs.h"
#include "xskpmd_mp.h"
#include "xskpmd_numa.h"

#define RX_OFFLOADS_SG RTE_ETH_RX_OFFLOAD_SCATTER
#define TX_OFFLOADS (RTE_ETH_TX_OFFLOAD_MULTI_SEGS | RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE | \
		     RTE_ETH_TX_OFFLOAD_MT_LOCKFREE)

/* ---- information -------------------------------------------------------------------------- */

static int
port_info(struct rte_eth_dev *dev, struct rte_eth_dev_info *info)
{
	const struct xskpmd_port *port = xskpmd_port(dev);
	const struct rte_eth_desc_lim lim = {
		.nb_max = XSKPMD_DESC_MAX,
		.nb_min = XSKPMD_DESC_MIN,
		.nb_align = 1,
		.nb_seg_max = XSKPMD_MAX_SEGS,
		.nb_mtu_seg_max = XSKPMD_MAX_SEGS,
	};

	xskpmd_rss_info(port, info);
	info->if_index = port->netdev.ifindex;
	info->speed_capa = xskpmd_speed_capa(&port->netdev);
	info->max_mac_addrs = XSKPMD_MACS_MAX;
	info->max_rx_queues = port->max_rx_queues;
	info->max_tx_queues = port->max_tx_queues;
	info->min_rx_bufsize = XSKPMD_RX_ROOM_MIN;
	info->max_rx_pktlen = port->kernel_sg ? XSKPMD_SG_FRAME_MAX :
						XSKPMD_CHUNK_MAX - XSKPMD_KERNEL_HEADROOM;
	info->min_mtu = RTE_ETHER_MIN_MTU;
	info->max_mtu = info->max_rx_pktlen - XSKPMD_L2_OVERHEAD;
	info->rx_offload_capa = (port->kernel_sg ? RX_OFFLOADS_SG : 0) | xskpmd_vlan_capa(port);
	info->tx_offload_capa = TX_OFFLOADS;
	info->dev_capa = RTE_ETH_DEV_CAPA_RUNTIME_RX_QUEUE_SETUP | RTE_ETH_DEV_CAPA_RUNTIME_TX_QUEUE_SETUP;
	info->rx_desc_lim = lim;
	info->tx_desc_lim = lim;
	info->default_rxportconf = (struct rte_eth_dev_portconf){
		.burst_size = 32, .ring_size = XSKPMD_DESC_DEFAULT, .nb_queues = 1,
	};
	info->default_txportconf = info->default_rxportconf;
	return 0;
}

/* None without ptypes=1: an application may rely on what is listed here. */
static const uint32_t *
port_ptypes_get(struct rte_eth_dev *dev XSKPMD_PTYPES_NUMBER(nb_types))
{
	const uint32_t *types;
	size_t n;

	if (!xskpmd_port(dev)->conf.ptypes)
		return NULL;
	types = xskpmd_wrap_ptypes(&n);
	XSKPMD_SET_PTYPES_NUMBER(nb_types, n);
	return types;
}

static int
port_ptypes_set(struct rte_eth_dev *dev, uint32_t layers)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	uint16_t q;

	port->ptype_layers = layers & XSKPMD_PTYPE_LAYERS;
	for (q = 0; q < port->nb_pairs; q++)
		xskpmd_rx_queue_layers(port, q);
	return 0;
}

/* ---- addresses, filters ------------------------------------------------------------------- */

static int
port_mac_set(struct rte_eth_dev *dev, struct rte_ether_addr *mac)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	struct rte_ether_addr now;
	int ret;

	/* ethdev sets the same one again at each start, and some drivers take none while up. */
	if (xskpmd_netdev_mac_get(&port->netdev, &now) == 0 && rte_is_same_ether_addr(&now, mac))
		return 0;
	ret = xskpmd_netdev_mac_set(&port->netdev, mac);
	if (ret != 0) {
		XSKPMD_LOG(ERR, "%s: %s refuses MAC address " RTE_ETHER_ADDR_PRT_FMT ": %s%s", port->name,
			   port->ifname, RTE_ETHER_ADDR_BYTES(mac), strerror(-ret),
			   ret == -EBUSY ? ": its driver wants the link down first" : "");
		return ret;
	}
	port->mac_changed = !rte_is_same_ether_addr(mac, &port->mac_found);
	return 0;
}

/* ---- life cycle --------------------------------------------------------------------------- */

static int
port_configure(struct rte_eth_dev *dev)
{
	struct xskpmd_port *port = xskpmd_port(dev);

	/* Offloads and queue numbers may differ from what open sockets were made for. */
	xskpmd_show_lock();
	xskpmd_queues_close(port);
	xskpmd_show_unlock();
	return xskpmd_mtu_configure(dev);
}

static int
port_prog_get(struct xskpmd_port *port)
{
	const struct xskpmd_prog_req req = {
		.name = port->name,
		.ifname = port->ifname,
		.ifindex = port->netdev.ifindex,
		.netns = &port->netdev.netns,
		.queues = port->queues_end,
		.path = port->conf.xdp_prog,
		.map = port->conf.use_cni ? XSKPMD_PROG_MAP_PLUGIN :
		       port->conf.use_pinned_map ? XSKPMD_PROG_MAP_PINNED : XSKPMD_PROG_MAP_OWN,
		.map_path = port->conf.dp_path,
		.section = port->conf.xdp_section,
		.mode = (enum xskpmd_prog_mode)port->conf.mode,
		.attach = (enum xskpmd_prog_attach)port->conf.attach,
	};

	if (port->prog != NULL)
		return xskpmd_prog_renew(&req, port->prog);
	return xskpmd_prog_get(&req, &port->prog);
}

/* Sockets are bound before it is known where the program runs. */
static int
port_reopen_generic(struct xskpmd_port *port)
{
	struct xskpmd_prog_info prog;
	bool zero_copy = false;
	int ret = 0;
	uint16_t q;

	xskpmd_prog_info(port->prog, &prog);
	port->generic = strcmp(prog.mode, "generic") == 0;
	for (q = 0; q < port->nb_pairs; q++)
		zero_copy |= port->pairs[q].xsk.fd >= 0 && port->pairs[q].xsk.zero_copy;
	if (port->generic && zero_copy) {
		xskpmd_show_lock();
		xskpmd_queues_close(port);
		ret = xskpmd_queues_open(port);
		xskpmd_show_unlock();
	}
	return ret;
}

static void
port_prog_put(struct xskpmd_port *port)
{
	xskpmd_show_lock();
	xskpmd_prog_put(port->prog);
	port->prog = NULL;
	port->generic = false; /* the next one may run in the driver, with zero-copy sockets */
	xskpmd_show_unlock();
}

/** Choose the bursts: one pair of functions serves all queues of a port. */
static void
port_select_bursts(struct rte_eth_dev *dev)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	uint16_t q;

	port->rx_sg = false;
	port->tx_sg = false;
	for (q = 0; q < port->nb_pairs; q++) {
		const struct xskpmd_pair *pair = &port->pairs[q];

		port->rx_sg |= pair->rxq != NULL && pair->xsk.sg;
		port->tx_sg |= pair->txq != NULL && pair->txq->max_segs > 1;
	}
	dev->rx_pkt_burst = xskpmd_port_rx_burst(port)->fn;
	dev->tx_pkt_burst = xskpmd_port_tx_burst(port)->fn;
	dev->tx_pkt_prepare = xskpmd_tx_prepare;
}

/** Say, once, that packets cross from node to node. */
static void
port_check_numa(struct xskpmd_port *port)
{
	char advice[256];
	uint16_t q;

	for (q = 0; q < port->nb_pairs && !port->numa_told; q++) {
		const struct xskpmd_pair *pair = &port->pairs[q];
		struct xskpmd_numa numa = { .nic = port->data->numa_node };

		if (pair->rxq == NULL || pair->umem == NULL)
			continue;
		numa.pool = xskpmd_numa_node_of((const void *)pair->umem->geom.area,
						pair->umem->geom.area_len);
		numa.queue = xskpmd_numa_node_of(pair->rxq, sizeof(*pair->rxq));
		port->numa_told = xskpmd_numa_judge(&numa, advice, sizeof(advice));
		if (port->numa_told)
			XSKPMD_LOG(WARNING, "%s: queue %u: %s: every packet crosses between them", port->name,
				   q, advice);
	}
}

/** Say what was granted: the one line a user needs to see. */
static void
port_log_granted(const struct xskpmd_port *port)
{
	struct xskpmd_prog_info prog;
	uint16_t q;

	xskpmd_prog_info(port->prog, &prog);
	for (q = 0; q < port->nb_pairs; q++) {
		const struct xskpmd_pair *pair = &port->pairs[q];
		const struct xskpmd_xsk *xsk = &pair->xsk;

		if (xsk->fd < 0)
			continue;
		XSKPMD_LOG(NOTICE, "%s: queue %u of %s: %s, %s, %s chunks of %u B, need_wakeup, %s, "
			   "%s%s%s", port->name, xsk->queue, port->ifname, prog.mode,
			   xsk->zero_copy ? "zero-copy" : "copy",
			   pair->umem->geom.unaligned ? "unaligned" : "aligned",
			   pair->umem->geom.chunk_size, xsk->sg ? "multi-buffer" : "single-buffer",
			   prog.attach, xsk->shared ? ", shared UMEM" : "",
			   xsk->busy_poll_preferred ? ", preferred busy polling" :
			   xsk->busy_poll ? ", busy polling" : "");
	}
}

/** Queues that ethdev released while their sockets ran can go once these are closed. */
static void
port_finish_releases(struct rte_eth_dev *dev)
{
	const struct xskpmd_port *port = xskpmd_port(dev);
	uint16_t q;

	for (q = 0; q < port->nb_pairs; q++) {
		if (port->pairs[q].rxq != NULL && dev->data->rx_queues[q] == NULL)
			xskpmd_rx_queue_release(dev, q);
		if (port->pairs[q].txq != NULL && dev->data->tx_queues[q] == NULL)
			xskpmd_tx_queue_release(dev, q);
	}
}

static int
port_stop(struct rte_eth_dev *dev)
{
	xskpmd_port(dev)->running = false;
	xskpmd_link_stop(dev);
	xskpmd_intr_stop(dev); /* while the sockets still have their file descriptors */
	xskpmd_show_lock();
	xskpmd_queues_close(xskpmd_port(dev));
	port_finish_releases(dev);
	xskpmd_show_unlock();
	xskpmd_vlan_stop(dev);
	memset(dev->data->rx_queue_state, RTE_ETH_QUEUE_STATE_STOPPED, dev->data->nb_rx_queues);
	memset(dev->data->tx_queue_state, RTE_ETH_QUEUE_STATE_STOPPED, dev->data->nb_tx_queues);
	return 0;
}

static int
port_start(struct rte_eth_dev *dev)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	const bool had_prog = port->prog != NULL;
	int ret;

	xskpmd_show_lock();
	ret = xskpmd_queues_open(port);
	xskpmd_show_unlock();
	if (ret != 0)
		return ret;
	ret = xskpmd_link_speeds(dev);
	if (ret == 0)
		ret = port_prog_get(port);
	if (ret == 0)
		ret = port_reopen_generic(port);
	if (ret == 0)
		ret = xskpmd_channels_check(port);
	if (ret == 0)
		ret = xskpmd_vlan_start(dev);
	if (ret == 0)
		ret = xskpmd_intr_start(dev);
	if (ret == 0)
		ret = xskpmd_rss_start(port);
	if (ret == 0)
		ret = xskpmd_queues_start(dev);
	if (ret != 0) {
		port_stop(dev);
		if (!had_prog) {
			xskpmd_vlan_restore(port);
			port_prog_put(port);
		}
		return ret;
	}
	xskpmd_pairs_busy_poll(port);
	port_select_bursts(dev);
	xskpmd_link_start(dev);
	port_log_granted(port);
	port_check_numa(port);
	port->running = true;
	xskpmd_queues_lend(port); /* the bursts are chosen */
	return 0;
}

/** Put back what we changed of the interface, if it is still there. */
static void
port_restore(struct xskpmd_port *port)
{
	if (port->mtu_changed)
		xskpmd_netdev_mtu_set(&port->netdev, port->mtu_found);
	if (port->mac_changed)
		xskpmd_netdev_mac_set(&port->netdev, &port->mac_found);
	xskpmd_link_restore(port);
}

static int
port_close(struct rte_eth_dev *dev)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	uint16_t q;

	xskpmd_show_remove(port);
	xskpmd_event_close(port->event);
	port->event = NULL;
	xskpmd_show_lock(); /* another port's socket may share the UMEM of one here */
	xskpmd_queues_close(port);
	for (q = 0; q < port->nb_pairs; q++) {
		xskpmd_rx_queue_release(dev, q);
		xskpmd_tx_queue_release(dev, q);
	}
	xskpmd_show_unlock();
	xskpmd_lend_end(dev->data->port_id);
	xskpmd_vlan_restore(port);
	port_prog_put(port);
	xskpmd_info_restore(dev);
	xskpmd_rss_restore(port);
	port_restore(port);
	xskpmd_netdev_close(&port->netdev);
	rte_free(port->pairs);
	port->pairs = NULL;
	free(port->eth_base);
	port->eth_base = NULL;
	free(port->mc);
	port->mc = NULL;
	dev->data->mac_addrs = NULL; /* is part of dev_private */
	return 0;
}

/* Telemetry may be showing what these change. */

static int
port_rx_queue_setup(struct rte_eth_dev *dev, uint16_t q, uint16_t nb_desc, unsigned int socket_id,
		    const struct rte_eth_rxconf *conf, struct rte_mempool *pool)
{
	int ret;

	xskpmd_show_lock();
	ret = xskpmd_rx_queue_setup(dev, q, nb_desc, socket_id, conf, pool);
	xskpmd_show_unlock();
	return ret;
}

static int
port_tx_queue_setup(struct rte_eth_dev *dev, uint16_t q, uint16_t nb_desc, unsigned int socket_id,
		    const struct rte_eth_txconf *conf)
{
	int ret;

	xskpmd_show_lock();
	ret = xskpmd_tx_queue_setup(dev, q, nb_desc, socket_id, conf);
	xskpmd_show_unlock();
	return ret;
}

static void
port_rx_queue_release(struct rte_eth_dev *dev, uint16_t q)
{
	xskpmd_show_lock();
	xskpmd_rx_queue_release(dev, q);
	xskpmd_show_unlock();
}

static void
port_tx_queue_release(struct rte_eth_dev *dev, uint16_t q)
{
	xskpmd_show_lock();
	xskpmd_tx_queue_release(dev, q);
	xskpmd_show_unlock();
}

XSKPMD_STATS_OP(port_stats_get, xskpmd_stats_get)

static const struct eth_dev_ops port_ops = {
	.dev_configure = port_configure,
	.dev_start = port_start,
	.dev_stop = port_stop,
	.dev_close = port_close,
	.dev_infos_get = port_info,
	.is_removed = xskpmd_link_is_removed,
	.link_update = xskpmd_link_update,
	.dev_set_link_up = xskpmd_link_set_up,
	.dev_set_link_down = xskpmd_link_set_down,
	.mtu_set = xskpmd_mtu_set,
	.mac_addr_set = port_mac_set,
	.mac_addr_add = xskpmd_mac_addr_add,
	.mac_addr_remove = xskpmd_mac_addr_remove,
	.set_mc_addr_list = xskpmd_set_mc_addr_list,
	.vlan_filter_set = xskpmd_vlan_filter_set,
	.vlan_offload_set = xskpmd_vlan_offload_set,
	.promiscuous_enable = xskpmd_promisc_enable,
	.promiscuous_disable = xskpmd_promisc_disable,
	.allmulticast_enable = xskpmd_allmulti_enable,
	.allmulticast_disable = xskpmd_allmulti_disable,
	.rx_queue_setup = port_rx_queue_setup,
	.rx_queue_release = port_rx_queue_release,
	.tx_queue_setup = port_tx_queue_setup,
	.tx_queue_release = port_tx_queue_release,
	.tx_done_cleanup = xskpmd_tx_done_cleanup,
	.rx_queue_start = xskpmd_rx_queue_start,
	.rx_queue_stop = xskpmd_rx_queue_stop,
	.tx_queue_start = xskpmd_tx_queue_start,
	.tx_queue_stop = xskpmd_tx_queue_stop,
	.rx_queue_intr_enable = xskpmd_rx_queue_intr_enable,
	.rx_queue_intr_disable = xskpmd_rx_queue_intr_disable,
	.rxq_info_get = xskpmd_rxq_info_get,
	.txq_info_get = xskpmd_txq_info_get,
	.get_monitor_addr = xskpmd_get_monitor_addr,
	.dev_supported_ptypes_get = port_ptypes_get,
	.dev_ptypes_set = port_ptypes_set,
	.rx_burst_mode_get = xskpmd_rx_burst_mode_get,
	.tx_burst_mode_get = xskpmd_tx_burst_mode_get,
	.stats_get = port_stats_get,
	.stats_reset = xskpmd_stats_reset,
	.xstats_get = xskpmd_xstats_get,
	.xstats_get_names = xskpmd_xstats_get_names,
	.xstats_get_by_id = xskpmd_xstats_get_by_id,
	.xstats_get_names_by_id = xskpmd_xstats_get_names_by_id,
	.xstats_reset = xskpmd_xstats_reset,
	.fw_version_get = xskpmd_fw_version_get,
	.get_reg = xskpmd_get_reg,
	.get_eeprom_length = xskpmd_get_eeprom_length,
	.get_eeprom = xskpmd_get_eeprom,
	.get_module_info = xskpmd_get_module_info,
	.get_module_eeprom = xskpmd_get_module_eeprom,
	.flow_ctrl_get = xskpmd_flow_ctrl_get,
	.flow_ctrl_set = xskpmd_flow_ctrl_set,
	.fec_get_capability = xskpmd_fec_get_capability,
	.fec_get = xskpmd_fec_get,
	.fec_set = xskpmd_fec_set,
	.dev_led_on = xskpmd_led_on,
	.dev_led_off = xskpmd_led_off,
	.rss_hash_update = xskpmd_rss_hash_update,
	.rss_hash_conf_get = xskpmd_rss_hash_conf_get,
	.reta_update = xskpmd_reta_update,
	.reta_query = xskpmd_reta_query,
	.eth_dev_priv_dump = xskpmd_priv_dump,
};

/* What needs no memory or file descriptor of the primary process, or is asked of it. */
const struct eth_dev_ops xskpmd_secondary_ops = {
	.dev_close = xskpmd_secondary_close,
	.dev_infos_get = port_info,
	.is_removed = xskpmd_link_is_removed,
	.link_update = xskpmd_link_update,
	.promiscuous_enable = xskpmd_secondary_promisc_enable,
	.promiscuous_disable = xskpmd_secondary_promisc_disable,
	.allmulticast_enable = xskpmd_secondary_allmulti_enable,
	.allmulticast_disable = xskpmd_secondary_allmulti_disable,
	.rxq_info_get = xskpmd_rxq_info_get,
	.txq_info_get = xskpmd_txq_info_get,
	.dev_supported_ptypes_get = port_ptypes_get,
	.stats_get = port_stats_get,
	.stats_reset = xskpmd_secondary_stats_reset,
	.xstats_get = xskpmd_xstats_get,
	.xstats_get_names = xskpmd_xstats_get_names,
	.xstats_get_by_id = xskpmd_xstats_get_by_id,
	.xstats_get_names_by_id = xskpmd_xstats_get_names_by_id,
	.xstats_reset = xskpmd_secondary_xstats_reset,
	.fw_version_get = xskpmd_fw_version_get,
	.get_reg = xskpmd_get_reg,
	.get_eeprom_length = xskpmd_get_eeprom_length,
	.get_eeprom = xskpmd_get_eeprom,
	.get_module_info = xskpmd_get_module_info,
	.get_module_eeprom = xskpmd_get_module_eeprom,
	.flow_ctrl_get = xskpmd_flow_ctrl_get,
	.fec_get_capability = xskpmd_fec_get_capability,
	.fec_get = xskpmd_fec_get,
	.rss_hash_conf_get = xskpmd_rss_hash_conf_get,
	.reta_query = xskpmd_reta_query,
};

/* ---- probe -------------------------------------------------------------------------------- */

/** Find the interface and remember how it was. */
static int
port_open_netdev(struct xskpmd_port *port)
{
	struct xskpmd_netns netns;
	int ret;

	ret = xskpmd_netns_open(&netns, port->conf.netns);
	if (ret != 0) {
		XSKPMD_LOG(ERR, "%s: netns=%s: %s: %s", port->name, port->conf.netns, strerror(-ret),
			   ret == -EACCES || ret == -EPERM ?
			   "give the process CAP_SYS_PTRACE and CAP_SYS_ADMIN" :
			   "give a name that ip netns lists, or the path of a namespace such as "
			   "/proc/PID/ns/net");
		return ret;
	}
	ret = xskpmd_netdev_open(&port->netdev, port->conf.iface, &netns);
	if (ret == -EPERM && port->conf.netns[0] != '\0') {
		XSKPMD_LOG(ERR, "%s: netns=%s: %s: give the process CAP_SYS_ADMIN", port->name,
			   port->conf.netns, strerror(-ret));
		return ret;
	}
	if (ret != 0) {
		XSKPMD_LOG(ERR, "%s: iface=%s: %s: ip link lists the interfaces of %s%s", port->name,
			   port->conf.iface, strerror(-ret), port->conf.netns[0] != '\0' ?
			   "network namespace " : "this network namespace (netns= names another)", port->conf.netns);
		return ret;
	}
	ret = xskpmd_netdev_mac_get(&port->netdev, &port->mac_found);
	if (ret == 0)
		ret = xskpmd_netdev_mtu_get(&port->netdev, &port->mtu_found);
	if (ret != 0)
		XSKPMD_LOG(ERR, "%s: iface=%s: %s: it must be an Ethernet interface", port->name,
			   port->conf.iface, strerror(-ret));
	return ret;
}

/** Work out which queues of the interface are the port's. */
static int
port_init_queues(struct xskpmd_port *port)
{
	const struct xskpmd_conf *conf = &port->conf;
	struct xskpmd_channels ch;
	uint32_t have, count;
	int ret;

	ret = xskpmd_netdev_channels(&port->netdev, &ch);
	if (ret != 0) {
		XSKPMD_LOG(ERR, "%s: iface=%s: cannot read its channels: %s", port->name, conf->iface,
			   strerror(-ret));
		return ret;
	}
	have = RTE_MAX(ch.rx, ch.tx);
	if (conf->start_queue >= have) {
		XSKPMD_LOG(ERR, "%s: start_queue=%u: %s has queues 0 to %u: choose one of them, or give it "
			   "more (ethtool -L)", port->name, conf->start_queue, conf->iface, have - 1);
		return -EINVAL;
	}
	count = conf->queue_count != XSKPMD_QUEUES_ALL ? conf->queue_count : have - conf->start_queue;
	count = conf->queue_count != XSKPMD_QUEUES_ALL ? count :
							 RTE_MIN(count, (uint32_t)RTE_MAX_QUEUES_PER_PORT);
	if (count > have - conf->start_queue || count > RTE_MAX_QUEUES_PER_PORT) {
		XSKPMD_LOG(ERR, "%s: queue_count=%u from start_queue=%u: %s has %u queues: use fewer, or give "
			   "it more (ethtool -L)", port->name, conf->queue_count, conf->start_queue,
			   conf->iface, have);
		return -EINVAL;
	}
	port->nb_pairs = count;
	port->queues_end = have;
	port->max_rx_queues = RTE_MIN(count, ch.rx - RTE_MIN(ch.rx, conf->start_queue));
	port->max_tx_queues = RTE_MIN(count, ch.tx - RTE_MIN(ch.tx, conf->start_queue));
	return 0;
}

static int
port_alloc_pairs(struct xskpmd_port *port)
{
	uint16_t q;

	port->pairs = rte_zmalloc_socket("xskpmd_pairs", port->nb_pairs * sizeof(*port->pairs), 0,
					 port->data->numa_node);
	if (port->pairs == NULL) {
		XSKPMD_LOG(ERR, "%s: no memory for %u queues", port->name, port->nb_pairs);
		return -ENOMEM;
	}
	for (q = 0; q < port->nb_pairs; q++)
		port->pairs[q].xsk = (struct xskpmd_xsk)XSKPMD_XSK_NONE;
	return 0;
}

int
xskpmd_port_init(struct rte_eth_dev *dev, const char *args)
{
	struct xskpmd_port *port = xskpmd_port_shared(dev);
	int ret;

	dev->process_private = port;
	port->data = dev->data;
	port->name = dev->data->name;
	port->netdev = (struct xskpmd_netdev)XSKPMD_NETDEV_NONE;
	ret = xskpmd_devargs_parse(port->name, args, &port->conf);
	if (ret != 0)
		return ret;
	ret = port_open_netdev(port);
	if (ret == 0)
		ret = xskpmd_channels_set(port);
	if (ret == 0)
		ret = port_init_queues(port);
	if (ret == 0) {
		if (dev->data->numa_node < 0)
			dev->data->numa_node = xskpmd_netdev_numa_node(&port->netdev);
		ret = port_alloc_pairs(port);
	}
	strlcpy(port->ifname, port->conf.iface, sizeof(port->ifname));
	if (ret == 0)
		ret = xskpmd_link_watch(dev);
	if (ret != 0) {
		xskpmd_rss_restore(port);
		xskpmd_netdev_close(&port->netdev);
		rte_free(port->pairs);
		return ret;
	}
	ret = xskpmd_mp_init();
	if (ret == 0)
		ret = xskpmd_lend_begin(dev->data->port_id);
	if (ret != 0)
		XSKPMD_LOG(WARNING, "%s: secondary processes cannot use its queues: %s", port->name,
			   strerror(-ret));
	port->kernel_sg = xskpmd_xsk_has_sg();
	port->ptype_layers = XSKPMD_PTYPE_LAYERS;
	port->macs[0] = port->mac_found;
	dev->data->mac_addrs = port->macs;
	dev->data->mtu = RTE_MIN(port->mtu_found, (unsigned int)UINT16_MAX);
	dev->data->dev_flags |= RTE_ETH_DEV_INTR_LSC | RTE_ETH_DEV_INTR_RMV;
	dev->data->dev_link = (struct rte_eth_link){
		.link_speed = RTE_ETH_SPEED_NUM_UNKNOWN,
		.link_duplex = RTE_ETH_LINK_FULL_DUPLEX,
		.link_status = RTE_ETH_LINK_DOWN,
	};
	dev->dev_ops = &port_ops;
	dev->rx_pkt_burst = rte_eth_pkt_burst_dummy;
	dev->tx_pkt_burst = rte_eth_pkt_burst_dummy;
	dev->rx_queue_count = xskpmd_rx_queue_count;
	dev->rx_descriptor_status = xskpmd_rx_descriptor_status;
	dev->tx_descriptor_status = xskpmd_tx_descriptor_status;
	XSKPMD_SET_TX_QUEUE_COUNT(dev, xskpmd_tx_queue_count);
	xskpmd_show_add(port);
	return 0;
}
