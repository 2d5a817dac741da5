/* SPDX-License-Identifier: ISC */
/* Open objects behind the complete WAL of a line. */
#include <stdlib.h>

#include "catalogue/streamed.h"
#include "plan/grace.h"
#include "wal/openread.h"

struct look {
	struct archive		*a;
	const struct catalogue	*c;
	uint32_t		 tli;
	struct openline_input	 in;
	struct openline_segment	*v;	/* owned */
	struct err		*problem;
};

int
streamed_input(struct openline_input *in, struct openline_segment **out,
    const struct catalogue *c, struct err *e)
{
	const size_t		 n = catalogue_opens(c);
	const size_t		 ntl = catalogue_timelines(c);
	const struct walindex_open *o;
	struct openline_segment	*v;
	size_t			 i;
	int			 read;

	if ((v = calloc(n + 1, sizeof(*v))) == NULL)
		return (err_sys(e, ERR_LOCAL, "open objects"));
	for (i = 0; i < n; i++) {
		o = catalogue_open(c, i);
		v[i] = (struct openline_segment){ o->tli, o->segno };
	}
	*in = (struct openline_input){ .v = v, .n = n,
	    .wal = catalogue_wal(c), .lines = catalogue_lines(c, &read),
	    .latest = ntl == 0 ? 0 : catalogue_timeline(c, ntl - 1)->tli,
	    .segsize = catalogue_segsize(c) };
	in->guessed = !read;
	*out = v;
	return (0);
}

/* One that is gone by now was of a segment that is complete by now. */
int
streamed_segment(struct streamed *s, struct archive *a,
    const struct catalogue *c, uint32_t tli, uint64_t segno,
    struct err *problem, struct err *e)
{
	const uint32_t		 segsize = catalogue_segsize(c);
	const struct walname	 w = walname_at(tli, segno * segsize, segsize);
	const struct walindex_open *o;
	struct openread_run	 run;
	struct err		 why = ERR_INIT;
	size_t			 i;
	int			 rc;

	*s = (struct streamed){ .end = segno * segsize, .segno = segno };
	for (i = 0; i < catalogue_opens(c); i++) {
		o = catalogue_open(c, i);
		if (o->tli != tli || o->segno != segno)
			continue;
		rc = openread_end(&run, a, &w, segsize, o->number, &why);
		if (rc == -1 && why.kind == ERR_CORRUPT) {
			err_set(problem, why.kind, "%s", why.msg);
			return (1);
		}
		if (rc == -1)
			return (err_set(e, why.kind, "%s", why.msg));
		if (rc == 1 || run.end <= s->end)
			continue;
		s->end = run.end;
		s->number = o->number;
		s->at_us = grace_time(o->at);
		if (s->at_us == GRACE_UNKNOWN)
			s->at_us = 0;
	}
	return (s->end > segno * segsize ? 0 : 1);
}

static void
gap(const struct look *l, uint64_t segno)
{
	const struct walname	 w = walname_at(l->tli, segno *
	    l->in.segsize, l->in.segsize);
	char			 name[WALNAME_TEXT];

	err_set(l->problem, ERR_ABSENT, "WAL segment %s is missing, though WAL "
	    "behind it was streamed", walname_format(name, &w));
}

/* Whole segments lead on to the next; a part of one is the end. */
static int
follow(const struct look *l, struct streamed *out, uint64_t end,
    struct err *e)
{
	const uint32_t	 segsize = l->in.segsize;
	struct streamed	 s;
	int		 rc, any = 0;

	while (openline_goes_on(&l->in, l->tli, end)) {
		if ((rc = streamed_segment(&s, l->a, l->c, l->tli, end /
		    segsize, l->problem, e)) == -1)
			return (-1);
		if (rc == 1 || (s.end % segsize != 0 &&
		    !openline_may_end(&l->in, l->tli, s.end)))
			break;
		*out = s;
		any = 1;
		if (s.end % segsize != 0)
			break;
		end = s.end;
	}
	if (openline_is_gap(&l->in, l->tli, end))
		gap(l, end / segsize);
	return (any ? 0 : 1);
}

int
streamed_find(struct streamed *out, struct archive *a,
    const struct catalogue *c, uint32_t tli, uint64_t end,
    struct err *problem, struct err *e)
{
	struct look	 l = { .a = a, .c = c, .tli = tli,
	    .problem = problem };
	int		 rc;

	*problem = (struct err)ERR_INIT;
	/* Most clusters have none. */
	if (catalogue_opens(c) == 0)
		return (1);
	if (streamed_input(&l.in, &l.v, c, e))
		return (-1);
	rc = follow(&l, out, end, e);
	free(l.v);
	return (rc);
}
