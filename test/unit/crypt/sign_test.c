/* SPDX-License-Identifier: ISC */
/* Signed text: round trips, every cut and flip, other places and kinds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/str.h"
#include "crypt/sign.h"
#include "keyring.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))

static struct keyring	 ring, other;
static const struct head_place here = { "main", 7, "system" };

static int
setup(void **state)
{
	(void)state;
	keyring_open(&ring, NULL);
	keyring_open(&other, NULL);
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	keyring_close(&ring);
	keyring_close(&other);
	return (0);
}

static void
assert_refused(const void *file, size_t n, const char *msg)
{
	struct err	 e = ERR_INIT;
	const char	*text = NULL;
	size_t		 len;

	assert_int_equal(sign_check(&text, &len, file, n, "marker", &here,
	    ring.public, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_null(text);
	if (strstr(e.msg, msg) == NULL)
		fail_msg("expected %s, found %s", msg, e.msg);
}

static char *
signed_file(size_t *n, const char *text)
{
	struct err	 e = ERR_INIT;
	char		*file;

	assert_int_equal(sign_text(&file, n, "marker", &here, text, ring.push,
	    &e), 0);
	assert_int_equal(strlen(file), *n);
	return (file);
}

static void
test_round(void **state)
{
	const struct key *keys[] = { ring.push, ring.restore, ring.public };
	static const char *const texts[] = {
		"{}", "", "{\n  \"a\": 1\n}", "{\"a\": \"\303\266\"}"
	};
	struct err	 e = ERR_INIT;
	const char	*text;
	char		*file;
	size_t		 i, j, n, len;

	(void)state;
	for (i = 0; i < LEN(texts); i++) {
		file = signed_file(&n, texts[i]);
		assert_true(str_begins(file, "seawall marker 1 "));
		assert_int_equal(n, 17 + 16 + 1 + 128 + 1 + strlen(texts[i]) +
		    1);
		for (j = 0; j < LEN(keys); j++) {
			assert_int_equal(sign_check(&text, &len, file, n,
			    "marker", &here, keys[j], &e), 0);
			assert_int_equal(len, strlen(texts[i]) + 1);
			assert_memory_equal(text, texts[i], len - 1);
			assert_int_equal(text[len - 1], '\n');
		}
		free(file);
	}
}

static void
test_damage(void **state)
{
	char	*file;
	size_t	 i, n;

	(void)state;
	file = signed_file(&n, "{\"created\": \"now\"}");
	for (i = 0; i < n; i++)
		assert_refused(file, i, "");
	for (i = 0; i < 8 * n; i++) {
		file[i / 8] ^= (char)(1 << i % 8);
		assert_refused(file, n, "");
		file[i / 8] ^= (char)(1 << i % 8);
	}
	file = realloc(file, n + 2);
	assert_non_null(file);
	memcpy(file + n, "\n", 2);
	assert_refused(file, n + 1, "is wrong: damaged, forged or of another");
	free(file);
}

static void
test_first_line(void **state)
{
	static const struct {
		const char	*text, *msg;
	} c[] = {
		{ "", "is not a marker" }, { "seawall", "is not a marker" },
		{ "SEAWALL marker 1 ", "is not a marker" },
		{ "<html>\n", "is not a marker" },
		{ "seawall label 1 00", "found a label, expected a marker" },
		{ "seawall markers 1 00", "found a markers" },
		{ "seawall \033[1m 1 00", "found a ?[1m, expected" },
		{ "seawall  1 00", "found a , expected" },
		{ "seawall marker 2 00",
		    "is a marker of format version 2; this program knows" },
		{ "seawall marker  00", "is a marker of format version ;" },
		{ "seawall marker 01 00", "version 01;" },
		{ "seawall marker 1 00", "signature is malformed" },
		{ "seawall marker 1 0011223344556677 00\n",
		    "signature is malformed" },
	};
	size_t	 i;

	(void)state;
	for (i = 0; i < LEN(c); i++)
		assert_refused(c[i].text, strlen(c[i].text), c[i].msg);
}

static void
test_places(void **state)
{
	static const struct {
		const char		*what;
		struct head_place	 at;
	} c[] = {
		{ "label", { "main", 7, "system" } },
		{ "marker", { "mail", 7, "system" } },
		{ "marker", { "main", 8, "system" } },
		{ "marker", { "main", 7, "systen" } },
		{ "marker", { "main", 77, "system" } },
	};
	char	*file;
	size_t	 i, n;

	(void)state;
	for (i = 0; i < LEN(c); i++) {
		struct err	 e = ERR_INIT;
		const char	*text;
		size_t		 len;

		file = signed_file(&n, "{}");
		assert_int_equal(sign_check(&text, &len, file, n, c[i].what,
		    &c[i].at, ring.public, &e), -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
		free(file);
	}
}

static void
test_keys(void **state)
{
	struct err	 e = ERR_INIT;
	const char	*text;
	char		*file;
	size_t		 n, len;

	(void)state;
	file = signed_file(&n, "{}");
	assert_int_equal(sign_check(&text, &len, file, n, "marker", &here,
	    other.public, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_non_null(strstr(e.msg, "is not a signer"));
	free(file);
	err_clear(&e);
	assert_int_equal(sign_text(&file, &n, "label", &here, "{}",
	    ring.restore, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_string_equal(e.msg, "signing a label needs a .push key");
}

static void
test_size(void **state)
{
	struct err	 e = ERR_INIT;
	const char	*text;
	char		*big, *file;
	size_t		 n, len;

	(void)state;
	assert_non_null(big = malloc(SIGN_MAX + 2));
	memset(big, ' ', SIGN_MAX + 1);
	big[SIGN_MAX + 1] = '\0';
	assert_int_equal(sign_text(&file, &n, "label", &here, big, ring.push,
	    &e), -1);
	assert_int_equal(e.kind, ERR_LOCAL);
	err_clear(&e);
	assert_int_equal(sign_check(&text, &len, big, SIGN_MAX + 1, "label",
	    &here, ring.push, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	err_clear(&e);
	big[SIGN_MAX - 256] = '\0';		/* the longest that fits */
	assert_int_equal(sign_text(&file, &n, "label", &here, big, ring.push,
	    &e), 0);
	assert_true(n <= SIGN_MAX);
	assert_int_equal(sign_check(&text, &len, file, n, "label", &here,
	    ring.push, &e), 0);
	free(file);
	free(big);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_first_line),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_size),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
