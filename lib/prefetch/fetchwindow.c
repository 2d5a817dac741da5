/* SPDX-License-Identifier: ISC */
/* Which segments are worth fetching ahead. */
#include <string.h>

#include "prefetch/fetchwindow.h"

/* The number of segments that there can be: WAL has 64-bit positions. */
#define SEGNO_MAX(segsize)	(UINT64_MAX / (segsize))

struct fetchwindow
fetchwindow_of(uint64_t segsize, unsigned ahead)
{
	struct fetchwindow	 w = { 0 };
	uint64_t		 most;

	if (!walname_segsize_ok(segsize))
		return (w);
	w.segsize = (uint32_t)segsize;
	most = FETCHWINDOW_BYTES / segsize;
	if (most > FETCHWINDOW_AHEAD)
		most = FETCHWINDOW_AHEAD;
	w.ahead = ahead < most ? ahead : (unsigned)most;
	return (w);
}

/* Returns 0 if "name" is a segment of this cluster, else -1. */
static int
segment(const struct fetchwindow *w, const char *name, struct walname *out)
{
	struct err	 unused = ERR_INIT;

	if (w->ahead == 0 || walname_parse(name, out, &unused) == -1 ||
	    out->kind != WALNAME_SEGMENT ||
	    walname_check(out, w->segsize, &unused) == -1)
		return (-1);
	return (0);
}

int
fetchwindow_move(struct fetchwindow *w, const char *name)
{
	struct walname	 to;
	uint64_t	 was, now;

	if (segment(w, name, &to))
		return (0);
	was = walname_segno(&w->last, w->segsize);
	now = walname_segno(&to, w->segsize);
	/* The same segment again, as after a restart, is no direction. */
	if (!w->known || to.tli != w->last.tli || now > was)
		w->forwards = 1;
	else if (now < was)
		w->forwards = 0;
	w->last = to;
	w->known = 1;
	w->stopped = 0;
	return (1);
}

int
fetchwindow_name(const struct fetchwindow *w, unsigned i,
    char name[WALNAME_TEXT])
{
	struct walname	 n;
	uint64_t	 segno;

	if (!w->known || !w->forwards || w->stopped || i >= w->ahead)
		return (0);
	segno = walname_segno(&w->last, w->segsize);
	/* Compared so that nothing overflows at the very end. */
	if (SEGNO_MAX(w->segsize) - segno <= i)
		return (0);
	n = walname_at(w->last.tli, (segno + 1 + i) * w->segsize, w->segsize);
	(void)walname_format(name, &n);
	return (1);
}

int
fetchwindow_has(const struct fetchwindow *w, const char *name)
{
	char		 text[WALNAME_TEXT];
	unsigned	 i;

	for (i = 0; fetchwindow_name(w, i, text); i++)
		if (strcmp(text, name) == 0)
			return (1);
	return (0);
}
