/* SPDX-License-Identifier: ISC */
/*
 * The wait for a backup's WAL, as a standby's base-push does it: there is
 * nobody to ask but the repository.
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
#include "keyring.h"
#include "mortal.h"
#include "push/walwait.h"
#include "repo/layout.h"
#include "repoenv.h"
#include "testdir.h"

#define FOLDER		"wal/00000003/00000004/"
#define SEG(n)		"000000030000000400000" n

static struct repoenv	 env;

/* The segment is there. */
static void
there(const char *path)
{
	if (access(testdir_path(repoenv_file(path)), F_OK) == -1)
		repoenv_segment(&env, path);
}

static void
note(void *arg, const char *text)
{
	(void)arg;
	(void)text;
}

/* Wait for the segments from 5 to "stop". */
static int
await(struct connection *w, const char *stop, uint64_t ms, struct err *e)
{
	struct label		 l = { .from_standby = 1,
	    .wal_segment_size = 1 << 20 };
	const struct walwait	 c = { .warm = w, .label = &l, .ms = ms,
	    .dir = "", .note = note };
	int			 rc;

	(void)snprintf(l.start_wal, sizeof(l.start_wal), SEG("005"));
	(void)snprintf(l.stop_wal, sizeof(l.stop_wal), "%s", stop);
	err_clear(e);
	rc = walwait_run(&c, e);
	connection_drop(w);
	return (rc);
}

static struct connection
warm(void)
{
	return ((struct connection){ &env.conf, env.push, "main",
	    REPOENV_SYSTEM, NULL, 0 });
}

/* Each one that the backup needs, and no other. */
static void
test_each(void **state)
{
	static const struct {
		const char	*what, *stop, *missing;	/* that is not there */
	}			 c[] = {
		{ "nothing", SEG("007"), NULL },
		{ "the first", SEG("007"), SEG("005") },
		{ "one in between", SEG("007"), SEG("006") },
		{ "the last", SEG("007"), SEG("007") },
		{ "the only one", SEG("005"), SEG("005") },
		{ "one behind the last", SEG("006"), SEG("007") }
	};
	static const char *const all[] = { SEG("005"), SEG("006"),
	    SEG("007") };
	struct connection	 w;
	struct err		 e = ERR_INIT;
	char			 path[128];
	size_t			 i, k;
	int			 rc, want;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		for (k = 0; k < 3; k++) {
			(void)snprintf(path, sizeof(path), FOLDER "%s",
			    all[k]);
			if (c[i].missing == NULL ||
			    strcmp(all[k], c[i].missing) != 0)
				there(path);
			else
				(void)unlink(testdir_path(repoenv_file(
				    path)));
		}
		w = warm();
		rc = await(&w, c[i].stop, 1, &e);
		want = c[i].missing == NULL ||
		    strcmp(c[i].missing, c[i].stop) > 0 ? 0 : -1;
		if (rc != want)
			fail_msg("%s of the WAL is missing: %d", c[i].what,
			    rc);
		if (rc == 0)
			continue;
		assert_int_equal(e.kind, ERR_PG);
		if (strstr(e.msg, c[i].missing) == NULL ||
		    strstr(e.msg, "so the backup was not completed") == NULL)
			fail_msg("%s: %s", c[i].what, e.msg);
	}
}

/* What was streamed is no segment; who waits is told what is on its way. */
static void
test_streamed(void **state)
{
	struct connection	 w = warm();
	struct err		 e = ERR_INIT;

	(void)state;
	there(FOLDER SEG("005"));
	repoenv_put(FOLDER SEG("006") ".open-001", "x");
	assert_int_equal(await(&w, SEG("006"), 1, &e), -1);
	assert_int_equal(e.kind, ERR_PG);
	assert_non_null(strstr(e.msg, "WAL segment " SEG("006") " is streamed, "
	    "and was not complete within"));
	there(FOLDER SEG("006"));
	w = warm();
	if (await(&w, SEG("006"), 1, &e))
		fail_msg("%s", e.msg);
}

static void
put_text(const char *path)
{
	repoenv_put(path, "x");
}

