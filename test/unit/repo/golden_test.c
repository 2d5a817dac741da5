/* SPDX-License-Identifier: ISC */
/*
 * Golden objects decode for ever; bad- files never do, each for its reason.
 * With GOLDEN_WRITE=DIR they are made there instead, from the keys in
 * test/data: once, when a format gains a kind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <sodium.h>

#include "base/io.h"
#include "base/str.h"
#include "crypt/head.h"
#include "crypt/headkey.h"
#include "crypt/key.h"
#include "crypt/keyform.h"
#include "crypt/keyparts.h"
#include "crypt/keypass.h"
#include "crypt/keytext.h"
#include "crypt/seal.h"
#include "crypt/sign.h"
#include "crypt/tag.h"
#include "keyring.h"
#include "memsink.h"
#include "oldhead.h"

#define LEN(a)	(sizeof(a) / sizeof((a)[0]))
#define DATA	"test/data"
#define ROOM	4096
#define TAG_AT	83			/* "main", "wal/00000002.history" */

static const char	 content[] = "1\t0/3000000\tno recovery target "
    "specified\n";
static const char	 marker[] = "{\"server\": \"main\", "
    "\"system_identifier\": \"7000000000000000001\", "
    "\"repository_id\": \"00112233445566778899aabbccddeeff\", "
    "\"wal_segment_size\": 16777216, "
    "\"created\": \"2026-11-22T04:00:01.123456Z\", "
    "\"seawall\": \"0.1.0\"}";

static const struct head_place	 wal_at = {
	"main", UINT64_C(7000000000000000001), "wal/00000002.history"
};
static const struct head_place	 marker_at = {
	"main", UINT64_C(7000000000000000001), "system"
};
static struct keyring		 ring;

/* An object in the making: change it, sign it again, or not. */
struct object {
	uint8_t	 p[ROOM];
	size_t	 n, head, facts;	/* lengths: its own, and in it */
};

/* What its header says, and what its payload was sealed for. */
struct recipe {
	unsigned		 version, sealed_version;	/* 2 or 3 */
	const struct head_place	*at, *sealed_at;
	enum head_kind		 sealed_kind;
	unsigned char		 tag;		/* of the last frame */
};

static int
setup(void **state)
{
	(void)state;
	keyring_open(&ring, DATA "/golden");
	return (0);
}

static int
teardown(void **state)
{
	(void)state;
	keyring_close(&ring);
	return (0);
}

/* Seal "content" by hand, the last frame with r->tag. */
static void
seal(uint8_t *to, const struct recipe *r, const struct secret *data_key)
{
	crypto_secretstream_xchacha20poly1305_state st;
	struct head	 h;
	struct err	 e = ERR_INIT;
	struct secret	*key;

	assert_int_equal(head_begin(&h, r->sealed_kind, r->sealed_at,
	    ring.push, &e), 0);
	h.version = r->sealed_version;
	assert_int_equal(headkey_payload(&key, &h, r->sealed_at, data_key,
	    &e), 0);
	(void)crypto_secretstream_xchacha20poly1305_init_push(&st, to,
	    secret_bytes(key));
	(void)crypto_secretstream_xchacha20poly1305_push(&st, to + 24, NULL,
	    (const uint8_t *)content, sizeof(content) - 1, NULL, 0, r->tag);
	secret_free(key);
}

static void
make(struct object *o, const struct recipe *r)
{
	const size_t	 n = 24 + sizeof(content) - 1 + 17;
	uint8_t		 payload[24 + sizeof(content) - 1 + 17];
	struct head	 h;
	struct err	 e = ERR_INIT;
	struct secret	*dk;
	struct hash	*tagger;

	assert_int_equal(secret_random(&dk, KEY_LEN, &e), 0);
	seal(payload, r, dk);
	assert_int_equal(head_begin(&h, HEAD_WAL, r->at, ring.push, &e), 0);
	h.created_us = INT64_C(1795320001123456);
	h.plain_size = sizeof(content) - 1;
	h.payload_size = n;
	hash_of(h.payload_hash, payload, n);
	assert_int_equal(tag_new(&tagger, 2, r->at, ring.push, &e), 0);
	hash_add(tagger, content, sizeof(content) - 1);
	hash_final(tagger, h.tag);
	hash_free(tagger);
	o->head = h.len;
	o->facts = HEAD_FACTS;
	if (r->version == 3)
		assert_int_equal(head_encode(o->p, &h, r->at, ring.push, dk,
		    &e), 0);
	else {
		h.version = r->version;
		o->head = oldhead_encode(o->p, &h, r->at, ring.push, dk);
		o->facts = 0;
	}
	o->n = o->head + n;
	memcpy(o->p + o->head, payload, n);
	secret_free(dk);
}

