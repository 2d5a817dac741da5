/* SPDX-License-Identifier: ISC */
/* What backup-verify and a drill left behind, fresh, old, and bad. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "check/checkproof.h"
#include "drill/drillrecord.h"
#include "check/verifyruns.h"
#include "testdir.h"

#define NOW	INT64_C(1800000000000000)
#define DAY	INT64_C(86400000000)
#define ID	"20261122T040001Z"

static struct check_conf	 conf = { .server = "main", .now_us = NOW };
static struct checkfacts	 f = { .conf = &conf };
static struct checkreport	 r;

static int
begin(void **state)
{
	size_t	 i;

	for (i = 0; i < CHECKLIST_CHECKS; i++)
		conf.limits[i] = checklist_at(i)->limits;
	r.limits = conf.limits;
	if (testdir_setup(state))
		return (-1);
	conf.state_dir = testdir_path("state");
	return (mkdir(conf.state_dir, 0700));
}

/* A run that ended so many days ago. */
static void
ran(enum verify_depth depth, int64_t days, const char *backup, int complete,
    uint64_t findings)
{
	struct verifyrun	 run = { .at_us = NOW - days * DAY,
	    .depth = depth, .complete = complete, .findings = findings };
	struct err		 e = ERR_INIT;

	(void)snprintf(run.backup, sizeof(run.backup), "%s", backup);
	if (findings > 0)
		(void)snprintf(run.first, sizeof(run.first), "a pack: gone");
	if (verifyruns_record(conf.state_dir, "main", &run, &e))
		fail_msg("%s", e.msg);
}

static enum health
verified(void)
{
	checkproof_verified(&f, &r);
	return (r.line[CHECKLIST_VERIFIED].health);
}

static int
found(enum checklist_id id, const char *text)
{
	return (strstr(r.line[id].found, text) != NULL);
}

static void
test_verified(void **state)
{
	const enum checklist_id	 id = CHECKLIST_VERIFIED;

	(void)state;
	assert_int_equal(verified(), HEALTH_UNKNOWN);
	ran(VERIFY_QUICK, 0, "", 1, 0);
	assert_int_equal(verified(), HEALTH_UNKNOWN);
	ran(VERIFY_CONTENTS, 34, "", 1, 0);
	assert_int_equal(verified(), HEALTH_OK);
	assert_int_equal(r.line[id].figure, 34);
	assert_true(found(id, "read everything at depth contents"));
	conf.now_us += DAY;
	assert_int_equal(verified(), HEALTH_WARNING);
	conf.now_us += 66 * DAY;
	assert_int_equal(verified(), HEALTH_CRITICAL);
	conf.now_us = 0;		/* a clock that was set back */
	assert_int_equal(verified(), HEALTH_OK);
	conf.now_us = NOW;
	ran(VERIFY_HASHES, 3, ID, 1, 0);
	assert_int_equal(verified(), HEALTH_OK);
	assert_true(found(id, "read backup " ID " at depth hashes"));
}

/* A finding stands until it is looked at again. */
static void
test_findings(void **state)
{
	(void)state;
	ran(VERIFY_HASHES, 9, "", 1, 3);
	assert_int_equal(verified(), HEALTH_CRITICAL);
	assert_true(found(CHECKLIST_VERIFIED,
	    "had 3 findings at depth hashes"));
	assert_true(found(CHECKLIST_VERIFIED, "first: a pack: gone"));
	assert_string_not_equal(r.line[CHECKLIST_VERIFIED].cure, "");
	ran(VERIFY_QUICK, 8, "", 1, 0);
	ran(VERIFY_CONTENTS, 7, ID, 1, 0);
	ran(VERIFY_CONTENTS, 6, "", 0, 0);
	assert_int_equal(verified(), HEALTH_CRITICAL);
	ran(VERIFY_HASHES, 5, "", 1, 0);
	assert_int_equal(verified(), HEALTH_OK);
	/* One that failed on its way has found what it has found. */
	ran(VERIFY_CONTENTS, 4, "", 0, 1);
	assert_int_equal(verified(), HEALTH_CRITICAL);
	ran(VERIFY_CONTENTS, 3, "", 1, 0);
	assert_int_equal(verified(), HEALTH_OK);
	ran(VERIFY_CONTENTS, 2, ID, 1, 1);
	assert_int_equal(verified(), HEALTH_CRITICAL);
	ran(VERIFY_CONTENTS, 1, ID, 1, 0);
	assert_int_equal(verified(), HEALTH_OK);
}

