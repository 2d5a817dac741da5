/* SPDX-License-Identifier: ISC */
/* Until when a recovery window keeps a backup at least. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "plan/keptuntil.h"
#include "plan/retention.h"

#define DAY	(INT64_C(86400) * 1000000)
#define MB	((uint64_t)1 << 20)
#define N	5

static void
fill(struct lineage_backup *v, char id[N][8], const int *days)
{
	size_t	 i;

	for (i = 0; i < N; i++) {
		(void)snprintf(id[i], 8, "b%zu", i);
		v[i] = (struct lineage_backup){ .id = id[i],
		    .start_us = (days[i] - 1) * DAY,
		    .stop_us = days[i] * DAY, .start_lsn = i * MB,
		    .stop_lsn = i * MB + 1, .tli = 1 };
	}
}

static void
test_table(void **state)
{
	const int		 days[N] = { 3, 1, 9, 5, 5 };
	const struct retention_policy	 week = { .kind = RETENTION_WINDOW,
	    .n = 1, .unit_days = 7 };
	const struct retention_policy	 two = { .kind = RETENTION_REDUNDANCY,
	    .n = 2 };
	struct lineage_backup	 v[N];
	char			 id[N][8];

	(void)state;
	fill(v, id, days);
	assert_int_equal(keptuntil(v, N, 0, &week), 12 * DAY);
	assert_int_equal(keptuntil(v, N, 1, &week), 10 * DAY);
	assert_int_equal(keptuntil(v, N, 2, &week), KEPTUNTIL_OPEN);
	assert_int_equal(keptuntil(v, N, 3, &week), 12 * DAY);
	assert_int_equal(keptuntil(v, N, 4, &week), 12 * DAY);
	assert_int_equal(keptuntil(v, N, 0, &two), KEPTUNTIL_OPEN);
	assert_int_equal(keptuntil(v, 1, 0, &week), KEPTUNTIL_OPEN);
}

/* Whether the planner keeps backup "i" at "now", with "extra" newer ones. */
static int
kept(const struct lineage_backup *v, size_t n, size_t i, int64_t now,
    const struct retention_policy *policy)
{
	struct retention_backup	 b[2 * N];
	struct retention_input	 in = { .v = b, .n = n, .segsize = MB,
	    .policy = *policy, .minimum_redundancy = 1, .now_us = now,
	    .grace = { now, 0 }, .slack_us = DAY };
	struct retention_plan	 plan;
	struct err		 e = ERR_INIT;
	size_t			 k;
	int			 keep;

	memset(b, 0, sizeof(b));
	for (k = 0; k < n; k++)
		b[k].at = v[k];
	if (retention_make(&in, &plan, &e))
		fail_msg("%s", e.msg);
	keep = plan.verdict[i].keep;
	retention_plan_free(&plan);
	return (keep);
}

/* The planner keeps what was promised, whatever is backed up meanwhile. */
static void
test_promise(void **state)
{
	const int		 days[N] = { 10, 11, 14, 18, 19 };
	const struct retention_policy	 week = { .kind = RETENTION_WINDOW,
	    .n = 1, .unit_days = 7 };
	struct lineage_backup	 v[2 * N];
	char			 id[N][8], more[N][8];
	int			 later[N];
	int64_t			 until, day;
	size_t			 i, k;

	(void)state;
	fill(v, id, days);
	for (i = 0; i < N - 1; i++) {
		until = keptuntil(v, N, i, &week);
		for (day = 20; day * DAY <= until; day++) {
			for (k = 0; k < N; k++)
				later[k] = (int)day;
			fill(v + N, more, later);
			assert_true(kept(v, N, i, day * DAY - 1, &week));
			assert_true(kept(v, 2 * N, i, day * DAY - 1, &week));
		}
	}
	/* And not for ever: the promise is no longer than the truth. */
	until = keptuntil(v, N, 3, &week);
	assert_false(kept(v, N, 3, until + DAY, &week));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_promise)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
