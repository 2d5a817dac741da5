/* SPDX-License-Identifier: ISC */
/* The end of a run, told to a program of the user's. */
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
#include "tool/notify.h"
#include "tool/tool.h"

static struct server_conf	 conf;

/* It leaves what it got. */
static void
command(int status)
{
	char	 script[512];

	(void)snprintf(script, sizeof(script), "#!/bin/sh\ncat >'%s'\n"
	    "echo \"$SEAWALL_PROGRAM,$SEAWALL_SERVER,$SEAWALL_EVENT,"
	    "$SEAWALL_STATUS,$SEAWALL_FINDINGS,$SEAWALL_SUMMARY,"
	    "$SEAWALL_SYSTEM_IDENTIFIER\" >'%s.env'\nexit %d\n",
	    testdir_path("got"), testdir_path("got"), status);
	testdir_text("command", script);
	assert_int_equal(chmod(testdir_path("command"), 0700), 0);
	conf.name = (char *)(uintptr_t)"main";
	conf.state_dir = (char *)(uintptr_t)testdir_path("state");
	conf.state_base = conf.state_dir;
	conf.repository = (char *)(uintptr_t)"backup.example:/srv";
	conf.notify_command = (char *)(uintptr_t)testdir_path("command");
	conf.notify_timeout_ms = 120000;
	conf.notify_success = 0;
}

/* What it got in its environment; "" if it was not run. */
static const char *
told(int rc, const char *found, enum err_kind kind, const char *msg)
{
	static char	 text[1024];
	struct err	 why = ERR_INIT;
	char		*got;
	size_t		 n;

	if (kind != ERR_NONE)
		err_set(&why, kind, "%s", msg);
	(void)unlink(testdir_path("got.env"));
	notify_end("base-push", &conf, rc, found, &why);
	if (access(testdir_path("got.env"), F_OK) == -1)
		return ("");
	got = testdir_read("got.env", &n);
	(void)snprintf(text, sizeof(text), "%.*s", (int)n - 1, got);
	free(got);
	return (text);
}

static void
test_events(void **state)
{
	(void)state;
	command(0);
	assert_string_equal(told(TOOL_OK, "", ERR_NONE, ""), "");
	assert_string_equal(told(-1, "", ERR_USAGE, "x"), "");
	assert_string_equal(told(-1, "", ERR_REMOTE, "backup.example: gone"),
	    "base-push,main,failed,critical,base-push=critical,"
	    "base-push: backup.example: gone,0");
	assert_string_equal(told(TOOL_FINDINGS, "2 pages", ERR_NONE, ""),
	    "base-push,main,findings,warning,base-push=warning,"
	    "base-push: 2 pages,0");
	assert_string_equal(told(TOOL_FINDINGS, "", ERR_NONE, ""),
	    "base-push,main,findings,warning,base-push=warning,"
	    "base-push: it ended with findings; see what it printed,0");
	conf.notify_success = 1;
	assert_string_equal(told(TOOL_OK, "", ERR_NONE, ""),
	    "base-push,main,succeeded,ok,,base-push: it succeeded,0");
	conf.notify_command = NULL;
	assert_string_equal(told(-1, "", ERR_REMOTE, "x"), "");
}

/* The form is that of backup-check. */
static void
test_json(void **state)
{
	const struct jval	*list, *server, *checks, *check;
	struct jval		*j = NULL;
	struct err		 e = ERR_INIT;
	const char		*text;
	uint64_t		 schema;
	char			*got;
	size_t			 n;

	(void)state;
	command(0);
	(void)told(-1, "", ERR_REMOTE, "a \"bad\" \x01 name \xff");
	got = testdir_read("got", &n);
	assert_int_equal(jval_parse(got, n, &j, &e), 0);
	free(got);
	assert_int_equal(jval_get_u64(j, "schema", &schema, &e), 0);
	assert_int_equal(schema, 1);
	assert_int_equal(jval_get_str(j, "time", &text, &e), 0);
	assert_int_equal(jval_get_str(j, "status", &text, &e), 0);
	assert_string_equal(text, "critical");
	assert_int_equal(jval_get_list(j, "servers", &list, &e), 0);
	assert_int_equal(jval_at_object(list, 0, &server, &e), 0);
	assert_int_equal(jval_get_str(server, "server", &text, &e), 0);
	assert_string_equal(text, "main");
	assert_true(jval_is_null(server, "system_identifier"));
	assert_int_equal(jval_get_list(server, "checks", &checks, &e), 0);
	assert_int_equal(jval_at_object(checks, 0, &check, &e), 0);
	assert_int_equal(jval_get_str(check, "name", &text, &e), 0);
	assert_string_equal(text, "base-push");
	assert_int_equal(jval_get_str(check, "found", &text, &e), 0);
	assert_string_equal(text, "a \"bad\" ? name ?");
	assert_true(jval_is_null(check, "cure"));
	assert_true(jval_is_null(check, "value"));
	jval_free(j);
}

/* A command that fails, or is none, is printed, and that is all. */
static void
test_fails(void **state)
{
	(void)state;
	command(7);
	assert_string_not_equal(told(-1, "", ERR_LOCAL, "x"), "");
	assert_int_equal(unlink(testdir_path("command")), 0);
	assert_string_equal(told(-1, "", ERR_LOCAL, "x"), "");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_fails)
	};

	return (cmocka_run_group_tests(tests, testdir_setup,
	    testdir_teardown));
}
