/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* Device arguments: what each text becomes, or the one line that says why not. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "xskpmd_devargs.h"

#include "unit.h"

/* Longest strings that fit, and one character more. */
#define IFACE15 "abcdefghijklmno"
#define SECTION63 "abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabc"

#define DEFAULTS .queue_count = XSKPMD_QUEUES_ALL, .busy_budget = 64, .iface = "e0"

static const struct {
	const char *args;
	struct xskpmd_conf conf;
} goods[] = {
	{"iface=e0", {DEFAULTS}},
	{"iface=" IFACE15, {.busy_budget = 64, .iface = IFACE15}},
	{"iface=e0.100", {.busy_budget = 64, .iface = "e0.100"}},
	{"iface=e0,start_queue=0", {DEFAULTS}},
	{"iface=e0,start_queue=1023", {DEFAULTS, .start_queue = 1023}},
	{"start_queue=007,iface=e0", {DEFAULTS, .start_queue = 7}},
	{"iface=e0,queue_count=1", {.busy_budget = 64, .iface = "e0", .queue_count = 1}},
	{"iface=e0,queue_count=1024", {.busy_budget = 64, .iface = "e0", .queue_count = 1024}},
	{"iface=e0,queue_count=all", {DEFAULTS}},
	{"iface=e0,shared_umem=0", {DEFAULTS}},
	{"iface=e0,shared_umem=1", {DEFAULTS, .shared_umem = 1}},
	{"iface=e0,busy_budget=0", {.iface = "e0", .busy_budget = 0}},
	{"iface=e0,busy_budget=65535", {.iface = "e0", .busy_budget = 65535}},
	{"iface=e0,force_copy=0", {DEFAULTS}},
	{"iface=e0,force_copy=1", {DEFAULTS, .force_copy = 1, .zero_copy = XSKPMD_ZC_OFF}},
	{"iface=e0,force_copy=1,zero_copy=off",
		{DEFAULTS, .force_copy = 1, .zero_copy = XSKPMD_ZC_OFF}},
	{"iface=e0,force_copy=1,zero_copy=auto",
		{DEFAULTS, .force_copy = 1, .zero_copy = XSKPMD_ZC_OFF}},
	{"iface=e0,force_copy=0,zero_copy=on", {DEFAULTS, .zero_copy = XSKPMD_ZC_ON}},
	{"iface=e0,zero_copy=auto", {DEFAULTS}},
	{"iface=e0,zero_copy=on", {DEFAULTS, .zero_copy = XSKPMD_ZC_ON}},
	{"iface=e0,zero_copy=off", {DEFAULTS, .zero_copy = XSKPMD_ZC_OFF}},
	{"iface=e0,mode=auto", {DEFAULTS}},
	{"iface=e0,mode=drv", {DEFAULTS, .mode = XSKPMD_MODE_DRV}},
	{"iface=e0,mode=skb", {DEFAULTS, .mode = XSKPMD_MODE_SKB}},
	{"iface=e0,mode=hw", {DEFAULTS, .mode = XSKPMD_MODE_HW}},
	{"iface=e0,attach=auto", {DEFAULTS}},
	{"iface=e0,attach=link", {DEFAULTS, .attach = XSKPMD_ATTACH_LINK}},
	{"iface=e0,attach=libxdp", {DEFAULTS, .attach = XSKPMD_ATTACH_LIBXDP}},
	{"iface=e0,xdp_prog=/dev/null", {DEFAULTS, .xdp_prog = "/dev/null"}},
	{"iface=e0,xdp_prog=/dev/null,xdp_section=" SECTION63,
		{DEFAULTS, .xdp_prog = "/dev/null", .xdp_section = SECTION63}},
	{"xdp_section=xdp,xdp_prog=/dev/null,iface=e0",
		{DEFAULTS, .xdp_prog = "/dev/null", .xdp_section = "xdp"}},
	{"iface=e0,use_cni=0,use_pinned_map=0", {DEFAULTS}},
	{"iface=e0,use_cni=1", {.iface = "e0", .use_cni = 1, .dp_path = "/tmp/afxdp_dp/e0/afxdp.sock"}},
	{"iface=e0,busy_budget=9,use_pinned_map=1", {.iface = "e0", .use_pinned_map = 1,
		.dp_path = "/tmp/afxdp_dp/e0/xsks_map"}},
	{"dp_path=/x,iface=e0,use_pinned_map=1", {.iface = "e0", .use_pinned_map = 1, .dp_path = "/x"}},
	{"iface=e0,start_queue=2,queue_count=3,shared_umem=1,busy_budget=5,zero_copy=on,mode=skb,"
	 "attach=libxdp,force_copy=0,xdp_prog=/dev/null,xdp_section=s,use_cni=0,use_pinned_map=0",
		{"e0", "", 2, 3, 1, "/dev/null", "s", 5, 0, XSKPMD_ZC_ON, XSKPMD_MODE_SKB,
		 XSKPMD_ATTACH_LIBXDP}},
	{"iface=e0,channels=1", {DEFAULTS, .channels = 1}},
	{"iface=e0,channels=1024", {DEFAULTS, .channels = 1024}},
	{"iface=e0,rss=auto", {DEFAULTS}},
	{"iface=e0,ptypes=0", {DEFAULTS}},
	{"iface=e0,ptypes=1", {DEFAULTS, .ptypes = 1}},
	{"iface=e0,rss=keep", {DEFAULTS, .rss = XSKPMD_RSS_KEEP}},
	{"iface=e0,rss=bound", {DEFAULTS, .rss = XSKPMD_RSS_BOUND}},
	{"iface=e0,netns=blue", {DEFAULTS, .netns = "blue"}},
	{"netns=/proc/1/ns/net,iface=e0", {DEFAULTS, .netns = "/proc/1/ns/net"}},
};

