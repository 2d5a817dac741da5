/* SPDX-License-Identifier: ISC */
/*
 * All checks on a host without SQL, at a time that the test sets: what is right
 * and wrong with a repository, and that one thing turns one check red.
 */
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/io.h"
#include "check/check.h"
#include "repo/layout.h"
#include "repoenv.h"
#include "testdir.h"

#define MB	((uint64_t)1 << 20)
#define HOUR	INT64_C(3600000000)
#define LAST	60		/* segment */
#define BACKUPS	5

/*
 * Five daily backups, of segments 10 and 11, 20 and 21, ...; the last one ended
 * 23 hours ago.
 */
static const char *const	 id[BACKUPS] = {
	"20261101T000000Z", "20261102T000000Z", "20261103T000000Z",
	"20261104T000000Z", "20261105T000000Z"
};

static struct repoenv		 env;
static struct check_conf	 conf;
static struct checkreport	 r;

static const char *
segment(unsigned segno)
{
	static char	 path[128];

	(void)snprintf(path, sizeof(path), "wal/00000001/00000000/"
	    "0000000100000000%08X", segno);
	return (path);
}

static const char *
in_repo(const char *path)
{
	return (testdir_path(repoenv_file(path)));
}

static void
defaults(void)
{
	size_t	 i;

	memset(&conf, 0, sizeof(conf));
	for (i = 0; i < CHECKLIST_CHECKS; i++) {
		conf.wanted[i] = i != CHECKLIST_DEEP;
		conf.limits[i] = checklist_at(i)->limits;
	}
	/* How full this machine's disk is does not matter. */
	conf.limits[CHECKLIST_SPACE].warn = HEALTH_OFF;
	conf.limits[CHECKLIST_SPACE].critical = HEALTH_OFF;
	conf.server = "main";
	conf.store = &env.conf;
	conf.key = env.restore;
	conf.state_dir = conf.agents_dir = testdir_path("seen");
	conf.now_us = clock_now_us();
	conf.expire.minimum_redundancy = 2;
}

static void
whole_repository(void)
{
	unsigned	 i;

	defaults();
	for (i = 10; i <= LAST; i++)
		repoenv_segment(&env, segment(i));
	for (i = 0; i < BACKUPS; i++)
		repoenv_backup(&env, id[i], 1, MB * (i + 1) * 10,
		    MB * ((i + 1) * 10 + 2), 600 + 24 * i, NULL);
	conf.now_us = clock_now_us();	/* whole hours since these */
}

/* The findings, as "name=status name=status". */
static const char *
findings(void)
{
	static char	 text[1024];
	struct err	 e = ERR_INIT;
	size_t		 i, n = 0;

	memset(&r, 0, sizeof(r));
	if (check_run(&r, &conf, &e))
		fail_msg("%s", e.msg);
	text[0] = '\0';
	for (i = 0; i < CHECKLIST_CHECKS; i++)
		if (r.line[i].done && health_finding(r.line[i].health)) {
			n += (size_t)snprintf(text + n, sizeof(text) - n,
			    "%s%s=%s", n == 0 ? "" : " ",
			    checklist_at(i)->name,
			    health_name(r.line[i].health));
			assert_string_not_equal(r.line[i].cure, "");
		}
	return (text);
}

static int
found(enum checklist_id check, const char *text)
{
	return (strstr(r.line[check].found, text) != NULL);
}

static void
test_whole(void **state)
{
	(void)state;
	whole_repository();
	assert_string_equal(findings(), "");
	assert_string_equal(r.server, "main");
	assert_int_equal(r.system_id, REPOENV_SYSTEM);
	assert_true(found(CHECKLIST_RECOVERABLE,
	    "until LSN 0/3D00000 on timeline 1, archived "));
	assert_int_equal(r.line[CHECKLIST_BACKUP_AGE].figure, 23);
	assert_int_equal(r.line[CHECKLIST_REDUNDANCY].figure, BACKUPS);
	assert_int_equal(r.line[CHECKLIST_POSTGRESQL].health, HEALTH_UNKNOWN);
	assert_int_equal(r.line[CHECKLIST_ARCHIVED].health, HEALTH_UNKNOWN);
	assert_int_equal(r.line[CHECKLIST_BACKUP_SIZE].health,
	    HEALTH_UNKNOWN);		/* their sizes are 0 */
	assert_false(r.line[CHECKLIST_DEEP].done);
	/* With a key that reads no history it is the same. */
	conf.key = env.public;
	assert_string_equal(findings(), "");
}

/* Nobody writes for a month: nothing but the age of the backup tells. */
static void
test_idle(void **state)
{
	int	 hour;

	(void)state;
	whole_repository();
	conf.limits[CHECKLIST_BACKUP_AGE].warn = HEALTH_OFF;
	conf.limits[CHECKLIST_BACKUP_AGE].critical = HEALTH_OFF;
	for (hour = 0; hour < 31 * 24; hour += 12) {
		conf.now_us = clock_now_us() + hour * HOUR;
		if (findings()[0] != '\0')
			fail_msg("after %d hours: %s", hour, findings());
	}
}

