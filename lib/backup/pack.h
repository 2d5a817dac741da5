/* SPDX-License-Identifier: ISC */
#ifndef BACKUP_PACK_H
#define BACKUP_PACK_H

#include <stddef.h>
#include <stdint.h>

#include "codec/codec.h"
#include "crypt/hash.h"
#include "repo/archive.h"

/*
 * Packs hold chunks of file content (lib/FORMAT.md, 5), each compressed and
 * sealed on its own, so that any of them can be read without the others.
 */
#define PACK_CHUNK_MAX	((size_t)4 << 20)	/* bytes of plaintext */

/* As it is stored, with one byte for its codec and 16 for its tag. */
#define PACK_STORED_MIN	18
#define PACK_STORED_MAX	(PACK_CHUNK_MAX + 17)

/*
 * The difference between a chunk and its base: the pages that are not as the
 * base has them (packdiff.h).
 */
struct pack_diff {
	uint32_t	 pack;		/* 0: there is none */
	uint16_t	 backup;	/* these are as in struct pack_ref */
	uint32_t	 offset;
	uint32_t	 stored;
	uint8_t		 base[HASH_LEN];	/* hash of the base */
};

/*
 * Where a chunk lies: what the manifest says of it.  With a difference, what
 * lies there is its base, and "hash" is that of both put together.
 */
struct pack_ref {
	uint32_t	 pack;		/* 0: all zeros, stored nowhere */
	uint16_t	 backup;	/* index in the manifest's table */
	uint32_t	 offset;	/* in the pack's file */
	uint32_t	 stored;	/* bytes there */
	uint8_t		 hash[HASH_LEN];	/* of the chunk's plaintext */
	struct pack_diff diff;
};

/*
 * Writing.  A writer has one open pack.  When the pack is full (PACK_SIZE) or
 * old (PACK_OPEN_MS), the writer publishes it before the next chunk and begins
 * another: a push that dies loses only what it had not published.
 *
 * Writers of one backup share a counter, from which their packs get their
 * numbers: 1, 2, and so on.  A number may be taken and its pack never be
 * published.
 */
#define PACK_SIZE	((uint64_t)256 << 20)	/* bytes, about */
#define PACK_OPEN_MS	10000

struct pack_counter;		/* may be used by several threads at once */
int	 pack_counter_new(struct pack_counter **, struct err *)
	    __attribute__((warn_unused_result, nonnull));
uint32_t pack_counter_last(const struct pack_counter *); /* 0: none yet */
/* How many packs were published, by all writers. */
uint32_t pack_counter_published(const struct pack_counter *);
void	 pack_counter_free(struct pack_counter *);	/* NULL is fine */

struct pack_writer;

/*
 * A writer for the directory of backup "backup_id".  It borrows the archive
 * and the counter.  ERR_LOCAL if memory is short.
 */
int	 pack_writer_new(struct pack_writer **, struct archive *,
	    const char *backup_id, struct codec_spec, struct pack_counter *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Store the chunk of "n" bytes (1 to PACK_CHUNK_MAX) at "p", and set *ref to
 * where it will lie.  The chunk is durable only once pack_writer_finish() has
 * returned 0.  After a failure the writer can only be freed.
 *
 * A chunk of zeros is not stored.  Nor is one with the hash of "old", which
 * may be NULL or have pack 0: *ref is then set to *old.  Otherwise
 * ref->backup is 0.
 */
int	 pack_writer_add(struct pack_writer *, const void *p, size_t n,
	    const struct pack_ref *old, struct pack_ref *ref, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 5, 6)));

/*
 * The same in parts, for callers that know more: whether the chunk is zeros;
 * and to store one that is not, whose hash is "hash", whatever there was.
 */
int	 pack_is_zeros(const void *p, size_t n);
int	 pack_writer_put(struct pack_writer *, const void *p, size_t n,
	    const uint8_t hash[HASH_LEN], struct pack_ref *ref, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Store a difference: of the chunk of "n" bytes at "p", whose hash is "hash",
 * the pages that are set in "pages".  Sets *ref to that over the base, which
 * is the chunk at "base" or, if that is a difference, what it lies over.  "n"
 * and "pages" are as packdiff.h wants them.
 */
int	 pack_writer_diff(struct pack_writer *, const void *p, size_t n,
	    const uint8_t hash[HASH_LEN], const uint8_t *pages,
	    const struct pack_ref *base, struct pack_ref *ref, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Publish the open pack.  When this returns 0, all chunks that were added are
 * durable.  To be called once; nothing can be added afterwards.
 */
int	 pack_writer_finish(struct pack_writer *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Publish the open pack if it is full or old, for a caller that may not add
 * anything for long.
 */
int	 pack_writer_turn(struct pack_writer *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Bytes of all packs that this writer has published. */
uint64_t pack_writer_stored(const struct pack_writer *);

/* Also abandons an open pack.  NULL is fine. */
void	 pack_writer_free(struct pack_writer *);

/*
 * Reading.  Chunks are asked for ahead, in the order in which they will be
 * taken, so that many bytes are under way at once; neighbours in a pack are
 * one read.  The reader keeps a few packs and their keys open.
 *
 *	for each chunk i: pack_reader_ask(r, id[i], diff_id[i], &ref[i], e)
 *	for each chunk i: pack_reader_take(r, buf, n[i], e)
 *
 * At most PACK_ASKED chunks may be asked for and not taken yet.
 */
#define PACK_ASKED	256

struct pack_reader;

/* A reader that borrows the archive, whose key must be a .restore key. */
int	 pack_reader_new(struct pack_reader **, struct archive *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Ask for the chunk at "ref" in the directory of backup "id"; does not wait.
 * "diff_id" is the backup of its difference, and may be NULL if it has none.
 * Of a chunk with a difference "id" may be NULL: then the caller has the base,
 * which is not read, and must be in the buffer of pack_reader_take().
 *
 * ERR_CORRUPT if there can be no such chunk: then nothing was asked for.
 * After any other failure every later call for this reader fails in that way.
 */
int	 pack_reader_ask(struct pack_reader *, const char *id,
	    const char *diff_id, const struct pack_ref *ref, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 4, 5)));

/*
 * Take the next chunk, of "n" bytes, into "buf".  On success the bytes have
 * been authenticated, decompressed to exactly "n" bytes, put together with
 * their difference, and compared with the hash.  Anything else is ERR_CORRUPT,
 * and the message names pack and offset: of base or difference if that one
 * cannot be opened, of both if the hash of the whole is another.  A missing
 * pack is ERR_CORRUPT too: the manifest says that it must be there.
 */
int	 pack_reader_take(struct pack_reader *, void *buf, size_t n,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 pack_reader_free(struct pack_reader *);	/* NULL is fine */

#endif /* BACKUP_PACK_H */
