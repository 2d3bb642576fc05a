/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* Receive side scaling through ethtool. A veth has none: a fake has it, whose queues are a veth's.
 * Channels a veth has itself.
 */

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/if_link.h>
#include <linux/sockios.h>

#include "suites.h"

#define TABLE 128
#define KEY 40
#define ADDRS (RXH_IP_SRC | RXH_IP_DST)
#define PORTS (RXH_L4_B_0_1 | RXH_L4_B_2_3)

static struct {
	uint32_t table[TABLE];
	uint8_t key[KEY];
	uint64_t udp;       /* fields of UDP over IPv4 */
	uint8_t xfrm;       /* that makes the hash symmetric */
	bool written;       /* the table is not the driver's own */
	bool refuse_table;
	unsigned int queues;
} nic;

static void
nic_spread(unsigned int queues)
{
	unsigned int i;

	nic.queues = queues;
	nic.written = false;
	for (i = 0; i < TABLE; i++)
		nic.table[i] = i % queues;
}

static int
nic_set(const struct ethtool_rxfh *r)
{
	const uint32_t *data = r->rss_config;

	if (r->indir_size == 0) {
		nic_spread(nic.queues);
	} else if (r->indir_size == TABLE) {
		if (nic.refuse_table)
			return -EINVAL;
		memcpy(nic.table, data, sizeof(nic.table));
		nic.written = true;
		data += TABLE;
	} else if (r->indir_size != ETH_RXFH_INDIR_NO_CHANGE) {
		return -EINVAL;
	}
	nic.xfrm = *XSKPMD_RXFH_XFRM((struct ethtool_rxfh *)(uintptr_t)r);
	if (r->key_size == KEY)
		memcpy(nic.key, data, KEY);
	return r->key_size == 0 || r->key_size == KEY ? 0 : -EINVAL;
}

/* Like igb: TCP by ports, UDP as is set, SCTP by addresses, which is all it can do. */
static int
nic_hash(struct ethtool_rxnfc *c, bool set)
{
	uint64_t fields;

	if (c->flow_type == UDP_V4_FLOW)
		fields = nic.udp;
	else if (c->flow_type == TCP_V4_FLOW || c->flow_type == TCP_V6_FLOW)
		fields = ADDRS | PORTS;
	else
		fields = ADDRS;
	if (set && c->flow_type == UDP_V4_FLOW)
		nic.udp = c->data;
	else if (set && c->data != fields)
		return -EINVAL;
	c->data = set ? c->data : fields;
	return 0;
}

static int
fake_rss(void *arg)
{
	struct ethtool_rxfh *r = arg;

	switch (*(uint32_t *)arg) {
	case ETHTOOL_GRSSH:
		if (r->indir_size != 0)
			memcpy(r->rss_config, nic.table, sizeof(nic.table));
		if (r->key_size != 0)
			memcpy(&r->rss_config[r->indir_size], nic.key, KEY);
		r->indir_size = TABLE;
		r->key_size = KEY;
		*XSKPMD_RXFH_XFRM(r) = nic.xfrm;
		return 0;
	case ETHTOOL_SRSSH:
		return nic_set(r);
	case ETHTOOL_GRXFH:
	case ETHTOOL_SRXFH:
		return nic_hash(arg, *(uint32_t *)arg == ETHTOOL_SRXFH);
	default:
		return 1;
	}
}

static void
nic_begin(unsigned int queues)
{
	unsigned int i;

	nic_spread(queues);
	nic.udp = ADDRS;
	for (i = 0; i < KEY; i++)
		nic.key[i] = i;
	xt_fake_ethtool = fake_rss;
}

static uint32_t
queues_named(void)
{
	uint32_t named = 0;
	unsigned int i;

	for (i = 0; i < TABLE; i++)
		named |= 1u << nic.table[i];
	return named;
}

