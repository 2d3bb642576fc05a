/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "xskpmd_compat.h"
#include "xskpmd_ethtool.h"

/* A kernel older than 6.19 writes as many counters and names as it has now, whatever it was
 * told of the room: if a driver got more of them since their number was read, they need it.
 */
#define STATS_SLACK 4096

/** Times that a number may change between its reading and its use. */
#define TRIES 4

int
xskpmd_ethtool_drvinfo(const struct xskpmd_netdev *nd, struct ethtool_drvinfo *info)
{
	int ret;

	*info = (struct ethtool_drvinfo){ .cmd = ETHTOOL_GDRVINFO };
	ret = xskpmd_netdev_ethtool(nd, info);
	info->driver[sizeof(info->driver) - 1] = '\0';
	info->version[sizeof(info->version) - 1] = '\0';
	info->fw_version[sizeof(info->fw_version) - 1] = '\0';
	info->bus_info[sizeof(info->bus_info) - 1] = '\0';
	return ret;
}

/* ---- statistics --------------------------------------------------------------------------- */

unsigned int
xskpmd_ethtool_stats_count(const struct xskpmd_netdev *nd)
{
	union {
		struct ethtool_sset_info head;
		uint32_t room[sizeof(struct ethtool_sset_info) / 4 + 1]; /* one size behind the head */
	} cmd = { .head = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1 << ETH_SS_STATS } };

	if (xskpmd_netdev_ethtool(nd, &cmd) != 0 || cmd.head.sset_mask == 0)
		return 0;
	return cmd.head.data[0];
}

/** Ask for n things of size bytes behind a header. @return how many came; *data to be freed */
static unsigned int
stats_read(const struct xskpmd_netdev *nd, uint32_t cmd, size_t size, void **data)
{
	unsigned int n, i;

	*data = NULL;
	for (i = 0; i < TRIES; i++) {
		union {
			struct ethtool_gstrings strings;
			struct ethtool_stats stats;
		} *req;
		uint32_t came;
		size_t head;

		n = xskpmd_ethtool_stats_count(nd);
		if (n == 0)
			return 0;
		head = cmd == ETHTOOL_GSTRINGS ? sizeof(req->strings) : sizeof(req->stats);
		req = calloc(1, head + (n + STATS_SLACK) * size);
		if (req == NULL)
			return 0;
		if (cmd == ETHTOOL_GSTRINGS)
			req->strings = (struct ethtool_gstrings){
				.cmd = cmd, .string_set = ETH_SS_STATS, .len = n,
			};
		else
			req->stats = (struct ethtool_stats){ .cmd = cmd, .n_stats = n };
		came = xskpmd_netdev_ethtool(nd, req) != 0 ? 0 :
		       cmd == ETHTOOL_GSTRINGS ? req->strings.len : req->stats.n_stats;
		if (came == n) {
			memmove(req, RTE_PTR_ADD(req, head), n * size);
			*data = req;
			return n;
		}
		free(req);
	}
	return 0;
}

unsigned int
xskpmd_ethtool_stats(const struct xskpmd_netdev *nd, uint64_t **values)
{
	void *data;
	unsigned int n = stats_read(nd, ETHTOOL_GSTATS, sizeof(**values), &data);

	*values = data;
	return n;
}

unsigned int
xskpmd_ethtool_stats_names(const struct xskpmd_netdev *nd, xskpmd_ethtool_name **names)
{
	void *data;
	unsigned int n = stats_read(nd, ETHTOOL_GSTRINGS, sizeof(**names), &data);

	*names = data;
	return n;
}

/* ---- dumps -------------------------------------------------------------------------------- */

int
xskpmd_ethtool_regs(const struct xskpmd_netdev *nd, void *data, uint32_t *len, uint32_t *version)
{
	struct ethtool_regs *req = calloc(1, sizeof(*req) + *len);
	int ret;

	if (req == NULL)
		return -ENOMEM;
	req->cmd = ETHTOOL_GREGS;
	req->len = *len;
	ret = xskpmd_netdev_ethtool(nd, req);
	if (ret == 0) {
		*len = RTE_MIN(*len, req->len);
		*version = req->version;
		memcpy(data, req->data, *len);
	}
	free(req);
	return ret;
}

int
xskpmd_ethtool_eeprom(const struct xskpmd_netdev *nd, uint32_t cmd, uint32_t offset, uint32_t len,
		      void *data, uint32_t *magic)
{
	struct ethtool_eeprom *req = calloc(1, sizeof(*req) + len);
	int ret;

	if (req == NULL)
		return -ENOMEM;
	*req = (struct ethtool_eeprom){ .cmd = cmd, .offset = offset, .len = len };
	ret = xskpmd_netdev_ethtool(nd, req);
	if (ret == 0) {
		memcpy(data, req->data, RTE_MIN(len, req->len));
		if (magic != NULL)
			*magic = req->magic;
	}
	free(req);
	return ret;
}

int
xskpmd_ethtool_module(const struct xskpmd_netdev *nd, struct ethtool_modinfo *info)
{
	*info = (struct ethtool_modinfo){ .cmd = ETHTOOL_GMODULEINFO };
	return xskpmd_netdev_ethtool(nd, info);
}