static void
test_age(void **state)
{
	(void)state;
	whole_repository();
	conf.now_us += 2 * HOUR + HOUR / 2;
	assert_string_equal(findings(), "");
	conf.now_us += HOUR;
	assert_string_equal(findings(), "backup-age=warning");
	conf.now_us += 24 * HOUR;
	assert_string_equal(findings(), "backup-age=critical");
	conf.now_us = 0;		/* a clock that is behind */
	assert_string_equal(findings(), "");
}

static void
test_empty(void **state)
{
	(void)state;
	defaults();
	assert_string_equal(findings(), "recoverable=critical "
	    "backup-age=critical redundancy=critical");
	conf.expire.minimum_redundancy = 0;
	assert_string_equal(findings(), "recoverable=critical "
	    "backup-age=critical");
}

static void
test_gone(void **state)
{
	(void)state;
	whole_repository();
	assert_int_equal(rename(env.dir, testdir_path("away")), 0);
	assert_string_equal(findings(), "repository=critical");
	assert_int_equal(r.line[CHECKLIST_GAPS].health, HEALTH_UNKNOWN);
	/* A bare mount point. */
	assert_int_equal(mkdir(env.dir, 0700), 0);
	assert_string_equal(findings(), "repository=critical");
	assert_true(found(CHECKLIST_REPOSITORY, "mounted?"));
	assert_int_equal(rmdir(env.dir), 0);
	assert_int_equal(rename(testdir_path("away"), env.dir), 0);
	assert_string_equal(findings(), "");
	conf.key = NULL;
	assert_string_equal(findings(), "");
	assert_int_equal(r.line[CHECKLIST_REPOSITORY].health, HEALTH_UNKNOWN);
}

static void
test_gaps(void **state)
{
	(void)state;
	whole_repository();
	assert_int_equal(unlink(in_repo(segment(15))), 0);
	assert_string_equal(findings(), "gaps=warning");
	assert_true(found(CHECKLIST_GAPS, "1 segment is missing behind a "
	    "backup, first: 00000001000000000000000F"));
	assert_int_equal(unlink(in_repo(segment(55))), 0);
	assert_int_equal(unlink(in_repo(segment(56))), 0);
	assert_string_equal(findings(), "gaps=critical");
	assert_int_equal(r.line[CHECKLIST_GAPS].figure, 3);
	repoenv_segment(&env, segment(15));
	repoenv_segment(&env, segment(55));
	repoenv_segment(&env, segment(56));
	assert_string_equal(findings(), "");
	/* One that a backup itself needs: it is the gap that is named. */
	assert_int_equal(unlink(in_repo(segment(21))), 0);
	assert_string_equal(findings(), "gaps=warning");
}

/* Recovery would end before the last segment, which was listed. */
static void
test_last_segment(void **state)
{
	(void)state;
	whole_repository();
	repoenv_change(segment(LAST), "garbage", 7);
	assert_string_equal(findings(), "recoverable=critical");
	assert_true(found(CHECKLIST_RECOVERABLE, "the last segment cannot be "
	    "used: wal/00000001/00000000/00000001000000000000003C: "));
}

/* Without its history nothing leads onto a timeline, and nothing says so. */
static void
test_history(void **state)
{
	(void)state;
	whole_repository();
	repoenv_segment(&env,
	    "wal/00000002/00000000/00000002000000000000003D");
	assert_string_equal(findings(),
	    "recoverable=critical timelines=critical");
	repoenv_backup(&env, "20261106T000000Z", 2, MB * 61, MB * 62, 720,
	    NULL);
	assert_string_equal(findings(), "timelines=critical");
	assert_true(found(CHECKLIST_TIMELINES, "wal/00000002.history is "
	    "missing"));
	repoenv_object(&env, "wal/00000002.history", "1\t0/3D00000\tx\n");
	assert_string_equal(findings(), "");
}

static void
test_lost_files(void **state)
{
	char	 path[LAYOUT_PATH];

	(void)state;
	whole_repository();
	assert_int_equal(unlink(in_repo(layout_pack(path, id[1], 2))), 0);
	assert_string_equal(findings(), "retention=warning");
	assert_true(found(CHECKLIST_RETENTION, id[1]));
	conf.expire.minimum_redundancy = 5;
	assert_string_equal(findings(), "redundancy=critical "
	    "retention=warning");
	conf.expire.minimum_redundancy = 2;
	/* The newest that counts is the one before it then. */
	assert_int_equal(unlink(in_repo(layout_manifest(path, id[4]))), 0);
	assert_string_equal(findings(),
	    "backup-age=warning retention=warning");
	assert_int_equal(r.line[CHECKLIST_BACKUP_AGE].figure, 47);
}

