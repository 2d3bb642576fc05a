/* SPDX-License-Identifier: BSD-3-Clause */

/* struct xskpmd_port: what stands behind one ethdev. Control path only. */

#ifndef _XSKPMD_ETHDEV_H_
#define _XSKPMD_ETHDEV_H_

#include <ethdev_driver.h>

#include "xskpmd_compat.h"
#include "xskpmd_devargs.h"
#include "xskpmd_event.h"
#include "xskpmd_ethtool.h"
#include "xskpmd_genl.h"
#include "xskpmd_netdev.h"
#include "xskpmd_prog.h"
#include "xskpmd_rxtx.h"
#include "xskpmd_speed.h"
#include "xskpmd_umem.h"
#include "xskpmd_wrap.h"
#include "xskpmd_xsk.h"

/** Limits of rings, descriptors. */
#define XSKPMD_DESC_MIN 32
#define XSKPMD_DESC_MAX 32768
#define XSKPMD_DESC_DEFAULT 2048

/** Smallest data room that any pool may have, less headroom, bytes. What a given pool must have
 *  depends on its layout: xskpmd_umem.c decides, and says the number.
 */
#define XSKPMD_RX_ROOM_MIN 1024

/** MAC addresses of a port, its own one included. The kernel takes any number. */
#define XSKPMD_MACS_MAX 64

/** Longest packet of several buffers, bytes: what a network device of Linux may have. */
#define XSKPMD_SG_FRAME_MAX 65535

/** One queue of the interface: a socket, and the DPDK queues on it. */
struct xskpmd_pair {
	struct xskpmd_rxq *rxq;          /**< set up by the application; NULL: not */
	struct xskpmd_txq *txq;
	struct xskpmd_umem *rx_umem;     /**< of rxq's pool */
	struct xskpmd_umem *umem;        /**< of the open socket; borrowed from an rx_umem or own */
	struct xskpmd_umem *own_umem;    /**< of txq's own pool on a port that only transmits */
	struct xskpmd_xsk xsk;           /**< open from queue set-up (or start) to stop */
	struct xskpmd_pair *next_open;   /**< list of the pairs with an open socket */
	const struct xskpmd_port *port;  /**< of a pair in that list */
	struct xskpmd_napi napi_found;   /**< as it was before busy polling; id 0: not changed */
	int epoll_fd;                    /**< see in_epoll */
	void *epoll_data;
	bool in_epoll;                   /**< between sockets: the application waited there for the last one */
	bool in_map;                     /**< receives: its entry is in the map of sockets */
	bool tx_waited;                  /**< at the last look packets were in the Tx ring */
	uint8_t tx_refused;              /**< looks without a kick, as the device refused a packet */
	uint32_t tx_seen;                /**< where the kernel was in the Tx ring then */
	uint64_t tx_dropped;             /**< packets refused by the device when they were kicked late */
	uint64_t tx_dropped_base;        /**< at the last reset */
	struct xdp_statistics closed;    /**< kernel's counters of the sockets closed so far */
	struct xdp_statistics base;      /**< kernel's counters at the last reset */
};

/** Kinds of packets whose hashing can be set. */
#define XSKPMD_HASH_TYPES 8

/** The interface's receive side scaling and channels as found, where they were changed. */
struct xskpmd_rss_saved {
	struct xskpmd_rss found;
	uint64_t fields[XSKPMD_HASH_TYPES];
	uint32_t types_changed;          /**< bits: entries of fields */
	struct ethtool_channels channels;
	uint32_t narrowed;               /**< Rx queues that the table was narrowed to; 0: it was not */
	bool table_changed, key_changed, channels_changed;
};

