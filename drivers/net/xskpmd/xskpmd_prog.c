/* SPDX-License-Identifier: BSD-3-Clause */

/* Load, attach and detach the XDP program; insert sockets into its map.
 *
 * Attached by bpf_link: the kernel detaches it when the process ends, however it ends.
 * If libxdp's dispatcher is on the interface, the program goes beside the others there;
 * such an attachment outlives a killed process, as all of libxdp's do.
 */

#include <errno.h>
#include <linux/if_link.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <xdp/libxdp.h>

#include "xskpmd_bpf.h"
#include "xskpmd_compat.h"
#include "xskpmd_foreign.h"
#include "xskpmd_logs.h"
#include "xskpmd_prog.h"
#include "xskpmd.skel.h"

struct xskpmd_prog {
	struct xskpmd_prog *next;
	unsigned int refcnt;
	int ifindex;
	struct xskpmd_netns netns; /* of the interface */
	char *path;                /* of a custom program, or of the map; "": our own */
	struct xskpmd_bpf *skel;   /* our own program, or */
	struct bpf_object *obj;    /* a custom one */
	struct bpf_program *bpf;   /* in either */
	struct xdp_program *xdp;   /* attached by libxdp, else NULL */
	int link_fd;               /* attached by bpf_link, else -1 */
	int map_fd;                /* borrowed from skel or obj; of a foreign program: owned */
	bool foreign;              /* attached by somebody else, who gave us the map */
	const char *mode;
	enum xdp_attach_mode xdp_mode;
	bool frags;
	uint32_t vlan_queues;      /* that filter VLANs */
	bool rxvlan_found;         /* the interface took tags off by itself */
	uint32_t id;
};

static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static struct xskpmd_prog *registry;

/* ---- libraries' messages ---------------------------------------------------------------- */

/** libbpf and libxdp write to stderr; what they say belongs in our log, at debug level. */
static int
log_bpf(enum libbpf_print_level level __rte_unused, const char *fmt, va_list ap)
{
	return rte_vlog(RTE_LOG_DEBUG, xskpmd_logtype, fmt, ap);
}

static int
log_xdp(enum libxdp_print_level level __rte_unused, const char *fmt, va_list ap)
{
	return rte_vlog(RTE_LOG_DEBUG, xskpmd_logtype, fmt, ap);
}

/** Run with the libraries' messages in our log; the application may have its own printers. */
struct printers {
	libbpf_print_fn_t bpf;
	libxdp_print_fn_t xdp;
};

static struct printers
printers_set(struct printers p)
{
	return (struct printers){ libbpf_set_print(p.bpf), libxdp_set_print(p.xdp) };
}

static const struct printers our_printers = { log_bpf, log_xdp };

/* ---- errors ------------------------------------------------------------------------------ */

/** libbpf has errors of its own, from 4000 on, which nobody else knows. */
static int
plain_errno(int ret)
{
	return ret <= -__LIBBPF_ERRNO__START ? -EINVAL : ret;
}

/** What went wrong, in words; ret is -errno or libbpf's. */
static const char *
error_text(int ret, char *text, size_t size)
{
	libbpf_strerror(ret, text, size);
	return text;
}

/* ---- modes ------------------------------------------------------------------------------ */

static const struct prog_mode {
	enum xskpmd_prog_mode mode;
	const char *name;
	uint32_t link_flags;
	enum xdp_attach_mode xdp_mode;
} prog_modes[] = {
	/* auto tries them in this order, up to generic */
	{ XSKPMD_PROG_DRV, "native", XDP_FLAGS_DRV_MODE, XDP_MODE_NATIVE },
	{ XSKPMD_PROG_SKB, "generic", XDP_FLAGS_SKB_MODE, XDP_MODE_SKB },
	{ XSKPMD_PROG_HW, "offloaded", XDP_FLAGS_HW_MODE, XDP_MODE_HW },
};

static bool
mode_applies(const struct prog_mode *m, enum xskpmd_prog_mode asked)
{
	return asked == XSKPMD_PROG_AUTO ? m->mode != XSKPMD_PROG_HW : m->mode == asked;
}

