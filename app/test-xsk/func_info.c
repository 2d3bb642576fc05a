/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* What the kernel says about an interface, and what the port makes of it. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/ethtool.h>

#include "suites.h"
#include "xskpmd_compat.h"
#include "xskpmd_genl.h"

/* What the driver of the interface can do, from the family netdev. */
static void
netdev_features(const void *arg __rte_unused)
{
	struct xt_wire *veth = xt_veth(1), *tap = xt_tap(1);
	struct xskpmd_xdp_features f;
	struct xskpmd_netdev nd;
	int ret;

	xt_netdev_open(&nd, veth->dev);
	ret = xskpmd_netdev_xdp_features(&nd, &f);
	if (ret == -EOPNOTSUPP)
		SKIP("generic netlink family netdev (Linux 6.3)");
	CHECK_OK(ret, "features of a veth");
	CHECK(f.xdp & NETDEV_XDP_ACT_BASIC, "a veth has no native XDP: %#lx", (long)f.xdp);
	CHECK(f.xdp & NETDEV_XDP_ACT_REDIRECT, "a veth does not redirect: %#lx", (long)f.xdp);
	CHECK(!(f.xdp & NETDEV_XDP_ACT_XSK_ZEROCOPY), "a veth does zero-copy: %#lx", (long)f.xdp);
	xskpmd_netdev_close(&nd);

	xt_netdev_open(&nd, tap->dev);
	CHECK_OK(xskpmd_netdev_xdp_features(&nd, &f), "features of a tap");
	CHECK(f.xdp & NETDEV_XDP_ACT_BASIC, "a tap has no native XDP: %#lx", (long)f.xdp);
	xskpmd_netdev_close(&nd);

	xt_netdev_open(&nd, "lo");
	CHECK_OK(xskpmd_netdev_xdp_features(&nd, &f), "features of lo");
	CHECK_INT(f.xdp, ==, 0, "XDP features of lo");
	nd.ifindex = 9999;
	CHECK_INT(xskpmd_netdev_xdp_features(&nd, &f), ==, -ENODEV, "features of none");
	xskpmd_netdev_close(&nd);
}

/* A veth has one NAPI instance per receive queue while it has a program; settings stick. */
static void
napi_settings(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(2);
	struct xt_port *p = xt_port(w);
	struct xskpmd_napi napis[4], now;
	struct xskpmd_netdev nd;
	uint32_t id;
	int n;

	xt_netdev_open(&nd, w->dev);
	n = xskpmd_napi_list(&nd, napis, RTE_DIM(napis));
	if (n == -EOPNOTSUPP)
		SKIP("netdev napi-get (Linux 6.8)");
	CHECK_INT(n, ==, 0, "NAPI instances of a veth without a program");
	xt_port_up(p);
	CHECK_INT(xskpmd_napi_list(&nd, napis, RTE_DIM(napis)), ==, 2, "NAPI instances");
	CHECK_INT(xskpmd_napi_list(&nd, napis, 1), ==, 1, "NAPI instances, of one that fits");
	CHECK_INT(napis[0].ifindex, ==, nd.ifindex, "interface of the NAPI instance");
	CHECK_OK(xskpmd_napi_get(&nd, napis[0].id, &now), "napi-get");
	CHECK_INT(now.id, ==, napis[0].id, "id of the NAPI instance");
	/* veth does not tie its queues to its instances; a NIC does */
	CHECK_INT(xskpmd_netdev_queue_napi(&nd, 0, false, &id), ==, -ENOENT, "NAPI of a veth's queue");
	CHECK_INT(xskpmd_netdev_queue_napi(&nd, 7, false, &id), <, 0, "NAPI of a queue there is not");
	if (!now.has_settings)
		SKIP("netdev napi-set (Linux 6.13)");
	now.defer_hard_irqs = 3;
	now.gro_flush_timeout = 5000000000;
	now.irq_suspend_timeout = 70000;
	CHECK_OK(xskpmd_napi_set(&nd, &now), "napi-set");
	memset(&now, 0, sizeof(now));
	CHECK_OK(xskpmd_napi_get(&nd, napis[0].id, &now), "napi-get");
	CHECK_INT(now.defer_hard_irqs, ==, 3, "defer_hard_irqs");
	CHECK_INT(now.gro_flush_timeout, ==, 5000000000, "gro_flush_timeout");
	CHECK_INT(now.irq_suspend_timeout, ==, 70000, "irq_suspend_timeout");
	now.defer_hard_irqs = 0;
	now.gro_flush_timeout = 0;
	CHECK_OK(xskpmd_napi_set(&nd, &now), "napi-set");
	CHECK_INT(xskpmd_napi_get(&nd, 0xfffffff0, &now), ==, -ENOENT, "a NAPI there is not");
	xskpmd_netdev_close(&nd);
}

