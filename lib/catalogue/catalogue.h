/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_CATALOGUE_H
#define CATALOGUE_CATALOGUE_H

#include <stddef.h>
#include <stdint.h>

#include "backup/label.h"
#include "catalogue/pin.h"
#include "pg/walname.h"
#include "plan/coverage.h"
#include "plan/lineage.h"
#include "repo/archive.h"
#include "wal/walindex.h"

/*
 * What a repository holds of one cluster, read in a handful of round trips:
 * the marker, all labels, all names of WAL files with their sizes.  Needs
 * any key.  The labels are read before the WAL is listed, so that the WAL of
 * a backup that is just being completed is never taken for missing.
 *
 * History files can be read with a .restore key only.  Without one the forks
 * are guessed from the names that are there, see catalogue_lines().
 *
 * Names in a listing come from a host that is not trusted.  What is no name
 * of FORMAT.md, or stands where it does not belong, is counted and otherwise
 * ignored.
 */
struct catalogue;

/*
 * Read it.  ERR_REMOTE if the marker cannot be found.  A label or history
 * file that is not authentic does not hide the others: it is listed in
 * catalogue_bad*().
 */
int	 catalogue_load(struct catalogue **, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The same, and "each" is told of every file below wal/ that has one of
 * PostgreSQL's names and stands where it belongs: its size in the repository,
 * in no order.  It returns 0, or -1 to stop with its own error.
 */
typedef int	 catalogue_file(void *arg, const struct walname *,
		    uint64_t bytes, struct err *);

int	 catalogue_load_files(struct catalogue **, struct archive *,
	    catalogue_file *each, void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 3, 5)));

void	 catalogue_free(struct catalogue *);		/* NULL is fine */

/* Backups by start time, oldest first; borrowed. */
size_t	 catalogue_labels(const struct catalogue *);
const struct label *catalogue_label(const struct catalogue *, size_t);
const struct label *catalogue_find(const struct catalogue *, const char *id);

/* Whether it is pinned; never NULL. */
const struct pin *catalogue_pin(const struct catalogue *, size_t);

/* A backup as the planners of this floor want it; ids are borrowed. */
struct lineage_backup catalogue_backup(const struct catalogue *, size_t);

/* Labels and history files that are there but refused: name and why. */
size_t	 catalogue_bads(const struct catalogue *);
const char *catalogue_bad_id(const struct catalogue *, size_t);
const char *catalogue_bad_why(const struct catalogue *, size_t);

/* Directories of backups without a label: under way, broken off, withdrawn. */
size_t	 catalogue_unlabelled(const struct catalogue *);
const char *catalogue_unlabelled_id(const struct catalogue *, size_t);

/*
 * What lay in the place of a pin there, after it had no label: PIN_WITHDRAWN
 * is the proof that it will have none.  Never NULL.
 */
const struct pin *catalogue_unlabelled_pin(const struct catalogue *, size_t);

/* How many names were ignored, and one of them, cleaned ("" if none). */
size_t	 catalogue_unknown(const struct catalogue *);
const char *catalogue_unknown_name(const struct catalogue *);

/* From the marker. */
uint32_t catalogue_segsize(const struct catalogue *);

/* All complete segments, settled. */
const struct coverage_set *catalogue_wal(const struct catalogue *);

/* What is stored of each timeline, in ascending order; borrowed. */
size_t	 catalogue_timelines(const struct catalogue *);
const struct walindex_timeline *catalogue_timeline(const struct catalogue *,
	    size_t);

/*
 * Segments of the backup's own and all later timelines, from its first one
 * on, and what they take up in the repository.
 */
struct catalogue_since {
	uint64_t	 segments, bytes;
};
struct catalogue_since catalogue_since(const struct catalogue *, size_t label);

/*
 * The histories.  Where they were read *read is 1.  Else they are a guess: a
 * timeline follows the next lower one whose segments begin before its own,
 * from the first byte of its first segment on.  That is right wherever
 * timelines were switched one after the other; good enough to show, not to
 * delete by.
 */
struct lineage_set catalogue_lines(const struct catalogue *, int *read);

/* When a segment was archived, by the repository's clock: 1 if not known. */
int	 catalogue_archived(struct archive *, uint32_t segsize, uint32_t tli,
	    uint64_t segno, int64_t *us, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * System identifiers below ROOT/SERVER, ascending: who lists before knowing
 * one.  The store must be at the root.  The caller frees *ids.
 */
int	 catalogue_systems(struct store *, const char *server, uint64_t **ids,
	    size_t *n, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CATALOGUE_CATALOGUE_H */