static const char *
attach_remedy(int err)
{
	switch (err) {
	case EBUSY:
	case EEXIST:
		return "another XDP program is on the interface: unload it first "
		       "(ip link set DEV xdp off, or xdp-loader unload DEV --all)";
	case EOPNOTSUPP:
		return "the driver has no native XDP: use mode=auto or mode=skb";
	case ERANGE:
		return "the MTU is too large for XDP in this driver: lower it, or use mode=skb";
	case ENOSPC:
		return "native XDP on veth needs as many Rx queues as the peer has Tx queues "
		       "(ethtool -L), or mode=skb";
	case EPERM:
	case EACCES:
		return "give the process CAP_BPF and CAP_NET_ADMIN";
	default:
		return "see the kernel log, or try mode=skb";
	}
}

/* ---- load ------------------------------------------------------------------------------- */

static struct bpf_program *
find_program(struct bpf_object *obj, const char *section)
{
	struct bpf_program *p;

	bpf_object__for_each_program(p, obj)
		if (section[0] == '\0' || strcmp(section, bpf_program__section_name(p)) == 0 ||
		    strcmp(section, bpf_program__name(p)) == 0)
			return p;
	return NULL;
}

/** Load only the one program; others of the file may not even suit this kernel. */
static void
select_program(struct bpf_object *obj, struct bpf_program *chosen)
{
	struct bpf_program *p;

	bpf_object__for_each_program(p, obj)
		bpf_program__set_autoload(p, p == chosen);
}

static int
open_custom(const struct xskpmd_prog_req *req, struct xskpmd_prog *prog)
{
	struct bpf_map *map;
	char why[128];
	int ret;

	prog->obj = bpf_object__open_file(req->path, NULL);
	ret = libbpf_get_error(prog->obj);
	if (ret != 0) {
		prog->obj = NULL;
		XSKPMD_LOG(ERR, "%s: cannot open xdp_prog=%s: %s: give an object file that clang "
			   "-target bpf made", req->name, req->path,
			   error_text(ret, why, sizeof(why)));
		return plain_errno(ret);
	}
	prog->bpf = find_program(prog->obj, req->section);
	if (prog->bpf == NULL) {
		XSKPMD_LOG(ERR, "%s: xdp_prog=%s has no %s%s: name a section or function of it with "
			   "xdp_section=", req->name, req->path,
			   req->section[0] == '\0' ? "program" : "program ", req->section);
		return -ENOENT;
	}
	map = bpf_object__find_map_by_name(prog->obj, XSKPMD_XSKS_MAP_NAME);
	if (map == NULL || bpf_map__type(map) != BPF_MAP_TYPE_XSKMAP) {
		XSKPMD_LOG(ERR, "%s: xdp_prog=%s has no map " XSKPMD_XSKS_MAP_NAME " of type XSKMAP: "
			   "the driver puts its sockets there", req->name, req->path);
		return -ENOENT;
	}
	if (bpf_map__max_entries(map) < req->queues) {
		XSKPMD_LOG(ERR, "%s: xdp_prog=%s: its map " XSKPMD_XSKS_MAP_NAME " has %u entries, the "
			   "queues in use need %u: enlarge it, or use a smaller queue_count", req->name,
			   req->path, bpf_map__max_entries(map), req->queues);
		return -EINVAL;
	}
	select_program(prog->obj, prog->bpf);
	bpf_program__set_type(prog->bpf, BPF_PROG_TYPE_XDP);
	return 0;
}

static int
open_own(const struct xskpmd_prog_req *req, struct xskpmd_prog *prog, bool frags)
{
	prog->skel = xskpmd_bpf__open();
	if (prog->skel == NULL)
		return -errno;
	prog->bpf = prog->skel->progs.xskpmd_redirect;
	bpf_map__set_max_entries(prog->skel->maps.xsks_map, req->queues);
	bpf_map__set_max_entries(prog->skel->maps.xskpmd_vlans, req->queues);
	if (frags)
		bpf_program__set_flags(prog->bpf, bpf_program__flags(prog->bpf) | BPF_F_XDP_HAS_FRAGS);
	prog->frags = frags;
	return 0;
}

