/* SPDX-License-Identifier: ISC */
/* Whether the WAL of a plan reaches its target, by where it ends. */
#include "base/clock.h"
#include "pg/lsn.h"
#include "pg/walname.h"
#include "restore/basefetch.h"

/* PostgreSQL may stop short of a target without an error: refuse here. */
int
basefetch_target(const struct basefetch_plan *p, const struct choose_target *t,
    struct err *e)
{
	char	 when[CLOCK_TEXT], lsn[LSN_TEXT], to[LSN_TEXT];
	char	 name[WALNAME_TEXT], instead[BASEFETCH_TEXT];
	const struct walname	 missing = walname_at(p->missing_tli,
	    p->missing_segno * p->label->wal_segment_size,
	    (uint32_t)p->label->wal_segment_size);

	(void)clock_format(when, p->reached_us);
	(void)lsn_format(lsn, basefetch_end(p));
	(void)basefetch_instead(instead, p);
	if (t->kind == CHOOSE_LSN && t->lsn > basefetch_end(p))
		return (err_set(e, ERR_ABSENT, "archived WAL reaches to LSN "
		    "%s, not to %s; %s", lsn, lsn_format(to, t->lsn),
		    instead));
	/* When something was streamed only its commits say: reachscan.h. */
	if (t->kind == CHOOSE_TIME && t->time_us > p->reached_us &&
	    p->streamed.end == 0)
		return (err_set(e, ERR_ABSENT, "archived WAL reaches to %s, "
		    "not to the target; %s", when, instead));
	if (t->kind == CHOOSE_END && p->gaps > 0)
		return (err_set(e, ERR_ABSENT, "WAL segment %s %s%s: recovery "
		    "can reach LSN %s (%s) and no further; use --target "
		    "immediate, or a --target-time before that",
		    walname_format(name, &missing),
		    p->refused.kind == ERR_NONE ? "is missing although there "
		    "are, or were, later ones" : "does not count: ",
		    p->refused.msg, lsn, when));
	if (t->kind == CHOOSE_END && p->problem.kind != ERR_NONE)
		return (err_set(e, p->problem.kind, "%s: recovery can reach "
		    "LSN %s and no further; use --target immediate, or a "
		    "--target-time before that", p->problem.msg, lsn));
	return (0);
}
