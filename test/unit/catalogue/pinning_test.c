/* SPDX-License-Identifier: ISC */
/* Setting and releasing pins, and who comes first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "catalogue/catalogue.h"
#include "catalogue/pin.h"
#include "catalogue/pinaside.h"
#include "catalogue/pinning.h"
#include "mortal.h"
#include "repo/layout.h"
#include "repoenv.h"
#include "testdir.h"

#define MB	((uint64_t)1 << 20)
#define SEC	INT64_C(1000000)
#define ID	"20261101T000000Z"
#define PIN	"base/" ID "/label.withdrawn"
#define LABEL	"base/" ID "/label"
#define REST	"\"created\":\"2026-11-22T04:00:01Z\",\"seawall\":\"1\"}\n"

static struct repoenv	 env;

static int
setup(void **state)
{
	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	repoenv_put("base/" ID "/pack-00000001", "x");
	repoenv_label(&env, ID, 1, MB, 2 * MB, 0, NULL);
	return (0);
}

static int
has(const char *path)
{
	return (access(testdir_path(repoenv_file(path)), F_OK) == 0);
}

static struct pin
read_pin(void)
{
	struct archive	*a = repoenv_open(&env, env.public);
	struct pin	 p;
	struct err	 e = ERR_INIT;

	assert_int_equal(pinning_read(&p, a, ID, &e), 0);
	archive_free(a);
	return (p);
}

static int
do_set(int64_t until, int left, int *count, struct err *e)
{
	struct archive	*a = repoenv_open(&env, env.public);
	int		 rc;

	mortal_wrap(a, left);
	rc = pinning_set(a, ID, until, e);
	if (count != NULL)
		*count = mortal_count(a);
	archive_free(a);
	return (rc);
}

static int
do_release(struct err *e)
{
	struct archive	*a = repoenv_open(&env, env.public);
	int		 rc;

	rc = pinning_release(a, ID, e);
	archive_free(a);
	return (rc);
}

static int
do_mend(int left, struct err *e)
{
	struct archive	*a = repoenv_open(&env, env.public);
	int		 rc;

	mortal_wrap(a, left);
	rc = pinning_mend(a, ID, e);
	archive_free(a);
	return (rc);
}

static void
link_label(void)
{
	assert_int_equal(link(testdir_path(repoenv_file(LABEL)),
	    testdir_path(repoenv_file(PIN))), 0);
}

static void
test_life(void **state)
{
	const int64_t	 now = clock_now_us(), day = 86400 * SEC;
	struct pin	 p;
	struct err	 e = ERR_INIT;
	char		 text[PIN_TEXT];

	(void)state;
	assert_int_equal(read_pin().kind, PIN_NONE);
	assert_int_equal(do_release(&e), 1);
	assert_int_equal(do_set(PIN_FOREVER, 99, NULL, &e), 0);
	assert_int_equal(do_set(PIN_FOREVER, 99, NULL, &e), 0);
	p = read_pin();
	assert_int_equal(p.kind, PIN_SET);
	assert_true(pin_holds(&p, INT64_MAX));
	assert_string_equal(pin_format(text, &p), "pinned");
	assert_int_equal(do_set(now + day, 99, NULL, &e), 0);
	p = read_pin();
	assert_true(pin_holds(&p, now));
	assert_true(pin_holds(&p, now + day - 1));
	assert_false(pin_holds(&p, now + day));
	assert_int_equal(do_release(&e), 0);
	assert_false(has(PIN));
	assert_true(has(LABEL));
	assert_int_equal(read_pin().kind, PIN_NONE);
}

/* What is there already and is no pin gives way to one that is. */
static void
test_rubbish(void **state)
{
	struct pin	 p;
	struct err	 e = ERR_INIT;

	(void)state;
	repoenv_put(PIN, "rubbish");
	p = read_pin();
	assert_int_equal(p.kind, PIN_UNREADABLE);
	assert_string_equal(p.why, "is not a pin of version 1");
	assert_true(pin_holds(&p, INT64_MAX - 1));
	assert_int_equal(do_set(PIN_FOREVER, 99, NULL, &e), 0);
	assert_int_equal(read_pin().kind, PIN_SET);
	repoenv_change(PIN, "rubbish", 7);
	assert_int_equal(do_release(&e), 0);
	assert_false(has(PIN));
}