static struct bpf_object *
prog_object(const struct xskpmd_prog *prog)
{
	return prog->skel != NULL ? prog->skel->obj : prog->obj;
}

/** Close what was opened or loaded. */
static void
prog_unload(struct xskpmd_prog *prog)
{
	if (prog->xdp != NULL)
		xdp_program__close(prog->xdp);
	if (prog->skel != NULL)
		xskpmd_bpf__destroy(prog->skel);
	if (prog->obj != NULL)
		bpf_object__close(prog->obj);
	if (prog->foreign)
		close(prog->map_fd);
	prog->xdp = NULL;
	prog->skel = NULL;
	prog->obj = NULL;
	prog->bpf = NULL;
}

/* ---- attach ----------------------------------------------------------------------------- */

static int
attach_by_link(struct xskpmd_prog *prog, const struct prog_mode *m)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = m->link_flags);
	int fd;

	fd = bpf_link_create(bpf_program__fd(prog->bpf), prog->ifindex, BPF_XDP, &opts);
	if (fd < 0)
		return -errno;
	prog->link_fd = fd;
	return 0;
}

/** Attach by libxdp, which loads the object itself. */
static int
attach_by_libxdp(struct xskpmd_prog *prog, const struct prog_mode *m)
{
	int ret;

	prog->xdp = xdp_program__from_bpf_obj(prog_object(prog),
					      bpf_program__section_name(prog->bpf));
	ret = libxdp_get_error(prog->xdp);
	if (ret != 0) {
		prog->xdp = NULL;
		return ret;
	}
	if (prog->frags)
		xdp_program__set_xdp_frags_support(prog->xdp, true);
	ret = xdp_program__attach(prog->xdp, prog->ifindex, m->xdp_mode, 0);
	if (ret != 0) {
		xdp_program__close(prog->xdp);
		prog->xdp = NULL;
	}
	return ret;
}

/** Open, load and attach in one mode. On failure nothing is left. */
static int
prog_try(const struct xskpmd_prog_req *req, struct xskpmd_prog *prog, const struct prog_mode *m,
	 bool frags, bool libxdp)
{
	int ret;

	ret = req->path[0] != '\0' ? open_custom(req, prog) : open_own(req, prog, frags);
	if (ret == 0 && !libxdp)
		ret = bpf_object__load(prog_object(prog));
	if (ret == 0)
		ret = libxdp ? attach_by_libxdp(prog, m) : attach_by_link(prog, m);
	if (ret != 0) {
		prog_unload(prog);
		return ret;
	}
	prog->map_fd = bpf_map__fd(bpf_object__find_map_by_name(prog_object(prog),
								XSKPMD_XSKS_MAP_NAME));
	prog->mode = m->name;
	prog->xdp_mode = m->xdp_mode;
	return 0;
}

/** The best mode that the interface takes: native before generic, frags before not. */
static int
prog_attach(const struct xskpmd_prog_req *req, struct xskpmd_prog *prog, bool libxdp)
{
	const bool custom = req->path[0] != '\0';
	int ret = -EOPNOTSUPP, native = 0;
	char why[128];
	size_t i;

	for (i = 0; i < RTE_DIM(prog_modes); i++) {
		const struct prog_mode *m = &prog_modes[i];

		if (!mode_applies(m, req->mode))
			continue;
		ret = prog_try(req, prog, m, true, libxdp);
		if (ret != 0 && !custom)
			ret = prog_try(req, prog, m, false, libxdp);
		if (ret == 0 || ret == -EBUSY || ret == -EPERM)
			break;
		if (m->mode == XSKPMD_PROG_DRV)
			native = ret;
		XSKPMD_LOG(DEBUG, "%s: no %s XDP on %s: %s", req->name, m->name, req->ifname,
			   error_text(ret, why, sizeof(why)));
	}
	if (ret == 0 && native == -EOPNOTSUPP)
		XSKPMD_LOG(NOTICE, "%s: the driver of %s does not offer native XDP: it has generic XDP",
			   req->name, req->ifname);
	else if (ret == 0 && native != 0)
		XSKPMD_LOG(WARNING, "%s: %s has generic XDP now, which is slower, as native XDP fails: %s: %s",
			   req->name, req->ifname, error_text(native, why, sizeof(why)),
			   attach_remedy(-native));
	return ret;
}

