/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* What only a real NIC shows; and what of the functional suite is not about NICs. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <linux/ethtool.h>

#include <rte_interrupts.h>
#include <rte_thash.h>

#include "suites.h"
#include "xskpmd_compat.h"
#include "xskpmd_genl.h"

const char *const func_nic_without[] = {
	/* taps, properties of a veth, two wires */
	"*_tap", "*_tap_*", "pool_for_ports", "parallel_setup_B39", "custom_restart_B31", "channels*",
	"generic_fallback", "netdev_features", "napi_settings", "xstats_eth", "vlan_beside*",
	"tx_out_of_order", "rx_keep_all_B43", "features_match", "link_speed*",
	/* a NIC that is not there answers */
	"rss_*", "vlan_nic*", "fw_version", "dumps", "flow_ctrl_and_fec", "led",
	/* texts, rights, failures on the way */
	"devargs_bad*", "devargs_start*", "devargs_force*", "devargs_mode_*", "no_rights", "fault_*",
	/* what a veth answers; frames of several buffers; a start that fails without RSS; minutes of link changes */
	"info", "telemetry", "mtu_too_big_B18", "sharer_without_sg", "failed_start_program", "link_close_under_events",
	/* packets over the MTU, which a NIC sends */
	"tx_mixed_burst", "tx_over_mtu",
	/* the interface is deleted, or moves; two processes with an interface each */
	"removed_*", "interface_deleted*", "netns_*", "queue_busy_process",
	/* a case steers packets to queues */
	"mp_*", "refcnt_orders",
	NULL,
};

/* ---- what was granted -------------------------------------------------------------------- */

static bool
has_zero_copy(const struct xt_wire *w)
{
	struct xskpmd_xdp_features f = {0};
	struct xskpmd_netdev nd;
	int ret;

	xt_netdev_open(&nd, w->dev);
	ret = xskpmd_netdev_xdp_features(&nd, &f);
	xskpmd_netdev_close(&nd);
	return ret == 0 && f.xdp & NETDEV_XDP_ACT_XSK_ZEROCOPY;
}

static void
expect_modes(const struct xt_port *p, const char *mode)
{
	struct rte_eth_burst_mode rx, tx;

	CHECK_OK(rte_eth_rx_burst_mode_get(p->id, 0, &rx), "rx_burst_mode_get");
	CHECK_OK(rte_eth_tx_burst_mode_get(p->id, 0, &tx), "tx_burst_mode_get");
	CHECK(strstr(rx.info, mode) != NULL, "Rx burst mode is \"%s\"", rx.info);
	CHECK(strstr(tx.info, mode) != NULL, "Tx burst mode is \"%s\"", tx.info);
}

static void
zero_copy(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	unsigned int i;

	if (!has_zero_copy(w))
		SKIP("zero-copy in the driver of the NIC");
	for (i = 0; i < 4; i++) {
		xt_note("round %u", i);
		p = xt_port(w);
		p->args = i % 2 == 0 ? "zero_copy=on" : "zero_copy=off";
		xt_port_up(p);
		expect_modes(p, i % 2 == 0 ? ", zero-copy" : ", copy");
		xt_traffic(p, w);
		xt_port_down(p);
	}
}

/* Without a word of the user's: as the driver of the NIC can. */
static void
granted(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	const char *args = getenv("XSKT_ARGS");
	struct rte_eth_burst_mode mode;

	xt_port_up(p);
	CHECK_OK(rte_eth_rx_burst_mode_get(p->id, 0, &mode), "rx_burst_mode_get");
	printf("granted: %s\n", mode.info);
	fflush(stdout);
	if (args == NULL || args[0] == '\0')
		expect_modes(p, has_zero_copy(w) ? ", zero-copy" : ", copy");
	xt_traffic(p, w);
}

/* A queue that only transmits takes nothing from the kernel. */
static void
tx_only(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	int fd = xt_packet_socket(w->dev), i;
	struct rte_mempool *pool;
	uint8_t buf[2048];

	p->nb_rxq = 0;
	xt_port_up(p);
	pool = xt_pool(256, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE);
	for (i = 0; i < 100; i++) {
		xt_peer_send(w, 0, i, 100);
		CHECK_INT(xt_fd_recv(fd, buf, sizeof(buf), 5000), ==, 100, "frame %d in the kernel", i);
		xt_tx_one(p, 0, xt_mbuf(pool, i, 100));
		xt_peer_expect(w, 0, i, 100);
	}
}