static void
put_short(const char *path)
{
	repoenv_object(&env, path, "not as long as a segment");
}

/* One byte less. */
static void
put_cut(const char *path)
{
	struct stat	 st;

	repoenv_segment(&env, path);
	assert_int_equal(stat(testdir_path(repoenv_file(path)), &st), 0);
	assert_int_equal(chmod(testdir_path(repoenv_file(path)), 0600), 0);
	assert_int_equal(truncate(testdir_path(repoenv_file(path)),
	    st.st_size - 1), 0);
}

/* An authentic object of another name. */
static void
put_moved(const char *path)
{
	repoenv_segment(&env, FOLDER SEG("00A"));
	assert_int_equal(rename(testdir_path(repoenv_file(
	    FOLDER SEG("00A"))), testdir_path(repoenv_file(path))), 0);
}

/* An authentic object of a signer that this key does not have. */
static void
put_foreign(const char *path)
{
	struct keyring	 other;
	struct key	*own = env.push;

	keyring_open(&other, NULL);
	/* It does not know who signed the marker. */
	assert_int_equal(rename(testdir_path(repoenv_file(LAYOUT_MARKER)),
	    testdir_path("marker")), 0);
	env.push = other.push;
	repoenv_segment(&env, path);
	env.push = own;
	assert_int_equal(rename(testdir_path("marker"),
	    testdir_path(repoenv_file(LAYOUT_MARKER))), 0);
	keyring_close(&other);
}

/*
 * Somebody was faster than wal-push, and put a file under a segment's name:
 * the backup ends at once, and without a label.
 */
static void
test_false_segment(void **state)
{
	static const struct {
		const char	*what;
		void		(*put)(const char *path);
	}			 c[] = {
		{ "a text", put_text }, { "a short object", put_short },
		{ "one that was cut", put_cut },
		{ "one of another name", put_moved },
		{ "one of another signer", put_foreign }
	};
	static const char *const all[] = { FOLDER SEG("005"),
	    FOLDER SEG("006"), FOLDER SEG("007") };
	struct connection	 w;
	struct err		 e = ERR_INIT;
	size_t			 i, k;

	(void)state;
	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++)
		for (k = 0; k < 3; k++) {
			there(all[0]);
			there(all[1]);
			there(all[2]);
			(void)unlink(testdir_path(repoenv_file(all[k])));
			c[i].put(all[k]);
			w = warm();
			if (await(&w, SEG("007"), 60000, &e) == 0)
				fail_msg("%s counts as archived", c[i].what);
			if (e.kind != ERR_CORRUPT || strstr(e.msg, all[k] +
			    sizeof(FOLDER) - 1) == NULL)
				fail_msg("%s: %s", c[i].what, e.msg);
			(void)unlink(testdir_path(repoenv_file(all[k])));
		}
}

