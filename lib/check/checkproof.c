/* SPDX-License-Identifier: ISC */
/* When was it last proved that what is stored is whole and can be restored? */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/str.h"
#include "check/checkproof.h"
#include "drill/drillrecord.h"
#include "check/verifyruns.h"

#define DAY	INT64_C(86400000000)	/* in microseconds */

/* A moment that is to come, by a clock that was set back, is now. */
static uint64_t
days(const struct checkfacts *f, int64_t us)
{
	return (us < f->conf->now_us ?
	    (uint64_t)(f->conf->now_us - us) / (uint64_t)DAY : 0);
}

static void
judge_findings(struct checkreport *r, const struct verifyrun *run)
{
	const enum checklist_id	 id = CHECKLIST_VERIFIED;
	char			 time[CLOCK_TEXT];

	checkreport_set(r, id, HEALTH_CRITICAL, "backup-verify had %" PRIu64
	    " finding%s at depth %s, %s%s%s", run->findings,
	    str_plural(run->findings), verifyruns_depth(run->depth),
	    clock_format(time, run->at_us), run->first[0] == '\0' ? "" :
	    "; first: ", run->first);
	checkreport_cure(r, id, "run backup-verify, which says what each "
	    "finding means; mend that, or take a backup and delete those that "
	    "are damaged; then run it again");
}

static void
judge_age(const struct checkfacts *f, struct checkreport *r,
    const struct verifyrun *run)
{
	const enum checklist_id	 id = CHECKLIST_VERIFIED;
	char			 time[CLOCK_TEXT];

	checkreport_figure(r, id, days(f, run->at_us), "backup-verify read "
	    "%s%s at depth %s without a finding, %s", run->backup[0] == '\0' ?
	    "everything" : "backup ", run->backup,
	    verifyruns_depth(run->depth), clock_format(time, run->at_us));
	checkreport_cure(r, id, "run backup-verify, and let a timer run it");
}

/*
 * A finding stands until a run that looks as deep has none.  What --quick lists
 * is no proof of what is stored.
 */
void
checkproof_verified(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_VERIFIED;
	struct verifyruns	 runs;
	struct err		 why = ERR_INIT;
	size_t			 i;

	if (f->conf->state_dir == NULL || verifyruns_load(&runs,
	    f->conf->state_dir, f->conf->server, &why) == -1) {
		checkreport_set(r, id, HEALTH_UNKNOWN, "%s", why.kind ==
		    ERR_NONE ? "there is no state_dir" : why.msg);
		return;
	}
	for (i = runs.n; i-- > 0;)
		if (runs.v[i].findings > 0) {
			judge_findings(r, &runs.v[i]);
			return;
		}
	for (i = runs.n; i-- > 0;)
		if (runs.v[i].depth != VERIFY_QUICK) {
			judge_age(f, r, &runs.v[i]);
			return;
		}
	checkreport_set(r, id, HEALTH_UNKNOWN, "backup-verify has not read "
	    "what is stored of this server, on this host");
}

/* ", RPO 3 s"; "" if that was not measured. */
#define MEASURE	48

static const char *
measure(char buf[MEASURE], const char *what, uint64_t s)
{
	buf[0] = '\0';
	if (s != DRILLRECORD_NONE)
		(void)snprintf(buf, MEASURE, ", %s %" PRIu64 " s", what, s);
	return (buf);
}

void
checkproof_drill(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_DRILL;
	struct drillrecord	 d;
	struct err		 why = ERR_INIT;
	char			 time[CLOCK_TEXT], rpo[MEASURE], rto[MEASURE];
	int			 rc = -1;

	if (f->conf->state_dir != NULL)
		rc = drillrecord_load(&d, f->conf->state_dir,
		    f->conf->server, &why);
	if (rc != 0) {
		checkreport_set(r, id, HEALTH_UNKNOWN, "%s", rc == 1 ?
		    "no restore was rehearsed on this host yet" : why.kind ==
		    ERR_NONE ? "there is no state_dir" : why.msg);
		return;
	}
	(void)clock_format(time, d.at_us);
	if (d.passed)
		checkreport_figure(r, id, days(f, d.at_us), "backup %s was "
		    "restored, %s%s%s", d.backup, time, measure(rpo, "RPO",
		    d.rpo_s), measure(rto, "RTO", d.rto_s));
	else
		checkreport_set(r, id, HEALTH_CRITICAL, "the restore of "
		    "%s%s failed, %s: %s", d.backup[0] == '\0' ? "any backup" :
		    "backup ", d.backup, time, d.found);
	checkreport_cure(r, id, "run backup-drill, and mend what it names");
}
