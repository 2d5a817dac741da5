/* SPDX-License-Identifier: ISC */
/* The WAL of a plan, by the headers of its segments. */
#include "crypt/retired.h"
#include "pg/walname.h"
#include "restore/countedwal.h"
#include "wal/walheads.h"

/*
 * The timeline whose file recovery reads for a segment: the newest that begins
 * in it or before (plan/coverage.h).  The last one may be an ancestor's.
 */
static uint32_t
file_of(const struct coverage *cov, const struct history *h, uint64_t segno,
    uint32_t segsize)
{
	return (segno == cov->last ? cov->tli : history_tli_at(h,
	    segno * segsize + (segsize - 1)));
}

static int
cut(struct countedwal *out, struct coverage *cov, const struct history *h,
    const struct walheads_bad *bad, uint64_t first, uint32_t segsize,
    struct err *e)
{
	struct walname	 w;

	if (walname_parse(bad->name, &w, e))
		return (-1);
	out->tli = w.tli;
	out->segno = walname_segno(&w, segsize);
	out->why = bad->why;
	cov->any = out->segno > first;
	if (cov->any) {
		cov->tli = file_of(cov, h, out->segno - 1, segsize);
		cov->last = out->segno - 1;
	}
	cov->end = out->segno * segsize;
	return (1);
}

int
countedwal_cut(struct countedwal *out, struct coverage *cov,
    struct archive *a, const struct history *h, uint64_t first,
    uint32_t segsize, struct err *e)
{
	struct walheads_bad	 bad;
	struct walname	 from, to;
	uint64_t	 begin, end;
	int		 rc = 0;

	if (!cov->any || !retired_any(a->key))
		return (0);
	for (begin = first; rc == 0 && begin <= cov->last; begin = end) {
		from = walname_at(file_of(cov, h, begin, segsize),
		    begin * segsize, segsize);
		for (end = begin + 1; end <= cov->last && file_of(cov, h, end,
		    segsize) == from.tli; end++)
			;
		to = walname_at(from.tli, (end - 1) * segsize, segsize);
		rc = walheads_check(&bad, a, &from, &to, segsize, e);
	}
	return (rc == 1 ? cut(out, cov, h, &bad, first, segsize, e) : rc);
}