struct xskpmd_port {
	struct rte_eth_dev_data *data;
	const char *name;                /**< "net_xskpmd0" */
	struct xskpmd_conf conf;         /**< asked; constant */
	char ifname[IFNAMSIZ];           /**< for messages: the name at probe */
	struct xskpmd_netdev netdev;
	struct xskpmd_event *event;      /**< from probe to close */
	bool removed;                    /**< the interface is gone. interrupt thread: rw, control: ro */
	uint16_t link_told;              /**< status of the last link event */
	bool link_watched;               /**< changes are told. control: rw, interrupt thread: ro */
	struct xskpmd_prog *prog;        /**< from the first start to close */
	bool generic;                    /**< the program could not run in the driver */
	struct xskpmd_pair *pairs;       /**< nb_pairs; queue q is start_queue + q of the interface */
	uint16_t nb_pairs;
	uint16_t max_rx_queues;
	uint16_t max_tx_queues;
	uint32_t queues_end;             /**< queues of the interface: entries of the map */
	bool track;                      /**< open queues record what the kernel has */
	bool running;                    /**< from the end of start to the beginning of stop: queues are lent */
	bool held_elsewhere;             /**< a process that does not answer may still use the rings */
	bool rx_sg, tx_sg;               /**< the bursts in use are multi-buffer */
	uint32_t ptype_layers;           /**< of packet types; those that the application wants */
	bool kernel_sg;                  /**< the kernel has multi-buffer */
	struct rte_ether_addr macs[XSKPMD_MACS_MAX]; /**< data->mac_addrs */
	uint64_t mac_joined;             /**< bit i: macs[i] is a membership; not the first */
	struct rte_ether_addr *mc;       /**< multicast list; nb_mc; owned */
	uint32_t nb_mc;
	uint64_t *eth_base;              /**< the interface's own counters at the last reset; or NULL */
	unsigned int eth_base_n;
	/* as found, put back at close if we changed it */
	struct rte_ether_addr mac_found;
	unsigned int mtu_found;
	bool mac_changed, mtu_changed;
	bool up_found, up_changed;
	struct xskpmd_rss_saved rss_saved;
	struct ethtool_pauseparam pause_found;
	uint32_t fec_found;
	bool pause_changed, fec_changed;
	struct xskpmd_led *led;          /**< blinks; NULL: not */
	struct xskpmd_port *next_shown;  /**< list of the ports that telemetry shows */
	struct xskpmd_speed *speed_found; /**< NULL: not changed; owned */
	bool numa_told;                  /**< a bad placement has been told */
	bool mtu_told;                   /**< that the interface's MTU is too large has been told */
	bool mtu_asked;                  /**< the application chose the MTU, not the kernel */
};

/** The port as this process has it: in a secondary process a copy with file descriptors of its own,
 *  see xskpmd_secondary.c.
 */
static inline struct xskpmd_port *
xskpmd_port(const struct rte_eth_dev *dev)
{
	return dev->process_private;
}

/** The port as the primary process has it, in shared memory. What it points to is shared only
 *  if it comes from rte_malloc(): pairs, queues; not umem, prog, event.
 */
static inline struct xskpmd_port *
xskpmd_port_shared(const struct rte_eth_dev *dev)
{
	return dev->data->dev_private;
}

/** The bursts of the port. */
static inline const struct xskpmd_burst *
xskpmd_port_rx_burst(const struct xskpmd_port *port)
{
	return xskpmd_wrap_rx_select(port->rx_sg, port->track, port->conf.ptypes);
}

static inline const struct xskpmd_burst *
xskpmd_port_tx_burst(const struct xskpmd_port *port)
{
	return xskpmd_wrap_tx_select(port->tx_sg, port->data->dev_conf.txmode.offloads &
				     RTE_ETH_TX_OFFLOAD_MT_LOCKFREE);
}

/** Where a received packet starts in its mbuf, bytes from buf_addr. */
static inline uint16_t
xskpmd_port_data_off(const struct xskpmd_port *port)
{
	/* A program that is not ours may write up to 256 bytes in front of the packet. */
	return xskpmd_conf_has_own_prog(&port->conf) ? RTE_PKTMBUF_HEADROOM : XSKPMD_KERNEL_HEADROOM;
}

/* xskpmd_ethdev.c */
/** Make a port of a probed device. @return 0 or -errno; on failure nothing is left */
int xskpmd_port_init(struct rte_eth_dev *dev, const char *args);