#define QUEUE "0 to 1023"
#define COUNT "1 to 1024, or all"
#define BOOL "0 to 1"
#define BUDGET "0 to 65535"
#define NAME "1 to 15"
#define SECTION "1 to 63"
#define FILE_ "readable file"
#define ZC "auto, on, off"
#define MODE "auto, drv, skb, hw"
#define ATTACH "auto, link, libxdp"
#define KEYS "the keys are iface, netns, start_queue, queue_count, "

static const struct {
	const char *args;
	const char *key;     /* both are in the line */
	const char *allowed;
} bads[] = {
	{"", "iface", "iface=eth1"},
	{",", "iface", "iface=eth1"},
	{"queue_count=1", "iface", "iface=eth1"},
	{"iface=", "iface", NAME},
	{"iface", "iface", NAME},
	{"iface=" IFACE15 "p", "iface", NAME},
	{"iface=e0,iface=e0", "iface", "once"},
	{"iface=e0,iface=e1", "iface", "once"},
	{"IFACE=e0", "IFACE", "did you mean iface=?"},
	{"iface=e0,colour=red", "colour", KEYS},
	{"iface=e0,colour", "colour", KEYS},
	{"iface=e0,start_queu=1", "start_queu", "did you mean start_queue=?"},
	{"iface=e0,start_queue2=1", "start_queue2", "did you mean start_queue=?"},
	{"iface=e0,=1", "", ""},
	{"iface=e0,start_queue=", "start_queue", QUEUE},
	{"iface=e0,start_queue", "start_queue", QUEUE},
	{"iface=e0,start_queue=1024", "start_queue", QUEUE},
	{"iface=e0,start_queue=-1", "start_queue", QUEUE},
	{"iface=e0,start_queue=-0", "start_queue", QUEUE},
	{"iface=e0,start_queue=+1", "start_queue", QUEUE},
	{"iface=e0,start_queue= 1", "start_queue", QUEUE},
	{"iface=e0,start_queue=1 ", "start_queue", QUEUE},
	{"iface=e0,start_queue=\t1", "start_queue", QUEUE},
	{"iface=e0,start_queue=1x", "start_queue", QUEUE},
	{"iface=e0,start_queue=0x1", "start_queue", QUEUE},
	{"iface=e0,start_queue=1.0", "start_queue", QUEUE},
	{"iface=e0,start_queue=1e0", "start_queue", QUEUE},
	{"iface=e0,start_queue=abc", "start_queue", QUEUE},
	{"iface=e0,start_queue=all", "start_queue", QUEUE},
	{"iface=e0,start_queue=4294967296", "start_queue", QUEUE},
	{"iface=e0,start_queue=4294967297", "start_queue", QUEUE},
	{"iface=e0,start_queue=18446744073709551615", "start_queue", QUEUE},
	{"iface=e0,start_queue=18446744073709551616", "start_queue", QUEUE},
	{"iface=e0,start_queue=18446744073709551617", "start_queue", QUEUE},
	{"iface=e0,start_queue=99999999999999999999999999", "start_queue", QUEUE},
	{"iface=e0,start_queue=1,start_queue=1", "start_queue", "once"},
	{"iface=e0,start_queue=[1-2]", "start_queue", QUEUE},
	{"iface=e0,queue_count=0", "queue_count", COUNT},
	{"iface=e0,queue_count=1025", "queue_count", COUNT},
	{"iface=e0,queue_count=-1", "queue_count", COUNT},
	{"iface=e0,queue_count=", "queue_count", COUNT},
	{"iface=e0,queue_count=ALL", "queue_count", COUNT},
	{"iface=e0,queue_count=allx", "queue_count", COUNT},
	{"iface=e0,queue_count=al", "queue_count", COUNT},
	{"iface=e0,shared_umem=2", "shared_umem", BOOL},
	{"iface=e0,shared_umem=yes", "shared_umem", BOOL},
	{"iface=e0,shared_umem=true", "shared_umem", BOOL},
	{"iface=e0,busy_budget=65536", "busy_budget", BUDGET},
	{"iface=e0,busy_budget=-1", "busy_budget", BUDGET},
	{"iface=e0,busy_budget=64 ", "busy_budget", BUDGET},
	{"iface=e0,force_copy=2", "force_copy", BOOL},
	{"iface=e0,force_copy=", "force_copy", BOOL},
	{"iface=e0,force_copy=1,zero_copy=on", "zero_copy", "one of them"},
	{"iface=e0,zero_copy=on,force_copy=1", "force_copy", "one of them"},
	{"iface=e0,zero_copy=", "zero_copy", ZC},
	{"iface=e0,zero_copy=1", "zero_copy", ZC},
	{"iface=e0,zero_copy=On", "zero_copy", ZC},
	{"iface=e0,zero_copy=o", "zero_copy", ZC},
	{"iface=e0,zero_copy=onn", "zero_copy", ZC},
	{"iface=e0,mode=", "mode", MODE},
	{"iface=e0,mode=native", "mode", MODE},
	{"iface=e0,mode=drv,mode=skb", "mode", "once"},
	{"iface=e0,attach=", "attach", ATTACH},
	{"iface=e0,attach=glue", "attach", ATTACH},
	{"iface=e0,xdp_prog=", "xdp_prog", FILE_},
	{"iface=e0,xdp_prog=/nonexistent", "xdp_prog", FILE_},
	{"iface=e0,xdp_section=xdp", "xdp_section", "xdp_prog="},
	{"iface=e0,xdp_prog=/dev/null,xdp_section=", "xdp_section", SECTION},
	{"iface=e0,xdp_prog=/dev/null,xdp_section=" SECTION63 "d", "xdp_section", SECTION},
	{"iface=e0,netns=", "netns", "characters"},
	{"iface=e0,netns=a,netns=a", "netns", "once"},
	{"iface=e0,use_cni=2", "use_cni", BOOL},
	{"iface=e0,use_cni=", "use_cni", BOOL},
	{"iface=e0,use_pinned_map=yes", "use_pinned_map", BOOL},
	{"iface=e0,use_pinned_map=1,dp_path=", "dp_path", "characters"},
	{"iface=e0,dp_path=/tmp/x", "dp_path", "use_cni=1 or use_pinned_map=1"},
	{"iface=e0,use_cni=1,use_pinned_map=1", "use_cni", "contradict"},
	{"iface=e0,use_cni=1,xdp_prog=/dev/null", "use_cni", "contradict"},
	{"iface=e0,use_pinned_map=1,xdp_prog=/dev/null", "use_pinned_map", "contradict"},
};