/* ------------------------------------------------------------- passed on from ethtool */

/* A NIC with everything, as far as ethtool can tell. */
static struct {
	struct ethtool_pauseparam pause;
	uint32_t fec;
	unsigned int blinks;
} nic;

#define FAKE_BYTES 64

static void
fake_bytes(uint8_t *data, uint32_t offset, uint32_t len)
{
	uint32_t i;

	for (i = 0; i < len; i++)
		data[i] = 0x40 + offset + i;
}

static int
fake_link_settings(struct ethtool_link_settings *ls)
{
	uint32_t *supported = (uint32_t *)(ls + 1);

	if (ls->link_mode_masks_nwords != 4) {
		ls->link_mode_masks_nwords = -4;
		return 0;
	}
	ls->speed = 25000;
	ls->duplex = DUPLEX_FULL;
	memset(supported, 0, 3 * 4 * sizeof(uint32_t));
	supported[ETHTOOL_LINK_MODE_FEC_RS_BIT / 32] |= 1u << ETHTOOL_LINK_MODE_FEC_RS_BIT % 32;
	supported[ETHTOOL_LINK_MODE_FEC_NONE_BIT / 32] |= 1u << ETHTOOL_LINK_MODE_FEC_NONE_BIT % 32;
	return 0;
}

static int
fake_nic(void *arg)
{
	union {
		uint32_t cmd;
		struct ethtool_drvinfo drv;
		struct ethtool_regs regs;
		struct ethtool_eeprom eeprom;
		struct ethtool_modinfo module;
		struct ethtool_pauseparam pause;
		struct ethtool_fecparam fec;
		struct ethtool_link_settings link;
	} *c = arg;

	switch (c->cmd) {
	case ETHTOOL_GDRVINFO:
		strcpy(c->drv.driver, "fakenic");
		strcpy(c->drv.version, "6.18");
		strcpy(c->drv.fw_version, "3.25, 0x80");
		c->drv.regdump_len = FAKE_BYTES;
		c->drv.eedump_len = 2 * FAKE_BYTES;
		return 0;
	case ETHTOOL_GREGS:
		c->regs.version = 7;
		fake_bytes(c->regs.data, 0, c->regs.len);
		return 0;
	case ETHTOOL_GEEPROM:
	case ETHTOOL_GMODULEEEPROM:
		c->eeprom.magic = 0x1521;
		fake_bytes(c->eeprom.data, c->eeprom.offset, c->eeprom.len);
		return 0;
	case ETHTOOL_GMODULEINFO:
		c->module.type = ETH_MODULE_SFF_8472;
		c->module.eeprom_len = ETH_MODULE_SFF_8472_LEN;
		return 0;
	case ETHTOOL_GPAUSEPARAM:
		c->pause = nic.pause;
		return 0;
	case ETHTOOL_SPAUSEPARAM:
		nic.pause = c->pause;
		return 0;
	case ETHTOOL_GFECPARAM:
		c->fec.fec = nic.fec;
		c->fec.active_fec = ETHTOOL_FEC_RS;
		return 0;
	case ETHTOOL_SFECPARAM:
		nic.fec = c->fec.fec;
		return 0;
	case ETHTOOL_GLINKSETTINGS:
		return fake_link_settings(&c->link);
	case ETHTOOL_PHYS_ID:
		nic.blinks++;
		usleep(20000);
		return 0;
	default:
		return 1;
	}
}

