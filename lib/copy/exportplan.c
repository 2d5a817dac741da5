/* SPDX-License-Identifier: ISC */
/* Which objects an export holds. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue/commitscan.h"
#include "copy/exportplan.h"
#include "pg/lsn.h"

/* The numbers of its segments, on whichever timeline. */
struct span {
	const struct copyside *from;
	uint64_t	 first, last;	/* "last" UINT64_MAX: all there are */
	uint32_t	 tli;		/* of the backup */
};

/*
 * From which segment of one timeline on no commit can be needed: the first that
 * has one behind the time.  No segment's archive time says that, as archiving
 * may have lagged.
 */
static int
find_time(uint64_t *last, const struct copyside *from, uint32_t tli,
    uint64_t segno, int64_t us, struct err *e)
{
	struct commitscan	 c;
	const struct walname	*w;
	size_t			 i;
	int			 rc;

	for (i = 0; i < from->nwal; i++) {
		w = &from->wal[i].name;
		if (w->kind != WALNAME_SEGMENT || w->tli != tli ||
		    walname_segno(w, from->index.segsize) < segno)
			continue;
		*last = walname_segno(w, from->index.segsize);
		rc = commitscan_facts(&c, from->a, from->index.segsize, tli,
		    *last, e);
		if (rc == -1)
			return (-1);
		if (rc == 0 && c.last_us != WALXACT_NONE && c.last_us > us)
			break;
	}
	return (0);
}

/* Each timeline until it is behind the time, or to its end. */
static int
until_time(struct span *s, uint64_t stop, const struct exportplan_want *want,
    struct err *e)
{
	const struct walindex	*x = &s->from->index;
	uint64_t		 last;
	size_t			 i;

	s->last = stop;
	for (i = 0; i < x->ntl; i++) {
		if (x->tl[i].segments == 0 || x->tl[i].last < stop)
			continue;
		last = stop;
		if (find_time(&last, s->from, x->tl[i].tli, stop,
		    want->until_us, e))
			return (-1);
		if (last > s->last)
			s->last = last;
	}
	return (0);
}

static int
find_span(struct span *s, const struct label *l,
    const struct exportplan_want *want, struct err *e)
{
	const uint32_t	 segsize = s->from->index.segsize;
	struct walname	 w;
	char		 lsn[LSN_TEXT];
	uint64_t	 stop;

	if (walname_parse(l->stop_wal, &w, e) ||
	    walname_check(&w, segsize, e))
		return (-1);
	stop = walname_segno(&w, segsize);
	s->last = stop;
	switch (want->until) {
	case EXPORTFORM_IMMEDIATE:
		break;
	case EXPORTFORM_TIME:
		if (want->until_us <= l->stop_us)
			return (err_set(e, ERR_ABSENT, "backup %s ended behind "
			    "that time; choose an earlier one", l->id));
		s->last = UINT64_MAX;
		if (want->may_read && until_time(s, stop, want, e))
			return (-1);
		break;
	case EXPORTFORM_END:
		if (want->until_lsn < l->stop_lsn)
			return (err_set(e, ERR_ABSENT, "backup %s needs WAL up "
			    "to %s; choose an earlier one", l->id,
			    lsn_format(lsn, l->stop_lsn)));
		w = walname_before(l->timeline, want->until_lsn, segsize);
		s->last = walname_segno(&w, segsize);
		break;
	}
	return (0);
}

/* Whether some timeline has each number; *end: the first that none has. */
static int
is_covered(const struct span *s, uint64_t *end)
{
	const struct coverage_set	*set = &s->from->index.set;
	size_t				 i;

	for (*end = s->first; *end <= s->last; ) {
		for (i = 0; i < set->n; i++)
			if (set->v[i].first <= *end && set->v[i].last >= *end)
				break;
		if (i == set->n)
			return (0);
		*end = set->v[i].last + 1;
	}
	return (1);
}

