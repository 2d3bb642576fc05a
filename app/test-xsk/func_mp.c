/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* A port of the primary process in a secondary one.
 *
 * The secondary process is this program once more, as `dpdk-test-xsk secondary` (secondary.c).
 */

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "suites.h"
#include "tool.h"
#include "xskpmd_lend.h"
#include "xskpmd_wrap.h"

#define PREFIX "--file-prefix=xtmp"
#define HUGE_PAGES 40 /* of 2 MiB */

/* ---- its handle in the case ------------------------------------------------------------------ */

struct secondary {
	pid_t pid;
	FILE *to, *from;
};

static __rte_noreturn void
secondary_exec(int in, int out)
{
	char *argv[] = {(char *)"dpdk-test-xsk", (char *)"secondary", (char *)PREFIX,
			(char *)"--proc-type=secondary", (char *)"--lcores=1@0", (char *)"--no-pci",
			(char *)"--huge-dir=/run/huge", (char *)"--no-telemetry",
			(char *)"--log-level=*:notice", NULL};

	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	execv("/proc/self/exe", argv);
	_exit(1);
}

static const char *
answer(struct secondary *s)
{
	static char line[256];

	CHECK(fgets(line, sizeof(line), s->from) != NULL, "the secondary process ended");
	line[strcspn(line, "\n")] = '\0';
	CHECK(strncmp(line, "ok", 2) == 0, "the secondary process: %s", line);
	return line;
}

static void
order(struct secondary *s, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(s->to, fmt, ap);
	va_end(ap);
	fprintf(s->to, "\n");
	fflush(s->to);
}

#define DO(s, ...) (order(s, __VA_ARGS__), answer(s))

static void
secondary_start(struct secondary *s)
{
	int in[2], out[2];

	CHECK_OK(pipe2(in, O_CLOEXEC), "pipe");
	CHECK_OK(pipe2(out, O_CLOEXEC), "pipe");
	fflush(NULL);
	s->pid = fork();
	CHECK(s->pid >= 0, "fork: %s", strerror(errno));
	if (s->pid == 0)
		secondary_exec(in[0], out[1]);
	close(in[0]);
	close(out[1]);
	s->to = fdopen(in[1], "w");
	s->from = fdopen(out[0], "r");
	answer(s);
}

static void
secondary_end(struct secondary *s, int sig)
{
	int status;

	if (sig != 0)
		kill(s->pid, sig);
	fclose(s->to);
	CHECK_INT(waitpid(s->pid, &status, 0), ==, s->pid, "waitpid");
	fclose(s->from);
	if (sig != 0)
		CHECK(WIFSIGNALED(status), "it was to be killed");
	else
		CHECK_INT(status, ==, 0, "exit status of the secondary process");
}

/* ---- the stage ------------------------------------------------------------------------------ */

