/* SPDX-License-Identifier: ISC */
/*
 * Make, check and open the header of an object.
 *
 * A storage host may hand us any bytes under any name.  It could try: bytes
 * of its own (no signature: check_signature), another cluster's object, or
 * an older object under a newer name (the place is signed: check_place), a
 * manifest where WAL is expected (the kind is signed), a header or payload
 * with parts changed (all header bytes are signed, and they hold the hash and
 * the size of the payload), a header of absurd lengths (headparse.c: a cursor
 * that cannot overrun, and bounds on all counts).  It can withhold objects,
 * and no check here can help that.
 *
 * A thief of another push key can sign, too.  What it copied from somebody
 * else does not open (headkey.c), unless it is of an earlier version, which
 * only some signers may have used (check_version).  Once its key is retired
 * nothing counts that an inventory does not list (retired.c).
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include "base/bytes.h"
#include "base/str.h"
#include "crypt/head.h"
#include "crypt/headkey.h"
#include "crypt/headparse.h"
#include "crypt/retired.h"

#define BOX_LEN		HEADPARSE_BOX
#define RECIPIENT_LEN	HEADPARSE_RECIPIENT

_Static_assert(BOX_LEN == KEY_LEN + crypto_box_SEALBYTES, "sealed box");
_Static_assert(16 + 4 * 8 + 1 + HEAD_SERVER_MAX + 2 + HEAD_PATH_MAX +
    KEY_ID_LEN + 2 * HASH_LEN + KEY_MAX * RECIPIENT_LEN + HEAD_FACTS +
    KEY_SIG_LEN <= HEAD_MAX, "the longest header");

static const uint8_t context[] = "seawall object 1\n";

#define CONTEXT_LEN	(sizeof(context) - 1)

int
head_place_check(const struct head_place *at, struct err *e)
{
	const char	*const text[] = { at->server, at->path };
	const size_t	 max[] = { HEAD_SERVER_MAX, HEAD_PATH_MAX };
	char		 clean[64];
	size_t		 i, j, n;

	for (i = 0; i < 2; i++) {
		n = strlen(text[i]);
		for (j = 0; j < n && (uint8_t)text[i][j] >= ' '; j++)
			;
		/* A newline would let two places share one signed text. */
		if (n == 0 || n > max[i] || j < n)
			return (err_set(e, ERR_LOCAL, "place of an object: %s "
			    "\"%s\": expected 1 to %zu bytes of text",
			    i == 0 ? "server" : "path",
			    str_clean(clean, sizeof(clean), text[i], n),
			    max[i]));
	}
	return (0);
}

static size_t
len_with(size_t nrec, size_t facts, const struct head_place *at)
{
	return (16 + 4 * 8 + 1 + strlen(at->server) + 2 + strlen(at->path) +
	    KEY_ID_LEN + 2 * HASH_LEN + nrec * RECIPIENT_LEN + facts +
	    KEY_SIG_LEN);
}

/* Versions 1 and 2 have no facts. */
size_t
head_len_min(const struct head_place *at)
{
	return (len_with(1, 0, at));
}

int
head_begin(struct head *h, enum head_kind kind, const struct head_place *at,
    const struct key *key, struct err *e)
{
	size_t	 i;

	memset(h, 0, sizeof(*h));
	if (key_signer_seed(key) == NULL)
		return (err_set(e, ERR_CONFIG, "writing needs a .push key"));
	if (head_place_check(at, e) == -1)
		return (-1);
	h->version = HEAD_VERSION;
	h->kind = kind;
	memcpy(h->signer_key, key_signer(key, 0), KEY_LEN);
	key_id(h->signer, h->signer_key);
	h->nrecipients = key_recipients(key);
	for (i = 0; i < h->nrecipients; i++)
		key_id(h->recipient[i], key_recipient(key, i));
	h->len = len_with(h->nrecipients, HEAD_FACTS, at);
	return (0);
}

