/* SPDX-License-Identifier: ISC */
/* backup-drill: rehearse a restore, and sign what it showed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "drill/drill.h"
#include "drill/laterspace.h"
#include "show/progress.h"
#include "tool/become.h"
#include "tool/conf.h"
#include "tool/drilled.h"
#include "tool/drilling.h"
#include "tool/lowpriority.h"
#include "tool/notify.h"
#include "tool/program.h"
#include "tool/role.h"
#include "tool/tool.h"
#include "tool/walcommand.h"
#include "tool/work.h"

#define NAME	"backup-drill"

struct options {
	struct conf_source	 src;
	struct drilling_options	 d;
	const char		*verify, *end, *user, *look;
};

/* One run. */
struct drilled {
	const struct options	*o;
	const struct server_conf *conf;
	struct drilling		 asked;
	struct drillconf	 c;
	struct basefetch_plan	 plan;
	struct drillreport	 report;
	struct receipt		 receipt;
	struct key		*drill_key;	/* NULL: nothing is signed */
	struct sandbox		 sandbox;
	struct sandboxserver	 server;	/* that is kept */
	char			 command[WALCOMMAND_MAX];
	struct progress		 progress;
	struct work		 work;
	char			 found[DRILLREPORT_TEXT];
};

static void
on_step(void *arg, const char *text)
{
	struct drilled	*x = arg;

	progress_wait(&x->progress, text);
}

static void
on_progress(void *arg, uint64_t bytes)
{
	struct drilled	*x = arg;

	progress_show(&x->progress, bytes, x->plan.label->size);
}

/* It is known what the backup is worth: say so everywhere. */
static int
finish(struct drilled *x, struct err *e)
{
	const struct drilling_options	*o = &x->o->d;
	const struct drilled_to		 to = { .conf = x->conf,
	    .drill_key = x->drill_key, .receipt = o->receipt,
	    .html = o->html, .json = o->json, .sandbox = &x->sandbox,
	    .kept = x->server.pid > 0 ? &x->server : NULL };

	progress_close(&x->progress);
	x->receipt.ended_us = clock_now_us();
	x->receipt.conf = x->c.plan != NULL ? &x->c : NULL;
	x->receipt.report = &x->report;
	if (drilled_tell(&to, &x->receipt, e))
		return (-1);
	if (drillreport_all(&x->report) == DRILLREPORT_OK)
		return (TOOL_OK);
	(void)snprintf(x->found, sizeof(x->found), "%s",
	    drillreport_found(&x->report));
	return (TOOL_FINDINGS);
}

/*
 * What is stored leads to no plan: that is a finding, unless somebody asked for
 * a backup or a target that does not exist.
 */
static int
no_plan(struct drilled *x, struct err *e)
{
	if (e->kind != ERR_CORRUPT && (e->kind != ERR_ABSENT ||
	    x->asked.named))
		return (-1);
	drillreport_set(&x->report, DRILLREPORT_RESTORED, DRILLREPORT_FAILED,
	    "%s", e->msg);
	err_clear(e);
	return (finish(x, e));
}

static int
drill(struct drilled *x, const struct key *key, struct err *e)
{
	const struct store_conf	 store = conf_store_base(x->conf);
	const int64_t		 began = clock_mono_ms();
	struct drillconf	*c = &x->c;

	c->store = &store;
	c->key = key;
	drillprimary_ask(&c->primary, x->conf->conninfo);
	c->now_us = clock_now_us();
	c->spaces = x->conf->spaces;
	if (drilling_plan(&x->plan, &x->asked, c, &x->o->d, e))
		return (no_plan(x, e));
	x->report.ms[DRILLREPORT_PLAN] = (uint64_t)(clock_mono_ms() - began);
	c->plan = &x->plan;
	c->target = &x->asked.target.choose;
	target_recovery(&c->recovery, &x->asked.target, &x->asked.asked,
	    &x->plan);
	c->recovery.restore_command = x->command;
	memcpy(x->work.record.backup, x->plan.label->id, LAYOUT_ID);
	x->progress = progress_begin(NAME, "restored",
	    &x->o->d.progress);
	if (drill_run(&x->report, &x->server, &x->sandbox, c, e))
		return (-1);
	x->work.record.backups = 1;
	x->work.record.bytes = x->report.bytes;
	return (finish(x, e));
}

