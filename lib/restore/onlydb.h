/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_ONLYDB_H
#define RESTORE_ONLYDB_H

#include <stddef.h>
#include <stdint.h>

#include "backup/label.h"
#include "repo/archive.h"

/*
 * Which databases a restore brings back.  Of all others the files of
 * relations, and pg_filenode.map, which maps the first of them, are restored
 * in their size but as zeros, and take no room on the disk.  PostgreSQL
 * starts with that, and replays WAL about these databases: the first record
 * about a page after the start of the backup holds all of the page.  They
 * can be dropped, but not used: PostgreSQL refuses connections to them
 * ("relation mapping file ... contains invalid data").
 *
 * The shared catalogs, template0, template1 and postgres always come back.
 */
struct onlydb;

/* "names" are the databases that are wanted; borrowed. */
int	 onlydb_new(struct onlydb **, const char *const *names, size_t n,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Add a database that the backup has, by ascending OID. */
int	 onlydb_add(struct onlydb *, uint32_t oid, const char *name,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * After the last one: ERR_ABSENT, with the names that there are, if one of
 * the wanted was not added; or if none was added at all, since an earlier
 * base-push did not store the names.  "id" is the backup's, for the message.
 */
int	 onlydb_check(const struct onlydb *, const char *id, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* All three, from the beginning of the manifest of backup "label". */
int	 onlydb_load(struct onlydb **, struct archive *,
	    const struct label *label, const char *const *names, size_t n,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/* Whether the content of this file of the data directory comes back. */
int	 onlydb_wants(const struct onlydb *, const char *path);

/* How many databases come back; *all is how many there are. */
size_t	 onlydb_wanted(const struct onlydb *, size_t *all);
void	 onlydb_free(struct onlydb *);			/* NULL is fine */

#endif /* RESTORE_ONLYDB_H */
