/* SPDX-License-Identifier: ISC */
#ifndef REUSE_CHUNKSUMS_H
#define REUSE_CHUNKSUMS_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/hash.h"
#include "repo/archive.h"

/*
 * The CRC of each chunk of the last backup's relation files, which this host
 * keeps beside the last manifest (lib/FORMAT.md, 9).  A push that leaves chunks
 * of a file unread makes the CRC of the whole file of them.
 *
 * It is the file STATE_DIR/SERVER/SYSTEMID/last-sums, of mode 0600, and is
 * replaced in one step.  A tag under a key that follows from the push key makes
 * it authentic, and it names the manifest that it belongs to.
 *
 * Reading:
 *
 *	if (chunksums_open(&c, a, state_dir, manifest_hash, e) == -1)
 *		goto out;
 *	for each file, in ascending order of path
 *		if (chunksums_find(c, path, n, &crcs, e) == -1)
 *			goto out;
 *	if (chunksums_end(c, e))
 *		goto out;
 * out:
 *	chunksums_free(c);
 *
 * Failures are ERR_LOCAL for this host's disk and memory, and ERR_CORRUPT for a
 * file that is damaged or was not made with this key.
 */
struct chunksums;

/*
 * Open the file and authenticate all of it.  Returns 0; 1 if there is none of
 * that manifest; or -1.
 */
int	 chunksums_open(struct chunksums **out, const struct archive *,
	    const char *state_dir, const uint8_t manifest_hash[HASH_LEN],
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 chunksums_free(struct chunksums *);		/* NULL is fine */

/*
 * Find the CRCs of a file, whose path must be greater than the one before, and
 * which has "n" chunks.  Returns 0 with *crcs, which the caller frees; 1 if
 * they are not known; or -1.
 */
int	 chunksums_find(struct chunksums *, const char *path, uint64_t n,
	    uint32_t **crcs, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Call it after the last path: ERR_CORRUPT if what was read is not what was
 * authenticated.
 */
int	 chunksums_end(struct chunksums *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Writing: files in ascending order of path; then, once the backup exists, the
 * hash of its manifest, and the file is there.  A writer that is freed before
 * leaves nothing.
 */
struct chunksums_writer;

int	 chunksums_begin(struct chunksums_writer **out,
	    const struct archive *, const char *state_dir, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 chunksums_add(struct chunksums_writer *, const char *path,
	    const uint32_t *crcs, uint64_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 chunksums_publish(struct chunksums_writer *,
	    const uint8_t manifest_hash[HASH_LEN], struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 chunksums_writer_free(struct chunksums_writer *);  /* NULL is fine */

#endif /* REUSE_CHUNKSUMS_H */
