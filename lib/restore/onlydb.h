/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_ONLYDB_H
#define RESTORE_ONLYDB_H

#include <stddef.h>
#include <stdint.h>

#include "backup/label.h"
#include "repo/archive.h"

/*
 * Which databases a restore brings.  The files of relations of all others,
 * and pg_filenode.map, which tells the first of them, come in their size, all
 * zeros and without room on the disk: PostgreSQL starts, replays WAL that is
 * about them (the first record about a page after the start of the backup
 * holds all of it), and can drop these databases, but not use them.  It
 * refuses who connects ("relation mapping file ... contains invalid data").
 *
 * Always brought are the shared catalogs, template0, template1 and postgres.
 */
struct onlydb;

/* "names" are borrowed. */
int	 onlydb_new(struct onlydb **, const char *const *names, size_t n,
	    struct err *) __attribute__((warn_unused_result, nonnull));
/* One that the backup has. */
int	 onlydb_add(struct onlydb *, uint32_t oid, const char *name,
	    struct err *) __attribute__((warn_unused_result, nonnull));
/*
 * ERR_ABSENT, with those that there are, if one of the names was not added;
 * or if none was: the backup was made by an earlier base-push and does not
 * tell.
 */
int	 onlydb_check(const struct onlydb *, const char *id, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* All three, from the manifest of "label"; only its beginning is read. */
int	 onlydb_load(struct onlydb **, struct archive *,
	    const struct label *, const char *const *names, size_t n,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Whether the content of this file of the data directory is brought. */
int	 onlydb_wants(const struct onlydb *, const char *path);

/* Databases of which it is, and all. */
size_t	 onlydb_wanted(const struct onlydb *, size_t *all);
void	 onlydb_free(struct onlydb *);			/* NULL is fine */

#endif /* RESTORE_ONLYDB_H */
