/* SPDX-License-Identifier: ISC */
/* Are there backups enough, new enough, and of a size that is plausible? */
#include <inttypes.h>

#include "base/clock.h"
#include "base/str.h"
#include "check/checkbackups.h"
#include "check/checkneed.h"
#include "plan/outlier.h"

#define MINUTE	INT64_C(60000000)	/* in microseconds */
#define HOUR	(60 * MINUTE)

/* A moment that is to come, by a clock that is ahead, is now. */
static uint64_t
ago(const struct checkfacts *f, int64_t us, int64_t unit)
{
	return (us < f->conf->now_us ?
	    (uint64_t)(f->conf->now_us - us) / (uint64_t)unit : 0);
}

void
checkbackups_age(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_BACKUP_AGE;
	const struct label	*l;
	char			 time[CLOCK_TEXT];

	if (!checkneed_repo(f, r, id))
		return;
	if (f->newest == SIZE_MAX)
		checkreport_set(r, id, HEALTH_CRITICAL, "no backup counts");
	else {
		l = catalogue_label(f->cat, f->newest);
		checkreport_figure(r, id, ago(f, l->stop_us, HOUR), "backup "
		    "%s is the newest that counts, it ended %s", l->id,
		    clock_format(time, l->stop_us));
	}
	checkreport_cure(r, id, "run base-push, and see why its timer does "
	    "not: systemctl list-timers seawall-base-push@*, or cron");
}

/* The sizes of those before the newest, the latest of them first. */
static size_t
sizes_before(const struct checkfacts *f, uint64_t v[OUTLIER_MOST])
{
	size_t	 i, n = 0;

	for (i = f->newest; i-- > 0 && n < OUTLIER_MOST;)
		if (checkfacts_counts(f, i))
			v[n++] = catalogue_label(f->cat, i)->size;
	return (n);
}

void
checkbackups_size(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_BACKUP_SIZE;
	const struct label	*l;
	uint64_t		 v[OUTLIER_MOST], percent;
	size_t			 n;
	char			 size[CHECKREPORT_BYTES];

	if (!checkneed_backup(f, r, id))
		return;
	l = catalogue_label(f->cat, f->newest);
	n = sizes_before(f, v);
	if (!outlier_percent(v, n, l->size, &percent)) {
		checkreport_set(r, id, HEALTH_UNKNOWN, "too few backups "
		    "came before it to compare it with: %zu", n);
		return;
	}
	checkreport_figure(r, id, percent, "backup %s has %s, %" PRIu64 " %% "
	    "off the median of the %zu before it", l->id,
	    checkreport_bytes(size, l->size), percent, n);
	checkreport_cure(r, id, "compare %s with an earlier one by "
	    "backup-show; if the change is meant, it passes with the next "
	    "backups", l->id);
}

/* When it last did anything that can be seen from here; 0: never. */
static int64_t
last_sign(const struct checkfacts_run *run)
{
	return (run->moved_us > run->stored_us ? run->moved_us :
	    run->stored_us);
}

/*
 * The one that is worst decides: one that was interrupted here, or one that
 * has not moved for longest.  A directory without files says nothing.
 */
static const struct checkfacts_run *
worst_run(const struct checkfacts *f)
{
	const struct checkfacts_run	*worst = NULL, *run;
	size_t				 i;

	for (i = 0; i < f->nrun; i++) {
		run = &f->run[i];
		if (last_sign(run) == 0)
			continue;
		if (worst == NULL || (run->here == CHECKFACTS_DEAD &&
		    worst->here != CHECKFACTS_DEAD) ||
		    (worst->here != CHECKFACTS_DEAD &&
		    last_sign(run) < last_sign(worst)))
			worst = run;
	}
	return (worst);
}

void
checkbackups_running(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id		 id = CHECKLIST_RUNNING;
	const struct checkfacts_run	*run;
	uint64_t			 minutes;

	if (!checkneed_repo(f, r, id))
		return;
	if ((run = worst_run(f)) == NULL) {
		checkreport_set(r, id, HEALTH_OK, "no backup is under way");
		return;
	}
	minutes = ago(f, last_sign(run), MINUTE);
	if (run->here == CHECKFACTS_DEAD) {
		checkreport_set(r, id, HEALTH_WARNING, "backup %s was "
		    "interrupted, and none was completed since", run->id);
		checkreport_add_figure(r, id, minutes);
	} else
		checkreport_figure(r, id, minutes, "backup %s is under way, "
		    "it last moved %" PRIu64 " minute%s ago", run->id,
		    minutes, str_plural(minutes));
	checkreport_cure(r, id, "run base-push again on the host that pushes; "
	    "it resumes");
}

void
checkbackups_redundancy(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_REDUNDANCY;
	const size_t		 n = checkfacts_counting(f);

	if (!checkneed_repo(f, r, id))
		return;
	checkreport_set(r, id, n < f->conf->expire.minimum_redundancy ?
	    HEALTH_CRITICAL : HEALTH_OK, "backups that count: %zu; "
	    "minimum_redundancy: %" PRIu64, n,
	    f->conf->expire.minimum_redundancy);
	checkreport_add_figure(r, id, n);
	checkreport_cure(r, id, "take a backup with base-push");
}

void
checkbackups_damage(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_DAMAGE;
	const struct label	*l;

	if (!checkneed_backup(f, r, id))
		return;
	l = catalogue_label(f->cat, f->newest);
	if (l->damaged_pages == 0)
		checkreport_figure(r, id, 0, "backup %s has no damaged page",
		    l->id);
	else
		checkreport_figure(r, id, l->damaged_pages, "backup %s has %"
		    PRIu64 " damaged page%s, first in %s", l->id,
		    l->damaged_pages, str_plural(l->damaged_pages),
		    l->ndamaged > 0 ? l->damaged[0] : "an unnamed file");
	checkreport_cure(r, id, "repair the table, then take a backup; "
	    "backup-show %s names the files", l->id);
}
