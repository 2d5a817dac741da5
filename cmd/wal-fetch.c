/* SPDX-License-Identifier: ISC */
/* wal-fetch: get one WAL file from the repository (restore_command). */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "pg/walname.h"
#include "repo/walarchive.h"
#include "tool/conf.h"
#include "tool/opt.h"
#include "tool/role.h"
#include "tool/tool.h"

/*
 * PostgreSQL takes 1 to 125 as "end of WAL" and opens the database short of
 * what was archived.  More than 125 stops recovery, with nothing lost.
 */
#define STOP_RECOVERY	200

#define PAUSE_MIN_MS	500
#define PAUSE_MAX_MS	15000

static const struct opt_program program = {
	.name = "wal-fetch",
	.synopsis = "[OPTION]... NAME PATH",
	.summary = "Get one WAL file from the repository, authenticated, to "
	    "PATH.",
	.min_args = 2, .max_args = 2
};

static int
fetch_once(const char *name, const char *path, const struct store_conf *store,
    const struct key *key, const char *server, uint64_t system_id,
    struct err *e)
{
	struct archive	*a = NULL;
	int		 rc = -1;

	if (archive_open(&a, store, key, server, system_id, e) == 0)
		rc = walarchive_fetch(a, name, path, e);
	archive_free(a);
	return (rc);
}

/* Whether this server follows another and will ask again by itself. */
static int
is_standby(const char *dir)
{
	char	 path[4096];

	return (snprintf(path, sizeof(path), "%s/standby.signal", dir) > 0 &&
	    access(path, F_OK) == 0);
}

/* A lost network is waited for: what stops here, stops a recovery. */
static int
fetch(const char *name, const char *path, const struct server_conf *conf,
    int *standby, struct err *e)
{
	const struct store_conf	 store = conf_store_wal(conf);
	const int64_t		 end = clock_mono_ms() +
	    (int64_t)conf->fetch_retry_ms;
	struct timespec		 ts;
	struct role_cluster	 cluster;
	struct key		*key = NULL;
	char			 dir[PATH_MAX];
	int64_t			 pause = PAUSE_MIN_MS;
	int			 rc = -1;

	if (role_data_directory(dir, sizeof(dir), path, conf, e) ||
	    role_cluster(&cluster, dir, e))
		return (-1);
	*standby = is_standby(dir);
	if (role_key(&key, conf, KEY_RESTORE, e))
		return (-1);
	for (;;) {
		rc = fetch_once(name, path, &store, key, conf->name,
		    cluster.system_id, e);
		if (rc != -1 || e->kind != ERR_REMOTE || *standby ||
		    clock_mono_ms() + pause > end)
			break;
		tool_note(program.name, "%s: %s; trying again", name, e->msg);
		err_clear(e);
		ts.tv_sec = pause / 1000;
		ts.tv_nsec = pause % 1000 * 1000000;
		(void)nanosleep(&ts, NULL);
		pause = pause * 2 < PAUSE_MAX_MS ? pause * 2 : PAUSE_MAX_MS;
	}
	key_free(key);
	return (rc);
}

/*
 * The dangerous decision.  Only a proved absence is 1; a standby asks again,
 * so an outage may look like one to it; everything else stops recovery.
 */
static int
status(int rc, int standby, const char *name, struct err *e)
{
	int	 st;

	if (rc == 0)
		return (0);
	if (rc == 1)
		return (TOOL_ABSENT);	/* everyday: not a word in the log */
	err_ctx(e, "%s", name);
	st = tool_exit(program.name, -1, e);
	if (standby && e->kind == ERR_REMOTE)
		return (TOOL_ABSENT);
	return (STOP_RECOVERY + st);
}

int
main(int argc, char *argv[])
{
	struct err		 e = ERR_INIT;
	struct conf_source	 src = { 0 };
	struct server_conf	 conf = { 0 };
	struct walname		 w;
	const struct opt	 opts[] = { OPT_CONF(src), OPT_END };
	char			**args;
	const char		*name = "?";
	size_t			 nargs;
	int			 rc, standby = 0;

	if ((rc = tool_init(&e)) == -1 ||
	    (rc = opt_parse(&program, opts, argc, argv, &args, &nargs,
	    &e)) == -1)
		return (status(-1, 0, name, &e));
	if (rc == 1)
		return (TOOL_OK);
	name = args[0];
	if ((rc = walname_parse(name, &w, &e)) == 0 &&
	    (rc = conf_load(&conf, &src, &e)) == 0)
		rc = fetch(name, args[1], &conf, &standby, &e);
	rc = status(rc, standby, name, &e);
	conf_free(&conf);
	free(src.set.v);
	return (rc);
}
