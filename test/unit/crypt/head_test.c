/* SPDX-License-Identifier: ISC */
/*
 * Headers: round trips, every cut and flip, other places, who may open, and
 * whose ciphertext it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/str.h"
#include "crypt/head.h"
#include "crypt/headkey.h"
#include "crypt/key.h"
#include "crypt/keyparts.h"
#include "crypt/seal.h"
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

static void
fill(struct head *h)
{
	h->codec = 2;
	h->created_us = INT64_C(-1234567890123456);
	h->plain_size = UINT64_C(0x0102030405060708);
	h->payload_size = UINT64_MAX;
	memset(h->tag, 0x11, sizeof(h->tag));
	memset(h->payload_hash, 0x22, sizeof(h->payload_hash));
}

static struct head
encode(uint8_t buf[HEAD_MAX], const struct head_place *at,
    const struct key *key)
{
	struct head	 h;
	struct err	 e = ERR_INIT;

	if (head_begin(&h, HEAD_WAL, at, key, &e))
		fail_msg("%s", e.msg);
	fill(&h);
	assert_int_equal(head_encode(buf, &h, at, key, data_key, &e), 0);
	return (h);
}

/* The same by a program that knew only "version". */
static struct head
encode_old(uint8_t buf[HEAD_MAX], unsigned version,
    const struct head_place *at, const struct key *key)
{
	struct head	 h = { .kind = HEAD_WAL, .version = version };

	fill(&h);
	h.len = oldhead_encode(buf, &h, at, key, data_key);
	return (h);
}

/* Open a header that "key" accepts at "at". */
static int
open_at(struct secret **out, const uint8_t *buf, size_t n,
    const struct head_place *at, const struct key *key, struct err *e)
{
	struct head	 h;

	if (head_decode(&h, buf, n, HEAD_WAL, at, key, e))
		fail_msg("%s", e->msg);
	return (head_open(out, &h, buf, at, key, e));
}

/* The key of the payload that "h" was begun for. */
static struct secret *
payload_key(const struct head *h, const struct head_place *at)
{
	struct err	 e = ERR_INIT;
	struct secret	*s;

	assert_int_equal(headkey_payload(&s, h, at, data_key, &e), 0);
	return (s);
}

static int
same_key(const struct secret *a, const struct secret *b)
{
	return (memcmp(secret_bytes(a), secret_bytes(b), KEY_LEN) == 0);
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
	struct secret	*opened, *made;
	struct head	 h, g;
	uint8_t		 buf[HEAD_MAX];
	size_t		 i;

	(void)state;
	h = encode(buf, &here, ring.push);
	for (i = 0; i < LEN(readers); i++) {
		assert_int_equal(head_decode(&g, buf, h.len, HEAD_WAL, &here,
		    readers[i], &e), 0);
		assert_int_equal(g.version, 3);
		assert_int_equal(h.version, 3);
		assert_int_equal(g.kind, HEAD_WAL);
		assert_int_equal(g.codec, 2);
		assert_int_equal(g.created_us, INT64_C(-1234567890123456));
		assert_int_equal(g.plain_size, UINT64_C(0x0102030405060708));
		assert_int_equal(g.payload_size, UINT64_MAX);
		assert_memory_equal(g.tag, h.tag, HASH_LEN);
		assert_memory_equal(g.payload_hash, h.payload_hash, HASH_LEN);
		assert_memory_equal(g.signer, h.signer, KEY_ID_LEN);
		assert_memory_equal(g.signer_key, h.signer_key, KEY_LEN);
		assert_memory_equal(h.signer_key, key_signer(ring.push, 0),
		    KEY_LEN);
		assert_int_equal(g.len, h.len);
	}
	assert_int_equal(head_decode(&g, buf, HEAD_MAX, HEAD_WAL, &here,
	    ring.public, &e), 0);		/* a payload may follow */
	assert_int_equal(open_at(&opened, buf, h.len, &here, ring.restore,
	    &e), 0);
	made = payload_key(&h, &here);
	assert_true(same_key(opened, made));
	assert_false(same_key(opened, data_key));
	secret_free(opened);
	secret_free(made);
}

