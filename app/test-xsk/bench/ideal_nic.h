/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */
#ifndef XT_IDEAL_NIC_H
#define XT_IDEAL_NIC_H

/*
 * An ideal NIC on the rings of real AF_XDP sockets: a program linked with ideal_nic.c plays the
 * kernel's part itself, between two bursts of the driver and on the same core.
 */

#include <stdbool.h>
#include <stdint.h>

#include <linux/if_xdp.h>

struct nic_ring {
	uint32_t *prod, *cons; /* shared with the driver */
	void *desc;
	uint32_t size;
	uint32_t p, c; /* the NIC's own copies */
};

struct nic_sock {
	bool used;
	bool bound;
	struct nic_ring rx, tx, fill, comp;
	struct xdp_umem_reg umem;
	struct nic_sock *owner; /* of the UMEM: this socket, or the one it shares with */
	unsigned int ifindex;
	unsigned int queue;
};

/* The sockets say that they were granted zero-copy. Before the driver opens them. */
extern bool nic_zero_copy;
/* Wake-up system calls, all answered at once. */
extern unsigned long nic_wakeups;

/* The socket on a queue of an interface, or NULL. */
struct nic_sock *nic_find(unsigned int ifindex, unsigned int queue);
/* Up to n fill entries become received packets of len bytes. Returns how many. */
unsigned int nic_receive(struct nic_sock *s, unsigned int n, unsigned int len);
/* All Tx descriptors become completions. Returns how many. */
unsigned int nic_complete(struct nic_sock *s);

#endif /* XT_IDEAL_NIC_H */
