/* SPDX-License-Identifier: ISC */
/* Agents that answer, that hang, that are not there, and that are others'. */
#include <sys/socket.h>
#include <sys/stat.h>

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "agent/alive.h"
#include "agent/serve.h"
#include "testdir.h"

#define HANG_MS	120000

static char	 dir[256];

static struct place
place_named(const char *name)
{
	struct place	 p = { .dir = "" };

	(void)snprintf(p.dir, sizeof(p.dir), "%s", dir);
	(void)snprintf(p.name, sizeof(p.name), "%s", name);
	return (p);
}

struct front {
	struct serve	*s;
	pthread_t	 thread;
	int		 rc;
};

static void *
front_run(void *arg)
{
	struct front	*f = arg;
	struct err	 e = ERR_INIT;

	f->rc = serve_run(f->s, NULL, NULL, "no work", &e);
	return (NULL);
}

static void
test_alive(void **state)
{
	struct serve_conf	 conf = { .place = place_named("main.push.1"),
				    .linger_ms = HANG_MS };
	struct front		 f;
	struct alive		 a;
	struct err		 e = ERR_INIT;

	(void)state;
	assert_int_equal(place_take(&conf.place, &conf.lock, &conf.listening,
	    &e), 0);
	assert_int_equal(serve_new(&f.s, &conf, &e), 0);
	assert_int_equal(pthread_create(&f.thread, NULL, front_run, &f), 0);
	assert_int_equal(alive_ask(&a, dir, "main.push.", HANG_MS, &e), 0);
	assert_int_equal(a.agents, 1);
	assert_int_equal(a.silent, 0);
	assert_int_equal(a.replaced, 0);
	assert_int_equal(alive_ask(&a, dir, "other.push.", HANG_MS, &e), 0);
	assert_int_equal(a.agents, 0);
	(void)pthread_join(f.thread, NULL);	/* it leaves by itself */
	assert_int_equal(f.rc, 0);
	serve_free(f.s);
	assert_int_equal(alive_ask(&a, dir, "main.push.", HANG_MS, &e), 0);
	assert_int_equal(a.agents, 0);
}

/* What the kernel says of a program that is gone. */
static void
test_replaced(void **state)
{
	(void)state;
	assert_false(alive_am_replaced("/proc/self/exe"));
	assert_false(alive_am_replaced("/nowhere"));
	assert_int_equal(symlink("/usr/bin/wal-push (deleted)",
	    testdir_path("exe")), 0);
	assert_true(alive_am_replaced(testdir_path("exe")));
	assert_int_equal(symlink("(deleted)", testdir_path("exe2")), 0);
	assert_false(alive_am_replaced(testdir_path("exe2")));
}

/* Nobody takes the connection out of the queue. */
static void
test_silent(void **state)
{
	struct place	 p = place_named("main.push.2");
	struct alive	 a;
	struct err	 e = ERR_INIT;
	int		 lock, listening;

	(void)state;
	assert_int_equal(place_take(&p, &lock, &listening, &e), 0);
	assert_int_equal(alive_ask(&a, dir, "main.push.", 1, &e), 0);
	assert_int_equal(a.agents, 1);
	assert_int_equal(a.silent, 1);
	assert_int_equal(a.pid, getpid());
	(void)close(listening);
	place_leave(&p, lock);
	place_release(&p, lock);
}

static void
test_directory(void **state)
{
	struct alive	 a;
	struct err	 e = ERR_INIT;

	(void)state;
	assert_int_equal(alive_ask(&a, "/nowhere/run", "main.push.", 1, &e),
	    0);
	assert_int_equal(a.agents, 0);
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(alive_ask(&a, dir, "main.push.", 1, &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	assert_int_equal(chmod(dir, 0700), 0);
}

static int
setup(void **state)
{
	if (testdir_setup(state))
		return (-1);
	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("run"));
	return (mkdir(dir, 0700));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_alive),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_silent),
		cmocka_unit_test(test_directory)
	};

	return (cmocka_run_group_tests(tests, setup, testdir_teardown));
}
