/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* The system calls of the data path: when they are made, how often, and what they count. */

#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "unit_sim.h"

#define IDLE_MAX 8 /* calls in one kick that may move nothing */

/* What sendto() does when it is called for the n-th time; the last step repeats. */
struct step {
	uint32_t take; /* descriptors it takes from the ring */
	int err;       /* errno; 0: success */
};

static struct {
	struct sim *s; /* NULL: calls go to the kernel */
	const struct step *steps;
	unsigned int nb_steps;
	unsigned int sends, receives;
	bool bad_args;
} script;

/* fault.c stands in front of libc's sendto() and asks this first. */
static ssize_t
play_sendto(int fd, const void *buf, size_t len, int flags, const struct sockaddr *to)
{
	const struct step *step = &script.steps[RTE_MIN(script.sends, script.nb_steps - 1)];

	script.sends++;
	if (fd != xskpmd_fds[SIM_TX_SLOT] || buf != NULL || len != 0 || to != NULL ||
	    !(flags & MSG_DONTWAIT))
		script.bad_args = true;
	sim_take(script.s, step->take);
	errno = step->err;
	return step->err == 0 ? 0 : -1;
}

ssize_t
recvfrom(int fd, void *restrict buf, size_t len, int flags, struct sockaddr *restrict from,
	 socklen_t *restrict from_len)
{
	static ssize_t (*next)(int, void *, size_t, int, struct sockaddr *, socklen_t *);

	if (script.s == NULL) {
		if (next == NULL)
			next = (__typeof__(next))(uintptr_t)dlsym(RTLD_NEXT, "recvfrom");
		return next(fd, buf, len, flags, from, from_len);
	}
	script.receives++;
	if (fd != xskpmd_fds[SIM_RX_SLOT] || buf != NULL || len != 0 || from != NULL ||
	    !(flags & MSG_DONTWAIT))
		script.bad_args = true;
	errno = EAGAIN;
	return -1;
}

static void
script_start(struct sim *s, const struct step *steps, unsigned int n)
{
	script.s = s;
	script.steps = steps;
	script.nb_steps = n;
	script.sends = 0;
	script.receives = 0;
	script.bad_args = false;
	xt_sendto_hook = play_sendto;
}

static void
script_end(void)
{
	CHECK(!script.bad_args, "a system call with other than fd, no buffer and MSG_DONTWAIT");
	xt_sendto_hook = NULL;
	script.s = NULL;
}

/* Post n packets without a kick. */
static void
post(struct sim *s, unsigned int n)
{
	struct rte_mbuf *m[SIM_BURST];
	struct sim_pkt what[SIM_BURST] = { 0 };
	unsigned int i;

	for (i = 0; i < n; i++) {
		m[i] = sim_mbuf(s, i, 128, 60);
		CHECK(m[i] != NULL, "the test's pool is too small");
		what[i] = (struct sim_pkt){.seq = i, .len = 60, .as_is = true};
	}
	CHECK_INT(sim_tx(s, m, what, n), ==, n, "packets taken");
}

/* ---- kick ---- */

struct kick {
	const char *name;
	uint32_t posted;
	bool zero_copy;
	bool busy_poll;
	struct step steps[12];
	unsigned int calls;   /* that it makes */
	uint32_t left;        /* descriptors in the ring after it */
	uint64_t again, down, error, dropped;
};

