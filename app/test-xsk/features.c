/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* What a running port can do, asked of the port itself, beside what doc/features.tsv says. Only the
 * public API is used, so any DPDK port will do.
 */

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_power_intrinsics.h>
#include <rte_version.h>

#include "suites.h"
#include "tool.h"

/* ---- asking the port ---------------------------------------------------------------------- */

struct asked {
	uint16_t port;
	uint16_t nb_rxq, nb_txq;
	struct rte_eth_dev_info info;
};

static bool
can_speed_capa(const struct asked *a)
{
	return a->info.speed_capa != 0;
}

static bool
can_link(const struct asked *a)
{
	struct rte_eth_link link;

	return rte_eth_link_get_nowait(a->port, &link) == 0;
}

static bool
can_lsc(const struct asked *a)
{
	return *a->info.dev_flags & RTE_ETH_DEV_INTR_LSC;
}

static bool
can_rmv(const struct asked *a)
{
	return *a->info.dev_flags & RTE_ETH_DEV_INTR_RMV;
}

static bool
can_rx_intr(const struct asked *a)
{
	return rte_eth_dev_rx_intr_enable(a->port, 0) == 0 &&
	       rte_eth_dev_rx_intr_disable(a->port, 0) == 0;
}

static bool
can_done_cleanup(const struct asked *a)
{
	return rte_eth_tx_done_cleanup(a->port, 0, 0) >= 0;
}

static bool
can_queue_stop(const struct asked *a)
{
	return rte_eth_dev_rx_queue_stop(a->port, 0) == 0 &&
	       rte_eth_dev_rx_queue_start(a->port, 0) == 0 &&
	       rte_eth_dev_tx_queue_stop(a->port, 0) == 0 &&
	       rte_eth_dev_tx_queue_start(a->port, 0) == 0;
}

static bool
can_runtime_rxq(const struct asked *a)
{
	return a->info.dev_capa & RTE_ETH_DEV_CAPA_RUNTIME_RX_QUEUE_SETUP;
}

static bool
can_runtime_txq(const struct asked *a)
{
	return a->info.dev_capa & RTE_ETH_DEV_CAPA_RUNTIME_TX_QUEUE_SETUP;
}

static bool
can_shared_rxq(const struct asked *a)
{
	return a->info.dev_capa & RTE_ETH_DEV_CAPA_RXQ_SHARE;
}

static bool
can_burst_mode(const struct asked *a)
{
	struct rte_eth_burst_mode mode;

	return rte_eth_rx_burst_mode_get(a->port, 0, &mode) == 0 &&
	       rte_eth_tx_burst_mode_get(a->port, 0, &mode) == 0;
}

static bool
can_monitor(const struct asked *a)
{
	struct rte_power_monitor_cond cond;

	return rte_eth_get_monitor_addr(a->port, 0, &cond) == 0;
}

static bool
can_mtu(const struct asked *a)
{
	uint16_t mtu;

	return rte_eth_dev_get_mtu(a->port, &mtu) == 0 && rte_eth_dev_set_mtu(a->port, mtu) == 0;
}

static bool
can_promisc(const struct asked *a)
{
	return rte_eth_promiscuous_disable(a->port) == 0 &&
	       rte_eth_promiscuous_enable(a->port) == 0;
}

static bool
can_allmulti(const struct asked *a)
{
	return rte_eth_allmulticast_disable(a->port) == 0 &&
	       rte_eth_allmulticast_enable(a->port) == 0;
}

static bool
can_mac_filter(const struct asked *a)
{
	struct rte_ether_addr mac = {{0x02, 0, 0, 0, 0, 0x77}};

	return rte_eth_dev_mac_addr_add(a->port, &mac, 0) == 0 &&
	       rte_eth_dev_mac_addr_remove(a->port, &mac) == 0;
}

static bool
can_mc_filter(const struct asked *a)
{
	struct rte_ether_addr mac = {{0x01, 0, 0x5e, 0, 0, 0x77}};

	return rte_eth_dev_set_mc_addr_list(a->port, &mac, 1) == 0 &&
	       rte_eth_dev_set_mc_addr_list(a->port, NULL, 0) == 0;
}