/* Where Rx has a NAPI that can be set, it is busy polled, also after a set-up at run time; then it is as
 * it was before.
 */
static void
busy_poll(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	struct xskpmd_napi before, during, after;
	struct xskpmd_netdev nd;
	uint32_t id;

	if (!has_zero_copy(w))
		SKIP("zero-copy");
	xt_netdev_open(&nd, w->dev);
	CHECK_OK(xskpmd_netdev_queue_napi(&nd, 0, false, &id), "NAPI of queue 0");
	CHECK_OK(xskpmd_napi_get(&nd, id, &before), "napi-get");
	if (!before.has_settings)
		SKIP("netdev napi-set (Linux 6.13)");
	xt_port_up(p);
	xt_traffic(p, w);
	CHECK_INT(xt_xstat(p, "rx_q0_busy_poll"), ==, 1, "busy polling");
	CHECK_OK(rte_eth_dev_rx_queue_stop(p->id, 0), "Rx queue stop");
	CHECK_OK(rte_eth_dev_tx_queue_stop(p->id, 0), "Tx queue stop");
	CHECK_OK(rte_eth_tx_queue_setup(p->id, 0, 256, SOCKET_ID_ANY, NULL), "Tx queue set-up at run time");
	CHECK_OK(rte_eth_dev_rx_queue_start(p->id, 0), "Rx queue start");
	CHECK_OK(rte_eth_dev_tx_queue_start(p->id, 0), "Tx queue start");
	CHECK_INT(xt_xstat(p, "rx_q0_busy_poll"), ==, 1, "busy polling after a set-up at run time");
	xt_traffic(p, w);
	CHECK_OK(xskpmd_netdev_queue_napi(&nd, 0, false, &id), "NAPI of queue 0");
	CHECK_OK(xskpmd_napi_get(&nd, id, &during), "napi-get");
	CHECK(during.defer_hard_irqs > 0 && during.gro_flush_timeout > 0, "its interrupt is not deferred");
	CHECK_OK(xt_port_stop(p), "stop");
	CHECK_OK(xskpmd_netdev_queue_napi(&nd, 0, false, &id), "NAPI of queue 0");
	CHECK_OK(xskpmd_napi_get(&nd, id, &after), "napi-get");
	xskpmd_netdev_close(&nd);
	CHECK_INT(after.defer_hard_irqs, ==, before.defer_hard_irqs, "defer-hard-irqs put back");
	CHECK_INT(after.gro_flush_timeout, ==, before.gro_flush_timeout, "gro-flush-timeout put back");
	CHECK_OK(xt_port_start(p), "start");
	CHECK_INT(xt_xstat(p, "rx_q0_busy_poll"), ==, 1, "busy polling after a second start");
	xt_traffic(p, w);
}

/* Generic XDP and zero-copy do not go together, whoever chose the former. */
static void
generic(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);

	p->args = "mode=skb";
	xt_port_up(p);
	expect_modes(p, "generic, copy");
	xt_traffic(p, w);
	CHECK_OK(xt_port_stop(p), "stop");
	CHECK_OK(xt_port_start(p), "start");
	xt_traffic(p, w);
	xt_port_down(p);

	p = xt_port(w);
	p->args = "mode=skb,zero_copy=on";
	CHECK_OK(xt_port_probe(p), "probe");
	xt_log_begin();
	CHECK_INT(xt_port_setup(p), <, 0, "set-up with zero_copy=on and mode=skb");
	CHECK(strstr(xt_log_end(), "zero_copy=on") != NULL, "the log does not say zero_copy=on");
}

