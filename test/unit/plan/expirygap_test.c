/* SPDX-License-Identifier: ISC */
/* Which gaps behind pinned backups expiry made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "plan/expirygap.h"
#include "timelines.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define SEG	((uint64_t)1 << 20)

/*
 * Pinned are a backup of segments 10 and 11 and one of segments 14 and 15, of
 * timeline 1, which timeline 2 left in segment 18.
 */
static const struct {
	const char	*what;
	uint64_t	 first, last;	/* the gap */
	int		 begun, pushing;
	struct timelines_wal wal[4];
	uint32_t	 tli;		/* whose line is asked about */
	int		 want;
} cases[] = {
	{ "up to a backup", 12, 13, 1, 0, { { 1, 10, 11 }, { 1, 14, 30 } },
	    1, 1 },
	{ "up to nothing", 12, 13, 0, 0, { { 1, 10, 11 }, { 1, 14, 30 } },
	    1, 0 },
	{ "beside a push", 12, 13, 0, 1, { { 1, 10, 11 }, { 1, 14, 30 } },
	    1, 1 },
	{ "behind the other", 16, 20, 0, 1, { { 1, 10, 11 }, { 1, 14, 15 },
	    { 1, 21, 30 } }, 1, 1 },
	{ "not behind a stop", 13, 20, 1, 1, { { 1, 10, 12 },
	    { 1, 21, 30 } }, 1, 0 },
	{ "within a pinned backup", 11, 13, 1, 1, { { 1, 10, 10 },
	    { 1, 14, 30 } }, 1, 0 },
	/* What expiry would not have left. */
	{ "older WAL", 12, 13, 0, 1, { { 1, 9, 11 }, { 1, 14, 30 } }, 1, 0 },
	{ "far older WAL", 12, 13, 0, 1, { { 1, 3, 3 }, { 1, 10, 11 },
	    { 1, 14, 30 } }, 1, 0 },
	{ "WAL between", 16, 20, 0, 1, { { 1, 10, 12 }, { 1, 14, 15 },
	    { 1, 21, 30 } }, 1, 0 },
	{ "older WAL, up to a backup", 12, 13, 1, 1, { { 1, 9, 11 },
	    { 1, 14, 30 } }, 1, 1 },
	/* A branch has a floor of its own. */
	{ "WAL of a branch", 16, 20, 0, 1, { { 1, 10, 11 }, { 1, 14, 15 },
	    { 1, 19, 19 }, { 2, 21, 30 } }, 2, 1 },
	{ "through a switch", 16, 20, 0, 1, { { 1, 10, 11 }, { 1, 14, 15 },
	    { 2, 18, 18 }, { 2, 21, 30 } }, 2, 0 }
};

static void
test_gaps(void **state)
{
	static const struct lineage_backup pinned[] = {
		{ .tli = 1, .start_lsn = 10 * SEG, .stop_lsn = 11 * SEG + 1 },
		{ .tli = 1, .start_lsn = 14 * SEG, .stop_lsn = 16 * SEG }
	};
	struct expirygap	 g = { .segsize = SEG, .pinned = pinned,
	    .n = LEN(pinned) };
	struct timelines	 t;
	size_t			 i;

	(void)state;
	timelines_init(&t);
	(void)timelines_fork(&t, 1, 18 * SEG + 5);
	for (i = 0; i < LEN(cases); i++) {
		struct coverage_set	 set = { 0 };

		timelines_archive(&set, cases[i].wal, LEN(cases[i].wal));
		g.wal = &set;
		g.pushing = cases[i].pushing;
		if (expirygap_is(&g, timelines_history(&t, cases[i].tli),
		    cases[i].first, cases[i].last, cases[i].begun) !=
		    cases[i].want)
			fail_msg("%s", cases[i].what);
		coverage_set_free(&set);
	}
}

/* Whether WAL behind the backup of segments 10 to 11 is gone. */
static const struct {
	const char		*what;
	struct timelines_wal	 wal[3];
	int			 want;
} behind[] = {
	{ "all is there", { { 1, 10, 30 } }, 0 },
	{ "nothing came yet", { { 1, 10, 11 } }, 0 },
	{ "gone", { { 1, 10, 11 }, { 1, 20, 30 } }, 1 },
	{ "a later gap", { { 1, 10, 13 }, { 1, 20, 30 } }, 0 },
	{ "behind another pinned one", { { 1, 10, 12 }, { 1, 20, 30 } }, 1 },
	{ "its own are missing", { { 1, 12, 30 } }, 0 },
	{ "its last, too", { { 1, 10, 10 }, { 1, 20, 30 } }, 0 },
	{ "up to a switch", { { 1, 10, 17 }, { 2, 18, 30 } }, 0 },
	{ "up to another timeline", { { 1, 10, 11 }, { 2, 21, 30 } }, 1 },
	{ "on one of two lines", { { 1, 10, 30 }, { 2, 21, 30 } }, 0 }
};

static void
test_behind(void **state)
{
	const struct lineage_backup	 b = { .tli = 1,
	    .start_lsn = 10 * SEG, .stop_lsn = 12 * SEG };
	const struct lineage_backup	 other = { .tli = 1,
	    .start_lsn = 11 * SEG, .stop_lsn = 13 * SEG };
	struct expirygap		 g = { .segsize = SEG,
	    .pinned = &other, .n = 1 };
	struct err			 e = ERR_INIT;
	struct timelines		 t;
	struct history			 h;
	struct lineage_set		 lines;
	size_t				 i;

	(void)state;
	timelines_init(&t);
	(void)timelines_fork(&t, 1, 18 * SEG + 5);
	h = *timelines_history(&t, 2);
	lines = (struct lineage_set){ &h, 1 };
	for (i = 0; i < LEN(behind); i++) {
		struct coverage_set	 set = { 0 };

		timelines_archive(&set, behind[i].wal, LEN(behind[i].wal));
		g.wal = &set;
		if (expirygap_behind(&g, &lines, &b, &e) !=
		    behind[i].want)
			fail_msg("%s", behind[i].what);
		coverage_set_free(&set);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_behind)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
