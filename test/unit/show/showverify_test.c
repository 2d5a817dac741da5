/* SPDX-License-Identifier: ISC */
/* What verification says in the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "backup/label.h"
#include "memtext.h"
#include "show/showtarget.h"
#include "show/showverify.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define SECOND	INT64_C(1000000)
#define HEAD	"server main, system identifier 7: "
#define ALL	"2 backups, 3 packs, 4 WAL files, 5.0 kB "
#define TARGET	"target time <time>: "

static const struct archive	 archive = { .server = "main", .system_id = 7 };
static const struct label	 label = { .id = "20261122T040001Z" };
static const struct basefetch_plan	 plan = {
	.label = &label, .tli = 2, .end = 0x3000000, .reached_us = 9 * SECOND
};

static struct verify_sum
sum_of(uint64_t findings, uint64_t already, int64_t ended_us)
{
	const struct verify_sum	 s = { .findings = findings, .backups = 2,
	    .packs = 3, .wal = 4, .listed = 5120, .read = 1024,
	    .already = already, .ended_us = ended_us };

	return (s);
}

static void
test_text(void **state)
{
	static const struct {
		enum verify_depth	 depth;
		uint64_t		 findings, already;
		int			 complete, target;
		const char		*text;
	} rows[] = {
		{ VERIFY_QUICK, 0, 0, 1, 0, HEAD ALL "listed: 0 findings\n" },
		{ VERIFY_SIGNATURES, 1, 0, 1, 0, HEAD ALL "whose signed "
		    "headers were checked (1.0 kB read): 1 finding\n" },
		{ VERIFY_HASHES, 2, 2048, 1, 0, HEAD ALL "of which every byte "
		    "was compared with the signed hashes (1.0 kB read), "
		    "2.0 kB that were proved already: 2 findings\n" },
		{ VERIFY_CONTENTS, 0, 0, 0, 1, HEAD ALL "of which every byte "
		    "that a restore needs was decrypted and compared (1.0 kB "
		    "read): 0 findings so far; the run was not completed\n" },
		{ VERIFY_CONTENTS, 0, 0, 1, 1, HEAD ALL "of which every byte "
		    "that a restore needs was decrypted and compared (1.0 kB "
		    "read): 0 findings\n" TARGET "backup 20261122T040001Z, "
		    "timeline 2, WAL to LSN 0/3000000 archived <time>; "
		    "proved: there is WAL of a later transaction, which ended "
		    "at <time>\n" },
		{ VERIFY_QUICK, 0, 0, 1, 1, HEAD ALL "listed: 0 findings\n"
		    TARGET "backup 20261122T040001Z, timeline 2, WAL to LSN "
		    "0/3000000 archived <time>; not proved at this depth: "
		    "whether there is WAL of a later transaction\n" },
		{ VERIFY_QUICK, 1, 0, 1, 1, HEAD ALL "listed: 1 finding\n"
		    TARGET "not proved; see the findings\n" }
	};
	struct verify_sum	 sum;
	struct showverify	 v;
	FILE			*f;
	size_t			 i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		sum = sum_of(rows[i].findings, rows[i].already, 8 * SECOND);
		v = (struct showverify){ .archive = &archive, .sum = &sum,
		    .depth = rows[i].depth, .complete = rows[i].complete,
		    .plan = rows[i].target ? &plan : NULL,
		    .target_us = 7 * SECOND };
		f = memtext_open();
		showverify_print(f, &v);
		assert_string_equal(memtext_close(f), rows[i].text);
	}
}

/* Signers, if there are several or a retired one; and what was vouched for. */
static void
test_signers(void **state)
{
	struct verify_sum	 sum = sum_of(0, 0, INT64_MIN);
	struct showverify_vouch	 vouch = { .signer = { 0xab },
	    .until_us = 7 * SECOND, .sum = { 5, 2, 3, "vouched/x", 2, 1 } };
	struct showverify	 v = { .archive = &archive, .sum = &sum,
	    .depth = VERIFY_HASHES, .complete = 1 };
	struct jval		*list = NULL, *findings = NULL;
	struct err		 e = ERR_INIT;
	const char		*text;
	FILE			*f;

	(void)state;
	sum.nsigners = 1;
	sum.signer[0] = (struct verify_signer){ { 1 }, 0, 9 };
	f = memtext_open();
	showverify_print(f, &v);
	assert_null(strstr(memtext_close(f), "signed by"));
	sum.nsigners = 2;
	sum.signer[1] = (struct verify_signer){ { 0xab }, 1, 1 };
	v.vouch = &vouch;
	f = memtext_open();
	showverify_print(f, &v);
	text = memtext_close(f);
	assert_non_null(strstr(text, "signed by 0100000000000000: 9 objects\n"
	    "signed by ab00000000000000 (retired): 1 object\n"
	    "vouched/x vouches for 5 objects of signer ab00000000000000 that "
	    "were stored before <time> (the first of 2 files); 2 came later "
	    "and do not count, of which 1 has no time; 3 with findings were "
	    "left out\n"));
	if (jval_list(&list, &e) || jval_list(&findings, &e) ||
	    showverify_json(list, &v, findings, &e))
		fail_msg("%s", e.msg);
	assert_non_null(strstr(memtext_json(list), "\"signers\":["
	    "{\"signer\":\"0100000000000000\",\"retired\":false,"
	    "\"objects\":9},{\"signer\":\"ab00000000000000\","
	    "\"retired\":true,\"objects\":1}],\"vouched\":{"
	    "\"signer\":\"ab00000000000000\",\"until\":\"<time>\","
	    "\"path\":\"vouched/x\",\"listed\":5,\"later\":2,"
	    "\"undated\":1,\"left_out\":3,\"files\":2}"));
	vouch.sum.listed = 0;
	f = memtext_open();
	showverify_print(f, &v);
	assert_non_null(strstr(memtext_close(f), "no inventory was made: "
	    "nothing of signer ab00000000000000 passed that was stored"));
}

