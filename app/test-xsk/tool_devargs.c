/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* devargs: the driver's own table of keys, as the README and the guide show it. */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "xskpmd_devargs.h"

#include "tool.h"

int
cmd_devargs(int argc, char **argv)
{
	const bool markdown = argc == 2 && strcmp(argv[1], "md") == 0;

	if (argc > 2 || (argc == 2 && !markdown && strcmp(argv[1], "rst") != 0)) {
		printf("usage: dpdk-test-xsk devargs [rst|md]\n");
		return 2;
	}
	xskpmd_devargs_help(stdout, markdown);
	return 0;
}
