/* SPDX-License-Identifier: BSD-3-Clause */

/* Another network namespace, for the calls that look an interface up.
 *
 * A socket belongs for ever to the namespace it was opened in, so nearly all it takes is
 * to open sockets there. What has no socket (bpf_link, libxdp) is enclosed in enter and
 * leave. Only the calling thread moves, and never for longer than such a call.
 */

#ifndef _XSKPMD_NETNS_H_
#define _XSKPMD_NETNS_H_

#include <stdint.h>

/** A network namespace. */
struct xskpmd_netns {
	int fd;        /**< of the namespace; owned; -1: the one the process is in */
	uint64_t id;   /**< tells namespaces apart: interface indices repeat */
};

/** An object that xskpmd_netns_close() accepts; the namespace the process is in. */
#define XSKPMD_NETNS_NONE { .fd = -1, .id = 0 }

/**
 * Open a namespace.
 * @param where  a name under /run/netns, a path (/proc/PID/ns/net), or "": the process's own
 * @return 0; -ENOENT; -EINVAL if it is a file but no namespace; -errno
 */
int xskpmd_netns_open(struct xskpmd_netns *ns, const char *where);
/** Another handle on the same namespace. @return 0 or -errno */
int xskpmd_netns_dup(struct xskpmd_netns *ns, const struct xskpmd_netns *of);
void xskpmd_netns_close(struct xskpmd_netns *ns);

/**
 * Move the calling thread into a namespace.
 * @param ns    NULL: stay
 * @param back  what xskpmd_netns_leave() needs
 * @return 0 or -errno, the thread has not moved then and must not leave
 */
int xskpmd_netns_enter(const struct xskpmd_netns *ns, int *back);

/** Move the calling thread back. */
void xskpmd_netns_leave(int back);

/** socket(2) in a namespace, close-on-exec. @return the descriptor or -errno */
int xskpmd_netns_socket(const struct xskpmd_netns *ns, int family, int type, int protocol);

#endif /* _XSKPMD_NETNS_H_ */
