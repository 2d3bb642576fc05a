/* SPDX-License-Identifier: BSD-3-Clause */

/* What happens to an interface while nobody asks: an rtnetlink socket, read by EAL's
 * interrupt thread. poll(2) of an AF_XDP socket tells none of it.
 */

#ifndef _XSKPMD_EVENT_H_
#define _XSKPMD_EVENT_H_

#include <stdbool.h>
#include <stdint.h>

#include "xskpmd_netns.h"

enum xskpmd_event_what {
	XSKPMD_EVENT_LINK,      /**< anything about the link may have changed: ask the kernel */
	XSKPMD_EVENT_REMOVED,   /**< deleted or moved to another namespace; comes once, the last */
	XSKPMD_EVENT_DETACHED,  /**< the expected XDP program is no longer on the interface */
};

/** Called by the interrupt thread. May call xskpmd_event_close(). */
typedef void (*xskpmd_event_fn)(void *arg, enum xskpmd_event_what what);

struct xskpmd_event;

/**
 * Watch an interface.
 * @return 0 or -errno
 */
int xskpmd_event_open(const struct xskpmd_netns *netns, int ifindex, xskpmd_event_fn fn, void *arg,
		      struct xskpmd_event **event);

/**
 * Expect an XDP program on the interface from now on: it has been attached.
 * @param expect  false: expect nothing
 */
void xskpmd_event_expect_prog(struct xskpmd_event *event, bool expect);

/**
 * End the watch: when it returns, fn neither runs nor will be called; if fn itself calls it,
 * it is not called again. NULL is allowed.
 */
void xskpmd_event_close(struct xskpmd_event *event);

#endif /* _XSKPMD_EVENT_H_ */
