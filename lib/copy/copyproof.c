/* SPDX-License-Identifier: ISC */
/* Signature, place and hash of an object whose bytes pass. */
#include <inttypes.h>
#include <string.h>

#include "copy/copyproof.h"

int
copyproof_head(struct copyproof *p, const struct archive *a,
    const struct copyitem *it, const uint8_t *buf, size_t n, struct err *e)
{
	struct head_place	 place = archive_place(a, it->path);

	if (head_decode(&p->head, buf, n, it->kind, &place, a->key, e))
		return (-1);
	hash_of(p->head_hash, buf, p->head.len);
	if (p->head.len + p->head.payload_size != it->size)
		return (err_set(e, ERR_CORRUPT, "the file has %" PRIu64
		    " bytes, expected %" PRIu64 " as signed", it->size,
		    p->head.len + p->head.payload_size));
	if (it->head_hash != NULL && memcmp(it->head_hash, p->head_hash,
	    HASH_LEN) != 0)
		return (err_set(e, ERR_CORRUPT, "is not the manifest that the "
		    "label means"));
	return (0);
}

static int
differs(struct err *e)
{
	return (err_set(e, ERR_CORRUPT, "its bytes do not match the hash that "
	    "was signed"));
}

int
copyproof_add(struct copyproof *p, const void *buf, size_t n, struct err *e)
{
	if (p->h == NULL && hash_new(&p->h, e))
		return (-1);
	hash_add(p->h, buf, n);
	return (hash_count(p->h) > p->head.payload_size ? differs(e) : 0);
}

int
copyproof_end(struct copyproof *p, struct err *e)
{
	uint8_t	 got[HASH_LEN];

	if (copyproof_add(p, "", 0, e))
		return (-1);
	if (hash_count(p->h) != p->head.payload_size)
		return (differs(e));
	hash_final(p->h, got);
	return (memcmp(got, p->head.payload_hash, HASH_LEN) == 0 ? 0 :
	    differs(e));
}

void
copyproof_fini(struct copyproof *p)
{
	hash_free(p->h);
	p->h = NULL;
}
