/* SPDX-License-Identifier: BSD-3-Clause */

/* Link speeds: what an interface can do, and what it is told to do. DPDK's words are
 * RTE_ETH_LINK_SPEED_* flags, the kernel's are link modes (ethtool).
 *
 * Part of the netdev room: for control threads, 0 or -errno, no log.
 */

#ifndef _XSKPMD_SPEED_H_
#define _XSKPMD_SPEED_H_

#include <stdint.h>

#include "xskpmd_netdev.h"

/** Settings as they were found. */
struct xskpmd_speed;

/**
 * The flag of a link mode by the kernel's name of it ("25000baseKR/Full"). The name says all,
 * so that modes younger than this driver are known. Pure.
 * @return 0 if it is no speed ("Autoneg", "FIBRE") or none that DPDK has a flag for
 */
uint32_t xskpmd_speed_of_mode(const char *name);

/** Flags of the supported modes; of the present speed if the interface tells no modes. */
uint32_t xskpmd_speed_capa(const struct xskpmd_netdev *nd);

/**
 * Advertise only the given speeds, or, with RTE_ETH_LINK_SPEED_FIXED, use just the one.
 * @param found  set to the settings before, if it is NULL
 * @return 0; -EOPNOTSUPP if the interface cannot be set, or has none of them
 */
int xskpmd_speed_set(const struct xskpmd_netdev *nd, uint32_t link_speeds,
		     struct xskpmd_speed **found);

/** Put back what was found, and forget it. */
void xskpmd_speed_restore(const struct xskpmd_netdev *nd, struct xskpmd_speed **found);

#endif /* _XSKPMD_SPEED_H_ */
