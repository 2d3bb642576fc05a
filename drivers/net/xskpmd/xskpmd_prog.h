/* SPDX-License-Identifier: BSD-3-Clause */

/* The XDP program of an interface, and its map of sockets.
 *
 * An interface has one program for all ports of this process that use it; the first
 * port to start attaches it, the last to close detaches it. Control threads only; the
 * registry has a lock of its own.
 */

#ifndef _XSKPMD_PROG_H_
#define _XSKPMD_PROG_H_

#include <stdbool.h>
#include <stdint.h>

#include "xskpmd_netns.h"

enum xskpmd_prog_mode { XSKPMD_PROG_AUTO, XSKPMD_PROG_DRV, XSKPMD_PROG_SKB, XSKPMD_PROG_HW };
enum xskpmd_prog_attach { XSKPMD_PROG_BY_AUTO, XSKPMD_PROG_BY_LINK, XSKPMD_PROG_BY_LIBXDP };

/** Whose the map of sockets is: of a program that is loaded here, or of one that others attached. */
enum xskpmd_prog_map { XSKPMD_PROG_MAP_OWN, XSKPMD_PROG_MAP_PINNED, XSKPMD_PROG_MAP_PLUGIN };

struct xskpmd_prog;

/** What is asked for. */
struct xskpmd_prog_req {
	const char *name;     /**< of the port, for messages */
	const char *ifname;   /**< for messages */
	int ifindex;
	const struct xskpmd_netns *netns; /**< where the interface lives */
	uint32_t queues;      /**< of the interface: entries that the map needs */
	const char *path;     /**< custom program; "": our own */
	const char *section;  /**< section or function in it; "": the first */
	enum xskpmd_prog_map map;
	const char *map_path; /**< where the map is pinned, or the device plugin's socket */
	enum xskpmd_prog_mode mode;
	enum xskpmd_prog_attach attach;
};

/** What was granted. */
struct xskpmd_prog_info {
	uint32_t id;          /**< of the program; 0: not attached */
	const char *mode;     /**< "native", "generic", "offloaded" */
	const char *attach;   /**< "bpf_link", "libxdp", "by others" */
	bool frags;           /**< takes packets of several buffers */
	bool custom;
};

/**
 * Load and attach the program, or join the one that this process has on the interface.
 * A program of somebody else is never replaced; with req->map, it is used as it is.
 * @return 0; -EBUSY if another program is in the way; -errno. Logs one line on failure.
 */
int xskpmd_prog_get(const struct xskpmd_prog_req *req, struct xskpmd_prog **prog);

/** Attach a program again if somebody has removed it from the interface.
 *  @return 0: it is there; -errno. Logs one line if it was not. */
int xskpmd_prog_renew(const struct xskpmd_prog_req *req, struct xskpmd_prog *prog);

/** Let go of the program; the last one detaches it. NULL is allowed. */
void xskpmd_prog_put(struct xskpmd_prog *prog);

/** Send the packets of a queue of the interface to a socket; from now on. @return 0, -errno */
int xskpmd_prog_insert(struct xskpmd_prog *prog, uint32_t queue, int xsk_fd);

/** Leave the packets of a queue to the kernel again. */
void xskpmd_prog_delete(struct xskpmd_prog *prog, uint32_t queue);

/**
 * Filter the VLANs of a queue of the interface; from now on.
 * @param vids  64 words, a bit for each VID to receive; NULL: receive all
 * @return 0; -ENOTSUP for a custom or foreign program; -errno
 */
int xskpmd_prog_vlan_set(struct xskpmd_prog *prog, uint32_t queue, const uint64_t *vids);

/** Note that the interface took VLAN tags off by itself, until a port that filters came. */
void xskpmd_prog_rxvlan_note(struct xskpmd_prog *prog);
/** @return whether that is to be put back now: it is noted, and no port filters any more */
bool xskpmd_prog_rxvlan_due(struct xskpmd_prog *prog);

/** Wait until no packet is on its way to a socket that has been deleted from the map. */
void xskpmd_prog_quiesce(void);

/** What was granted; info's texts are constants. */
void xskpmd_prog_info(const struct xskpmd_prog *prog, struct xskpmd_prog_info *info);

#endif /* _XSKPMD_PROG_H_ */
