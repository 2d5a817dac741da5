/* SPDX-License-Identifier: ISC */
#ifndef PG_PGMANIFEST_READ_H
#define PG_PGMANIFEST_READ_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Reads the backup_manifest that a server sends behind a base backup, to
 * compare it with what arrived.  Bytes go in as they come, in pieces of any
 * size; each file comes out.  Memory is that of one line.
 *
 *	if (pgmanifest_read_new(&r, &on, arg, e))
 *		goto out;
 *	for each piece: pgmanifest_read_add(r, p, n, e);
 *	if (pgmanifest_read_end(r, e))
 *		goto out;
 * out:
 *	pgmanifest_read_free(r);
 *
 * It takes the format as PostgreSQL 13 to 18 write it, line by line
 * (src/backend/backup/backup_manifest.c): versions 1 and 2, and CRC-32C as the
 * only checksum.  Anything else is ERR_CORRUPT.  It does not compare the
 * checksum of the manifest itself: whoever hashes all bytes before the line of
 * the checksum can ask pgmanifest_read_sum() for it.
 */
struct pgmanifest_seen {
	const char	*path;		/* may hold any bytes but NUL */
	uint64_t	 size;
	uint32_t	 crc32c;
};

struct pgmanifest_read_events {
	/*
	 * Each returns 0, or -1 with an error of its own.  Version 1 has no
	 * system identifier.
	 */
	int	(*cluster)(void *arg, uint64_t id, struct err *);
	int	(*file)(void *arg, const struct pgmanifest_seen *,
		    struct err *);
	/* All bytes that the manifest's own checksum covers, in order. */
	int	(*hashed)(void *arg, const void *p, size_t n, struct err *);
	/* WAL that the backup needs, from "start" to "end", not included. */
	int	(*range)(void *arg, uint32_t tli, uint64_t start,
		    uint64_t end, struct err *);
};

struct pgmanifest_read;

/* "on" is borrowed; any callback may be NULL. */
int	 pgmanifest_read_new(struct pgmanifest_read **out,
	    const struct pgmanifest_read_events *on, void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4)));
int	 pgmanifest_read_add(struct pgmanifest_read *, const void *p,
	    size_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* No more will come.  ERR_CORRUPT unless the manifest is complete. */
int	 pgmanifest_read_end(const struct pgmanifest_read *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The SHA-256 in its last line; once it is complete. */
const uint8_t *pgmanifest_read_sum(const struct pgmanifest_read *)
	    __attribute__((nonnull));
void	 pgmanifest_read_free(struct pgmanifest_read *);  /* NULL is fine */

#endif /* PG_PGMANIFEST_READ_H */
