/* SPDX-License-Identifier: ISC */
/* The pieces of listings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "memtext.h"
#include "show/progress.h"
#include "show/show.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define SECOND	INT64_C(1000000)
#define MB	((uint32_t)1 << 20)

static struct jval *
object(void)
{
	struct jval	*j = NULL;
	struct err	 e = ERR_INIT;

	if (jval_object(&j, &e))
		fail_msg("%s", e.msg);
	return (j);
}

static void
test_size(void **state)
{
	static const struct {
		uint64_t	 bytes;
		const char	*text;
	} rows[] = {
		{ 0, "0 B" }, { 1023, "1023 B" }, { 1024, "1.0 kB" },
		{ 1536, "1.5 kB" }, { (uint64_t)1 << 20, "1.0 MB" },
		{ (uint64_t)5 << 30, "5.0 GB" },
		{ (uint64_t)3 << 40, "3.0 TB" },
		{ (uint64_t)2048 << 40, "2048.0 TB" }
	};
	char	 buf[PROGRESS_SIZE];
	size_t	 i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		assert_string_equal(progress_size(buf, rows[i].bytes),
		    rows[i].text);
}

static void
test_span(void **state)
{
	static const struct {
		int64_t		 seconds;
		const char	*text;
	} rows[] = {
		{ 0, "0s" }, { 59, "59s" }, { 60, "1m 0s" },
		{ 3599, "59m 59s" }, { 3600, "1h 0m" }, { 86399, "23h 59m" },
		{ 86400, "1d 0h" }, { 400 * 86400 - 1, "399d 23h" },
		{ -1, "-" }
	};
	char	 buf[SHOW_SPAN];
	size_t	 i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		assert_string_equal(show_span(buf, rows[i].seconds * SECOND),
		    rows[i].text);
	assert_string_equal(show_span(buf, -1), "-");
}

static void
test_texts(void **state)
{
	char	 t[CLOCK_TEXT], name[WALNAME_TEXT], clean[SHOW_CLEAN];

	(void)state;
	assert_string_equal(show_moment(t, 7 * SECOND + 999999),
	    "1970-01-01T00:00:07Z");
	assert_string_equal(show_segment(name, 2, 0x1234, MB),
	    "000000020000000100000234");
	assert_string_equal(show_clean(clean, "a\033[2Jb\nc"), "a?[2Jb?c");
}

static void
test_gaps(void **state)
{
	static const struct coverage_run	 gaps[] = {
		{ 1, 0x10, 0x12 }, { 2, 0x20, 0x20 }
	};
	struct err	 e = ERR_INIT;
	struct jval	*j;
	FILE		*f;

	(void)state;
	f = memtext_open();
	show_gaps(f, gaps, N(gaps), MB);
	assert_string_equal(memtext_close(f),
	    "gap: WAL 000000010000000000000010 to 000000010000000000000012 "
	    "is missing (3 segments)\n"
	    "gap: WAL 000000020000000000000020 to 000000020000000000000020 "
	    "is missing (1 segment)\n");
	j = object();
	assert_int_equal(show_json_gaps(j, gaps, 1, MB, &e), 0);
	assert_string_equal(memtext_json(j), "{\"gaps\":["
	    "{\"first\":\"000000010000000000000010\","
	    "\"last\":\"000000010000000000000012\",\"segments\":3}]}");
	j = object();
	assert_int_equal(show_json_gaps(j, NULL, 0, MB, &e), 0);
	assert_string_equal(memtext_json(j), "{\"gaps\":[]}");
}

static void
test_reach(void **state)
{
	const struct coverage	 wal = { .any = 1, .tli = 1, .last = 0x11,
	    .end = 0x1200000 };
	struct show_reach	 r = { .wal = &wal, .segsize = MB };
	struct err		 e = ERR_INIT;
	struct jval		*j;
	FILE			*f;

	(void)state;
	f = memtext_open();
	show_reach(f, &r);
	assert_string_equal(memtext_close(f),
	    "to WAL 000000010000000000000011, LSN 0/1200000");
	j = object();
	assert_int_equal(show_json_reach(j, &r, &e), 0);
	assert_string_equal(memtext_json(j),
	    "{\"to_wal\":\"000000010000000000000011\","
	    "\"to_lsn\":\"0/1200000\",\"to_archived\":null,"
	    "\"streamed_to_lsn\":null,\"streamed_problem\":null}");
	r.timed = 1;
	r.archived_us = 1;
	f = memtext_open();
	show_reach(f, &r);
	assert_string_equal(memtext_close(f),
	    "to WAL 000000010000000000000011, LSN 0/1200000, archived "
	    "<time>");
	j = object();
	assert_int_equal(show_json_reach(j, &r, &e), 0);
	assert_string_equal(memtext_json(j),
	    "{\"to_wal\":\"000000010000000000000011\","
	    "\"to_lsn\":\"0/1200000\",\"to_archived\":\"<time>\","
	    "\"streamed_to_lsn\":null,\"streamed_problem\":null}");
	r.streamed = 0x1200028;
	err_set(&r.problem, ERR_CORRUPT, "x: is not authentic");
	f = memtext_open();
	show_reach(f, &r);
	show_reach_problem(f, &r);
	assert_string_equal(memtext_close(f),
	    "to WAL 000000010000000000000011, LSN 0/1200000, archived "
	    "<time>, streamed to LSN 0/1200028streamed: x: is not authentic; "
	    "recovery to the end of WAL stops there\n");
	j = object();
	assert_int_equal(show_json_reach(j, &r, &e), 0);
	assert_string_equal(memtext_json(j),
	    "{\"to_wal\":\"000000010000000000000011\","
	    "\"to_lsn\":\"0/1200000\",\"to_archived\":\"<time>\","
	    "\"streamed_to_lsn\":\"0/1200028\","
	    "\"streamed_problem\":\"x: is not authentic\"}");
}

static void
test_cluster(void **state)
{
	struct archive	 a = { .server = "main", .system_id = UINT64_MAX };
	struct err	 e = ERR_INIT;
	struct jval	*j;

	(void)state;
	j = object();
	assert_int_equal(show_json_cluster(j, &a, &e), 0);
	assert_string_equal(memtext_json(j), "{\"schema\":1,"
	    "\"server\":\"main\","
	    "\"system_identifier\":\"18446744073709551615\"}");
	a.system_id = 0;
	j = object();
	assert_int_equal(show_json_cluster(j, &a, &e), 0);
	assert_string_equal(memtext_json(j),
	    "{\"schema\":1,\"server\":\"main\",\"system_identifier\":null}");
}

static void
test_pin(void **state)
{
	const int64_t	 now = clock_now_us();
	const struct {
		struct pin	 pin;
		const char	*text, *json;
	} rows[] = {
		{ { PIN_NONE, 0, "" }, "",
		    "{\"pinned\":false,\"pinned_until\":null,"
		    "\"pin_refused\":null}" },
		{ { PIN_SET, PIN_FOREVER, "" }, "pinned",
		    "{\"pinned\":true,\"pinned_until\":null,"
		    "\"pin_refused\":null}" },
		{ { PIN_SET, now + 3600 * SECOND, "" },
		    "pinned until <time>",
		    "{\"pinned\":true,\"pinned_until\":\"<time>\","
		    "\"pin_refused\":null}" },
		{ { PIN_SET, now - SECOND, "" },
		    "pinned until <time>, which has passed",
		    "{\"pinned\":false,\"pinned_until\":\"<time>\","
		    "\"pin_refused\":null}" },
		{ { PIN_UNREADABLE, PIN_FOREVER, "2 bytes" },
		    "pinned by something that cannot be read, "
		    "label.withdrawn: 2 bytes; if it is not meant as a pin, "
		    "remove that file with backup-expire --release",
		    "{\"pinned\":true,\"pinned_until\":null,"
		    "\"pin_refused\":\"2 bytes\"}" }
	};
	struct err	 e = ERR_INIT;
	struct jval	*j;
	char		 text[SHOW_PIN];
	FILE		*f;
	size_t		 i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		f = memtext_open();
		(void)fputs(show_pin(text, &rows[i].pin), f);
		assert_string_equal(memtext_close(f), rows[i].text);
		j = object();
		assert_int_equal(show_json_pin(j, &rows[i].pin, &e), 0);
		assert_string_equal(memtext_json(j), rows[i].json);
	}
}

static void
test_progress(void **state)
{
	static const struct {
		uint64_t	 done, total, ms;
		const char	*text;
	} rows[] = {
		{ 1024, 0, 2000, "1.0 kB read, 512 B/s, 2 s" },
		{ 0, 4096, 9000, "0 B of 4.0 kB read (0%), 0 B/s" },
		{ 1024, 4096, 1000, "1.0 kB of 4.0 kB read (25%), 1.0 kB/s" },
		{ 1024, 4096, 4000, "1.0 kB of 4.0 kB read (25%), 256 B/s, "
		    "0:00:12 left" },
		{ (uint64_t)1 << 50, (uint64_t)2 << 50, 3723000,
		    "1024.0 TB of 2048.0 TB read (50%), 281.6 GB/s, 1:02:03 "
		    "left" },
		{ 5000, 4096, 4000, "4.9 kB of 4.0 kB read (100%), 1.2 kB/s" },
		{ UINT64_MAX - 1, UINT64_MAX, 4000, "16777216.0 TB of "
		    "16777216.0 TB read (100%), 4194304.0 TB/s, 0:00:00 left" },
		{ 999999, 1000000, 0, "976.6 kB of 976.6 kB read (99%), "
		    "0 B/s" }
	};
	struct progress	 p = { .what = "read" };
	char		 buf[PROGRESS_LINE];
	size_t		 i;

	(void)state;
	for (i = 0; i < N(rows); i++)
		assert_string_equal(progress_line(buf, &p, rows[i].done,
		    rows[i].total, rows[i].ms), rows[i].text);
	p.what = "deleted";
	p.files = 1;
	assert_string_equal(progress_line(buf, &p, 25, 100, 5000),
	    "25 of 100 files deleted (25%), 5/s, 0:00:15 left");
	assert_string_equal(progress_line(buf, &p, 25, 0, 5000),
	    "25 files deleted, 5/s, 5 s");
}

/* On a terminal at any time, else at the beginning and then once a minute. */
static void
test_progress_due(void **state)
{
	struct progress	 p = { .form = PROGRESS_NONE, .said_ms = -1 };

	(void)state;
	assert_false(progress_due(&p, 1000));
	p.form = PROGRESS_LINES;
	assert_true(progress_due(&p, 1000));
	p.said_ms = 1000;
	assert_false(progress_due(&p, 60999));
	assert_true(progress_due(&p, 61000));
	p.form = PROGRESS_TERMINAL;
	assert_true(progress_due(&p, 1000));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_size),
		cmocka_unit_test(test_progress),
		cmocka_unit_test(test_progress_due),
		cmocka_unit_test(test_span),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_reach),
		cmocka_unit_test(test_cluster),
		cmocka_unit_test(test_pin)
	};

	return (cmocka_run_group_tests_name("show", tests, NULL, NULL));
}
