/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

/* The wires of a case and the raw peers at their other ends. */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>

#include "harness.h"

#define MAX_WIRES 4
#define RCVBUF (64 << 20)

static struct xt_wire wires[MAX_WIRES];
static unsigned int nb_wires;

static struct xt_wire *
wire_new(unsigned int nb_queues)
{
	struct xt_wire *w = &wires[nb_wires];

	CHECK(nb_wires < MAX_WIRES, "too many wires");
	CHECK(nb_queues >= 1 && nb_queues <= XT_MAX_QUEUES, "%u queues", nb_queues);
	memset(w, 0, sizeof(*w));
	w->nb_queues = nb_queues;
	w->tx_queue = -1;
	snprintf(w->dev, sizeof(w->dev), "xt%u", nb_wires);
	return w;
}

struct xt_wire *
xt_wire(unsigned int i)
{
	return i < nb_wires ? &wires[i] : NULL;
}

static void
wait_running(const char *name)
{
	double end = xt_now() + 10;
	struct xt_link l;

	do {
		CHECK_OK(xt_link_get(name, &l), "interface %s", name);
		if (l.flags & IFF_RUNNING)
			return;
		xt_sleep_ms(1);
	} while (xt_now() < end);
	FAIL("%s does not come up", name);
}

void
xt_wire_wait_up(struct xt_wire *w)
{
	wait_running(w->dev);
	if (w->peer[0] != '\0')
		wait_running(w->peer);
}

static void
wire_ready(struct xt_wire *w)
{
	nb_wires++;
	xt_link_set_up(w->dev, true);
	xt_wire_wait_up(w);
	xt_state_add_link(w->dev);
	if (w->peer[0] != '\0')
		xt_state_add_link(w->peer);
}

int
xt_packet_socket(const char *ifname)
{
	struct sockaddr_ll sll = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(XT_ETHERTYPE),
		.sll_ifindex = if_nametoindex(ifname),
	};
	int size = RCVBUF;
	int fd;

	/* protocol 0: nothing is received before the bind to one interface */
	fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	CHECK(fd >= 0, "packet socket: %s", strerror(errno));
	CHECK_OK(setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)), "rcvbuf");
	CHECK_OK(setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)), "sndbuf");
	CHECK_OK(bind(fd, (struct sockaddr *)&sll, sizeof(sll)), "bind to %s", ifname);
	xt_state_own_fd(fd);
	return fd;
}

struct xt_wire *
xt_veth(unsigned int nb_queues)
{
	struct xt_wire *w = wire_new(nb_queues);

	snprintf(w->peer, sizeof(w->peer), "xt%up", nb_wires);
	xt_link_veth(w->dev, w->peer, nb_queues);
	xt_link_set_up(w->peer, true);
	wire_ready(w);
	w->fd[0] = xt_packet_socket(w->peer);
	return w;
}

struct xt_wire *
xt_tap(unsigned int nb_queues)
{
	struct xt_wire *w = wire_new(nb_queues);
	struct ifreq ifr = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	unsigned int i;

	if (nb_queues > 1)
		ifr.ifr_flags |= IFF_MULTI_QUEUE;
	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", w->dev);
	for (i = 0; i < nb_queues; i++) {
		w->fd[i] = open("/dev/net/tun", O_RDWR | O_CLOEXEC);
		if (w->fd[i] < 0)
			SKIP("/dev/net/tun: %s", strerror(errno));
		CHECK_OK(ioctl(w->fd[i], TUNSETIFF, &ifr), "TUNSETIFF %s", w->dev);
		xt_state_own_fd(w->fd[i]);
	}
	wire_ready(w);
	return w;
}

void
xt_wire_mtu(struct xt_wire *w, unsigned int mtu)
{
	xt_link_set_mtu(w->dev, mtu);
	xt_state_add_link(w->dev);
	if (w->peer[0] != '\0') {
		xt_link_set_mtu(w->peer, mtu);
		xt_state_add_link(w->peer);
	}
}

static uint8_t
frame_byte(unsigned int i, uint32_t seq)
{
	static const uint8_t head[14] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2,
		XT_ETHERTYPE >> 8, XT_ETHERTYPE & 0xff};

	if (i < sizeof(head))
		return head[i];
	if (i < 18)
		return seq >> (8 * (17 - i));
	return seq * 29 + i * 7 + (i >> 8) * 11;
}

void
xt_frame_fill(uint8_t *buf, unsigned int len, uint32_t seq)
{
	unsigned int i;

	for (i = 0; i < len && i < 18; i++)
		buf[i] = frame_byte(i, seq);
	for (; i < len; i++) /* without a branch: the unit suite fills many */
		buf[i] = seq * 29 + i * 7 + (i >> 8) * 11;
}

