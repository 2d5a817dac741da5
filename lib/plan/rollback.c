/* SPDX-License-Identifier: ISC */
/* What was seen of a repository against what stands there now. */
#include <string.h>

#include "plan/rollback.h"

/* What a judgement is made from. */
struct judge {
	const struct rollback_memory	*m;
	const struct rollback_now	*now;
	int		 left_out[ROLLBACK_LINES];	/* was deleted */
	int		 vanished[ROLLBACK_LINES];	/* nothing is left */
};

static struct lineage_backup
backup_of(const struct rollback_line *l)
{
	return ((struct lineage_backup){ .id = l->id, .tli = l->tli,
	    .stop_lsn = l->stop_lsn, .stop_us = l->stop_us });
}

/* Whether one of them can be rolled forward onto the other's timeline. */
static int
on_one_line(const struct lineage_set *lines, int guessed,
    const struct lineage_backup *a, const struct lineage_backup *b)
{
	return (a->tli == b->tli || (!guessed &&
	    (lineage_reaches(lines, a->tli, a->stop_lsn, b->tli) ||
	    lineage_reaches(lines, b->tli, b->stop_lsn, a->tli))));
}

/* Whether "a" is to be remembered rather than "b". */
static int
is_newer(const struct lineage_set *lines, int guessed,
    const struct lineage_backup *a, const struct lineage_backup *b)
{
	if (on_one_line(lines, guessed, a, b))
		return (a->stop_lsn >= b->stop_lsn);
	return (a->stop_us >= b->stop_us);
}

/*
 * Whether "a" may be the reason that "b" is gone.  The policy goes by clocks
 * as well, which may have been set back: so either is enough.
 */
static int
as_new(const struct lineage_set *lines, int guessed,
    const struct lineage_backup *a, const struct lineage_backup *b)
{
	return (a->stop_us >= b->stop_us ||
	    is_newer(lines, guessed, a, b));
}

/* The number of a segment by its name.  Returns 1, or 0 if it is "". */
static int
segno_of(const char *name, uint32_t segsize, uint64_t *segno)
{
	struct err	 unused = ERR_INIT;
	struct walname	 w;

	if (name[0] == '\0' || walname_parse(name, &w, &unused) ||
	    w.kind != WALNAME_SEGMENT || walname_check(&w, segsize, &unused))
		return (0);
	*segno = walname_segno(&w, segsize);
	return (1);
}

static const struct rollback_timeline *
timeline(const struct rollback_now *now, uint32_t tli)
{
	size_t	 i;

	for (i = 0; i < now->ntl; i++)
		if (now->tl[i].tli == tli)
			return (&now->tl[i]);
	return (NULL);
}

static int
is_refused(const struct rollback_now *now, const char *id)
{
	size_t	 i;

	for (i = 0; i < now->nrefused; i++)
		if (strcmp(now->refused[i], id) == 0)
			return (1);
	return (0);
}

/* Whether a backup stands; a label that is refused is there, too. */
static int
stands(const struct rollback_now *now, const char *id)
{
	size_t	 i;

	for (i = 0; i < now->n; i++)
		if (strcmp(now->v[i].at.id, id) == 0)
			return (1);
	return (is_refused(now, id));
}

static int
has_vanished(const struct rollback_now *now, const struct rollback_line *l)
{
	size_t	 i;

	if (timeline(now, l->tli) != NULL || is_refused(now, l->id))
		return (0);
	for (i = 0; i < now->n; i++)
		if (now->v[i].at.tli == l->tli)
			return (0);
	return (1);
}

/* Whether a segment stands, and is no name that anybody could list. */
static int
is_sound(const struct rollback_now *now, uint32_t tli, uint64_t segno)
{
	return (coverage_has(now->wal, tli, segno) &&
	    coverage_has(now->sound, tli, segno));
}

/* Whether a segment of this timeline stands, and the one behind it. */
static int
grew(const struct rollback_now *now, uint32_t tli, const char *name)
{
	uint64_t	 segno;

	return (segno_of(name, now->segsize, &segno) &&
	    coverage_has(now->wal, tli, segno) &&
	    is_sound(now, tli, segno + 1));
}

/*
 * Whether line "l" shows that the repository went on after "gone" was last
 * fed.  Nobody may delete a timeline before that.
 */
