/* SPDX-License-Identifier: ISC */
/* backup-export: a backup and its WAL as one file. */
#include <sys/stat.h>

#include <string.h>
#include <unistd.h>

#include "catalogue/backupword.h"
#include "catalogue/newest.h"
#include "copy/exportrun.h"
#include "pg/lsn.h"
#include "show/progress.h"
#include "show/showexport.h"
#include "stream/fd.h"
#include "stream/file.h"
#include "tool/conf.h"
#include "tool/moment.h"
#include "tool/program.h"
#include "tool/role.h"
#include "tool/systems.h"
#include "tool/tool.h"

#define NAME	"backup-export"

struct job {
	struct conf_source	 src;
	struct server_conf	 conf;
	const char		*time, *lsn;
	int			 force, json;
	struct progress_want	 want;
	struct progress		 progress;
	struct backupword	 word;
	struct exportplan_want	 plan;
};

static void
on_note(void *arg, const char *text)
{
	progress_end(&((struct job *)arg)->progress);
	tool_note(NAME, "%s", text);
}

static void
on_progress(void *arg, uint64_t bytes, uint64_t total)
{
	progress_show(&((struct job *)arg)->progress, bytes, total);
}

static int
options(struct job *job, char **args, struct err *e)
{
	struct err	 why = ERR_INIT;

	if (job->time != NULL && job->lsn != NULL)
		return (err_set(e, ERR_USAGE, "both --target-time and "
		    "--wal-until"));
	if (strcmp(args[1], "-") == 0 && (job->json || job->force))
		return (err_set(e, ERR_USAGE, "--json and --force go with a "
		    "file, and - is standard output"));
	if (strcmp(args[1], "-") == 0 && isatty(STDOUT_FILENO))
		return (err_set(e, ERR_USAGE, "standard output is a terminal, "
		    "expected a file or a pipe"));
	if (job->lsn != NULL) {
		job->plan.until = EXPORTFORM_END;
		if (lsn_parse(job->lsn, &job->plan.until_lsn, &why))
			return (err_set(e, ERR_USAGE, "--wal-until: %s",
			    why.msg));
	}
	if (job->time != NULL) {
		job->plan.until = EXPORTFORM_TIME;
		if (moment_parse(NAME, "--target-time", job->time,
		    &job->plan.until_us, e))
			return (-1);
	}
	return (backupword_parse(&job->word, args[0], e));
}

static int
open_sink(struct job *job, struct sink **to, const char *file, struct err *e)
{
	struct stat	 st;

	if (strcmp(file, "-") == 0)
		return (fd_sink_open(to, STDOUT_FILENO, "standard output", e));
	/* Before hours of work, not behind them; and no device is a file. */
	if (stat(file, &st) == 0 && !S_ISREG(st.st_mode))
		return (err_set(e, ERR_USAGE, "%s is no regular file; for a "
		    "device or a pipe say - and redirect", file));
	if (stat(file, &st) == 0 && !job->force)
		return (err_set(e, ERR_CONFLICT, "%s exists; --force replaces "
		    "it", file));
	return (file_sink_open(to, file, ".seawall-export", 0600, job->force,
	    e));
}

static int
export(struct job *job, const struct key *key, uint64_t system_id,
    const char *file, struct err *e)
{
	const struct store_conf		 store = conf_store_base(&job->conf);
	const struct exportrun_conf	 c = {
		.from = &store, .key = key, .server = job->conf.name,
		.system_id = system_id, .want = job->plan,
		.retry_ms = job->conf.retry_for_ms,
		.note = on_note, .progress = on_progress, .arg = job
	};
	struct exportrun_sum		 sum;
	struct sink			*to = NULL;
	int				 rc = -1;

	if (open_sink(job, &to, file, e))
		return (-1);
	job->progress = progress_begin(NAME, "exported", &job->want);
	if (exportrun(&sum, &c, to, e) == 0)
		rc = sink_finish(to, e);
	sink_free(to);
	progress_close(&job->progress);
	if (rc == 0 && strcmp(file, "-") != 0)
		rc = showexport(file, &c, &sum, job->json, e);
	return (rc);
}

static int
run(void *arg, char **args, size_t nargs, struct err *e)
{
	struct job	*job = arg;
	struct newest	 n = { .word = &job->word };
	struct key	*key = NULL;
	int		 rc = -1;

	(void)nargs;
	if (options(job, args, e) || conf_load(&job->conf, &job->src, e))
		return (-1);
	if (role_key_silent(&key, &job->conf, e) ||
	    systems_visit(&job->conf, key, newest_look, NULL, &n, e) ||
	    newest_settle(&n, e))
		goto out;
	job->plan.id = n.label->id;
	job->plan.may_read = key_role(key) == KEY_RESTORE;
	if (job->time != NULL && !job->plan.may_read)
		on_note(job, "all WAL is exported: without a .restore key "
		    "nothing says where the time lies in it");
	rc = export(job, key, n.system_id, args[1], e);
out:
	newest_fini(&n);
	key_free(key);
	conf_free(&job->conf);
	return (rc);
}

static const struct program program = {
	.opt = {
		.name = NAME,
		.synopsis = "[OPTION]... BACKUP FILE",
		.summary = "Write a backup and the WAL that it needs, as they "
		    "are, to one FILE; - is standard output.",
		.min_args = 2, .max_args = 2
	},
	.run = run
};

int
main(int argc, char *argv[])
{
	struct job		 job = { .plan.until = EXPORTFORM_IMMEDIATE };
	const struct opt	 opts[] = {
		OPT_CONF(job.src),
		OPT_TRUST(job.src),
		{ "target-time", 0, OPT_STRING, &job.time, "TIME",
		    "Export WAL, too, that a recovery to this time needs.",
		    0, 0 },
		{ "wal-until", 0, OPT_STRING, &job.lsn, "LSN",
		    "Export all WAL up to this location, too.", 0, 0 },
		{ "force", 0, OPT_FLAG, &job.force, NULL,
		    "Replace FILE if it exists.", 0, 0 },
		{ "json", 0, OPT_FLAG, &job.json, NULL,
		    "Print the result as JSON: an object.", 0, 0 },
		OPT_PROGRESS(job.want),
		OPT_END
	};

	return (program_main(&program, opts, &job, argc, argv));
}
