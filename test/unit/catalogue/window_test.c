/* SPDX-License-Identifier: ISC */
/* The recovery window, and which gaps are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "catalogue/pin.h"
#include "catalogue/pinning.h"
#include "catalogue/window.h"
#include "repoenv.h"
#include "testdir.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define MB	((uint64_t)1 << 20)
#define LAST	40

static const char *const id[] = {
	"20261101T000000Z", "20261102T000000Z", "20261103T000000Z"
};

/* Three backups, of segments 10 and 11, 20 and 21, 30 and 31. */
struct gap {
	unsigned	 first, last;
};
static const struct {
	const char	*what;
	int		 pinned[3];
	struct gap	 missing[2];
	struct gap	 want[2];
	int		 window;	/* with which backup it begins */
	int		 pushing;	/* a push was interrupted */
} cases[] = {
	{ "all is there", { 1, 0, 0 }, { { 0, 0 } }, { { 0, 0 } }, 0, 0 },
	{ "a gap", { 0, 0, 0 }, { { 12, 19 } }, { { 12, 19 } }, 1, 0 },
	{ "let go", { 1, 0, 0 }, { { 12, 19 } }, { { 0, 0 } }, 1, 0 },
	{ "not right behind the stop", { 1, 0, 0 }, { { 14, 19 } },
	    { { 14, 19 } }, 1, 0 },
	{ "not up to a start", { 1, 0, 0 }, { { 12, 18 } }, { { 12, 18 } },
	    1, 0 },
	{ "the backup's own", { 1, 0, 0 }, { { 11, 19 } }, { { 11, 19 } },
	    1, 0 },
	{ "one more", { 1, 0, 0 }, { { 12, 19 }, { 33, 33 } },
	    { { 33, 33 } }, 1, 0 },
	{ "behind another", { 1, 0, 0 }, { { 22, 29 } }, { { 22, 29 } }, 2, 0 },
	{ "behind both", { 1, 1, 0 }, { { 12, 19 }, { 22, 29 } },
	    { { 0, 0 } }, 2, 0 },
	{ "up to one that expired", { 1, 1, 0 }, { { 12, 19 }, { 22, 24 } },
	    { { 0, 0 } }, 2, 0 },
	{ "unpinned, up to one that expired", { 1, 0, 0 }, { { 22, 24 } },
	    { { 22, 24 } }, 2, 0 },
	{ "of the later one", { 0, 1, 0 }, { { 22, 29 } }, { { 22, 29 } },
	    2, 0 },
	/* A standby leaves no .backup file. */
	{ "up to one of a standby", { 1, 0, 0 }, { { 12, 16 } },
	    { { 12, 16 } }, 1, 0 },
	{ "the same beside a push", { 1, 0, 0 }, { { 12, 16 } },
	    { { 0, 0 } }, 1, 1 },
	{ "with more before it", { 1, 1, 0 }, { { 22, 23 } },
	    { { 22, 23 } }, 2, 1 },
	{ "unpinned", { 0, 0, 0 }, { { 12, 16 } }, { { 12, 16 } }, 1, 1 }
};

static const char *
segment(unsigned segno)
{
	static char	 path[128];

	(void)snprintf(path, sizeof(path), "wal/00000001/00000000/"
	    "0000000100000000%08X", segno);
	return (path);
}

/* And one of segment 25 that has expired: PostgreSQL's note says so. */
static void
put_wal(const struct gap missing[2])
{
	unsigned	 s;

	repoenv_put("wal/00000001/00000000/"
	    "000000010000000000000019.00000028.backup", "x");

	for (s = 10; s <= LAST; s++) {
		if ((missing[0].first <= s && s <= missing[0].last) ||
		    (missing[1].first <= s && s <= missing[1].last))
			continue;
		repoenv_put(segment(s), "x");
	}
}

static void
check(const struct window *w, size_t k)
{
	const struct gap	*g = cases[k].want;
	size_t			 i, n = 0;

	for (i = 0; i < 2; i++)
		n += g[i].first != 0;
	if (w->ngap != n)
		fail_msg("%s: %zu gaps", cases[k].what, w->ngap);
	for (i = 0; i < n; i++)
		if (w->gap[i].first != g[i].first ||
		    w->gap[i].last != g[i].last)
			fail_msg("%s: %u to %u", cases[k].what,
			    (unsigned)w->gap[i].first,
			    (unsigned)w->gap[i].last);
	assert_true(w->any);
	if (w->first != (size_t)cases[k].window)
		fail_msg("%s: begins with %zu", cases[k].what, w->first);
}

