/* SPDX-License-Identifier: ISC */
/* How far streamed WAL leads beyond what is complete. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "catalogue/streamed.h"
#include "repoenv.h"
#include "testdir.h"
#include "pg/walname.h"

#define SEG	UINT64_C(1048576)
#define LSN(n)	((n) * SEG)

static struct repoenv	 env;
static struct err	 why;

#define ok(call) do {							\
	if ((call) != 0)						\
		fail_msg("%s: %s", #call, e.msg);			\
} while (0)

static int
setup(void **state)
{
	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	repoenv_put("wal/00000001/00000000/000000010000000000000004", "x");
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
stream(uint32_t tli, uint64_t segno, unsigned number, size_t n)
{
	repoenv_stream(&env, &(struct repoenv_stream){ .tli = tli,
	    .start = LSN(segno), .number = number, .n = n });
}

/* Behind LSN "end" of line "tli"; all keys must agree unless "guess". */
static int
find(struct streamed *s, uint32_t tli, uint64_t end, int guess)
{
	const struct key	*key[] = { env.restore, env.public, env.push };
	struct streamed		 other;
	struct catalogue	*c;
	struct archive		*a;
	struct err		 e = ERR_INIT;
	size_t			 i;
	int			 rc = 0, got;

	for (i = 0; i < 3; i++) {
		a = repoenv_open(&env, key[i]);
		ok(catalogue_load(&c, a, &e));
		memset(&other, 0, sizeof(other));
		got = streamed_find(&other, a, c, tli, end, &why, &e);
		if (got == -1)
			fail_msg("%s", e.msg);
		if (i == 0) {
			rc = got;
			*s = other;
		} else if (!guess) {
			assert_int_equal(got, rc);
			assert_int_equal(other.end, s->end);
		} else
			assert_int_equal(got, 1);
		catalogue_free(c);
		archive_free(a);
	}
	return (rc);
}

static void
test_behind(void **state)
{
	struct streamed	 s;

	(void)state;
	assert_int_equal(find(&s, 1, LSN(5), 0), 1);
	stream(1, 5, 1, 1000);
	stream(1, 5, 2, 3000);
	stream(1, 5, 3, 2000);
	assert_int_equal(find(&s, 1, LSN(5), 0), 0);
	assert_int_equal(s.end, LSN(5) + 3000);
	assert_int_equal(s.segno, 5);
	assert_true(s.at_us > 0);
	assert_int_equal(why.kind, ERR_NONE);
	assert_int_equal(find(&s, 1, LSN(4), 0), 1);
	assert_int_equal(find(&s, 2, LSN(5), 0), 1);
	/* Complete by now; and what is behind that is not streamed yet. */
	repoenv_put("wal/00000001/00000000/000000010000000000000005", "x");
	assert_int_equal(find(&s, 1, LSN(5), 0), 1);
	assert_int_equal(find(&s, 1, LSN(6), 0), 1);
}

/* The server was lost while segments were on their way to their names. */
static void
test_whole(void **state)
{
	struct streamed	 s;

	(void)state;
	stream(1, 5, 1, SEG);
	stream(1, 6, 1, SEG);
	assert_int_equal(find(&s, 1, LSN(5), 0), 0);
	assert_int_equal(s.end, LSN(7));
	stream(1, 7, 1, 10);
	assert_int_equal(find(&s, 1, LSN(5), 0), 0);
	assert_int_equal(s.end, LSN(7) + 10);
	/* Only what comes before a gap counts, and no part of a segment. */
	stream(1, 8, 1, 10);
	assert_int_equal(find(&s, 1, LSN(5), 0), 0);
	assert_int_equal(s.end, LSN(7));
	assert_int_equal(why.kind, ERR_ABSENT);
	assert_string_equal(why.msg, "WAL segment 000000010000000000000007 is "
	    "missing, though WAL behind it was streamed");
}

static void
test_gap(void **state)
{
	struct streamed	 s;

	(void)state;
	stream(1, 6, 1, 1000);
	assert_int_equal(find(&s, 1, LSN(5), 0), 1);
	assert_int_equal(why.kind, ERR_ABSENT);
	assert_non_null(strstr(why.msg, "00000005 is missing"));
}

static void
test_forked(void **state)
{
	struct streamed	 s;

	(void)state;
	stream(1, 5, 1, 1000);
	repoenv_put("wal/00000003/00000000/000000030000000000000009", "x");
	/* Without histories timeline 3 may have come from it. */
	assert_int_equal(find(&s, 1, LSN(5), 1), 0);
	repoenv_object(&env, "wal/00000003.history",
	    "1\t0/500100\tno recovery target specified\n");
	assert_int_equal(find(&s, 1, LSN(5), 0), 1);
	assert_int_equal(why.kind, ERR_NONE);
}

static void
test_refused(void **state)
{
	struct streamed	 s;

	(void)state;
	stream(1, 5, 1, 1000);
	repoenv_object(&env,
	    "wal/00000001/00000000/000000010000000000000005.open-002",
	    "no open object, and long enough for a header to be seen");
	assert_int_equal(find(&s, 1, LSN(5), 0), 1);
	assert_int_equal(why.kind, ERR_CORRUPT);
	assert_non_null(strstr(why.msg, "05.open-002"));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(test_behind),
		T(test_whole),
		T(test_gap),
		T(test_forked),
		T(test_refused),
	};

	return (cmocka_run_group_tests_name("streamed", tests, NULL, NULL));
}
