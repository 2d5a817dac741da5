/* SPDX-License-Identifier: ISC */
/* What a local WAL file must fulfil before it is pushed. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "pg/history.h"
#include "wal/walcheck.h"

#include "faultenv.h"
#include "testdir.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define SEG	FAULTENV_SEGSIZE
#define NAME	"0000000200000000000000FE"

/* Check "n" bytes as a file of that name. */
static int
check(const char *name, const void *p, size_t n, uint64_t *segsize,
    struct err *e)
{
	struct stat	 st;
	int		 fd, rc;

	testdir_write("file", p, n);
	fd = open(testdir_path("file"), O_RDONLY | O_CLOEXEC);
	assert_int_not_equal(fd, -1);
	rc = walcheck_file(&st, fd, name, FAULTENV_SYSTEM, segsize, e);
	if (rc == 0)
		assert_int_equal(st.st_size, n);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
	assert_int_equal(close(fd), 0);
	return (rc);
}

/* A good segment of NAME, with one thing changed, under some name. */
static void
test_segments(void **state)
{
	static const struct {
		const char	*name, *what;
		size_t		 at;		/* byte that is changed */
		size_t		 n;		/* bytes that the file has */
		uint64_t	 segsize;	/* as the caller knows it */
		enum err_kind	 want;
	} cases[] = {
		{ NAME, "is good", 0, SEG, SEG, ERR_NONE },
		{ NAME, "is good, size not known", 0, SEG, 0, ERR_NONE },
		{ NAME ".partial", "is good", 0, SEG, SEG, ERR_NONE },
		{ NAME, "is empty", 0, 0, SEG, ERR_CORRUPT },
		{ NAME, "is empty, size not known", 0, 0, 0, ERR_CORRUPT },
		{ NAME, "is cut in its header", 0, 39, 0, ERR_CORRUPT },
		{ NAME, "lacks a byte", 0, SEG - 1, SEG, ERR_CORRUPT },
		{ NAME, "lacks a byte, size not known", 0, SEG - 1, 0,
		    ERR_CORRUPT },
		{ NAME, "has a byte too many", 0, SEG + 1, SEG, ERR_CORRUPT },
		{ NAME, "of a cluster with larger ones", 0, SEG, 2 * SEG,
		    ERR_CORRUPT },
		{ NAME ".partial", "lacks a byte", 0, SEG - 1, SEG,
		    ERR_CORRUPT },
		{ "0000000200000000000000FD", "is the one before", 0, SEG,
		    SEG, ERR_CORRUPT },
		{ "0000000300000000000000FE", "began on an older timeline",
		    0, SEG, SEG, ERR_NONE },
		{ "0000000100000000000000FE", "is of a newer timeline", 0,
		    SEG, SEG, ERR_CORRUPT },
		{ NAME, "is no WAL page", 1, SEG, SEG, ERR_CORRUPT },
		{ NAME, "has no segment header", 2, SEG, SEG, ERR_CORRUPT },
		{ NAME, "lies elsewhere", 11, SEG, SEG, ERR_CORRUPT },
		{ NAME, "is of another cluster", 24, SEG, SEG,
		    ERR_CONFLICT },
		{ NAME, "says an impossible size", 33, SEG, 0, ERR_CORRUPT },
		{ NAME, "says another size", 34, SEG, SEG, ERR_CORRUPT },
		{ "x" NAME, "has another name", 0, SEG, SEG, ERR_USAGE }
	};
	struct err	 e = ERR_INIT;
	uint8_t		*good = faultenv_segment(NAME, 1);
	uint8_t		*p = malloc(SEG + 1);
	uint64_t	 segsize;
	size_t		 i;
	int		 rc;

	(void)state;
	assert_non_null(p);
	for (i = 0; i < LEN(cases); i++) {
		memcpy(p, good, SEG);
		p[SEG] = 0;
		if (cases[i].at > 0)
			p[cases[i].at] ^= 0xff;
		segsize = cases[i].segsize;
		err_clear(&e);
		rc = check(cases[i].name, p, cases[i].n, &segsize, &e);
		if (e.kind != cases[i].want ||
		    (rc == 0) != (cases[i].want == ERR_NONE))
			fail_msg("%s, which %s: %d, %s", cases[i].name,
			    cases[i].what, rc, e.msg);
		if (rc == 0)
			assert_int_equal(segsize, SEG);
	}
	free(good);
	free(p);
}

static void
test_small_files(void **state)
{
	static const char	 backup[] = NAME ".00000028.backup";
	static const char	 history[] = "00000003.history";
	struct err		 e = ERR_INIT;
	char			*big = calloc(1, SEG + 1);
	uint64_t		 segsize = 0;

	(void)state;
	assert_non_null(big);
	assert_int_equal(check(backup, "START", 5, &segsize, &e), 0);
	assert_int_equal(check(backup, big, SEG, &segsize, &e), 0);
	assert_int_equal(check(backup, "", 0, &segsize, &e), -1);
	assert_string_equal(e.msg, "file has 0 bytes, expected 1 to 1048576");
	err_clear(&e);
	assert_int_equal(check(backup, big, SEG + 1, &segsize, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	err_clear(&e);
	assert_int_equal(check(history, "1\t0/5\tx\n2\t0/7\ty\n", 16, &segsize,
	    &e), 0);
	assert_int_equal(check(history, "", 0, &segsize, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	err_clear(&e);
	assert_int_equal(check(history, "# none\n", 7, &segsize, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	err_clear(&e);
	assert_int_equal(HISTORY_MAX < SEG, 1);
	memset(big, '\n', HISTORY_MAX + 1);
	memcpy(big, "1\t0/5\tx", 7);
	assert_int_equal(check(history, big, HISTORY_MAX, &segsize, &e), 0);
	assert_int_equal(check(history, big, HISTORY_MAX + 1, &segsize, &e),
	    -1);
	assert_string_equal(e.msg, "file has 65537 bytes, expected 1 to "
	    "65536");
	err_clear(&e);
	assert_int_equal(check(history, "3\t0/5\tx\n", 8, &segsize, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	err_clear(&e);
	/* None of them says how large segments are. */
	assert_int_equal(segsize, 0);
	/* Where that is known, a name that does not fit is refused. */
	segsize = (uint64_t)1 << 30;
	assert_int_equal(check(backup, "START", 5, &segsize, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	free(big);
}

static void
test_not_a_file(void **state)
{
	struct err	 e = ERR_INIT;
	struct stat	 st;
	uint64_t	 segsize = SEG;
	int		 fd = open(testdir_path("."), O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_int_not_equal(fd, -1);
	assert_int_equal(walcheck_file(&st, fd, NAME, FAULTENV_SYSTEM,
	    &segsize, &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	assert_string_equal(e.msg, "not a regular file");
	assert_int_equal(close(fd), 0);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_segments),
		cmocka_unit_test(test_small_files),
		cmocka_unit_test(test_not_a_file)
	};

	return (cmocka_run_group_tests(tests, testdir_setup,
	    testdir_teardown));
}
