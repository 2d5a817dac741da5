/* SPDX-License-Identifier: ISC */
/* What a copy of a repository takes along. */
#include <string.h>

#include "plan/copyset.h"

static int
is_wanted(const struct copyset_backup *b, const struct copyset_want *w)
{
	switch (w->kind) {
	case COPYSET_ALL:
		return (1);
	case COPYSET_ONE:
		return (strcmp(b->id, w->id) == 0);
	case COPYSET_SINCE:
		return (b->stop_us >= w->since_us);
	}
	return (0);
}

size_t
copyset_choose(unsigned char *chosen, uint64_t *from,
    const struct copyset_backup *b, size_t n, const struct copyset_want *w)
{
	size_t	 i, count = 0;

	*from = w->kind == COPYSET_ALL ? 0 : UINT64_MAX;
	for (i = 0; i < n; i++) {
		chosen[i] = (unsigned char)is_wanted(&b[i], w);
		if (!chosen[i])
			continue;
		count++;
		if (b[i].start_segno < *from)
			*from = b[i].start_segno;
	}
	return (count);
}

int
copyset_has_wal(const struct walname *w, uint32_t segsize, uint64_t from)
{
	return (w->kind == WALNAME_HISTORY ||
	    walname_segno(w, segsize) >= from);
}

int64_t
copyset_since(const int64_t *came, size_t n, int64_t claim,
    int64_t abandoned_s)
{
	int64_t	 since = claim;

	for (; n > 0 && since - came[n - 1] < abandoned_s / 2; n--)
		if (came[n - 1] < since)
			since = came[n - 1];
	return (claim - since < abandoned_s / 2 ? since : 0);
}

int
copyset_may_rely(const struct copyset_dir *d)
{
	if (d->claim == 0)
		return (0);
	return (d->labelled || (!d->withdrawn && d->came >= d->since));
}
