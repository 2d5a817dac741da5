/* SPDX-License-Identifier: ISC */
/* WAL that is received: at hand, behind, lost, and not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "check/checkarchiver.h"
#include "check/checkreceive.h"
#include "check/checkrecovery.h"
#include "check/checkserver.h"
#include "check/factrepo.h"
#include "repoenv.h"
#include "testdir.h"

#define SEG	(1U << 20)
#define LSN(n)	((uint64_t)(n) * SEG)
#define S	INT64_C(1000000)
#define OPEN	"wal/00000001/00000000/000000010000000000000006.open-001"

static struct repoenv		 env;
static struct check_conf	 conf;
static struct checkfacts	 f;
static struct checkreport	 r;

/*
 * A primary in segment 6 whose receiver has acknowledged all, without an
 * archiver.  Segments 2 to 5 are stored, and a backup of the first two.
 */
static void
received(void)
{
	size_t	 i;

	memset(&r, 0, sizeof(r));
	memset(&f, 0, sizeof(f));
	memset(&conf, 0, sizeof(conf));
	for (i = 0; i < CHECKLIST_CHECKS; i++)
		conf.limits[i] = checklist_at(i)->limits;
	conf.server = "main";
	conf.slot = "seawall_main";
	conf.sql = 1;
	conf.store = &env.conf;
	conf.key = env.restore;
	r.limits = conf.limits;
	f.conf = &conf;
	f.watched = f.slot_known = 1;
	f.pg.archive = PGFACTS_ARCHIVE_OFF;
	f.pg.segment_size = SEG;
	f.pg.system_id = REPOENV_SYSTEM;
	f.pg.now_us = INT64_C(4000000000) * S;
	f.pg.full_page_writes = 1;
	f.pg.timeline = 1;
	f.pg.wal_lsn = f.watch.lsn = LSN(6) + 1000;
	f.watch.started_us = f.watch.archived_us = f.watch.oldest_us =
	    f.watch.failed_us = INT64_MIN;
	f.watch.listed = 1;
	f.watch.timeline = 1;
	f.has_dir = 1;
	f.wal_free = LSN(100);
	f.slot = (struct slotwatch){ .exists = 1, .physical = 1, .active = 1,
	    .inactive_us = INT64_MIN, .restart_lsn = f.watch.lsn,
	    .position = f.watch.lsn, .acked_lsn = f.watch.lsn };
}

static void
stream(uint64_t segno, size_t n)
{
	repoenv_stream(&env, &(struct repoenv_stream){ .tli = 1,
	    .start = LSN(segno), .number = 1, .n = n });
}

static void
stored(void)
{
	char		 path[128];
	unsigned	 i;

	for (i = 2; i < 6; i++) {
		(void)snprintf(path, sizeof(path), "wal/00000001/00000000/"
		    "0000000100000000%08X", i);
		repoenv_segment(&env, path);
	}
	repoenv_backup(&env, "20261101T000000Z", 1, LSN(2), LSN(4), 600,
	    NULL);
	stream(6, 1000);
}

/* All checks that look at WAL, as "name=status" of those that are findings. */
static const char *
findings(void)
{
	static const enum checklist_id	 id[] = { CHECKLIST_SETTINGS,
	    CHECKLIST_ARCHIVER, CHECKLIST_BACKLOG, CHECKLIST_WAL_SPACE,
	    CHECKLIST_ARCHIVED, CHECKLIST_RECEIVER, CHECKLIST_SLOT,
	    CHECKLIST_RECOVERABLE };
	static char	 text[256];
	struct err	 e = ERR_INIT;
	size_t		 i, n = 0;

	archive_free(f.a);
	f.a = NULL;
	window_free(&f.window);
	evidence_fini(&f.by_list);
	expire_free(f.plan);
	f.plan = NULL;
	catalogue_free(f.cat);
	f.cat = NULL;
	free(f.clusters);
	f.clusters = NULL;
	factrepo_load(&f);
	if (!f.listed)
		fail_msg("%s", f.repo_why.msg);
	checkserver_settings(&f, &r);
	checkarchiver_archiver(&f, &r);
	checkarchiver_backlog(&f, &r);
	checkarchiver_wal_space(&f, &r);
	checkarchiver_archived(&f, &r);
	checkreceive_slot(&f, &r);
	if (checkreceive_receiver(&f, &r, &e) ||
	    checkrecovery_recoverable(&f, &r, &e))
		fail_msg("%s", e.msg);
	text[0] = '\0';
	for (i = 0; i < sizeof(id) / sizeof(id[0]); i++)
		if (health_finding(r.line[id[i]].health)) {
			n += (size_t)snprintf(text + n, sizeof(text) - n,
			    "%s%s=%s", n == 0 ? "" : " ",
			    checklist_at(id[i])->name,
			    health_name(r.line[id[i]].health));
			assert_string_not_equal(r.line[id[i]].cure, "");
		}
	return (text);
}

