/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* Device arguments as a table: text in, struct xskpmd_conf or one line of log out. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "suites.h"
#include "xskpmd_devargs.h"

#define NUM(field) offsetof(struct xskpmd_conf, field)

static void
defaults(const void *arg __rte_unused)
{
	struct xskpmd_conf c;

	memset(&c, 0xff, sizeof(c));
	CHECK_OK(xskpmd_devargs_parse("t", "iface=eth7", &c), "parse");
	CHECK(strcmp(c.iface, "eth7") == 0, "iface is %s", c.iface);
	CHECK_INT(c.start_queue, ==, 0, "start_queue");
	CHECK_INT(c.queue_count, ==, XSKPMD_QUEUES_ALL, "queue_count");
	CHECK_INT(c.shared_umem, ==, 0, "shared_umem");
	CHECK_INT(c.busy_budget, ==, 64, "busy_budget");
	CHECK_INT(c.force_copy, ==, 0, "force_copy");
	CHECK_INT(c.zero_copy, ==, XSKPMD_ZC_AUTO, "zero_copy");
	CHECK_INT(c.mode, ==, XSKPMD_MODE_AUTO, "mode");
	CHECK_INT(c.attach, ==, XSKPMD_ATTACH_AUTO, "attach");
	CHECK_INT(c.xdp_prog[0] + c.xdp_section[0], ==, 0, "xdp_prog and xdp_section");
}

static void
good(const void *arg __rte_unused)
{
	static const struct {
		const char *text;
		size_t field;
		uint32_t value;
	} table[] = {
		{"start_queue=0", NUM(start_queue), 0},
		{"start_queue=1023", NUM(start_queue), 1023},
		{"start_queue=007", NUM(start_queue), 7},
		{"queue_count=1", NUM(queue_count), 1},
		{"queue_count=1024", NUM(queue_count), 1024},
		{"queue_count=all", NUM(queue_count), XSKPMD_QUEUES_ALL},
		{"shared_umem=0", NUM(shared_umem), 0},
		{"shared_umem=1", NUM(shared_umem), 1},
		{"busy_budget=0", NUM(busy_budget), 0},
		{"busy_budget=65535", NUM(busy_budget), 65535},
		{"force_copy=0", NUM(force_copy), 0},
		{"force_copy=1", NUM(force_copy), 1},
		{"force_copy=1", NUM(zero_copy), XSKPMD_ZC_OFF},
		{"zero_copy=auto", NUM(zero_copy), XSKPMD_ZC_AUTO},
		{"zero_copy=on", NUM(zero_copy), XSKPMD_ZC_ON},
		{"zero_copy=off", NUM(zero_copy), XSKPMD_ZC_OFF},
		{"mode=auto", NUM(mode), XSKPMD_MODE_AUTO},
		{"mode=drv", NUM(mode), XSKPMD_MODE_DRV},
		{"mode=skb", NUM(mode), XSKPMD_MODE_SKB},
		{"mode=hw", NUM(mode), XSKPMD_MODE_HW},
		{"attach=link", NUM(attach), XSKPMD_ATTACH_LINK},
		{"attach=libxdp", NUM(attach), XSKPMD_ATTACH_LIBXDP},
	};
	struct xskpmd_conf c;
	char text[256];
	unsigned int i, order;

	for (i = 0; i < RTE_DIM(table); i++) {
		for (order = 0; order < 2; order++) { /* iface= first, and last */
			snprintf(text, sizeof(text), order == 0 ? "iface=lo,%s" : "%s,iface=lo",
				 table[i].text);
			xt_note("%s", text);
			CHECK_OK(xskpmd_devargs_parse("t", text, &c), "parse");
			CHECK_INT(*(uint32_t *)((char *)&c + table[i].field), ==, table[i].value,
				  "value");
		}
	}
	CHECK_OK(xskpmd_devargs_parse("t", "iface=a_name_15_chars", &c), "iface of 15 characters");
	CHECK_OK(xskpmd_devargs_parse("t", "iface=lo,xdp_prog=/dev/null,xdp_section=xdp.frags", &c),
		 "xdp_prog and xdp_section");
	CHECK(strcmp(c.xdp_prog, "/dev/null") == 0, "xdp_prog is %s", c.xdp_prog);
	CHECK(strcmp(c.xdp_section, "xdp.frags") == 0, "xdp_section is %s", c.xdp_section);
}

