/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */
#ifndef XT_TOOL_H
#define XT_TOOL_H

/* The sub-commands of dpdk-test-xsk that live in a file of their own; see main.c for the table. */
int cmd_info(int argc, char **argv);
int cmd_fwd(int argc, char **argv);
int cmd_gen(int argc, char **argv);
int cmd_unit(int argc, char **argv);
int cmd_devargs(int argc, char **argv);
int cmd_features(int argc, char **argv);
int cmd_secondary(int argc, char **argv);

/** The pool that it sends from, made by the primary process. */
#define XT_SECONDARY_POOL "xtmp_pool"

#endif /* XT_TOOL_H */
