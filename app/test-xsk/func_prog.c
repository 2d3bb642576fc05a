/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* XDP programs: those of others on the interface, and the user's own instead of the driver's. */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <linux/if_link.h>

#include "suites.h"

/* Where the build puts the tests' BPF objects: beside this tool. */
const char *
xt_object_path(const char *name)
{
	static char path[512];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *base;

	CHECK(len > 0, "/proc/self/exe: %s", strerror(errno));
	path[len] = '\0';
	base = strrchr(path, '/') + 1;
	snprintf(base, sizeof(path) - (base - path), "%s.bpf.o", name);
	if (access(path, R_OK) != 0)
		SKIP("%s, which the build makes", path);
	return path;
}

static const char *
custom_args(const char *object, const char *more)
{
	static char args[640];

	snprintf(args, sizeof(args), "xdp_prog=%s%s", xt_object_path(object), more);
	return args;
}

/* A program of ours that passes everything, as another application would have. */
static int
load_pass(void)
{
	static const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_PASS},
		{.code = BPF_JMP | BPF_EXIT},
	};
	int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "somebody_else", "GPL", insns, RTE_DIM(insns),
			       NULL);

	CHECK(fd >= 0, "load: %s", strerror(errno));
	xt_state_own_fd(fd);
	return fd;
}

/* A program that is on the interface already: refused, and left alone. */
static void
foreign_program(const void *arg)
{
	const uint32_t flags = *(const uint32_t *)arg;
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	struct xt_link before, after;
	int fd = load_pass(), i, ret = 0;
	const char *log;

	CHECK_OK(xt_link_xdp(w->dev, fd, flags), "attach");
	xt_state_add_link(w->dev);
	CHECK_OK(xt_link_get(w->dev, &before), "link");
	CHECK_INT(before.xdp_prog_id, !=, 0, "id of the program on the interface");
	for (i = 0; i < 3; i++) {
		p = xt_port(w);
		xt_log_begin();
		ret = xt_port_probe(p);
		if (ret == 0)
			ret = xt_port_setup(p);
		if (ret == 0)
			ret = xt_port_start(p);
		log = xt_log_end();
		CHECK_INT(ret, <, 0, "start beside the program of somebody else");
		CHECK(strstr(log, "program") != NULL, "the log does not name the program: \"%s\"",
		      log);
		xt_port_down(p);
		xt_state_check("after the refusal");
		CHECK_OK(xt_link_get(w->dev, &after), "link");
		CHECK_INT(after.xdp_prog_id, ==, before.xdp_prog_id, "id of the program");
	}
	CHECK_OK(xt_link_xdp(w->dev, -1, flags), "detach");
	xt_state_add_link(w->dev);
}

/* Somebody else wants the interface while the port runs: they are told, it runs on. */
static void
program_after(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct xt_port *p = xt_port(w);
	int fd = load_pass();

	xt_port_up(p);
	CHECK_INT(xt_link_xdp(w->dev, fd, XDP_FLAGS_DRV_MODE), <, 0, "attach another program");
	CHECK_INT(xt_link_xdp(w->dev, fd, XDP_FLAGS_SKB_MODE), <, 0, "attach in the other mode");
	CHECK_INT(xt_link_xdp(w->dev, -1, XDP_FLAGS_DRV_MODE), <, 0, "detach the port's program");
	xt_traffic(p, w);
	xt_port_down(p);
	CHECK_OK(xt_link_xdp(w->dev, fd, XDP_FLAGS_DRV_MODE), "attach after the port is closed");
	CHECK_OK(xt_link_xdp(w->dev, -1, XDP_FLAGS_DRV_MODE), "detach");
}

static void
custom(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_tap(2);
	struct xt_port *p;
	unsigned int i;

	for (i = 0; i < 20; i++) {
		xt_note("cycle %u", i);
		p = xt_port(w);
		p->args = custom_args("custom_one", ",queue_count=2");
		xt_port_up(p);
		xt_traffic(p, w);
		xt_port_down(p);
		xt_state_check("after close");
	}
}

/* Stop and start, with the same program in a second port of the same process. */
static void
custom_restart(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1), *w2 = xt_tap(1);
	struct xt_port *p = xt_port(w), *p2 = xt_port(w2);
	unsigned int i;

	p->args = p2->args = custom_args("custom_one", "");
	xt_port_up(p);
	xt_port_up(p2);
	for (i = 0; i < 5; i++) {
		xt_traffic(p, w);
		xt_traffic(p2, w2);
		CHECK_OK(xt_port_stop(p), "stop");
		xt_traffic(p2, w2);
		CHECK_OK(xt_port_start(p), "start");
	}
}

