/* SPDX-License-Identifier: ISC */
/* A base backup into a repository that was set back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clock.h"
#include "push/seenpush.h"
#include "repoenv.h"
#include "testdir.h"

#define MB	((uint64_t)1 << 20)
#define ONE	"20261101T000000Z"
#define TWO	"20261102T000000Z"

static struct repoenv	 env;
static char		 said[2048];

static void
hear(void *arg, const char *text)
{
	(void)arg;
	(void)strncat(said, text, sizeof(said) - strlen(said) - 2);
}

static void
test_backup(void **state)
{
	struct connection	 warm = { .store = &env.conf,
	    .key = env.push, .server = "main", .system_id = env.system_id };
	const char		*state_dir = testdir_path("state");
	struct label		*l = NULL;
	struct err		 e = ERR_INIT;

	(void)state;
	assert_int_equal(label_new(&l, &e), 0);
	repoenv_label(&env, ONE, 1, 10 * MB, 11 * MB, 0, NULL);
	seenpush_before(&warm, state_dir, hear, NULL);
	assert_string_equal(said, "");
	/* Nothing is remembered before there is a backup. */
	seenpush_before(&warm, state_dir, hear, NULL);
	assert_string_equal(said, "");
	/* The backup that was made. */
	(void)snprintf(l->id, sizeof(l->id), "%s", TWO);
	l->timeline = 1;
	l->stop_lsn = 21 * MB;
	l->stop_us = clock_now_us();
	repoenv_label(&env, TWO, 1, 20 * MB, 21 * MB, 24, NULL);
	seenpush_after(&warm, state_dir, l);
	seenpush_before(&warm, state_dir, hear, NULL);
	assert_string_equal(said, "");
	assert_int_equal(unlink(testdir_path(repoenv_file("base/" TWO
	    "/label"))), 0);
	/* Each push says so. */
	seenpush_before(&warm, state_dir, hear, NULL);
	assert_non_null(strstr(said, "base/" TWO "/label: gone, although"));
	said[0] = '\0';
	seenpush_before(&warm, state_dir, hear, NULL);
	assert_non_null(strstr(said, "base/" TWO "/label: gone, although"));
	/* No repository, no state folder: nothing is said, nothing fails. */
	said[0] = '\0';
	seenpush_before(&warm, testdir_path("missing"), hear, NULL);
	seenpush_after(&warm, testdir_path("missing"), l);
	assert_int_equal(access(testdir_path("missing"), F_OK), -1);
	assert_string_equal(said, "");
	label_free(l);
	connection_drop(&warm);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test_prestate_setup_teardown(test_backup,
		    repoenv_setup_marked, repoenv_teardown, &env)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
