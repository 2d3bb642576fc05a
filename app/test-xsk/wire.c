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
static uint16_t ethertype = XT_ETHERTYPE;

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
	double end = xt_now() + 10 * xt_patience();
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

void
xt_wires_settle(void)
{
	struct xt_link l;
	unsigned int i;

	for (i = 0; xt_is_nic() && i < nb_wires; i++) {
		if (wires[i].peer[0] != '\0' && !wires[i].unplugged &&
		    xt_link_get(wires[i].dev, &l) == 0 && l.flags & IFF_UP)
			xt_wire_wait_up(&wires[i]);
	}
}

void
xt_peer_set_up(struct xt_wire *w, bool up)
{
	if (!xt_is_nic()) {
		xt_link_set_up(w->peer, up);
		return;
	}
	xt_nic_carrier(up);
	w->unplugged = !up;
}

void
xt_end_set_up(struct xt_wire *w, bool near, bool up)
{
	if (near)
		xt_link_set_up(w->dev, up);
	else
		xt_peer_set_up(w, up);
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
		.sll_protocol = htons(ethertype),
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

/*
 * RSS spreads what it can hash, everything else goes to queue 0: on a NIC with several queues,
 * frames are IPv4, and the table of RSS names the queue that the next ones are for.
 */
static void
nic_wire(struct xt_wire *w)
{
	if (w->nb_queues > 1)
		ethertype = ETH_P_IP;
	xt_nic_take(w->dev, w->peer, w->nb_queues);
}

struct xt_wire *
xt_veth(unsigned int nb_queues)
{
	struct xt_wire *w = wire_new(nb_queues);

	snprintf(w->peer, sizeof(w->peer), "xt%up", nb_wires);
	if (xt_is_nic())
		nic_wire(w);
	else
		xt_link_veth(w->dev, w->peer, nb_queues);
	xt_link_set_up(w->peer, true);
	wire_ready(w);
	w->fd[0] = xt_packet_socket(w->peer);
	return w;
}

struct xt_wire *
xt_tap(unsigned int nb_queues)
{
	struct ifreq ifr = {.ifr_flags = IFF_TAP | IFF_NO_PI};
	struct xt_wire *w;
	unsigned int i;

	if (xt_is_nic()) /* whose suite leaves out what is about taps */
		return xt_veth(nb_queues);
	w = wire_new(nb_queues);
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

static const uint8_t head[14] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2,
	XT_ETHERTYPE >> 8, XT_ETHERTYPE & 0xff};
/* To all: what a NIC's filter of addresses lets pass, whatever its address is now. */
static const uint8_t nic_head[14] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 2,
	XT_ETHERTYPE >> 8, XT_ETHERTYPE & 0xff};
/* The sequence number is the source address. */
static const uint8_t ip_head[34] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 2,
	ETH_P_IP >> 8, ETH_P_IP & 0xff, 0x45, 0, 0, 46, 0, 0, 0, 0, 64, 253, 0, 0,
	0, 0, 0, 0, 192, 0, 2, 1};

/* Where the sequence number begins. */
static unsigned int
seq_at(void)
{
	return ethertype == ETH_P_IP ? 26 : 14;
}

static uint8_t
frame_byte(unsigned int i, uint32_t seq)
{
	if (i >= seq_at() && i < seq_at() + 4)
		return seq >> (8 * (seq_at() + 3 - i));
	if (ethertype == ETH_P_IP && i < sizeof(ip_head))
		return ip_head[i];
	if (i < sizeof(head))
		return xt_is_nic() ? nic_head[i] : head[i];
	return seq * 29 + i * 7 + (i >> 8) * 11;
}

void
xt_frame_fill(uint8_t *buf, unsigned int len, uint32_t seq)
{
	unsigned int i;

	for (i = 0; i < len && i < sizeof(ip_head); i++)
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
	CHECK_INT(len, >=, seq_at() + 4, "length of a frame with a sequence number");
	buf += seq_at();
	return (uint32_t)buf[0] << 24 | buf[1] << 16 | buf[2] << 8 | buf[3];
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
steer(struct xt_wire *w, unsigned int queue)
{
	unsigned int i;
	char mask[512];

	if (w->nb_queues == 1 || w->tx_queue == (int)queue)
		return;
	w->tx_queue = queue;
	if (xt_is_nic()) {
		xt_nic_steer(w->dev, queue);
		return;
	}
	all_cpus(mask, sizeof(mask));
	for (i = 0; i < w->nb_queues; i++)
		xt_write_file(i == queue ? mask : "0", "/sys/class/net/%s/queues/tx-%u/xps_cpus",
			      w->peer, i);
}

bool
xt_peer_try_send(struct xt_wire *w, unsigned int queue, const void *frame, unsigned int len)
{
	int fd = w->fd[0];

	if (w->peer[0] != '\0')
		steer(w, queue);
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

	if (timeout_ms >= 1000) /* for what must come; for what must not, less will do */
		timeout_ms *= xt_patience();

	while (poll(&pfd, 1, timeout_ms) == 1) {
		got = read(fd, buf, len);
		if (got < 0 && errno == ENETDOWN)
			continue; /* a packet socket says once that its interface went down */
		CHECK(got >= 0, "peer cannot receive: %s", strerror(errno));
		/* a tap also shows what the kernel sends on its own */
		if (got >= 14 && frame[12] == ethertype >> 8 && frame[13] == (ethertype & 0xff))
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

bool
xt_is_len(unsigned int got, unsigned int len)
{
	return got == len || (xt_is_nic() && got == 60 && len < 60);
}

void
xt_peer_expect(struct xt_wire *w, unsigned int queue, uint32_t seq, unsigned int len)
{
	const double end = xt_now() + 5 * xt_patience();
	int got, bad;

	/* in copy mode, what a NIC's full ring refused waits for the next burst */
	while ((got = xt_peer_recv(w, queue, xt_is_nic() ? 50 : 5000)) < 0 && xt_is_nic() &&
	       xt_now() < end)
		xt_ports_poke();

	CHECK(xt_is_len(got, len), "length of frame %u at the peer of %s: %d (-1: none came), "
	      "expected %u", seq, w->dev, got, len);
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
