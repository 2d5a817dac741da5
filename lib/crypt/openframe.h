/* SPDX-License-Identifier: ISC */
#ifndef CRYPT_OPENFRAME_H
#define CRYPT_OPENFRAME_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/head.h"

/*
 * The frames of an open object (lib/FORMAT.md, 14): each is chained to those
 * before it, sealed, and signed.  This knows their bytes in memory; what is
 * compressed in them, and where they lie, is for others.
 */
#define OPENFRAME_HEAD		16		/* position and two lengths */
#define OPENFRAME_SIG		KEY_SIG_LEN
#define OPENFRAME_STREAM	24		/* the secretstream's header */
#define OPENFRAME_EXTRA		17		/* what sealing adds */
#define OPENFRAME_WAL_MAX	((size_t)1 << 20)
#define OPENFRAME_SEALED_MAX	(OPENFRAME_WAL_MAX + 8192)
#define OPENFRAME_MAX		(OPENFRAME_HEAD + OPENFRAME_SEALED_MAX + \
				OPENFRAME_SIG)

/* One object, either while it is written or while it is read. */
struct openframe;

/*
 * Begin a new object: "h" comes from head_begin() with kind HEAD_OPEN, and
 * has codec and creation time.  Writes the header and the stream's header to
 * "buf", which has room for HEAD_MAX + OPENFRAME_STREAM bytes; *n is how many
 * they are.  "key" is a .push key and must outlive the object.
 */
int	 openframe_begin(struct openframe **, uint8_t *buf, size_t *n,
	    const struct head *h, const struct head_place *,
	    const struct key *key, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Make the next frame: "n" bytes at "packed" (1 to OPENFRAME_SEALED_MAX -
 * OPENFRAME_EXTRA), which are "wal" bytes of WAL from "lsn" on when they are
 * unpacked.  *frame and *frame_n are its bytes, valid until the next call.
 */
void	 openframe_seal(struct openframe *, uint64_t lsn, uint32_t wal,
	    const void *packed, size_t n, const uint8_t **frame,
	    size_t *frame_n) __attribute__((nonnull));

/*
 * Begin to read: "h" is what head_decode() has made of "buf", and "stream"
 * the OPENFRAME_STREAM bytes behind the header.  With "opens" the payload's
 * key is opened, too, with the errors of head_open(); without it frames can
 * be checked and not opened.
 */
int	 openframe_read(struct openframe **, const struct head *h,
	    const uint8_t *buf, const uint8_t *stream,
	    const struct head_place *, const struct key *, int opens,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Read the first OPENFRAME_HEAD bytes of a frame that must begin at "lsn".
 * Returns 1 and the bytes of WAL in *wal and of sealed data in *sealed; or 0
 * if the position or a length is not as it must be.
 */
int	 openframe_head(const uint8_t *head, uint64_t lsn, uint32_t *wal,
	    size_t *sealed) __attribute__((nonnull));

/*
 * Where the next frame is to be put by the reader: room for OPENFRAME_MAX
 * bytes.
 */
uint8_t	*openframe_room(struct openframe *) __attribute__((nonnull));

/*
 * Check the frame at openframe_room(), whose head has passed and that has
 * "sealed" bytes of sealed data.  Returns 1 if it is the next one of this
 * object, as its signer has written it, else 0.  After a 0 nothing that
 * follows counts.
 */
int	 openframe_check(struct openframe *, size_t sealed)
	    __attribute__((nonnull));

/*
 * Open the frame that was checked last, which must be done in order: "out"
 * has room for sealed - OPENFRAME_EXTRA bytes.  Returns 1, or 0 if it is not
 * authentic under the payload's key.
 */
int	 openframe_open(struct openframe *, size_t sealed, void *out)
	    __attribute__((nonnull));

void	 openframe_free(struct openframe *);	/* wipes; NULL is fine */

#endif /* CRYPT_OPENFRAME_H */
