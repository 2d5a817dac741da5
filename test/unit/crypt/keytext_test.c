/* SPDX-License-Identifier: ISC */
/*
 * What a passphrase on a restore key binds: every line of the file.  The
 * thief of these tests can write the file and make the check word fit; he
 * does not know the passphrase, and its owner types it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/str.h"
#include "crypt/hash.h"
#include "crypt/key.h"
#include "crypt/keypass.h"
#include "crypt/keytext.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))

#define FOUR(s)	s s s s
#define ONES	FOUR("1111111111111111")
#define TWOS	FOUR("2222222222222222")
#define DRILL	FOUR("3333333333333333")
#define THIEF	FOUR("4444444444444444")

#define SALT	"000102030405060708090a0b0c0d0e0f"
#define WORDS	" v2-until 2026-11-22T04:00:01Z"

static struct secret	*pass, *derived, *seal;
static char		 box[2][2 * KEYPASS_SEALED + 1];

static int
setup(void **state)
{
	struct keypass	 kp = { .ops = 1, .mem = 8192 };
	struct err	 e = ERR_INIT;
	uint8_t		*to, raw[KEY_LEN], sealed[KEYPASS_SEALED];
	size_t		 i;

	(void)state;
	for (i = 0; i < KEYPASS_SALT; i++)
		kp.salt[i] = (uint8_t)i;
	if (secret_new(&pass, 5, &to, &e) == -1)
		return (-1);
	memcpy(to, "right", 5);
	if (keypass_derive(&derived, &kp, pass, &e) ||
	    keypass_purpose(&seal, derived, KEYPASS_SEAL, &e))
		return (-1);
	for (i = 0; i < 2; i++) {
		memset(raw, (int)i + 1, sizeof(raw));
		keypass_seal(sealed, raw, seal);
		(void)str_hex(box[i], sealed, sizeof(sealed));
	}
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	secret_free(seal);
	secret_free(derived);
	secret_free(pass);
	return (0);
}

/* All lines that a sealed file can have, up to "bound". */
static size_t
lines(char *out, size_t room)
{
	return ((size_t)snprintf(out, room, "seawall restore key 2\n"
	    "created 2026-11-22T04:00:01Z\n"
	    "argon2id 1 8192 " SALT "\n"
	    "recipient-secret-sealed %s\n"
	    "recipient-secret-sealed %s\n"
	    "signer " ONES "\n"
	    "signer " TWOS WORDS " retired\n"
	    "drill-signer " DRILL "\n", box[0], box[1]));
}

/* Put the bound of "honest", and the check word of all, behind "text". */
static size_t
complete(char *text, size_t n, size_t room, const char *honest)
{
	struct err	 e = ERR_INIT;
	uint8_t		 sum[KEY_LEN];
	char		 hex[2 * KEY_LEN + 1];

	assert_int_equal(keypass_bound(sum, derived, honest, strlen(honest),
	    &e), 0);
	n += (size_t)snprintf(text + n, room - n, "bound %s\n",
	    str_hex(hex, sum, sizeof(sum)));
	hash_of(sum, text, n);
	n += (size_t)snprintf(text + n, room - n, "check %s\n",
	    str_hex(hex, sum, KEYTEXT_CHECK));
	assert_true(n < room);
	return (n);
}

static int
parse(const char *text, size_t n, struct key **out, struct err *e)
{
	struct key	*k = calloc(1, sizeof(*k));
	int		 rc;

	assert_non_null(k);
	rc = keytext_parse(k, text, n, pass, e);
	if (rc == 0 && out != NULL)
		*out = k;
	else
		key_free(k);
	return (rc);
}

/* As its owner made it. */
static void
test_honest(void **state)
{
	struct err	 e = ERR_INIT;
	struct key	*k = NULL;
	char		 honest[2048], text[2048];
	size_t		 n;

	(void)state;
	n = lines(honest, sizeof(honest));
	memcpy(text, honest, n + 1);
	n = complete(text, n, sizeof(text), honest);
	if (parse(text, n, &k, &e) != 0)
		fail_msg("%s", e.msg);
	assert_int_equal(k->nrec, 2);
	assert_int_equal(k->nsig, 2);
	assert_int_equal(k->ndrill, 1);
	assert_true(k->words[1].retired);
	key_free(k);
}

/* Replace the first "was" in "text" by "by"; returns the new length. */
static size_t
replace(char *text, size_t room, const char *was, const char *by)
{
	char	*at = strstr(text, was), rest[2048];

	if (at == NULL)
		fail_msg("no %s", was);
	(void)snprintf(rest, sizeof(rest), "%s", at + strlen(was));
	(void)snprintf(at, room - (size_t)(at - text), "%s%s", by, rest);
	return (strlen(text));
}

