/* SPDX-License-Identifier: ISC */
/* Gathers what is known of the lines beside the one that is restored. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "catalogue/archivetime.h"
#include "catalogue/commitscan.h"
#include "catalogue/straylines.h"
#include "plan/grace.h"
#include "repo/layout.h"

/*
 * How many segments are read, from the newest back, to find a commit.  WAL
 * without one is rare: PostgreSQL archives no segment of an idle cluster.
 */
#define SCAN_MAX	256
#define SCAN_FORK	16	/* the same before a fork */

struct finder {
	struct straylines	*s;
	struct archive		*a;
	const struct catalogue	*cat;
	struct lineage_set	 lines;
	const struct choose_target *t;
	uint32_t		 segsize;
	int64_t			 now_us;
};

/* When the history of timeline "tli" was archived. */
static int
began(const struct finder *f, int64_t *us, uint32_t tli, struct err *e)
{
	const struct walindex_timeline	*w = catalogue_find_timeline(f->cat,
	    tli);
	struct archivetime		 t;

	(void)layout_wal_history(t.path, tli);
	if (archivetime_look(&t, 1, f->a, e))
		return (-1);
	*us = stray_began(t.us, grace_time(w == NULL ? 0 : w->history_at),
	    f->now_us);
	return (0);
}

/*
 * The newest commit of the line of "tli" from segment "last" back to "first".
 * With "split" it must lie behind that LSN, which is in "first".
 */
static int
newest_commit(const struct finder *f, int64_t *us, uint32_t tli,
    uint64_t first, uint64_t last, uint64_t split, struct err *e)
{
	struct commitscan	 c;
	uint64_t		 segno, n;
	uint32_t		 file;
	int			 rc;

	*us = STRAY_UNKNOWN;
	for (segno = last, n = 0; segno >= first && n < SCAN_MAX; n++) {
		file = split != 0 ? tli : lineage_file(&f->lines, tli, segno,
		    f->segsize);
		rc = coverage_has(catalogue_wal(f->cat), file, segno) ?
		    commitscan_segment(&c, f->a, f->segsize, file, segno,
		    split, e) : 1;
		if (rc == -1)
			return (-1);
		/* Times rise with the WAL, as far as a clock is right. */
		if (rc == 0 && c.last_us > c.before_us) {
			*us = c.last_us;
			return (0);
		}
		if (segno-- == 0)
			break;
	}
	return (0);
}

/* The newest commit that both lines share; it is not far from the fork. */
static int
fork_commit(const struct finder *f, struct stray_line *l, struct err *e)
{
	struct commitscan	 c;
	uint64_t		 segno = l->fork.lsn / f->segsize;
	unsigned		 n;
	uint32_t		 file;
	int			 rc;

	for (n = 0; n < SCAN_FORK; n++) {
		file = lineage_file(&f->lines, f->s->tli, segno, f->segsize);
		rc = coverage_has(catalogue_wal(f->cat), file, segno) ?
		    commitscan_segment(&c, f->a, f->segsize, file, segno,
		    l->fork.lsn, e) : 1;
		if (rc == -1)
			return (-1);
		if (rc == 0 && c.before_us != STRAY_UNKNOWN) {
			l->fork_us = c.before_us;
			return (0);
		}
		if (segno-- == 0)
			break;
	}
	return (0);
}

/* The first commit behind the fork; it is not far either. */
static int
first_commit(const struct finder *f, struct stray_line *l, struct err *e)
{
	struct commitscan	 c;
	uint64_t		 segno = l->fork.lsn / f->segsize;
	unsigned		 n;
	int			 rc;

	for (n = 0; n < SCAN_FORK; n++, segno++) {
		if (!coverage_has(catalogue_wal(f->cat), l->tli, segno))
			return (0);
		if ((rc = commitscan_segment(&c, f->a, f->segsize, l->tli,
		    segno, l->fork.lsn, e)) != 0)
			return (rc == -1 ? -1 : 0);
		if (c.first_us != STRAY_UNKNOWN) {
			l->first_us = c.first_us;
			return (0);
		}
	}
	return (0);
}

/* The newest backup on timeline "tli" that does not lead to the chosen one. */
static const struct lineage_backup *
newest_beside(const struct finder *f, uint32_t tli)
{
	const struct lineage_backup	*b, *best = NULL;
	size_t				 i;

	for (i = 0; i < catalogue_labels(f->cat); i++) {
		b = &f->s->backup[i];
		if (b->tli == tli && !lineage_reaches(&f->lines, tli,
		    b->stop_lsn, f->s->tli) &&
		    (best == NULL || b->start_us > best->start_us))
			best = b;
	}
	return (best);
}

static int
add(struct finder *f, const struct stray_line *l, struct err *e)
{
	struct straylines	*s = f->s;
	struct strayline	*p;

	if ((p = realloc(s->v, (s->n + 1) * sizeof(*p))) == NULL)
		return (err_sys(e, ERR_LOCAL, "timelines"));
	s->v = p;
	p[s->n++] = (struct strayline){ .at = *l, .why = STRAY_ENDED };
	return (0);
}

/* One other timeline; it is left out if nothing is behind the fork. */
static int
look_at(struct finder *f, const struct walindex_timeline *tl, struct err *e)
{
	struct stray_line	 l = { .tli = tl->tli,
	    .began_us = STRAY_UNKNOWN, .commit_us = STRAY_UNKNOWN,
	    .fork_us = STRAY_UNKNOWN,
	    .first_us = STRAY_UNKNOWN };
	uint64_t		 first;

	l.fork = stray_fork(&f->lines, f->s->tli, tl->tli);
	l.newest = newest_beside(f, tl->tli);
	first = l.fork.lsn / f->segsize;
	if (tl->last >= first && newest_commit(f, &l.commit_us, tl->tli,
	    first > tl->first ? first : tl->first, tl->last,
	    l.fork.lsn + (l.fork.lsn == 0), e))
		return (-1);
	if (l.newest == NULL && l.commit_us == STRAY_UNKNOWN)
		return (0);
	if (began(f, &l.began_us, l.fork.child, e) ||
	    (f->t->kind == CHOOSE_TIME && l.fork.parent != 0 &&
	    (fork_commit(f, &l, e) || first_commit(f, &l, e))))
		return (-1);
	return (add(f, &l, e));
}

