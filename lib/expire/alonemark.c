/* SPDX-License-Identifier: ISC */
/* Marks of backups behind which WAL goes, though they stay. */
#include "catalogue/pinning.h"
#include "expire/alonemark.h"

int
alonemark_needed(const struct expire *x, size_t label)
{
	struct lineage_set	 lines;
	int			 read;

	if (!x->plan.verdict[label].alone ||
	    x->backup[label].pinned != NULL)
		return (0);
	lines = catalogue_lines(x->cat, &read);
	return (retention_wal_cuts(&x->plan.wal, &lines,
	    catalogue_segsize(x->cat), &x->backup[label].at));
}

int
alonemark_run(struct expire *x, struct archive *a, struct err *e)
{
	size_t	 i;

	if (x->conf->dry)
		return (0);
	for (i = 0; i < catalogue_labels(x->cat); i++)
		if (catalogue_pin(x->cat, i)->kind == PIN_NONE &&
		    alonemark_needed(x, i) &&
		    pinning_mark(a, x->backup[i].at.id, e))
			return (-1);
	return (0);
}
