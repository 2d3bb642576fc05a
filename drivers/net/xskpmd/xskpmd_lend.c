/* SPDX-License-Identifier: BSD-3-Clause */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_memzone.h>
#include <rte_version.h>

#include "xskpmd_ethdev.h"
#include "xskpmd_lend.h"
#include "xskpmd_logs.h"
#include "xskpmd_mp.h"

#define LEND_ZONE "xskpmd_lend"

/** How long the primary waits for the others, ms. */
#define WAIT_MS 2000

/** After so many the ones that do not poll are told, ms. */
#define TELL_MS 1

uint64_t
xskpmd_lend_layout(void)
{
	const uint64_t sizes[] = {
		RTE_VERSION, sizeof(struct xskpmd_port), sizeof(struct xskpmd_pair), sizeof(struct xskpmd_rxq),
		sizeof(struct xskpmd_txq), sizeof(struct xskpmd_wrap_rxq), sizeof(struct xskpmd_wrap_txq),
	};
	uint64_t hash = 14695981039346656037ull; /* FNV-1a, of words */
	struct stat st = { 0 };
	size_t i;

	for (i = 0; i < RTE_DIM(sizes); i++)
		hash = (hash ^ sizes[i]) * 1099511628211ull;
	/* Whether a holder lives is asked by its process id. */
	if (stat("/proc/self/ns/pid", &st) == 0)
		hash = (hash ^ st.st_ino) * 1099511628211ull;
	return hash | 1; /* never 0 */
}

/* Found once: EAL's thread for messages, which asks, must not wait for the lock of the memzones. Who has
 * that may be waiting for this thread, to get more memory.
 */
static struct xskpmd_lend *lends;

struct xskpmd_lend *
xskpmd_lend_of(uint16_t port_id)
{
	return lends != NULL ? &lends[port_id] : NULL;
}

struct xskpmd_lend *
xskpmd_lend_find(uint16_t port_id)
{
	const struct rte_memzone *zone = lends == NULL ? rte_memzone_lookup(LEND_ZONE) : NULL;

	if (zone != NULL)
		lends = zone->addr;
	return xskpmd_lend_of(port_id);
}

int
xskpmd_lend_begin(uint16_t port_id)
{
	struct xskpmd_lend *lend;

	if (xskpmd_lend_find(port_id) == NULL) {
		const struct rte_memzone *zone = rte_memzone_reserve(LEND_ZONE,
				RTE_MAX_ETHPORTS * sizeof(*lend), SOCKET_ID_ANY, 0);

		if (zone == NULL)
			return -ENOMEM;
		memset(zone->addr, 0, RTE_MAX_ETHPORTS * sizeof(*lend));
		lends = zone->addr;
	}
	lend = xskpmd_lend_of(port_id);
	lend->serial++;
	lend->layout = xskpmd_lend_layout();
	return 0;
}

void
xskpmd_lend_end(uint16_t port_id)
{
	struct xskpmd_lend *lend = xskpmd_lend_of(port_id);

	if (lend != NULL)
		lend->layout = 0;
}

void
xskpmd_lend_open(uint16_t port_id)
{
	struct xskpmd_lend *lend = xskpmd_lend_of(port_id);

	if (lend != NULL && lend->epoch % 2 == 0)
		__atomic_add_fetch(&lend->epoch, 1, __ATOMIC_SEQ_CST);
}

/** Whether a process has ended; one that nobody has waited for yet holds nothing, either. */
static bool
is_dead(pid_t pid)
{
	struct pollfd pfd = { .events = POLLIN };
	bool ended;

	pfd.fd = syscall(SYS_pidfd_open, pid, 0); /* Linux 5.3 */
	if (pfd.fd < 0)
		return kill(pid, 0) != 0 && errno == ESRCH;
	ended = poll(&pfd, 1, 0) == 1;
	close(pfd.fd);
	return ended;
}

/** Whether a living process has rings mapped; those that died are forgotten. */
static bool
is_held(struct xskpmd_lend *lend)
{
	bool held = false;
	size_t i;

	for (i = 0; i < XSKPMD_HOLDERS_MAX; i++) {
		int32_t pid = __atomic_load_n(&lend->holders[i], __ATOMIC_SEQ_CST);

		if (pid != 0 && is_dead(pid))
			__atomic_compare_exchange_n(&lend->holders[i], &pid, 0, false, __ATOMIC_SEQ_CST,
						    __ATOMIC_SEQ_CST);
		else
			held |= pid != 0;
	}
	return held;
}

bool
xskpmd_lend_close(uint16_t port_id)
{
	struct xskpmd_lend *lend = xskpmd_lend_of(port_id);
	unsigned int ms;

	if (lend == NULL)
		return true;
	if (lend->epoch % 2 == 0) /* waited for before */
		return !is_held(lend);
	__atomic_add_fetch(&lend->epoch, 1, __ATOMIC_SEQ_CST);
	for (ms = 0; ms < WAIT_MS && is_held(lend); ms++) {
		if (ms == TELL_MS)
			xskpmd_mp_tell_release(port_id);
		rte_delay_us_sleep(1000);
	}
	return ms < WAIT_MS;
}

/** Take a free place, or one that is left of an earlier process with our id. */
static bool
take_place(struct xskpmd_lend *lend)
{
	const int32_t pid = getpid();
	int32_t expected;
	size_t i;

	for (i = 0; i < XSKPMD_HOLDERS_MAX; i++) {
		expected = 0;
		if (__atomic_compare_exchange_n(&lend->holders[i], &expected, pid, false, __ATOMIC_SEQ_CST,
						__ATOMIC_SEQ_CST) || expected == pid)
			return true;
	}
	return false;
}

int
xskpmd_lend_claim(struct xskpmd_lend *lend, uint32_t epoch)
{
	/* The second time without the dead. */
	if (!take_place(lend) && (is_held(lend), !take_place(lend)))
		return -ENOSPC;
	if (epoch % 2 == 1 && __atomic_load_n(&lend->epoch, __ATOMIC_SEQ_CST) == epoch)
		return 0;
	xskpmd_lend_drop(lend);
	return -ENOTCONN;
}

void
xskpmd_lend_drop(struct xskpmd_lend *lend)
{
	size_t i;

	for (i = 0; i < XSKPMD_HOLDERS_MAX; i++)
		if (lend->holders[i] == getpid()) {
			__atomic_store_n(&lend->holders[i], 0, __ATOMIC_SEQ_CST);
			return;
		}
}