/* ---- pause frames, forward error correction, LED --------------------------------------------- */

int
xskpmd_ethtool_pause_get(const struct xskpmd_netdev *nd, struct ethtool_pauseparam *pause)
{
	*pause = (struct ethtool_pauseparam){ .cmd = ETHTOOL_GPAUSEPARAM };
	return xskpmd_netdev_ethtool(nd, pause);
}

int
xskpmd_ethtool_pause_set(const struct xskpmd_netdev *nd, const struct ethtool_pauseparam *pause)
{
	struct ethtool_pauseparam req = *pause;

	req.cmd = ETHTOOL_SPAUSEPARAM;
	return xskpmd_netdev_ethtool(nd, &req);
}

int
xskpmd_ethtool_fec_get(const struct xskpmd_netdev *nd, struct ethtool_fecparam *fec)
{
	*fec = (struct ethtool_fecparam){ .cmd = ETHTOOL_GFECPARAM };
	return xskpmd_netdev_ethtool(nd, fec);
}

int
xskpmd_ethtool_fec_set(const struct xskpmd_netdev *nd, uint32_t modes)
{
	struct ethtool_fecparam req = { .cmd = ETHTOOL_SFECPARAM, .fec = modes };

	return xskpmd_netdev_ethtool(nd, &req);
}

int
xskpmd_ethtool_link_modes(const struct xskpmd_netdev *nd, struct xskpmd_link_modes *modes)
{
	union {
		struct ethtool_link_settings base; /* and the masks behind it */
		uint32_t room[sizeof(struct ethtool_link_settings) / 4 + 3 * RTE_DIM(modes->supported)];
	} cmd = { .base = { .cmd = ETHTOOL_GLINKSETTINGS } };
	int ret = xskpmd_netdev_ethtool(nd, &cmd);

	/* The first call is answered with the negated size of a mask. */
	*modes = (struct xskpmd_link_modes){ .speed = UINT32_MAX };
	if (ret == 0 && cmd.base.link_mode_masks_nwords >= 0)
		ret = -EPROTO;
	if (ret != 0)
		return ret;
	cmd.base.link_mode_masks_nwords = -cmd.base.link_mode_masks_nwords;
	cmd.base.cmd = ETHTOOL_GLINKSETTINGS;
	ret = xskpmd_netdev_ethtool(nd, &cmd);
	if (ret != 0)
		return ret;
	memcpy(modes->supported, cmd.base.link_mode_masks,
	       cmd.base.link_mode_masks_nwords * sizeof(uint32_t));
	modes->speed = cmd.base.speed;
	return 0;
}

int
xskpmd_ethtool_blink(const struct xskpmd_netdev *nd)
{
	struct ethtool_value req = { .cmd = ETHTOOL_PHYS_ID, .data = 1 };

	return xskpmd_netdev_ethtool(nd, &req);
}

/* ---- VLAN tags ---------------------------------------------------------------------------- */

static int
flags_get(const struct xskpmd_netdev *nd, uint32_t *flags)
{
	struct ethtool_value req = { .cmd = ETHTOOL_GFLAGS };
	int ret = xskpmd_netdev_ethtool(nd, &req);

	*flags = ret == 0 ? req.data : 0;
	return ret;
}

int
xskpmd_ethtool_rxvlan_get(const struct xskpmd_netdev *nd, bool *on)
{
	uint32_t flags;
	int ret = flags_get(nd, &flags);

	*on = flags & ETH_FLAG_RXVLAN;
	return ret;
}

int
xskpmd_ethtool_rxvlan_set(const struct xskpmd_netdev *nd, bool on)
{
	struct ethtool_value req = { .cmd = ETHTOOL_SFLAGS };
	uint32_t flags;
	int ret = flags_get(nd, &flags);

	if (ret != 0)
		return ret;
	req.data = on ? flags | ETH_FLAG_RXVLAN : flags & ~(uint32_t)ETH_FLAG_RXVLAN;
	ret = xskpmd_netdev_ethtool(nd, &req);
	if (ret == 0)
		ret = flags_get(nd, &flags);
	/* a driver may say yes and keep it, or change others with it: igb does so with txvlan */
	return ret == 0 && ((flags ^ req.data) & ETH_FLAG_RXVLAN) != 0 ? -EOPNOTSUPP : ret;
}

/* ---- receive side scaling ----------------------------------------------------------------- */

/** A command with room for a table and a key behind it. */
static struct ethtool_rxfh *
rxfh_alloc(uint32_t cmd, uint32_t indir_size, uint32_t key_size)
{
	struct ethtool_rxfh *req;

	req = calloc(1, sizeof(*req) + indir_size * sizeof(uint32_t) + key_size);
	if (req == NULL)
		return NULL;
	req->cmd = cmd;
	req->indir_size = indir_size;
	req->key_size = key_size;
	return req;
}

