/* SPDX-License-Identifier: ISC */
/* The sums of chunks that a pushing host keeps: all of them or none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repoenv.h"
#include "reuse/chunksums.h"
#include "testdir.h"

#define MANY	((uint64_t)20000)	/* sums of one file: many buffers */

static struct repoenv	 env;
static const uint8_t	 hash[HASH_LEN] = "this manifest", other[HASH_LEN];

static const char *
name(void)
{
	static char	 path[128];

	(void)snprintf(path, sizeof(path), "state/main/%llu/last-sums",
	    (unsigned long long)REPOENV_SYSTEM);
	return (path);
}

static void
add(struct chunksums_writer *w, const char *path, uint64_t n)
{
	struct err	 e = ERR_INIT;
	uint32_t	*v = calloc((size_t)n, sizeof(*v));
	uint64_t	 i;

	assert_non_null(v);
	for (i = 0; i < n; i++)
		v[i] = (uint32_t)(i * 2654435761u + n);
	if (chunksums_add(w, path, v, n, &e))
		fail_msg("%s", e.msg);
	free(v);
}

/* Keep the sums of three files. */
static void
keep(uint64_t many)
{
	struct archive		*a = repoenv_open(&env, env.push);
	struct chunksums_writer	*w = NULL;
	struct err		 e = ERR_INIT;

	if (chunksums_begin(&w, a, testdir_path("state"), &e))
		fail_msg("%s", e.msg);
	add(w, "base/5/1", 3);
	add(w, "base/5/1.1", many);
	add(w, "global/9", 1);
	if (chunksums_publish(w, hash, &e))
		fail_msg("%s", e.msg);
	chunksums_writer_free(w);
	archive_free(a);
}

static int
open_as(struct chunksums **c, const uint8_t of[HASH_LEN], struct err *e)
{
	struct archive	*a = repoenv_open(&env, env.push);
	const int	 rc = chunksums_open(c, a, testdir_path("state"), of,
	    e);

	archive_free(a);
	return (rc);
}

static int
find(struct chunksums *c, const char *path, uint64_t n)
{
	struct err	 e = ERR_INIT;
	uint32_t	*v = NULL;
	uint64_t	 i;
	int		 rc = chunksums_find(c, path, n, &v, &e);

	if (rc == -1)
		fail_msg("%s", e.msg);
	for (i = 0; rc == 0 && i < n; i++)
		assert_int_equal(v[i], (uint32_t)(i * 2654435761u + n));
	free(v);
	return (rc);
}

static void
test_find(void **state)
{
	struct chunksums	*c = NULL;
	struct err		 e = ERR_INIT;

	(void)state;
	assert_int_equal(open_as(&c, hash, &e), 1);
	keep(MANY);
	assert_int_equal(open_as(&c, other, &e), 1);
	if (open_as(&c, hash, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(find(c, "base/5/0", 3), 1);
	assert_int_equal(find(c, "base/5/1", 3), 0);
	assert_int_equal(find(c, "base/5/1.1", MANY), 0);
	assert_int_equal(find(c, "base/5/2", 1), 1);
	assert_int_equal(find(c, "global/9", 1), 0);
	assert_int_equal(find(c, "pg_xact/0", 1), 1);
	assert_int_equal(chunksums_end(c, &e), 0);
	chunksums_free(c);

	/* Passed over, of another length, or not asked for at all. */
	assert_int_equal(open_as(&c, hash, &e), 0);
	assert_int_equal(find(c, "base/5/1.1", MANY - 1), 1);
	assert_int_equal(find(c, "global/9", 1), 0);
	assert_int_equal(chunksums_end(c, &e), 0);
	chunksums_free(c);
	assert_int_equal(open_as(&c, hash, &e), 0);
	assert_int_equal(chunksums_end(c, &e), 0);
	chunksums_free(c);
}

/* Given up: what was there before is still there. */
static void
test_abandoned(void **state)
{
	struct archive		*a = repoenv_open(&env, env.push);
	struct chunksums_writer	*w = NULL;
	struct chunksums	*c = NULL;
	struct err		 e = ERR_INIT;

	(void)state;
	keep(5);
	assert_int_equal(chunksums_begin(&w, a, testdir_path("state"), &e),
	    0);
	add(w, "base/5/1", 77);
	chunksums_writer_free(w);
	archive_free(a);
	assert_int_equal(open_as(&c, hash, &e), 0);
	assert_int_equal(find(c, "base/5/1", 3), 0);
	chunksums_free(c);
}

/*
 * Cut at any length, or with any bit flipped: nothing of it is used.  With
 * another hash in it, it is another manifest's.
 */
static void
test_damage(void **state)
{
	struct chunksums	*c = NULL;
	struct err		 e;
	char			*p;
	size_t			 n, i;
	int			 rc;

	(void)state;
	keep(5);
	p = testdir_read(name(), &n);
	for (i = 0; i < n; i++) {
		testdir_write(name(), p, i);
		err_clear(&e);
		if ((rc = open_as(&c, hash, &e)) == 0)
			fail_msg("cut to %zu bytes it was used", i);
		if (rc == -1)
			assert_int_equal(e.kind, ERR_CORRUPT);
	}
	for (i = 0; i < n * 8; i++) {
		p[i / 8] ^= (char)(1 << i % 8);
		testdir_write(name(), p, n);
		p[i / 8] ^= (char)(1 << i % 8);
		err_clear(&e);
		if ((rc = open_as(&c, hash, &e)) == 0)
			fail_msg("with bit %zu flipped it was used", i);
		if (rc == -1)
			assert_int_equal(e.kind, ERR_CORRUPT);
	}
	free(p);
}

/* It changes between the first reading and the second. */
static void
test_changes(void **state)
{
	struct chunksums	*c = NULL;
	struct err		 e = ERR_INIT;
	char			*p;
	size_t			 n;

	(void)state;
	keep(MANY);
	p = testdir_read(name(), &n);
	assert_int_equal(open_as(&c, hash, &e), 0);
	p[n - 2000] ^= 1;
	testdir_write(name(), p, n);
	if (chunksums_end(c, &e) == 0)
		fail_msg("it changed while it was read, and nobody saw it");
	assert_int_equal(e.kind, ERR_CORRUPT);
	chunksums_free(c);
	free(p);
}

int
main(void)
{
#define T(f)	cmocka_unit_test_prestate_setup_teardown(f, \
		    repoenv_setup_marked, repoenv_teardown, &env)
	const struct CMUnitTest	 tests[] = {
		T(test_find),
		T(test_abandoned),
		T(test_damage),
		T(test_changes)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
