/* SPDX-License-Identifier: ISC */
/*
 * The wait for a backup's WAL, as a standby's base-push does it: there is
 * nobody to ask but the repository.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "mortal.h"
#include "push/walwait.h"
#include "repoenv.h"
#include "testdir.h"

#define FOLDER		"wal/00000003/00000004/"
#define SEG(n)		"000000030000000400000" n

static struct repoenv	 env;

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
				repoenv_put(path, "x");
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
	repoenv_put(FOLDER SEG("005"), "x");
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
	repoenv_put(FOLDER SEG("005"), "x");
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
		T(test_other_timeline),
		T(test_comes),
		T(test_connection_lost)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
