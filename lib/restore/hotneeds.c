/* SPDX-License-Identifier: ISC */
/* The five settings of hot standby, as later backups know them. */
#include <string.h>

#include "plan/lineage.h"
#include "restore/hotneeds.h"

const char hotneeds_wal[] = "archived WAL";

/* Whether WAL behind "from" leads to the backup "l", on the line of "tli". */
static int
is_ahead(const struct label *from, const struct label *l, uint32_t tli,
    const struct lineage_set *lines)
{
	return (l == from || (l->stop_lsn > from->stop_lsn &&
	    lineage_reaches(lines, l->timeline, l->stop_lsn, tli)));
}

void
hotneeds_find(struct hotneeds *n, const struct catalogue *c,
    const struct label *from, uint32_t tli, const struct lineage_set *lines)
{
	const struct label	*l;
	size_t			 i, k;

	memset(n, 0, sizeof(*n));
	for (i = 0; i < catalogue_labels(c); i++) {
		l = catalogue_label(c, i);
		if (!l->hot.known || !is_ahead(from, l, tli, lines))
			continue;
		for (k = 0; k < HOTSETTINGS; k++)
			if (n->backup[k] == NULL ||
			    l->hot.value[k] > n->value[k]) {
				n->value[k] = l->hot.value[k];
				n->backup[k] = l->id;
			}
	}
}
