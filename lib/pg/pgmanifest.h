/* SPDX-License-Identifier: ISC */
#ifndef PG_PGMANIFEST_H
#define PG_PGMANIFEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Writes PostgreSQL's backup_manifest, which pg_verifybackup checks
 * (src/backend/backup/backup_manifest.c, "Backup Manifest Format" in the
 * manual), piece by piece, so that it takes no memory however many files.
 *
 *	struct pgmanifest m;
 *
 *	pgmanifest_begin(&m, 17, sysid, write, ctx, e);
 *	for each file: pgmanifest_file(&m, &f, e);
 *	pgmanifest_end(&m, e);			up to the checksum
 *	... finish the SHA-256 over all that was written ...
 *	pgmanifest_seal(&m, sha256, e);
 *
 * The caller's "write" hashes and stores; a failure of it is passed on.
 * PostgreSQL 13 to 16 have version 1 of the format; from 17 on version 2,
 * which names the system identifier.
 */
struct pgmanifest {
	int	(*write)(void *ctx, const void *, size_t, struct err *);
	void	 *ctx;
	uint64_t  files, ranges;
	int	  in_ranges;
};

struct pgmanifest_file {
	const char	*path;		/* relative to the data directory */
	uint64_t	 size;
	int64_t		 mtime;		/* seconds since 1970, UTC */
	uint32_t	 crc32c;
};

/* WAL that the backup needs; an entry for each timeline. */
struct pgmanifest_range {
	uint32_t	 tli;
	uint64_t	 start, end;
};

int	 pgmanifest_begin(struct pgmanifest *, unsigned major, uint64_t sysid,
	    int (*write)(void *, const void *, size_t, struct err *),
	    void *ctx, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 4, 6)));

/*
 * Of what will lie there after a restore: pg_control as control_poison()
 * left it.  Not for backup_manifest itself and pg_wal, which are not checked.
 * The path may be any bytes; it is written in hexadecimal where it is not
 * UTF-8.  ERR_LOCAL if it is longer than 4095 bytes.
 */
int	 pgmanifest_file(struct pgmanifest *, const struct pgmanifest_file *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * After the last file, any number of times.  With ranges pg_verifybackup
 * wants that WAL in pg_wal, or its option -n; without any it accepts a
 * backup whose WAL lies in an archive (tried with 15), but PostgreSQL 17
 * takes no incremental backup on top of it.
 */
int	 pgmanifest_range(struct pgmanifest *,
	    const struct pgmanifest_range *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

int	 pgmanifest_end(struct pgmanifest *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 pgmanifest_seal(struct pgmanifest *, const uint8_t sha256[32],
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* PG_PGMANIFEST_H */