static unsigned int
free_huge_pages(void)
{
	FILE *f = fopen("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "re");
	unsigned int n = 0;

	if (f == NULL || fscanf(f, "%u", &n) != 1)
		n = 0;
	if (f != NULL)
		fclose(f);
	return n;
}

/* Processes share memory by files of huge pages, and by sockets in /run: of this case only; and at one
 * address, which is free with AddressSanitizer, too.
 */
static void
eal_primary(void)
{
	static const char *const extra[] = {"--proc-type=primary", PREFIX, "--huge-dir=/run/huge", "-m",
					    "64", "--base-virtaddr=0x210000000000", NULL};

	if (free_huge_pages() < HUGE_PAGES)
		SKIP("%u free huge pages of 2 MiB (scripts/hugepages.sh 256)", HUGE_PAGES);
	CHECK_OK(mount("tmpfs", "/run", "tmpfs", 0, NULL), "mount /run");
	CHECK_OK(mkdir("/run/huge", 0700), "mkdir");
	CHECK_OK(mount("hugetlbfs", "/run/huge", "hugetlbfs", 0, "pagesize=2M"), "mount /run/huge");
	CHECK_INT(xt_eal_init_with(extra), >=, 0, "EAL (rte_errno %d)", rte_errno);
	xt_state_begin();
}

static struct xt_port *
port_new(struct xt_wire *w)
{
	struct xt_port *p = xt_port(w);

	p->pool = rte_mempool_lookup(XT_SECONDARY_POOL);
	if (p->pool == NULL)
		p->pool = xt_pool_form(&(const struct xt_pool_form){
			.n = 4000, .data_room = RTE_MBUF_DEFAULT_BUF_SIZE, .name = XT_SECONDARY_POOL});
	return p;
}

static struct xt_port *
stage(struct xt_wire **w)
{
	struct xt_port *p;

	eal_primary();
	*w = xt_veth(2);
	p = port_new(*w);
	xt_port_up(p);
	return p;
}

static void
peer_send(struct xt_wire *w, unsigned int queue, uint32_t seq, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		xt_peer_send(w, queue, seq + i, 100);
}

/* Ten packets each way, on a queue that the secondary process has. */
static void
secondary_traffic(struct secondary *s, struct xt_wire *w, unsigned int queue, uint32_t seq)
{
	unsigned int i;

	peer_send(w, queue, seq, 10);
	DO(s, "rx %u 10 100 %u", queue, seq);
	DO(s, "tx %u 10 100 %u", queue, seq);
	for (i = 0; i < 10; i++)
		xt_peer_expect(w, 0, seq + i, 100);
}

/* ---- cases ---------------------------------------------------------------------------------- */

static void
mp_ask(const void *arg __rte_unused)
{
	struct secondary s;
	struct xt_wire *w;
	struct xt_port *p = stage(&w);
	struct xt_link l;
	unsigned int i;

	secondary_start(&s);
	DO(&s, "ask");
	peer_send(w, 0, 0, 7);
	xt_rx_flush(p, 1);
	CHECK(strcmp(DO(&s, "stats"), "ok 7 0 0") == 0, "statistics in the secondary process");
	CHECK(strcmp(DO(&s, "xstats"), "ok 7") == 0, "extended statistics");
	/* the kernel's part of them: nobody polls */
	for (i = 0; i < 700; i++)
		xt_peer_send(w, 0, i, 100);
	CHECK(strcmp(DO(&s, "stats"), "ok 7 0 195") == 0, "packets and missed: %s", DO(&s, "stats"));
	xt_rx_flush(p, 1);

	DO(&s, "promisc 1");
	CHECK_OK(xt_link_get(w->dev, &l), "link");
	CHECK_INT(l.promiscuity, ==, 1, "promiscuity");
	DO(&s, "promisc 0");
	DO(&s, "close");
	secondary_end(&s, 0);
	xt_traffic(p, w);
	secondary_start(&s); /* and another one */
	DO(&s, "ask");
	secondary_end(&s, SIGKILL);
	xt_traffic(p, w);
}

static void
mp_traffic(const void *arg __rte_unused)
{
	struct secondary s;
	struct xt_wire *w;
	struct xt_port *p = stage(&w);

	secondary_start(&s);
	secondary_traffic(&s, w, 1, 0);
	/* one queue each, at the same time */
	peer_send(w, 0, 100, 10);
	peer_send(w, 1, 200, 10);
	DO(&s, "rx 1 10 100 200");
	CHECK_INT(xt_stats(p).ipackets, ==, 20, "packets, of both processes but those of queue 0");
	xt_rx_flush(p, 1);
	CHECK_INT(xt_stats(p).ipackets, ==, 30, "packets of all");
	/* a queue may change hands */
	secondary_traffic(&s, w, 0, 300);
	secondary_end(&s, 0);
	xt_traffic(p, w);
}

/* Stopped and started anew by the primary, with other sizes, while the secondary has its rings. */
static void
mp_restart(const void *arg __rte_unused)
{
	struct secondary s;
	struct xt_wire *w;
	struct xt_port *p = stage(&w);
	unsigned int i;

	secondary_start(&s);
	for (i = 0; i < 5; i++) {
		secondary_traffic(&s, w, 1, 100 * i);
		CHECK_OK(xt_port_stop(p), "stop %u", i);
		xt_pools_full("while the port is stopped");
		p->nb_rxd = p->nb_txd = i % 2 ? 512 : 128;
		CHECK_OK(xt_port_setup(p), "set-up %u", i);
		CHECK_OK(xt_port_start(p), "start %u", i);
	}
	secondary_end(&s, 0);
}

/* The same while it polls all the time; with arg, queues are set up anew, too. */
static void
mp_restart_polled(const void *arg)
{
	struct secondary s;
	struct xt_wire *w;
	struct xt_port *p = stage(&w);
	unsigned int i;

	secondary_start(&s);
	DO(&s, "poll 1 2500");
	for (i = 0; i < 8; i++) {
		peer_send(w, 1, i, 20);
		xt_sleep_ms(20);
		CHECK_OK(xt_port_stop(p), "stop %u", i);
		xt_pools_full("while the port is stopped");
		if (arg != NULL) {
			p->nb_rxd = p->nb_txd = i % 2 ? 512 : 128;
			CHECK_OK(xt_port_setup(p), "set-up %u", i);
		}
		CHECK_OK(xt_port_start(p), "start %u", i);
	}
	CHECK(strcmp(answer(&s), "ok 0") != 0, "not one packet was received");
	secondary_traffic(&s, w, 1, 1000);
	secondary_end(&s, 0);
}

/* It asks for statistics all the time while the port is set up, started, stopped, closed. */
static void
mp_stats_polled(const void *arg __rte_unused)
{
	struct secondary s;
	struct xt_wire *w;
	struct xt_port *p = stage(&w);
	unsigned int i;

	secondary_start(&s);
	order(&s, "statspoll 0 2000");
	for (i = 0; i < 10; i++) {
		CHECK_OK(xt_port_stop(p), "stop %u", i);
		CHECK_OK(xt_port_setup(p), "set-up %u", i);
		CHECK_OK(xt_port_start(p), "start %u", i);
		rte_eth_stats_reset(p->id);
	}
	answer(&s);
	secondary_end(&s, 0);
}

/* The primary closes the port, and says nothing to the other process: that one gets errors, no more. */
static void
mp_closed(const void *arg __rte_unused)
{
	struct secondary s;
	struct xt_wire *w;
	struct xt_port *p = stage(&w);

	secondary_start(&s);
	secondary_traffic(&s, w, 1, 0);
	CHECK_OK(xt_port_stop(p), "stop");
	CHECK_OK(rte_eth_dev_close(p->id), "close");
	p->attached = false;
	DO(&s, "gone");
	secondary_end(&s, 0);
}

/* The same, of a port that is not port 0: the other process gets nothing of that one, either. */
static void
mp_closed_other(const void *arg __rte_unused)
{
	struct secondary s;
	struct xt_wire *w;
	struct xt_port *p = stage(&w), *closed = port_new(xt_veth(2));
	struct xt_link l;

	xt_port_up(closed);
	CHECK_INT(p->id, ==, 0, "port that stays");
	secondary_start(&s);
	peer_send(w, 0, 0, 7);
	xt_rx_flush(p, 1);
	CHECK_OK(xt_port_stop(closed), "stop");
	CHECK_OK(rte_eth_dev_close(closed->id), "close");
	closed->attached = false;
	DO(&s, "gone %u", closed->id);
	CHECK_INT(xt_stats(p).ipackets, ==, 7, "packets of the other port");
	CHECK_OK(xt_link_get(w->dev, &l), "link");
	CHECK_INT(l.promiscuity, ==, 0, "promiscuity of the other port");
	secondary_end(&s, 0);
}

/* A process that does not answer, in the middle of whatever it does, holds nothing up for long. What it
 * may be using is neither freed nor opened anew until it has ended.
 */
static void
mp_stopped(const void *arg __rte_unused)
{
	struct secondary s;
	struct xt_wire *w;
	struct xt_port *p = stage(&w);
	const double start = xt_now();
	const struct xskpmd_rxq *rxq;
	const struct xskpmd_txq *txq;

	secondary_start(&s);
	secondary_traffic(&s, w, 1, 0);
	rxq = rte_eth_devices[p->id].data->rx_queues[1];
	txq = rte_eth_devices[p->id].data->tx_queues[1];
	kill(s.pid, SIGSTOP);
	CHECK_OK(xt_port_stop(p), "stop");
	CHECK(xt_now() - start < 20, "stop took %.1f s", xt_now() - start);
	CHECK_INT(xt_port_start(p), ==, -EBUSY, "start while that process has the rings");
	CHECK_INT(xt_port_setup(p), ==, -EBUSY, "set-up while that process has the rings");
	/* rte_free() clears what it frees */
	CHECK(rxq->size == p->nb_rxd && txq->size == p->nb_txd, "a queue in use was freed");
	secondary_end(&s, SIGKILL);
	CHECK_OK(xt_port_setup(p), "set-up");
	CHECK_OK(xt_port_start(p), "start");
	xt_traffic(p, w);
	/* what that process may still have been using was left to it */
	xt_port_down(p);
	xt_pool_forget(p->pool);
}

/* Killed with the rings mapped: nothing of the port is lost. */
static void
mp_kill(const void *arg __rte_unused)
{
	struct secondary s;
	struct xt_wire *w;
	struct xt_port *p = stage(&w);

	secondary_start(&s);
	secondary_traffic(&s, w, 1, 0);
	secondary_end(&s, SIGKILL);
	xt_traffic(p, w);
	CHECK_OK(xt_port_stop(p), "stop");
	CHECK_OK(xt_port_start(p), "start");
	xt_traffic(p, w);
}

/* Threads of a process wait for each other at a Tx queue; never for another process, which may have been killed. */
static void
mp_tx_lock(const void *arg __rte_unused)
{
	struct secondary s;
	struct xskpmd_wrap_txq *txq;
	struct xt_wire *w;
	struct xt_port *p;

	eal_primary();
	w = xt_veth(2);
	p = port_new(w);
	p->conf.txmode.offloads = RTE_ETH_TX_OFFLOAD_MT_LOCKFREE;
	xt_port_up(p);
	secondary_start(&s);
	txq = rte_eth_devices[p->id].data->tx_queues[1];
	rte_spinlock_lock(&txq->lock); /* for ever, as far as the other process can know */
	secondary_traffic(&s, w, 1, 0);
	secondary_end(&s, SIGKILL);
	rte_spinlock_unlock(&txq->lock);
	xt_traffic(p, w);
}

/* Killed, and nobody has waited for it: it holds nothing, either. */
static void
mp_zombie(const void *arg __rte_unused)
{
	struct secondary s;
	struct xt_wire *w;
	struct xt_port *p = stage(&w);
	siginfo_t info;

	secondary_start(&s);
	secondary_traffic(&s, w, 1, 0);
	kill(s.pid, SIGKILL);
	CHECK_OK(waitid(P_PID, s.pid, &info, WEXITED | WNOWAIT), "waitid");
	xt_log_begin();
	CHECK_OK(xt_port_stop(p), "stop");
	CHECK(strstr(xt_log_end(), "does not let go") == NULL, "a zombie is waited for");
	xt_pools_full("while the port is stopped");
	CHECK_OK(xt_port_start(p), "start");
	xt_traffic(p, w);
	xt_port_down(p);
	secondary_end(&s, SIGKILL);
}

static void
pause_main(void *arg __rte_unused)
{
	for (;;)
		pause();
}

/* All places of holders are taken: one more process gets nothing until some of the others have died. */
static void
mp_holders_full(const void *arg __rte_unused)
{
	struct secondary s;
	struct xt_wire *w;
	struct xt_port *p = stage(&w);
	struct xskpmd_lend *lend = xskpmd_lend_find(0);
	unsigned int i;

	for (i = 0; i < XSKPMD_HOLDERS_MAX; i++)
		lend->holders[i] = xt_fork(pause_main, NULL);
	secondary_start(&s);
	peer_send(w, 1, 0, 10);
	DO(&s, "poll 1 300");
	CHECK(strcmp(answer(&s), "ok 0") == 0, "a process without a place receives");
	for (i = 0; i < XSKPMD_HOLDERS_MAX; i++) {
		kill(lend->holders[i], SIGKILL);
		CHECK_INT(waitpid(lend->holders[i], NULL, 0), >, 0, "waitpid");
	}
	DO(&s, "rx 1 10 100 0");
	secondary_end(&s, 0);
	xt_traffic(p, w);
}

/* The port of a primary process that was killed is free, though a secondary that only asked lives on. */
static void
primary_main(void *arg)
{
	const int *fds = arg;
	struct secondary s;

	eal_primary();
	xt_port_up(port_new(xt_wire(0)));
	secondary_start(&s);
	DO(&s, "ask");
	DO(&s, "stay");
	CHECK_INT(write(fds[1], &s.pid, sizeof(s.pid)), ==, sizeof(s.pid), "write");
	pause();
}

static void
mp_primary_killed(const void *arg __rte_unused)
{
	pid_t primary, secondary;
	int fds[2];

	xt_veth(2);
	CHECK_OK(pipe(fds), "pipe");
	primary = xt_fork(primary_main, fds);
	close(fds[1]);
	if (read(fds[0], &secondary, sizeof(secondary)) != sizeof(secondary))
		xt_join(primary);
	close(fds[0]);
	kill(primary, SIGKILL);
	CHECK_INT(waitpid(primary, NULL, 0), ==, primary, "waitpid");
	CHECK_OK(kill(secondary, 0), "the secondary process lives"); /* until the case is over */
}

/* A port that comes while the secondary process is there. That one cannot use its queues: ethdev takes
 * their array over when the process attaches the port, and here it is made later.
 */
static void
mp_hotplug(const void *arg __rte_unused)
{
	struct secondary s;
	struct xt_wire *w;
	struct xt_port *p = stage(&w);

	secondary_start(&s);
	secondary_traffic(&s, w, 1, 0);
	xt_port_down(p);
	p = port_new(w);
	xt_port_up(p);
	DO(&s, "ask");
	secondary_end(&s, 0);
	secondary_start(&s);
	secondary_traffic(&s, w, 1, 100);
	secondary_end(&s, 0);
}

const struct xt_case func_mp_cases[] = {
	{"mp_ask_B11", "a secondary process: information, statistics, promiscuous mode", mp_ask, NULL,
	 XT_NO_EAL, 0},
	{"mp_traffic", "Rx and Tx in a secondary process", mp_traffic, NULL, XT_NO_EAL, 0},
	{"mp_restart", "stop, set-up and start while a secondary process has rings mapped", mp_restart,
	 NULL, XT_NO_EAL, 0},
	{"mp_restart_polled", "stop and start while it polls", mp_restart_polled, NULL, XT_NO_EAL, 0},
	{"mp_setup_polled", "the same, with new sizes of rings", mp_restart_polled, "", XT_NO_EAL, 0},
	{"mp_stats_polled", "statistics in a secondary process at any time", mp_stats_polled, NULL,
	 XT_NO_EAL, 0},
	{"mp_closed", "a port that the primary closes", mp_closed, NULL, XT_NO_EAL, 0},
	{"mp_closed_other", "a port other than port 0 that the primary closes", mp_closed_other, NULL,
	 XT_NO_EAL, 0},
	{"mp_stopped", "a secondary process that does not answer", mp_stopped, NULL, XT_NO_EAL, 0},
	{"mp_kill", "SIGKILL of a secondary process", mp_kill, NULL, XT_NO_EAL, 0},
	{"mp_tx_lock", "a Tx queue that several threads share", mp_tx_lock, NULL, XT_NO_EAL, 0},
	{"mp_zombie", "a killed secondary process that nobody has waited for", mp_zombie, NULL, XT_NO_EAL, 0},
	{"mp_holders_full", "one process more than may hold queues", mp_holders_full, NULL, XT_NO_EAL, 0},
	{"mp_primary_killed", "SIGKILL of the primary: a secondary holds no queue", mp_primary_killed,
	 NULL, XT_NO_EAL, 0},
	{"mp_hotplug", "close and a new port while a secondary process runs", mp_hotplug, NULL,
	 XT_NO_EAL, 0},
	{0},
};
