/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* The Tx bursts against a simulated kernel (unit_sim.h checks every descriptor, byte and count). */

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include <rte_mempool.h>

#include "unit_sim.h"

static const uint16_t sizes[] = {32, 48, 64, 100, 333, 1000, 4096};
static const uint32_t starts[] = {0, UINT32_MAX, UINT32_MAX - 100, INT32_MAX - 40};

/* Packets that the driver has not yet taken, in order. */
struct pending {
	struct rte_mbuf *m[SIM_BURST];
	struct sim_pkt what[SIM_BURST];
	unsigned int n;
	uint32_t seq;
};

static void
pending_add(struct pending *p, struct rte_mbuf *m, struct sim_pkt what)
{
	what.seq = p->seq++;
	p->m[p->n] = m;
	p->what[p->n++] = what;
}

/* Fill up to n with packets of one segment; bytes of the data: mostly few. */
static void
pending_fill(struct sim *s, struct pending *p, unsigned int n)
{
	const uint32_t longest = RTE_MIN(s->umem->buf_len, s->g->chunk_size);
	struct sim_pkt what = {.as_is = true};
	struct rte_mbuf *m;
	uint32_t off;

	while (p->n < n) {
		what.len = 14 + unit_below(unit_below(16) != 0 ? 200 : longest - 13);
		off = unit_below(s->umem->buf_len - what.len + 1);
		m = sim_mbuf(s, p->seq, off, what.len);
		CHECK(m != NULL, "the test's pool is too small");
		pending_add(p, m, what);
	}
}

static uint16_t
pending_send(struct sim *s, struct pending *p, uint16_t burst)
{
	uint16_t sent = sim_tx(s, p->m, p->what, RTE_MIN(burst, p->n));

	p->n -= sent;
	memmove(p->m, p->m + sent, p->n * sizeof(p->m[0]));
	memmove(p->what, p->what + sent, p->n * sizeof(p->what[0]));
	return sent;
}

static void
pending_drop(struct sim *s, struct pending *p)
{
	while (p->n > 0)
		sim_free(s, p->m[--p->n]);
}

/* The kernel does something, or nothing. */
static void
kernel_works(struct sim *s, unsigned int some)
{
	sim_take(s, unit_below(2 * some + 2));
	sim_complete(s, unit_below(2 * some + 2), unit_rand() % 2);
}

static void
bursts(const struct sim_form *f)
{
	const unsigned int step = unit_on_valgrind() ? 37 : 1;
	struct sim_conf conf = {.sg = f->sg, .max_segs = f->max_segs, .zero_copy = f->zero_copy};
	static struct pending p;
	unsigned int i, burst;
	struct sim *s;
	uint16_t sent;

	conf.pool = unit_pool(f->pool, 4096 + 2 * SIM_BURST);
	for (i = 0; i < RTE_DIM(sizes); i++) {
		conf.tx_size = sizes[i];
		conf.start = starts[i % RTE_DIM(starts)];
		s = sim_new(&conf);
		for (burst = 1; burst <= SIM_BURST; burst += step) {
			xt_note("%s: size %u, start %u, burst %u", f->name, conf.tx_size,
				conf.start, burst);
			pending_fill(s, &p, burst);
			sent = pending_send(s, &p, burst);
			CHECK(sent == burst || s->txq.free == 0, "%u of %u taken, %u free", sent,
			      burst, s->txq.free);
			kernel_works(s, burst);
		}
		sim_check(s);
		pending_drop(s, &p);
		CHECK_INT(s->txq.stats.kicks, ==, 0, "system calls");
		CHECK_INT(s->txq.stats.copied, ==, 0, "copies");
		sim_close(s);
	}
	unit_pool_free(conf.pool);
}

/* Data at every offset, odd and even, from the shortest packet to the end of the buffer. */
static void
offsets(const struct sim_form *f)
{
	const unsigned int step = unit_on_valgrind() ? 61 : 1;
	struct sim_conf conf = {.tx_size = 256, .zero_copy = f->zero_copy,
		.start = UINT32_MAX - 1000};
	static struct pending p;
	uint32_t off, longest, len;
	struct sim *s;
	unsigned int i;

	conf.pool = unit_pool(f->pool, 300);
	s = sim_new(&conf);
	for (off = 0; off + 14 <= s->umem->buf_len; off += step) {
		xt_note("%s: data_off %u", f->name, off);
		longest = RTE_MIN(s->umem->buf_len - off, s->g->chunk_size);
		for (i = 0; i < 3; i++) {
			len = i == 0 ? 14 : i == 1 ? RTE_MIN(14 + off % 64, longest) : longest;
			pending_add(&p, sim_mbuf(s, p.seq, off, len),
				    (struct sim_pkt){.len = len, .as_is = true});
		}
		CHECK_INT(pending_send(s, &p, 3), ==, 3, "taken");
		sim_complete_all(s);
	}
	sim_close(s);
	unit_pool_free(conf.pool);
}