/* ---- attached still, or again ------------------------------------------------------------- */

/** A link whose interface is 0 was detached by force (bpftool link detach). */
static bool
prog_is_attached(const struct xskpmd_prog *prog)
{
	struct bpf_link_info info = { 0 };
	uint32_t len = sizeof(info);

	if (prog->foreign)
		return true; /* as far as it is our business */
	if (prog->xdp != NULL)
		return xdp_program__is_attached(prog->xdp, prog->ifindex) != XDP_MODE_UNSPEC;
	return bpf_obj_get_info_by_fd(prog->link_fd, &info, &len) != 0 || info.xdp.ifindex != 0;
}

static const struct prog_mode *
prog_mode(const struct xskpmd_prog *prog)
{
	size_t i;

	for (i = 0; i < RTE_DIM(prog_modes) - 1; i++)
		if (prog_modes[i].xdp_mode == prog->xdp_mode)
			break;
	return &prog_modes[i];
}

/* The same program, with the sockets that are in its map: other ports on the interface that
 * still run receive again, too. libxdp cannot attach an object a second time.
 */
static int
prog_attach_again(const struct xskpmd_prog_req *req, struct xskpmd_prog *prog)
{
	const int old_fd = prog->link_fd;
	bool libxdp;
	int ret;

	ret = xskpmd_foreign_check(req, &libxdp);
	if (ret != 0)
		return ret;
	ret = prog->xdp != NULL || libxdp ? -EOPNOTSUPP : attach_by_link(prog, prog_mode(prog));
	if (ret != 0) {
		XSKPMD_LOG(ERR, "%s: somebody has removed the XDP program from %s, and it cannot be put back: "
			   "%s: close all ports on %s and probe them again", req->name, req->ifname,
			   strerror(-ret), req->ifname);
		return ret;
	}
	close(old_fd);
	bpf_xdp_query_id(prog->ifindex, 0, &prog->id);
	XSKPMD_LOG(NOTICE, "%s: put the XDP program back on %s, from which somebody had removed it",
		   req->name, req->ifname);
	return 0;
}

/* ---- registry ---------------------------------------------------------------------------- */

static struct xskpmd_prog *
prog_find(const struct xskpmd_prog_req *req)
{
	struct xskpmd_prog *prog;

	for (prog = registry; prog != NULL; prog = prog->next)
		if (prog->ifindex == req->ifindex && prog->netns.id == req->netns->id)
			return prog;
	return NULL;
}

/** What tells programs apart: the file of a custom one, the map of a foreign one. */
static const char *
req_path(const struct xskpmd_prog_req *req)
{
	return req->map != XSKPMD_PROG_MAP_OWN ? req->map_path : req->path;
}

static int
prog_join(const struct xskpmd_prog_req *req, struct xskpmd_prog *prog)
{
	if (strcmp(prog->path, req_path(req)) != 0) {
		XSKPMD_LOG(ERR, "%s: another port of this application has %s%s on %s already: give "
			   "all ports of one interface the same xdp_prog= or dp_path=", req->name,
			   prog->path[0] == '\0' ? "our own program" :
			   prog->foreign ? "dp_path=" : "xdp_prog=", prog->path, req->ifname);
		return -EBUSY;
	}
	if (!prog_is_attached(prog)) {
		int ret = prog_attach_again(req, prog);

		if (ret != 0)
			return ret;
	}
	prog->refcnt++;
	return 0;
}

static void
prog_free(struct xskpmd_prog *prog)
{
	xskpmd_netns_close(&prog->netns);
	free(prog->path);
	free(prog);
}

