/* SPDX-License-Identifier: ISC */
/* A receipt is believed to the last bit, or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/io.h"
#include "crypt/keygen.h"
#include "crypt/receiptsign.h"
#include "crypt/sign.h"
#include "drill/drillrecord.h"
#include "drill/receipt.h"
#include "testdir.h"

static struct key	*drill_key, *public, *push, *other;

static struct key *
load(const char *name)
{
	struct err	 e = ERR_INIT;
	struct key	*k = NULL;

	if (key_load(&k, testdir_path(name), NULL, &e) != 0)
		fail_msg("%s", e.msg);
	return (k);
}

static int
begin(void **state)
{
	struct err	 e = ERR_INIT;

	if (testdir_setup(state) ||
	    keygen_with_drill(testdir_path("a"), NULL, &e) ||
	    keygen_with_drill(testdir_path("b"), NULL, &e))
		return (-1);
	drill_key = load("a.drill");
	public = load("a.public");
	push = load("a.push");
	other = load("b.public");
	return (0);
}

static int
end(void **state)
{
	key_free(drill_key);
	key_free(public);
	key_free(push);
	key_free(other);
	return (testdir_teardown(state));
}

static char *
make(size_t *n)
{
	struct drillreport	 r;
	struct receipt		 x = { .server = "main", .report = &r,
	    .began_us = INT64_C(1800000000000007) };
	struct err		 e = ERR_INIT;
	struct jval		*j = NULL;
	char			*file = NULL;
	const char		*path = testdir_path("receipt");

	drillreport_init(&r);
	drillreport_set(&r, DRILLREPORT_RESTORED, DRILLREPORT_FAILED, "gone");
	(void)remove(path);
	if (receipt_json(&j, &x, &e) || receipt_save(j, path, drill_key, &e) ||
	    io_load(path, RECEIPT_MAX, &file, n, &e) != 0)
		fail_msg("%s", e.msg);
	jval_free(j);
	return (file);
}

static void
test_content(void **state)
{
	struct err	 e = ERR_INIT;
	struct jval	*j = NULL;
	const char	*text;
	size_t		 n;

	(void)state;
	free(make(&n));
	assert_int_equal(receipt_load(&j, testdir_path("receipt"), public,
	    &e), 0);
	assert_int_equal(jval_get_str(j, "verdict", &text, &e), 0);
	assert_string_equal(text, "failed");
	assert_int_equal(jval_get_str(j, "found", &text, &e), 0);
	assert_string_equal(text, "gone");
	assert_int_equal(jval_get_str(j, "id", &text, &e), 0);
	assert_string_equal(text, "20270115T080000Z-000007");
	assert_true(jval_is_null(j, "backup"));
	jval_free(j);
}

static void
test_every_byte(void **state)
{
	struct err	 e = ERR_INIT;
	const char	*text;
	size_t		 i, n, len;
	char		*file = make(&n);

	(void)state;
	assert_int_equal(receiptsign_check(&text, &len, file, n, public, &e),
	    0);
	for (i = 0; i < n; i++) {
		err_clear(&e);
		file[i] ^= 4;
		assert_int_equal(receiptsign_check(&text, &len, file, n,
		    public, &e), -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
		file[i] ^= 4;
		err_clear(&e);
		assert_int_equal(receiptsign_check(&text, &len, file, i,
		    public, &e), -1);
	}
	err_clear(&e);
	assert_int_equal(receiptsign_check(&text, &len, file, n, other, &e),
	    -1);
	free(file);
}

/* Each key signs its own kind and no other. */
static void
test_roles(void **state)
{
	const struct head_place	 at = { "main", 7, "system" };
	struct err		 e = ERR_INIT;
	const char		*text;
	char			*file = NULL;
	size_t			 n, len;

	(void)state;
	assert_int_equal(receiptsign(&file, &n, "{}", push, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	err_clear(&e);
	assert_int_equal(sign_text(&file, &n, "receipt", &at, "{}", push,
	    &e), -1);
	err_clear(&e);
	assert_int_equal(sign_text(&file, &n, "marker", &at, "{}", drill_key,
	    &e), -1);
	err_clear(&e);
	/* A receipt is no marker, and no signer signs receipts. */
	assert_int_equal(receiptsign(&file, &n, "{}", drill_key, &e), 0);
	assert_int_equal(sign_check(&text, &len, file, n, "receipt", &at,
	    public, &e), -1);
	free(file);
	err_clear(&e);
	assert_int_equal(sign_text(&file, &n, "marker", &at, "{}", push, &e),
	    0);
	assert_int_equal(receiptsign_check(&text, &len, file, n, public, &e),
	    -1);
	free(file);
}

static void
test_record(void **state)
{
	const struct drillrecord one = { .at_us = 5, .passed = 1,
	    .backup = "20261122T040001Z", .rpo_s = DRILLRECORD_NONE,
	    .rto_s = 7, .found = "all" };
	struct drillrecord	 two;
	struct err		 e = ERR_INIT;

	(void)state;
	assert_int_equal(drillrecord_save(&one, testdir_path("state"), "main",
	    &e), 0);
	assert_int_equal(drillrecord_load(&two, testdir_path("state"), "main",
	    &e), 0);
	assert_int_equal(two.passed, 1);
	assert_true(two.rpo_s == DRILLRECORD_NONE);
	assert_int_equal(two.rto_s, 7);
	assert_string_equal(two.backup, one.backup);
	assert_string_equal(two.found, "all");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_content),
		cmocka_unit_test(test_every_byte),
		cmocka_unit_test(test_roles),
		cmocka_unit_test(test_record)
	};

	return (cmocka_run_group_tests(tests, begin, end));
}