static void
put_fields(struct bytes_out *o, const struct head *h,
    const struct head_place *at)
{
	bytes_put(o, headparse_magic, HEADPARSE_MAGIC);
	bytes_put_u8(o, (uint8_t)h->version);
	bytes_put_u8(o, (uint8_t)h->kind);
	bytes_put_u16be(o, (uint16_t)h->len);
	bytes_put_u8(o, h->codec);
	bytes_put_u8(o, (uint8_t)h->nrecipients);
	bytes_put_u16be(o, 0);
	bytes_put_u64be(o, (uint64_t)h->created_us);
	bytes_put_u64be(o, h->plain_size);
	bytes_put_u64be(o, h->payload_size);
	bytes_put_u64be(o, at->system_id);
	bytes_put_u8(o, (uint8_t)strlen(at->server));
	bytes_put(o, at->server, strlen(at->server));
	bytes_put_u16be(o, (uint16_t)strlen(at->path));
	bytes_put(o, at->path, strlen(at->path));
	bytes_put(o, h->signer, KEY_ID_LEN);
	bytes_put(o, h->tag, HASH_LEN);
	bytes_put(o, h->payload_hash, HASH_LEN);
}

static int
put_boxes(struct bytes_out *o, const struct key *key,
    const struct secret *data_key, struct err *e)
{
	uint8_t	 id[KEY_ID_LEN], box[BOX_LEN];
	char	 hex[2 * KEY_ID_LEN + 1];
	size_t	 i;

	for (i = 0; i < key_recipients(key); i++) {
		key_id(id, key_recipient(key, i));
		/* It fails for a point that would give the key away. */
		if (crypto_box_seal(box, secret_bytes(data_key), KEY_LEN,
		    key_recipient(key, i)) != 0)
			return (err_set(e, ERR_CONFIG, "recipient %s of the "
			    "push key is not a valid X25519 key",
			    str_hex(hex, id, KEY_ID_LEN)));
		bytes_put(o, id, sizeof(id));
		bytes_put(o, box, sizeof(box));
	}
	return (0);
}

/*
 * Compose the text that is signed: the context, then the bytes.  The context
 * keeps a signature of a header from passing for one of a label or marker.
 */
static size_t
to_sign(uint8_t out[CONTEXT_LEN + HEAD_MAX], const uint8_t *buf, size_t n)
{
	memcpy(out, context, CONTEXT_LEN);
	memcpy(out + CONTEXT_LEN, buf, n);
	return (CONTEXT_LEN + n);
}

/* The key is the object's own and seals nothing else: no nonce is needed. */
static const uint8_t nonce[crypto_aead_xchacha20poly1305_ietf_NPUBBYTES];

_Static_assert(HEAD_FACTS_LEN + crypto_aead_xchacha20poly1305_ietf_ABYTES ==
    HEAD_FACTS, "sealed facts");

static int
put_facts(struct bytes_out *o, const struct head *h,
    const struct head_place *at, const struct secret *data_key, struct err *e)
{
	uint8_t		 sealed[HEAD_FACTS] = { 0 };
	struct secret	*key;

	if (h->facts != NULL) {
		if (headkey_facts(&key, h, at, data_key, e))
			return (-1);
		(void)crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL,
		    h->facts, HEAD_FACTS_LEN, NULL, 0, NULL, nonce,
		    secret_bytes(key));
		secret_free(key);
	}
	bytes_put(o, sealed, sizeof(sealed));
	return (0);
}

int
head_encode(uint8_t *buf, const struct head *h, const struct head_place *at,
    const struct key *key, const struct secret *data_key, struct err *e)
{
	struct bytes_out o = bytes_out_of(buf, HEAD_MAX);
	uint8_t		 sig[KEY_SIG_LEN], text[CONTEXT_LEN + HEAD_MAX];

	assert(secret_len(data_key) == KEY_LEN && h->version == HEAD_VERSION);
	/* The chunks of a pack say their codecs one by one. */
	assert(h->kind != HEAD_PACK || h->codec == 0);
	put_fields(&o, h, at);
	assert(h->kind == HEAD_WAL || h->facts == NULL);
	if (put_boxes(&o, key, data_key, e) == -1 ||
	    put_facts(&o, h, at, data_key, e) == -1)
		return (-1);
	/* The signature comes last, over all that stands before it. */
	assert(bytes_out_ok(&o) && o.n + KEY_SIG_LEN == h->len);
	key_sign(sig, key, text, to_sign(text, buf, o.n));
	bytes_put(&o, sig, sizeof(sig));
	assert(bytes_out_ok(&o));
	return (0);
}

