/* SPDX-License-Identifier: ISC */
/* What follows from the facts of a server, and their release. */
#include <stdlib.h>
#include <string.h>

#include "check/checkfacts.h"

void
checkfacts_fini(struct checkfacts *f)
{
	free(f->run);
	window_free(&f->window);
	expire_free(f->plan);
	evidence_fini(&f->by_list);
	catalogue_free(f->cat);
	free(f->clusters);
	archive_free(f->a);
	pgsession_free(f->session);
	memset(f, 0, sizeof(*f));
}

int
checkfacts_counts(const struct checkfacts *f, size_t label)
{
	return (f->window.backup[label].whole &&
	    f->window.backup[label].incomplete == NULL);
}

int64_t
checkfacts_last(const struct catalogue *cat)
{
	int64_t	 at, last = 0;
	size_t	 i;

	for (i = 0; i < catalogue_timelines(cat); i++) {
		at = catalogue_timeline(cat, i)->newest_at;
		last = at > last ? at : last;
	}
	for (i = 0; i < catalogue_labels(cat); i++) {
		at = catalogue_changed(cat, i) / 1000000;
		last = at > last ? at : last;
	}
	return (last);
}

size_t
checkfacts_counting(const struct checkfacts *f)
{
	size_t	 i, n = 0;

	for (i = 0; f->listed && i < catalogue_labels(f->cat); i++)
		n += (size_t)checkfacts_counts(f, i);
	return (n);
}

/*
 * Whether the newest WAL of the server's timeline is a part of a segment.  What
 * came behind it as a whole may have come from an archiver.
 */
static int
has_part(const struct checkfacts *f)
{
	const struct walindex_timeline	*t;
	const struct walindex_open	*o;
	size_t				 i;

	if (!f->listed || f->pg.system_id != f->a->system_id)
		return (0);
	t = catalogue_find_timeline(f->cat, f->watch.timeline);
	for (i = 0; i < catalogue_opens(f->cat); i++) {
		o = catalogue_open(f->cat, i);
		if (o->tli == f->watch.timeline && (t == NULL ||
		    t->segments == 0 || o->segno > t->last))
			return (1);
	}
	return (0);
}

int
checkfacts_received(const struct checkfacts *f)
{
	if (!f->slot_known)
		return (0);
	if (f->slot.exists)
		return (1);
	return (checkfacts_primary(f) && (f->slot.required ||
	    f->conf->slot_set || f->seen.system_id == f->pg.system_id ||
	    has_part(f)));
}

int
checkfacts_primary(const struct checkfacts *f)
{
	return (f->watched && !f->pg.in_recovery);
}
