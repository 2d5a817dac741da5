/* SPDX-License-Identifier: ISC */
/* The segment under way: what it calls durable can be read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "faultenv.h"
#include "memsink.h"
#include "receive/receivesegment.h"
#include "repo/marker.h"
#include "testdir.h"
#include "wal/openread.h"

#define NAME	"0000000100000003000000A1"
#define SEG	((uint32_t)FAULTENV_SEGSIZE)
#define OPEN(n)	"wal/00000001/00000003/" NAME ".open-00" n
#define PIECE	((size_t)100000)

static const struct walname	 segment = {
	.kind = WALNAME_SEGMENT, .tli = 1, .log = 3, .seg = 0xA1
};
static uint8_t			*wal;
static uint64_t			 start;

/* A repository with a marker. */
static struct archive *
begin_repo(void)
{
	struct archive		*a;
	struct store_get	*get = NULL;
	struct marker		 m;
	struct err		 e = ERR_INIT;

	faultenv_clean();
	a = faultenv_open(faultenv_push);
	if (marker_open(&get, a, &e) || marker_ensure(&m, a, get,
	    testdir_path("state"), SEG, &e))
		fail_msg("%s", e.msg);
	store_get_free(get);
	return (a);
}

static struct receivesegment_spec
spec_of(struct archive *a, int with_open, int follows)
{
	const struct receivesegment_spec	 spec = {
		.archive = a, .name = segment, .segsize = SEG,
		.dir = testdir_path("."), .with_open = with_open,
		.follows = follows
	};

	return (spec);
}

/* The end of what can be read of an open object; its start if nothing can. */
static uint64_t
readable(unsigned number)
{
	struct archive		*a = faultenv_open(faultenv_restore);
	struct memsink		 m;
	struct openread_run	 run;
	struct err		 e = ERR_INIT;
	uint64_t		 end = start;
	int			 r;

	memsink_init(&m);
	r = openread_wal(&run, a, &segment, SEG, number, &m.base, &e);
	if (r == -1)
		fail_msg("%s", e.msg);
	if (r == 0) {
		end = run.end;
		assert_memory_equal(m.p, wal, end - start);
	}
	free(m.p);
	archive_free(a);
	return (end);
}

/*
 * All of "n" bytes, in pieces, with a step behind each; *lsn is what was last
 * called durable.
 */
static int
feed(struct receivesegment *s, size_t n, uint64_t *lsn, struct err *e)
{
	const uint8_t	*p = wal;
	size_t		 len;

	*lsn = start;
	while (n > 0) {
		len = receivesegment_room(s);
		if (len > PIECE)
			len = PIECE;
		if (len > n)
			len = n;
		if (receivesegment_take(s, p, len, e) ||
		    receivesegment_step(s, lsn, e))
			return (-1);
		p += len;
		n -= len;
	}
	return (receivesegment_step(s, lsn, e));
}

static void
test_both_ways(void **state)
{
	struct archive			*a = begin_repo();
	const struct receivesegment_spec spec = spec_of(a, 1, 0);
	struct receivesegment		*s = NULL;
	struct err			 e = ERR_INIT;
	uint64_t			 lsn;
	char				*local;
	size_t				 n;

	(void)state;
	assert_int_equal(receivesegment_begin(&s, &spec, &e), 0);
	assert_int_equal(feed(s, 3 * PIECE + 1, &lsn, &e), 0);
	assert_int_equal(lsn, start + 3 * PIECE + 1);
	assert_int_equal(readable(1), lsn);
	assert_false(receivesegment_complete(s));
	assert_true(receivesegment_quiet(s));
	receivesegment_free(s);

	/* Another connection: the next number, because it looks. */
	assert_int_equal(receivesegment_begin(&s, &spec, &e), 0);
	assert_int_equal(feed(s, SEG, &lsn, &e), 0);
	assert_int_equal(lsn, start + SEG);
	assert_int_equal(readable(2), lsn);
	assert_true(receivesegment_complete(s));
	assert_int_equal(receivesegment_room(s), 0);
	local = testdir_read(NAME, &n);
	assert_int_equal(n, SEG);
	assert_memory_equal(local, wal, SEG);
	free(local);
	receivesegment_free(s);
	archive_free(a);
}

