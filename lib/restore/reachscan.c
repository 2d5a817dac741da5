/* SPDX-License-Identifier: ISC */
/* Reads the newest WAL, to know whether PostgreSQL will find the target. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "catalogue/commitscan.h"
#include "pg/lsn.h"
#include "pg/walxact.h"
#include "restore/reachscan.h"

/*
 * How many segments, and bytes of them, are read at most where no transaction
 * ended behind the target.  More than the first one is for clocks that were
 * set back, and for transactions that fill many segments.
 */
#define SCAN_MAX	16
#define SCAN_BYTES	((uint64_t)256 << 20)
#define SCAN_LEAST	2

struct scan {
	struct basefetch_plan	*p;
	const struct choose_target *t;
	struct lineage_set	 lines;
	uint32_t		 segsize;
	int64_t			 before_us;	/* when the oldest segment that
						 * was read was archived */
};

/* What lies in a segment adds to what later ones have shown. */
static void
learn(struct scan *s, const struct commitscan *c, int is_last)
{
	struct reach	*r = &s->p->reach;

	/* A record that was cut counts if the next segment has its rest. */
	if (!c->whole || (c->pending && !is_last))
		r->sure = 0;
	if (r->ended_us == REACH_NEVER)
		r->ended_lsn = c->end_lsn;
	if (c->last_us > r->ended_us)
		r->ended_us = c->last_us;
	if (r->record_lsn == 0)
		r->record_lsn = c->record_lsn;
}

/* One archived segment. */
static int
look(struct scan *s, uint64_t segno, struct err *e)
{
	struct basefetch_plan	*p = s->p;
	struct commitscan	 c;
	int			 rc;

	rc = commitscan_facts(&c, p->archive, s->segsize,
	    lineage_file(&s->lines, p->tli, segno, s->segsize), segno, e);
	if (rc == -1)
		return (-1);
	if (rc == 1) {
		p->reach.sure = 0;
		return (0);
	}
	learn(s, &c, segno == p->last_segno && p->streamed.end == 0);
	s->before_us = c.created_us;
	return (0);
}

/* What was streamed behind them, if anything: the newest of all. */
static int
look_streamed(struct scan *s, struct err *e)
{
	struct basefetch_plan	*p = s->p;
	struct commitscan	 c;
	int			 rc;

	if (p->streamed.end == 0)
		return (0);
	rc = commitscan_streamed(&c, p->archive, s->segsize, p->tli,
	    p->streamed.segno, p->streamed.number, e);
	if (rc == -1)
		return (-1);
	if (rc == 0)
		learn(s, &c, 1);
	/* Whole segments between are not read here. */
	if (rc == 1 || p->streamed.segno > p->end / s->segsize)
		p->reach.sure = 0;
	return (0);
}

static uint64_t
limit(uint32_t segsize)
{
	uint64_t	 n = SCAN_BYTES / segsize;

	return (n > SCAN_MAX ? SCAN_MAX : n < SCAN_LEAST ? SCAN_LEAST : n);
}

/* A transaction that ended later than the target, from the newest WAL back. */
static int
scan_time(struct scan *s, struct err *e)
{
	struct basefetch_plan	*p = s->p;
	const uint64_t		 all = p->wal_segments;
	uint64_t		 i, n = limit(s->segsize);

	if (look_streamed(s, e))
		return (-1);
	if (reach_judge(&p->reach, s->t) == REACH_YES)
		return (0);
	for (i = 0; i < n && i < all; i++) {
		if (look(s, p->last_segno - i, e))
			return (-1);
		if (reach_judge(&p->reach, s->t) == REACH_YES)
			return (0);
	}
	p->reach.all = i == all;
	/*
	 * What was not read is older.  It holds no later end than what was
	 * read does, and none that is later than its archiving.
	 */
	if (!p->reach.all && p->reach.ended_us == REACH_NEVER &&
	    s->before_us > s->t->time_us)
		p->reach.sure = 0;
	return (0);
}

/*
 * The last record.  A segment of which none was found lies amid one that
 * began earlier; if its end is missing, PostgreSQL does not have it.
 */
