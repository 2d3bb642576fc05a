/* SPDX-License-Identifier: BSD-3-Clause */

/* One AF_XDP socket on one queue of one interface.
 *
 * Speaks the socket UAPI itself (linux/if_xdp.h): libxdp as shipped knows neither
 * multi-buffer nor Tx metadata, and retries, ring sizes and what was granted are this
 * driver's business.
 */

#ifndef _XSKPMD_XSK_H_
#define _XSKPMD_XSK_H_

#include <stdbool.h>
#include <stdint.h>

#include <xdp/xsk.h>

#include "xskpmd_netns.h"
#include "xskpmd_umem.h"

struct xskpmd_xsk;

/** Most that one ring takes of the addresses at map_at, bytes. */
#define XSKPMD_MAP_RING ((size_t)4 << 20)

enum xskpmd_xsk_zc { XSKPMD_XSK_ZC_AUTO, XSKPMD_XSK_ZC_ON, XSKPMD_XSK_ZC_OFF };

/** What is asked of the kernel. */
struct xskpmd_xsk_req {
	const char *name;            /**< of the port, for messages */
	const char *ifname;          /**< for messages */
	int ifindex;
	const struct xskpmd_netns *netns; /**< where the interface lives; NULL: here */
	uint32_t queue;              /**< of the interface */
	const struct xskpmd_umem *umem;
	const struct xskpmd_xsk *share; /**< socket whose UMEM to share; NULL: register it */
	uint32_t rx_size;            /**< entries, power of two; 0: no Rx ring */
	uint32_t tx_size;            /**< entries, power of two; 0: no Tx ring */
	uint32_t fill_size;          /**< entries, power of two, at least 1 */
	uint32_t comp_size;          /**< entries, power of two, at least 1 */
	enum xskpmd_xsk_zc zero_copy;
	bool want_sg;                /**< multi-buffer if it can be had */
	bool need_sg;                /**< fail without multi-buffer */
	bool no_sg;                  /**< share no socket with multi-buffer */
	void *map_at;                /**< addresses for the rings, if they are free; NULL: any */
};

/** A socket and what was granted. */
struct xskpmd_xsk {
	int fd;                      /**< owned; -1: closed */
	int ifindex;
	const struct xskpmd_netns *netns; /**< of the request; outlives the socket */
	uint32_t queue;
	struct xsk_ring_cons rx;
	struct xsk_ring_prod tx;
	struct xsk_ring_prod fill;
	struct xsk_ring_cons comp;
	void *map_at;                /**< of the request */
	void *map[4];                /**< mappings of the rings; owned */
	size_t map_len[4];
	bool shared;                 /**< lives on another socket's UMEM */
	/* granted at bind */
	bool bound;
	bool zero_copy;
	bool sg;
	bool busy_poll;
	bool busy_poll_preferred;
	uint32_t skb_budget;         /**< packets per sendto(); 0: the kernel's default */
};

/** An object that xskpmd_xsk_close() accepts. */
#define XSKPMD_XSK_NONE { .fd = -1 }

/**
 * Open a socket with its rings, not yet bound: its fill ring can be written.
 * Control thread. Logs one line on failure and leaves nothing open.
 * @return 0 or -errno
 */
int xskpmd_xsk_open(const struct xskpmd_xsk_req *req, struct xskpmd_xsk *xsk);

/**
 * Bind it: zero-copy, then copy; multi-buffer, then not, as the request allows. A queue
 * that is still busy because a socket on it has just been closed is waited for, about
 * three seconds at most. Control thread. Logs one line on failure; the socket stays open.
 * @return 0 or -errno
 */
int xskpmd_xsk_bind(const struct xskpmd_xsk_req *req, struct xskpmd_xsk *xsk);

/** Where the rings of one direction are mapped in the process that opened the socket.
 * @param tx  Tx and completion ring; else Rx and fill ring
 */
void xskpmd_xsk_rings(const struct xskpmd_xsk *xsk, bool tx, void *addr[2], size_t len[2]);

/**
 * In another process: map them at the same addresses. Any thread of it.
 * @param fd  of the socket, in this process
 * @return 0; -EEXIST if an address is in use here; -errno; then nothing is mapped
 */
int xskpmd_xsk_map_rings(int fd, bool tx, void *const addr[2], const size_t len[2]);

/** Unmap what xskpmd_xsk_map_rings() mapped. */
void xskpmd_xsk_unmap_rings(void *const addr[2], const size_t len[2]);

/**
 * Unmap the rings and close. Accepts a half-open object. When it returns, the kernel no
 * longer writes to or reads from the UMEM on behalf of this socket, but see
 * xskpmd_xsk_wait_unbound() for zero-copy.
 */
void xskpmd_xsk_close(struct xskpmd_xsk *xsk);

/**
 * Wait until the kernel has let go of a queue whose socket was closed, about three seconds at
 * most. The driver of a zero-copy device uses the UMEM until then.
 * @return 0, or -EBUSY
 */
int xskpmd_xsk_wait_unbound(const struct xskpmd_netns *netns, int ifindex, uint32_t queue);

/**
 * Have the kernel poll the Rx queue's NAPI on this socket's system calls (Linux 5.11). Sets
 * xsk->busy_poll and busy_poll_preferred.
 * @param budget  packets per poll; more than 64 needs CAP_NET_ADMIN
 * @param prefer  in preference to its softirq; then sendto() in zero-copy mode no longer wakes Tx
 * @return 0 or -errno, then nothing is changed
 */
int xskpmd_xsk_busy_poll(struct xskpmd_xsk *xsk, uint32_t budget, bool prefer);

/** The NAPI instance that the socket is polled by, now. @return 0: none */
uint32_t xskpmd_xsk_napi_id(const struct xskpmd_xsk *xsk);

/** Whether the kernel has multi-buffer sockets (Linux 6.6). */
bool xskpmd_xsk_has_sg(void);

#endif /* _XSKPMD_XSK_H_ */
