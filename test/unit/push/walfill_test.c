/* SPDX-License-Identifier: ISC */
/* What a repository lacks is pushed from pg_wal, if that still has it. */
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
#include "base/io.h"
#include "faultenv.h"
#include "keyring.h"
#include "mortal.h"
#include "push/walfill.h"
#include "repoenv.h"
#include "testdir.h"

#define NAME	"000000030000000400000005"
#define FILE_	"pg/pg_wal/" NAME
#define DONE	"pg/pg_wal/archive_status/" NAME ".done"
#define STORED	"wal/00000003/00000004/" NAME

static struct repoenv	 env;

/* A segment of this cluster in pg_wal. */
static void
segment(void)
{
	const uint64_t	 id = REPOENV_SYSTEM;
	uint8_t		*p = faultenv_segment(NAME, 1);
	struct err	 e = ERR_INIT;

	memcpy(p + 24, &id, sizeof(id));
	assert_int_equal(io_mkdirs(testdir_path("pg/pg_wal/archive_status"),
	    0700, &e), 0);
	testdir_write(FILE_, p, FAULTENV_SEGSIZE);
	free(p);
}

/* Fill; "meanwhile" is called when the repository is first looked at. */
static int
fill(void (*meanwhile)(void *), struct err *e)
{
	struct connection	 warm = { &env.conf, env.push, "main",
				    REPOENV_SYSTEM, NULL, 0 };
	char			 dir[512], state[512];
	const struct walfill	 w = { .warm = &warm, .dir = dir,
				    .state_dir = state,
				    .wal_segment_size = FAULTENV_SEGSIZE };
	int			 rc;

	(void)snprintf(dir, sizeof(dir), "%s", testdir_path("pg"));
	(void)snprintf(state, sizeof(state), "%s", testdir_path("state"));
	warm.a = repoenv_open(&env, env.push);
	warm.used_ms = clock_mono_ms();
	if (meanwhile != NULL) {
		mortal_wrap(warm.a, INT32_MAX);
		mortal_meet_look(warm.a, 0, meanwhile, NULL);
	}
	rc = walfill_push(&w, NAME, e);
	connection_drop(&warm);
	return (rc);
}

static int
stored(void)
{
	return (access(testdir_path(repoenv_file(STORED)), F_OK) == 0);
}

static void
test_fill(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	assert_int_equal(fill(NULL, &e), 1);	/* pg_wal has no such file */
	segment();
	assert_int_equal(fill(NULL, &e), 1);	/* nobody archived it */
	assert_false(stored());
	testdir_text(DONE, "");
	if (fill(NULL, &e) != 0)
		fail_msg("%s", e.msg);
	assert_true(stored());
	assert_int_equal(fill(NULL, &e), 0);	/* once more is no harm */
}

static void
recycle(void *arg)
{
	(void)arg;
	assert_int_equal(rename(testdir_path(FILE_),
	    testdir_path("pg/pg_wal/000000030000000400000009")), 0);
}

static void
replace(void *arg)
{
	recycle(arg);
	segment();
}

static void
forget(void *arg)
{
	(void)arg;
	assert_int_equal(unlink(testdir_path(DONE)), 0);
}

/* What PostgreSQL takes away while it is read must not become visible. */
static void
test_taken_away(void **state)
{
	void		(*const how[])(void *) = { recycle, replace, forget };
	struct err	 e = ERR_INIT;
	size_t		 i;

	(void)state;
	for (i = 0; i < 3; i++) {
		segment();
		testdir_text(DONE, "");
		assert_int_equal(fill(how[i], &e), 1);
		assert_int_equal(e.kind, ERR_NONE);
		assert_false(stored());
	}
}

/* Another file under the segment's name is none. */
static void
test_link(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	segment();
	testdir_text(DONE, "");
	recycle(NULL);
	assert_int_equal(symlink("000000030000000400000009",
	    testdir_path(FILE_)), 0);
	assert_int_equal(fill(NULL, &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	assert_false(stored());
}

#define T(f)	cmocka_unit_test_prestate_setup_teardown(f, \
		    repoenv_setup_marked, repoenv_teardown, &env)

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		T(test_fill),
		T(test_taken_away),
		T(test_link)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
