/* SPDX-License-Identifier: ISC */
#ifndef PUSH_HOTBACKUP_H
#define PUSH_HOTBACKUP_H

#include "backup/label.h"
#include "backup/manifest.h"
#include "cluster/pgfacts.h"
#include "cluster/pglists.h"
#include "cluster/pgsession.h"

/*
 * The server's side of a base backup: the session in which PostgreSQL starts
 * and stops it, and what the label says of the cluster.
 *
 *	struct hotbackup	 h = { .session = NULL };
 *
 *	if (hotbackup_open(&h, conninfo, e) ||
 *	    hotbackup_start(&h, label, "nightly", fast, e))
 *		goto out;
 *	... copy, and call pgsession_alive(h.session, e) meanwhile ...
 *	if (hotbackup_stop(&h, label, e))
 *		goto out;
 * out:
 *	hotbackup_free(&h);
 *
 * Failures are those of pgsession.h.
 */
struct hotbackup {
	struct pgsession	*session;
	struct pgfacts		 facts;		/* once opened */
	struct pgsession_start	 start;
	struct pgsession_stop	 stop;		/* label: backup_label */
	struct pglists_database *dbs;		/* as of the start */
	size_t			 ndbs;
	struct manifest_database *names;	/* the same, borrowed */
};

/* Connect, and find out whether this cluster can be backed up at all. */
int	 hotbackup_open(struct hotbackup *, const char *conninfo,
	    struct err *) __attribute__((warn_unused_result, nonnull(1, 3)));

/*
 * pg_backup_start(): it lasts as long as the checkpoint, a "fast" one or one
 * that PostgreSQL spreads.  "text" is the user's word for the backup.  The
 * label has all then that is known at the start.
 */
int	 hotbackup_start(struct hotbackup *, struct label *, const char *text,
	    int fast, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* pg_backup_stop(): the label has where the backup ends. */
int	 hotbackup_stop(struct hotbackup *, struct label *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Disconnect; PostgreSQL gives up a backup that was not stopped. */
void	 hotbackup_free(struct hotbackup *);

#endif /* PUSH_HOTBACKUP_H */
