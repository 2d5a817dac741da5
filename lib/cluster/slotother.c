/* SPDX-License-Identifier: ISC */
/* Asks PostgreSQL for the slot of somebody else that keeps the most WAL. */
#include <assert.h>
#include <string.h>

#include "base/str.h"
#include "cluster/slotother.h"
#include "cluster/sql.h"

#define WITH_SINCE	170000	/* inactive_since and synced came then */
#define QUESTION	4096
#define HEX(n)		"lpad(upper(to_hex((" n ")::bigint)), 8, '0')"

/*
 * The last part of a segment's name is its number on any timeline; there are
 * 2^32 bytes of WAL to each value of the first half.
 *
 * A standby copies slots of its primary and moves them on by itself: nobody
 * reads from such a one, which is no fault, and it cannot be dropped there.
 * After a promotion it still says that it was synced, and is like any other.
 */
static int
question(char buf[QUESTION], const char *own, uint32_t version,
    struct err *e)
{
	return (str_fmt(buf, QUESTION, e, "SELECT o.slot_name, "
	    "%s, greatest(o.here - o.at, 0)::bigint, "
	    "(SELECT " SQL_US("max(w.modification)") " FROM pg_ls_waldir() "
	    "AS w WHERE right(w.name, 16) = "
	    HEX("div(o.at, 4294967296)") " || "
	    HEX("div(mod(o.at, 4294967296), o.segsize)") "), "
	    "m.setting::bigint >= 0, "
	    "greatest(coalesce(o.safe_wal_size, 0), 0)::bigint "
	    "FROM (SELECT *, restart_lsn - '0/0'::pg_lsn AS at, "
	    "(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() "
	    "ELSE pg_current_wal_flush_lsn() END) - '0/0'::pg_lsn AS here, "
	    "(SELECT setting::numeric FROM pg_settings "
	    "WHERE name = 'wal_segment_size') AS segsize "
	    "FROM pg_replication_slots WHERE NOT active AND "
	    "slot_name <> '%s' AND restart_lsn IS NOT NULL AND %s"
	    "wal_status <> 'lost' ORDER BY restart_lsn LIMIT 1) AS o, "
	    "pg_settings AS m WHERE m.name = 'max_slot_wal_keep_size'",
	    version >= WITH_SINCE ? SQL_US("o.inactive_since") :
	    "NULL::bigint", own, version >= WITH_SINCE ?
	    "NOT (synced AND pg_is_in_recovery()) AND " : ""));
}

static int
take(struct slotother *o, const PGresult *res, struct err *e)
{
	if (PQntuples(res) == 0)
		return (0);
	o->limited = sql_is_true(res, 4);
	return (str_fmt(o->name, sizeof(o->name), e, "%s", PQgetvalue(res, 0,
	    0)) || sql_time(res, 1, &o->inactive_us, e) ||
	    sql_u64(res, 2, &o->kept, e) ||
	    sql_time(res, 3, &o->oldest_us, e) ||
	    sql_u64(res, 5, &o->safe, e) ? -1 : 0);
}

int
slotother_get(struct pgsession *s, const char *own, struct slotother *out,
    struct err *e)
{
	struct slotother	 o;
	PGresult		*res = NULL;
	char			 text[QUESTION];
	int			 rc = -1;

	assert(replslot_ok(own));
	memset(&o, 0, sizeof(o));
	if (question(text, own, pgsession_version(s), e) ||
	    pgsession_ask(s, "ask for slots", text,
	    "membership in pg_monitor", &res, e) || take(&o, res, e))
		goto out;
	*out = o;
	rc = 0;
out:
	PQclear(res);
	return (rc);
}