/** Use the program that somebody else has attached. */
static int
prog_adopt(const struct xskpmd_prog_req *req, struct xskpmd_prog *prog)
{
	struct xskpmd_foreign_map map;
	int ret = xskpmd_foreign_map(req, &map);

	if (ret != 0)
		return ret;
	prog->foreign = true;
	prog->map_fd = map.fd;
	prog->id = map.prog_id;
	prog->mode = map.mode;
	return 0;
}

/** Load and attach one of ours, or a custom one. */
static int
prog_bring(const struct xskpmd_prog_req *req, struct xskpmd_prog *prog)
{
	char why[128];
	bool libxdp;
	int ret;

	ret = xskpmd_foreign_check(req, &libxdp);
	if (ret == 0 && req->path[0] != '\0') {
		ret = open_custom(req, prog); /* says what is wrong with the file */
		prog_unload(prog);
	}
	if (ret != 0)
		return ret;
	ret = prog_attach(req, prog, libxdp);
	if (ret != 0) {
		XSKPMD_LOG(ERR, "%s: cannot put an XDP program on %s%s: %s: %s", req->name,
			   req->ifname, libxdp ? " by libxdp" : "", error_text(ret, why, sizeof(why)),
			   attach_remedy(-ret));
		return plain_errno(ret);
	}
	bpf_xdp_query_id(prog->ifindex, 0, &prog->id);
	return 0;
}

static int
prog_new(const struct xskpmd_prog_req *req, struct xskpmd_prog **out)
{
	struct xskpmd_prog *prog;
	int ret;

	prog = calloc(1, sizeof(*prog));
	if (prog == NULL)
		return -ENOMEM;
	prog->link_fd = -1;
	prog->map_fd = -1;
	prog->ifindex = req->ifindex;
	prog->refcnt = 1;
	prog->path = strdup(req_path(req));
	ret = xskpmd_netns_dup(&prog->netns, req->netns);
	if (ret == 0 && prog->path == NULL)
		ret = -ENOMEM;
	if (ret == 0)
		ret = req->map != XSKPMD_PROG_MAP_OWN ? prog_adopt(req, prog) : prog_bring(req, prog);
	if (ret != 0) {
		prog_free(prog);
		return ret;
	}
	prog->next = registry;
	registry = prog;
	*out = prog;
	return 0;
}

int
xskpmd_prog_get(const struct xskpmd_prog_req *req, struct xskpmd_prog **out)
{
	struct printers before;
	int back, ret;

	ret = xskpmd_netns_enter(req->netns, &back);
	if (ret != 0) {
		XSKPMD_LOG(ERR, "%s: cannot enter the network namespace of %s: %s: it takes "
			   "CAP_SYS_ADMIN", req->name, req->ifname, strerror(-ret));
		return ret;
	}
	pthread_mutex_lock(&registry_lock);
	before = printers_set(our_printers);
	*out = prog_find(req);
	ret = *out != NULL ? prog_join(req, *out) : prog_new(req, out);
	if (ret != 0)
		*out = NULL; /* what was found is not the caller's */
	printers_set(before);
	pthread_mutex_unlock(&registry_lock);
	xskpmd_netns_leave(back);
	return ret;
}

int
xskpmd_prog_renew(const struct xskpmd_prog_req *req, struct xskpmd_prog *prog)
{
	struct printers before;
	int back, ret;

	ret = xskpmd_netns_enter(req->netns, &back);
	if (ret != 0)
		return ret;
	pthread_mutex_lock(&registry_lock);
	before = printers_set(our_printers);
	if (!prog_is_attached(prog))
		ret = prog_attach_again(req, prog);
	printers_set(before);
	pthread_mutex_unlock(&registry_lock);
	xskpmd_netns_leave(back);
	return ret;
}

