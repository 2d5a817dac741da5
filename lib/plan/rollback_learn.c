/* SPDX-License-Identifier: ISC */
/* What stands in a repository becomes what was seen of it. */
#include <string.h>

#include "plan/rollback.h"

static const struct rollback_line *
line_in(const struct rollback_memory *m, uint32_t tli)
{
	size_t	 i;

	for (i = 0; i < m->n; i++)
		if (m->v[i].tli == tli)
			return (&m->v[i]);
	return (NULL);
}

static const char *
name_of(char buf[WALNAME_TEXT], const struct rollback_now *now, uint32_t tli,
    uint64_t segno)
{
	const struct walname	 w = walname_at(tli, segno * now->segsize,
	    now->segsize);

	return (walname_format(buf, &w));
}

static int
has_wal(const struct rollback_now *now, uint32_t tli)
{
	size_t	 i;

	for (i = 0; i < now->ntl; i++)
		if (now->tl[i].tli == tli)
			return (now->tl[i].any);
	return (0);
}

/* The segment of the last byte that a backup needs. */
static uint64_t
last_segment(const struct rollback_now *now, uint64_t stop_lsn)
{
	return ((stop_lsn - (stop_lsn > 0)) / now->segsize);
}

/* The run of WAL with this segment; NULL if that is missing. */
static const struct coverage_run *
run_with(const struct rollback_now *now, uint32_t tli, uint64_t segno)
{
	const struct coverage_run	*r;

	for (r = now->wal->v; r != now->wal->v + now->wal->n; r++)
		if (r->tli == tli && r->first <= segno && segno <= r->last)
			return (r);
	return (NULL);
}

/* The run with the segment of that name; NULL if it is "" or missing. */
static const struct coverage_run *
run_named(const struct rollback_now *now, const char *name)
{
	struct err	 unused = ERR_INIT;
	struct walname	 w;

	if (name[0] == '\0' || walname_parse(name, &w, &unused) ||
	    walname_check(&w, now->segsize, &unused))
		return (NULL);
	return (run_with(now, w.tli, walname_segno(&w, now->segsize)));
}

/* Whether expiry has deleted, or may have, the WAL behind a run. */
static int
ends_with_pinned(const struct rollback_now *now, const struct coverage_run *r)
{
	const struct rollback_backup	*b;

	for (b = now->v; b != now->v + now->n; b++)
		if (b->pinned && b->at.tli == r->tli &&
		    last_segment(now, b->at.stop_lsn) == r->last)
			return (1);
	return (0);
}

/*
 * The run whose end is remembered.  The one that was remembered before comes
 * first, even if the newest backup lies in another: that one may be forged,
 * with its WAL.  But behind a pinned backup the WAL may have expired, and then
 * the cluster's goes on elsewhere.
 */
static const struct coverage_run *
choose_run(const struct rollback_now *now, const struct rollback_line *l,
    const struct rollback_line *old)
{
	const struct coverage_run	*r = NULL, *newest;

	newest = l->id[0] == '\0' ? NULL : run_with(now, l->tli,
	    last_segment(now, l->stop_lsn));
	if (old != NULL && (r = run_named(now, old->run)) == NULL)
		r = run_named(now, old->own);
	if (r != NULL && (newest == NULL || !ends_with_pinned(now, r)))
		return (r);
	if (r != NULL || newest != NULL || l->id[0] != '\0')
		return (newest);
	/* No backup is on this timeline, which may have begun just now. */
	for (r = now->wal->v; r != now->wal->v + now->wal->n; r++)
		if (r->tli == l->tli)
			return (r);
	return (NULL);
}

/* The runs, and which of the segments that this host stored still stand. */
static void
find_runs(struct rollback_memory *m, const struct rollback_memory *old,
    const struct rollback_now *now)
{
	const struct coverage_run	*r;
	const struct rollback_line	*o;
	struct rollback_line		*l;

	for (l = m->v; l != m->v + m->n; l++) {
		o = line_in(old, l->tli);
		r = choose_run(now, l, o);
		if (r != NULL)
			(void)name_of(l->run, now, r->tli, r->last);
		if (o != NULL && run_named(now, o->own) != NULL)
			memcpy(l->own, o->own, sizeof(l->own));
	}
}

