/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* Further MAC addresses, multicast lists and VLAN filters. */

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/sockios.h>

#include <bpf/bpf.h>
#include <rte_ether.h>

#include "suites.h"

/* Linux 6.6: enum bpf_attach_type */
#define XT_TCX_EGRESS 47

static const struct rte_ether_addr mac_a = {{2, 0, 0, 0, 0xaa, 1}}, mac_b = {{2, 0, 0, 0, 0xaa, 2}};
static const struct rte_ether_addr mc_a = {{1, 0, 0x5e, 0, 0xaa, 1}},
	mc_b = {{1, 0, 0x5e, 0, 0xaa, 2}}, mc_c = {{1, 0, 0x5e, 0, 0xaa, 3}};

/* Whether the device has been given an address: its unicast and multicast lists. */
static bool
device_has(const char *dev, const struct rte_ether_addr *a)
{
	char command[128];

	snprintf(command, sizeof(command),
		 "bridge fdb show dev %s | grep -qi '^%02x:%02x:%02x:%02x:%02x:%02x '", dev,
		 RTE_ETHER_ADDR_BYTES(a));
	return system(command) == 0;
}

#define HAS(a) CHECK(device_has(w->dev, &(a)), "line %d: the device does not have " #a, __LINE__)
#define HAS_NOT(a) CHECK(!device_has(w->dev, &(a)), "line %d: the device has " #a, __LINE__)

static struct rte_ether_addr *
addr(const struct rte_ether_addr *a)
{
	static struct rte_ether_addr copy;

	copy = *a;
	return &copy;
}

static void
mac_add(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	struct rte_eth_dev_info info;
	struct rte_ether_addr m = mac_a;
	unsigned int i;

	CHECK_OK(xt_port_probe(p), "probe");
	CHECK_OK(rte_eth_dev_info_get(p->id, &info), "info");
	CHECK_INT(info.max_mac_addrs, >=, 2, "max_mac_addrs");
	CHECK_OK(xt_port_setup(p), "set-up");
	CHECK_OK(rte_eth_dev_mac_addr_add(p->id, addr(&mac_a), 0), "add before start");
	CHECK_OK(xt_port_start(p), "start");
	HAS(mac_a);
	CHECK_OK(rte_eth_dev_mac_addr_add(p->id, addr(&mac_b), 0), "add");
	CHECK_OK(rte_eth_dev_mac_addr_add(p->id, addr(&mac_b), 0), "add again");
	HAS(mac_b);
	xt_traffic(p, w);
	CHECK_OK(xt_port_stop(p), "stop");
	CHECK_OK(xt_port_start(p), "start");
	HAS(mac_a);
	HAS(mac_b);
	CHECK_OK(rte_eth_dev_mac_addr_remove(p->id, addr(&mac_b)), "remove");
	HAS_NOT(mac_b);
	HAS(mac_a);
	CHECK_INT(rte_eth_dev_mac_addr_add(p->id, addr(&mc_a), 0), <, 0, "add of a multicast address");
	xt_note("as many as there may be, and one more");
	for (i = 2; i < info.max_mac_addrs; i++) {
		m.addr_bytes[4] = i;
		CHECK_OK(rte_eth_dev_mac_addr_add(p->id, &m, 0), "address %u", i);
	}
	HAS(m);
	CHECK_INT(rte_eth_dev_mac_addr_add(p->id, addr(&mac_b), 0), ==, -ENOSPC, "one too many");
	xt_port_down(p);
	HAS_NOT(mac_a);
	HAS_NOT(m);
}

static void
mc_list(const void *arg __rte_unused)
{
	struct rte_ether_addr ab[] = {mc_a, mc_b}, bc[] = {mc_b, mc_c}, bad[] = {mc_a, mac_a};
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);

	xt_port_up(p);
	CHECK_OK(rte_eth_dev_set_mc_addr_list(p->id, ab, 2), "set");
	HAS(mc_a);
	HAS(mc_b);
	CHECK_OK(rte_eth_dev_set_mc_addr_list(p->id, bc, 2), "set another");
	HAS_NOT(mc_a);
	HAS(mc_b);
	HAS(mc_c);
	CHECK_INT(rte_eth_dev_set_mc_addr_list(p->id, bad, 2), ==, -EINVAL, "a unicast address");
	HAS_NOT(mc_a);
	HAS(mc_b);
	CHECK_OK(rte_eth_dev_set_mc_addr_list(p->id, NULL, 0), "clear");
	HAS_NOT(mc_b);
	HAS_NOT(mc_c);
	CHECK_OK(rte_eth_dev_set_mc_addr_list(p->id, ab, 2), "set");
	CHECK_OK(xt_port_stop(p), "stop");
	CHECK_OK(xt_port_start(p), "start");
	HAS(mc_a);
	xt_port_down(p);
	HAS_NOT(mc_a);
	HAS_NOT(mc_b);
}

