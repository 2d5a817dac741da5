/* SPDX-License-Identifier: ISC */
/* Whether WAL goes on behind a target, and what to do where it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan/reach.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))

static void
test_judge(void **state)
{
	static const struct {
		struct reach		 r;
		struct choose_target	 t;
		enum reach_verdict	 want;
	} rows[] = {
		/* A time: a transaction must have ended behind it. */
		{ { .ended_us = 101, .sure = 1 },
		    { .kind = CHOOSE_TIME, .time_us = 100 }, REACH_YES },
		{ { .ended_us = 101 },
		    { .kind = CHOOSE_TIME, .time_us = 100 }, REACH_YES },
		{ { .ended_us = 100, .sure = 1 },
		    { .kind = CHOOSE_TIME, .time_us = 100 }, REACH_NO },
		{ { .ended_us = 100 },
		    { .kind = CHOOSE_TIME, .time_us = 100 }, REACH_DOUBT },
		/* Exclusive: one at that very moment will do. */
		{ { .ended_us = 100, .sure = 1 }, { .kind = CHOOSE_TIME,
		    .time_us = 100, .exclusive = 1 }, REACH_YES },
		{ { .ended_us = 99, .sure = 1 }, { .kind = CHOOSE_TIME,
		    .time_us = 100, .exclusive = 1 }, REACH_NO },
		{ { .ended_us = REACH_NEVER, .sure = 1 },
		    { .kind = CHOOSE_TIME, .time_us = 100 }, REACH_NO },
		/* An LSN: a record must begin there or behind it. */
		{ { .record_lsn = 100, .sure = 1 },
		    { .kind = CHOOSE_LSN, .lsn = 100 }, REACH_YES },
		{ { .record_lsn = 100, .sure = 1 }, { .kind = CHOOSE_LSN,
		    .lsn = 100, .exclusive = 1 }, REACH_YES },
		{ { .record_lsn = 100, .sure = 1, .ended_us = 999 },
		    { .kind = CHOOSE_LSN, .lsn = 101 }, REACH_NO },
		{ { .record_lsn = 0, .sure = 1 },
		    { .kind = CHOOSE_LSN, .lsn = 101 }, REACH_NO },
		{ { .record_lsn = 100 },
		    { .kind = CHOOSE_LSN, .lsn = 101 }, REACH_DOUBT },
		/* Nothing is known of the others. */
		{ { .sure = 1 }, { .kind = CHOOSE_XID }, REACH_YES },
		{ { .next_xid = 700, .sure = 1 },
		    { .kind = CHOOSE_XID, .xid = 699 }, REACH_YES },
		{ { .next_xid = 700, .sure = 1 },
		    { .kind = CHOOSE_XID, .xid = 700 }, REACH_NO },
		{ { .next_xid = 700 },
		    { .kind = CHOOSE_XID, .xid = 700 }, REACH_DOUBT },
		/* The epoch does not count, and numbers go in a circle. */
		{ { .next_xid = 700, .sure = 1 }, { .kind = CHOOSE_XID,
		    .xid = UINT64_C(0x300000000) + 699 }, REACH_YES },
		{ { .next_xid = 5, .sure = 1 },
		    { .kind = CHOOSE_XID, .xid = UINT32_MAX }, REACH_YES },
		/* All of the WAL was read, and its end is not in it. */
		{ { .next_xid = 700, .all = 1, .sure = 1 },
		    { .kind = CHOOSE_XID, .xid = 699 }, REACH_NO },
		{ { .next_xid = 700, .all = 1 },
		    { .kind = CHOOSE_XID, .xid = 699 }, REACH_DOUBT },
		{ { .next_xid = 700, .all = 1, .sure = 1, .found = 1 },
		    { .kind = CHOOSE_XID, .xid = 699 }, REACH_YES },
		{ { .next_xid = 700, .all = 1, .sure = 1, .perhaps = 1 },
		    { .kind = CHOOSE_XID, .xid = 699 }, REACH_DOUBT },
		{ { .next_xid = 700, .all = 1, .sure = 1, .perhaps = 1 },
		    { .kind = CHOOSE_XID, .xid = 700 }, REACH_NO },
		/* It had ended, somewhere in older WAL; and perhaps not. */
		{ { .next_xid = 700, .oldest_xid = 690, .sure = 1 },
		    { .kind = CHOOSE_XID, .xid = 689 }, REACH_YES },
		{ { .next_xid = 700, .oldest_xid = 690, .sure = 1 },
		    { .kind = CHOOSE_XID, .xid = 690 }, REACH_DOUBT },
		{ { .sure = 1 }, { .kind = CHOOSE_NAME }, REACH_YES },
		{ { .sure = 1 }, { .kind = CHOOSE_END }, REACH_YES }
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < LEN(rows); i++)
		if (reach_judge(&rows[i].r, &rows[i].t) != rows[i].want)
			fail_msg("row %zu", i);
}

static void
test_cure(void **state)
{
	static const struct {
		struct reach	 r;
		enum choose_kind kind;
		enum reach_cure	 want;
	} rows[] = {
		{ { .ended_us = 9, .ended_lsn = 201 }, CHOOSE_TIME,
		    REACH_CURE_LSN },
		{ { .ended_us = 9, .ended_lsn = 200 }, CHOOSE_TIME,
		    REACH_CURE_LSN },
		/* It ended before the backup did. */
		{ { .ended_us = 9, .ended_lsn = 199 }, CHOOSE_TIME,
		    REACH_CURE_IMMEDIATE },
		{ { .ended_us = REACH_NEVER, .all = 1 }, CHOOSE_TIME,
		    REACH_CURE_IMMEDIATE },
		/* Older WAL may hold one that ended behind the backup. */
		{ { .ended_us = REACH_NEVER }, CHOOSE_TIME, REACH_CURE_END },
		{ { .ended_us = REACH_NEVER, .record_lsn = 200 }, CHOOSE_LSN,
		    REACH_CURE_LSN },
		{ { .ended_us = REACH_NEVER, .record_lsn = 199 }, CHOOSE_LSN,
		    REACH_CURE_END },
		{ { .ended_us = REACH_NEVER }, CHOOSE_LSN, REACH_CURE_END }
	};
	struct choose_target	 t = { .kind = CHOOSE_END };
	size_t			 i;

	(void)state;
	for (i = 0; i < LEN(rows); i++) {
		t.kind = rows[i].kind;
		if (reach_cure(&rows[i].r, &t, 200) != rows[i].want)
			fail_msg("row %zu", i);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_judge),
		cmocka_unit_test(test_cure)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