/* A backup that is not there, or not any more, cannot be pinned. */
static void
test_gone(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	assert_int_equal(rename(testdir_path(repoenv_file(LABEL)),
	    testdir_path(repoenv_file(PIN))), 0);
	assert_int_equal(do_set(PIN_FOREVER, 99, NULL, &e), -1);
	assert_int_equal(e.kind, ERR_ABSENT);
	assert_string_equal(e.msg, "backup " ID " was expired, or is being "
	    "expired now; it is not pinned");
	err_clear(&e);
	assert_int_equal(do_release(&e), -1);
	assert_int_equal(e.kind, ERR_ABSENT);
	assert_true(has(PIN));
	assert_int_equal(unlink(testdir_path(repoenv_file(PIN))), 0);
	err_clear(&e);
	assert_int_equal(do_set(PIN_FOREVER, 99, NULL, &e), -1);
	assert_false(has(PIN));
}

/*
 * Half of a rename, or a link that a thief has made: not pinned over, and
 * mended when a person asks for that.
 */
static void
test_half(void **state)
{
	struct err	 e = ERR_INIT;
	int		 k;

	(void)state;
	link_label();
	assert_int_equal(read_pin().kind, PIN_WITHDRAWN);
	assert_int_equal(do_set(PIN_FOREVER, 99, NULL, &e), -1);
	assert_int_equal(e.kind, ERR_CONFLICT);
	assert_non_null(strstr(e.msg, "its label is under a second name"));
	assert_non_null(strstr(e.msg, "--keep " ID " --force"));
	err_clear(&e);
	assert_int_equal(do_mend(99, &e), 0);
	assert_false(has(PIN));
	assert_true(has(LABEL));
	assert_int_equal(do_mend(99, &e), 1);
	assert_int_equal(do_set(PIN_FOREVER, 99, NULL, &e), 0);
	assert_int_equal(do_mend(99, &e), 1);
	assert_int_equal(read_pin().kind, PIN_SET);
	assert_int_equal(do_release(&e), 0);
	link_label();
	assert_int_equal(do_release(&e), 0);
	assert_false(has(PIN));
	assert_true(has(LABEL));
	assert_int_equal(do_release(&e), 1);
	for (k = 0; k < 4; k++) {
		link_label();
		assert_int_equal(do_mend(k, &e), k < 2 ? -1 : 0);
		assert_true(has(LABEL));
		err_clear(&e);
		assert_int_equal(do_release(&e) == -1, 0);
		assert_false(has(PIN));
	}
}

/* An expiry finishes before we move anything: it has its way. */
static void
finish(void *arg)
{
	(void)arg;
	assert_int_equal(unlink(testdir_path(repoenv_file(LABEL))), 0);
}

static void
test_half_race(void **state)
{
	struct archive	*a = repoenv_open(&env, env.public);
	struct err	 e = ERR_INIT;

	(void)state;
	link_label();
	mortal_wrap(a, 99);
	mortal_meet(a, 0, finish, NULL);
	assert_int_equal(pinning_mend(a, ID, &e), -1);
	archive_free(a);
	assert_int_equal(e.kind, ERR_ABSENT);
	assert_false(has(LABEL));
	assert_int_equal(read_pin().kind, PIN_WITHDRAWN);
}

/* Dead after k operations, for all k: the next attempt does it. */
static void
test_death(void **state)
{
	struct err	 e = ERR_INIT;
	int		 k, all;

	(void)state;
	assert_int_equal(do_set(5 * SEC, 99, NULL, &e), 0);
	assert_int_equal(do_set(PIN_FOREVER, 99, &all, &e), 0);
	assert_true(all >= 3);
	for (k = 0; k < all; k++) {
		assert_int_equal(do_set(5 * SEC, 99, NULL, &e), 0);
		assert_int_equal(do_set(PIN_FOREVER, k, NULL, &e), -1);
		assert_non_null(strstr(e.msg, "killed by the test"));
		err_clear(&e);
		assert_true(has(LABEL));
		assert_int_equal(do_set(PIN_FOREVER, 99, NULL, &e), 0);
		assert_true(read_pin().until_us == PIN_FOREVER);
	}
}

/* Another one takes the label, or the pin, away at any moment. */
static void
withdraw(void *arg)
{
	struct archive	*a = repoenv_open(&env, env.public);
	struct err	 e = ERR_INIT;
	int		*done = arg;

	*done = store_rename(a->store, LABEL, PIN, &e) == 0;
	archive_free(a);
}

