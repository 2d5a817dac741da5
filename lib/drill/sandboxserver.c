/* SPDX-License-Identifier: ISC */
/* Starts and ends the server in a sandbox. */
#include <sys/wait.h>

#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/parse.h"
#include "base/path.h"
#include "base/str.h"
#include "drill/child.h"
#include "drill/drilllog.h"
#include "drill/patience.h"
#include "drill/sandboxserver.h"

#define LOOK_MS		20
#define CONNECT_MS	30000

int
sandboxserver_start(struct sandboxserver *s, const struct sandbox *at,
    const char *bindir, const struct sandboxconf *conf,
    const struct cover *cover, int keep, struct err *e)
{
	struct sandboxconf_args	 a = { NULL, NULL };
	struct child		 c = { .out = at->log, .dir = at->data,
	    .cover = cover, .stays = keep };
	char			 postgres[PATH_MAX];
	int			 rc;

	*s = (struct sandboxserver){ .at = at, .port = conf->port };
	if (path_join(postgres, sizeof(postgres), bindir, "postgres", e) ||
	    sandboxconf_make(&a, postgres, conf, e))
		return (-1);
	c.argv = a.argv;
	rc = child_start(&s->pid, &c, e);
	if (rc != 0)
		s->pid = 0;
	sandboxconf_free(&a);
	return (rc);
}

/* Whether postmaster.pid says "ready", which it does behind recovery. */
static int
is_ready(const struct sandboxserver *s)
{
	struct err	 unused = ERR_INIT;
	char		 path[PATH_MAX], *text = NULL;
	const char	*p;
	size_t		 n;
	uint64_t	 pid;
	int		 yes;

	if (path_join(path, sizeof(path), s->at->data, "postmaster.pid",
	    &unused) || io_load(path, 8192, &text, &n, &unused) != 0)
		return (0);
	p = str_line(text, 8);
	yes = p != NULL && str_begins(p, "ready") &&
	    parse_leading(text, INT_MAX, &pid) != NULL &&
	    (pid_t)pid == s->pid;
	free(text);
	return (yes);
}

/*
 * What wal-fetch's exit status says (wal-fetch(1)): where the configuration,
 * this host or the network failed, nothing is said of what is stored.
 */
static enum err_kind
kind_of(int status)
{
	switch (status) {
	case 203:
		return (ERR_CONFIG);
	case 204:
	case DRILLLOG_LOOKED:
		return (ERR_LOCAL);
	case 205:
		return (ERR_REMOTE);
	case 207:
		return (ERR_CORRUPT);
	default:
		return (ERR_PG);
	}
}

/* What it logged, in the place of its exit status. */
static int
ended(struct sandboxserver *s, int status, struct err *e)
{
	char	 why[DRILLLOG_LINE];

	int	 fetched;

	s->pid = 0;
	if (drilllog_fatal(why, &fetched, s->at->log) == 0)
		return (err_set(e, kind_of(fetched), "PostgreSQL ended: %s",
		    why));
	return (err_set(e, ERR_PG, "PostgreSQL ended with status %d; see %s",
	    status, s->at->log));
}

int
sandboxserver_wait(struct sandboxserver *s, struct err *e)
{
	int	 status;

	while (!is_ready(s)) {
		if (child_ended(s->pid, &status))
			return (ended(s, status, e));
		if (patience_wait(LOOK_MS, e))
			return (-1);
	}
	return (0);
}

int
sandboxserver_conninfo(char buf[SANDBOXSERVER_CONNINFO],
    const struct sandboxserver *s, const char *db, struct err *e)
{
	char		 quoted[192];
	const char	*p;
	size_t		 n = 0;

	/* 63 bytes at most, each of which may need a backslash. */
	for (p = db; *p != '\0' && n + 3 < sizeof(quoted); p++) {
		if (*p == '\'' || *p == '\\')
			quoted[n++] = '\\';
		quoted[n++] = *p;
	}
	quoted[n] = '\0';
	return (str_fmt(buf, SANDBOXSERVER_CONNINFO, e, "host='%s' port=%u "
	    "user='%s' sslmode=disable gssencmode=disable "
	    "options='-c default_transaction_read_only=off -c "
	    "statement_timeout=0' dbname='%s'", s->at->socket, s->port,
	    s->role, quoted));
}

int
sandboxserver_connect(struct sql **out, const struct sandboxserver *s,
    const char *db, struct err *e)
{
	char			 text[SANDBOXSERVER_CONNINFO];
	const struct sql_conf	 conf = { text, "backup-drill", CONNECT_MS };

	return (sandboxserver_conninfo(text, s, db, e) ||
	    sql_open(out, &conf, e) ? -1 : 0);
}

/* Whether s->role can do everything; -1: no session. */
static int
try_role(const struct sandboxserver *s, struct err *e)
{
	const struct sql_ask	 ask = { .what = "ask for a superuser",
	    .text = "SELECT rolsuper FROM pg_roles WHERE rolname = "
	    "current_user", .timeout_ms = CONNECT_MS };
	struct sql		*q = NULL;
	PGresult		*res;
	int			 yes = -1;

	if (sandboxserver_connect(&q, s, "template1", e))
		return (-1);
	if (sql_query(q, &ask, &res, e) == 0) {
		yes = sql_is_true(res, 0);
		PQclear(res);
	}
	sql_free(q);
	return (yes);
}

int
sandboxserver_role(struct sandboxserver *s, const char *role, struct err *e)
{
	const struct passwd	*pw = getpwuid(geteuid());
	const char		*names[] = { "postgres", NULL };
	struct err		 why = ERR_INIT;
	size_t			 i, n = 2;

	if (pw != NULL)
		names[1] = pw->pw_name;
	if (role != NULL) {
		names[0] = role;
		n = 1;
	}
	for (i = 0; i < n; i++) {
		if (names[i] == NULL || strpbrk(names[i], "'\\") != NULL ||
		    strlen(names[i]) >= sizeof(s->role))
			continue;
		memcpy(s->role, names[i], strlen(names[i]) + 1);
		if (try_role(s, &why) == 1)
			return (0);
	}
	return (err_set(e, ERR_PG, "no superuser was found in the restored "
	    "cluster%s%s; name one with --role", why.kind == ERR_NONE ? "" :
	    ": ", why.kind == ERR_NONE ? "" : why.msg));
}

/* Wait for the end after a signal. */
static int
await(struct sandboxserver *s, int *status)
{
	int	 st;
	pid_t	 rc;

	while ((rc = waitpid(s->pid, &st, 0)) == -1 && errno == EINTR)
		;
	s->pid = 0;
	if (rc == -1)
		return (-1);
	*status = WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st);
	return (0);
}

int
sandboxserver_stop(struct sandboxserver *s, struct err *e)
{
	int	 status;

	(void)kill(s->pid, SIGINT);	/* a fast shutdown */
	while (!child_ended(s->pid, &status))
		if (patience_wait(LOOK_MS, e))
			return (-1);
	if (status != 0)
		return (ended(s, status, e));
	s->pid = 0;
	return (0);
}

void
sandboxserver_kill(struct sandboxserver *s)
{
	int	 status;

	if (s->pid <= 0)
		return;
	(void)kill(s->pid, SIGQUIT);
	(void)await(s, &status);	/* it ends its processes within 5 s */
}
