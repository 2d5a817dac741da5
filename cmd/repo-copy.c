/* SPDX-License-Identifier: ISC */
/* repo-copy: one repository's objects into another one, as they are. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "catalogue/backupword.h"
#include "copy/copyknown.h"
#include "copy/copyrun.h"
#include "show/showcopy.h"
#include "tool/confplace.h"
#include "tool/moment.h"
#include "tool/owner.h"
#include "tool/program.h"
#include "tool/role.h"
#include "tool/systems.h"
#include "tool/tool.h"

#define NAME	"repo-copy"

struct job {
	struct conf_source	 src;
	struct server_conf	 from, to;
	struct key		*key;
	const char		*backup, *since;
	char			 id[LAYOUT_ID];
	struct copyset_want	 want;
	uint64_t		 jobs, every_ms, late;
	int			 watch;
	struct cluster {
		uint64_t	 id;
		struct copyknown known;
	}			*system;	/* owned */
	size_t			 n;
	struct showcopy		 out;
	int			 found;		/* something that is wanted */
	char			 why_late[256];
};

static int
add_system(void *arg, struct archive *a, struct err *e)
{
	struct job	*job = arg;
	size_t		 i;
	void		*p;

	for (i = 0; i < job->n; i++)
		if (job->system[i].id == a->system_id)
			return (0);
	p = reallocarray(job->system, job->n + 1, sizeof(*job->system));
	if (p == NULL)
		return (err_sys(e, ERR_LOCAL, NAME));
	job->system = p;
	job->system[job->n++] = (struct cluster){ .id = a->system_id };
	return (0);
}

static int
copy_one(struct job *job, struct cluster *cluster, struct err *e)
{
	struct store_conf	 from = conf_store(&job->from);
	struct store_conf	 to = conf_store_base(&job->to);
	const struct copy_conf	 conf = {
		.from = &from, .to = &to, .key = job->key,
		.server = job->to.name, .system_id = cluster->id,
		.want = job->want, .jobs = (unsigned)job->jobs,
		.state_dir = job->to.state_dir,
		.abandoned_ms = job->to.abandoned_after_ms,
		.retry_ms = job->to.retry_for_ms,
		.known = job->watch ? &cluster->known : NULL,
		.finding = showcopy_finding, .note = showcopy_note,
		.progress = showcopy_progress, .arg = &job->out
	};
	struct copy_sum		 sum;
	int			 rc;

	if (showcopy_begin(&job->out, e))
		return (-1);
	if ((rc = copyrun_pass(&sum, &conf, e)) == 1) {
		showcopy_skip(&job->out);
		return (0);
	}
	job->found = 1;
	if (job->late == 0)
		memcpy(job->why_late, sum.why_late, sizeof(sum.why_late));
	job->late += sum.late;
	return (showcopy_end(&job->out, &conf, &sum, rc == 0 && sum.late +
	    sum.expired + sum.findings == 0, e) || rc == -1 ? -1 : 0);
}

/* Damage of one cluster must not keep the others from being copied. */
static int
copy_all(struct job *job, struct err *e)
{
	struct systems_odd	 odd = { NAME, &job->out.findings };
	struct err		 why;
	size_t			 i;
	int			 rc = 0;

	job->late = 0;
	if (job->backup != NULL && strcmp(job->backup, "all") != 0 &&
	    systems_backup(&job->from, job->key, job->backup, job->id, e))
		return (-1);
	if (systems_visit(&job->from, job->key, add_system, &odd, job, e))
		return (-1);
	for (i = 0; i < job->n; i++) {
		why = (struct err)ERR_INIT;
		if (copy_one(job, &job->system[i], &why) == 0)
			continue;
		rc = err_set(e, why.kind, "%s", why.msg);
		if (why.kind != ERR_CORRUPT && why.kind != ERR_CONFLICT)
			break;
	}
	if (rc == 0 && !job->found)
		rc = err_set(e, ERR_ABSENT, "%s has no backup %s",
		    job->from.repository, job->since != NULL ?
		    "that ended since then" : job->id);
	if (rc == 0 && job->late > 0)
		rc = err_set(e, ERR_REMOTE, "%llu backups are not complete in "
		    "%s: %s; run this again", (unsigned long long)job->late,
		    job->to.repository, job->why_late);
	return (rc);
}

