/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* What the driver makes of the kernel's words: link modes, NUMA nodes. */

#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "xskpmd_numa.h"
#include "xskpmd_speed.h"

static void
speed_names(const void *arg __rte_unused)
{
	static const struct {
		const char *name;
		uint32_t flag;
	} modes[] = {
		{"10baseT/Half", RTE_ETH_LINK_SPEED_10M_HD},
		{"10baseT/Full", RTE_ETH_LINK_SPEED_10M},
		{"10baseT1S/Full", RTE_ETH_LINK_SPEED_10M},
		{"100baseT/Half", RTE_ETH_LINK_SPEED_100M_HD},
		{"100baseFX/Full", RTE_ETH_LINK_SPEED_100M},
		{"1000baseT/Half", 0},
		{"1000baseKX/Full", RTE_ETH_LINK_SPEED_1G},
		{"2500baseT/Full", RTE_ETH_LINK_SPEED_2_5G},
		{"10000baseR_FEC", RTE_ETH_LINK_SPEED_10G},
		{"20000baseMLD2/Full", RTE_ETH_LINK_SPEED_20G},
		{"25000baseKR/Full", RTE_ETH_LINK_SPEED_25G},
		{"56000baseCR4/Full", RTE_ETH_LINK_SPEED_56G},
		{"200000baseVR2/Full", RTE_ETH_LINK_SPEED_200G},
		{"3000baseX/Full", 0}, /* not in DPDK */
		{"Autoneg", 0}, {"TP", 0}, {"FIBRE", 0}, {"Pause", 0}, {"BASER", 0}, {"", 0},
		{"100", 0}, {"-10baseT/Full", 0}, {"99999999999999999999baseT/Full", 0},
	};
	unsigned int i;

	for (i = 0; i < RTE_DIM(modes); i++)
		CHECK_INT(xskpmd_speed_of_mode(modes[i].name), ==, modes[i].flag, "flag of %s",
			  modes[i].name);
}

static void
numa_judge(const void *arg __rte_unused)
{
	static const struct {
		struct xskpmd_numa n;
		const char *says; /* NULL: nothing is wrong */
	} rows[] = {
		{{0, 0, 0}, NULL},
		{{1, 1, 1}, NULL},
		{{-1, -1, -1}, NULL},
		{{0, 0, -1}, NULL}, /* a virtual interface has no node */
		{{-1, 1, 1}, NULL},
		{{-1, -1, 1}, NULL},
		{{0, 1, 1}, "the pool with socket_id 1"},
		{{0, -1, 1}, "the pool with socket_id 1"},
		{{1, 0, 1}, "set the queue up with socket_id 1"},
		{{-1, 0, 1}, "set the queue up with socket_id 1"},
		{{0, 0, 1}, "the pool with socket_id 1 and poll"},
		{{0, 2, 1}, "the pool with socket_id 1 and poll"},
		{{0, 1, -1}, "one socket_id for both"},
	};
	char advice[256];
	unsigned int i;

	for (i = 0; i < RTE_DIM(rows); i++) {
		const struct xskpmd_numa *n = &rows[i].n;

		xt_note("pool %d queue %d nic %d", n->pool, n->queue, n->nic);
		advice[0] = '\0';
		CHECK_INT(xskpmd_numa_judge(n, advice, sizeof(advice)), ==, rows[i].says != NULL,
			  "judged");
		CHECK(rows[i].says == NULL || strstr(advice, rows[i].says) != NULL, "\"%s\" is not in "
		      "\"%s\"", rows[i].says, advice);
	}
}

static void
numa_node_of(const void *arg __rte_unused)
{
	const size_t len = 1 << 20;
	char *area = calloc(1, len);
	int node;

	CHECK(area != NULL, "calloc");
	memset(area, 1, len);
	node = xskpmd_numa_node_of(area, len);
	CHECK_INT(node, >=, XSKPMD_NUMA_ANY, "node");
	CHECK_INT(xskpmd_numa_node_of(area + 100, 1), >=, XSKPMD_NUMA_ANY, "node of a byte");
	CHECK_INT(xskpmd_numa_node_of(NULL, 4096), ==, XSKPMD_NUMA_ANY, "node of nothing");
	free(area);
	if (node == XSKPMD_NUMA_ANY)
		SKIP("the kernel does not say where pages are");
}

const struct xt_case unit_net_cases[] = {
	{"speed_names", "link modes by the kernel's names", speed_names, NULL, XT_UNIT, 0},
	{"numa_judge", "placements, and what is said of them", numa_judge, NULL, XT_UNIT, 0},
	{"numa_node_of", "the node of pages", numa_node_of, NULL, XT_UNIT, 0},
	{0},
};
