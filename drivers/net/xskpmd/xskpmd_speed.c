/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <linux/ethtool.h>

#include <rte_common.h>
#include <rte_ethdev.h>

#include "xskpmd_speed.h"

struct xskpmd_speed {
	union {
		struct ethtool_link_settings base;
		/* the masks supported, advertised, of the partner, each of base.link_mode_masks_nwords */
		uint32_t room[sizeof(struct ethtool_link_settings) / 4 + 3 * SCHAR_MAX];
	};
};

uint32_t
xskpmd_speed_of_mode(const char *name)
{
	char *rest;
	unsigned long mbps;
	bool half;

	if (name[0] < '0' || name[0] > '9')
		return 0;
	mbps = strtoul(name, &rest, 10);
	if (strncmp(rest, "base", 4) != 0 || mbps > UINT32_MAX)
		return 0;
	half = strstr(rest, "/Half") != NULL;
	if (half && mbps > RTE_ETH_SPEED_NUM_100M)
		return 0; /* DPDK has no flag: not the same as full duplex */
	return rte_eth_speed_bitflag(mbps, half ? RTE_ETH_LINK_HALF_DUPLEX : RTE_ETH_LINK_FULL_DUPLEX);
}

static int
speed_read(const struct xskpmd_netdev *nd, struct xskpmd_speed *s)
{
	int ret;

	memset(s, 0, sizeof(*s));
	s->base.cmd = ETHTOOL_GLINKSETTINGS;
	/* The first call is answered with the negated size of the masks. */
	ret = xskpmd_netdev_ethtool(nd, s);
	if (ret != 0)
		return ret;
	if (s->base.link_mode_masks_nwords >= 0)
		return -EPROTO;
	s->base.cmd = ETHTOOL_GLINKSETTINGS;
	s->base.link_mode_masks_nwords = -s->base.link_mode_masks_nwords;
	return xskpmd_netdev_ethtool(nd, s);
}

/** Names of all link modes, in the order of their bits; to be freed. */
static int
names_read(const struct xskpmd_netdev *nd, struct ethtool_gstrings **out)
{
	union {
		struct ethtool_sset_info head;
		uint32_t room[sizeof(struct ethtool_sset_info) / 4 + 1]; /* one size behind the head */
	} size = { .head = { .cmd = ETHTOOL_GSSET_INFO, .sset_mask = 1 << ETH_SS_LINK_MODES } };
	struct ethtool_gstrings *names;
	uint32_t count;
	int ret = xskpmd_netdev_ethtool(nd, &size);

	if (ret != 0)
		return ret;
	if (size.head.sset_mask == 0)
		return -EOPNOTSUPP;
	count = size.head.data[0];
	names = calloc(1, sizeof(*names) + count * ETH_GSTRING_LEN);
	if (names == NULL)
		return -ENOMEM;
	names->cmd = ETHTOOL_GSTRINGS;
	names->string_set = ETH_SS_LINK_MODES;
	names->len = count;
	ret = xskpmd_netdev_ethtool(nd, names);
	if (ret != 0)
		free(names);
	else
		*out = names;
	return ret;
}

static uint32_t *
supported(struct xskpmd_speed *s)
{
	return s->base.link_mode_masks;
}

static uint32_t *
advertised(struct xskpmd_speed *s)
{
	return s->base.link_mode_masks + s->base.link_mode_masks_nwords;
}

static bool
has_mode(const uint32_t *mask, unsigned int i)
{
	return mask[i / 32] >> i % 32 & 1;
}

static const char *
mode_name(const struct ethtool_gstrings *names, unsigned int i)
{
	return (const char *)names->data + i * ETH_GSTRING_LEN;
}

static unsigned int
nb_modes(const struct xskpmd_speed *s, const struct ethtool_gstrings *names)
{
	return RTE_MIN(names->len, 32u * s->base.link_mode_masks_nwords);
}