static void
check_bytes(const uint8_t *data, uint32_t offset, uint32_t len, const char *what)
{
	uint32_t i;

	for (i = 0; i < len; i++)
		CHECK_INT(data[i], ==, (uint8_t)(0x40 + offset + i), "byte %u of %s", i, what);
}

static void
fw_version(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	char text[128];
	int ret;

	CHECK_OK(xt_port_probe(p), "probe");
	CHECK_OK(rte_eth_dev_fw_version_get(p->id, text, sizeof(text)), "of a veth");
	CHECK(strncmp(text, "veth ", 5) == 0, "of a veth: %s", text);
	ret = rte_eth_dev_fw_version_get(p->id, text, 4);
	CHECK_INT(ret, >, 4, "room that is needed");
	CHECK_OK(rte_eth_dev_fw_version_get(p->id, text, ret), "with the room that is needed");
	xt_fake_ethtool = fake_nic;
	CHECK_OK(rte_eth_dev_fw_version_get(p->id, text, sizeof(text)), "of a NIC");
	CHECK(strcmp(text, "fakenic 6.18, firmware 3.25, 0x80") == 0, "of a NIC: %s", text);
	xt_fake_ethtool = NULL;
}

static void
dumps(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	uint8_t data[256] = {0};
	struct rte_dev_reg_info regs = {0};
	struct rte_dev_eeprom_info e = {.data = data, .offset = 8, .length = 16};
	struct rte_eth_dev_module_info module;

	CHECK_OK(xt_port_probe(p), "probe");
	CHECK_INT(rte_eth_dev_get_reg_info(p->id, &regs), ==, -ENOTSUP, "registers of a veth");
	CHECK_INT(rte_eth_dev_get_eeprom_length(p->id), ==, -ENOTSUP, "EEPROM of a veth");
	CHECK_INT(rte_eth_dev_get_eeprom(p->id, &e), ==, -ENOTSUP, "EEPROM of a veth");
	CHECK_INT(rte_eth_dev_get_module_info(p->id, &module), ==, -ENOTSUP, "module of a veth");
	CHECK_INT(rte_eth_dev_get_module_eeprom(p->id, &e), ==, -ENOTSUP, "module of a veth");

	xt_fake_ethtool = fake_nic;
	CHECK_OK(rte_eth_dev_get_reg_info(p->id, &regs), "size of the registers");
	CHECK_INT(regs.length * regs.width, ==, FAKE_BYTES, "size of the registers");
	regs.data = data;
	CHECK_OK(rte_eth_dev_get_reg_info(p->id, &regs), "registers");
	CHECK_INT(regs.version, ==, 7, "version of the registers");
	check_bytes(data, 0, FAKE_BYTES, "the registers");
	CHECK_INT(rte_eth_dev_get_eeprom_length(p->id), ==, 2 * FAKE_BYTES, "size of the EEPROM");
	CHECK_OK(rte_eth_dev_get_eeprom(p->id, &e), "EEPROM");
	CHECK_INT(e.magic, ==, 0x1521, "magic of the EEPROM");
	check_bytes(data, 8, 16, "the EEPROM");
	CHECK_OK(rte_eth_dev_get_module_info(p->id, &module), "module");
	CHECK_INT(module.type, ==, RTE_ETH_MODULE_SFF_8472, "type of the module");
	CHECK_INT(module.eeprom_len, ==, RTE_ETH_MODULE_SFF_8472_LEN, "size of its EEPROM");
	e.offset = 16;
	CHECK_OK(rte_eth_dev_get_module_eeprom(p->id, &e), "EEPROM of the module");
	check_bytes(data, 16, 16, "the module's EEPROM");
	xt_fake_ethtool = NULL;
}

