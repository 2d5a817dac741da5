/* SPDX-License-Identifier: ISC */
/* Which chunks PostgreSQL says have changed, looked up in order of path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "cluster/walsummaries.h"
#include "push/changedlist.h"

#define WHOLE	WALSUMMARIES_WHOLE
#define CHUNKS	6

struct row {
	const char	*path;
	uint32_t	 chunk;
};

static struct changedlist *
list(const struct row *row, size_t n)
{
	struct changedlist	*l = NULL;
	struct err		 e = ERR_INIT;
	size_t			 i;

	if (changedlist_new(&l, "/tmp", &e))
		fail_msg("%s", e.msg);
	for (i = 0; i < n; i++)
		if (changedlist_add(l, row[i].path, row[i].chunk, &e))
			fail_msg("%s: %s", row[i].path, e.msg);
	return (l);
}

/* What is left of six chunks: "111111", or "read" if nothing can be said. */
static void
expect(struct changedlist *l, const char *path, const char *want)
{
	uint8_t		 same[CHUNKS];
	char		 got[CHUNKS + 1] = "read";
	struct err	 e = ERR_INIT;
	size_t		 i;
	int		 rc;

	memset(same, 1, sizeof(same));
	if ((rc = changedlist_mark(l, path, same, CHUNKS, &e)) == -1)
		fail_msg("%s", e.msg);
	for (i = 0; rc == 0 && i < CHUNKS; i++)
		got[i] = same[i] ? '1' : '0';
	if (strcmp(got, want) != 0)
		fail_msg("%s: found %s, expected %s", path, got, want);
}

static void
test_mark(void **state)
{
	static const struct row	 rows[] = {
		{ "base/5/16384", 1 }, { "base/5/16384", 4 },
		{ "base/5/16384", 4000 },
		{ "base/5/16384.1", 0 }, { "base/5/16384.10", 5 },
		{ "base/5/16400", WHOLE }, { "base/5/16400", 2 },
		{ "base/5/16400.1", 3 },
		{ "base/5/16401.2", 1 },
		{ "base/7/", WHOLE }, { "base/7/16384", 0 },
		{ "base/8/1259", 2 },
		{ "global/1262", 0 },
		{ "pg_tblspc/16390/PG_18_202506291/5/16402", 3 },
	};
	struct changedlist	*l = list(rows,
	    sizeof(rows) / sizeof(rows[0]));

	(void)state;
	expect(l, "base/4/1", "111111");
	expect(l, "base/5/16383", "111111");
	expect(l, "base/5/16384", "101101");
	expect(l, "base/5/16384.1", "011111");
	expect(l, "base/5/16384.10", "111110");
	expect(l, "base/5/16384.2", "111111");
	/* Created or truncated: its later files as well. */
	expect(l, "base/5/16400", "read");
	expect(l, "base/5/16400.1", "read");
	expect(l, "base/5/16400.2", "read");
	expect(l, "base/5/16401", "111111");
	expect(l, "base/5/16401.2", "101111");
	/* Neither is a fork whose changes are not all in the WAL. */
	expect(l, "base/5/16401_fsm", "read");
	expect(l, "base/5/16401_vm", "read");
	expect(l, "base/5/PG_VERSION", "read");
	/* A database that is new, and the next one. */
	expect(l, "base/7/112", "read");
	expect(l, "base/7/16384", "read");
	expect(l, "base/7/9", "read");
	expect(l, "base/70/16384", "111111");
	expect(l, "base/8/1259", "110111");
	expect(l, "global/1262", "011111");
	expect(l, "pg_tblspc/16390/PG_18_202506291/5/16402", "111011");
	expect(l, "pg_tblspc/16390/PG_18_202506291/5/16403", "111111");
	changedlist_free(l);
}

/* A relation whose first file nobody asks for is new all the same. */
static void
test_passed(void **state)
{
	static const struct row	 rows[] = {
		{ "base/5/16384", WHOLE }, { "base/6/", WHOLE },
	};
	struct changedlist	*l = list(rows, 2);

	(void)state;
	expect(l, "base/5/16384.3", "read");
	expect(l, "base/6/20000", "read");
	expect(l, "base/9/1", "111111");
	changedlist_free(l);
	l = list(NULL, 0);
	expect(l, "base/5/16384", "111111");
	changedlist_free(l);
}

/* More than one buffer's worth, of which every other file is asked for. */
static void
test_many(void **state)
{
	struct changedlist	*l = list(NULL, 0);
	struct err		 e = ERR_INIT;
	char			 path[64];
	uint32_t		 i;

	(void)state;
	for (i = 10000; i < 60000; i++) {
		(void)snprintf(path, sizeof(path), "base/5/%u", i);
		if (changedlist_add(l, path, i % CHUNKS, &e))
			fail_msg("%s", e.msg);
	}
	for (i = 10000; i < 60000; i += 2) {
		char	 want[] = "111111";

		(void)snprintf(path, sizeof(path), "base/5/%u", i);
		want[i % CHUNKS] = '0';
		expect(l, path, want);
	}
	changedlist_free(l);
}

/* Whatever is not as expected is refused, and not passed over. */
static void
test_refused(void **state)
{
	static const struct row	 bad[] = {
		{ "base/4/1", 0 },		/* goes back */
		{ "base/5/16384_vm", 0 }, { "base/5/t3_16500", 0 },
		{ "base/5/pg_filenode.map", 0 }, { "base/6/", 0 },
		{ "/", WHOLE }, { "base/5/../6/1", 0 }, { "zzz", 0 },
	};
	static const struct row	 first = { "base/5/16384", 0 };
	struct changedlist	*l;
	struct err		 e;
	char			 path[400];
	size_t			 i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		l = list(&first, 1);
		err_clear(&e);
		if (changedlist_add(l, bad[i].path, bad[i].chunk, &e) == 0)
			fail_msg("%s was taken", bad[i].path);
		assert_int_equal(e.kind, ERR_PG);
		changedlist_free(l);
	}
	(void)snprintf(path, sizeof(path), "base/5/1%0300d/", 0);
	l = list(NULL, 0);
	err_clear(&e);
	assert_int_equal(changedlist_add(l, path, WHOLE, &e), -1);
	changedlist_free(l);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_mark),
		cmocka_unit_test(test_passed),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_refused)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
