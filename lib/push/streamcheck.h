/* SPDX-License-Identifier: ISC */
#ifndef PUSH_STREAMCHECK_H
#define PUSH_STREAMCHECK_H

#include <stdint.h>

#include "backup/manifest.h"

/*
 * Compares what a server sent with what it says it sent, its backup_manifest.
 *
 *	if (streamcheck_new(&c, dir, system_id, e))
 *		goto out;
 *	streamcheck_arrives() for each file
 *	streamcheck_apart() for files that are not stored as they came
 *	streamcheck_manifest() for each piece of the manifest
 *	if (streamcheck_begin(c, e))
 *		goto out;
 *	for each file that is stored, in ascending order of path
 *		if (streamcheck_file(c, &entry, e))
 *			goto out;
 *	if (streamcheck_end(c, e))
 *		goto out;
 * out:
 *	streamcheck_free(c);
 *
 * Any difference is ERR_PG: a size or CRC, a file that only one of both has,
 * another system identifier, a checksum that does not fit the manifest's text.
 */
struct streamcheck;

/*
 * Return "rc".  What the server sends wrong is its failure, and not the
 * repository's: ERR_CORRUPT becomes ERR_PG.
 */
int	 streamcheck_of_server(int rc, struct err *) __attribute__((nonnull));

/* Files without names in the directory "dir" hold the manifest meanwhile. */
int	 streamcheck_new(struct streamcheck **out, const char *dir,
	    uint64_t system_id, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 streamcheck_free(struct streamcheck *);	/* NULL is fine */

/*
 * The files were not sent by the server, but lie on this host, the manifest
 * beside them, as pg_basebackup left it: any number of files may be listed
 * before the first one is stored.  Files that no backup of ours has
 * (pg/exclude.h) may be listed.  Like pg_verifybackup, it takes any
 * postgresql.auto.conf, to which pg_basebackup -R appends.
 */
void	 streamcheck_copied(struct streamcheck *) __attribute__((nonnull));

/*
 * One more file begins to arrive, whatever becomes of it: the manifest may not
 * list many more files than arrived, since the list takes room on this host.
 */
void	 streamcheck_arrives(struct streamcheck *) __attribute__((nonnull));

/* A file that came, and is not stored, or is stored altered. */
int	 streamcheck_apart(struct streamcheck *, const char *path,
	    uint64_t size, uint32_t crc32c, struct err *)
	    __attribute__((warn_unused_result, nonnull));

int	 streamcheck_manifest(struct streamcheck *, const void *p, size_t n,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 streamcheck_begin(struct streamcheck *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 streamcheck_file(struct streamcheck *,
	    const struct manifest_entry *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 streamcheck_end(struct streamcheck *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PUSH_STREAMCHECK_H */
