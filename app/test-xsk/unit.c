/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The net_xskpmd authors
 */

#include <sched.h>
#include <stddef.h>
#include <unistd.h>

#if defined(__has_include) && __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#endif

#include <rte_common.h>
#include <rte_errno.h>

#include "tool.h"
#include "unit.h"

const struct xt_pool_form unit_pool_forms[NB_UNIT_POOLS] = {
	[POOL_DEFAULT] = {.data_room = RTE_MBUF_DEFAULT_BUF_SIZE, .pieces = 1},
	[POOL_2048] = {.stride = 2048, .packed = true, .pieces = 1},
	[POOL_4096] = {.stride = 4096, .packed = true, .pieces = 1},
	[POOL_BIG] = {.data_room = 9216 + RTE_PKTMBUF_HEADROOM, .packed = true, .pieces = 1},
	[POOL_PIECES] = {.data_room = RTE_MBUF_DEFAULT_BUF_SIZE, .priv = 200, .packed = true,
		.pieces = 3, .gap = 1 << 16},
};

const char *const unit_pool_names[NB_UNIT_POOLS] = {
	[POOL_DEFAULT] = "default",
	[POOL_2048] = "aligned 2048",
	[POOL_4096] = "aligned 4096",
	[POOL_BIG] = "data room 9216",
	[POOL_PIECES] = "three pieces",
};

int
cmd_unit(int argc, char **argv)
{
	static const struct xt_case *const suites[] = {
		unit_addr_cases, unit_umem_cases, unit_devargs_cases, unit_rx_cases,
		unit_tx_cases, unit_shape_cases, unit_kick_cases, unit_soak_cases,
		unit_xsk_cases, unit_net_cases, NULL,
	};

	return xt_run("unit", suites, NULL, argc, argv);
}

void
unit_eal(void)
{
	static const char *const small[] = {"-m", "64", NULL};
	cpu_set_t cpus;

	/* EAL ties this process to CPU 0, where cases that run at the same time would meet. */
	CHECK_OK(sched_getaffinity(0, sizeof(cpus), &cpus), "CPU affinity");
	CHECK_INT(xt_eal_init_with(small), >=, 0, "rte_eal_init (rte_errno %d)", rte_errno);
	sched_setaffinity(0, sizeof(cpus), &cpus);
}

bool
unit_on_valgrind(void)
{
	return RUNNING_ON_VALGRIND;
}

unsigned int
unit_less(unsigned int n, unsigned int by)
{
	return unit_on_valgrind() ? RTE_MAX(n / by, 1u) : n;
}

uint32_t
unit_rand(void)
{
	static uint64_t x = 88172645463325252u;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return x >> 16;
}

uint32_t
unit_below(uint32_t n)
{
	return (uint64_t)unit_rand() * n >> 32;
}

struct rte_mempool *
unit_pool(enum unit_pool kind, unsigned int n)
{
	struct xt_pool_form form = unit_pool_forms[kind];

	form.n = n;
	return xt_pool_form(&form);
}

void
unit_pool_free(struct rte_mempool *pool)
{
	xt_pool_forget(pool);
	rte_mempool_free(pool);
}

void
unit_kernel_takes(const struct xskpmd_umem_geom *g)
{
	const uint32_t chunk = g->chunk_size;

	CHECK_INT(g->area % 4096, ==, 0, "area within its page");
	CHECK(chunk >= 2048 && chunk <= 4096, "chunk of %u", chunk);
	if (!g->unaligned) {
		CHECK((chunk & (chunk - 1)) == 0, "aligned chunk of %u", chunk);
		CHECK_INT(g->area_len % chunk, ==, 0, "rest of the area behind whole chunks");
	}
	CHECK_INT(g->headroom, <=, KERNEL_HEADROOM_MAX(chunk), "headroom in a chunk of %u", chunk);
	CHECK_INT(g->room, ==, chunk - KERNEL_HEADROOM - g->headroom, "bytes received in a chunk");
}