/* What was known of it stays as old as it is, unless it changed. */
static void
keep_times(struct rollback_memory *m, const struct rollback_memory *old)
{
	const struct rollback_line	*o;
	struct rollback_line		*l;

	for (l = m->v; l != m->v + m->n; l++) {
		if ((o = line_in(old, l->tli)) == NULL)
			continue;
		l->first_us = o->first_us;
		/* Files of earlier versions have no run. */
		if (strcmp(l->segment, o->segment) == 0 &&
		    (o->run[0] == '\0' || strcmp(l->run, o->run) == 0) &&
		    strcmp(l->id, o->id) == 0)
			l->since_us = o->since_us;
	}
}

/*
 * A refused label is not among the backups, and nothing is known of it but
 * what is remembered, which stays: the label may be mended.
 */
static void
keep_refused(struct rollback_memory *m, const struct rollback_memory *old,
    const struct rollback_now *now)
{
	const struct rollback_line	*o;
	struct lineage_backup		 b;
	size_t				 i;

	for (o = old->v; o != old->v + old->n; o++)
		for (i = 0; o->id[0] != '\0' && i < now->nrefused; i++) {
			if (strcmp(now->refused[i], o->id) != 0)
				continue;
			b = (struct lineage_backup){ .id = o->id,
			    .tli = o->tli, .stop_lsn = o->stop_lsn,
			    .stop_us = o->stop_us };
			(void)rollback_add_backup(m, &b, o->since_us);
		}
}

/* Add what stands of the timelines that "old" knows. */
static void
add_known(struct rollback_memory *m, const struct rollback_now *now,
    const struct rollback_memory *old, int64_t now_us)
{
	char	 name[WALNAME_TEXT];
	size_t	 i;

	for (i = 0; i < now->ntl; i++)
		if (now->tl[i].any && line_in(old, now->tl[i].tli) != NULL)
			(void)rollback_add_seen(m, name_of(name, now,
			    now->tl[i].tli, now->tl[i].last), now_us);
	for (i = 0; i < now->n; i++)
		if (line_in(old, now->v[i].at.tli) != NULL)
			(void)rollback_add_backup(m, &now->v[i].at, now_us);
}

/*
 * And of the others.  If there is no room for all, the highest one that has WAL
 * is the last to take a place.
 */
static void
add_others(struct rollback_memory *m, const struct rollback_now *now,
    const struct rollback_memory *old, int64_t now_us)
{
	const struct lineage_backup	*b;
	char				 name[WALNAME_TEXT];
	size_t				 i;

	for (i = 0; i < now->n; i++) {
		b = &now->v[i].at;
		if (line_in(old, b->tli) == NULL && !has_wal(now, b->tli))
			(void)rollback_add_backup(m, b, now_us);
	}
	for (i = 0; i < now->ntl; i++)
		if (now->tl[i].any && line_in(old, now->tl[i].tli) == NULL)
			(void)rollback_add_seen(m, name_of(name, now,
			    now->tl[i].tli, now->tl[i].last), now_us);
	for (i = 0; i < now->n; i++) {
		b = &now->v[i].at;
		if (line_in(old, b->tli) == NULL &&
		    line_in(m, b->tli) != NULL)
			(void)rollback_add_backup(m, b, now_us);
	}
}

/*
 * Timelines that are remembered come first: if there is no room for all, those
 * that a thief of a push key adds must not push them out.  Their first times
 * are known before the others ask for their places.
 */
void
rollback_learn(struct rollback_memory *m, const struct rollback_now *now,
    int64_t now_us)
{
	const struct rollback_memory	 old = *m;

	*m = (struct rollback_memory){ .seen_us = now_us };
	add_known(m, now, &old, now_us);
	keep_refused(m, &old, now);
	find_runs(m, &old, now);
	keep_times(m, &old);
	add_others(m, now, &old, now_us);
	find_runs(m, &old, now);
	keep_times(m, &old);
}
