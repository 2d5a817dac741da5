/* SPDX-License-Identifier: ISC */
/* What base-fetch and base-push print. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "memtext.h"
#include "show/showplan.h"
#include "show/showpush.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define SECOND	INT64_C(1000000)
#define ID	"20261122T040001Z"

static char	 nothing[] = "", words[] = "before\033 the move";
static char	 fast[] = "fast", path[] = "/ssd/pg";
static struct label_tablespace	 tablespace = { 16385, fast, path };

static struct label
label_of(char *text)
{
	const struct label	 l = { .id = ID, .label = text,
	    .stop_us = SECOND, .files = 3, .size = 5120, .stored_size = 1024,
	    .start_wal = "000000010000000000000010",
	    .stop_wal = "000000010000000000000011",
	    .postgresql = 150010, .timeline = 1 };

	return (l);
}

static void
test_plan(void **state)
{
	struct label			 l = label_of(nothing);
	struct basefetch_plan		 p = { .system_id = 7, .systems = 1,
	    .label = &l, .tli = 1, .end = 0x3000000, .reached_us = SECOND,
	    .wal_segments = 4 };
	const struct restore_map	 map = { fast, "/new" };
	struct restore_conf		 c = { .dir = "/data", .label = &l };
	FILE				*f;

	(void)state;
	f = memtext_open();
	showplan_print(f, &p, &c);
	assert_string_equal(memtext_close(f),
	    "backup    " ID ", ended <time>\n"
	    "size      5.0 kB in 3 files, stored in 1.0 kB\n"
	    "WAL       4 segments from 000000010000000000000010 on, none "
	    "missing; up to LSN 0/3000000, archived <time>\n"
	    "timeline  1\n"
	    "into      /data\n");

	l = label_of(words);
	l.tablespaces = &tablespace;
	l.ntablespaces = 1;
	l.damaged_files = 2;
	l.damaged_pages = 9;
	p.systems = 2;
	p.gaps = 1;
	c.maps = &map;
	c.nmaps = 1;
	f = memtext_open();
	showplan_print(f, &p, &c);
	assert_string_equal(memtext_close(f),
	    "cluster   7 (of 2 that this server has had)\n"
	    "backup    " ID ", before? the move, ended <time>\n"
	    "size      5.0 kB in 3 files, stored in 1.0 kB\n"
	    "WAL       4 segments from 000000010000000000000010 on, none "
	    "missing; up to LSN 0/3000000, archived <time>\n"
	    "          there is or was later WAL too, but behind a gap\n"
	    "timeline  1\n"
	    "into      /data\n"
	    "          fast: /new\n"
	    "DAMAGED   9 pages in 2 files failed their checksum when they "
	    "were backed up\n");
}

static void
test_delta(void **state)
{
	const struct restore_stats	 st = { .kept_files = 5,
	    .kept = 2048, .files = 1, .bytes = 1024, .removed = 7 };
	FILE				*f;

	(void)state;
	f = memtext_open();
	showplan_deed(f, "x", 1, RESTORE_REMOVED, "base/1\n/2");
	showplan_deed(f, "x", 1, RESTORE_DIFFERS, "base/1/3");
	showplan_deed(f, "x", 1, RESTORE_LINK, "pg_wal");
	showplan_deed(f, "x", 0, RESTORE_REMOVED, "base/1/2");
	showplan_deed(f, "x", 0, RESTORE_DIFFERS, "base/1/3");
	assert_string_equal(memtext_close(f),
	    "remove    base/1?/2\n"
	    "replace   base/1/3\n"
	    "remove    pg_wal, a link; its target stays\n");
	f = memtext_open();
	showplan_delta(f, &st, 0);
	showplan_delta(f, &st, 1);
	assert_string_equal(memtext_close(f),
	    "\nkept      2.0 kB, 5 files whole\n"
	    "restored  1.0 kB, in 1 file\n"
	    "removed   7 that did not belong to the backup\n"
	    "would keep    2.0 kB, 5 files whole\n"
	    "would restore 1.0 kB, in 1 file\n"
	    "would remove  7 that did not belong to the backup\n");
}

static void
test_restored(void **state)
{
	static const struct {
		int		 root;
		const char	*text;
	} rows[] = {
		{ 0, "" },
		{ 1, "its files belong to root, but PostgreSQL does not "
		    "run as root: change their owner\n" }
	};
	char	 expected[512];
	FILE	*f;
	size_t	 i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		f = memtext_open();
		showplan_restored(f, "/data", rows[i].root);
		(void)snprintf(expected, sizeof(expected), "\nrestored; start "
		    "PostgreSQL on /data and watch its log\n%s",
		    rows[i].text);
		assert_string_equal(memtext_close(f), expected);
	}
}

static void
test_unarchived(void **state)
{
	static const struct {
		size_t		 n;
		const char	*msg;
	} rows[] = {
		{ 1, "/data: pg_wal holds WAL that was never archived: W; "
		    "copy it elsewhere and back into pg_wal before you start "
		    "PostgreSQL, then run again with --force" },
		{ 2, "/data: pg_wal holds WAL that was never archived: W and "
		    "more; copy pg_wal elsewhere and back into pg_wal before "
		    "you start PostgreSQL, then run again with --force" }
	};
	struct unarchived	 w = { .first = "W" };
	struct err		 e;
	size_t			 i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		e = (struct err)ERR_INIT;
		w.n = rows[i].n;
		assert_int_equal(showplan_unarchived("x", "/data", &w, 0, &e),
		    -1);
		assert_string_equal(e.msg, rows[i].msg);
		assert_int_equal(e.kind, ERR_CONFIG);
	}
}

static void
test_settings(void **state)
{
	struct recovery	 r = { .postgresql = 150010, .keep_archiving = 1,
	    .restore_command = "wal-fetch %f %p" };
	struct err	 e = ERR_INIT;
	const char	*text;
	FILE		*f;

	(void)state;
	f = memtext_open();
	assert_int_equal(showplan_settings(f, &r, &e), 0);
	text = memtext_close(f);
	assert_non_null(strstr(text, "\npostgresql.auto.conf:\n"));
	assert_non_null(strstr(text, "restore_command = 'wal-fetch %f %p'\n"));
	assert_non_null(strstr(text, "\nrecovery.signal\n"));
	r.standby = 1;
	f = memtext_open();
	assert_int_equal(showplan_settings(f, &r, &e), 0);
	assert_non_null(strstr(memtext_close(f), "\nstandby.signal\n"));
}

#define FIRST	"backup " ID ": 3 files, 5.0 kB, stored in 1.0 kB; WAL " \
	"000000010000000000000010 to 000000010000000000000011\n"
#define REST	": 2 files (1.0 kB) unchanged and not read; 4.0 kB read, " \
	"3.0 kB of it compared, 2.0 kB equal; 2.0 kB new\n"

static void
test_push(void **state)
{
	static const struct {
		const char	*base, *resumed, *text;
	} rows[] = {
		{ "", "", FIRST "all of it is new: no backup is there\n" },
		{ ID, "", FIRST "since backup " ID REST },
		{ "", ID, FIRST "since the interrupted push " ID REST },
		{ ID, "20261121T040001Z", FIRST "since backup " ID REST }
	};
	const struct label	 l = label_of(nothing);
	struct basepush_sum	 sum = { .stats = { .bytes = 5120,
	    .kept = 1024, .kept_files = 2, .read = 4096, .compared = 3072,
	    .equal = 2048 }, .why_full = "no backup is there" };
	FILE			*f;
	size_t			 i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		(void)snprintf(sum.base, sizeof(sum.base), "%s",
		    rows[i].base);
		(void)snprintf(sum.resumed, sizeof(sum.resumed), "%s",
		    rows[i].resumed);
		f = memtext_open();
		showpush_print(f, &l, &sum);
		assert_string_equal(memtext_close(f), rows[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_plan),
		cmocka_unit_test(test_delta),
		cmocka_unit_test(test_restored),
		cmocka_unit_test(test_unarchived),
		cmocka_unit_test(test_settings),
		cmocka_unit_test(test_push)
	};

	return (cmocka_run_group_tests_name("showplan", tests, NULL, NULL));
}
