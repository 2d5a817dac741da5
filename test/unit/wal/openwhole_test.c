/* SPDX-License-Identifier: ISC */
/*
 * A server that is lost while segments are on their way to their names leaves
 * several open objects, one behind the other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "repoenv.h"
#include "testdir.h"
#include "pg/walname.h"
#include "wal/padded.h"
#include "wal/walarchive.h"
#include "wal/walfetch.h"

#define SEG	(UINT32_C(1) << 20)
#define NAME(n)	"0000000100000003000000A" n
#define START	((UINT64_C(3) << 32) + 0xA1 * (uint64_t)SEG)
#define FOLDER	"wal/00000001/00000003/"

static struct repoenv	 env;
static uint8_t		 wal[SEG];

#define ok(call) do {							\
	if ((call) != 0)						\
		fail_msg("%s: %s", #call, e.msg);			\
} while (0)

static int
setup(void **state)
{
	size_t	 i;

	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	for (i = 0; i < SEG; i++)
		wal[i] = (uint8_t)(1 + i % 251);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	repoenv_remove(&env);
	return (0);
}

/* Of the segment "k" behind the first one. */
static void
stream(uint64_t k, unsigned number, size_t n)
{
	repoenv_stream(&env, &(struct repoenv_stream){ .tli = 1,
	    .start = START + k * SEG, .number = number, .wal = wal, .n = n,
	    .frame = 300000 });
}

static int
fetch(const char *name, struct err *e)
{
	struct archive	*a = repoenv_open(&env, env.restore);
	int		 rc;

	err_clear(e);
	rc = walarchive_fetch(a, name, testdir_path("out"), e);
	archive_free(a);
	return (rc);
}

static void
got_whole(void)
{
	size_t	 n;
	uint8_t	*p = (uint8_t *)testdir_read("out", &n);

	assert_int_equal(n, SEG);
	assert_memory_equal(p, wal, SEG);
	free(p);
	assert_int_equal(unlink(testdir_path("out")), 0);
	assert_int_equal(access(testdir_path(PADDED_FILE), F_OK), -1);
}

static void
test_one_behind_the_other(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	stream(0, 1, SEG);
	stream(1, 1, 500);
	stream(1, 2, SEG);
	stream(2, 1, 1000);
	ok(fetch(NAME("1"), &e));
	got_whole();
	ok(fetch(NAME("2"), &e));
	got_whole();
	assert_int_equal(fetch(NAME("3"), &e), WALFETCH_STREAMED);
	assert_int_equal(fetch(NAME("4"), &e), 1);
	/* Also where complete WAL stands behind it. */
	repoenv_segment(&env, FOLDER NAME("4"));
	ok(fetch(NAME("2"), &e));
	got_whole();
	assert_int_equal(fetch(NAME("3"), &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
}

/* All but the last byte, with WAL behind it, is a gap. */
static void
test_not_whole(void **state)
{
	struct err	 e = ERR_INIT;
	char		*p;
	size_t		 n;

	(void)state;
	stream(0, 1, SEG - 1);
	stream(1, 1, 1);
	assert_int_equal(fetch(NAME("1"), &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	assert_non_null(strstr(e.msg, "this is a gap"));
	/* Nor does one count that was altered, or is of another segment. */
	stream(0, 2, SEG);
	p = testdir_read(repoenv_file(FOLDER NAME("1") ".open-002"), &n);
	p[n - 1] ^= 1;
	repoenv_change(FOLDER NAME("1") ".open-002", p, n);
	assert_int_equal(fetch(NAME("1"), &e), -1);
	p[n - 1] ^= 1;
	p[20] ^= 1;
	repoenv_change(FOLDER NAME("1") ".open-002", p, n);
	assert_int_equal(fetch(NAME("1"), &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	p[20] ^= 1;
	repoenv_change(FOLDER NAME("1") ".open-002", p, n);
	ok(fetch(NAME("1"), &e));
	got_whole();
	free(p);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(test_one_behind_the_other),
		T(test_not_whole),
	};

	return (cmocka_run_group_tests_name("openwhole", tests, NULL, NULL));
}