static int
found(enum checklist_id id, const char *text)
{
	return (strstr(r.line[id].found, text) != NULL);
}

static void
test_well(void **state)
{
	(void)state;
	received();
	stored();
	assert_string_equal(findings(), "");
	assert_true(found(CHECKLIST_RECOVERABLE, "streamed to LSN 0/6003E8"));
	assert_int_equal(r.line[CHECKLIST_RECOVERABLE].figure, 0);
	assert_int_equal(r.line[CHECKLIST_RECEIVER].figure, 0);
	assert_int_equal(r.line[CHECKLIST_ARCHIVED].health, HEALTH_OK);
	assert_true(found(CHECKLIST_SETTINGS, "WAL is received"));
	/* What was left from the days of an archiver is no backlog. */
	f.watch.nready = f.watch.nsegments = 5000;
	f.watch.oldest_us = 0;
	(void)snprintf(f.watch.first, sizeof(f.watch.first),
	    "000000010000000000000001");
	assert_string_equal(findings(), "");
	assert_true(found(CHECKLIST_BACKLOG, "archive_mode is off"));
	/* Nor is it lost what the receiver has not named yet. */
	f.watch.lsn = f.slot.position = LSN(9);
	assert_string_equal(findings(), "");
	assert_int_equal(r.line[CHECKLIST_RECOVERABLE].figure,
	    LSN(3) - 1000);
	f.pg.wal_lsn = LSN(9);
	f.slot_known = 0;
	err_set(&f.slot_why, ERR_PG, "no answer");
	assert_string_equal(findings(), "settings=critical");
	assert_int_equal(r.line[CHECKLIST_SLOT].health, HEALTH_UNKNOWN);
	checkfacts_fini(&f);
}

/* It has left, and the server goes on. */
static void
test_left(void **state)
{
	(void)state;
	received();
	stored();
	f.slot.active = 0;
	f.slot.acked_lsn = 0;
	assert_string_equal(findings(), "receiver=warning");
	assert_false(r.line[CHECKLIST_RECEIVER].known);
	f.watch.lsn = f.pg.wal_lsn = f.slot.position = LSN(20);
	f.wal_free = LSN(100000);
	f.slot.inactive_us = f.pg.now_us - 120 * S;
	assert_string_equal(findings(), "receiver=critical");
	assert_int_equal(r.line[CHECKLIST_RECEIVER].figure, 120);
	f.wal_free = LSN(100);
	assert_string_equal(findings(),
	    "wal-space=critical receiver=critical");
	f.slot.limited = 1;
	f.slot.limit = f.slot.safe = LSN(50);
	assert_string_equal(findings(), "receiver=critical");
	f.slot.safe = LSN(25);
	assert_string_equal(findings(), "receiver=critical slot=warning");
	f.slot.safe = LSN(6);
	assert_string_equal(findings(), "receiver=critical slot=critical");
	f.slot.safe = LSN(50);
	f.slot.unreserved = 1;
	assert_string_equal(findings(), "receiver=critical slot=critical");
	checkfacts_fini(&f);
}

/* Much is kept although it is connected, and where segments are large. */
static void
test_kept(void **state)
{
	(void)state;
	received();
	stored();
	f.slot.position = f.watch.lsn = f.pg.wal_lsn = LSN(2000);
	f.wal_free = LSN(100000);
	assert_string_equal(findings(), "slot=warning");
	f.wal_free = LSN(100);
	assert_string_equal(findings(), "wal-space=warning slot=warning");
	f.slot.lag_us = 70 * S;
	f.wal_free = LSN(100000);
	assert_string_equal(findings(), "receiver=warning slot=warning");
	f.slot.lag_us = 0;
	f.pg.segment_size = 1 << 30;
	checkreceive_slot(&f, &r);
	assert_int_equal(r.line[CHECKLIST_SLOT].health, HEALTH_OK);
	conf.limits[CHECKLIST_SLOT].warn = 5;
	checkreceive_slot(&f, &r);
	assert_int_equal(r.line[CHECKLIST_SLOT].health, HEALTH_WARNING);
	checkfacts_fini(&f);
}

