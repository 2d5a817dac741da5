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
 * the marker, all labels, and the names and sizes of all WAL files.  Any key
 * will do.
 *
 * Only a .restore key can read history files.  With another key the points
 * where timelines forked are guessed, see catalogue_lines().
 *
 * Names in a listing come from a host that is not trusted.  A name that
 * FORMAT.md does not know, or that lies in the wrong directory, is counted
 * and otherwise ignored.
 *
 *	struct catalogue *c = NULL;
 *
 *	if (catalogue_load(&c, archive, e))
 *		goto out;
 *	for (i = 0; i < catalogue_labels(c); i++)
 *		... catalogue_label(c, i) ...
 * out:
 *	catalogue_free(c);
 *
 * All that the functions below return is borrowed from the catalogue and
 * valid until catalogue_free().  An index counts from 0.
 */
struct catalogue;

/*
 * Load the catalogue.  Fails with ERR_REMOTE if the marker is missing, since
 * nothing else can be believed to be missing then, and with ERR_CORRUPT if
 * the marker is not authentic.  A label or history file that is not authentic,
 * and one that cannot be read although the marker can, is no failure and does
 * not hide the others, nor does a folder of WAL that cannot be listed:
 * catalogue_bads() lists them.
 */
int	 catalogue_load(struct catalogue **, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The same, and calls "each", in no order, with the name and the stored size
 * of every file below wal/ that has one of PostgreSQL's names and lies where
 * it belongs.  "each" returns 0, or -1 to stop with its own error.
 */
typedef int	 catalogue_file(void *arg, const struct walname *,
		    uint64_t bytes, struct err *);

int	 catalogue_load_files(struct catalogue **, struct archive *,
	    catalogue_file *each, void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 3, 5)));

/*
 * As catalogue_load(), as if the history file of timeline "tli" had been set
 * aside: to see what comes of that before it is done.
 */
int	 catalogue_load_without(struct catalogue **, struct archive *,
	    uint32_t tli, struct err *)
	    __attribute__((warn_unused_result, nonnull));

void	 catalogue_free(struct catalogue *);		/* NULL is fine */

/*
 * The backups: how many, one of them by start time (oldest first), and the
 * one with that id or NULL.
 */
size_t	 catalogue_labels(const struct catalogue *);
const struct label *catalogue_label(const struct catalogue *, size_t label);
const struct label *catalogue_find(const struct catalogue *, const char *id);

/* The pin of a backup; its kind is PIN_NONE if it has none.  Never NULL. */
const struct pin *catalogue_pin(const struct catalogue *, size_t label);

/*
 * When the directory of a backup last changed, in microseconds by the
 * repository's clock: its label came no later than that.  0: not known.
 */
int64_t	 catalogue_changed(const struct catalogue *, size_t label);

/* A backup in the form that the planners of plan/ take; the id is borrowed. */
struct lineage_backup catalogue_backup(const struct catalogue *,
	    size_t label);

/*
 * Labels and history files that were found and refused, and folders of WAL that
 * cannot be listed: how many, the backup's id or the path of the history or
 * the folder, and the reason in words.
 */
size_t	 catalogue_bads(const struct catalogue *);
const char *catalogue_bad_id(const struct catalogue *, size_t bad);
const char *catalogue_bad_why(const struct catalogue *, size_t bad);

/*
 * The label, if it was refused for nothing but that no inventory of its retired
 * signer lists it; else NULL.
 */
const struct label *catalogue_bad_unlisted(const struct catalogue *,
	    size_t bad);

/* Why the label of backup "id" was refused; NULL if that is not so. */
const char *catalogue_refused(const struct catalogue *, const char *id);

/*
 * Directories of backups without a label: a backup under way, one that was
 * interrupted, or one whose label was withdrawn by expiry.  In the order of
 * their ids.
 */
size_t	 catalogue_unlabelled(const struct catalogue *);
const char *catalogue_unlabelled_id(const struct catalogue *, size_t i);
int	 catalogue_is_unlabelled(const struct catalogue *, const char *id);

/* Whether backup "id" has a directory, with a label or without. */
int	 catalogue_has_directory(const struct catalogue *, const char *id);

/*
 * What lies in the place of a pin in such a directory.  It was read after the
 * label was found missing, so PIN_WITHDRAWN proves that the backup was
 * withdrawn and is not one under way.  Never NULL.
 */
const struct pin *catalogue_unlabelled_pin(const struct catalogue *,
	    size_t i);

/* The same by the backup's id; NULL if it has a label or no directory. */
const struct pin *catalogue_unlabelled_find(const struct catalogue *,
	    const char *id);

/* How many names were ignored, and the first, printable ("" if none was). */
size_t	 catalogue_unknown(const struct catalogue *);
const char *catalogue_unknown_name(const struct catalogue *);

/*
 * How many of them begin like the name of a WAL file or a backup, so that one
 * may have been moved or renamed; and the path of the first, printable.
 */
size_t	 catalogue_misplaced(const struct catalogue *);
const char *catalogue_misplaced_path(const struct catalogue *);

/* From the marker: the size of WAL segments in bytes, the repository's id. */
uint32_t catalogue_segsize(const struct catalogue *);
const uint8_t *catalogue_repository(const struct catalogue *);

/*
 * Whether a backup began with that segment, on whichever timeline: a label
 * says so, or a .backup file in the archive, which stays after its backup has
 * expired as long as the WAL from its start on does.
 */
int	 catalogue_begun(const struct catalogue *, uint64_t segno);

/* All complete segments; the set is settled. */
const struct coverage_set *catalogue_wal(const struct catalogue *);

/* What is stored of each timeline, in ascending order. */
size_t	 catalogue_timelines(const struct catalogue *);
const struct walindex_timeline *catalogue_timeline(const struct catalogue *,
	    size_t i);

/* That of timeline "tli"; NULL if nothing is stored of it. */
const struct walindex_timeline *catalogue_find_timeline(
	    const struct catalogue *, uint32_t tli) __attribute__((nonnull));

/*
 * The open objects, by timeline, segment and number: how many, and one.  Where
 * catalogue_wal() has the segment, they count for nothing any more.
 */
size_t	 catalogue_opens(const struct catalogue *);
const struct walindex_open *catalogue_open(const struct catalogue *,
	    size_t i);

/*
 * The WAL since a backup: how many segments of its own and of all later
 * timelines, from its first one on, and the bytes that they take up in the
 * repository.
 */
struct catalogue_since {
	uint64_t	 segments, bytes;
	int64_t		 own_us;	/* when the latest of those from its
					 * start to its stop came, by the
					 * repository's clock; see plan/grace.h
					 * for a time that is not known */
};
struct catalogue_since catalogue_since(const struct catalogue *, size_t label);

/*
 * How the timelines descend from each other.  *read becomes 1 if the history
 * files were read, and 0 if the lines are a guess: that a timeline began with
 * the first byte of its first segment, and came from the next lower timeline
 * whose segments begin before that.  The guess is right wherever timelines
 * were switched one after the other.  It is good enough to show; never delete
 * by it.
 */
struct lineage_set catalogue_lines(const struct catalogue *, int *read);

/*
 * When a segment was archived, in microseconds since 1970 by the repository's
 * clock.  Returns 0, 1 if that is not known (the segment is missing, or its
 * time makes no sense), or -1.
 */
int	 catalogue_archived(struct archive *, uint32_t segsize, uint32_t tli,
	    uint64_t segno, int64_t *us, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CATALOGUE_CATALOGUE_H */
