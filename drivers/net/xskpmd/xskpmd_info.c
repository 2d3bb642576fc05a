/* SPDX-License-Identifier: BSD-3-Clause */

/* What the interface says of itself, passed on from ethtool. What its driver does not have is
 * -ENOTSUP when asked for; a veth has little of it.
 */

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_cycles.h>

#include "xskpmd_ethdev.h"
#include "xskpmd_ethtool.h"

/** How long the first refusal of a blinking LED is waited for, ms. */
#define LED_REFUSAL_MS 50

/** A netdev's refusal as ethdev says it. */
static int
refusal(int ret)
{
	return ret == -EOPNOTSUPP ? -ENOTSUP : ret;
}

/** The driver of the interface, its version, and that of the firmware if it has one. */
int
xskpmd_fw_version_get(struct rte_eth_dev *dev, char *text, size_t size)
{
	struct ethtool_drvinfo info;
	int ret = xskpmd_ethtool_drvinfo(&xskpmd_port(dev)->netdev, &info);
	int len;

	if (ret != 0)
		return refusal(ret);
	len = snprintf(text, size, "%s %s%s%s", info.driver, info.version,
		       info.fw_version[0] != '\0' ? ", firmware " : "", info.fw_version);
	return (size_t)len < size ? 0 : len + 1;
}

/* ---- dumps -------------------------------------------------------------------------------- */

int
xskpmd_get_reg(struct rte_eth_dev *dev, struct rte_dev_reg_info *regs)
{
	const struct xskpmd_netdev *nd = &xskpmd_port(dev)->netdev;
	struct ethtool_drvinfo info;
	int ret = xskpmd_ethtool_drvinfo(nd, &info);
	uint32_t len;

	if (ret != 0 || info.regdump_len == 0)
		return ret != 0 ? refusal(ret) : -ENOTSUP;
	/* The kernel's dump is bytes; its drivers write words of 4. */
	regs->width = info.regdump_len % sizeof(uint32_t) == 0 ? sizeof(uint32_t) : 1;
	len = info.regdump_len;
	if (regs->data == NULL) {
		regs->length = len / regs->width;
		return 0;
	}
	if (regs->offset != 0 || (regs->length != 0 && regs->length != len / regs->width))
		return -ENOTSUP; /* all or nothing, as most drivers of DPDK */
	ret = xskpmd_ethtool_regs(nd, regs->data, &len, &regs->version);
	if (ret == 0)
		regs->length = len / regs->width;
	return refusal(ret);
}

int
xskpmd_get_eeprom_length(struct rte_eth_dev *dev)
{
	struct ethtool_drvinfo info;
	int ret = xskpmd_ethtool_drvinfo(&xskpmd_port(dev)->netdev, &info);

	if (ret != 0)
		return refusal(ret);
	return info.eedump_len != 0 ? (int)info.eedump_len : -ENOTSUP;
}

int
xskpmd_get_eeprom(struct rte_eth_dev *dev, struct rte_dev_eeprom_info *e)
{
	return refusal(xskpmd_ethtool_eeprom(&xskpmd_port(dev)->netdev, ETHTOOL_GEEPROM, e->offset,
					     e->length, e->data, &e->magic));
}

int
xskpmd_get_module_info(struct rte_eth_dev *dev, struct rte_eth_dev_module_info *module)
{
	struct ethtool_modinfo info;
	int ret = xskpmd_ethtool_module(&xskpmd_port(dev)->netdev, &info);

	/* The numbers of the types are the same. */
	module->type = info.type;
	module->eeprom_len = info.eeprom_len;
	return refusal(ret);
}

int
xskpmd_get_module_eeprom(struct rte_eth_dev *dev, struct rte_dev_eeprom_info *e)
{
	return refusal(xskpmd_ethtool_eeprom(&xskpmd_port(dev)->netdev, ETHTOOL_GMODULEEEPROM,
					     e->offset, e->length, e->data, NULL));
}

/* ---- flow control ------------------------------------------------------------------------- */