/*
 * Follow FROM until somebody ends the process.  What a later pass may do
 * better ends nothing; what only a person can put right does.
 */
static int
follow(struct job *job, struct err *e)
{
	struct timespec	 pause = { (time_t)(job->every_ms / 1000),
	    (long)(job->every_ms % 1000) * 1000000 };

	for (;;) {
		if (copy_all(job, e)) {
			if (e->kind != ERR_REMOTE && e->kind != ERR_ABSENT)
				return (-1);
			tool_warn(NAME, "%s", e->msg);
			err_clear(e);
		}
		if (tool_flush(e))
			return (-1);
		job->out.again = 1;
		(void)nanosleep(&pause, NULL);
	}
}

static int
options(struct job *job, struct err *e)
{
	struct backupword	 w;
	const int		 one = job->backup != NULL &&
	    strcmp(job->backup, "all") != 0;

	if (job->backup != NULL && job->since != NULL)
		return (err_set(e, ERR_USAGE, "both --backup and --since"));
	if (job->watch && job->out.json)
		return (err_set(e, ERR_USAGE, "--json is printed at the end, "
		    "and --watch has none"));
	if (one && backupword_parse(&w, job->backup, e))
		return (-1);
	job->want.kind = one ? COPYSET_ONE : job->since != NULL ?
	    COPYSET_SINCE : COPYSET_ALL;
	job->want.id = job->id;
	return (job->since == NULL ? 0 : moment_parse(NAME, "--since",
	    job->since, &job->want.since_us, e));
}

static int
run(void *arg, char **args, size_t nargs, struct err *e)
{
	struct job	*job = arg;
	size_t		 i;
	int		 rc = -1;

	(void)nargs;
	if (options(job, e) ||
	    confplace_load(&job->from, &job->src, args[0], e) ||
	    confplace_load(&job->to, &job->src, args[1], e) ||
	    conf_may_write(&job->to, e))
		goto out;
	if (strcmp(job->from.repository, job->to.repository) == 0) {
		err_set(e, ERR_USAGE, "FROM and TO are the same");
		goto out;
	}
	if (job->jobs == 0)	/* they wait more than they work */
		job->jobs = 2 * job->to.jobs;
	if (owner_check(NAME, &job->to, NULL, e) ||
	    role_key(&job->key, &job->to, KEY_PUBLIC, e) ||
	    showcopy_open(&job->out, e))
		goto out;
	rc = job->watch ? follow(job, e) : copy_all(job, e);
	if (showcopy_close(&job->out, e))
		rc = -1;
out:
	for (i = 0; i < job->n; i++)
		copyknown_fini(&job->system[i].known);
	free(job->system);
	key_free(job->key);
	conf_free(&job->from);
	conf_free(&job->to);
	return (rc == 0 && job->out.findings ? TOOL_FINDINGS : rc);
}

static const struct program program = {
	.opt = {
		.name = NAME,
		.synopsis = "[OPTION]... FROM TO",
		.summary = "Copy backups and WAL from one repository to "
		    "another, as they are.", .min_args = 2, .max_args = 2
	},
	.run = run
};

int
main(int argc, char *argv[])
{
	struct job		 job = { .out = { .program = NAME },
	    .every_ms = 60000 };
	const struct opt	 opts[] = {
		OPT_CONF(job.src),
		{ "backup", 0, OPT_STRING, &job.backup, "BACKUP",
		    "Copy this backup, and WAL from its start on.", 0, 0 },
		{ "since", 0, OPT_STRING, &job.since, "TIME",
		    "Copy what ended since then, and its WAL.", 0, 0 },
		{ "watch", 'w', OPT_FLAG, &job.watch, NULL,
		    "Go on, and copy what comes.", 0, 0 },
		{ "every", 0, OPT_SPAN, &job.every_ms, "SPAN",
		    "With --watch, look so often (1min).", 100, 86400000 },
		OPT_JOBS(job.jobs),
		{ "json", 0, OPT_FLAG, &job.out.json, NULL,
		    "Print JSON: a list of clusters.", 0, 0 },
		OPT_PROGRESS(job.out.want),
		OPT_END
	};

	return (program_main(&program, opts, &job, argc, argv));
}
