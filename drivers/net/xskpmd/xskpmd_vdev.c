/* SPDX-License-Identifier: BSD-3-Clause */

/* The vdev bus's view of the driver, and nothing else. */

#include <errno.h>

#include <bus_vdev_driver.h>
#include <ethdev_vdev.h>
#include <rte_eal.h>

#include "xskpmd_ethdev.h"
#include "xskpmd_logs.h"

static int
probe_secondary(struct rte_vdev_device *vdev)
{
	struct rte_eth_dev *dev = rte_eth_dev_attach_secondary(rte_vdev_device_name(vdev));
	int ret;

	if (dev == NULL) {
		XSKPMD_LOG(ERR, "%s: the primary process has no such port", rte_vdev_device_name(vdev));
		return -ENODEV;
	}
	dev->device = &vdev->device;
	ret = xskpmd_secondary_attach(dev);
	if (ret != 0) {
		rte_eth_dev_release_port(dev);
		return ret;
	}
	rte_eth_dev_probing_finish(dev);
	return 0;
}

static int
xskpmd_probe(struct rte_vdev_device *vdev)
{
	const char *name = rte_vdev_device_name(vdev);
	struct rte_eth_dev *dev;
	int ret;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return probe_secondary(vdev);
	dev = rte_eth_vdev_allocate(vdev, sizeof(struct xskpmd_port));
	if (dev == NULL) {
		XSKPMD_LOG(ERR, "%s: no memory or no free port (RTE_MAX_ETHPORTS is %u)", name,
			   RTE_MAX_ETHPORTS);
		return -ENOMEM;
	}
	ret = xskpmd_port_init(dev, rte_vdev_device_args(vdev));
	if (ret != 0) {
		rte_eth_dev_release_port(dev);
		return ret;
	}
	rte_eth_dev_probing_finish(dev);
	return 0;
}

static int
xskpmd_remove(struct rte_vdev_device *vdev)
{
	struct rte_eth_dev *dev = rte_eth_dev_allocated(rte_vdev_device_name(vdev));

	if (dev == NULL)
		return 0;
	if (dev->data->dev_started && rte_eal_process_type() == RTE_PROC_PRIMARY)
		rte_eth_dev_stop(dev->data->port_id);
	return rte_eth_dev_close(dev->data->port_id);
}

static struct rte_vdev_driver xskpmd_driver = {
	.probe = xskpmd_probe,
	.remove = xskpmd_remove,
};

RTE_PMD_REGISTER_VDEV(net_xskpmd, xskpmd_driver);
RTE_PMD_REGISTER_PARAM_STRING(net_xskpmd, XSKPMD_PARAM_STRING);
RTE_LOG_REGISTER_DEFAULT(xskpmd_logtype, NOTICE);