static const struct {
	enum rte_eth_fc_mode mode;
	bool rx, tx;
} pause_modes[] = {
	{ RTE_ETH_FC_NONE, false, false },
	{ RTE_ETH_FC_RX_PAUSE, true, false },
	{ RTE_ETH_FC_TX_PAUSE, false, true },
	{ RTE_ETH_FC_FULL, true, true },
};

int
xskpmd_flow_ctrl_get(struct rte_eth_dev *dev, struct rte_eth_fc_conf *fc)
{
	struct ethtool_pauseparam pause;
	int ret = xskpmd_ethtool_pause_get(&xskpmd_port(dev)->netdev, &pause);
	size_t i;

	if (ret != 0)
		return refusal(ret);
	*fc = (struct rte_eth_fc_conf){ .autoneg = pause.autoneg };
	for (i = 0; i < RTE_DIM(pause_modes); i++)
		if (pause_modes[i].rx == !!pause.rx_pause && pause_modes[i].tx == !!pause.tx_pause)
			fc->mode = pause_modes[i].mode;
	return 0;
}

int
xskpmd_flow_ctrl_set(struct rte_eth_dev *dev, struct rte_eth_fc_conf *fc)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	struct ethtool_pauseparam pause;
	size_t i;
	int ret;

	/* Water marks and times are the driver's own business: ethtool has no words for them. */
	if (fc->high_water != 0 || fc->low_water != 0 || fc->pause_time != 0 ||
	    fc->mac_ctrl_frame_fwd != 0)
		return -ENOTSUP;
	ret = xskpmd_ethtool_pause_get(&port->netdev, &pause);
	if (ret != 0)
		return refusal(ret);
	if (!port->pause_changed)
		port->pause_found = pause;
	for (i = 0; i < RTE_DIM(pause_modes); i++) {
		if (pause_modes[i].mode != fc->mode)
			continue;
		pause.rx_pause = pause_modes[i].rx;
		pause.tx_pause = pause_modes[i].tx;
	}
	pause.autoneg = fc->autoneg;
	ret = xskpmd_ethtool_pause_set(&port->netdev, &pause);
	if (ret == 0)
		port->pause_changed = true;
	return refusal(ret);
}

/* ---- forward error correction ------------------------------------------------------------- */

static const struct {
	uint32_t ethtool, ethdev;
	int link_mode; /* the bit of what the device can do */
} fec_modes[] = {
	{ ETHTOOL_FEC_OFF, RTE_ETH_FEC_MODE_CAPA_MASK(NOFEC), ETHTOOL_LINK_MODE_FEC_NONE_BIT },
	{ ETHTOOL_FEC_AUTO, RTE_ETH_FEC_MODE_CAPA_MASK(AUTO), -1 },
	{ ETHTOOL_FEC_BASER, RTE_ETH_FEC_MODE_CAPA_MASK(BASER), ETHTOOL_LINK_MODE_FEC_BASER_BIT },
	{ ETHTOOL_FEC_RS, RTE_ETH_FEC_MODE_CAPA_MASK(RS), ETHTOOL_LINK_MODE_FEC_RS_BIT },
};

int
xskpmd_fec_get(struct rte_eth_dev *dev, uint32_t *capa)
{
	struct ethtool_fecparam fec;
	int ret = xskpmd_ethtool_fec_get(&xskpmd_port(dev)->netdev, &fec);
	uint32_t modes;
	size_t i;

	if (ret != 0)
		return refusal(ret);
	*capa = 0;
	/* With a link: the one in use; else those that are configured. */
	modes = fec.active_fec != 0 && fec.active_fec != ETHTOOL_FEC_NONE ? fec.active_fec : fec.fec;
	for (i = 0; i < RTE_DIM(fec_modes); i++)
		if (modes & fec_modes[i].ethtool)
			*capa |= fec_modes[i].ethdev;
	return *capa != 0 ? 0 : -ENOTSUP;
}

