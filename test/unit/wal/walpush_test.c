/* SPDX-License-Identifier: ISC */
/* Pushing WAL files through a store that fails at each of its operations. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "repo/layout.h"
#include "wal/walarchive.h"
#include "wal/walpush.h"

#include "crypt/keyparts.h"
#include "faultenv.h"
#include "oldhead.h"
#include "testdir.h"

#define NAME		"0000000100000000000000FF"

static int
push_as(struct archive *a, const char *name, struct err *e)
{
	struct walpush_file	 w = {
		.name = name,
		.codec = { CODEC_ZSTD, 1 },
		.state_dir = testdir_path("state"),
		.wal_segment_size = FAULTENV_SEGSIZE
	};
	int			 rc;

	w.fd = open(testdir_path(name), O_RDONLY | O_CLOEXEC);
	assert_int_not_equal(w.fd, -1);
	rc = walpush_file(a, &w, e);
	assert_int_equal(close(w.fd), 0);
	return (rc);
}

static int
push(const char *name, struct err *e)
{
	struct archive	*a = faultenv_open(faultenv_push);
	int		 rc = push_as(a, name, e);

	archive_free(a);
	return (rc);
}

static int
fetch(const char *name, struct err *e)
{
	struct archive	*a = faultenv_open(faultenv_restore);
	int		 rc;

	(void)unlink(testdir_path("out"));
	rc = walarchive_fetch(a, name, testdir_path("out"), e);
	archive_free(a);
	return (rc);
}

static uint8_t *
segment(const char *name, unsigned seed)
{
	uint8_t	*p = faultenv_segment(name, seed);

	testdir_write(name, p, FAULTENV_SEGSIZE);
	return (p);
}

static void
must_be(const uint8_t *p)
{
	static uint8_t	 got[FAULTENV_SEGSIZE + 1];
	int		 fd = open(testdir_path("out"), O_RDONLY);

	assert_int_not_equal(fd, -1);
	assert_int_equal(read(fd, got, sizeof(got)), FAULTENV_SEGSIZE);
	assert_memory_equal(got, p, FAULTENV_SEGSIZE);
	assert_int_equal(close(fd), 0);
}

/*
 * After each failure the name is not there, or complete; the next push is
 * right, and nothing else is left.  Begins with an empty repository ("fresh")
 * or one that has a marker and another segment.
 */
static void
failures(int fresh, int after)
{
	struct archive	*a;
	struct err	 e = ERR_INIT;
	uint8_t		*p = segment(NAME, 1);
	char		 path[LAYOUT_PATH];
	unsigned	 k, n;
	int		 rc = -1, there;

	free(segment("000000010000000000000001", 2));
	assert_int_equal(layout_wal(path, NAME, &e), 0);
	for (k = 1; k < 200; k++) {
		faultenv_clean();
		err_clear(&e);
		if (!fresh)
			assert_int_equal(push("000000010000000000000001",
			    &e), 0);
		a = faultenv_open(faultenv_push);
		(void)faultenv_fail(a, k, after);
		rc = push_as(a, NAME, &e);
		n = faultenv_fail(a, 0, 0);
		archive_free(a);
		if (n < k)
			break;
		there = faultenv_count(path);
		if (rc == 0)
			assert_true(there);
		else
			assert_int_equal(e.kind, ERR_REMOTE);
		assert_int_equal(faultenv_count("tmp"), 0);
		err_clear(&e);
		if (there) {
			assert_true(after);
			assert_int_equal(fetch(NAME, &e), 0);
			must_be(p);
		}
		assert_int_equal(push(NAME, &e), 0);
		assert_int_equal(fetch(NAME, &e), 0);
		must_be(p);
		assert_int_equal(faultenv_count(""), fresh ? 2 : 3);
	}
	assert_int_equal(rc, 0);
	assert_in_range(k, 8, 100);
	free(p);
}

static void
test_push_failures(void **state)
{
	(void)state;
	failures(1, 0);
	failures(1, 1);
	failures(0, 0);
	failures(0, 1);
}

/* The same file again, through the same failures: never a wrong success. */
static void
test_again_failures(void **state)
{
	struct archive	*a;
	struct err	 e = ERR_INIT;
	uint8_t		*p = segment(NAME, 1), *q;
	unsigned	 k, n;
	int		 rc = -1, other;

	(void)state;
	for (other = 0; other <= 1; other++) {
		faultenv_clean();
		free(segment(NAME, 1));
		err_clear(&e);
		assert_int_equal(push(NAME, &e), 0);
		q = segment(NAME, 1 + (unsigned)other);
		for (k = 1; k < 200; k++) {
			err_clear(&e);
			a = faultenv_open(faultenv_push);
			(void)faultenv_fail(a, k, 0);
			rc = push_as(a, NAME, &e);
			n = faultenv_fail(a, 0, 0);
			archive_free(a);
			if (n < k)
				break;
			assert_int_equal(rc, -1);
			assert_int_equal(e.kind, ERR_REMOTE);
		}
		assert_int_equal(rc, other ? -1 : 0);
		assert_int_equal(e.kind, other ? ERR_CONFLICT : ERR_NONE);
		err_clear(&e);
		assert_int_equal(fetch(NAME, &e), 0);
		must_be(p);
		assert_int_equal(faultenv_count(""), 2);
		free(q);
	}
	free(p);
}

