/* SPDX-License-Identifier: BSD-3-Clause */

/* Before the source of a sample that asks for checksum offloads without looking whether the port has them, which
 * no port over AF_XDP has (gcc -include): they ask for none, and the IP checksums that they leave to the NIC are
 * made here.
 */
#include <rte_ethdev.h>
#include <rte_ip.h>
#include <rte_mbuf.h>

#undef RTE_ETH_RX_OFFLOAD_CHECKSUM
#ifdef WANTS_SCATTER
/* ip_reassembly wants an MTU of 9710 with mbufs of 2 KiB; the drivers of some NICs scatter then without being asked. */
#define RTE_ETH_RX_OFFLOAD_CHECKSUM RTE_ETH_RX_OFFLOAD_SCATTER
#else
#define RTE_ETH_RX_OFFLOAD_CHECKSUM 0
#endif
#undef RTE_ETH_TX_OFFLOAD_IPV4_CKSUM
#define RTE_ETH_TX_OFFLOAD_IPV4_CKSUM 0

static inline uint16_t
tx_burst_with_checksums(uint16_t port, uint16_t queue, struct rte_mbuf **pkts, uint16_t n)
{
	uint16_t i;

	for (i = 0; i < n; i++) {
		struct rte_ipv4_hdr *ip = rte_pktmbuf_mtod_offset(pkts[i], struct rte_ipv4_hdr *,
								  RTE_ETHER_HDR_LEN);

		if ((pkts[i]->ol_flags & RTE_MBUF_F_TX_IP_CKSUM) == 0)
			continue;
		ip->hdr_checksum = 0;
		ip->hdr_checksum = rte_ipv4_cksum(ip);
		pkts[i]->ol_flags &= ~(RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_IPV4);
	}
	return rte_eth_tx_burst(port, queue, pkts, n);
}
#define rte_eth_tx_burst tx_burst_with_checksums
