/* SPDX-License-Identifier: ISC */
/* --vouch: which options go together, and who may vouch. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "crypt/keygen.h"
#include "crypt/keyrenew.h"
#include "crypt/retired.h"
#include "testdir.h"
#include "tool/vouching.h"

static char	 old_id[2 * KEY_ID_LEN + 1];

static int
setup(void **state)
{
	const struct keyrenew_conf	 c = { .retire = "all" };
	struct keyrenew			 d;
	struct err			 e = ERR_INIT;

	(void)testdir_setup(state);
	if (keygen_files(testdir_path("a"), NULL, &e) ||
	    keyrenew_files(&d, testdir_path("a"), testdir_path("b"), &c, NULL,
	    &e) || keygen_files(testdir_path("x"), NULL, &e))
		return (-1);
	memcpy(old_id, d.retired[0], sizeof(old_id));
	return (0);
}

static void
refused_options(const char *signer, const char *until, int part)
{
	struct vouching	 v = { .signer = signer, .until = until };
	struct err	 e = ERR_INIT;

	assert_int_equal(vouching_options(&v, "test", part, &e), -1);
	assert_int_equal(e.kind, ERR_USAGE);
}

static void
test_options(void **state)
{
	struct vouching	 v = { .signer = NULL };
	struct err	 e = ERR_INIT;

	(void)state;
	assert_int_equal(vouching_options(&v, "test", 1, &e), 0);
	refused_options("0011223344556677", NULL, 0);
	refused_options(NULL, "2026-11-22T18:00:00Z", 0);
	refused_options("0011223344556677", "2026-11-22T18:00:00Z", 1);
	refused_options("0011223344556677", "yesterday", 0);
	refused_options("0011223344556677", "2999-11-22T18:00:00Z", 0);
	v.signer = "0011223344556677";
	v.until = "1970-01-01T00:00:07Z";
	assert_int_equal(vouching_options(&v, "test", 0, &e), 0);
	assert_int_equal(v.until_us, 7000000);
}

/* Open with a reader's key file and a push key; returns the message. */
static const char *
open_with(const char *reader, const char *push, const char *signer)
{
	static struct err	 e;
	struct server_conf	 c = { .name = (char *)(uintptr_t)"main",
	    .file = (char *)(uintptr_t)"f", .repository = (char *)(uintptr_t)
	    "h:/r" };
	struct vouching		 v = { .signer = signer, .until = "x" };
	struct key		*k = NULL;
	char			 path[512];

	e = (struct err)ERR_INIT;
	(void)snprintf(path, sizeof(path), "%s", testdir_path(push));
	c.key = path;
	if (key_load(&k, testdir_path(reader), NULL, &e) != 0)
		fail_msg("%s", e.msg);
	if (vouching_open(&v, "test", &c, k, &e) == 0) {
		/* From now on what it signed passes. */
		assert_false(retired_any(k));
	} else
		assert_int_equal(e.kind, ERR_CONFIG);
	vouching_close(&v);
	key_free(k);
	return (e.msg);
}

static void
test_keys(void **state)
{
	struct vouching	 none = { .signer = NULL };
	struct archive	 a = { .store = NULL };
	struct err	 e = ERR_INIT;

	(void)state;
	assert_string_equal(open_with("b.restore", "b.push", old_id), "");
	assert_string_equal(open_with("b.public", "b.push", old_id), "");
	assert_non_null(strstr(open_with("b.public", "a.push", old_id),
	    "no signer in service"));
	assert_non_null(strstr(open_with("b.public", "x.push", old_id),
	    "no signer in service"));
	assert_non_null(strstr(open_with("b.public", "b.public", old_id),
	    "signed by the new push key"));
	assert_non_null(strstr(open_with("a.public", "b.push", old_id),
	    "is not retired"));
	assert_non_null(strstr(open_with("x.public", "b.push", old_id),
	    "is no signer"));
	/* Without the option there is nothing to do. */
	assert_int_equal(vouching_begin(&none, &a, &e), 0);
	assert_null(none.now);
	vouching_close(&none);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_keys),
	};

	return (cmocka_run_group_tests(tests, setup, testdir_teardown));
}
