/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */
#ifndef XT_SHAPE_H
#define XT_SHAPE_H

/* Packets in every form an mbuf can have; the bytes are always those of xt_frame_fill(). */

#include "harness.h"

enum shape {
	SHAPE_OWN,      /* from the port's pool */
	SHAPE_OTHER,    /* from another pool */
	SHAPE_INDIRECT, /* attached to an mbuf of the port's pool */
	SHAPE_INDIRECT_OTHER,
	SHAPE_CLONE,    /* the same, itself an mbuf of the port's pool */
	SHAPE_EXTBUF,   /* external buffer with a free callback */
	SHAPE_EXTBUF_OWN, /* the same, on an mbuf of the port's pool */
	SHAPE_SHARED,   /* of the port's pool, the application keeps a reference */
	SHAPE_ODD,      /* data at an odd address */
	SHAPE_PREPEND,  /* data in the headroom */
	SHAPE_CHAIN,    /* two to five segments of the port's pool */
	SHAPE_MIX,      /* a chain of different shapes, an empty segment among them */
	NB_SHAPES,
};

extern const char *const shape_name[NB_SHAPES];

struct shapes {
	struct rte_mempool *own;
	struct rte_mempool *other;
	struct rte_mempool *headers; /* no data room: for indirect and external mbufs */
	unsigned int extbufs_made;
	unsigned int extbufs_freed;
	struct rte_mbuf *kept[4096]; /* of SHAPE_SHARED */
	unsigned int nb_kept;
};

void shapes_init(struct shapes *s, struct rte_mempool *own);
struct rte_mbuf *shape_make(struct shapes *s, enum shape shape, uint32_t seq, unsigned int len);
/*
 * All packets are sent: wait until the driver has let go of everything, then check that it freed
 * each external buffer once and kept no reference.
 */
void shapes_all_back(struct shapes *s, struct xt_port *p);

#endif /* XT_SHAPE_H */
