/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFYOBJECT_H
#define VERIFY_VERIFYOBJECT_H

#include "repo/archive.h"
#include "verify/verifyitem.h"

/*
 * For the jobs of a verification: look at one object, whose open read is
 * it->get.  First ask for its bytes, then look at them:
 *
 *	if (verifyobject_ask(it, VERIFYITEM_HASH, e))
 *		return (-1);
 *	...
 *	rc = verifyobject_hash(it, archive, e);
 *
 * The looks return 0, 1 if there is no such object, or -1.  Whatever is wrong
 * with the object is ERR_CORRUPT, ERR_CONFLICT (it is sound, but of another
 * cluster) or ERR_CONFIG (it is sealed to other keys); ERR_REMOTE and
 * ERR_LOCAL say nothing about it.  it->info, it->bytes and, by
 * verifyobject_content(), it->ended_us are set on 0.
 */

/* Ask for the bytes that a look "what" will need, without waiting. */
int	 verifyobject_ask(struct verifyitem *it, enum verifyitem_what what,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* The header, against the signature, the path and the file's size. */
int	 verifyobject_head(struct verifyitem *, struct archive *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* The header and all stored bytes, against the signed hash. */
int	 verifyobject_hash(struct verifyitem *, struct archive *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* A WAL file: decrypted, decompressed, and compared with its name. */
int	 verifyobject_content(struct verifyitem *, struct archive *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* VERIFY_VERIFYOBJECT_H */
