/* SPDX-License-Identifier: ISC */
/* backup-verify: is what is stored whole, authentic and sufficient? */
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "catalogue/backupword.h"
#include "restore/reachscan.h"
#include "show/showfindings.h"
#include "show/showtarget.h"
#include "show/showverify.h"
#include "tool/conf.h"
#include "tool/depth.h"
#include "tool/moment.h"
#include "tool/notify.h"
#include "tool/owner.h"
#include "tool/program.h"
#include "tool/role.h"
#include "tool/systems.h"
#include "tool/tool.h"
#include "tool/verified.h"
#include "tool/vouching.h"
#include "tool/work.h"
#include "verify/verify.h"

#define NAME	"backup-verify"

struct job {
	struct conf_source	 src;
	struct server_conf	 conf;
	struct store_conf	 store;
	struct key		*key;
	const char		*id, *time;	/* NULL: all; no target */
	char			 chosen[LAYOUT_ID];
	int64_t			 time_us;
	struct basefetch_plan	 plan;		/* how it is reached */
	enum verify_depth	 depth;
	struct depth_options	 how;
	uint64_t		 jobs;
	struct vouching		 vouch;
	struct showfindings	 out;
	int			 found;		/* the backup, in any */
	struct work		 work;
};

static int
report(struct job *job, const struct archive *a, const struct verify_sum *sum,
    const struct showverify_vouch *vouch, int complete, struct err *e)
{
	const struct showverify	 s = { .archive = a, .sum = sum,
	    .depth = job->depth, .complete = complete, .vouch = vouch,
	    .plan = job->plan.label != NULL ? &job->plan : NULL,
	    .target_us = job->time_us };

	return (showfindings_end(&job->out, &s, e));
}

/* WAL must hold a transaction that ended after the target, to stop at. */
static int
check_target(struct job *job, struct verify_sum *s, struct err *e)
{
	struct showtarget	 t;

	if (job->plan.label == NULL || job->depth != VERIFY_CONTENTS ||
	    s->ended_us > job->time_us)
		return (0);
	showtarget_unproved(&t, job->time_us, s->ended_us,
	    basefetch_end(&job->plan));
	s->findings++;
	return (showfindings_finding(&job->out, &t.finding, e));
}

static int
verify_system(void *arg, struct archive *a, struct err *e)
{
	struct job			*job = arg;
	struct verify_conf		 conf = {
		.store = &job->store, .depth = job->depth,
		.jobs = (unsigned)job->jobs, .now_us = clock_now_us(),
		.ended_tli = job->plan.label != NULL ? job->plan.tli : 0,
		.ended_before = job->plan.end, .state_dir = job->conf.state_dir,
		.finding = showfindings_finding, .note = showfindings_note,
		.progress = showfindings_progress, .arg = &job->out
	};
	const struct showverify_vouch	*vouch = NULL;
	struct verify_sum		 sum;
	int				 rc;

	if (showfindings_begin(&job->out, e) ||
	    vouching_begin(&job->vouch, a, e))
		return (-1);
	conf.vouch = job->vouch.now;
	if ((rc = verify_run(&sum, a, &conf, job->id, e)) == 1) {
		showfindings_skip(&job->out);	/* another cluster's */
		return (0);
	}
	job->found = 1;
	work_verified(&job->work, &sum);
	if (rc == 0 && ((job->depth == VERIFY_CONTENTS &&
	    reachscan_streamed(&job->plan, &sum.ended_us, e)) ||
	    check_target(job, &sum, e) ||
	    vouching_publish(&job->vouch, a, job->depth, &vouch, e)))
		rc = -1;
	return (report(job, a, &sum, vouch, rc == 0, e) || rc == -1 ? -1 : 0);
}

/*
 * No plan leads to the target.  That is a finding, since the repository has
 * answered; where it has not, the caller fails instead.
 */
static int
unreachable(struct job *job, const struct err *why, struct err *e)
{
	struct archive		 none = { .key = job->key };
	const struct verify_sum	 sum = { .findings = 1 };
	struct showtarget	 t;

	showtarget_unreachable(&t, job->time_us, why);
	if (str_fmt(none.server, sizeof(none.server), e, "%s",
	    job->conf.name) ||
	    showfindings_begin(&job->out, e) ||
	    showfindings_finding(&job->out, &t.finding, e))
		return (-1);
	/* As text the finding says it all: there is nothing to sum up. */
	return (job->out.json ? report(job, &none, &sum, NULL, 1, e) : 0);
}