static void
test_gaps(void **state)
{
	struct repoenv		 env;
	struct archive		*a;
	struct catalogue	*c;
	struct window		 w;
	struct err		 e = ERR_INIT;
	size_t			 k, i;

	(void)state;
	for (k = 0; k < LEN(cases); k++) {
		repoenv_make(&env);
		repoenv_marker(&env);
		put_wal(cases[k].missing);
		if (cases[k].pushing)
			repoenv_put("base/20261104T000000Z/pack-00000001",
			    "x");
		a = repoenv_open(&env, env.public);
		for (i = 0; i < 3; i++) {
			repoenv_label(&env, id[i], 1, (10 + 10 * i) * MB,
			    (11 + 10 * i) * MB + 1, (unsigned)i, NULL);
			if (cases[k].pinned[i] &&
			    pinning_set(a, id[i], PIN_FOREVER, &e))
				fail_msg("%s", e.msg);
		}
		c = NULL;
		if (catalogue_load(&c, a, &e) || window_make(&w, c, &e))
			fail_msg("%s", e.msg);
		check(&w, k);
		window_free(&w);
		catalogue_free(c);
		archive_free(a);
		repoenv_remove(&env);
	}
}

/*
 * Timeline 2 left 1 in segment 15 and is the latest; 1 went on and has a
 * backup.  Its gap is one although no backup leads through it to 2.
 */
static void
test_line_gap(void **state)
{
	static const struct gap	 missing[2] = { { 24, 25 } };
	struct repoenv		 env;
	struct archive		*a;
	struct catalogue	*c = NULL;
	struct window		 w;
	struct err		 e = ERR_INIT;
	unsigned		 i;

	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	put_wal(missing);
	repoenv_put("wal/00000002.history", "x");
	repoenv_put("wal/00000002/00000000/00000002000000000000000F", "x");
	a = repoenv_open(&env, env.public);
	repoenv_label(&env, id[0], 1, 10 * MB, 11 * MB + 1, 0, NULL);
	if (catalogue_load(&c, a, &e) || window_make(&w, c, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(w.latest, 2);
	assert_true(w.any);
	/* Nobody goes on with it, as far as is known. */
	assert_int_equal(w.ngap, 0);
	assert_int_equal(w.lines.n, 2);
	assert_int_equal(w.lines.v[0].tli, 2);
	assert_int_equal(w.lines.v[0].wal.end, 16 * MB);
	assert_int_equal(w.lines.v[1].tli, 1);
	assert_int_equal(w.lines.v[1].wal.end, 24 * MB);
	window_free(&w);
	catalogue_free(c);
	repoenv_label(&env, id[2], 1, 30 * MB, 31 * MB + 1, 2, NULL);
	if (catalogue_load(&c, a, &e) || window_make(&w, c, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(w.ngap, 1);
	assert_int_equal(w.gap[0].first, 24);
	assert_int_equal(w.gap[0].last, 25);
	assert_int_equal(w.lines.n, 3);
	assert_int_equal(w.lines.v[1].backup[0], 1);
	assert_int_equal(w.first, 0);
	window_free(&w);
	catalogue_free(c);
	/* It may begin with the fork, before which both lines are one. */
	for (i = 15; i < 24; i++)
		(void)unlink(testdir_path(repoenv_file(segment(i))));
	if (catalogue_load(&c, a, &e) || window_make(&w, c, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(w.ngap, 1);
	assert_int_equal(w.gap[0].first, 15);
	assert_int_equal(w.lines.n, 3);
	assert_true(w.lines.v[2].shared);
	window_free(&w);
	catalogue_free(c);
	archive_free(a);
	repoenv_remove(&env);
}

/* What it would be without some of them. */
static void
test_without(void **state)
{
	static const struct {
		int	 gone[3], any;
		size_t	 first, newest;
	} v[] = {
		{ { 0, 0, 0 }, 1, 0, 2 }, { { 1, 0, 0 }, 1, 1, 2 },
		{ { 0, 1, 0 }, 1, 0, 2 }, { { 0, 0, 1 }, 1, 0, 1 },
		{ { 1, 1, 0 }, 1, 2, 2 }, { { 1, 1, 1 }, 0, 0, 0 }
	};
	struct window_backup	 b[3];
	struct window		 w = { .backup = b, .n = 3, .latest = 1 };
	size_t			 i;

	(void)state;
	memset(b, 0, sizeof(b));
	for (i = 0; i < 3; i++) {
		b[i].latest = b[i].whole = 1;
		b[i].wal.end = 7;
	}
	for (i = 0; i < LEN(v); i++) {
		window_without(&w, v[i].gone);
		assert_int_equal(w.any, v[i].any);
		if (!w.any)
			continue;
		assert_int_equal(w.first, v[i].first);
		assert_int_equal(w.newest, v[i].newest);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_line_gap),
		cmocka_unit_test(test_without)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
