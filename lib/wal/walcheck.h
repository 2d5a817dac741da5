/* SPDX-License-Identifier: ISC */
#ifndef WAL_WALCHECK_H
#define WAL_WALCHECK_H

#include <sys/stat.h>

#include <stdint.h>

#include "base/err.h"

/*
 * Check a local WAL file against its name, before anything of it is sent.
 *
 *   - A segment and a .partial must have *segsize bytes.  The header of the
 *     first page must fit the name, the segment size and "system_id".  That
 *     shows a recycled file, one of another cluster, and one that was renamed.
 *   - A .history file must be readable as PostgreSQL reads it, and name at
 *     least one timeline.
 *   - A .history and a .backup file must have 1 byte to 1 MiB.
 *
 * "fd" is an open descriptor of the file; its position does not matter and
 * does not change.  "name" is the name that the file will have in the archive.
 * *segsize is the cluster's segment size in bytes, or 0 if it is not known; it
 * is then set from the header of a segment, and stays 0 for other files.  *st
 * is set to what fstat() said of the file.
 *
 * ERR_CONFLICT if the file is sound and of another cluster, ERR_CORRUPT if it
 * fails any other check, ERR_USAGE if "name" is no WAL file's name, ERR_LOCAL
 * if the file cannot be read or is not a regular file.
 */
int	 walcheck_file(struct stat *st, int fd, const char *name,
	    uint64_t system_id, uint64_t *segsize, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* WAL_WALCHECK_H */
