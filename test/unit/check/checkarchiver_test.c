/* SPDX-License-Identifier: ISC */
/* A server's WAL: idle for a month, busy, broken, hung, and lied to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "check/checkarchiver.h"
#include "check/factrepo.h"
#include "repoenv.h"
#include "testdir.h"

#define NOW	INT64_C(1800000000000000)
#define S	INT64_C(1000000)
#define DAY	(86400 * S)
#define MB	((uint64_t)1 << 20)

static struct repoenv		 env;
static struct check_conf	 conf;
static struct checkfacts	 f;
static struct checkreport	 r;

/* A primary that archived a month ago, and has nothing to archive. */
static void
idle_server(void)
{
	size_t	 i;

	memset(&r, 0, sizeof(r));
	memset(&f, 0, sizeof(f));
	for (i = 0; i < CHECKLIST_CHECKS; i++)
		conf.limits[i] = checklist_at(i)->limits;
	conf.server = "main";
	conf.sql = 1;
	r.limits = conf.limits;
	f.conf = &conf;
	f.watched = 1;
	f.pg.archive = PGFACTS_ARCHIVE_ON;
	f.pg.segment_size = 1 << 20;
	f.pg.system_id = REPOENV_SYSTEM;
	f.pg.now_us = NOW;
	f.watch.started_us = NOW - 90 * DAY;
	f.watch.archived_us = NOW - 31 * DAY;
	f.watch.failed_us = f.watch.oldest_us = INT64_MIN;
	f.watch.listed = 1;
	f.watch.timeline = 1;
	f.watch.lsn = 12 * MB + 5;
	f.has_dir = 1;
	f.wal_free = 100 * MB;
}

/* "n" segments wait since so many seconds. */
static void
waiting(uint64_t n, int64_t seconds)
{
	f.watch.nready = f.watch.nsegments = n;
	f.watch.oldest_us = NOW - seconds * S;
}

static void
fails(int64_t seconds)
{
	(void)snprintf(f.watch.failed, sizeof(f.watch.failed),
	    "00000001000000000000000A");
	f.watch.failed_us = NOW - seconds * S;
}

static enum health
judge(enum checklist_id id)
{
	checkarchiver_archiver(&f, &r);
	checkarchiver_backlog(&f, &r);
	checkarchiver_wal_space(&f, &r);
	return (r.line[id].health);
}

static void
test_idle(void **state)
{
	(void)state;
	idle_server();
	assert_int_equal(judge(CHECKLIST_ARCHIVER), HEALTH_OK);
	assert_int_equal(judge(CHECKLIST_BACKLOG), HEALTH_OK);
	assert_int_equal(judge(CHECKLIST_WAL_SPACE), HEALTH_OK);
	assert_false(r.line[CHECKLIST_WAL_SPACE].known);
	f.pg.in_recovery = 1;
	waiting(50, 5000);
	assert_int_equal(judge(CHECKLIST_ARCHIVER), HEALTH_OK);
	assert_non_null(strstr(r.line[CHECKLIST_ARCHIVER].found, "standby"));
}

static void
test_broken(void **state)
{
	(void)state;
	idle_server();
	waiting(1, 3);
	fails(2);
	assert_int_equal(judge(CHECKLIST_ARCHIVER), HEALTH_WARNING);
	waiting(30, 120);
	assert_int_equal(judge(CHECKLIST_ARCHIVER), HEALTH_CRITICAL);
	assert_int_equal(r.line[CHECKLIST_ARCHIVER].figure, 120);
	assert_non_null(strstr(r.line[CHECKLIST_ARCHIVER].found,
	    "failed on 00000001000000000000000A"));
	/* 30 MiB came in 2 minutes, and 100 MiB are left. */
	assert_int_equal(r.line[CHECKLIST_WAL_SPACE].figure, 6);
	assert_int_equal(r.line[CHECKLIST_WAL_SPACE].health, HEALTH_CRITICAL);
	f.watch.failed[0] = '\0';	/* hung */
	assert_int_equal(judge(CHECKLIST_ARCHIVER), HEALTH_CRITICAL);
	f.watch.listed = 0;
	assert_int_equal(judge(CHECKLIST_BACKLOG), HEALTH_UNKNOWN);
	assert_int_equal(judge(CHECKLIST_WAL_SPACE), HEALTH_UNKNOWN);
}

