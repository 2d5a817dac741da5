/* SPDX-License-Identifier: ISC */
/* wal-fetch: fetch one WAL file from the repository (restore_command). */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/path.h"
#include "pg/walname.h"
#include "tool/agentrun.h"
#include "tool/conf.h"
#include "tool/fetchagent.h"
#include "tool/fetchset.h"
#include "tool/fromfile.h"
#include "tool/owner.h"
#include "tool/program.h"
#include "tool/role.h"
#include "tool/tool.h"
#include "tool/trial.h"

#define NAME	"wal-fetch"

/*
 * PostgreSQL takes 1 to 125 as "end of WAL" and opens the database short of
 * what was archived.  More than 125 stops recovery, with nothing lost.
 */
#define STOP_RECOVERY	200

#define PAUSE_MIN_MS	500
#define PAUSE_MAX_MS	15000

struct fetch {
	const char		*name, *path;
	int			 test;		/* see tool/trial.h */
	struct conf_source	 src;
	struct fromfile		 export;
	struct conf_set		 set;
	char			 dir[PATH_MAX];	/* the data directory */
	int			 standby;	/* it will ask again */
	struct role_cluster	 cluster;
	struct fetchset		 from;
};

/* Whether the data directory has that file. */
static int
has_file(const struct fetch *f, const char *name)
{
	char	 path[PATH_MAX];

	return (snprintf(path, sizeof(path), "%s/%s", f->dir, name) <
	    (int)sizeof(path) && access(path, F_OK) == 0);
}

/*
 * Whether pg_rewind calls.  It lists its target and later removes what the
 * source does not have, and it fails if such a file is gone by then: no agent
 * may fetch ahead into this directory.  pg_rewind asks for a file under its own
 * name, in a cluster that does not run.
 */
static int
is_rewind(const struct fetch *f)
{
	return (strcmp(path_base(f->path), f->name) == 0 &&
	    !has_file(f, "postmaster.pid"));
}

/* Who asks, and an agent for it. */
static void
find_asker(struct fetch *f)
{
	const int	 rewind = is_rewind(f);

	f->standby = has_file(f, "standby.signal");
	f->from = (struct fetchset){ .program = NAME, .set = &f->set,
	    .cluster = &f->cluster, .dir = f->dir };
	f->from.promotes = has_file(f, "recovery.signal") && !f->standby &&
	    !rewind;
	if (f->set.conf[0].agent && !rewind)
		fetchset_agents(&f->from, &f->src);
}

/* Whoever runs this must be able to, wherever the file comes from. */
static int
check_owners(const struct fetch *f, struct err *e)
{
	size_t	 i;

	for (i = 0; i < f->set.n; i++)
		if (owner_check(NAME, &f->set.conf[i], f->dir, e))
			return (-1);
	return (0);
}

/*
 * Fetch the file, and retry while the repository cannot be reached: a failure
 * here stops a recovery.  A standby asks again by itself and is not kept
 * waiting, since it may also find WAL by streaming.
 */
static int
fetch(struct fetch *f, struct err *e)
{
	const int64_t	 end = clock_mono_ms() +
	    (int64_t)f->set.conf[0].fetch_retry_ms;
	struct timespec	 ts;
	char		 said[ERR_MSGMAX] = "";
	int64_t		 pause = PAUSE_MIN_MS, now;
	int		 rc;

	if (role_data_directory(f->dir, sizeof(f->dir), f->path, f->set.conf,
	    e) ||
	    check_owners(f, e) ||
	    role_cluster(&f->cluster, f->dir, e))
		return (-1);
	find_asker(f);
	for (;;) {
		rc = fetchset_file(&f->from, f->name, f->path, e);
		if (rc != -1 || e->kind != ERR_REMOTE || f->standby ||
		    clock_mono_ms() + pause > end)
			break;
		/* Once; what is the same as before is no news. */
		if (strcmp(said, e->msg) != 0)
			tool_note(NAME, "%s: %s; trying again", f->name,
			    e->msg);
		(void)snprintf(said, sizeof(said), "%s", e->msg);
		err_clear(e);
		now = clock_jitter(pause);
		ts.tv_sec = now / 1000;
		ts.tv_nsec = now % 1000 * 1000000;
		(void)nanosleep(&ts, NULL);
		pause = pause * 2 < PAUSE_MAX_MS ? pause * 2 : PAUSE_MAX_MS;
	}
	return (rc);
}

/*
 * The dangerous decision: an exit status of 1 ends recovery.  It is given for
 * a proved absence only, in run(), and on a standby, which asks again, for an
 * outage and for what an export leaves out.  Everything else stops recovery
 * with nothing lost.
 */
static int
failed(const void *arg, enum err_kind kind, int status)
{
	const struct fetch	*f = arg;

	if (f->standby && (kind == ERR_REMOTE || kind == ERR_ABSENT))
		return (TOOL_ABSENT);
	return (STOP_RECOVERY + status);
}

static int
run(void *arg, char **args, size_t nargs, struct err *e)
{
	struct fetch	*f = arg;
	struct walname	 w;
	int		 rc;

	f->name = nargs == 0 ? "--test" : args[0];
	f->path = nargs == 0 ? "." : args[1];
	if ((rc = f->test ? 0 : walname_parse(f->name, &w, e)) == 0 &&
	    (rc = fromfile_use(&f->export, &f->src, NULL, e)) == 0 &&
	    (rc = conf_load_set(&f->set, &f->src, e)) == 0)
		rc = f->test ? trial_fetch(NAME, &f->set, e) : fetch(f, e);
	if (rc == -1)
		err_ctx(e, "%s", f->name);
	fetchset_fini(&f->from);
	conf_free_set(&f->set);
	if (rc == TOOL_FINDINGS)
		return (STOP_RECOVERY + TOOL_FINDINGS);
	/* Every recovery ends with an absent file: no word in the log. */
	return (rc > 0 ? TOOL_ABSENT : rc);
}

static const struct program program = {
	.opt = {
		.name = NAME,
		.synopsis = "[OPTION]... NAME PATH | --test",
		.summary = "Fetch one WAL file from the repository, "
		    "authenticated, to PATH.",
		.min_args = 2, .max_args = 2
	},
	.run = run,
	.failed = failed,
	.silent = 1
};

int
main(int argc, char *argv[])
{
	struct fetch		 f = { .name = NULL };
	const struct opt	 opts[] = {
		OPT_CONF(f.src), OPT_TRUST(f.src), OPT_TEST(f.test),
		OPT_FROM_FILE(f.export),
		OPT_END
	};

	if (agentrun_is(argc, argv))
		return (agentrun(&fetchagent_work, argc, argv));
	return (program_main(&program, opts, &f, argc, argv));
}