static void
rss_none(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	struct rte_eth_rss_reta_entry64 reta[2] = {{.mask = 1}};
	struct rte_eth_rss_conf conf = {.rss_hf = RTE_ETH_RSS_IPV4};
	struct rte_eth_dev_info info;

	xt_port_up(p);
	CHECK_OK(rte_eth_dev_info_get(p->id, &info), "info");
	CHECK_INT(info.reta_size, ==, 0, "reta_size of a veth");
	CHECK_INT(info.hash_key_size, ==, 0, "hash_key_size of a veth");
	CHECK_INT(info.flow_type_rss_offloads, ==, 0, "RSS types of a veth");
	CHECK_INT(rte_eth_dev_rss_hash_conf_get(p->id, &conf), ==, -ENOTSUP, "hash_conf_get");
	CHECK_INT(rte_eth_dev_rss_reta_query(p->id, reta, 1), ==, -ENOTSUP, "reta_query");
}

static void
rss_conf(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(2);
	struct xt_port *p = xt_port(w);
	struct rte_eth_rss_conf conf = {0};
	struct rte_eth_dev_info info;
	uint8_t key[KEY];
	unsigned int i;

	nic_begin(2);
	p->conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	p->conf.rx_adv_conf.rss_conf.rss_hf = RTE_ETH_RSS_IPV4;
	xt_port_up(p);
	CHECK_OK(rte_eth_dev_info_get(p->id, &info), "info");
	CHECK_INT(info.reta_size, ==, TABLE, "reta_size");
	CHECK_INT(info.hash_key_size, ==, KEY, "hash_key_size");
	CHECK_INT(info.flow_type_rss_offloads, ==, RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_IPV6 |
		  RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV6_TCP |
		  RTE_ETH_RSS_NONFRAG_IPV4_UDP | RTE_ETH_RSS_NONFRAG_IPV6_UDP, "RSS types");
	conf.rss_key = key;
	conf.rss_key_len = KEY;
	CHECK_OK(rte_eth_dev_rss_hash_conf_get(p->id, &conf), "hash_conf_get");
	CHECK_INT(conf.rss_hf, ==, info.flow_type_rss_offloads & ~(RTE_ETH_RSS_NONFRAG_IPV4_UDP |
		  RTE_ETH_RSS_NONFRAG_IPV6_UDP), "RSS types in use");
	for (i = 0; i < KEY; i++)
		CHECK_INT(key[i], ==, i, "byte %u of the key", i);

	memset(key, 0x6d, sizeof(key));
	conf.rss_hf |= RTE_ETH_RSS_NONFRAG_IPV4_UDP;
	CHECK_OK(rte_eth_dev_rss_hash_update(p->id, &conf), "hash_update");
	CHECK_INT(nic.udp, ==, ADDRS | PORTS, "hashed fields of UDP");
	CHECK(memcmp(nic.key, key, KEY) == 0, "the key is not set");
	CHECK_OK(rte_eth_dev_rss_hash_conf_get(p->id, &conf), "hash_conf_get");
	CHECK(conf.rss_hf & RTE_ETH_RSS_NONFRAG_IPV4_UDP, "UDP is not among the types");
	conf.rss_key = NULL;
	conf.rss_hf &= ~RTE_ETH_RSS_NONFRAG_IPV4_UDP;
	CHECK_OK(rte_eth_dev_rss_hash_update(p->id, &conf), "hash_update without UDP");
	CHECK_INT(nic.udp, ==, ADDRS, "hashed fields of UDP");
	conf.rss_hf = RTE_ETH_RSS_IPV4; /* the NIC always hashes TCP by ports */
	CHECK_INT(rte_eth_dev_rss_hash_update(p->id, &conf), ==, -EINVAL, "hash_update without TCP");
	conf.rss_key = key;
	conf.rss_key_len = 16;
	CHECK_INT(rte_eth_dev_rss_hash_update(p->id, &conf), <, 0, "a short key");

	conf.rss_key_len = KEY;
	conf.rss_hf = info.flow_type_rss_offloads & ~RTE_ETH_RSS_NONFRAG_IPV6_UDP;
	CHECK_OK(rte_eth_dev_rss_hash_update(p->id, &conf), "hash_update");
	xt_port_down(p);
	CHECK_INT(nic.udp, ==, ADDRS, "hashed fields of UDP after close");
	CHECK_INT(nic.key[7], ==, 7, "key after close");
	CHECK(!nic.written, "the table has been written");
	xt_fake_ethtool = NULL;
}

