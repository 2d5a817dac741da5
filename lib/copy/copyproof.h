/* SPDX-License-Identifier: ISC */
#ifndef COPY_COPYPROOF_H
#define COPY_COPYPROOF_H

#include <stddef.h>
#include <stdint.h>

#include "copy/copyitem.h"
#include "crypt/hash.h"
#include "crypt/head.h"
#include "repo/archive.h"

/*
 * The proof of one sealed object while its bytes pass: its signature, its place
 * and the signed hash of all that follows the header.  Zeroed at first;
 * copyproof_fini() in any case.  All failures but ERR_LOCAL are ERR_CORRUPT.
 */
struct copyproof {
	struct head	 head;
	uint8_t		 head_hash[HASH_LEN];
	struct hash	*h;			/* owned */
};

/*
 * Check the header at the beginning of the "n" bytes at "buf", of the object
 * "it" of archive "a": that file has it->size bytes, and it is the manifest
 * that its label means.  p->head.len says how long the header is.
 */
int	 copyproof_head(struct copyproof *p, const struct archive *a,
	    const struct copyitem *it, const uint8_t *buf, size_t n,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Bytes behind the header; fails at the first one too many. */
int	 copyproof_add(struct copyproof *, const void *, size_t n,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* That was all of it: whether it is what was signed. */
int	 copyproof_end(struct copyproof *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 copyproof_fini(struct copyproof *) __attribute__((nonnull));

#endif /* COPY_COPYPROOF_H */
