/* SPDX-License-Identifier: ISC */
/* Why a point in time cannot be recovered to. */
#include <stdio.h>

#include "pg/lsn.h"
#include "show/showtarget.h"

static void
name_object(struct showtarget *s, int64_t target_us)
{
	char	 t[CLOCK_TEXT];

	(void)snprintf(s->object, sizeof(s->object), "target time %s",
	    clock_format(t, target_us));
	s->finding.object = s->object;
}

void
showtarget_unreachable(struct showtarget *s, int64_t target_us,
    const struct err *why)
{
	name_object(s, target_us);
	s->finding.found = why->msg;
	s->finding.means = "this moment cannot be reached";
}

/*
 * Recovery stops at the first transaction that ended after the target; with
 * none in the WAL that is there PostgreSQL fails at its end.
 */
void
showtarget_unproved(struct showtarget *s, int64_t target_us, int64_t ended_us,
    uint64_t end)
{
	char	 t[CLOCK_TEXT], lsn[LSN_TEXT];

	name_object(s, target_us);
	(void)snprintf(s->found, sizeof(s->found), "the WAL up to LSN %s holds "
	    "no transaction that ended later; the last one ended at %s",
	    lsn_format(lsn, end), ended_us == INT64_MIN ? "an unknown time" :
	    clock_format(t, ended_us));
	s->finding.found = s->found;
	s->finding.means = "PostgreSQL would not stop there and fail at the "
	    "end of WAL; without a target it replays all WAL";
}