/* Pause frames and FEC: read, set, as they were after close. */
static void
flow_ctrl_and_fec(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	struct rte_eth_fc_conf fc = {0};
	struct rte_eth_fec_capa capa;
	uint32_t fec;

	CHECK_OK(xt_port_probe(p), "probe");
	CHECK_INT(rte_eth_dev_flow_ctrl_get(p->id, &fc), ==, -ENOTSUP, "pause of a veth");
	CHECK_INT(rte_eth_fec_get(p->id, &fec), ==, -ENOTSUP, "FEC of a veth");
	CHECK_INT(rte_eth_fec_get_capability(p->id, &capa, 1), ==, -ENOTSUP, "FEC of a veth");

	nic.pause = (struct ethtool_pauseparam){.autoneg = 1, .rx_pause = 1};
	nic.fec = ETHTOOL_FEC_AUTO;
	xt_fake_ethtool = fake_nic;
	CHECK_OK(rte_eth_dev_flow_ctrl_get(p->id, &fc), "pause");
	CHECK_INT(fc.mode, ==, RTE_ETH_FC_RX_PAUSE, "mode");
	CHECK_INT(fc.autoneg, ==, 1, "autoneg");
	fc.mode = RTE_ETH_FC_FULL;
	CHECK_OK(rte_eth_dev_flow_ctrl_set(p->id, &fc), "set pause");
	CHECK(nic.pause.rx_pause && nic.pause.tx_pause, "pause is not set both ways");
	fc.high_water = 10;
	CHECK_INT(rte_eth_dev_flow_ctrl_set(p->id, &fc), ==, -ENOTSUP, "a water mark");

	CHECK_OK(rte_eth_fec_get(p->id, &fec), "FEC");
	CHECK_INT(fec, ==, RTE_ETH_FEC_MODE_CAPA_MASK(RS), "FEC in use");
	CHECK_INT(rte_eth_fec_get_capability(p->id, &capa, 1), ==, 1, "FEC capabilities");
	CHECK_INT(capa.speed, ==, 25000, "speed");
	CHECK_INT(capa.capa, ==, RTE_ETH_FEC_MODE_CAPA_MASK(RS) | RTE_ETH_FEC_MODE_CAPA_MASK(AUTO) |
		  RTE_ETH_FEC_MODE_CAPA_MASK(NOFEC), "FEC capabilities");
	CHECK_OK(rte_eth_fec_set(p->id, RTE_ETH_FEC_MODE_CAPA_MASK(NOFEC)), "set FEC");
	CHECK_INT(nic.fec, ==, ETHTOOL_FEC_OFF, "FEC that is set");

	xt_port_down(p);
	CHECK_INT(nic.fec, ==, ETHTOOL_FEC_AUTO, "FEC after close");
	CHECK(nic.pause.rx_pause && !nic.pause.tx_pause, "pause is not as it was");
	xt_fake_ethtool = NULL;
}

static void
led(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	unsigned int before;

	CHECK_OK(xt_port_probe(p), "probe");
	CHECK_INT(rte_eth_led_on(p->id), ==, -ENOTSUP, "LED of a veth");
	CHECK_OK(rte_eth_led_off(p->id), "LED of a veth, off");
	xt_fake_ethtool = fake_nic;
	CHECK_OK(rte_eth_led_on(p->id), "on");
	CHECK_OK(rte_eth_led_on(p->id), "on again");
	xt_sleep_ms(100);
	CHECK_INT(nic.blinks, >=, 3, "seconds that it blinks");
	CHECK_OK(rte_eth_led_off(p->id), "off");
	before = nic.blinks;
	xt_sleep_ms(60);
	CHECK_INT(nic.blinks, ==, before, "seconds that it blinks");
	CHECK_OK(rte_eth_led_on(p->id), "on");
	xt_port_down(p); /* which turns it off */
	before = nic.blinks;
	xt_sleep_ms(60);
	CHECK_INT(nic.blinks, ==, before, "seconds that it blinks after close");
	xt_fake_ethtool = NULL;
}

