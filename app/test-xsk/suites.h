/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */
#ifndef XT_SUITES_H
#define XT_SUITES_H

#include "harness.h"

extern const struct xt_case func_addr_cases[];
extern const struct xt_case func_bytes_cases[];
extern const struct xt_case func_telemetry_cases[];
extern const struct xt_case func_info_cases[];
extern const struct xt_case func_stats_cases[];
extern const struct xt_case func_rss_cases[];
extern const struct xt_case func_rx_cases[];
extern const struct xt_case func_tx_cases[];
extern const struct xt_case func_life_cases[];
extern const struct xt_case func_link_cases[];
extern const struct xt_case func_devargs_cases[];
extern const struct xt_case func_netns_cases[];
extern const struct xt_case func_ops_cases[];
extern const struct xt_case func_sg_cases[];
extern const struct xt_case func_env_cases[];
extern const struct xt_case func_prog_cases[];
extern const struct xt_case func_foreign_cases[];
extern const struct xt_case func_kill_cases[];
extern const struct xt_case func_fault_cases[];
extern const struct xt_case func_order_cases[];
extern const struct xt_case func_mp_cases[];
extern const struct xt_case func_peers_cases[];
extern const struct xt_case func_queue_cases[];
extern const struct xt_case func_features_cases[];
extern const struct xt_case func_nic_cases[];
extern const char *const func_nic_without[]; /* names of those of func that NICs do not get */

#endif /* XT_SUITES_H */
