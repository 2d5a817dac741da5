/* SPDX-License-Identifier: ISC */
/* The report of base-push as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "memtext.h"
#include "show/showpush.h"

#define SECOND	INT64_C(1000000)
#define ID	"20261122T040001Z"
#define OLD	"20261121T040001Z"

static char	 words[] = "nightly", path[] = "base/5/\xff";

static struct label
label_of(void)
{
	const struct label	 l = { .id = ID, .label = words,
	    .start_us = SECOND, .stop_us = 2 * SECOND, .start_lsn = 0x1000028,
	    .stop_lsn = 0x2000100, .files = 3, .size = 5120,
	    .stored_size = 1024, .start_wal = "000000010000000000000010",
	    .stop_wal = "000000010000000000000011", .postgresql = 150010,
	    .timeline = 1, .damaged_files = 1, .damaged_pages = 2,
	    .damaged = { path }, .ndamaged = 1 };

	return (l);
}

static const char *
json(const struct basepush_sum *sum, struct jval *notes)
{
	const struct label	 l = label_of();
	struct jval		*j = NULL;
	struct err		 e = ERR_INIT;

	if (showpush_json(&j, "main", &l, sum, 1700, notes, &e))
		fail_msg("%s", e.msg);
	return (memtext_json(j));
}

static void
test_report(void **state)
{
	struct basepush_sum	 sum = { .system_id = UINT64_C(
	    18446744073709551615), .stats = { .bytes = 5632, .kept = 1024,
	    .vouched = 512, .kept_files = 2, .read = 4096,
	    .compared = 3072, .equal = 2048 }, .base = OLD,
	    .why_full = "not for eyes" };
	struct jval		*notes = NULL;
	struct err		 e = ERR_INIT;
	const char		*text;

	(void)state;
	if (jval_list(&notes, &e) || jval_add_str(notes, "so \"it\" is", &e))
		fail_msg("%s", e.msg);
	text = json(&sum, notes);
	assert_non_null(strstr(text, "{\"id\":\"" ID "\","
	    "\"postgresql\":150010,\"label\":\"nightly\","));
	assert_non_null(strstr(text, "\"start_time\":\"<time>\","
	    "\"stop_time\":\"<time>\",\"start_lsn\":\"0/1000028\","
	    "\"stop_lsn\":\"0/2000100\",\"timeline\":1,"));
	assert_non_null(strstr(text, "\"files\":3,\"size\":5120,"
	    "\"stored_size\":1024,"));
	assert_non_null(strstr(text, "\"damaged\":{\"files\":1,\"pages\":2,"
	    "\"first\":[\"base/5/?\"]},\"schema\":1,\"server\":\"main\","
	    "\"system_identifier\":\"18446744073709551615\","
	    "\"compared_with\":\"" OLD "\",\"resumed\":null,"
	    "\"all_new_because\":null,\"files_unchanged\":2,"
	    "\"bytes_unchanged\":1024,\"bytes_read\":4096,"
	    "\"bytes_compared\":3072,\"bytes_equal\":2048,"
	    "\"bytes_vouched\":512,"
	    "\"bytes_reused\":3584,\"bytes_new\":2048,\"seconds\":2,"
	    "\"notes\":[\"so \\\"it\\\" is\"]}"));

	sum.base[0] = '\0';
	assert_non_null(strstr(json(&sum, NULL), "\"compared_with\":null,"
	    "\"resumed\":null,\"all_new_because\":\"not for eyes\","));
	(void)strcpy(sum.resumed, OLD);
	assert_non_null(strstr(json(&sum, NULL), "\"compared_with\":null,"
	    "\"resumed\":\"" OLD "\",\"all_new_because\":null,"));
	assert_non_null(strstr(json(&sum, NULL), "\"notes\":[]}"));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_report)
	};

	return (cmocka_run_group_tests_name("showpush", tests, NULL, NULL));
}
