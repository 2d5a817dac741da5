/* SPDX-License-Identifier: ISC */
/* Asks PostgreSQL what it keeps for a slot. */
#include <string.h>

#include "cluster/slotroom.h"
#include "cluster/sql.h"

#define TIMEOUT_MS	5000

static const char	 question[] =
    "SELECT (s.wal_status IN ('lost', 'unreserved'))::int, "
    "(m.setting::bigint >= 0)::int, "
    "greatest(m.setting::bigint, 0) * 1048576, "
    "greatest(coalesce(s.safe_wal_size, 0), 0)::bigint, "
    "greatest(coalesce(pg_catalog.pg_wal_lsn_diff("
    "CASE WHEN pg_catalog.pg_is_in_recovery() "
    "THEN pg_catalog.pg_last_wal_receive_lsn() "
    "ELSE pg_catalog.pg_current_wal_lsn() END, s.restart_lsn), 0), 0)::bigint "
    "FROM pg_catalog.pg_replication_slots AS s, pg_catalog.pg_settings AS m "
    "WHERE s.slot_name = $1 AND m.name = 'max_slot_wal_keep_size'";

int
slotroom_ask(struct slotroom *out, const char *conninfo, const char *slot,
    struct err *e)
{
	const char *const	 params[] = { slot };
	const struct sql_ask	 a = { .what = "ask what the slot keeps",
	    .text = question, .params = params, .nparams = 1,
	    .need = "LOGIN", .timeout_ms = TIMEOUT_MS };
	const struct sql_conf	 sql = { conninfo, slot, TIMEOUT_MS };
	struct slotroom		 r;
	struct sql		*s = NULL;
	PGresult		*res = NULL;
	uint64_t		 given_up, limited;
	int			 rc = -1;

	memset(&r, 0, sizeof(r));
	if (sql_open(&s, &sql, e) ||
	    sql_query(s, &a, &res, e) ||
	    sql_u64(res, 0, &given_up, e) || sql_u64(res, 1, &limited, e) ||
	    sql_u64(res, 2, &r.limit, e) || sql_u64(res, 3, &r.safe, e) ||
	    sql_u64(res, 4, &r.kept, e))
		goto out;
	r.given_up = given_up != 0;
	r.limited = limited != 0;
	*out = r;
	rc = 0;
out:
	PQclear(res);
	sql_free(s);
	return (rc);
}
