/* SPDX-License-Identifier: ISC */
/* Was the target met, by what PostgreSQL says and logs? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "drill/drilltarget.h"

#define MB	UINT64_C(1048576)
#define NOON	INT64_C(1800000000000000)

static struct label		 label = { .wal_segment_size = MB };
static struct basefetch_plan	 plan;
static struct choose_target	 target;
static struct drillconf		 conf;
static struct drillreport	 r;

static enum drillreport_verdict
judge(enum choose_kind kind, const char *stopped)
{
	plan.label = &label;
	conf.plan = &plan;
	conf.target = &target;
	target.kind = kind;
	r.line[DRILLREPORT_TARGET].verdict = DRILLREPORT_UNASKED;
	(void)snprintf(r.log.stopped, sizeof(r.log.stopped), "%s", stopped);
	drilltarget_judge(&r, &conf);
	return (r.line[DRILLREPORT_TARGET].verdict);
}

static void
ok(enum choose_kind kind, const char *stopped)
{
	if (judge(kind, stopped) != DRILLREPORT_OK)
		fail_msg("%s: %s", stopped, r.line[DRILLREPORT_TARGET].found);
}

static void
bad(enum choose_kind kind, const char *stopped)
{
	if (judge(kind, stopped) != DRILLREPORT_FAILED)
		fail_msg("%s: %s", stopped, r.line[DRILLREPORT_TARGET].found);
}

static void
test_least(void **state)
{
	(void)state;
	assert_int_equal(drilltarget_least(5 * MB, MB), 4 * MB);
	assert_int_equal(drilltarget_least(4 * MB + 8193, MB), 4 * MB);
	assert_int_equal(drilltarget_least(4 * MB + 8192, MB), 3 * MB);
	assert_int_equal(drilltarget_least(4 * MB + 1, MB), 3 * MB);
	assert_int_equal(drilltarget_least(100, MB), 0);
	assert_int_equal(drilltarget_least(0, MB), 0);
}

static void
test_end(void **state)
{
	(void)state;
	memset(&r, 0, sizeof(r));
	plan.end = 5 * MB;
	r.lsn = 4 * MB + 1;
	ok(CHOOSE_END, "");
	r.lsn = 5 * MB;
	ok(CHOOSE_END, "");
	r.lsn = 4 * MB;
	bad(CHOOSE_END, "");
	r.lsn = 5 * MB;
	bad(CHOOSE_END, "recovery stopping after reaching consistency");
}

static void
test_time(void **state)
{
	static const char	 stop[] = "recovery stopping before commit of "
	    "transaction 745, time 2027-01-15 08:00:01+00";

	(void)state;
	target = (struct choose_target){ .time_us = NOON };
	r.commit_us = NOON;
	ok(CHOOSE_TIME, stop);
	r.commit_us = NOON + 1;
	bad(CHOOSE_TIME, stop);
	r.commit_us = NOON;
	target.exclusive = 1;
	bad(CHOOSE_TIME, stop);
	r.commit_us = NOON - 1;
	ok(CHOOSE_TIME, stop);
	bad(CHOOSE_TIME, "");
}

static void
test_others(void **state)
{
	(void)state;
	memset(&r, 0, sizeof(r));
	target = (struct choose_target){ .xid = (UINT64_C(3) << 32) + 745,
	    .lsn = 100 };
	ok(CHOOSE_IMMEDIATE, "recovery stopping after reaching consistency");
	bad(CHOOSE_IMMEDIATE, "");
	ok(CHOOSE_XID, "recovery stopping after commit of transaction 745, "
	    "time x");
	bad(CHOOSE_XID, "recovery stopping after commit of transaction 7450, "
	    "time x");
	bad(CHOOSE_XID, "recovery stopping before commit of transaction 745");
	conf.recovery.value = "here";
	ok(CHOOSE_NAME, "recovery stopping at restore point \"here\", time x");
	bad(CHOOSE_NAME, "recovery stopping at restore point \"hereby\"");
	r.lsn = 101;
	ok(CHOOSE_LSN, "recovery stopping after WAL location (LSN) \"0/64\"");
	r.lsn = 100;
	bad(CHOOSE_LSN, "recovery stopping after WAL location (LSN) \"0/64\"");
	target.exclusive = 1;
	ok(CHOOSE_LSN, "recovery stopping before WAL location (LSN) \"0/64\"");
	r.lsn = 101;
	bad(CHOOSE_LSN, "recovery stopping before WAL location (LSN)");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_least),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_others)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