/* A frame of a VLAN, or without one if tci is negative. */
static void
send_tagged(struct xt_wire *w, unsigned int queue, uint16_t type, int tci)
{
	uint8_t f[64] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};

	if (tci >= 0) {
		f[12] = type >> 8;
		f[13] = type & 0xff;
		f[14] = tci >> 8;
		f[15] = tci & 0xff;
		f[16] = XT_ETHERTYPE >> 8;
		f[17] = XT_ETHERTYPE & 0xff;
	} else {
		f[12] = XT_ETHERTYPE >> 8;
		f[13] = XT_ETHERTYPE & 0xff;
	}
	CHECK(xt_peer_try_send(w, queue, f, sizeof(f)), "send: %s", strerror(errno));
}

/* Whether a frame arrives: one more without a tag shows that it is not only late. */
static bool
passes(struct xt_port *p, struct xt_wire *w, unsigned int queue, uint16_t type, int tci)
{
	struct rte_mbuf *m[2];
	unsigned int n;
	uint16_t got;

	send_tagged(w, queue, type, tci);
	send_tagged(w, queue, 0, -1);
	n = xt_rx(p, queue, m, 1);
	CHECK_INT(n, ==, 1, "frames without a tag");
	got = rte_be_to_cpu_16(rte_pktmbuf_mtod(m[0], struct rte_ether_hdr *)->ether_type);
	rte_pktmbuf_free(m[0]);
	if (got == XT_ETHERTYPE && tci >= 0)
		return false;
	CHECK_INT(xt_rx(p, queue, m, 1), ==, 1, "frames without a tag");
	rte_pktmbuf_free(m[0]);
	return true;
}

#define PASSES(vid) CHECK(passes(p, w, 0, 0x8100, vid), "line %d: VID %d is dropped", __LINE__, vid)
#define DROPPED(vid) CHECK(!passes(p, w, 0, 0x8100, vid), "line %d: VID %d passes", __LINE__, vid)

/* The tap hands frames over as they are; so does a veth from a packet socket. */
static void
vlan_filter(const void *arg)
{
	struct xt_wire *w = strcmp(arg, "tap") == 0 ? xt_tap(1) : xt_veth(1);
	struct xt_port *p = xt_port(w);
	struct rte_eth_dev_info info;

	if (strcmp(arg, "generic") == 0)
		p->args = "mode=skb";
	p->conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_VLAN_FILTER;
	CHECK_OK(xt_port_probe(p), "probe");
	CHECK_OK(rte_eth_dev_info_get(p->id, &info), "info");
	CHECK(info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_VLAN_FILTER, "not in the capabilities");
	CHECK_OK(xt_port_setup(p), "set-up");
	CHECK_OK(rte_eth_dev_vlan_filter(p->id, 100, 1), "VID 100 before start");
	CHECK_OK(xt_port_start(p), "start");
	if (xt_is_nic()) /* whose own filter knows the kernel's VLANs only, and addresses */
		CHECK_OK(rte_eth_promiscuous_enable(p->id), "promiscuous");
	PASSES(100);
	PASSES(0);         /* no VLAN */
	PASSES(0xe000);    /* VID 0, priority 7 */
	PASSES(0xe064);    /* VID 100, priority 7 */
	DROPPED(101);
	DROPPED(4095);
	CHECK(!passes(p, w, 0, 0x88a8, 101), "service VID 101 passes");
	CHECK(passes(p, w, 0, 0x88a8, 100), "service VID 100 is dropped");
	xt_note("VIDs come and go");
	CHECK_OK(rte_eth_dev_vlan_filter(p->id, 4094, 1), "VID 4094");
	PASSES(4094);
	CHECK_OK(rte_eth_dev_vlan_filter(p->id, 100, 0), "VID 100 off");
	DROPPED(100);
	xt_note("stop, start");
	CHECK_OK(xt_port_stop(p), "stop");
	CHECK_OK(xt_port_start(p), "start");
	PASSES(4094);
	DROPPED(100);
	xt_note("off and on at run time");
	CHECK_OK(rte_eth_dev_set_vlan_offload(p->id, 0), "offload off");
	PASSES(100);
	CHECK_OK(rte_eth_dev_set_vlan_offload(p->id, RTE_ETH_VLAN_FILTER_OFFLOAD), "offload on");
	DROPPED(100);
	PASSES(4094);
	xt_traffic(p, w);
}

