/* SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0 */

/* No map of sockets: must be refused. Also the program of somebody else on an interface. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int
nomap_pass(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}

char _license[] SEC("license") = "Dual BSD/GPL";
