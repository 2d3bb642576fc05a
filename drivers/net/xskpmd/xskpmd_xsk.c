/* SPDX-License-Identifier: BSD-3-Clause */

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <rte_common.h>

#include "xskpmd_compat.h"
#include "xskpmd_logs.h"
#include "xskpmd_xsk.h"

/* A closed socket frees its queue from a work item, 20 to 40 ms later on Linux 6.18,
 * more while its packets are still held elsewhere, and over a second where processors are scarce.
 */
#define BUSY_WAIT_MS 10
#define BUSY_TRIES 300

/** Microseconds that SO_BUSY_POLL may spin in the kernel. */
#define BUSY_POLL_USECS 20

enum { MAP_RX, MAP_TX, MAP_FILL, MAP_COMP };

static const off_t map_pgoff[] = {
	[MAP_RX] = XDP_PGOFF_RX_RING,
	[MAP_TX] = XDP_PGOFF_TX_RING,
	[MAP_FILL] = XDP_UMEM_PGOFF_FILL_RING,
	[MAP_COMP] = XDP_UMEM_PGOFF_COMPLETION_RING,
};

static void
sleep_ms(long ms)
{
	const struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };

	nanosleep(&t, NULL);
}

/* ---- what an errno means, and what to do about it ------------------------------------- */

struct remedy {
	int err;
	const char *text;
};

/* One table per call; the last row is for every other errno. */
static const struct remedy socket_remedies[] = {
	{ EAFNOSUPPORT, "the kernel has no AF_XDP: it needs CONFIG_XDP_SOCKETS" },
	{ EPERM, "give the process CAP_NET_RAW" },
	{ EACCES, "give the process CAP_NET_RAW" },
	{ EMFILE, "raise the limit of open files (ulimit -n)" },
	{ 0, "see socket(2)" },
};
static const struct remedy umem_remedies[] = {
	{ ENOBUFS, "the locked-memory limit is too low: raise it (ulimit -l) or give the process "
		   "CAP_IPC_LOCK" },
	{ ENOMEM, "the pool's memory has a hole, or memory is short: use a smaller pool, huge pages, "
		  "or --legacy-mem for one contiguous area" },
	{ EFAULT, "the pool's memory cannot be pinned: use huge pages or anonymous memory" },
	{ EINVAL, "the kernel refuses the chunk size" },
	{ 0, "see the kernel's af_xdp.rst" },
};
static const struct remedy bind_remedies[] = {
	{ EBUSY, "another socket holds the queue: stop the other AF_XDP application on this interface, "
		 "or choose other queues with start_queue" },
	{ EINVAL, "the interface has no such queue, or its driver refuses this UMEM" },
	{ ENODEV, "the interface is gone" },
	{ EOPNOTSUPP, "the driver of the interface cannot do this: use zero_copy=auto" },
	{ ENETDOWN, "the driver wants the interface up: ip link set it up" },
	{ EPERM, "give the process CAP_NET_RAW" },
	{ ENOBUFS, "locked-memory limit: raise it (ulimit -l) or give the process CAP_IPC_LOCK" },
	{ 0, "see the kernel log" },
};

static const char *
remedy(const struct remedy *r, int err)
{
	while (r->err != 0 && r->err != err)
		r++;
	return r->text;
}

/* ---- open ------------------------------------------------------------------------------ */

