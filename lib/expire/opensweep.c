/* SPDX-License-Identifier: ISC */
/*
 * Open objects that are not needed any more.
 *
 * A name in a listing proves nothing: whoever may add files could put one there
 * to have the only copy of the last commits removed.
 */
#include <stdlib.h>

#include "base/str.h"
#include "expire/opensweep.h"
#include "repo/layout.h"
#include "wal/walheads.h"

/* By the listing alone. */
static int
may_go(const struct expire *x, const struct walindex_open *o)
{
	return (coverage_has(catalogue_wal(x->cat), o->tli, o->segno) &&
	    expire_state_abandoned(x, o->at) &&
	    (o->segno >= retention_wal_floor(&x->plan.wal, o->tli) ||
	    retention_wal_island(&x->plan.wal, o->tli, o->segno)));
}

static int
add(struct sweep *s, const struct walname *w, const struct walindex_open *o,
    struct err *e)
{
	char	 dir[LAYOUT_FOLDER], text[WALNAME_TEXT];
	char	 file[WALNAME_TEXT + 16];

	if (str_fmt(file, sizeof(file), e, "%s.open-%03u",
	    walname_format(text, w), o->number))
		return (-1);
	return (sweep_add(s, layout_wal_log(dir, w->tli, w->log), file,
	    o->size, e));
}

struct look {
	const struct expire	*x;
	uint8_t			*goes;	/* owned; as the catalogue's open
					 * objects */
	size_t			 at;	/* the next that has no verdict */
};

static int
is_of(const struct look *l, const struct walindex_open *o,
    const struct walname *w)
{
	return (o->tli == w->tli &&
	    o->segno == walname_segno(w, catalogue_segsize(l->x->cat)));
}

/* Verdicts come in the order of the segments, each once. */
static int
on_verdict(void *arg, const struct walname *w, const struct err *why,
    struct err *e)
{
	struct look			*l = arg;
	const size_t			 n = catalogue_opens(l->x->cat);
	const struct walindex_open	*o;

	(void)e;
	while (l->at < n && !is_of(l, catalogue_open(l->x->cat, l->at), w))
		l->at++;
	for (; l->at < n; l->at++) {
		o = catalogue_open(l->x->cat, l->at);
		if (!is_of(l, o, w))
			break;
		l->goes[l->at] = why->kind == ERR_NONE && may_go(l->x, o);
	}
	return (0);
}

/* Ask for the header of each segment once, many in flight. */
static int
ask(struct look *l, struct archive *a, struct err *e)
{
	const uint32_t			 segsize = catalogue_segsize(l->x->cat);
	const struct walindex_open	*o, *last = NULL;
	struct walheads			*h = NULL;
	struct walname			 w;
	size_t				 i;
	int				 rc;

	rc = walheads_new(&h, a, segsize, on_verdict, l, e);
	for (i = 0; rc == 0 && i < catalogue_opens(l->x->cat); i++) {
		o = catalogue_open(l->x->cat, i);
		if (!may_go(l->x, o) || (last != NULL &&
		    last->tli == o->tli && last->segno == o->segno))
			continue;
		last = o;
		w = walname_at(o->tli, o->segno * segsize, segsize);
		rc = walheads_add(h, &w, e);
	}
	if (rc == 0)
		rc = walheads_end(h, e);
	walheads_free(h);
	return (rc);
}

int
opensweep_run(const struct expire *x, struct archive *a, struct sweep *s,
    struct err *e)
{
	const uint32_t			 segsize = catalogue_segsize(x->cat);
	const size_t			 n = catalogue_opens(x->cat);
	struct look			 l = { .x = x };
	const struct walindex_open	*o;
	struct walname			 w;
	size_t				 i;
	int				 rc;

	if (x->conf->timeline != 0 || n == 0)
		return (0);
	if ((l.goes = calloc(n, sizeof(*l.goes))) == NULL)
		return (err_sys(e, ERR_LOCAL, "expire"));
	rc = ask(&l, a, e);
	for (i = 0; rc == 0 && i < n; i++) {
		if (!l.goes[i])
			continue;
		o = catalogue_open(x->cat, i);
		w = walname_at(o->tli, o->segno * segsize, segsize);
		rc = add(s, &w, o, e);
	}
	free(l.goes);
	return (rc == 0 ? sweep_flush(s, e) : -1);
}