/* When descriptors are freed: no later than the threshold, whatever it is. */
static void
thresholds(const struct sim_form *f)
{
	static const uint16_t threshs[] = {0, 1, 2, 8, 31, 64, 1000};
	struct sim_conf conf = {.sg = f->sg, .zero_copy = f->zero_copy};
	static struct pending p;
	unsigned int i, j, n;
	struct sim *s;

	conf.pool = unit_pool(f->pool, 1000 + SIM_BURST);
	for (i = 0; i < RTE_DIM(sizes) - 1; i++) {
		for (j = 0; j < RTE_DIM(threshs); j++) {
			conf.tx_size = sizes[i];
			conf.free_thresh = threshs[j];
			xt_note("%s: size %u, free_thresh %u", f->name, sizes[i], threshs[j]);
			s = sim_new(&conf);
			for (n = 0; n < unit_less(300, 10); n++) {
				pending_fill(s, &p, 1);
				CHECK_INT(pending_send(s, &p, 1), ==, 1, "taken");
				sim_take(s, 1);
				sim_complete(s, 1, true);
				CHECK_INT(s->txq.size - s->txq.free, <=,
					  RTE_MIN(threshs[j] != 0 ? threshs[j] : 32, sizes[i] / 4),
					  "completed, but not freed");
			}
			sim_close(s);
		}
	}
	unit_pool_free(conf.pool);
}

/* ---- no room ---- */

static struct rte_mbuf *
own_chain(struct sim *s, uint32_t seq, uint32_t len, unsigned int segs)
{
	struct rte_mbuf *head = NULL, *m;
	uint32_t from, part;

	xt_frame_fill(s->frame, len, seq);
	for (from = 0; from < len; from += part, segs--) {
		part = (len - from) / segs;
		m = sim_mbuf(s, 0, RTE_PKTMBUF_HEADROOM - segs, part);
		CHECK(m != NULL, "the test's pool is too small");
		memcpy(rte_pktmbuf_mtod(m, uint8_t *), s->frame + from, part);
		if (head == NULL)
			head = m;
		else
			CHECK_OK(rte_pktmbuf_chain(head, m), "chain");
	}
	return head;
}

/* Packets of several descriptors go in whole or wait; what is behind them waits, too. */
static void
chains_wait(const struct sim_form *f)
{
	struct sim_conf conf = {.tx_size = 32, .sg = f->sg, .max_segs = 18,
		.zero_copy = f->zero_copy, .start = UINT32_MAX - 200};
	unsigned int used, segs, sent;
	struct rte_mempool *other;
	static struct pending p;
	struct rte_mbuf *m;
	uint64_t full;
	uint32_t len;
	struct sim *s;

	conf.pool = unit_pool(f->pool, 100);
	other = xt_pool(8, 0, 0, 65535);
	s = sim_new(&conf);
	for (used = 0; used <= 32; used++) {
		for (segs = 2; segs <= 18; segs++) {
			xt_note("%s: %u descriptors in use, %u wanted", f->name, used, segs);
			pending_fill(s, &p, used);
			pending_send(s, &p, used);
			/* as it is, or as a copy of the same number of descriptors */
			len = s->txq.seg_span + 14;
			len = (segs - 1) * RTE_MIN(len, s->umem->buf_len - 128u) + 1;
			if (f->sg) {
				m = own_chain(s, p.seq, segs * 100, segs);
				pending_add(&p, m, (struct sim_pkt){.len = segs * 100,
					    .as_is = true});
			} else {
				m = xt_mbuf(other, p.seq, len);
				pending_add(&p, m, (struct sim_pkt){.len = len, .copy = true});
			}
			pending_fill(s, &p, 2);
			full = s->txq.stats.full;
			sent = pending_send(s, &p, 2);
			if (32 - used >= segs) {
				CHECK_INT(32 - s->txq.free, >=, used + segs, "descriptors in use");
				CHECK_INT(sent, ==, 1 + (32 - used > segs), "taken");
			} else {
				CHECK_INT(sent, ==, 0, "taken");
				CHECK_INT(s->txq.free, ==, 32 - used, "free descriptors");
			}
			CHECK_INT(s->txq.stats.full - full, ==, sent < 2, "bursts cut short");
			sim_take(s, UINT32_MAX);
			sim_complete(s, UINT32_MAX, false);
			pending_send(s, &p, 2);
			CHECK_INT(p.n, ==, 0, "packets that still wait");
			sim_complete_all(s);
		}
	}
	sim_close(s);
	unit_pool_free(conf.pool);
	unit_pool_free(other);
}

