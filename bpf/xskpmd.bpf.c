/* SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0 */

/* The XDP program of net_xskpmd: every packet of a receive queue that has an
 * open socket goes to that socket, every other packet goes on to the kernel.
 *
 * A queue is in the map only between dev_start and dev_stop, so outside that
 * time, and on queues the application did not ask for, nothing is taken.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "xskpmd_bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__type(key, __u32);
	__type(value, __u32);
	__uint(max_entries, XSKPMD_XSKS_MAP_ENTRIES); /* set to the real number at load */
} xsks_map SEC(".maps");

SEC("xdp")
int
xskpmd_redirect(struct xdp_md *ctx)
{
	/* The low bits of the flags are the action on a miss (Linux 5.3). */
	return bpf_redirect_map(&xsks_map, ctx->rx_queue_index, XDP_PASS);
}

char _license[] SEC("license") = "Dual BSD/GPL";