/*
 * What a program of that header version stored: compared by its tag, and
 * read only where the key file says that the signer wrote such headers.
 */
static void
stored_earlier(unsigned version)
{
	struct archive	*a;
	struct err	 e = ERR_INIT;
	uint8_t		*p = segment(NAME, 1), *q, *was;
	char		 path[LAYOUT_PATH], *is;
	size_t		 n, len;
	int		 other;

	faultenv_clean();
	assert_int_equal(push(NAME, &e), 0);
	assert_int_equal(layout_wal(path, NAME, &e), 0);
	a = faultenv_open(faultenv_push);
	was = oldhead_object(&len, version, 1, &(struct head_place){
	    a->server, a->system_id, path }, p, FAULTENV_SEGSIZE,
	    faultenv_push);
	archive_free(a);
	assert_int_equal(unlink(testdir_path(faultenv_file(path))), 0);
	testdir_write(faultenv_file(path), was, len);
	for (other = 0; other <= 1; other++) {
		q = segment(NAME, 1 + (unsigned)other);
		err_clear(&e);
		assert_int_equal(push(NAME, &e), other ? -1 : 0);
		assert_int_equal(e.kind, other ? ERR_CONFLICT : ERR_NONE);
		is = testdir_read(faultenv_file(path), &n);
		assert_int_equal(n, len);
		assert_memory_equal(is, was, n);
		assert_int_equal(faultenv_count(""), 2);
		free(is);
		free(q);
	}
	err_clear(&e);
	assert_int_equal(fetch(NAME, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_non_null(strstr(e.msg, "does not count from signer"));
	err_clear(&e);
	faultenv_restore->words[0].v2_until_us = 2;
	assert_int_equal(fetch(NAME, &e), 0);
	faultenv_restore->words[0].v2_until_us = 0;
	must_be(p);
	free(was);
	free(p);
}

static void
test_stored_earlier(void **state)
{
	(void)state;
	stored_earlier(1);
	stored_earlier(2);
}

/* No failure is ever taken for "not in the repository". */
static void
test_fetch_failures(void **state)
{
	struct archive	*a;
	struct err	 e = ERR_INIT;
	unsigned	 k, n;
	int		 rc = -1, absent;

	(void)state;
	faultenv_clean();
	free(segment(NAME, 1));
	assert_int_equal(push(NAME, &e), 0);
	for (absent = 0; absent <= 1; absent++) {
		for (k = 1; k < 200; k++) {
			err_clear(&e);
			(void)unlink(testdir_path("out"));
			a = faultenv_open(faultenv_restore);
			(void)faultenv_fail(a, k, 0);
			rc = walarchive_fetch(a, absent ?
			    "000000010000000100000001" : NAME,
			    testdir_path("out"), &e);
			n = faultenv_fail(a, 0, 0);
			archive_free(a);
			if (n < k)
				break;
			assert_int_equal(rc, -1);
			assert_int_equal(e.kind, ERR_REMOTE);
			assert_int_equal(access(testdir_path("out"), F_OK),
			    -1);
		}
		assert_int_equal(rc, absent);
		assert_in_range(k, 4, 100);
	}
}

/* Whatever PostgreSQL could not read is refused before anything is sent. */
static void
test_histories(void **state)
{
	static const struct { const char *text; size_t n; int ok; } cases[] = {
		{ "1\t0/3000000\tno recovery target specified\n", 41, 1 },
		{ "# a comment\n1\t0/3000000\tx\n", 26, 1 },
		{ "\0\0\0\0\0\0\0\0", 8, 0 },
		{ "# only a comment\n", 17, 0 },
		{ "\n", 1, 0 },
		{ "3\t0/3000000\tx\n", 14, 0 },
		{ "nonsense\n", 9, 0 },
	};
	struct err	 e = ERR_INIT;
	size_t		 i;
	int		 rc;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		faultenv_clean();
		testdir_write("00000002.history", cases[i].text, cases[i].n);
		err_clear(&e);
		rc = push("00000002.history", &e);
		assert_int_equal(rc, cases[i].ok ? 0 : -1);
		if (rc == 0)
			continue;
		assert_int_equal(e.kind, ERR_CORRUPT);
		assert_int_equal(faultenv_count(""), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_push_failures),
		cmocka_unit_test(test_again_failures),
		cmocka_unit_test(test_stored_earlier),
		cmocka_unit_test(test_fetch_failures),
		cmocka_unit_test(test_histories),
	};

	return (cmocka_run_group_tests(tests, faultenv_setup,
	    faultenv_teardown));
}
