/* SPDX-License-Identifier: ISC */
/* The listings of a repository: backup-list, backup-show, backup-expire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/clock.h"
#include "base/str.h"
#include "catalogue/pinning.h"
#include "catalogue/pinrelease.h"
#include "memtext.h"
#include "repoenv.h"
#include "show/backupjson.h"
#include "show/showbackup.h"
#include "show/showexpire.h"
#include "show/listjson.h"
#include "show/listtext.h"
#include "show/showlist.h"
#include "testdir.h"

#define MB	((uint64_t)1 << 20)
#define SECOND	INT64_C(1000000)
#define A	"20261101T000000Z"
#define B	"20261102T000000Z"
#define NOT_STREAMED "\"streamed_to_lsn\":null,\"streamed_problem\":null"
#define SERVER	"server main, system identifier 7301234567890123456\n"
#define MEMBERS	"\"schema\":1,\"server\":\"main\",\"system_identifier\":" \
	"\"7301234567890123456\""

static struct repoenv	 env;
static struct archive	*a;
static struct catalogue	*cat;
static struct window	 window;

static void
put_wal(unsigned first, unsigned last, int authentic)
{
	char	 path[128];

	for (; first <= last; first++) {
		(void)snprintf(path, sizeof(path), "wal/00000001/00000000/"
		    "0000000100000000%08X", first);
		if (authentic)
			repoenv_segment(&env, path);
		else
			repoenv_put(path, "0123456789abcdef");
	}
}

/*
 * A, pinned, is of segments 10 and 11, B of 20 and 21 and refers to A; WAL
 * from 10 to 24, but 14 and 15.
 */
static void
make_of(void (*backup)(const struct repoenv *, const char *, uint32_t,
    uint64_t, uint64_t, unsigned, const char *))
{
	const int	 whole = backup == repoenv_backup;
	struct err	 e = ERR_INIT;

	repoenv_make(&env);
	repoenv_marker(&env);
	put_wal(0x10, 0x13, whole);
	put_wal(0x16, 0x24, whole);
	a = repoenv_open(&env, env.public);
	backup(&env, A, 1, 0x10 * MB, 0x11 * MB + 1, 0, NULL);
	backup(&env, B, 1, 0x20 * MB, 0x21 * MB + 1, 24, A);
	repoenv_put("base/20261103T000000Z/pack-00000001", "x");
	repoenv_put("base/Unknown", "x");
	if (pinning_set(a, A, PIN_FOREVER, &e) ||
	    catalogue_load(&cat, a, &e) || window_make(&window, cat, &e))
		fail_msg("%s", e.msg);
}

static void
make(void)
{
	make_of(repoenv_label);
}

static void
unmake(void)
{
	window_free(&window);
	catalogue_free(cat);
	archive_free(a);
	repoenv_remove(&env);
}