/* A line without WAL does not go on: nothing can be restored along it. */
static int
look(struct finder *f, struct err *e)
{
	const struct walindex_timeline	*tl;
	size_t				 i;

	for (i = 0; i < catalogue_timelines(f->cat); i++) {
		tl = catalogue_timeline(f->cat, i);
		if (tl->tli != f->s->tli && tl->segments > 0 &&
		    look_at(f, tl, e))
			return (-1);
	}
	return (0);
}

static void
find_newest(struct finder *f)
{
	const struct lineage_backup	*b;
	size_t				 i;

	for (i = 0; i < catalogue_labels(f->cat); i++) {
		b = &f->s->backup[i];
		if (lineage_reaches(&f->lines, b->tli, b->stop_lsn,
		    f->s->tli) && (f->s->newest == NULL ||
		    b->start_us > f->s->newest->start_us))
			f->s->newest = b;
	}
}

int
straylines_find(struct straylines *s, struct archive *a,
    const struct catalogue *cat, const struct choose_target *t, uint32_t tli,
    uint64_t first, uint64_t last, int64_t now_us, struct err *e)
{
	struct finder	 f = { .s = s, .a = a, .cat = cat, .t = t,
	    .segsize = catalogue_segsize(cat), .now_us = now_us };
	size_t		 i, n = catalogue_labels(cat);
	int		 read;

	*s = (struct straylines){ .tli = tli, .commit_us = STRAY_UNKNOWN };
	f.lines = catalogue_lines(cat, &read);
	/* Only a .restore key can read WAL, and without histories ... */
	if (!read)
		return (0);	/* ... nobody knows where lines part. */
	if ((s->backup = calloc(n + 1, sizeof(*s->backup))) == NULL)
		return (err_sys(e, ERR_LOCAL, "timelines"));
	for (i = 0; i < n; i++)
		s->backup[i] = catalogue_backup(cat, i);
	find_newest(&f);
	if (look(&f, e))
		return (-1);
	if (s->n > 0 && newest_commit(&f, &s->commit_us, tli, first, last, 0,
	    e))
		return (-1);
	/* A commit from the future must not outdo those of the other lines. */
	for (i = 0; i < s->n; i++)
		s->v[i].why = stray_judge(&s->v[i].at,
		    stray_past(s->commit_us, f.now_us), t);
	return (0);
}

const char *
straylines_text(char buf[STRAYLINES_TEXT], uint32_t tli,
    const struct lineage_backup *newest, int64_t commit_us)
{
	char	 end[CLOCK_TEXT], commit[CLOCK_TEXT];
	int	 n;

	n = snprintf(buf, STRAYLINES_TEXT, "timeline %" PRIu32, tli);
	if (newest != NULL)
		n += snprintf(buf + n, STRAYLINES_TEXT - (size_t)n,
		    ": newest backup %s, ended %s", newest->id,
		    clock_format(end, newest->stop_us));
	else
		n += snprintf(buf + n, STRAYLINES_TEXT - (size_t)n,
		    ": no backup of its own");
	if (commit_us != STRAY_UNKNOWN)
		(void)snprintf(buf + n, STRAYLINES_TEXT - (size_t)n,
		    ", newest commit %s", clock_format(commit, commit_us));
	return (buf);
}

/* Why the line "l" stops the restore. */
static void
reason(char *buf, size_t size, const struct strayline *l)
{
	const uint32_t	 child = l->at.fork.child;

	if (l->why == STRAY_BACKUP)
		(void)snprintf(buf, size, "has a backup that started after "
		    "timeline %" PRIu32 " began", child);
	else if (l->why == STRAY_COMMITS)
		(void)snprintf(buf, size, "has newer commits");
	else
		(void)snprintf(buf, size, "alone has the target time, which "
		    "lies before timeline %" PRIu32 " began", child);
}

int
straylines_check(const struct straylines *s, const struct choose_target *t,
    struct err *e)
{
	const struct strayline	*l;
	char			 ours[STRAYLINES_TEXT], theirs[STRAYLINES_TEXT];
	char			 why[96];
	size_t			 i;

	for (i = 0; i < s->n; i++) {
		l = &s->v[i];
		if (!stray_refuses(l->why, t))
			continue;
		reason(why, sizeof(why), l);
		return (err_set(e, ERR_ABSENT, "timeline %" PRIu32 " is the "
		    "latest, but beside it timeline %" PRIu32 " %s (%s; %s); "
		    "choose with --target-timeline %" PRIu32 " or "
		    "--target-timeline %" PRIu32 "; if timeline %" PRIu32
		    " is a copy's that ought not to have archived, "
		    "backup-expire --delete-timeline %" PRIu32 " removes it",
		    s->tli, l->at.tli, why, straylines_text(ours, s->tli,
		    s->newest, s->commit_us), straylines_text(theirs,
		    l->at.tli, l->at.newest, l->at.commit_us), l->at.tli,
		    s->tli, s->tli, s->tli));
	}
	return (0);
}

void
straylines_fini(struct straylines *s)
{
	free(s->v);
	free(s->backup);
	*s = (struct straylines){ .n = 0 };
}