static struct xskpmd_conf conf;
static const char *log_text;

static int
parse(const char *args)
{
	int ret;

	xt_log_begin();
	ret = xskpmd_devargs_parse("net_xskpmd7", args, &conf);
	log_text = xt_log_end();
	return ret;
}

static void
check_one_line(void)
{
	const char *end = strchr(log_text, '\n');

	CHECK(end != NULL && end[1] == '\0', "not one line: \"%s\"", log_text);
	CHECK(strstr(log_text, "net_xskpmd7: ") == log_text, "port not named: %s", log_text);
}

static void
good(const void *arg __rte_unused)
{
	const struct xskpmd_conf *want;
	unsigned int i;

	for (i = 0; i < RTE_DIM(goods); i++) {
		xt_note("\"%s\"", goods[i].args);
		memset(&conf, 0xaa, sizeof(conf));
		CHECK_OK(parse(goods[i].args), "parse: %s", log_text);
		CHECK(log_text[0] == '\0', "log of good arguments: %s", log_text);
		want = &goods[i].conf;
		CHECK(strcmp(conf.iface, want->iface) == 0, "iface %s", conf.iface);
		CHECK(strcmp(conf.netns, want->netns) == 0, "netns %s", conf.netns);
		CHECK(strcmp(conf.xdp_prog, want->xdp_prog) == 0, "xdp_prog %s", conf.xdp_prog);
		CHECK(strcmp(conf.xdp_section, want->xdp_section) == 0, "xdp_section %s",
		      conf.xdp_section);
		CHECK_INT(conf.start_queue, ==, want->start_queue, "start_queue");
		CHECK_INT(conf.queue_count, ==, want->queue_count, "queue_count");
		CHECK_INT(conf.shared_umem, ==, want->shared_umem, "shared_umem");
		CHECK_INT(conf.busy_budget, ==, want->busy_budget, "busy_budget");
		CHECK_INT(conf.force_copy, ==, want->force_copy, "force_copy");
		CHECK_INT(conf.zero_copy, ==, want->zero_copy, "zero_copy");
		CHECK_INT(conf.mode, ==, want->mode, "mode");
		CHECK_INT(conf.attach, ==, want->attach, "attach");
	}
}

