/* SPDX-License-Identifier: BSD-3-Clause */

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_kvargs.h>
#include <rte_string_fns.h>

#include "xskpmd_devargs.h"
#include "xskpmd_logs.h"

enum devarg_type {
	DEVARG_STRING,  /* size: of the field, with the final NUL */
	DEVARG_PATH,    /* the same, of a readable file */
	DEVARG_UINT,    /* min..max */
	DEVARG_COUNT,   /* min..max, or "all" (0) */
	DEVARG_ENUM,    /* one of words; the value is its place */
};

struct devarg {
	const char *key;
	enum devarg_type type;
	size_t field;
	uint32_t size;
	uint32_t min, max;
	const char *words[5];
	const char *deflt;   /* as text */
	const char *meaning;
};

#define STRING(k) .key = #k, .field = offsetof(struct xskpmd_conf, k), \
	.size = sizeof(((struct xskpmd_conf *)0)->k)
#define NUMBER(k) .key = #k, .field = offsetof(struct xskpmd_conf, k)

static const struct devarg devargs[] = {
	{ STRING(iface), .type = DEVARG_STRING, .deflt = NULL,
	  .meaning = "interface to use; the only key that must be given" },
	{ STRING(netns), .type = DEVARG_STRING, .deflt = "",
	  .meaning = "network namespace of the interface: a name under /run/netns, or a path "
		     "such as /proc/PID/ns/net" },
	{ NUMBER(start_queue), .type = DEVARG_UINT, .max = XSKPMD_QUEUES_MAX - 1, .deflt = "0",
	  .meaning = "queue of the interface that is queue 0 of the port" },
	{ NUMBER(queue_count), .type = DEVARG_COUNT, .min = 1, .max = XSKPMD_QUEUES_MAX, .deflt = "all",
	  .meaning = "queues that the port may use; the application may set up fewer" },
	{ NUMBER(channels), .type = DEVARG_UINT, .min = 1, .max = XSKPMD_QUEUES_MAX, .deflt = "",
	  .meaning = "give the interface so many queues first (ethtool -L); put back at close" },
	{ NUMBER(rss), .type = DEVARG_ENUM, .words = { "auto", "keep", "bound" }, .deflt = "auto",
	  .meaning = "RSS of the interface: bound: spread over the port's Rx queues only; keep: as it "
		     "is; auto: bound if the port has all queues and uses fewer. Put back at close" },
	{ NUMBER(ptypes), .type = DEVARG_UINT, .max = 1, .deflt = "0",
	  .meaning = "1: Rx looks into each packet for its type (mbuf packet_type, layers 2 to 4)" },
	{ NUMBER(shared_umem), .type = DEVARG_UINT, .max = 1, .deflt = "0",
	  .meaning = "1: ports on one pool register it once (XDP_SHARED_UMEM); "
		     "queues of one port do so anyway" },
	{ STRING(xdp_prog), .type = DEVARG_PATH, .deflt = "",
	  .meaning = "XDP program to load in place of our own; it needs an XSKMAP named xsks_map" },
	{ STRING(xdp_section), .type = DEVARG_STRING, .deflt = "",
	  .meaning = "section or function of the program in xdp_prog; else the first one" },
	{ NUMBER(busy_budget), .type = DEVARG_UINT, .max = UINT16_MAX, .deflt = "64",
	  .meaning = "packets per busy poll where the interface can be busy polled; 0: never" },
	{ NUMBER(force_copy), .type = DEVARG_UINT, .max = 1, .deflt = "0",
	  .meaning = "1: the same as zero_copy=off" },
	{ NUMBER(zero_copy), .type = DEVARG_ENUM, .words = { "auto", "on", "off" }, .deflt = "auto",
	  .meaning = "on: fail rather than copy; off: copy; auto: zero-copy if it can be had" },
	{ NUMBER(mode), .type = DEVARG_ENUM, .words = { "auto", "drv", "skb", "hw" }, .deflt = "auto",
	  .meaning = "where the XDP program runs: driver, generic, NIC; auto: driver, else generic" },
	{ NUMBER(attach), .type = DEVARG_ENUM, .words = { "auto", "link", "libxdp" }, .deflt = "auto",
	  .meaning = "link: bpf_link, gone with the process; libxdp: its dispatcher, beside other "
		     "programs; auto: link, or libxdp if its dispatcher is on the interface" },
	{ NUMBER(use_cni), .type = DEVARG_UINT, .max = 1, .deflt = "0",
	  .meaning = "1: the AF_XDP device plugin for Kubernetes has the XDP program, and gives its map of sockets" },
	{ NUMBER(use_pinned_map), .type = DEVARG_UINT, .max = 1, .deflt = "0",
	  .meaning = "1: somebody else has the XDP program, and has pinned its map of sockets" },
	{ STRING(dp_path), .type = DEVARG_STRING, .deflt = "",
	  .meaning = "the device plugin's socket, or the pinned map; else /tmp/afxdp_dp/IFACE/afxdp.sock, or "
		     "xsks_map there" },
};