static void
custom_section(const void *arg __rte_unused)
{
	static const char *const by_name[] = {",xdp_section=many_redirect",
		",xdp_section=many_even", ",xdp_section=xdp.frags"};
	struct xt_wire *w = xt_veth(1);
	int fd = xt_packet_socket(w->dev);
	struct xt_port *p;
	uint8_t buf[2048];
	unsigned int i;
	const char *log;

	for (i = 0; i < RTE_DIM(by_name); i++) {
		xt_note("%s", by_name[i]);
		p = xt_port(w);
		p->args = custom_args("custom_many", by_name[i]);
		xt_port_up(p);
		xt_traffic(p, w);
		if (i > 0) { /* an odd length goes to the kernel */
			xt_peer_send(w, 0, 77, 101);
			CHECK_INT(xt_fd_recv(fd, buf, sizeof(buf), 1000), ==, 101,
				  "length of the frame that many_even leaves to the kernel");
			xt_rx_expect_none(p, 1);
		}
		xt_port_down(p);
	}
	xt_note("the first program, which passes all");
	p = xt_port(w);
	p->args = custom_args("custom_many", "");
	xt_port_up(p);
	xt_peer_send(w, 0, 78, 100);
	CHECK_INT(xt_fd_recv(fd, buf, sizeof(buf), 1000), ==, 100, "length in the kernel");
	xt_port_down(p);

	xt_note("no such section");
	p = xt_port(w);
	p->args = custom_args("custom_many", ",xdp_section=nowhere");
	xt_log_begin();
	CHECK_INT(xt_port_probe(p) || xt_port_setup(p) || xt_port_start(p), !=, 0, "start");
	log = xt_log_end();
	CHECK(strstr(log, "nowhere") != NULL, "the log does not name the section: \"%s\"", log);
}

struct refused {
	const char *object;
	const char *more;
	const char *word; /* in the log */
};

static void
custom_refused(const void *arg)
{
	const struct refused *r = arg;
	struct xt_wire *w = xt_tap(2);
	struct xt_port *p;
	unsigned int i;
	const char *log;
	int ret;

	for (i = 0; i < 10; i++) {
		p = xt_port(w);
		p->args = custom_args(r->object, r->more);
		xt_log_begin();
		ret = xt_port_probe(p);
		if (ret == 0)
			ret = xt_port_setup(p);
		if (ret == 0)
			ret = xt_port_start(p);
		log = xt_log_end();
		CHECK_INT(ret, <, 0, "start with %s", r->object);
		CHECK(strstr(log, r->word) != NULL, "the log does not say %s: \"%s\"", r->word,
		      log);
		xt_port_down(p);
		xt_state_check("after the refusal");
	}
}

/* One interface has one program: who cannot have it has no part in it. */
static void
custom_beside_own(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(2);
	struct xt_port *a = xt_port(w), *b = xt_port(w);

	a->args = "start_queue=0,queue_count=1";
	b->args = custom_args("custom_one", ",start_queue=1,queue_count=1");
	a->nb_rxq = a->nb_txq = b->nb_rxq = b->nb_txq = 1;
	xt_port_up(a);
	CHECK_OK(xt_port_probe(b), "probe");
	CHECK_OK(xt_port_setup(b), "set-up");
	CHECK_INT(xt_port_start(b), <, 0, "start with another program");
	CHECK_INT(xt_port_start(b), <, 0, "start with another program, again");
	xt_port_down(b);
	xt_traffic(a, w);
}

static const uint32_t native = XDP_FLAGS_DRV_MODE, generic = XDP_FLAGS_SKB_MODE;
static const struct refused nomap = {"custom_nomap", ",queue_count=2", "xsks_map"},
	small = {"custom_small", ",queue_count=2", "xsks_map"};

const struct xt_case func_prog_cases[] = {
	{"foreign_native_B7", "another native program: refused and left alone", foreign_program,
	 &native, 0, 0},
	{"foreign_generic_B7", "another generic program: refused and left alone", foreign_program,
	 &generic, 0, 0},
	{"program_after", "nobody replaces the program of a running port", program_after, NULL, 0,
	 0},
	{"custom_B31", "xdp_prog=, 20 times", custom, NULL, 0, 0},
	{"custom_restart_B31", "xdp_prog= on two ports, stop and start", custom_restart, NULL, 0,
	 0},
	{"custom_beside_own", "xdp_prog= beside our own program is refused", custom_beside_own, NULL,
	 0, 0},
	{"custom_section", "xdp_section= by section and by name", custom_section, NULL, 0, 0},
	{"custom_nomap_B6", "xdp_prog= without a map of sockets is refused", custom_refused, &nomap,
	 0, 0},
	{"custom_small_B6", "xdp_prog= with a map too small is refused", custom_refused, &small, 0,
	 0},
	{0},
};