/* A burst that is being archived is no alarm until it outgrows the disk. */
static void
test_busy(void **state)
{
	(void)state;
	idle_server();
	f.watch.archived_us = NOW - S;
	waiting(90, 300);
	assert_int_equal(judge(CHECKLIST_ARCHIVER), HEALTH_OK);
	assert_int_equal(judge(CHECKLIST_WAL_SPACE), HEALTH_OK);
	waiting(101, 300);
	assert_int_equal(judge(CHECKLIST_WAL_SPACE), HEALTH_WARNING);
	assert_int_equal(judge(CHECKLIST_BACKLOG), HEALTH_OK);
	waiting(1024, 300);
	assert_int_equal(judge(CHECKLIST_BACKLOG), HEALTH_WARNING);
	f.has_dir = 0;
	assert_int_equal(judge(CHECKLIST_WAL_SPACE), HEALTH_UNKNOWN);
}

/* Of 1 GiB each some always wait under load. */
static void
test_large_segments(void **state)
{
	(void)state;
	idle_server();
	f.pg.segment_size = 1 << 30;
	f.wal_free = UINT64_MAX;
	waiting(7, 200);
	f.watch.archived_us = NOW - 200 * S;
	assert_int_equal(judge(CHECKLIST_ARCHIVER), HEALTH_OK);
	assert_int_equal(judge(CHECKLIST_BACKLOG), HEALTH_OK);
	waiting(8, 200);
	assert_int_equal(judge(CHECKLIST_BACKLOG), HEALTH_WARNING);
	conf.limits[CHECKLIST_BACKLOG].warn = 1;
	waiting(1, 200);
	assert_int_equal(judge(CHECKLIST_BACKLOG), HEALTH_WARNING);
}

/* Segments 1 to 9 of timeline 1 are in the repository. */
static void
archive(void)
{
	char		 path[128];
	unsigned	 i;

	for (i = 1; i < 10; i++) {
		(void)snprintf(path, sizeof(path), "wal/00000001/00000000/"
		    "0000000100000000%08X", i);
		repoenv_put(path, "x");
	}
	conf.store = &env.conf;
	conf.key = env.public;
	factrepo_load(&f);
	if (!f.listed)
		fail_msg("%s", f.repo_why.msg);
}

static void
test_archived(void **state)
{
	(void)state;
	idle_server();
	archive();
	f.watch.lsn = 10 * MB;
	checkarchiver_archived(&f, &r);
	assert_int_equal(r.line[CHECKLIST_ARCHIVED].health, HEALTH_OK);
	f.watch.lsn = 13 * MB + 5;	/* 10, 11 and 12 are complete */
	(void)snprintf(f.watch.first, sizeof(f.watch.first),
	    "00000001000000000000000A");
	checkarchiver_archived(&f, &r);
	assert_int_equal(r.line[CHECKLIST_ARCHIVED].health, HEALTH_OK);
	(void)snprintf(f.watch.first, sizeof(f.watch.first),
	    "00000001000000000000000C");
	checkarchiver_archived(&f, &r);
	assert_int_equal(r.line[CHECKLIST_ARCHIVED].health, HEALTH_CRITICAL);
	assert_int_equal(r.line[CHECKLIST_ARCHIVED].figure, 2);
	/* A new timeline, of which nothing is there yet. */
	f.watch.timeline = 2;
	f.watch.first[0] = '\0';
	f.watch.lsn = 10 * MB + 5;
	checkarchiver_archived(&f, &r);
	assert_int_equal(r.line[CHECKLIST_ARCHIVED].health, HEALTH_OK);
	f.watch.lsn = 11 * MB;
	checkarchiver_archived(&f, &r);
	assert_int_equal(r.line[CHECKLIST_ARCHIVED].figure, 1);
	/* Another cluster's segments prove nothing. */
	f.pg.system_id++;
	checkarchiver_archived(&f, &r);
	assert_int_equal(r.line[CHECKLIST_ARCHIVED].health, HEALTH_UNKNOWN);
	checkfacts_fini(&f);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_broken),
		cmocka_unit_test(test_busy),
		cmocka_unit_test(test_large_segments),
		cmocka_unit_test_prestate_setup_teardown(test_archived,
		    repoenv_setup_marked, repoenv_teardown, &env)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