/* A buffer of a NIC may be less than the chunk: a frame comes whole, or the port copies. */
static void
chunk_sizes(const void *arg __rte_unused)
{
	static const uint16_t rooms[] = {1861, 1920, 2048, 2175, 2176, 2560, 3200};
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p;
	unsigned int i, len;

	for (i = 0; i < RTE_DIM(rooms); i++) {
		xt_note("data room of %u B", rooms[i]);
		p = xt_port(w);
		p->pool = xt_pool(4096, 64, 0, rooms[i]);
		xt_port_up(p);
		for (len = 60; len <= 1514; len += 1 + len % 64) {
			xt_peer_send(w, 0, len, len);
			xt_rx_expect(p, 0, len, len);
		}
		xt_peer_send(w, 0, 1514, 1514);
		xt_rx_expect(p, 0, 1514, 1514);
		xt_rx_expect_none(p, 20);
		xt_port_down(p);
	}
}

/* Of a buffer, igb uses whole KiB: a running port's MTU grows to that and no further, elsewhere to
 * all that the buffer receives. It starts above 1500, so that igb has chosen its large pages before
 * the program comes, and only the driver's own limit is left to judge.
 */
static void
running_mtu(const void *arg __rte_unused)
{
	const unsigned int room = 2560, at_start = 1900;
	struct xt_wire *w = xt_veth(1);
	const unsigned int used = strcmp(xt_nic_driver(w->dev), "igb") == 0 ? 2048 : room;
	const uint16_t largest = used - RTE_ETHER_HDR_LEN - RTE_VLAN_HLEN;
	struct xt_port *p = xt_port(w);
	char needs[32], receives[32];
	const char *log;
	uint16_t mtu;
	int ret;

	if (!has_zero_copy(w))
		SKIP("zero-copy in the driver of the NIC");
	xt_wire_mtu(w, at_start);
	xt_link_set_mtu(w->peer, room);
	xt_state_add_link(w->peer);
	p->args = "zero_copy=on";
	p->pool = xt_pool(4096, 64, 0, room + RTE_PKTMBUF_HEADROOM);
	xt_port_up(p);
	expect_modes(p, ", zero-copy");

	xt_note("an MTU of %u, which does not fit", largest + 1);
	xt_log_begin();
	ret = rte_eth_dev_set_mtu(p->id, largest + 1);
	log = xt_log_end();
	CHECK_INT(ret, ==, -EINVAL, "set_mtu of %u", largest + 1);
	snprintf(needs, sizeof(needs), "needs %u B", used + 1);
	snprintf(receives, sizeof(receives), "receives %u B", used);
	CHECK(strstr(log, needs) != NULL && strstr(log, receives) != NULL,
	      "the log does not say that it %s and %s: \"%s\"", needs, receives, log);
	CHECK_OK(rte_eth_dev_get_mtu(p->id, &mtu), "get_mtu");
	CHECK_INT(mtu, ==, at_start, "MTU after a refusal");
	xt_peer_send(w, 0, 1, at_start + RTE_ETHER_HDR_LEN);
	xt_rx_expect(p, 0, 1, at_start + RTE_ETHER_HDR_LEN);

	xt_note("an MTU of %u, which fits", largest);
	CHECK_OK(rte_eth_dev_set_mtu(p->id, largest), "set_mtu of %u", largest);
	xt_wire_wait_up(w); /* igb is reset */
	expect_modes(p, ", zero-copy");
	xt_peer_send(w, 0, 2, largest + RTE_ETHER_HDR_LEN);
	xt_rx_expect(p, 0, 2, largest + RTE_ETHER_HDR_LEN);
	xt_peer_send(w, 0, 3, used); /* the room for a tag is used without one */
	xt_rx_expect(p, 0, 3, used);
	xt_tx_one(p, 0, xt_mbuf(p->pool, 4, largest + RTE_ETHER_HDR_LEN));
	xt_peer_expect(w, 0, 4, largest + RTE_ETHER_HDR_LEN);
	xt_rx_expect_none(p, 20);
}