static void
rss_reta(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(4);
	struct xt_port *p = xt_port(w);
	struct rte_eth_rss_reta_entry64 reta[TABLE / RTE_ETH_RETA_GROUP_SIZE];
	unsigned int i;

	nic_begin(4);
	nic.table[100] = 3; /* not what the driver began with: it is put back as it was */
	nic.table[101] = 3;
	nic.xfrm = 1; /* RXH_XFRM_SYM_XOR */
	p->args = ",start_queue=1,queue_count=2";
	p->nb_rxq = p->nb_txq = 2;
	p->conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
	p->conf.rx_adv_conf.rss_conf.rss_hf = RTE_ETH_RSS_IPV4;
	xt_port_up(p);
	memset(reta, 0xff, sizeof(reta));
	CHECK_OK(rte_eth_dev_rss_reta_query(p->id, reta, TABLE), "query");
	CHECK_INT(reta[0].reta[0], ==, UINT16_MAX, "queue 0, which is not the port's");
	CHECK_INT(reta[0].reta[1], ==, 0, "queue 1, the port's first");
	CHECK_INT(reta[0].reta[2], ==, 1, "queue 2, the port's second");
	CHECK_INT(reta[0].reta[3], ==, UINT16_MAX, "queue 3, which is not the port's");
	CHECK_INT(rte_eth_dev_rss_reta_query(p->id, reta, 64), ==, -EINVAL, "query of half");

	for (i = 0; i < TABLE; i++)
		reta[i / 64].reta[i % 64] = i & 1;
	reta[0].mask = 0xf0;
	reta[1].mask = 0;
	CHECK_OK(rte_eth_dev_rss_reta_update(p->id, reta, TABLE), "update");
	for (i = 0; i < TABLE; i++) {
		const uint32_t expected = i >= 4 && i < 8 ? 1 + (i & 1) :
			i == 100 || i == 101 ? 3 : i % 4;

		CHECK_INT(nic.table[i], ==, expected, "entry %u", i);
	}
	CHECK_INT(nic.xfrm, ==, 1, "transformation after an update");
	xt_port_down(p);
	CHECK_INT(nic.xfrm, ==, 1, "transformation after close");
	CHECK_INT(nic.table[4], ==, 0, "entry 4 after close");
	CHECK_INT(nic.table[100], ==, 3, "entry 100 after close");
	CHECK(nic.written, "the table is the driver's own after close");
	xt_fake_ethtool = NULL;
}

static const struct narrow {
	const char *args;
	uint32_t named; /* bits: queues that the table names while the port runs */
} narrows[] = {
	{"", 0x3}, {"rss=keep", 0xf}, {"queue_count=2", 0xf}, {"queue_count=2,rss=bound", 0x3},
	{"start_queue=2", 0xf}, {"start_queue=2,rss=bound", 0xc}, {"queue_count=4,rss=bound", 0x3},
};

/* Two Rx queues of four: when the table is narrowed to them, and put back. */
static void
rss_narrow(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(4);
	unsigned int i;

	for (i = 0; i < RTE_DIM(narrows); i++) {
		struct xt_port *p = xt_port(w);

		xt_note("%s", narrows[i].args);
		nic_begin(4);
		p->args = narrows[i].args;
		p->nb_rxq = p->nb_txq = 2;
		xt_port_up(p);
		CHECK_INT(queues_named(), ==, narrows[i].named, "queues in the table");
		CHECK_OK(xt_port_stop(p), "stop");
		CHECK_OK(xt_port_start(p), "start");
		CHECK_INT(queues_named(), ==, narrows[i].named, "queues in the table");
		xt_port_down(p);
		CHECK_INT(queues_named(), ==, 0xf, "queues in the table after close");
		CHECK(!nic.written, "the table is not the driver's own after close");
	}
	xt_fake_ethtool = NULL;
}

/* The table follows the number of Rx queues, both ways. */
static void
rss_narrow_again(const void *arg __rte_unused)
{
	static const uint16_t numbers[] = {1, 3, 4, 2};
	struct xt_wire *w = xt_veth(4);
	struct xt_port *p = xt_port(w);
	unsigned int i;

	nic_begin(4);
	p->args = "";
	p->pool = xt_pool_default(4);
	CHECK_OK(xt_port_probe(p), "probe");
	for (i = 0; i < RTE_DIM(numbers); i++) {
		p->nb_rxq = p->nb_txq = numbers[i];
		CHECK_OK(xt_port_setup(p), "set-up");
		CHECK_OK(xt_port_start(p), "start");
		CHECK_INT(queues_named(), ==, (1u << numbers[i]) - 1, "queues in the table");
		CHECK_OK(xt_port_stop(p), "stop");
	}
	xt_port_down(p);
	CHECK(!nic.written, "the table is not the driver's own after close");
	xt_fake_ethtool = NULL;
}

