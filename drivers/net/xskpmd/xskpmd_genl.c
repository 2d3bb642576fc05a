/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

#include <rte_common.h>

#include "xskpmd_compat.h"
#include "xskpmd_genl.h"

/** Largest attribute number that is looked at, of all messages here. */
#define ATTR_MAX 16

/** Bytes of one datagram of an answer: the kernel makes them no longer than this. */
#define ANSWER_SIZE 32768

/** Attributes of one object: NULL where the kernel gave none. */
struct genl_attrs {
	const struct nlattr *a[ATTR_MAX + 1];
};

/** A request, and whom to tell about each object of the answer. */
struct genl_request {
	char buf[256];
	struct nlmsghdr *nlh;
	void (*object)(const struct genl_attrs *attrs, void *arg);
	void *arg;
};

/* One conversation at a time on an interface's socket; and the numbers of the family, which
 * are those of the running kernel.
 */
static pthread_mutex_t genl_lock = PTHREAD_MUTEX_INITIALIZER;
static uint32_t genl_seq;
static uint16_t family_id;

static void
request_init(struct genl_request *req, uint16_t type, uint8_t cmd, uint16_t flags)
{
	struct genlmsghdr *genl;

	req->nlh = mnl_nlmsg_put_header(req->buf);
	req->nlh->nlmsg_type = type;
	req->nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	genl = mnl_nlmsg_put_extra_header(req->nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = 1;
}

static int
attr_note(const struct nlattr *attr, void *data)
{
	struct genl_attrs *attrs = data;
	const uint16_t type = mnl_attr_get_type(attr);

	if (type <= ATTR_MAX)
		attrs->a[type] = attr;
	return MNL_CB_OK;
}

static int
object_note(const struct nlmsghdr *nlh, void *data)
{
	const struct genl_request *req = data;
	struct genl_attrs attrs = { { NULL } };

	mnl_attr_parse(nlh, sizeof(struct genlmsghdr), attr_note, &attrs);
	if (req->object != NULL)
		req->object(&attrs, req->arg);
	return MNL_CB_OK;
}

/* The kernel puts its answer into the socket before sendto() returns, and the rest of a dump
 * as it is read: nothing here has to wait. What an interrupted conversation left is dropped.
 */
static int
genl_talk_locked(int fd, struct genl_request *req)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	char buf[ANSWER_SIZE] __rte_aligned(NLMSG_ALIGNTO);
	ssize_t len;
	int ret;

	while (recv(fd, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
	req->nlh->nlmsg_seq = ++genl_seq;
	if (sendto(fd, req->nlh, req->nlh->nlmsg_len, 0, (const struct sockaddr *)&kernel,
		   sizeof(kernel)) < 0)
		return -errno;
	do {
		len = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
		if (len < 0)
			return -errno;
		ret = mnl_cb_run(buf, len, req->nlh->nlmsg_seq, 0, object_note, req);
	} while (ret > MNL_CB_STOP);
	return ret < 0 ? -errno : 0;
}

static void
family_note(const struct genl_attrs *attrs, void *arg)
{
	if (attrs->a[CTRL_ATTR_FAMILY_ID] != NULL)
		*(uint16_t *)arg = mnl_attr_get_u16(attrs->a[CTRL_ATTR_FAMILY_ID]);
}

/** Look the family up by its name, once. */
static int
family_resolve_locked(int fd)
{
	struct genl_request req = { .object = family_note, .arg = &family_id };
	int ret;

	if (family_id != 0)
		return 0;
	request_init(&req, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	mnl_attr_put_strz(req.nlh, CTRL_ATTR_FAMILY_NAME, XSKPMD_NETDEV_FAMILY);
	ret = genl_talk_locked(fd, &req);
	if (ret == -ENOENT)
		return -EOPNOTSUPP;
	return ret != 0 ? ret : family_id != 0 ? 0 : -EOPNOTSUPP;
}

static int
genl_talk(const struct xskpmd_netdev *nd, struct genl_request *req)
{
	int ret;

	if (nd->genl_fd < 0)
		return -EOPNOTSUPP;
	pthread_mutex_lock(&genl_lock);
	ret = family_resolve_locked(nd->genl_fd);
	req->nlh->nlmsg_type = family_id;
	if (ret == 0)
		ret = genl_talk_locked(nd->genl_fd, req);
	pthread_mutex_unlock(&genl_lock);
	return ret;
}

static uint32_t
attr_u32(const struct genl_attrs *attrs, int type)
{
	const struct nlattr *attr = attrs->a[type];

	return attr != NULL && mnl_attr_get_payload_len(attr) == sizeof(uint32_t) ?
	       mnl_attr_get_u32(attr) : 0;
}

/** A number of the kernel's type uint comes in 4 bytes or in 8. */
static uint64_t
attr_uint(const struct genl_attrs *attrs, int type)
{
	const struct nlattr *attr = attrs->a[type];

	return attr != NULL && mnl_attr_get_payload_len(attr) == sizeof(uint64_t) ?
	       mnl_attr_get_u64(attr) : attr_u32(attrs, type);
}

/* ---- interface and queues ----------------------------------------------------------------- */

static void
features_note(const struct genl_attrs *attrs, void *arg)
{
	*(struct xskpmd_xdp_features *)arg = (struct xskpmd_xdp_features){
		.xdp = attr_uint(attrs, NETDEV_A_DEV_XDP_FEATURES),
		.rx_metadata = attr_uint(attrs, NETDEV_A_DEV_XDP_RX_METADATA_FEATURES),
		.xsk = attr_uint(attrs, NETDEV_A_DEV_XSK_FEATURES),
		.zc_max_segs = attr_u32(attrs, NETDEV_A_DEV_XDP_ZC_MAX_SEGS),
	};
}

int
xskpmd_netdev_xdp_features(const struct xskpmd_netdev *nd, struct xskpmd_xdp_features *f)
{
	struct genl_request req = { .object = features_note, .arg = f };

	*f = (struct xskpmd_xdp_features){ 0 };
	request_init(&req, 0, NETDEV_CMD_DEV_GET, 0);
	mnl_attr_put_u32(req.nlh, NETDEV_A_DEV_IFINDEX, nd->ifindex);
	return genl_talk(nd, &req);
}

bool
xskpmd_netdev_has_zero_copy(const struct xskpmd_netdev *nd)
{
	struct xskpmd_xdp_features f;

	return xskpmd_netdev_xdp_features(nd, &f) != 0 || (f.xdp & NETDEV_XDP_ACT_XSK_ZEROCOPY) != 0;
}

static void
queue_note(const struct genl_attrs *attrs, void *arg)
{
	*(uint32_t *)arg = attr_u32(attrs, NETDEV_A_QUEUE_NAPI_ID);
}

int
xskpmd_netdev_queue_napi(const struct xskpmd_netdev *nd, uint32_t queue, bool tx, uint32_t *napi_id)
{
	struct genl_request req = { .object = queue_note, .arg = napi_id };
	int ret;

	*napi_id = 0;
	request_init(&req, 0, NETDEV_CMD_QUEUE_GET, 0);
	mnl_attr_put_u32(req.nlh, NETDEV_A_QUEUE_IFINDEX, nd->ifindex);
	mnl_attr_put_u32(req.nlh, NETDEV_A_QUEUE_TYPE,
			 tx ? NETDEV_QUEUE_TYPE_TX : NETDEV_QUEUE_TYPE_RX);
	mnl_attr_put_u32(req.nlh, NETDEV_A_QUEUE_ID, queue);
	ret = genl_talk(nd, &req);
	return ret == 0 && *napi_id == 0 ? -ENOENT : ret;
}

/* ---- NAPI instances ----------------------------------------------------------------------- */

struct napi_list {
	struct xskpmd_napi *napis;
	unsigned int n, max;
};

static void
napi_note(const struct genl_attrs *attrs, void *arg)
{
	struct napi_list *list = arg;

	if (list->n == list->max)
		return;
	list->napis[list->n++] = (struct xskpmd_napi){
		.id = attr_u32(attrs, NETDEV_A_NAPI_ID),
		.ifindex = attr_u32(attrs, NETDEV_A_NAPI_IFINDEX),
		.irq = attr_u32(attrs, NETDEV_A_NAPI_IRQ),
		.pid = attr_u32(attrs, NETDEV_A_NAPI_PID),
		.defer_hard_irqs = attr_u32(attrs, NETDEV_A_NAPI_DEFER_HARD_IRQS),
		.gro_flush_timeout = attr_uint(attrs, NETDEV_A_NAPI_GRO_FLUSH_TIMEOUT),
		.irq_suspend_timeout = attr_uint(attrs, NETDEV_A_NAPI_IRQ_SUSPEND_TIMEOUT),
		.has_settings = attrs->a[NETDEV_A_NAPI_DEFER_HARD_IRQS] != NULL,
	};
}

int
xskpmd_napi_get(const struct xskpmd_netdev *nd, uint32_t napi_id, struct xskpmd_napi *napi)
{
	struct napi_list list = { .napis = napi, .max = 1 };
	struct genl_request req = { .object = napi_note, .arg = &list };
	int ret;

	request_init(&req, 0, NETDEV_CMD_NAPI_GET, 0);
	mnl_attr_put_u32(req.nlh, NETDEV_A_NAPI_ID, napi_id);
	ret = genl_talk(nd, &req);
	return ret == 0 && list.n == 0 ? -ENOENT : ret;
}

int
xskpmd_napi_list(const struct xskpmd_netdev *nd, struct xskpmd_napi *napis, unsigned int max)
{
	struct napi_list list = { .napis = napis, .max = max };
	struct genl_request req = { .object = napi_note, .arg = &list };
	int ret;

	request_init(&req, 0, NETDEV_CMD_NAPI_GET, NLM_F_DUMP);
	mnl_attr_put_u32(req.nlh, NETDEV_A_NAPI_IFINDEX, nd->ifindex);
	ret = genl_talk(nd, &req);
	return ret != 0 ? ret : (int)list.n;
}

static void
put_uint(struct nlmsghdr *nlh, uint16_t type, uint64_t value)
{
	if (value > UINT32_MAX)
		mnl_attr_put_u64(nlh, type, value);
	else
		mnl_attr_put_u32(nlh, type, value);
}

int
xskpmd_napi_set(const struct xskpmd_netdev *nd, const struct xskpmd_napi *napi)
{
	struct genl_request req = { .object = NULL };

	request_init(&req, 0, NETDEV_CMD_NAPI_SET, 0);
	mnl_attr_put_u32(req.nlh, NETDEV_A_NAPI_ID, napi->id);
	mnl_attr_put_u32(req.nlh, NETDEV_A_NAPI_DEFER_HARD_IRQS, napi->defer_hard_irqs);
	put_uint(req.nlh, NETDEV_A_NAPI_GRO_FLUSH_TIMEOUT, napi->gro_flush_timeout);
	put_uint(req.nlh, NETDEV_A_NAPI_IRQ_SUSPEND_TIMEOUT, napi->irq_suspend_timeout);
	return genl_talk(nd, &req);
}
