/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include <rte_common.h>
#include <rte_string_fns.h>

#include "xskpmd_foreign.h"
#include "xskpmd_logs.h"

#define DISPATCHER_NAME "xdp_dispatcher"

/** Longest message of the device plugin, bytes. */
#define MSG_MAX 128

/** Longest wait for an answer of it, seconds. */
#define ANSWER_S 5

/* ---- programs of others ------------------------------------------------------------------- */

static int
prog_name_by_id(uint32_t id, char *name, size_t size)
{
	struct bpf_prog_info info = { 0 };
	uint32_t len = sizeof(info);
	int fd = bpf_prog_get_fd_by_id(id), ret;

	if (fd < 0)
		return -errno;
	ret = bpf_obj_get_info_by_fd(fd, &info, &len);
	close(fd);
	if (ret == 0)
		snprintf(name, size, "%s", info.name);
	return ret;
}

int
xskpmd_foreign_check(const struct xskpmd_prog_req *req, bool *libxdp)
{
	char name[BPF_OBJ_NAME_LEN] = "?";
	uint32_t id = 0;

	*libxdp = req->attach == XSKPMD_PROG_BY_LIBXDP;
	if (bpf_xdp_query_id(req->ifindex, 0, &id) != 0 || id == 0)
		return 0;
	prog_name_by_id(id, name, sizeof(name));
	if (strcmp(name, DISPATCHER_NAME) == 0 && req->attach != XSKPMD_PROG_BY_LINK) {
		*libxdp = true;
		return 0;
	}
	XSKPMD_LOG(ERR, "%s: %s has the XDP program %s (id %u) of another application: stop that "
		   "application, or unload the program (ip link set %s xdp off, or xdp-loader unload "
		   "%s --all)", req->name, req->ifname, name, id, req->ifname, req->ifname);
	return -EBUSY;
}

/* ---- the device plugin -------------------------------------------------------------------- */

static int
plugin_connect(const char *path)
{
	const struct timeval limit = { .tv_sec = ANSWER_S };
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd, err;

	if (strlcpy(addr.sun_path, path, sizeof(addr.sun_path)) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == 0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) == 0 &&
	    connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0)
		return fd;
	err = errno;
	close(fd);
	return -err;
}

/** The descriptor that came with a message, if one came: the last. Others are closed. */
static int
take_fd(struct msghdr *msg)
{
	struct cmsghdr *c;
	size_t i, n;
	int fds[4], fd = -1;

	for (c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = RTE_MIN((c->cmsg_len - CMSG_LEN(0)) / sizeof(int), RTE_DIM(fds));
		memcpy(fds, CMSG_DATA(c), n * sizeof(int));
		for (i = 0; i < n; i++) {
			if (fd >= 0)
				close(fd);
			fd = fds[i];
		}
	}
	return fd;
}

/**
 * Ask, and expect an answer that begins with wanted.
 * @param given  the descriptor that comes with it; NULL: none is expected
 * @return 0 or -errno; answer is what came
 */