/* rss=bound fails where it cannot be had, and says so; auto goes on. */
static void
rss_bound_refused(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(2);
	struct xt_port *p = xt_port(w);
	const char *log;

	p->args = "rss=bound";
	p->nb_rxq = p->nb_txq = 1;
	CHECK_OK(xt_port_probe(p), "probe");
	CHECK_OK(xt_port_setup(p), "set-up");
	xt_log_begin();
	CHECK_INT(xt_port_start(p), <, 0, "start with rss=bound on a veth");
	log = xt_log_end();
	CHECK(strstr(log, "rss=bound") != NULL, "the log does not say rss=bound");
	xt_port_down(p);

	nic_begin(2);
	nic.refuse_table = true;
	p = xt_port(w);
	p->args = "";
	p->nb_rxq = p->nb_txq = 1;
	xt_port_up(p);
	CHECK_INT(queues_named(), ==, 3, "queues in the table");
	xt_port_down(p);
	nic.refuse_table = false;
	xt_fake_ethtool = NULL;
}

/* A port with fewer Rx queues than the interface, and nothing to narrow: one warning, if the user
 * has not chosen the queues.
 */
static void
rss_warns(const void *arg __rte_unused)
{
	static const struct {
		const char *args;
		unsigned int nb_rx;
		bool table, warns;
	} table[] = {
		{"", 1, false, true}, {"", 2, false, false}, {"", 0, false, false}, {"", 1, true, false},
		{"queue_count=1", 1, false, false}, {"start_queue=1", 1, false, false},
		{"rss=keep", 1, false, false},
	};
	struct xt_wire *w = xt_veth(2);
	unsigned int i;

	for (i = 0; i < RTE_DIM(table); i++) {
		struct xt_port *p = xt_port(w);
		const char *log, *found;

		xt_note("%s, %u Rx queues", table[i].args, table[i].nb_rx);
		if (table[i].table)
			nic_begin(2);
		p->args = table[i].args;
		p->nb_rxq = table[i].nb_rx;
		p->nb_txq = 1;
		CHECK_OK(xt_port_probe(p), "probe");
		CHECK_OK(xt_port_setup(p), "set-up");
		xt_log_begin();
		CHECK_OK(xt_port_start(p), "start");
		log = xt_log_end();
		found = strstr(log, "xt0 has 2 Rx queues, the port receives on 1: packets of the others stay "
			       "with the kernel: set up 2 Rx queues, or use channels=1");
		CHECK_INT(found != NULL, ==, table[i].warns, "warnings in the log: \"%s\"", log);
		CHECK(found == NULL || strstr(found + 8, "has 2 Rx") == NULL, "two warnings: \"%s\"", log);
		xt_port_down(p);
		xt_fake_ethtool = NULL;
	}
}

static struct ethtool_channels
channels(const char *ifname, unsigned int set)
{
	struct ethtool_channels ch = {.cmd = set != 0 ? ETHTOOL_SCHANNELS : ETHTOOL_GCHANNELS,
		.rx_count = set, .tx_count = set};
	struct ifreq ifr = {.ifr_data = (void *)&ch};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname);
	CHECK_OK(ioctl(fd, SIOCETHTOOL, &ifr), "channels of %s", ifname);
	close(fd);
	return ch;
}

