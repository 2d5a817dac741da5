/* SPDX-License-Identifier: ISC */
/* backup-import: an export into the repository. */
#include <limits.h>
#include <string.h>

#include "base/str.h"
#include "copy/copyrun.h"
#include "show/showcopy.h"
#include "store/exportfile.h"
#include "tool/conf.h"
#include "tool/fromfile.h"
#include "tool/owner.h"
#include "tool/program.h"
#include "tool/role.h"
#include "tool/systems.h"
#include "tool/tool.h"

#define NAME	"backup-import"

struct job {
	struct conf_source	 src;
	struct server_conf	 conf, from;	/* the latter borrows */
	struct key		*key;
	struct exportfile_about	 about;
	uint64_t		 jobs, system_id;
	char			 address[PATH_MAX + 16];
	struct showcopy		 out;
};

static int
take_system(void *arg, struct archive *a, struct err *e)
{
	(void)e;
	((struct job *)arg)->system_id = a->system_id;
	return (0);
}

/* All of a file that is no object was compared when it was opened. */
static int
is_whole(struct err *e)
{
	(void)e;
	return (0);
}

static int
look(struct job *job, const char *file, struct err *e)
{
	if (exportfile_look(&job->about, file, e))
		return (-1);
	if (strcmp(job->about.server, job->conf.name) != 0)
		return (err_set(e, ERR_CONFIG, "%s is an export of server %s; "
		    "name its section so, expected %s", file,
		    job->about.server, job->conf.name));
	return (systems_visit(&job->from, job->key, take_system, NULL, job,
	    e));
}

static int
import(struct job *job, int pipe, struct err *e)
{
	struct store_conf	 from = conf_store(&job->from);
	struct store_conf	 to = conf_store_base(&job->conf);
	const struct copy_conf	 conf = {
		.from = &from, .to = &to, .key = job->key,
		.server = job->conf.name, .system_id = job->system_id,
		.want = { .kind = COPYSET_ALL },
		/* A pipe has one end, and it is read in its order. */
		.jobs = pipe ? 1 : (unsigned)(job->jobs != 0 ? job->jobs :
		    job->conf.jobs),
		.state_dir = job->conf.state_dir,
		.abandoned_ms = job->conf.abandoned_after_ms,
		.retry_ms = job->conf.retry_for_ms,
		.whole = pipe ? exportfile_end : is_whole,
		.finding = showcopy_finding, .note = showcopy_note,
		.progress = showcopy_progress, .arg = &job->out
	};
	struct copy_sum		 sum;
	int			 rc;

	if (showcopy_begin(&job->out, e))
		return (-1);
	rc = copyrun_pass(&sum, &conf, e);
	if (showcopy_end(&job->out, &conf, &sum, rc == 0 && sum.late == 0 &&
	    sum.expired == 0 && sum.findings == 0, e))
		rc = -1;
	if (rc == 0 && sum.late > 0)
		rc = err_set(e, ERR_REMOTE, "the backup is not complete in "
		    "%s: %s; run this again", job->conf.repository,
		    sum.why_late);
	return (rc);
}

static int
run(void *arg, char **args, size_t nargs, struct err *e)
{
	struct job	*job = arg;
	const int	 pipe = strcmp(args[0], "-") == 0;
	int		 rc = -1;

	(void)nargs;
	if (conf_load(&job->conf, &job->src, e))
		return (-1);
	job->from = job->conf;
	job->from.repository = job->address;
	if ((pipe ? str_fmt(job->address, sizeof(job->address), e,
	    "export://-") : fromfile_address(job->address,
	    sizeof(job->address), "", args[0], e)) ||
	    conf_may_write(&job->conf, e) ||
	    owner_check(NAME, &job->conf, NULL, e) ||
	    role_key(&job->key, &job->conf, KEY_PUBLIC, e) ||
	    look(job, args[0], e) ||
	    showcopy_open(&job->out, e))
		goto out;
	rc = import(job, pipe, e);
	if (showcopy_close(&job->out, e))
		rc = -1;
out:
	key_free(job->key);
	conf_free(&job->conf);
	return (rc == 0 && job->out.findings ? TOOL_FINDINGS : rc);
}

static const struct program program = {
	.opt = {
		.name = NAME,
		.synopsis = "[OPTION]... FILE",
		.summary = "Put an export into the repository, with everything "
		    "in it checked; - is standard input.",
		.min_args = 1, .max_args = 1
	},
	.run = run
};

int
main(int argc, char *argv[])
{
	struct job		 job = { .out = { .program = NAME } };
	const struct opt	 opts[] = {
		OPT_CONF(job.src),
		OPT_TRUST(job.src),
		OPT_JOBS(job.jobs),
		{ "json", 0, OPT_FLAG, &job.out.json, NULL,
		    "Print the result as JSON: a list of one cluster.", 0,
		    0 },
		OPT_PROGRESS(job.out.want),
		OPT_END
	};

	return (program_main(&program, opts, &job, argc, argv));
}
