/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* The runner: one child process and one anonymous network namespace per case. */

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <getopt.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "harness.h"

#define MAX_JOBS 16
#define NIC_BACK 30 /* seconds until the kernel has given a namespace's NICs back */

/* Shared with the children. */
struct result {
	char reason[2048];
	char note[512];
};

struct job {
	const struct xt_case *c;
	struct result *res;
	unsigned int slot; /* in the suite nic: the pair of NICs */
	pid_t pid;
	int log_fd;
	double start, end;
	bool timed_out;
};

struct tally {
	unsigned int passed, failed, skipped;
};

bool xt_verbose;
static struct result *my_result;

double
xt_patience(void)
{
	const char *s = getenv("XSKT_PATIENCE");

	return s != NULL && atof(s) > 1 ? atof(s) : 1;
}

double
xt_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

void
xt_sleep_ms(unsigned int ms)
{
	poll(NULL, 0, ms * xt_patience());
}

void
xt_verdict(int status, const char *file, int line, const char *fmt, ...)
{
	const char *base = strrchr(file, '/');
	int len = 0;
	va_list ap;

	if (status == 1)
		len = snprintf(my_result->reason, sizeof(my_result->reason), "%s:%d: ",
			       base != NULL ? base + 1 : file, line);
	va_start(ap, fmt);
	vsnprintf(my_result->reason + len, sizeof(my_result->reason) - len, fmt, ap);
	va_end(ap);
	for (; my_result->reason[len] != '\0'; len++) {
		if (my_result->reason[len] == '\n')
			my_result->reason[len] = '|';
	}
	fflush(NULL);
	_exit(status);
}

void
xt_fail_int(const char *file, int line, long long a, const char *op, long long b, const char *fmt,
	    ...)
{
	char what[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(what, sizeof(what), fmt, ap);
	va_end(ap);
	xt_verdict(1, file, line, "%s: %lld, expected %s %lld", what, a, op, b);
}

void
xt_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(my_result->note, sizeof(my_result->note), fmt, ap);
	va_end(ap);
	if (xt_verbose)
		fprintf(stderr, "  .. %s\n", my_result->note);
}

pid_t
xt_fork(void (*fn)(void *arg), void *arg)
{
	pid_t parent = getpid(), pid;

	fflush(NULL);
	pid = fork();
	CHECK(pid >= 0, "fork: %s", strerror(errno));
	if (pid > 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	fn(arg);
	fflush(NULL);
	_exit(0);
}

void
xt_join(pid_t pid)
{
	int status;

	CHECK_INT(waitpid(pid, &status, 0), ==, pid, "waitpid");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	CHECK(!WIFSIGNALED(status), "a process of the case was killed by SIG%s",
	      sigabbrev_np(WTERMSIG(status)));
	_exit(WEXITSTATUS(status)); /* it has said why */
}

/*
 * A namespace for the network, and one for mounts so that /sys shows this network's devices and
 * /sys/fs/bpf is a private and empty bpffs.
 */
static void
enter_namespaces(void)
{
	if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0)
		SKIP("unshare: %s (root needed)", strerror(errno));
	CHECK_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "make mounts private");
	CHECK_OK(mount("sysfs", "/sys", "sysfs", 0, NULL), "mount /sys");
	/* names that ip netns gives: of this case only, and gone with it */
	mkdir("/run/netns", 0755);
	CHECK_OK(mount("tmpfs", "/run/netns", "tmpfs", 0, NULL), "mount /run/netns");
	/* optional: not in every kernel */
	if (mount("bpffs", "/sys/fs/bpf", "bpf", 0, NULL) != 0)
		xt_note("no bpffs: %s", strerror(errno));
	/* the kernel's own neighbour and multicast packets are noise */
	xt_write_file("1", "/proc/sys/net/ipv6/conf/all/disable_ipv6");
	xt_write_file("1", "/proc/sys/net/ipv6/conf/default/disable_ipv6");
	xt_link_set_up("lo", true);
}