/*
 * An earlier version does not bind the payload to its signer, so it counts
 * only from signers that wrote it once.  When that was is the signer's own
 * word: a thief of such a key can lie about it.
 */
static int
check_version(const struct head *h, size_t signer, const struct key *key,
    struct err *e)
{
	char	 hex[2 * KEY_ID_LEN + 1];

	if (h->version >= 3 || key_signed_v2(key, signer, h->created_us))
		return (0);
	return (err_set(e, ERR_CORRUPT, "format version %u does not count "
	    "from signer %s, by \"v2-until\" in the key file %s; the content "
	    "may be another object's", h->version,
	    str_hex(hex, h->signer, KEY_ID_LEN), key_file(key)));
}

static int
check_signature(const struct headparse *p, struct head *h,
    const uint8_t *buf, const struct key *key, size_t *signer, struct err *e)
{
	uint8_t	 text[CONTEXT_LEN + HEAD_MAX];
	size_t	 n = to_sign(text, buf, h->len - KEY_SIG_LEN);

	if (key_verify(key, signer, h->signer, p->sig, text, n, e) == -1 ||
	    check_version(h, *signer, key, e) == -1)
		return (err_ctx(e, "header"));
	memcpy(h->signer_key, key_signer(key, *signer), KEY_LEN);
	return (0);
}

/* What a thief signed is authentic by its signature, and does not count. */
static int
check_retired(const struct head *h, const uint8_t *buf,
    const struct head_place *at, const struct key *key, size_t signer,
    struct err *e)
{
	uint8_t	 hash[HASH_LEN];

	if (!retired_is(key, signer))
		return (0);
	hash_of(hash, buf, h->len);
	return (retired_check(key, signer, at, hash, e));
}

static const char *
kind_name(enum head_kind kind)
{
	switch (kind) {
	case HEAD_WAL:
		return ("WAL file");
	case HEAD_PACK:
		return ("pack");
	case HEAD_MANIFEST:
		return ("manifest");
	case HEAD_OPEN:
		return ("open object");
	}
	return ("unknown kind");
}

static int
same(const uint8_t *p, size_t n, const char *s)
{
	return (n == strlen(s) && memcmp(p, s, n) == 0);
}

static int
check_place(const struct headparse *p, const struct head *h,
    enum head_kind kind, const struct head_place *at, struct err *e)
{
	char	 server[HEAD_SERVER_MAX + 1], path[HEAD_PATH_MAX + 1];

	if (h->kind == kind && p->system_id == at->system_id &&
	    same(p->server, p->server_len, at->server) &&
	    same(p->path, p->path_len, at->path))
		return (0);
	return (err_set(e, ERR_CORRUPT, "header: found the %s %s/%" PRIu64
	    "/%s, expected the %s %s/%" PRIu64 "/%s; it was moved or swapped",
	    kind_name(h->kind),
	    str_clean(server, sizeof(server), p->server, p->server_len),
	    p->system_id, str_clean(path, sizeof(path), p->path, p->path_len),
	    kind_name(kind), at->server, at->system_id, at->path));
}

int
head_decode(struct head *h, const uint8_t *buf, size_t n, enum head_kind kind,
    const struct head_place *at, const struct key *key, struct err *e)
{
	struct headparse	 p;
	size_t			 signer;

	/* Only what is authentic can be said to be moved or swapped. */
	memset(h, 0, sizeof(*h));
	if (headparse_read(&p, h, buf, n, e) ||
	    check_signature(&p, h, buf, key, &signer, e) ||
	    check_place(&p, h, kind, at, e) ||
	    check_retired(h, buf, at, key, signer, e))
		return (-1);
	return (0);
}

int
head_fits(const struct head *h, const struct key *key)
{
	uint8_t	 id[KEY_ID_LEN];
	size_t	 i, j;

	/* The first signer of a push key is the one whose secret it holds. */
	key_id(id, key_signer(key, 0));
	if (memcmp(id, h->signer, KEY_ID_LEN) != 0)
		return (0);
	for (i = 0; i < key_recipients(key); i++) {
		key_id(id, key_recipient(key, i));
		for (j = 0; j < h->nrecipients; j++)
			if (memcmp(id, h->recipient[j], KEY_ID_LEN) == 0)
				break;
		if (j == h->nrecipients)
			return (0);
	}
	return (1);
}