int
xt_frame_diff(const uint8_t *buf, unsigned int len, uint32_t seq)
{
	unsigned int i;

	for (i = 0; i < len; i++) {
		if (buf[i] != frame_byte(i, seq))
			return i;
	}
	return -1;
}

uint32_t
xt_frame_seq(const uint8_t *buf, unsigned int len)
{
	CHECK_INT(len, >=, 18, "length of a frame with a sequence number");
	return (uint32_t)buf[14] << 24 | buf[15] << 16 | buf[16] << 8 | buf[17];
}

/* A mask of all CPUs as sysfs wants it: 32 bits at a time, no bit too many. */
static void
all_cpus(char *mask, size_t size)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	size_t len;

	len = snprintf(mask, size, "%lx", (1UL << cpus % 32) - 1);
	for (; cpus >= 32 && len < size; cpus -= 32)
		len += snprintf(mask + len, size - len, ",ffffffff");
}

/*
 * A frame reaches rx queue k of a veth when its peer sends it on tx queue k; XPS decides that:
 * let every CPU use queue k only.
 */
static void
veth_steer(struct xt_wire *w, unsigned int queue)
{
	unsigned int i;
	char mask[512];

	if (w->nb_queues == 1 || w->tx_queue == (int)queue)
		return;
	all_cpus(mask, sizeof(mask));
	for (i = 0; i < w->nb_queues; i++)
		xt_write_file(i == queue ? mask : "0", "/sys/class/net/%s/queues/tx-%u/xps_cpus",
			      w->peer, i);
	w->tx_queue = queue;
}

bool
xt_peer_try_send(struct xt_wire *w, unsigned int queue, const void *frame, unsigned int len)
{
	int fd = w->fd[0];

	if (w->peer[0] != '\0')
		veth_steer(w, queue);
	else
		fd = w->fd[queue];
	if (write(fd, frame, len) == (ssize_t)len)
		return true;
	/* a packet socket says once that its interface went down, maybe long ago */
	return errno == ENETDOWN && write(fd, frame, len) == (ssize_t)len;
}

void
xt_peer_send(struct xt_wire *w, unsigned int queue, uint32_t seq, unsigned int len)
{
	CHECK_INT(len, <=, sizeof(w->buf), "frame length");
	xt_frame_fill(w->buf, len, seq);
	CHECK(xt_peer_try_send(w, queue, w->buf, len), "peer of %s cannot send %u bytes: %s",
	      w->dev, len, strerror(errno));
}

int
xt_fd_recv(int fd, void *buf, size_t len, int timeout_ms)
{
	struct pollfd pfd = {.fd = fd, .events = POLLIN};
	const uint8_t *frame = buf;
	ssize_t got;

	while (poll(&pfd, 1, timeout_ms) == 1) {
		got = read(fd, buf, len);
		if (got < 0 && errno == ENETDOWN)
			continue; /* a packet socket says once that its interface went down */
		CHECK(got >= 0, "peer cannot receive: %s", strerror(errno));
		/* a tap also shows what the kernel sends on its own */
		if (got >= 14 && frame[12] == XT_ETHERTYPE >> 8 &&
		    frame[13] == (XT_ETHERTYPE & 0xff))
			return got;
	}
	return -1;
}

int
xt_peer_recv(struct xt_wire *w, unsigned int queue, int timeout_ms)
{
	return xt_fd_recv(w->fd[w->peer[0] != '\0' ? 0 : queue], w->buf, sizeof(w->buf),
			  timeout_ms);
}

void
xt_peer_expect(struct xt_wire *w, unsigned int queue, uint32_t seq, unsigned int len)
{
	int got = xt_peer_recv(w, queue, 5000);
	int bad;

	CHECK_INT(got, ==, len, "length of frame %u at the peer of %s (-1: none came)", seq,
		  w->dev);
	bad = xt_frame_diff(w->buf, len, seq);
	CHECK(bad < 0, "frame %u of %u bytes: byte %d is wrong at the peer", seq, len, bad);
}

void
xt_peer_expect_none(struct xt_wire *w, int timeout_ms)
{
	unsigned int i, fds = w->peer[0] != '\0' ? 1 : w->nb_queues;
	int got;

	for (i = 0; i < fds; i++) {
		got = xt_peer_recv(w, i, timeout_ms);
		CHECK_INT(got, ==, -1, "length of a frame that should not be on the wire");
	}
}

void
xt_peer_flush(struct xt_wire *w)
{
	unsigned int i, fds = w->peer[0] != '\0' ? 1 : w->nb_queues;

	for (i = 0; i < fds; i++) {
		while (xt_peer_recv(w, i, 0) >= 0)
			;
	}
}