/** What is allowed, as text. */
static void
devarg_allowed(const struct devarg *d, char *text, size_t size)
{
	size_t i, n = 0;

	switch (d->type) {
	case DEVARG_STRING:
		snprintf(text, size, "1 to %u characters", d->size - 1);
		break;
	case DEVARG_PATH:
		snprintf(text, size, "the path of a readable file");
		break;
	case DEVARG_UINT:
		snprintf(text, size, "%u to %u", d->min, d->max);
		break;
	case DEVARG_COUNT:
		snprintf(text, size, "%u to %u, or all", d->min, d->max);
		break;
	case DEVARG_ENUM:
		text[0] = '\0';
		for (i = 0; i < RTE_DIM(d->words) && d->words[i] != NULL && n < size; i++)
			n += snprintf(text + n, size - n, "%s%s", i == 0 ? "" : ", ", d->words[i]);
		break;
	}
}

static bool
parse_uint(const struct devarg *d, const char *value, uint32_t *out)
{
	unsigned long long n;
	char *end;

	if (value[0] < '0' || value[0] > '9') /* strtoull() takes signs and blanks */
		return false;
	errno = 0;
	n = strtoull(value, &end, 10);
	if (errno != 0 || *end != '\0' || n < d->min || n > d->max)
		return false;
	*out = n;
	return true;
}

static bool
parse_enum(const struct devarg *d, const char *value, uint32_t *out)
{
	uint32_t i;

	for (i = 0; i < RTE_DIM(d->words) && d->words[i] != NULL; i++) {
		if (strcmp(value, d->words[i]) == 0) {
			*out = i;
			return true;
		}
	}
	return false;
}

static bool
parse_value(const struct devarg *d, const char *value, struct xskpmd_conf *conf)
{
	void *field = RTE_PTR_ADD(conf, d->field);

	switch (d->type) {
	case DEVARG_STRING:
	case DEVARG_PATH:
		if (value[0] == '\0' || strlen(value) >= d->size ||
		    (d->type == DEVARG_PATH && access(value, R_OK) != 0))
			return false;
		strlcpy(field, value, d->size);
		return true;
	case DEVARG_COUNT:
		if (strcmp(value, "all") == 0) {
			*(uint32_t *)field = XSKPMD_QUEUES_ALL;
			return true;
		}
		/* fallthrough */
	case DEVARG_UINT:
		return parse_uint(d, value, field);
	case DEVARG_ENUM:
		return parse_enum(d, value, field);
	}
	return false;
}

static const struct devarg *
devarg_find(const char *key)
{
	size_t i;

	for (i = 0; i < RTE_DIM(devargs); i++)
		if (strcmp(key, devargs[i].key) == 0)
			return &devargs[i];
	return NULL;
}

/** Letters to change, insert or leave out to make a known key of a word; case does not count. */
static unsigned int
distance(const char *word, const char *key)
{
	unsigned int row[32], diagonal, above, i, k;
	const size_t len = strlen(key);

	for (i = 0; i <= len; i++)
		row[i] = i;
	for (k = 0; word[k] != '\0'; k++) {
		diagonal = row[0];
		row[0] = k + 1;
		for (i = 1; i <= len; i++) {
			above = row[i];
			row[i] = diagonal + (tolower((unsigned char)word[k]) != key[i - 1]);
			row[i] = RTE_MIN(row[i], RTE_MIN(above, row[i - 1]) + 1);
			diagonal = above;
		}
	}
	return row[len];
}

/** Say which key was meant, or which there are. */
static void
log_unknown(const char *name, const char *key, const char *value)
{
	char keys[320] = "";
	size_t i, n = 0;

	for (i = 0; i < RTE_DIM(devargs); i++) {
		if (distance(key, devargs[i].key) <= 2) {
			XSKPMD_LOG(ERR, "%s: unknown key %s=%s: did you mean %s=?", name, key, value,
				   devargs[i].key);
			return;
		}
		if (n < sizeof(keys))
			n += snprintf(keys + n, sizeof(keys) - n, "%s%s", n == 0 ? "" : ", ",
				      devargs[i].key);
	}
	XSKPMD_LOG(ERR, "%s: unknown key %s=%s: the keys are %s", name, key, value, keys);
}

static int
parse_pair(const char *name, const struct rte_kvargs *kvlist, unsigned int i,
	   struct xskpmd_conf *conf)
{
	const char *key = kvlist->pairs[i].key;
	const char *value = kvlist->pairs[i].value != NULL ? kvlist->pairs[i].value : "";
	const struct devarg *d = devarg_find(key);
	char allowed[128];

