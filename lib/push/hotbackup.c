/* SPDX-License-Identifier: ISC */
/* What PostgreSQL does for a base backup, and what it says of it. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/str.h"
#include "push/hotbackup.h"
#include "push/labelfacts.h"

/* Everything that can be checked is checked before the checkpoint begins. */
int
hotbackup_open(struct hotbackup *h, const struct pgsession_conf *sc,
    const char *text, struct err *e)
{
	if (pgsession_open(&h->session, sc, e) ||
	    pgfacts_get(h->session, &h->facts, e) ||
	    pgfacts_check_archive(&h->facts, e) ||
	    pgsession_may_start(h->session, text, e))
		return (-1);
	if (h->facts.block_size != 8192)
		return (err_set(e, ERR_PG, "PostgreSQL was built with blocks "
		    "of %" PRIu32 " bytes, expected 8192; other sizes are not "
		    "supported", h->facts.block_size));
	return (0);
}

/*
 * The names of databases as of the start.  A database that is made later is
 * not in the list; replay of WAL makes it in the restored cluster.
 */
static int
list_databases(struct hotbackup *h, struct err *e)
{
	size_t	 i;

	if (pglists_databases(h->session, &h->dbs, &h->ndbs, e))
		return (-1);
	if ((h->names = calloc(h->ndbs + 1, sizeof(*h->names))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list databases"));
	for (i = 0; i < h->ndbs; i++)
		h->names[i] = (struct manifest_database){ h->dbs[i].oid,
		    h->dbs[i].name };
	return (0);
}

int
hotbackup_start(struct hotbackup *h, struct label *l, const char *text,
    int fast, struct err *e)
{
	return (pgsession_start(h->session, text, fast, &h->start, e) ||
	    str_dup(&l->label, text, e) ||
	    labelfacts_take(l, h->session, &h->facts, &h->start, e) ||
	    label_fits(l, e) || list_databases(h, e) ? -1 : 0);
}

int
hotbackup_check(const struct pgsession_start *start,
    const struct pgsession_stop *stop, struct err *e)
{
	/* On a standby: it was promoted.  No WAL leads from start to stop. */
	if (stop->timeline != start->timeline)
		return (err_set(e, ERR_PG, "the timeline changed from %" PRIu32
		    " to %" PRIu32 " during the backup; run base-push again",
		    start->timeline, stop->timeline));
	if (stop->label_len == 0)
		return (err_set(e, ERR_PG,
		    "PostgreSQL returned no backup_label"));
	return (0);
}

int
hotbackup_stop(struct hotbackup *h, struct label *l, struct err *e)
{
	if (pgsession_alive(h->session, e) ||
	    pgsession_stop(h->session, &h->stop, e) ||
	    hotbackup_check(&h->start, &h->stop, e))
		return (-1);
	l->stop_us = h->stop.time_us;
	l->stop_lsn = h->stop.lsn;
	l->oldest_xid = h->stop.oldest_xid;
	l->next_xid = h->stop.next_xid;
	return (str_fmt(l->stop_wal, sizeof(l->stop_wal), e, "%s",
	    h->stop.walfile));
}

void
hotbackup_free(struct hotbackup *h)
{
	free(h->names);
	pglists_databases_free(h->dbs, h->ndbs);
	pgsession_stop_free(&h->stop);
	pgsession_free(h->session);
}
