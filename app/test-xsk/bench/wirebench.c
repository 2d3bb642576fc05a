/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/*
 * dpdk-test-xsk-wirebench: the kernel's side of the benchmarks over a veth pair, the same for whatever
 * driver is at the other end. No DPDK in here.
 */

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define ETHERTYPE 0x88B5 /* IEEE 802 local experimental: nothing in the kernel answers it */
#define FRAME_MAX 1514
#define BATCH 64
#define RTT_WARM_UP 100
#define RTT_LOST_NS 100000000 /* a packet that is away for so long is lost */
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static uint8_t frame[FRAME_MAX];

static int
fail(const char *what)
{
	fprintf(stderr, "wirebench: %s: %s\n", what, strerror(errno));
	return 1;
}

static bool
frame_make(const char *iface, const char *mac)
{
	struct ethhdr *eth = (struct ethhdr *)frame;
	struct ifreq ifr = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), ret;

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", iface);
	ret = ioctl(fd, SIOCGIFHWADDR, &ifr);
	close(fd);
	if (ret != 0)
		return false;
	memset(frame, 0x5a, sizeof(frame));
	memcpy(eth->h_source, ifr.ifr_hwaddr.sa_data, ETH_ALEN);
	eth->h_proto = htons(ETHERTYPE);
	errno = EINVAL;
	return sscanf(mac, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &eth->h_dest[0], &eth->h_dest[1],
			&eth->h_dest[2], &eth->h_dest[3], &eth->h_dest[4], &eth->h_dest[5]) == 6;
}

/* A packet socket that sends past the queueing discipline; protocol 0 receives nothing. */
static int
packet_socket(const char *iface, uint16_t protocol)
{
	struct sockaddr_ll addr = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(protocol),
		.sll_ifindex = if_nametoindex(iface),
	};
	const int one = 1;
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd < 0 || setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof(one)) != 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one)) != 0 ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0)
		return -1;
	return fd;
}

static int
prog_load(const struct bpf_insn *insns, size_t n)
{
	return bpf_prog_load(BPF_PROG_TYPE_XDP, "bench", "Dual BSD/GPL", insns, n, NULL);
}

/* sink IFACE: what comes in is counted by the kernel and dropped, as early as it can. */
static int
sink(int argc, char **argv)
{
	static const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = XDP_DROP },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd;

	if (argc != 2)
		return 2;
	fd = prog_load(insns, ARRAY_LEN(insns));
	if (fd < 0)
		return fail("cannot load a program");
	/* By netlink: it stays when this process ends. */
	if (bpf_xdp_attach(if_nametoindex(argv[1]), fd, XDP_FLAGS_DRV_MODE, NULL) != 0)
		return fail("cannot attach a program");
	return 0;
}

static int
flood_skb(const char *iface, unsigned int len)
{
	struct iovec iov = { .iov_base = frame, .iov_len = len };
	struct mmsghdr msgs[BATCH] = { 0 };
	int fd = packet_socket(iface, 0), i;

	if (fd < 0)
		return fail("cannot open a packet socket");
	for (i = 0; i < BATCH; i++) {
		msgs[i].msg_hdr.msg_iov = &iov;
		msgs[i].msg_hdr.msg_iovlen = 1;
	}
	for (;;) {
		if (sendmmsg(fd, msgs, BATCH, 0) < 0 && errno != ENOBUFS && errno != EAGAIN)
			return fail("cannot send");
	}
}

/* Frames that a program hands on without a socket buffer: BPF_F_TEST_XDP_LIVE_FRAMES, Linux 5.18 */
static int
flood_xdp(const char *iface, unsigned int len)
{
	const int ifindex = if_nametoindex(iface);
	const struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_1, .imm = ifindex },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = 0 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	struct xdp_md ctx = { .data_end = len, .ingress_ifindex = ifindex };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = len,
		    .ctx_in = &ctx, .ctx_size_in = sizeof(ctx), .repeat = 1 << 20,
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES);
	int fd = prog_load(insns, ARRAY_LEN(insns));

	if (fd < 0)
		return fail("cannot load a program");
	for (;;) {
		if (bpf_prog_test_run_opts(fd, &opts) != 0 && errno != EINTR)
			return fail("cannot run a program on live frames");
	}
}