static void
bad(const void *arg __rte_unused)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(bads); i++) {
		xt_note("\"%s\"", bads[i].args);
		CHECK_INT(parse(bads[i].args), ==, -EINVAL, "parse");
		check_one_line();
		CHECK(strstr(log_text, bads[i].key) != NULL, "%s is not named: %s", bads[i].key,
		      log_text);
		CHECK(strstr(log_text, bads[i].allowed) != NULL, "\"%s\" is not said: %s",
		      bads[i].allowed, log_text);
	}
}

/* A path of PATH_MAX - 1 characters can be given, a longer one is refused and not cut. */
static void
long_path(const void *arg __rte_unused)
{
	static const char head[] = "iface=e0,xdp_prog=", file[] = "/dev/null";
	static char args[sizeof(head) + PATH_MAX];
	unsigned int len;

	for (len = PATH_MAX - 2; len <= PATH_MAX; len++) {
		memset(args, '/', sizeof(args));
		memcpy(args, head, sizeof(head) - 1);
		strcpy(args + sizeof(head) - 1 + len - (sizeof(file) - 1), file);
		xt_note("path of %u characters", len);
		CHECK_INT(parse(args), ==, len < PATH_MAX ? 0 : -EINVAL, "parse");
		if (len < PATH_MAX)
			CHECK_INT(strlen(conf.xdp_prog), ==, len, "length of xdp_prog");
		else
			check_one_line();
	}
}

