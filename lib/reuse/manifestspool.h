/* SPDX-License-Identifier: ISC */
#ifndef REUSE_MANIFESTSPOOL_H
#define REUSE_MANIFESTSPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "backup/label.h"
#include "backup/manifest.h"
#include "reuse/journal.h"
#include "stream/sink.h"

/*
 * A manifest in the making, on local disk.  The files that are copied last
 * (pg_control, backup_label) stand in the middle of its order, so it can be
 * sent only when all are copied.  It takes about 64 bytes of disk for each
 * chunk, and 96 for one with a difference.  It lies in a journal (journal.h),
 * so that the next push can use it if this one dies.
 *
 *	manifestspool_open()
 *	manifestspool_add()		in ascending order of path
 *	manifestspool_flush()		now and then
 *	manifestspool_late(), then manifestspool_add() for the last files
 *	manifestspool_write(), manifestspool_packs()
 *	manifestspool_done()		once the backup exists
 *	manifestspool_free()
 */
struct manifestspool;

/*
 * "ids" are the backups that entries will refer to; a reference's backup is an
 * index into them.  ids[0] is the backup in the making.  "key", "ids" and the
 * texts must outlive the spool.
 */
int	 manifestspool_open(struct manifestspool **out,
	    const struct key *key, const struct manifestfacts *,
	    const char *state_dir, uint32_t chunk_size,
	    const char *const *ids, size_t nids, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Write what was added so far into the journal; with "sync" durably. */
int	 manifestspool_flush(struct manifestspool *, int sync, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Record what is stored of files that cannot be added yet, for a push that
 * resumes this one.  Add them to *out, then manifestspool_part_end() puts that
 * in the place of the record before.  After that it can only be freed.
 */
int	 manifestspool_part(struct manifestspool **out,
	    const struct manifestspool *of, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 manifestspool_part_end(struct manifestspool *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The backup exists: remove the journal. */
void	 manifestspool_done(struct manifestspool *) __attribute__((nonnull));

/* Take an entry with its chunks; the texts are copied. */
int	 manifestspool_add(struct manifestspool *,
	    const struct manifest_entry *, const struct pack_ref *refs,
	    size_t nrefs, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 5)));

/*
 * From here on entries may come in any order: at most MANIFESTSPOOL_LATE
 * files, each of exactly one chunk.
 */
#define MANIFESTSPOOL_LATE	4
void	 manifestspool_late(struct manifestspool *);

/*
 * The cluster's databases and configuration files, for the manifest; what
 * *more points to is borrowed until it is written.
 */
void	 manifestspool_more(struct manifestspool *,
	    const struct manifest_more *more) __attribute__((nonnull));

/*
 * Write the whole manifest into "to", in its order.  Its table holds only the
 * backups that are referred to.  "to" is not finished.  ERR_LOCAL if the
 * journal does not read back as it was written.
 */
int	 manifestspool_write(struct manifestspool *, struct sink *to,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Add to the label the packs that the manifest refers to: those of earlier
 * backups that are in use, and of the backup itself all from 1 to "last".
 */
int	 manifestspool_packs(const struct manifestspool *, uint32_t last,
	    struct label *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Release the spool; the journal's file stays.  NULL is fine. */
void	 manifestspool_free(struct manifestspool *);

#endif /* REUSE_MANIFESTSPOOL_H */
