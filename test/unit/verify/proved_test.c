/* SPDX-License-Identifier: ISC */
/* Marks of what was proved: kept, grown, locked, forgotten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "testdir.h"
#include "verify/proved.h"

#define DAY	(INT64_C(86400) * 1000000)
#define NOW	(INT64_C(20000) * DAY)

static struct proved *
open_at(const char *path, int64_t now)
{
	struct proved	*p = NULL;
	struct err	 e = ERR_INIT;

	if (proved_open(&p, path, testdir_path("."), now, 7 * DAY, &e))
		fail_msg("%s", e.msg);
	return (p);
}

static struct proved_mark
mark_of(uint32_t n)
{
	return (proved_mark("test", &n, sizeof(n)));
}

static void
add(struct proved *p, uint32_t from, uint32_t to)
{
	struct proved_mark	 m;
	struct err		 e = ERR_INIT;

	for (; from < to; from++) {
		m = mark_of(from);
		if (proved_add(p, &m, &e))
			fail_msg("%s", e.msg);
	}
}

static unsigned
count(struct proved *p, uint32_t from, uint32_t to)
{
	struct proved_mark	 m;
	struct err		 e = ERR_INIT;
	unsigned		 n = 0;
	int			 r;

	for (; from < to; from++) {
		m = mark_of(from);
		if ((r = proved_has(p, &m, &e)) == -1)
			fail_msg("%s", e.msg);
		n += (unsigned)r;
	}
	return (n);
}

/* Past several doublings, in a file with and without a name. */
static void
test_many(void **state)
{
	const char	*paths[] = { NULL, testdir_path("marks") };
	struct proved	*p;
	size_t		 i;

	(void)state;
	for (i = 0; i < 2; i++) {
		p = open_at(paths[i], NOW);
		assert_int_equal(proved_named(p), i);
		assert_int_equal(count(p, 0, 100), 0);
		add(p, 0, 40000);
		add(p, 0, 40000);	/* twice is once */
		assert_int_equal(count(p, 0, 40000), 40000);
		assert_int_equal(count(p, 40000, 60000), 0);
		proved_free(p);
	}
	assert_int_equal(testdir_count(), 1);
}

static void
test_kept(void **state)
{
	const char	*path = testdir_path("marks");
	struct proved	*p = open_at(path, NOW);
	struct err	 e = ERR_INIT;

	(void)state;
	assert_int_equal(proved_count(p), 0);
	add(p, 0, 1000);
	proved_free(p);
	p = open_at(path, NOW + 7 * DAY);
	assert_int_equal(proved_begun_us(p), NOW);
	assert_int_equal(proved_count(p), 1000);
	assert_int_equal(count(p, 0, 2000), 1000);
	proved_free(p);
	/* Too old, or from the future: begun anew. */
	p = open_at(path, NOW + 7 * DAY + 1);
	assert_int_equal(proved_count(p), 0);
	assert_int_equal(count(p, 0, 1000), 0);
	assert_int_equal(proved_begun_us(p), NOW + 7 * DAY + 1);
	add(p, 0, 10);
	proved_free(p);
	p = open_at(path, NOW);
	assert_int_equal(count(p, 0, 10), 0);
	assert_int_equal(proved_remove(p, &e), 0);
	proved_free(p);
	assert_int_equal(access(path, F_OK), -1);
}

/* One at a time: the other works without a name. */
static void
test_locked(void **state)
{
	const char	*path = testdir_path("marks");
	struct proved	*a = open_at(path, NOW), *b;

	(void)state;
	add(a, 0, 20000);		/* grown, and locked still */
	b = open_at(path, NOW);
	assert_false(proved_named(b));
	assert_int_equal(count(b, 0, 100), 0);
	add(b, 50, 60);
	proved_free(a);
	proved_free(b);
	a = open_at(path, NOW);
	assert_true(proved_named(a));
	assert_int_equal(count(a, 0, 20000), 20000);
	proved_free(a);
}

/* Nothing is believed of a file that is not ours, or not whole. */
static void
test_damaged(void **state)
{
	const char	*path = testdir_path("marks");
	struct proved	*p = open_at(path, NOW);
	char		*file;
	size_t		 n, i;
	const size_t	 at[] = { 0, 8, 11, 12, 20, 27, 30 };

	(void)state;
	add(p, 0, 100);
	proved_free(p);
	file = testdir_read("marks", &n);
	for (i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		file[at[i]] = (char)(file[at[i]] ^ 0x40);
		testdir_write("marks", file, n);
		file[at[i]] = (char)(file[at[i]] ^ 0x40);
		p = open_at(path, NOW);
		assert_int_equal(count(p, 0, 100), 0);
		proved_free(p);
	}
	testdir_write("marks", file, n - 1);
	p = open_at(path, NOW);
	assert_int_equal(count(p, 0, 100), 0);
	proved_free(p);
	testdir_write("marks", file, n);
	p = open_at(path, NOW);
	assert_int_equal(count(p, 0, 100), 100);
	proved_free(p);
	free(file);
}

/* What is proved at one depth, or of one object, says nothing of others. */
static void
test_marks(void **state)
{
	struct proved_mark	 m[5];
	size_t			 i, k;

	(void)state;
	m[0] = proved_mark("a", "x", 1);
	m[1] = proved_mark("b", "x", 1);
	m[2] = proved_mark("a", "y", 1);
	m[3] = proved_mark("ax", "", 0);
	m[4] = proved_mark("a", "", 0);
	for (i = 0; i < 5; i++)
		for (k = 0; k < i; k++)
			assert_memory_not_equal(&m[i], &m[k], sizeof(m[0]));
}

static void
test_nowhere(void **state)
{
	struct proved	*p = NULL;
	struct err	 e = ERR_INIT;

	(void)state;
	assert_int_equal(proved_open(&p, "/nonexistent/x", "/nonexistent",
	    NOW, DAY, &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
}

int
main(void)
{
#define T(f) \
	cmocka_unit_test_setup_teardown(f, testdir_setup, testdir_teardown)
	const struct CMUnitTest	 tests[] = {
		T(test_many),
		T(test_kept),
		T(test_locked),
		T(test_damaged),
		T(test_marks),
		T(test_nowhere),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