static void
bad(const void *arg __rte_unused)
{
	static const struct {
		const char *text;
		const char *says; /* in the one line of log */
	} table[] = {
		{"", "iface"},
		{",", "iface"},
		{"iface", "iface"},
		{"iface=", "iface"},
		{"iface=a_name_16_chars_", "iface"},
		{"start_queue=0", "iface"},
		{"iface=lo,iface=lo", "iface"},
		{"iface=lo,color=1", "color"},
		{"iface=lo,Mode=drv", "Mode"},
		{"iface=lo,start_queue=1024", "0 to 1023"},
		{"iface=lo,start_queue=-0", "start_queue"},
		{"iface=lo,start_queue=+1", "start_queue"},
		{"iface=lo,start_queue=1 ", "start_queue"},
		{"iface=lo,start_queue=0x1", "start_queue"},
		{"iface=lo,start_queue=1e1", "start_queue"},
		{"iface=lo,start_queue=4294967296", "start_queue"},
		{"iface=lo,start_queue=4294967297", "start_queue"},
		{"iface=lo,start_queue=18446744073709551617", "start_queue"},
		{"iface=lo,start_queue=99999999999999999999999999", "start_queue"},
		{"iface=lo,queue_count=0", "1 to 1024, or all"},
		{"iface=lo,queue_count=1025", "queue_count"},
		{"iface=lo,queue_count=All", "queue_count"},
		{"iface=lo,queue_count=all ", "queue_count"},
		{"iface=lo,shared_umem=true", "0 to 1"},
		{"iface=lo,shared_umem=2", "shared_umem"},
		{"iface=lo,busy_budget=65536", "0 to 65535"},
		{"iface=lo,busy_budget=", "busy_budget"},
		{"iface=lo,force_copy=yes", "force_copy"},
		{"iface=lo,force_copy=1,force_copy=1", "force_copy"},
		{"iface=lo,force_copy=1,zero_copy=on", "zero_copy"},
		{"iface=lo,zero_copy=ON", "auto, on, off"},
		{"iface=lo,mode=native", "auto, drv, skb, hw"},
		{"iface=lo,mode=drv,mode=drv", "mode"},
		{"iface=lo,attach=xdp", "auto, link, libxdp"},
		{"iface=lo,xdp_prog=", "xdp_prog"},
		{"iface=lo,xdp_prog=/no/such/file", "/no/such/file"},
		{"iface=lo,xdp_section=xdp", "xdp_section"},
		{"iface=lo,use_cni=1", "not in this version"},
		{"iface=lo,use_pinned_map=1", "not in this version"},
		{"iface=lo,dp_path=/x", "not in this version"},
	};
	struct xskpmd_conf c;
	const char *log, *end;
	unsigned int i;

	for (i = 0; i < RTE_DIM(table); i++) {
		xt_note("\"%s\"", table[i].text);
		xt_log_begin();
		CHECK_INT(xskpmd_devargs_parse("port5", table[i].text, &c), ==, -EINVAL, "parse");
		log = xt_log_end();
		CHECK(strstr(log, table[i].says) != NULL, "the log does not say \"%s\": %s",
		      table[i].says, log);
		CHECK(strstr(log, "port5") != NULL, "the log does not name the port: %s", log);
		end = strchr(log, '\n');
		CHECK(end != NULL && end[1] == '\0', "more than one line: %s", log);
	}
}

/* The help text and EAL's string come from the same table: each key is in both. */
static void
help(const void *arg __rte_unused)
{
	static const char *const keys[] = {"iface", "netns", "start_queue", "queue_count",
		"shared_umem", "xdp_prog", "xdp_section", "busy_budget", "force_copy", "zero_copy", "mode",
		"attach", "use_cni", "use_pinned_map", "dp_path"};
	unsigned int i, rows = 0;
	char quoted[64], *text, *at;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	CHECK(f != NULL, "memstream");
	xskpmd_devargs_help(f, false);
	fclose(f);
	for (i = 0; i < RTE_DIM(keys); i++) {
		snprintf(quoted, sizeof(quoted), "``%s``", keys[i]);
		CHECK(strstr(text, quoted) != NULL, "%s is not in the help text", keys[i]);
		snprintf(quoted, sizeof(quoted), "%s=", keys[i]);
		CHECK(strstr(XSKPMD_PARAM_STRING, quoted) != NULL, "%s is not in EAL's string",
		      keys[i]);
	}
	for (at = text; (at = strstr(at, "* - ``")) != NULL; at++)
		rows++;
	CHECK_INT(rows, ==, RTE_DIM(keys), "rows of the help text");
	free(text);
}

const struct xt_case unit_devargs_cases[] = {
	{"devargs_defaults", "iface= alone", defaults, NULL, XT_UNIT, 0},
	{"devargs_good", "each key, each value at its limits", good, NULL, XT_UNIT, 0},
	{"devargs_bad", "one line that names the key and what is allowed", bad, NULL, XT_UNIT, 0},
	{"devargs_help", "every key is in the help text and in EAL's string", help, NULL, XT_UNIT,
	 0},
	{0},
};
