/* SPDX-License-Identifier: ISC */
/* What counts of a retired signer: headers, labels, markers, inventories. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/str.h"
#include "crypt/head.h"
#include "crypt/keygen.h"
#include "crypt/keyrenew.h"
#include "crypt/retired.h"
#include "crypt/sign.h"
#include "retiring.h"
#include "testdir.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))

static const struct head_place	 wal = { "main", 7, "wal/00000002.history" };
static const struct head_place	 label = { "main", 7,
	"base/20261122T040001Z/label" };
static const struct head_place	 file = { "main", 7, "vouched/a" };

static struct key		*old, *new;	/* .push files */
static struct keyrenew		 renewed;

static int
setup(void **state)
{
	const struct keyrenew_conf	 c = { .retire = "all" };
	struct err			 e = ERR_INIT;

	(void)testdir_setup(state);
	if (keygen_files(testdir_path("a"), NULL, &e) ||
	    keyrenew_files(&renewed, testdir_path("a"), testdir_path("b"),
	    &c, NULL, &e))
		return (-1);
	old = retiring_load("a.push");
	new = retiring_load("b.push");
	return (0);
}

static int
teardown(void **state)
{
	key_free(old);
	key_free(new);
	return (testdir_teardown(state));
}

static size_t
encode(uint8_t buf[HEAD_MAX], enum head_kind kind, const struct key *push)
{
	struct err	 e = ERR_INIT;
	struct secret	*data = NULL;
	struct head	 h;

	if (secret_random(&data, KEY_LEN, &e) ||
	    head_begin(&h, kind, &wal, push, &e) ||
	    head_encode(buf, &h, &wal, push, data, &e))
		fail_msg("%s", e.msg);
	secret_free(data);
	return (h.len);
}

static int
decode(const uint8_t *buf, size_t n, enum head_kind kind, const struct key *k,
    const char *msg)
{
	struct err	 e = ERR_INIT;
	struct head	 h;
	int		 rc = head_decode(&h, buf, n, kind, &wal, k, &e);

	if (rc == -1) {
		assert_int_equal(e.kind, ERR_CORRUPT);
		if (strstr(e.msg, msg) == NULL)
			fail_msg("expected %s, found %s", msg, e.msg);
	}
	return (rc);
}

/* Give a key an inventory of its signer "who" with one object in it. */
static void
vouch(const struct key *k, size_t who, const struct head_place *at,
    const uint8_t *p, size_t n)
{
	struct err	 e = ERR_INIT;
	uint8_t		(*entry)[HASH_LEN] = calloc(1, sizeof(*entry));
	uint8_t		 hash[HASH_LEN];

	assert_non_null(entry);
	hash_of(hash, p, n);
	vouched_entry(entry[0], at->path, hash);
	assert_int_equal(vouched_add(retired_vouched(k), &file, key_signer(k,
	    who), entry, 1, &e), 0);
}

static void
test_header(void **state)
{
	static const char *const	 readers[] = {
		"b.restore", "b.public", "b.push"
	};
	struct key	*k;
	uint8_t		 mine[HEAD_MAX], theirs[HEAD_MAX], late[HEAD_MAX];
	size_t		 n, m, l, i;

	(void)state;
	n = encode(theirs, HEAD_WAL, old);
	l = encode(late, HEAD_WAL, old);
	m = encode(mine, HEAD_WAL, new);
	for (i = 0; i < LEN(readers); i++) {
		k = retiring_load(readers[i]);
		assert_true(retired_any(k));
		assert_int_equal(decode(mine, m, HEAD_WAL, k, ""), 0);
		assert_int_equal(decode(theirs, n, HEAD_WAL, k, "holds no "
		    "inventory for it that counts"), -1);
		vouched_note(retired_vouched(k), &file, "it is cut");
		assert_int_equal(decode(theirs, n, HEAD_WAL, k, "counts: it "
		    "is cut; make one"), -1);
		/* Those of another signer list nothing of this one. */
		vouch(k, 0, &wal, theirs, n);
		assert_int_equal(decode(theirs, n, HEAD_WAL, k, "holds no "
		    "inventory"), -1);
		vouch(k, 1, &wal, theirs, n);
		assert_int_equal(decode(theirs, n, HEAD_WAL, k, ""), 0);
		assert_int_equal(decode(late, l, HEAD_WAL, k, "no inventory "
		    "lists it"), -1);
		key_free(k);
	}
	/* Whoever did not retire it believes all. */
	k = retiring_load("a.restore");
	assert_false(retired_any(k));
	assert_null(retired_vouched(k));
	assert_int_equal(decode(late, l, HEAD_WAL, k, ""), 0);
	key_free(k);
}