/* Expiry comes in before the k-th operation of a change. */
static void
race(int pinned, int k, int want)
{
	struct archive	*a;
	struct err	 e = ERR_INIT;
	int		 done = 0, rc;

	(void)unlink(testdir_path(repoenv_file(PIN)));
	if (!has(LABEL))
		repoenv_label(&env, ID, 1, MB, 2 * MB, 0, NULL);
	if (pinned)
		assert_int_equal(do_set(5 * SEC, 99, NULL, &e), 0);
	a = repoenv_open(&env, env.public);
	mortal_wrap(a, 99);
	mortal_meet(a, k, withdraw, &done);
	rc = pinning_set(a, ID, PIN_FOREVER, &e);
	archive_free(a);
	/* Exactly one of both has its way. */
	assert_int_equal(done, want);
	assert_int_equal(has(LABEL), !done);
	assert_int_equal(rc, done ? -1 : 0);
	assert_true(has(PIN));
	if (!done)
		assert_int_equal(read_pin().kind, PIN_SET);
	else
		assert_int_equal(e.kind, ERR_CONFLICT);
}

static void
test_race(void **state)
{
	(void)state;
	race(0, 0, 1);		/* before we publish ours */
	race(1, 0, 0);		/* the old one stands */
	race(1, 1, 1);		/* it was moved away */
	race(1, 2, 0);		/* ours stands */
}

/* All of the backup is deleted between our look and our pin. */
static void
vanish(void *arg)
{
	(void)arg;
	(void)unlink(testdir_path(repoenv_file(LABEL)));
	(void)unlink(testdir_path(repoenv_file("base/" ID
	    "/pack-00000001")));
	(void)rmdir(testdir_path(repoenv_file("base/" ID)));
}

static void
test_vanished(void **state)
{
	struct archive	*a = repoenv_open(&env, env.public);
	struct err	 e = ERR_INIT;

	(void)state;
	mortal_wrap(a, 99);
	mortal_meet(a, 0, vanish, NULL);
	assert_int_equal(pinning_set(a, ID, PIN_FOREVER, &e), -1);
	assert_int_equal(e.kind, ERR_ABSENT);
	assert_false(has("base/" ID));
	archive_free(a);
}

/* What we are about to take away is a withdrawn label by then. */
static void
swap(void *arg)
{
	struct err	 e = ERR_INIT;
	int		 done;

	assert_int_equal(do_release(&e), 0);
	withdraw(&done);
	*(int *)arg = done;
}

static void
test_swapped(void **state)
{
	struct archive	*a = repoenv_open(&env, env.public);
	struct err	 e = ERR_INIT;
	int		 done = 0, i;

	(void)state;
	for (i = 0; i < 3; i++) {
		assert_int_equal(do_set(5 * SEC, 99, NULL, &e), 0);
		mortal_wrap(a, 99);
		mortal_meet(a, 0, swap, &done);
		if (i == 0) {
			assert_int_equal(pinning_lapsed(a, ID, 6 * SEC, &e), 0);
		} else {
			assert_int_equal(i == 1 ? pinning_release(a, ID, &e) :
			    pinning_set(a, ID, PIN_FOREVER, &e), -1);
			assert_int_equal(e.kind, ERR_ABSENT);
			err_clear(&e);
		}
		assert_true(done);
		assert_true(has(PIN));
		assert_false(has(LABEL));
		assert_int_equal(rename(testdir_path(repoenv_file(PIN)),
		    testdir_path(repoenv_file(LABEL))), 0);
	}
	archive_free(a);
}

/* Others at work: another --keep, or a --release, comes first. */
static void
keep_for_ever(void *arg)
{
	struct err	 e = ERR_INIT;

	*(int *)arg = do_set(PIN_FOREVER, 99, NULL, &e) == 0;
}

static void
let_go(void *arg)
{
	struct err	 e = ERR_INIT;

	*(int *)arg = do_release(&e) == 0;
}

/* A change, a release, or expiry, of a pin that is over. */
static int
change(int how, int k, void (*fn)(void *), struct err *e)
{
	struct archive	*a = repoenv_open(&env, env.public);
	int		 done = 0, rc;

	mortal_wrap(a, 99);
	mortal_meet(a, k, fn, &done);
	rc = how == 0 ? pinning_set(a, ID, 7 * SEC, e) :
	    how == 1 ? pinning_release(a, ID, e) :
	    pinning_lapsed(a, ID, clock_now_us(), e);
	archive_free(a);
	assert_true(done);
	return (rc);
}

