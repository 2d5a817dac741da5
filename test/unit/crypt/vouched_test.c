/* SPDX-License-Identifier: ISC */
/* Inventories in memory: what is found, for whom, and where. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "crypt/init.h"
#include "crypt/vouched.h"

static const uint8_t	 alice[KEY_LEN] = { 1 }, bob[KEY_LEN] = { 2 };
static const struct head_place	 one = { "main", 7, "vouched/1" };
static const struct head_place	 two = { "main", 7, "vouched/2" };
static const struct head_place	 other = { "main", 8, "vouched/1" };
static const struct head_place	 copy = { "copy", 7, "vouched/1" };

static void
add(struct vouched *v, const struct head_place *at, const uint8_t *signer,
    const char *path, uint8_t hash)
{
	struct err	 e = ERR_INIT;
	uint8_t		(*entry)[HASH_LEN] = calloc(1, sizeof(*entry));
	const uint8_t	 h[HASH_LEN] = { hash };

	assert_non_null(entry);
	vouched_entry(entry[0], path, h);
	assert_int_equal(vouched_add(v, at, signer, entry, 1, &e), 0);
}

static int
find(struct vouched *v, const struct head_place *at, const uint8_t *signer,
    const char *path, uint8_t hash, size_t files)
{
	const uint8_t	 h[HASH_LEN] = { hash };
	uint8_t		 entry[HASH_LEN];
	char		 why[ERR_MSGMAX];
	size_t		 n = 99;
	int		 found;

	vouched_entry(entry, path, h);
	found = vouched_find(v, at, signer, entry, &n, why);
	if (!found)
		assert_int_equal(n, files);
	return (found);
}

static void
test_find(void **state)
{
	struct vouched	*v = NULL;
	struct err	 e = ERR_INIT;

	(void)state;
	assert_int_equal(vouched_new(&v, &e), 0);
	assert_false(vouched_has(v, &one));
	assert_false(find(v, &one, alice, "wal/a", 1, 0));
	add(v, &one, alice, "wal/a", 1);
	assert_true(vouched_has(v, &one));
	assert_false(vouched_has(v, &two));
	assert_false(vouched_has(v, &other));
	assert_true(find(v, &one, alice, "wal/a", 1, 1));
	/* Any file of the cluster, but no other path, hash or signer. */
	assert_true(find(v, &two, alice, "wal/a", 1, 1));
	assert_false(find(v, &one, alice, "wal/b", 1, 1));
	assert_false(find(v, &one, alice, "wal/a", 2, 1));
	assert_false(find(v, &one, bob, "wal/a", 1, 0));
	/* Nor another cluster. */
	assert_false(find(v, &other, alice, "wal/a", 1, 0));
	assert_false(find(v, &copy, alice, "wal/a", 1, 0));
	/* They add up. */
	add(v, &two, alice, "wal/b", 2);
	assert_true(find(v, &one, alice, "wal/a", 1, 2));
	assert_true(find(v, &one, alice, "wal/b", 2, 2));
	assert_false(find(v, &one, alice, "wal/b", 1, 2));
	/* One that lists nothing is one. */
	assert_int_equal(vouched_add(v, &other, bob, NULL, 0, &e), 0);
	assert_false(find(v, &other, bob, "wal/a", 1, 1));
	vouched_free(v);
	vouched_free(NULL);
}

/* An entry says path and hash apart: no byte moves from one to the other. */
static void
test_entry(void **state)
{
	uint8_t	 a[HASH_LEN], b[HASH_LEN], h[HASH_LEN] = { 'x' };

	(void)state;
	vouched_entry(a, "p", h);
	vouched_entry(b, "px", h);
	assert_memory_not_equal(a, b, HASH_LEN);
	h[0] = 'y';
	vouched_entry(b, "p", h);
	assert_memory_not_equal(a, b, HASH_LEN);
}

static void
test_note(void **state)
{
	struct vouched	*v = NULL;
	struct err	 e = ERR_INIT;
	uint8_t		 entry[HASH_LEN] = { 0 };
	char		 why[ERR_MSGMAX];
	size_t		 n;

	(void)state;
	assert_int_equal(vouched_new(&v, &e), 0);
	vouched_note(v, &one, "first");
	vouched_note(v, &two, "sec\nond");
	(void)vouched_find(v, &one, alice, entry, &n, why);
	assert_string_equal(why, "sec?ond");
	(void)vouched_find(v, &other, alice, entry, &n, why);
	assert_string_equal(why, "");
	vouched_note(v, &one, "");
	(void)vouched_find(v, &one, alice, entry, &n, why);
	assert_string_equal(why, "");
	vouched_free(v);
}

#define ROUNDS	200

static void *
reader(void *arg)
{
	unsigned	 i;

	for (i = 0; i < ROUNDS; i++)
		if (!find(arg, &one, alice, "wal/a", 1, 1))
			return (arg);
	return (NULL);
}

static void *
writer(void *arg)
{
	unsigned	 i;

	for (i = 0; i < ROUNDS; i++) {
		add(arg, &two, bob, "wal/b", 2);
		vouched_note(arg, &one, "note");
	}
	return (NULL);
}

/* What is there is found while others add. */
static void
test_threads(void **state)
{
	struct vouched	*v = NULL;
	struct err	 e = ERR_INIT;
	pthread_t	 t[4];
	void		*failed;
	size_t		 i;

	(void)state;
	assert_int_equal(vouched_new(&v, &e), 0);
	add(v, &one, alice, "wal/a", 1);
	for (i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL,
		    i < 2 ? reader : writer, v), 0);
	for (i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(t[i], &failed), 0);
		assert_null(failed);
	}
	vouched_free(v);
}

static int
setup(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	return (init_sodium(&e));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_entry),
		cmocka_unit_test(test_note),
		cmocka_unit_test(test_threads),
	};

	return (cmocka_run_group_tests(tests, setup, NULL));
}