static int
went_on(const struct rollback_now *now, const struct rollback_line *l,
    const struct rollback_line *gone)
{
	const struct rollback_timeline	*t = timeline(now, l->tli);
	uint64_t			 segno;

	return (t != NULL && t->any &&
	    segno_of(l->segment, now->segsize, &segno) &&
	    coverage_has(now->wal, l->tli, segno) &&
	    ((l->since_us >= gone->since_us && is_sound(now, l->tli, segno)) ||
	    (t->last > segno && is_sound(now, l->tli, t->last)) ||
	    grew(now, l->tli, l->run) || grew(now, l->tli, l->own)));
}

static size_t
ask_for(struct coverage_run *v, size_t n, const struct rollback_now *now,
    uint32_t tli, uint64_t segno)
{
	if (!coverage_has(now->wal, tli, segno))
		return (n);
	v[n] = (struct coverage_run){ tli, segno, segno };
	return (n + 1);
}

/* All that went_on() may look at. */
static size_t
ask_for_line(struct coverage_run *v, size_t n, const struct rollback_now *now,
    const struct rollback_line *l)
{
	const struct rollback_timeline	*t = timeline(now, l->tli);
	uint64_t			 segno;

	if (t == NULL || !t->any)
		return (n);
	n = ask_for(v, n, now, l->tli, t->last);
	if (segno_of(l->segment, now->segsize, &segno))
		n = ask_for(v, n, now, l->tli, segno);
	if (segno_of(l->run, now->segsize, &segno))
		n = ask_for(v, n, now, l->tli, segno + 1);
	if (segno_of(l->own, now->segsize, &segno))
		n = ask_for(v, n, now, l->tli, segno + 1);
	return (n);
}

size_t
rollback_asked(struct coverage_run v[ROLLBACK_ASKED],
    const struct rollback_memory *m, const struct rollback_now *now)
{
	size_t	 i, n = 0;
	int	 any = 0;

	for (i = 0; i < m->n; i++)
		any |= has_vanished(now, &m->v[i]);
	for (i = 0; any && i < m->n; i++)
		n = ask_for_line(v, n, now, &m->v[i]);
	return (n);
}

static void
find_deleted(struct judge *j)
{
	const struct rollback_memory	*m = j->m;
	size_t				 i, k;

	for (i = 0; i < m->n; i++)
		j->vanished[i] = has_vanished(j->now, &m->v[i]);
	for (i = 0; i < m->n; i++)
		for (k = 0; j->vanished[i] && k < m->n; k++)
			if (!j->vanished[k] &&
			    went_on(j->now, &m->v[k], &m->v[i]))
				j->left_out[i] = 1;
}

/* The newest backup of those lines that are not marked in "without". */
static const struct rollback_line *
newest(const struct rollback_memory *m, const struct lineage_set *lines,
    int guessed, const int *without)
{
	const struct rollback_line	*best = NULL;
	struct lineage_backup		 a, b;
	size_t				 i;

	for (i = 0; i < m->n; i++) {
		if (m->v[i].id[0] == '\0' || (without != NULL && without[i]))
			continue;
		a = backup_of(&m->v[i]);
		if (best != NULL)
			b = backup_of(best);
		if (best == NULL || is_newer(lines, guessed, &a, &b))
			best = &m->v[i];
	}
	return (best);
}

const struct rollback_line *
rollback_newest(const struct rollback_memory *m,
    const struct lineage_set *lines, int guessed)
{
	return (newest(m, lines, guessed, NULL));
}

/* The newest backup is gone, and none that is as new stands. */
static void
look_for_backup(const struct judge *j, struct rollback *out)
{
	const struct rollback_now	*now = j->now;
	const struct rollback_line	*l;
	struct lineage_backup		 b;
	size_t				 i;

	l = newest(j->m, &now->lines, now->lines_guessed, j->left_out);
	if (l == NULL || stands(now, l->id))
		return;
	b = backup_of(l);
	for (i = 0; i < now->n; i++)
		if (as_new(&now->lines, now->lines_guessed, &now->v[i].at, &b))
			return;
	out->lost[out->n++] = (struct rollback_lost){ .line = l };
}