/* Take the only one out, so that every length is right. */
static void
drop_recipient(struct object *o)
{
	size_t	 end = o->head - o->facts - KEY_SIG_LEN;
	size_t	 box = KEY_ID_LEN + 80;

	o->p[13] = 0;
	memmove(o->p + end - box, o->p + end, o->n - end);
	o->n -= box;
	o->head -= box;
	o->p[10] = (uint8_t)(o->head >> 8);
	o->p[11] = (uint8_t)o->head;
}

/* Where the payload was meant for something else. */
static int
misuse(struct recipe *r, const char *fault)
{
	static const struct head_place	 history_3 = {
		"main", UINT64_C(7000000000000000001), "wal/00000003.history"
	}, test = {
		"test", UINT64_C(7000000000000000001), "wal/00000002.history"
	}, system_2 = {
		"main", UINT64_C(7000000000000000002), "wal/00000002.history"
	};

	if (strcmp(fault, "place-path") == 0)
		r->at = r->sealed_at = &history_3;
	else if (strcmp(fault, "place-server") == 0)
		r->at = r->sealed_at = &test;
	else if (strcmp(fault, "place-system") == 0)
		r->at = r->sealed_at = &system_2;
	else if (strcmp(fault, "payload-no-final") == 0)
		r->tag = crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
	else if (strcmp(fault, "bind-path") == 0)
		r->sealed_at = &history_3;
	else if (strcmp(fault, "bind-server") == 0)
		r->sealed_at = &test;
	else if (strcmp(fault, "bind-system") == 0)
		r->sealed_at = &system_2;
	else if (strcmp(fault, "bind-kind") == 0)
		r->sealed_kind = HEAD_MANIFEST;
	else if (strcmp(fault, "bind-none") == 0)
		r->sealed_version = 2;
	else if (strcmp(fault, "bind-downgraded") == 0)
		r->version = 2;
	else
		return (0);
	return (1);
}

/* What is wrong with the bytes of a header. */
static int
spoil_head(struct object *o, const char *fault)
{
	if (strcmp(fault, "head-cut") == 0)
		o->n = 100;
	else if (strcmp(fault, "head-signature") == 0)
		o->p[o->head - 1] ^= 1;
	else if (strcmp(fault, "head-magic") == 0)
		o->p[7] = '\r';
	else if (strcmp(fault, "head-version") == 0)
		o->p[8]++;
	else if (strcmp(fault, "head-version-0") == 0)
		o->p[8] = 0;
	else if (strcmp(fault, "head-relabelled") == 0)
		o->p[8]--;
	else if (strcmp(fault, "head-tag") == 0)
		o->p[TAG_AT] ^= 1;
	else if (strcmp(fault, "head-facts") == 0)
		o->p[o->head - KEY_SIG_LEN - 1] ^= 1;
	else if (strcmp(fault, "head-kind") == 0)
		o->p[9] = HEAD_MANIFEST;
	else if (strcmp(fault, "head-open") == 0)
		o->p[9] = HEAD_OPEN;
	else if (strcmp(fault, "head-codec") == 0)
		o->p[12] = o->facts > 0 ? 4 : 3;
	else if (strcmp(fault, "head-no-recipients") == 0)
		drop_recipient(o);
	else if (strcmp(fault, "head-reserved") == 0)
		o->p[15] = 1;
	else if (strcmp(fault, "head-length") == 0)
		o->p[11]--;
	else
		return (0);
	if (strcmp(fault, "head-signature") != 0 &&
	    strcmp(fault, "head-relabelled") != 0 &&
	    strcmp(fault, "head-facts") != 0 && strcmp(fault, "head-tag") != 0)
		oldhead_sign(o->p, o->head, ring.push);
	return (1);
}

