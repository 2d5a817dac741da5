/* SPDX-License-Identifier: ISC */
/* Commands of the replication protocol about slots and timelines. */
#include <assert.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "cluster/replslot.h"
#include "pg/history.h"
#include "pg/lsn.h"

#define TIMEOUT_MS	60000
#define WITH_READ	150000		/* READ_REPLICATION_SLOT came then */
#define WITH_HOT_STANDBY 140000		/* and the setting in_hot_standby */

int
replslot_ok(const char *name)
{
	const size_t	 n = strlen(name);

	return (n > 0 && n < REPLSLOT_NAME && strspn(name,
	    "abcdefghijklmnopqrstuvwxyz0123456789_") == n);
}

const char *
replslot_default(char buf[REPLSLOT_NAME], const char *server)
{
	char	*p;

	(void)snprintf(buf, REPLSLOT_NAME, "seawall_%.55s", server);
	for (p = buf; *p != '\0'; p++) {
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
		else if ((*p < 'a' || *p > 'z') && (*p < '0' || *p > '9'))
			*p = '_';
	}
	return (buf);
}

/* One command that returns one row. */
static int
ask(PGresult **res, struct sql *s, const char *text, struct err *e)
{
	const struct sql_ask	 a = { .what = text, .text = text,
	    .need = "REPLICATION", .timeout_ms = TIMEOUT_MS };

	if (sql_query(s, &a, res, e))
		return (-1);
	if (PQntuples(*res) == 1)
		return (0);
	PQclear(*res);
	*res = NULL;
	return (err_set(e, ERR_PG, "%s: PostgreSQL returned no row", text));
}

static int
lsn_of(const PGresult *res, int col, uint64_t *lsn, struct err *e)
{
	struct err	 why = ERR_INIT;

	if (PQgetisnull(res, 0, col) ||
	    lsn_parse(PQgetvalue(res, 0, col), lsn, &why))
		return (err_set(e, ERR_PG, "PostgreSQL returned no valid "
		    "position"));
	return (0);
}

/* The row: slot_type, restart_lsn; all NULL if there is no such slot. */
static int
take(struct replslot *out, const PGresult *res, const char *name,
    struct err *e)
{
	memset(out, 0, sizeof(*out));
	if (PQnfields(res) < 2)
		return (err_set(e, ERR_PG, "slot %s: PostgreSQL returned "
		    "another row than was expected", name));
	if (PQgetisnull(res, 0, 0))
		return (0);
	if (strcmp(PQgetvalue(res, 0, 0), "physical") != 0)
		return (err_set(e, ERR_PG, "slot %s is a logical one, expected "
		    "a physical one; name another with --slot", name));
	out->exists = 1;
	if (PQgetisnull(res, 0, 1))
		return (0);
	out->reserved = 1;
	return (lsn_of(res, 1, &out->restart_lsn, e));
}

/* PostgreSQL 13 and 14. */
static int
read_by_sql(struct replslot *out, const char *name, const char *conninfo,
    struct err *e)
{
	const char *const	 params[] = { name };
	const struct sql_ask	 a = { .what = "read the slot",
	    .text = "SELECT s.slot_type, s.restart_lsn FROM (SELECT 1) AS one "
	    "LEFT JOIN pg_catalog.pg_replication_slots AS s "
	    "ON s.slot_name = $1", .params = params, .nparams = 1,
	    .need = "LOGIN", .timeout_ms = TIMEOUT_MS };
	const struct sql_conf	 sql = { conninfo, name, TIMEOUT_MS };
	struct sql		*s = NULL;
	PGresult		*res = NULL;
	int			 rc = -1;

	if (sql_open(&s, &sql, e) ||
	    sql_query(s, &a, &res, e))
		goto out;
	rc = PQntuples(res) == 1 ? take(out, res, name, e) :
	    err_set(e, ERR_PG, "slot %s: PostgreSQL returned no row", name);
out:
	PQclear(res);
	sql_free(s);
	return (rc);
}