/* A NIC that takes tags off stops that while a port filters by them, whatever else changes with it. */
static void
rxvlan(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	const uint32_t found = xt_nic_flags(w->dev);
	const char *log;

	if (!(found & ETH_FLAG_RXVLAN))
		SKIP("tags taken off by the NIC");
	p->conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_VLAN_FILTER;
	xt_log_begin();
	xt_port_up(p);
	log = xt_log_end();
	if (xt_nic_flags(w->dev) & ETH_FLAG_RXVLAN)
		CHECK(strstr(log, "cannot be turned off") != NULL, "tags are taken off, without a word");
	else
		CHECK(strstr(log, "cannot be turned off") == NULL, "the log says that tags are taken off");
	xt_traffic(p, w);
	xt_port_down(p);
	CHECK_INT(xt_nic_flags(w->dev), ==, found, "flags of the NIC after close");
}

/* ---- RSS --------------------------------------------------------------------------------- */

#define FLOWS 256
#define RETA 128
#define KEY 40

static struct rte_eth_rss_reta_entry64 reta[RETA / RTE_ETH_RETA_GROUP_SIZE];
static uint8_t key[KEY];

static void
ask_rss(const struct xt_port *p)
{
	struct rte_eth_rss_conf conf = {.rss_key = key, .rss_key_len = KEY};
	struct rte_eth_dev_info info;

	CHECK_OK(rte_eth_dev_info_get(p->id, &info), "info");
	if (info.reta_size != RETA || info.hash_key_size != KEY)
		SKIP("RSS with a table of %u", RETA);
	memset(reta, 0xff, sizeof(reta));
	CHECK_OK(rte_eth_dev_rss_reta_query(p->id, reta, RETA), "reta_query");
	CHECK_OK(rte_eth_dev_rss_hash_conf_get(p->id, &conf), "rss_hash_conf_get");
}

/* What the NIC does with the addresses of a frame of xt_peer_send(). */
static uint16_t
queue_of(const uint8_t *frame)
{
	uint32_t tuple[2], hash, entry;

	memcpy(tuple, frame + 26, sizeof(tuple));
	tuple[0] = rte_be_to_cpu_32(tuple[0]);
	tuple[1] = rte_be_to_cpu_32(tuple[1]);
	hash = rte_softrss(tuple, RTE_DIM(tuple), key);
	entry = hash % RETA;
	return reta[entry / RTE_ETH_RETA_GROUP_SIZE].reta[entry % RTE_ETH_RETA_GROUP_SIZE];
}

/* Each flow once, without steering: it comes on the queue that the table names. */
static void
flows(struct xt_port *p, struct xt_wire *w)
{
	unsigned int on_queue[XT_MAX_QUEUES] = {0};
	struct rte_mbuf *m;
	uint8_t frame[100];
	uint32_t seq;
	uint16_t q;

	ask_rss(p);
	for (seq = 1; seq <= FLOWS; seq++) {
		xt_frame_fill(frame, sizeof(frame), seq * 2654435761u);
		q = queue_of(frame);
		CHECK_INT(q, <, p->nb_rxq, "queue of flow %u in the table", seq);
		CHECK_INT(write(w->fd[0], frame, sizeof(frame)), ==, sizeof(frame), "send");
		CHECK_INT(xt_rx(p, q, &m, 1), ==, 1, "frames of flow %u on queue %u", seq, q);
		xt_mbuf_check(p, m, seq * 2654435761u, sizeof(frame));
		rte_pktmbuf_free(m);
		on_queue[q]++;
	}
	xt_rx_expect_none(p, 20);
	for (q = 0; q < p->nb_rxq; q++)
		CHECK_INT(on_queue[q], >, 0, "flows on queue %u", q);
	CHECK_INT(xt_stats(p).imissed, ==, 0, "imissed");
}

static void
rss(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(8);
	struct xt_port *p = xt_port(w);

	xt_port_up(p);
	flows(p, w);
	xt_port_down(p);

	xt_note("3 of 8 queues, rss=bound");
	p = xt_port(w);
	p->args = "rss=bound";
	p->nb_rxq = p->nb_txq = 3;
	xt_port_up(p);
	flows(p, w);
	CHECK_OK(xt_port_stop(p), "stop");
	CHECK_OK(xt_port_start(p), "start");
	flows(p, w);
	xt_port_down(p);

	xt_note("all again");
	p = xt_port(w);
	xt_port_up(p);
	flows(p, w);
}

/* ---- interrupts -------------------------------------------------------------------------- */