/*
 * What each bad- object is: test/data/README says it in words.  Those with a
 * 3 in their name have a header of version 3.
 */
static void
spoil(struct object *o, const char *name)
{
	const unsigned	 version = strncmp(name, "bad-3-", 6) == 0 ||
	    strcmp(name, "golden-wal-3") == 0 ? 3 : 2;
	struct recipe	 r = { version, version, &wal_at, &wal_at, HEAD_WAL,
	    crypto_secretstream_xchacha20poly1305_TAG_FINAL };
	const char	*fault = name + (version == 3 ? 6 : 4);
	uint8_t		*old;

	if (strcmp(name, "golden-wal") == 0) {
		old = oldhead_object(&o->n, 1, INT64_C(1795320001123456),
		    &wal_at, content, sizeof(content) - 1, ring.push);
		memcpy(o->p, old, o->n);
		free(old);
		return;
	}
	if (misuse(&r, fault)) {
		make(o, &r);
		return;
	}
	make(o, &r);
	if (strcmp(fault, "payload-flipped") == 0)
		o->p[o->n - 20] ^= 0x10;
	else if (strcmp(fault, "payload-cut") == 0)
		o->n--;
	else if (strcmp(fault, "payload-extended") == 0)
		o->p[o->n++] = '\n';
	else if (!spoil_head(o, fault))
		assert_true(str_begins(name, "golden-wal-"));
}

/* A reader as FORMAT.md asks for: nothing is believed before it is proved. */
static int
read_wal(const uint8_t *p, size_t n, struct memsink *m, struct err *e)
{
	uint8_t		 sum[HASH_LEN];
	struct secret	*dk = NULL;
	struct sink	*s = &m->base;
	struct head	 h;
	int		 rc = -1;

	if (head_decode(&h, p, n, HEAD_WAL, &wal_at, ring.restore, e))
		return (-1);
	if (h.payload_size != n - h.len)
		return (err_set(e, ERR_CORRUPT, "size: cut or extended"));
	if (head_open(&dk, &h, p, &wal_at, ring.restore, e) ||
	    seal_unsink_stack(&s, dk, e) ||
	    sink_write(s, p + h.len, n - h.len, e) ||
	    sink_finish(s, e))
		goto out;
	hash_of(sum, p + h.len, n - h.len);
	if (memcmp(sum, h.payload_hash, HASH_LEN) != 0 ||
	    m->n != h.plain_size)
		err_set(e, ERR_CORRUPT, "payload: not what was signed");
	else
		rc = 0;
out:
	sink_free(s);
	secret_free(dk);
	return (rc);
}

static const struct {
	const char	*name, *msg;		/* msg NULL: good */
} objects[] = {
	{ "golden-wal", NULL },
	{ "golden-wal-2", NULL },
	{ "golden-wal-3", NULL },
	{ "bad-head-cut", "header: cut short, 100 bytes" },
	{ "bad-head-signature", "is wrong: damaged, forged" },
	{ "bad-head-magic", "does not begin like a Seawall object" },
	{ "bad-head-version", "header: malformed" },
	{ "bad-head-version-0", "format version 0; this program knows" },
	{ "bad-head-relabelled", "is wrong: damaged, forged" },
	{ "bad-head-tag", "is wrong: damaged, forged" },
	{ "bad-head-kind", "found the manifest main/" },
	{ "bad-head-codec", "header: malformed" },
	{ "bad-head-no-recipients", "header: malformed" },
	{ "bad-head-reserved", "header: malformed" },
	{ "bad-head-length", "header: malformed" },
	{ "bad-place-path", "/wal/00000003.history, expected the WAL file" },
	{ "bad-place-server", "found the WAL file test/" },
	{ "bad-place-system", "found the WAL file main/7000000000000000002/" },
	{ "bad-payload-flipped", "the encrypted data is not authentic" },
	{ "bad-payload-cut", "size: cut or extended" },
	{ "bad-payload-extended", "size: cut or extended" },
	{ "bad-payload-no-final", "the encrypted data is cut short" },
	{ "bad-3-head-cut", "header: cut short, 100 bytes" },
	{ "bad-3-head-signature", "is wrong: damaged, forged" },
	{ "bad-3-head-magic", "does not begin like a Seawall object" },
	{ "bad-3-head-version", "format version 4; this program knows" },
	{ "bad-3-head-relabelled", "header: malformed" },
	{ "bad-3-head-tag", "is wrong: damaged, forged" },
	{ "bad-3-head-facts", "is wrong: damaged, forged" },
	{ "bad-3-head-kind", "found the manifest main/" },
	{ "bad-3-head-open", "header: malformed" },
	{ "bad-3-head-codec", "header: malformed" },
	{ "bad-3-head-no-recipients", "header: malformed" },
	{ "bad-3-head-reserved", "header: malformed" },
	{ "bad-3-head-length", "header: malformed" },
	{ "bad-3-place-path", "/wal/00000003.history, expected the WAL file" },
	{ "bad-3-place-server", "found the WAL file test/" },
	{ "bad-3-place-system", "WAL file main/7000000000000000002/" },
	{ "bad-3-payload-flipped", "the encrypted data is not authentic" },
	{ "bad-3-payload-cut", "size: cut or extended" },
	{ "bad-3-payload-extended", "size: cut or extended" },
	{ "bad-3-payload-no-final", "the encrypted data is cut short" },
	{ "bad-3-bind-path", "the encrypted data is not authentic" },
	{ "bad-3-bind-server", "the encrypted data is not authentic" },
	{ "bad-3-bind-system", "the encrypted data is not authentic" },
	{ "bad-3-bind-kind", "the encrypted data is not authentic" },
	{ "bad-3-bind-none", "the encrypted data is not authentic" },
	{ "bad-3-bind-downgraded", "the encrypted data is not authentic" },
};

