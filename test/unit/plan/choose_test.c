/* SPDX-License-Identifier: ISC */
/* Choice of a backup: refusals in words, and random trees against a model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "plan/choose.h"
#include "timelines.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define CASES	50000
#define BACKUPS	8
#define SEC	INT64_C(1000000)

/* Timeline 2 left 1 at 0/100 after "b"; "c" is on what 1 wrote later. */
static const struct lineage_backup backups[] = {
	{ "c", 300 * SEC, 310 * SEC, 0x200, 0x210, 1, 0, 0 },
	{ "a", 100 * SEC, 110 * SEC, 0x10, 0x20, 1, 0, 0 },
	{ "b", 200 * SEC, 210 * SEC, 0x80, 0x90, 1, 0, 0 },
	{ "d", 400 * SEC, 410 * SEC, 0x180, 0x190, 2, 0, 0 }
};

static void
test_table(void **state)
{
	static const struct {
		struct choose_target	 t;
		const char		*id;
		uint32_t		 tli;
	} good[] = {
		{ { .kind = CHOOSE_END }, "d", 2 },
		{ { .kind = CHOOSE_END, .backup = "latest" }, "d", 2 },
		{ { .kind = CHOOSE_END, .backup = "a" }, "a", 2 },
		{ { .kind = CHOOSE_XID }, "d", 2 },
		{ { .kind = CHOOSE_NAME, .backup = "b" }, "b", 2 },
		{ { .kind = CHOOSE_IMMEDIATE }, "d", 2 },
		{ { .kind = CHOOSE_IMMEDIATE, .backup = "c" }, "c", 1 },
		{ { .kind = CHOOSE_TIME, .time_us = 410 * SEC }, "b", 2 },
		{ { .kind = CHOOSE_TIME, .time_us = 410 * SEC + 1 }, "d",
		    2 },
		{ { .kind = CHOOSE_TIME, .time_us = 350 * SEC,
		    .line = CHOOSE_LINE_CURRENT }, "c", 1 },
		{ { .kind = CHOOSE_TIME, .time_us = 350 * SEC,
		    .line = CHOOSE_LINE_NUMBER, .tli = 1 }, "c", 1 },
		{ { .kind = CHOOSE_END, .line = CHOOSE_LINE_NUMBER,
		    .tli = 1 }, "c", 1 },
		{ { .kind = CHOOSE_END, .backup = "a",
		    .line = CHOOSE_LINE_CURRENT }, "a", 1 },
		{ { .kind = CHOOSE_LSN, .lsn = 0x20 }, "a", 2 },
		{ { .kind = CHOOSE_LSN, .lsn = 0x18f }, "b", 2 },
		{ { .kind = CHOOSE_LSN, .lsn = 0x190 }, "d", 2 }
	};
	static const struct {
		struct choose_target	 t;
		const char		*msg;
	} bad[] = {
		{ { .kind = CHOOSE_TIME, .time_us = 110 * SEC },
		    "target time 1970-01-01T00:01:50Z does not lie after the "
		    "end of the first backup a; it can reach any time after "
		    "1970-01-01T00:01:50Z" },
		{ { .kind = CHOOSE_LSN, .lsn = 0x1f }, "target LSN 0/1F lies "
		    "before the end of the first backup a; the earliest that "
		    "it can reach is 0/20" },
		{ { .kind = CHOOSE_LSN, .lsn = 0x185, .backup = "d" },
		    "target LSN 0/185 lies before the end of backup d; the "
		    "earliest that it can reach is 0/190" },
		{ { .kind = CHOOSE_END, .backup = "c" }, "backup c ended at "
		    "0/210 of timeline 1, which is not in the past of "
		    "timeline 2; to stay on its own timeline, give target "
		    "timeline 1" },
		{ { .kind = CHOOSE_END, .backup = "x\n" },
		    "there is no backup x?; the newest is d" },
		{ { .kind = CHOOSE_END, .line = CHOOSE_LINE_NUMBER,
		    .tli = 3 }, "timeline 3 is not in the repository; the "
		    "latest is 2" }
	};
	struct timelines	 t;
	struct choose_result	 r;
	struct err		 e = ERR_INIT;
	size_t			 i;

	(void)state;
	timelines_init(&t);
	(void)timelines_fork(&t, 1, 0x100);
	for (i = 0; i < LEN(good); i++) {
		if (choose_backup(backups, LEN(backups), &t.lines,
		    &good[i].t, &r, &e) == -1)
			fail_msg("case %zu: %s", i, e.msg);
		assert_string_equal(backups[r.index].id, good[i].id);
		assert_int_equal(r.tli, good[i].tli);
	}
	for (i = 0; i < LEN(bad); i++) {
		assert_int_equal(choose_backup(backups, LEN(backups),
		    &t.lines, &bad[i].t, &r, &e), -1);
		assert_int_equal(e.kind, ERR_ABSENT);
		assert_string_equal(e.msg, bad[i].msg);
		err_clear(&e);
	}
	/* Only what lies on the branch that was left. */
	assert_int_equal(choose_backup(backups, 1, &t.lines, &good[0].t, &r,
	    &e), -1);
	assert_string_equal(e.msg, "the newest backup c ended at 0/210 of "
	    "timeline 1, which is not in the past of timeline 2; to stay on "
	    "its own timeline, give target timeline 1");
	err_clear(&e);
	assert_int_equal(choose_backup(NULL, 0, &t.lines, &good[0].t, &r,
	    &e), -1);
	assert_string_equal(e.msg, "there is no backup");
}

