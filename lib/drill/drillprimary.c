/* SPDX-License-Identifier: ISC */
/* Asks the primary how far it is. */
#include "cluster/sql.h"
#include "drill/drillprimary.h"

#define CONNECT_MS	5000
#define ANSWER_MS	5000

static const char	 question[] =
	"SELECT s.system_identifier, c.timeline_id, "
	"pg_current_wal_lsn() - '0/0'::pg_lsn, "
	"CASE WHEN current_setting('track_commit_timestamp')::bool THEN "
	"(SELECT " SQL_US("timestamp") " FROM pg_last_committed_xact()) END "
	"FROM pg_control_system() s, pg_control_checkpoint() c";

static int
ask(struct drillprimary *p, const char *conninfo, struct err *e)
{
	const struct sql_conf	 conf = { conninfo, "backup-drill",
	    CONNECT_MS };
	const struct sql_ask	 a = { .what = "ask for the end of WAL",
	    .text = question, .timeout_ms = ANSWER_MS };
	struct sql		*q = NULL;
	PGresult		*res = NULL;
	int			 rc = -1;

	/* On a standby the question itself fails. */
	if (sql_open(&q, &conf, e) == 0 && sql_query(q, &a, &res, e) == 0)
		rc = sql_u64(res, 0, &p->system_id, e) ||
		    sql_u32(res, 1, &p->tli, e) ||
		    sql_u64(res, 2, &p->lsn, e) ||
		    sql_time(res, 3, &p->commit_us, e) ? -1 : 0;
	PQclear(res);
	sql_free(q);
	return (rc);
}

void
drillprimary_ask(struct drillprimary *p, const char *conninfo)
{
	struct err	 why = ERR_INIT;

	*p = (struct drillprimary){ .known = 0 };
	p->known = ask(p, conninfo, &why) == 0;
}

static uint64_t
span(int64_t from, int64_t to)
{
	return (to > from ? (uint64_t)(to - from) : 0);
}

uint64_t
drillprimary_loss(const struct drillprimary *p, uint64_t system_id,
    uint32_t tli, uint64_t lsn, int64_t commit_us, int64_t now_us,
    const char **against)
{
	/* Along another line its WAL says nothing of this one. */
	const int	 counts = p->known && p->system_id == system_id &&
	    p->tli == tli;

	*against = "wal";
	if (counts && lsn >= p->lsn)
		return (0);
	*against = "commit";
	if (counts && p->commit_us != INT64_MIN)
		return (span(commit_us, p->commit_us));
	*against = "now";
	return (span(commit_us, now_us));
}
