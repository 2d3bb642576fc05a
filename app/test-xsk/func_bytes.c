/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* Every byte of every frame size, both ways, for each kind of mempool. */

#include <string.h>

#include "suites.h"

#define BATCH 32

enum where {
	ON_VETH,
	ON_TAP,
};

struct geometry {
	enum where where;
	struct xt_pool_form pool;
	bool may_be_refused;  /* if so, with a message that says why */
	bool mbuf_sized_mtu;  /* raise the MTU to what an mbuf holds */
};

/* A NIC is mostly an emulated one, which is slow: a quarter of the sizes, and the largest. */
static bool
left_out(unsigned int len, unsigned int step, unsigned int max)
{
	return xt_is_nic() && (len - 14) / step % 4 != 0 && len + step <= max;
}

static unsigned int
rx_sizes(struct xt_port *p, struct xt_wire *w, unsigned int max)
{
	struct rte_mbuf *m[BATCH];
	unsigned int len, i, n, all = 0;

	for (len = 14; len <= max; len += n) {
		n = RTE_MIN((unsigned int)BATCH, max + 1 - len);
		if (left_out(len, BATCH, max))
			continue;
		all += n;
		xt_note("rx of %u..%u bytes", len, len + n - 1);
		for (i = 0; i < n; i++)
			xt_peer_send(w, 0, len + i, len + i);
		CHECK_INT(xt_rx(p, 0, m, n), ==, n, "frames received");
		for (i = 0; i < n; i++)
			xt_mbuf_check(p, m[i], len + i, len + i);
		rte_pktmbuf_free_bulk(m, n);
	}
	return all;
}

static unsigned int
tx_sizes(struct xt_port *p, struct xt_wire *w, unsigned int max)
{
	struct rte_mbuf *m[BATCH];
	unsigned int len, i, n, all = 0;

	for (len = 14; len <= max; len += n) {
		n = RTE_MIN((unsigned int)BATCH, max + 1 - len);
		if (left_out(len, BATCH, max))
			continue;
		all += n;
		xt_note("tx of %u..%u bytes", len, len + n - 1);
		for (i = 0; i < n; i++)
			m[i] = xt_mbuf(p->pool, len + i, len + i);
		CHECK_INT(xt_tx(p, 0, m, n), ==, n, "packets taken");
		for (i = 0; i < n; i++)
			xt_peer_expect(w, 0, len + i, len + i);
	}
	return all;
}

static void
swap_macs(uint8_t *frame)
{
	uint8_t t[6];

	memcpy(t, frame, 6);
	memcpy(frame, frame + 6, 6);
	memcpy(frame + 6, t, 6);
}

static unsigned int
echo_sizes(struct xt_port *p, struct xt_wire *w, unsigned int max)
{
	struct rte_mbuf *m;
	unsigned int len, all = 0;
	int got, bad;

	for (len = 14; len <= max; len++) {
		if (left_out(len, 2, max))
			continue;
		all++;
		xt_note("echo of %u bytes", len);
		xt_peer_send(w, 0, len, len);
		CHECK_INT(xt_rx(p, 0, &m, 1), ==, 1, "frames received");
		swap_macs(rte_pktmbuf_mtod(m, uint8_t *));
		xt_tx_one(p, 0, m);
		got = xt_peer_recv(w, 0, 2000);
		CHECK(xt_is_len(got, len), "length of the echo: %d", got);
		swap_macs(w->buf);
		bad = xt_frame_diff(w->buf, len, len);
		CHECK(bad < 0, "byte %d of the echo is wrong", bad);
	}
	return all;
}

/* A refusal is right if the log says why, with numbers. */
static void
check_refusal(const char *log)
{
	CHECK(strpbrk(log, "0123456789") != NULL, "refused without a word why: \"%s\"", log);
	xt_note("refused, which is allowed");
}

static void
bytes(const void *arg)
{
	const struct geometry *g = arg;
	struct xt_wire *w = g->where == ON_TAP ? xt_tap(1) : xt_veth(1);
	struct xt_port *p = xt_port(w);
	unsigned int max = 1514, rx, tx, echo;
	struct rte_eth_stats s;
	uint16_t room;
	const char *log;
	int ret;

	p->pool = xt_pool_form(&g->pool);
	room = rte_pktmbuf_data_room_size(p->pool) - RTE_PKTMBUF_HEADROOM;
	if (g->mbuf_sized_mtu) {
		/* the MTU leaves room for a VLAN tag; a frame without one may use it */
		max = room;
		xt_wire_mtu(w, max - 18);
		xt_link_set_mtu(w->peer, max - 14);
		xt_state_add_link(w->peer);
		p->conf.rxmode.mtu = max - 18;
	}
	CHECK_OK(xt_port_probe(p), "probe");
	xt_log_begin();
	ret = xt_port_setup(p);
	if (ret == 0)
		ret = xt_port_start(p);
	log = xt_log_end();
	if (ret != 0 && g->may_be_refused) {
		check_refusal(log);
		return;
	}
	CHECK_OK(ret, "set-up and start");
	max = RTE_MIN(max, room);
	rx = rx_sizes(p, w, max);
	tx = tx_sizes(p, w, max);
	echo = echo_sizes(p, w, max);
	s = xt_stats(p);
	CHECK_INT(s.ipackets, ==, rx + echo, "ipackets");
	CHECK_INT(s.opackets, ==, tx + echo, "opackets");
	CHECK_INT(s.oerrors, ==, 0, "oerrors");
	CHECK_INT(s.imissed, ==, 0, "imissed");
}

