/* SPDX-License-Identifier: ISC */
#ifndef PUSH_CHANGEDBLOCKS_H
#define PUSH_CHANGEDBLOCKS_H

#include <stdint.h>

#include "cluster/pgfacts.h"
#include "push/copyfile.h"
#include "repo/archive.h"
#include "reuse/reuse.h"

/*
 * Which chunks of changed files need not be read, since WAL summaries of
 * PostgreSQL 17 and later prove that they did not change (base-push(1),
 * "Changed blocks only").
 *
 * Why that is right.  The last backup holds each block in a state from which
 * replay of WAL from that backup's start on leads to the right one.  If no WAL
 * between its start and that of this backup concerns the block, replay from
 * this start on does the same.  Blocks can change without WAL by hint bits
 * alone, of which an older state is as good, unless page checksums or
 * wal_log_hints are on: then PostgreSQL logs the block.  It does not log free
 * space maps; and where it clears bits of a visibility map, the WAL does not
 * name the map's block.  So nothing is said of either.
 *
 *	if (changedblocks_open(&c, &conf, e))
 *		goto out;
 *	for each file, in ascending order of path
 *		if (changedblocks_find(c, path, &found, &past, e))
 *			goto out;
 *	if (changedblocks_end(c, e))
 *		goto out;
 *	for each file, as it is copied: changedblocks_copied(c, ...)
 *	... the label is published ...
 *	changedblocks_publish(c, hash, e)
 * out:
 *	changedblocks_free(c);
 *
 * Whatever makes summaries useless costs time alone: "note" is called once
 * with the reason, and all is read.  Failures are ERR_LOCAL for this host, and
 * ERR_CORRUPT if last-sums changes while it is read.
 */
struct changedblocks;

struct changedblocks_conf {
	const char	*conninfo;
	const struct pgfacts *facts;
	const struct pgsession_start *start;	/* of this backup */
	const struct reuse *reuse;
	const struct archive *archive;	/* with the push key */
	const char	*state_dir;
	uint32_t	 chunk_size;
	int		 reread;	/* all is to be read anyway */
	void	(*note)(void *arg, const char *text);
	void	*arg;
};

/*
 * Call it when PostgreSQL has started the backup.  It waits for the summarizer
 * while that makes progress.  *out is NULL if PostgreSQL makes no summaries;
 * that is fine for all that follows.
 */
int	 changedblocks_open(struct changedblocks **out,
	    const struct changedblocks_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 changedblocks_free(struct changedblocks *);	/* NULL is fine */

/*
 * Set crcs and same in *past, whose other members must be set from "found", if
 * they are known.
 */
int	 changedblocks_find(struct changedblocks *, const char *path,
	    const struct reuse_found *found, struct copyfile_past *past,
	    struct err *) __attribute__((warn_unused_result, nonnull(2, 3,
	    4, 5)));

/* Call it after the last file. */
int	 changedblocks_end(struct changedblocks *, struct err *)
	    __attribute__((warn_unused_result, nonnull(2)));

/*
 * Record the CRCs of a file that was copied, for the next push; "crcs" may be
 * NULL.  In ascending order of path.  A failure is kept for the next call.
 */
void	 changedblocks_copied(struct changedblocks *, const char *path,
	    const uint32_t *crcs, size_t n) __attribute__((nonnull(2)));

/* The backup exists: keep them, under the hash of its manifest. */
int	 changedblocks_publish(struct changedblocks *,
	    const uint8_t manifest_hash[HASH_LEN], struct err *)
	    __attribute__((warn_unused_result, nonnull(2, 3)));

#endif /* PUSH_CHANGEDBLOCKS_H */
