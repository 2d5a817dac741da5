/* SPDX-License-Identifier: ISC */
/* The recovery window, and which gaps are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
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
} cases[] = {
	{ "all is there", { 1, 0, 0 }, { { 0, 0 } }, { { 0, 0 } }, 0 },
	{ "a gap", { 0, 0, 0 }, { { 12, 19 } }, { { 12, 19 } }, 1 },
	{ "let go", { 1, 0, 0 }, { { 12, 19 } }, { { 0, 0 } }, 1 },
	{ "not right behind the stop", { 1, 0, 0 }, { { 14, 19 } },
	    { { 14, 19 } }, 1 },
	{ "not up to a start", { 1, 0, 0 }, { { 12, 18 } }, { { 12, 18 } },
	    1 },
	{ "the backup's own", { 1, 0, 0 }, { { 11, 19 } }, { { 11, 19 } },
	    1 },
	{ "one more", { 1, 0, 0 }, { { 12, 19 }, { 33, 33 } },
	    { { 33, 33 } }, 1 },
	{ "behind another", { 1, 0, 0 }, { { 22, 29 } }, { { 22, 29 } }, 2 },
	{ "behind both", { 1, 1, 0 }, { { 12, 19 }, { 22, 29 } },
	    { { 0, 0 } }, 2 },
	{ "up to one that expired", { 1, 1, 0 }, { { 12, 19 }, { 22, 24 } },
	    { { 0, 0 } }, 2 },
	{ "unpinned, up to one that expired", { 1, 0, 0 }, { { 22, 24 } },
	    { { 22, 24 } }, 2 },
	{ "of the later one", { 0, 1, 0 }, { { 22, 29 } }, { { 22, 29 } },
	    2 }
};

/* And one of segment 25 that has expired: PostgreSQL's note says so. */
static void
put_wal(const struct gap missing[2])
{
	char		 path[128];
	unsigned	 s;

	repoenv_put("wal/00000001/00000000/"
	    "000000010000000000000019.00000028.backup", "x");

	for (s = 10; s <= LAST; s++) {
		if ((missing[0].first <= s && s <= missing[0].last) ||
		    (missing[1].first <= s && s <= missing[1].last))
			continue;
		(void)snprintf(path, sizeof(path), "wal/00000001/00000000/"
		    "0000000100000000%08X", s);
		repoenv_put(path, "x");
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
		cmocka_unit_test(test_without)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