int
xskpmd_fec_set(struct rte_eth_dev *dev, uint32_t capa)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	struct ethtool_fecparam fec;
	uint32_t modes = 0, known = 0;
	size_t i;
	int ret;

	for (i = 0; i < RTE_DIM(fec_modes); i++) {
		known |= fec_modes[i].ethdev;
		if (capa & fec_modes[i].ethdev)
			modes |= fec_modes[i].ethtool;
	}
	if (modes == 0 || (capa & ~known) != 0)
		return -ENOTSUP;
	ret = xskpmd_ethtool_fec_get(&port->netdev, &fec);
	if (ret != 0)
		return refusal(ret);
	if (!port->fec_changed)
		port->fec_found = fec.fec;
	ret = xskpmd_ethtool_fec_set(&port->netdev, modes);
	if (ret == 0)
		port->fec_changed = true;
	return refusal(ret);
}

/* ethtool knows what the device can do, not at which speeds: one answer, of the speed it has. */
int
xskpmd_fec_get_capability(struct rte_eth_dev *dev, struct rte_eth_fec_capa *capa, unsigned int num)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	struct xskpmd_link_modes modes;
	struct ethtool_fecparam fec;
	struct rte_eth_fec_capa one = { .capa = RTE_ETH_FEC_MODE_CAPA_MASK(AUTO) };
	size_t i;
	int ret;

	ret = xskpmd_ethtool_fec_get(&port->netdev, &fec);
	if (ret == 0)
		ret = xskpmd_ethtool_link_modes(&port->netdev, &modes);
	if (ret != 0)
		return refusal(ret);
	for (i = 0; i < RTE_DIM(fec_modes); i++)
		if (fec_modes[i].link_mode >= 0 &&
		    modes.supported[fec_modes[i].link_mode / 32] &
		    (UINT32_C(1) << fec_modes[i].link_mode % 32))
			one.capa |= fec_modes[i].ethdev;
	one.speed = modes.speed;
	if (capa != NULL && num >= 1)
		*capa = one;
	return 1;
}

/* ---- LED ---------------------------------------------------------------------------------- */

/* The kernel blinks for as long as the call lasts. On: a thread calls again and again, one
 * second each; off: the last second is waited for.
 */
struct xskpmd_led {
	struct xskpmd_port *port;
	pthread_t thread;
	int ret;    /* of the last call */
	bool stop;
	bool ended; /* the interface refused */
};

static void *
led_blink(void *arg)
{
	struct xskpmd_led *led = arg;

	while (!__atomic_load_n(&led->stop, __ATOMIC_ACQUIRE)) {
		led->ret = xskpmd_ethtool_blink(&led->port->netdev);
		if (led->ret != 0)
			break;
	}
	__atomic_store_n(&led->ended, true, __ATOMIC_RELEASE);
	return NULL;
}

int
xskpmd_led_off(struct rte_eth_dev *dev)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	struct xskpmd_led *led = port->led;

	if (led == NULL)
		return 0;
	__atomic_store_n(&led->stop, true, __ATOMIC_RELEASE);
	pthread_join(led->thread, NULL);
	free(led);
	port->led = NULL;
	return 0;
}

int
xskpmd_led_on(struct rte_eth_dev *dev)
{
	struct xskpmd_port *port = xskpmd_port(dev);
	struct xskpmd_led *led;
	sigset_t all, before;
	int ret, ms;

	if (port->led != NULL)
		return 0;
	led = calloc(1, sizeof(*led));
	if (led == NULL)
		return -ENOMEM;
	led->port = port;
	/* The application's signals are not for this thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ret = pthread_create(&led->thread, NULL, led_blink, led);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (ret != 0) {
		free(led);
		return -ret;
	}
	port->led = led;
	/* A refusal comes at once. */
	for (ms = 0; ms < LED_REFUSAL_MS; ms++) {
		if (__atomic_load_n(&led->ended, __ATOMIC_ACQUIRE)) {
			ret = led->ret;
			xskpmd_led_off(dev);
			return refusal(ret);
		}
		rte_delay_us_sleep(1000);
	}
	return 0;
}

void
xskpmd_info_restore(struct rte_eth_dev *dev)
{
	struct xskpmd_port *port = xskpmd_port(dev);

	xskpmd_led_off(dev);
	if (port->pause_changed)
		xskpmd_ethtool_pause_set(&port->netdev, &port->pause_found);
	if (port->fec_changed)
		xskpmd_ethtool_fec_set(&port->netdev, port->fec_found);
}
