/* SPDX-License-Identifier: ISC */
/* Was the target reached, and not passed? */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/parse.h"
#include "base/str.h"
#include "drill/drilltarget.h"
#include "pg/lsn.h"

#define PAGE	8192

uint64_t
drilltarget_least(uint64_t end, uint32_t segsize)
{
	uint64_t	 start;

	if (end == 0)
		return (0);
	start = (end - 1) / segsize * segsize;
	return (end - start <= PAGE && start >= segsize ? start - segsize :
	    start);
}

static void
judge_end(struct drillreport *r, const struct drillconf *c)
{
	const uint64_t	 end = basefetch_end(c->plan);
	const uint64_t	 least = drilltarget_least(end,
	    (uint32_t)c->plan->label->wal_segment_size);
	char		 at[LSN_TEXT], want[LSN_TEXT];

	(void)lsn_format(at, r->lsn);
	(void)lsn_format(want, end);
	if (r->log.stopped[0] != '\0')
		drillreport_set(r, DRILLREPORT_TARGET, DRILLREPORT_FAILED,
		    "recovery was to replay all WAL, and PostgreSQL says "
		    "\"%s\"", r->log.stopped);
	else if (r->lsn <= least)
		drillreport_set(r, DRILLREPORT_TARGET, DRILLREPORT_FAILED,
		    "WAL is archived to %s, and PostgreSQL replayed it only to "
		    "%s; what follows there is no valid WAL%s%s", want, at,
		    r->log.n == 0 ? "" : ": ", r->log.n == 0 ? "" :
		    r->log.trouble[0]);
	else
		drillreport_set(r, DRILLREPORT_TARGET, DRILLREPORT_OK,
		    "everything was replayed, to %s", at);
}

/* What PostgreSQL must have logged for the target; 0 if it is not so. */
static int
is_stopped(const struct drillreport *r, const struct drillconf *c)
{
	const char	*s = r->log.stopped;
	const int	 before = c->target->exclusive;
	const char	*where = before ? "recovery stopping before " :
	    "recovery stopping after ", *p;
	char		 text[160];
	uint64_t	 xid;

	switch (c->target->kind) {
	case CHOOSE_END:
		break;
	case CHOOSE_IMMEDIATE:
		return (str_begins(s, "recovery stopping after reaching "
		    "consistency"));
	case CHOOSE_TIME:
		/* At the first end of a transaction that is later. */
		return (str_begins(s, "recovery stopping before ") &&
		    strstr(s, ", time ") != NULL);
	case CHOOSE_NAME:
		(void)snprintf(text, sizeof(text), "recovery stopping at "
		    "restore point \"%s\"", c->recovery.value);
		return (str_begins(s, text));
	case CHOOSE_LSN:
		return (str_begins(s, where) && strstr(s, "LSN") != NULL);
	case CHOOSE_XID:
		p = strstr(s, "of transaction ");
		return (str_begins(s, where) && p != NULL &&
		    parse_leading(p + strlen("of transaction "), UINT32_MAX,
		    &xid) != NULL && xid == (uint32_t)c->target->xid);
	}
	return (0);
}

/* Whether more was replayed than was asked for, or less. */
static int
is_beyond(const struct drillreport *r, const struct choose_target *t)
{
	if (t->kind == CHOOSE_TIME)
		return (r->commit_us > t->time_us || (t->exclusive &&
		    r->commit_us == t->time_us));
	if (t->kind == CHOOSE_LSN)
		return (t->exclusive ? r->lsn > t->lsn : r->lsn <= t->lsn);
	return (0);
}

void
drilltarget_judge(struct drillreport *r, const struct drillconf *c)
{
	char	 at[LSN_TEXT], last[CLOCK_TEXT] = "none";

	if (c->target->kind == CHOOSE_END) {
		judge_end(r, c);
		return;
	}
	(void)lsn_format(at, r->lsn);
	if (r->commit_us != 0)
		(void)clock_format(last, r->commit_us);
	if (!is_stopped(r, c) || is_beyond(r, c->target))
		drillreport_set(r, DRILLREPORT_TARGET, DRILLREPORT_FAILED,
		    "the target was not met: PostgreSQL says \"%s\", replayed "
		    "to %s, last commit %s", r->log.stopped, at, last);
	else
		drillreport_set(r, DRILLREPORT_TARGET, DRILLREPORT_OK,
		    "replayed to %s, last commit %s: %s", at, last,
		    r->log.stopped);
}