/* The same on hugepages, where the machine has some to spare. */
static void
bytes_huge(const void *arg)
{
	static const char *const extra[] = {"--in-memory", "-m", "64", NULL};
	FILE *f = fopen("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "re");
	unsigned int pages = 0;

	if (f == NULL || fscanf(f, "%u", &pages) != 1 || pages < 40)
		SKIP("40 free hugepages of 2 MiB");
	fclose(f);
	CHECK_INT(xt_eal_init_with(extra), >=, 0, "rte_eal_init");
	xt_state_begin();
	bytes(arg);
}

#define POOL .n = 4096, .cache = 64
#define ROOM .data_room = RTE_MBUF_DEFAULT_BUF_SIZE

static const struct geometry
	veth = {.pool = {POOL, ROOM}},
	tap = {.where = ON_TAP, .pool = {POOL, ROOM}},
	full = {.pool = {POOL, ROOM}, .mbuf_sized_mtu = true},
	packed = {.pool = {POOL, ROOM, .packed = true}, .mbuf_sized_mtu = true},
	stride2048 = {.pool = {POOL, .stride = 2048}, .mbuf_sized_mtu = true},
	stride4096 = {.pool = {POOL, .stride = 4096}, .mbuf_sized_mtu = true},
	packed4096 = {.pool = {POOL, .stride = 4096, .packed = true}, .mbuf_sized_mtu = true},
	priv64 = {.pool = {POOL, .priv = 64, ROOM}, .mbuf_sized_mtu = true},
	priv128 = {.pool = {POOL, .priv = 128, ROOM, .packed = true}, .mbuf_sized_mtu = true},
	priv4096 = {.pool = {POOL, .priv = 128, .stride = 4096}, .mbuf_sized_mtu = true},
	cache0 = {.pool = {.n = 4096, ROOM}},
	odd = {.pool = {POOL, .data_room = 2999, .packed = true}, .mbuf_sized_mtu = true},
	odd_small = {.pool = {POOL, .data_room = 1861, .packed = true}, .may_be_refused = true},
	small = {.pool = {POOL, .data_room = 1024}, .may_be_refused = true},
	small_packed = {.pool = {POOL, .data_room = 1024, .packed = true}, .may_be_refused = true},
	jumbo = {.pool = {POOL, .data_room = 9216 + 128}, .may_be_refused = true},
	pieces = {.pool = {POOL, ROOM, .pieces = 4}, .mbuf_sized_mtu = true},
	gap = {.pool = {POOL, ROOM, .pieces = 4, .gap = 1 << 20}, .may_be_refused = true};

const struct xt_case func_bytes_cases[] = {
	{"bytes_veth", "default pool, 14..1514 bytes, veth", bytes, &veth, 0, 0},
	{"bytes_tap", "default pool, 14..1514 bytes, tap", bytes, &tap, 0, 0},
	{"bytes_full_B18", "default pool, up to all an mbuf holds", bytes, &full, 0, 0},
	{"bytes_packed", "elements across page boundaries", bytes, &packed, 0, 0},
	{"bytes_stride2048", "elements of 2048 bytes", bytes, &stride2048, 0, 0},
	{"bytes_stride4096", "elements of 4096 bytes", bytes, &stride4096, 0, 0},
	{"bytes_stride4096_packed", "elements of 4096 bytes, across pages", bytes, &packed4096, 0,
	 0},
	{"bytes_priv64_B40", "priv_size 64", bytes, &priv64, 0, 0},
	{"bytes_priv128_B40", "priv_size 128", bytes, &priv128, 0, 0},
	{"bytes_priv128_stride4096_B40", "priv_size 128, elements of 4096 bytes", bytes, &priv4096,
	 0, 0},
	{"bytes_cache0", "a pool without caches", bytes, &cache0, 0, 0},
	{"bytes_odd_room", "a data room of 2999 bytes", bytes, &odd, 0, 0},
	{"bytes_room_1861", "a data room just short of the smallest chunk", bytes, &odd_small, 0,
	 0},
	{"bytes_small_room", "mbufs below the smallest chunk: right or refused", bytes, &small, 0,
	 0},
	{"bytes_small_packed", "the same, side by side", bytes, &small_packed, 0, 0},
	{"bytes_9k_room_B19", "mbufs above the largest chunk: right or refused", bytes, &jumbo, 0,
	 0},
	{"bytes_pieces_B20", "pool memory in 4 adjacent pieces", bytes, &pieces, 0, 0},
	{"bytes_gap_B20", "pool memory with holes: right or refused", bytes, &gap, 0, 0},
	{"bytes_huge", "hugepages, default pool", bytes_huge, &full, XT_NO_EAL, 0},
	{"bytes_huge_stride4096", "hugepages, elements of 4096 bytes", bytes_huge, &stride4096,
	 XT_NO_EAL, 0},
	{"bytes_huge_priv128_B40", "hugepages, priv_size 128", bytes_huge, &priv128, XT_NO_EAL, 0},
	{0},
};
