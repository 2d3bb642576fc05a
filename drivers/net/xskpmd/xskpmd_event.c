/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#include <rte_common.h>
#include <rte_interrupts.h>

#include "xskpmd_event.h"

/** Sequence number of our questions; notifications have 0, or that of who made the change. */
#define SEQ_ASK 1

/** A message about a link: some kilobytes. Longer ones are cut, which is noticed. */
#define MSG_MAX 32768

struct xskpmd_event {
	xskpmd_event_fn fn;
	void *arg;
	struct rte_intr_handle *handle;
	int fd;
	int ifindex;
	int expect_prog;    /* 0 or 1; control: sets it, interrupt thread: clears it */
	/* interrupt thread only */
	bool calling;       /* fn is running */
	pthread_t caller;
	bool closed;        /* by fn */
	bool removed;
	uint32_t buf[MSG_MAX / sizeof(uint32_t)];
};

/** What a batch of messages says. */
struct news {
	bool link, removed;
	bool no_prog;       /* a notification says so */
	bool prog_gone;     /* the answer to a question says so */
	bool lost;          /* messages were lost */
};

static int
parse_xdp(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == IFLA_XDP_ATTACHED &&
	    mnl_attr_get_payload_len(attr) >= sizeof(uint8_t) &&
	    mnl_attr_get_u8(attr) == XDP_ATTACHED_NONE)
		*(bool *)data = true;
	return MNL_CB_OK;
}

static int
parse_link(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == IFLA_XDP)
		mnl_attr_parse_nested(attr, parse_xdp, data);
	return MNL_CB_OK;
}

static void
parse_message(const struct xskpmd_event *ev, const struct nlmsghdr *nlh, struct news *news)
{
	const struct ifinfomsg *ifm = mnl_nlmsg_get_payload(nlh);
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	bool no_prog = false;

	if (nlh->nlmsg_type == NLMSG_ERROR && nlh->nlmsg_seq == SEQ_ASK &&
	    mnl_nlmsg_get_payload_len(nlh) >= sizeof(*err) && err->error == -ENODEV)
		news->removed = true;
	/* AF_BRIDGE: a bridge lets go of its port, which looks like a deletion. */
	if ((nlh->nlmsg_type != RTM_NEWLINK && nlh->nlmsg_type != RTM_DELLINK) ||
	    mnl_nlmsg_get_payload_len(nlh) < sizeof(*ifm) || ifm->ifi_family != AF_UNSPEC ||
	    ifm->ifi_index != ev->ifindex)
		return;
	news->link = true;
	if (nlh->nlmsg_type == RTM_DELLINK) {
		news->removed = true;
		return;
	}
	mnl_attr_parse(nlh, sizeof(*ifm), parse_link, &no_prog);
	if (!no_prog)
		return;
	if (nlh->nlmsg_seq == SEQ_ASK)
		news->prog_gone = true;
	else
		news->no_prog = true;
}

/* Ask for the interface's state. A notification may be older than the program it misses; the
 * answer to a question asked after the program was attached is not.
 */
static void
ask(const struct xskpmd_event *ev)
{
	char buf[MNL_ALIGN(sizeof(struct nlmsghdr)) + MNL_ALIGN(sizeof(struct ifinfomsg))];
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct ifinfomsg *ifm;

	nlh->nlmsg_type = RTM_GETLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	nlh->nlmsg_seq = SEQ_ASK;
	ifm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifm));
	ifm->ifi_index = ev->ifindex;
	if (send(ev->fd, nlh, nlh->nlmsg_len, MSG_DONTWAIT) < 0)
		return; /* as if the answer had been lost */
}

/** Read all there is. Bounded: a storm of messages about others must not hold the thread. */
static void
read_news(struct xskpmd_event *ev, struct news *news)
{
	const struct nlmsghdr *nlh;
	int i, left;
	ssize_t n;

	for (i = 0; i < 64; i++) {
		n = recv(ev->fd, ev->buf, sizeof(ev->buf), MSG_DONTWAIT | MSG_TRUNC);
		if (n < 0 && errno == ENOBUFS) {
			/* Messages were lost: take it that they were about us. */
			news->link = true;
			news->lost = true;
			continue;
		}
		if (n <= 0)
			return;
		if (n > (ssize_t)sizeof(ev->buf)) { /* cut: the same */
			news->link = true;
			news->lost = true;
		}
		left = RTE_MIN(n, (ssize_t)sizeof(ev->buf));
		for (nlh = (const struct nlmsghdr *)ev->buf; mnl_nlmsg_ok(nlh, left);
		     nlh = mnl_nlmsg_next(nlh, &left))
			parse_message(ev, nlh, news);
	}
}

