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
 * A manifest in the making, on local disk: the files that come last
 * (pg_control, backup_label) stand in the middle of its order, so it can be
 * sent only when all are copied.  About 64 bytes for each chunk of 256 KiB.
 * It lies in a journal (journal.h), so that it serves the next push if this
 * one dies.
 */
struct manifestspool;

/*
 * "ids" are the backups that entries will refer to: a reference's backup is a
 * place in this table.  ids[0] is the backup in the making.  The texts must
 * live as long as the spool.
 */
int	 manifestspool_open(struct manifestspool **, const struct key *,
	    const struct manifestfacts *, const char *state_dir,
	    uint32_t chunk_size, const char *const *ids, size_t nids,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* What was added so far is in the journal; with "sync" it is durable. */
int	 manifestspool_flush(struct manifestspool *, int sync, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * What is stored of files that cannot be added yet, for a push that goes on
 * with this one: manifestspool_add() them to *out, then manifestspool_part_end() puts that in
 * the place of what was said before.  Only free it afterwards.
 */
int	 manifestspool_part(struct manifestspool **out, const struct manifestspool *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 manifestspool_part_end(struct manifestspool *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The backup exists: nobody needs the journal. */
void	 manifestspool_done(struct manifestspool *) __attribute__((nonnull));

/* Take an entry, in order of path. */
int	 manifestspool_add(struct manifestspool *, const struct manifest_entry *,
	    const struct pack_ref *, size_t nrefs, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 5)));

/*
 * From here on entries come in no order: at most MANIFESTSPOOL_LATE, files of at
 * most one chunk.
 */
#define MANIFESTSPOOL_LATE	4
void	 manifestspool_late(struct manifestspool *);

/* The cluster's databases, for the manifest; borrowed. */
void	 manifestspool_databases(struct manifestspool *, const struct manifest_database *,
	    size_t n);

/*
 * Write the manifest into "to", all in its order; its table holds only the
 * backups that are really referred to.  "to" is not finished.
 */
int	 manifestspool_write(struct manifestspool *, struct sink *to, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The packs that the manifest refers to, for its label: those of earlier
 * backups, and of the backup itself all from 1 to "last".
 */
int	 manifestspool_packs(const struct manifestspool *, uint32_t last, struct label *,
	    struct err *)
	    __attribute__((warn_unused_result, nonnull));

void	 manifestspool_free(struct manifestspool *);			/* NULL is fine */

#endif /* REUSE_MANIFESTSPOOL_H */
