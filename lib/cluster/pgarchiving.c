/* SPDX-License-Identifier: ISC */
/* What a server needs to archive its WAL by wal-push. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "cluster/pgarchiving.h"
#include "cluster/sql.h"

#define TIMEOUT_MS	60000

/*
 * The value of "reset_val" is the one of the configuration: "setting" says
 * "(disabled)" for archive_command while archive_mode is off.
 */
static const char	 question[] =
    "select coalesce(max(reset_val) filter (where name = 'wal_level'), ''),"
    " coalesce(max(reset_val) filter (where name = 'archive_mode'), ''),"
    " coalesce(max(reset_val) filter (where name = 'archive_command'), ''),"
    " coalesce(max(reset_val) filter (where name = 'archive_library'), ''),"
    " coalesce(max(reset_val) filter (where name = 'archive_timeout'), '0'),"
    " bool_or(pending_restart) filter (where name in ('wal_level',"
    " 'archive_mode')) from pg_settings";

static int
connect_to(struct sql **out, const char *conninfo, struct err *e)
{
	const struct sql_conf	 conf = {
		.conninfo = conninfo, .name = "seawall-setup",
		.timeout_ms = TIMEOUT_MS
	};

	return (sql_open(out, &conf, e));
}

static int
change(struct pgarchiving *p, const char *name, const char *value,
    int restart, struct err *e)
{
	struct pgarchiving_setting	*s = &p->change[p->n++];

	s->name = name;
	s->restart = restart;
	p->restart |= restart;
	return (str_fmt(s->value, sizeof(s->value), e, "%s", value));
}

/*
 * Ours, installed elsewhere, or set so that nothing is archived.  Whatever else
 * there is was meant by somebody: another tool (WAL-G's command has the word
 * wal-push, too), wal-push for another server, something behind it.
 */
static int
may_change(const char *has, const char *command)
{
	static const char *const	 nobodys[] = {
		"", ":", "true", "/bin/true", "/usr/bin/true", "exit 0", "cd ."
	};
	const size_t			 ours = strlen("wal-push");
	size_t				 i, n = strcspn(has, " ");

	for (i = 0; i < sizeof(nobodys) / sizeof(*nobodys); i++)
		if (strcmp(has, nobodys[i]) == 0)
			return (1);
	return (n >= ours && strncmp(has + n - ours, "wal-push", ours) == 0 &&
	    (n == ours || has[n - ours - 1] == '/') &&
	    strcmp(has + n, command + strcspn(command, " ")) == 0);
}

static int
compare(struct pgarchiving *p, const PGresult *res, const char *command,
    struct err *e)
{
	const char	*has = PQgetvalue(res, 0, 2);
	const char	*library = PQgetvalue(res, 0, 3);

	p->restart = sql_is_true(res, 5);
	if (library[0] != '\0' || !may_change(has, command))
		return (str_fmt(p->other, sizeof(p->other), e, "%s = '%s'",
		    library[0] != '\0' ? "archive_library" :
		    "archive_command", library[0] != '\0' ? library : has));
	if ((strcmp(PQgetvalue(res, 0, 0), "minimal") == 0 &&
	    change(p, "wal_level", "replica", 1, e)) ||
	    (strcmp(PQgetvalue(res, 0, 1), "off") == 0 &&
	    change(p, "archive_mode", "on", 1, e)) ||
	    (strcmp(has, command) != 0 &&
	    change(p, "archive_command", command, 0, e)) ||
	    (strcmp(PQgetvalue(res, 0, 4), "0") == 0 &&
	    change(p, "archive_timeout", "60s", 0, e)))
		return (-1);
	return (0);
}

int
pgarchiving_ask(struct pgarchiving *p, const char *conninfo,
    const char *command, struct err *e)
{
	const struct sql_ask	 ask = {
		.what = "ask for the settings of archiving",
		.text = question, .timeout_ms = TIMEOUT_MS
	};
	struct sql		*s = NULL;
	PGresult		*res = NULL;
	int			 rc = -1;

	memset(p, 0, sizeof(*p));
	if (connect_to(&s, conninfo, e) == 0 &&
	    sql_query(s, &ask, &res, e) == 0)
		rc = compare(p, res, command, e);
	PQclear(res);
	sql_free(s);
	return (rc);
}

/* A value holds none of what would end the literal: the caller made it. */
int
pgarchiving_sql(char *buf, size_t size, const struct pgarchiving_setting *s,
    struct err *e)
{
	if (strpbrk(s->value, "'\\") != NULL)
		return (err_set(e, ERR_CONFIG, "%s: found %s, expected "
		    "neither ' nor \\", s->name, s->value));
	return (str_fmt(buf, size, e, "ALTER SYSTEM SET %s = '%s'", s->name,
	    s->value));
}

static int
run(struct sql *s, const char *text, struct err *e)
{
	const struct sql_ask	 ask = {
		.what = "change the settings of archiving",
		.timeout_ms = TIMEOUT_MS
	};
	PGresult		*res;

	if (sql_send(s, ask.what, text, e))
		return (-1);
	do {
		if (sql_result(s, &ask, &res, e))
			return (-1);
		PQclear(res);
	} while (res != NULL);
	return (0);
}

int
pgarchiving_apply(const struct pgarchiving *p, const char *conninfo,
    struct err *e)
{
	char		 text[PGARCHIVING_VALUE + 64];
	struct sql	*s = NULL;
	size_t		 i;
	int		 rc = -1;

	if (connect_to(&s, conninfo, e))
		return (-1);
	for (i = 0; i < p->n; i++)
		if (pgarchiving_sql(text, sizeof(text), &p->change[i], e) ||
		    run(s, text, e))
			goto out;
	rc = run(s, "select pg_reload_conf()", e);
out:
	sql_free(s);
	return (rc);
}
