/* SPDX-License-Identifier: ISC */
/* Asks PostgreSQL how a receiver's slot is. */
#include <assert.h>
#include <string.h>

#include "base/str.h"
#include "cluster/replslot.h"
#include "cluster/slotwatch.h"
#include "cluster/sql.h"

#define WITH_SINCE	170000		/* inactive_since came then */
#define QUESTION	4096
#define BYTES(lsn)	"greatest(coalesce(" lsn " - '0/0'::pg_lsn, 0), 0)"

/* A name of a slot has no character that means anything in a pattern. */
static int
question(char buf[QUESTION], const char *name, uint32_t version,
    struct err *e)
{
	return (str_fmt(buf, QUESTION, e, "SELECT "
	    "current_setting('synchronous_standby_names') ~* "
	    "'(^|[^a-z0-9_])%s($|[^a-z0-9_])', "
	    "s.slot_name IS NOT NULL, s.slot_type = 'physical', s.active, "
	    "%s, s.wal_status = 'lost', s.wal_status = 'unreserved', "
	    "m.setting::bigint >= 0, "
	    "greatest(m.setting::bigint, 0) * 1048576, "
	    "greatest(coalesce(s.safe_wal_size, 0), 0)::bigint, "
	    BYTES("s.restart_lsn") ", "
	    BYTES("CASE WHEN pg_is_in_recovery() THEN "
	    "pg_last_wal_receive_lsn() ELSE pg_current_wal_flush_lsn() END")
	    ", " BYTES("r.flush_lsn") ", "
	    "coalesce(" SQL_US("r.flush_lag") ", 0) "
	    "FROM pg_settings AS m "
	    "LEFT JOIN pg_replication_slots AS s ON s.slot_name = '%s' "
	    "LEFT JOIN pg_stat_replication AS r ON r.pid = s.active_pid "
	    "WHERE m.name = 'max_slot_wal_keep_size'", name,
	    version >= WITH_SINCE ? SQL_US("s.inactive_since") : "NULL::bigint",
	    name));
}

static int
take(struct slotwatch *w, const PGresult *res, struct err *e)
{
	w->required = sql_is_true(res, 0);
	w->exists = sql_is_true(res, 1);
	w->inactive_us = INT64_MIN;
	if (!w->exists)
		return (0);
	w->physical = sql_is_true(res, 2);
	w->active = sql_is_true(res, 3);
	w->lost = sql_is_true(res, 5);
	w->unreserved = sql_is_true(res, 6);
	w->limited = sql_is_true(res, 7);
	return (sql_time(res, 4, &w->inactive_us, e) ||
	    sql_u64(res, 8, &w->limit, e) ||
	    sql_u64(res, 9, &w->safe, e) ||
	    sql_u64(res, 10, &w->restart_lsn, e) ||
	    sql_u64(res, 11, &w->position, e) ||
	    sql_u64(res, 12, &w->acked_lsn, e) ||
	    sql_u64(res, 13, &w->lag_us, e) ? -1 : 0);
}

int
slotwatch_get(struct pgsession *s, const char *name, struct slotwatch *out,
    struct err *e)
{
	struct slotwatch	 w;
	PGresult		*res = NULL;
	char			 text[QUESTION];
	int			 rc = -1;

	assert(replslot_ok(name));
	memset(&w, 0, sizeof(w));
	if (question(text, name, pgsession_version(s), e) ||
	    pgsession_ask(s, "ask how the slot is", text,
	    "membership in pg_monitor", &res, e) || take(&w, res, e))
		goto out;
	*out = w;
	rc = 0;
out:
	PQclear(res);
	return (rc);
}

uint64_t
slotwatch_kept(const struct slotwatch *w)
{
	if (!w->exists || w->lost || w->restart_lsn == 0 ||
	    w->position < w->restart_lsn)
		return (0);
	return (w->position - w->restart_lsn);
}
