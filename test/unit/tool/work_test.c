/* SPDX-License-Identifier: ISC */
/* Hooks around the work of a program: what they get, and what they stop. */
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/jval.h"
#include "testdir.h"
#include "tool/tool.h"
#include "tool/work.h"

#define HANG_MS	120000
#define ID	"20261122T040001Z"

static char	 before[512], after[512];

/* Two hooks; the one before ends with "status". */
static struct server_conf
two_hooks(int status)
{
	static char		 name[] = "main", file[] = "/etc/c";
	static char		 repository[] = "host:/path";
	static char		 none[] = "/nowhere";
	struct server_conf	 c = { .name = name, .file = file,
				    .repository = repository,
				    .state_dir = none,
				    .before_base_push = before,
				    .after_base_push = after,
				    .hook_timeout_ms = HANG_MS };
	char			 script[2048];

	(void)snprintf(before, sizeof(before), "%s", testdir_path("before"));
	(void)snprintf(after, sizeof(after), "%s", testdir_path("after"));
	(void)snprintf(script, sizeof(script), "#!/bin/sh\n"
	    "{ env | grep ^SEAWALL_ | grep -v _RUN | sort; } >'%s.env'\n"
	    "cat >'%s.json'\nexit %d\n", before, before, status);
	testdir_text("before", script);
	(void)snprintf(script, sizeof(script), "#!/bin/sh\n"
	    "{ env | grep ^SEAWALL_ | grep -v _RUN | sort; } >'%s.env'\n"
	    "cat >'%s.json'\nexit 7\n", after, after);
	testdir_text("after", script);
	assert_int_equal(chmod(before, 0700), 0);
	assert_int_equal(chmod(after, 0700), 0);
	(void)unlink(testdir_path("before.env"));
	(void)unlink(testdir_path("after.env"));
	return (c);
}

static void
assert_text(const char *name, const char *expected)
{
	char	*got;
	size_t	 n;

	got = testdir_read(name, &n);
	assert_string_equal(got, expected);
	free(got);
}

static void
assert_json(const char *name, const char *key, const char *expected)
{
	struct err	 e = ERR_INIT;
	struct jval	*j;
	const char	*got;
	char		*text;
	size_t		 n;

	text = testdir_read(name, &n);
	assert_int_equal(jval_parse(text, n, &j, &e), 0);
	if (expected == NULL)
		assert_true(jval_is_null(j, key));
	else {
		assert_int_equal(jval_get_str(j, key, &got, &e), 0);
		assert_string_equal(got, expected);
	}
	jval_free(j);
	free(text);
}

static void
test_success(void **state)
{
	struct server_conf	 c = two_hooks(0);
	struct work		 w = { .conf = NULL };
	struct err		 e = ERR_INIT;

	(void)state;
	work_begin(&w, "base-push", &c);
	assert_int_equal(work_before(&w, &e), 0);
	assert_text("before.env", "SEAWALL_CONFIG=/etc/c\n"
	    "SEAWALL_EVENT=before_base_push\n"
	    "SEAWALL_PROGRAM=base-push\n"
	    "SEAWALL_REPOSITORY=host:/path\n"
	    "SEAWALL_SERVER=main\n");
	assert_json("before.json", "event", "before_base_push");
	assert_json("before.json", "backup", NULL);
	(void)strcpy(w.record.backup, ID);
	w.record.bytes = 7;
	/* The last hook fails, and that changes nothing. */
	assert_int_equal(work_end(&w, TOOL_FINDINGS, &e), TOOL_FINDINGS);
	assert_int_equal(e.kind, ERR_NONE);
	assert_text("after.env", "SEAWALL_BACKUP=" ID "\n"
	    "SEAWALL_CONFIG=/etc/c\n"
	    "SEAWALL_EVENT=after_base_push\n"
	    "SEAWALL_EXIT_STATUS=9\n"
	    "SEAWALL_PROGRAM=base-push\n"
	    "SEAWALL_REPOSITORY=host:/path\n"
	    "SEAWALL_SERVER=main\n"
	    "SEAWALL_STATUS=warning\n"
	    "SEAWALL_SUMMARY=done, with findings\n");
	assert_json("after.json", "event", "after_base_push");
	assert_json("after.json", "status", "warning");
	assert_json("after.json", "error", NULL);
	assert_json("after.json", "backup", ID);
	assert_json("after.json", "directory", NULL);
}

static void
test_stopped(void **state)
{
	struct server_conf	 c = two_hooks(3);
	struct work		 w = { .conf = NULL };
	struct err		 e = ERR_INIT;
	char			 message[600];

	(void)state;
	work_begin(&w, "base-push", &c);
	assert_int_equal(work_before(&w, &e), -1);
	(void)snprintf(message, sizeof(message), "before_base_push: %s: exit "
	    "status 3; nothing was done", before);
	assert_string_equal(e.msg, message);
	assert_int_equal(tool_status(e.kind), TOOL_LOCAL);
	/* The last one is run all the same, and is told of it. */
	assert_int_equal(work_end(&w, -1, &e), -1);
	assert_string_equal(e.msg, message);
	assert_json("after.json", "status", "critical");
	assert_json("after.json", "error", message);
}

/* Bytes that are no text arrive as text. */
static void
test_odd_bytes(void **state)
{
	struct server_conf	 c = two_hooks(0);
	struct work		 w = { .conf = NULL };
	struct err		 e = ERR_INIT;

	(void)state;
	c.before_base_push = NULL;
	work_begin(&w, "base-push", &c);
	w.directory = "/d\xff\n";
	assert_int_equal(work_before(&w, &e), 0);
	err_set(&e, ERR_REMOTE, "a\xff\nb");
	assert_int_equal(work_end(&w, -1, &e), -1);
	assert_json("after.json", "error", "a??b");
	assert_json("after.json", "directory", "/d??");
}

/* Other programs have none, and neither has work that was not begun. */
static void
test_none(void **state)
{
	struct server_conf	 c = two_hooks(3);
	struct work		 w = { .conf = NULL };
	struct err		 e = ERR_INIT;

	(void)state;
	assert_int_equal(work_before(&w, &e), 0);
	assert_int_equal(work_end(&w, 0, &e), 0);
	work_begin(&w, "backup-expire", &c);
	assert_int_equal(work_before(&w, &e), 0);
	assert_int_equal(work_end(&w, 0, &e), 0);
	work_begin(&w, "backup-verify", &c);
	assert_int_equal(work_before(&w, &e), 0);
	assert_int_equal(work_end(&w, 0, &e), 0);
	assert_int_equal(access(testdir_path("before.env"), F_OK), -1);
	assert_int_equal(access(testdir_path("after.env"), F_OK), -1);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_success),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_odd_bytes),
		cmocka_unit_test(test_none)
	};

	return (cmocka_run_group_tests(tests, testdir_setup,
	    testdir_teardown));
}
