/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/*
 * What a driver must not leave behind: mbufs out of their pool, file descriptors, XDP programs on
 * an interface, BPF objects, pins, changed interface settings.
 */

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "harness.h"

#define MAX_FDS 1024
#define MAX_LINKS 16
#define MAX_BPF 256

enum bpf_kind {
	BPF_PROG,
	BPF_MAP,
	BPF_LINK,
	BPF_KINDS,
};

struct bpf_seen {
	enum bpf_kind kind;
	uint32_t id;
};

struct link_seen {
	char name[IFNAMSIZ];
	struct xt_link l;
};

static const char *const bpf_kind_name[BPF_KINDS] = {"prog", "map", "link"};
static bool fd_known[MAX_FDS]; /* EAL's and the test's own */
static unsigned int epolls_known, epolls_left;
static struct link_seen links[MAX_LINKS];
static struct bpf_seen seen[MAX_BPF], own[MAX_BPF];
static unsigned int nb_links, nb_seen, nb_own;

static void
each_fd(void (*fn)(int fd, const char *target))
{
	char path[300], target[256];
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *e;
	ssize_t len;
	int fd;

	CHECK(dir != NULL, "/proc/self/fd: %s", strerror(errno));
	while ((e = readdir(dir)) != NULL) {
		fd = atoi(e->d_name);
		if (e->d_name[0] == '.' || fd == dirfd(dir) || fd >= MAX_FDS) /* valgrind's are high */
			continue;
		snprintf(path, sizeof(path), "/proc/self/fd/%s", e->d_name);
		len = readlink(path, target, sizeof(target) - 1);
		if (len < 0)
			continue;
		target[len] = '\0';
		fn(fd, target);
	}
	closedir(dir);
}

/* EAL's interrupt thread has one, and opens it anew when an interrupt is added or removed. */
static bool
fd_is_epoll(const char *target)
{
	return strcmp(target, "anon_inode:[eventpoll]") == 0;
}

static void
fd_learn(int fd, const char *target)
{
	fd_known[fd] = !fd_is_epoll(target);
	epolls_known += fd_is_epoll(target);
}

static void
fd_check(int fd, const char *target)
{
	if (fd_known[fd] || strncmp(target, "/memfd:seg_", 11) == 0) /* EAL keeps huge pages */
		return;
	epolls_left += fd_is_epoll(target);
	CHECK(fd_is_epoll(target) && epolls_left <= epolls_known,
	      "file descriptor %d left open: %s", fd, target);
}

/* What an fd is to BPF: its kind and id from fdinfo; false: nothing. */
static bool
fd_bpf(int fd, struct bpf_seen *b)
{
	static const char *const key[BPF_KINDS] = {"prog_id:", "map_id:", "link_id:"};
	char path[64], line[256];
	bool found = false;
	unsigned int k;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "re");
	if (f == NULL)
		return false;
	while (fgets(line, sizeof(line), f) != NULL) {
		for (k = 0; k < BPF_KINDS; k++) {
			if (strncmp(line, key[k], strlen(key[k])) != 0)
				continue;
			b->kind = k;
			b->id = strtoul(line + strlen(key[k]), NULL, 10);
			found = true; /* a link also shows its prog_id: the link_id is first */
			goto out;
		}
	}
out:
	fclose(f);
	return found;
}

static bool
bpf_in(const struct bpf_seen *set, unsigned int n, const struct bpf_seen *b)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (set[i].kind == b->kind && set[i].id == b->id)
			return true;
	}
	return false;
}

static void
bpf_see(const struct bpf_seen *b)
{
	if (bpf_in(own, nb_own, b) || bpf_in(seen, nb_seen, b))
		return;
	/* a case of many cycles need not remember them all */
	seen[nb_seen % MAX_BPF] = *b;
	nb_seen = RTE_MIN(nb_seen + 1, (unsigned int)MAX_BPF);
}

static int
bpf_open(const struct bpf_seen *b)
{
	if (b->kind == BPF_PROG)
		return bpf_prog_get_fd_by_id(b->id);
	if (b->kind == BPF_MAP)
		return bpf_map_get_fd_by_id(b->id);
	return bpf_link_get_fd_by_id(b->id);
}

static void
prog_see(uint32_t id)
{
	struct bpf_seen b = {.kind = BPF_PROG, .id = id};
	struct bpf_prog_info info = {0};
	uint32_t len = sizeof(info), maps[16], i;
	int fd;

	bpf_see(&b);
	fd = bpf_prog_get_fd_by_id(id);
	if (fd < 0)
		return;
	info.map_ids = (uintptr_t)maps;
	info.nr_map_ids = RTE_DIM(maps);
	if (!bpf_in(own, nb_own, &b) && bpf_obj_get_info_by_fd(fd, &info, &len) == 0) {
		for (i = 0; i < RTE_MIN(info.nr_map_ids, RTE_DIM(maps)); i++)
			bpf_see(&(struct bpf_seen){.kind = BPF_MAP, .id = maps[i]});
	}
	close(fd);
}

