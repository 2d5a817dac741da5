/* SPDX-License-Identifier: ISC */
/* What a manifest may say of pg_control, and what is left of it on disk. */
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "restore/restore_control.h"
#include "testdir.h"

static const struct manifest_entry	 whole = { .type = MANIFEST_FILE,
    .path = CONTROL_PATH, .size = CONTROL_SIZE, .mode = 04600 };
static const struct pack_ref		 chunk = { .pack = 1, .stored = 100 };

static void
refused(int rc, struct err *e, const char *says)
{
	assert_int_equal(rc, -1);
	assert_int_equal(e->kind, ERR_CORRUPT);
	if (strstr(e->msg, says) == NULL)
		fail_msg("found \"%s\", expected \"%s\"", e->msg, says);
	err_clear(e);
}

static void
test_manifest(void **state)
{
	const struct pack_ref	 zeros = { .pack = 0 };
	struct manifest_entry	 other = whole;
	struct restore_control	 c = { .seen = 0 };
	struct err		 e = ERR_INIT;

	(void)state;
	refused(restore_control_check(&c, &e), &e,
	    "manifest has no global/pg_control");
	restore_control_entry(&c, &whole);
	assert_int_equal(c.mode, 0600);		/* no set-uid bit */
	refused(restore_control_chunk(&c, &zeros, &e), &e, "exactly one");
	assert_int_equal(restore_control_chunk(&c, &chunk, &e), 0);
	assert_int_equal(restore_control_check(&c, &e), 0);
	refused(restore_control_chunk(&c, &chunk, &e), &e, "exactly one");
	other.size = CONTROL_SIZE - 1;
	restore_control_entry(&c, &other);
	refused(restore_control_check(&c, &e), &e,
	    "has 8191 bytes, expected 8192");
}

static void
test_disk(void **state)
{
	struct restore_control	 c = { .seen = 0 };
	struct err		 e = ERR_INIT;
	struct stat		 st;

	(void)state;
	testdir_make();
	assert_int_equal(mkdir(testdir_path("global"), 0700), 0);
	restore_control_entry(&c, &whole);
	/* One that is not ours stays. */
	testdir_text(CONTROL_PATH, "other");
	restore_control_remove(&c, testdir_path("."), &e);
	assert_int_equal(access(testdir_path(CONTROL_PATH), F_OK), 0);
	assert_int_equal(unlink(testdir_path(CONTROL_PATH)), 0);

	assert_int_equal(restore_control_write(&c, testdir_path("."), &e), 0);
	assert_int_equal(stat(testdir_path(CONTROL_PATH), &st), 0);
	assert_int_equal(st.st_size, CONTROL_SIZE);
	assert_int_equal(st.st_mode & 07777, 0600);
	err_set(&e, ERR_LOCAL, "cause");
	restore_control_remove(&c, testdir_path("."), &e);
	assert_int_equal(access(testdir_path(CONTROL_PATH), F_OK), -1);
	assert_string_equal(e.msg, "cause");
	/* Nothing to remove is no failure; what cannot be removed is said. */
	restore_control_remove(&c, testdir_path("."), &e);
	assert_string_equal(e.msg, "cause");
	assert_int_equal(mkdir(testdir_path(CONTROL_PATH), 0700), 0);
	restore_control_remove(&c, testdir_path("."), &e);
	assert_non_null(strstr(e.msg, "remove it by hand: cause"));
	testdir_remove();
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_manifest),
		cmocka_unit_test(test_disk),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
