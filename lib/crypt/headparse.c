/* SPDX-License-Identifier: ISC */
/* Take the header of an object apart, as a hostile storage host may send it. */
#include <string.h>

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
 * Take the header apart.  All fields are read before the cursor is asked
 * once whether they were there, to the last byte.  Unknown kinds and codecs,
 * and a reserved field that is not zero, are refused: a later version would
 * have another number.
 */
int
headparse_read(struct headparse *p, struct head *h, const uint8_t *buf,
    size_t n, struct err *e)
{
	struct bytes	 b;
	uint16_t	 zero;
	uint8_t		 kind;
	size_t		 i;

	if (parse_begin(buf, n, &h->len, e) == -1)
		return (-1);
	b = bytes_of(buf, h->len);
	(void)bytes_take(&b, HEADPARSE_MAGIC);
	h->version = bytes_u8(&b);
	kind = bytes_u8(&b);
	(void)bytes_u16be(&b);		/* length */
	h->codec = bytes_u8(&b);
	p->nrec = bytes_u8(&b);
	zero = bytes_u16be(&b);
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
	p->sig = bytes_take(&b, KEY_SIG_LEN);
	if (!bytes_ok(&b) || zero != 0 || p->nrec < 1 || p->nrec > KEY_MAX ||
	    kind < HEAD_WAL || kind > HEAD_MANIFEST ||
	    h->codec > HEADPARSE_CODEC ||
	    (kind == HEAD_PACK && h->codec != 0))
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
