/* SPDX-License-Identifier: ISC */
/* Asks PostgreSQL what its archiver did last. */
#include "base/str.h"
#include "cluster/pgarchiver.h"
#include "cluster/sql.h"

int
pgarchiver_get(struct pgsession *s, struct pgarchiver *out, struct err *e)
{
	struct pgarchiver	 a;
	PGresult		*res = NULL;
	uint64_t		 us;
	int			 rc = -1;

	if (pgsession_ask(s, "ask what was archived", "SELECT "
	    "coalesce(last_archived_wal, ''), "
	    "coalesce(extract(epoch from last_archived_time) * 1000000, "
	    "0)::bigint, "
	    "CASE WHEN last_failed_time > coalesce(last_archived_time, "
	    "'-infinity') THEN coalesce(last_failed_wal, '') ELSE '' END "
	    "FROM pg_stat_archiver", NULL, &res, e) ||
	    sql_u64(res, 1, &us, e) ||
	    str_fmt(a.archived, sizeof(a.archived), e, "%.40s",
	    PQgetvalue(res, 0, 0)) ||
	    str_fmt(a.failed, sizeof(a.failed), e, "%.40s",
	    PQgetvalue(res, 0, 2)))
		goto out;
	a.archived_us = (int64_t)us;
	*out = a;
	rc = 0;
out:
	PQclear(res);
	return (rc);
}

int
pgarchiver_passed(const struct pgarchiver *a, const struct walname *w,
    uint32_t segsize, int64_t since_us)
{
	struct err	 unused = ERR_INIT;
	struct walname	 last;

	/*
	 * A backup's history file sorts behind the segment that it names.
	 * The name of a partial one says nothing of that segment itself.
	 */
	return (a->archived[0] != '\0' && a->archived_us >= since_us &&
	    walname_parse(a->archived, &last, &unused) == 0 &&
	    (last.kind == WALNAME_SEGMENT || last.kind == WALNAME_BACKUP) &&
	    walname_check(&last, segsize, &unused) == 0 &&
	    last.tli == w->tli &&
	    walname_segno(&last, segsize) >= walname_segno(w, segsize));
}