static void
test_list(void **state)
{
	struct showlist_conf	 conf = { .expire = NULL };
	struct showlist		 s = { .archive = NULL };
	struct jval		*list = NULL;
	struct err		 e = ERR_INIT;
	const char		*text;
	FILE			*f;

	(void)state;
	make();
	assert_true(window.any);
	conf.now_us = catalogue_label(cat, 1)->stop_us + 7380 * SECOND;
	if (showlist_begin(&s, a, cat, &conf, &e) ||
	    showlist_make(&s, a, &window, &e))
		fail_msg("%s", e.msg);
	s.reach.archived_us = conf.now_us - 59 * SECOND;
	f = memtext_open();
	listtext_print(f, &s);
	assert_string_equal(memtext_close(f), SERVER
	    "status: 1 gap; 2 backups, the newest 2h 3m old; WAL up to "
	    "<time>, 59s ago\n"
	    "  BACKUP                ENDED                      AGE  TIMELINE"
	    "       SIZE     STORED  WAL SINCE  LABEL  KEEP\n"
	    "  " A "      <time>     1d 2h         1        0 B        0 B"
	    "      304 B         -\n"
	    "  " B "      <time>     2h 3m         1        0 B        0 B"
	    "       80 B         -\n"
	    "recovery window: from <time> (backup " B ") to WAL "
	    "000000010000000000000024, LSN 0/2500000, archived <time>, "
	    "timeline 1\n"
	    "recovery window: from <time> (backup " A ") to WAL "
	    "000000010000000000000013, LSN 0/1400000, archived <time>, "
	    "timeline 1\n"
	    "gap: WAL 000000010000000000000014 to 000000010000000000000015 "
	    "is missing (2 segments)\n"
	    A ": pinned\n"
	    "not complete: 20261103T000000Z (in progress, interrupted or "
	    "expired)\n"
	    "ignored: 1 unknown name, like \"Unknown\"\n");
	if (jval_list(&list, &e) || listjson_add(list, &s, &e))
		fail_msg("%s", e.msg);
	text = memtext_json(list);
	assert_non_null(strstr(text, "[{" MEMBERS ",\"ok\":false,"
	    "\"problems\":[\"1 gap\"],\"retention_policy\":null,"
	    "\"retention_problem\":null,\"timeline\":1,"
	    "\"histories_read\":false,\"recovery_window\":{\"from\":"
	    "\"<time>\",\"from_backup\":\"" B "\",\"to_wal\":"
	    "\"000000010000000000000024\",\"to_lsn\":\"0/2500000\","
	    "\"to_archived\":\"<time>\"," NOT_STREAMED "},\"windows\":["
	    "{\"timeline\":1,\"from\":\"<time>\",\"from_backup\":\"" B "\","
	    "\"to_wal\":\"000000010000000000000024\","
	    "\"to_lsn\":\"0/2500000\",\"to_archived\":\"<time>\","
	    NOT_STREAMED ",\"backups\":[\"" B "\"]},"
	    "{\"timeline\":1,\"from\":\"<time>\",\"from_backup\":\"" A "\","
	    "\"to_wal\":\"000000010000000000000013\","
	    "\"to_lsn\":\"0/1400000\",\"to_archived\":\"<time>\","
	    NOT_STREAMED ",\"backups\":[\"" A "\"]}],\"backups\":[{"));
	assert_non_null(strstr(text, "\"age_seconds\":7380,\"keep\":null,"
	    "\"wal_since_segments\":5,"
	    "\"wal_since_bytes\":80,\"wal_complete\":true,"
	    "\"lacks\":null,"
	    "\"on_latest_timeline\":true,\"pinned\":false,"
	    "\"pinned_until\":null,\"pin_refused\":null,\"signer\":\""));
	assert_non_null(strstr(text, "\",\"signer_retired\":false}],"
	    "\"gaps\":["
	    "{\"first\":\"000000010000000000000014\","
	    "\"last\":\"000000010000000000000015\",\"segments\":2}],"
	    "\"refused\":[],\"incomplete\":[\"20261103T000000Z\"],"
	    "\"unknown_names\":1,\"gone\":[]}]"));
	showlist_fini(&s);
	unmake();
}

/* How the row of a backup must end. */
static void
row_ends(const char *text, const char *id, const char *end)
{
	char		 want[256];
	const char	*row;
	size_t		 n, len;

	(void)snprintf(want, sizeof(want), "\n  %s ", id);
	assert_non_null(row = strstr(text, want));
	n = strcspn(row + 1, "\n");
	(void)snprintf(want, sizeof(want), "         %s", end);
	len = strlen(want);
	if (n < len || strncmp(row + 1 + n - len, want, len) != 0)
		fail_msg("expected \"%s\":%.*s", end, (int)n + 1, row);
}

/* What backup-list says of the backups of this cluster, and of all. */
static const char *
list_text(const struct showlist_conf *conf)
{
	struct showlist	 s = { .archive = NULL };
	struct err	 e = ERR_INIT;
	FILE		*f;

	if (showlist_begin(&s, a, cat, conf, &e) ||
	    showlist_make(&s, a, &window, &e))
		fail_msg("%s", e.msg);
	f = memtext_open();
	listtext_print(f, &s);
	showlist_fini(&s);
	return (memtext_close(f));
}