static int
xsk_register_umem(const struct xskpmd_xsk_req *req, int fd)
{
	const struct xskpmd_umem_geom *g = &req->umem->geom;
	/* 32 bytes in all kernels since 5.4: what became tx_metadata_len in 6.8 was padding. With a
	 * byte less, the kernel takes it for the struct without flags and says EINVAL or nothing.
	 */
	const struct {
		uint64_t addr, len;
		uint32_t chunk_size, headroom, flags, tx_metadata_len;
	} reg = {
		.addr = g->area,
		.len = g->area_len,
		.chunk_size = g->chunk_size,
		.headroom = g->headroom,
		.flags = g->unaligned ? XDP_UMEM_UNALIGNED_CHUNK_FLAG : 0,
	};
	int err;

	if (setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &reg, sizeof(reg)) == 0)
		return 0;
	err = errno;
	XSKPMD_LOG(ERR, "%s: cannot register pool %s as UMEM (%lu bytes, chunks of %u + headroom %u, %s): "
		   "%s: %s", req->name, req->umem->pool->name, (unsigned long)g->area_len,
		   g->chunk_size, g->headroom, g->unaligned ? "unaligned" : "aligned", strerror(err),
		   remedy(umem_remedies, err));
	return -err;
}

static int
xsk_set_ring(int fd, int opt, uint32_t size)
{
	if (size == 0 || setsockopt(fd, SOL_XDP, opt, &size, sizeof(size)) == 0)
		return 0;
	return -errno;
}

/** Map one ring, at its place if that is free. */
static int
xsk_map_ring(struct xskpmd_xsk *xsk, int which, size_t len)
{
	void *at = xsk->map_at != NULL ? RTE_PTR_ADD(xsk->map_at, which * XSKPMD_MAP_RING) : NULL;
	void *p = mmap(at, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, xsk->fd,
		       map_pgoff[which]);

	if (p == MAP_FAILED)
		return -errno;
	xsk->map[which] = p;
	xsk->map_len[which] = len;
	return 0;
}

/* libxdp's two ring types have the same fields. */
#define RING_INIT(r, base, off, entries) do { \
	(r)->mask = (entries) - 1; \
	(r)->size = (entries); \
	(r)->producer = RTE_PTR_ADD(base, (off)->producer); \
	(r)->consumer = RTE_PTR_ADD(base, (off)->consumer); \
	(r)->flags = RTE_PTR_ADD(base, (off)->flags); \
	(r)->ring = RTE_PTR_ADD(base, (off)->desc); \
	(r)->cached_prod = *(r)->producer; \
	(r)->cached_cons = *(r)->consumer; \
} while (0)

static int
xsk_map_rings(const struct xskpmd_xsk_req *req, struct xskpmd_xsk *xsk)
{
	struct xdp_mmap_offsets off;
	socklen_t len = sizeof(off);
	int ret = 0;

	if (getsockopt(xsk->fd, SOL_XDP, XDP_MMAP_OFFSETS, &off, &len) != 0)
		return -errno;
	if (len != sizeof(off))
		return -EPROTO; /* Linux before 5.4 */
	ret = xsk_map_ring(xsk, MAP_FILL, off.fr.desc + req->fill_size * sizeof(uint64_t));
	if (ret == 0)
		ret = xsk_map_ring(xsk, MAP_COMP, off.cr.desc + req->comp_size * sizeof(uint64_t));
	if (ret == 0 && req->rx_size > 0)
		ret = xsk_map_ring(xsk, MAP_RX, off.rx.desc + req->rx_size * sizeof(struct xdp_desc));
	if (ret == 0 && req->tx_size > 0)
		ret = xsk_map_ring(xsk, MAP_TX, off.tx.desc + req->tx_size * sizeof(struct xdp_desc));
	if (ret != 0)
		return ret;
	RING_INIT(&xsk->fill, xsk->map[MAP_FILL], &off.fr, req->fill_size);
	xsk->fill.cached_cons += req->fill_size; /* libxdp's convention for producers */
	RING_INIT(&xsk->comp, xsk->map[MAP_COMP], &off.cr, req->comp_size);
	if (req->rx_size > 0)
		RING_INIT(&xsk->rx, xsk->map[MAP_RX], &off.rx, req->rx_size);
	if (req->tx_size > 0) {
		RING_INIT(&xsk->tx, xsk->map[MAP_TX], &off.tx, req->tx_size);
		xsk->tx.cached_cons += req->tx_size;
	}
	return 0;
}

