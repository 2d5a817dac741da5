/* SPDX-License-Identifier: ISC */
/* The files of a backup, and the WAL that belongs to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "memtext.h"
#include "pg/walname.h"
#include "repo/layout.h"
#include "show/showfiles.h"
#include "smallbackup.h"
#include "testdir.h"

#define MB	((uint64_t)1 << 20)

static struct repoenv	 env;
static struct label	 label;

static int
setup(void **state)
{
	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	label = (struct label){ .id = REPOENV_ID,
	    .chunk_size = SMALLBACKUP_CHUNK, .postgresql = 150000,
	    .timeline = 1, .wal_segment_size = MB };
	smallbackup_put(&env, &label);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	repoenv_remove(&env);
	return (0);
}

/* List, and return the text; what fails goes into "e". */
static const char *
list(struct showfiles s, struct err *e)
{
	struct archive	*a = repoenv_open(&env, env.restore);
	const char	*text;
	int		 rc;

	s.archive = a;
	s.label = &label;
	s.out = memtext_open();
	*e = (struct err)ERR_INIT;
	rc = showfiles_run(&s, e);
	text = memtext_close(s.out);
	assert_int_equal(rc, e->kind == ERR_NONE ? 0 : -1);
	archive_free(a);
	return (text);
}

static void
test_parse(void **state)
{
	enum showfiles_what	 what;
	struct err		 e = ERR_INIT;

	(void)state;
	assert_int_equal(showfiles_parse("data", &what, &e), 0);
	assert_int_equal(what, SHOWFILES_DATA);
	assert_int_equal(showfiles_parse("wal", &what, &e), 0);
	assert_int_equal(what, SHOWFILES_WAL);
	assert_int_equal(showfiles_parse("all", &what, &e), 0);
	assert_int_equal(what, SHOWFILES_ALL);
	assert_int_equal(showfiles_parse("", &what, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
}

static void
test_data(void **state)
{
	struct showfiles	 s = { .what = SHOWFILES_DATA };
	struct err		 e;
	const char		*text;

	(void)state;
	text = list(s, &e);
	assert_string_equal(e.msg, "");
	assert_non_null(strstr(text, "PG_VERSION\n"));
	assert_non_null(strstr(text, "file  0600         65536  <time>  -   "));
	assert_non_null(strstr(text, "global/pg_control\n"));
	assert_non_null(strstr(text, " entries, "));
	s.json = 1;
	text = list(s, &e);
	assert_non_null(strstr(text, "{\"schema\":1,\"kind\":\"file\",\"path\":"
	    "\"base/1\",\"target\":null,\"mode\":\"0600\",\"size\":65536,"
	    "\"mtime\":"));
	assert_non_null(strstr(text, "{\"schema\":1,\"kind\":\"sum\","
	    "\"backup\":\"" REPOENV_ID "\",\"entries\":"));
}

/* A list that broke off has no sum, and fails. */
static void
test_other_manifest(void **state)
{
	struct showfiles	 s = { .what = SHOWFILES_DATA };
	struct err		 e;
	const char		*text;

	(void)state;
	label.manifest_hash[0] ^= 1;
	text = list(s, &e);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_null(strstr(text, "entries"));
	s.json = 1;
	assert_null(strstr(list(s, &e), "\"sum\""));
}

static void
put(uint32_t tli, uint64_t segno)
{
	struct walname	 w = walname_at(tli, segno * MB, MB);
	char		 name[WALNAME_TEXT], path[LAYOUT_PATH];
	struct err	 e = ERR_INIT;

	if (layout_wal(path, walname_format(name, &w), &e))
		fail_msg("%s", e.msg);
	repoenv_put(path, "0123456789");
}

/* Over the border of a folder, and a switch of timelines; one is missing. */
static void
test_wal(void **state)
{
	struct history_entry	 left = { .tli = 1, .end = 4098 * MB + 5 };
	const struct history	 line = { .tli = 2, .n = 1, .v = &left };
	struct showfiles	 s = { .what = SHOWFILES_WAL, .line = &line,
	    .last = 4099 };
	struct err		 e;
	const char		*text;

	(void)state;
	label.start_lsn = 4094 * MB + 1;
	put(1, 4093);
	put(1, 4094);
	put(1, 4095);
	put(1, 4097);
	put(1, 4098);
	put(2, 4098);
	put(2, 4099);
	put(2, 4100);
	repoenv_put("wal/00000001/00000000/odd", "x");
	text = list(s, &e);
	assert_string_equal(e.msg, "");
#define ROW	"wal   -               10  <time>  -        wal/"
	assert_string_equal(text,
	    ROW "00000001/00000000/000000010000000000000FFE\n"
	    ROW "00000001/00000000/000000010000000000000FFF\n"
	    ROW "00000001/00000001/000000010000000100000001\n"
	    ROW "00000002/00000001/000000020000000100000002\n"
	    ROW "00000002/00000001/000000020000000100000003\n"
	    "5 entries, 50 B\n");
}

int
main(void)
{
#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_parse),
		T(test_data),
		T(test_other_manifest),
		T(test_wal)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
