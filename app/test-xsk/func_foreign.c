/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* Others attach the XDP program, and give its map of sockets: pinned, or through the device plugin's socket. */

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/if_link.h>

#include "suites.h"

#define PIN "/mnt/xt_map" /* /sys/fs/bpf is looked at for pins of the driver's */
#define SOCK "/tmp/xt_plugin.sock"

/* What the other party has on the interface. */
struct other {
	struct bpf_object *obj;
	int prog_fd, map_fd;
	uint32_t id;
};

/* In the mount namespace of this case. */
static void
pins_begin(void)
{
	if (mount("bpffs", "/mnt", "bpf", 0, NULL) != 0)
		SKIP("a bpf file system: %s", strerror(errno));
}

static struct other
other_begin(struct xt_wire *w)
{
	struct other o = {.obj = bpf_object__open_file(xt_object_path("custom_one"), NULL)};
	struct xt_link link;

	pins_begin();
	CHECK_OK(libbpf_get_error(o.obj), "open");
	CHECK_OK(bpf_object__load(o.obj), "load");
	o.prog_fd = bpf_program__fd(bpf_object__next_program(o.obj, NULL));
	o.map_fd = bpf_map__fd(bpf_object__find_map_by_name(o.obj, "xsks_map"));
	CHECK_OK(xt_link_xdp(w->dev, o.prog_fd, XDP_FLAGS_DRV_MODE), "attach");
	CHECK_OK(xt_link_get(w->dev, &link), "link");
	o.id = link.xdp_prog_id;
	CHECK_OK(bpf_obj_pin(o.map_fd, PIN), "pin");
	xt_state_own_fd(o.prog_fd);
	xt_state_own_fd(o.map_fd);
	xt_state_own_fd(bpf_object__btf_fd(o.obj));
	xt_state_add_link(w->dev); /* with that program */
	return o;
}

/* The program is the other's all the time, and its map sends the port nothing any more. */
static void
other_check(struct xt_wire *w, const struct other *o)
{
	uint8_t buf[2048];
	struct xt_link link;
	int fd;

	CHECK_OK(xt_link_get(w->dev, &link), "link");
	CHECK_INT(link.xdp_prog_id, ==, o->id, "id of the program on the interface");
	fd = xt_packet_socket(w->dev);
	xt_peer_send(w, 0, 77, 101);
	CHECK_INT(xt_fd_recv(fd, buf, sizeof(buf), 1000), ==, 101, "length of the frame that the kernel gets");
	close(fd);
}

static void
other_end(struct xt_wire *w, struct other *o)
{
	CHECK_OK(unlink(PIN), "unlink " PIN);
	CHECK_OK(xt_link_xdp(w->dev, -1, XDP_FLAGS_DRV_MODE), "detach");
	xt_state_add_link(w->dev);
	bpf_object__close(o->obj);
}

static void
run_port(struct xt_wire *w, const struct other *o, const char *args)
{
	struct xt_port *p = xt_port(w);

	p->args = args;
	xt_port_up(p);
	xt_traffic(p, w);
	CHECK_OK(xt_port_stop(p), "stop");
	other_check(w, o);
	CHECK_OK(xt_port_start(p), "start");
	xt_traffic(p, w);
	xt_port_down(p);
	other_check(w, o);
}

static void
pinned(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(2);
	struct other o = other_begin(w);
	unsigned int i;

	for (i = 0; i < 3; i++)
		run_port(w, &o, "use_pinned_map=1,dp_path=" PIN ",queue_count=2");
	other_end(w, &o);
}

/* ---- the device plugin --------------------------------------------------------------------- */

/* How a plugin may behave. */
enum plugin { PLUGIN_GOOD, PLUGIN_NAK, PLUGIN_NO_FD, PLUGIN_HANGS_UP, PLUGIN_SILENT, NB_PLUGINS };

struct server {
	enum plugin plugin;
	int listener, map_fd;
	unsigned int questions;
	char asked[4][128];
};

static void
answer(int fd, const char *text, int map_fd)
{
	char control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec iov = {.iov_base = strdup(text), .iov_len = strlen(text)};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *c;

	if (map_fd >= 0) {
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &map_fd, sizeof(int));
	}
	sendmsg(fd, &msg, MSG_NOSIGNAL);
	free(iov.iov_base);
}

static void *
serve(void *arg)
{
	struct server *s = arg;
	int fd = accept(s->listener, NULL, NULL);
	char *text;
	ssize_t n;

	while (s->questions < RTE_DIM(s->asked)) {
		text = s->asked[s->questions];
		n = recv(fd, text, sizeof(s->asked[0]) - 1, 0);
		if (n <= 0)
			break;
		s->questions++;
		if (s->plugin == PLUGIN_SILENT)
			continue;
		if (s->plugin == PLUGIN_HANGS_UP && s->questions == 3)
			break;
		if (strncmp(text, "/connect,", 9) == 0)
			answer(fd, s->plugin == PLUGIN_NAK ? "/host_nak" : "/host_ok", -1);
		else if (strcmp(text, "/version") == 0)
			answer(fd, "0.1", -1);
		else if (strncmp(text, "/xsk_map_fd,", 12) == 0)
			answer(fd, "/fd_ack", s->plugin == PLUGIN_NO_FD ? -1 : s->map_fd);
		else
			answer(fd, "/fin_ack", -1);
	}
	close(fd);
	return NULL;
}

