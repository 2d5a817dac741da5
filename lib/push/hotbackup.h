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
 * and stops it, and what goes from there into the label.
 *
 *	struct hotbackup	 h = { .session = NULL };
 *
 *	if (hotbackup_open(&h, &conf, "nightly", e) ||
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
	struct pgsession_stop	 stop;		/* with backup_label */
	struct pglists_database *dbs;		/* as of the start */
	size_t			 ndbs;
	struct manifest_database *names;	/* the same, borrowed */
};

/*
 * Connect, and check that this cluster can be backed up at all, under the name
 * "text".
 */
int	 hotbackup_open(struct hotbackup *, const struct pgsession_conf *,
	    const char *text, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Call pg_backup_start(), and write into the label what is known then.
 * "text" is the user's name for the backup.  It lasts as long as the
 * checkpoint does, which PostgreSQL spreads over minutes unless "fast" is
 * set.
 */
int	 hotbackup_start(struct hotbackup *, struct label *, const char *text,
	    int fast, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Call pg_backup_stop(), and write into the label where the backup ends.  If
 * the timeline changed meanwhile the failure is ERR_PG: the backup would need
 * WAL of two timelines.
 */
int	 hotbackup_stop(struct hotbackup *, struct label *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Whether what PostgreSQL returned at the stop completes the backup that it
 * started: hotbackup_stop() asks this.  ERR_PG if not.
 */
int	 hotbackup_check(const struct pgsession_start *,
	    const struct pgsession_stop *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Disconnect and release everything.  PostgreSQL gives up a backup that was
 * started and not stopped.
 */
void	 hotbackup_free(struct hotbackup *);

#endif /* PUSH_HOTBACKUP_H */