/* A packet may come before the interrupt is enabled, or after. */
static void
interrupts(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	int epfd = epoll_create1(0);
	struct rte_epoll_event ev;
	uint32_t i;

	p->conf.intr_conf.rxq = 1;
	xt_state_own_fd(epfd);
	xt_port_up(p);
	CHECK_OK(rte_eth_dev_rx_intr_ctl_q(p->id, 0, epfd, RTE_INTR_EVENT_ADD, NULL), "rx_intr_ctl_q");
	for (i = 0; i < 500; i++) {
		if (i % 2 == 0)
			xt_peer_send(w, 0, i, 100);
		CHECK_OK(rte_eth_dev_rx_intr_enable(p->id, 0), "rx_intr_enable");
		if (i % 2 == 1)
			xt_peer_send(w, 0, i, 100);
		CHECK_INT(rte_epoll_wait(epfd, &ev, 1, 2000 * xt_patience()), ==, 1,
			  "events for packet %u", i);
		CHECK_OK(rte_eth_dev_rx_intr_disable(p->id, 0), "rx_intr_disable");
		xt_rx_expect(p, 0, i, 100);
	}
	CHECK_OK(rte_eth_dev_rx_intr_ctl_q(p->id, 0, epfd, RTE_INTR_EVENT_DEL, NULL),
		 "rx_intr_ctl_q, delete");
}

/* ---- traffic ----------------------------------------------------------------------------- */

#define BURST 32

/* What the peer has got, how many of it. */
static unsigned int
peer_takes(struct xt_wire *w)
{
	unsigned int n = 0;

	while (xt_peer_recv(w, 0, 0) >= 0)
		n++;
	return n;
}

static unsigned int
send_some(struct xt_port *p, uint32_t seq)
{
	struct rte_mbuf *m[BURST];
	unsigned int i, n;

	for (i = 0; i < BURST; i++)
		m[i] = xt_mbuf(p->pool, seq + i, 200);
	n = rte_eth_tx_burst(p->id, 0, m, BURST);
	rte_pktmbuf_free_bulk(m + n, BURST - n);
	return n;
}

static unsigned int
receive_some(struct xt_port *p)
{
	struct rte_mbuf *m[BURST];
	unsigned int n = rte_eth_rx_burst(p->id, 0, m, BURST);

	rte_pktmbuf_free_bulk(m, n);
	return n;
}

/* The peer sends what the wire takes. */
static void
peer_sends(struct xt_wire *w, uint32_t seq)
{
	unsigned int i;

	for (i = 0; i < BURST; i++) {
		xt_frame_fill(w->buf, 200, seq + i);
		xt_peer_try_send(w, 0, w->buf, 200);
	}
}

enum {
	RX = 1,
	TX = 2,
	FLOOD = 4, /* the peer sends, and nobody receives */
};

/* Traffic in some directions for a while: in each it goes on. */
static void
keeps_going(struct xt_port *p, struct xt_wire *w, unsigned int what, double secs)
{
	const double end = xt_now() + secs, patience = 3 * xt_patience();
	double last_rx = xt_now(), last_tx = xt_now();
	uint32_t seq = 0;

	for (; xt_now() < end; seq += BURST) {
		if (what & TX)
			send_some(p, seq);
		if (what & (RX | FLOOD))
			peer_sends(w, seq);
		if (what & RX && receive_some(p) > 0)
			last_rx = xt_now();
		if (peer_takes(w) > 0)
			last_tx = xt_now();
		CHECK(!(what & RX) || xt_now() - last_rx < patience, "nothing received for %.1f s",
		      xt_now() - last_rx);
		CHECK(!(what & TX) || xt_now() - last_tx < patience, "nothing sent for %.1f s",
		      xt_now() - last_tx);
	}
}

/* What is on the way arrives. Then a frame passes: the first may be lost with others in the peer,
 * whose transmit queue its kernel resets when an emulated NIC has been too slow.
 */
