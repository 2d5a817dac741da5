/* SPDX-License-Identifier: ISC */
/* What the label of a streamed backup says, without any SQL. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/str.h"
#include "cluster/pglabel.h"
#include "push/streamlabel.h"

#define SECOND_US	INT64_C(1000000)

/* Names of tablespaces are in the catalogue, which nobody can ask here. */
static int
take_spaces(struct label *l, const struct basebackup_start *start,
    struct err *e)
{
	struct label_tablespace	*t;
	char			 number[16];
	size_t			 i;

	l->tablespaces = calloc(start->nspaces + 1, sizeof(*l->tablespaces));
	if (l->tablespaces == NULL)
		return (err_sys(e, ERR_LOCAL, "tablespaces"));
	for (i = 0; i < start->nspaces; i++) {
		t = &l->tablespaces[i];
		t->oid = start->spaces[i].oid;
		l->ntablespaces = i + 1;
		(void)snprintf(number, sizeof(number), "%" PRIu32, t->oid);
		if (str_dup(&t->name, number, e) ||
		    str_dup(&t->path, start->spaces[i].path, e))
			return (-1);
	}
	return (0);
}

int
streamlabel_start(struct pushrun *b, const struct basebackup_start *start,
    struct err *e)
{
	const struct pgfacts	*f = &b->pg.facts;
	struct label		*l = b->label;

	l->postgresql = f->version;
	l->start_us = b->pg.start.time_us;
	l->start_lsn = b->pg.start.lsn;
	l->timeline = b->pg.start.timeline;
	l->wal_segment_size = f->segment_size;
	l->data_checksums = f->checksums;
	if (str_dup(&l->label, b->conf->label, e) ||
	    str_dup(&l->seawall, SEAWALL_VERSION, e) ||
	    str_fmt(l->start_wal, sizeof(l->start_wal), e, "%s",
	    b->pg.start.walfile) ||
	    (f->data_directory[0] != '\0' &&
	    str_dup(&l->data_directory, f->data_directory, e)))
		return (-1);
	return (take_spaces(l, start, e) || label_fits(l, e) ? -1 :
	    0);
}

/*
 * The server has stopped the backup.  The time of the stop must not be too
 * early, or a restore would be sent to a moment before the backup is
 * consistent.  So the second that the server's clock cannot tell counts, and
 * clocks that differ by less than ten seconds are taken for the same.
 */
int
streamlabel_stop(struct pushrun *b, const struct basebackup_piece *p,
    int64_t ahead_us, struct err *e)
{
	struct pgsession_stop	*stop = &b->pg.stop;
	struct label		*l = b->label;
	struct walname		 last;
	int64_t			 late = ahead_us + 2 * SECOND_US;

	stop->lsn = p->stop_lsn;
	stop->timeline = p->stop_timeline;
	if (hotbackup_check(&b->pg.start, stop, e) ||
	    pglabel_check(stop->label, stop->lsn, b->pg.start.walfile,
	    b->pg.start.lsn, e))
		return (-1);
	if (late < 0 && ahead_us > -10 * SECOND_US)
		late = 0;
	last = walname_before(stop->timeline, stop->lsn,
	    b->pg.facts.segment_size);
	(void)walname_format(stop->walfile, &last);
	stop->time_us = clock_now_us() + late;
	if (ahead_us < 0)
		l->start_us += ahead_us;
	l->stop_us = stop->time_us;
	l->stop_lsn = stop->lsn;
	return (str_fmt(l->stop_wal, sizeof(l->stop_wal), e, "%s",
	    stop->walfile));
}
