/* SPDX-License-Identifier: ISC */
/* The plan and the result of base-fetch as JSON. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "catalogue/catalogue.h"
#include "memtext.h"
#include "repoenv.h"
#include "show/fetchjson.h"

#define NOT_FOUND	"\"found_lsn\":null,\"found_at\":null"

#define SECOND	INT64_C(1000000)
#define MB	((uint64_t)1 << 20)
#define ID	"20261122T040001Z"
#define TIME	"\"<time>\""

static struct repoenv	 env;
static struct archive	*a;
static struct catalogue	*cat;

static char	 words[] = "nightly", fast[] = "fast", path[] = "/ssd/pg";
static struct label_tablespace	 tablespace = { 16385, fast, path };

static const struct label	 label = { .id = ID, .label = words,
	.stop_us = 2 * SECOND, .files = 3, .size = 5120, .stored_size = 1024,
	.start_wal = "000000010000000000000010",
	.stop_wal = "000000010000000000000011", .wal_segment_size = MB,
	.postgresql = 150010, .timeline = 1, .tablespaces = &tablespace,
	.ntablespaces = 1 };

static struct basefetch_plan	 plan = { .system_id = REPOENV_SYSTEM,
	.systems = 1, .label = &label, .tli = 1, .last_tli = 1,
	.last_segno = 0x13, .end = 0x1400000, .reached_us = 3 * SECOND,
	.wal_segments = 4, .verdict = REACH_YES };
static const struct restore_map	 map = { fast, "/new" };
static struct restore_conf	 conf = { .dir = "/data", .label = &label,
	.maps = &map, .nmaps = 1 };
static struct choose_target	 target = { .kind = CHOOSE_TIME,
	.time_us = SECOND };
static struct recovery		 recovery = { .kind = CHOOSE_TIME,
	.value = "1970-01-01 00:00:01+00", .timeline = 1, .current = 1,
	.postgresql = 150010, .restore_command = "it's %f %p" };
static const struct restore_stats	 stats = { .kept_files = 1,
	.kept = 10, .files = 2, .bytes = 20, .removed = 3 };
static struct unarchived	 lost = { .n = 0 };

static int
make(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	repoenv_make(&env);
	repoenv_marker(&env);
	a = repoenv_open(&env, env.public);
	repoenv_label(&env, ID, 1, 0x10 * MB, 0x11 * MB + 1, 0, NULL);
	repoenv_put("base/20261101T000000Z/label", "forged");
	if (catalogue_load(&cat, a, &e))
		fail_msg("%s", e.msg);
	plan.archive = a;
	plan.catalogue = cat;
	return (0);
}

static int
unmake(void **state)
{
	(void)state;
	catalogue_free(cat);
	archive_free(a);
	repoenv_remove(&env);
	return (0);
}

static const char *
json(const struct harmless *h)
{
	const struct fetchjson	 f = { .dry = h == NULL,
	    .plan = &plan, .conf = &conf,
	    .target = &target, .recovery = &recovery, .stats = &stats,
	    .lost = &lost, .harmless = h, .ms = 61499, .root = 1 };
	struct jval		*j = NULL;
	struct err		 e = ERR_INIT;

	if (fetchjson_make(&j, &f, &e))
		fail_msg("%s", e.msg);
	return (memtext_json(j));
}

#define HAS(text, part)	assert_non_null(strstr(text, part))

static void
test_plan(void **state)
{
	const char	*text;

	(void)state;
	text = json(NULL);
	HAS(text, "{\"dry_run\":true,\"schema\":1,\"server\":\"main\","
	    "\"system_identifier\":\"7301234567890123456\",\"clusters\":1,"
	    "\"cluster_without_backup\":null,"
	    "\"backup\":{\"id\":\"" ID "\",");
	HAS(text, "},\"config_dir\":null,"
	    "\"timeline\":1,\"timelines_left_out\":[],"
	    "\"target\":{\"kind\":\"time\",\"value\":" TIME ","
	    "\"inclusive\":true,\"action\":\"pause\",\"proved\":true,"
	    NOT_FOUND "},"
	    "\"standby\":false,"
	    "\"recovery\":{\"from\":" TIME ","
	    "\"from_wal\":\"000000010000000000000010\","
	    "\"to_wal\":\"000000010000000000000013\","
	    "\"to_lsn\":\"0/1400000\",\"to_archived\":" TIME ","
	    "\"streamed_to_lsn\":null,\"segments\":4,\"missing_wal\":null},"
	    "\"directory\":\"/data\",\"tablespaces\":[{\"oid\":16385,"
	    "\"name\":\"fast\",\"path\":\"/new\","
	    "\"recorded_path\":\"/ssd/pg\"}],\"databases\":null,"
	    "\"refused\":[{\"id\":\"20261101T000000Z\",\"why\":\"");
	HAS(text, "\"}],\"incomplete\":[],\"delta\":false,"
	    "\"restored\":{\"files\":2,\"bytes\":20},"
	    "\"kept\":{\"files\":1,\"bytes\":10},"
	    "\"emptied\":{\"files\":0,\"bytes\":0},\"removed\":3,"
	    "\"unarchived_wal\":null,\"settings\":[{");
	HAS(text, "{\"name\":\"restore_command\","
	    "\"value\":\"it's %f %p\"}");
	HAS(text, "{\"name\":\"recovery_target_time\","
	    "\"value\":\"1970-01-01 00:00:01+00\"}");
	HAS(text, "],\"signal_file\":\"recovery.signal\",\"held\":[{");
	HAS(text, "\"restart_to_release\":true}");
	assert_null(strstr(text, "\"found\""));
	assert_null(strstr(text, "\"seconds\""));
}

static void
test_result(void **state)
{
	char			 was[] = "/log";
	struct harmless_note	 note = { HARMLESS_CHANGED, "log_directory",
	    was, was, 1 };
	struct recovery_setting	 set = { "log_directory", "log" };
	const struct harmless	 h = { .notes = &note, .n = 1, .set = &set,
	    .nset = 1 };
	const char		*text;

	(void)state;
	conf.delta = 1;
	plan.bare_id = 7;
	plan.gaps = 2;
	plan.missing_tli = 1;
	plan.missing_segno = 0x14;
	lost = (struct unarchived){ 2, "000000010000000000000014" };
	text = json(&h);
	HAS(text, "{\"dry_run\":false,");
	HAS(text, "\"cluster_without_backup\":\"7\",");
	HAS(text, "\"missing_wal\":\"000000010000000000000014\"}");
	HAS(text, "\"delta\":true,");
	HAS(text, "\"unarchived_wal\":{\"files\":2,"
	    "\"first\":\"000000010000000000000014\"}");
	HAS(text, "{\"name\":\"log_directory\",\"value\":\"log\"}],"
	    "\"signal_file\"");
	HAS(text, "\"changed\":[{");
	HAS(text, "\"found\":[],\"owned_by_root\":true,\"seconds\":61}");
}

static void
test_targets(void **state)
{
	static const struct {
		enum choose_kind	 kind;
		const char		*value, *action;
		int			 exclusive, standby;
		const char		*text;
	} rows[] = {
		{ CHOOSE_END, NULL, NULL, 0, 0, "\"kind\":\"end\","
		    "\"value\":null,\"inclusive\":true,"
		    "\"action\":\"promote\",\"proved\":true," NOT_FOUND "}" },
		{ CHOOSE_END, NULL, NULL, 0, 1, "\"kind\":\"end\","
		    "\"value\":null,\"inclusive\":true,\"action\":null,"
		    "\"proved\":true," NOT_FOUND "},\"standby\":true" },
		{ CHOOSE_IMMEDIATE, NULL, "promote", 0, 0,
		    "\"kind\":\"immediate\",\"value\":null,"
		    "\"inclusive\":true,\"action\":\"promote\","
		    "\"proved\":true," NOT_FOUND "}" },
		{ CHOOSE_LSN, "0/12345", "shutdown", 1, 0, "\"kind\":\"lsn\","
		    "\"value\":\"0/12345\",\"inclusive\":false,"
		    "\"action\":\"shutdown\",\"proved\":false," NOT_FOUND "}" },
		{ CHOOSE_XID, "4711", NULL, 0, 0, "\"kind\":\"xid\","
		    "\"value\":\"4711\",\"inclusive\":true,"
		    "\"action\":\"pause\",\"proved\":false," NOT_FOUND "}" },
		{ CHOOSE_NAME, "\303\274", NULL, 0, 0, "\"kind\":\"name\","
		    "\"value\":\"\303\274\",\"inclusive\":true,"
		    "\"action\":\"pause\",\"proved\":false," NOT_FOUND "}" }
	};
	size_t	 i;

	(void)state;
	plan.verdict = REACH_DOUBT;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		target.kind = recovery.kind = rows[i].kind;
		recovery.value = rows[i].value;
		recovery.action = rows[i].action;
		recovery.exclusive = rows[i].exclusive;
		recovery.standby = rows[i].standby;
		HAS(json(NULL), rows[i].text);
	}
}

static void
test_lines(void **state)
{
	const struct lineage_backup	 b = { .id = ID, .stop_us = SECOND };
	struct strayline		 v[] = {
		{ .at = { .tli = 2, .newest = &b, .commit_us = SECOND } },
		{ .at = { .tli = 3, .commit_us = STRAY_UNKNOWN } }
	};

	(void)state;
	plan.strays.v = v;
	plan.strays.n = 2;
	HAS(json(NULL), "\"timelines_left_out\":[{\"timeline\":2,"
	    "\"newest_backup\":\"" ID "\",\"newest_backup_ended\":" TIME ","
	    "\"newest_commit\":" TIME "},{\"timeline\":3,"
	    "\"newest_backup\":null,\"newest_backup_ended\":null,"
	    "\"newest_commit\":null}],");
	plan.strays.n = 0;
}

/* Configuration files alone. */
static void
test_config(void **state)
{
	const struct restore_conf	 c = { .label = &label,
	    .config_dir = "/etc/new" };
	struct fetchjson		 f = { .dry = 1, .plan = &plan,
	    .conf = &c, .ms = 2000 };
	struct jval			*j = NULL;
	struct err			 e = ERR_INIT;
	const char			*text;

	(void)state;
	if (fetchjson_make(&j, &f, &e))
		fail_msg("%s", e.msg);
	text = memtext_json(j);
	HAS(text, "{\"dry_run\":true,\"schema\":1,\"server\":\"main\",");
	HAS(text, "},\"config_dir\":\"/etc/new\"}");
	f.dry = 0;
	if (fetchjson_make(&j, &f, &e))
		fail_msg("%s", e.msg);
	text = memtext_json(j);
	HAS(text, "{\"dry_run\":false,\"schema\":1,\"server\":\"main\",");
	HAS(text, "},\"config_dir\":\"/etc/new\",\"seconds\":2}");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_plan),
		cmocka_unit_test(test_result),
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_targets),
		cmocka_unit_test(test_config)
	};

	return (cmocka_run_group_tests_name("fetchjson", tests, make,
	    unmake));
}