/* Expiry itself is asked what it keeps, and nothing is promised beyond. */
static void
test_keep(void **state)
{
	const int64_t		 day = 86400 * SECOND;
	struct expire_conf	 expire = { .policy = {
	    .kind = RETENTION_WINDOW, .n = 60, .unit_days = 1 },
	    .minimum_redundancy = 1, .dry = 1 };
	struct showlist_conf	 conf = { .expire = &expire };
	struct err		 e = ERR_INIT;
	const char		*text;

	(void)state;
	make_of(repoenv_backup);
	conf.now_us = expire.now_us = clock_now_us();
	text = list_text(&conf);
	/* The gap is no reason to keep less; a pin for ever has no end. */
	row_ends(text, A, "within the recovery window; pinned");
	row_ends(text, B, "within the recovery window");
	if (pinrelease_run(a, cat, A, &e))
		fail_msg("%s", e.msg);
	catalogue_free(cat);
	cat = NULL;
	if (catalogue_load(&cat, a, &e))
		fail_msg("%s", e.msg);
	text = list_text(&conf);
	row_ends(text, A, "until <time>: within the recovery window");
	/* The older one begins the window, as long as the newer is in it. */
	conf.now_us = expire.now_us = catalogue_label(cat, 1)->stop_us +
	    60 * day - SECOND;
	text = list_text(&conf);
	row_ends(text, A, "until <time>: begins the recovery window");
	conf.now_us = expire.now_us += 2 * SECOND;
	text = list_text(&conf);
	row_ends(text, A, "no: not needed for recovery window of 60 days");
	row_ends(text, B, "begins the recovery window");
	/* Where expiry would refuse, nothing is promised. */
	repoenv_put("base/20261104T000000Z/label", "forged");
	catalogue_free(cat);
	cat = NULL;
	window_free(&window);
	if (catalogue_load(&cat, a, &e) || window_make(&window, cat, &e))
		fail_msg("%s", e.msg);
	text = list_text(&conf);
	assert_non_null(strstr(text, "status: 1 gap, 1 refused object, 1 reason"
	    " why expiry does not decide; 2 backups"));
	row_ends(text, A, "-");
	assert_non_null(strstr(text, "which are kept is not known: 1 label or "
	    "history file"));
	unmake();
}

/* The key is new each time: its id becomes "<signer>". */
static const char *
without_signer(const char *text)
{
	static char	 buf[4096];
	char		 hex[2 * KEY_ID_LEN + 1];
	uint8_t		 id[KEY_ID_LEN];
	const char	*at;

	key_id(id, key_signer(env.push, 0));
	if ((at = strstr(text, str_hex(hex, id, sizeof(id)))) == NULL)
		return (text);
	(void)snprintf(buf, sizeof(buf), "%.*s<signer>%s", (int)(at - text),
	    text, at + strlen(hex));
	return (buf);
}

