/* SPDX-License-Identifier: BSD-3-Clause */

/* Text -> struct xskpmd_conf. One table of keys drives the parser, the help text and
 * the documentation.
 */

#ifndef _XSKPMD_DEVARGS_H_
#define _XSKPMD_DEVARGS_H_

#include <limits.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/** queue_count=all: every queue of the interface from start_queue on. */
#define XSKPMD_QUEUES_ALL 0

/** Most queues of one port: RTE_MAX_QUEUES_PER_PORT of every supported release. */
#define XSKPMD_QUEUES_MAX 1024

enum xskpmd_zero_copy { XSKPMD_ZC_AUTO, XSKPMD_ZC_ON, XSKPMD_ZC_OFF };
enum xskpmd_attach { XSKPMD_ATTACH_AUTO, XSKPMD_ATTACH_LINK, XSKPMD_ATTACH_LIBXDP };
enum xskpmd_mode { XSKPMD_MODE_AUTO, XSKPMD_MODE_DRV, XSKPMD_MODE_SKB, XSKPMD_MODE_HW };

enum xskpmd_rss_table { XSKPMD_RSS_AUTO, XSKPMD_RSS_KEEP, XSKPMD_RSS_BOUND };

/** What the user asked for. Constant once parsed. */
struct xskpmd_conf {
	char iface[IFNAMSIZ];
	char netns[PATH_MAX];          /**< name or path; empty: the process's own */
	uint32_t start_queue;
	uint32_t queue_count;          /**< XSKPMD_QUEUES_ALL, or 1 to XSKPMD_QUEUES_MAX */
	uint32_t shared_umem;          /**< 1: share the UMEM between ports, too */
	char xdp_prog[PATH_MAX];       /**< empty: our own program */
	char xdp_section[64];          /**< section or program in xdp_prog; empty: the first */
	uint32_t busy_budget;          /**< packets; 0: no busy polling */
	uint32_t force_copy;
	uint32_t zero_copy;            /**< enum xskpmd_zero_copy */
	uint32_t mode;                 /**< enum xskpmd_mode */
	uint32_t attach;               /**< enum xskpmd_attach */
	uint32_t channels;             /**< of the interface; 0: as they are */
	uint32_t rss;                  /**< enum xskpmd_rss_table */
	uint32_t ptypes;               /**< 1: find packet types */
	uint32_t use_cni;              /**< 1: the map of sockets comes from the device plugin at dp_path */
	uint32_t use_pinned_map;       /**< 1: it is pinned at dp_path */
	char dp_path[PATH_MAX];        /**< empty without them */
};

/** Whether the XDP program is the driver's: not the user's, nor attached by somebody else. */
static inline bool
xskpmd_conf_has_own_prog(const struct xskpmd_conf *conf)
{
	return conf->xdp_prog[0] == '\0' && !conf->use_cni && !conf->use_pinned_map;
}

/** The keys as `EAL --vdev` and dpdk-pmdinfo show them. */
#define XSKPMD_PARAM_STRING \
	"iface=<string> " \
	"netns=<string> " \
	"start_queue=<int> " \
	"queue_count=<int>|all " \
	"channels=<int> " \
	"rss=auto|keep|bound " \
	"ptypes=0|1 " \
	"shared_umem=0|1 " \
	"xdp_prog=<path> " \
	"xdp_section=<string> " \
	"busy_budget=<int> " \
	"force_copy=0|1 " \
	"zero_copy=auto|on|off " \
	"mode=auto|drv|skb|hw " \
	"attach=auto|link|libxdp " \
	"use_cni=0|1 " \
	"use_pinned_map=0|1 " \
	"dp_path=<path> "

/**
 * Parse device arguments ("iface=eth0,queue_count=2").
 *
 * Strict: unknown keys, keys given twice, trailing characters and numbers out of range
 * are errors; each logs one line that names the key, what was given and what is allowed.
 * Any thread; no I/O besides the log and access(2) of xdp_prog.
 *
 * @param name  of the port, for messages
 * @return 0, or -EINVAL
 */
int xskpmd_devargs_parse(const char *name, const char *args, struct xskpmd_conf *conf);

/** Print the table of keys for the documentation: as Markdown, else as reStructuredText. */
void xskpmd_devargs_help(FILE *f, bool markdown);

#endif /* _XSKPMD_DEVARGS_H_ */