static bool
can_rss_hash(const struct asked *a)
{
	struct rte_eth_rss_conf conf = {0};

	return a->info.flow_type_rss_offloads != 0 &&
	       rte_eth_dev_rss_hash_conf_get(a->port, &conf) == 0;
}

static bool
can_rss_key(const struct asked *a)
{
	return a->info.hash_key_size != 0;
}

static bool
can_rss_reta(const struct asked *a)
{
	return a->info.reta_size != 0;
}

static bool
can_flow_ctrl(const struct asked *a)
{
	struct rte_eth_fc_conf conf;

	return rte_eth_dev_flow_ctrl_get(a->port, &conf) == 0;
}

static bool
can_fec(const struct asked *a)
{
	return rte_eth_fec_get_capability(a->port, NULL, 0) > 0;
}

static bool
can_ptypes(const struct asked *a)
{
	return rte_eth_dev_get_supported_ptypes(a->port, UINT32_MAX, NULL, 0) > 0;
}

static bool
can_timesync(const struct asked *a)
{
	struct timespec ts;

	return rte_eth_timesync_read_time(a->port, &ts) == 0;
}

static bool
can_rx_status(const struct asked *a)
{
	return rte_eth_rx_descriptor_status(a->port, 0, 0) >= 0;
}

static bool
can_tx_status(const struct asked *a)
{
	return rte_eth_tx_descriptor_status(a->port, 0, 0) >= 0;
}

static bool
can_tx_count(const struct asked *a)
{
	return XSKPMD_TX_QUEUE_COUNT(a->port, 0) >= 0;
}

static bool
can_stats(const struct asked *a)
{
	struct rte_eth_stats stats;

	return rte_eth_stats_get(a->port, &stats) == 0;
}

/* ethdev itself makes 8 of the port, 3 of each Rx and 2 of each Tx queue. */
static bool
can_xstats(const struct asked *a)
{
	return rte_eth_xstats_get_names(a->port, NULL, 0) > 8 + 3 * a->nb_rxq + 2 * a->nb_txq;
}

static bool
can_queue_stats(const struct asked *a)
{
	uint64_t id;

	return rte_eth_xstats_get_id_by_name(a->port, "rx_q0_packets", &id) == 0;
}

static bool
can_fw_version(const struct asked *a)
{
	char text[128];

	return rte_eth_dev_fw_version_get(a->port, text, sizeof(text)) >= 0;
}

static bool
can_eeprom(const struct asked *a)
{
	return rte_eth_dev_get_eeprom_length(a->port) > 0;
}

static bool
can_module_eeprom(const struct asked *a)
{
	struct rte_eth_dev_module_info info;

	return rte_eth_dev_get_module_info(a->port, &info) == 0;
}

static bool
can_regs(const struct asked *a)
{
	struct rte_dev_reg_info info = {0};

	return rte_eth_dev_get_reg_info(a->port, &info) == 0;
}

static bool
can_led(const struct asked *a)
{
	return rte_eth_led_on(a->port) == 0 && rte_eth_led_off(a->port) == 0;
}

#define RX(o) RTE_ETH_RX_OFFLOAD_##o
#define TX(o) RTE_ETH_TX_OFFLOAD_##o

/* How a row of the table is asked for: by a call, or by offloads of which one is enough. A row that
 * is not here cannot be asked of a port.
 */
