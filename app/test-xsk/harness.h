/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */
#ifndef XT_HARNESS_H
#define XT_HARNESS_H

/*
 * What a test case may use. Every case runs in a child process of its own, in a network namespace
 * of its own that vanishes with it, so a case never cleans up: a failed CHECK ends the process, and
 * after a case that returns, the harness detaches the ports that are still there and checks that
 * nothing is left behind (state.c).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <net/if.h>

#include <ethdev_driver.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include "xskpmd_compat.h"

/* ------------------------------------------------------------------ cases and verdicts (run.c) */

enum {
	XT_UNIT = 1 << 0,     /* no namespace, no root */
	XT_NO_EAL = 1 << 1,   /* the case calls xt_eal_init() itself, or never */
	XT_NO_AGAIN = 1 << 2, /* nothing to start a second time: the interface is gone */
	XT_SLOW = 1 << 3,     /* skipped by --quick */
};

struct xt_case {
	const char *name; /* ends in the ids of the prior-art.md defects it shows, e.g. "_B4" */
	const char *what;
	void (*fn)(const void *arg);
	const void *arg;
	unsigned int flags;
	unsigned int limit; /* seconds, 0: XT_LIMIT */
};

#define XT_LIMIT 60 /* most cases take one: the rest is for busy machines */
#define XT_EXIT_SKIP 77

/* A suite is an array of cases that ends with one without a name. Globs in `without`, if not NULL,
 * name those that are not to be run.
 */
int xt_run(const char *cmd, const struct xt_case *const suites[], const char *const without[],
	   int argc, char **argv);

__rte_noreturn void xt_verdict(int status, const char *file, int line, const char *fmt, ...)
	__rte_format_printf(4, 5);
__rte_noreturn void xt_fail_int(const char *file, int line, long long a, const char *op,
		long long b, const char *fmt, ...) __rte_format_printf(6, 7);
/* What the case is busy with, shown when it crashes, hangs or fails. */
void xt_note(const char *fmt, ...) __rte_format_printf(1, 2);

#define FAIL(...) xt_verdict(1, __FILE__, __LINE__, __VA_ARGS__)
#define SKIP(...) xt_verdict(XT_EXIT_SKIP, __FILE__, __LINE__, __VA_ARGS__)
#define CHECK(cond, ...)                                                                           \
	do {                                                                                       \
		if (!(cond))                                                                       \
			FAIL(__VA_ARGS__);                                                         \
	} while (0)