/* A number that was guessed, and is taken. */
static void
test_taken(void **state)
{
	struct archive			*a = begin_repo();
	const struct receivesegment_spec spec = spec_of(a, 1, 1);
	struct receivesegment		*s = NULL;
	struct err			 e = ERR_INIT;
	uint64_t			 lsn;

	(void)state;
	assert_int_equal(receivesegment_begin(&s, &spec, &e), 0);
	assert_int_equal(feed(s, PIECE, &lsn, &e), 0);
	receivesegment_free(s);
	assert_int_equal(receivesegment_begin(&s, &spec, &e), 0);
	assert_int_equal(feed(s, 2 * PIECE, &lsn, &e), 0);
	receivesegment_free(s);
	assert_int_equal(readable(1), start + PIECE);
	assert_int_equal(readable(2), start + 2 * PIECE);
	archive_free(a);
}

static void
test_without_open(void **state)
{
	struct archive			*a = begin_repo();
	const struct receivesegment_spec spec = spec_of(a, 0, 0);
	struct receivesegment		*s = NULL;
	struct err			 e = ERR_INIT;
	uint64_t			 lsn;

	(void)state;
	assert_int_equal(receivesegment_begin(&s, &spec, &e), 0);
	assert_int_equal(feed(s, SEG, &lsn, &e), 0);
	assert_int_equal(lsn, start);
	assert_true(receivesegment_complete(s));
	assert_int_equal(faultenv_count("wal"), 0);
	receivesegment_free(s);
	archive_free(a);
}

/* The disk was unmounted: what is created there now is worth nothing. */
static void
test_unmounted(void **state)
{
	struct archive			*a = begin_repo();
	const struct receivesegment_spec spec = spec_of(a, 1, 1);
	struct receivesegment		*s = NULL;
	struct err			 e = ERR_INIT;
	uint64_t			 lsn = start;

	(void)state;
	assert_int_equal(unlink(testdir_path(faultenv_file("system"))), 0);
	assert_int_equal(receivesegment_begin(&s, &spec, &e), 0);
	assert_int_equal(feed(s, PIECE, &lsn, &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	assert_non_null(strstr(e.msg, "mounted"));
	assert_int_equal(lsn, start);
	receivesegment_free(s);
	archive_free(a);
}

/*
 * Each call of the store fails, and all later ones: what was called durable
 * before can be read.
 */
static void
each_failure(int after)
{
	struct archive			*a;
	struct receivesegment_spec	 spec;
	struct receivesegment		*s;
	struct err			 e;
	uint64_t			 lsn;
	unsigned			 k, done;

	for (k = 1, done = 0; !done; k++) {
		a = begin_repo();
		spec = spec_of(a, 1, 0);
		e = (struct err)ERR_INIT;
		s = NULL;
		lsn = start;
		(void)faultenv_fail(a, k, after);
		if (receivesegment_begin(&s, &spec, &e) == 0 &&
		    feed(s, 5 * PIECE, &lsn, &e) == 0)
			done = 1;
		else
			assert_int_equal(e.kind, ERR_REMOTE);
		(void)faultenv_fail(a, 0, 0);
		receivesegment_free(s);
		assert_true(readable(1) >= lsn);
		/* What holds nothing does not stay. */
		if (lsn == start && s != NULL && !after)
			assert_int_equal(readable(1), start);
		archive_free(a);
	}
	assert_true(k > 10);
}

static void
test_failures(void **state)
{
	(void)state;
	each_failure(0);
	each_failure(1);
}

static int
setup(void **state)
{
	if (faultenv_setup(state) == -1)
		return (-1);
	start = walname_lsn(&segment, SEG);
	wal = faultenv_segment(NAME, 7);
	return (0);
}

static int
teardown(void **state)
{
	free(wal);
	return (faultenv_teardown(state));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_taken),
		cmocka_unit_test(test_without_open),
		cmocka_unit_test(test_unmounted),
		cmocka_unit_test(test_failures)
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
