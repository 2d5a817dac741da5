/* SPDX-License-Identifier: ISC */
/* The choice of the backup from which a target can be reached. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "pg/lsn.h"
#include "plan/choose.h"

struct choice {
	const struct lineage_backup *v;
	size_t			 n;
	const struct lineage_set *lines;
	const struct choose_target *t;
	uint32_t		 tli;	/* to follow; 0: each backup's own */
	uint64_t		 xid;	/* the target, with its epoch */
};

static int
on_line(const struct choice *c, const struct lineage_backup *b)
{
	return (c->tli == 0 ||
	    lineage_reaches(c->lines, b->tli, b->stop_lsn, c->tli));
}

static enum xidspan
span_of(const struct choice *c, const struct lineage_backup *b)
{
	if (c->t->kind != CHOOSE_XID)
		return (XIDSPAN_UNKNOWN);
	return (xidspan_judge(b->oldest_xid, b->next_xid, c->xid));
}

/* Give the target's number the epoch of the cluster. */
static void
find_xid(struct choice *c)
{
	uint64_t	 near = 0;
	size_t		 i;

	for (i = 0; i < c->n; i++)
		if (on_line(c, &c->v[i]) && c->v[i].next_xid > near)
			near = c->v[i].next_xid;
	c->xid = xidspan_widen(c->t->xid, near);
}

static int
before_target(const struct choice *c, const struct lineage_backup *b)
{
	switch (c->t->kind) {
	case CHOOSE_TIME:
		return (b->stop_us < c->t->time_us);
	case CHOOSE_LSN:
		return (b->stop_lsn <= c->t->lsn);
	case CHOOSE_XID:
		return (span_of(c, b) != XIDSPAN_ENDED);
	case CHOOSE_END:
	case CHOOSE_IMMEDIATE:
	case CHOOSE_NAME:
		break;
	}
	return (1);
}

/*
 * On one line the WAL position is the order, whatever clocks said.  Backups
 * of different lines can be compared by their times only.
 */
static int
newer(int one_line, const struct lineage_backup *a,
    const struct lineage_backup *b)
{
	if (one_line && a->stop_lsn != b->stop_lsn)
		return (a->stop_lsn > b->stop_lsn);
	if (a->stop_us != b->stop_us)
		return (a->stop_us > b->stop_us);
	return (strcmp(a->id, b->id) > 0);
}

/* The newest that serves, or NULL. */
static const struct lineage_backup *
newest(const struct choice *c)
{
	const struct lineage_backup	*b, *best = NULL;

	for (b = c->v; b < c->v + c->n; b++)
		if (on_line(c, b) && before_target(c, b) &&
		    (best == NULL || newer(c->tli != 0, b, best)))
			best = b;
	return (best);
}

/*
 * The newest (or, with "first", the earliest) of those that say the same of
 * the transaction; only of those before "bound" if that is not NULL.
 */
static const struct lineage_backup *
one_of_span(const struct choice *c, enum xidspan span, int first,
    const struct lineage_backup *bound)
{
	const struct lineage_backup	*b, *best = NULL;
	const int			 one = c->tli != 0;

	for (b = c->v; b < c->v + c->n; b++)
		if (on_line(c, b) && span_of(c, b) == span &&
		    (bound == NULL || newer(one, bound, b)) &&
		    (best == NULL || newer(one, b, best) != first))
			best = b;
	return (best);
}

/* The one from which a transaction can be reached most surely, or NULL. */
static const struct lineage_backup *
best_for_xid(const struct choice *c)
{
	const struct lineage_backup	*b, *begun, *ended;

	if ((b = one_of_span(c, XIDSPAN_LATER, 0, NULL)) != NULL)
		return (b);
	begun = one_of_span(c, XIDSPAN_BEGUN, 1, NULL);
	ended = one_of_span(c, XIDSPAN_ENDED, 1, NULL);
	/* Behind these, on one line, it had begun or ended as well. */
	if (begun != NULL && (ended == NULL ||
	    newer(c->tli != 0, ended, begun)))
		ended = begun;
	b = one_of_span(c, XIDSPAN_UNKNOWN, 0, c->tli != 0 ? ended : NULL);
	return (b != NULL ? b : begun);
}

/* For messages when nothing serves: there is at least one backup. */
static const struct lineage_backup *
newest_of_all(const struct choice *c)
{
	const struct lineage_backup	*b, *best = c->v;

	for (b = c->v + 1; b < c->v + c->n; b++)
		if (newer(0, b, best))
			best = b;
	return (best);
}

/* The earliest on the line, or NULL: it says which targets are possible. */
static const struct lineage_backup *
earliest(const struct choice *c)
{
	const struct lineage_backup	*b, *best = NULL;

	for (b = c->v; b < c->v + c->n; b++)
		if (on_line(c, b) &&
		    (best == NULL || newer(c->tli != 0, best, b)))
			best = b;
	return (best);
}