static const struct kick kicks[] = {
	{"an empty ring", 0, .steps = {{0, 0}}},
	{"all at once", 100, .steps = {{100, 0}}, .calls = 1},
	{"one packet", 1, .steps = {{1, 0}}, .calls = 1},
	{"a budget of 32", 100, .steps = {{32, EAGAIN}}, .calls = 4, .again = 4},
	{"a budget of 32, the last call content", 100,
		.steps = {{32, EAGAIN}, {32, EAGAIN}, {32, EAGAIN}, {4, 0}}, .calls = 4,
		.again = 3},
	{"stopped at an invalid descriptor each time", 10, .steps = {{1, 0}}, .calls = 10},
	{"every packet dropped by the device", 50, .steps = {{1, EBUSY}}, .calls = 50,
		.dropped = 50},
	{"every other packet dropped", 50, .steps = {{2, EBUSY}}, .calls = 25, .dropped = 25},
	{"one dropped, the others sent", 50, .steps = {{10, EBUSY}, {40, 0}}, .calls = 2,
		.dropped = 1},
	{"link down", 50, .steps = {{0, ENETDOWN}}, .calls = 1, .left = 50, .down = 1},
	{"link down half-way", 50, .steps = {{20, EAGAIN}, {0, ENETDOWN}}, .calls = 2, .left = 30,
		.again = 1, .down = 1},
	{"device gone", 50, .steps = {{0, ENXIO}}, .calls = 1, .left = 50, .down = 1},
	{"poisoned metadata", 50, .steps = {{0, EINVAL}}, .calls = 1, .left = 50, .error = 1},
	{"no such socket", 50, .steps = {{0, EBADF}}, .calls = 1, .left = 50, .error = 1},
	{"completion ring full", 50, .steps = {{0, EAGAIN}}, .calls = IDLE_MAX, .left = 50,
		.again = IDLE_MAX},
	{"no memory", 50, .steps = {{0, ENOBUFS}}, .calls = IDLE_MAX, .left = 50,
		.again = IDLE_MAX},
	{"success that moves nothing", 50, .steps = {{0, 0}}, .calls = 1, .left = 50},
	{"busy, and moves nothing", 50, .zero_copy = true, .steps = {{0, EBUSY}},
		.calls = IDLE_MAX, .left = 50},
	{"held up, then sent", 50, .steps = {{0, EAGAIN}, {0, EAGAIN}, {50, 0}}, .calls = 3,
		.again = 2},
	{"held up again and again", 50,
		.steps = {{0, EAGAIN}, {1, EAGAIN}, {0, EAGAIN}, {1, EAGAIN},
		{0, EAGAIN}, {1, EAGAIN}, {0, EAGAIN}, {1, EAGAIN}, {0, EAGAIN}, {1, EAGAIN},
		{0, EAGAIN}}, .calls = 13, .left = 45, .again = 13},
	{"zero-copy: success is enough", 50, .zero_copy = true, .steps = {{32, 0}},
		.calls = 1, .left = 18},
	{"zero-copy: success that moves nothing", 50, .zero_copy = true, .steps = {{0, 0}},
		.calls = 1, .left = 50},
	{"zero-copy: not yet", 50, .zero_copy = true, .steps = {{0, EAGAIN}, {16, 0}},
		.calls = 2, .left = 34, .again = 1},
	{"zero-copy: link down", 50, .zero_copy = true, .steps = {{0, ENETDOWN}},
		.calls = 1, .left = 50, .down = 1},
	{"busy polling, nothing posted", 0, .busy_poll = true, .steps = {{0, 0}}},
	{"busy polling, all at once", 50, .busy_poll = true, .steps = {{50, 0}}, .calls = 1},
};

static unsigned int
nb_steps_of(const struct kick *k)
{
	unsigned int n = RTE_DIM(k->steps);

	while (n > 1 && k->steps[n - 1].take == 0 && k->steps[n - 1].err == 0)
		n--;
	return n;
}

/* Errors stop it or not, and are counted; it ends. */
static void
kick(const void *arg __rte_unused)
{
	struct sim_conf conf = {.tx_size = 128, .start = UINT32_MAX - 60};
	const struct kick *k;
	unsigned int i;
	struct sim *s;
	bool left;

	unit_eal();
	conf.pool = unit_pool(POOL_DEFAULT, 200);
	for (i = 0; i < RTE_DIM(kicks); i++) {
		k = &kicks[i];
		xt_note("%s", k->name);
		s = sim_new(&conf);
		xskpmd_fds[SIM_TX_SLOT] = 12345;
		s->txq.zero_copy = k->zero_copy;
		if (k->posted > 0)
			post(s, k->posted);
		s->txq.busy_poll = k->busy_poll;
		script_start(s, k->steps, nb_steps_of(k));
		left = xskpmd_tx_kick(&s->txq);
		script_end();
		CHECK_INT(script.sends, ==, k->calls, "calls");
		CHECK_INT(sim_count(&s->tx), ==, k->left, "descriptors left");
		CHECK_INT(left, ==, k->left > 0, "what the kick says is left");
		CHECK_INT(s->txq.stats.kicks, ==, k->calls, "kicks");
		CHECK_INT(s->txq.stats.kick_again, ==, k->again, "kick_again");
		CHECK_INT(s->txq.stats.kick_down, ==, k->down, "kick_down");
		CHECK_INT(s->txq.stats.kick_error, ==, k->error, "kick_error");
		CHECK_INT(s->txq.stats.dropped, ==, k->dropped, "dropped");
		sim_close(s);
	}
}

