/* SPDX-License-Identifier: BSD-3-Clause */

/* What others have on an interface: their XDP program, which is never replaced, and the map of
 * sockets of it, which a port may be told to use.
 *
 * In the interface's network namespace; control threads only.
 */

#ifndef _XSKPMD_FOREIGN_H_
#define _XSKPMD_FOREIGN_H_

#include <stdbool.h>
#include <stdint.h>

#include "xskpmd_prog.h"

/** A map of sockets, and the program that is said to use it. */
struct xskpmd_foreign_map {
	int fd;            /**< of the map; the caller's */
	uint32_t prog_id;
	const char *mode;  /**< where the program runs: "native", "generic", "offloaded" */
};

/**
 * Whether the interface is free for a program of ours.
 * @param libxdp  set if it has to go through libxdp's dispatcher
 * @return 0; -EBUSY after one line of log
 */
int xskpmd_foreign_check(const struct xskpmd_prog_req *req, bool *libxdp);

/**
 * Get the map of req->map_path: pinned there (bpf(2), BPF_OBJ_GET), or from the AF_XDP device plugin
 * for Kubernetes, whose socket is there. The protocol is that of DPDK's net_af_xdp, use_cni=1; an
 * answer is waited for five seconds at most.
 * @return 0 or -errno, after one line of log
 */
int xskpmd_foreign_map(const struct xskpmd_prog_req *req, struct xskpmd_foreign_map *map);

#endif /* _XSKPMD_FOREIGN_H_ */