static const struct question {
	const char *name;
	bool (*can)(const struct asked *a);
	uint64_t rx, tx;
} questions[] = {
	{"Speed capabilities", can_speed_capa, 0, 0},
	{"Link status", can_link, 0, 0},
	{"Link status event", can_lsc, 0, 0},
	{"Removal event", can_rmv, 0, 0},
	{"Rx interrupt", can_rx_intr, 0, 0},
	{"Lock-free Tx queue", NULL, 0, TX(MT_LOCKFREE)},
	{"Fast mbuf free", NULL, 0, TX(MBUF_FAST_FREE)},
	{"Free Tx mbuf on demand", can_done_cleanup, 0, 0},
	{"Queue start/stop", can_queue_stop, 0, 0},
	{"Runtime Rx queue setup", can_runtime_rxq, 0, 0},
	{"Runtime Tx queue setup", can_runtime_txq, 0, 0},
	{"Shared Rx queue", can_shared_rxq, 0, 0},
	{"Burst mode info", can_burst_mode, 0, 0},
	{"Power mgmt address monitor", can_monitor, 0, 0},
	{"MTU update", can_mtu, 0, 0},
	{"Buffer split on Rx", NULL, RX(BUFFER_SPLIT), 0},
	{"Scattered Rx", NULL, RX(SCATTER), TX(MULTI_SEGS)},
	{"LRO", NULL, RX(TCP_LRO), 0},
	{"TSO", NULL, 0, TX(TCP_TSO) | TX(UDP_TSO)},
	{"Promiscuous mode", can_promisc, 0, 0},
	{"Allmulticast mode", can_allmulti, 0, 0},
	{"Unicast MAC filter", can_mac_filter, 0, 0},
	{"Multicast MAC filter", can_mc_filter, 0, 0},
	{"RSS hash", can_rss_hash, RX(RSS_HASH), 0},
	{"RSS key update", can_rss_key, 0, 0},
	{"RSS reta update", can_rss_reta, 0, 0},
	{"VLAN filter", NULL, RX(VLAN_FILTER), 0},
	{"Flow control", can_flow_ctrl, 0, 0},
	{"CRC offload", NULL, RX(KEEP_CRC), 0},
	{"VLAN offload", NULL, RX(VLAN_STRIP) | RX(VLAN_EXTEND), TX(VLAN_INSERT)},
	{"QinQ offload", NULL, RX(QINQ_STRIP), TX(QINQ_INSERT)},
	{"FEC", can_fec, 0, 0},
	{"L3 checksum offload", NULL, RX(IPV4_CKSUM), TX(IPV4_CKSUM)},
	{"L4 checksum offload", NULL, RX(UDP_CKSUM) | RX(TCP_CKSUM) | RX(SCTP_CKSUM),
	 TX(UDP_CKSUM) | TX(TCP_CKSUM) | TX(SCTP_CKSUM)},
	{"Timestamp offload", NULL, RX(TIMESTAMP), TX(SEND_ON_TIMESTAMP)},
	{"Inner L3 checksum", NULL, RX(OUTER_IPV4_CKSUM), TX(OUTER_IPV4_CKSUM)},
	{"Inner L4 checksum", NULL, RX(OUTER_UDP_CKSUM), TX(OUTER_UDP_CKSUM)},
	{"Packet type parsing", can_ptypes, 0, 0},
	{"Timesync", can_timesync, 0, 0},
	{"Rx descriptor status", can_rx_status, 0, 0},
	{"Tx descriptor status", can_tx_status, 0, 0},
	{"Tx queue count", XSKPMD_HAS_TX_QUEUE_COUNT ? can_tx_count : NULL, 0, 0},
	{"Basic stats", can_stats, 0, 0},
	{"Extended stats", can_xstats, 0, 0},
	{"Stats per queue", can_queue_stats, 0, 0},
	{"FW version", can_fw_version, 0, 0},
	{"EEPROM dump", can_eeprom, 0, 0},
	{"Module EEPROM dump", can_module_eeprom, 0, 0},
	{"Registers dump", can_regs, 0, 0},
	{"LED", can_led, 0, 0},
};

static const struct question *
question_of(const char *name)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(questions); i++) {
		if (strcmp(questions[i].name, name) == 0 &&
		    (questions[i].can != NULL || (questions[i].rx | questions[i].tx) != 0))
			return &questions[i];
	}
	return NULL;
}

static bool
answer(const struct question *q, const struct asked *a)
{
	return (q->can != NULL && q->can(a)) || (a->info.rx_offload_capa & q->rx) != 0 ||
	       (a->info.tx_offload_capa & q->tx) != 0;
}

/* ---- beside the table --------------------------------------------------------------------- */

enum { VETH, IGB, VIRTIO, NB_COLUMNS };

static const char *const column_name[NB_COLUMNS] = {"veth", "igb", "virtio"};

static const struct {
	const char *name;
	const char *says[NB_COLUMNS]; /* "Y", "P": yes; "-": no; "?": nobody has tried */
} rows[] = {
#include "features_table.h"
};

