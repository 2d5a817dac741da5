/* SPDX-License-Identifier: ISC */
/* The --target-* options: what they come to, and which contradict. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "backup/label.h"
#include "tool/target.h"

#define N(a)	(sizeof(a) / sizeof((a)[0]))
#define HELP	"; see base-fetch --help"
#define LONG63	"0123456789012345678901234567890123456789012345678901234567" \
	"89012"

static void
test_good(void **state)
{
	static const struct {
		struct target_options	 o;
		enum choose_kind	 kind;
		const char		*value;	/* for PostgreSQL */
		enum choose_line	 line;
		uint32_t		 tli;
	} rows[] = {
		{ { .time = NULL }, CHOOSE_END, NULL, CHOOSE_LINE_DEFAULT, 0 },
		{ { .time = "2026-11-22 04:00:01Z" }, CHOOSE_TIME,
		    "2026-11-22 04:00:01+00", CHOOSE_LINE_DEFAULT, 0 },
		{ { .time = "2026-11-22 04:00:01.5+02" }, CHOOSE_TIME,
		    "2026-11-22 02:00:01.500000+00", CHOOSE_LINE_DEFAULT, 0 },
		{ { .xid = "3" }, CHOOSE_XID, "3", CHOOSE_LINE_DEFAULT, 0 },
		{ { .xid = "4294967299" }, CHOOSE_XID, "4294967299",
		    CHOOSE_LINE_DEFAULT, 0 },
		{ { .lsn = "16/B374D848", .exclusive = 1 }, CHOOSE_LSN,
		    "16/B374D848", CHOOSE_LINE_DEFAULT, 0 },
		{ { .name = LONG63 }, CHOOSE_NAME, LONG63,
		    CHOOSE_LINE_DEFAULT, 0 },
		{ { .target = "immediate", .action = "promote" },
		    CHOOSE_IMMEDIATE, NULL, CHOOSE_LINE_DEFAULT, 0 },
		{ { .timeline = "latest" }, CHOOSE_END, NULL,
		    CHOOSE_LINE_LATEST, 0 },
		{ { .timeline = "current" }, CHOOSE_END, NULL,
		    CHOOSE_LINE_CURRENT, 0 },
		{ { .timeline = "4294967295", .standby = 1 }, CHOOSE_END,
		    NULL, CHOOSE_LINE_NUMBER, UINT32_MAX }
	};
	struct target	 t;
	struct err	 e = ERR_INIT;
	size_t		 i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		if (target_parse(&t, &rows[i].o, "base-fetch", &e))
			fail_msg("%zu: %s", i, e.msg);
		assert_int_equal(t.choose.kind, rows[i].kind);
		assert_int_equal(t.choose.line, rows[i].line);
		assert_int_equal(t.choose.tli, rows[i].tli);
		assert_null(t.choose.backup);
		if (rows[i].value == NULL)
			assert_null(t.value);
		else
			assert_string_equal(t.value, rows[i].value);
	}
}

static void
test_bad(void **state)
{
	static const struct {
		struct target_options	 o;
		const char		*msg;
	} rows[] = {
		{ { .time = "2026-11-22Z", .xid = "7" },
		    "more than one recovery target was given" HELP },
		{ { .target = "immediate", .name = "x" },
		    "more than one recovery target was given" HELP },
		{ { .lsn = "0/1", .standby = 1 },
		    "a standby follows its primary and has no recovery "
		    "target" HELP },
		{ { .exclusive = 1 }, "--target-exclusive goes with "
		    "--target-time, --target-xid or --target-lsn" HELP },
		{ { .exclusive = 1, .name = "x" }, "--target-exclusive goes "
		    "with --target-time, --target-xid or --target-lsn" HELP },
		{ { .xid = "2" }, "--target-xid: found 2, expected 3 or "
		    "more (in 64 bits)" },
		{ { .xid = "x" },
		    "--target-xid: found \"x\", expected a number" },
		{ { .name = "" }, "--target-name: expected 1 to 63 bytes"
		    HELP },
		{ { .name = LONG63 "3" },
		    "--target-name: expected 1 to 63 bytes" HELP },
		{ { .target = "now" }, "--target can only be immediate" HELP },
		{ { .timeline = "0" }, "--target-timeline: found \"0\", "
		    "expected latest, current or a number" },
		{ { .timeline = "4294967296" }, "--target-timeline: found "
		    "\"4294967296\", expected latest, current or a number" },
		{ { .action = "stop", .xid = "7" },
		    "--target-action is pause, promote or shutdown" HELP },
		{ { .action = "pause" },
		    "--target-action goes with a recovery target" HELP },
		{ { .keep_archiving = 1, .hold_archiving = 1 },
		    "--keep-archiving and --hold-archiving contradict each "
		    "other" HELP }
	};
	struct target	 t;
	struct err	 e;
	size_t		 i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		e = (struct err)ERR_INIT;
		assert_int_equal(target_parse(&t, &rows[i].o, "base-fetch",
		    &e), -1);
		assert_string_equal(e.msg, rows[i].msg);
		assert_int_equal(e.kind, ERR_USAGE);
	}
}

