/* SPDX-License-Identifier: ISC */
/*
 * A model of a repository to which a cluster and a thief of its push key add,
 * and that expires.  What two hosts remember of it, of which one pushes and one
 * lists, must never look like a rollback.  And a repository that lost what the
 * first of them stored always must, whatever the thief added.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "plan/rollback.h"
#include "timelines.h"

#define SEG	((uint64_t)1 << 20)
#define GENUINE	5		/* timelines */
#define SPAN	400		/* genuine segments have lower numbers */
#define FORGED	200		/* timelines that the thief may add */
#define FAR	100000
#define MAX	400

struct world {
	uint64_t		 rand;
	int64_t			 now;
	struct timelines	 t;
	uint64_t		 next;		/* genuine segment */
	int			 has[GENUINE + 1][SPAN];
	struct timelines_wal	 forged[MAX];
	size_t			 nforged;
	struct rollback_backup	 b[MAX];
	char			 id[MAX][ROLLBACK_ID];
	int			 genuine[MAX];
	size_t			 nb, made;
	struct rollback_memory	 pushing, listing;
};

/* What stands, in the planner's form. */
struct view {
	struct rollback_now	 now;
	struct rollback_timeline tl[GENUINE + FORGED + 1];
	struct coverage_set	 set;
};

static int
chance(struct world *w, uint64_t n)
{
	return (timelines_rand(&w->rand, n) == 0);
}

static void
add(struct view *v, uint32_t tli, uint64_t segno)
{
	struct err	 e = ERR_INIT;

	assert_int_equal(coverage_add(&v->set, tli, segno, &e), 0);
}

static struct rollback_timeline *
timeline_of(struct view *v, uint32_t tli)
{
	size_t	 i;

	for (i = 0; i < v->now.ntl; i++)
		if (v->tl[i].tli == tli)
			return (&v->tl[i]);
	v->tl[v->now.ntl] = (struct rollback_timeline){ .tli = tli };
	return (&v->tl[v->now.ntl++]);
}

/* Without genuine segments from "lost" on; forget() it. */
static void
look(struct world *w, struct view *v, uint64_t lost)
{
	struct rollback_timeline	*t;
	size_t				 i, k;

	memset(v, 0, sizeof(*v));
	for (i = 1; i <= w->t.n; i++)
		for (k = 0; k < SPAN && k < lost; k++)
			if (w->has[i][k])
				add(v, (uint32_t)i, k);
	for (i = 0; i < w->nforged; i++)
		add(v, w->forged[i].tli, w->forged[i].first);
	coverage_settle(&v->set);
	for (i = 0; i < v->set.n; i++) {
		t = timeline_of(v, v->set.v[i].tli);
		t->any = 1;
		t->last = v->set.v[i].last;
	}
	for (i = 2; i <= w->t.n; i++)
		(void)timeline_of(v, (uint32_t)i);	/* its history */
	for (i = 0; i < w->nb; i++)
		w->b[i].at.id = w->id[i];
	v->now.v = w->b;
	v->now.n = w->nb;
	v->now.tl = v->tl;
	v->now.lines = w->t.lines;
	v->now.wal = v->now.sound = &v->set;
	v->now.segsize = SEG;
}

static void
forget(struct view *v)
{
	coverage_set_free(&v->set);
}

/* Compare, and learn as those do that list. */
static void
list(struct world *w, struct rollback_memory *m)
{
	struct rollback	 r;
	struct view	 v;

	look(w, &v, SPAN);
	rollback_judge(&r, m, &v.now);
	if (r.n > 0)
		fail_msg("%s of timeline %u is missed, for %s",
		    r.lost[0].leads == NULL ? r.lost[0].line->id :
		    r.lost[0].segment, r.lost[0].line->tli,
		    r.lost[0].leads == NULL ? "itself" : r.lost[0].leads);
	rollback_learn(m, &v.now, w->now);
	forget(&v);
}

static void
archive(struct world *w)
{
	const struct walname	 at = walname_at((uint32_t)w->t.n,
	    w->next * SEG, SEG);
	char			 name[WALNAME_TEXT];

	w->has[w->t.n][w->next++] = 1;
	/* It asks for what it remembers each time, and lists if that lacks. */
	list(w, &w->pushing);
	(void)rollback_add_segment(&w->pushing, walname_format(name, &at),
	    w->now);
}

