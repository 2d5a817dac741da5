/* SPDX-License-Identifier: ISC */
/*
 * Make and check the frames of an open object.
 *
 * An attacker who holds the bytes may cut, repeat, swap or drop frames, or
 * take them from another object of the same signer.  The signature of each
 * covers the chain, which is the hash of everything before it, header and
 * place included; so a frame counts only behind exactly the frames that it was
 * written behind.  A recipient, who has the payload's key, lacks the signer's
 * secret.  What remains is a cut at the end of a frame, which nobody can see
 * who does not remember how far it went.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "base/bytes.h"
#include "crypt/headkey.h"
#include "crypt/openframe.h"

_Static_assert(OPENFRAME_STREAM ==
    crypto_secretstream_xchacha20poly1305_HEADERBYTES &&
    OPENFRAME_EXTRA == crypto_secretstream_xchacha20poly1305_ABYTES,
    "secretstream");

static const char	 context[] = "seawall open frame 1\n";

#define CONTEXT		(sizeof(context) - 1)
#define PREFIX		(CONTEXT + HASH_LEN)	/* text and chain */
#define TAG		crypto_secretstream_xchacha20poly1305_TAG_MESSAGE

struct openframe {
	const struct key	*key;		/* that signs */
	uint8_t			 signer[KEY_LEN];
	int			 opens;
	crypto_secretstream_xchacha20poly1305_state st;
	/* What is signed: the text, the chain, the frame; its signature. */
	uint8_t			 text[PREFIX + OPENFRAME_MAX];
};

static int
frames_new(struct openframe **out, struct err *e)
{
	struct openframe	*f;

	if ((f = calloc(1, sizeof(*f))) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for an open object"));
	memcpy(f->text, context, CONTEXT);
	*out = f;
	return (0);
}

/* The chain goes on: what is hashed is the chain so far and the frame. */
static void
chain_on(struct openframe *f, size_t frame_n)
{
	uint8_t	 next[HASH_LEN];

	hash_of(next, f->text + CONTEXT, HASH_LEN + frame_n);
	memcpy(f->text + CONTEXT, next, HASH_LEN);
}

int
openframe_begin(struct openframe **out, uint8_t *buf, size_t *n,
    const struct head *h, const struct head_place *at, const struct key *key,
    struct err *e)
{
	struct openframe	*f = NULL;
	struct secret		*data_key = NULL, *payload_key = NULL;
	int			 rc = -1;

	if (frames_new(&f, e) || secret_random(&data_key, KEY_LEN, e) ||
	    headkey_payload(&payload_key, h, at, data_key, e) ||
	    head_encode(buf, h, at, key, data_key, e))
		goto out;
	f->key = key;
	hash_of(f->text + CONTEXT, buf, h->len);
	(void)crypto_secretstream_xchacha20poly1305_init_push(&f->st,
	    buf + h->len, secret_bytes(payload_key));
	*n = h->len + OPENFRAME_STREAM;
	*out = f;
	f = NULL;
	rc = 0;
out:
	secret_free(data_key);
	secret_free(payload_key);
	openframe_free(f);
	return (rc);
}

void
openframe_seal(struct openframe *f, uint64_t lsn, uint32_t wal,
    const void *packed, size_t n, const uint8_t **frame, size_t *frame_n)
{
	uint8_t			*p = f->text + PREFIX;
	struct bytes_out	 o = bytes_out_of(p, OPENFRAME_HEAD);
	const size_t		 sealed = n + OPENFRAME_EXTRA;

	assert(n > 0 && sealed <= OPENFRAME_SEALED_MAX && wal > 0 &&
	    wal <= OPENFRAME_WAL_MAX);
	bytes_put_u64be(&o, lsn);
	bytes_put_u32be(&o, wal);
	bytes_put_u32be(&o, (uint32_t)sealed);
	(void)crypto_secretstream_xchacha20poly1305_push(&f->st,
	    p + OPENFRAME_HEAD, NULL, packed, n, p, OPENFRAME_HEAD, TAG);
	key_sign(p + OPENFRAME_HEAD + sealed, f->key, f->text, PREFIX +
	    OPENFRAME_HEAD + sealed);
	*frame = p;
	*frame_n = OPENFRAME_HEAD + sealed + OPENFRAME_SIG;
	chain_on(f, *frame_n);
}

int
openframe_read(struct openframe **out, const struct head *h,
    const uint8_t *buf, const uint8_t *stream, const struct head_place *at,
    const struct key *key, int opens, struct err *e)
{
	struct openframe	*f = NULL;
	struct secret		*payload_key = NULL;
	int			 rc = -1;

	if (frames_new(&f, e) ||
	    (opens && head_open(&payload_key, h, buf, at, key, e)))
		goto out;
	f->opens = opens;
	memcpy(f->signer, h->signer_key, KEY_LEN);
	hash_of(f->text + CONTEXT, buf, h->len);
	/* A bad stream header shows when the first frame does not open. */
	if (opens)
		(void)crypto_secretstream_xchacha20poly1305_init_pull(&f->st,
		    stream, secret_bytes(payload_key));
	*out = f;
	f = NULL;
	rc = 0;
out:
	secret_free(payload_key);
	openframe_free(f);
	return (rc);
}

int
openframe_head(const uint8_t *head, uint64_t lsn, uint32_t *wal,
    size_t *sealed)
{
	struct bytes	 b = bytes_of(head, OPENFRAME_HEAD);
	uint64_t	 at = bytes_u64be(&b);

	*wal = bytes_u32be(&b);
	*sealed = bytes_u32be(&b);
	return (bytes_ok(&b) && at == lsn && *wal > 0 &&
	    *wal <= OPENFRAME_WAL_MAX && *sealed > OPENFRAME_EXTRA &&
	    *sealed <= OPENFRAME_SEALED_MAX);
}

uint8_t *
openframe_room(struct openframe *f)
{
	return (f->text + PREFIX);
}

int
openframe_check(struct openframe *f, size_t sealed)
{
	const size_t	 n = OPENFRAME_HEAD + sealed;

	if (crypto_sign_verify_detached(f->text + PREFIX + n, f->text,
	    PREFIX + n, f->signer) != 0)
		return (0);
	chain_on(f, n + OPENFRAME_SIG);
	return (1);
}

int
openframe_open(struct openframe *f, size_t sealed, void *out)
{
	const uint8_t	*p = f->text + PREFIX;
	unsigned char	 tag;

	assert(f->opens);
	return (crypto_secretstream_xchacha20poly1305_pull(&f->st, out, NULL,
	    &tag, p + OPENFRAME_HEAD, sealed, p, OPENFRAME_HEAD) == 0 &&
	    tag == TAG);
}

void
openframe_free(struct openframe *f)
{
	if (f == NULL)
		return;
	sodium_memzero(f, sizeof(*f));
	free(f);
}
