/* SPDX-License-Identifier: ISC */
#ifndef CLUSTER_BASEBACKUP_H
#define CLUSTER_BASEBACKUP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cluster/pgfacts.h"

/*
 * A base backup over the replication protocol: the command BASE_BACKUP
 * ("Streaming Replication Protocol" in PostgreSQL's manual), PostgreSQL 13 to
 * 18.  The server starts the backup, sends a tar archive for each tablespace
 * and at last for the data directory, sends its backup_manifest, and stops the
 * backup.  It waits for no WAL.
 *
 *	if (basebackup_open(&b, &conf, e) ||
 *	    basebackup_start(b, &opt, &start, e))
 *		goto out;
 *	do {
 *		if (basebackup_next(b, &piece, e))
 *			goto out;
 *		...
 *	} while (piece.what != BASEBACKUP_END);
 * out:
 *	basebackup_free(b);
 *
 * Failures are those of pgsession.h, and ERR_PG for all that a server should
 * not send.  PostgreSQL verifies page checksums, unless that is turned off; if
 * one fails, it fails the command once it has sent all, and so the piece
 * BASEBACKUP_END never comes.  The same goes for a standby that is promoted.
 */
struct basebackup;

struct basebackup_conf {
	const char	*conninfo;	/* for libpq; may be "" */
	/* Called about once a second while the start lasts; may be NULL. */
	void		(*tick)(void *arg);
	void		*arg;
};

/* Connect, and find out what replfacts.h says. */
int	 basebackup_open(struct basebackup **out,
	    const struct basebackup_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 basebackup_free(struct basebackup *);		/* NULL is fine */
const struct pgfacts *basebackup_facts(const struct basebackup *)
	    __attribute__((nonnull));

struct basebackup_opt {
	const char	*label;		/* pglabel_check_text() */
	int		 fast;		/* checkpoint at once */
	int		 verify;	/* page checksums, by the server */
	uint64_t	 max_kbps;	/* kB/s of 1024; 0: no limit */
};

/* Borrowed from the struct basebackup. */
struct basebackup_space {
	uint32_t	 oid;
	const char	*path;
};

struct basebackup_start {
	uint64_t	 lsn;
	uint32_t	 timeline;
	uint64_t	 bytes;		/* of all files, about */
	const struct basebackup_space *spaces;	/* without the data
						   directory */
	size_t		 nspaces;
};

/* Lasts as long as the server's checkpoint does. */
int	 basebackup_start(struct basebackup *, const struct basebackup_opt *,
	    struct basebackup_start *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

enum basebackup_what {
	BASEBACKUP_ARCHIVE,	/* an archive begins; the one before is
				   complete */
	BASEBACKUP_MANIFEST,	/* the same of the manifest, once */
	BASEBACKUP_DATA,	/* bytes of either */
	BASEBACKUP_IDLE,	/* nothing came for a second */
	BASEBACKUP_END		/* all is complete; the backup has stopped */
};

struct basebackup_piece {
	enum basebackup_what what;
	const struct basebackup_space *space;	/* of an archive; NULL: the
						   data directory */
	const void	*data;		/* valid until the next call */
	size_t		 n;
	uint64_t	 stop_lsn;	/* at the end */
	uint32_t	 stop_timeline;
};

int	 basebackup_next(struct basebackup *, struct basebackup_piece *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* CLUSTER_BASEBACKUP_H */