struct xskpmd_rx_values;
struct xskpmd_tx_values;

/** What a secondary process may ask of a port. */
extern const struct eth_dev_ops xskpmd_secondary_ops;

/* xskpmd_secondary.c */
/** What the primary has counted of a queue. @return 0 or -errno */
int xskpmd_secondary_statistics(const struct xskpmd_port *port, uint16_t q, struct xskpmd_rx_values *rx,
				struct xskpmd_tx_values *tx);
/** Make a port of the primary process's, in a secondary one. @return 0 or -errno, after one line of log */
int xskpmd_secondary_attach(struct rte_eth_dev *dev);
/** dev_close of a secondary process: lets go of what this process has of the port. */
int xskpmd_secondary_close(struct rte_eth_dev *dev);
/** What concerns all is done by the primary process. */
int xskpmd_secondary_promisc_enable(struct rte_eth_dev *dev);
int xskpmd_secondary_promisc_disable(struct rte_eth_dev *dev);
int xskpmd_secondary_allmulti_enable(struct rte_eth_dev *dev);
int xskpmd_secondary_allmulti_disable(struct rte_eth_dev *dev);
int xskpmd_secondary_stats_reset(struct rte_eth_dev *dev);
int xskpmd_secondary_xstats_reset(struct rte_eth_dev *dev);
/** Let go of the rings of a port that this process has mapped. */
void xskpmd_secondary_release(uint16_t port_id);

/* xskpmd_pair.c */
/** Open the socket of a pair, fill and bind it, unless it is open. @return 0, -errno */
int xskpmd_pair_open(struct xskpmd_port *port, struct xskpmd_pair *pair);
/** Whether it cannot be opened for its MTU, unless its Rx queue gets larger mbufs. */
bool xskpmd_pair_mtu_refused(const struct xskpmd_port *port, const struct xskpmd_pair *pair);
/** Close it and return every mbuf of its rings. It must be out of the map of sockets. */
void xskpmd_pair_close(const struct xskpmd_port *port, struct xskpmd_pair *pair);
/** Bytes of a buffer that the NIC receives into in zero-copy mode. */
uint32_t xskpmd_pair_nic_room(const struct xskpmd_port *port, const struct xskpmd_umem *umem);
/** Record what the kernel has, of all open pairs, if any of them needs that. @return 0, -errno */
int xskpmd_pairs_track(struct xskpmd_port *port);
/** Let go of the pool that a port without Rx queues copies into. */
void xskpmd_pair_put_own_umem(struct xskpmd_pair *pair);

/* xskpmd_open.c: any thread */
/** A socket is bound, its Tx ring is looked after from now on; and until it is about to be closed. */
void xskpmd_open_add(const struct xskpmd_port *port, struct xskpmd_pair *pair);
void xskpmd_open_remove(struct xskpmd_pair *pair);
/** A bound socket whose UMEM a new one can share: of this interface, or of any if asked. */
const struct xskpmd_xsk *xskpmd_open_sharer(const struct xskpmd_port *port,
					    const struct xskpmd_xsk_req *req);
/** Refuse a queue that another port of this process has. @return 0; -EBUSY after one line of log */
int xskpmd_open_check(const struct xskpmd_port *port, uint32_t queue);

/* xskpmd_napi.c */
/** Busy poll the open pairs that can be; say once which cannot. */
void xskpmd_pairs_busy_poll(struct xskpmd_port *port);
/** Put the settings of a pair's NAPI back. */
void xskpmd_pair_restore_napi(const struct xskpmd_port *port, struct xskpmd_pair *pair);

/* xskpmd_queue.c: eth_dev_ops */
int xskpmd_rx_queue_setup(struct rte_eth_dev *dev, uint16_t q, uint16_t nb_desc,
			  unsigned int socket_id, const struct rte_eth_rxconf *conf,
			  struct rte_mempool *pool);