/* The file does not grow, and a finding is what goes last. */
static void
test_bounded(void **state)
{
	struct verifyruns	 runs;
	struct err		 e = ERR_INIT;
	char			 id[LAYOUT_ID];
	unsigned		 i;

	(void)state;
	ran(VERIFY_HASHES, 99, "20260101T000000Z", 1, 1);
	for (i = 0; i < 40; i++) {
		(void)snprintf(id, sizeof(id), "202601%02uT000000Z", i + 2);
		ran(VERIFY_HASHES, 90 - i, id, 1, 0);
	}
	assert_int_equal(verifyruns_load(&runs, conf.state_dir, "main", &e),
	    0);
	assert_int_equal(runs.n, VERIFYRUNS_MOST);
	assert_string_equal(runs.v[0].backup, "20260101T000000Z");
	assert_string_equal(runs.v[VERIFYRUNS_MOST - 1].backup, id);
	for (i = 0; i < 40; i++) {
		(void)snprintf(id, sizeof(id), "202602%02uT000000Z", i);
		ran(VERIFY_HASHES, 9, id, 1, 2);
	}
	assert_int_equal(verifyruns_load(&runs, conf.state_dir, "main", &e),
	    0);
	assert_int_equal(runs.n, VERIFYRUNS_MOST);
	assert_string_equal(runs.v[VERIFYRUNS_MOST - 1].backup, id);
}

static void
test_bad_files(void **state)
{
	static const char *const	 t[] = {
		"", "{", "[]", "{\"version\":1}",
		"{\"version\":2,\"runs\":[]}", "{\"version\":1,\"runs\":[7]}",
		("{\"version\":1,\"runs\":[{\"at_us\":1,\"depth\":\"deep\","
		"\"backup\":null,\"complete\":true,\"findings\":0,"
		"\"first\":\"\"}]}")
	};
	size_t				 i;

	(void)state;
	assert_int_equal(mkdir(testdir_path("state/main"), 0700), 0);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		testdir_text("state/main/verified", t[i]);
		testdir_text("state/main/drilled", t[i]);
		assert_int_equal(verified(), HEALTH_UNKNOWN);
		assert_true(found(CHECKLIST_VERIFIED, "main/verified"));
		checkproof_drill(&f, &r);
		assert_int_equal(r.line[CHECKLIST_DRILL].health,
		    HEALTH_UNKNOWN);
		assert_true(found(CHECKLIST_DRILL, "main/drilled"));
	}
	ran(VERIFY_HASHES, 1, "", 1, 0);
	assert_int_equal(verified(), HEALTH_OK);
	conf.state_dir = NULL;
	assert_int_equal(verified(), HEALTH_UNKNOWN);
	checkproof_drill(&f, &r);
	assert_int_equal(r.line[CHECKLIST_DRILL].health, HEALTH_UNKNOWN);
}

static void
drilled(const char *passed, const char *rpo)
{
	char	 text[512];

	(void)snprintf(text, sizeof(text), "{\"version\":1,\"at_us\":%lld,"
	    "\"passed\":%s,\"backup\":\"" ID "\",\"rpo_s\":%s,\"rto_s\":640,"
	    "\"found\":\"amcheck complained\"}", (long long)(NOW - 9 * DAY),
	    passed, rpo);
	testdir_text("state/main/drilled", text);
	checkproof_drill(&f, &r);
}

static void
test_drill(void **state)
{
	const enum checklist_id	 id = CHECKLIST_DRILL;

	(void)state;
	checkproof_drill(&f, &r);
	assert_int_equal(r.line[id].health, HEALTH_UNKNOWN);
	assert_true(found(id, "no restore was rehearsed"));
	assert_int_equal(mkdir(testdir_path("state/main"), 0700), 0);
	drilled("true", "3");
	assert_int_equal(r.line[id].health, HEALTH_OK);
	assert_int_equal(r.line[id].figure, 9);
	assert_true(found(id, "backup " ID " was restored"));
	assert_true(found(id, "RPO 3 s, RTO 640 s"));
	drilled("true", "null");
	assert_false(found(id, "RPO"));
	drilled("false", "null");
	assert_int_equal(r.line[id].health, HEALTH_CRITICAL);
	assert_true(found(id, "failed"));
	assert_true(found(id, "amcheck complained"));
}

#define TEST(f)	cmocka_unit_test_setup_teardown(f, begin, testdir_teardown)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		TEST(test_verified),
		TEST(test_findings),
		TEST(test_bounded),
		TEST(test_bad_files),
		TEST(test_drill)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