int
xskpmd_ethtool_rss_get(const struct xskpmd_netdev *nd, struct xskpmd_rss *rss)
{
	struct ethtool_rxfh sizes = { .cmd = ETHTOOL_GRSSH }, *req;
	int ret = xskpmd_netdev_ethtool(nd, &sizes);

	*rss = (struct xskpmd_rss){ .indir_size = 0 };
	if (ret == 0 && sizes.indir_size == 0 && sizes.key_size == 0)
		ret = -EOPNOTSUPP;
	if (ret != 0)
		return ret;
	req = rxfh_alloc(ETHTOOL_GRSSH, sizes.indir_size, sizes.key_size);
	if (req == NULL)
		return -ENOMEM;
	ret = xskpmd_netdev_ethtool(nd, req);
	if (ret == 0) {
		rss->indir = malloc((sizes.indir_size + 1) * sizeof(*rss->indir));
		rss->key = malloc(sizes.key_size + 1);
		ret = rss->indir != NULL && rss->key != NULL ? 0 : -ENOMEM;
	}
	if (ret == 0) {
		rss->indir_size = sizes.indir_size;
		rss->key_size = sizes.key_size;
		memcpy(rss->indir, req->rss_config, sizes.indir_size * sizeof(*rss->indir));
		memcpy(rss->key, &req->rss_config[sizes.indir_size], sizes.key_size);
	} else {
		xskpmd_ethtool_rss_free(rss);
	}
	free(req);
	return ret;
}

void
xskpmd_ethtool_rss_free(struct xskpmd_rss *rss)
{
	free(rss->indir);
	free(rss->key);
	*rss = (struct xskpmd_rss){ .indir_size = 0 };
}

/* 0 would turn off a transformation that makes the hash symmetric (ethtool -X ... xfrm, Linux 6.8); where the field
 * is not known, it is 0 and has to be.
 */
static void
rxfh_keep_xfrm(const struct xskpmd_netdev *nd, struct ethtool_rxfh *req)
{
	struct ethtool_rxfh now = { .cmd = ETHTOOL_GRSSH };

	if (xskpmd_netdev_ethtool(nd, &now) == 0)
		*XSKPMD_RXFH_XFRM(req) = *XSKPMD_RXFH_XFRM(&now);
}

int
xskpmd_ethtool_rss_set(const struct xskpmd_netdev *nd, const uint32_t *indir, uint32_t indir_size,
		       const uint8_t *key, uint32_t key_size)
{
	struct ethtool_rxfh *req;
	int ret;

	indir_size = indir != NULL ? indir_size : 0;
	key_size = key != NULL ? key_size : 0;
	req = rxfh_alloc(ETHTOOL_SRSSH, indir_size, key_size);
	if (req == NULL)
		return -ENOMEM;
	if (indir != NULL)
		memcpy(req->rss_config, indir, indir_size * sizeof(*indir));
	else
		req->indir_size = ETH_RXFH_INDIR_NO_CHANGE; /* 0 would reset it */
	if (key != NULL)
		memcpy(&req->rss_config[indir_size], key, key_size);
	rxfh_keep_xfrm(nd, req);
	ret = xskpmd_netdev_ethtool(nd, req);
	free(req);
	return ret;
}

int
xskpmd_ethtool_rss_reset(const struct xskpmd_netdev *nd)
{
	struct ethtool_rxfh req = { .cmd = ETHTOOL_SRSSH, .indir_size = 0 };

	rxfh_keep_xfrm(nd, &req);
	return xskpmd_netdev_ethtool(nd, &req);
}

int
xskpmd_ethtool_hash_get(const struct xskpmd_netdev *nd, uint32_t flow, uint64_t *fields)
{
	struct ethtool_rxnfc req = { .cmd = ETHTOOL_GRXFH, .flow_type = flow };
	int ret = xskpmd_netdev_ethtool(nd, &req);

	*fields = ret == 0 ? req.data : 0;
	return ret;
}

int
xskpmd_ethtool_hash_set(const struct xskpmd_netdev *nd, uint32_t flow, uint64_t fields)
{
	struct ethtool_rxnfc req = { .cmd = ETHTOOL_SRXFH, .flow_type = flow, .data = fields };

	return xskpmd_netdev_ethtool(nd, &req);
}

/* ---- rings -------------------------------------------------------------------------------- */

int
xskpmd_ethtool_rings_get(const struct xskpmd_netdev *nd, struct ethtool_ringparam *rings)
{
	*rings = (struct ethtool_ringparam){ .cmd = ETHTOOL_GRINGPARAM };
	return xskpmd_netdev_ethtool(nd, rings);
}

/* ---- channels ----------------------------------------------------------------------------- */

int
xskpmd_ethtool_channels_get(const struct xskpmd_netdev *nd, struct ethtool_channels *ch)
{
	*ch = (struct ethtool_channels){ .cmd = ETHTOOL_GCHANNELS };
	return xskpmd_netdev_ethtool(nd, ch);
}

int
xskpmd_ethtool_channels_set(const struct xskpmd_netdev *nd, const struct ethtool_channels *ch)
{
	struct ethtool_channels req = *ch;

	req.cmd = ETHTOOL_SCHANNELS;
	return xskpmd_netdev_ethtool(nd, &req);
}
