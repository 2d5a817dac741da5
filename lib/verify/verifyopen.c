/* SPDX-License-Identifier: ISC */
/*
 * What was streamed of segments that are not complete.  There is little of it,
 * so it is read over the one connection, before the jobs begin.
 *
 * How far a run should reach nobody here knows: the hash of an open object is
 * not signed as a whole.  So a cut is no finding.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "catalogue/streamed.h"
#include "pg/lsn.h"
#include "repo/marker.h"
#include "verify/verifyimpact.h"
#include "verify/verifyopen.h"
#include "wal/openbest.h"
#include "wal/openread.h"

#define NOWHERE	UINT64_MAX	/* no timeline ends there */

struct check {
	struct verifyset	*set;
	struct verifyreport	*t;
	struct archive		*a;
	struct openline_input	 in;
	struct openline_segment	*v;		/* owned */
	uint32_t		 segsize;
};

/* Of one segment. */
struct segment {
	struct walname	 w;
	size_t		 first, end;	/* indexes of its open objects */
	int		 refused;	/* one of them was */
	uint64_t	 lsn;		/* behind the longest run */
	/* The object with the longest run of those that are broken. */
	unsigned	 broken;	/* its number; 0: none is */
	uint64_t	 broken_at, behind;
};

static void
set_path(char path[LAYOUT_PATH], const struct walname *w, unsigned number)
{
	char		 name[WALNAME_TEXT];
	struct err	 unused = ERR_INIT;

	if (layout_wal_open(path, walname_format(name, w), number, &unused))
		path[0] = '\0';
}

/* The segment whose open objects begin at "i". */
static struct segment
segment_at(const struct check *c, size_t i)
{
	const struct catalogue	*cat = c->set->cat;
	const uint32_t		 tli = c->v[i].tli;
	const uint64_t		 segno = c->v[i].segno;
	struct segment		 s = { .first = i, .end = i };

	s.w = walname_at(tli, segno * c->segsize, c->segsize);
	s.lsn = segno * c->segsize;
	while (s.end < catalogue_opens(cat) && c->v[s.end].tli == tli &&
	    c->v[s.end].segno == segno)
		s.end++;
	return (s);
}

/* Whether it counts for a recovery that is to be verified. */
static int
counts(const struct check *c, const struct segment *s)
{
	const struct verifyset_wal	 f = { .name = s->w };

	return (!coverage_has(c->in.wal, s->w.tli, s->lsn / c->segsize) &&
	    !openline_is_left(&c->in, s->w.tli, NOWHERE) &&
	    verifyset_has_wal(c->set, &f));
}

static int
begin(struct check *c, struct err *e)
{
	c->segsize = catalogue_segsize(c->set->cat);
	return (streamed_input(&c->in, &c->v, c->set->cat, e));
}

/*
 * A segment before it is missing if neither it nor a part of it is there, and
 * the timeline has complete WAL before that: a receiver begins where that ends.
 */
static int
check_gap(struct check *c, const struct segment *s)
{
	const uint64_t			 segno = s->lsn / c->segsize;
	const struct walindex_timeline	*tl =
	    catalogue_find_timeline(c->set->cat, s->w.tli);
	struct walname			 w;
	char				 path[LAYOUT_PATH];
	char				 means[VERIFYIMPACT_TEXT];

	if (tl == NULL || tl->segments == 0 || tl->first >= segno ||
	    coverage_has(c->in.wal, s->w.tli, segno - 1) ||
	    openline_goes_on(&c->in, s->w.tli, s->lsn - 1))
		return (0);
	w = walname_at(s->w.tli, (segno - 1) * c->segsize, c->segsize);
	return (verifyreport_finding(c->t, verifyreport_wal(path, &w),
	    verifyimpact_wal(means, c->set, &w),
	    "missing, although WAL behind it was streamed"));
}

int
verifyopen_listed(struct verifyset *set, struct verifyreport *t)
{
	struct check	 c = { .set = set, .t = t };
	struct segment	 s;
	size_t		 i;
	int		 rc = 0;

	if (catalogue_opens(set->cat) == 0)
		return (0);
	if (begin(&c, &t->failed))
		return (-1);
	for (i = 0; rc == 0 && i < catalogue_opens(set->cat); i = s.end) {
		s = segment_at(&c, i);
		if (counts(&c, &s))
			rc = check_gap(&c, &s);
	}
	free(c.v);
	return (rc);
}

/* Takes all, keeps nothing. */
static int
nowhere_write(struct sink *base, const void *p, size_t n, struct err *e)
{
	(void)base;
	(void)p;
	(void)n;
	(void)e;
	return (0);
}

static const struct sink_ops	 nowhere_ops = { nowhere_write, NULL, NULL };