/* flood IFACE MAC skb|xdp [LEN]: as many packets as this core can send, until killed */
static int
flood(int argc, char **argv)
{
	const unsigned int len = argc > 4 ? atoi(argv[4]) : 64;

	if (argc < 4 || len < ETH_ZLEN || len > FRAME_MAX)
		return 2;
	if (!frame_make(argv[1], argv[2]))
		return fail(argv[1]);
	if (strcmp(argv[3], "skb") == 0)
		return flood_skb(argv[1], len);
	if (strcmp(argv[3], "xdp") == 0)
		return flood_xdp(argv[1], len);
	return 2;
}

static uint64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ULL + t.tv_nsec;
}

/* One packet there and back; 0: it is lost. */
static uint64_t
rtt_one(int fd, uint32_t seq)
{
	uint8_t buf[FRAME_MAX];
	uint64_t begin, ns;
	uint32_t got;

	memcpy(frame + ETH_HLEN, &seq, sizeof(seq));
	begin = now_ns();
	if (send(fd, frame, ETH_ZLEN, 0) != ETH_ZLEN)
		return 0;
	do {
		ssize_t n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);

		ns = now_ns() - begin;
		if (n < ETH_ZLEN)
			continue;
		memcpy(&got, buf + ETH_HLEN, sizeof(got));
		if (got == seq)
			return ns;
	} while (ns < RTT_LOST_NS);
	return 0;
}

static int
compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* rtt IFACE MAC [N [SECONDS]]: prints "p50 p99 p99.9 lost", the first three in microseconds */
static int
rtt(int argc, char **argv)
{
	const uint32_t n = argc > 3 ? atoi(argv[3]) : 20000;
	uint32_t i, seq, come = 0, lost = 0;
	const uint64_t end = now_ns() + (argc > 4 ? atoi(argv[4]) : 60) * 1000000000ULL;
	uint64_t *ns;
	int fd;

	if (argc < 3 || n == 0)
		return 2;
	fd = packet_socket(argv[1], ETHERTYPE);
	if (fd < 0 || !frame_make(argv[1], argv[2]))
		return fail(argv[1]);
	ns = calloc(n, sizeof(*ns));
	if (ns == NULL)
		return fail("no memory");
	for (seq = 0; seq < RTT_WARM_UP && now_ns() < end; seq++)
		rtt_one(fd, seq);
	for (i = 0; i < n && now_ns() < end; i++) {
		ns[come] = rtt_one(fd, seq++);
		if (ns[come] != 0)
			come++;
		else
			lost++;
	}
	if (come == 0) {
		fprintf(stderr, "wirebench: nothing comes back within 100 ms\n");
		return 1;
	}
	qsort(ns, come, sizeof(*ns), compare);
	printf("%.2f %.2f %.2f %u\n", ns[come / 2] / 1e3, ns[(uint64_t)come * 99 / 100] / 1e3,
	       ns[(uint64_t)come * 999 / 1000] / 1e3, lost);
	free(ns);
	return 0;
}

int
main(int argc, char **argv)
{
	int ret = 2;

	if (argc > 1 && strcmp(argv[1], "sink") == 0)
		ret = sink(argc - 1, argv + 1);
	else if (argc > 1 && strcmp(argv[1], "flood") == 0)
		ret = flood(argc - 1, argv + 1);
	else if (argc > 1 && strcmp(argv[1], "rtt") == 0)
		ret = rtt(argc - 1, argv + 1);
	if (ret == 2)
		fprintf(stderr, "usage: dpdk-test-xsk-wirebench sink IFACE\n"
			"       dpdk-test-xsk-wirebench flood IFACE MAC skb|xdp [LEN]\n"
			"       dpdk-test-xsk-wirebench rtt IFACE MAC [N [SECONDS]]\n"
			"All of it is \"make bench\".\n");
	return ret;
}
