/* SPDX-License-Identifier: ISC */
/* The page hashes that a pushing host keeps: right ones or none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "repoenv.h"
#include "reuse/lastpages.h"
#include "testdir.h"

#define PAGES	8
#define RECORD(path, chunks)	(4 + 2 + strlen(path) + 2 +		\
	    (size_t)(chunks) * 16 * (1 + PAGES) + 32)

static struct repoenv	 env;

static int
setup(void **state)
{
	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	return (0);
}

static const char *
name(void)
{
	static char	 path[128];

	(void)snprintf(path, sizeof(path), "state/main/%llu/last-pages",
	    (unsigned long long)REPOENV_SYSTEM);
	return (path);
}

/* What is known of a file of "n" chunks; of every third nothing is. */
static struct lastpages_file
made(size_t n, unsigned seed)
{
	struct lastpages_file	 f = { .chunks = 0 };
	struct err		 e = ERR_INIT;
	size_t			 i, k;

	if (lastpages_room(&f, n, PAGES, &e))
		fail_msg("%s", e.msg);
	for (i = 0; i < n; i++) {
		assert_false(lastpages_known(&f, i));
		if (i % 3 == 2)
			continue;
		memset(lastpages_mark(&f, i), (int)(seed + 1), PAGEHASH_LEN);
		for (k = 0; k < (size_t)PAGES * PAGEHASH_LEN; k++)
			lastpages_hashes(&f, i)[k] = (uint8_t)(seed * 31 + i *
			    7 + k);
		assert_true(lastpages_known(&f, i));
	}
	assert_false(lastpages_known(&f, n));
	return (f);
}

static struct lastpages_writer *
begin(uint64_t max)
{
	struct archive		*a = repoenv_open(&env, env.push);
	struct lastpages_writer	*w = NULL;
	struct err		 e = ERR_INIT;

	if (lastpages_begin(&w, a, testdir_path("state"), max, &e))
		fail_msg("%s", e.msg);
	archive_free(a);
	return (w);
}

static int
add(struct lastpages_writer *w, const char *path, size_t n, unsigned seed)
{
	struct lastpages_file	 f = made(n, seed);
	struct err		 e = ERR_INIT;
	const int		 rc = lastpages_add(w, path, &f, &e);

	if (rc == -1)
		fail_msg("%s", e.msg);
	lastpages_drop(&f);
	return (rc);
}

static void
publish(struct lastpages_writer *w)
{
	struct err	 e = ERR_INIT;

	if (lastpages_publish(w, &e))
		fail_msg("%s", e.msg);
	lastpages_writer_free(w);
}

/* Three files, in no order. */
static void
keep(void)
{
	struct lastpages_writer	*w = begin(1 << 20);

	assert_int_equal(add(w, "global/9", 1, 1), 0);
	assert_int_equal(add(w, "base/5/1", 300, 2), 0);
	assert_int_equal(add(w, "base/5/1.1", 4, 3), 0);
	assert_int_equal(add(w, "base/5/2", 0, 0), 0);
	publish(w);
}

static int
open_last(struct lastpages **l, struct err *e)
{
	struct archive	*a = repoenv_open(&env, env.push);
	const int	 rc = lastpages_open(l, a, testdir_path("state"), e);

	archive_free(a);
	return (rc);
}

static int
find(struct lastpages *l, const char *path, size_t n, unsigned seed,
    struct err *e)
{
	struct lastpages_file	 f = { .chunks = 0 }, want = made(n, seed);
	const int		 rc = lastpages_find(l, path, PAGES, &f, e);

	if (rc == 0) {
		/* Chunks at the end of which nothing is known are not kept. */
		while (n > 0 && !lastpages_known(&want, n - 1))
			n--;
		assert_int_equal(f.chunks, n);
		assert_memory_equal(f.v, want.v, n * 16 * (1 + PAGES));
	} else
		assert_null(f.v);
	lastpages_drop(&f);
	lastpages_drop(&want);
	return (rc);
}