/* What somebody was just promised is not taken away. */
static void
test_renewed(void **state)
{
	struct err	 e = ERR_INIT;
	int		 how;

	(void)state;
	for (how = 0; how < 3; how++) {
		err_clear(&e);
		assert_int_equal(do_release(&e) == -1, 0);
		assert_int_equal(do_set(5 * SEC, 99, NULL, &e), 0);
		assert_int_equal(change(how, 0, keep_for_ever, &e),
		    how < 2 ? -1 : 0);
		if (how < 2) {
			assert_int_equal(e.kind, ERR_CONFLICT);
			assert_string_equal(e.msg, "backup " ID ": another "
			    "program pinned or released it at the same time; "
			    "see backup-list, and run again to change it");
		}
		assert_int_equal(read_pin().kind, PIN_SET);
		assert_true(read_pin().until_us == PIN_FOREVER);
	}
	/* Released meanwhile: what this one asks for is done as well. */
	assert_int_equal(do_set(5 * SEC, 99, NULL, &e), 0);
	err_clear(&e);
	assert_int_equal(change(0, 0, let_go, &e), 0);
	assert_true(read_pin().until_us == 7 * SEC);
}

/*
 * Expiry saw a pin that was over, and moves what has its name by now: to be
 * read, and put back if it is another one.
 */
#define MOVED	"base/" ID "/pin-9-9"

static void
move(const char *from, const char *to)
{
	struct archive	*a = repoenv_open(&env, env.public);
	struct err	 e = ERR_INIT;

	if (store_rename(a->store, from, to, &e) && e.kind != ERR_ABSENT &&
	    e.kind != ERR_CONFLICT)
		fail_msg("%s", e.msg);
	archive_free(a);
}

static void
move_aside(void *arg)
{
	(void)arg;
	move(PIN, MOVED);
}

/* Whenever that is, who was told that the backup is pinned can rely on it. */
static void
test_moved(void **state)
{
	struct archive	*a;
	struct err	 e;
	int		 k, looks = 1, rc;

	(void)state;
	for (k = 0; k < looks; k++) {
		e = (struct err)ERR_INIT;
		assert_int_equal(do_set(5 * SEC, 99, NULL, &e), 0);
		a = repoenv_open(&env, env.public);
		mortal_wrap(a, 99);
		mortal_meet_look(a, k, move_aside, NULL);
		rc = pinning_set(a, ID, PIN_FOREVER, &e);
		looks = mortal_looks(a);
		archive_free(a);
		move(MOVED, PIN);
		assert_int_equal(rc, 0);
		assert_int_equal(read_pin().kind, PIN_SET);
		assert_true(read_pin().until_us == PIN_FOREVER);
	}
	assert_true(k > 5);
}