/* The backup "b", which the message calls "what", ended too late. */
static int
refuse_late(const struct choice *c, const struct lineage_backup *b,
    const char *what, struct err *e)
{
	char	 t1[CLOCK_TEXT], t2[CLOCK_TEXT], l1[LSN_TEXT], l2[LSN_TEXT];

	if (c->t->kind == CHOOSE_LSN)
		return (err_set(e, ERR_ABSENT, "target LSN %s lies before "
		    "the end of %s %s; the earliest that it can reach is %s",
		    lsn_format(l1, c->t->lsn), what, b->id,
		    lsn_format(l2, b->stop_lsn)));
	if (c->t->kind == CHOOSE_XID)
		return (err_set(e, ERR_ABSENT, "transaction %" PRIu64 " had "
		    "ended before the end of %s %s, %s; recovery from there "
		    "cannot stop at it", c->xid, what, b->id,
		    clock_format(t1, b->stop_us)));
	return (err_set(e, ERR_ABSENT, "target time %s does not lie after "
	    "the end of %s %s; it can reach any time after %s",
	    clock_format(t1, c->t->time_us), what, b->id,
	    clock_format(t2, b->stop_us)));
}

/* The backup "b" does not lead to the timeline to follow. */
static int
refuse_line(const struct choice *c, const struct lineage_backup *b,
    const char *what, struct err *e)
{
	char	 l[LSN_TEXT];

	return (err_set(e, ERR_ABSENT, "%s %s ended at %s of timeline %"
	    PRIu32 ", which is not in the past of timeline %" PRIu32
	    "; to stay on its own timeline, give target timeline %" PRIu32,
	    what, b->id, lsn_format(l, b->stop_lsn), b->tli, c->tli,
	    b->tli));
}

static int
choose_named(const struct choice *c, const struct lineage_backup **out,
    struct err *e)
{
	const struct lineage_backup	*b;
	char				 text[64];

	for (b = c->v; b < c->v + c->n; b++)
		if (strcmp(b->id, c->t->backup) == 0)
			break;
	if (b == c->v + c->n)
		return (err_set(e, ERR_ABSENT, "there is no backup %s; the "
		    "newest is %s", str_clean(text, sizeof(text), c->t->backup,
		    strlen(c->t->backup)), newest_of_all(c)->id));
	if (!on_line(c, b))
		return (refuse_line(c, b, "backup", e));
	if (!before_target(c, b))
		return (refuse_late(c, b, "backup", e));
	*out = b;
	return (0);
}

static int
choose_any(const struct choice *c, const struct lineage_backup **out,
    struct err *e)
{
	const struct lineage_backup	*b;

	b = c->t->kind == CHOOSE_XID ? best_for_xid(c) : newest(c);
	if (b != NULL) {
		*out = b;
		return (0);
	}
	if ((b = earliest(c)) != NULL)
		return (refuse_late(c, b, "the first backup", e));
	return (refuse_line(c, newest_of_all(c), "the newest backup", e));
}

static int
is_known(const struct choice *c, uint32_t tli)
{
	size_t	 i;

	for (i = 0; i < c->n; i++)
		if (c->v[i].tli == tli)
			return (1);
	return (lineage_find(c->lines, tli) != NULL);
}

/* Set c->tli.  A number that was mistyped must not pass as a new timeline. */
static int
find_line(struct choice *c, struct err *e)
{
	const struct choose_target	*t = c->t;
	uint32_t			 latest;

	latest = lineage_latest(c->lines, c->v, c->n);
	switch (t->line) {
	case CHOOSE_LINE_DEFAULT:
		c->tli = t->kind == CHOOSE_IMMEDIATE ? 0 : latest;
		break;
	case CHOOSE_LINE_LATEST:
		c->tli = latest;
		break;
	case CHOOSE_LINE_CURRENT:
		c->tli = 0;
		break;
	case CHOOSE_LINE_NUMBER:
		c->tli = t->tli;
		if (!is_known(c, t->tli))
			return (err_set(e, ERR_ABSENT, "timeline %" PRIu32
			    " is not in the repository; the latest is %"
			    PRIu32, t->tli, latest));
		break;
	}
	return (0);
}

int
choose_backup(const struct lineage_backup *v, size_t n,
    const struct lineage_set *lines, const struct choose_target *t,
    struct choose_result *out, struct err *e)
{
	struct choice			 c = { v, n, lines, t, 0, 0 };
	const struct lineage_backup	*b = NULL;
	int				 named;

	if (n == 0)
		return (err_set(e, ERR_ABSENT, "there is no backup"));
	named = t->backup != NULL && strcmp(t->backup, "latest") != 0;
	if (find_line(&c, e) == -1)
		return (-1);
	find_xid(&c);
	if ((named ? choose_named(&c, &b, e) : choose_any(&c, &b, e)) == -1)
		return (-1);
	out->index = (size_t)(b - v);
	out->tli = c.tli == 0 ? b->tli : c.tli;
	out->xidspan = span_of(&c, b);
	return (0);
}
