/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* EAL and the ports of a case. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <rte_mempool.h>

#include "harness.h"

#define MAX_PORTS 64
#define PATIENCE 5.0 /* seconds without progress that end a wait */

static struct xt_port ports[MAX_PORTS];
static unsigned int nb_ports;
static bool eal_done;
static FILE *log_stream;
static char *log_text;
static size_t log_len;

const char *
xt_driver(void)
{
	const char *name = getenv("XSKT_DRIVER");

	return name != NULL ? name : "net_xskpmd";
}

bool
xt_is_rival(void)
{
	return strcmp(xt_driver(), "net_af_xdp") == 0;
}

static int
add_args(char **argv, int argc, const char *const args[])
{
	for (; args != NULL && *args != NULL; args++)
		argv[argc++] = strdup(*args);
	return argc;
}

static bool
has_arg(const char *const args[], const char *arg)
{
	for (; args != NULL && *args != NULL; args++) {
		if (strcmp(*args, arg) == 0)
			return true;
	}
	return false;
}

int
xt_eal_init_with(const char *const extra[])
{
	static const char *const base[] = {"dpdk-test-xsk", "--no-pci",
		"--iova-mode=va", "--lcores=0", "--log-level=*:notice", NULL};
	static const char *const no_telemetry[] = {"--no-telemetry", NULL};
	static const char *const no_huge[] = {"--no-huge", "--no-shconf", NULL};
	static const char *const in_memory[] = {"--in-memory", NULL};
	static const char *const memory[] = {"-m", "512", NULL};
	const char *plugin = getenv("XSKT_PLUGIN");
	static char *argv[64], *kept[64] __rte_used;
	const bool shared = has_arg(extra, "--proc-type=primary"); /* with memory of the case's */
	bool huge; /* on small pages, the default pool is no memory for zero-copy */
	int argc;

	eal_done = true;
	argc = add_args(argv, 0, base);
	if (!has_arg(extra, "--telemetry"))
		argc = add_args(argv, argc, no_telemetry);
	huge = xt_is_nic() || has_arg(extra, "--in-memory") || shared;
	if (!huge)
		argc = add_args(argv, argc, no_huge);
	else if (!has_arg(extra, "--in-memory") && !shared)
		argc = add_args(argv, argc, in_memory);
	if (!huge && !has_arg(extra, "-m")) /* twice: DPDK 25.11 refuses it */
		argc = add_args(argv, argc, memory);
	if (plugin != NULL) {
		argv[argc++] = strdup("-d");
		argv[argc++] = strdup(plugin);
	}
	argc = add_args(argv, argc, extra);
	memcpy(kept, argv, sizeof(kept)); /* EAL reorders argv and forgets some: not a leak of ours */
	return rte_eal_init(argc, argv);
}

void
xt_eal_init(void)
{
	if (eal_done)
		return;
	CHECK_INT(xt_eal_init_with(NULL), >=, 0, "rte_eal_init (rte_errno %d)", rte_errno);
}

void
xt_log_begin(void)
{
	free(log_text);
	log_text = NULL;
	log_stream = open_memstream(&log_text, &log_len);
	CHECK(log_stream != NULL, "memstream: %s", strerror(errno));
	CHECK_OK(rte_openlog_stream(log_stream), "log stream");
}

const char *
xt_log_end(void)
{
	rte_openlog_stream(NULL);
	fclose(log_stream);
	fputs(log_text, stderr);
	return log_text;
}

struct xt_port *
xt_port(struct xt_wire *w)
{
	struct xt_port *p = &ports[nb_ports % MAX_PORTS];

	CHECK(!p->attached, "too many ports");
	memset(p, 0, sizeof(*p));
	snprintf(p->name, sizeof(p->name), "%s%u", xt_driver(), nb_ports++);
	p->iface = w->dev;
	p->args = "";
	if (w->nb_queues > 1) {
		static char args[XT_MAX_QUEUES + 1][32];

		snprintf(args[w->nb_queues], sizeof(args[0]), ",queue_count=%u", w->nb_queues);
		p->args = args[w->nb_queues];
	}
	p->nb_rxq = w->nb_queues;
	p->nb_txq = w->nb_queues;
	p->nb_rxd = 512;
	p->nb_txd = 512;
	return p;
}

