/* SPDX-License-Identifier: ISC */
/*
 * Reading the headers of segments.  Backups overlap, and labels may name any
 * WAL, so what is wanted is merged first: each segment is read once.
 */
#include "catalogue/soundwal.h"
#include "pg/walname.h"
#include "wal/walheads.h"

struct reading {
	struct soundwal	*w;
	uint32_t	 segsize;
};

void
soundwal_fini(struct soundwal *w)
{
	coverage_set_free(&w->want);
	coverage_set_free(&w->sound);
}

int
soundwal_want(struct soundwal *w, const struct coverage_run *r, struct err *e)
{
	return (coverage_add_run(&w->want, r, e));
}

static int
take(void *arg, const struct walname *name, const struct err *why,
    struct err *e)
{
	struct reading	*r = arg;

	if (why->kind != ERR_NONE)
		return (0);
	return (coverage_add(&r->w->sound, name->tli,
	    walname_segno(name, r->segsize), e));
}

static int
read_run(struct walheads *h, const struct coverage_run *r, uint32_t segsize,
    struct err *e)
{
	struct walname	 name;
	uint64_t	 segno;

	for (segno = r->first; segno <= r->last; segno++) {
		name = walname_at(r->tli, segno * segsize, segsize);
		if (walheads_add(h, &name, e))
			return (-1);
	}
	return (0);
}

int
soundwal_read(struct soundwal *w, struct archive *a, uint32_t segsize,
    struct err *e)
{
	struct reading	 r = { .w = w, .segsize = segsize };
	struct walheads	*h = NULL;
	size_t		 i;
	int		 rc = 0;

	if (walheads_new(&h, a, 0, take, &r, e))
		return (-1);
	coverage_settle(&w->want);
	for (i = 0; rc == 0 && i < w->want.n; i++)
		rc = read_run(h, &w->want.v[i], segsize, e);
	if (rc == 0)
		rc = walheads_end(h, e);
	walheads_free(h);
	coverage_settle(&w->sound);
	return (rc);
}

int
soundwal_all(const struct soundwal *w, uint32_t tli, uint64_t first,
    uint64_t last, uint64_t *bad)
{
	return (coverage_has_all(&w->sound, tli, first, last, bad));
}