static const struct {
	const char	*name, *msg;
} markers[] = {
	{ "golden-marker", NULL },
	{ "bad-marker-text", "is wrong: damaged, forged" },
	{ "bad-marker-cut", "the marker is cut short" },
	{ "bad-marker-version", "is a marker of format version 2" },
	{ "bad-marker-label", "found a label, expected a marker" },
	{ "bad-marker-place", "is wrong: damaged, forged or of another" },
	{ "bad-marker-upper-case", "signature is malformed" },
};

/* Keys of both versions; beside golden.push, .restore and .public. */
static const struct {
	const char	*name, *msg;		/* msg NULL: good */
} keys[] = {
	{ "golden-2.push", NULL },
	{ "golden-2.restore", NULL },
	{ "golden-2.public", NULL },
	{ "golden-2-sealed.restore", NULL },
	{ "bad-key-version", "is a public key of version 3" },
	{ "bad-key-check", "its check word does not fit" },
	{ "bad-key-trailing", "does not end with a line \"check\"" },
	{ "bad-key-order", "line 3: expected recipient" },
	{ "bad-key-unknown", "line 4: expected signer" },
	{ "bad-key-twice", "line 4: the same recipient again" },
	{ "bad-key-words-1", "line 4: signer: expected 64 lower-case" },
	{ "bad-key-words", "line 4: signer: expected \"v2-until YYYY" },
	{ "bad-key-drill", "same key as signer and as drill-signer" },
	{ "bad-key-bound", "was changed by somebody" },
	{ "bad-key-unbound", "line 6: expected bound" },
	{ "bad-key-downgraded", "wrong passphrase" },
};

/* What protects the sealed ones among them. */
#define PASSPHRASE	"golden"
#define CHEAP		"argon2id 1 8192 000102030405060708090a0b0c0d0e0f"

static struct secret *
passphrase(void)
{
	struct err	 e = ERR_INIT;
	struct secret	*s;
	uint8_t		*p;

	assert_int_equal(secret_new(&s, sizeof(PASSPHRASE) - 1, &p, &e), 0);
	memcpy(p, PASSPHRASE, sizeof(PASSPHRASE) - 1);
	return (s);
}

static void
load(const char *name, char **p, size_t *n)
{
	struct err	 e = ERR_INIT;
	char		 path[128];

	(void)snprintf(path, sizeof(path), DATA "/%s", name);
	if (io_load(path, 65536, p, n, &e) != 0)
		fail_msg("%s: %s", path, e.msg);
}

static void
assert_verdict(int rc, const struct err *e, enum err_kind kind,
    const char *name, const char *msg)
{
	if (msg == NULL) {
		if (rc != 0)
			fail_msg("%s: %s", name, e->msg);
		return;
	}
	if (rc != -1 || e->kind != kind || strstr(e->msg, msg) == NULL)
		fail_msg("%s: expected %s, found %d %s", name, msg, rc,
		    e->msg);
}