static void
quiet(struct xt_port *p, struct xt_wire *w)
{
	const double end = xt_now() + 0.3 * xt_patience();
	unsigned int tries, got = 0;
	struct rte_mbuf *m;

	while (xt_now() < end) {
		receive_some(p);
		rte_eth_tx_done_cleanup(p->id, 0, 0);
		peer_takes(w);
	}
	for (tries = 0; tries < 3 && got == 0; tries++) {
		peer_sends(w, 0);
		got = xt_rx(p, 0, &m, 1);
	}
	CHECK_INT(got, ==, 1, "frames received in the end");
	rte_pktmbuf_free(m);
	xt_rx_flush(p, 300);
}

static void
one_way(const void *arg __rte_unused)
{
	static const struct {
		const char *name;
		unsigned int what;
	} ways[] = {
		{"Tx only", TX}, {"Rx only", RX}, {"Tx only, the peer sends", TX | FLOOD},
		{"nothing is polled, the peer sends", FLOOD}, {"both", RX | TX},
	};
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	unsigned int i;

	xt_port_up(p);
	for (i = 0; i < RTE_DIM(ways); i++) {
		xt_note("%s", ways[i].name);
		keeps_going(p, w, ways[i].what, 4);
		xt_note("after: %s", ways[i].name);
		quiet(p, w);
		xt_traffic(p, w);
	}
}

/* The link goes and comes under traffic: all goes on, no mbuf is lost. */
static void
flaps(const void *arg)
{
	const bool near = arg != NULL;
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	unsigned int i, round;

	xt_port_up(p);
	for (round = 0; round < 4; round++) {
		xt_note("round %u: down", round);
		keeps_going(p, w, RX | TX, 0.5);
		xt_end_set_up(w, near, false);
		for (i = 0; i < 200; i++) {
			send_some(p, i);
			if (!near)
				peer_sends(w, i);
			receive_some(p);
		}
		xt_note("round %u: up", round);
		xt_end_set_up(w, near, true);
		for (i = 0; i < 200; i++) {
			send_some(p, i);
			receive_some(p);
		}
		xt_wire_wait_up(w);
		xt_note("round %u: after", round);
		keeps_going(p, w, RX | TX, 0.5);
		quiet(p, w);
		xt_traffic(p, w);
	}
	CHECK_OK(xt_port_stop(p), "stop");
	xt_pools_full("after stop");
}

/* The port starts without carrier, and works once it is there. */
static void
start_without_carrier(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);

	xt_peer_set_up(w, false);
	xt_port_up(p);
	send_some(p, 0);
	receive_some(p);
	xt_peer_set_up(w, true);
	xt_wire_wait_up(w);
	quiet(p, w);
	xt_traffic(p, w);
}

const struct xt_case func_nic_cases[] = {
	{"nic_granted", "modes that the NIC's driver grants", granted, NULL, 0, 0},
	{"nic_zero_copy", "zero_copy=on and off, in turn", zero_copy, NULL, 0, 0},
	{"nic_tx_only", "a queue that only transmits takes nothing from the kernel", tx_only, NULL, 0, 0},
	{"nic_busy_poll", "busy polling of Rx, also after a set-up at run time", busy_poll, NULL, 0, 0},
	{"nic_generic", "mode=skb copies, and sends", generic, NULL, 0, 0},
	{"nic_chunk_sizes", "pools of many data rooms: frames come whole", chunk_sizes, NULL, 0, 120},
	{"nic_running_mtu", "set_mtu of a running zero-copy port: as much as buffers take", running_mtu, NULL, 0, 0},
	{"nic_rxvlan", "rx-vlan-offload is off while a port filters", rxvlan, NULL, 0, 0},
	{"nic_rss", "RSS: each flow on its queue, also of fewer queues", rss, NULL, 0, 120},
	{"nic_interrupts", "Rx interrupts: none missed", interrupts, NULL, 0, 0},
	{"nic_one_way", "one direction idle for seconds stalls nothing", one_way, NULL, 0, 120},
	{"nic_flaps_peer", "the carrier goes and comes under traffic", flaps, NULL, 0, 120},
	{"nic_flaps_own", "the interface goes down and up under traffic", flaps, "near", 0, 120},
	{"nic_no_carrier", "start without carrier", start_without_carrier, NULL, 0, 0},
	{0},
};
