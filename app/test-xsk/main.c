/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

#include <stdio.h>
#include <string.h>

#include <rte_common.h>

#include "suites.h"
#include "tool.h"

#define FUNC_SUITES \
	func_bytes_cases, func_rx_cases, func_tx_cases, func_sg_cases, func_life_cases, \
	func_info_cases, func_stats_cases, func_telemetry_cases, \
	func_devargs_cases, func_ops_cases, func_prog_cases, func_foreign_cases, func_kill_cases, \
	func_env_cases, func_queue_cases, func_fault_cases, func_link_cases, \
	func_netns_cases, func_addr_cases, func_rss_cases, func_order_cases, \
	func_mp_cases, func_peers_cases, func_features_cases

static int
cmd_func(int argc, char **argv)
{
	static const struct xt_case *const suites[] = {FUNC_SUITES, NULL};

	return xt_run("func", suites, NULL, argc, argv);
}

static int
cmd_nic(int argc, char **argv)
{
	static const struct xt_case *const suites[] = {func_nic_cases, FUNC_SUITES, NULL};
	int ret;

	if ((argc < 2 || strcmp(argv[1], "--list") != 0) && !xt_nic_begin()) {
		fprintf(stderr, "XSKT_DEV and XSKT_PEER name NICs that are wired to each other, with "
			"commas if there are several pairs\n");
		return 2;
	}
	ret = xt_run("nic", suites, func_nic_without, argc, argv);
	xt_nic_end();
	return ret;
}

/* A sub-command is a row here and a prototype in tool.h. */
static const struct {
	const char *name;
	const char *args;
	const char *what;
	int (*run)(int argc, char **argv); /* argv[0] is the name */
} commands[] = {
	{"info", "EAL-OPTIONS", "what each port says of itself", cmd_info},
	{"fwd", "EAL-OPTIONS -- [-m MODE] [-t SECS]", "a small forwarder, one lcore", cmd_fwd},
	{"gen", "-i IFACE [-u ADDRESS] [-s BYTES] ...", "packets from a kernel socket", cmd_gen},
	{"devargs", "[rst|md]", "the driver's device arguments, as a table", cmd_devargs},
	{"features", "EAL-OPTIONS -- [-c COLUMN]", "port 0 beside doc/features.tsv", cmd_features},
	{"secondary", "EAL-OPTIONS", "another process on a port, told what to do (for func mp_*)", cmd_secondary},
	{"unit", "[--list] [-j N] [NAME-GLOB...]", "unit suite, no root needed", cmd_unit},
	{"func", "[--list] [-j N] [NAME-GLOB...]", "functional suite over veth and tap", cmd_func},
	{"nic", "[--list] [NAME-GLOB...]", "the same over the NICs of XSKT_DEV, XSKT_PEER", cmd_nic},
};

int
main(int argc, char **argv)
{
	unsigned int i;

	for (i = 0; argc > 1 && i < RTE_DIM(commands); i++) {
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	}
	printf("usage: dpdk-test-xsk COMMAND ...\n\n");
	for (i = 0; i < RTE_DIM(commands); i++)
		printf("  %-8s %-38s %s\n", commands[i].name, commands[i].args, commands[i].what);
	return argc > 1 && strcmp(argv[1], "help") == 0 ? 0 : 2;
}
