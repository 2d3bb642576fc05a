/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/nsfs.h>

#include <rte_debug.h>

#include "xskpmd_netns.h"

#define NAMED_NETNS "/run/netns/"
#define OWN_NETNS "/proc/thread-self/ns/net"

int
xskpmd_netns_open(struct xskpmd_netns *ns, const char *where)
{
	const char *dir = where[0] == '\0' || strchr(where, '/') != NULL ? "" : NAMED_NETNS;
	char path[PATH_MAX + sizeof(NAMED_NETNS)];
	struct stat st;
	int fd, ret;

	*ns = (struct xskpmd_netns)XSKPMD_NETNS_NONE;
	snprintf(path, sizeof(path), "%s%s", dir, where[0] != '\0' ? where : OWN_NETNS);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	ret = fstat(fd, &st) != 0 ? -errno : 0;
	if (ret == 0 && ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWNET)
		ret = -EINVAL; /* another file, or another kind of namespace */
	if (ret == 0)
		ns->id = st.st_ino;
	if (ret == 0 && where[0] != '\0')
		ns->fd = fd;
	else
		close(fd);
	return ret;
}

int
xskpmd_netns_dup(struct xskpmd_netns *ns, const struct xskpmd_netns *of)
{
	*ns = *of;
	if (of->fd >= 0)
		ns->fd = fcntl(of->fd, F_DUPFD_CLOEXEC, 0);
	return of->fd >= 0 && ns->fd < 0 ? -errno : 0;
}

void
xskpmd_netns_close(struct xskpmd_netns *ns)
{
	if (ns->fd >= 0)
		close(ns->fd);
	*ns = (struct xskpmd_netns)XSKPMD_NETNS_NONE;
}

int
xskpmd_netns_enter(const struct xskpmd_netns *ns, int *back)
{
	int ret;

	*back = -1;
	if (ns == NULL || ns->fd < 0)
		return 0;
	/* The way back first: without it there is no going in. */
	*back = open(OWN_NETNS, O_RDONLY | O_CLOEXEC);
	if (*back < 0)
		return -errno;
	if (setns(ns->fd, CLONE_NEWNET) == 0)
		return 0;
	ret = -errno;
	close(*back);
	*back = -1;
	return ret;
}

void
xskpmd_netns_leave(int back)
{
	if (back < 0)
		return;
	/* It was possible to leave that namespace a moment ago, so it is possible to return; to
	 * go on in the wrong one would open the application's next socket there.
	 */
	if (setns(back, CLONE_NEWNET) != 0)
		rte_panic("cannot return to the network namespace: %s\n", strerror(errno));
	close(back);
}

int
xskpmd_netns_socket(const struct xskpmd_netns *ns, int family, int type, int protocol)
{
	int back, fd, ret = xskpmd_netns_enter(ns, &back);

	if (ret != 0)
		return ret;
	fd = socket(family, type | SOCK_CLOEXEC, protocol);
	ret = fd < 0 ? -errno : fd;
	xskpmd_netns_leave(back);
	return ret;
}