#define MAX_KEYS 32

/* The keys that the help text lists. */
static unsigned int
help_keys(char keys[MAX_KEYS][32])
{
	unsigned int n = 0;
	char *text, *line;
	size_t size;
	FILE *f;

	f = open_memstream(&text, &size);
	CHECK(f != NULL, "memstream");
	xskpmd_devargs_help(f, false);
	fclose(f);
	for (line = text; line != NULL; line = strchr(line + 1, '\n')) {
		if (sscanf(line, " * - ``%31[^`]``", keys[n]) != 1)
			continue;
		CHECK_INT(++n, <, MAX_KEYS, "keys");
	}
	free(text);
	return n;
}

/* XSKPMD_PARAM_STRING, the parser and the help text know the same keys, in the same order. */
static void
keys(const void *arg __rte_unused)
{
	static const char params[] = XSKPMD_PARAM_STRING;
	char key[MAX_KEYS][32], args[64];
	const char *p = params;
	unsigned int i, n;

	n = help_keys(key);
	CHECK_INT(n, >=, 15, "keys in the help text");
	for (i = 0; i < n; i++) {
		size_t len = strlen(key[i]);

		CHECK(strncmp(p, key[i], len) == 0 && p[len] == '=',
		      "key %s of the help text is not at \"%s\" of XSKPMD_PARAM_STRING", key[i], p);
		p = strchr(p, ' ');
		CHECK(p != NULL, "no blank after %s in XSKPMD_PARAM_STRING", key[i]);
		p++;
		snprintf(args, sizeof(args), "iface=e0,%.40s=\"", key[i]);
		parse(args);
		CHECK(strstr(log_text, "unknown key") == NULL, "%s", log_text);
	}
	CHECK(*p == '\0', "XSKPMD_PARAM_STRING also has \"%s\"", p);
}

/* Whatever the text: a configuration within its limits, or one line. */
static void
fuzz(const void *arg __rte_unused)
{
	static const char letters[] = "=,=,0123456789-+ []()\"'\\alx";
	char args[512];
	unsigned int round, i, len;

	for (round = 0; round < unit_less(40000, 40); round++) {
		const char *from = unit_rand() % 2 ? goods[unit_below(RTE_DIM(goods))].args :
				   bads[unit_below(RTE_DIM(bads))].args;

		snprintf(args, sizeof(args), "%s", from);
		len = strlen(args);
		for (i = 0; i <= round % 4 && len > 0; i++)
			args[unit_below(len)] = letters[unit_below(sizeof(letters) - 1)];
		if (round % 8 == 0 && len > 0)
			args[unit_below(len)] = '\0';
		xt_note("\"%s\"", args);
		if (parse(args) != 0) {
			check_one_line();
			continue;
		}
		CHECK(log_text[0] == '\0', "log of good arguments: %s", log_text);
		CHECK(conf.iface[0] != '\0' && memchr(conf.iface, '\0', IFNAMSIZ), "iface");
		CHECK(conf.start_queue < 1024 && conf.queue_count <= 1024, "queues");
		CHECK(conf.busy_budget < 65536 && conf.mode <= XSKPMD_MODE_HW &&
		      conf.attach <= XSKPMD_ATTACH_LIBXDP && conf.zero_copy <= XSKPMD_ZC_OFF &&
		      conf.force_copy <= 1 && conf.shared_umem <= 1, "out of range");
	}
}

const struct xt_case unit_devargs_cases[] = {
	{"devargs_good", "what each text becomes, and the defaults", good, .flags = XT_UNIT},
	{"devargs_bad", "one line that names the key and what is allowed", bad,
		.flags = XT_UNIT},
	{"devargs_long_path", "the longest path, and one more character", long_path,
		.flags = XT_UNIT},
	{"devargs_keys", "the keys of the parser, the help and the plugin are the same", keys,
		.flags = XT_UNIT},
	{"devargs_fuzz", "mutated texts", fuzz, .flags = XT_UNIT},
	{NULL},
};
