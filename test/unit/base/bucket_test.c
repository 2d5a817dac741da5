/* SPDX-License-Identifier: ISC */
/* The token bucket: how long each thread waits, by a clock of the test. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/bucket.h"
#include "base/clock.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))

static struct bucket *
made(uint64_t rate)
{
	struct bucket	*b;
	struct err	 e = ERR_INIT;

	if (bucket_new(&b, rate, &e))
		fail_msg("%s", e.msg);
	return (b);
}

static void
test_table(void **state)
{
	static const struct {
		uint64_t	 rate;
		struct {
			uint64_t	 n;
			int64_t		 now, until;
		} take[6];
	} rows[] = {
		/* It starts empty, so the first bytes wait as well. */
		{ 1000, { { 1, 50, 51 }, { 999, 50, 1050 },
		    { 1, 1050, 1051 }, { 0, 1051, 1051 },
		    { 500, 1151, 1551 }, { 1, 1551, 1552 } } },
		/* It keeps one second's worth, however long it was idle. */
		{ 1000, { { 0, 0, 0 }, { 1000, 1000, 1000 },
		    { 0, 1000, 1000 }, { 1000, 5000000, 5000000 },
		    { 1, 5000000, 5000001 }, { 1, 5000000, 5000002 } } },
		/* Later threads wait for a debt as well, in turn. */
		{ 100, { { 1000, 0, 10000 }, { 100, 0, 11000 },
		    { 1, 9999, 11010 }, { 0, 11009, 11010 },
		    { 0, 11010, 11010 }, { 1, 11010, 11020 } } },
		/* Waits are rounded up: never early. */
		{ 3000, { { 1, 0, 1 }, { 1, 0, 1 }, { 1, 0, 1 },
		    { 1, 0, 2 }, { 3000, 0, 1002 }, { 1, 0, 1002 } } },
		/* A rate below one byte per millisecond. */
		{ 1, { { 1, 0, 1000 }, { 1, 999, 2000 }, { 0, 1999, 2000 },
		    { 0, 2000, 2000 }, { 1, 2500, 3000 },
		    { 1, 3000, 4000 } } },
		/* A clock that seems to go back changes nothing. */
		{ 1000, { { 100, 1000, 1100 }, { 0, 900, 1100 },
		    { 100, 900, 1200 }, { 0, 1000, 1200 },
		    { 0, 1199, 1200 }, { 1, 1200, 1201 } } }
	};
	struct bucket	*b;
	size_t		 i, k;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		b = made(rows[i].rate);
		for (k = 0; k < 6; k++)
			if (bucket_take(b, rows[i].take[k].n,
			    rows[i].take[k].now) != rows[i].take[k].until)
				fail_msg("row %zu, take %zu", i, k);
		bucket_free(b);
	}
}

/* No number overflows, and a larger debt never ends a wait. */
static void
test_extremes(void **state)
{
	struct bucket	*b = made(UINT64_MAX);
	int64_t		 until;

	(void)state;
	assert_int_equal(bucket_rate(b), BUCKET_RATEMAX);
	assert_int_equal(bucket_take(b, BUCKET_RATEMAX, 0), 1000);
	assert_int_equal(bucket_take(b, 0, INT64_MAX / 2), INT64_MAX / 2);
	assert_int_equal(bucket_take(b, BUCKET_RATEMAX, INT64_MAX / 2),
	    INT64_MAX / 2);
	assert_int_equal(bucket_take(b, 1, INT64_MAX / 2), INT64_MAX / 2 + 1);
	bucket_free(b);

	b = made(1);
	until = bucket_take(b, UINT64_MAX, 0);
	assert_true(until > INT64_C(1) << 60);
	assert_true(bucket_take(b, UINT64_MAX, 0) >= until);
	assert_true(bucket_take(b, 1, 1000) >= until);
	assert_true(bucket_take(b, UINT64_MAX, INT64_C(1) << 50) >= until);
	bucket_free(b);
}

struct worker {
	struct bucket	*b;
	uint64_t	 bytes;
	int		 rc;
};

static void *
work(void *arg)
{
	struct worker	*w = arg;
	struct err	 e = ERR_INIT;
	int64_t		 until;
	uint64_t	 n;

	for (n = 0; n < w->bytes && w->rc == 0; n += 1000) {
		until = bucket_take(w->b, 1000, clock_mono_ms());
		while ((w->rc = bucket_pause(w->b, until, &e)) == 1)
			;
	}
	return (NULL);
}

/* Four threads together do not get more than one would. */
static void
test_threads(void **state)
{
	struct bucket	*b = made(200000);
	struct worker	 w[4];
	pthread_t	 t[4];
	int64_t		 start = clock_mono_ms();
	size_t		 i;

	(void)state;
	for (i = 0; i < 4; i++) {
		w[i] = (struct worker){ b, 20000, 0 };
		assert_int_equal(pthread_create(&t[i], NULL, work, &w[i]), 0);
	}
	for (i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(t[i], NULL), 0);
		assert_int_equal(w[i].rc, 0);
	}
	assert_true(clock_mono_ms() - start >= 400);
	bucket_free(b);
}

static void
test_pause(void **state)
{
	struct bucket	*b = made(1);
	struct err	 e = ERR_INIT;
	int64_t		 start = clock_mono_ms(), slept;

	(void)state;
	assert_int_equal(bucket_pause(b, start - 1, &e), 0);
	assert_int_equal(bucket_pause(b, start + 3600000, &e), 1);
	slept = clock_mono_ms() - start;
	assert_true(slept >= 990 && slept < 60000);	/* not an hour */
	bucket_free(b);
}

static void
test_stop(void **state)
{
	struct bucket	*b = made(1);
	struct worker	 w = { b, 1000000, 0 };
	struct err	 e = ERR_INIT;
	pthread_t	 t;

	(void)state;
	assert_int_equal(pthread_create(&t, NULL, work, &w), 0);
	bucket_stop(b);
	assert_int_equal(pthread_join(t, NULL), 0);	/* not in an hour */
	assert_int_equal(w.rc, -1);
	assert_int_equal(bucket_pause(b, 0, &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	assert_string_equal(e.msg,
	    "stopped while waiting for the bandwidth limit");
	bucket_free(b);
	bucket_stop(NULL);
	bucket_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_extremes),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_pause),
		cmocka_unit_test(test_stop)
	};

	return (cmocka_run_group_tests_name("bucket", tests, NULL, NULL));
}
