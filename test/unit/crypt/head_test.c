/* SPDX-License-Identifier: ISC */
/* Headers: round trips, every cut and flip, other places, who may open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/str.h"
#include "crypt/head.h"
#include "crypt/key.h"
#include "crypt/keytext.h"
#include "keyring.h"
#include "oldhead.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))

static struct keyring	 ring, other;
static struct secret	*data_key;
static const struct head_place here = {
	"main", UINT64_C(7000000000000000001), "wal/00000001/0000000A/"
	"000000010000000A000000FF"
};

static int
setup(void **state)
{
	struct err	 e = ERR_INIT;

	(void)state;
	keyring_open(&ring, NULL);
	keyring_open(&other, NULL);
	return (secret_random(&data_key, KEY_LEN, &e));
}

static int
teardown(void **state)
{
	(void)state;
	keyring_close(&ring);
	keyring_close(&other);
	secret_free(data_key);
	return (0);
}

static struct head
some_head(void)
{
	struct head	 h = {
		.kind = HEAD_WAL, .codec = 2,
		.created_us = INT64_C(-1234567890123456),
		.plain_size = UINT64_C(0x0102030405060708),
		.payload_size = UINT64_MAX
	};

	memset(h.tag, 0x11, sizeof(h.tag));
	memset(h.payload_hash, 0x22, sizeof(h.payload_hash));
	return (h);
}

static struct head
encode(uint8_t buf[HEAD_MAX], const struct head_place *at,
    const struct key *key)
{
	struct head	 h = some_head();
	struct err	 e = ERR_INIT;

	assert_int_equal(head_encode(buf, &h, at, key, data_key, &e), 0);
	assert_int_equal(h.len, head_len(key, at));
	return (h);
}

static void
assert_refused(const uint8_t *buf, size_t n, const char *msg)
{
	struct err	 e = ERR_INIT;
	struct head	 h;

	assert_int_equal(head_decode(&h, buf, n, HEAD_WAL, &here,
	    ring.restore, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	if (strstr(e.msg, msg) == NULL)
		fail_msg("expected %s, found %s", msg, e.msg);
}

static void
test_round(void **state)
{
	const struct key *readers[] = { ring.push, ring.restore, ring.public };
	struct err	 e = ERR_INIT;
	struct secret	*opened;
	struct head	 h, g;
	uint8_t		 buf[HEAD_MAX];
	size_t		 i;

	(void)state;
	h = encode(buf, &here, ring.push);
	for (i = 0; i < LEN(readers); i++) {
		assert_int_equal(head_decode(&g, buf, h.len, HEAD_WAL, &here,
		    readers[i], &e), 0);
		assert_int_equal(g.version, 2);
		assert_int_equal(h.version, 2);
		assert_int_equal(g.kind, HEAD_WAL);
		assert_int_equal(g.codec, 2);
		assert_int_equal(g.created_us, INT64_C(-1234567890123456));
		assert_int_equal(g.plain_size, UINT64_C(0x0102030405060708));
		assert_int_equal(g.payload_size, UINT64_MAX);
		assert_memory_equal(g.tag, h.tag, HASH_LEN);
		assert_memory_equal(g.payload_hash, h.payload_hash, HASH_LEN);
		assert_memory_equal(g.signer, h.signer, KEY_ID_LEN);
		assert_int_equal(g.len, h.len);
	}
	assert_int_equal(head_decode(&g, buf, HEAD_MAX, HEAD_WAL, &here,
	    ring.public, &e), 0);		/* a payload may follow */
	assert_int_equal(head_open(&opened, buf, h.len, ring.restore, &e), 0);
	assert_memory_equal(secret_bytes(opened), secret_bytes(data_key),
	    KEY_LEN);
	secret_free(opened);
}

