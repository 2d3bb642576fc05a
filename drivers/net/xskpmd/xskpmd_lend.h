/* SPDX-License-Identifier: BSD-3-Clause */

/* The sockets of a port, lent to secondary processes: who has rings mapped, and until when.
 *
 * A mapped ring keeps a queue of the interface bound, and who polls it takes mbufs out of it. So a
 * port's sockets are closed only when every process has let go of them. What this takes is in shared
 * memory that is never freed: a process may look at it whenever it likes, and may die at any time.
 *
 *   primary: epoch becomes even         secondary: claims a place among the holders
 *            looks at the holders                  looks whether the epoch is odd, and the same
 *
 * One of the two sees the other. A holder lets go at its next burst, which sees the epoch, or when the
 * primary's message reaches it.
 */

#ifndef _XSKPMD_LEND_H_
#define _XSKPMD_LEND_H_

#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>

/** Processes that may have rings of one port mapped at a time. */
#define XSKPMD_HOLDERS_MAX 12

/** Of one port id. */
struct xskpmd_lend {
	uint64_t layout;     /**< what both must agree on; 0: no port of ours */
	uint32_t epoch;      /**< odd: rings may be mapped. Primary: rw */
	uint32_t serial;     /**< of the port: an id may be used again */
	int32_t holders[XSKPMD_HOLDERS_MAX]; /**< process ids; 0: free */
} __rte_cache_aligned;

/** Any process, any thread. @return NULL: it has not been found */
struct xskpmd_lend *xskpmd_lend_of(uint16_t port_id);
/** The same, found if it has not been: control threads. @return NULL: the primary knows nothing of lending */
struct xskpmd_lend *xskpmd_lend_find(uint16_t port_id);

/** What processes must agree on to use the same structures: layout, version, PID namespace. */
uint64_t xskpmd_lend_layout(void);

/** Primary: a port begins; nothing is lent yet. @return 0 or -ENOMEM */
int xskpmd_lend_begin(uint16_t port_id);
/** Primary: the port is closed. */
void xskpmd_lend_end(uint16_t port_id);
/** Primary: the sockets are open, bursts are chosen: they may be mapped from now on. */
void xskpmd_lend_open(uint16_t port_id);
/** Primary: no longer. Waits, two seconds at most, until nobody has rings mapped; once per epoch.
 *  @return whether nobody has */
bool xskpmd_lend_close(uint16_t port_id);

/** The epoch; odd: rings may be mapped. Any process, at each burst. */
static inline uint32_t
xskpmd_lend_epoch(const struct xskpmd_lend *lend)
{
	return __atomic_load_n(&lend->epoch, __ATOMIC_ACQUIRE);
}

/** Secondary: claim a place. @return 0; -ENOTCONN: nothing is lent in that epoch (any more); -ENOSPC */
int xskpmd_lend_claim(struct xskpmd_lend *lend, uint32_t epoch);
/** Secondary: nothing of the port is mapped here any more. */
void xskpmd_lend_drop(struct xskpmd_lend *lend);

#endif /* _XSKPMD_LEND_H_ */
