/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/*
 * The AF_XDP sockets, the UMEM and the XDP program are real. Only the mmap() of the four rings is
 * replaced, by memory that the kernel does not know, and the wake-up calls are counted and answered
 * at once: for that the libc functions below are defined here, and drivers loaded as plugins find
 * these before libc's. A driver that maps its rings in another way than by mmap() of the socket at
 * the XDP_*PGOFF* offsets cannot be measured with this.
 */

/* Else mmap() would be another name of mmap64(), and both are needed. */
#undef _FILE_OFFSET_BITS

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>

#include "ideal_nic.h"

#define MAX_FD 4096
#define FRAME_ROOM 256 /* XDP_PACKET_HEADROOM: where the kernel puts a frame in its chunk */
#define FRAME_WRITTEN 64 /* bytes of each frame that the NIC writes */

/* libc's header says of poll() that it never reads its first argument: not so. */
int take_poll(struct pollfd *fds, nfds_t n, int timeout) __asm__("poll");

bool nic_zero_copy;
unsigned long nic_wakeups;

static struct nic_sock socks[MAX_FD];

static struct nic_sock *
sock_of(int fd)
{
	return fd >= 0 && fd < MAX_FD && socks[fd].used ? &socks[fd] : NULL;
}

/* ------------------------------------------------------------------- the calls taken over */

int
socket(int domain, int type, int protocol)
{
	int fd = syscall(SYS_socket, domain, type, protocol);

	if (domain == AF_XDP && fd >= 0 && fd < MAX_FD)
		socks[fd] = (struct nic_sock){ .used = true, .owner = &socks[fd] };
	return fd;
}

int
close(int fd)
{
	struct nic_sock *s = sock_of(fd);

	if (s != NULL)
		s->used = false;
	return syscall(SYS_close, fd);
}

int
bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	const struct sockaddr_xdp *sxdp = (const void *)addr;
	struct nic_sock *s = sock_of(fd), *owner;
	int ret = syscall(SYS_bind, fd, addr, len);

	if (s == NULL || ret != 0)
		return ret;
	s->bound = true;
	s->ifindex = sxdp->sxdp_ifindex;
	s->queue = sxdp->sxdp_queue_id;
	owner = (sxdp->sxdp_flags & XDP_SHARED_UMEM) ? sock_of(sxdp->sxdp_shared_umem_fd) : NULL;
	if (owner != NULL)
		s->owner = owner->owner;
	return 0;
}

int
setsockopt(int fd, int level, int opt, const void *val, socklen_t len)
{
	struct nic_sock *s = level == SOL_XDP ? sock_of(fd) : NULL;

	if (s != NULL && opt == XDP_UMEM_REG) {
		memcpy(&s->umem, val, len < sizeof(s->umem) ? len : sizeof(s->umem));
	} else if (s != NULL && len == sizeof(uint32_t)) {
		struct nic_ring *r = opt == XDP_RX_RING ? &s->rx :
				     opt == XDP_TX_RING ? &s->tx :
				     opt == XDP_UMEM_FILL_RING ? &s->fill :
				     opt == XDP_UMEM_COMPLETION_RING ? &s->comp : NULL;
		if (r != NULL)
			memcpy(&r->size, val, sizeof(r->size));
	}
	return syscall(SYS_setsockopt, fd, level, opt, val, len);
}

int
getsockopt(int fd, int level, int opt, void *val, socklen_t *len)
{
	int ret = syscall(SYS_getsockopt, fd, level, opt, val, len);

	if (ret == 0 && nic_zero_copy && level == SOL_XDP && opt == XDP_OPTIONS &&
	    sock_of(fd) != NULL)
		((struct xdp_options *)val)->flags |= XDP_OPTIONS_ZEROCOPY;
	return ret;
}

