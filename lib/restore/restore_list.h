/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_RESTORE_LIST_H
#define RESTORE_RESTORE_LIST_H

#include <stdint.h>

#include "backup/manifest.h"

/*
 * Writes backup_manifest, PostgreSQL's own list of files, into a restored
 * data directory, so that pg_verifybackup can check it.  It names no WAL:
 * WAL comes by restore_command and is authenticated there.
 *
 *	if (restore_list_open(&l, dir, 17, system_id, e))
 *		return (-1);
 *	for each file: restore_list_file(l, entry, zeros, e)
 *	if something was appended: restore_list_appended(l, text)
 *	if (restore_list_finish(l, e))
 *		...
 *	restore_list_free(l);
 *
 * The file has its name, and is synced, once restore_list_finish() has
 * returned 0.  Until then it has a temporary name, which restore_list_free()
 * removes.
 */
struct restore_list;

/* "major" is PostgreSQL's version, which decides on the list's format. */
int	 restore_list_open(struct restore_list **, const char *dir,
	    unsigned major, uint64_t system_id, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Add a file of the manifest.  With "zeros" it is restored as zeros, whatever
 * the backup has, and listed so.
 */
int	 restore_list_file(struct restore_list *,
	    const struct manifest_entry *, int zeros, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Text was appended to postgresql.conf, if the manifest had that file. */
void	 restore_list_appended(struct restore_list *, const char *text)
	    __attribute__((nonnull));

int	 restore_list_finish(struct restore_list *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 restore_list_free(struct restore_list *);	/* NULL is fine */

#endif /* RESTORE_RESTORE_LIST_H */