static void
back_up(struct world *w, uint32_t tli, uint64_t first, uint64_t last,
    int genuine)
{
	struct rollback_backup	*b = &w->b[w->nb];

	(void)snprintf(w->id[w->nb], ROLLBACK_ID, "%s-%zu", genuine ? "ours" :
	    "forged", ++w->made);
	*b = (struct rollback_backup){ .at = { .id = w->id[w->nb],
	    .tli = tli, .start_lsn = first * SEG, .stop_lsn = (last + 1) * SEG,
	    .start_us = w->now - 1, .stop_us = w->now },
	    .changed_us = w->now };
	w->genuine[w->nb++] = genuine;
	if (genuine)
		(void)rollback_add_backup(&w->pushing, &b->at, w->now);
}

static void
fail_over(struct world *w)
{
	if (w->t.n < GENUINE)
		(void)timelines_fork(&w->t, (uint32_t)w->t.n,
		    w->next * SEG + 5);
}

/* All genuine backups but two go, and WAL that no backup needs. */
static void
expire(struct world *w)
{
	uint64_t	 floor = UINT64_MAX;
	size_t		 i, k, n = 0, left = 0;

	for (i = 0; i < w->nb; i++)
		left += w->genuine[i] != 0;
	for (i = 0; i < w->nb; i++) {
		if (w->genuine[i] && left-- > 2)
			continue;
		w->b[n] = w->b[i];
		w->genuine[n] = w->genuine[i];
		memmove(w->id[n], w->id[i], ROLLBACK_ID);
		if (w->b[n].at.start_lsn / SEG < floor)
			floor = w->b[n].at.start_lsn / SEG;
		n++;
	}
	if ((w->nb = n) == 0)
		return;
	for (i = 1; i <= w->t.n; i++)
		for (k = 0; k < SPAN && k < floor; k++)
			w->has[i][k] = 0;
	for (i = k = 0; i < w->nforged; i++)
		if (w->forged[i].first >= floor)
			w->forged[k++] = w->forged[i];
	w->nforged = k;
}

static void
forge_segment(struct world *w, uint32_t tli, uint64_t segno)
{
	if (w->nforged < MAX)
		w->forged[w->nforged++] = (struct timelines_wal){ tli, segno,
		    segno };
}

static void
steal(struct world *w)
{
	const uint32_t	 tli = (uint32_t)(1 + timelines_rand(&w->rand,
	    w->t.n));
	uint64_t	 segno, i;

	segno = timelines_rand(&w->rand, 2) ? FAR + timelines_rand(&w->rand,
	    100) : timelines_rand(&w->rand, w->next + 1);
	switch (timelines_rand(&w->rand, 4)) {
	case 0:				/* as far ahead as can be */
		forge_segment(w, tli, segno < FAR ? FAR : segno);
		break;
	case 1:				/* many timelines */
		for (i = timelines_rand(&w->rand, 100); i > 0; i--)
			forge_segment(w, (uint32_t)(10 +
			    timelines_rand(&w->rand, FORGED)), segno);
		break;
	default:			/* a label, perhaps before old WAL */
		if (w->nb < MAX / 2)
			back_up(w, tli, segno, segno, 0);
		break;
	}
}

/*
 * The storage host goes back to before the last segment, and leaves what the
 * thief added.  A backup of ours that began before it stands.
 */
static void
set_back(struct world *w)
{
	struct rollback	 r;
	struct view	 v;
	size_t		 i;

	if (w->next == 0 || !w->has[w->t.n][w->next - 1])
		return;
	for (i = 0; i < w->nb; i++)
		if (w->genuine[i] && w->b[i].at.stop_lsn <
		    (w->next - 1) * SEG &&
		    w->b[i].changed_us <= w->pushing.seen_us)
			break;
	if (i == w->nb)
		return;
	look(w, &v, w->next - 1);
	rollback_judge(&r, &w->pushing, &v.now);
	if (r.n == 0)
		fail_msg("segment %ju of timeline %zu is not missed",
		    (uintmax_t)w->next - 1, w->t.n);
	forget(&v);
}

static void
step(struct world *w)
{
	w->now++;
	switch (timelines_rand(&w->rand, 12)) {
	case 0:
		back_up(w, (uint32_t)w->t.n, w->next, w->next + 1, 1);
		archive(w);
		archive(w);
		break;
	case 1:
		if (chance(w, 8))
			fail_over(w);
		break;
	case 2:
		if (chance(w, 3))
			expire(w);
		break;
	case 3:
	case 4:
		steal(w);
		break;
	case 5:
		list(w, &w->listing);
		break;
	default:
		archive(w);
		set_back(w);
		break;
	}
}

static void
test_model(void **state)
{
	static struct world	 w;
	uint64_t		 seed;

	(void)state;
	for (seed = 1; seed <= 100; seed++) {
		memset(&w, 0, sizeof(w));
		w.rand = seed * 7919;
		timelines_init(&w.t);
		while (w.next < SPAN / 4)
			step(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_model)
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