/* Two ports on one interface: each has a filter of its own, or none; what a stopped port leaves
 * to the kernel is not filtered.
 */
static void
vlan_two_ports(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(2);
	struct xt_port *p = xt_port_on(w, 0), *q = xt_port_on(w, 1);
	int raw = xt_packet_socket(w->dev);
	struct rte_mbuf *m;
	uint8_t buf[256];

	p->conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_VLAN_FILTER;
	xt_port_up(p);
	xt_port_up(q);
	DROPPED(5);
	send_tagged(w, 1, 0x8100, 5);
	CHECK_INT(xt_rx(q, 0, &m, 1), ==, 1, "frames on the port without a filter");
	rte_pktmbuf_free(m);
	CHECK_OK(xt_port_stop(p), "stop");
	send_tagged(w, 0, 0x8100, 5);
	CHECK_INT(xt_fd_recv(raw, buf, sizeof(buf), 1000), ==, 60,
		  "length of what the kernel gets of the stopped port, its tag taken off");
}

/* The flags that are ethtool's oldest: VLAN offloads among them. */
static uint32_t
ethtool_flags(const char *ifname, uint32_t off)
{
	struct ethtool_value v = {.cmd = ETHTOOL_GFLAGS};
	struct ifreq ifr = {.ifr_data = (void *)&v};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname);
	CHECK_OK(ioctl(fd, SIOCETHTOOL, &ifr), "flags of %s", ifname);
	if (off != 0) {
		v.cmd = ETHTOOL_SFLAGS;
		v.data &= ~off;
		CHECK_OK(ioctl(fd, SIOCETHTOOL, &ifr), "flags of %s", ifname);
	}
	close(fd);
	return v.data;
}

#define RXVLAN(w) (ethtool_flags((w)->dev, 0) & ETH_FLAG_RXVLAN)

/* The NIC's own handling of VLAN tags is off while a port filters, of all that share it. */
static void
vlan_nic(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(2);
	struct xt_port *p = xt_port_on(w, 0), *q = xt_port_on(w, 1);

	CHECK(RXVLAN(w), "a veth has no rx-vlan-offload");
	xt_port_up(p);
	CHECK(RXVLAN(w), "rx-vlan-offload is off without a filter");
	CHECK_OK(xt_port_stop(p), "stop");
	p->conf.rxmode.offloads = q->conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_VLAN_FILTER;
	CHECK_OK(xt_port_setup(p), "set-up");
	CHECK_OK(xt_port_start(p), "start");
	CHECK(!RXVLAN(w), "rx-vlan-offload is on beside a filter");
	xt_port_up(q);
	xt_port_down(p);
	CHECK(!RXVLAN(w), "rx-vlan-offload is on beside the filter of another port");
	xt_port_down(q);
	CHECK(RXVLAN(w), "rx-vlan-offload is off after close");
	ethtool_flags(w->dev, ETH_FLAG_RXVLAN);
	p = xt_port(w);
	p->conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_VLAN_FILTER;
	xt_port_up(p);
	xt_port_down(p);
	CHECK(!RXVLAN(w), "rx-vlan-offload is on after close, but was off");
}