/* Byte by byte as FORMAT.md has it. */
static void
test_layout(void **state)
{
	static const struct head_place	 at = { "ab", 258, "system" };
	struct err	 e = ERR_INIT;
	struct head	 h;
	static const uint8_t	 none[HEAD_FACTS], want[] = {
		0x53, 0x45, 0x41, 0x57, 0x41, 0x4c, 0x4c, 0x0a,
		3, 3, 3, 27, 1, 1, 0, 0,
		0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2,
		0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 1, 2,
		2, 'a', 'b', 0, 6, 's', 'y', 's', 't', 'e', 'm'
	};
	uint8_t		 buf[HEAD_MAX], id[KEY_ID_LEN];

	(void)state;
	assert_int_equal(head_begin(&h, HEAD_MANIFEST, &at, ring.push, &e),
	    0);
	h.codec = 1;
	h.created_us = 1;
	h.plain_size = 2;
	h.payload_size = 3;
	memset(h.tag, 0xaa, HASH_LEN);
	memset(h.payload_hash, 0xbb, HASH_LEN);
	assert_int_equal(head_encode(buf, &h, &at, ring.push, data_key, &e),
	    0);
	assert_int_equal(h.len, sizeof(want) + 8 + 32 + 32 + 88 + 512 + 64);
	assert_memory_equal(buf, want, sizeof(want));
	key_id(id, key_signer(ring.push, 0));
	assert_memory_equal(buf + sizeof(want), id, KEY_ID_LEN);
	assert_memory_equal(buf + sizeof(want) + 8, h.tag, HASH_LEN);
	assert_memory_equal(buf + sizeof(want) + 40, h.payload_hash, HASH_LEN);
	key_id(id, key_recipient(ring.push, 0));
	assert_memory_equal(buf + sizeof(want) + 72, id, KEY_ID_LEN);
	assert_memory_equal(buf + h.len - 64 - 512, none, HEAD_FACTS);
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
		    "3" },
		{ 8, 4, "format version 4; this program knows versions 1 to "
		    "3" },
		{ 8, 1, "malformed" }, { 8, 2, "malformed" },
		{ 8, 255, "format version 255;" },
		{ 9, 0, "malformed" }, { 9, 5, "malformed" },
		{ 9, 4, "malformed" },		/* it has sizes and a tag */
		{ 9, 2, "malformed" },		/* a pack has codec 0 */
		{ 9, 3, "found the manifest main/" },
		{ 12, 4, "malformed" }, { 13, 0, "malformed" },
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

/*
 * What an earlier program wrote is read for ever, from a signer that may have
 * written it by then; the version is signed.
 */
static void
test_version(void **state)
{
	static const struct {
		int64_t	 until;
		int	 ok;
	} c[] = {
		{ 0, 0 }, { KEYPARTS_FOREVER, 1 },
		{ INT64_C(-1234567890123456), 0 },
		{ INT64_C(-1234567890123455), 1 }, { 1, 1 }
	};
	struct key	 reader = *ring.restore;
	struct err	 e = ERR_INIT;
	struct secret	*opened;
	uint8_t		 buf[HEAD_MAX];
	struct head	 h, g;
	unsigned	 v;
	size_t		 i;

	(void)state;
	for (v = 1; v <= 2; v++) {
		h = encode_old(buf, v, &here, ring.push);
		for (i = 0; i < LEN(c); i++) {
			err_clear(&e);
			reader.words[0].v2_until_us = c[i].until;
			assert_int_equal(head_decode(&g, buf, h.len, HEAD_WAL,
			    &here, &reader, &e), c[i].ok ? 0 : -1);
			if (!c[i].ok) {
				assert_int_equal(e.kind, ERR_CORRUPT);
				assert_non_null(strstr(e.msg, "does not count "
				    "from signer"));
				continue;
			}
			assert_int_equal(g.version, v);
			assert_int_equal(g.plain_size, h.plain_size);
			assert_memory_equal(g.tag, h.tag, HASH_LEN);
			assert_int_equal(head_open(&opened, &g, buf, &here,
			    &reader, &e), 0);
			assert_true(same_key(opened, data_key));
			secret_free(opened);
		}
		buf[8] = (uint8_t)(3 - v);
		assert_refused(buf, h.len, "is wrong: damaged, forged");
		/* A push knows what it stored, whatever readers think. */
		buf[8] = (uint8_t)v;
		err_clear(&e);
		assert_int_equal(head_decode(&g, buf, h.len, HEAD_WAL, &here,
		    ring.push, &e), 0);
	}
}

