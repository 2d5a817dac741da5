/* SPDX-License-Identifier: ISC */
#ifndef REPO_SPOOL_H
#define REPO_SPOOL_H

#include <stddef.h>
#include <stdint.h>

#include "repo/manifest.h"
#include "stream/sink.h"

/*
 * A manifest in the making, on local disk: the files that come last
 * (pg_control, backup_label) stand in the middle of its order, so it can be
 * sent only when all are copied.  About 64 bytes for each chunk of 256 KiB;
 * the file has no name and is gone with the process.
 */
struct spool;

int	 spool_open(struct spool **, const char *state_dir,
	    uint32_t chunk_size, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Take an entry, in order of path. */
int	 spool_add(struct spool *, const struct manifest_entry *,
	    const struct pack_ref *, size_t nrefs, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 5)));

/*
 * From here on entries come in no order: at most SPOOL_LATE, files of at
 * most one chunk.
 */
#define SPOOL_LATE	4
void	 spool_late(struct spool *);

/*
 * Write the manifest of backup "id" into "to", all in its order.  It is not
 * finished.
 */
int	 spool_write(struct spool *, struct sink *to, const char *id,
	    struct err *) __attribute__((warn_unused_result, nonnull));

void	 spool_free(struct spool *);			/* NULL is fine */

#endif /* REPO_SPOOL_H */
