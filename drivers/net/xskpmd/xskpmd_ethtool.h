/* SPDX-License-Identifier: BSD-3-Clause */

/* What ethtool(8) can ask of an interface, beyond what every port needs (xskpmd_netdev.h).
 *
 * Part of the netdev room: all functions are for control threads, return 0 or -errno, and
 * log nothing. -EOPNOTSUPP: the driver of the interface cannot do it.
 */

#ifndef _XSKPMD_ETHTOOL_H_
#define _XSKPMD_ETHTOOL_H_

#include <stdbool.h>
#include <stdint.h>

#include <linux/ethtool.h>

#include "xskpmd_netdev.h"

/** Driver, firmware, sizes of dumps in bytes (ETHTOOL_GDRVINFO). Texts may lack the final NUL. */
int xskpmd_ethtool_drvinfo(const struct xskpmd_netdev *nd, struct ethtool_drvinfo *info);

/* ---- statistics (ethtool -S) -------------------------------------------------------------- */

/** Number of counters; 0 if the interface has none. It may change from call to call. */
unsigned int xskpmd_ethtool_stats_count(const struct xskpmd_netdev *nd);

/** All values.
 *  @param values  set to an array that the caller frees; NULL if there are none
 *  @return their number */
unsigned int xskpmd_ethtool_stats(const struct xskpmd_netdev *nd, uint64_t **values);

/** A name of a counter; the last byte may be other than NUL. */
typedef char xskpmd_ethtool_name[ETH_GSTRING_LEN];

/** All names, as xskpmd_ethtool_stats(). */
unsigned int xskpmd_ethtool_stats_names(const struct xskpmd_netdev *nd,
					xskpmd_ethtool_name **names);

/* ---- dumps -------------------------------------------------------------------------------- */

/** Registers. @param len in: bytes of data, out: bytes written @param version of the layout */
int xskpmd_ethtool_regs(const struct xskpmd_netdev *nd, void *data, uint32_t *len,
			uint32_t *version);

/** Read the EEPROM (ETHTOOL_GEEPROM) or that of the plugged module (ETHTOOL_GMODULEEEPROM).
 *  @param magic  set to the driver's word for this kind of EEPROM; NULL: not wanted */
int xskpmd_ethtool_eeprom(const struct xskpmd_netdev *nd, uint32_t cmd, uint32_t offset,
			  uint32_t len, void *data, uint32_t *magic);

/** Kind and size, in bytes, of the EEPROM of the plugged module (ETHTOOL_GMODULEINFO). */
int xskpmd_ethtool_module(const struct xskpmd_netdev *nd, struct ethtool_modinfo *info);

/* ---- pause frames, forward error correction, LED --------------------------------------------- */

int xskpmd_ethtool_pause_get(const struct xskpmd_netdev *nd, struct ethtool_pauseparam *pause);
int xskpmd_ethtool_pause_set(const struct xskpmd_netdev *nd, const struct ethtool_pauseparam *pause);

int xskpmd_ethtool_fec_get(const struct xskpmd_netdev *nd, struct ethtool_fecparam *fec);
/** @param modes  ETHTOOL_FEC_OFF... */
int xskpmd_ethtool_fec_set(const struct xskpmd_netdev *nd, uint32_t modes);

/** Bits of ETHTOOL_LINK_MODE_*, which the kernel has up to 3 * 127 words of. */
struct xskpmd_link_modes {
	uint32_t supported[127];
	uint32_t speed;      /**< Mb/s, UINT32_MAX: no link or unknown */
};
int xskpmd_ethtool_link_modes(const struct xskpmd_netdev *nd, struct xskpmd_link_modes *modes);

/** Blink the LED of the port for a second. Blocks for so long. */
int xskpmd_ethtool_blink(const struct xskpmd_netdev *nd);

/* ---- VLAN tags ---------------------------------------------------------------------------- */

/** Whether the NIC takes VLAN tags off packets before XDP sees them (rx-vlan-offload). */
int xskpmd_ethtool_rxvlan_get(const struct xskpmd_netdev *nd, bool *on);
int xskpmd_ethtool_rxvlan_set(const struct xskpmd_netdev *nd, bool on);

/* ---- receive side scaling ----------------------------------------------------------------- */

/** Indirection table and key of the default context. */
struct xskpmd_rss {
	uint32_t indir_size;  /**< entries; 0: the interface has no table */
	uint32_t key_size;    /**< bytes; 0: no key that can be read */
	uint32_t *indir;      /**< queues of the interface; malloc(), see xskpmd_rss_free() */
	uint8_t *key;
};

/** Read both. @return 0; -EOPNOTSUPP if there is neither; -errno */
int xskpmd_ethtool_rss_get(const struct xskpmd_netdev *nd, struct xskpmd_rss *rss);
/** Free what xskpmd_ethtool_rss_get() allocated; an empty object is allowed. */
void xskpmd_ethtool_rss_free(struct xskpmd_rss *rss);

/** Write the table (NULL: leave it) and the key (NULL: leave it). */
int xskpmd_ethtool_rss_set(const struct xskpmd_netdev *nd, const uint32_t *indir,
			   uint32_t indir_size, const uint8_t *key, uint32_t key_size);

/** Give the table back to the driver: all queues in turn, following the channels. */
int xskpmd_ethtool_rss_reset(const struct xskpmd_netdev *nd);

/** Fields (RXH_*) that are hashed of a type of packets (TCP_V4_FLOW...). */
int xskpmd_ethtool_hash_get(const struct xskpmd_netdev *nd, uint32_t flow, uint64_t *fields);
int xskpmd_ethtool_hash_set(const struct xskpmd_netdev *nd, uint32_t flow, uint64_t fields);

/* ---- rings ------------------------------------------------------------------------------ */

/** Sizes of the rings between the NIC and its driver. @return 0, -EOPNOTSUPP (veth) */
int xskpmd_ethtool_rings_get(const struct xskpmd_netdev *nd, struct ethtool_ringparam *rings);

/* ---- channels ----------------------------------------------------------------------------- */

/** Channels in use: combined, or one way. */
int xskpmd_ethtool_channels_get(const struct xskpmd_netdev *nd, struct ethtool_channels *ch);
int xskpmd_ethtool_channels_set(const struct xskpmd_netdev *nd, const struct ethtool_channels *ch);

#endif /* _XSKPMD_ETHTOOL_H_ */