static void
channels_devarg(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(4);
	struct xt_port *p = xt_port(w);
	struct rte_eth_dev_info info;
	const char *log;

	channels(w->peer, 2); /* a veth needs as many Rx queues as its peer has Tx queues */
	w->nb_queues = 2;
	p->args = "channels=2";
	p->nb_rxq = p->nb_txq = 2;
	xt_port_up(p);
	CHECK_INT(channels(w->dev, 0).rx_count, ==, 2, "channels");
	CHECK_OK(rte_eth_dev_info_get(p->id, &info), "info");
	CHECK_INT(info.max_rx_queues, ==, 2, "queues of the port");
	xt_traffic(p, w);
	xt_port_down(p);
	CHECK_INT(channels(w->dev, 0).rx_count, ==, 4, "channels after close");

	p = xt_port(w);
	p->args = "channels=2,start_queue=3"; /* the second half of it fails */
	CHECK_INT(xt_port_probe(p), <, 0, "a start_queue beyond channels");
	CHECK_INT(channels(w->dev, 0).rx_count, ==, 4, "channels after a probe that failed");

	p = xt_port(w);
	p->args = "channels=64";
	xt_log_begin();
	CHECK_INT(xt_port_probe(p), <, 0, "64 channels");
	log = xt_log_end();
	CHECK(strstr(log, "channels=64") != NULL && strstr(log, "at most 4") != NULL,
	      "the log does not say the limit");
	channels(w->peer, 4);
	w->nb_queues = 4;
}

/* Fewer channels than the peer has Tx queues: a veth runs generic XDP, and the log says why. */
static void
channels_generic(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(2);
	struct xt_port *p = xt_port(w);
	const char *log, *found;
	struct xt_link l;

	w->nb_queues = 1;
	p->args = "channels=1";
	p->nb_rxq = p->nb_txq = 1;
	CHECK_OK(xt_port_probe(p), "probe");
	CHECK_OK(xt_port_setup(p), "set-up");
	xt_log_begin();
	CHECK_OK(xt_port_start(p), "start");
	log = xt_log_end();
	CHECK_OK(xt_link_get(w->dev, &l), "link");
	CHECK_INT(l.xdp_attached, ==, XDP_ATTACHED_SKB, "kind of XDP attachment");
	found = strstr(log, "generic XDP now");
	CHECK(found != NULL && strstr(found, "as many Rx queues as the peer has Tx queues") != NULL,
	      "the log does not say why it is generic: \"%s\"", log);
	CHECK(strstr(found + 1, "generic XDP now") == NULL, "it is said twice: \"%s\"", log);
	xt_traffic(p, w);
	xt_port_down(p);
	w->nb_queues = 2;
}

static int
fake_one_channel(void *arg)
{
	struct ethtool_channels *ch = arg;

	if (ch->cmd != ETHTOOL_GCHANNELS)
		return 1;
	ch->rx_count = ch->tx_count = 1;
	return 0;
}

/* A NIC whose driver takes queues away when a program comes. */
static void
channels_lost(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(2);
	struct xt_port *p = xt_port(w);

	CHECK_OK(xt_port_probe(p), "probe");
	CHECK_OK(xt_port_setup(p), "set-up");
	xt_fake_ethtool = fake_one_channel;
	xt_log_begin();
	CHECK_INT(xt_port_start(p), ==, -ENOSPC, "start with one channel left of two");
	CHECK(strstr(xt_log_end(), "has 1 Rx and 1 Tx queues") != NULL, "the log does not say it");
	xt_fake_ethtool = NULL;
	CHECK_OK(xt_port_start(p), "start");
	xt_traffic(p, w);
}

const struct xt_case func_rss_cases[] = {
	{"rss_none", "no RSS is advertised where there is none", rss_none, NULL, 0, 0},
	{"rss_conf", "hash types and key: read, set, put back", rss_conf, NULL, 0, 0},
	{"rss_reta", "the indirection table: read, set in part, put back", rss_reta, NULL, 0, 0},
	{"rss_narrow", "the table names the port's queues only, when it should", rss_narrow, NULL, 0,
	 60},
	{"rss_narrow_again", "configured with more and fewer Rx queues, the table follows", rss_narrow_again,
	 NULL, 0, 0},
	{"rss_bound_refused", "rss=bound fails where the interface has no table", rss_bound_refused,
	 NULL, 0, 0},
	{"rss_warns", "packets that stay with the kernel, unasked, are warned of", rss_warns, NULL, 0,
	 60},
	{"channels_lost", "queues that go when the program comes are noticed", channels_lost, NULL,
	 0, 0},
	{"channels_generic", "fewer queues than the veth peer: generic XDP, and why", channels_generic, NULL,
	 0, 0},
	{"channels", "channels= is set at probe and put back", channels_devarg, NULL, 0, 0},
	{0},
};