static __rte_noreturn void
child_main(const struct job *j, pid_t parent)
{
	const struct xt_case *c = j->c;

	my_result = j->res;
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	if (j->log_fd >= 0) {
		dup2(j->log_fd, STDOUT_FILENO);
		dup2(j->log_fd, STDERR_FILENO);
		close(j->log_fd);
	}
	setvbuf(stdout, NULL, _IOLBF, 0);

	if (c->flags & XT_UNIT) {
		c->fn(c->arg);
		fflush(NULL);
		_exit(0);
	}
	if (xt_is_nic())
		xt_nic_use(j->slot); /* before /sys is another's */
	enter_namespaces();
	if (!(c->flags & XT_NO_EAL))
		xt_eal_init();
	xt_state_begin();
	c->fn(c->arg);
	xt_ports_down();
	xt_state_check("after the case");
	xt_pools_released("after the case");
	if (!(c->flags & XT_NO_AGAIN)) {
		xt_note("second start");
		if (c->flags & XT_NO_EAL) {
			xt_eal_init(); /* if the case did not */
			xt_state_begin();
		}
		xt_start_again();
		xt_state_check("after the second start");
		xt_pools_released("after the second start");
	}
	fflush(NULL);
	_exit(0);
}

static void
job_start(struct job *j, const struct xt_case *c)
{
	pid_t parent = getpid();

	memset(j->res, 0, sizeof(*j->res));
	j->c = c;
	j->timed_out = false;
	j->log_fd = -1;
	if (!xt_verbose)
		j->log_fd = memfd_create("log", MFD_CLOEXEC);
	if (j->log_fd >= 0)
		fcntl(j->log_fd, F_SETFL, O_APPEND);
	fflush(NULL);
	j->start = xt_now();
	j->pid = fork();
	if (j->pid < 0) {
		perror("fork");
		exit(1);
	}
	if (j->pid == 0)
		child_main(j, parent);
	setpgid(j->pid, j->pid);
}

static void
job_show_log(const struct job *j)
{
	char buf[4096];
	off_t off = 0;
	ssize_t len;

	if (j->log_fd < 0)
		return;
	while ((len = pread(j->log_fd, buf, sizeof(buf), off)) > 0) {
		fwrite(buf, 1, len, stdout);
		off += len;
	}
}

static void
job_end(struct job *j, int status, struct tally *t)
{
	const char *note = j->res->note;
	double secs = xt_now() - j->start;
	const char *name = j->c->name;

	kill(-j->pid, SIGKILL); /* what the case forked and left */
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		printf("PASS %s (%.2f s)\n", name, secs);
		t->passed++;
	} else if (WIFEXITED(status) && WEXITSTATUS(status) == XT_EXIT_SKIP) {
		printf("SKIP %s: missing capability: %s\n", name, j->res->reason);
		t->skipped++;
	} else {
		job_show_log(j);
		printf("FAIL %s: ", name);
		if (j->timed_out)
			printf("no end after %.0f s", secs);
		else if (WIFSIGNALED(status))
			printf("killed by SIG%s", sigabbrev_np(WTERMSIG(status)));
		else
			printf("%s", j->res->reason[0] != '\0' ? j->res->reason : "exit status");
		printf(note[0] != '\0' ? " [%s] (%.2f s)\n" : "%s (%.2f s)\n", note, secs);
		t->failed++;
	}
	if (j->log_fd >= 0)
		close(j->log_fd);
	j->pid = 0;
	j->end = xt_now();
	fflush(stdout);
}

/* Kill what is over its time and reap what has ended; one call takes at most 20 ms. */
static void
jobs_reap(struct job *jobs, unsigned int nb_jobs, struct tally *t)
{
	unsigned int i, limit;
	int status;

	for (i = 0; i < nb_jobs; i++) {
		struct job *j = &jobs[i];

		if (j->pid == 0)
			continue;
		if (waitpid(j->pid, &status, WNOHANG) == j->pid) {
			job_end(j, status, t);
			return;
		}
		limit = (j->c->limit != 0 ? j->c->limit : XT_LIMIT) * xt_patience();
		if (xt_now() - j->start > limit && !j->timed_out) {
			j->timed_out = true;
			kill(-j->pid, SIGKILL);
			kill(j->pid, SIGKILL);
		}
	}
	xt_sleep_ms(5);
}

