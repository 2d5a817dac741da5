/* SPDX-License-Identifier: ISC */
/*
 * Which timelines are still fed: what plan/fed decides by is gathered here,
 * from labels, from listings, and from headers.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "catalogue/archivetime.h"
#include "expire/fedlines.h"
#include "expire/weigh.h"
#include "pg/walname.h"
#include "repo/layout.h"

static int
compare(const void *va, const void *vb)
{
	const struct fed_timeline	*a = va, *b = vb;

	return (a->tli < b->tli ? -1 : a->tli > b->tli);
}

/* Each timeline that has WAL, a history or a backup, once and in order. */
static void
list_timelines(struct expire *x)
{
	const uint32_t			 segsize = catalogue_segsize(x->cat);
	const struct walindex_timeline	*t;
	size_t				 i, to = 0;

	for (i = 0; i < catalogue_timelines(x->cat); i++) {
		t = catalogue_timeline(x->cat, i);
		x->line[x->nline++] = (struct fed_timeline){ .tli = t->tli,
		    .end = t->segments == 0 ? 0 : (t->last + 1) * segsize };
	}
	for (i = 0; i < catalogue_labels(x->cat); i++)
		x->line[x->nline++].tli = x->backup[i].at.tli;
	/* Of equals the one from the listing must stay: it has an end. */
	qsort(x->line, x->nline, sizeof(*x->line), compare);
	for (i = 1; i < x->nline; i++) {
		if (x->line[i].tli != x->line[to].tli)
			x->line[++to] = x->line[i];
		else if (x->line[i].end > x->line[to].end)
			x->line[to].end = x->line[i].end;
	}
	x->nline = x->nline == 0 ? 0 : to + 1;
}

/* The paths of all histories, and behind them those of the last segments. */
static int
set_paths(const struct expire *x, struct archivetime *v, struct err *e)
{
	const uint32_t			 segsize = catalogue_segsize(x->cat);
	const struct fed_timeline	*l;
	struct walname			 w;
	char				 name[WALNAME_TEXT];
	size_t				 i;

	for (i = 0; i < x->nline; i++) {
		l = &x->line[i];
		(void)layout_wal_history(v[i].path, l->tli);
		/* Without a segment the first one is looked for in vain. */
		w = walname_at(l->tli, l->end == 0 ? 0 : l->end - segsize,
		    segsize);
		if (layout_wal(v[x->nline + i].path, walname_format(name, &w),
		    e))
			return (-1);
	}
	return (0);
}

/*
 * What was streamed of the timeline that is to be deleted shows that it is fed,
 * even if no segment is complete.  Others are not helped by it: anybody who may
 * add files could make them look newer, so that this one may go.
 */
static void
take_streamed(const struct expire *x, struct fed_timeline *l)
{
	const struct walindex_open	*o;
	int64_t				 us;
	size_t				 i;

	for (i = 0; l->tli == x->conf->timeline &&
	    i < catalogue_opens(x->cat); i++) {
		o = catalogue_open(x->cat, i);
		if (o->tli != l->tli ||
		    (us = grace_time(o->at)) == GRACE_UNKNOWN)
			continue;
		/* A listing has whole seconds. */
		us = stray_past(us + EXPIRE_SECOND - 1, x->now_us);
		if (us > l->fed_us)
			l->fed_us = us;
	}
}

/* What is listed of a timeline; zeros if nothing is. */
static struct walindex_timeline
listed(const struct expire *x, uint32_t tli)
{
	const struct walindex_timeline	*t = catalogue_find_timeline(x->cat,
	    tli);

	return (t != NULL ? *t : (struct walindex_timeline){ .tli = tli });
}

/*
 * A newest segment that is not authentic, that has gone meanwhile, or that
 * comes from the future says nothing.  Then the listing says when the timeline
 * last got a segment: any of them, since one that was linked to its name keeps
 * an old time.  If that is not known either it counts as archived just now.
 */
static void
take_fed(const struct expire *x, struct fed_timeline *l, int64_t header_us,
    int64_t listed_at)
{
	l->fed_us = stray_past(header_us, x->now_us);
	if (l->end == 0 || l->fed_us != STRAY_UNKNOWN || listed_at <= 0)
		return;
	/* A listing has whole seconds; it may have come at the end of one. */
	l->fed_us = grace_time(listed_at);
	if (l->fed_us < GRACE_UNKNOWN - EXPIRE_SECOND)
		l->fed_us += EXPIRE_SECOND - 1;
	l->fed_listed = 1;
}