static int
plugin_ask(int sock, const char *question, const char *wanted, char answer[MSG_MAX], int *given)
{
	union {
		char room[CMSG_SPACE(4 * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { .iov_base = answer, .iov_len = MSG_MAX - 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room,
			      .msg_controllen = sizeof(control.room) };
	ssize_t n;
	int fd;

	answer[0] = '\0';
	if (send(sock, question, strlen(question), MSG_NOSIGNAL) < 0)
		return -errno;
	n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	if (n <= 0)
		return n == 0 ? -ECONNRESET : errno == EAGAIN ? -ETIMEDOUT : -errno;
	answer[n] = '\0';
	fd = take_fd(&msg);
	if (strncmp(answer, wanted, strlen(wanted)) == 0 && (given == NULL || fd >= 0)) {
		if (given != NULL)
			*given = fd;
		else if (fd >= 0)
			close(fd);
		return 0;
	}
	if (fd >= 0)
		close(fd);
	return -EPROTO;
}

/** The conversation: who we are, which version, the map of an interface, the end. @return as plugin_ask() */
static int
plugin_talk(int sock, const struct xskpmd_prog_req *req, char answer[MSG_MAX], int *map_fd)
{
	char question[MSG_MAX], host[64] = "";
	int ret;

	gethostname(host, sizeof(host) - 1);
	snprintf(question, sizeof(question), "/connect,%s", host);
	ret = plugin_ask(sock, question, "/host_ok", answer, NULL);
	if (ret == 0)
		ret = plugin_ask(sock, "/version", "", answer, NULL);
	snprintf(question, sizeof(question), "/xsk_map_fd,%s", req->ifname);
	if (ret == 0)
		ret = plugin_ask(sock, question, "/fd_ack", answer, map_fd);
	if (ret == 0)
		ret = plugin_ask(sock, "/fin", "/fin_ack", answer, NULL);
	return ret;
}

static int
map_from_plugin(const struct xskpmd_prog_req *req)
{
	char answer[MSG_MAX] = "";
	int sock = plugin_connect(req->map_path), fd = -1, ret;

	if (sock < 0) {
		XSKPMD_LOG(ERR, "%s: use_cni=1: no device plugin at %s: %s: give the path of its socket by "
			   "dp_path=", req->name, req->map_path, strerror(-sock));
		return sock;
	}
	ret = plugin_talk(sock, req, answer, &fd);
	close(sock);
	if (ret == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	XSKPMD_LOG(ERR, "%s: use_cni=1: the device plugin at %s gives no map of sockets for %s: %s%s: ask the "
		   "plugin's log why", req->name, req->map_path, req->ifname,
		   ret == -EPROTO ? "it says " : strerror(-ret), ret == -EPROTO ? answer : "");
	return ret;
}

/* ---- the map -------------------------------------------------------------------------------- */

static int
map_from_file(const struct xskpmd_prog_req *req)
{
	int fd = bpf_obj_get(req->map_path);

	if (fd >= 0)
		return fd;
	fd = -errno;
	XSKPMD_LOG(ERR, "%s: use_pinned_map=1: no map pinned at %s: %s: give the path of a pinned XSKMAP "
		   "(bpftool map pin) by dp_path=", req->name, req->map_path, strerror(-fd));
	return fd;
}

/** Whether it is a map for sockets, and large enough. */
static int
map_check(const struct xskpmd_prog_req *req, int fd)
{
	struct bpf_map_info info = { 0 };
	uint32_t len = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &len) != 0 && errno == EPERM)
		return 0; /* who may only use the map may not ask about it */
	if (info.type != BPF_MAP_TYPE_XSKMAP) {
		XSKPMD_LOG(ERR, "%s: what %s names is no map of sockets: it must be of type XSKMAP",
			   req->name, req->map_path);
		return -EINVAL;
	}
	if (info.max_entries < req->queues) {
		XSKPMD_LOG(ERR, "%s: the map at %s has %u entries, the queues in use need %u: enlarge it, or use "
			   "a smaller queue_count", req->name, req->map_path, info.max_entries,
			   req->queues);
		return -EINVAL;
	}
	return 0;
}

/** The program that is to use the map. Which map it uses cannot be told without privileges. */
static int
map_user(const struct xskpmd_prog_req *req, struct xskpmd_foreign_map *map)
{
	LIBBPF_OPTS(bpf_xdp_query_opts, opts);

	if (bpf_xdp_query(req->ifindex, 0, &opts) != 0 || opts.prog_id == 0) {
		XSKPMD_LOG(ERR, "%s: %s has no XDP program, so nothing would come through the map at %s: attach "
			   "the program that uses it first", req->name, req->ifname, req->map_path);
		return -ENOENT;
	}
	map->prog_id = opts.prog_id;
	map->mode = opts.attach_mode == XDP_ATTACHED_SKB ? "generic" :
		    opts.attach_mode == XDP_ATTACHED_HW ? "offloaded" : "native";
	return 0;
}

int
xskpmd_foreign_map(const struct xskpmd_prog_req *req, struct xskpmd_foreign_map *map)
{
	int ret = req->map == XSKPMD_PROG_MAP_PINNED ? map_from_file(req) : map_from_plugin(req);

	if (ret < 0)
		return ret;
	map->fd = ret;
	ret = map_check(req, map->fd);
	if (ret == 0)
		ret = map_user(req, map);
	if (ret != 0)
		close(map->fd);
	return ret;
}