static void
test_slot(void **state)
{
	(void)state;
	received();
	stored();
	f.slot = (struct slotwatch){ .required = 1 };
	assert_string_equal(findings(), "slot=critical");
	assert_true(found(CHECKLIST_SLOT, "the server has no slot"));
	/* The part of a segment says so, too. */
	f.slot.required = 0;
	assert_string_equal(findings(), "slot=critical");
	f.slot = (struct slotwatch){ .exists = 1, .lost = 1, .physical = 1 };
	assert_string_equal(findings(), "slot=critical");
	assert_true(found(CHECKLIST_SLOT, "has given"));
	f.slot = (struct slotwatch){ .exists = 1 };
	assert_string_equal(findings(), "slot=critical");
	assert_true(found(CHECKLIST_SLOT, "a logical one"));
	f.slot_known = 0;
	err_set(&f.slot_why, ERR_CONFIG, "slot: found \"A\"");
	checkreceive_slot(&f, &r);
	assert_int_equal(r.line[CHECKLIST_SLOT].health, HEALTH_CRITICAL);
	checkfacts_fini(&f);
}

/* Whether WAL is to be received is told by several things, and by none. */
static void
test_not_used(void **state)
{
	(void)state;
	received();
	stored();
	assert_int_equal(unlink(testdir_path(repoenv_file(OPEN))), 0);
	f.slot = (struct slotwatch){ .exists = 0 };
	assert_string_equal(findings(), "settings=critical");
	assert_true(found(CHECKLIST_SLOT, "not used"));
	assert_true(found(CHECKLIST_RECEIVER, "not used"));
	f.watch.lsn = f.pg.wal_lsn = LSN(9);
	assert_string_equal(findings(), "settings=critical");
	f.slot.required = 1;
	assert_string_equal(findings(), "slot=critical");
	f.slot.required = 0;
	conf.slot_set = 1;
	assert_string_equal(findings(), "slot=critical");
	f.pg.in_recovery = 1;
	assert_string_equal(findings(), "");
	f.pg.in_recovery = conf.slot_set = 0;
	f.seen = (struct receivestate){ REPOENV_SYSTEM, 1, LSN(5) };
	assert_string_equal(findings(), "slot=critical");
	f.seen.system_id++;
	assert_string_equal(findings(), "settings=critical");
	/* Where it is archived a part that was left behind says nothing. */
	stream(4, 1000);
	f.pg.archive = PGFACTS_ARCHIVE_ON;
	(void)snprintf(f.watch.command, sizeof(f.watch.command),
	    "wal-push %%p");
	(void)snprintf(f.watch.first, sizeof(f.watch.first),
	    "000000010000000000000006");
	assert_string_equal(findings(), "");
	assert_true(found(CHECKLIST_SLOT, "not used"));
	checkfacts_fini(&f);
}

/* The server was told that it is there. */
static void
test_acknowledged(void **state)
{
	(void)state;
	received();
	stored();
	f.slot.acked_lsn = LSN(6) + 1001;
	assert_string_equal(findings(), "receiver=critical");
	assert_true(found(CHECKLIST_RECEIVER, "WAL until LSN 0/6003E9 was "
	    "acknowledged, and the repository has it until 0/6003E8"));
	f.slot.acked_lsn = LSN(5) + 77;
	assert_string_equal(findings(), "");
	f.seen = (struct receivestate){ REPOENV_SYSTEM, 1, LSN(6) + 1001 };
	assert_string_equal(findings(), "receiver=critical");
	f.seen.tli = 2;			/* a line that was left */
	assert_string_equal(findings(), "");
	f.seen.tli = 1;
	f.seen.lsn = LSN(6);		/* just begun */
	assert_string_equal(findings(), "");
	f.slot.acked_lsn = LSN(7) + 1;
	assert_string_equal(findings(), "receiver=critical");
	/* An object that is refused is another matter. */
	f.slot.acked_lsn = LSN(6) + 1000;
	repoenv_object(&env,
	    "wal/00000001/00000000/000000010000000000000006.open-002",
	    "no open object, and long enough for a header to be seen");
	assert_string_equal(findings(), "recoverable=warning");
	checkfacts_fini(&f);
}

#define TEST(f)	cmocka_unit_test_prestate_setup_teardown(f,		\
		    repoenv_setup_marked, repoenv_teardown, &env)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		TEST(test_well),
		TEST(test_left),
		TEST(test_kept),
		TEST(test_slot),
		TEST(test_not_used),
		TEST(test_acknowledged)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
