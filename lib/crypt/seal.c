/* SPDX-License-Identifier: ISC */
/*
 * Seal streams frame by frame, and chunks one by one.
 *
 * An attacker who holds the stored bytes could try to change, swap, repeat,
 * drop or cut frames.  secretstream chains them under one key, so a changed,
 * swapped, repeated or missing frame fails in open_frame(); only the last may
 * carry FINAL, so a cut stream fails in unseal_finish() and an extended one in
 * unseal_write().  Not a byte goes downstream before its frame has passed.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "crypt/key.h"
#include "crypt/seal.h"

#define FRAME		((size_t)64 << 10)
#define OVERHEAD	crypto_secretstream_xchacha20poly1305_ABYTES
#define SEALED		(FRAME + OVERHEAD)
#define HEADER		crypto_secretstream_xchacha20poly1305_HEADERBYTES
#define MORE		crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
#define FINAL		crypto_secretstream_xchacha20poly1305_TAG_FINAL
#define NONCE		crypto_aead_xchacha20poly1305_ietf_NPUBBYTES

_Static_assert(SEAL_CHUNK_EXTRA == crypto_aead_xchacha20poly1305_ietf_ABYTES,
    "a chunk's tag");
_Static_assert(KEY_LEN == crypto_secretstream_xchacha20poly1305_KEYBYTES &&
    KEY_LEN == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "data keys");

/* START: before the stream's header.  FIRST: before the first frame. */
enum state { START, FIRST, MIDDLE, END, BROKEN };

struct seal_sink {
	struct sink		 base;
	const struct secret	*key;
	crypto_secretstream_xchacha20poly1305_state st;
	enum state		 state;
	size_t			 n;	/* bytes waiting in "in" */
	uint8_t			 in[SEALED];
	uint8_t			 out[SEALED];
};

static int
seal_frame(struct seal_sink *s, const void *p, size_t n, uint8_t tag,
    struct err *e)
{
	uint8_t	 head[HEADER];

	if (s->state == START) {
		(void)crypto_secretstream_xchacha20poly1305_init_push(&s->st,
		    head, secret_bytes(s->key));
		s->state = MIDDLE;
		if (sink_write(s->base.next, head, sizeof(head), e) == -1)
			return (-1);
	}
	(void)crypto_secretstream_xchacha20poly1305_push(&s->st, s->out, NULL,
	    p, n, NULL, 0, tag);
	return (sink_write(s->base.next, s->out, n + OVERHEAD, e));
}

/*
 * Seal a full frame only when more bytes follow: the last frame must be
 * marked FINAL, and nobody knows yet which one that is.  So a full one waits.
 */
static int
seal_write(struct sink *base, const void *buf, size_t n, struct err *e)
{
	struct seal_sink	*s = (struct seal_sink *)base;
	const uint8_t		*p = buf;
	size_t			 take;

	while (n > 0) {
		/* Whole frames are sealed where they lie, without a copy. */
		if (s->n == 0 && n > FRAME) {
			if (seal_frame(s, p, FRAME, MORE, e) == -1)
				return (-1);
			p += FRAME;
			n -= FRAME;
			continue;
		}
		if (s->n == FRAME) {
			if (seal_frame(s, s->in, FRAME, MORE, e) == -1)
				return (-1);
			s->n = 0;
			continue;
		}
		take = n < FRAME - s->n ? n : FRAME - s->n;
		memcpy(s->in + s->n, p, take);
		s->n += take;
		p += take;
		n -= take;
	}
	return (0);
}

static int
seal_finish(struct sink *base, struct err *e)
{
	struct seal_sink	*s = (struct seal_sink *)base;

	return (seal_frame(s, s->in, s->n, FINAL, e));
}

/* Once broken, always broken, whatever the caller writes after that. */
static int
broken(struct seal_sink *s, struct err *e, const char *why)
{
	s->state = BROKEN;
	return (err_set(e, ERR_CORRUPT, "the encrypted data %s", why));
}

static int
open_frame(struct seal_sink *s, const uint8_t *p, size_t n, struct err *e)
{
	unsigned long long	 len;
	unsigned char		 tag;

	if (n < OVERHEAD)
		return (broken(s, e, "is cut short"));
	if (crypto_secretstream_xchacha20poly1305_pull(&s->st, s->out, &len,
	    &tag, p, n, NULL, 0) != 0)
		return (broken(s, e, n == SEALED ?
		    "is not authentic: damaged or under another key" :
		    "is not authentic: cut short or damaged"));
	if (tag != MORE && tag != FINAL)
		return (broken(s, e, "has a frame of an unknown kind"));
	/* Exactly one way to cut a content in frames is accepted. */
	if (tag == MORE && n < SEALED)
		return (broken(s, e, "is cut short"));
	if (len == 0 && s->state != FIRST)
		return (broken(s, e, "has an empty frame at its end"));
	s->state = tag == FINAL ? END : MIDDLE;
	return (sink_write(s->base.next, s->out, (size_t)len, e));
}