static void
test_objects(void **state)
{
	struct memsink	 m;
	char		*p;
	size_t		 i, n;

	(void)state;
	for (i = 0; i < LEN(objects); i++) {
		struct err	 e = ERR_INIT;

		load(objects[i].name, &p, &n);
		memsink_init(&m);
		assert_verdict(read_wal((uint8_t *)p, n, &m, &e), &e,
		    ERR_CORRUPT, objects[i].name, objects[i].msg);
		assert_int_equal(m.finished, objects[i].msg == NULL);
		if (m.finished) {
			assert_int_equal(m.n, sizeof(content) - 1);
			assert_memory_equal(m.p, content, m.n);
		}
		free(m.p);
		free(p);
	}
}

/* The tags in the golden objects are those that their keys make today. */
static void
test_tag(void **state)
{
	static const char *const names[] = {
		"golden-wal", "golden-wal-2", "golden-wal-3"
	};
	struct err	 e = ERR_INIT;
	struct head	 h;
	struct hash	*tagger;
	uint8_t		 tag[HASH_LEN];
	char		*p;
	size_t		 i, n;

	(void)state;
	for (i = 0; i < LEN(names); i++) {
		load(names[i], &p, &n);
		assert_int_equal(head_decode(&h, (uint8_t *)p, n, HEAD_WAL,
		    &wal_at, ring.push, &e), 0);
		assert_int_equal(h.version, i + 1);
		assert_int_equal(tag_new(&tagger, h.version, &wal_at,
		    ring.push, &e), 0);
		hash_add(tagger, content, sizeof(content) - 1);
		hash_final(tagger, tag);
		hash_free(tagger);
		assert_memory_equal(tag, h.tag, HASH_LEN);
		assert_memory_equal(tag, p + TAG_AT, HASH_LEN);
		assert_int_equal(h.created_us, INT64_C(1795320001123456));
		free(p);
	}
}

static void
test_markers(void **state)
{
	const char	*text;
	char		*p;
	size_t		 i, n, len;

	(void)state;
	for (i = 0; i < LEN(markers); i++) {
		struct err	 e = ERR_INIT;

		load(markers[i].name, &p, &n);
		assert_verdict(sign_check(&text, &len, p, n, "marker",
		    &marker_at, ring.public, &e), &e, ERR_CORRUPT,
		    markers[i].name, markers[i].msg);
		if (markers[i].msg == NULL) {
			assert_int_equal(len, sizeof(marker));
			assert_memory_equal(text, marker, len - 1);
		}
		free(p);
	}
}

/* The secrets are golden.push's and .restore's; so are the words for ever. */
static void
assert_golden(const struct key *k, const char *name)
{
	assert_memory_equal(key_recipient(k, 0), key_recipient(ring.push, 0),
	    KEY_LEN);
	assert_memory_equal(key_signer(k, 0), key_signer(ring.push, 0),
	    KEY_LEN);
	if (strcmp(name, "golden-2-sealed.restore") == 0)
		return;
	assert_int_equal(k->nsig, 3);
	assert_int_equal(k->words[1].v2_until_us,
	    INT64_C(1795320001) * 1000000);
	assert_int_equal(k->words[1].retired, 1);
	assert_int_equal(k->words[2].v2_until_us, 0);
	assert_int_equal(k->words[2].retired, 0);
	assert_int_equal(k->words[0].v2_until_us, KEYPARTS_FOREVER);
	assert_int_equal(k->ndrill, 1);
}

static void
test_keys(void **state)
{
	struct secret	*pass = passphrase();
	struct key	*k;
	char		*p;
	size_t		 i, n;
	int		 rc;

	(void)state;
	for (i = 0; i < LEN(keys); i++) {
		struct err	 e = ERR_INIT;

		load(keys[i].name, &p, &n);
		assert_non_null(k = calloc(1, sizeof(*k)));
		rc = keytext_parse(k, p, n, pass, &e);
		assert_verdict(rc, &e, ERR_CONFIG, keys[i].name, keys[i].msg);
		if (keys[i].msg == NULL)
			assert_golden(k, keys[i].name);
		key_free(k);
		free(p);
	}
	secret_free(pass);
}