static int
xsk_setup_rings(const struct xskpmd_xsk_req *req, struct xskpmd_xsk *xsk)
{
	int ret;

	/* Fill and completion rings must exist even if only one direction is used. */
	ret = xsk_set_ring(xsk->fd, XDP_UMEM_FILL_RING, req->fill_size);
	if (ret == 0)
		ret = xsk_set_ring(xsk->fd, XDP_UMEM_COMPLETION_RING, req->comp_size);
	if (ret == 0)
		ret = xsk_set_ring(xsk->fd, XDP_RX_RING, req->rx_size);
	if (ret == 0)
		ret = xsk_set_ring(xsk->fd, XDP_TX_RING, req->tx_size);
	if (ret == 0)
		ret = xsk_map_rings(req, xsk);
	if (ret != 0)
		XSKPMD_LOG(ERR, "%s: cannot make the rings of queue %u (Rx %u, Tx %u, fill %u, completion "
			   "%u entries): %s: use fewer descriptors if memory is short", req->name,
			   req->queue, req->rx_size, req->tx_size, req->fill_size, req->comp_size,
			   strerror(-ret));
	return ret;
}

int
xskpmd_xsk_open(const struct xskpmd_xsk_req *req, struct xskpmd_xsk *xsk)
{
	int ret;

	*xsk = (struct xskpmd_xsk){ .fd = -1, .ifindex = req->ifindex, .netns = req->netns,
				    .queue = req->queue, .map_at = req->map_at };
	ret = xskpmd_netns_socket(req->netns, AF_XDP, SOCK_RAW, 0);
	if (ret < 0) {
		XSKPMD_LOG(ERR, "%s: cannot open an AF_XDP socket: %s: %s", req->name, strerror(-ret),
			   remedy(socket_remedies, -ret));
		return ret;
	}
	xsk->fd = ret;
	xsk->shared = req->share != NULL;
	ret = xsk->shared ? 0 : xsk_register_umem(req, xsk->fd);
	if (ret == 0)
		ret = xsk_setup_rings(req, xsk);
	if (ret != 0)
		xskpmd_xsk_close(xsk);
	return ret;
}

/* ---- rings in another process ---------------------------------------------------------- */

/** The rings of a direction. */
static const int direction_maps[2][2] = { { MAP_RX, MAP_FILL }, { MAP_TX, MAP_COMP } };

void
xskpmd_xsk_rings(const struct xskpmd_xsk *xsk, bool tx, void *addr[2], size_t len[2])
{
	size_t i;

	for (i = 0; i < RTE_DIM(direction_maps[tx]); i++) {
		addr[i] = xsk->map[direction_maps[tx][i]];
		len[i] = xsk->map_len[direction_maps[tx][i]];
	}
}

int
xskpmd_xsk_map_rings(int fd, bool tx, void *const addr[2], const size_t len[2])
{
	size_t i;
	int err;

	for (i = 0; i < RTE_DIM(direction_maps[tx]); i++) {
		void *p = mmap(addr[i], len[i], PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_POPULATE | MAP_FIXED_NOREPLACE, fd,
			       map_pgoff[direction_maps[tx][i]]);

		if (p == addr[i])
			continue;
		err = p == MAP_FAILED ? errno : EEXIST;
		if (p != MAP_FAILED) /* Linux before 4.17 takes the flag for a hint */
			munmap(p, len[i]);
		if (i > 0)
			munmap(addr[0], len[0]);
		return -err;
	}
	return 0;
}

void
xskpmd_xsk_unmap_rings(void *const addr[2], const size_t len[2])
{
	munmap(addr[0], len[0]);
	munmap(addr[1], len[1]);
}

/* ---- who holds a queue ----------------------------------------------------------------- */

