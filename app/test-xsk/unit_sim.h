/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */
#ifndef XT_UNIT_SIM_H
#define XT_UNIT_SIM_H

/*
 * The driver's queues on rings in ordinary memory, with the kernel played by the test. The flags of
 * the rings are 0, so the driver has no reason for a system call, and there is no socket.
 *
 * Who has each mbuf of the pool is written down, and checked at every step: an mbuf that two have,
 * or one that comes out of the pool while somebody still has it, ends the case. So do a descriptor
 * that Linux would not take, a byte that differs, and a count that does not add up.
 */

#include "xskpmd_rxtx.h"

#include "unit.h"

#define SIM_BURST 512       /* most packets of one burst */
#define SIM_PKTS (1 << 16)  /* most packets under way; a power of two */
#define SIM_FRAME (1 << 17) /* longest packet */
#define SIM_RX_SLOT 0       /* in xskpmd_fds */
#define SIM_TX_SLOT 1

struct sim_conf {
	struct rte_mempool *pool;
	uint16_t data_off;        /* 0: RTE_PKTMBUF_HEADROOM */
	uint16_t rx_size;         /* nb_rx_desc; 0: no Rx queue */
	uint16_t spare;           /* mbufs that the Rx queue owns beyond these */
	uint16_t tx_size;         /* nb_tx_desc; 0: no Tx queue */
	uint32_t start;           /* first index of every ring */
	bool sg;                  /* multi-buffer bursts */
	bool track;               /* Rx bursts that record what the kernel has */
	bool zero_copy;           /* Tx: completions are checked against what the kernel has */
	bool scatter;             /* Rx: the application takes several mbufs per packet */
	uint16_t max_segs;        /* Tx; 0: 1 */
	uint16_t free_thresh;     /* of both; 0: the driver's default */
};

/* In which a case is run again and again. */
struct sim_form {
	const char *name;
	enum unit_pool pool;
	bool sg;
	bool track; /* of Rx; a zero-copy queue is tracked */
	bool zero_copy;
	uint16_t data_off;
	uint16_t max_segs;
};

struct sim_run {
	void (*fn)(const struct sim_form *f);
	const struct sim_form *forms;
	unsigned int nb_forms;
};

/* A case: start EAL, then fn() for each of the forms; the argument is a struct sim_run. */
void sim_run(const void *arg);

#define SIM_CASE(name, what, fn, forms) \
	{name, what, sim_run, &(const struct sim_run){fn, forms, RTE_DIM(forms)}, \
	 .flags = XT_UNIT, .limit = 120}

/* A ring as both sides map it. */
struct sim_ring {
	uint32_t producer;
	uint32_t consumer;
	uint32_t flags;
	uint32_t size; /* entries */
	void *entries;
};

/* Who has an mbuf of the pool. */
struct sim_owner {
	struct rte_mbuf *m;
	uint8_t app;  /* references of the test */
	uint8_t fill; /* in the fill ring, or taken from there by the kernel */
	uint8_t rx;   /* in the Rx ring */
	uint8_t tx;   /* times in the Tx ring or in the kernel's hands */
	uint8_t done; /* times in the completion ring */
};

struct sim_pkt {
	uint32_t seq;
	uint32_t len;
	bool bad;            /* Tx: no ring takes it, it must be freed and counted */
	bool copy;           /* Tx: goes out as a copy */
	bool as_is;          /* Tx: goes out without a copy */
};

struct sim_fifo {
	struct sim_pkt *pkts;
	uint32_t head, tail;
};

/* A part of a packet that the kernel reads from the Tx ring. */
struct sim_part {
	uint64_t addr;
	uint32_t seq, from, len;
	bool single; /* the packet's only descriptor */
};

struct sim {
	struct sim_conf conf;
	struct xskpmd_umem *umem;
	const struct xskpmd_umem_geom *g;
	struct xskpmd_rxq rxq;
	struct xskpmd_txq txq;
	uint16_t (*rx_fn)(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts);
	uint16_t (*tx_fn)(void *queue, struct rte_mbuf **pkts, uint16_t nb_pkts);

	struct sim_ring rx, fill, tx, comp;
	uint32_t fill_seen, tx_seen, comp_seen; /* up to where the driver's work has been checked */

	struct sim_owner *owners;
	uint32_t nb_owners;
	uint32_t *owner_at;          /* per 64 bytes of the area: place in owners + 1 */

