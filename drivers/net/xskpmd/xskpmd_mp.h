/* SPDX-License-Identifier: BSD-3-Clause */

/* Messages between the primary process, which has the sockets, and secondary ones. */

#ifndef _XSKPMD_MP_H_
#define _XSKPMD_MP_H_

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** One direction of a queue's socket, as the primary process has it. */
struct xskpmd_mp_rings {
	void *addr[2];       /**< where its rings are mapped: Rx and fill, or Tx and completion */
	size_t len[2];
	bool sg, track;      /**< of the burst to use */
};

/** Be ready for messages of other processes; once. @return 0 or -errno */
int xskpmd_mp_init(void);

/** Primary: have the other processes let go of a port's rings. Does not wait. */
void xskpmd_mp_tell_release(uint16_t port_id);

/** Secondary: ask for the socket of a queue.
 *  @param tx  of its Tx queue, else of its Rx queue
 *  @return a descriptor, owned by the caller; -ENOTCONN if nothing is lent; -EBUSY; -errno */
int xskpmd_mp_borrow(uint16_t port_id, uint16_t q, bool tx, struct xskpmd_mp_rings *rings);

struct xskpmd_rx_values;
struct xskpmd_tx_values;
/** Secondary: what the primary has counted of a queue. @return 0 or -errno */
int xskpmd_mp_statistics(uint16_t port_id, uint16_t q, struct xskpmd_rx_values *rx,
			 struct xskpmd_tx_values *tx);

/** Secondary: have the primary do something for all. @return 0 or -errno */
/** @param interface  the interface's own counters, too */
int xskpmd_mp_stats_reset(uint16_t port_id, bool interface);
int xskpmd_mp_promisc(uint16_t port_id, bool on);
int xskpmd_mp_allmulti(uint16_t port_id, bool on);

#endif /* _XSKPMD_MP_H_ */