/* No type is parsed unless that was asked for, so none is promised. */
static void
ptypes_none(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	uint32_t types[8];

	CHECK_OK(xt_port_probe(p), "probe");
	CHECK_INT(rte_eth_dev_get_supported_ptypes(p->id, RTE_PTYPE_ALL_MASK, types, 8), ==, 0,
		  "packet types");
}

/* Ethernet, type 0, and what follows the addresses. */
static const struct typed {
	const char *what;
	uint32_t type;
	uint8_t bytes[32];
} typed[] = {
	{"IPv4 UDP", RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4 | RTE_PTYPE_L4_UDP,
	 {0x08, 0x00, 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17}},
	{"IPv4 TCP, options", RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4_EXT | RTE_PTYPE_L4_TCP,
	 {0x08, 0x00, 0x46, 0, 0, 64, 0, 0, 0, 0, 64, 6}},
	{"IPv4, a fragment", RTE_PTYPE_L2_ETHER | RTE_PTYPE_L3_IPV4 | RTE_PTYPE_L4_FRAG,
	 {0x08, 0x00, 0x45, 0, 0, 28, 0, 0, 0x20, 0, 64, 17}},
	{"IPv4 SCTP, VLAN", RTE_PTYPE_L2_ETHER_VLAN | RTE_PTYPE_L3_IPV4 | RTE_PTYPE_L4_SCTP,
	 {0x81, 0x00, 0, 7, 0x08, 0x00, 0x45, 0, 0, 28, 0, 0, 0, 0, 64, 132}},
	{"IPv6 UDP, QinQ", RTE_PTYPE_L2_ETHER_QINQ | RTE_PTYPE_L3_IPV6 | RTE_PTYPE_L4_UDP,
	 {0x88, 0xa8, 0, 7, 0x81, 0x00, 0, 8, 0x86, 0xdd, 0x60, 0, 0, 0, 0, 20, 17}},
	{"ours", RTE_PTYPE_L2_ETHER, {0x88, 0xb5}},
};

static void
expect_types(struct xt_port *p, struct xt_wire *w, uint32_t layers)
{
	uint8_t frame[100] = {0x02, 0, 0, 0, 0, 1, 0x02, 0, 0, 0, 0, 2};
	struct rte_mbuf *m;
	unsigned int i;

	for (i = 0; i < RTE_DIM(typed); i++) {
		memcpy(frame + 12, typed[i].bytes, sizeof(typed[i].bytes));
		CHECK(xt_peer_try_send(w, 0, frame, sizeof(frame)), "send");
		CHECK_INT(xt_rx(p, 0, &m, 1), ==, 1, "%s: received", typed[i].what);
		CHECK_INT(m->packet_type, ==, typed[i].type & layers, "type of %s", typed[i].what);
		rte_pktmbuf_free(m);
	}
}

/* ptypes=1: all that is listed is found; less when the application wants less, also while the
 * port runs.
 */