/* Every file has its line. */
static void
test_readme(void **state)
{
	char	*readme, line[64];
	size_t	 i, n;

	(void)state;
	load("README", &readme, &n);
	for (i = 0; i < LEN(objects) + LEN(markers) + LEN(keys); i++) {
		(void)snprintf(line, sizeof(line), "\n%s\t", i < LEN(objects) ?
		    objects[i].name : i < LEN(objects) + LEN(markers) ?
		    markers[i - LEN(objects)].name :
		    keys[i - LEN(objects) - LEN(markers)].name);
		if (strstr(readme, line) == NULL)
			fail_msg("README says nothing of%s", line + 1);
	}
	free(readme);
}

static void
save(const char *name, const void *p, size_t n)
{
	const char	*dir = getenv("GOLDEN_WRITE");
	struct err	 e = ERR_INIT;
	char		 path[4096];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (io_save(path, 0644, p, n, 0, &e) == -1 && e.kind != ERR_CONFLICT)
		fail_msg("%s", e.msg);
}

static void
write_marker(const char *name)
{
	struct head_place	 at = marker_at;
	struct err		 e = ERR_INIT;
	char			*p, *c;
	size_t			 n;

	if (strcmp(name, "bad-marker-place") == 0)
		at.system_id++;
	assert_int_equal(sign_text(&p, &n, strcmp(name, "bad-marker-label") ==
	    0 ? "label" : "marker", &at, marker, ring.push, &e), 0);
	if (strcmp(name, "bad-marker-text") == 0)
		memcpy(strstr(p, "16777216"), "16777217", 8);
	else if (strcmp(name, "bad-marker-cut") == 0)
		n--;
	else if (strcmp(name, "bad-marker-version") == 0)
		p[15] = '2';
	else if (strcmp(name, "bad-marker-upper-case") == 0)
		for (c = p + 17; *c != '\n'; c++)
			if (*c >= 'a' && *c <= 'f')
				*c = (char)(*c - 'a' + 'A');
	save(name, p, n);
	free(p);
}

/* Public keys of nobody. */
static const uint8_t	 nobody[3][KEY_LEN] = { { 1 }, { 2 }, { 3 } };

/* All that version 2 can say, from golden.*'s secrets. */
static void
write_key_2(const char *name)
{
	const enum key_role	 role = strstr(name, ".push") != NULL ?
	    KEY_PUSH : strstr(name, ".public") != NULL ? KEY_PUBLIC :
	    KEY_RESTORE;
	struct key		 k = *ring.push;
	struct err		 e = ERR_INIT;
	struct secret		*text;

	k.rec_secret = ring.restore->rec_secret;
	memcpy(k.sig[1], nobody[0], KEY_LEN);
	memcpy(k.sig[2], nobody[1], KEY_LEN);
	k.words[1] = (struct key_words){ INT64_C(1795320001) * 1000000, 1 };
	k.nsig = 3;
	memcpy(k.drill[0], nobody[2], KEY_LEN);
	k.ndrill = 1;
	assert_int_equal(keyform_text(&text, &k, role,
	    INT64_C(1795320001) * 1000000, NULL, &e), 0);
	save(name, secret_bytes(text), secret_len(text));
	secret_free(text);
}

static void
end_key(const char *name, char *text, size_t n, size_t room)
{
	uint8_t	 sum[HASH_LEN];
	char	 word[9];

	hash_of(sum, text, n);
	if (strcmp(name, "bad-key-check") == 0)
		sum[0] ^= 1;
	n += (size_t)snprintf(text + n, room - n, "check %s\n%s",
	    str_hex(word, sum, 4), strcmp(name, "bad-key-trailing") == 0 ?
	    "# end\n" : "");
	save(name, text, n);
}