static void
prog_detach(struct xskpmd_prog *prog)
{
	struct printers before = printers_set(our_printers);
	int back;

	if (prog->link_fd >= 0)
		close(prog->link_fd);
	if (prog->xdp != NULL && xskpmd_netns_enter(&prog->netns, &back) == 0) {
		xdp_program__detach(prog->xdp, prog->ifindex, prog->xdp_mode, 0);
		xskpmd_netns_leave(back);
	}
	prog_unload(prog);
	printers_set(before);
}

void
xskpmd_prog_put(struct xskpmd_prog *prog)
{
	struct xskpmd_prog **link;

	if (prog == NULL)
		return;
	pthread_mutex_lock(&registry_lock);
	if (--prog->refcnt == 0) {
		for (link = &registry; *link != prog; link = &(*link)->next)
			;
		*link = prog->next;
		prog_detach(prog);
		prog_free(prog);
	}
	pthread_mutex_unlock(&registry_lock);
}

int
xskpmd_prog_insert(struct xskpmd_prog *prog, uint32_t queue, int xsk_fd)
{
	return bpf_map_update_elem(prog->map_fd, &queue, &xsk_fd, BPF_ANY) == 0 ? 0 : -errno;
}

void
xskpmd_prog_delete(struct xskpmd_prog *prog, uint32_t queue)
{
	bpf_map_delete_elem(prog->map_fd, &queue);
}

/* A packet may be judged by a bitmap that is half old and half new, which differ in what was
 * asked to change. The number of filtering queues only decides whether to look at all.
 */
static int
vlan_set_locked(struct xskpmd_prog *prog, uint32_t queue, const uint64_t *vids)
{
	const int map = bpf_map__fd(prog->skel->maps.xskpmd_vlans);
	const int bss = bpf_map__fd(prog->skel->maps.bss);
	struct xskpmd_bpf_vlan vlan;
	uint32_t zero = 0;
	bool was;

	if (bpf_map_lookup_elem(map, &queue, &vlan) != 0)
		return -errno;
	was = vlan.on;
	vlan.on = vids != NULL;
	if (vids != NULL)
		memcpy(vlan.vids, vids, sizeof(vlan.vids));
	if (bpf_map_update_elem(map, &queue, &vlan, BPF_ANY) != 0)
		return -errno;
	prog->vlan_queues += vlan.on - was;
	return bpf_map_update_elem(bss, &zero, &prog->vlan_queues, BPF_ANY) == 0 ? 0 : -errno;
}

int
xskpmd_prog_vlan_set(struct xskpmd_prog *prog, uint32_t queue, const uint64_t *vids)
{
	int ret;

	if (prog->skel == NULL)
		return -ENOTSUP;
	pthread_mutex_lock(&registry_lock);
	ret = vlan_set_locked(prog, queue, vids);
	pthread_mutex_unlock(&registry_lock);
	return ret;
}

void
xskpmd_prog_rxvlan_note(struct xskpmd_prog *prog)
{
	pthread_mutex_lock(&registry_lock);
	prog->rxvlan_found = true;
	pthread_mutex_unlock(&registry_lock);
}

bool
xskpmd_prog_rxvlan_due(struct xskpmd_prog *prog)
{
	bool due;

	pthread_mutex_lock(&registry_lock);
	due = prog->rxvlan_found && prog->vlan_queues == 0;
	prog->rxvlan_found = prog->rxvlan_found && !due;
	pthread_mutex_unlock(&registry_lock);
	return due;
}

/* XDP runs with bottom halves off, which is an RCU read-side section, to the end of the
 * NAPI poll that also wakes the sockets; a global memory barrier waits for all of them.
 */
void
xskpmd_prog_quiesce(void)
{
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) != 0)
		usleep(10000); /* kernels with nohz_full refuse */
}

void
xskpmd_prog_info(const struct xskpmd_prog *prog, struct xskpmd_prog_info *info)
{
	*info = (struct xskpmd_prog_info){
		.id = prog->id,
		.mode = prog->mode,
		.attach = prog->foreign ? "by others" : prog->xdp != NULL ? "libxdp" : "bpf_link",
		.frags = prog->frags,
		.custom = prog->path[0] != '\0',
	};
}
