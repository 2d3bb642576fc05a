/* SPDX-License-Identifier: BSD-3-Clause */

#ifndef _XSKPMD_LOGS_H_
#define _XSKPMD_LOGS_H_

#include <rte_log.h>

extern int xskpmd_logtype;

/** One line of log. The text starts with the name of the port it is about. */
#define XSKPMD_LOG(level, fmt, ...) \
	rte_log(RTE_LOG_ ## level, xskpmd_logtype, fmt "\n", ##__VA_ARGS__)

#endif /* _XSKPMD_LOGS_H_ */