static void
test_backup(void **state)
{
	const struct showkeep	 keep = { .conf = NULL };
	struct showbackup	 s;
	struct jval		*j = NULL;
	struct err		 e = ERR_INIT;
	const char		*text;
	FILE			*f;

	(void)state;
	make();
	s = (struct showbackup){ .archive = a, .cat = cat, .index = 0,
	    .window = &window, .keep = &keep };
	if (show_reach_make(&s.reach, &window.backup[0].wal,
	    catalogue_segsize(cat), a, &e))
		fail_msg("%s", e.msg);
	f = memtext_open();
	showbackup_print(f, &s);
	assert_string_equal(without_signer(memtext_close(f)),
	    "backup       " A "\n"
	    "server       main, system identifier 7301234567890123456\n"
	    "status       ok\n"
	    "next         " B "\n"
	    "PostgreSQL   15.10, a primary, page checksums off\n"
	    "pushed by    seawall " SEAWALL_VERSION "\n"
	    "signed by    <signer>\n"
	    "started      <time>, LSN 0/1000000, WAL "
	    "000000010000000000000010 offset 0\n"
	    "ended        <time>, LSN 0/1100001, WAL "
	    "000000010000000000000011 offset 1\n"
	    "its own WAL  2 segments, 1.0 MB written meanwhile\n"
	    "timeline     1\n"
	    "size         0 B in 0 files, chunks of 256.0 kB\n"
	    "stored       0 B by this backup, the manifest's 0 B included\n"
	    "packs        2 of its own\n"
	    "needed by    " B "\n"
	    "took         1h 0m, 0 B/s copied, 0 B/s stored\n"
	    "WAL to next  14 segments, 224 B stored (0.0 %), 597.3 kB/hour\n"
	    "WAL since    19 segments, 304 B\n"
	    "recovery     from <time> to WAL 000000010000000000000013, LSN "
	    "0/1400000, archived <time>\n"
	    "gap: WAL 000000010000000000000014 to 000000010000000000000015 "
	    "is missing (2 segments)\n"
	    "expiry       pinned\n");
	if (backupjson_make(&j, &s, &e))
		fail_msg("%s", e.msg);
	text = memtext_json(j);
	assert_non_null(strstr(text, "," MEMBERS ",\"status\":\"ok\","
	    "\"previous\":null,\"next\":\"" B "\","
	    "\"own_wal_segments\":2,\"own_wal_bytes\":1048577,"
	    "\"start_offset\":0,\"stop_offset\":1,"
	    "\"took_us\":3600000000,\"copied_per_second\":null,"
	    "\"stored_per_second\":null,\"wal_to_next_segments\":14,"
	    "\"wal_to_next_bytes\":224,\"wal_per_hour\":"));
	assert_non_null(strstr(text, ",\"keep\":null,\"retention_policy\":"
	    "null,\"retention_problem\":null,\"packs\":["));
	assert_non_null(strstr(text, ",\"needed_by\":[\"" B "\"],"
	    "\"wal_since_segments\":19,\"wal_since_bytes\":304,"
	    "\"wal_complete\":true,\"lacks\":null,"
	    "\"on_latest_timeline\":true,\"recovery\":{\"from\":\"<time>\","
	    "\"to_wal\":\"000000010000000000000013\","
	    "\"to_lsn\":\"0/1400000\",\"to_archived\":\"<time>\","
	    NOT_STREAMED "},\"pinned\":true,"));

	/* The other one: whose packs it needs, and none that needs it. */
	s.index = 1;
	if (show_reach_make(&s.reach, &window.backup[1].wal,
	    catalogue_segsize(cat), a, &e))
		fail_msg("%s", e.msg);
	f = memtext_open();
	showbackup_print(f, &s);
	text = memtext_close(f);
	assert_non_null(strstr(text, "packs        2 of its own, 1 of " A
	    "\ntook"));
	assert_non_null(strstr(text, "\nstatus       ok\nprevious     " A
	    "\nPostgreSQL"));
	assert_non_null(strstr(text, "\nWAL to end   5 segments, 80 B stored"
	    " (0.0 %)"));
	assert_null(strstr(text, "expiry"));
	unmake();
}

