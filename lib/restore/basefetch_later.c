/* SPDX-License-Identifier: ISC */
/* What replay comes to from the start of a plan's backup on. */
#include "restore/basefetch.h"

int
basefetch_later(struct basefetch_plan *p, const struct choose_target *target,
    struct err *e)
{
	const struct label	*l = p->label;
	struct choose_target	 t = *target;
	int			 read;
	const struct lineage_set lines = catalogue_lines(p->catalogue, &read);
	const struct walread_line line = { p->archive, &lines, p->tli,
	    (uint32_t)l->wal_segment_size };

	if (!read)
		return (0);
	/* Replay needs what was written while the backup ran. */
	if (t.kind == CHOOSE_IMMEDIATE) {
		t.kind = CHOOSE_LSN;
		t.lsn = l->stop_lsn - 1;
	}
	if (p->found.at.lsn != 0) {
		t.kind = CHOOSE_LSN;
		t.lsn = p->found.at.lsn;
	}
	return (laterfacts_find(&p->later, &p->hot, &line, l->start_lsn,
	    p->last_segno, &t, e));
}