static int
scan_lsn(struct scan *s, struct err *e)
{
	struct basefetch_plan	*p = s->p;
	uint64_t		 i, n = limit(s->segsize);

	if (s->t->lsn / s->segsize + n < p->last_segno) {
		p->reach.record_lsn = s->t->lsn;
		return (0);
	}
	if (look_streamed(s, e))
		return (-1);
	for (i = 0; i < n && i < p->wal_segments &&
	    p->reach.record_lsn == 0; i++)
		if (look(s, p->last_segno - i, e))
			return (-1);
	return (0);
}

static int
refuse(const struct basefetch_plan *p, const struct choose_target *t,
    struct err *e)
{
	char	 cure[REACHSCAN_TEXT], text[CLOCK_TEXT], end[LSN_TEXT];

	(void)reachscan_cure(cure, p, t);
	(void)lsn_format(end, basefetch_end(p));
	if (t->kind == CHOOSE_LSN)
		return (err_set(e, ERR_ABSENT, "archived WAL reaches to LSN "
		    "%s, but no record in it begins at or behind the target "
		    "%s, so PostgreSQL would not find it; %s", end,
		    lsn_format(text, t->lsn), cure));
	return (err_set(e, ERR_ABSENT, "archived WAL reaches to LSN %s, but "
	    "no transaction in it ended %s the target time %s, so PostgreSQL "
	    "would not find it; %s", end, t->exclusive ? "at or after" :
	    "after", clock_format(text, t->time_us), cure));
}

int
reachscan_check(struct basefetch_plan *p, const struct choose_target *t,
    struct err *e)
{
	struct scan	 s = { .p = p, .t = t,
	    .segsize = (uint32_t)p->label->wal_segment_size };
	int		 read;

	s.lines = catalogue_lines(p->catalogue, &read);
	/* Only a .restore key can read histories and WAL. */
	if (!read || (t->kind != CHOOSE_TIME && t->kind != CHOOSE_LSN))
		return (0);
	p->reach = (struct reach){ .ended_us = REACH_NEVER, .sure = 1 };
	if (t->kind == CHOOSE_LSN ? scan_lsn(&s, e) : scan_time(&s, e))
		return (-1);
	p->verdict = reach_judge(&p->reach, t);
	return (p->verdict == REACH_NO ? refuse(p, t, e) : 0);
}

int
reachscan_streamed(const struct basefetch_plan *p, int64_t *ended_us,
    struct err *e)
{
	struct commitscan	 c;
	int			 rc;

	if (p->streamed.end == 0)
		return (0);
	rc = commitscan_streamed(&c, p->archive,
	    (uint32_t)p->label->wal_segment_size, p->tli, p->streamed.segno,
	    p->streamed.number, e);
	/* One that is gone by now, or damaged, proves nothing. */
	if (rc == 0 && c.last_us != WALXACT_NONE && c.last_us > *ended_us)
		*ended_us = c.last_us;
	return (rc == -1 ? -1 : 0);
}

const char *
reachscan_cure(char buf[REACHSCAN_TEXT], const struct basefetch_plan *p,
    const struct choose_target *t)
{
	const struct reach	*r = &p->reach;
	const char		*less = t->exclusive ?
	    " without --target-exclusive" : "";
	char			 at[CLOCK_TEXT], lsn[LSN_TEXT];
	char			 end[BASEFETCH_TEXT];

	(void)basefetch_instead(end, p);
	switch (reach_cure(r, t, p->label->stop_lsn)) {
	case REACH_CURE_END:
		(void)snprintf(buf, REACHSCAN_TEXT, "%s", end);
		break;
	case REACH_CURE_LSN:
		if (t->kind == CHOOSE_LSN)
			(void)snprintf(buf, REACHSCAN_TEXT, "%s, or give "
			    "--target-lsn %s%s, the last record", end,
			    lsn_format(lsn, r->record_lsn), less);
		else
			(void)snprintf(buf, REACHSCAN_TEXT, "%s, or give "
			    "--target-lsn %s%s, the last transaction, which "
			    "ended %s", end, lsn_format(lsn, r->ended_lsn),
			    less, clock_format(at, r->ended_us));
		break;
	case REACH_CURE_IMMEDIATE:
		(void)snprintf(buf, REACHSCAN_TEXT, "%s, or give --target "
		    "immediate and backup %s, behind which no transaction "
		    "ended", end, p->label->id);
		break;
	}
	return (buf);
}