static int
verify_target(struct job *job, struct err *e)
{
	const struct choose_target	 t = { .kind = CHOOSE_TIME,
	    .time_us = job->time_us, .backup = job->id };
	struct err			 why = ERR_INIT;

	if (basefetch_plan(&job->plan, &job->store, job->key, job->conf.name,
	    0, &t, &why)) {
		if (why.kind != ERR_ABSENT && why.kind != ERR_CORRUPT)
			return (err_set(e, why.kind, "%s", why.msg));
		return (unreachable(job, &why, e));
	}
	job->id = job->plan.label->id;
	if (verify_system(job, job->plan.archive, e))
		return (-1);
	return (job->found ? 0 : err_set(e, ERR_ABSENT, "backup %.64s was "
	    "expired before it was verified; run this again", job->id));
}

static int
verify_all(struct job *job, struct err *e)
{
	struct systems_odd	 odd = { NAME, &job->out.findings };

	if (job->id != NULL && systems_backup(&job->conf, job->key, job->id,
	    job->chosen, e))
		return (-1);
	job->id = job->id != NULL ? job->chosen : NULL;
	if (systems_visit(&job->conf, job->key, verify_system, &odd, job, e))
		return (-1);
	return (job->found ? 0 : err_set(e, ERR_ABSENT, "no backup %.64s in "
	    "the repository; backup-list lists them", job->id));
}

static int
verify(struct job *job, struct err *e)
{
	int	 rc = -1;

	if (conf_load(&job->conf, &job->src, e) ||
	    owner_check(NAME, &job->conf, NULL, e))
		return (-1);
	work_begin(&job->work, NAME, &job->conf);
	job->store = conf_store_base(&job->conf);
	job->jobs = job->jobs != 0 ? job->jobs : job->conf.jobs;
	if ((job->depth == VERIFY_CONTENTS ?
	    role_key(&job->key, &job->conf, KEY_RESTORE, e) :
	    role_key_silent(&job->key, &job->conf, e)) ||
	    vouching_open(&job->vouch, NAME, &job->conf, job->key, e) ||
	    showfindings_open(&job->out, e))
		return (-1);
	rc = job->time != NULL ? verify_target(job, e) : verify_all(job, e);
	/* A question about a point in time is no proof of what is stored. */
	if (job->time == NULL)
		verified_keep(NAME, &job->conf, &job->out, job->depth,
		    job->id, rc == 0);
	if (showfindings_close(&job->out, e))
		rc = -1;
	return (rc == 0 && job->out.findings ? TOOL_FINDINGS : rc);
}

static int
options(struct job *job, char **args, size_t nargs, struct err *e)
{
	struct backupword	 w;

	job->id = nargs == 1 && strcmp(args[0], "all") != 0 ? args[0] : NULL;
	if (depth_choose(&job->depth, &job->how, NAME, e) ||
	    (job->id != NULL && backupword_parse(&w, job->id, e)))
		return (-1);
	return (vouching_options(&job->vouch, NAME, job->id != NULL ||
	    job->time != NULL || job->depth == VERIFY_QUICK, e));
}

static int
run(void *arg, char **args, size_t nargs, struct err *e)
{
	struct job	*job = arg;
	int		 rc;

	rc = options(job, args, nargs, e) ||
	    (job->time != NULL && moment_parse(NAME, "--target-time",
	    job->time, &job->time_us, e)) ? -1 : verify(job, e);
	rc = work_end(&job->work, rc, e);
	basefetch_plan_free(&job->plan);
	vouching_close(&job->vouch);
	key_free(job->key);
	notify_end(NAME, &job->conf, rc, job->out.first, e);
	conf_free(&job->conf);
	return (rc);
}

static const struct program program = {
	.opt = {
		.name = NAME,
		.synopsis = "[OPTION]... [BACKUP|WORD|all]",
		.summary = "Prove that backups and WAL are whole, authentic "
		    "and sufficient.", .max_args = 1
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
		OPT_DEPTH(job.how),
		{ "target-time", 0, OPT_STRING, &job.time, "TIME",
		    "Prove that recovery can reach this point in time.", 0, 0 },
		OPT_VOUCH(job.vouch),
		OPT_JOBS(job.jobs),
		{ "json", 0, OPT_FLAG, &job.out.json, NULL,
		    "Print JSON: a list of clusters.", 0, 0 },
		OPT_PROGRESS(job.out.want),
		OPT_END
	};

	return (program_main(&program, opts, &job, argc, argv));
}