static void
test_find(void **state)
{
	struct lastpages	*l = NULL;
	struct lastpages_file	 f = { .chunks = 0 };
	struct err		 e = ERR_INIT;

	(void)state;
	assert_int_equal(open_last(&l, &e), 1);
	keep();
	if (open_last(&l, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(find(l, "base/5/1.1", 4, 3, &e), 0);
	assert_int_equal(find(l, "base/5/1", 300, 2, &e), 0);
	assert_int_equal(find(l, "global/9", 1, 1, &e), 0);
	assert_int_equal(find(l, "base/5/1", 300, 2, &e), 0);
	assert_int_equal(find(l, "base/5/2", 1, 0, &e), 1);
	assert_int_equal(find(l, "base/5", 1, 0, &e), 1);
	/* Of another chunk size. */
	assert_int_equal(lastpages_find(l, "global/9", PAGES / 2, &f, &e), 1);
	lastpages_free(l);
}

/* What has no room is left out, and the rest is kept. */
static void
test_bounded(void **state)
{
	const size_t		 max = 8 + RECORD("a", 2) + RECORD("ccc", 1);
	struct lastpages_writer	*w = begin(max);
	struct lastpages	*l = NULL;
	struct err		 e = ERR_INIT;
	size_t			 n;

	(void)state;
	assert_int_equal(add(w, "a", 2, 1), 0);
	assert_int_equal(add(w, "bb", 2, 2), 1);
	assert_int_equal(add(w, "ccc", 1, 3), 0);
	assert_int_equal(add(w, "d", 1, 4), 1);
	publish(w);
	free(testdir_read(name(), &n));
	assert_int_equal(n, max);
	assert_int_equal(open_last(&l, &e), 0);
	assert_int_equal(find(l, "a", 2, 1, &e), 0);
	assert_int_equal(find(l, "bb", 2, 2, &e), 1);
	assert_int_equal(find(l, "ccc", 1, 3, &e), 0);
	lastpages_free(l);
	w = begin(0);
	assert_int_equal(add(w, "a", 1, 1), 1);
	lastpages_writer_free(w);
	/* Given up: what was there before is still there. */
	assert_int_equal(open_last(&l, &e), 0);
	assert_int_equal(find(l, "a", 2, 1, &e), 0);
	lastpages_free(l);
}

/* Whether all three files can be found, each as it was kept. */
static int
all_right(void)
{
	struct lastpages	*l = NULL;
	struct err		 e = ERR_INIT;
	int			 rc;

	rc = open_last(&l, &e) || find(l, "global/9", 1, 1, &e) ||
	    find(l, "base/5/1", 7, 2, &e) || find(l, "base/5/1.1", 4, 3, &e);
	if (rc && e.kind != ERR_NONE && e.kind != ERR_CORRUPT)
		fail_msg("kind %d: %s", (int)e.kind, e.msg);
	lastpages_free(l);
	return (rc == 0);
}

/* Nothing that was changed or cut passes; find() compares what does. */
static void
test_damage(void **state)
{
	struct lastpages_writer	*w = begin(1 << 20);
	uint8_t			*p;
	size_t			 i, n;

	(void)state;
	assert_int_equal(add(w, "global/9", 1, 1), 0);
	assert_int_equal(add(w, "base/5/1", 7, 2), 0);
	assert_int_equal(add(w, "base/5/1.1", 4, 3), 0);
	publish(w);
	assert_true(all_right());
	p = (uint8_t *)testdir_read(name(), &n);
	for (i = 0; i < n; i++) {
		p[i] ^= (uint8_t)(1 << i % 8);
		testdir_write(name(), p, n);
		if (all_right())
			fail_msg("byte %zu changed, and nobody sees it", i);
		p[i] ^= (uint8_t)(1 << i % 8);
	}
	for (i = 0; i < n; i += 5) {
		testdir_write(name(), p, i);
		if (all_right())
			fail_msg("cut after byte %zu, and nobody sees it", i);
	}
	testdir_write(name(), p, n);
	assert_true(all_right());
	free(p);
}

int
main(void)
{
#define T(f)	cmocka_unit_test_prestate_setup_teardown(f, \
		    setup, repoenv_teardown, &env)
	const struct CMUnitTest	 tests[] = {
		T(test_find), T(test_bounded), T(test_damage),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