static struct job *
job_free_slot(struct job *jobs, unsigned int nb_jobs)
{
	unsigned int i;

	for (i = 0; i < nb_jobs; i++) {
		if (jobs[i].pid != 0)
			continue;
		if (!xt_is_nic() || xt_nic_is_back(i))
			return &jobs[i];
		if (xt_now() - jobs[i].end > NIC_BACK * xt_patience()) {
			printf("FAIL nics_back: the kernel has not given pair %u back\n", i);
			exit(1);
		}
	}
	return NULL;
}

static bool
wanted(const struct xt_case *c, const char *const without[], int argc, char **argv)
{
	int i;

	for (; without != NULL && *without != NULL; without++) {
		if (fnmatch(*without, c->name, 0) == 0)
			return false;
	}
	for (i = 0; i < argc; i++) {
		if (fnmatch(argv[i], c->name, 0) == 0)
			return true;
	}
	return argc == 0;
}

static int
usage(const char *cmd)
{
	printf("usage: dpdk-test-xsk %s [--list] [--quick] [-v] [-j JOBS] [NAME-GLOB...]\n\n"
	       "  --list   names and what each shows\n"
	       "  --quick  without the slow ones\n"
	       "  -v       the output of each case as it comes\n"
	       "  -j JOBS  so many at a time (default 1)\n\n"
	       "  XSKT_DRIVER  driver under test, default net_xskpmd\n"
	       "  XSKT_PLUGIN  its plugin (EAL -d), default: the driver linked into this tool\n"
	       "  XSKT_ARGS    further device arguments of every port\n"
	       "  XSKT_PATIENCE  multiplies what is waited for, on a slow machine\n"
	       "  XSKT_MANY    frames of rx_200k, tx_200k and both_200k, default 200000\n",
	       cmd);
	return 2;
}

int
xt_run(const char *cmd, const struct xt_case *const suites[], const char *const without[], int argc,
       char **argv)
{
	static const struct option longopts[] = {
		{"list", no_argument, NULL, 'l'},
		{"quick", no_argument, NULL, 'q'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	static struct job jobs[MAX_JOBS];
	struct tally t = {0};
	unsigned int i, nb_jobs = 1, running = 0;
	bool list = false, quick = false;
	const struct xt_case *c;
	double start = xt_now();
	struct job *j;
	int opt;

	while ((opt = getopt_long(argc, argv, "vj:", longopts, NULL)) != -1) {
		if (opt == 'l')
			list = true;
		else if (opt == 'q')
			quick = true;
		else if (opt == 'v')
			xt_verbose = true;
		else if (opt == 'j' && atoi(optarg) >= 1 && atoi(optarg) <= MAX_JOBS)
			nb_jobs = atoi(optarg);
		else
			return usage(cmd);
	}
	argc -= optind;
	argv += optind;
	if (xt_is_nic())
		nb_jobs = xt_nic_pairs();

	for (i = 0; i < nb_jobs; i++) {
		jobs[i].res = mmap(NULL, sizeof(struct result), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (jobs[i].res == MAP_FAILED) {
			perror("mmap");
			return 1;
		}
		jobs[i].slot = i;
	}
	for (; *suites != NULL; suites++) {
		for (c = *suites; c->name != NULL; c++) {
			if (!wanted(c, without, argc, argv) || (quick && c->flags & XT_SLOW))
				continue;
			if (list) {
				printf("%-32s %s\n", c->name, c->what);
				continue;
			}
			while ((j = job_free_slot(jobs, nb_jobs)) == NULL)
				jobs_reap(jobs, nb_jobs, &t);
			job_start(j, c);
			running++;
		}
	}
	while (t.passed + t.failed + t.skipped < running)
		jobs_reap(jobs, nb_jobs, &t);
	if (!list)
		printf("%s: %u passed, %u failed, %u skipped in %.0f s\n", cmd, t.passed, t.failed,
		       t.skipped, xt_now() - start);
	return t.failed != 0 || (running == 0 && !list);
}
