/* SPDX-License-Identifier: ISC */
/* All checks of a server, and what each needs. */
#include <stdio.h>

#include "check/check.h"
#include "check/checkarchiver.h"
#include "check/checkbackups.h"
#include "check/checkdeep.h"
#include "check/checkhost.h"
#include "check/checklag.h"
#include "check/checkproof.h"
#include "check/checkreceive.h"
#include "check/checkrecovery.h"
#include "check/checkretention.h"
#include "check/checkserver.h"
#include "check/checkstore.h"
#include "check/gather.h"

/* One of the two runs it; the second kind may fail. */
struct task {
	enum checklist_id	 id;
	struct gather_need	 need;
	void	(*judge)(const struct checkfacts *, struct checkreport *);
	int	(*ask)(const struct checkfacts *, struct checkreport *,
		    struct err *);
};

#define SQL	.sql = 1
#define DIRECTORY .dir = 1
#define REPO	.repo = 1

static const struct task tasks[] = {
	{ CHECKLIST_REPOSITORY, { REPO }, checkstore_repository, NULL },
	{ CHECKLIST_CAPABILITIES, { REPO }, checkstore_capabilities, NULL },
	{ CHECKLIST_SPACE, { REPO }, checkstore_space, NULL },
	{ CHECKLIST_SPACE_DAYS, { REPO }, NULL, checkstore_space_days },
	{ CHECKLIST_POSTGRESQL, { SQL }, checkserver_postgresql, NULL },
	{ CHECKLIST_SETTINGS, { SQL, REPO }, checkserver_settings, NULL },
	{ CHECKLIST_CHECKSUMS, { SQL }, checkserver_checksums, NULL },
	{ CHECKLIST_IDENTITY, { SQL, REPO }, checkserver_identity, NULL },
	{ CHECKLIST_ARCHIVER, { SQL }, checkarchiver_archiver, NULL },
	{ CHECKLIST_BACKLOG, { SQL }, checkarchiver_backlog, NULL },
	{ CHECKLIST_WAL_SPACE, { SQL, DIRECTORY }, checkarchiver_wal_space,
	    NULL },
	{ CHECKLIST_ARCHIVED, { SQL, REPO }, checkarchiver_archived, NULL },
	{ CHECKLIST_RECEIVER, { SQL, REPO, .receiver = 1 }, NULL,
	    checkreceive_receiver },
	{ CHECKLIST_SLOT, { SQL, REPO }, checkreceive_slot, NULL },
	{ CHECKLIST_RECOVERABLE, { SQL, REPO }, NULL,
	    checkrecovery_recoverable },
	{ CHECKLIST_GAPS, { REPO }, checkrecovery_gaps, NULL },
	/* Also sets "timelines". */
	{ CHECKLIST_RETENTION, { SQL, REPO }, checkretention_run, NULL },
	{ CHECKLIST_TIMELINES, { SQL, REPO }, checkretention_run, NULL },
	{ CHECKLIST_BACKUP_AGE, { REPO }, checkbackups_age, NULL },
	{ CHECKLIST_BACKUP_SIZE, { REPO }, checkbackups_size, NULL },
	{ CHECKLIST_RUNNING, { REPO }, checkbackups_running, NULL },
	{ CHECKLIST_REDUNDANCY, { REPO }, checkbackups_redundancy, NULL },
	{ CHECKLIST_ROLLBACK, { REPO }, NULL, checkhost_rollback },
	{ CHECKLIST_CLOCK, { SQL, REPO }, NULL, checkhost_clock },
	{ CHECKLIST_DAMAGE, { REPO }, checkbackups_damage, NULL },
	{ CHECKLIST_VERIFIED, { 0 }, checkproof_verified, NULL },
	{ CHECKLIST_DRILL, { 0 }, checkproof_drill, NULL },
	{ CHECKLIST_AGENT, { 0 }, checkhost_agent, NULL },
	{ CHECKLIST_DEEP, { SQL, DIRECTORY, REPO }, NULL, checkdeep_run }
};

