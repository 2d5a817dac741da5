/* SPDX-License-Identifier: ISC */
/* Threads that share a lock, wait for work, and stop together. */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/crew.h"

#define THREADS	4
#define PIECES	1000
#define LONG_MS	600000		/* longer than any test may take */

struct shared {
	struct crew	*crew;
	unsigned	 left, done;	/* pieces */
	unsigned	 fail_at;	/* this piece fails; 0: none */
	int		 closing, hold;
};

static void
made(struct shared *s, int (*job)(void *, struct err *))
{
	struct err	 e = ERR_INIT;
	int		 i;

	memset(s, 0, sizeof(*s));
	if (crew_new(&s->crew, &e))
		fail_msg("%s", e.msg);
	for (i = 0; i < THREADS; i++)
		if (crew_start(s->crew, job, s, &e))
			fail_msg("%s", e.msg);
}

/* Take pieces until none is left and none will come. */
static int
take(void *arg, struct err *e)
{
	struct shared	*s = arg;
	int		 rc = 0;

	crew_lock(s->crew);
	while (rc == 0 && !crew_stopping(s->crew)) {
		if (s->left > 0) {
			s->left--;
			s->done++;
			crew_signal(s->crew, CREW_DONE);
			if (s->done == s->fail_at)
				rc = err_set(e, ERR_REMOTE, "piece %u",
				    s->done);
		} else if (s->closing)
			break;
		else
			(void)crew_wait(s->crew, CREW_WORK, LONG_MS);
	}
	crew_unlock(s->crew);
	return (rc);
}

/* Put pieces one by one, and wait until "upto" are done. */
static int
put_all(struct shared *s, unsigned upto, struct err *e)
{
	unsigned	 i;
	int		 rc = 0;

	for (i = 0; i < PIECES; i++) {
		crew_lock(s->crew);
		s->left++;
		crew_signal(s->crew, CREW_WORK);
		crew_unlock(s->crew);
	}
	crew_lock(s->crew);
	while ((rc = crew_check(s->crew, e)) == 0 && s->done < upto)
		(void)crew_wait(s->crew, CREW_DONE, LONG_MS);
	crew_unlock(s->crew);
	return (rc);
}

static void
test_work(void **state)
{
	struct shared	 s;
	struct err	 e = ERR_INIT;

	(void)state;
	made(&s, take);
	assert_int_equal(put_all(&s, PIECES, &e), 0);
	assert_int_equal(s.done, PIECES);
	assert_false(crew_stopping(s.crew));
	crew_lock(s.crew);
	s.closing = 1;
	crew_broadcast(s.crew, CREW_WORK);
	crew_unlock(s.crew);
	crew_free(s.crew);
	assert_int_equal(s.left, 0);
}

static void
test_first_failure_wins(void **state)
{
	struct shared	 s;
	struct err	 e = ERR_INIT;

	(void)state;
	made(&s, take);
	crew_lock(s.crew);
	s.fail_at = 10;
	crew_unlock(s.crew);
	/* No thread does the rest, so only the failure can end this wait. */
	assert_int_equal(put_all(&s, PIECES + 1, &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	assert_string_equal(e.msg, "piece 10");
	assert_true(crew_stopping(s.crew));
	assert_true(atomic_load(crew_stop_flag(s.crew)));
	assert_int_equal(crew_end(s.crew, LONG_MS), 0);
	crew_free(s.crew);
}

/* Threads that sleep without a limit wake when the crew is freed. */
static int
sleep_on(void *arg, struct err *e)
{
	struct shared	*s = arg;

	(void)e;
	crew_lock(s->crew);
	while (!crew_stopping(s->crew))
		(void)crew_wait(s->crew, (s->done++ & 1) != 0 ? CREW_WORK :
		    CREW_DONE, -1);
	crew_unlock(s->crew);
	return (0);
}

static void
test_free_wakes_all(void **state)
{
	struct shared	 s;

	(void)state;
	made(&s, sleep_on);
	crew_free(s.crew);
	crew_free(NULL);
}

/* A job that does not look at the stop flag, like one whose network hangs. */
static int
hang(void *arg, struct err *e)
{
	struct shared	*s = arg;

	(void)e;
	crew_lock(s->crew);
	s->done++;
	while (s->hold || s->done < THREADS)
		(void)crew_wait(s->crew, CREW_WORK, 1);
	crew_unlock(s->crew);
	return (0);
}

static void
test_end_gives_up(void **state)
{
	struct shared	 s;

	(void)state;
	made(&s, hang);
	crew_lock(s.crew);
	s.hold = 1;
	crew_unlock(s.crew);
	/* Some may have ended before "hold" was set; start one that has not. */
	if (crew_start(s.crew, hang, &s, &(struct err)ERR_INIT))
		fail();
	assert_int_equal(crew_end(s.crew, 50), 1);
	crew_lock(s.crew);
	s.hold = 0;
	crew_unlock(s.crew);
	assert_int_equal(crew_end(s.crew, LONG_MS), 0);
	crew_free(s.crew);
}

static void
test_wait_has_a_limit(void **state)
{
	struct shared	 s;
	struct err	 e = ERR_INIT;

	(void)state;
	if (crew_new(&s.crew, &e))
		fail_msg("%s", e.msg);
	crew_lock(s.crew);
	while (!crew_wait(s.crew, CREW_WORK, 20))
		;			/* woken for no reason */
	crew_unlock(s.crew);
	assert_int_equal(crew_check(s.crew, &e), 0);
	crew_free(s.crew);
}

/* The thread that made the crew receives signals to the process. */
static int
look_at_mask(void *arg, struct err *e)
{
	struct shared	*s = arg;
	sigset_t	 set;

	(void)e;
	(void)pthread_sigmask(SIG_SETMASK, NULL, &set);
	crew_lock(s->crew);
	s->done += (unsigned)(sigismember(&set, SIGTERM) &&
	    sigismember(&set, SIGINT) && sigismember(&set, SIGCHLD));
	crew_unlock(s->crew);
	return (0);
}

static void
test_signals_are_blocked(void **state)
{
	struct shared	 s;
	sigset_t	 before, after;

	(void)state;
	(void)pthread_sigmask(SIG_SETMASK, NULL, &before);
	made(&s, look_at_mask);
	(void)pthread_sigmask(SIG_SETMASK, NULL, &after);
	assert_int_equal(sigismember(&before, SIGTERM),
	    sigismember(&after, SIGTERM));
	assert_int_equal(crew_end(s.crew, LONG_MS), 0);
	assert_int_equal(s.done, THREADS);
	crew_free(s.crew);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_work),
		cmocka_unit_test(test_first_failure_wins),
		cmocka_unit_test(test_free_wakes_all),
		cmocka_unit_test(test_end_gives_up),
		cmocka_unit_test(test_wait_has_a_limit),
		cmocka_unit_test(test_signals_are_blocked),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