/* A history that is to be set aside (refusedhistory.h) is not listed. */
static int
take_times(struct expire *x, const struct archivetime *v, struct err *e)
{
	struct walindex_timeline	 t;
	size_t				 i;

	for (i = 0; i < x->nline; i++) {
		t = listed(x, x->line[i].tli);
		if (t.history && v[i].why.kind == ERR_CORRUPT)
			return (err_set(e, ERR_CORRUPT, "a history file "
			    "cannot be trusted: %s; nothing is deleted, "
			    "unless --delete-timeline %" PRIu32 " sets it "
			    "aside", v[i].why.msg, x->line[i].tli));
		x->line[i].began_us = stray_began(v[i].us,
		    grace_time(t.history_at), x->now_us);
		take_fed(x, &x->line[i], v[x->nline + i].us, t.newest_at);
		take_streamed(x, &x->line[i]);
	}
	return (0);
}

/* One timeline is the latest, and nothing is asked of the repository. */
static int
ask_times(struct expire *x, struct archive *a, struct err *e)
{
	struct archivetime	*v;
	int			 rc = -1;

	if (x->nline < 2 && x->conf->timeline == 0)
		return (0);
	if ((v = calloc(2 * x->nline + 1, sizeof(*v))) == NULL)
		return (err_sys(e, ERR_LOCAL, "expire"));
	if (set_paths(x, v, e) == 0 &&
	    archivetime_look(v, 2 * x->nline, a, e) == 0)
		rc = take_times(x, v, e);
	free(v);
	return (rc);
}

struct fed_input
fedlines_input(const struct expire *x)
{
	int	 read;

	return ((struct fed_input){
		.v = x->line,
		.n = x->nline,
		.backup = x->at,
		.nbackup = catalogue_labels(x->cat),
		.lines = catalogue_lines(x->cat, &read),
		.lines_guessed = !x->forks_known,
		.now_us = x->now_us,
		.quiet_us = x->conf->abandoned_us
	});
}

/*
 * When a timeline last got a segment: by the header of the newest, or, if one
 * came later, by the listing.  A segment that somebody adds must not make the
 * timeline look left, neither by an earlier time in its header nor by a number
 * that is so high that what the cluster archives is never the newest again.
 */
static int64_t
fed_at(const struct expire *x, const struct fed_timeline *l)
{
	const int64_t	 at = listed(x, l->tli).newest_at;

	return (l->fed_us != STRAY_UNKNOWN && at > l->fed_us / EXPIRE_SECOND ?
	    grace_time(at) : l->fed_us);
}

/*
 * Ask without what is young: a history that somebody adds must not make a
 * timeline look left, either.  The young timelines are kept backups for in any
 * case (retention.h).
 */
static int
find_settled(struct expire *x, struct fed_input in, struct err *e)
{
	const struct lineage_set	 all = in.lines;
	struct fed_timeline		*v;
	struct history			*h;
	size_t				 i;

	v = calloc(in.n + 1, sizeof(*v));
	h = calloc(all.n + 1, sizeof(*h));
	if (v == NULL || h == NULL) {
		free(v);
		free(h);
		return (err_sys(e, ERR_LOCAL, "expire"));
	}
	in.v = v;
	in.n = in.lines.n = 0;
	for (i = 0; i < x->nline; i++)
		if (!younglines_has(&x->young, x->line[i].tli)) {
			v[in.n] = x->line[i];
			v[in.n++].fed_us = fed_at(x, &x->line[i]);
		}
	for (i = 0; i < all.n; i++)
		if (!younglines_has(&x->young, all.v[i].tli))
			h[in.lines.n++] = all.v[i];
	in.lines.v = h;
	in.latest = x->young.latest;
	x->nfed = fed_find(&in, x->fed);
	free(v);
	free(h);
	return (0);
}

int
fedlines_find(struct expire *x, struct archive *a, struct err *e)
{
	const size_t		 labels = catalogue_labels(x->cat);
	const size_t		 n = catalogue_timelines(x->cat) + labels + 1;
	struct fed_input	 in;
	size_t			 i;

	x->line = calloc(n, sizeof(*x->line));
	x->at = calloc(labels + 1, sizeof(*x->at));
	x->fed = calloc(n, sizeof(*x->fed));
	if (x->line == NULL || x->at == NULL || x->fed == NULL)
		return (err_sys(e, ERR_LOCAL, "expire"));
	for (i = 0; i < labels; i++)
		x->at[i] = x->backup[i].at;
	list_timelines(x);
	if (ask_times(x, a, e))
		return (-1);
	in = fedlines_input(x);
	if (weigh_grace(x).us > 0)
		return (find_settled(x, in, e));
	x->nfed = fed_find(&in, x->fed);
	return (0);
}