/** Whether a process has a completion ring mapped: only AF_XDP sockets have that offset. */
static bool
has_xsk_rings(const char *pid)
{
	char path[64], line[512], want[32];
	bool found = false;
	FILE *f;

	snprintf(want, sizeof(want), " %llx ", XDP_UMEM_PGOFF_COMPLETION_RING);
	snprintf(path, sizeof(path), "/proc/%.16s/maps", pid);
	f = fopen(path, "re");
	if (f == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), f) != NULL)
		found = strstr(line, "socket:[") != NULL && strstr(line, want) != NULL;
	fclose(f);
	return found;
}

/** Whether a process is in a network namespace, or has it open, as for netns=. */
static bool
has_netns(const char *pid, uint64_t id)
{
	char path[64];
	struct dirent *entry;
	struct stat st;
	dev_t nsfs;
	bool found;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%.16s/ns/net", pid);
	if (stat(path, &st) != 0)
		return false;
	found = st.st_ino == id;
	nsfs = st.st_dev;
	snprintf(path, sizeof(path), "/proc/%.16s/fd", pid);
	dir = found ? NULL : opendir(path);
	while (!found && dir != NULL && (entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "/proc/%.16s/fd/%.16s", pid, entry->d_name);
		found = stat(path, &st) == 0 && st.st_dev == nsfs && st.st_ino == id;
	}
	if (dir != NULL)
		closedir(dir);
	return found;
}

/** Name the other processes with AF_XDP sockets that could be on the interface:
 *  " (one of: testpmd, pid 12; ...)". No kernel call says which of them has the queue (xsk_diag
 *  is in few kernels); ports of this process have been asked before.
 */
static void
name_holders(const struct xskpmd_netns *netns, char *text, size_t size)
{
	char comm[32], path[64];
	struct dirent *entry;
	size_t n = 0;
	FILE *f;
	DIR *dir = opendir("/proc");

	text[0] = '\0';
	while (dir != NULL && (entry = readdir(dir)) != NULL && n < size) {
		if (entry->d_name[0] < '1' || entry->d_name[0] > '9' ||
		    (pid_t)atoi(entry->d_name) == getpid() || !has_xsk_rings(entry->d_name) ||
		    (netns != NULL && !has_netns(entry->d_name, netns->id)))
			continue;
		snprintf(path, sizeof(path), "/proc/%.16s/comm", entry->d_name);
		f = fopen(path, "re");
		if (f == NULL || fgets(comm, sizeof(comm), f) == NULL)
			strcpy(comm, "?");
		if (f != NULL)
			fclose(f);
		comm[strcspn(comm, "\n")] = '\0';
		n += snprintf(text + n, size - n, "%s%s, pid %.16s", n == 0 ? " (one of: " : "; ", comm,
			      entry->d_name);
	}
	if (n > 0 && n + 1 < size)
		strcpy(text + n, ")");
	if (dir != NULL)
		closedir(dir);
}

/* ---- bind ------------------------------------------------------------------------------ */

/** bind(2), waiting while the queue is busy. */
static int
xsk_bind_wait(int fd, int ifindex, uint32_t queue, uint16_t flags, int share_fd)
{
	const struct sockaddr_xdp sxdp = {
		.sxdp_family = AF_XDP,
		.sxdp_flags = flags,
		.sxdp_ifindex = ifindex,
		.sxdp_queue_id = queue,
		.sxdp_shared_umem_fd = share_fd,
	};
	int i;

	for (i = 0; i < BUSY_TRIES; i++) {
		if (bind(fd, (const struct sockaddr *)&sxdp, sizeof(sxdp)) == 0)
			return 0;
		if (errno != EBUSY)
			return -errno;
		sleep_ms(BUSY_WAIT_MS);
	}
	return -EBUSY;
}

/* What to try, best first. A packet that needs several buffers is worth more than
 * zero-copy, so where multi-buffer is needed the rows without it are left out.
 */
static const struct {
	bool zero_copy, sg;
} attempts[] = {
	{ true, true }, { true, false }, { false, true }, { false, false },
};