static void
write_sealed(const char *name)
{
	struct keypass	 kp = { .ops = 1, .mem = 8192 };
	struct secret	*pass = passphrase(), *derived, *seal;
	struct err	 e = ERR_INIT;
	uint8_t		 box[KEYPASS_SEALED], sum[KEY_LEN];
	char		 text[2048], hex[2][2 * KEYPASS_SEALED + 1];
	const int	 down = strcmp(name, "bad-key-downgraded") == 0;
	size_t		 i, n;

	for (i = 0; i < KEYPASS_SALT; i++)
		kp.salt[i] = (uint8_t)i;
	assert_int_equal(keypass_derive(&derived, &kp, pass, &e), 0);
	assert_int_equal(keypass_purpose(&seal, derived, KEYPASS_SEAL, &e), 0);
	keypass_seal(box, key_recipient_secret(ring.restore, 0), seal);
	n = (size_t)snprintf(text, sizeof(text), "seawall restore key %d\n"
	    "created 2026-11-22T04:00:01Z\n" CHEAP "\n"
	    "recipient-secret-sealed %s\nsigner %s\n", down ? 1 : 2,
	    str_hex(hex[0], box, sizeof(box)),
	    str_hex(hex[1], key_signer(ring.push, 0), KEY_LEN));
	assert_int_equal(keypass_bound(sum, derived, text, n, &e), 0);
	if (strcmp(name, "bad-key-bound") == 0)
		text[n - 2] = text[n - 2] == '0' ? '1' : '0';
	if (!down && strcmp(name, "bad-key-unbound") != 0)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "bound %s\n",
		    str_hex(hex[0], sum, sizeof(sum)));
	end_key(name, text, n, sizeof(text));
	secret_free(seal);
	secret_free(derived);
	secret_free(pass);
}

static void
write_key(const char *name)
{
	static const char	 order[] = "seawall public key %s\n"
	    "created 2026-11-22T04:00:01Z\n%s%s%s";
	const char	*version = "1", *a, *b, *c = "";
	char		 rec[80], sig[80], drill[80], words[128], hex[65];
	char		 text[1024];

	str_hex(hex, key_recipient(ring.push, 0), KEY_LEN);
	(void)snprintf(rec, sizeof(rec), "recipient %s\n", hex);
	str_hex(hex, key_signer(ring.push, 0), KEY_LEN);
	(void)snprintf(sig, sizeof(sig), "signer %s\n", hex);
	(void)snprintf(drill, sizeof(drill), "drill-signer %s\n", hex);
	(void)snprintf(words, sizeof(words), "signer %s retired v2-until "
	    "2026-11-22T04:00:01Z\n", hex);
	a = rec;
	b = sig;
	if (strcmp(name, "bad-key-version") == 0)
		version = "3";
	else if (strcmp(name, "bad-key-order") == 0)
		a = sig, b = rec;
	else if (strcmp(name, "bad-key-unknown") == 0)
		b = "comment hello\n", c = sig;
	else if (strcmp(name, "bad-key-twice") == 0)
		b = rec, c = sig;
	else if (strcmp(name, "bad-key-words-1") == 0)
		b = words;
	else if (strcmp(name, "bad-key-words") == 0)
		version = "2", b = words;
	else if (strcmp(name, "bad-key-drill") == 0)
		version = "2", c = drill;
	end_key(name, text, (size_t)snprintf(text, sizeof(text), order,
	    version, a, b, c), sizeof(text));
}

static void
write_all(void **state)
{
	struct object	 o;
	size_t		 i;

	(void)state;
	for (i = 0; i < LEN(objects); i++) {
		spoil(&o, objects[i].name);
		save(objects[i].name, o.p, o.n);
	}
	for (i = 0; i < LEN(markers); i++)
		write_marker(markers[i].name);
	for (i = 0; i < LEN(keys); i++) {
		if (strstr(keys[i].name, "sealed") != NULL ||
		    strstr(keys[i].name, "bound") != NULL ||
		    strstr(keys[i].name, "downgraded") != NULL)
			write_sealed(keys[i].name);
		else if (str_begins(keys[i].name, "golden-2"))
			write_key_2(keys[i].name);
		else
			write_key(keys[i].name);
	}
}

int
main(void)
{
	const struct CMUnitTest	 writer[] = {
		cmocka_unit_test(write_all),
	};
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_objects),
		cmocka_unit_test(test_tag),
		cmocka_unit_test(test_markers),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_readme),
	};

	if (getenv("GOLDEN_WRITE") != NULL)
		return (cmocka_run_group_tests(writer, setup, teardown));
	return (cmocka_run_group_tests(tests, setup, teardown));
}