struct xt_port *
xt_port_on(struct xt_wire *w, unsigned int queue)
{
	static char args[XT_MAX_QUEUES][48];
	struct xt_port *p = xt_port(w);

	snprintf(args[queue], sizeof(args[0]), "start_queue=%u,queue_count=1", queue);
	p->args = args[queue];
	p->nb_rxq = p->nb_txq = 1;
	return p;
}

/* XSKT_ARGS, unless the case has chosen by itself. */
static const char *
further_args(const struct xt_port *p)
{
	const char *further = getenv("XSKT_ARGS");
	static char args[256];
	size_t key;

	if (further == NULL || further[0] == '\0')
		return "";
	snprintf(args, sizeof(args), ",%s", further);
	key = strcspn(further, "=");
	return memmem(p->args, strlen(p->args), further, key) == NULL ? args : "";
}

int
xt_port_probe(struct xt_port *p)
{
	char args[1024];
	int ret;

	snprintf(args, sizeof(args), "iface=%s%s%s%s", p->iface,
		 p->args[0] != '\0' && p->args[0] != ',' ? "," : "", p->args, further_args(p));
	ret = rte_eal_hotplug_add("vdev", p->name, args);
	if (ret != 0)
		return ret;
	p->attached = true;
	return rte_eth_dev_get_port_by_name(p->name, &p->id);
}

int
xt_port_setup(struct xt_port *p)
{
	struct rte_mempool *mp;
	uint16_t q;
	int ret;

	if (p->pool == NULL)
		p->pool = p->made = xt_pool_default(RTE_MAX(p->nb_rxq, p->nb_txq));
	ret = rte_eth_dev_configure(p->id, p->nb_rxq, p->nb_txq, &p->conf);
	for (q = 0; ret == 0 && q < p->nb_rxq; q++) {
		mp = p->qpool[q] != NULL ? p->qpool[q] : p->pool;
		ret = rte_eth_rx_queue_setup(p->id, q, p->nb_rxd, SOCKET_ID_ANY, NULL, mp);
	}
	for (q = 0; ret == 0 && q < p->nb_txq; q++)
		ret = rte_eth_tx_queue_setup(p->id, q, p->nb_txd, SOCKET_ID_ANY, NULL);
	xt_state_see_bpf();
	return ret;
}

int
xt_port_start(struct xt_port *p)
{
	int ret = rte_eth_dev_start(p->id);

	p->started = ret == 0;
	xt_state_see_bpf();
	xt_wires_settle();
	return ret;
}

int
xt_port_stop(struct xt_port *p)
{
	int ret = rte_eth_dev_stop(p->id);

	p->started = false;
	xt_wires_settle();
	return ret;
}

int
xt_port_detach(struct xt_port *p)
{
	int ret = rte_eal_hotplug_remove("vdev", p->name);

	p->attached = false;
	xt_wires_settle();
	return ret;
}

void
xt_port_up(struct xt_port *p)
{
	CHECK_OK(xt_port_probe(p), "probe of %s", p->name);
	CHECK_OK(xt_port_setup(p), "set-up of %s", p->name);
	CHECK_OK(xt_port_start(p), "start of %s", p->name);
}

void
xt_port_needs_scatter(const struct xt_port *p)
{
	struct rte_eth_dev_info info;

	CHECK_OK(rte_eth_dev_info_get(p->id, &info), "info");
	if (!(info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER))
		SKIP("Rx offload SCATTER (Linux 6.6)");
}

void
xt_port_down(struct xt_port *p)
{
	if (p->started)
		CHECK_OK(xt_port_stop(p), "stop of %s", p->name);
	if (p->attached)
		CHECK_OK(xt_port_detach(p), "detach of %s", p->name);
	/* one that is not full is kept for the check of all pools */
	if (p->made != NULL && rte_mempool_full(p->made)) {
		xt_pool_forget(p->made);
		rte_mempool_free(p->made);
		p->pool = p->made = NULL;
	}
}