static bool
attempt_applies(const struct xskpmd_xsk_req *req, bool zero_copy, bool sg)
{
	if (zero_copy && (req->zero_copy == XSKPMD_XSK_ZC_OFF ||
			  /* The kernel refuses chunks across pages that are not neighbours, without
			   * a word: they would be lost.
			   */
			  (req->umem->small_pages && req->umem->geom.unaligned)))
		return false;
	if (!zero_copy && req->zero_copy == XSKPMD_XSK_ZC_ON)
		return false;
	return sg ? req->want_sg || req->need_sg : !req->need_sg;
}

static int
xsk_bind_shared(const struct xskpmd_xsk_req *req, struct xskpmd_xsk *xsk)
{
	/* The flags of the first socket count for all. */
	xsk->sg = req->share->sg;
	return xsk_bind_wait(xsk->fd, req->ifindex, req->queue, XDP_SHARED_UMEM, req->share->fd);
}

static int
xsk_bind_own(const struct xskpmd_xsk_req *req, struct xskpmd_xsk *xsk)
{
	int ret = -EOPNOTSUPP;
	size_t i;

	for (i = 0; i < RTE_DIM(attempts); i++) {
		const bool zc = attempts[i].zero_copy, sg = attempts[i].sg;

		if (!attempt_applies(req, zc, sg))
			continue;
		ret = xsk_bind_wait(xsk->fd, req->ifindex, req->queue,
				    XDP_USE_NEED_WAKEUP | (zc ? XDP_ZEROCOPY : XDP_COPY) |
				    (sg ? XDP_USE_SG : 0), 0);
		if (ret == 0) {
			xsk->sg = sg;
			return 0;
		}
		if (ret == -EBUSY || ret == -ENODEV || ret == -EPERM)
			break; /* no flag will change that */
		XSKPMD_LOG(DEBUG, "%s: queue %u: no %s, %s: %s", req->name, req->queue,
			   zc ? "zero-copy" : "copy", sg ? "multi-buffer" : "single-buffer",
			   strerror(-ret));
	}
	return ret;
}

/** Read back what the kernel made of the request. */
static void
xsk_read_granted(struct xskpmd_xsk *xsk)
{
	struct xdp_options options = { 0 };
	socklen_t len = sizeof(options);

	if (getsockopt(xsk->fd, SOL_XDP, XDP_OPTIONS, &options, &len) == 0)
		xsk->zero_copy = options.flags & XDP_OPTIONS_ZEROCOPY;
}

/** One sendto() in copy mode sends 32 packets by default; let it send a ring (Linux 6.18). */
static void
xsk_set_skb_budget(struct xskpmd_xsk *xsk, uint32_t tx_size)
{
	if (tx_size > 0 && !xsk->zero_copy &&
	    setsockopt(xsk->fd, SOL_XDP, XDP_MAX_TX_SKB_BUDGET, &tx_size, sizeof(tx_size)) == 0)
		xsk->skb_budget = tx_size;
}

int
xskpmd_xsk_bind(const struct xskpmd_xsk_req *req, struct xskpmd_xsk *xsk)
{
	int ret = xsk->shared ? xsk_bind_shared(req, xsk) : xsk_bind_own(req, xsk);

	if (ret != 0) {
		char holders[256] = "";

		if (ret == -EBUSY)
			name_holders(req->netns, holders, sizeof(holders));
		XSKPMD_LOG(ERR, "%s: cannot bind to queue %u of %s%s%s: %s: %s%s", req->name, req->queue,
			   req->ifname, req->zero_copy == XSKPMD_XSK_ZC_ON ? " in zero-copy mode" : "",
			   req->need_sg ? " with multi-buffer" : "", strerror(-ret),
			   remedy(bind_remedies, -ret), holders);
		return ret;
	}
	xsk->bound = true;
	xsk_read_granted(xsk);
	xsk_set_skb_budget(xsk, req->tx_size);
	return 0;
}