/* More segments than are under way at a time, of which the last is no WAL. */
static void
test_many(void **state)
{
	struct connection	 w;
	struct err		 e = ERR_INIT;
	char			 path[128];
	unsigned		 i;

	(void)state;
	for (i = 5; i < 75; i++) {
		(void)snprintf(path, sizeof(path), FOLDER
		    "000000030000000400000%03X", i);
		there(path);
	}
	w = warm();
	if (await(&w, SEG("04A"), 1, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(unlink(testdir_path(repoenv_file(path))), 0);
	repoenv_put(path, "x");
	w = warm();
	assert_int_equal(await(&w, SEG("04A"), 1, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_non_null(strstr(e.msg, SEG("04A")));
}

/* The time of a wait is over with its first look. */
static void
let_time_pass(void *arg)
{
	const int64_t	 begin = clock_mono_ms();

	(void)arg;
	while (clock_mono_ms() - begin < 3)
		;
}

/* A primary, in a data directory in which one segment is in that state. */
static int
await_primary(const char *name, const char *suffix, struct err *e)
{
	struct connection	 w = warm();
	struct label		 l = { .wal_segment_size = 1 << 20 };
	char			 dir[512];
	const struct walwait	 c = { .warm = &w, .label = &l, .ms = 0,
	    .dir = dir, .note = note };
	char			 path[128];
	int			 rc;

	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("pg"));
	(void)snprintf(path, sizeof(path), "pg/pg_wal/archive_status/%s%s",
	    name, suffix);
	assert_int_equal(io_mkdirs(testdir_path("pg/pg_wal/archive_status"),
	    0700, e), 0);
	testdir_text(path, "");
	(void)snprintf(l.start_wal, sizeof(l.start_wal), SEG("005"));
	(void)snprintf(l.stop_wal, sizeof(l.stop_wal), SEG("006"));
	w.a = repoenv_open(&env, env.push);
	w.used_ms = clock_mono_ms();
	mortal_wrap(w.a, 0);
	mortal_meet_look(w.a, 0, let_time_pass, NULL);
	rc = walwait_run(&c, e);
	connection_drop(&w);
	assert_int_equal(unlink(testdir_path(path)), 0);
	return (rc);
}

/* What PostgreSQL has still to archive is awaited, though a file is there. */
static void
test_ready(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	there(FOLDER SEG("005"));
	there(FOLDER SEG("006"));
	if (await_primary(SEG("005"), ".done", &e) ||
	    await_primary(SEG("004"), ".ready", &e) ||
	    await_primary(SEG("007"), ".ready", &e))
		fail_msg("%s", e.msg);
	assert_int_equal(await_primary(SEG("005"), ".ready", &e), -1);
	assert_int_equal(e.kind, ERR_PG);
	assert_non_null(strstr(e.msg, "WAL segment " SEG("005") " was not "
	    "archived"));
	err_clear(&e);
	assert_int_equal(await_primary(SEG("006"), ".ready", &e), -1);
	assert_non_null(strstr(e.msg, SEG("006")));
}

/* Other timelines have segments of the same numbers. */
static void
test_other_timeline(void **state)
{
	struct connection	 w = warm();
	struct err		 e = ERR_INIT;

	(void)state;
	repoenv_put("wal/00000002/00000004/000000020000000400000005", "x");
	repoenv_put(FOLDER "000000020000000400000005", "x");
	if (await(&w, SEG("005"), 1, &e) == 0)
		fail_msg("another timeline's segment counts as archived");
	assert_int_equal(e.kind, ERR_PG);
}

static void
put_last(void *arg)
{
	(void)arg;
	there(FOLDER SEG("005"));
}

/* It comes while it is waited for. */
static void
test_comes(void **state)
{
	struct connection	 w = warm();
	struct err		 e = ERR_INIT;

	(void)state;
	w.a = repoenv_open(&env, env.push);
	w.used_ms = clock_mono_ms();
	mortal_wrap(w.a, 1 << 20);
	mortal_meet_look(w.a, 3, put_last, NULL);
	if (await(&w, SEG("005"), 60000, &e))
		fail_msg("%s", e.msg);
}

/* A connection that is lost is no proof of anything: another one is made. */
static void
test_connection_lost(void **state)
{
	struct connection	 w = warm();
	struct err		 e = ERR_INIT;

	(void)state;
	there(FOLDER SEG("005"));
	w.a = repoenv_open(&env, env.push);
	w.used_ms = clock_mono_ms();
	mortal_wrap(w.a, 0);
	assert_int_equal(store_mkdir(w.a->store, "tmp", &e), -1);
	if (await(&w, SEG("005"), 60000, &e))
		fail_msg("%s", e.msg);
	/* The repository stays away, and that is what is reported. */
	assert_int_equal(rename(env.dir, testdir_path("gone")), 0);
	testdir_text("repo", "no directory");
	w = warm();
	assert_int_equal(await(&w, SEG("005"), 200, &e), -1);
	if (e.kind != ERR_REMOTE)
		fail_msg("the repository is away: %s", e.msg);
}

#define T(f)	cmocka_unit_test_prestate_setup_teardown(f, \
		    repoenv_setup_marked, repoenv_teardown, &env)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		T(test_each),
		T(test_streamed),
		T(test_false_segment),
		T(test_many),
		T(test_ready),
		T(test_other_timeline),
		T(test_comes),
		T(test_connection_lost)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
