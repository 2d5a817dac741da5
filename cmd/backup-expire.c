/* SPDX-License-Identifier: ISC */
/* backup-expire: delete what the retention policy no longer asks for. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/jval.h"
#include "expire/expire.h"
#include "expire/refusedhistory.h"
#include "expire/refusedlabel.h"
#include "show/progress.h"
#include "show/show.h"
#include "show/showexpire.h"
#include "show/showsimulate.h"
#include "tool/conf.h"
#include "tool/expiryconf.h"
#include "tool/moment.h"
#include "tool/notify.h"
#include "tool/owner.h"
#include "tool/pinwork.h"
#include "tool/program.h"
#include "tool/role.h"
#include "tool/systems.h"
#include "tool/tool.h"
#include "tool/work.h"

#define NAME	"backup-expire"

struct job {
	struct conf_source	 src;
	int			 dry, json, force;
	struct opt_list		 keep, release, gone;
	uint64_t		 timeline, system_id;	/* to delete, of it */
	uint64_t		 simulate;		/* so long, in ms */
	const char		*until;
	int64_t			 until_us;
	struct expire_conf	 conf;
	struct progress_want	 want;
	struct progress		 progress;
	struct jval		*all;		/* NULL unless json */
	int			 findings;
	struct work		 work;
};

static int
pin_system(void *arg, struct archive *a, struct err *e)
{
	const struct job	*job = arg;
	const struct pinwork	 p = { &job->keep, &job->release,
	    job->until_us, job->dry, job->force, job->all };

	return (pinwork_system(&p, a, e));
}

static int
expire_system(void *arg, struct archive *a, struct err *e)
{
	struct job		*job = arg;
	struct expire_conf	 conf = job->conf;
	struct showexpire	 s = { .archive = a, .dry = job->dry,
	    .now_us = conf.now_us, .chosen = job->gone.n > 0,
	    .timeline = conf.timeline };
	const struct refusedlabel aside = { job->gone.v, job->gone.n,
	    conf.state_dir, job->dry, showexpire_aside };
	struct catalogue	*cat = NULL;
	struct expire		*x = NULL;
	const char		**gone;
	int			 rc = -1, done = 0;

	if (job->timeline != 0 && job->system_id != a->system_id)
		return (0);
	if ((gone = calloc(job->gone.n + 1, sizeof(*gone))) == NULL)
		return (err_sys(e, ERR_LOCAL, "expire"));
	conf.gone = gone;
	job->progress = progress_begin(NAME, "", &job->want);
	progress_wait(&job->progress, "reading labels and lists");
	if (catalogue_load(&cat, a, e))
		goto out;
	progress_end(&job->progress);	/* these may say something */
	if (refusedlabel_run(&cat, a, &aside, e) ||
	    refusedhistory_run(&cat, a, &conf, showexpire_history, &done, e))
		goto out;
	conf.ngone = expire_pick(cat, job->gone.v, job->gone.n, gone);
	rc = done || (job->gone.n > 0 && conf.ngone == 0) ? 0 : -1;
	if (rc == 0)		/* those to delete are another cluster's */
		goto out;
	progress_wait(&job->progress, "reading lists");
	if (expire_plan_anew(&x, a, &cat, &conf, e))
		goto out;
	s.cat = cat;
	progress_end(&job->progress);
	if (job->simulate > 0) {
		rc = showsimulate_show(stdout, job->all, &(struct showsimulate)
		    { a, x, conf.policy, job->simulate / SIMULATE_DAY }, e);
		goto out;
	}
	s.plan = expire_retention(x);
	s.latest = expire_latest(x);
	s.seen = expire_seen(x);
	s.young = expire_young(x);
	progress_next(&job->progress, "deleted");
	rc = showexpire_windows(&s, e) || expire_run(x, a, &s.result, e) ?
	    -1 : 0;
	progress_close(&job->progress);
	if (rc == 0)
		rc = showexpire_show(stdout, job->all, &s, e);
	job->findings |= showexpire_findings(&s);
	work_deleted(&job->work, &s.result);
out:
	progress_close(&job->progress);
	showexpire_fini(&s);
	expire_free(x);
	catalogue_free(cat);
	free(gone);
	return (rc == 0 ? 0 : err_ctx(e, "server %s, system identifier %"
	    PRIu64, a->server, a->system_id));
}

/* Refuse options that contradict each other or the clock. */
static int
check_options(struct job *job, struct err *e)
{
	if ((job->keep.n + job->release.n > 0) + (job->gone.n > 0) +
	    (job->timeline > 0) + (job->simulate > 0) > 1)
		return (err_set(e, ERR_USAGE, "--delete, --delete-timeline, "
		    "--simulate, and --keep or --release cannot be combined"));
	if (job->system_id != 0 && job->timeline == 0)
		return (err_set(e, ERR_USAGE, "--system-id needs "
		    "--delete-timeline"));
	if (job->until != NULL && job->keep.n == 0)
		return (err_set(e, ERR_USAGE, "--until needs --keep"));
	if (job->force && job->gone.n + job->keep.n == 0 &&
	    job->timeline == 0)
		return (err_set(e, ERR_USAGE, "--force needs --delete, "
		    "--delete-timeline or --keep"));
	return (moment_pin(NAME, "--until", job->until, &job->until_us, e));
}

