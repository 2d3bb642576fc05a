/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */
#include "suites.h"
const struct xt_case func_life_cases[] = {{0}};