/* CHECK_INT(a, ==, b, "what a is"): says both values. */
#define CHECK_INT(a, op, b, ...)                                                                   \
	do {                                                                                       \
		const long long a_ = (long long)(a), b_ = (long long)(b);                          \
		if (!(a_ op b_))                                                                   \
			xt_fail_int(__FILE__, __LINE__, a_, #op, b_, __VA_ARGS__);                 \
	} while (0)
#define CHECK_OK(ret, ...) CHECK_INT(ret, ==, 0, __VA_ARGS__)

extern bool xt_verbose;
double xt_patience(void); /* XSKT_PATIENCE: how many times slower than usual this machine may be */
double xt_now(void); /* seconds, monotonic */
void xt_sleep_ms(unsigned int ms);
/* A child of the case that dies with it; runs fn(arg), then exits 0. */
pid_t xt_fork(void (*fn)(void *arg), void *arg);
/* Wait for it; if its verdict is not a pass, it is that of the case. */
void xt_join(pid_t pid);

/* --------------------------------------------------------------------------- EAL (port.c) */

const char *xt_driver(void); /* XSKT_DRIVER, or net_xskpmd */
bool xt_is_rival(void);
void xt_eal_init(void); /* the first time */
/* As xt_eal_init() with further EAL arguments, NULL-terminated; returns rte_eal_init()'s result. */
int xt_eal_init_with(const char *const extra[]);
/* EAL's and the driver's log between the two calls; end returns a string valid until the next. */
/** Path of a BPF object of the tests, which the build puts beside this tool. Skips if it is not there. */
const char *xt_object_path(const char *name);
void xt_log_begin(void);
const char *xt_log_end(void);

/* ---------------------------------------------------------------------------- links (link.c) */

struct xt_link {
	int ifindex;
	unsigned int flags; /* IFF_* */
	uint32_t mtu;
	uint8_t mac[6];
	uint32_t promiscuity;
	uint32_t allmulti;
	uint8_t xdp_attached; /* XDP_ATTACHED_* */
	uint32_t xdp_prog_id;
};

int xt_link_get(const char *name, struct xt_link *l); /* -ENODEV when there is none */
void xt_link_veth(const char *name, const char *peer, unsigned int nb_queues);
void xt_link_set_up(const char *name, bool up);
void xt_link_set_flag(const char *name, unsigned int iff, bool on);
void xt_link_set_mtu(const char *name, unsigned int mtu);
int xt_link_try_mtu(const char *name, unsigned int mtu);
void xt_link_set_mac(const char *name, const uint8_t mac[6]);
void xt_link_del(const char *name);
void xt_link_rename(const char *name, const char *to);
void xt_link_move(const char *name, int netns);
struct xskpmd_netdev;
/* The driver's own view of an interface of this namespace; the test closes it. */
void xt_netdev_open(struct xskpmd_netdev *nd, const char *name);
/* Attach (prog_fd >= 0) or detach an XDP program by netlink: it outlives this process. */
int xt_link_xdp(const char *name, int prog_fd, uint32_t xdp_flags);
void xt_write_file(const char *text, const char *path_fmt, ...) __rte_format_printf(2, 3);

/* --------------------------------------------------- the wire and what hangs on it (wire.c) */

#define XT_MAX_QUEUES 8
#define XT_MAX_FRAME 16384
#define XT_ETHERTYPE 0x88B5 /* IEEE 802 local experimental: nothing in the kernel answers it */

/*
 * One interface for the driver and a raw peer behind it. On a veth the peer is a packet socket on
 * the other end; on a tap it is the tap's file descriptors, one per queue: no peer interface and
 * nothing asynchronous. In the suite `nic`, a pair of NICs takes the place of the veth.
 */
struct xt_wire {
	char dev[IFNAMSIZ];
	char peer[IFNAMSIZ]; /* "" for a tap */
	unsigned int nb_queues;
	int fd[XT_MAX_QUEUES];
	int tx_queue; /* veth, NIC: queue the peer sends to now */
	bool unplugged; /* NIC: the cable is out */
	uint8_t buf[XT_MAX_FRAME];
};

struct xt_wire *xt_veth(unsigned int nb_queues);
struct xt_wire *xt_tap(unsigned int nb_queues);
/* Until both ends are running: the kernel's queues pass nothing a while after a link comes up. */
void xt_wire_wait_up(struct xt_wire *w);
/* Until a NIC that was reset, as by a program that comes or goes, has its carrier again. */
void xt_wires_settle(void);
/* Carrier of the driver's interface: the peer of a veth goes down, the cable of NICs is pulled. */
void xt_peer_set_up(struct xt_wire *w, bool up);
void xt_end_set_up(struct xt_wire *w, bool near, bool up); /* near: the interface itself */
/* MTU of both ends. */
void xt_wire_mtu(struct xt_wire *w, unsigned int mtu);
/* A packet socket that sees what the kernel gets on an interface. */
int xt_packet_socket(const char *ifname);

/* Frames of a sequence number and a length: every byte is known. */
void xt_frame_fill(uint8_t *buf, unsigned int len, uint32_t seq);
/* Offset of the first wrong byte, or -1. */
int xt_frame_diff(const uint8_t *buf, unsigned int len, uint32_t seq);
uint32_t xt_frame_seq(const uint8_t *buf, unsigned int len);

/* To the device's rx queue; false: the kernel refused it. */
bool xt_peer_try_send(struct xt_wire *w, unsigned int queue, const void *frame, unsigned int len);
void xt_peer_send(struct xt_wire *w, unsigned int queue, uint32_t seq, unsigned int len);
/* Length of the next frame the device sent (a tap: from this queue), in w->buf; -1: none. */
int xt_peer_recv(struct xt_wire *w, unsigned int queue, int timeout_ms);
void xt_peer_expect(struct xt_wire *w, unsigned int queue, uint32_t seq, unsigned int len);
void xt_peer_expect_none(struct xt_wire *w, int timeout_ms);
void xt_peer_flush(struct xt_wire *w);
int xt_fd_recv(int fd, void *buf, size_t len, int timeout_ms);
/* A NIC pads what is shorter than 60 bytes. */
bool xt_is_len(unsigned int got, unsigned int len);

/* ------------------------------------------------------------------- pairs of NICs (nic.c) */

bool xt_is_nic(void); /* the suite `nic` */
unsigned int xt_nic_pairs(void);
/* The runner: finds the pairs that XSKT_DEV and XSKT_PEER name; false: it does not. */
bool xt_nic_begin(void);
bool xt_nic_is_back(unsigned int pair);
void xt_nic_use(unsigned int pair);
void xt_nic_end(void);
/* A case: the pair comes into its namespace, under these names and in a known state. */
void xt_nic_take(const char *dev, const char *peer, unsigned int nb_queues);
void xt_nic_steer(const char *dev, unsigned int queue);
void xt_nic_carrier(bool on);
uint32_t xt_nic_flags(const char *dev); /* ETH_FLAG_* */
const char *xt_nic_driver(const char *dev); /* its name in the kernel, valid until the next call */

/* ----------------------------------------------------------------------- pools (pool.c) */

/* Pools are remembered: at the end of the case each must be full again. */
struct rte_mempool *xt_pool(unsigned int n, unsigned int cache, uint16_t priv, uint16_t data_room);
struct rte_mempool *xt_pool_default(unsigned int nb_queues);

/* What rte_pktmbuf_pool_create() cannot say. */
struct xt_pool_form {
	const char *name;    /* NULL: any */
	unsigned int n;
	unsigned int cache;
	uint16_t priv;
	uint16_t data_room;  /* headroom included; 0: what makes elements of this stride */
	uint32_t stride;
	bool packed;         /* one element right after the other, as on hugepages */
	unsigned int pieces; /* of memory of ours; 0: DPDK's */
	size_t gap;          /* of unmapped address space after each piece */
};
struct rte_mempool *xt_pool_form(const struct xt_pool_form *form);
void xt_pools_full(const char *when);
void xt_pools_released(const char *when);
void xt_pool_forget(struct rte_mempool *mp);
struct rte_mbuf *xt_mbuf(struct rte_mempool *mp, uint32_t seq, unsigned int len);

/* ------------------------------------------------------------------------ ports (port.c) */

struct xt_port {
	const char *iface;
	const char *args; /* further devargs, "" */
	uint16_t nb_rxq, nb_txq;
	uint16_t nb_rxd, nb_txd;
	struct rte_mempool *pool; /* of every queue; NULL: one is made, and freed when down */
	struct rte_mempool *made;
	struct rte_mempool *qpool[XT_MAX_QUEUES]; /* of one queue, where not NULL */
	struct rte_eth_conf conf;
	uint16_t id;
	char name[RTE_ETH_NAME_MAX_LEN];
	bool attached;
	bool started;
};

struct xt_port *xt_port(struct xt_wire *w); /* all defaults, as many queues as the wire has */
struct xt_port *xt_port_on(struct xt_wire *w, unsigned int queue); /* of this queue only */
/* Each returns 0 or what DPDK returned. */
int xt_port_probe(struct xt_port *p);
int xt_port_setup(struct xt_port *p); /* configure and set up all queues */
int xt_port_start(struct xt_port *p);
int xt_port_stop(struct xt_port *p);
int xt_port_detach(struct xt_port *p);
/* Skips the case where the kernel cannot do it (before Linux 6.6). Of a port that was probed. */
void xt_port_needs_scatter(const struct xt_port *p);
/* The same, each step checked. */
void xt_port_up(struct xt_port *p);   /* probe, setup, start */
void xt_port_down(struct xt_port *p); /* stop if started, detach */
void xt_ports_down(void);
/* Ports that copy send what waits in their rings. */
void xt_ports_poke(void);
/* A new port on each interface of the case starts at once, and packets pass. */
void xt_start_again(void);
struct xt_wire *xt_wire(unsigned int i); /* NULL after the last */

/* Receive up to n on a queue, give up when nothing has come for some seconds. */
unsigned int xt_rx(struct xt_port *p, uint16_t q, struct rte_mbuf **m, unsigned int n);
void xt_rx_expect(struct xt_port *p, uint16_t q, uint32_t seq, unsigned int len);
void xt_rx_expect_none(struct xt_port *p, unsigned int ms);
void xt_rx_flush(struct xt_port *p, unsigned int ms);
void xt_mbuf_check(const struct xt_port *p, const struct rte_mbuf *m, uint32_t seq,
		   unsigned int len);
/* Give n packets to the driver; returns how many it took in the end. */
unsigned int xt_tx(struct xt_port *p, uint16_t q, struct rte_mbuf **m, unsigned int n);
void xt_tx_one(struct xt_port *p, uint16_t q, struct rte_mbuf *m);
/* One packet each way, on every queue. */
void xt_traffic(struct xt_port *p, struct xt_wire *w);
/* Poll Rx and Tx without packets until cond() or patience is over. */
bool xt_poll_until(struct xt_port *p, bool (*cond)(void *arg), void *arg);
struct rte_eth_stats xt_stats(const struct xt_port *p);
struct eth_queue_stats xt_queue_stats(const struct xt_port *p);
uint64_t xt_xstat(const struct xt_port *p, const char *name);

/* ------------------------------------------------- what must not be left behind (state.c) */

void xt_state_begin(void);
void xt_state_add_link(const char *name);
void xt_state_forget_link(const char *name);
void xt_state_own_fd(int fd); /* opened by the test, not by the driver */
void xt_state_see_bpf(void); /* remember the BPF objects of this process: they must go */
/* Everything is as it was; `when` begins the complaint. */
void xt_state_check(const char *when);

/* --------------------------------------------------------------------- faults (fault.c) */

enum xt_fault_kind {
	XT_FAULT_SOCKET = 1 << 0,  /* socket, bind, setsockopt, getsockopt */
	XT_FAULT_MMAP = 1 << 1,
	XT_FAULT_IOCTL = 1 << 2,
	XT_FAULT_NETLINK = 1 << 3, /* sendmsg, sendto, recvmsg on netlink sockets */
	XT_FAULT_BPF = 1 << 4,     /* syscall(SYS_bpf) */
	XT_FAULT_MALLOC = 1 << 5,  /* rte_malloc family */
};

/* Make the n-th such call of this thread fail, n from 1; 0: only count. */
void xt_fault_arm(unsigned int kinds, unsigned int n);
/* How many such calls came since; last is the name of the call that failed, or NULL. */
unsigned int xt_fault_disarm(const char **last);
/* What sendto() does instead, when set. */
struct sockaddr;
extern ssize_t (*xt_sendto_hook)(int fd, const void *buf, size_t len, int flags,
		const struct sockaddr *to);
/* The harness itself makes such calls, too: returns whether it was paused. */
bool xt_fault_pause(bool pause);

/* A NIC that is not there: gets every ethtool command (struct ethtool_*), of every interface.
 * Returns 0 or -errno, or 1: ask the kernel. NULL: none. */
extern int (*xt_fake_ethtool)(void *cmd);

#endif /* XT_HARNESS_H */