static uint32_t
highest(const struct judge *j)
{
	uint32_t	 max = 0;
	size_t		 i;

	for (i = 0; i < j->m->n; i++)
		if (!j->left_out[i] && j->m->v[i].tli > max)
			max = j->m->v[i].tli;
	for (i = 0; i < j->now->ntl; i++)
		if (j->now->tl[i].tli > max)
			max = j->now->tl[i].tli;
	for (i = 0; i < j->now->n; i++)
		if (j->now->v[i].at.tli > max)
			max = j->now->v[i].at.tli;
	return (max);
}

/* Whether backup "b" leads onto the timeline of line "i". */
static int
leads_onto(const struct judge *j, const struct lineage_backup *b, size_t i)
{
	const struct rollback_now	*now = j->now;
	const uint32_t			 tli = j->m->v[i].tli;

	return (b->tli == tli || (!now->lines_guessed && lineage_reaches(
	    &now->lines, b->tli, b->stop_lsn, tli)) ||
	    (j->vanished[i] && b->tli < tli));
}

/*
 * Whether a pinned backup speaks for the segment: the WAL behind its stop may
 * have expired, unless the policy keeps the backup as well.
 */
static int
pin_counts(const struct judge *j, const struct lineage_backup *b, size_t i,
    uint64_t segno)
{
	const struct rollback_now	*now = j->now;
	const uint32_t			 tli = j->m->v[i].tli;
	const uint64_t	 last = (b->stop_lsn - (b->stop_lsn > 0)) /
	    now->segsize;
	size_t				 k;

	if (b->tli == tli && segno <= last)
		return (1);
	if (tli != highest(j))
		return (0);
	for (k = 0; k < now->n; k++)
		if (now->v[k].at.stop_lsn > b->stop_lsn &&
		    leads_onto(j, &now->v[k].at, i))
			return (0);
	return (1);
}

/*
 * Whether a backup may have come after all stood for the last time.  Then WAL
 * that it would need may have expired before, and nobody put it back.
 */
static int
came_later(const struct judge *j, const struct rollback_backup *b)
{
	size_t	 i;

	if (b->changed_us <= j->m->seen_us)
		return (0);
	for (i = 0; i < j->m->n; i++)
		if (strcmp(j->m->v[i].id, b->at.id) == 0)
			return (0);
	return (1);
}

/* A backup that leads to this segment of line "i"; NULL: none does. */
static const struct lineage_backup *
leads_to(const struct judge *j, size_t i, uint64_t segno)
{
	const struct rollback_now	*now = j->now;
	const struct lineage_backup	*b;
	size_t				 k;

	for (k = 0; k < now->n; k++) {
		b = &now->v[k].at;
		if (b->start_lsn / now->segsize <= segno &&
		    leads_onto(j, b, i) && !came_later(j, &now->v[k]) &&
		    (!now->v[k].pinned || pin_counts(j, b, i, segno)))
			return (b);
	}
	return (NULL);
}

/* One that is missed stands for all of its timeline. */
static void
look_for_segments(const struct judge *j, size_t i, struct rollback *out)
{
	const struct rollback_now	*now = j->now;
	const struct rollback_line	*l = &j->m->v[i];
	const char *const		 names[] = { l->segment, l->own,
		l->run };
	const struct lineage_backup	*b;
	uint64_t			 segno;
	size_t				 k;

	if (j->left_out[i])
		return;
	for (k = 0; k < sizeof(names) / sizeof(names[0]); k++)
		if (segno_of(names[k], now->segsize, &segno) &&
		    !coverage_has(now->wal, l->tli, segno) &&
		    (b = leads_to(j, i, segno)) != NULL) {
			out->lost[out->n++] = (struct rollback_lost){ l,
			    b->id, names[k] };
			return;
		}
}

void
rollback_judge(struct rollback *out, const struct rollback_memory *m,
    const struct rollback_now *now)
{
	struct judge	 j = { .m = m, .now = now };
	size_t		 i;

	out->n = 0;
	find_deleted(&j);
	look_for_backup(&j, out);
	for (i = 0; i < m->n; i++)
		look_for_segments(&j, i, out);
}

int
rollback_forget(struct rollback_memory *m, const char *id)
{
	size_t	 i;

	for (i = 0; i < m->n; i++)
		if (strcmp(m->v[i].id, id) == 0 && id[0] != '\0') {
			m->v[i].id[0] = '\0';
			m->v[i].stop_lsn = 0;
			m->v[i].stop_us = 0;
			return (1);
		}
	return (0);
}