int xskpmd_tx_queue_setup(struct rte_eth_dev *dev, uint16_t q, uint16_t nb_desc,
			  unsigned int socket_id, const struct rte_eth_txconf *conf);
void xskpmd_rx_queue_release(struct rte_eth_dev *dev, uint16_t q);
void xskpmd_tx_queue_release(struct rte_eth_dev *dev, uint16_t q);
/** Send what waits, free what has been sent, all of it (free_cnt is not a limit: the mbufs are the
 *  kernel's to give back in any number). The queue's lcore. @return mbufs freed */
int xskpmd_tx_done_cleanup(void *txq, uint32_t free_cnt);

void xskpmd_rxq_info_get(struct rte_eth_dev *dev, uint16_t q, struct rte_eth_rxq_info *info);
void xskpmd_txq_info_get(struct rte_eth_dev *dev, uint16_t q, struct rte_eth_txq_info *info);
int xskpmd_rx_burst_mode_get(struct rte_eth_dev *dev, uint16_t q, struct rte_eth_burst_mode *mode);
int xskpmd_tx_burst_mode_get(struct rte_eth_dev *dev, uint16_t q, struct rte_eth_burst_mode *mode);
int xskpmd_rx_queue_start(struct rte_eth_dev *dev, uint16_t q);
int xskpmd_rx_queue_stop(struct rte_eth_dev *dev, uint16_t q);
int xskpmd_tx_queue_start(struct rte_eth_dev *dev, uint16_t q);
int xskpmd_tx_queue_stop(struct rte_eth_dev *dev, uint16_t q);
/** Let a queue find packet types of the layers that the port wants. */
void xskpmd_rx_queue_layers(struct xskpmd_port *port, uint16_t q);
int xskpmd_get_monitor_addr(void *rxq, struct rte_power_monitor_cond *pmc);

/* xskpmd_queue.c: for the life cycle */
/** Open the sockets of all queues; fill them. On failure all are closed. @return 0, -errno */
int xskpmd_queues_open(struct xskpmd_port *port);
/** Begin to receive on all queues that are not deferred. @return 0, -errno (some may be in) */
int xskpmd_queues_start(struct rte_eth_dev *dev);
/** Lend the sockets to secondary processes, if the port runs; take them back, before anything is closed
 *  or touched that they may be using. Control thread of the primary process. */
void xskpmd_queues_lend(const struct xskpmd_port *port);
void xskpmd_queues_take_back(struct xskpmd_port *port);
/** Leave the traffic to the kernel, close the sockets, return every mbuf. Idempotent. */
void xskpmd_queues_close(struct xskpmd_port *port);

/* xskpmd_link.c: eth_dev_ops */
int xskpmd_link_update(struct rte_eth_dev *dev, int wait);
int xskpmd_link_set_up(struct rte_eth_dev *dev);
int xskpmd_link_set_down(struct rte_eth_dev *dev);
int xskpmd_link_is_removed(struct rte_eth_dev *dev);

/* xskpmd_link.c: for the life cycle */
/** Begin to watch the interface: at probe. @return 0 or -errno, after one line of log */
int xskpmd_link_watch(struct rte_eth_dev *dev);
/** The port has started: what the link is, and that the XDP program is on it, is known. Changes are told from
 *  now on, until the port stops. */
void xskpmd_link_start(struct rte_eth_dev *dev);
void xskpmd_link_stop(struct rte_eth_dev *dev);
/** Set the speeds that the application asked for. @return 0 or -errno, after one line of log */
int xskpmd_link_speeds(struct rte_eth_dev *dev);
/** Put back what set_link_up, set_link_down and link_speeds changed. */
void xskpmd_link_restore(struct xskpmd_port *port);

/* xskpmd_filter.c: eth_dev_ops */
int xskpmd_mac_addr_add(struct rte_eth_dev *dev, struct rte_ether_addr *mac, uint32_t index,
			uint32_t vmdq);