/* Byte by byte as FORMAT.md has it. */
static void
test_layout(void **state)
{
	static const struct head_place	 at = { "ab", 258, "system" };
	struct err	 e = ERR_INIT;
	struct head	 h = {
		.kind = HEAD_MANIFEST, .codec = 1, .created_us = 1,
		.plain_size = 2, .payload_size = 3
	};
	static const uint8_t	 want[] = {
		0x53, 0x45, 0x41, 0x57, 0x41, 0x4c, 0x4c, 0x0a,
		2, 3, 1, 27, 1, 1, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2,
		0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 1, 2,
		2, 'a', 'b', 0, 6, 's', 'y', 's', 't', 'e', 'm'
	};
	uint8_t		 buf[HEAD_MAX], id[KEY_ID_LEN];

	(void)state;
	memset(h.tag, 0xaa, HASH_LEN);
	memset(h.payload_hash, 0xbb, HASH_LEN);
	assert_int_equal(head_encode(buf, &h, &at, ring.push, data_key, &e),
	    0);
	assert_int_equal(h.len, sizeof(want) + 8 + 32 + 32 + 88 + 64);
	assert_memory_equal(buf, want, sizeof(want));
	key_id(id, key_signer(ring.push, 0));
	assert_memory_equal(buf + sizeof(want), id, KEY_ID_LEN);
	assert_memory_equal(buf + sizeof(want) + 8, h.tag, HASH_LEN);
	assert_memory_equal(buf + sizeof(want) + 40, h.payload_hash, HASH_LEN);
	key_id(id, key_recipient(ring.push, 0));
	assert_memory_equal(buf + sizeof(want) + 72, id, KEY_ID_LEN);
}