/* What is written can be read. */
static void
test_latest(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	assert_int_equal(do_set(PIN_LATEST - 1, 99, NULL, &e), 0);
	assert_int_equal(read_pin().kind, PIN_SET);
	assert_true(read_pin().until_us == PIN_LATEST - 1);
	assert_int_equal(do_set(PIN_LATEST, 99, NULL, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
	assert_true(read_pin().until_us == PIN_LATEST - 1);
}

/* Uploads fail from now on. */
static void
break_tmp(void *arg)
{
	char	 old[512];

	(void)arg;
	(void)snprintf(old, sizeof(old), "%s", testdir_path(repoenv_file(
	    "tmp.old")));
	(void)rename(testdir_path(repoenv_file("tmp")), old);
	repoenv_put("tmp", "no directory");
}

/* A change that fails leaves the pin that was there. */
static void
test_change_fails(void **state)
{
	struct archive	*a;
	struct err	 e = ERR_INIT;

	(void)state;
	assert_int_equal(do_set(5 * SEC, 99, NULL, &e), 0);
	a = repoenv_open(&env, env.public);
	mortal_wrap(a, 99);
	mortal_meet(a, 1, break_tmp, NULL);
	assert_int_equal(pinning_set(a, ID, PIN_FOREVER, &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	archive_free(a);
	assert_int_equal(read_pin().kind, PIN_SET);
	assert_true(read_pin().until_us == 5 * SEC);
}

/* What lies aside goes with the pin. */
static void
test_aside_released(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	repoenv_put("base/" ID "/pin-1-2", "seawall pin 1\n{\"until\":null,"
	    REST);
	repoenv_put("base/" ID "/pin-3-4/x", "x");
	assert_int_equal(unlink(testdir_path(repoenv_file("base/" ID
	    "/pin-3-4/x"))), 0);
	assert_int_equal(do_release(&e), 0);
	assert_false(has("base/" ID "/pin-1-2"));
	assert_false(has("base/" ID "/pin-3-4"));
	assert_int_equal(do_release(&e), 1);
	assert_true(has(LABEL));
	repoenv_put("base/" ID "/pin-1-2", "x");
	assert_int_equal(do_set(7 * SEC, 99, NULL, &e), 0);
	assert_false(has("base/" ID "/pin-1-2"));
}

/* What is in the way: no file, and more than a pin can be. */
static void
put_thing(const char *id, int large)
{
	char	 path[LAYOUT_PATH], file[LAYOUT_PATH + 2];
	char	*text;

	(void)layout_withdrawn(path, id);
	if (large) {
		assert_non_null(text = calloc(1, 5 << 20));
		repoenv_put(path, "x");
		repoenv_change(path, text, 5 << 20);
		free(text);
		return;
	}
	(void)snprintf(file, sizeof(file), "%s/x", path);
	repoenv_put(file, "x");
	assert_int_equal(unlink(testdir_path(repoenv_file(file))), 0);
}

/* It stops nobody, and goes when it is asked to. */
static void
test_no_file(void **state)
{
	static const char	 two[] = "20261102T000000Z";
	struct archive		*a = repoenv_open(&env, env.public);
	struct catalogue	*c;
	struct err		 e = ERR_INIT;
	int			 large;

	(void)state;
	repoenv_label(&env, two, 1, 4 * MB, 5 * MB, 1, NULL);
	assert_int_equal(pinning_set(a, two, 5 * SEC, &e), 0);
	for (large = 0; large < 2; large++) {
		c = NULL;
		put_thing(ID, large);
		if (catalogue_load(&c, a, &e))
			fail_msg("%s", e.msg);
		assert_int_equal(catalogue_labels(c), 2);
		assert_int_equal(catalogue_pin(c, 0)->kind, PIN_UNREADABLE);
		assert_true(pin_holds(catalogue_pin(c, 0), INT64_MAX - 1));
		assert_non_null(strstr(catalogue_pin(c, 0)->why, large ?
		    "5242880 bytes" : "s a directory"));
		assert_int_equal(catalogue_pin(c, 1)->kind, PIN_SET);
		assert_true(catalogue_pin(c, 1)->until_us == 5 * SEC);
		catalogue_free(c);
		assert_int_equal(pinning_release(a, ID, &e), 0);
		assert_false(has(PIN));
		put_thing(ID, large);
		assert_int_equal(pinning_set(a, ID, 7 * SEC, &e), 0);
		assert_int_equal(read_pin().kind, PIN_SET);
		assert_int_equal(do_release(&e), 0);
	}
	archive_free(a);
}

/* A repository that does not answer is another thing. */
static void
test_no_repository(void **state)
{
	struct archive	*a = repoenv_open(&env, env.public);
	struct pin	 p;
	struct err	 e = ERR_INIT;

	(void)state;
	put_thing(ID, 1);
	assert_int_equal(unlink(testdir_path(repoenv_file("system"))), 0);
	assert_int_equal(pinning_read(&p, a, ID, &e), -1);
	assert_non_null(strstr(e.msg, "5242880 bytes"));
	archive_free(a);
}

int
main(void)
{
#define T(f)	cmocka_unit_test_prestate_setup_teardown(f, \
		    setup, repoenv_teardown, &env)
	const struct CMUnitTest	 tests[] = {
		T(test_life),
		T(test_rubbish),
		T(test_gone),
		T(test_half),
		T(test_half_race),
		T(test_death),
		T(test_race),
		T(test_vanished),
		T(test_swapped),
		T(test_renewed),
		T(test_moved),
		T(test_latest),
		T(test_change_fails),
		T(test_aside_released),
		T(test_no_file),
		T(test_no_repository)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