void xskpmd_mac_addr_remove(struct rte_eth_dev *dev, uint32_t index);
int xskpmd_set_mc_addr_list(struct rte_eth_dev *dev, struct rte_ether_addr *list, uint32_t n);
int xskpmd_promisc_enable(struct rte_eth_dev *dev);
int xskpmd_promisc_disable(struct rte_eth_dev *dev);
int xskpmd_allmulti_enable(struct rte_eth_dev *dev);
int xskpmd_allmulti_disable(struct rte_eth_dev *dev);
int xskpmd_vlan_filter_set(struct rte_eth_dev *dev, uint16_t vid, int on);
/** Give the NIC its VLAN offload back if no port filters any more. */
void xskpmd_vlan_restore(struct xskpmd_port *port);
int xskpmd_vlan_offload_set(struct rte_eth_dev *dev, int mask);

/* xskpmd_filter.c: for the life cycle */
/** The Rx offload of VLAN filtering, or 0 where it cannot be had. */
uint64_t xskpmd_vlan_capa(const struct xskpmd_port *port);
/** Filter if it is asked for: once the program is there. @return 0, -errno after one line of log */
int xskpmd_vlan_start(struct rte_eth_dev *dev);
void xskpmd_vlan_stop(struct rte_eth_dev *dev);

/* xskpmd_stats.c: eth_dev_ops */
int xskpmd_stats_get(struct rte_eth_dev *dev, struct rte_eth_stats *stats,
		     struct eth_queue_stats *queues);
int xskpmd_stats_reset(struct rte_eth_dev *dev);
/** Add the kernel's counters of a socket that is about to close. */
void xskpmd_stats_collect(struct xskpmd_pair *pair);

/** Any counter of the structs below: the kernel's are unsigned long long, ours are not. */
typedef uint64_t __rte_may_alias xskpmd_counter;

/** Everything counted of one queue since the last reset. */
struct xskpmd_rx_values {
	struct xskpmd_rxq_stats own;
	struct xdp_statistics xsk;
	uint64_t missed;     /**< dropped by the kernel for lack of descriptors */
	uint64_t errors;     /**< these, and what we dropped */
	uint64_t busy_poll;  /**< 1: the queue is busy polled now */
};
struct xskpmd_tx_values {
	struct xskpmd_txq_stats own; /**< packets: less those lost */
	struct xdp_statistics xsk;
	uint64_t errors;     /**< packets lost, by us or by the device */
};
/** Read the counters of a queue. Any thread, also while the queue runs: each is one aligned word.
 *  @return 0; in a secondary process also -errno, if the primary does not answer */
int xskpmd_stats_read(const struct xskpmd_port *port, uint16_t q, struct xskpmd_rx_values *rx,
		      struct xskpmd_tx_values *tx);
/** In the primary process. */
int xskpmd_port_stats_reset(struct xskpmd_port *port);

/* xskpmd_info.c: eth_dev_ops */
int xskpmd_fw_version_get(struct rte_eth_dev *dev, char *text, size_t size);
int xskpmd_get_reg(struct rte_eth_dev *dev, struct rte_dev_reg_info *regs);
int xskpmd_get_eeprom_length(struct rte_eth_dev *dev);
int xskpmd_get_eeprom(struct rte_eth_dev *dev, struct rte_dev_eeprom_info *e);
int xskpmd_get_module_info(struct rte_eth_dev *dev, struct rte_eth_dev_module_info *module);
int xskpmd_get_module_eeprom(struct rte_eth_dev *dev, struct rte_dev_eeprom_info *e);
int xskpmd_flow_ctrl_get(struct rte_eth_dev *dev, struct rte_eth_fc_conf *fc);
int xskpmd_flow_ctrl_set(struct rte_eth_dev *dev, struct rte_eth_fc_conf *fc);
int xskpmd_fec_get(struct rte_eth_dev *dev, uint32_t *capa);
int xskpmd_fec_set(struct rte_eth_dev *dev, uint32_t capa);
int xskpmd_fec_get_capability(struct rte_eth_dev *dev, struct rte_eth_fec_capa *capa,
			      unsigned int num);
