/* SPDX-License-Identifier: ISC */
/*
 * Expiry by evidence.  Whoever holds a .push key can add what is authentic and
 * worthless; a policy that counted it would delete the genuine backups.
 */
#include <stdlib.h>

#include "expire/weigh.h"

struct grace
weigh_grace(const struct expire *x)
{
	if (x->conf->ngone > 0 || x->conf->timeline != 0)
		return ((struct grace){ .now_us = x->grace.now_us });
	return (x->grace);
}

int
weigh_backups(struct expire *x, struct archive *a, struct err *e)
{
	const struct evidence_backup	*v;
	size_t				 i;

	if (evidence_load(&x->evidence, x->cat, a, EVIDENCE_HEADERS, e))
		return (-1);
	for (i = 0; i < x->evidence.n; i++) {
		v = &x->evidence.v[i];
		x->backup[i].lacks = v->lacks[0] != '\0' ? v->lacks : NULL;
		x->backup[i].here_us = v->all_us;
		x->backup[i].label_us = v->label_us;
		x->backup[i].dir_us = v->dir_us;
	}
	return (0);
}

static int
compare(const void *va, const void *vb)
{
	const struct younglines_line	*a = va, *b = vb;

	return (a->tli < b->tli ? -1 : a->tli > b->tli);
}

static int64_t
earlier(int64_t a, int64_t b)
{
	return (a < b ? a : b);
}

static int
is_sound(const struct expire *x, uint32_t tli, uint64_t segno)
{
	uint64_t	 bad;

	return (soundwal_all(&x->evidence.wal, tli, segno, segno, &bad));
}

/*
 * An older file that was linked to the name of a segment has an old time, and
 * proves nothing.  The first segment then still shows since when the timeline
 * is there, if that is not such a file, too.
 */
static struct younglines_line
of_files(const struct expire *x, const struct walindex_timeline *t)
{
	struct younglines_line	 l = { .tli = t->tli,
	    .history = t->history, .wal = t->segments > 0,
	    .history_us = grace_time(t->history_at),
	    .oldest_us = grace_time(t->oldest_at),
	    .first_us = grace_time(t->first_at),
	    .label_us = GRACE_UNKNOWN };

	if (!l.wal)
		return (l);
	if (!is_sound(x, t->tli, t->first))
		l.first_us = GRACE_UNKNOWN;
	if (!is_sound(x, t->tli, t->oldest))
		l.oldest_us = l.first_us;
	return (l);
}

static struct younglines_line
of_backup(const struct retention_backup *b, const struct evidence_backup *v)
{
	return ((struct younglines_line){ .tli = b->at.tli, .label = 1,
	    .history_us = GRACE_UNKNOWN, .oldest_us = GRACE_UNKNOWN,
	    .first_us = GRACE_UNKNOWN,
	    .label_us = v->label_us > v->dir_us ? v->label_us : v->dir_us });
}

/* Put together what is said of one timeline; returns how many they are. */
static size_t
merge(struct younglines_line *l, size_t n)
{
	size_t	 i, to = 0;

	if (n == 0)
		return (0);
	qsort(l, n, sizeof(*l), compare);
	for (i = 1; i < n; i++) {
		if (l[i].tli != l[to].tli) {
			l[++to] = l[i];
			continue;
		}
		l[to].history |= l[i].history;
		l[to].wal |= l[i].wal;
		l[to].label |= l[i].label;
		l[to].history_us = earlier(l[to].history_us, l[i].history_us);
		l[to].oldest_us = earlier(l[to].oldest_us, l[i].oldest_us);
		l[to].first_us = earlier(l[to].first_us, l[i].first_us);
		l[to].label_us = earlier(l[to].label_us, l[i].label_us);
	}
	return (to + 1);
}

int
weigh_lines(struct expire *x, struct err *e)
{
	const size_t		 ntl = catalogue_timelines(x->cat);
	struct younglines_input	 in = { .forks_known = x->forks_known,
	    .grace = weigh_grace(x) };
	struct younglines_line	*v;
	size_t			 i, n = 0;
	int			 read, rc;

	v = calloc(ntl + x->evidence.n + 1, sizeof(*v));
	if (v == NULL)
		return (err_sys(e, ERR_LOCAL, "expire"));
	for (i = 0; i < ntl; i++)
		v[n++] = of_files(x, catalogue_timeline(x->cat, i));
	for (i = 0; i < x->evidence.n; i++)
		v[n++] = of_backup(&x->backup[i], &x->evidence.v[i]);
	in.v = v;
	in.n = merge(v, n);
	in.lines = catalogue_lines(x->cat, &read);
	rc = younglines_make(&in, &x->young, e);
	free(v);
	return (rc);
}

void
weigh_hold(struct expire *x)
{
	size_t	 i;

	if (!x->young.doubt || weigh_grace(x).us == 0)
		return;
	for (i = 0; i < x->evidence.n; i++)
		if (!x->backup[i].gone && x->backup[i].held == NULL)
			x->backup[i].held = "a timeline is young, and which "
			    "backups lead onto it is not sure";
}