#define TASKS	(sizeof(tasks) / sizeof(tasks[0]))

static struct gather_need
needed(const struct check_conf *conf)
{
	struct gather_need	 need = { 0 };
	size_t			 i;

	for (i = 0; i < TASKS; i++) {
		if (!conf->wanted[tasks[i].id])
			continue;
		need.sql |= tasks[i].need.sql;
		need.dir |= tasks[i].need.dir;
		need.receiver |= tasks[i].need.receiver;
		need.repo |= tasks[i].need.repo && conf->key != NULL;
	}
	need.dir |= conf->wanted[CHECKLIST_CONFIG] && conf->own_directory;
	need.repo |= conf->lag != NULL && conf->wanted[CHECKLIST_LAG] &&
	    conf->key != NULL;
	/* The cluster to look at is the one that the server is. */
	need.sql |= need.repo || need.dir;
	return (need);
}

/*
 * A repository that was listed and fails to answer another question is what is
 * wrong: what was asked is not known.  Where that is all that was to be checked
 * it must not look as if all were well.
 */
static void
repository_failed(const struct check_conf *conf, enum checklist_id asked,
    const struct err *why, struct checkreport *r)
{
	const enum checklist_id	 id = conf->wanted[CHECKLIST_REPOSITORY] ?
				    CHECKLIST_REPOSITORY : asked;

	checkreport_set(r, asked, HEALTH_UNKNOWN, "%s", why->msg);
	checkreport_set(r, id, HEALTH_CRITICAL, "%s", why->msg);
	checkreport_cure(r, id, "repair what the message names; then run "
	    "backup-check again");
}

static int
run_task(const struct task *t, const struct checkfacts *f,
    struct checkreport *r, struct err *e)
{
	struct err	 why = ERR_INIT;

	if (t->judge != NULL) {
		t->judge(f, r);
		return (0);
	}
	if (t->ask(f, r, &why) == 0)
		return (0);
	if (why.kind == ERR_LOCAL)
		return (err_set(e, why.kind, "%s", why.msg));
	repository_failed(f->conf, t->id, &why, r);
	return (0);
}

static int
run_all(const struct checkfacts *f, struct checkreport *r, struct err *e)
{
	size_t	 i;

	for (i = 0; i < TASKS; i++)
		if (f->conf->wanted[tasks[i].id] &&
		    !r->line[tasks[i].id].done &&
		    run_task(&tasks[i], f, r, e))
			return (-1);
	return (0);
}

/*
 * The server answers, and its data directory is not where base-push is to read
 * it: the configuration, which the caller found in order, is not.
 */
static void
judge_directory(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_CONFIG;

	if (!f->conf->own_directory || !f->watched || f->has_dir)
		return;
	checkreport_set(r, id, HEALTH_CRITICAL, "data_directory: %s",
	    f->dir_why.msg);
	checkreport_cure(r, id, "set data_directory to that of the server, or "
	    "let this user read it");
}

/* A check may set another one beside itself. */
static void
drop_unwanted(struct checkreport *r, const struct check_conf *conf)
{
	size_t	 i;

	for (i = 0; i < CHECKLIST_CHECKS; i++)
		if (!conf->wanted[i])
			r->line[i].done = 0;
}

int
check_run(struct checkreport *r, const struct check_conf *conf,
    struct err *e)
{
	struct checkfacts	 f;
	int			 rc;

	(void)snprintf(r->server, sizeof(r->server), "%s", conf->server);
	r->limits = conf->limits;
	gather_facts(&f, conf, needed(conf));
	rc = run_all(&f, r, e);
	judge_directory(&f, r);
	if (f.a != NULL)
		r->system_id = f.a->system_id;
	if (f.watched)
		r->system_id = f.pg.system_id;
	if (rc == 0 && conf->lag != NULL)
		rc = checklag_take(conf->lag, &f, e);
	drop_unwanted(r, conf);
	checkfacts_fini(&f);
	return (rc);
}
