/* SPDX-License-Identifier: ISC */
#ifndef PG_EXCLUDE_H
#define PG_EXCLUDE_H

/*
 * What a base backup leaves out.  The rules are those of PostgreSQL's own
 * base backup (excludeDirContents and excludeFiles in
 * src/backend/backup/basebackup.c).  Besides, old copies of a backup's files
 * and the signal files are left out: a restore writes its own.
 *
 * Unlogged relations are not decided here: see relpath_cmp_relation().
 */
enum exclude_verdict {
	EXCLUDE_KEEP,
	EXCLUDE_SKIP,		/* leave out, with everything below it */
	EXCLUDE_KEEP_DIR	/* keep the folder, leave out its content */
};

/*
 * Judge a file or a folder by its path relative to the data directory, such
 * as "base/5/16384".  A symbolic link is judged as what it points to.  Every
 * path below an EXCLUDE_KEEP_DIR is EXCLUDE_SKIP, except
 * pg_wal/archive_status and pg_wal/summaries (of PostgreSQL 17), which are
 * EXCLUDE_KEEP_DIR themselves.
 */
enum exclude_verdict exclude_path(const char *path)
	    __attribute__((nonnull));

/*
 * Whether PostgreSQL needs the path in every cluster: a folder or file of its
 * own, or what lies below one.  Other names (log, what an administrator put
 * there) a cluster can start without.
 */
int	 exclude_is_own(const char *path) __attribute__((nonnull));

#endif /* PG_EXCLUDE_H */
