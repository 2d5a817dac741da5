/* SPDX-License-Identifier: ISC */
#ifndef PG_EXCLUDE_H
#define PG_EXCLUDE_H

/*
 * What a base backup leaves out, told by a path relative to the data
 * directory, "base/5/16384".  The rules are those of PostgreSQL's own base
 * backup (src/backend/backup/basebackup.c) and, beyond them, *.old of the
 * backup's files and the signal files, which the restore writes itself.
 *
 * Unlogged relations are not decided here: see relpath_cmp_relation().
 */
enum exclude_verdict {
	EXCLUDE_KEEP,
	EXCLUDE_SKIP,		/* leave out, with everything below it */
	EXCLUDE_KEEP_DIR	/* keep the folder, leave out its content */
};

/*
 * Works for files and folders; symbolic links count as what they point to.
 * Every path below an EXCLUDE_KEEP_DIR is EXCLUDE_SKIP, except
 * pg_wal/archive_status and pg_wal/summaries (17), which are
 * EXCLUDE_KEEP_DIR themselves.
 */
enum exclude_verdict exclude_path(const char *path)
	    __attribute__((nonnull));

#endif /* PG_EXCLUDE_H */