/*
 * Transactions: "a" is of an earlier version, "b" a primary's, "c" a
 * standby's, "d" a primary's again.
 */
static void
test_xid(void **state)
{
	static const struct lineage_backup	 all[] = {
		{ "d", 40, 41, 0x40, 0x41, 1, 900, 920 },
		{ "b", 20, 21, 0x20, 0x21, 1, 700, 720 },
		{ "a", 10, 11, 0x10, 0x11, 1, 0, 0 },
		{ "c", 30, 31, 0x30, 0x31, 1, 0, 800 },
		{ "x", 50, 51, 0x50, 0x51, 2, 100, 100 }
	};
	static const struct {
		size_t		 from, n;
		uint64_t	 xid;
		const char	*backup, *id;	/* NULL: refused */
		enum xidspan	 span;
	} rows[] = {
		/* The newest that ended before. */
		{ 0, 5, 920, NULL, "d", XIDSPAN_LATER },
		{ 0, 5, 99999, "latest", "d", XIDSPAN_LATER },
		{ 0, 5, 919, NULL, "c", XIDSPAN_LATER },
		{ 0, 5, 799, NULL, "b", XIDSPAN_LATER },
		{ 0, 5, 720, NULL, "b", XIDSPAN_LATER },
		/* Only "a", of which nothing is known, can serve. */
		{ 0, 5, 719, NULL, "a", XIDSPAN_UNKNOWN },
		{ 0, 5, 3, NULL, "a", XIDSPAN_UNKNOWN },
		/* Without it: the first that may serve, or none. */
		{ 0, 2, 719, NULL, "b", XIDSPAN_BEGUN },
		{ 0, 2, 700, NULL, "b", XIDSPAN_BEGUN },
		{ 0, 2, 699, NULL, NULL, XIDSPAN_ENDED },
		/* Named. */
		{ 0, 5, 910, "d", "d", XIDSPAN_BEGUN },
		{ 0, 5, 899, "d", NULL, XIDSPAN_ENDED },
		{ 0, 5, 5, "c", "c", XIDSPAN_BEGUN },
		{ 0, 5, 5, "a", "a", XIDSPAN_UNKNOWN }
	};
	struct choose_target	 g = { .kind = CHOOSE_XID,
	    .line = CHOOSE_LINE_NUMBER, .tli = 1 };
	struct timelines	 t;
	struct choose_result	 r;
	struct err		 e = ERR_INIT;
	size_t			 i;
	int			 rc;

	(void)state;
	timelines_init(&t);
	for (i = 0; i < LEN(rows); i++) {
		g.xid = rows[i].xid;
		g.backup = rows[i].backup;
		err_clear(&e);
		rc = choose_backup(all + rows[i].from, rows[i].n, &t.lines,
		    &g, &r, &e);
		if ((rc == 0) != (rows[i].id != NULL))
			fail_msg("row %zu: %s", i, e.msg);
		if (g.backup != NULL && rc == -1)
			assert_string_equal(e.msg, "transaction 899 had ended "
			    "before the end of backup d, 1970-01-01T00:00:00."
			    "000041Z; recovery from there cannot stop at it");
		if (rc == 0) {
			assert_string_equal(all[rows[i].from + r.index].id,
			    rows[i].id);
			assert_int_equal(r.xidspan, rows[i].span);
		}
	}
}