static void
tell(struct xskpmd_event *ev, enum xskpmd_event_what what)
{
	if (ev->closed)
		return;
	ev->caller = pthread_self();
	__atomic_store_n(&ev->calling, true, __ATOMIC_RELEASE);
	ev->fn(ev->arg, what);
	__atomic_store_n(&ev->calling, false, __ATOMIC_RELEASE);
}

static void
event_ready(void *arg)
{
	struct xskpmd_event *ev = arg;
	struct news news = { 0 };
	const bool expect = __atomic_load_n(&ev->expect_prog, __ATOMIC_ACQUIRE);

	read_news(ev, &news);
	if (ev->removed)
		return;
	if (news.lost || (news.no_prog && expect))
		ask(ev);
	/* told once: it is not expected again until control says so */
	if (news.prog_gone && !news.removed &&
	    __atomic_exchange_n(&ev->expect_prog, false, __ATOMIC_ACQ_REL))
		tell(ev, XSKPMD_EVENT_DETACHED);
	if (news.link)
		tell(ev, XSKPMD_EVENT_LINK);
	if (news.removed) {
		ev->removed = true;
		tell(ev, XSKPMD_EVENT_REMOVED);
	}
}

static void
event_free(struct xskpmd_event *ev)
{
	if (ev->fd >= 0)
		close(ev->fd);
	rte_intr_instance_free(ev->handle);
	free(ev);
}

static int
event_open_socket(const struct xskpmd_netns *netns)
{
	const struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK };
	int fd = xskpmd_netns_socket(netns, AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK, NETLINK_ROUTE);
	int ret;

	if (fd < 0)
		return fd;
	if (bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0)
		return fd;
	ret = -errno;
	close(fd);
	return ret;
}

int
xskpmd_event_open(const struct xskpmd_netns *netns, int ifindex, xskpmd_event_fn fn, void *arg,
		  struct xskpmd_event **event)
{
	struct xskpmd_event *ev = calloc(1, sizeof(*ev));
	int ret = -ENOMEM;

	if (ev == NULL)
		return -ENOMEM;
	ev->fn = fn;
	ev->arg = arg;
	ev->ifindex = ifindex;
	ev->fd = -1;
	ev->handle = rte_intr_instance_alloc(RTE_INTR_INSTANCE_F_PRIVATE);
	if (ev->handle == NULL)
		goto err_free;
	ret = event_open_socket(netns);
	if (ret < 0)
		goto err_free;
	ev->fd = ret;
	ret = -EIO;
	if (rte_intr_fd_set(ev->handle, ev->fd) != 0 ||
	    rte_intr_type_set(ev->handle, RTE_INTR_HANDLE_EXT) != 0 ||
	    rte_intr_callback_register(ev->handle, event_ready, ev) != 0)
		goto err_free;
	*event = ev;
	return 0;

err_free:
	event_free(ev);
	return ret;
}

void
xskpmd_event_expect_prog(struct xskpmd_event *event, bool expect)
{
	if (event != NULL)
		__atomic_store_n(&event->expect_prog, expect, __ATOMIC_RELEASE);
}

static void
event_free_later(struct rte_intr_handle *handle __rte_unused, void *arg)
{
	event_free(arg);
}

void
xskpmd_event_close(struct xskpmd_event *event)
{
	if (event == NULL)
		return;
	/* The interrupt thread cannot wait for itself to leave the callback. */
	if (__atomic_load_n(&event->calling, __ATOMIC_ACQUIRE) &&
	    pthread_equal(event->caller, pthread_self())) {
		event->closed = true;
		rte_intr_callback_unregister_pending(event->handle, event_ready, event,
						     event_free_later);
		return;
	}
	rte_intr_callback_unregister_sync(event->handle, event_ready, event);
	event_free(event);
}