void
xt_ports_down(void)
{
	unsigned int i;

	for (i = 0; i < RTE_MIN(nb_ports, (unsigned int)MAX_PORTS); i++)
		xt_port_down(&ports[i]);
}

void
xt_ports_poke(void)
{
	struct rte_eth_burst_mode mode;
	unsigned int i;
	uint16_t q;

	for (i = 0; i < RTE_MIN(nb_ports, (unsigned int)MAX_PORTS); i++) {
		if (!ports[i].started || rte_eth_tx_burst_mode_get(ports[i].id, 0, &mode) != 0 ||
		    strstr(mode.info, "zero-copy") != NULL)
			continue;
		for (q = 0; q < ports[i].nb_txq; q++)
			rte_eth_tx_done_cleanup(ports[i].id, q, 0);
	}
}

void
xt_start_again(void)
{
	struct xt_wire *w;
	struct xt_port *p;
	unsigned int i;

	if (xt_is_rival())
		xt_sleep_ms(200); /* it does not wait out EBUSY; show its other defects too */
	for (i = 0; (w = xt_wire(i)) != NULL; i++) {
		xt_wire_mtu(w, RTE_ETHER_MTU);
		p = xt_port(w);
		xt_port_up(p);
		xt_peer_flush(w);
		xt_traffic(p, w);
	}
	xt_ports_down();
}

unsigned int
xt_rx(struct xt_port *p, uint16_t q, struct rte_mbuf **m, unsigned int n)
{
	double end = xt_now() + PATIENCE * xt_patience();
	unsigned int got = 0;
	uint16_t now;

	do {
		now = rte_eth_rx_burst(p->id, q, m + got, RTE_MIN(n - got, 64u));
		got += now;
		if (now > 0)
			end = xt_now() + PATIENCE * xt_patience();
	} while (got < n && xt_now() < end);
	return got;
}

void
xt_mbuf_check(const struct xt_port *p, const struct rte_mbuf *m, uint32_t seq, unsigned int len)
{
	static uint8_t flat[XT_MAX_FRAME];
	const uint8_t *data;
	const char *reason;
	int bad;

	CHECK(xt_is_len(m->pkt_len, len), "pkt_len of frame %u: %u, expected %u", seq, m->pkt_len,
	      len);
	CHECK_INT(m->port, ==, p->id, "port of the mbuf of frame %u", seq);
	CHECK_INT(m->ol_flags, ==, 0, "ol_flags of frame %u", seq);
	CHECK_INT(rte_mbuf_refcnt_read(m), ==, 1, "refcnt of the mbuf of frame %u", seq);
	CHECK_INT(m->data_off, >=, RTE_PKTMBUF_HEADROOM, "data_off of frame %u", seq);
	if (m->nb_segs == 1) {
		CHECK_INT(m->data_len, ==, m->pkt_len, "data_len of frame %u", seq);
		CHECK_INT(m->data_off + m->data_len, <=, m->buf_len, "end of frame %u", seq);
		CHECK(m->next == NULL, "next of the mbuf of frame %u is set", seq);
	}
	CHECK_OK(rte_mbuf_check(m, 1, &reason), "mbuf of frame %u: %s", seq, reason);
	data = rte_pktmbuf_read(m, 0, len, flat);
	CHECK(data != NULL, "frame %u of %u bytes cannot be read", seq, len);
	bad = xt_frame_diff(data, len, seq);
	CHECK(bad < 0, "frame %u of %u bytes: byte %d is wrong in the mbuf", seq, len, bad);
}

void
xt_rx_expect(struct xt_port *p, uint16_t q, uint32_t seq, unsigned int len)
{
	struct rte_mbuf *m;

	CHECK_INT(xt_rx(p, q, &m, 1), ==, 1, "frames on rx queue %u, waiting for %u of %u bytes", q,
		  seq, len);
	xt_mbuf_check(p, m, seq, len);
	rte_pktmbuf_free(m);
}

