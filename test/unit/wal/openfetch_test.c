/* SPDX-License-Identifier: ISC */
/* What was streamed in the place of a segment, and when it does not count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <unistd.h>
#include <cmocka.h>

#include "repoenv.h"
#include "store/store_append.h"
#include "testdir.h"
#include "pg/walname.h"
#include "wal/openfetch.h"
#include "wal/padded.h"

#define SEG	(UINT32_C(1) << 20)
#define NAME	"0000000100000003000000A1"
#define START	((UINT64_C(3) << 32) + 0xA1 * (uint64_t)SEG)
#define FOLDER	"wal/00000001/00000003/"

static struct repoenv	 env;
static uint8_t		 wal[SEG];

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

static void
stream(unsigned number, const uint8_t *p, size_t n)
{
	repoenv_stream(&env, &(struct repoenv_stream){ .tli = 1,
	    .start = START, .number = number, .wal = p, .n = n,
	    .frame = n / 2 });
}

static int
fetch(uint64_t *end, struct err *e)
{
	struct archive	*a = repoenv_open(&env, env.restore);
	int		 rc;

	err_clear(e);
	rc = openfetch_file(a, NAME, testdir_path("out"), testdir_path(""),
	    end, e);
	archive_free(a);
	if (rc != 0)
		assert_int_equal(access(testdir_path("out"), F_OK), -1);
	return (rc);
}

/* The file is noted with its bytes. */
static void
noted(uint64_t end)
{
	struct err	 e = ERR_INIT;
	struct padded	 p;
	int		 fd = open(testdir_path("out"), O_RDONLY);

	assert_int_not_equal(fd, -1);
	assert_int_equal(padded_is(&p, testdir_path(""), NAME, fd, &e), 1);
	assert_int_equal(p.end, end);
	assert_int_equal(close(fd), 0);
}

static void
test_longest(void **state)
{
	struct err	 e = ERR_INIT;
	uint64_t	 end = 0;
	uint8_t		*p;
	size_t		 n, i;

	(void)state;
	assert_int_equal(fetch(&end, &e), 1);
	stream(1, wal, 5000);
	stream(2, wal, 70000);
	stream(7, wal, 30000);
	if (fetch(&end, &e) != 0)
		fail_msg("%s", e.msg);
	assert_int_equal(end, START + 70000);
	p = (uint8_t *)testdir_read("out", &n);
	assert_int_equal(n, SEG);
	assert_memory_equal(p, wal, 70000);
	for (i = 70000; i < n; i++)
		assert_int_equal(p[i], 0);
	free(p);
	noted(START + 70000);
}

/*
 * A run that is the whole segment, of which the last "zeros" bytes are zero:
 * the last record must not be valid.
 */
static void
one_whole(size_t zeros)
{
	struct err	 e = ERR_INIT;
	uint64_t	 end = 0;
	uint8_t		*p, *q = malloc(SEG);
	size_t		 n;

	assert_non_null(q);
	memcpy(q, wal, SEG - zeros);
	memset(q + SEG - zeros, 0, zeros);
	stream(1, q, SEG);
	if (fetch(&end, &e) != 0)
		fail_msg("%s", e.msg);
	assert_int_equal(end, START + SEG);
	p = (uint8_t *)testdir_read("out", &n);
	assert_int_equal(n, SEG);
	q[SEG - zeros - 1] = 0;
	assert_memory_equal(p, q, SEG);
	free(p);
	free(q);
	noted(START + SEG);
}

static void
test_all(void **state)
{
	(void)state;
	one_whole(0);
}

static void
test_all_switched(void **state)
{
	(void)state;
	one_whole(SEG / 2 + 12345);
}

/* What cannot be noted must not appear: it could be archived. */
static void
test_not_noted(void **state)
{
	struct err	 e = ERR_INIT;
	uint64_t	 end;

	(void)state;
	stream(1, wal, 5000);
	testdir_text(PADDED_FILE, "x");
	assert_int_equal(fetch(&end, &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	assert_non_null(strstr(e.msg, PADDED_FILE));
}

static void
test_differ(void **state)
{
	struct err	 e = ERR_INIT;
	uint64_t	 end;

	(void)state;
	stream(1, wal, 5000);
	wal[4999] ^= 1;
	stream(2, wal, 70000);
	assert_int_equal(fetch(&end, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_non_null(strstr(e.msg, NAME ".open-002 and .open-001 differ"));
}

/* An empty one says nothing; a damaged header may hide what was promised. */
static void
test_damaged(void **state)
{
	struct err	 e = ERR_INIT;
	uint64_t	 end;

	(void)state;
	repoenv_put(FOLDER NAME ".open-001", "");
	assert_int_equal(fetch(&end, &e), 1);
	stream(2, wal, 1000);
	if (fetch(&end, &e) != 0)
		fail_msg("%s", e.msg);
	assert_int_equal(unlink(testdir_path("out")), 0);
	wal[0] = 0;
	repoenv_change(FOLDER NAME ".open-001", wal, 3000);
	assert_int_equal(fetch(&end, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_non_null(strstr(e.msg, NAME ".open-001"));
}

static void
test_does_not_count(void **state)
{
	struct err	 e = ERR_INIT;
	uint64_t	 end;

	(void)state;
	stream(1, wal, 5000);
	repoenv_put(FOLDER NAME, "x");
	assert_int_equal(fetch(&end, &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	assert_int_equal(unlink(testdir_path(repoenv_file(FOLDER NAME))), 0);
	/* Another timeline came from this one, within the segment. */
	repoenv_object(&env, "wal/00000002.history",
	    "1\t3/A100080\tno recovery target specified\n");
	assert_int_equal(fetch(&end, &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	assert_non_null(strstr(e.msg, "timeline 2 came from its timeline"));
	/* Of an object that is empty nothing is missed. */
	assert_int_equal(rename(testdir_path(repoenv_file(FOLDER NAME
	    ".open-001")), testdir_path("aside")), 0);
	repoenv_put(FOLDER NAME ".open-002", "");
	assert_int_equal(fetch(&end, &e), 1);
	assert_int_equal(rename(testdir_path("aside"),
	    testdir_path(repoenv_file(FOLDER NAME ".open-001"))), 0);
	/* Where the run ends it is the line of a server recovered from it. */
	assert_int_equal(unlink(testdir_path(repoenv_file(
	    "wal/00000002.history"))), 0);
	repoenv_object(&env, "wal/00000002.history",
	    "1\t3/A101388\tno recovery target specified\n");
	if (fetch(&end, &e) != 0)
		fail_msg("%s", e.msg);
	assert_int_equal(end, START + 5000);
	assert_int_equal(unlink(testdir_path("out")), 0);
	/* And whether it did cannot be known. */
	repoenv_change("wal/00000002.history", "x", 1);
	assert_int_equal(fetch(&end, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(test_longest),
		T(test_all),
		T(test_all_switched),
		T(test_not_noted),
		T(test_differ),
		T(test_damaged),
		T(test_does_not_count),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
