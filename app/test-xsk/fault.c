/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/*
 * Make the n-th call of a kind fail. These functions stand in front of libc's and DPDK's: the
 * dynamic linker finds the executable's first, for the driver linked into it and for every library.
 * (No LD_PRELOAD: nothing to find at run time, and the case need not execute itself again.)
 */

#undef _FILE_OFFSET_BITS /* both mmap and mmap64 are defined below */

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/sockios.h>

#include <rte_malloc.h>

#include "harness.h"

int (*xt_fake_ethtool)(void *cmd);

static __thread unsigned int armed_kinds, armed_n, hits;
static __thread const char *failed;
static __thread bool paused;

void
xt_fault_arm(unsigned int kinds, unsigned int n)
{
	hits = 0;
	failed = NULL;
	armed_n = n;
	armed_kinds = kinds;
}

unsigned int
xt_fault_disarm(const char **last)
{
	armed_kinds = 0;
	if (last != NULL)
		*last = failed;
	return hits;
}

bool
xt_fault_pause(bool pause)
{
	bool before = paused;

	paused = pause;
	return before;
}

/* Whether this call is the one to fail. */
static bool
hit(enum xt_fault_kind kind, const char *name)
{
	if (!(armed_kinds & kind) || paused || ++hits != armed_n)
		return false;
	failed = name;
	return true;
}

#define NEXT(name)                                                                                 \
	static __typeof__(name) *next;                                                             \
	if (next == NULL)                                                                          \
		next = (__typeof__(next))(uintptr_t)dlsym(RTLD_NEXT, #name)

#define FAIL_WITH(kind, name, err, result)                                                         \
	do {                                                                                       \
		if (hit(kind, name)) {                                                             \
			errno = err;                                                               \
			return result;                                                             \
		}                                                                                  \
	} while (0)

int
socket(int domain, int type, int protocol)
{
	NEXT(socket);
	FAIL_WITH(XT_FAULT_SOCKET, "socket", EMFILE, -1);
	return next(domain, type, protocol);
}

int
bind(int fd, const struct sockaddr *addr, socklen_t len)
{
	NEXT(bind);
	FAIL_WITH(XT_FAULT_SOCKET, "bind", EINVAL, -1);
	return next(fd, addr, len);
}

int
setsockopt(int fd, int level, int name, const void *value, socklen_t len)
{
	NEXT(setsockopt);
	FAIL_WITH(XT_FAULT_SOCKET, "setsockopt", ENOMEM, -1);
	return next(fd, level, name, value, len);
}

static int
real_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	NEXT(getsockopt);
	return next(fd, level, name, value, len);
}

int
getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	FAIL_WITH(XT_FAULT_SOCKET, "getsockopt", ENOMEM, -1);
	return real_getsockopt(fd, level, name, value, len);
}

void *
mmap(void *addr, size_t len, int prot, int flags, int fd, off_t off)
{
	NEXT(mmap);
	FAIL_WITH(XT_FAULT_MMAP, "mmap", ENOMEM, MAP_FAILED);
	return next(addr, len, prot, flags, fd, off);
}

void *
mmap64(void *addr, size_t len, int prot, int flags, int fd, off64_t off)
{
	NEXT(mmap64);
	FAIL_WITH(XT_FAULT_MMAP, "mmap64", ENOMEM, MAP_FAILED);
	return next(addr, len, prot, flags, fd, off);
}

int
ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	void *arg;
	NEXT(ioctl);

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	FAIL_WITH(XT_FAULT_IOCTL, "ioctl", EIO, -1);
	if (request == SIOCETHTOOL && xt_fake_ethtool != NULL) {
		int ret = xt_fake_ethtool(((struct ifreq *)arg)->ifr_data);

		if (ret <= 0) {
			errno = -ret;
			return ret == 0 ? 0 : -1;
		}
	}
	return next(fd, request, arg);
}

static bool
is_netlink(int fd)
{
	socklen_t len = sizeof(int);
	int domain;

	return armed_kinds & XT_FAULT_NETLINK &&
	       real_getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 &&
	       domain == AF_NETLINK;
}

ssize_t
send(int fd, const void *buf, size_t len, int flags)
{
	NEXT(send);
	if (is_netlink(fd))
		FAIL_WITH(XT_FAULT_NETLINK, "send", ENOBUFS, -1);
	return next(fd, buf, len, flags);
}

ssize_t (*xt_sendto_hook)(int fd, const void *buf, size_t len, int flags,
		const struct sockaddr *to);

ssize_t
sendto(int fd, const void *buf, size_t len, int flags, const struct sockaddr *to, socklen_t tolen)
{
	NEXT(sendto);
	if (xt_sendto_hook != NULL)
		return xt_sendto_hook(fd, buf, len, flags, to);
	if (is_netlink(fd))
		FAIL_WITH(XT_FAULT_NETLINK, "sendto", ENOBUFS, -1);
	return next(fd, buf, len, flags, to, tolen);
}

ssize_t
sendmsg(int fd, const struct msghdr *msg, int flags)
{
	NEXT(sendmsg);
	if (is_netlink(fd))
		FAIL_WITH(XT_FAULT_NETLINK, "sendmsg", ENOBUFS, -1);
	return next(fd, msg, flags);
}

ssize_t
recv(int fd, void *buf, size_t len, int flags)
{
	NEXT(recv);
	if (is_netlink(fd))
		FAIL_WITH(XT_FAULT_NETLINK, "recv", ENOBUFS, -1);
	return next(fd, buf, len, flags);
}

ssize_t
recvmsg(int fd, struct msghdr *msg, int flags)
{
	NEXT(recvmsg);
	if (is_netlink(fd))
		FAIL_WITH(XT_FAULT_NETLINK, "recvmsg", ENOBUFS, -1);
	return next(fd, msg, flags);
}

/* libbpf's way to bpf(2). */
long
syscall(long number, ...)
{
	long a[6];
	va_list ap;
	int i;
	NEXT(syscall);

	va_start(ap, number);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	if (number == SYS_bpf)
		FAIL_WITH(XT_FAULT_BPF, "bpf", EPERM, -1);
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

void *
rte_malloc(const char *type, size_t size, unsigned int align)
{
	NEXT(rte_malloc);
	FAIL_WITH(XT_FAULT_MALLOC, "rte_malloc", ENOMEM, NULL);
	return next(type, size, align);
}

void *
rte_zmalloc(const char *type, size_t size, unsigned int align)
{
	NEXT(rte_zmalloc);
	FAIL_WITH(XT_FAULT_MALLOC, "rte_zmalloc", ENOMEM, NULL);
	return next(type, size, align);
}

void *
rte_malloc_socket(const char *type, size_t size, unsigned int align, int socket)
{
	NEXT(rte_malloc_socket);
	FAIL_WITH(XT_FAULT_MALLOC, "rte_malloc_socket", ENOMEM, NULL);
	return next(type, size, align, socket);
}

void *
rte_zmalloc_socket(const char *type, size_t size, unsigned int align, int socket)
{
	NEXT(rte_zmalloc_socket);
	FAIL_WITH(XT_FAULT_MALLOC, "rte_zmalloc_socket", ENOMEM, NULL);
	return next(type, size, align, socket);
}