/* Kinds and codecs that are reserved: what a reader can check, it checks. */
static void
test_reserved(void **state)
{
	/* Both ends of sizes, tag, hash and facts. */
	static const size_t	 zero[] = { 24, 31, 32, 39, 109, 140, 141,
	    172, 261, 772 };
	struct err	 e = ERR_INIT;
	uint8_t		 buf[HEAD_MAX];
	struct head	 h, g;
	size_t		 i;

	(void)state;
	h = encode(buf, &here, ring.push);
	buf[12] = 3;
	memset(buf + h.len - KEY_SIG_LEN - HEAD_FACTS, 0x33, HEAD_FACTS);
	oldhead_sign(buf, h.len, ring.push);
	assert_int_equal(head_decode(&g, buf, h.len, HEAD_WAL, &here,
	    ring.public, &e), 0);
	assert_int_equal(g.codec, 3);

	assert_int_equal(head_begin(&h, HEAD_OPEN, &here, ring.push, &e), 0);
	h.codec = 2;
	for (i = 0; i <= LEN(zero); i++) {
		assert_int_equal(head_encode(buf, &h, &here, ring.push,
		    data_key, &e), 0);
		if (i > 0) {
			assert_int_equal(buf[zero[i - 1]], 0);
			buf[zero[i - 1]] = 1;
			oldhead_sign(buf, h.len, ring.push);
		}
		err_clear(&e);
		assert_int_equal(head_decode(&g, buf, h.len, HEAD_OPEN, &here,
		    ring.restore, &e), i == 0 ? 0 : -1);
	}
	assert_int_equal(head_encode(buf, &h, &here, ring.push, data_key,
	    &e), 0);
	assert_refused(buf, h.len, "found the open object main/");
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
	size_t	 i;

	(void)state;
	memset(server, 's', 64);
	memset(path, 'p', 256);
	server[64] = path[256] = '\0';
	for (i = 0; i < LEN(c); i++) {
		struct head_place	 at = { c[i].server, 1, c[i].path };
		struct head		 h;
		struct err		 e = ERR_INIT;

		assert_int_equal(head_begin(&h, HEAD_WAL, &at, ring.push, &e),
		    c[i].rc);
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
	assert_int_equal(open_at(&s, buf, h.len, &here, ring.push, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	assert_string_equal(e.msg, "reading this needs a .restore key; a "
	    ".push key cannot");
	err_clear(&e);
	assert_int_equal(open_at(&s, buf, h.len, &here, ring.public, &e), -1);
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
	assert_int_equal(open_at(&s, buf, h.len, &here, &guess, &e), -1);
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
	assert_int_equal(head_open(&s, &h, buf, &here, other.restore, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	key_id(id, key_recipient(ring.push, 0));
	assert_non_null(strstr(e.msg, str_hex(hex, id, KEY_ID_LEN)));
	assert_non_null(strstr(e.msg, "is sealed to keys"));
	err_clear(&e);

	/* Only a push key writes; not to a point of small order. */
	assert_int_equal(head_begin(&h, HEAD_WAL, &here, ring.restore, &e),
	    -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	err_clear(&e);
	memcpy(ring.push->rec[1], raw, KEY_LEN);
	ring.push->nrec = 2;
	assert_int_equal(head_begin(&h, HEAD_WAL, &here, ring.push, &e), 0);
	assert_int_equal(head_encode(buf, &h, &here, ring.push, data_key,
	    &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	ring.push->nrec = 1;
}

/* Facts come back, to whom they were sealed, of this object alone. */
static void
test_facts(void **state)
{
	struct head_place	 there = here;
	struct err	 e = ERR_INIT;
	uint8_t		 facts[HEAD_FACTS_LEN], got[HEAD_FACTS_LEN];
	uint8_t		 buf[HEAD_MAX], copy[HEAD_MAX];
	struct head	 h, g;
	size_t		 i, at;

	(void)state;
	for (i = 0; i < sizeof(facts); i++)
		facts[i] = (uint8_t)i;
	assert_int_equal(head_begin(&h, HEAD_WAL, &here, ring.push, &e), 0);
	at = h.len - KEY_SIG_LEN - HEAD_FACTS;
	assert_int_equal(head_encode(buf, &h, &here, ring.push, data_key, &e),
	    0);
	assert_int_equal(head_facts(got, &h, buf, &here, ring.restore, &e), 1);
	h.facts = facts;
	assert_int_equal(head_encode(buf, &h, &here, ring.push, data_key, &e),
	    0);
	assert_int_equal(head_decode(&g, buf, h.len, HEAD_WAL, &here,
	    ring.restore, &e), 0);
	assert_null(g.facts);
	assert_int_equal(head_facts(got, &g, buf, &here, ring.restore, &e), 0);
	assert_memory_equal(got, facts, sizeof(facts));
	assert_int_equal(head_facts(got, &g, buf, &here, ring.push, &e), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	err_clear(&e);
	/* Those of another place, signed again, and box and all. */
	there.path = "wal/00000001/00000000/000000010000000000000009";
	assert_int_equal(head_encode(copy, &h, &there, ring.push, data_key,
	    &e), 0);
	memcpy(copy + at, buf + at, HEAD_FACTS);
	assert_int_equal(head_facts(got, &g, copy, &there, ring.restore, &e),
	    -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_non_null(strstr(e.msg, "facts are not authentic"));
}

/* Several recipients: each reads; the boxes of one say nothing to another. */
static void
test_recipients(void **state)
{
	struct key	 wide = *ring.push;
	struct err	 e = ERR_INIT;
	struct secret	*s, *made;
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
		made = payload_key(&h, &here);
		assert_int_equal(head_open(&s, &g, buf, &here, ring.restore,
		    &e), 0);
		assert_true(same_key(s, made));
		secret_free(s);
		assert_int_equal(head_open(&s, &g, buf, &here, other.restore,
		    &e), 0);
		assert_true(same_key(s, made));
		secret_free(s);
		secret_free(made);
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
	end = h.len - KEY_SIG_LEN - HEAD_FACTS;
	memmove(buf + end + box, buf + end, HEAD_FACTS);
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
	struct secret	*s, *made;
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
		made = payload_key(&h, &here);
		assert_int_equal(head_open(&s, &g, buf, &here, &both, &e), 0);
		assert_true(same_key(s, made));
		secret_free(s);
		secret_free(made);
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
	buf[h.len - KEY_SIG_LEN - HEAD_FACTS - 1] ^= 1;
	assert_int_equal(head_open(&s, &h, buf, &here, ring.restore, &e), -1);
	assert_int_equal(e.kind, ERR_CORRUPT);
	assert_string_equal(e.msg, "header: the sealed data key is damaged");
}

/* The key of a payload by another implementation; each field changes it. */
static void
test_bind(void **state)
{
	static const struct head_place	 at[] = {
		{ "main", 7, "wal/x" }, { "mai", 7, "wal/x" },
		{ "mainw", 7, "al/x" }, { "main", 8, "wal/x" },
		{ "main", 7, "wal/y" }
	};
	struct err	 e = ERR_INIT;
	struct head	 h = { .version = 3, .kind = HEAD_WAL,
	    .nrecipients = 2 }, c[10];
	struct secret	*k[LEN(at) + LEN(c)], *dk;
	uint8_t		*to;
	char		 hex[2 * KEY_LEN + 1];
	size_t		 i, j, n = 0;

	(void)state;
	assert_int_equal(secret_new(&dk, KEY_LEN, &to, &e), 0);
	for (i = 0; i < KEY_LEN; i++) {
		to[i] = (uint8_t)i;
		h.signer_key[i] = (uint8_t)(0x80 + i);
	}
	memset(h.recipient[0], 0xaa, KEY_ID_LEN);
	memset(h.recipient[1], 0xbb, KEY_ID_LEN);
	for (i = 0; i < LEN(at); i++)
		assert_int_equal(headkey_payload(&k[n++], &h, &at[i], dk, &e),
		    0);
	assert_string_equal(str_hex(hex, secret_bytes(k[0]), KEY_LEN),
	    "ff3d366032f3b74b96c4867b56636f90"
	    "1e32eb568e2a692d13640ce4229b35e5");
	for (i = 0; i < LEN(c); i++)
		c[i] = h;
	c[0].signer_key[0] ^= 1;
	c[1].signer_key[31] ^= 0x80;
	c[2].kind = HEAD_PACK;
	c[3].kind = HEAD_MANIFEST;
	c[4].kind = HEAD_OPEN;
	c[5].nrecipients = 1;
	c[6].nrecipients = 3;
	c[7].recipient[1][7] ^= 1;
	memcpy(c[8].recipient, h.recipient[1], KEY_ID_LEN);
	memcpy(c[8].recipient[1], h.recipient[0], KEY_ID_LEN);
	c[9].version = 2;
	for (i = 0; i < LEN(c); i++)
		assert_int_equal(headkey_payload(&k[n++], &c[i], &at[0], dk,
		    &e), 0);
	assert_true(same_key(k[n - 1], dk));
	for (i = 0; i < n; i++)
		for (j = 0; j < i; j++)
			assert_false(same_key(k[i], k[j]));
	while (n > 0)
		secret_free(k[--n]);
	secret_free(dk);
}

/*
 * A thief of "thief" copies the boxes of "victim", whom it shares recipients
 * with, into a header of its own, and signs that.
 */
static size_t
forge(uint8_t *out, const struct head_place *at, enum head_kind kind,
    const struct key *thief, const uint8_t *victim, const struct head *v)
{
	const size_t	 boxes = v->nrecipients * (KEY_ID_LEN + KEY_LEN + 48);
	struct err	 e = ERR_INIT;
	struct head	 h;
	size_t		 end;

	assert_int_equal(head_begin(&h, kind, at, thief, &e), 0);
	fill(&h);
	h.codec = 0;
	assert_int_equal(h.nrecipients, v->nrecipients);
	assert_int_equal(head_encode(out, &h, at, thief, data_key, &e), 0);
	end = h.len - KEY_SIG_LEN - HEAD_FACTS;
	memcpy(out + end - boxes, victim + v->len - KEY_SIG_LEN - HEAD_FACTS -
	    boxes, boxes);
	oldhead_sign(out, h.len, thief);
	return (h.len);
}

/* Another signer, another place, another kind: accepted, and never opened. */
static void
test_forward(void **state)
{
	static const struct head_place	 there = {
		"main", UINT64_C(7000000000000000001), "wal/00000001/0000000A/"
		"000000010000000A00000000"
	}, b = { "b", 1, "wal/00000001/0000000A/000000010000000A000000FF" };
	struct key	 thief = *other.push, reader = *ring.restore;
	const struct {
		const struct key *by;
		const struct head_place *at;
		enum head_kind	 kind;
		int		 ok;
	} c[] = {
		{ ring.push, &here, HEAD_WAL, 1 }, { &thief, &b, HEAD_WAL, 0 },
		{ &thief, &here, HEAD_WAL, 0 },
		{ ring.push, &there, HEAD_WAL, 0 },
		{ ring.push, &here, HEAD_PACK, 0 },
		{ ring.push, &here, HEAD_MANIFEST, 0 }
	};
	static const uint8_t	 plain[] = "secret of A";
	uint8_t		 box[sizeof(plain) + SEAL_CHUNK_EXTRA];
	uint8_t		 got[sizeof(plain)], buf[HEAD_MAX], out[HEAD_MAX];
	struct secret	*key;
	struct head	 h, g;
	size_t		 i, n;

	(void)state;
	memcpy(thief.rec, ring.push->rec, sizeof(thief.rec));
	memcpy(reader.sig[1], key_signer(other.push, 0), KEY_LEN);
	reader.nsig = 2;
	h = encode(buf, &here, ring.push);
	key = payload_key(&h, &here);
	seal_chunk(box, plain, sizeof(plain), 0, key);
	secret_free(key);
	for (i = 0; i < LEN(c); i++) {
		struct err	 e = ERR_INIT;

		n = forge(out, c[i].at, c[i].kind, c[i].by, buf, &h);
		if (head_decode(&g, out, n, c[i].kind, c[i].at, &reader, &e) ||
		    head_open(&key, &g, out, c[i].at, &reader, &e))
			fail_msg("%zu: %s", i, e.msg);
		assert_int_equal(seal_chunk_open(got, box, sizeof(box), 0,
		    key, &e), c[i].ok ? 0 : -1);
		assert_int_equal(e.kind, c[i].ok ? ERR_NONE : ERR_CORRUPT);
		secret_free(key);
	}
}

/* Old content as new, new content as old, and fewer or other recipients. */
static void
test_relabel(void **state)
{
	struct key	 wide = *ring.push, reader = *ring.restore;
	struct err	 e = ERR_INIT;
	struct secret	*key, *made;
	uint8_t		 buf[HEAD_MAX], out[HEAD_MAX];
	struct head	 h, g, was;
	size_t		 n, box = KEY_ID_LEN + KEY_LEN + 48, end;

	(void)state;
	reader.words[0].v2_until_us = KEYPARTS_FOREVER;
	/* The data key, which sealed the payload of version 2, is not used. */
	was = encode_old(buf, 2, &here, ring.push);
	was.nrecipients = 1;
	was.len += HEAD_FACTS;		/* where forge() looks for boxes */
	n = forge(out, &here, HEAD_WAL, ring.push, buf, &was);
	assert_int_equal(open_at(&key, out, n, &here, &reader, &e), 0);
	assert_false(same_key(key, data_key));
	secret_free(key);

	/* Two recipients; the thief of the signer takes one out, or swaps. */
	memcpy(wide.rec[1], key_recipient(other.push, 0), KEY_LEN);
	wide.nrec = 2;
	h = encode(buf, &here, &wide);
	made = payload_key(&h, &here);
	assert_int_equal(open_at(&key, buf, h.len, &here, &reader, &e), 0);
	assert_true(same_key(key, made));
	secret_free(key);
	end = h.len - KEY_SIG_LEN - HEAD_FACTS;
	memcpy(out, buf, end - 2 * box);
	memcpy(out + end - 2 * box, buf + end - box, box);
	memcpy(out + end - box, buf + end - 2 * box, box);
	memset(out + end, 0, HEAD_FACTS);
	oldhead_sign(out, h.len, ring.push);
	assert_int_equal(open_at(&key, out, h.len, &here, &reader, &e), 0);
	assert_false(same_key(key, made));
	secret_free(key);

	g = encode(out, &here, ring.push);
	memcpy(out + g.len - KEY_SIG_LEN - HEAD_FACTS - box, buf + end -
	    2 * box, box);
	oldhead_sign(out, g.len, ring.push);
	assert_int_equal(open_at(&key, out, g.len, &here, &reader, &e), 0);
	assert_false(same_key(key, made));
	secret_free(key);
	secret_free(made);
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
		cmocka_unit_test(test_reserved),
		cmocka_unit_test(test_bind),
		cmocka_unit_test(test_forward),
		cmocka_unit_test(test_relabel),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_place_check),
		cmocka_unit_test(test_push_cannot_open),
		cmocka_unit_test(test_push_has_no_secret),
		cmocka_unit_test(test_other_keys),
		cmocka_unit_test(test_recipients),
		cmocka_unit_test(test_recipient_count),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_rotation),
		cmocka_unit_test(test_wrong_box),
	};

	return (cmocka_run_group_tests(tests, setup, teardown));
}
