/* SPDX-License-Identifier: ISC */
/*
 * Facts of segments in their order.  What lies across the end of one shows only
 * together with the next, so each is passed on when the next is known.
 */
#include "catalogue/linefacts.h"
#include "wal/walheads.h"

struct passing {
	linefacts_fn	*fn;
	void		*arg;
	struct walheads	*heads;
	uint32_t	 segsize;
	int		 any, known;	/* one is held; with facts */
	uint64_t	 segno;		/* that one */
	struct walfacts	 facts;
};

/* As far as the header of the last record is in its own segment. */
static void
by_itself(struct linefacts *l, const struct walfacts *f)
{
	l->across = f->ntail == WALFACTS_TAIL;
	l->unclear = f->ntail > 0 && !l->across;
	l->rmid = f->tail[17];
	l->info = f->tail[16];
}

/*
 * Pass on the one that is held.  "next" are the facts of the segment behind
 * it; "behind" says that there is something, known or not.
 */
static int
pass(struct passing *p, const struct walfacts *next, int behind,
    struct err *e)
{
	struct linefacts	 l = { .segno = p->segno };

	if (!p->any)
		return (0);
	p->any = 0;
	if (p->known) {
		l.facts = &p->facts;
		if (next != NULL)
			l.across = walfacts_across(&p->facts, next, &l.rmid,
			    &l.info);
		else if (behind)
			by_itself(&l, &p->facts);
	}
	return (p->fn(p->arg, &l, e));
}

static int
on_head(void *arg, const struct walname *w, const struct err *why,
    struct err *e)
{
	struct passing		*p = arg;
	const struct walfacts	*f = why->kind == ERR_NONE ?
	    walheads_facts(p->heads) : NULL;

	if (pass(p, f, why->kind != ERR_ABSENT, e))
		return (-1);
	p->any = 1;
	p->known = f != NULL;
	p->segno = walname_segno(w, p->segsize);
	if (f != NULL)
		p->facts = *f;
	return (0);
}

int
linefacts_each(const struct walread_line *l, uint64_t first, uint64_t last,
    int more, linefacts_fn *fn, void *arg, struct err *e)
{
	struct passing	 p = { .fn = fn, .arg = arg, .segsize = l->segsize };
	struct walname	 w;
	uint64_t	 segno;
	int		 rc = 0;

	if (walheads_new(&p.heads, l->a, l->segsize, on_head, &p, e))
		return (-1);
	walheads_want_facts(p.heads);
	/* The one behind the last is looked at for what lies across alone. */
	for (segno = first; rc == 0 && segno <= last + (more ? 0 : 1);
	    segno++) {
		w = walname_at(lineage_file(l->lines, l->tli, segno,
		    l->segsize), segno * l->segsize, l->segsize);
		rc = walheads_add(p.heads, &w, e);
	}
	if (rc == 0)
		rc = walheads_end(p.heads, e);
	if (rc == 0 && p.segno <= last)
		rc = pass(&p, NULL, more, e);
	walheads_free(p.heads);
	return (rc);
}