static void *
map_ring(int fd, struct nic_sock *s, size_t len, off_t off)
{
	const struct xdp_ring_offset *at;
	struct xdp_mmap_offsets o;
	socklen_t olen = sizeof(o);
	struct nic_ring *r;
	char *m;

	if (syscall(SYS_getsockopt, fd, SOL_XDP, XDP_MMAP_OFFSETS, &o, &olen) != 0)
		return MAP_FAILED;
	switch ((uint64_t)off) {
	case XDP_PGOFF_RX_RING:
		r = &s->rx;
		at = &o.rx;
		break;
	case XDP_PGOFF_TX_RING:
		r = &s->tx;
		at = &o.tx;
		break;
	case XDP_UMEM_PGOFF_FILL_RING:
		r = &s->fill;
		at = &o.fr;
		break;
	case XDP_UMEM_PGOFF_COMPLETION_RING:
		r = &s->comp;
		at = &o.cr;
		break;
	default:
		errno = EINVAL;
		return MAP_FAILED;
	}
	m = (char *)syscall(SYS_mmap, NULL, len, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	if (m == MAP_FAILED)
		return m;
	r->prod = (uint32_t *)(m + at->producer);
	r->cons = (uint32_t *)(m + at->consumer);
	r->desc = m + at->desc;
	r->p = 0;
	r->c = 0;
	return m;
}

void *
mmap(void *addr, size_t len, int prot, int flags, int fd, off_t off)
{
	struct nic_sock *s = sock_of(fd);

	if (s != NULL)
		return map_ring(fd, s, len, off);
	return (void *)syscall(SYS_mmap, addr, len, prot, flags, fd, off);
}

void *
mmap64(void *addr, size_t len, int prot, int flags, int fd, off_t off)
{
	return mmap(addr, len, prot, flags, fd, off);
}

ssize_t
sendto(int fd, const void *buf, size_t n, int flags, const struct sockaddr *addr, socklen_t len)
{
	if (sock_of(fd) != NULL) {
		nic_wakeups++;
		return 0;
	}
	return syscall(SYS_sendto, fd, buf, n, flags, addr, len);
}

ssize_t
send(int fd, const void *buf, size_t n, int flags)
{
	return sendto(fd, buf, n, flags, NULL, 0);
}

ssize_t
sendmsg(int fd, const struct msghdr *msg, int flags)
{
	if (sock_of(fd) != NULL) {
		nic_wakeups++;
		return 0;
	}
	return syscall(SYS_sendmsg, fd, msg, flags);
}

ssize_t
recvfrom(int fd, void *buf, size_t n, int flags, struct sockaddr *addr, socklen_t *len)
{
	if (sock_of(fd) != NULL) {
		nic_wakeups++;
		errno = EAGAIN;
		return -1;
	}
	return syscall(SYS_recvfrom, fd, buf, n, flags, addr, len);
}

ssize_t
recv(int fd, void *buf, size_t n, int flags)
{
	return recvfrom(fd, buf, n, flags, NULL, NULL);
}

ssize_t
recvmsg(int fd, struct msghdr *msg, int flags)
{
	if (sock_of(fd) != NULL) {
		nic_wakeups++;
		errno = EAGAIN;
		return -1;
	}
	return syscall(SYS_recvmsg, fd, msg, flags);
}

int
take_poll(struct pollfd *fds, nfds_t n, int timeout)
{
	struct timespec t = {timeout / 1000, timeout % 1000 * 1000000L};

	if (n == 1 && sock_of(fds->fd) != NULL) {
		nic_wakeups++;
		fds->revents = POLLIN;
		return 1;
	}
	/* not poll, which arm64 does not have */
	return syscall(SYS_ppoll, fds, n, timeout < 0 ? NULL : &t, NULL, 0);
}

/* A veth counts Rx and Tx queues apart, a NIC has pairs of them, and net_af_xdp knows only pairs. */
int
ioctl(int fd, unsigned long request, ...)
{
	struct ethtool_channels *ch;
	va_list ap;
	void *arg;
	int ret;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	ret = syscall(SYS_ioctl, fd, request, arg);
	if (ret != 0 || request != SIOCETHTOOL)
		return ret;
	ch = (void *)((struct ifreq *)arg)->ifr_data;
	if (ch->cmd == ETHTOOL_GCHANNELS && ch->combined_count == 0) {
		ch->max_combined = ch->max_rx < ch->max_tx ? ch->max_rx : ch->max_tx;
		ch->combined_count = ch->rx_count < ch->tx_count ? ch->rx_count : ch->tx_count;
		ch->max_rx = ch->max_tx = ch->rx_count = ch->tx_count = 0;
	}
	return ret;
}

/* ------------------------------------------------------------------------------- the NIC */

struct nic_sock *
nic_find(unsigned int ifindex, unsigned int queue)
{
	unsigned int i;

	for (i = 0; i < MAX_FD; i++) {
		struct nic_sock *s = &socks[i];

		if (s->used && s->bound && s->ifindex == ifindex && s->queue == queue)
			return s;
	}
	return NULL;
}

/* The rings of a socket that shares all of another's are that one's. */
static struct nic_ring *
fill_of(struct nic_sock *s)
{
	return s->fill.desc != NULL ? &s->fill : &s->owner->fill;
}

static struct nic_ring *
comp_of(struct nic_sock *s)
{
	return s->comp.desc != NULL ? &s->comp : &s->owner->comp;
}

unsigned int
nic_receive(struct nic_sock *s, unsigned int n, unsigned int len)
{
	const struct xdp_umem_reg *umem = &s->owner->umem;
	const bool unaligned = umem->flags & XDP_UMEM_UNALIGNED_CHUNK_FLAG;
	struct nic_ring *rx = &s->rx, *fill = fill_of(s);
	unsigned int done;
	uint32_t avail, taken;

	if (rx->desc == NULL)
		return 0;
	avail = __atomic_load_n(fill->prod, __ATOMIC_ACQUIRE);
	taken = __atomic_load_n(rx->cons, __ATOMIC_ACQUIRE);
	for (done = 0; done < n && fill->c != avail && rx->p - taken < rx->size; done++) {
		uint64_t addr = ((uint64_t *)fill->desc)[fill->c++ & (fill->size - 1)];
		struct xdp_desc *d = &((struct xdp_desc *)rx->desc)[rx->p++ & (rx->size - 1)];
		uint64_t off = umem->headroom + FRAME_ROOM, where;

		if (unaligned) {
			const uint64_t base = addr & XSK_UNALIGNED_BUF_ADDR_MASK;

			off += addr >> XSK_UNALIGNED_BUF_OFFSET_SHIFT;
			d->addr = base | off << XSK_UNALIGNED_BUF_OFFSET_SHIFT;
			where = base + off;
		} else {
			where = (addr & ~((uint64_t)umem->chunk_size - 1)) + off;
			d->addr = where;
		}
		d->len = len;
		d->options = 0;
		memset((void *)(uintptr_t)(umem->addr + where), 0x5a, FRAME_WRITTEN);
	}
	__atomic_store_n(fill->cons, fill->c, __ATOMIC_RELEASE);
	__atomic_store_n(rx->prod, rx->p, __ATOMIC_RELEASE);
	return done;
}

unsigned int
nic_complete(struct nic_sock *s)
{
	struct nic_ring *tx = &s->tx, *comp = comp_of(s);
	unsigned int done = 0;
	uint32_t avail, taken;

	if (tx->desc == NULL)
		return 0;
	avail = __atomic_load_n(tx->prod, __ATOMIC_ACQUIRE);
	taken = __atomic_load_n(comp->cons, __ATOMIC_ACQUIRE);
	for (; tx->c != avail && comp->p - taken < comp->size; done++) {
		const struct xdp_desc *d =
				&((struct xdp_desc *)tx->desc)[tx->c++ & (tx->size - 1)];

		((uint64_t *)comp->desc)[comp->p++ & (comp->size - 1)] = d->addr;
	}
	__atomic_store_n(tx->cons, tx->c, __ATOMIC_RELEASE);
	__atomic_store_n(comp->prod, comp->p, __ATOMIC_RELEASE);
	return done;
}