/* A target is proved only by a later transaction in a complete, clean run. */
static void
test_proved(void **state)
{
	static const struct {
		uint64_t	 findings;
		int		 complete;
		int64_t		 ended_us;
		const char	*text;
	} rows[] = {
		{ 0, 1, 8 * SECOND, "\"<time>\",\"proved\":true" },
		{ 0, 1, 7 * SECOND, "\"<time>\",\"proved\":false" },
		{ 1, 1, 8 * SECOND, "\"<time>\",\"proved\":false" },
		{ 0, 0, 8 * SECOND, "\"<time>\",\"proved\":false" },
		{ 0, 1, INT64_MIN, "null,\"proved\":false" }
	};
	struct verify_sum	 sum;
	struct showverify	 v;
	struct jval		*list = NULL, *findings = NULL;
	struct err		 e = ERR_INIT;
	char			 expected[1024];
	size_t			 i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		sum = sum_of(rows[i].findings, 0, rows[i].ended_us);
		v = (struct showverify){ .archive = &archive, .sum = &sum,
		    .depth = VERIFY_CONTENTS, .complete = rows[i].complete,
		    .plan = &plan, .target_us = 7 * SECOND };
		(void)snprintf(expected, sizeof(expected), "[{\"findings\":[],"
		    "\"schema\":1,\"server\":\"main\","
		    "\"system_identifier\":\"7\","
		    "\"depth\":\"contents\",\"complete\":%s,\"backups\":2,"
		    "\"packs\":3,\"wal_files\":4,\"bytes\":5120,"
		    "\"bytes_read\":1024,\"bytes_proved_already\":0,"
		    "\"signers\":[],"
		    "\"target\":{\"time\":\"<time>\","
		    "\"backup\":\"20261122T040001Z\",\"timeline\":2,"
		    "\"wal_to_lsn\":\"0/3000000\",\"wal_archived\":\"<time>\","
		    "\"last_transaction\":%s}}]",
		    rows[i].complete ? "true" : "false", rows[i].text);
		if (jval_list(&list, &e) || jval_list(&findings, &e) ||
		    showverify_json(list, &v, findings, &e))
			fail_msg("%s", e.msg);
		assert_string_equal(memtext_json(list), expected);
	}
}

static void
test_findings(void **state)
{
	struct err		 e = ERR_INIT, why = ERR_INIT;
	struct showtarget	 t;
	struct jval		*list = NULL;
	FILE			*f;

	(void)state;
	f = memtext_open();
	(void)err_set(&why, ERR_ABSENT, "no backup ended before it");
	showtarget_unreachable(&t, SECOND, &why);
	showverify_finding(f, &t.finding);
	showtarget_unproved(&t, SECOND, INT64_MIN, 0x3000000);
	showverify_finding(f, &t.finding);
	assert_string_equal(memtext_close(f), "target time <time>: no backup "
	    "ended before it; this moment cannot be reached\n"
	    "target time <time>: the WAL up to LSN 0/3000000 holds no "
	    "transaction that ended later; the last one ended at an unknown "
	    "time; PostgreSQL would not stop there and fail at the end of "
	    "WAL; without a target it replays all WAL\n");
	showtarget_unproved(&t, 2 * SECOND, SECOND, 0x3000000);
	t.finding.means = "bad";
	if (jval_list(&list, &e) ||
	    showverify_finding_json(list, &t.finding, &e))
		fail_msg("%s", e.msg);
	assert_string_equal(memtext_json(list), "[{\"object\":\"target time "
	    "<time>\",\"found\":\"the WAL up to LSN 0/3000000 holds no "
	    "transaction that ended later; the last one ended at <time>\","
	    "\"means\":\"bad\"}]");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_signers),
		cmocka_unit_test(test_proved),
		cmocka_unit_test(test_findings)
	};

	return (cmocka_run_group_tests_name("showverify", tests, NULL, NULL));
}