static int
begin(struct drilled *x, struct err *e)
{
	const struct drilling_options	*o = &x->o->d;
	struct key			*key = NULL;
	int				 rc = -1;

	drillreport_init(&x->report);
	if (o->rpo_ms != 0)
		x->report.rpo_limit_ms = o->rpo_ms;
	if (o->rto_ms != 0)
		x->report.rto_limit_ms = o->rto_ms;
	x->receipt.began_us = clock_now_us();
	x->receipt.server = x->conf->name;
	x->receipt.random = x->asked.random;
	x->receipt.seed = x->asked.seed;
	x->c.step = on_step;
	x->c.progress = on_progress;
	x->c.arg = x;
	if ((o->receipt != NULL || x->conf->drill_key != NULL) &&
	    role_key(&x->drill_key, x->conf, KEY_DRILL, e))
		return (-1);
	if (x->conf->idle_priority)
		lowpriority_take(NAME);
	if (walcommand_drill(x->command, x->conf, x->conf->repository_name,
	    e) == 0 &&
	    role_key(&key, x->conf, KEY_RESTORE, e) == 0)
		rc = drill(x, key, e);
	progress_close(&x->progress);
	basefetch_plan_free(&x->plan);
	key_free(key);
	key_free(x->drill_key);
	return (rc);
}

/* Check all that can be wrong, then drill. */
static int
rehearse(struct drilled *x, const char *backup, struct err *e)
{
	const struct options	*o = x->o;
	int			 rc;

	if ((rc = drilling_parse(&x->asked, &x->c, &o->d, x->conf, backup,
	    e)) == 0) {
		work_begin(&x->work, NAME, x->conf);
		x->work.directory = x->c.dir;
		rc = work_end(&x->work, begin(x, e), e);
		notify_end(NAME, x->conf, rc, x->found, e);
	}
	drilling_free(&x->asked);
	return (rc);
}

static int
run(void *arg, char **args, size_t nargs, struct err *e)
{
	const struct options	*o = arg;
	struct server_conf	 conf = { .name = NULL };
	struct drilled		*x;
	int			 rc = -1;

	if (o->look != NULL)
		return (laterspace_look(o->look, nargs > 0 ? args[0] : "", e) ?
		    -1 : TOOL_OK);
	if (o->verify != NULL && o->end != NULL)
		return (err_set(e, ERR_USAGE, "--verify or --end, not both"));
	if (o->verify == NULL && become_user(NAME, o->user, e))
		return (-1);
	if (o->end != NULL)
		return (drilled_end(o->end, e));
	if ((x = calloc(1, sizeof(*x))) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory"));
	x->o = o;
	x->conf = &conf;
	if (conf_load(&conf, &o->src, e) == 0)
		rc = o->verify != NULL ? drilled_verify(&conf, o->verify,
		    o->d.json, e) : rehearse(x, nargs > 0 ? args[0] : NULL,
		    e);
	conf_free(&conf);
	free(x);
	return (rc);
}

static const struct program program = {
	.opt = {
		.name = NAME,
		.synopsis = "[OPTION]... [BACKUP|latest|random]",
		.summary = "Rehearse a restore in a sandbox: restore, replay "
		    "WAL, check, measure, sign a receipt, and remove it all.",
		.max_args = 1
	},
	.run = run
};

int
main(int argc, char *argv[])
{
	struct options		 o = { .verify = NULL };
	const struct opt	 opts[] = {
		OPT_CONF(o.src),
		OPT_TRUST(o.src),
		OPT_DRILL(o.d),
		{ "verify", 0, OPT_STRING, &o.verify, "RECEIPT",
		    "Check the signature of a receipt and print it.", 0, 0 },
		{ "end", 0, OPT_STRING, &o.end, "DIR",
		    "Take away a sandbox that was kept.", 0, 0 },
		{ "user", 0, OPT_STRING, &o.user, "NAME",
		    "As root: do all of this as that user.", 0, 0 },
		{ "look", 0, OPT_STRING, &o.look, "FILE",
		    "Used by the sandbox's server.", 0, 0 },
		OPT_END
	};

	return (program_main(&program, opts, &o, argc, argv));
}