/* These only begin alike: the rest comes from the parsers below. */
static void
test_bad_forms(void **state)
{
	static const struct {
		struct target_options	 o;
		const char		*begin;
	} rows[] = {
		{ { .time = "yesterday" }, "--target-time: " },
		{ { .lsn = "16B374D848" }, "--target-lsn: " }
	};
	struct target	 t;
	struct err	 e;
	size_t		 i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		e = (struct err)ERR_INIT;
		assert_int_equal(target_parse(&t, &rows[i].o, "base-fetch",
		    &e), -1);
		assert_memory_equal(e.msg, rows[i].begin,
		    strlen(rows[i].begin));
		assert_int_equal(e.kind, ERR_USAGE);
	}
}

/* Whether PostgreSQL is told the timeline, or finds the latest by itself. */
static void
test_recovery(void **state)
{
	static const struct {
		struct target_options	 o;
		uint32_t		 tli;		/* of the plan */
		uint32_t		 timeline;	/* told */
		int			 current;
	} rows[] = {
		{ { .xid = "7", .exclusive = 1, .action = "pause" }, 2, 2, 0 },
		{ { .timeline = "current" }, 1, 1, 1 },
		{ { .standby = 1 }, 2, 0, 0 },
		{ { .standby = 1, .timeline = "latest" }, 2, 0, 0 },
		{ { .standby = 1, .timeline = "2" }, 2, 2, 0 },
		{ { .standby = 1, .timeline = "current" }, 1, 1, 1 },
		{ { .standby = 1, .hold_archiving = 1 }, 2, 0, 0 },
		{ { .keep_archiving = 1 }, 2, 2, 0 }
	};
	const struct label	 label = { .timeline = 1,
	    .postgresql = 150010 };
	struct basefetch_plan	 p = { .label = &label, .gaps = 1 };
	struct recovery		 r;
	struct target		 t;
	struct err		 e = ERR_INIT;
	size_t			 i;

	(void)state;
	for (i = 0; i < N(rows); i++) {
		p.tli = rows[i].tli;
		r = (struct recovery){ .restore_command = "c" };
		assert_int_equal(target_parse(&t, &rows[i].o, "base-fetch",
		    &e), 0);
		target_recovery(&r, &t, &rows[i].o, &p);
		assert_int_equal(r.timeline, rows[i].timeline);
		assert_int_equal(r.current, rows[i].current);
		assert_int_equal(r.kind, t.choose.kind);
		assert_ptr_equal(r.value, t.value);
		assert_int_equal(r.exclusive, rows[i].o.exclusive);
		assert_ptr_equal(r.action, rows[i].o.action);
		assert_int_equal(r.standby, rows[i].o.standby);
		assert_int_equal(r.postgresql, 150010);
		assert_int_equal(r.gap, 1);
		assert_string_equal(r.restore_command, "c");
		/* A standby's are kept, unless somebody wants them held. */
		assert_int_equal(r.keep_subscriptions, rows[i].o.standby &&
		    !rows[i].o.hold_archiving);
		assert_int_equal(r.keep_archiving, r.keep_subscriptions ||
		    rows[i].o.keep_archiving);
	}
}

/* "[BACKUP|WORD] DIR": a backup alone is no directory. */
static void
test_arguments(void **state)
{
	char		 latest[] = "latest", id[] = "20261122T040001Z";
	char		 word[] = "previous:20261122T040001Z";
	char		 back[] = "back", dotted[] = "./latest";
	char		*alone[] = { latest, id, word, back, dotted };
	char		*two[] = { latest, back };
	struct target	 t = { .value = NULL };
	struct err	 e = ERR_INIT;
	const char	*dir;
	size_t		 i;

	(void)state;
	for (i = 0; i < 5; i++) {
		assert_int_equal(target_arguments(&t, &dir, 0, &alone[i], 1,
		    &e),
		    i < 3 ? -1 : 0);
		if (i < 3) {
			assert_int_equal(e.kind, ERR_USAGE);
			err_clear(&e);
			continue;
		}
		assert_string_equal(dir, alone[i]);
		assert_null(t.choose.backup);
	}
	assert_int_equal(target_arguments(&t, &dir, 0, two, 2, &e), 0);
	assert_string_equal(dir, "back");
	assert_string_equal(t.choose.backup, "latest");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_bad_forms),
		cmocka_unit_test(test_recovery)
	};

	return (cmocka_run_group_tests_name("target", tests, NULL, NULL));
}
