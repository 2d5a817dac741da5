/* SPDX-License-Identifier: ISC */
#ifndef BACKUP_LABELFIND_H
#define BACKUP_LABELFIND_H

#include "backup/label.h"

/*
 * One label out of the repository, for programs that do not need the whole
 * catalogue.
 *
 * A label that cannot be trusted, or not be read although the marker can, is
 * no failure: it is as if there were none, and *why (ERR_CORRUPT) says what is
 * wrong with the first such.  *why stays as it is if nothing was found to be
 * wrong.
 */

/* The label of backup "id".  Returns 0; 1 if there is none; or -1. */
int	 labelfind_load(struct label **, struct archive *, const char *id,
	    struct err *why, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The newest backup by its id; with a chunk_size other than 0, the newest
 * with chunks of that many bytes.  Returns 0; 1 if there is none; or -1.
 * Where only backups with other chunk sizes are found, *why says so.
 */
int	 labelfind_newest(struct label **, struct archive *,
	    uint32_t chunk_size, struct err *why, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* BACKUP_LABELFIND_H */