static int
serves(const struct timelines *t, const struct lineage_backup *b,
    const struct choose_target *g, uint32_t tli)
{
	if (tli != 0 && timelines_writer(t, tli, b->stop_lsn - 1) != b->tli)
		return (0);
	return ((g->kind != CHOOSE_TIME || b->stop_us < g->time_us) &&
	    (g->kind != CHOOSE_LSN || b->stop_lsn <= g->lsn));
}

static void
one_case(uint64_t seed)
{
	struct timelines	 t;
	struct lineage_backup	 v[BACKUPS];
	struct choose_target	 g = { .kind = CHOOSE_END };
	struct choose_result	 r;
	struct err		 e = ERR_INIT;
	uint64_t		 x = seed * 2654435761u + 1;
	uint32_t		 tli;
	size_t			 i, n, want = 0;
	int			 rc;

	timelines_random(&t, &x);
	n = timelines_rand(&x, BACKUPS + 1);
	for (i = 0; i < n; i++) {
		tli = 1 + (uint32_t)timelines_rand(&x, t.n);
		v[i] = (struct lineage_backup){ .id = "x", .tli = tli };
		v[i].start_lsn = t.begin[tli] + timelines_rand(&x, 300);
		v[i].stop_lsn = v[i].start_lsn + 1 + timelines_rand(&x, 30);
		v[i].stop_us = (int64_t)(v[i].stop_lsn * 3 +
		    timelines_rand(&x, 200));
	}
	g.kind = (enum choose_kind)timelines_rand(&x, 6);
	g.line = (enum choose_line)timelines_rand(&x, 4);
	g.tli = 1 + (uint32_t)timelines_rand(&x, t.n);
	g.lsn = timelines_rand(&x, TIMELINES_SPAN);
	g.time_us = (int64_t)timelines_rand(&x, 3 * TIMELINES_SPAN);
	tli = g.line == CHOOSE_LINE_NUMBER ? g.tli :
	    g.line == CHOOSE_LINE_CURRENT ||
	    (g.line == CHOOSE_LINE_DEFAULT && g.kind == CHOOSE_IMMEDIATE) ?
	    0 : (uint32_t)t.n;
	rc = choose_backup(v, n, &t.lines, &g, &r, &e);
	for (i = 0; i < n; i++)
		want += serves(&t, &v[i], &g, tli) != 0;
	if ((rc == 0) != (want > 0))
		fail_msg("seed %llu: %zu serve, %s",
		    (unsigned long long)seed, want, e.msg);
	for (i = 0; rc == 0 && i < n; i++)
		if (!serves(&t, &v[r.index], &g, tli) ||
		    (serves(&t, &v[i], &g, tli) &&
		    (tli == 0 ? v[i].stop_us > v[r.index].stop_us :
		    v[i].stop_lsn > v[r.index].stop_lsn)))
			fail_msg("seed %llu: %zu, not %zu",
			    (unsigned long long)seed, r.index, i);
	if (rc == 0)
		assert_int_equal(r.tli, tli == 0 ? v[r.index].tli : tli);
	else
		assert_int_equal(e.kind, ERR_ABSENT);
}

static void
test_random(void **state)
{
	uint64_t	 seed;

	(void)state;
	for (seed = 1; seed <= CASES; seed++)
		one_case(seed);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_xid),
		cmocka_unit_test(test_random)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
