/* SPDX-License-Identifier: ISC */
/* Take the header of an object apart, which a hostile host may have sent. */
#include <string.h>

#include <sodium.h>

#include "base/bytes.h"
#include "crypt/headparse.h"

#define MIN_LEN		12	/* magic, version, kind, length */

const uint8_t headparse_magic[HEADPARSE_MAGIC] = {
	'S', 'E', 'A', 'W', 'A', 'L', 'L', '\n'
};

/*
 * Read magic, version and length.  The version comes first of all, so that an
 * object of a later version is reported as such and not as damaged.
 */
static int
parse_begin(const uint8_t *buf, size_t n, size_t *len, struct err *e)
{
	struct bytes	 b = bytes_of(buf, n < MIN_LEN ? n : MIN_LEN);
	const uint8_t	*found = bytes_take(&b, HEADPARSE_MAGIC);
	uint8_t		 version = bytes_u8(&b);

	(void)bytes_u8(&b);		/* kind */
	*len = bytes_u16be(&b);
	if (found == NULL ||
	    memcmp(found, headparse_magic, HEADPARSE_MAGIC) != 0)
		return (err_set(e, ERR_CORRUPT, n < HEADPARSE_MAGIC ?
		    "header: cut short, %zu bytes" :
		    "header: does not begin like a Seawall object", n));
	if (!b.bad && (version < 1 || version > HEAD_VERSION))
		return (err_set(e, ERR_CORRUPT, "header: format version %u; "
		    "this program knows versions 1 to %d", version,
		    HEAD_VERSION));
	if (!bytes_ok(&b) || *len > n)
		return (err_set(e, ERR_CORRUPT,
		    "header: cut short, %zu bytes", n));
	if (*len < MIN_LEN || *len > HEAD_MAX)
		return (err_set(e, ERR_CORRUPT,
		    "header: found a length of %zu bytes, expected %d to %d",
		    *len, MIN_LEN, HEAD_MAX));
	return (0);
}

/*
 * Whether the header is one that its version can have.  Unknown kinds and
 * codecs, and a reserved field that is not zero, are refused: a later version
 * would have another number.  A codec that is only reserved passes, so that
 * signatures and hashes can be checked without decoding.
 */
static int
shape_ok(const struct headparse *p, const struct head *h, unsigned kind)
{
	const unsigned	 newer = h->version >= 3;

	if (p->nrec < 1 || p->nrec > KEY_MAX || p->server_len < 1 ||
	    p->server_len > HEAD_SERVER_MAX || p->path_len < 1 ||
	    p->path_len > HEAD_PATH_MAX)
		return (0);
	switch (kind) {
	case HEAD_WAL:
		return (h->codec <= (newer ? HEADPARSE_CODEC : 2));
	case HEAD_PACK:
		return (h->codec == 0);
	case HEAD_MANIFEST:
		return (h->codec <= 2);
	case HEAD_OPEN:		/* is signed before there is any content */
		return (newer && (h->codec == 0 || h->codec == 2) &&
		    h->plain_size == 0 && h->payload_size == 0 &&
		    sodium_is_zero(h->tag, HASH_LEN) &&
		    sodium_is_zero(h->payload_hash, HASH_LEN) &&
		    sodium_is_zero(p->facts, HEAD_FACTS));
	}
	return (0);
}

/*
 * Take the fields.  All are read before the cursor is asked once whether they
 * were there, to the last byte.
 */
static int
fields(struct headparse *p, struct head *h, unsigned *kind, uint16_t *zero,
    const uint8_t *buf)
{
	struct bytes	 b = bytes_of(buf, h->len);

	(void)bytes_take(&b, HEADPARSE_MAGIC);
	h->version = bytes_u8(&b);
	*kind = bytes_u8(&b);
	(void)bytes_u16be(&b);		/* length */
	h->codec = bytes_u8(&b);
	p->nrec = bytes_u8(&b);
	*zero = bytes_u16be(&b);
	h->created_us = (int64_t)bytes_u64be(&b);
	h->plain_size = bytes_u64be(&b);
	h->payload_size = bytes_u64be(&b);
	p->system_id = bytes_u64be(&b);
	p->server_len = bytes_u8(&b);
	p->server = bytes_take(&b, p->server_len);
	p->path_len = bytes_u16be(&b);
	p->path = bytes_take(&b, p->path_len);
	bytes_copy(&b, h->signer, KEY_ID_LEN);
	bytes_copy(&b, h->tag, HASH_LEN);
	bytes_copy(&b, h->payload_hash, HASH_LEN);
	p->boxes = bytes_take(&b, p->nrec * HEADPARSE_RECIPIENT);
	p->facts = h->version < 3 ? NULL : bytes_take(&b, HEAD_FACTS);
	p->sig = bytes_take(&b, KEY_SIG_LEN);
	return (bytes_ok(&b));
}

int
headparse_read(struct headparse *p, struct head *h, const uint8_t *buf,
    size_t n, struct err *e)
{
	uint16_t	 zero;
	unsigned	 kind;
	size_t		 i;

	if (parse_begin(buf, n, &h->len, e) == -1)
		return (-1);
	if (!fields(p, h, &kind, &zero, buf) || zero != 0 ||
	    !shape_ok(p, h, kind))
		return (err_set(e, ERR_CORRUPT, "header: malformed (length "
		    "%zu, kind %u, codec %u, %zu recipients)", h->len, kind,
		    h->codec, p->nrec));
	h->kind = (enum head_kind)kind;
	h->nrecipients = p->nrec;
	for (i = 0; i < p->nrec; i++)
		memcpy(h->recipient[i], p->boxes + i * HEADPARSE_RECIPIENT,
		    KEY_ID_LEN);
	return (0);
}