	if (d == NULL) {
		log_unknown(name, key, value);
		return -EINVAL;
	}
	if (rte_kvargs_count(kvlist, key) > 1) {
		XSKPMD_LOG(ERR, "%s: %s= is given more than once: give it once", name, key);
		return -EINVAL;
	}
	if (parse_value(d, value, conf))
		return 0;
	devarg_allowed(d, allowed, sizeof(allowed));
	XSKPMD_LOG(ERR, "%s: bad value %s=%s: allowed is %s", name, key, value, allowed);
	return -EINVAL;
}

/** A map of sockets that is others': what goes with it, and where it is. */
static int
check_map(const char *name, struct xskpmd_conf *conf)
{
	const char *key = conf->use_cni ? "use_cni" : "use_pinned_map";

	if (!conf->use_cni && !conf->use_pinned_map) {
		if (conf->dp_path[0] == '\0')
			return 0;
		XSKPMD_LOG(ERR, "%s: dp_path=%s without use_cni=1 or use_pinned_map=1: give one of them", name,
			   conf->dp_path);
		return -EINVAL;
	}
	if (conf->use_cni && conf->use_pinned_map) {
		XSKPMD_LOG(ERR, "%s: use_cni=1 and use_pinned_map=1 contradict each other: give one of them", name);
		return -EINVAL;
	}
	if (conf->xdp_prog[0] != '\0') {
		XSKPMD_LOG(ERR, "%s: xdp_prog= and %s=1 contradict each other: others attach the program: "
			   "give one of them", name, key);
		return -EINVAL;
	}
	if (conf->dp_path[0] == '\0')
		snprintf(conf->dp_path, sizeof(conf->dp_path), "/tmp/afxdp_dp/%s/%s", conf->iface,
			 conf->use_cni ? "afxdp.sock" : "xsks_map");
	conf->busy_budget = 0; /* NAPI settings are the business of who has the program */
	return 0;
}

static int
check_conf(const char *name, struct xskpmd_conf *conf)
{
	if (conf->iface[0] == '\0') {
		XSKPMD_LOG(ERR, "%s: no iface= given: name the interface to use, as in "
			   "--vdev %s,iface=eth1", name, name);
		return -EINVAL;
	}
	if (conf->force_copy && conf->zero_copy == XSKPMD_ZC_ON) {
		XSKPMD_LOG(ERR, "%s: force_copy=1 and zero_copy=on contradict each other: "
			   "give one of them", name);
		return -EINVAL;
	}
	if (conf->force_copy)
		conf->zero_copy = XSKPMD_ZC_OFF;
	if (conf->xdp_section[0] != '\0' && conf->xdp_prog[0] == '\0') {
		XSKPMD_LOG(ERR, "%s: xdp_section=%s without xdp_prog=: name the file it is in",
			   name, conf->xdp_section);
		return -EINVAL;
	}
	return check_map(name, conf);
}

int
xskpmd_devargs_parse(const char *name, const char *args, struct xskpmd_conf *conf)
{
	struct rte_kvargs *kvlist;
	unsigned int i;
	int ret = 0;

	memset(conf, 0, sizeof(*conf));
	for (i = 0; i < RTE_DIM(devargs); i++)
		if (devargs[i].deflt != NULL && devargs[i].deflt[0] != '\0')
			parse_value(&devargs[i], devargs[i].deflt, conf);

	kvlist = rte_kvargs_parse(args, NULL);
	if (kvlist == NULL) {
		XSKPMD_LOG(ERR, "%s: cannot parse \"%s\": give key=value[,key=value...]", name, args);
		return -EINVAL;
	}
	for (i = 0; i < kvlist->count && ret == 0; i++)
		ret = parse_pair(name, kvlist, i, conf);
	rte_kvargs_free(kvlist);
	return ret != 0 ? ret : check_conf(name, conf);
}

void
xskpmd_devargs_help(FILE *f, bool markdown)
{
	char allowed[128];
	size_t i;

	fputs(markdown ? "| Key | Allowed | Default | Meaning |\n|---|---|---|---|\n" :
			 ".. list-table::\n   :header-rows: 1\n\n"
			 "   * - Key\n     - Allowed\n     - Default\n     - Meaning\n", f);
	for (i = 0; i < RTE_DIM(devargs); i++) {
		const struct devarg *d = &devargs[i];

		devarg_allowed(d, allowed, sizeof(allowed));
		fprintf(f, markdown ? "| `%s` | %s | %s | %s |\n" :
				      "   * - ``%s``\n     - %s\n     - %s\n     - %s\n", d->key, allowed,
			d->deflt == NULL ? "(required)" : d->deflt[0] == '\0' ? "(none)" : d->deflt,
			d->meaning);
	}
}