/* What could go eight days ago is there still: nobody runs expiry. */
static void
test_overdue(void **state)
{
	const int64_t	 day = INT64_C(86400000000);

	(void)state;
	whole_repository();
	conf.limits[CHECKLIST_BACKUP_AGE].warn = HEALTH_OFF;
	conf.limits[CHECKLIST_BACKUP_AGE].critical = HEALTH_OFF;
	conf.expire.policy = (struct retention_policy){
	    .kind = RETENTION_REDUNDANCY, .n = 3 };
	assert_string_equal(findings(), "");
	assert_true(found(CHECKLIST_RETENTION, "would now delete 2 of 5 "
	    "backups; no run of it on this host is known"));
	conf.now_us += 7 * day;
	assert_string_equal(findings(), "");
	conf.now_us += day + day / 24;
	assert_string_equal(findings(), "retention=warning");
	assert_true(found(CHECKLIST_RETENTION, "could delete 2 backups 8 days "
	    "ago and did not: no run of it on this host is known"));
	conf.expired_us = conf.now_us - 9 * day;
	assert_string_equal(findings(), "retention=warning");
	assert_true(found(CHECKLIST_RETENTION, "did not: it last ran here"));
	/* It ran, and what it left became free later: a pin, a policy. */
	conf.expired_us = conf.now_us - 7 * day;
	assert_string_equal(findings(), "");
	conf.expired_us = 0;
	conf.expire.policy.n = 5;
	assert_string_equal(findings(), "");
}

static void
test_refused(void **state)
{
	char	 path[LAYOUT_PATH];

	(void)state;
	whole_repository();
	repoenv_change(layout_label(path, id[1]), "garbage", 7);
	assert_string_equal(findings(), "retention=critical");
	assert_non_null(strstr(r.line[CHECKLIST_RETENTION].found,
	    "cannot be trusted"));
}

/* A push elsewhere, of which only its files are known. */
static void
test_running(void **state)
{
	char	 path[LAYOUT_PATH];

	(void)state;
	whole_repository();
	repoenv_put(layout_pack(path, "20261106T000000Z", 1), "x");
	assert_string_equal(findings(), "");
	assert_true(found(CHECKLIST_RUNNING, "20261106T000000Z is under way"));
	conf.limits[CHECKLIST_BACKUP_AGE].warn = HEALTH_OFF;
	conf.now_us += HOUR - 2 * HOUR / 60;
	assert_string_equal(findings(), "");
	conf.now_us += 3 * HOUR / 60;
	assert_string_equal(findings(), "running=warning");
	assert_true(r.line[CHECKLIST_RUNNING].figure >= 60);
	/* One before the newest backup was resumed by it. */
	assert_int_equal(unlink(in_repo(path)), 0);
	assert_int_equal(rmdir(in_repo("base/20261106T000000Z")), 0);
	repoenv_put(layout_pack(path, "20261104T120000Z", 1), "x");
	assert_string_equal(findings(), "");
	assert_true(found(CHECKLIST_RUNNING, "no backup is under way"));
}

/* Begun here: its journal tells whether its push lives. */
static void
test_interrupted(void **state)
{
	char	 path[LAYOUT_PATH], dir[PATH_MAX], journal[PATH_MAX];
	struct err	 e = ERR_INIT;
	FILE	*file;

	(void)state;
	whole_repository();
	repoenv_put(layout_pack(path, "20261106T000000Z", 1), "x");
	assert_int_equal(layout_state(dir, conf.state_dir, "main",
	    REPOENV_SYSTEM, &e), 0);
	assert_int_equal(io_mkdirs(dir, 0700, &e), 0);
	(void)snprintf(journal, sizeof(journal), "%.4000s/journal."
	    "20261106T000000Z", dir);
	assert_non_null(file = fopen(journal, "w"));
	assert_int_equal(fclose(file), 0);
	assert_string_equal(findings(), "running=warning");
	assert_true(found(CHECKLIST_RUNNING, "was interrupted"));
}

static void
test_only(void **state)
{
	size_t	 i;

	(void)state;
	whole_repository();
	memset(conf.wanted, 0, sizeof(conf.wanted));
	conf.wanted[CHECKLIST_TIMELINES] = conf.wanted[CHECKLIST_AGENT] = 1;
	assert_string_equal(findings(), "");
	for (i = 0; i < CHECKLIST_CHECKS; i++)
		assert_int_equal(r.line[i].done, conf.wanted[i]);
	/* What is not needed is not asked. */
	assert_int_equal(rename(env.dir, testdir_path("away")), 0);
	conf.wanted[CHECKLIST_TIMELINES] = 0;
	assert_string_equal(findings(), "");
	assert_int_equal(r.line[CHECKLIST_AGENT].health, HEALTH_OK);
	assert_int_equal(rename(testdir_path("away"), env.dir), 0);
}

#define TEST(f)	cmocka_unit_test_prestate_setup_teardown(f,		\
		    repoenv_setup_marked, repoenv_teardown, &env)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		TEST(test_whole),
		TEST(test_idle),
		TEST(test_age),
		TEST(test_empty),
		TEST(test_gone),
		TEST(test_gaps),
		TEST(test_last_segment),
		TEST(test_history),
		TEST(test_lost_files),
		TEST(test_overdue),
		TEST(test_refused),
		TEST(test_running),
		TEST(test_interrupted),
		TEST(test_only)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
