/* SPDX-License-Identifier: BSD-3-Clause OR GPL-2.0 */

/* For the far end of a cable: sends everything back, as a loopback plug does. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int
reflect(struct xdp_md *ctx __attribute__((unused)))
{
	return XDP_TX;
}

char _license[] SEC("license") = "Dual BSD/GPL";