uint32_t
xskpmd_speed_capa(const struct xskpmd_netdev *nd)
{
	struct xskpmd_speed s;
	struct ethtool_gstrings *names;
	uint32_t capa = 0;
	unsigned int i;

	if (speed_read(nd, &s) != 0)
		return 0;
	if (names_read(nd, &names) == 0) {
		for (i = 0; i < nb_modes(&s, names); i++)
			if (has_mode(supported(&s), i))
				capa |= xskpmd_speed_of_mode(mode_name(names, i));
		free(names);
	}
	return capa != 0 ? capa : rte_eth_speed_bitflag(s.base.speed, s.base.duplex != DUPLEX_HALF);
}

/** Only the wanted speeds remain advertised; what is no speed (pause, ports) stays. */
static int
advertise(const struct xskpmd_netdev *nd, struct xskpmd_speed *s, uint32_t wanted)
{
	struct ethtool_gstrings *names;
	unsigned int i, n = 0;
	int ret = names_read(nd, &names);

	if (ret != 0)
		return ret;
	for (i = 0; i < nb_modes(s, names); i++) {
		const uint32_t flag = xskpmd_speed_of_mode(mode_name(names, i)), bit = UINT32_C(1) << i % 32;

		if (strchr(mode_name(names, i), '/') == NULL && flag == 0)
			continue;
		advertised(s)[i / 32] &= ~bit;
		if ((flag & wanted) == 0 || !has_mode(supported(s), i))
			continue;
		advertised(s)[i / 32] |= bit;
		n++;
	}
	free(names);
	s->base.autoneg = AUTONEG_ENABLE;
	return n > 0 ? 0 : -EOPNOTSUPP;
}

static int
fix(struct xskpmd_speed *s, uint32_t wanted)
{
	static const uint32_t speeds[] = {
		RTE_ETH_SPEED_NUM_10M, RTE_ETH_SPEED_NUM_100M, RTE_ETH_SPEED_NUM_1G,
		RTE_ETH_SPEED_NUM_2_5G, RTE_ETH_SPEED_NUM_5G, RTE_ETH_SPEED_NUM_10G,
		RTE_ETH_SPEED_NUM_20G, RTE_ETH_SPEED_NUM_25G, RTE_ETH_SPEED_NUM_40G,
		RTE_ETH_SPEED_NUM_50G, RTE_ETH_SPEED_NUM_56G, RTE_ETH_SPEED_NUM_100G,
		RTE_ETH_SPEED_NUM_200G,
	};
	unsigned int i, duplex;

	for (i = 0; i < RTE_DIM(speeds); i++)
		for (duplex = DUPLEX_HALF; duplex <= DUPLEX_FULL; duplex++)
			if (rte_eth_speed_bitflag(speeds[i], duplex) == wanted) {
				s->base.speed = speeds[i];
				s->base.duplex = wanted == RTE_ETH_LINK_SPEED_10M_HD ||
						 wanted == RTE_ETH_LINK_SPEED_100M_HD ?
						 DUPLEX_HALF : DUPLEX_FULL;
				s->base.autoneg = AUTONEG_DISABLE;
				return 0;
			}
	return -EINVAL; /* none, or several */
}

int
xskpmd_speed_set(const struct xskpmd_netdev *nd, uint32_t link_speeds, struct xskpmd_speed **found)
{
	const uint32_t wanted = link_speeds & ~RTE_ETH_LINK_SPEED_FIXED;
	struct xskpmd_speed s, *was;
	int ret = speed_read(nd, &s);

	if (ret != 0)
		return ret;
	was = malloc(sizeof(*was));
	if (was == NULL)
		return -ENOMEM;
	*was = s;
	ret = link_speeds & RTE_ETH_LINK_SPEED_FIXED ? fix(&s, wanted) : advertise(nd, &s, wanted);
	if (ret == 0) {
		s.base.cmd = ETHTOOL_SLINKSETTINGS;
		ret = xskpmd_netdev_ethtool(nd, &s);
	}
	if (ret == 0 && *found == NULL)
		*found = was;
	else
		free(was);
	return ret;
}

void
xskpmd_speed_restore(const struct xskpmd_netdev *nd, struct xskpmd_speed **found)
{
	if (*found == NULL)
		return;
	(*found)->base.cmd = ETHTOOL_SLINKSETTINGS;
	xskpmd_netdev_ethtool(nd, *found);
	free(*found);
	*found = NULL;
}