/* One change of each kind, each with the message that it gets. */
static void
test_tampered(void **state)
{
	static const char	 changed[] = "was changed by somebody who did "
	    "not know its passphrase";
	static const struct {
		const char	*was, *by, *msg;
	} c[] = {
		{ "created 2026", "created 2025", changed },
		/* Signers: changed, added at either end, removed, swapped. */
		{ "signer " ONES "\n", "signer " THIEF "\n", changed },
		{ "signer " ONES "\n", "signer " THIEF "\nsigner " ONES "\n",
		    changed },
		{ "drill-signer", "signer " THIEF "\ndrill-signer", changed },
		{ "signer " ONES "\n", "", changed },
		{ "signer " TWOS WORDS " retired\n", "", changed },
		{ "signer " ONES "\nsigner " TWOS WORDS " retired\n",
		    "signer " TWOS WORDS " retired\nsigner " ONES "\n",
		    changed },
		/* What is said of them. */
		{ ONES "\n", ONES " v2-until 9999-12-31T23:59:59Z\n",
		    changed },
		{ "v2-until 2026", "v2-until 2027", changed },
		{ TWOS WORDS, TWOS, changed },
		{ ONES "\n", ONES " retired\n", changed },
		{ " retired", "", changed },
		/* Signers of receipts. */
		{ DRILL, THIEF, changed },
		{ DRILL "\n", DRILL "\ndrill-signer " THIEF "\n", changed },
		{ "drill-signer " DRILL "\n", "", changed },
		{ "drill-signer " DRILL, "signer " DRILL, changed },
		/* The passphrase's cost and salt change the key itself. */
		{ "argon2id 1 ", "argon2id 2 ", "wrong passphrase" },
		{ " 8192 ", " 16384 ", "wrong passphrase" },
		{ SALT, "ff0102030405060708090a0b0c0d0e0f",
		    "wrong passphrase" },
		{ "argon2id 1 8192 " SALT "\n", "",
		    "expected recipient-secret" },
		/* Taken for a file that binds nothing, or of another role. */
		{ "key 2", "key 1", "line 7: signer: expected 64" },
		{ "restore key", "public key", "expected recipient" },
		{ "restore key", "push key", "expected recipient" },
	};
	char	 honest[2048], text[2048];
	size_t	 i, n, len;

	(void)state;
	len = lines(honest, sizeof(honest));
	for (i = 0; i < LEN(c); i++) {
		struct err	 e = ERR_INIT;

		memcpy(text, honest, len + 1);
		n = replace(text, sizeof(text), c[i].was, c[i].by);
		n = complete(text, n, sizeof(text), honest);
		if (parse(text, n, NULL, &e) != -1)
			fail_msg("%zu: %s for %s passes", i, c[i].by,
			    c[i].was);
		assert_int_equal(e.kind, ERR_CONFIG);
		if (strstr(e.msg, c[i].msg) == NULL)
			fail_msg("%zu: %s: found %s", i, c[i].msg, e.msg);
	}
}

/* The sealed secrets themselves: swapped, removed, or the same one twice. */
static void
test_secrets(void **state)
{
	char	 honest[2048], text[2048], *a, *b, first[256], second[256];
	size_t	 i, n, len;

	(void)state;
	len = lines(honest, sizeof(honest));
	(void)snprintf(first, sizeof(first), "recipient-secret-sealed %s\n",
	    box[0]);
	(void)snprintf(second, sizeof(second), "recipient-secret-sealed %s\n",
	    box[1]);
	for (i = 0; i < 3; i++) {
		struct err	 e = ERR_INIT;

		memcpy(text, honest, len + 1);
		if (i == 0) {
			a = strstr(text, box[0]);
			b = strstr(text, box[1]);
			assert_true(a != NULL && b != NULL);
			memcpy(a, box[1], 2 * KEYPASS_SEALED);
			memcpy(b, box[0], 2 * KEYPASS_SEALED);
			n = strlen(text);
		} else
			n = replace(text, sizeof(text), i == 1 ? first :
			    second, i == 1 ? "" : first);
		n = complete(text, n, sizeof(text), honest);
		assert_int_equal(parse(text, n, NULL, &e), -1);
		assert_int_equal(e.kind, ERR_CONFIG);
		assert_non_null(strstr(e.msg, "was changed by somebody"));
	}
}

/* The bound itself: another one, and none. */
static void
test_bound(void **state)
{
	struct err	 e = ERR_INIT;
	char		 honest[2048], text[2048], *at, hex[9];
	uint8_t		 sum[HASH_LEN];
	size_t		 n;

	(void)state;
	n = lines(honest, sizeof(honest));
	/* A hash that needs no passphrase is no bound. */
	hash_of(sum, honest, n);
	memcpy(text, honest, n + 1);
	n = complete(text, n, sizeof(text), honest);
	assert_non_null(at = strstr(text, "bound "));
	(void)str_hex(at + 6, sum, HASH_LEN);
	at[6 + 2 * HASH_LEN] = '\n';
	n -= sizeof("check 00000000\n") - 1;
	hash_of(sum, text, n);
	n += (size_t)snprintf(text + n, sizeof(text) - n, "check %s\n",
	    str_hex(hex, sum, KEYTEXT_CHECK));
	assert_int_equal(parse(text, n, NULL, &e), -1);
	assert_non_null(strstr(e.msg, "was changed by somebody"));

	n = lines(text, sizeof(text));
	hash_of(sum, text, n);
	n += (size_t)snprintf(text + n, sizeof(text) - n, "check %s\n",
	    str_hex(hex, sum, KEYTEXT_CHECK));
	err_clear(&e);
	assert_int_equal(parse(text, n, NULL, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_non_null(strstr(e.msg, "expected bound"));
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_honest),
		cmocka_unit_test(test_tampered),
		cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_bound),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