/* One object.  One that is gone was of a segment that is complete by now. */
static int
look(struct check *c, struct segment *s, const struct walindex_open *o,
    struct err *e)
{
	struct sink		 nowhere = { .ops = &nowhere_ops };
	struct openread_run	 run;
	struct err		 why = ERR_INIT;
	char			 path[LAYOUT_PATH];
	int			 rc;

	rc = c->t->conf->depth == VERIFY_CONTENTS ?
	    openread_wal(&run, c->a, &s->w, c->segsize, o->number, &nowhere,
	    &why) :
	    openread_end(&run, c->a, &s->w, c->segsize, o->number, &why);
	if (rc == -1 && why.kind != ERR_CORRUPT)
		return (err_set(e, why.kind, "%s", why.msg));
	c->t->sum->wal += rc != 1;
	c->t->sum->listed += rc == 1 ? 0 : o->size;
	if (rc == -1) {
		s->refused = 1;
		set_path(path, &s->w, o->number);
		return (verifyreport_finding(c->t, path, "recovery to the end "
		    "of WAL stops before it, and what was acknowledged in it "
		    "may be lost", "%s", verifyreport_without(why.msg, path)));
	}
	if (rc == 1)
		return (0);
	c->t->sum->read += run.stored + run.behind;
	if (run.broken && run.end >= s->broken_at) {
		s->broken = o->number;
		s->broken_at = run.end;
		s->behind = run.behind;
	}
	if (run.end > s->lsn)
		s->lsn = run.end;
	return (0);
}

static int
report_broken(struct check *c, const struct segment *s)
{
	char	 path[LAYOUT_PATH], lsn[LSN_TEXT], means[160];

	if (s->broken == 0 || s->lsn > s->broken_at)
		return (0);
	set_path(path, &s->w, s->broken);
	(void)lsn_format(lsn, s->broken_at);
	(void)snprintf(means, sizeof(means), "recovery ends at LSN %s; what "
	    "was acknowledged behind it is lost, unless the repository's host "
	    "crashed before that", lsn);
	return (verifyreport_finding(c->t, path, means, "%" PRIu64 " byte%s "
	    "behind LSN %s are not authentic", s->behind,
	    s->behind == 1 ? "" : "s", lsn));
}

/* A part of the segment is not enough where WAL goes on behind it. */
static int
report_part(struct check *c, const struct segment *s)
{
	char	 path[LAYOUT_PATH], lsn[LSN_TEXT], means[VERIFYIMPACT_TEXT];

	if (s->refused || !openline_is_gap(&c->in, s->w.tli, s->lsn))
		return (0);
	return (verifyreport_finding(c->t, verifyreport_wal(path, &s->w),
	    verifyimpact_wal(means, c->set, &s->w), "missing, and streamed up "
	    "to LSN %s only, although WAL behind it was streamed",
	    lsn_format(lsn, s->lsn)));
}

/* Whether the objects of a segment, all of them authentic, say the same. */
static int
compare(struct check *c, const struct segment *s, struct err *e)
{
	struct openlist	 list;
	struct openbest	 best;
	struct err	 why = ERR_INIT;
	char		 path[LAYOUT_PATH];

	if (s->refused || s->end - s->first < 2 ||
	    c->t->conf->depth != VERIFY_CONTENTS)
		return (0);
	if (openlist_load(&list, c->a, &s->w, e))
		return (-1);
	if (openbest_find(&best, c->a, &list, &s->w, c->segsize, &why) == 0)
		return (0);
	/* They grow and go: one that has changed is no finding. */
	if (why.kind == ERR_REMOTE && marker_stands(c->a))
		return (0);
	if (why.kind != ERR_CORRUPT)
		return (err_set(e, why.kind, "%s", why.msg));
	set_path(path, &s->w, list.last);
	return (verifyreport_finding(c->t, path, "recovery to the end of WAL "
	    "stops before it", "%s", why.msg));
}

int
verifyopen_run(struct verifyset *set, struct archive *a,
    struct verifyreport *t, struct err *e)
{
	const size_t	 n = catalogue_opens(set->cat);
	struct check	 c = { .set = set, .t = t, .a = a };
	struct segment	 s;
	size_t		 i, k;
	int		 rc = 0;

	if (n == 0)
		return (0);
	if (begin(&c, e))
		return (-1);
	for (i = 0; rc == 0 && i < n; i = s.end) {
		s = segment_at(&c, i);
		if (!counts(&c, &s))
			continue;
		for (k = s.first; rc == 0 && k < s.end; k++)
			rc = look(&c, &s, catalogue_open(set->cat, k), e);
		if (rc == 0)
			rc = report_broken(&c, &s);
		if (rc == 0)
			rc = report_part(&c, &s);
		if (rc == 0)
			rc = compare(&c, &s, e);
	}
	free(c.v);
	return (rc);
}