/* A program that only writes asks for no inventory. */
static void
test_forgo(void **state)
{
	struct key	*k = retiring_load("b.push");
	uint8_t		 buf[HEAD_MAX];
	size_t		 n = encode(buf, HEAD_WAL, old);

	(void)state;
	retired_forgo(k);
	assert_int_equal(decode(buf, n, HEAD_WAL, k, "does not count for a "
	    "push"), -1);
	key_free(k);
}

static int
check(const char *what, const struct head_place *at, const char *p, size_t n,
    const struct key *k)
{
	struct err	 e = ERR_INIT;
	const char	*text;
	size_t		 len;

	return (sign_check(&text, &len, p, n, what, at, k, &e));
}

static void
test_text(void **state)
{
	static const char *const	 what[] = { "label", "inventory" };
	struct err	 e = ERR_INIT;
	struct key	*k;
	uint8_t		 id[KEY_ID_LEN], own[KEY_ID_LEN];
	char		*p;
	size_t		 n, i;

	(void)state;
	for (i = 0; i < LEN(what); i++) {
		k = retiring_load("b.public");
		assert_int_equal(sign_text(&p, &n, what[i], &label, "{}", old,
		    &e), 0);
		assert_int_equal(check(what[i], &label, p, n, k), -1);
		assert_int_equal(sign_signer(id, p, n, what[i], &e), 0);
		key_id(own, key_signer(old, 0));
		assert_memory_equal(id, own, KEY_ID_LEN);
		assert_int_equal(sign_signer(id, p, n, "marker", &e), -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
		err_clear(&e);
		assert_true(retired_id(k, id));
		vouch(k, 1, &label, (const uint8_t *)p, n);
		assert_int_equal(check(what[i], &label, p, n, k), 0);
		free(p);
		key_free(k);
	}
	/* The marker always counts. */
	k = retiring_load("b.public");
	assert_int_equal(sign_text(&p, &n, "marker", &label, "{}", old, &e),
	    0);
	assert_int_equal(check("marker", &label, p, n, k), 0);
	free(p);
	key_free(k);
}

static void
test_trust(void **state)
{
	struct err	 e = ERR_INIT;
	struct key	*k = retiring_load("b.restore");
	uint8_t		 buf[HEAD_MAX], id[KEY_ID_LEN];
	char		 hex[2 * KEY_LEN + 1];
	size_t		 n = encode(buf, HEAD_WAL, old), i = 99;

	(void)state;
	key_id(id, key_signer(old, 0));
	assert_int_equal(renewed.nretired, 1);
	assert_string_equal(renewed.retired[0], str_hex(hex, id,
	    sizeof(id)));
	assert_int_equal(retired_find(&i, k, hex, &e), 0);
	assert_int_equal(i, 1);
	assert_int_equal(retired_find(&i, k, str_hex(hex, key_signer(old, 0),
	    KEY_LEN), &e), 0);
	assert_int_equal(i, 1);
	assert_int_equal(retired_find(&i, k, "0011223344556677", &e), -1);
	assert_non_null(strstr(e.msg, "is no signer in the key file"));
	err_clear(&e);
	assert_int_equal(retired_find(&i, k, "all", &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	retired_trust(k, 1);
	assert_false(retired_any(k));
	assert_true(retired_id(k, id));		/* it is shown as such */
	assert_int_equal(decode(buf, n, HEAD_WAL, k, ""), 0);
	key_free(k);
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_forgo),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_trust),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