/* Whatever the kernel answers: no more calls than descriptors and IDLE_MAX, each call counted. */
static void
kick_bound(const void *arg __rte_unused)
{
	static const int errs[] = {0, EAGAIN, EBUSY, ENOBUFS, ENETDOWN, ENXIO, EINVAL,
		EAGAIN, EBUSY, EAGAIN, EBUSY, EAGAIN, EBUSY};
	struct sim_conf conf = {.tx_size = 128, .start = UINT32_MAX - 4000};
	struct step steps[300];
	unsigned int round, i, posted;
	struct xskpmd_txq_stats st;
	struct sim *s;

	unit_eal();
	conf.pool = unit_pool(POOL_2048, 200);
	s = sim_new(&conf);
	for (round = 0; round < unit_less(20000, 100); round++) {
		posted = 1 + unit_below(128);
		for (i = 0; i < RTE_DIM(steps); i++)
			steps[i] = (struct step){unit_below(3), errs[unit_below(RTE_DIM(errs))]};
		s->txq.zero_copy = round % 2;
		memset(&s->txq.stats, 0, sizeof(s->txq.stats));
		s->tx_packets = 0;
		s->tx_bytes = 0;
		post(s, posted);
		script_start(s, steps, RTE_DIM(steps));
		xskpmd_tx_kick(&s->txq);
		script_end();
		st = s->txq.stats;
		xt_note("round %u: %u posted, %u calls", round, posted, script.sends);
		CHECK_INT(script.sends, <=, posted + IDLE_MAX, "calls");
		CHECK_INT(st.kicks, ==, script.sends, "kicks");
		CHECK_INT(st.kick_again + st.kick_down + st.kick_error + st.dropped, <=, st.kicks,
			  "kicks of all kinds");
		sim_complete_all(s);
	}
	sim_close(s);
}

/* The burst kicks when the kernel asks for it, and only then; also for what an earlier one left. */
static void
kick_when(const void *arg __rte_unused)
{
	static const struct step nothing = {0, 0};
	struct sim_conf conf = {.tx_size = 64};
	struct sim *s;

	unit_eal();
	conf.pool = unit_pool(POOL_2048, 200);
	s = sim_new(&conf);
	script_start(s, &nothing, 1);
	post(s, 10);
	CHECK_INT(script.sends, ==, 0, "calls without the flag");
	s->tx.flags = XDP_RING_NEED_WAKEUP;
	post(s, 10);
	CHECK_INT(script.sends, ==, 1, "calls with the flag");
	post(s, 0);
	CHECK_INT(script.sends, ==, 2, "calls for what is left");
	sim_take(s, UINT32_MAX);
	post(s, 0);
	CHECK_INT(script.sends, ==, 2, "calls for an empty ring");
	s->tx.flags = 0;
	s->txq.busy_poll = true;
	post(s, 0);
	CHECK_INT(script.sends, ==, 3, "calls of a busy polled queue for what must complete");
	sim_complete(s, UINT32_MAX, true);
	xskpmd_tx_reclaim(&s->txq);
	post(s, 0);
	CHECK_INT(script.sends, ==, 3, "calls of a busy polled queue that is empty");
	script_end();
	sim_close(s);
}

/* ---- wake ---- */

struct wake {
	const char *name;
	bool flag, busy_poll, packets, buffers;
	unsigned int calls;
};

static const struct wake wakes[] = {
	{"nothing to do", false, false, false, true, 0},
	{"packets", false, false, true, true, 0},
	{"the kernel wants to be woken", true, false, false, true, 1},
	{"the kernel wants to be woken, packets", true, false, true, true, 1},
	{"the kernel wants to be woken, there is no buffer to give", true, false, false, false, 0},
	{"busy polling, no packets", false, true, false, true, 1},
	{"busy polling, packets", false, true, true, true, 0},
	{"busy polling, no buffers", false, true, false, false, 0},
};

static void
wake(const void *arg __rte_unused)
{
	struct sim_conf conf = {.rx_size = 64};
	static struct rte_mbuf *kept[201];
	unsigned int i, n = 0;
	struct sim *s;

	unit_eal();
	conf.pool = unit_pool(POOL_2048, 200);
	for (i = 0; i < RTE_DIM(wakes); i++) {
		const struct wake *w = &wakes[i];

		xt_note("%s", w->name);
		if (!w->buffers)
			while ((kept[n] = rte_pktmbuf_alloc(conf.pool)) != NULL)
				n++;
		s = sim_new(&conf);
		xskpmd_fds[SIM_RX_SLOT] = 12345;
		s->rxq.busy_poll = w->busy_poll;
		s->fill.flags = w->flag ? XDP_RING_NEED_WAKEUP : 0;
		if (w->packets)
			CHECK(sim_deliver(s, 1, 100), "not delivered");
		script_start(s, NULL, 0);
		if (sim_rx(s, 32) > 0)
			sim_free(s, s->pkts[0]);
		CHECK_INT(script.receives, ==, w->calls, "calls");
		CHECK_INT(s->rxq.stats.wakeups, ==, w->calls, "wakeups");
		script_end();
		while (n > 0)
			rte_pktmbuf_free(kept[--n]);
		sim_close(s);
	}
}

#define CASE(name, what, fn) {name, what, fn, NULL, .flags = XT_UNIT, .limit = 120}

const struct xt_case unit_kick_cases[] = {
	CASE("kick", "each errno of sendto(): what it stops and what it counts", kick),
	CASE("kick_bound", "any answers: descriptors + 8 calls at most", kick_bound),
	CASE("kick_when", "bursts kick when the kernel asks for it", kick_when),
	CASE("wake", "when an Rx burst calls recvfrom()", wake),
	{NULL},
};