static void
ptypes(const void *arg)
{
	static const uint32_t masks[] = {RTE_PTYPE_L2_MASK, RTE_PTYPE_L3_MASK,
		RTE_PTYPE_L4_MASK, RTE_PTYPE_L2_MASK | RTE_PTYPE_L4_MASK, 0,
		RTE_PTYPE_L2_MASK | RTE_PTYPE_L3_MASK | RTE_PTYPE_L4_MASK};
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	struct rte_eth_burst_mode mode;
	uint32_t types[32], set[32];
	unsigned int i, k;
	int n;

	p->args = "ptypes=1";
	p->conf.rxmode.offloads = arg != NULL ? RTE_ETH_RX_OFFLOAD_SCATTER : 0;
	CHECK_OK(xt_port_probe(p), "probe");
	if (arg != NULL)
		xt_port_needs_scatter(p);
	CHECK_OK(xt_port_setup(p), "set-up");
	CHECK_OK(xt_port_start(p), "start");
	n = rte_eth_dev_get_supported_ptypes(p->id, RTE_PTYPE_ALL_MASK, types, RTE_DIM(types));
	CHECK_INT(n, ==, 11, "packet types");
	for (i = 0; i < RTE_DIM(typed); i++)
		for (k = RTE_PTYPE_L2_MASK; k <= RTE_PTYPE_L4_MASK; k <<= 4) {
			int j = 0;

			while (j < n && (typed[i].type & k) != 0 && types[j] != (typed[i].type & k))
				j++;
			CHECK(j < n, "type of %s is not listed", typed[i].what);
		}
	CHECK_OK(rte_eth_rx_burst_mode_get(p->id, 0, &mode), "burst mode");
	CHECK(strstr(mode.info, "packet types") != NULL, "burst mode: %s", mode.info);
	expect_types(p, w, RTE_PTYPE_ALL_MASK);
	for (i = 0; i < RTE_DIM(masks); i++) {
		CHECK_OK(rte_eth_dev_set_ptypes(p->id, masks[i], set, RTE_DIM(set)), "set_ptypes");
		expect_types(p, w, masks[i]);
	}
	CHECK_OK(rte_eth_dev_set_ptypes(p->id, RTE_PTYPE_L2_MASK, NULL, 0), "set_ptypes");
	CHECK_OK(xt_port_stop(p), "stop");
	CHECK_OK(xt_port_setup(p), "set-up"); /* new queues, the same wish */
	CHECK_OK(xt_port_start(p), "start");
	expect_types(p, w, RTE_PTYPE_L2_MASK);
	xt_traffic(p, w);
}

static void
priv_dump(const void *arg __rte_unused)
{
	static const char *const lines[] = {"iface: xt", "asked:", "zero_copy: off", "program:",
		"mode: native", "queue 0:", "queue 1:", "granted:", "fill_used: ", "chunk_bytes: ",
		"numa_node: ", "napi:", "rx_ring_full: 0"};
	struct xt_wire *w = xt_veth(2);
	struct xt_port *p = xt_port(w);
	char *text = NULL;
	size_t len, i;
	FILE *f;

	p->args = ",queue_count=2,zero_copy=off";
	CHECK_OK(xt_port_probe(p), "probe");
	f = fopen("/dev/null", "w");
	CHECK_OK(rte_eth_dev_priv_dump(p->id, f), "dump of a port without queues");
	fclose(f);
	CHECK_OK(xt_port_setup(p), "set-up");
	CHECK_OK(xt_port_start(p), "start");
	f = open_memstream(&text, &len);
	CHECK_OK(rte_eth_dev_priv_dump(p->id, f), "dump");
	fclose(f);
	for (i = 0; i < RTE_DIM(lines); i++)
		CHECK(strstr(text, lines[i]) != NULL, "the dump lacks \"%s\"", lines[i]);
	if (xt_verbose)
		fputs(text, stderr);
	free(text);
}

const struct xt_case func_info_cases[] = {
	{"fw_version", "driver and firmware", fw_version, NULL, 0, 0},
	{"dumps", "registers, EEPROM and module: passed on, or ENOTSUP", dumps, NULL, 0, 0},
	{"flow_ctrl_and_fec", "pause frames and FEC: passed on, restored, or ENOTSUP",
	 flow_ctrl_and_fec, NULL, 0, 0},
	{"led", "the LED blinks until it is off, or ENOTSUP", led, NULL, 0, 0},
	{"ptypes_none", "no packet types are promised", ptypes_none, NULL, 0, 0},
	{"ptypes", "ptypes=1: types of packets, in the layers that are wanted", ptypes, NULL, 0, 0},
	{"ptypes_sg", "the same with SCATTER", ptypes, "sg", 0, 0},
	{"priv_dump", "asked, granted, rings as text", priv_dump, NULL, 0, 0},
	{"netdev_features", "XDP features of veth, tap and lo by generic netlink", netdev_features,
	 NULL, 0, 0},
	{"napi_settings", "NAPI instances and their settings by generic netlink", napi_settings,
	 NULL, 0, 0},
	{0},
};
