/* SPDX-License-Identifier: ISC */
/* Whether archived WAL goes on behind a target. */
#include "plan/reach.h"

/* PostgreSQL compares no more than these bits. */
static int
is_before(uint32_t a, uint32_t b)
{
	return ((int32_t)(a - b) < 0);
}

/* In what was not read older transactions have ended, as far as is known. */
static int
has_ended(const struct reach *r, uint32_t xid)
{
	if (r->found)
		return (1);
	if (r->all || (r->next_xid != 0 && !is_before(xid, r->next_xid)))
		return (0);
	return (r->oldest_xid == 0 || is_before(xid, r->oldest_xid));
}

static int
is_behind(const struct reach *r, const struct choose_target *t)
{
	if (t->kind == CHOOSE_LSN)
		return (r->record_lsn >= t->lsn);
	if (t->kind == CHOOSE_XID)
		return (has_ended(r, (uint32_t)t->xid));
	if (t->kind != CHOOSE_TIME)
		return (1);
	return (r->ended_us > t->time_us ||
	    (t->exclusive && r->ended_us == t->time_us));
}

enum reach_verdict
reach_judge(const struct reach *r, const struct choose_target *t)
{
	if (is_behind(r, t))
		return (REACH_YES);
	/* It had begun, and may have ended. */
	if (t->kind == CHOOSE_XID && (r->perhaps || !r->all) &&
	    (r->next_xid == 0 || is_before((uint32_t)t->xid, r->next_xid)))
		return (REACH_DOUBT);
	return (r->sure ? REACH_NO : REACH_DOUBT);
}

enum reach_cure
reach_cure(const struct reach *r, const struct choose_target *t,
    uint64_t stop_lsn)
{
	if (t->kind == CHOOSE_LSN)
		return (r->record_lsn >= stop_lsn ? REACH_CURE_LSN :
		    REACH_CURE_END);
	if (t->kind == CHOOSE_XID)
		return (REACH_CURE_END);
	if (r->ended_us == REACH_NEVER)
		return (r->all ? REACH_CURE_IMMEDIATE : REACH_CURE_END);
	/* Recovery cannot stop before the backup's end. */
	return (r->ended_lsn >= stop_lsn ? REACH_CURE_LSN :
	    REACH_CURE_IMMEDIATE);
}