static void
fd_see(int fd, const char *target)
{
	struct bpf_seen b;

	if (fd_known[fd] || strstr(target, "bpf") == NULL || !fd_bpf(fd, &b))
		return;
	if (b.kind == BPF_PROG)
		prog_see(b.id);
	else
		bpf_see(&b);
}

void
xt_state_see_bpf(void)
{
	bool paused = xt_fault_pause(true);
	struct xt_link l;
	unsigned int i;

	each_fd(fd_see);
	for (i = 0; i < nb_links; i++) {
		if (xt_link_get(links[i].name, &l) == 0 && l.xdp_prog_id != 0)
			prog_see(l.xdp_prog_id);
	}
	xt_fault_pause(paused);
}

void
xt_state_begin(void)
{
	epolls_known = 0;
	each_fd(fd_learn);
}

void
xt_state_own_fd(int fd)
{
	struct bpf_seen b;

	CHECK(fd >= 0 && fd < MAX_FDS, "own fd %d", fd);
	fd_known[fd] = true;
	if (fd_bpf(fd, &b) && nb_own < MAX_BPF)
		own[nb_own++] = b;
}

void
xt_state_add_link(const char *name)
{
	unsigned int i;

	for (i = 0; i < nb_links; i++) {
		if (strcmp(links[i].name, name) == 0)
			break;
	}
	CHECK(i < MAX_LINKS, "too many links");
	snprintf(links[i].name, sizeof(links[i].name), "%s", name);
	CHECK_OK(xt_link_get(name, &links[i].l), "interface %s", name);
	if (i == nb_links)
		nb_links++;
}

void
xt_state_forget_link(const char *name)
{
	unsigned int i;

	for (i = 0; i < nb_links; i++) {
		if (strcmp(links[i].name, name) == 0)
			links[i] = links[--nb_links];
	}
}

static void
link_check(const struct link_seen *was, const char *when)
{
	const unsigned int volatile_flags = IFF_RUNNING | 0x10000 /* LOWER_UP */;
	const char *n = was->name;
	struct xt_link l;

	CHECK_OK(xt_link_get(n, &l), "%s: interface %s", when, n);
	CHECK_INT(l.xdp_prog_id, ==, was->l.xdp_prog_id, "%s: XDP program on %s", when, n);
	CHECK_INT(l.flags & ~volatile_flags, ==, was->l.flags & ~volatile_flags,
		  "%s: flags of %s", when, n);
	CHECK_INT(l.mtu, ==, was->l.mtu, "%s: mtu of %s", when, n);
	CHECK_INT(l.promiscuity, ==, was->l.promiscuity, "%s: promiscuity of %s", when, n);
	CHECK_INT(l.allmulti, ==, was->l.allmulti, "%s: allmulti of %s", when, n);
	CHECK(memcmp(l.mac, was->l.mac, 6) == 0, "%s: mac of %s is changed", when, n);
}

/* The kernel frees BPF objects after a grace period: milliseconds, or 10 s on a busy machine. */
static void
bpf_check(const struct bpf_seen *b, const char *when)
{
	double end = xt_now() + 30;
	int fd;

	while ((fd = bpf_open(b)) >= 0) {
		close(fd);
		CHECK(xt_now() < end, "%s: BPF %s %u is left", when, bpf_kind_name[b->kind],
		      b->id);
		xt_sleep_ms(2);
	}
}

static void
pins_check(const char *when)
{
	DIR *dir = opendir("/sys/fs/bpf");
	struct dirent *e;

	if (dir == NULL)
		return;
	/* the kernel itself puts maps.debug and progs.debug there */
	while ((e = readdir(dir)) != NULL)
		CHECK(e->d_name[0] == '.' || strstr(e->d_name, ".debug") != NULL,
		      "%s: pin /sys/fs/bpf/%s is left", when, e->d_name);
	closedir(dir);
}

void
xt_state_check(const char *when)
{
	unsigned int i;

	xt_pools_full(when);
	epolls_left = 0;
	each_fd(fd_check);
	for (i = 0; i < nb_links; i++)
		link_check(&links[i], when);
	for (i = 0; i < nb_seen; i++)
		bpf_check(&seen[i], when);
	pins_check(when);
}