/* Ask the port for every row. @return how many differ from a column; they are named in differs */
static unsigned int
compare(const struct asked *a, unsigned int column, char *differs, size_t size, bool print)
{
	uint64_t rx = 0, tx = 0;
	unsigned int i, n = 0;
	size_t len = 0;

	for (i = 0; i < RTE_DIM(rows); i++) {
		const struct question *q = question_of(rows[i].name);
		const char *says = rows[i].says[column];
		bool does, claimed = says[0] == 'Y' || says[0] == 'P';

		if (q == NULL)
			continue;
		does = answer(q, a);
		if (claimed || says[0] == '?') {
			rx |= q->rx;
			tx |= q->tx;
		}
		if (print)
			printf("  %-28s port: %-4s table: %s\n", q->name, does ? "yes" : "no",
			       says);
		if (does == claimed || says[0] == '?')
			continue;
		n++;
		if (len < size)
			len += snprintf(differs + len, size - len, "%s%s (the port says %s)",
					n > 1 ? ", " : "", q->name, does ? "yes" : "no");
	}
	rx = a->info.rx_offload_capa & ~rx;
	tx = a->info.tx_offload_capa & ~tx;
	if (n == 0 && (rx | tx) != 0) {
		n++;
		snprintf(differs, size, "offloads rx %#" PRIx64 ", tx %#" PRIx64
			 " (no row has them)", rx, tx);
	}
	return n;
}

static void
ask(struct asked *a, uint16_t port)
{
	a->port = port;
	if (rte_eth_dev_info_get(port, &a->info) != 0)
		a->info = (struct rte_eth_dev_info){0};
	a->nb_rxq = a->info.nb_rx_queues;
	a->nb_txq = a->info.nb_tx_queues;
}

/* ---- the sub-command ---------------------------------------------------------------------- */

int
cmd_features(int argc, char **argv)
{
	struct rte_eth_conf conf = {0};
	char differs[1024] = "";
	struct rte_mempool *mp;
	unsigned int column = VETH, n;
	struct asked a;
	int eaten, opt;

	eaten = rte_eal_init(argc, argv);
	if (eaten < 0)
		return 1;
	argc -= eaten;
	argv += eaten;
	optind = 1;
	while ((opt = getopt(argc, argv, "c:")) != -1) {
		for (column = 0; opt == 'c' && column < NB_COLUMNS; column++) {
			if (strcmp(optarg, column_name[column]) == 0)
				break;
		}
		if (opt != 'c' || column == NB_COLUMNS) {
			printf("usage: dpdk-test-xsk features EAL-OPTIONS -- "
			       "[-c veth|igb|virtio]\n");
			return 2;
		}
	}
	mp = rte_pktmbuf_pool_create("features", 4095, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
				     SOCKET_ID_ANY);
	if (mp == NULL || rte_eth_dev_configure(0, 1, 1, &conf) != 0 ||
	    rte_eth_rx_queue_setup(0, 0, 0, SOCKET_ID_ANY, NULL, mp) != 0 ||
	    rte_eth_tx_queue_setup(0, 0, 0, SOCKET_ID_ANY, NULL) != 0 ||
	    rte_eth_dev_start(0) != 0) {
		fprintf(stderr, "port 0 does not start: give --vdev net_xskpmd0,iface=IFACE\n");
		return 1;
	}
	ask(&a, 0);
	n = compare(&a, column, differs, sizeof(differs), true);
	if (n > 0)
		printf("doc/features.tsv, column %s, differs: %s\n", column_name[column], differs);
	rte_eth_dev_stop(0);
	rte_eth_dev_close(0);
	rte_eal_cleanup();
	return n > 0;
}

/* ---- the test ----------------------------------------------------------------------------- */

static void
features_match(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	char differs[1024] = "";
	struct asked a;

	if (xt_is_rival())
		SKIP("the table is net_xskpmd's");
	xt_port_up(p);
	ask(&a, p->id);
	CHECK(compare(&a, VETH, differs, sizeof(differs), xt_verbose) == 0,
	      "doc/features.tsv, column veth, differs: %s; correct it, then run scripts/features.sh",
	      differs);
}

const struct xt_case func_features_cases[] = {
	{"features_match", "a veth port does what doc/features.tsv says, and no more",
	 features_match, NULL, 0, 0},
	{0},
};
