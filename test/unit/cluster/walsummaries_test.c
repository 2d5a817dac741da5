/* SPDX-License-Identifier: ISC */
/*
 * WAL summaries as a real PostgreSQL tells them.  What it knows is made up by
 * functions under the names of those of version 17, so that any version will
 * do, and each row that there can be is there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/walsummaries.h"
#include "pgenv.h"

#define FAKE \
"create or replace function pg_catalog.pg_available_wal_summaries(" \
"    out tli bigint, out start_lsn pg_lsn, out end_lsn pg_lsn)" \
"    returns setof record language sql as $$" \
"    select tli::bigint, a::pg_lsn, b::pg_lsn from (values" \
"    (1, '0/300', '0/400'), (1, '0/100', '0/200'), (1, '0/200', '0/300')," \
"    (2, '0/100', '0/400'), (1, '0/400', '1/0')) s(tli, a, b) $$;" \
"create or replace function pg_catalog.pg_wal_summary_contents(" \
"    tli bigint, a pg_lsn, b pg_lsn, out relfilenode oid," \
"    out reltablespace oid, out reldatabase oid, out relforknumber int2," \
"    out relblocknumber bigint, out is_limit_block bool)" \
"    returns setof record language plpgsql as $$ begin" \
"    if b = '1/0' then raise exception 'this one is gone'; end if;" \
"    return query select r::oid, s::oid, d::oid, f::int2, n::bigint, l from" \
"    (values %s) x(r, s, d, f, n, l) where a <> '0/200'; end $$"

/* Relations have 64 blocks in a file here, 8 in a chunk. */
#define ROWS \
	"(16384, 1663, 5, 0, 0, false), (16384, 1663, 5, 0, 7, false)," \
	"(16384, 1663, 5, 0, 8, false), (16384, 1663, 5, 0, 63, false)," \
	"(16384, 1663, 5, 0, 64, false), (16384, 1663, 5, 0, 4294967294, " \
	"false), (16384, 1663, 5, 1, 9, false), (16384, 1663, 5, 2, 9, " \
	"false), (16390, 1663, 5, 0, 70, true), (16390, 1663, 5, 0, 65, " \
	"false), (0, 1663, 16400, 0, 0, true), (1262, 1664, 0, 0, 3, false)," \
	"(16500, 16450, 5, 0, 128, false), (0, 16450, 7, 0, 0, true)"

static const char	 want[] =
	"base/16400/ whole\n"
	"base/5/16384 0\nbase/5/16384 1\nbase/5/16384 7\n"
	"base/5/16384.1 0\nbase/5/16384.67108863 7\n"
	"base/5/16390 whole\nbase/5/16390.1 0\n"
	"global/1262 0\n"
	"pg_tblspc/16450/PG_x/5/16500.2 0\n"
	"pg_tblspc/16450/PG_x/7/ whole\n";

struct text {
	char	 s[2048];
	size_t	 n;
	int	 stop;			/* the callback fails */
};

static int
each(void *arg, const char *path, uint32_t chunk, struct err *e)
{
	struct text	*t = arg;
	char		 number[16];

	if (t->stop)
		return (err_set(e, ERR_LOCAL, "no more, please"));
	(void)snprintf(number, sizeof(number), "%u", chunk);
	t->n += (size_t)snprintf(t->s + t->n, sizeof(t->s) - t->n, "%s %s\n",
	    path, chunk == WALSUMMARIES_WHOLE ? "whole" : number);
	return (0);
}

/* Nobody may add to pg_catalog, but for this setting. */
static void
fake(const char *rows)
{
	char	 text[4096];

	(void)snprintf(text, sizeof(text), "set allow_system_table_mods = on;"
	    FAKE, rows);
	pgenv_sql(text);
}

static struct walsummaries *
fresh(void)
{
	struct walsummaries	*s = NULL;
	struct err		 e = ERR_INIT;

	if (walsummaries_open(&s, pgenv.conninfo, &e))
		fail_msg("%s", e.msg);
	return (s);
}

