/* SPDX-License-Identifier: ISC */
#ifndef BACKUP_PACK_H
#define BACKUP_PACK_H

#include <stddef.h>
#include <stdint.h>

#include "codec/codec.h"
#include "crypt/hash.h"
#include "repo/archive.h"

/*
 * Packs hold chunks of file content (lib/FORMAT.md, 5).
 *
 * Writing: one open pack a writer; a full one (PACK_SIZE) is published and
 * the next begun at the next chunk.  Numbers come from a counter that the
 * writers of one backup share.
 */
#define PACK_SIZE	((uint64_t)256 << 20)
#define PACK_OPEN_MS	10000	/* ...or the next chunk after so long: what a
				   push that dies has not published is lost */

/* The largest chunk, and what the smallest and largest are when stored. */
#define PACK_CHUNK_MAX	((size_t)4 << 20)
#define PACK_STORED_MIN	18		/* codec, one byte, tag */
#define PACK_STORED_MAX	(PACK_CHUNK_MAX + 17)

/* Where a chunk lies: what the manifest says of it. */
struct pack_ref {
	uint32_t	 pack;		/* 0: the chunk is all zeros */
	uint16_t	 backup;	/* index in the manifest's table */
	uint32_t	 offset;	/* in the pack's file */
	uint32_t	 stored;	/* bytes there */
	uint8_t		 hash[HASH_LEN];	/* of the plaintext */
};

struct pack_counter;		/* atomic; shared between threads */
int	 pack_counter_new(struct pack_counter **, struct err *)
	    __attribute__((warn_unused_result, nonnull));
uint32_t pack_counter_last(const struct pack_counter *); /* 0: none yet */
void	 pack_counter_free(struct pack_counter *);	/* NULL is fine */

struct pack_writer;

int	 pack_writer_new(struct pack_writer **, struct archive *,
	    const char *backup_id, struct codec_spec, struct pack_counter *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Store one chunk of 1 to PACK_CHUNK_MAX bytes and say where it will lie
 * (backup is 0).  It is durable only after pack_writer_finish().  A chunk of
 * zeros stores nothing.  After a failure the writer can only be freed.
 */
int	 pack_writer_add(struct pack_writer *, const void *, size_t,
	    struct pack_ref *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The same unless its hash is that of "old" (which may be NULL, or have
 * pack 0): then it lies there, and nothing is stored.
 */
int	 pack_writer_add_unless(struct pack_writer *, const void *, size_t,
	    const struct pack_ref *old, struct pack_ref *, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 5, 6)));

/* Publish the last pack.  Once; nothing can be added afterwards. */
int	 pack_writer_finish(struct pack_writer *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
uint64_t pack_writer_stored(const struct pack_writer *); /* bytes of files */
void	 pack_writer_free(struct pack_writer *);	/* NULL is fine */

/*
 * Reading: chunks are asked for ahead, in the order in which they will be
 * taken; neighbours in a pack are one read.  Opened packs and their keys are
 * kept (a few) as long as the reader lives.
 *
 *	for each chunk i: pack_reader_ask(r, id[i], &ref[i], e)
 *	for each chunk i: pack_reader_take(r, buf, n[i], e)
 *
 * At most PACK_ASKED chunks may be outstanding.  What comes out has been
 * opened, decompressed to exactly "n" bytes and compared with the hash;
 * anything else is ERR_CORRUPT and names pack and offset.  A missing pack is
 * ERR_CORRUPT too: the manifest says that it must be there.
 */
#define PACK_ASKED	256

struct pack_reader;

int	 pack_reader_new(struct pack_reader **, struct archive *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 pack_reader_ask(struct pack_reader *, const char *backup_id,
	    const struct pack_ref *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 pack_reader_take(struct pack_reader *, void *, size_t n,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 pack_reader_free(struct pack_reader *);	/* NULL is fine */

#endif /* BACKUP_PACK_H */
