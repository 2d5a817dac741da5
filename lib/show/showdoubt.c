/* SPDX-License-Identifier: ISC */
/* What base-fetch cannot know of a target. */
#include "pg/lsn.h"
#include "show/showdoubt.h"
#include "tool/tool.h"

#define ENDED	"\"recovery ended before configured recovery target was " \
	"reached\""

/* The newest WAL does not show that the target lies before its end. */
static void
warn_end(const char *program, const struct basefetch_plan *p,
    const struct choose_target *t)
{
	const int	 lsn = t->kind == CHOOSE_LSN;

	if (p->verdict != REACH_DOUBT)
		return;
	tool_warn(program, "%s behind the target was found in the newest WAL; "
	    "if there is none in older WAL either, PostgreSQL fails with "
	    ENDED ": then remove %s from postgresql.auto.conf and start it "
	    "again, which recovers all that is archived", lsn ? "no record" :
	    "no transaction that ended", lsn ? "recovery_target_lsn" :
	    "recovery_target_time");
}

void
showdoubt_warn(const char *program, const struct basefetch_plan *p,
    const struct choose_target *t)
{
	warn_end(program, p, t);
}
