/* SPDX-License-Identifier: ISC */
/* Which open objects a segment has, and which of them counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "repoenv.h"
#include "testdir.h"
#include "wal/openbest.h"

#define SEG	(UINT32_C(1) << 20)
#define NAME	"0000000100000003000000A1"
#define START	((UINT64_C(3) << 32) + 0xA1 * (uint64_t)SEG)
#define PATH	"wal/00000001/00000003/" NAME

static struct repoenv	 env;
static struct walname	 segment;
static struct openlist	 list;

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
	segment = walname_at(1, START, SEG);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	repoenv_remove(&env);
	return (0);
}

/* Frames of 100 bytes each; WAL of another "kind" is other WAL. */
static void
stream(unsigned number, size_t frames, uint8_t kind)
{
	uint8_t	 wal[1000];

	assert_in_range(frames, 1, sizeof(wal) / 100);
	memset(wal, kind, sizeof(wal));
	repoenv_stream(&env, &(struct repoenv_stream){ .tli = 1,
	    .start = START, .number = number, .wal = wal, .n = frames * 100,
	    .frame = 100 });
}

static void
look(void)
{
	struct archive	*a = repoenv_open(&env, env.public);
	struct err	 e = ERR_INIT;

	memset(&list, 0xff, sizeof(list));
	ok(openlist_load(&list, a, &segment, &e));
	archive_free(a);
}

static int
best(struct openbest *b, struct err *e)
{
	struct archive	*a = repoenv_open(&env, env.restore);
	int		 rc;

	err_clear(e);
	rc = openbest_find(b, a, &list, &segment, SEG, e);
	archive_free(a);
	return (rc);
}

static void
test_listed(void **state)
{
	(void)state;
	look();
	assert_int_equal(list.n, 0);
	assert_int_equal(list.last, 0);
	assert_false(list.whole);
	repoenv_put(PATH ".open-001", "");
	repoenv_put(PATH ".open-999", "");
	repoenv_put(PATH ".open-000", "");
	repoenv_put(PATH ".open-0002", "");
	repoenv_put(PATH ".open-2", "");
	repoenv_put(PATH ".partial", "");
	repoenv_put("wal/00000001/00000003/0000000100000003000000A2.open-003",
	    "");
	look();
	assert_int_equal(list.n, 2);
	assert_int_equal(list.last, 999);
	assert_true(list.has[1] && list.has[999] && !list.has[3]);
	assert_false(list.whole);
	repoenv_put(PATH, "");
	look();
	assert_true(list.whole);
}

static void
test_best(void **state)
{
	struct openbest	 b;
	struct err	 e = ERR_INIT;

	(void)state;
	repoenv_put(PATH ".open-001", "");
	look();
	ok(best(&b, &e));
	assert_int_equal(b.number, 0);
	assert_int_equal(b.end, START);
	stream(2, 3, 1);
	stream(3, 7, 1);
	stream(7, 7, 1);
	stream(8, 2, 1);
	look();
	ok(best(&b, &e));
	assert_int_equal(b.number, 3);
	assert_int_equal(b.end, START + 700);
	assert_int_equal(unlink(testdir_path(repoenv_file(PATH ".open-008"))),
	    0);
	assert_int_equal(best(&b, &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
}

static void
test_refused(void **state)
{
	struct openbest	 b;
	struct err	 e = ERR_INIT;

	(void)state;
	stream(1, 3, 1);
	stream(2, 2, 2);
	look();
	/* Both are authentic. */
	assert_int_equal(best(&b, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_non_null(strstr(e.msg, ".open-001 and .open-002 differ"));
	repoenv_object(&env, PATH ".open-003", "not an open object at all, "
	    "and long enough to be seen as such");
	look();
	assert_int_equal(best(&b, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_non_null(strstr(e.msg, ".open-003"));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(test_listed),
		T(test_best),
		T(test_refused),
	};

	return (cmocka_run_group_tests_name("openbest", tests, NULL, NULL));
}
