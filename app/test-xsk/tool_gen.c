/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* gen: packets from the kernel's side, as fast as its sockets go. */

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>

#include <rte_common.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_udp.h>

#include "tool.h"

#define BATCH 64
#define FRAME_MAX 9600
#define HEADERS (RTE_ETHER_HDR_LEN + sizeof(struct rte_ipv4_hdr) + sizeof(struct rte_udp_hdr))

struct gen {
	const char *iface;
	const char *dst; /* UDP socket to this address; NULL: raw frames */
	uint16_t port;
	unsigned int size;
	unsigned int flows;
	uint64_t count;
	double seconds;
	struct rte_ether_addr dst_mac;
};

static volatile sig_atomic_t stop;

static void
on_signal(int sig __rte_unused)
{
	stop = 1;
}

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static int
open_raw(const struct gen *g)
{
	struct sockaddr_ll sll = {
		.sll_family = AF_PACKET,
		.sll_ifindex = if_nametoindex(g->iface),
	};
	int one = 1;
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&sll, sizeof(sll)) != 0) {
		fprintf(stderr, "packet socket on %s: %s\n", g->iface, strerror(errno));
		return -1;
	}
	/* without the qdisc; the kernel may not know it */
	setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one));
	return fd;
}

static int
open_udp(const struct gen *g)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(g->port)};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (inet_pton(AF_INET, g->dst, &to.sin_addr) != 1) {
		fprintf(stderr, "%s is no IPv4 address\n", g->dst);
		return -1;
	}
	if (fd < 0 ||
	    (g->iface != NULL && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, g->iface,
					    strlen(g->iface) + 1) != 0) ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
		fprintf(stderr, "UDP socket to %s: %s\n", g->dst, strerror(errno));
		return -1;
	}
	return fd;
}

/* A UDP packet of flow number `flow` between documentation addresses. */
static void
make_frame(const struct gen *g, uint8_t *frame, unsigned int flow)
{
	struct rte_ether_hdr *eth = (struct rte_ether_hdr *)frame;
	struct rte_ipv4_hdr *ip = (struct rte_ipv4_hdr *)(eth + 1);
	struct rte_udp_hdr *udp = (struct rte_udp_hdr *)(ip + 1);

	memset(frame, 0, g->size);
	eth->dst_addr = g->dst_mac;
	eth->src_addr = (struct rte_ether_addr){{2, 0, 0, 0, 0, 2}};
	eth->ether_type = htons(RTE_ETHER_TYPE_IPV4);
	ip->version_ihl = RTE_IPV4_VHL_DEF;
	ip->total_length = htons(g->size - RTE_ETHER_HDR_LEN);
	ip->time_to_live = 64;
	ip->next_proto_id = IPPROTO_UDP;
	ip->src_addr = htonl(RTE_IPV4(198, 18, 0, 1));
	ip->dst_addr = htonl(RTE_IPV4(198, 18, 0, 2));
	ip->hdr_checksum = rte_ipv4_cksum(ip);
	udp->src_port = htons(1024 + flow);
	udp->dst_port = htons(g->port);
	udp->dgram_len = htons(g->size - RTE_ETHER_HDR_LEN - sizeof(*ip));
}

static int
run(const struct gen *g)
{
	static uint8_t frames[BATCH][FRAME_MAX];
	struct mmsghdr msg[BATCH] = {0};
	struct iovec iov[BATCH];
	uint64_t sent = 0, refused = 0;
	unsigned int i, n;
	double start, secs = 1e-9;
	int fd, ret;

	fd = g->dst != NULL ? open_udp(g) : open_raw(g);
	if (fd < 0)
		return 1;
	for (i = 0; i < BATCH; i++) {
		if (g->dst == NULL)
			make_frame(g, frames[i], i % g->flows);
		iov[i].iov_base = frames[i];
		iov[i].iov_len = g->dst != NULL ? g->size - HEADERS : g->size;
		msg[i].msg_hdr.msg_iov = &iov[i];
		msg[i].msg_hdr.msg_iovlen = 1;
	}
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	start = now();
	do {
		n = g->count != 0 ? RTE_MIN(g->count - sent, (uint64_t)BATCH) : BATCH;
		ret = sendmmsg(fd, msg, n, 0);
		if (ret > 0) {
			sent += ret;
		} else if (errno == ENOBUFS || errno == EAGAIN || errno == ECONNREFUSED) {
			refused++;
		} else if (errno != EINTR) {
			fprintf(stderr, "send: %s\n", strerror(errno));
			break;
		}
		secs = now() - start;
	} while (!stop && secs < g->seconds && (g->count == 0 || sent < g->count));
	close(fd);
	printf("%" PRIu64 " packets of %u bytes in %.3f s: %.0f pps, %.1f Mbit/s; %" PRIu64
	       " refused\n", sent, g->size, secs, sent / secs, sent * g->size * 8 / secs / 1e6,
	       refused);
	return sent == 0;
}

int
cmd_gen(int argc, char **argv)
{
	struct gen g = {.size = 64, .flows = 16, .seconds = 5, .port = 9,
		.dst_mac = {{2, 0, 0, 0, 0, 1}}};
	bool ok = true;
	int opt;

	opterr = 0; /* the usage says it all */
	while ((opt = getopt(argc, argv, "i:u:p:s:f:n:t:m:")) != -1) {
		if (opt == 'i')
			g.iface = optarg;
		else if (opt == 'u')
			g.dst = optarg;
		else if (opt == 'p')
			g.port = atoi(optarg);
		else if (opt == 's')
			g.size = atoi(optarg);
		else if (opt == 'f')
			g.flows = atoi(optarg);
		else if (opt == 'n')
			g.count = strtoull(optarg, NULL, 10);
		else if (opt == 't')
			g.seconds = atof(optarg);
		else if (opt == 'm')
			ok &= rte_ether_unformat_addr(optarg, &g.dst_mac) == 0;
		else
			ok = false;
	}
	if (!ok || (g.iface == NULL && g.dst == NULL) || g.size < HEADERS || g.size > FRAME_MAX ||
	    g.flows < 1) {
		printf("usage: dpdk-test-xsk gen -i IFACE [-u ADDRESS] [-p PORT] [-s BYTES]\n"
		       "                         [-f FLOWS] [-n COUNT] [-t SECONDS] [-m MAC]\n\n"
		       "  raw UDP/IPv4 frames from a packet socket on IFACE, or with -u\n"
		       "  packets of a UDP socket to ADDRESS; defaults: port 9, 64 bytes\n"
		       "  (%u to %u), 16 flows, 5 seconds\n",
		       (unsigned int)HEADERS, FRAME_MAX);
		return 2;
	}
	return run(&g);
}