int
replslot_read(struct replslot *out, struct sql *s, const char *name,
    const char *conninfo, struct err *e)
{
	PGresult	*res = NULL;
	char		 text[128];
	int		 rc;

	assert(replslot_ok(name));
	if (sql_version(s) < WITH_READ)
		return (read_by_sql(out, name, conninfo, e));
	if (str_fmt(text, sizeof(text), e, "READ_REPLICATION_SLOT %s",
	    name) || ask(&res, s, text, e))
		return (-1);
	rc = take(out, res, name, e);
	PQclear(res);
	return (rc);
}

int
replslot_create(struct sql *s, const char *name, struct err *e)
{
	PGresult	*res = NULL;
	char		 text[160];

	assert(replslot_ok(name));
	if (str_fmt(text, sizeof(text), e, "CREATE_REPLICATION_SLOT %s "
	    "PHYSICAL RESERVE_WAL", name) || ask(&res, s, text, e))
		return (-1);
	PQclear(res);
	return (0);
}

/* It returns no row, so it is no query. */
int
replslot_drop(struct sql *s, const char *name, struct err *e)
{
	const struct sql_ask	 a = { .what = "drop the slot",
	    .need = "REPLICATION", .timeout_ms = TIMEOUT_MS };
	PGresult		*res = NULL;
	char			 text[128];

	assert(replslot_ok(name));
	if (str_fmt(text, sizeof(text), e, "DROP_REPLICATION_SLOT %s",
	    name) || sql_send(s, a.what, text, e))
		return (-1);
	do {
		PQclear(res);
		res = NULL;
		if (sql_result(s, &a, &res, e))
			return (-1);
	} while (res != NULL);
	return (0);
}

int
replslot_history(char **out, size_t *n, struct sql *s, uint32_t tli,
    struct err *e)
{
	PGresult	*res = NULL;
	char		 text[64], *copy;
	int		 len;

	if (str_fmt(text, sizeof(text), e, "TIMELINE_HISTORY %" PRIu32, tli) ||
	    ask(&res, s, text, e))
		return (-1);
	len = PQnfields(res) < 2 ? 0 : PQgetlength(res, 0, 1);
	if (len <= 0 || len > HISTORY_MAX) {
		PQclear(res);
		return (err_set(e, ERR_PG, "%s: PostgreSQL returned %d bytes, "
		    "expected 1 to %d", text, len, HISTORY_MAX));
	}
	if ((copy = malloc((size_t)len)) == NULL) {
		PQclear(res);
		return (err_sys(e, ERR_LOCAL, "%s", text));
	}
	memcpy(copy, PQgetvalue(res, 0, 1), (size_t)len);
	PQclear(res);
	*out = copy;
	*n = (size_t)len;
	return (0);
}

int
replslot_show(char *buf, size_t size, struct sql *s, const char *setting,
    struct err *e)
{
	PGresult	*res = NULL;
	char		 text[80];
	int		 rc;

	if (str_fmt(text, sizeof(text), e, "SHOW %s", setting) ||
	    ask(&res, s, text, e))
		return (-1);
	rc = str_fmt(buf, size, e, "%s", PQgetvalue(res, 0, 0));
	PQclear(res);
	return (rc);
}

int
replslot_standby(int *standby, struct sql *s, struct err *e)
{
	char	 value[16];

	/*
	 * Before 14 this is all there is: it is also on, and a set-back then
	 * not noticed, where default_transaction_read_only is.
	 */
	if (replslot_show(value, sizeof(value), s, sql_version(s) >=
	    WITH_HOT_STANDBY ? "in_hot_standby" : "transaction_read_only", e))
		return (-1);
	*standby = strcmp(value, "on") == 0;
	return (0);
}

int
replslot_position(uint32_t *tli, uint64_t *lsn, struct sql *s,
    struct err *e)
{
	PGresult	*res = NULL;
	int		 rc;

	if (ask(&res, s, "IDENTIFY_SYSTEM", e))
		return (-1);
	rc = PQnfields(res) < 3 ?
	    err_set(e, ERR_PG, "IDENTIFY_SYSTEM: PostgreSQL returned another "
	    "row than was expected") :
	    sql_u32(res, 1, tli, e) || lsn_of(res, 2, lsn, e) ? -1 : 0;
	PQclear(res);
	return (rc);
}