int xskpmd_led_on(struct rte_eth_dev *dev);
int xskpmd_led_off(struct rte_eth_dev *dev);
/** Put back what was set of these, if the interface is still there. */
void xskpmd_info_restore(struct rte_eth_dev *dev);

/* xskpmd_mtu.c */
int xskpmd_mtu_set(struct rte_eth_dev *dev, uint16_t mtu);
/** Take over the MTU that rte_eth_dev_configure() was given. @return 0, -errno */
int xskpmd_mtu_configure(struct rte_eth_dev *dev);

/* xskpmd_rss.c */
int xskpmd_rss_hash_update(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf);
int xskpmd_rss_hash_conf_get(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf);
int xskpmd_reta_update(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *conf,
		       uint16_t size);
int xskpmd_reta_query(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *conf, uint16_t size);
/** Fill in sizes and types, where the interface has RSS that can be set. */
void xskpmd_rss_info(const struct xskpmd_port *port, struct rte_eth_dev_info *info);
/** Apply the RSS of the configuration, and rss=. Logs on failure. @return 0, -errno */
int xskpmd_rss_start(struct xskpmd_port *port);
/** Set the number of channels to channels=. Logs on failure. @return 0, -errno */
int xskpmd_channels_set(struct xskpmd_port *port);
/** After the program was attached: whether the queues in use are still there. Logs if not. */
int xskpmd_channels_check(const struct xskpmd_port *port);
/** Put back what was changed. The sockets must be closed. */
void xskpmd_rss_restore(struct xskpmd_port *port);

/* xskpmd_telemetry.c */
/** Taken by who changes sockets, queues and UMEMs of a port, and by who shows them, which is
 *  the telemetry thread or the application's. Recursive. */
void xskpmd_show_lock(void);
/** @return whether it was free, and is locked now */
bool xskpmd_show_trylock(void);
void xskpmd_show_unlock(void);
void xskpmd_show_add(struct xskpmd_port *port);
void xskpmd_show_remove(struct xskpmd_port *port);
/** The port of an id, while the lock is held; NULL: not one of ours. */
struct xskpmd_port *xskpmd_show_find(uint16_t port_id);
int xskpmd_priv_dump(struct rte_eth_dev *dev, FILE *f);

/* xskpmd_xstats.c: eth_dev_ops */
int xskpmd_xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *xstats, unsigned int n);
int xskpmd_xstats_get_names(struct rte_eth_dev *dev, struct rte_eth_xstat_name *names,
			    unsigned int n);
int xskpmd_xstats_get_by_id(struct rte_eth_dev *dev, const uint64_t *ids, uint64_t *values,
			    unsigned int n);
int xskpmd_xstats_get_names_by_id(struct rte_eth_dev *dev, const uint64_t *ids,
				  struct rte_eth_xstat_name *names, unsigned int n);
int xskpmd_xstats_reset(struct rte_eth_dev *dev);
/** In the primary process: those of the interface, too. */
int xskpmd_port_xstats_reset(struct xskpmd_port *port);

/* xskpmd_intr.c */
/** Make the interrupt handle of the Rx queues, if the application asked for one. */
int xskpmd_intr_start(struct rte_eth_dev *dev);
/** A queue's socket is about to close, the port runs on: set-up and release at run time. */
void xskpmd_intr_leave(struct rte_eth_dev *dev, uint16_t q);
/** The sockets are others now. */
void xskpmd_intr_update(struct rte_eth_dev *dev);
void xskpmd_intr_stop(struct rte_eth_dev *dev);
/** @return 0; -ENOTCONN without a socket; -EAGAIN while the queue has no buffer, as the pool is empty, and so
 *  no packet can come that wakes: poll, which gets buffers when there are some, and try again. The queue's lcore */
int xskpmd_rx_queue_intr_enable(struct rte_eth_dev *dev, uint16_t q);
int xskpmd_rx_queue_intr_disable(struct rte_eth_dev *dev, uint16_t q);

#endif /* _XSKPMD_ETHDEV_H_ */