/* No secret of ours fits: report whose would. */
static int
no_secret(const struct headparse *p, const struct key *key, struct err *e)
{
	char	 ids[KEY_MAX * (2 * KEY_ID_LEN + 1) + 1] = "";
	size_t	 i, at = 0;

	if (key_role(key) != KEY_RESTORE)
		return (err_set(e, ERR_CONFIG, "reading this needs a .restore "
		    "key; a .%s key cannot", keyrole_name(key_role(key))));
	for (i = 0; i < p->nrec; i++) {
		ids[at++] = ' ';
		(void)str_hex(ids + at, p->boxes + i * RECIPIENT_LEN,
		    KEY_ID_LEN);
		at += 2 * KEY_ID_LEN;
	}
	return (err_set(e, ERR_CONFIG, "is sealed to keys that the .restore "
	    "file does not hold:%s", ids));
}

/*
 * Open the data key with any secret that fits.  Ids only say which box may be
 * ours.  Two keys may share one, so every match is tried.
 */
static int
open_box(uint8_t data_key[KEY_LEN], const struct headparse *p,
    const struct key *key, struct err *e)
{
	const uint8_t	*box;
	uint8_t		 id[KEY_ID_LEN];
	size_t		 i, j, fits = 0;

	for (i = 0; key_role(key) == KEY_RESTORE && i < key_recipients(key);
	    i++)
		for (j = 0; j < p->nrec; j++) {
			key_id(id, key_recipient(key, i));
			box = p->boxes + j * RECIPIENT_LEN;
			if (memcmp(id, box, KEY_ID_LEN) != 0)
				continue;
			fits = 1;
			if (crypto_box_seal_open(data_key, box + KEY_ID_LEN,
			    BOX_LEN, key_recipient(key, i),
			    key_recipient_secret(key, i)) == 0)
				return (0);
		}
	return (fits ? err_set(e, ERR_CORRUPT,
	    "header: the sealed data key is damaged") :
	    no_secret(p, key, e));
}

/* The data key of the header "h" that head_decode() has made of "buf". */
static int
open_key(struct secret **out, struct headparse *p, const struct head *h,
    const uint8_t *buf, const struct key *key, struct err *e)
{
	struct head	 again;
	struct secret	*s;
	uint8_t		*to;

	if (headparse_read(p, &again, buf, h->len, e) ||
	    secret_new(&s, KEY_LEN, &to, e))
		return (-1);
	if (open_box(to, p, key, e)) {
		secret_free(s);
		return (-1);
	}
	secret_freeze(s);
	*out = s;
	return (0);
}

int
head_open(struct secret **out, const struct head *h, const uint8_t *buf,
    const struct head_place *at, const struct key *key, struct err *e)
{
	struct headparse p;
	struct secret	*data_key;
	int		 rc;

	if (open_key(&data_key, &p, h, buf, key, e))
		return (-1);
	rc = headkey_payload(out, h, at, data_key, e);
	secret_free(data_key);
	return (rc);
}

int
head_facts(uint8_t to[HEAD_FACTS_LEN], const struct head *h,
    const uint8_t *buf, const struct head_place *at, const struct key *key,
    struct err *e)
{
	struct headparse p;
	struct secret	*data_key, *facts_key;
	int		 rc;

	if (h->version < 3)
		return (1);
	if (open_key(&data_key, &p, h, buf, key, e))
		return (-1);
	rc = headkey_facts(&facts_key, h, at, data_key, e);
	secret_free(data_key);
	if (rc == -1)
		return (-1);
	if (sodium_is_zero(p.facts, HEAD_FACTS))
		rc = 1;
	else if (crypto_aead_xchacha20poly1305_ietf_decrypt(to, NULL, NULL,
	    p.facts, HEAD_FACTS, NULL, 0, nonce, secret_bytes(facts_key)) != 0)
		rc = err_set(e, ERR_CORRUPT, "header: its facts are not "
		    "authentic: they were sealed for another object");
	secret_free(facts_key);
	return (rc);
}
