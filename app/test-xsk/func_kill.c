/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* Processes that are killed: nothing of them is left, the next one starts at once. */

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suites.h"

struct victim {
	struct xt_wire *w;
	const char *args;
	int ready; /* pipe: one byte when the port runs, -1: nobody waits */
	bool promisc;
};

/* Runs a port until it is killed. */
static void
victim_main(void *arg)
{
	struct victim *v = arg;
	struct xt_port *p;
	struct rte_mbuf *m[32];
	uint16_t n;

	xt_eal_init();
	p = xt_port(v->w);
	p->args = v->args;
	xt_port_up(p);
	if (v->promisc) {
		CHECK_OK(rte_eth_promiscuous_enable(p->id), "promiscuous");
		CHECK_OK(rte_eth_allmulticast_enable(p->id), "allmulticast");
	}
	if (v->ready >= 0)
		CHECK_INT(write(v->ready, "", 1), ==, 1, "ready");
	for (;;) {
		n = rte_eth_rx_burst(p->id, 0, m, RTE_DIM(m));
		n -= rte_eth_tx_burst(p->id, 0, m, n);
		rte_pktmbuf_free_bulk(m, n); /* right or wrong, it dies soon */
	}
}

/* Starts a port at once, checks traffic, ends well. */
static void
survivor_main(void *arg)
{
	struct victim *v = arg;
	struct xt_port *p;
	double began;

	xt_eal_init();
	xt_state_begin();
	p = xt_port(v->w);
	p->args = v->args;
	began = xt_now();
	xt_port_up(p);
	CHECK_INT((xt_now() - began) * 1000, <, 2000 * xt_patience(), "ms that a start takes");
	xt_peer_flush(v->w);
	xt_rx_flush(p, 1);
	xt_traffic(p, v->w);
	xt_port_down(p);
	xt_state_check("in the second process");
}

static void
kill_and_reap(pid_t pid)
{
	int status;

	kill(pid, SIGKILL);
	CHECK_INT(waitpid(pid, &status, 0), ==, pid, "waitpid");
	if (WIFEXITED(status) && WEXITSTATUS(status) != 0)
		_exit(WEXITSTATUS(status)); /* it had failed by itself, and has said why */
}

static void
wait_clean(struct xt_wire *w)
{
	double end = xt_now() + 10 * xt_patience();
	struct xt_link l;

	do {
		CHECK_OK(xt_link_get(w->dev, &l), "link");
		if (l.xdp_prog_id == 0 && l.promiscuity == 0 && l.allmulti == 0)
			return;
	} while (xt_now() < end);
	FAIL("after SIGKILL: XDP program %u, promiscuity %u, allmulti %u on the interface",
	     l.xdp_prog_id, l.promiscuity, l.allmulti);
}

static void
kill_running(struct victim *v)
{
	int fds[2];
	pid_t pid;
	char c;

	CHECK_OK(pipe(fds), "pipe");
	v->ready = fds[1];
	pid = xt_fork(victim_main, v);
	close(fds[1]);
	if (read(fds[0], &c, 1) != 1) {
		xt_join(pid);
		FAIL("the victim ended by itself");
	}
	close(fds[0]);
	kill_and_reap(pid);
	wait_clean(v->w);
	xt_join(xt_fork(survivor_main, v));
}

static void
kill9(const void *arg)
{
	struct victim v = {.args = arg != NULL ? arg : "", .promisc = true};

	v.w = xt_veth(1);
	kill_running(&v);
	kill_running(&v);
}

static void
kill9_tap(const void *arg __rte_unused)
{
	struct victim v = {.args = ""};

	v.w = xt_tap(1);
	kill_running(&v);
}

static void
kill9_custom(const void *arg __rte_unused)
{
	static char args[512];
	ssize_t len = readlink("/proc/self/exe", args, sizeof(args) - 1);
	struct victim v = {.args = args};
	char path[512];

	CHECK(len > 0, "/proc/self/exe: %s", strerror(errno));
	args[len] = '\0';
	*strrchr(args, '/') = '\0';
	snprintf(path, sizeof(path), "xdp_prog=%.400s/custom_one.bpf.o", args);
	snprintf(args, sizeof(args), "%s", path);
	v.w = xt_veth(1);
	kill_running(&v);
}

/* Killed at any moment, under traffic. */
static void
kill9_random(const void *arg __rte_unused)
{
	struct victim v = {.args = "", .ready = -1};
	unsigned int i, ms;
	double end;
	pid_t pid;

	v.w = xt_veth(1);
	srand(7);
	for (i = 0; i < 10; i++) {
		ms = 100 + rand() % 250; /* EAL alone takes some 150 ms */
		xt_note("round %u: SIGKILL after %u ms", i, ms);
		pid = xt_fork(victim_main, &v);
		end = xt_now() + ms / 1000.;
		while (xt_now() < end)
			xt_peer_send(v.w, 0, i, 200);
		kill_and_reap(pid);
		wait_clean(v.w);
		xt_join(xt_fork(survivor_main, &v));
	}
}

/* Runs a port in a network namespace of its own. */
static void
stranger_main(void *arg)
{
	struct victim v = *(struct victim *)arg;

	CHECK_OK(unshare(CLONE_NEWNET), "unshare");
	v.w = xt_veth(1);
	victim_main(&v);
}

/* Wants a queue that another process has: the log names that process, not itself, and none that
 * cannot have it.
 */
static void
late_main(void *arg)
{
	const pid_t *pids = arg;
	struct xt_port *p;
	char names[64];
	const char *log;

	xt_eal_init();
	p = xt_port(xt_wire(0));
	CHECK_OK(xt_port_probe(p), "probe");
	xt_log_begin();
	CHECK_INT(xt_port_setup(p), ==, -EBUSY, "set-up on a queue that another process has");
	log = xt_log_end();
	snprintf(names, sizeof(names), "(one of: dpdk-test-xsk, pid %d)", pids[0]);
	CHECK(strstr(log, names) != NULL, "the log does not say \"%s\", the other pid being %d: \"%s\"",
	      names, pids[1], log);
	xt_port_down(p);
}

static void
queue_busy_process(const void *arg __rte_unused)
{
	struct victim v = {.w = xt_veth(1), .args = ""};
	int pipefd[2], i;
	pid_t pids[2];
	char byte;

	CHECK_OK(pipe(pipefd), "pipe");
	v.ready = pipefd[1];
	pids[0] = xt_fork(victim_main, &v);
	pids[1] = xt_fork(stranger_main, &v);
	for (i = 0; i < 2; i++)
		CHECK_INT(read(pipefd[0], &byte, 1), ==, 1, "a process is ready");
	xt_join(xt_fork(late_main, pids));
	for (i = 0; i < 2; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	close(pipefd[0]);
	close(pipefd[1]);
}

const struct xt_case func_kill_cases[] = {
	{"kill9_B36", "SIGKILL: no program, no flag is left, the next start works", kill9, NULL,
	 XT_NO_EAL, 0},
	{"kill9_generic", "the same with mode=skb", kill9, "mode=skb", XT_NO_EAL, 0},
	{"kill9_tap", "the same on a tap", kill9_tap, NULL, XT_NO_EAL, 0},
	{"kill9_custom_B31", "the same with xdp_prog=", kill9_custom, NULL, XT_NO_EAL, 0},
	{"kill9_random", "SIGKILL at random moments, 10 times", kill9_random, NULL, XT_NO_EAL, 60},
	{"queue_busy_process", "a queue that another process has: which one", queue_busy_process, NULL,
	 XT_NO_EAL, 0},
	{0},
};