/* A start that fails behind it gives it back, too. */
static void
vlan_nic_failed(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(2);
	struct xt_port *p = xt_port(w);

	p->args = "rss=bound"; /* which a veth does not have */
	p->nb_rxq = p->nb_txq = 1;
	p->conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_VLAN_FILTER;
	CHECK_OK(xt_port_probe(p), "probe");
	CHECK_OK(xt_port_setup(p), "set-up");
	CHECK_INT(xt_port_start(p), <, 0, "start with rss=bound");
	CHECK(RXVLAN(w), "rx-vlan-offload is off after the failure");
}

static int
fake_fixed_rxvlan(void *arg)
{
	struct ethtool_value *v = arg;

	if (v->cmd == ETHTOOL_GFLAGS)
		v->data = ETH_FLAG_RXVLAN;
	return v->cmd == ETHTOOL_GFLAGS ? 0 : v->cmd == ETHTOOL_SFLAGS ? -EINVAL : 1;
}

/* A NIC that will not leave the tags: a warning. */
static void
vlan_nic_fixed(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	const char *log;

	xt_fake_ethtool = fake_fixed_rxvlan;
	p->conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_VLAN_FILTER;
	xt_log_begin();
	xt_port_up(p);
	log = xt_log_end();
	CHECK(strstr(log, "rxvlan off") != NULL, "no warning: \"%s\"", log);
	xt_traffic(p, w);
	xt_port_down(p);
	xt_fake_ethtool = NULL;
}

/* As a VLAN interface on the peer does: tags beside the packet, not in it. */
static void
tag_what_leaves(const char *ifname, uint16_t tci)
{
	struct bpf_insn insns[] = {
		{.code = 0xb7, .dst_reg = 2, .imm = htons(0x8100)},
		{.code = 0xb7, .dst_reg = 3, .imm = tci},
		{.code = 0x85, .imm = BPF_FUNC_skb_vlan_push},
		{.code = 0xb7, .dst_reg = 0, .imm = 0}, /* go on */
		{.code = 0x95},
	};
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = XT_TCX_EGRESS);
	int fd = bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "tag", "GPL", insns, RTE_DIM(insns), &opts);

	CHECK(fd >= 0, "bpf_prog_load: %s", strerror(errno));
	xt_state_own_fd(fd);
	fd = bpf_link_create(fd, if_nametoindex(ifname), XT_TCX_EGRESS, NULL);
	if (fd < 0)
		SKIP("tcx: %s (Linux 6.6)", strerror(errno));
	xt_state_own_fd(fd);
}

/* What a kernel's VLAN interface on the peer sends through a veth: XDP sees no tag, and the port
 * gets none; with the peer's tx-vlan-offload off it does.
 */
static void
vlan_beside(const void *arg)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	struct rte_mbuf *m;

	p->args = arg;
	p->conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_VLAN_FILTER;
	CHECK_OK(xt_port_probe(p), "probe");
	CHECK_OK(xt_port_setup(p), "set-up");
	CHECK_OK(rte_eth_dev_vlan_filter(p->id, 100, 1), "VID 100");
	CHECK_OK(xt_port_start(p), "start");
	tag_what_leaves(w->peer, 101);
	send_tagged(w, 0, 0, -1);
	CHECK_INT(xt_rx(p, 0, &m, 1), ==, 1, "frames with a tag beside them");
	CHECK_INT(rte_pktmbuf_mtod(m, struct rte_ether_hdr *)->ether_type, ==,
		  rte_cpu_to_be_16(XT_ETHERTYPE), "EtherType");
	rte_pktmbuf_free(m);
	ethtool_flags(w->peer, ETH_FLAG_TXVLAN);
	send_tagged(w, 0, 0, -1);
	xt_rx_expect_none(p, 20);
	CHECK_OK(rte_eth_dev_vlan_filter(p->id, 101, 1), "VID 101");
	send_tagged(w, 0, 0, -1);
	CHECK_INT(xt_rx(p, 0, &m, 1), ==, 1, "frames of VID 101");
	CHECK_INT(rte_pktmbuf_mtod(m, struct rte_ether_hdr *)->ether_type, ==,
		  rte_cpu_to_be_16(0x8100), "EtherType");
	rte_pktmbuf_free(m);
}

