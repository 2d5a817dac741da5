/* SPDX-License-Identifier: ISC */
/* The damage that a label reports: the first files by name, all by count. */
#include <string.h>

#include "base/str.h"
#include "push/damage.h"

static int
name_file(struct label *l, const char *path, struct err *e)
{
	char	 clean[MANIFEST_PATH_MAX];

	l->damaged_files++;
	if (l->ndamaged == LABEL_DAMAGED_MAX)
		return (0);
	(void)str_clean(clean, sizeof(clean), path, strlen(path));
	if (str_dup(&l->damaged[l->ndamaged], clean, e))
		return (-1);
	l->ndamaged++;
	return (0);
}

/*
 * Remember a file for damage_settle().  If there is no room for all, the ones
 * with the highest LSN are kept: those are the likeliest to lie beyond the
 * stop.
 */
static void
add_newer(struct damage *d, const struct manifest_entry *en, uint64_t newest)
{
	size_t	 i, at = 0;

	if (d->n < LABEL_DAMAGED_MAX)
		at = d->n++;
	else {
		for (i = 1; i < d->n; i++)
			if (d->newer[i].lsn < d->newer[at].lsn)
				at = i;
		if (d->newer[at].lsn >= newest)
			return;
	}
	(void)str_clean(d->newer[at].path, sizeof(d->newer[at].path),
	    en->path, strlen(en->path));
	d->newer[at].lsn = newest;
	d->newer[at].named = (en->flags & MANIFEST_DAMAGED) != 0;
}

int
damage_add(struct damage *d, struct label *l,
    const struct manifest_entry *en, uint64_t newest, struct err *e)
{
	if ((en->flags & MANIFEST_DAMAGED) != 0 && name_file(l, en->path, e))
		return (-1);
	if (newest != 0)
		add_newer(d, en, newest);
	return (0);
}

int
damage_settle(const struct damage *d, struct label *l, uint64_t bad,
    uint64_t stop, struct err *e)
{
	size_t	 i;

	l->damaged_pages = bad;
	for (i = 0; i < d->n; i++)
		if (d->newer[i].lsn > stop) {
			l->damaged_pages++;
			if (!d->newer[i].named &&
			    name_file(l, d->newer[i].path, e))
				return (-1);
		}
	return (0);
}