static int
open_part(struct seal_sink *s, const uint8_t *p, size_t n, struct err *e)
{
	if (s->state != START)
		return (open_frame(s, p, n, e));
	if (crypto_secretstream_xchacha20poly1305_init_pull(&s->st, p,
	    secret_bytes(s->key)) != 0)
		return (broken(s, e, "begins with a bad stream header"));
	s->state = FIRST;
	return (0);
}

static int
unseal_write(struct sink *base, const void *buf, size_t n, struct err *e)
{
	struct seal_sink	*s = (struct seal_sink *)base;
	const uint8_t		*p = buf;
	size_t			 want, take;

	for (; n > 0; p += take, n -= take) {
		if (s->state == END)
			return (broken(s, e, "continues after its end"));
		if (s->state == BROKEN)
			return (broken(s, e, "is damaged"));
		want = s->state == START ? HEADER : SEALED;
		if (s->n == 0 && n >= want) {	/* whole: not copied */
			take = want;
			if (open_part(s, p, want, e) == -1)
				return (-1);
			continue;
		}
		take = n < want - s->n ? n : want - s->n;
		memcpy(s->in + s->n, p, take);
		if ((s->n += take) < want)
			continue;
		s->n = 0;
		if (open_part(s, s->in, want, e) == -1)
			return (-1);
	}
	return (0);
}

static int
unseal_finish(struct sink *base, struct err *e)
{
	struct seal_sink	*s = (struct seal_sink *)base;

	/* What waits is a last frame that is not full, or part of a header. */
	if ((s->state == FIRST || s->state == MIDDLE) && s->n > 0 &&
	    open_frame(s, s->in, s->n, e) == -1)
		return (-1);
	return (s->state == END ? 0 : broken(s, e, "is cut short"));
}

static void
seal_free(struct sink *base)
{
	sodium_memzero(base, sizeof(struct seal_sink));
	free(base);
}

static const struct sink_ops seal_ops = { seal_write, seal_finish, seal_free };
static const struct sink_ops unseal_ops = {
	unseal_write, unseal_finish, seal_free
};

static int
stack(struct sink **head, const struct sink_ops *ops, const struct secret *key,
    struct err *e)
{
	struct seal_sink	*s;

	assert(secret_len(key) == KEY_LEN);
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for encryption"));
	s->base.ops = ops;
	s->base.next = *head;
	s->key = key;
	*head = &s->base;
	return (0);
}

int
seal_sink_stack(struct sink **head, const struct secret *key, struct err *e)
{
	return (stack(head, &seal_ops, key, e));
}

int
seal_unsink_stack(struct sink **head, const struct secret *key, struct err *e)
{
	return (stack(head, &unseal_ops, key, e));
}

/*
 * The nonce is sixteen zero bytes and the offset.  It is unique, since each
 * pack has a key of its own and no offset is used twice in it; and it binds a
 * chunk to its place, so chunks that were swapped don't open.
 */
static void
chunk_nonce(uint8_t nonce[NONCE], uint64_t offset)
{
	size_t	 i;

	memset(nonce, 0, NONCE);
	for (i = 0; i < 8; i++)
		nonce[NONCE - 1 - i] = (uint8_t)(offset >> 8 * i);
}

void
seal_chunk(void *out, const void *in, size_t n, uint64_t offset,
    const struct secret *key)
{
	uint8_t	 nonce[NONCE];

	assert(secret_len(key) == KEY_LEN);
	chunk_nonce(nonce, offset);
	(void)crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, in, n,
	    NULL, 0, NULL, nonce, secret_bytes(key));
}

int
seal_chunk_open(void *out, const void *in, size_t n, uint64_t offset,
    const struct secret *key, struct err *e)
{
	uint8_t	 nonce[NONCE];

	assert(secret_len(key) == KEY_LEN);
	chunk_nonce(nonce, offset);
	if (n < SEAL_CHUNK_EXTRA ||
	    crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, in, n,
	    NULL, 0, nonce, secret_bytes(key)) != 0)
		return (err_set(e, ERR_CORRUPT, "the chunk is not authentic: "
		    "damaged, of another place or under another key"));
	return (0);
}
