/* SPDX-License-Identifier: ISC */
/* What would expiry do now, and on which timelines do clusters go on? */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "check/checkneed.h"
#include "check/checkretention.h"
#include "expire/expire.h"

#define SECOND_US	INT64_C(1000000)
#define DAY_US		(24 * 3600 * SECOND_US)
#define OVERDUE_DAYS	8	/* more than a week: many expire once in it */

/*
 * A backup that is not whole keeps itself, for ever; so does a bad pin.  One
 * that lacks WAL is what the check "gaps" names.
 */
static int
judge_kept(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_RETENTION;
	const char		*why;
	size_t			 i;

	for (i = 0; i < catalogue_labels(f->cat); i++) {
		why = f->evidence->v[i].lacks;
		if (why[0] != '\0' && !f->evidence->v[i].wal) {
			checkreport_set(r, id, HEALTH_WARNING, "backup %s "
			    "counts for nothing and is not deleted: %s",
			    catalogue_label(f->cat, i)->id, why);
			checkreport_cure(r, id, "if what it lacks cannot be "
			    "put back, run backup-expire --delete %s",
			    catalogue_label(f->cat, i)->id);
			return (1);
		}
		if (pin_is_bad(catalogue_pin(f->cat, i))) {
			checkreport_set(r, id, HEALTH_WARNING, "what pins "
			    "backup %s cannot be read: %s",
			    catalogue_label(f->cat, i)->id,
			    catalogue_pin(f->cat, i)->why);
			checkreport_cure(r, id, "run backup-expire --keep or "
			    "--release %s",
			    catalogue_label(f->cat, i)->id);
			return (1);
		}
	}
	return (0);
}

/*
 * How many of the backups that may go now could go OVERDUE days ago, and would
 * be gone if expiry ran.  It decides as of that day: what came since is young
 * then, so that it makes nothing go.  If that cannot be found out, or if expiry
 * ran since, there is none: a pin that was released or a policy that has
 * changed since then may be why something is still there.
 */
static size_t
overdue(const struct checkfacts *f)
{
	const struct retention_plan	*now = expire_retention(f->plan);
	const struct retention_plan	*then;
	struct expire_conf		 conf = f->plan_conf;
	struct expire			*past = NULL;
	struct err			 unused = ERR_INIT;
	size_t				 i, n = 0;

	conf.now_us -= OVERDUE_DAYS * DAY_US;
	if (conf.grace_us == 0)
		conf.grace_us = 1;
	if (now->nkept == catalogue_labels(f->cat) ||
	    f->conf->expired_us > conf.now_us ||
	    expire_plan(&past, f->a, f->cat, &conf, &unused))
		return (0);
	then = expire_retention(past);
	for (i = 0; i < catalogue_labels(f->cat); i++)
		n += !now->verdict[i].keep && !then->verdict[i].keep;
	expire_free(past);
	return (n);
}

static void
judge_plan(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id		 id = CHECKLIST_RETENTION;
	const struct retention_plan	*plan = expire_retention(f->plan);
	const size_t			 n = catalogue_labels(f->cat);
	char			 policy[RETENTION_POLICY_TEXT];
	char			 ran[CLOCK_TEXT + 64] = "no run of it on this "
				    "host is known";
	char			 when[CLOCK_TEXT];
	size_t			 late;

	if (judge_kept(f, r))
		return;
	if (f->conf->expired_us != 0)
		(void)snprintf(ran, sizeof(ran), "it last ran here at %s",
		    clock_format(when, f->conf->expired_us / SECOND_US *
		    SECOND_US));
	if ((late = overdue(f)) > 0) {
		checkreport_set(r, id, HEALTH_WARNING, "expiry could delete "
		    "%zu backup%s %d days ago and did not: %s", late,
		    str_plural(late), OVERDUE_DAYS, ran);
		checkreport_cure(r, id, "run backup-expire, and look at its "
		    "timer");
	} else
		checkreport_set(r, id, HEALTH_OK, "%s; expiry would now "
		    "delete %zu of %zu backup%s; %s",
		    retention_policy_format(policy, &f->conf->expire.policy),
		    n - plan->nkept, n, str_plural(n), ran);
	checkreport_add_figure(r, id, n - plan->nkept);
}

static uint32_t
highest(const struct checkfacts *f)
{
	const size_t	 n = catalogue_timelines(f->cat);

	return (n == 0 ? 0 : catalogue_timeline(f->cat, n - 1)->tli);
}

/*
 * A timeline whose history is missing, although there is WAL of an earlier one:
 * from there no recovery leads onto it, and none fails.  0: there is none.  The
 * first timeline has no history.
 */
static uint32_t
lacks_history(const struct checkfacts *f)
{
	const struct walindex_timeline	*t;
	size_t				 i;
	int				 earlier = 0;

	for (i = 0; i < catalogue_timelines(f->cat); i++) {
		t = catalogue_timeline(f->cat, i);
		if (t->segments == 0)
			continue;
		if (earlier && !t->history)
			return (t->tli);
		earlier = 1;
	}
	return (0);
}

static void
judge_timelines(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_TIMELINES;
	const uint32_t		 top = highest(f);
	const uint32_t		 lost = lacks_history(f);
	const uint32_t		*fed;
	size_t			 n = 0;

	if (checkfacts_primary(f) && f->pg.system_id == f->a->system_id &&
	    top > f->watch.timeline) {
		checkreport_set(r, id, HEALTH_CRITICAL, "the server is on "
		    "timeline %" PRIu32 ", the repository has %" PRIu32
		    ", to which a restore leads", f->watch.timeline, top);
		checkreport_cure(r, id, "find out who archives it; if nobody "
		    "needs it: backup-expire --delete-timeline %" PRIu32,
		    top);
		return;
	}
	if (lost != 0) {
		checkreport_set(r, id, HEALTH_CRITICAL, "wal/%08" PRIX32
		    ".history is missing: recovery from backups of earlier "
		    "timelines ends before timeline %" PRIu32, lost, lost);
		checkreport_cure(r, id, "in the server's data directory "
		    "run wal-push pg_wal/%08" PRIX32 ".history; if that is "
		    "gone, take a backup", lost);
		return;
	}
	if (f->plan == NULL) {
		checkreport_set(r, id, HEALTH_UNKNOWN, "see retention");
		return;
	}
	fed = expire_fed(f->plan, &n);
	if (n > 0)
		checkreport_set(r, id, HEALTH_WARNING, "timeline %" PRIu32
		    " still gets WAL or backups, although timeline %" PRIu32
		    " left it", fed[0], expire_latest(f->plan));
	else
		checkreport_set(r, id, HEALTH_OK, "timeline %" PRIu32 " is "
		    "the latest, and no other one goes on", top);
	checkreport_cure(r, id, "stop the server that archives it, or delete "
	    "the stray timeline; see --delete-timeline in backup-expire(1)");
}

void
checkretention_run(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_RETENTION;

	if (!checkneed_repo(f, r, id)) {
		(void)checkneed_repo(f, r, CHECKLIST_TIMELINES);
		return;
	}
	if (f->plan == NULL) {
		checkreport_set(r, id, HEALTH_CRITICAL, "expiry is not able "
		    "to decide: %s", f->plan_why.msg);
		checkreport_cure(r, id, "run backup-expire --dry-run, and do "
		    "what it says");
	} else
		judge_plan(f, r);
	judge_timelines(f, r);
}