/* Copies need mbufs of the pool: without, the burst ends before them, and nothing is lost. */
static void
copies_wait(const struct sim_form *f)
{
	struct sim_conf conf = {.tx_size = 64, .sg = f->sg, .max_segs = 18,
		.zero_copy = f->zero_copy};
	static struct rte_mbuf *kept[100];
	unsigned int left, need, nb_kept, sent;
	struct rte_mempool *other;
	static struct pending p;
	uint64_t nombuf;
	uint32_t room;
	struct sim *s;

	conf.pool = unit_pool(f->pool, 100);
	other = xt_pool(8, 0, 0, 65535);
	s = sim_new(&conf);
	room = RTE_MIN(s->txq.seg_span + 14, s->umem->buf_len - 128u);
	for (left = 0; left < 20; left++) {
		for (need = 1; need <= 18; need++) {
			xt_note("%s: %u mbufs left, %u needed", f->name, left, need);
			pending_fill(s, &p, 1); /* one before, one behind */
			pending_add(&p, xt_mbuf(other, p.seq, need * room),
				    (struct sim_pkt){.len = need * room, .copy = true});
			pending_fill(s, &p, 3);
			for (nb_kept = 0; rte_mempool_avail_count(conf.pool) > left; nb_kept++)
				kept[nb_kept] = sim_alloc(s);
			nombuf = s->txq.stats.nombuf;
			sent = pending_send(s, &p, 3);
			CHECK_INT(sent, ==, left >= need ? 3 : 1, "taken");
			CHECK_INT(s->txq.stats.nombuf - nombuf, ==, left < need, "nombuf");
			while (nb_kept > 0)
				sim_free(s, kept[--nb_kept]);
			pending_send(s, &p, 3);
			CHECK_INT(p.n, ==, 0, "packets that still wait");
			sim_complete_all(s);
		}
	}
	sim_close(s);
	unit_pool_free(conf.pool);
	unit_pool_free(other);
}

/* ---- references ---- */

/* One mbuf many times in the ring, among others; the test's reference goes early or late. */
static void
shared(const struct sim_form *f)
{
	struct sim_conf conf = {.tx_size = 100, .sg = f->sg, .zero_copy = f->zero_copy};
	struct sim_pkt what[64];
	struct rte_mbuf *m[64], *same, *other;
	unsigned int round, i, sent;
	uint32_t seq = 0;
	struct sim *s;

	conf.pool = unit_pool(f->pool, 200);
	s = sim_new(&conf);
	for (round = 0; round < unit_less(3000, 50); round++) {
		same = sim_mbuf(s, seq, 77, 99);
		other = sim_mbuf(s, seq + 1, 78, 333);
		for (i = 0; i < 64; i++) {
			m[i] = same;
			what[i] = (struct sim_pkt){.seq = seq, .len = 99, .as_is = true};
			if (unit_below(3) == 0) {
				m[i] = sim_mbuf(s, seq + 2, 100, 60);
				what[i] = (struct sim_pkt){seq + 2, 60, .as_is = true};
				CHECK(m[i] != NULL, "the test's pool is too small");
			} else if (unit_below(3) == 0) {
				m[i] = other;
				what[i] = (struct sim_pkt){seq + 1, 333, .as_is = true};
			}
			if (m[i] == same || m[i] == other)
				sim_ref(s, m[i]);
		}
		if (round % 2 == 0)
			sim_free(s, same); /* the ring has the last references */
		sent = sim_tx(s, m, what, 64);
		CHECK(s->txq.shared, "the queue does not know of shared mbufs");
		for (i = sent; i < 64; i++)
			sim_free(s, m[i]);
		sim_take(s, UINT32_MAX);
		sim_complete(s, unit_below(64), false);
		xskpmd_tx_reclaim(&s->txq);
		sim_free(s, other);
		if (round % 2 != 0)
			sim_free(s, same);
		if (round % 5 == 0)
			sim_complete_all(s);
		seq += 3;
	}
	sim_close(s);
	unit_pool_free(conf.pool);
}