static int
check_wal(const struct span *s, const struct exportplan_want *want,
    struct err *e)
{
	const uint64_t	 size = s->from->index.segsize;
	char		 have[LSN_TEXT], lsn[LSN_TEXT];
	uint64_t	 end;
	size_t		 i;

	if (is_covered(s, &end))
		return (0);
	for (i = 0; i < s->from->index.ntl; i++)
		if (s->from->index.tl[i].segments > 0 &&
		    s->from->index.tl[i].last > end)
			return (err_set(e, ERR_CORRUPT, "WAL is missing behind "
			    "LSN %s although there is later WAL; backup-list "
			    "shows gaps", lsn_format(lsn, end * size)));
	if (want->until != EXPORTFORM_END)
		return (0);	/* it goes to the end of what there is */
	return (err_set(e, ERR_ABSENT, "archived WAL reaches to LSN %s, not to "
	    "%s", lsn_format(have, end * size), lsn_format(lsn,
	    want->until_lsn)));
}

/*
 * Whether an item stays.  A history is of use where its timeline has a segment;
 * those up to the backup's own say what that came from.
 */
static int
is_wanted(const struct span *s, const struct copyitem_list *l, size_t i)
{
	const uint32_t	 size = s->from->index.segsize, tli = l->v[i].wal.tli;

	if (l->v[i].wal.kind != WALNAME_HISTORY)
		return (walname_segno(&l->v[i].wal, size) <= s->last);
	if (tli <= s->tli)
		return (1);
	/* Those of its timeline follow it; none is before "first". */
	return (i + 1 < l->n && l->v[i + 1].wal.tli == tli &&
	    l->v[i + 1].wal.kind != WALNAME_HISTORY &&
	    walname_segno(&l->v[i + 1].wal, size) <= s->last);
}

static void
trim(const struct span *s, struct copyitem_list *l)
{
	struct copyitem	 swap;
	size_t		 i, n = 0;

	for (i = 0; i < l->n; i++) {
		if (!is_wanted(s, l, i))
			continue;
		swap = l->v[n];
		l->v[n++] = l->v[i];
		l->v[i] = swap;
	}
	for (i = n; i < l->n; i++)
		free(l->v[i].path);
	l->n = n;
}

static void
set_states(struct copyitem_list *l, enum copyitem_state state)
{
	size_t	 i;

	for (i = 0; i < l->n; i++)
		l->v[i].state = state;
}

/* Whether all is listed that the label needs: as if all had been copied. */
static int
check_whole(struct copyplan *p, const struct label *l, struct err *e)
{
	int	 rc;

	set_states(&p->wal, COPYITEM_COPIED);
	set_states(&p->packs, COPYITEM_COPIED);
	rc = copyplan_complete(p, l, e);
	set_states(&p->wal, COPYITEM_TODO);
	set_states(&p->packs, COPYITEM_TODO);
	return (rc == -1 ? err_ctx(e, "backup %s is incomplete", l->id) : rc);
}

int
exportplan_make(struct copyplan *p, const struct label **label,
    const struct copyside *from, const struct exportplan_want *want,
    struct err *e)
{
	const struct copyset_want	 one = { .kind = COPYSET_ONE,
	    .id = want->id };
	struct span			 s = { .from = from };
	size_t				 i;
	int				 rc;

	if ((rc = copyplan_choose(p, from, &one, e)) == -1)
		return (-1);
	for (i = 0; i < from->nbad; i++)
		if (rc == 1 && strstr(from->bad[i].path, want->id) != NULL)
			return (err_set(e, ERR_CORRUPT, "%s: %s",
			    from->bad[i].path, from->bad[i].why));
	if (rc == 1)
		return (err_set(e, ERR_ABSENT, "%s: there is no backup %s",
		    store_name(from->a->store), want->id));
	*label = labelindex_find(&from->labels, want->id);
	s.first = p->first;
	s.tli = (*label)->timeline;
	if (copyplan_list(p, NULL, e) || find_span(&s, *label, want, e))
		return (-1);
	trim(&s, &p->wal);
	return (check_whole(p, *label, e) || check_wal(&s, want, e) ? -1 : 0);
}
