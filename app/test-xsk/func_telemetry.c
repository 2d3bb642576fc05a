/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* Telemetry, asked over its socket as dpdk-telemetry.py does. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <rte_eal.h>

#include "suites.h"

static int fd = -1;

static const char *
ask(const char *cmd)
{
	static char answer[16384 + 1];
	char *from, *to;
	ssize_t len;

	CHECK_INT(send(fd, cmd, strlen(cmd), 0), ==, strlen(cmd), "send %s", cmd);
	len = recv(fd, answer, sizeof(answer) - 1, 0);
	CHECK_INT(len, >, 0, "answer to %s", cmd);
	answer[len] = '\0';
	/* some releases of DPDK put blanks after colons, and some do not */
	for (from = to = answer; *from != '\0'; from++)
		if (*from != ' ')
			*to++ = *from;
	*to = '\0';
	if (xt_verbose)
		fprintf(stderr, "%s\n", answer);
	return answer;
}

static void
expect(const char *answer, const char *text)
{
	CHECK(strstr(answer, text) != NULL, "no %s in %s", text, answer);
}

static void
connect_telemetry(void)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	char hello[1024];

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/dpdk_telemetry.v2",
		 rte_eal_get_runtime_dir());
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	CHECK(fd >= 0, "socket: %s", strerror(errno));
	xt_state_own_fd(fd);
	CHECK_OK(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), "connect to %s: %s",
		 addr.sun_path, strerror(errno));
	CHECK_INT(recv(fd, hello, sizeof(hello), 0), >, 0, "greeting");
}

static bool
is_open(int of)
{
	return fcntl(of, F_GETFD) >= 0;
}

/* A thread of EAL's has the other end, and closes it when it sees that this one is closed. */
static void
disconnect_telemetry(void)
{
	const double end = xt_now() + 5;
	bool was[64];
	int i, open;

	for (i = 0; i < 64; i++)
		was[i] = is_open(i);
	close(fd);
	do {
		xt_sleep_ms(1);
		for (i = 0, open = 0; i < 64; i++)
			open += was[i] && !is_open(i);
	} while (open < 2 && xt_now() < end);
}

static void
telemetry(const void *arg __rte_unused)
{
	static const char *const extra[] = {"--telemetry", "--file-prefix=xtel", NULL};
	struct xt_wire *w;
	struct xt_port *p;
	const char *a;
	unsigned int i;

	CHECK_INT(xt_eal_init_with(extra), >=, 0, "EAL");
	xt_state_begin();
	w = xt_veth(2);
	p = xt_port(w);
	connect_telemetry();
	CHECK_OK(xt_port_probe(p), "probe");
	expect(ask("/"), "/xskpmd/queue");
	expect(ask("/xskpmd/list"), "[0]");
	expect(ask("/xskpmd/queue,0,1"), "\"open\":");
	CHECK_OK(xt_port_setup(p), "set-up");
	CHECK_OK(xt_port_start(p), "start");
	for (i = 0; i < 5; i++)
		xt_peer_send(w, 1, i, 100);

	a = ask("/xskpmd/port,0");
	expect(a, "\"iface\":");
	expect(a, "\"asked\":");
	expect(a, "\"queue_count\":2");
	expect(a, "\"mode\":\"native\"");
	expect(a, "\"numa_node\":");
	a = ask("/xskpmd/queue,0,1");
	expect(a, "\"iface_queue\":1");
	expect(a, "\"zero_copy\":\"no\"");
	expect(a, "\"busy_poll\":\"no\"");
	expect(a, "\"busy_poll_preferred\":\"no\"");
	expect(a, "\"rx_used\":5");
	expect(a, "\"chunk_bytes\":");
	expect(a, "\"numa_node\":");
	expect(a, "\"napi\":{\"id\":0");
	expect(a, "\"rx_ring_full\":0");
	xt_rx_flush(p, 1);
	expect(ask("/xskpmd/queue,0,1"), "\"rx_used\":0");

	/* what there is not */
	expect(ask("/xskpmd/port,7"), "null");
	expect(ask("/xskpmd/port,x"), "null");
	expect(ask("/xskpmd/queue,0,2"), "null");
	expect(ask("/xskpmd/queue,0"), "null");
	CHECK_OK(xt_port_stop(p), "stop");
	expect(ask("/xskpmd/queue,0,1"), "\"open\":\"no\"");
	CHECK_OK(xt_port_detach(p), "detach");
	expect(ask("/xskpmd/list"), "[]");
	disconnect_telemetry();
}

const struct xt_case func_telemetry_cases[] = {
	{"telemetry", "/xskpmd/list, port and queue over the socket", telemetry, NULL, XT_NO_EAL, 0},
	{0},
};