static int
blocks(struct walsummaries *s, const struct lsn_range *list, size_t n,
    struct text *t, struct err *e)
{
	const struct walsummaries_how	 how = { .relseg_blocks = 64,
	    .chunk_blocks = 8, .version_dir = "PG_x", .each = each,
	    .arg = t };

	return (walsummaries_blocks(s, 1, list, n, &how, e));
}

static void
test_list(void **state)
{
	const struct lsn_range	 wanted = { 0x150, 0x300 };
	const struct lsn_range	 none = { UINT64_C(1) << 40, UINT64_MAX };
	struct walsummaries	*s;
	struct lsn_range	*list = NULL;
	struct err		 e = ERR_INIT;
	size_t			 n = 9;
	uint64_t		 xid = 0, later = 0;

	(void)state;
	pgenv_need();
	fake(ROWS);
	s = fresh();
	if (walsummaries_list(s, 1, &wanted, &list, &n, &e))
		fail_msg("%s", e.msg);
	assert_int_equal(n, 2);
	assert_int_equal(list[0].start, 0x100);
	assert_int_equal(list[0].end, 0x200);
	assert_int_equal(list[1].start, 0x200);
	free(list);
	assert_int_equal(walsummaries_list(s, 1, &none, &list, &n, &e), 0);
	assert_int_equal(n, 0);
	free(list);
	assert_int_equal(walsummaries_next_xid(s, &xid, &e), 0);
	pgenv_sql("select pg_current_xact_id()");
	assert_int_equal(walsummaries_next_xid(s, &later, &e), 0);
	assert_true(xid > 3 && later > xid);
	walsummaries_free(s);
}

static void
test_blocks(void **state)
{
	static const struct lsn_range	 list[] = { { 0x100, 0x200 },
	    { 0x200, 0x300 }, { 0x300, 0x400 } };
	static const struct lsn_range	 gone[] = { { 0x100, 0x200 },
	    { 0x400, UINT64_C(1) << 32 } };
	struct walsummaries		*s;
	struct text			 t = { .n = 0 };
	struct err			 e = ERR_INIT;

	(void)state;
	pgenv_need();
	fake(ROWS);
	s = fresh();
	if (blocks(s, list, 3, &t, &e))
		fail_msg("%s", e.msg);
	assert_string_equal(t.s, want);
	/* The connection goes on to be of use. */
	t = (struct text){ .n = 0 };
	assert_int_equal(blocks(s, list, 1, &t, &e), 0);
	assert_string_equal(t.s, want);
	t = (struct text){ .n = 0 };
	assert_int_equal(blocks(s, list + 1, 1, &t, &e), 0);
	assert_int_equal(blocks(s, list, 0, &t, &e), 0);
	assert_string_equal(t.s, "");
	/* One that was listed and is gone: not a shorter list, but none. */
	assert_int_equal(blocks(s, gone, 2, &t, &e), -1);
	pgenv_expect(&e, ERR_PG, "this one is gone");
	walsummaries_free(s);
	s = fresh();
	err_clear(&e);
	t = (struct text){ .stop = 1 };
	assert_int_equal(blocks(s, list, 3, &t, &e), -1);
	pgenv_expect(&e, ERR_LOCAL, "no more, please");
	walsummaries_free(s);
}

/* PostgreSQL fails behind the first rows, not before them. */
static void
test_late(void **state)
{
	static const struct lsn_range	 list = { 0x100, 0x200 };
	struct walsummaries		*s;
	struct text			 t = { .n = 0 };
	struct err			 e = ERR_INIT;

	(void)state;
	pgenv_need();
	fake("(16384, 1663, 5, 0, 0, false), (16385, 1663, 5, 0, -100, false)");
	s = fresh();
	assert_int_equal(blocks(s, &list, 1, &t, &e), -1);
	pgenv_expect(&e, ERR_PG, "something else");
	walsummaries_free(s);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_blocks),
		cmocka_unit_test(test_late),
	};

	return (cmocka_run_group_tests_name("walsummaries", tests,
	    pgenv_setup, pgenv_teardown));
}
