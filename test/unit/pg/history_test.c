/* SPDX-License-Identifier: ISC */
/* Timeline histories: read as PostgreSQL does, and their spans. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pg/history.h"

static struct history
parsed(const char *text, uint32_t tli)
{
	struct err	 e = ERR_INIT;
	struct history	 h;

	assert_int_equal(history_parse(text, strlen(text), tli, &h, &e), 0);
	return (h);
}

static void
reads(void **state)
{
	static const struct { const char *s; size_t n; } t[] = {
		{ "", 0 }, { "\n\n", 0 }, { "# nothing\n", 0 },
		{ "1\t0/5000000\tno recovery target specified\n", 1 },
		{ "1\t0/5000000\tno recovery target specified\n\n"
		    "2\t16/b374d848\tbefore 2026-11-22 12:00:00+00\n", 2 },
		{ "1 0/5000000", 1 }, { "  1  0/5000000\r\n", 1 },
		{ "\n # x\n1\t0/1\t# y\n#2\t0/2\n3\t0/3\n", 2 },
		{ "1\t00000000/00000001\tx", 1 },
	};
	struct history	 h;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		h = parsed(t[i].s, 7);
		assert_int_equal(h.n, t[i].n);
		assert_int_equal(h.tli, 7);
		history_free(&h);
	}
	h = parsed(t[4].s, 3);
	assert_int_equal(h.v[0].tli, 1);
	assert_true(h.v[0].end == 0x5000000);
	assert_int_equal(h.v[1].tli, 2);
	assert_true(h.v[1].end == UINT64_C(0x16b374d848));
	history_free(&h);
	history_free(&h);			/* twice is fine */
}

static void
refuses(void **state)
{
	static const char *const t[] = {
		"x", "1", "1\n", "1\t0", "1\t0/", "1\t/1", "1\t0/1x", "1x 0/1",
		"0\t0/1", "-1\t0/1", "4\t0/1", "5\t0/1", "1\t0/1\n1\t0/2\n",
		"2\t0/1\n1\t0/2\n", "1\t0/123456789\n", "4294967297\t0/1",
		"1\t0/1\n\033[2J\n", "1,0/1"
	};
	struct history	 h = { .tli = 0 };
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct err	 e = ERR_INIT;

		assert_int_equal(history_parse(t[i], strlen(t[i]), 4, &h, &e),
		    -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
		assert_null(strchr(e.msg, '\033'));
		assert_null(h.v);
	}
}

static void
messages(void **state)
{
	static const struct { const char *s; size_t n; const char *said; }
	t[] = {
		{ "1\t0/1\nfoo\n", 10, "history of timeline 4: found \"foo\", "
		    "expected a timeline and an LSN" },
		{ "4\t0/1\n", 6, "history of timeline 4: found timeline 4, "
		    "expected rising numbers from 1 to 3" },
		{ "1\t0/1\0\n", 7, "history of timeline 4: found a NUL "
		    "byte, expected text" },
	};
	struct history	 h;
	size_t		 i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct err	 e = ERR_INIT;

		assert_int_equal(history_parse(t[i].s, t[i].n, 4, &h, &e), -1);
		assert_string_equal(e.msg, t[i].said);
	}
}

static void
limits(void **state)
{
	struct err	 e = ERR_INIT;
	struct history	 h;
	size_t		 n = 0, i, size = HISTORY_MAX + 1;
	char		*s = malloc(size);

	(void)state;
	assert_non_null(s);
	for (i = 1; i < 5000; i++)
		n += (size_t)snprintf(s + n, size - n, "%zu\t0/%zX\n", i, i);
	/* At the limit, and one byte beyond it. */
	memset(s + n, '\n', size - n);
	assert_int_equal(history_parse(s, HISTORY_MAX, 5000, &h, &e), 0);
	assert_int_equal(h.n, 4999);
	assert_int_equal(h.v[4998].tli, 4999);
	assert_int_equal(history_tli_at(&h, 0x1000), 0x1001);
	history_free(&h);
	assert_int_equal(history_parse(s, HISTORY_MAX + 1, 5000, &h, &e), -1);
	assert_non_null(strstr(e.msg, "65537 bytes, expected at most 65536"));
	free(s);

	/* A long reason. */
	s = malloc(5000);
	assert_non_null(s);
	memset(s, 'r', 5000);
	memcpy(s, "1\t0/5\t", 6);
	memcpy(s + 4990, "\n2\t0/6\t\n#", 9);
	err_clear(&e);
	assert_int_equal(history_parse(s, 5000, 3, &h, &e), 0);
	assert_int_equal(h.n, 2);
	history_free(&h);
	free(s);
}

struct span {
	uint32_t	 tli;
	int		 in;
	uint64_t	 begin, end;
};

static void
check_spans(const char *text, uint32_t tli, const struct span *t, size_t n)
{
	struct history	 h = parsed(text, tli);
	uint64_t	 begin, end, lsn;
	size_t		 i;

	for (i = 0; i < n; i++) {
		assert_int_equal(history_span(&h, t[i].tli, &begin, &end),
		    t[i].in);
		if (t[i].in) {
			assert_true(begin == t[i].begin);
			assert_true(end == t[i].end);
		}
	}
	/* Every byte belongs to exactly one timeline, as the spans say. */
	for (lsn = 0; lsn < 0x400; lsn++) {
		uint32_t at = history_tli_at(&h, lsn);

		assert_true(history_span(&h, at, &begin, &end));
		assert_true(begin <= lsn && lsn < end);
	}
	history_free(&h);
}

static void
spans(void **state)
{
	static const struct span none[] = {
		{ 1, 1, 0, UINT64_MAX }, { 2, 0, 0, 0 }, { 0, 0, 0, 0 }
	};
	static const struct span plain[] = {
		{ 1, 1, 0, 0x100 }, { 2, 1, 0x100, 0x200 }, { 3, 0, 0, 0 },
		{ 4, 1, 0x200, 0x300 }, { 5, 1, 0x300, UINT64_MAX },
		{ 6, 0, 0, 0 }
	};
	/* 3 came from a recovery along 2 that stopped before 2 began. */
	static const struct span back[] = {
		{ 1, 1, 0, 0x50 }, { 2, 0, 0, 0 },
		{ 3, 1, 0x50, UINT64_MAX }
	};
	static const struct span back_and_on[] = {
		{ 1, 1, 0, 0x50 }, { 2, 0, 0, 0 }, { 3, 1, 0x50, 0x200 },
		{ 4, 1, 0x200, UINT64_MAX }
	};

	(void)state;
	check_spans("", 1, none, 3);
	check_spans("1\t0/100\n2\t0/200\n4\t0/300\n", 5, plain, 6);
	check_spans("1\t0/100\n2\t0/50\n", 3, back, 3);
	check_spans("1\t0/100\n2\t0/50\n3\t0/200\n", 4, back_and_on, 4);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(refuses),
		cmocka_unit_test(messages),
		cmocka_unit_test(limits),
		cmocka_unit_test(spans),
	};

	return (cmocka_run_group_tests_name("history", tests, NULL, NULL));
}