uint32_t
xskpmd_xsk_napi_id(const struct xskpmd_xsk *xsk)
{
	uint32_t id = 0;
	socklen_t len = sizeof(id);

	return getsockopt(xsk->fd, SOL_SOCKET, SO_INCOMING_NAPI_ID, &id, &len) == 0 ? id : 0;
}

int
xskpmd_xsk_busy_poll(struct xskpmd_xsk *xsk, uint32_t budget, bool prefer)
{
	const int on = prefer, off = 0, usecs = BUSY_POLL_USECS, packets = budget;
	int ret;

	if (setsockopt(xsk->fd, SOL_SOCKET, SO_PREFER_BUSY_POLL, &on, sizeof(on)) != 0)
		return -errno;
	if (setsockopt(xsk->fd, SOL_SOCKET, SO_BUSY_POLL, &usecs, sizeof(usecs)) != 0 ||
	    setsockopt(xsk->fd, SOL_SOCKET, SO_BUSY_POLL_BUDGET, &packets, sizeof(packets)) != 0) {
		ret = -errno;
		setsockopt(xsk->fd, SOL_SOCKET, SO_BUSY_POLL, &off, sizeof(off));
		setsockopt(xsk->fd, SOL_SOCKET, SO_PREFER_BUSY_POLL, &off, sizeof(off));
		return ret;
	}
	xsk->busy_poll = true;
	xsk->busy_poll_preferred = prefer;
	return 0;
}

void
xskpmd_xsk_close(struct xskpmd_xsk *xsk)
{
	size_t i;

	/* Unmap first: a mapped ring keeps the socket bound to its queue. */
	for (i = 0; i < RTE_DIM(xsk->map); i++) {
		if (xsk->map[i] != NULL)
			munmap(xsk->map[i], xsk->map_len[i]);
		xsk->map[i] = NULL;
	}
	if (xsk->fd >= 0)
		close(xsk->fd);
	xsk->fd = -1;
	xsk->bound = false;
}

/* Only a bind tells: it is refused until the old socket is gone. The socket that asks has
 * a UMEM of its own of one page, and copies, so that the device is not touched.
 */
int
xskpmd_xsk_wait_unbound(const struct xskpmd_netns *netns, int ifindex, uint32_t queue)
{
	const size_t area_len = XSKPMD_CHUNK_MAX;
	void *area = mmap(NULL, area_len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	const struct xdp_umem_reg reg = { .addr = (uintptr_t)area, .len = area_len,
					  .chunk_size = XSKPMD_CHUNK_MAX };
	int fd, ret = -EBUSY;

	if (area == MAP_FAILED)
		return -ENOMEM;
	fd = xskpmd_netns_socket(netns, AF_XDP, SOCK_RAW, 0);
	if (fd >= 0 && setsockopt(fd, SOL_XDP, XDP_UMEM_REG, &reg, sizeof(reg)) == 0 &&
	    xsk_set_ring(fd, XDP_UMEM_FILL_RING, 1) == 0 &&
	    xsk_set_ring(fd, XDP_UMEM_COMPLETION_RING, 1) == 0 &&
	    xsk_set_ring(fd, XDP_TX_RING, 1) == 0)
		ret = xsk_bind_wait(fd, ifindex, queue, XDP_COPY, 0);
	if (fd >= 0)
		close(fd);
	munmap(area, area_len);
	return ret;
}

/* An unknown flag is refused before the interface is looked up. */
bool
xskpmd_xsk_has_sg(void)
{
	const struct sockaddr_xdp sxdp = {
		.sxdp_family = AF_XDP, .sxdp_flags = XDP_USE_SG, .sxdp_ifindex = INT_MAX,
	};
	int fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	bool has;

	if (fd < 0)
		return false;
	has = bind(fd, (const struct sockaddr *)&sxdp, sizeof(sxdp)) != 0 && errno == ENODEV;
	close(fd);
	return has;
}
