/* SPDX-License-Identifier: ISC */
/* backup_label: a real one, one without each line, contradictory ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "pg/blabel.h"

#define MIB	(UINT32_C(1) << 20)

static const char real[] =
    "START WAL LOCATION: 0/1100028 (file 000000010000000000000011)\n"
    "CHECKPOINT LOCATION: 0/1100060\n"
    "BACKUP METHOD: streamed\n"
    "BACKUP FROM: primary\n"
    "START TIME: 2026-11-22 12:54:08 UTC\n"
    "LABEL: nightly \"x\"\n"
    "START TIMELINE: 1\n";

static const char other[] =
    "START WAL LOCATION: 16/B3000028 (file 0000000A00000016000000B3)\n"
    "CHECKPOINT LOCATION: 16/B374D848\n"
    "BACKUP METHOD: pg_start_backup\n"
    "BACKUP FROM: standby\nSTART TIME: x\nLABEL: \n"
    "START TIMELINE: 10\n";

static int
parse(const char *s, struct blabel *b, struct err *e)
{
	err_clear(e);
	return (blabel_parse(s, strlen(s), MIB, b, e));
}

static void
reads(void **state)
{
	struct err	 e = ERR_INIT;
	struct blabel	 b;
	char		 text[1024];

	(void)state;
	assert_int_equal(parse(real, &b, &e), 0);
	assert_true(b.start == 0x1100028);
	assert_true(b.checkpoint == 0x1100060);
	assert_int_equal(b.segment.seg, 17);
	assert_int_equal(b.tli, 1);
	assert_true(b.streamed && !b.standby && !b.incremental);
	assert_string_equal(b.time, "2026-11-22 12:54:08 UTC");
	assert_string_equal(b.label, "nightly \"x\"");

	/* PostgreSQL 13 */
	(void)snprintf(text, sizeof(text), "%.*smaster\n%s", 130, real,
	    strstr(real, "START TIME:"));
	assert_non_null(strstr(text, "BACKUP FROM: master\nSTART TIME"));
	assert_int_equal(parse(text, &b, &e), 0);
	assert_false(b.standby);

	/* Lines of later versions are skipped. */
	(void)snprintf(text, sizeof(text), "%sINCREMENTAL FROM LSN: 0/1\n"
	    "INCREMENTAL FROM TLI: 1\nNEWS: 1\n", real);
	assert_int_equal(parse(text, &b, &e), 0);
	assert_true(b.incremental);

	/* The label is any text of the user, also an empty one. */
	assert_int_equal(parse(other, &b, &e), -1);	/* not with 1 MiB */
	err_clear(&e);
	assert_int_equal(blabel_parse(other, sizeof(other) - 1, 16 * MIB, &b,
	    &e), 0);
	assert_true(b.standby && !b.streamed);
	assert_int_equal(b.tli, 10);
	assert_string_equal(b.label, "");
}

/* Cut at every length it is refused, also at the ends of lines. */
static void
cut_short(void **state)
{
	struct blabel	 b;
	size_t		 n;

	(void)state;
	for (n = 0; n < sizeof(real) - 1; n++) {
		struct err	 e = ERR_INIT;

		assert_int_equal(blabel_parse(real, n, MIB, &b, &e), -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
	}
}

static void
without_a_line(void **state)
{
	char		 text[1024];
	const char	*from, *to;
	struct blabel	 b;
	struct err	 e = ERR_INIT;

	(void)state;
	for (from = real; *from != '\0'; from = to) {
		to = strchr(from, '\n') + 1;
		(void)snprintf(text, sizeof(text), "%.*s%s",
		    (int)(from - real), real, to);
		assert_int_equal(parse(text, &b, &e), -1);
		assert_memory_equal(e.msg, "backup_label: line \"", 20);
		assert_non_null(strstr(e.msg, "\" is missing"));
		/* And with it twice. */
		(void)snprintf(text, sizeof(text), "%.*s%s",
		    (int)(to - real), real, from);
		assert_int_equal(parse(text, &b, &e), -1);
		assert_memory_equal(e.msg, "backup_label: found two lines", 29);
	}
}

static void
lies(void **state)
{
	static const struct { const char *old, *new, *said; } t[] = {
		{ "0/1100028", "0/2100028", "backup_label: starts in "
		    "000000010000000000000011, expected "
		    "000000010000000000000021 from its location and "
		    "timeline" },
		{ "LINE: 1", "LINE: 2", "backup_label: starts in "
		    "000000010000000000000011, expected "
		    "000000020000000000000011 from its location and "
		    "timeline" },
		{ "0/1100060", "0/1100020", "backup_label: checkpoint "
		    "at 0/1100020, expected at the start 0/1100028 or later" },
		{ "streamed", "magicals", "backup_label: unexpected "
		    "\"BACKUP METHOD: magicals\"" },
		{ "primary", "nowhere", "backup_label: unexpected "
		    "\"BACKUP FROM: nowhere\"" },
		{ "LINE: 1", "LINE: 0", "backup_label: unexpected "
		    "\"START TIMELINE: 0\"" },
		{ "(file ", "(feil ", "backup_label: unexpected \"START WAL "
		    "LOCATION: 0/1100028 (feil 000000010000000000000011)\"" },
		{ "011)", "0111", "backup_label: unexpected \"START WAL "
		    "LOCATION: 0/1100028 (file 0000000100000000000000111\"" },
	};
	struct err	 e = ERR_INIT;
	struct blabel	 b;
	char		 text[1024], *at;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		(void)strcpy(text, real);
		at = strstr(text, t[i].old);
		assert_non_null(at);
		memcpy(at, t[i].new, strlen(t[i].new));
		assert_int_equal(parse(text, &b, &e), -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
		assert_string_equal(e.msg, t[i].said);
	}
}

static void
not_text(void **state)
{
	static char	 big[9000];
	struct err	 e = ERR_INIT;
	struct blabel	 b;

	(void)state;
	assert_int_equal(blabel_parse("LABEL: \0\n", 9, MIB, &b, &e), -1);
	assert_string_equal(e.msg,
	    "backup_label: found a NUL byte, expected text");
	memset(big, '\n', sizeof(big));
	err_clear(&e);
	assert_int_equal(blabel_parse(big, sizeof(big), MIB, &b, &e), -1);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(cut_short),
		cmocka_unit_test(without_a_line),
		cmocka_unit_test(lies),
		cmocka_unit_test(not_text),
	};

	return (cmocka_run_group_tests_name("blabel", tests, NULL, NULL));
}
