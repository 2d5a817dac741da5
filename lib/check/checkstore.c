/* SPDX-License-Identifier: ISC */
/* Does the repository answer, what can its host do, and how much is free? */
#include <inttypes.h>
#include <stdlib.h>

#include "check/checkneed.h"
#include "check/checkstore.h"
#include "plan/growth.h"

void
checkstore_repository(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_REPOSITORY;

	if (f->conf->key == NULL) {
		checkreport_set(r, id, HEALTH_UNKNOWN, "no key could be "
		    "loaded with which to read it");
		return;
	}
	if (!f->listed) {
		checkreport_set(r, id, HEALTH_CRITICAL, "%s",
		    f->repo_why.msg);
		checkreport_cure(r, id, "mount its disk, or repair what the "
		    "message names; then run backup-check again");
		return;
	}
	checkreport_set(r, id, HEALTH_OK, "%s answers; it holds %zu backup%s "
	    "and %zu timeline%s of cluster %" PRIu64,
	    store_name(f->a->store), catalogue_labels(f->cat),
	    catalogue_labels(f->cat) == 1 ? "" : "s",
	    catalogue_timelines(f->cat),
	    catalogue_timelines(f->cat) == 1 ? "" : "s", f->a->system_id);
}

void
checkstore_capabilities(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_CAPABILITIES;

	if (!f->has_about)
		checkreport_set(r, id, HEALTH_UNKNOWN, "the repository does "
		    "not answer");
	else
		checkreport_set(r, id, f->about.fsync && f->about.hardlink ?
		    HEALTH_OK : HEALTH_WARNING, "%s%s%s", f->about.fsync ?
		    "fsync; " : "no fsync (fsync@openssh.com): what was stored "
		    "shortly before a power cut there may be lost; ",
		    f->about.hardlink ? "hard links; " : "no hard links "
		    "(hardlink@openssh.com): names are given by RENAME, and "
		    "an SSH key that may only add cannot store anything; ",
		    f->about.space ? "free space" : "how much is free is not "
		    "said (statvfs@openssh.com), so nothing warns before the "
		    "disk is full");
	checkreport_cure(r, id, "use OpenSSH's SFTP server, without -P for "
	    "these requests");
}

static uint64_t
percent(uint64_t part, uint64_t whole)
{
	return (whole < 100 ? (whole == 0 ? 0 : part * 100 / whole) :
	    part / (whole / 100));
}

/* A file system is full when it has no inode left, too. */
void
checkstore_space(const struct checkfacts *f, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_SPACE;
	const struct store_about *a = &f->about;
	char			 have[CHECKREPORT_BYTES];
	char			 all[CHECKREPORT_BYTES];

	if (!f->has_about || !a->space || a->bytes == 0) {
		checkreport_set(r, id, HEALTH_UNKNOWN, "the repository's host "
		    "does not say how much is free");
		return;
	}
	if (a->files > 0 && percent(a->files_free, a->files) <
	    percent(a->bytes_free, a->bytes))
		checkreport_figure(r, id, percent(a->files_free, a->files),
		    "%" PRIu64 " of %" PRIu64 " inodes are free",
		    a->files_free, a->files);
	else
		checkreport_figure(r, id, percent(a->bytes_free, a->bytes),
		    "%s of %s are free", checkreport_bytes(have,
		    a->bytes_free), checkreport_bytes(all, a->bytes));
	checkreport_cure(r, id, "add space, or expire backups; see "
	    "backup-expire(1)");
}

static void
judge_days(const struct growth *g, struct checkreport *r)
{
	const enum checklist_id	 id = CHECKLIST_SPACE_DAYS;
	uint64_t		 days;
	char			 have[CHECKREPORT_BYTES];

	if (!growth_days(g, &days)) {
		checkreport_set(r, id, HEALTH_UNKNOWN, "too few backups "
		    "count, or for less than a day, to see a trend: %zu",
		    g->n);
		return;
	}
	if (days == GROWTH_NEVER) {
		checkreport_set(r, id, HEALTH_OK, "what is stored does not "
		    "outgrow what is free and what expiry deletes");
		return;
	}
	checkreport_figure(r, id, days, "%s last for %" PRIu64 " day%s at the "
	    "rate of the latest backups", checkreport_bytes(have, g->free),
	    days, days == 1 ? "" : "s");
	checkreport_cure(r, id, "add space, or expire earlier; see "
	    "retention_policy in seawall.conf(5)");
}

int
checkstore_space_days(const struct checkfacts *f, struct checkreport *r,
    struct err *e)
{
	struct growth_backup	*v;
	struct growth		 g = { .now_us = f->conf->now_us,
				    .free = f->about.bytes_free,
				    .policy = f->conf->expire.policy };
	size_t			 i;

	if (!checkneed_repo(f, r, CHECKLIST_SPACE_DAYS))
		return (0);
	if (!f->about.space) {
		checkreport_set(r, CHECKLIST_SPACE_DAYS, HEALTH_UNKNOWN, "the "
		    "repository's host does not say how much is free");
		return (0);
	}
	v = calloc(catalogue_labels(f->cat) + 1, sizeof(*v));
	if (v == NULL)
		return (err_sys(e, ERR_LOCAL, "judge the growth"));
	for (i = 0; i < catalogue_labels(f->cat); i++) {
		if (!checkfacts_counts(f, i))
			continue;
		if (g.n == 0)
			g.wal = catalogue_since(f->cat, i).bytes;
		v[g.n++] = (struct growth_backup){
			catalogue_label(f->cat, i)->stop_us,
			catalogue_label(f->cat, i)->stored_size };
	}
	g.v = v;
	judge_days(&g, r);
	free(v);
	return (0);
}