static void
test_expire(void **state)
{
	static struct retention_verdict	 verdict[] = {
		{ .keep = 0, .why = "old" }, { .keep = 1, .why = "newest" }
	};
	const struct retention_plan	 plan = { .verdict = verdict,
	    .nkept = 1 };
	struct showexpire		 s = { .plan = &plan, .result = {
	    .backups = { 3, 2048 }, .wal = { 16, 1024 } } };
	struct jval			*list = NULL;
	struct err			 e = ERR_INIT;
	const char			*text;
	FILE				*f;

	(void)state;
	make();
	s.archive = a;
	s.cat = cat;
	if (showexpire_windows(&s, &e))
		fail_msg("%s", e.msg);
	f = memtext_open();
	assert_int_equal(showexpire_show(f, NULL, &s, &e), 0);
	s.dry = s.chosen = 1;
	s.result.wal.files = 1;
	assert_int_equal(showexpire_show(f, NULL, &s, &e), 0);
	s.result.wal.files = 16;
	assert_string_equal(memtext_close(f), SERVER
	    "  expire " A ": old\n"
	    "  keep   " B ": newest\n"
	    "  deleted 3 files of backups, 2.0 kB\n"
	    "  deleted 16 files of WAL, 1.0 kB\n"
	    "  what remains can be recovered from <time> on\n"
	    SERVER
	    "  judged by this host's clock alone, which shows <time>; nothing "
	    "is written\n"
	    "  expire " A ": old\n"
	    "  keep   " B ": newest\n"
	    "  would delete 3 files of backups, 2.0 kB\n"
	    "  would delete 1 file of WAL, 1.0 kB\n"
	    "  the recovery window begins at <time>, as before\n");
	if (jval_list(&list, &e) || showexpire_show(stdout, list, &s, &e))
		fail_msg("%s", e.msg);
	text = memtext_json(list);
	assert_non_null(strstr(text, "[{" MEMBERS ",\"dry_run\":true,"
	    "\"host_clock\":\"<time>\",\"backups\":[{\"id\":\"" A "\","
	    "\"keep\":false,\"why\":\"old\",\"end_only\":false,"
	    "\"young\":false,"
	    "\"young_until\":null,\"lacks\":null,\"pinned\":true,"));
	assert_non_null(strstr(text, "\"backup_files\":{\"files\":3,"
	    "\"bytes\":2048},\"wal_files\":{\"files\":16,\"bytes\":1024},"
	    "\"unfinished_uploads\":{\"files\":0,\"bytes\":0},"
	    "\"recovery_window_from\":\"<time>\","
	    "\"recovery_window_was\":\"<time>\",\"gone\":[]}]"));
	showexpire_fini(&s);

	/* And with the other one gone nothing is left to begin with. */
	verdict[1].keep = 0;
	if (showexpire_windows(&s, &e))
		fail_msg("%s", e.msg);
	f = memtext_open();
	assert_int_equal(showexpire_show(f, NULL, &s, &e), 0);
	assert_non_null(strstr(memtext_close(f), "  nothing on the latest "
	    "timeline can be recovered until there is another backup\n"));
	showexpire_fini(&s);
	unmake();
}

static void
test_pin(void **state)
{
	const struct archive	 other = { .server = "main", .system_id = 7 };
	struct showexpire_pin	 s = { .archive = &other, .id = A,
	    .pin = { .kind = PIN_SET, .until_us = PIN_FOREVER } };
	struct jval		*list = NULL;
	struct err		 e = ERR_INIT;
	FILE			*f;

	(void)state;
	f = memtext_open();
	assert_int_equal(showexpire_pin(f, NULL, &s, &e), 0);
	s.dry = 1;
	assert_int_equal(showexpire_pin(f, NULL, &s, &e), 0);
	s.pin.kind = PIN_NONE;
	assert_int_equal(showexpire_pin(f, NULL, &s, &e), 0);
	s.dry = 0;
	assert_int_equal(showexpire_pin(f, NULL, &s, &e), 0);
	assert_string_equal(memtext_close(f), A ": pinned\n"
	    A ": would be pinned\n" A ": would be released\n"
	    A ": released\n");
	if (jval_list(&list, &e) || showexpire_pin(stdout, list, &s, &e))
		fail_msg("%s", e.msg);
	assert_string_equal(memtext_json(list), "[{\"schema\":1,"
	    "\"server\":\"main\","
	    "\"system_identifier\":\"7\",\"dry_run\":false,\"id\":\"" A
	    "\",\"pinned\":false,\"pinned_until\":null,"
	    "\"pin_refused\":null}]");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_keep),
		cmocka_unit_test(test_backup),
		cmocka_unit_test(test_expire),
		cmocka_unit_test(test_pin)
	};

	return (cmocka_run_group_tests_name("listings", tests, NULL, NULL));
}