static void
test_damage(void **state)
{
	uint8_t		 buf[HEAD_MAX];
	struct head	 h;
	size_t		 i;

	(void)state;
	h = encode(buf, &here, ring.push);
	for (i = 0; i < h.len; i++)
		assert_refused(buf, i, "header: ");
	for (i = 0; i < 8 * h.len; i++) {
		buf[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_refused(buf, HEAD_MAX, "header: ");
		buf[i / 8] ^= (uint8_t)(1 << i % 8);
	}
}

/* Properly signed, and still not what a header may be. */
static void
test_misshapen(void **state)
{
	static const struct {
		size_t		 at;
		uint8_t		 v;
		const char	*msg;
	} c[] = {
		{ 0, 's', "does not begin like a Seawall object" },
		{ 7, '\r', "does not begin like a Seawall object" },
		{ 8, 0, "format version 0; this program knows versions 1 to "
		    "2" },
		{ 8, 3, "format version 3; this program knows versions 1 to "
		    "2" },
		{ 8, 255, "format version 255;" },
		{ 9, 0, "malformed" }, { 9, 4, "malformed" },
		{ 9, 2, "malformed" },		/* a pack has codec 0 */
		{ 9, 3, "found the manifest main/" },
		{ 12, 3, "malformed" }, { 13, 0, "malformed" },
		{ 13, 2, "malformed" }, { 13, 9, "malformed" },
		{ 13, 255, "malformed" }, { 14, 1, "malformed" },
		{ 15, 1, "malformed" },
		{ 48, 3, "malformed" }, { 48, 5, "malformed" },
		{ 48, 255, "malformed" }, { 53, 255, "malformed" },
		{ 54, 0, "malformed" },
		{ 49, 'M', "found the WAL file Main/7000000000000000001/" },
		{ 49, 0x1b, "found the WAL file ?ain/" },
		{ 47, 9, "found the WAL file main/7000000000000000009/" },
		{ 55, 'W', "/Wal/00000001/" },
	};
	uint8_t		 buf[HEAD_MAX];
	struct head	 h;
	size_t		 i;

	(void)state;
	for (i = 0; i < LEN(c); i++) {
		h = encode(buf, &here, ring.push);
		buf[c[i].at] = c[i].v;
		oldhead_sign(buf, h.len, ring.push);
		assert_refused(buf, h.len, c[i].msg);
	}
}

/* What an earlier program wrote is read for ever; the version is signed. */
static void
test_version(void **state)
{
	struct err	 e = ERR_INIT;
	struct secret	*opened;
	uint8_t		 buf[HEAD_MAX];
	struct head	 h, g;

	(void)state;
	h = encode(buf, &here, ring.push);
	buf[8] = 1;
	assert_refused(buf, h.len, "is wrong: damaged, forged");
	oldhead_sign(buf, h.len, ring.push);
	assert_int_equal(head_decode(&g, buf, h.len, HEAD_WAL, &here,
	    ring.restore, &e), 0);
	assert_int_equal(g.version, 1);
	assert_int_equal(g.plain_size, h.plain_size);
	assert_memory_equal(g.tag, h.tag, HASH_LEN);
	assert_int_equal(head_open(&opened, buf, h.len, ring.restore, &e), 0);
	secret_free(opened);
}

/* The length says more or less than the fields need. */
static void
test_lengths(void **state)
{
	static const size_t	 bad[] = {
		0, 1, 11, 12, 15, 16, 64, 75, 76, 2049, 65535
	};
	uint8_t		 buf[65536] = { 0 };
	struct head	 h;
	size_t		 i, len;

	(void)state;
	h = encode(buf, &here, ring.push);
	for (i = 0; i < LEN(bad) + 4; i++) {
		len = i < LEN(bad) ? bad[i] : h.len + i - LEN(bad) - 2;
		if (len == h.len)
			continue;
		buf[10] = (uint8_t)(len >> 8);
		buf[11] = (uint8_t)len;
		if (len > 12 + KEY_SIG_LEN && len <= HEAD_MAX)
			oldhead_sign(buf, len, ring.push);
		assert_refused(buf, sizeof(buf), "header: ");
	}
}

static void
test_places(void **state)
{
	static const struct head_place	 wrong[] = {
		{ "main2", UINT64_C(7000000000000000001), "wal/x" },
		{ "mai", UINT64_C(7000000000000000001), "wal/x" },
		{ "Main", UINT64_C(7000000000000000001), "wal/x" },
		{ "main", UINT64_C(7000000000000000002), "wal/x" },
		{ "main", 0, "wal/x" },
		{ "main", UINT64_C(7000000000000000001), "wal/y" },
		{ "main", UINT64_C(7000000000000000001), "wal/x/" },
		{ "main", UINT64_C(7000000000000000001), "wal/" },
	};
	static const struct head_place	 at = {
		"main", UINT64_C(7000000000000000001), "wal/x"
	};
	static const enum head_kind	 kinds[] = { HEAD_PACK, HEAD_MANIFEST };
	uint8_t		 buf[HEAD_MAX];
	struct head	 h, g;
	size_t		 i;

	(void)state;
	h = encode(buf, &at, ring.push);
	for (i = 0; i < LEN(wrong) + LEN(kinds); i++) {
		struct err	 e = ERR_INIT;

		assert_int_equal(head_decode(&g, buf, h.len, i < LEN(wrong) ?
		    HEAD_WAL : kinds[i - LEN(wrong)], i < LEN(wrong) ?
		    &wrong[i] : &at, ring.restore, &e), -1);
		assert_int_equal(e.kind, ERR_CORRUPT);
		assert_non_null(strstr(e.msg, "header: found the WAL file "
		    "main/7000000000000000001/wal/x, expected the "));
	}
}

static void
test_place_check(void **state)
{
	char	 server[65], path[257];
	const struct {
		const char	*server, *path;
		int		 rc;
	} c[] = {
		{ "a", "b", 0 }, { server + 1, path + 1, 0 },
		{ server, "b", -1 }, { "a", path, -1 }, { "", "b", -1 },
		{ "a", "", -1 }, { "a\n", "b", -1 }, { "a", "b\nc", -1 },
		{ "a\033[1m", "b", -1 },
	};
	uint8_t	 buf[HEAD_MAX];
	size_t	 i;

	(void)state;
	memset(server, 's', 64);
	memset(path, 'p', 256);
	server[64] = path[256] = '\0';
	for (i = 0; i < LEN(c); i++) {
		struct head_place	 at = { c[i].server, 1, c[i].path };
		struct head		 h = some_head();
		struct err		 e = ERR_INIT;

		assert_int_equal(head_encode(buf, &h, &at, ring.push,
		    data_key, &e), c[i].rc);
		assert_int_equal(e.kind, c[i].rc == 0 ? ERR_NONE : ERR_LOCAL);
		assert_null(strchr(e.msg, '\n'));
		assert_null(strchr(e.msg, '\033'));
	}
}

/* What the push key wrote it cannot read, nor can the public key. */
static void
test_push_cannot_open(void **state)
{
	struct err	 e = ERR_INIT;
	struct secret	*s = NULL;
	uint8_t		 buf[HEAD_MAX];
	struct head	 h;

	(void)state;
	h = encode(buf, &here, ring.push);
	assert_int_equal(head_open(&s, buf, h.len, ring.push, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_string_equal(e.msg, "reading this needs a .restore key; a "
	    ".push key cannot");
	err_clear(&e);
	assert_int_equal(head_open(&s, buf, h.len, ring.public, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_null(s);
}

/*
 * Nor by any detour: the only secret of a push key is the signer's seed, and
 * as an X25519 secret it opens nothing, even if the file is passed off as a
 * restore key.
 */
static void
test_push_has_no_secret(void **state)
{
	struct err	 e = ERR_INIT;
	struct key	 guess = *ring.restore;
	struct secret	*s = NULL;
	uint8_t		*to, buf[HEAD_MAX];
	struct head	 h;

	(void)state;
	h = encode(buf, &here, ring.push);
	assert_null(ring.push->rec_secret);
	assert_int_equal(secret_new(&guess.rec_secret, KEY_LEN, &to, &e), 0);
	memcpy(to, secret_bytes(key_signer_seed(ring.push)), KEY_LEN);
	assert_int_equal(head_open(&s, buf, h.len, &guess, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_null(s);
	secret_free(guess.rec_secret);
}

static void
test_other_keys(void **state)
{
	struct err	 e = ERR_INIT;
	struct secret	*s;
	uint8_t		 buf[HEAD_MAX], id[KEY_ID_LEN], raw[KEY_LEN] = { 0 };
	struct head	 h, g;
	char		 hex[17];

	(void)state;
	h = encode(buf, &here, ring.push);
	assert_int_equal(head_decode(&g, buf, h.len, HEAD_WAL, &here,
	    other.restore, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_non_null(strstr(e.msg, str_hex(hex, h.signer, KEY_ID_LEN)));
	assert_non_null(strstr(e.msg, "is not a signer"));
	err_clear(&e);
	assert_int_equal(head_open(&s, buf, h.len, other.restore, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	key_id(id, key_recipient(ring.push, 0));
	assert_non_null(strstr(e.msg, str_hex(hex, id, KEY_ID_LEN)));
	assert_non_null(strstr(e.msg, "is sealed to keys"));
	err_clear(&e);

	/* Only a push key writes; not to a point of small order. */
	assert_int_equal(head_encode(buf, &h, &here, ring.restore, data_key,
	    &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	err_clear(&e);
	memcpy(ring.push->rec[1], raw, KEY_LEN);
	ring.push->nrec = 2;
	assert_int_equal(head_encode(buf, &h, &here, ring.push, data_key,
	    &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	ring.push->nrec = 1;
}

/* Several recipients: each reads; the boxes of one say nothing to another. */
static void
test_recipients(void **state)
{
	struct key	 wide = *ring.push;
	struct err	 e = ERR_INIT;
	struct secret	*s;
	uint8_t		 buf[HEAD_MAX];
	struct head	 h, g;
	size_t		 i;

	(void)state;
	for (i = 1; i < KEY_MAX; i++) {
		memcpy(wide.rec[i], key_recipient(other.push, 0), KEY_LEN);
		if (i > 1)
			wide.rec[i][0] ^= (uint8_t)i;
		wide.nrec = i + 1;
		h = encode(buf, &here, &wide);
		assert_int_equal(head_decode(&g, buf, h.len, HEAD_WAL, &here,
		    ring.public, &e), 0);
		assert_int_equal(head_open(&s, buf, h.len, ring.restore, &e),
		    0);
		secret_free(s);
		assert_int_equal(head_open(&s, buf, h.len, other.restore, &e),
		    0);
		assert_memory_equal(secret_bytes(s), secret_bytes(data_key),
		    KEY_LEN);
		secret_free(s);
	}
	assert_true(h.len <= HEAD_MAX);
}

/* None, or nine, with every length as it must be then. */
static void
test_recipient_count(void **state)
{
	const size_t	 box = KEY_ID_LEN + 80;
	uint8_t		 buf[HEAD_MAX];
	struct key	 wide = *ring.push;
	struct head	 h;
	size_t		 i, end;

	(void)state;
	for (i = 1; i < KEY_MAX; i++)
		memcpy(wide.rec[i], key_recipient(other.push, 0), KEY_LEN);
	wide.nrec = 0;
	h = encode(buf, &here, &wide);
	assert_int_equal(buf[13], 0);
	assert_refused(buf, h.len, "0 recipients");

	wide.nrec = KEY_MAX;
	h = encode(buf, &here, &wide);
	end = h.len - KEY_SIG_LEN;
	memcpy(buf + end, buf + end - box, box);
	h.len += box;
	buf[10] = (uint8_t)(h.len >> 8);
	buf[11] = (uint8_t)h.len;
	buf[13] = KEY_MAX + 1;
	oldhead_sign(buf, h.len, ring.push);
	assert_refused(buf, h.len, "9 recipients");
}

/* After a rotation one .restore holds both secrets and both signers. */
static void
test_rotation(void **state)
{
	struct key	 both = *ring.restore;
	const struct key *writers[] = { ring.push, other.push };
	struct err	 e = ERR_INIT;
	struct secret	*s;
	uint8_t		*to, buf[HEAD_MAX];
	struct head	 h, g;
	size_t		 i;

	(void)state;
	both.nrec = both.nsig = 2;
	memcpy(both.rec[1], key_recipient(other.push, 0), KEY_LEN);
	memcpy(both.sig[1], key_signer(other.push, 0), KEY_LEN);
	assert_int_equal(secret_new(&both.rec_secret, 2 * KEY_LEN, &to, &e),
	    0);
	memcpy(to, key_recipient_secret(ring.restore, 0), KEY_LEN);
	memcpy(to + KEY_LEN, key_recipient_secret(other.restore, 0), KEY_LEN);
	for (i = 0; i < LEN(writers); i++) {
		h = encode(buf, &here, writers[i]);
		assert_int_equal(head_decode(&g, buf, h.len, HEAD_WAL, &here,
		    &both, &e), 0);
		assert_int_equal(head_open(&s, buf, h.len, &both, &e), 0);
		assert_memory_equal(secret_bytes(s), secret_bytes(data_key),
		    KEY_LEN);
		secret_free(s);
	}
	secret_free(both.rec_secret);
}

/* A box that another recipient's key was put on, and that is signed. */
static void
test_wrong_box(void **state)
{
	struct err	 e = ERR_INIT;
	struct secret	*s;
	uint8_t		 buf[HEAD_MAX];
	struct head	 h;

	(void)state;
	h = encode(buf, &here, ring.push);
	buf[h.len - KEY_SIG_LEN - 1] ^= 1;
	assert_int_equal(head_open(&s, buf, h.len, ring.restore, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_string_equal(e.msg, "header: the sealed data key is damaged");
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_misshapen),
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_place_check),
		cmocka_unit_test(test_push_cannot_open),
		cmocka_unit_test(test_push_has_no_secret),
		cmocka_unit_test(test_other_keys),
		cmocka_unit_test(test_recipients),
		cmocka_unit_test(test_recipient_count),
		cmocka_unit_test(test_rotation),
		cmocka_unit_test(test_wrong_box),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