	struct sim_owner *chain[64]; /* received parts of a packet of which more will come */
	uint32_t nb_chain;
	uint64_t rx_too_long;        /* what the counter must say */
	uint64_t rx_repeats;         /* buffers put into the Rx ring twice */
	struct sim_fifo rx_fifo;     /* packets delivered, not yet received */
	struct sim_fifo tx_fifo;     /* packets accepted, not yet seen in the Tx ring */
	struct sim_part *ring_parts; /* of the entries of the Tx ring */
	struct sim_part *parts;      /* taken by the kernel, a ring from part_head on */
	uint32_t part_head, part_tail;
	uint64_t tx_bad, tx_copied, tx_packets, tx_bytes; /* what the counters must say */
	uint8_t *frame;

	struct rte_mbuf *pkts[SIM_BURST]; /* of the last Rx burst */
};

static inline uint32_t
sim_count(const struct sim_ring *r)
{
	return r->producer - r->consumer;
}

static inline struct xdp_desc *
sim_desc(const struct sim_ring *r, uint32_t i)
{
	return (struct xdp_desc *)r->entries + (i & (r->size - 1));
}

static inline uint64_t *
sim_addr(const struct sim_ring *r, uint32_t i)
{
	return (uint64_t *)r->entries + (i & (r->size - 1));
}

/* Descriptors in the kernel's hands. */
static inline uint32_t
sim_taken(const struct sim *s)
{
	return s->part_tail - s->part_head;
}

struct sim *sim_new(const struct sim_conf *conf);
/* All mbufs back, in their rings or out of them, and everything freed. */
void sim_close(struct sim *s);

/* ---- the pool, as the application sees it ---- */

/* NULL when the pool is empty. */
struct rte_mbuf *sim_alloc(struct sim *s);
/* A packet whose mbufs the test took from the pool by other means. */
void sim_adopt(struct sim *s, struct rte_mbuf *pkt);
/* One more reference to a packet. */
void sim_ref(struct sim *s, struct rte_mbuf *pkt);
/* An indirect packet, of mbufs of the same pool; NULL when the pool is empty. */
struct rte_mbuf *sim_clone(struct sim *s, struct rte_mbuf *pkt);
/* Free a packet, or a reference to it. */
void sim_free(struct sim *s, struct rte_mbuf *pkt);
/* A packet of one segment with its data at data_off; NULL when the pool is empty. */
struct rte_mbuf *sim_mbuf(struct sim *s, uint32_t seq, uint32_t data_off, uint32_t len);

/* ---- Rx ---- */

/* The kernel receives a packet; false: dropped, the fill ring has too few buffers
 * or, where the queue owns spare ones, the Rx ring is full. */
bool sim_deliver(struct sim *s, uint32_t seq, uint32_t len);
/* The kernel puts the last buffer into the Rx ring, or the completion ring, once more. */
void sim_repeat(struct sim *s);
void sim_repeat_comp(struct sim *s);
/* One burst into s->pkts, every packet checked. */
uint16_t sim_rx(struct sim *s, uint16_t nb_pkts);

/* ---- Tx ---- */

/* One burst; what[] says what the packets are. */
uint16_t sim_tx(struct sim *s, struct rte_mbuf **pkts, const struct sim_pkt *what, uint16_t n);
/* The kernel takes up to n descriptors. @return how many */
uint32_t sim_take(struct sim *s, uint32_t n);
/* The kernel completes up to n of those taken, in order or not. @return how many */
uint32_t sim_complete(struct sim *s, uint32_t n, bool in_order);
/* Take and complete all there is. */
void sim_complete_all(struct sim *s);
/* The counters of both queues and the record of what the kernel has are right. */
void sim_check(struct sim *s);

/* ---- between unit_sim.c, the owners, and unit_sim_kernel.c, the rings ---- */

/* The owner of the mbuf whose element has this byte of the area. */
struct sim_owner *sim_owner_at(const struct sim *s, uint64_t offset);
struct sim_owner *sim_owner_of(const struct sim *s, const struct rte_mbuf *m);
/* An mbuf that has just come out of the pool: as a driver may put it back, and nobody's. */
void sim_check_fresh(const struct sim_owner *o);
/* Call for each mbuf of the pool that a reference to the packet keeps. */
void sim_for_each_own(struct sim *s, struct rte_mbuf *pkt, void (*fn)(struct sim_owner *o));
void sim_drop(struct sim_owner *o);
void sim_undrop(struct sim_owner *o);
/* Check what the driver has put into the fill ring since. */
void sim_see_fill(struct sim *s);
/* Note what it has taken out of the completion ring since. */
void sim_see_comp(struct sim *s);
void sim_check_rx(struct sim *s);
void sim_check_tx(struct sim *s);

#endif /* XT_UNIT_SIM_H */