/* A program of the user's own has no filter: not advertised. */
static void
vlan_custom(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(1);
	struct xt_port *p = xt_port(w);
	struct rte_eth_dev_info info;
	static char args[512];
	char self[400];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	CHECK(len > 0, "/proc/self/exe: %s", strerror(errno));
	self[len] = '\0';
	*strrchr(self, '/') = '\0';
	snprintf(args, sizeof(args), "xdp_prog=%s/custom_one.bpf.o", self);
	p->args = args;
	xt_port_up(p);
	CHECK_OK(rte_eth_dev_info_get(p->id, &info), "info");
	CHECK_INT(info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_VLAN_FILTER, ==, 0, "VLAN_FILTER");
	CHECK_INT(rte_eth_dev_set_vlan_offload(p->id, RTE_ETH_VLAN_FILTER_OFFLOAD), <, 0,
		  "set_vlan_offload");
}

/* Has all that a port can have of an interface, and is killed. */
static void
victim(void *arg)
{
	struct xt_wire *w = arg;
	struct rte_ether_addr list[] = {mc_a, mc_b};
	struct xt_port *p;

	xt_eal_init();
	p = xt_port(w);
	p->conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_VLAN_FILTER;
	xt_port_up(p);
	CHECK_OK(rte_eth_dev_mac_addr_add(p->id, addr(&mac_a), 0), "MAC");
	CHECK_OK(rte_eth_dev_set_mc_addr_list(p->id, list, 2), "multicast");
	CHECK_OK(rte_eth_dev_vlan_filter(p->id, 7, 1), "VLAN");
	CHECK_OK(rte_eth_promiscuous_enable(p->id), "promiscuous");
	HAS(mac_a);
	HAS(mc_a);
	raise(SIGKILL);
}

static void
kill9_addresses(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	double start = xt_now();
	struct xt_link l;
	int status;
	pid_t pid;

	pid = xt_fork(victim, w);
	CHECK_INT(waitpid(pid, &status, 0), ==, pid, "waitpid");
	if (WIFEXITED(status))
		_exit(WEXITSTATUS(status)); /* it has said why */
	start = xt_now();
	while (xt_link_get(w->dev, &l) == 0 && (l.promiscuity != 0 || l.xdp_prog_id != 0) &&
	       xt_now() - start < 2 * xt_patience())
		xt_sleep_ms(1);
	CHECK_INT(l.promiscuity, ==, 0, "promiscuity");
	CHECK_INT(l.xdp_prog_id, ==, 0, "XDP program");
	HAS_NOT(mac_a);
	HAS_NOT(mc_a);
	HAS_NOT(mc_b);
	xt_eal_init();
	xt_state_begin();
	start = xt_now();
	xt_start_again();
	CHECK(xt_now() - start < 2 * xt_patience(), "the new start took %.3f s", xt_now() - start);
}

const struct xt_case func_addr_cases[] = {
	{"mac_add", "further MAC addresses reach the device, and leave it", mac_add, NULL, 0, 0},
	{"mc_list", "the multicast list reaches the device, and leaves it", mc_list, NULL, 0, 0},
	{"vlan_filter", "VIDs that are not selected are dropped", vlan_filter, "veth", 0, 0},
	{"vlan_filter_generic", "the same with mode=skb", vlan_filter, "generic", 0, 0},
	{"vlan_filter_tap", "the same on a tap", vlan_filter, "tap", 0, 0},
	{"vlan_filter_two_ports", "a filter is the port's, not the interface's", vlan_two_ports, NULL,
	 0, 0},
	{"vlan_nic", "rx-vlan-offload is off while a port filters", vlan_nic, NULL, 0, 0},
	{"vlan_nic_failed", "and on again when start fails", vlan_nic_failed, NULL, 0, 0},
	{"vlan_nic_fixed", "a warning where that cannot be", vlan_nic_fixed, NULL, 0, 0},
	{"vlan_beside", "tags beside the packet, from a veth's peer", vlan_beside, "", XT_NO_AGAIN, 0},
	{"vlan_beside_generic", "the same with mode=skb", vlan_beside, "mode=skb", XT_NO_AGAIN, 0},
	{"vlan_filter_custom", "none with xdp_prog=", vlan_custom, NULL, 0, 0},
	{"kill9_addresses", "SIGKILL: addresses are gone, too", kill9_addresses, NULL, XT_NO_EAL, 0},
	{0},
};