void
xt_rx_expect_none(struct xt_port *p, unsigned int ms)
{
	double end = xt_now() + ms / 1000.;
	struct rte_mbuf *m;
	uint16_t q;

	do {
		for (q = 0; q < p->nb_rxq; q++)
			CHECK_INT(rte_eth_rx_burst(p->id, q, &m, 1), ==, 0,
				  "unexpected frame on rx queue %u", q);
	} while (xt_now() < end);
}

void
xt_rx_flush(struct xt_port *p, unsigned int ms)
{
	double end = xt_now() + ms / 1000.;
	struct rte_mbuf *m[64];
	uint16_t q, n;

	do {
		for (q = 0; q < p->nb_rxq; q++) {
			n = rte_eth_rx_burst(p->id, q, m, RTE_DIM(m));
			rte_pktmbuf_free_bulk(m, n);
			if (n > 0)
				end = xt_now() + ms / 1000.;
		}
	} while (xt_now() < end);
}

unsigned int
xt_tx(struct xt_port *p, uint16_t q, struct rte_mbuf **m, unsigned int n)
{
	double end = xt_now() + PATIENCE * xt_patience();
	unsigned int sent = 0;
	uint16_t now;

	do {
		now = rte_eth_tx_burst(p->id, q, m + sent, n - sent);
		sent += now;
		if (now > 0)
			end = xt_now() + PATIENCE * xt_patience();
	} while (sent < n && xt_now() < end);
	return sent;
}

void
xt_tx_one(struct xt_port *p, uint16_t q, struct rte_mbuf *m)
{
	CHECK_INT(xt_tx(p, q, &m, 1), ==, 1, "packets taken by tx queue %u", q);
}

void
xt_traffic(struct xt_port *p, struct xt_wire *w)
{
	static uint32_t seq = 1000000;
	uint16_t q;

	xt_wires_settle();
	for (q = 0; q < p->nb_rxq; q++) {
		xt_peer_send(w, q, ++seq, 100);
		xt_rx_expect(p, q, seq, 100);
	}
	for (q = 0; q < p->nb_txq; q++) {
		xt_tx_one(p, q, xt_mbuf(p->pool, ++seq, 100));
		xt_peer_expect(w, q, seq, 100);
	}
}

bool
xt_poll_until(struct xt_port *p, bool (*cond)(void *arg), void *arg)
{
	double end = xt_now() + PATIENCE * xt_patience();
	struct rte_mbuf *m[32];
	uint16_t q;

	do {
		if (cond != NULL && cond(arg))
			return true;
		for (q = 0; q < p->nb_rxq; q++)
			rte_pktmbuf_free_bulk(m, rte_eth_rx_burst(p->id, q, m, RTE_DIM(m)));
		for (q = 0; q < p->nb_txq; q++)
			rte_eth_tx_done_cleanup(p->id, q, 0);
	} while (xt_now() < end);
	return false;
}

struct rte_eth_stats
xt_stats(const struct xt_port *p)
{
	struct rte_eth_stats s;

	CHECK_OK(rte_eth_stats_get(p->id, &s), "stats of %s", p->name);
	return s;
}

uint64_t
xt_xstat(const struct xt_port *p, const char *name)
{
	uint64_t id, value;

	CHECK_OK(rte_eth_xstats_get_id_by_name(p->id, name, &id), "id of %s", name);
	CHECK_INT(rte_eth_xstats_get_by_id(p->id, &id, &value, 1), ==, 1, "value of %s", name);
	return value;
}

struct eth_queue_stats
xt_queue_stats(const struct xt_port *p)
{
	struct eth_queue_stats queues = {0};
	struct rte_eth_stats s = {0};

	CHECK_OK(XSKPMD_STATS_CALL(&rte_eth_devices[p->id], &s, &queues), "queues' stats of %s",
		 p->name);
	return queues;
}
