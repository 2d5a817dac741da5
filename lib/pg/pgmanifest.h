/* SPDX-License-Identifier: ISC */
#ifndef PG_PGMANIFEST_H
#define PG_PGMANIFEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * Writes PostgreSQL's backup_manifest, which pg_verifybackup checks
 * (src/backend/backup/backup_manifest.c; "Backup Manifest Format" in the
 * manual).  It is written piece by piece, so memory does not grow with the
 * number of files.
 *
 *	struct pgmanifest m;
 *
 *	pgmanifest_begin(&m, 17, sysid, write, ctx, e);
 *	for each file: pgmanifest_file(&m, &f, e);
 *	pgmanifest_end(&m, e);			up to the checksum
 *	... finish the SHA-256 of all that was written ...
 *	pgmanifest_seal(&m, sha256, e);
 *
 * The caller's "write" hashes and stores the text.  If it fails, the call
 * that called it fails with its error.  PostgreSQL 13 to 16 have version 1
 * of the format; from 17 on it is version 2, which names the system
 * identifier.
 */
struct pgmanifest {			/* only this module uses the members */
	int	(*write)(void *ctx, const void *, size_t, struct err *);
	void	 *ctx;
	uint64_t  files, ranges;
	int	  in_ranges;
};

struct pgmanifest_file {
	const char	*path;		/* relative to the data directory */
	uint64_t	 size;
	int64_t		 mtime;		/* seconds since 1970, UTC */
	uint32_t	 crc32c;	/* of the content */
};

/* WAL that the backup needs, of one timeline. */
struct pgmanifest_range {
	uint32_t	 tli;
	uint64_t	 start, end;
};

/* Begin the manifest of a cluster of PostgreSQL "major". */
int	 pgmanifest_begin(struct pgmanifest *m, unsigned major,
	    uint64_t sysid,
	    int (*write)(void *ctx, const void *p, size_t n, struct err *e),
	    void *ctx, struct err *e)
	    __attribute__((warn_unused_result, nonnull(1, 4, 6)));

/*
 * Add a file as it will be after a restore; pg_control as control_poison()
 * left it.  Do not add backup_manifest itself or files in pg_wal, which
 * pg_verifybackup does not check.  The path may hold any bytes; it is written
 * in hexadecimal if it is not UTF-8.  ERR_LOCAL if it exceeds 4095 bytes.
 */
int	 pgmanifest_file(struct pgmanifest *m,
	    const struct pgmanifest_file *f, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Add a range of WAL, after the last file.  With ranges pg_verifybackup
 * needs that WAL in pg_wal, or its option -n.  Without any it accepts a
 * backup whose WAL is in an archive (tried with PostgreSQL 15), but
 * PostgreSQL 17 makes no incremental backup on top of it.
 */
int	 pgmanifest_range(struct pgmanifest *m,
	    const struct pgmanifest_range *r, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * End the lists.  The SHA-256 of all that was written up to here is the
 * manifest's checksum, which pgmanifest_seal() writes as the last line.
 */
int	 pgmanifest_end(struct pgmanifest *m, struct err *e)
	    __attribute__((warn_unused_result, nonnull));
int	 pgmanifest_seal(struct pgmanifest *m, const uint8_t sha256[32],
	    struct err *e) __attribute__((warn_unused_result, nonnull));

#endif /* PG_PGMANIFEST_H */
