/* SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0 */

/* The XDP program of net_xskpmd: every packet of a receive queue that has an
 * open socket goes to that socket, every other packet goes on to the kernel.
 *
 * A queue is in the map only between dev_start and dev_stop, so outside that
 * time, and on queues the application did not ask for, nothing is taken.
 *
 * A port may filter VLANs. As from a NIC that does it, packets of the other VLANs
 * are dropped then; untagged ones and those of VID 0, which only have a priority, pass.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "xskpmd_bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, XSKPMD_XSKS_MAP_ENTRIES); /* set to the real number at load */
} xsks_map SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__type(key, __u32);
	__type(value, struct xskpmd_bpf_vlan);
	__uint(max_entries, XSKPMD_XSKS_MAP_ENTRIES); /* as xsks_map */
} xskpmd_vlans SEC(".maps");

/** Queues that filter VLANs. While there are none, a packet costs a load and a branch more. */
__u32 xskpmd_vlan_queues;

/** An Ethernet header with a VLAN tag. */
struct tagged {
	__u8 addresses[2 * ETH_ALEN];
	__be16 type;
	__be16 tci;
};

static __always_inline int
vlan_is_refused(struct xdp_md *ctx)
{
	const struct tagged *h = (void *)(long)ctx->data;
	__u32 queue = ctx->rx_queue_index, vid;
	const struct xskpmd_bpf_vlan *vlan = bpf_map_lookup_elem(&xskpmd_vlans, &queue);

	if (vlan == NULL || !vlan->on || (void *)(h + 1) > (void *)(long)ctx->data_end)
		return 0;
	if (h->type != bpf_htons(ETH_P_8021Q) && h->type != bpf_htons(ETH_P_8021AD))
		return 0;
	/* A queue that is stopped leaves its packets to the kernel, all of them. */
	if (bpf_map_lookup_elem(&xsks_map, &queue) == NULL)
		return 0;
	vid = bpf_ntohs(h->tci) & 0xfff;
	return vid != 0 && !(vlan->vids[vid / 64] >> vid % 64 & 1);
}

SEC("xdp")
int
xskpmd_redirect(struct xdp_md *ctx)
{
	if (xskpmd_vlan_queues != 0 && vlan_is_refused(ctx))
		return XDP_DROP;
	/* The low bits of the flags are the action on a miss (Linux 5.3). */
	return bpf_redirect_map(&xsks_map, ctx->rx_queue_index, XDP_PASS);
}

char _license[] SEC("license") = "Dual BSD/GPL";