static int
listen_at(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	strcpy(addr.sun_path, path);
	unlink(path);
	CHECK_OK(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), "bind: %s", strerror(errno));
	CHECK_OK(listen(fd, 1), "listen");
	return fd;
}

/* Probe to start once, with a plugin that behaves so. */
static void
with_plugin(struct xt_wire *w, const struct other *o, enum plugin plugin)
{
	struct server s = {.plugin = plugin, .listener = listen_at(SOCK), .map_fd = o->map_fd};
	struct xt_port *p;
	pthread_t thread;
	char expected[64];
	const char *log;
	int ret;

	xt_note("plugin %d", plugin);
	xt_state_own_fd(s.listener);
	CHECK_OK(pthread_create(&thread, NULL, serve, &s), "thread");
	if (plugin == PLUGIN_GOOD) {
		run_port(w, o, "use_cni=1,dp_path=" SOCK);
	} else {
		p = xt_port(w);
		p->args = "use_cni=1,dp_path=" SOCK;
		CHECK_OK(xt_port_probe(p), "probe");
		CHECK_OK(xt_port_setup(p), "set-up");
		xt_log_begin();
		ret = xt_port_start(p);
		log = xt_log_end();
		CHECK_INT(ret, <, 0, "start");
		CHECK(strstr(log, SOCK) != NULL, "the log does not name the socket: \"%s\"", log);
		xt_port_down(p);
		other_check(w, o);
	}
	pthread_join(thread, NULL);
	snprintf(expected, sizeof(expected), "/xsk_map_fd,%s", w->dev);
	if (plugin == PLUGIN_GOOD) {
		CHECK(strcmp(s.asked[2], expected) == 0, "question 3 is %s", s.asked[2]);
		CHECK_INT(s.questions, ==, 4, "questions");
	}
	close(s.listener);
	unlink(SOCK);
}

static void
device_plugin(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(1);
	struct other o = other_begin(w);
	enum plugin plugin;

	for (plugin = PLUGIN_GOOD; plugin < NB_PLUGINS; plugin++)
		with_plugin(w, &o, plugin);
	with_plugin(w, &o, PLUGIN_GOOD);
	other_end(w, &o);
}

/* ---- refused --------------------------------------------------------------------------------- */

static void
refused(struct xt_wire *w, const char *args, const char *word)
{
	struct xt_port *p = xt_port(w);
	const char *log;
	int ret;

	xt_note("%s", args);
	p->args = args;
	p->nb_rxq = p->nb_txq = 2;
	CHECK_OK(xt_port_probe(p), "probe");
	CHECK_OK(xt_port_setup(p), "set-up");
	xt_log_begin();
	ret = xt_port_start(p);
	log = xt_log_end();
	CHECK_INT(ret, <, 0, "start");
	CHECK(strstr(log, word) != NULL, "no \"%s\" in the log: \"%s\"", word, log);
	xt_port_down(p);
	xt_state_check("after the refusal");
}

static void
foreign_refused(const void *arg __rte_unused)
{
	struct xt_wire *w = xt_veth(2);
	int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "no_sockets", 4, 4, 4, NULL);
	int small = bpf_map_create(BPF_MAP_TYPE_XSKMAP, "small", 4, 4, 1, NULL);
	int good = bpf_map_create(BPF_MAP_TYPE_XSKMAP, "good", 4, 4, 4, NULL);

	pins_begin();
	CHECK(map >= 0 && small >= 0 && good >= 0, "maps: %s", strerror(errno));
	xt_state_own_fd(map);
	xt_state_own_fd(small);
	xt_state_own_fd(good);
	CHECK_OK(bpf_obj_pin(map, PIN "_array"), "pin");
	CHECK_OK(bpf_obj_pin(small, PIN "_small"), "pin");
	CHECK_OK(bpf_obj_pin(good, PIN "_good"), "pin");
	refused(w, "use_pinned_map=1,dp_path=" PIN "_none", "no map pinned at " PIN "_none");
	refused(w, "use_pinned_map=1", "/tmp/afxdp_dp/xt0/xsks_map");
	refused(w, "use_pinned_map=1,dp_path=" PIN "_array", "XSKMAP");
	refused(w, "use_pinned_map=1,dp_path=" PIN "_small", "1 entries");
	refused(w, "use_pinned_map=1,dp_path=" PIN "_good", "no XDP program");
	refused(w, "use_cni=1", "/tmp/afxdp_dp/xt0/afxdp.sock");
	refused(w, "use_cni=1,dp_path=/nonexistent", "/nonexistent");
	unlink(PIN "_array");
	unlink(PIN "_small");
	unlink(PIN "_good");
	close(map);
	close(small);
	close(good);
}

const struct xt_case func_foreign_cases[] = {
	{"foreign_pinned", "use_pinned_map=1: another's program and map", pinned, NULL, 0, 0},
	{"foreign_plugin", "use_cni=1: a device plugin that is good, refuses, gives nothing, hangs up, is silent",
	 device_plugin, NULL, 0, 0},
	{"foreign_refused", "a map that is not there, no map of sockets, too small, without a program",
	 foreign_refused, NULL, 0, 0},
	{0},
};