static int
settings(struct job *job, const struct server_conf *conf, struct err *e)
{
	if ((job->gone.n + job->timeline == 0 &&
	    conf_need(conf, "retention_policy", e)) ||
	    expiryconf_fill(&job->conf, conf, e))
		return (-1);
	if (!job->dry && job->simulate == 0)
		work_begin(&job->work, NAME, conf);
	job->work.record.chosen = job->gone.n + job->timeline > 0;
	if (job->gone.n + job->timeline > 0)	/* then it is not asked */
		job->conf.policy = (struct retention_policy){ .n = 0 };
	job->conf.force = job->force;
	job->conf.timeline = (uint32_t)job->timeline;
	job->conf.dry = job->dry || job->simulate > 0;
	job->conf.progress = showexpire_progress;
	job->conf.arg = &job->progress;
	return (0);
}

static int
run(void *arg, char **args, size_t nargs, struct err *e)
{
	struct job		*job = arg;
	struct server_conf	 conf = { 0 };
	struct key		*key = NULL;
	struct systems_words	 words = { .n = 0 };
	struct systems_odd	 odd = { NAME, &job->findings };
	const int		 pins = job->keep.n > 0 || job->release.n > 0;
	int			 rc = -1;

	(void)args;
	(void)nargs;
	if (check_options(job, e) ||
	    conf_load(&conf, &job->src, e) ||
	    conf_may_write(&conf, e) || owner_check(NAME, &conf, NULL, e) ||
	    (!pins && settings(job, &conf, e)) ||
	    /* Only a .restore key knows what descends from a timeline. */
	    (job->timeline != 0 ? role_key_silent(&key, &conf, e) :
	    role_key(&key, &conf, KEY_PUBLIC, e)) ||
	    (job->timeline != 0 && systems_timeline(&conf, key,
	    (uint32_t)job->timeline, &job->system_id, e)) ||
	    systems_need(&conf, key, &job->keep, 0, "--keep", &words, e) ||
	    systems_need(&conf, key, &job->release, 0, "--release", &words,
	    e) ||
	    systems_need(&conf, key, &job->gone, 1, "--delete", &words, e) ||
	    (job->json && jval_list(&job->all, e)) ||
	    work_before(&job->work, e))
		goto out;
	rc = systems_visit(&conf, key, pins ? pin_system : expire_system,
	    &odd, job, e);
	/* Also after a failure: report what was done until then. */
	if (job->json && tool_json(job->all, e))
		rc = -1;
out:
	rc = work_end(&job->work, rc == 0 && job->findings ? TOOL_FINDINGS :
	    rc, e);
	jval_free(job->all);
	key_free(key);
	if (!job->dry && job->simulate == 0)
		notify_end(NAME, &conf, rc, "", e);
	conf_free(&conf);
	return (rc);
}

static const struct program program = {
	.opt = {
		.name = NAME,
		.synopsis = "[OPTION]...",
		.summary = "Delete what the retention policy no longer asks "
		    "for; or pin, release or delete single backups."
	},
	.run = run
};

int
main(int argc, char *argv[])
{
	struct job		 job = { .dry = 0 };
	const struct opt	 opts[] = {
		OPT_CONF(job.src),
		{ "dry-run", 'n', OPT_FLAG, &job.dry, NULL,
		    "Show what would be deleted and why; delete nothing.",
		    0, 0 },
		{ "simulate", 0, OPT_SPAN, &job.simulate, "TIME",
		    "Show what would be kept on each day, for 400d or so.",
		    SIMULATE_DAY, SIMULATE_DAYS * SIMULATE_DAY },
		{ "keep", 'k', OPT_LIST, &job.keep, "BACKUP",
		    "Pin this backup: no policy deletes it.", 0, 0 },
		{ "until", 'u', OPT_STRING, &job.until, "DATE",
		    "With --keep: the pin ends at this time.", 0, 0 },
		{ "release", 'r', OPT_LIST, &job.release, "BACKUP",
		    "Remove the pin; the policy decides again.", 0, 0 },
		{ "delete", 'd', OPT_LIST, &job.gone, "BACKUP",
		    "Delete this backup, whatever the policy says.", 0, 0 },
		{ "delete-timeline", 0, OPT_U64, &job.timeline, "TIMELINE",
		    "Delete this stray timeline: history, WAL, backups.", 1,
		    UINT32_MAX },
		{ "system-id", 0, OPT_U64, &job.system_id, "ID",
		    "With --delete-timeline: of this cluster.", 1, UINT64_MAX },
		{ "force", 0, OPT_FLAG, &job.force, NULL,
		    "With --delete, --delete-timeline, --keep: do also what "
		    "they refuse without it; see the manual page.", 0, 0 },
		{ "json", 'j', OPT_FLAG, &job.json, NULL,
		    "Print JSON: a list of clusters.", 0, 0 },
		OPT_PROGRESS(job.want),
		OPT_END
	};

	return (program_main(&program, opts, &job, argc, argv));
}