/* Completions that come twice do not free an mbuf twice, nor a descriptor. */
static void
stray(const struct sim_form *f)
{
	struct sim_conf conf = {.tx_size = 100, .sg = f->sg, .zero_copy = true,
		.start = UINT32_MAX - 300};
	static struct pending p;
	unsigned int round;
	uint64_t strays = 0;
	struct sim *s;

	conf.pool = unit_pool(f->pool, 400);
	s = sim_new(&conf);
	for (round = 0; round < unit_less(500, 20); round++) {
		xt_note("%s: round %u", f->name, round);
		pending_fill(s, &p, 16);
		pending_send(s, &p, 16);
		sim_take(s, unit_below(20));
		if (sim_complete(s, unit_below(20), false) > 0) {
			sim_repeat_comp(s);
			strays++;
		}
		xskpmd_tx_reclaim(&s->txq);
		if (strays > 0) {
			sim_repeat_comp(s); /* the mbuf is in the pool */
			strays++;
			xskpmd_tx_reclaim(&s->txq);
		}
		sim_see_comp(s);
	}
	CHECK_INT(s->txq.stats.stray, ==, strays, "stray completions");
	pending_drop(s, &p);
	sim_check(s);
	sim_close(s);
	unit_pool_free(conf.pool);
}

/* An application that sends an mbuf again before it has completed: a debug build ends it. */
#ifdef XSKPMD_DEBUG_MBUFS
static void
twice_main(void *arg)
{
	const struct sim_conf conf = {.tx_size = 64, .pool = arg};
	struct sim *s = sim_new(&conf);
	struct rte_mbuf *m = rte_pktmbuf_alloc(conf.pool);

	rte_pktmbuf_append(m, 60);
	xskpmd_tx_burst_select(false)->fn(&s->txq, &m, 1);
	xskpmd_tx_burst_select(false)->fn(&s->txq, &m, 1);
}

static void
twice(const void *arg __rte_unused)
{
	int status;
	pid_t pid;

	unit_eal();
	pid = xt_fork(twice_main, unit_pool(POOL_DEFAULT, 200));
	CHECK_INT(waitpid(pid, &status, 0), ==, pid, "waitpid");
	CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT, "status 0x%x, SIGABRT expected", status);
}
#endif

static const struct sim_form burst_forms[] = {
	{"default", POOL_DEFAULT, .max_segs = 1},
	{"aligned 2048", POOL_2048, .max_segs = 1},
	{"aligned 4096, zero-copy", POOL_4096, .zero_copy = true, .max_segs = 1},
	{"data room of 9216", POOL_BIG, .max_segs = 1},
	{"multi-buffer", POOL_DEFAULT, .sg = true, .max_segs = 18},
	{"three pieces, multi-buffer, zero-copy", POOL_PIECES, .sg = true, .zero_copy = true,
	 .max_segs = 18},
};

static const struct sim_form pool_forms[] = {
	{"default", POOL_DEFAULT, .max_segs = 1},
	{"multi-buffer", POOL_DEFAULT, .sg = true, .max_segs = 18},
	{"aligned 2048, multi-buffer, zero-copy", POOL_2048, .sg = true, .zero_copy = true,
	 .max_segs = 18},
};

const struct xt_case unit_tx_cases[] = {
	SIM_CASE("tx_bursts", "bursts of 1 to 512, rings of 32 to 4096", bursts, burst_forms),
	SIM_CASE("tx_offsets", "data at every offset in its buffer", offsets, burst_forms),
	SIM_CASE("tx_thresholds", "completed mbufs are freed by the threshold", thresholds,
		 pool_forms),
	SIM_CASE("tx_chains_wait", "chains and copies for which descriptors are missing",
		 chains_wait, pool_forms),
	SIM_CASE("tx_copies_wait", "copies for which mbufs are missing", copies_wait, pool_forms),
	SIM_CASE("tx_stray", "completions that come twice", stray, pool_forms),
	SIM_CASE("tx_shared", "mbufs many times in the ring", shared, pool_forms),
#ifdef XSKPMD_DEBUG_MBUFS
	{"tx_twice", "an mbuf that is sent again before it has completed", twice, NULL,
	 .flags = XT_UNIT, .limit = 120},
#endif
	{NULL},
};
