/* SPDX-License-Identifier: ISC */
/* Whether archived WAL goes on behind a target. */
#include "plan/reach.h"

static int
is_behind(const struct reach *r, const struct choose_target *t)
{
	if (t->kind == CHOOSE_LSN)
		return (r->record_lsn >= t->lsn);
	/* PostgreSQL compares no more than these bits. */
	if (t->kind == CHOOSE_XID)
		return (r->next_xid == 0 ||
		    (int32_t)((uint32_t)t->xid - r->next_xid) < 0);
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
