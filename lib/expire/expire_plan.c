/* SPDX-License-Identifier: ISC */
/* The first half of expiry: look at everything, and decide. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "expire/expire_state.h"
#include "expire/expirechosen.h"
#include "expire/interruptedpins.h"

#define DAY		(86400 * EXPIRE_SECOND)
#define CLOCK_DIR	LAYOUT_TMP "/clock"

/* What is not known keeps nothing, so everything must be known. */
static int
refuse_doubt(const struct catalogue *c, struct err *e)
{
	if (catalogue_bads(c) == 0)
		return (0);
	return (err_set(e, ERR_CORRUPT, "%s (%zu such); what it needs is not"
	    " known, so nothing is deleted", catalogue_bad_why(c, 0),
	    catalogue_bads(c)));
}

/* Ours among what others just made, or left when they died. */
struct asking {
	struct expire	*x;
	const char	*name;
	char		 old[LAYOUT_PATH];	/* the oldest of these */
	int64_t		 mtime;
};

static int
on_clock(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct asking	*ask = arg;

	(void)i;
	(void)missing;
	if (en == NULL)
		return (0);
	if (strcmp(en->name, ask->name) == 0)
		ask->x->repo_now = en->mtime;
	else if (en->is_dir && strlen(en->name) < 64 &&
	    strspn(en->name, "0123456789-") == strlen(en->name) &&
	    (ask->old[0] == '\0' || en->mtime < ask->mtime)) {
		ask->mtime = en->mtime;
		return (str_fmt(ask->old, sizeof(ask->old), e, CLOCK_DIR
		    "/%s", en->name));
	}
	return (0);
}

/*
 * The repository's time is that of something which was just made there: a
 * directory in one of its own, as all of tmp/ may be long.  That one stays:
 * another expiry may be about to make something in it.
 */
static int
ask_time(struct expire *x, struct archive *a, struct err *e)
{
	static const char *const list[] = { CLOCK_DIR };
	char			 path[LAYOUT_PATH];
	struct asking		 ask = { .x = x,
	    .name = path + sizeof(CLOCK_DIR) };
	const char		*dirs[] = { path, ask.old };

	if (str_fmt(path, sizeof(path), e, CLOCK_DIR "/%" PRId64 "-%ld",
	    clock_now_us(), (long)getpid()) ||
	    store_mkdir(a->store, path, e) ||
	    store_list(a->store, list, 1, on_clock, &ask, e))
		return (-1);
	return (store_rmdir(a->store, dirs, ask.old[0] == '\0' ||
	    x->repo_now - ask.mtime < 86400 ? 1 : 2, e));
}

static int
check_clocks(struct expire *x, struct err *e)
{
	char	 here[CLOCK_TEXT], there[CLOCK_TEXT];
	int64_t	 repo;

	if (x->repo_now <= 0 || x->repo_now > INT64_MAX / EXPIRE_SECOND)
		return (err_set(e, ERR_REMOTE, "the repository's clock cannot"
		    " be read"));
	repo = x->repo_now * EXPIRE_SECOND;
	x->now_us = repo < x->conf->now_us ? repo : x->conf->now_us;
	if (repo - x->conf->now_us < DAY && x->conf->now_us - repo < DAY)
		return (0);
	return (err_set(e, ERR_LOCAL, "this host's clock says %s, the"
	    " repository's %s; set them right, nothing is deleted",
	    clock_format(here, x->conf->now_us),
	    clock_format(there, repo)));
}

static void
add_backup(struct expire *x, size_t i)
{
	const struct label	*l = catalogue_label(x->cat, i);
	const struct pin	*pin = catalogue_pin(x->cat, i);
	struct retention_backup	*b = &x->backup[i];

	b->at = catalogue_backup(x->cat, i);
	b->gone = expirechosen_named(x->conf, l->id);
	if (x->conf->ngone > 0 && !b->gone)
		b->held = "not asked to go";
	if (pin_holds(pin, x->now_us))
		b->pinned = pin_format(x->pin[i], pin);
	b->ref = l->packs;
	b->nref = l->npacks;
}

static int
add_backups(struct expire *x, struct err *e)
{
	size_t	 i, n = catalogue_labels(x->cat);
	size_t	 bare = catalogue_unlabelled(x->cat);

	x->backup = calloc(n + 1, sizeof(*x->backup));
	x->pin = calloc(n + 1, sizeof(*x->pin));
	x->dir = calloc(n + bare + 1, sizeof(*x->dir));
	x->running_us = calloc(bare + 1, sizeof(*x->running_us));
	if (x->backup == NULL || x->pin == NULL || x->dir == NULL ||
	    x->running_us == NULL)
		return (err_sys(e, ERR_LOCAL, "expire"));
	for (i = 0; i < n; i++)
		add_backup(x, i);
	return (0);
}

/* base/ID: what is in it, and when something last came into it. */
static int
on_bare(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct expire	*x = arg;
	struct expire_dir	*d = &x->dir[i];

	(void)missing;
	(void)e;
	if (en == NULL)
		return (0);
	d->nfiles++;
	if (en->mtime > d->latest)
		d->latest = en->mtime;
	if (strcmp(en->name, "label") == 0)
		d->labelled = 1;
	return (0);
}

/*
 * base/: the directories' own times, for those without a file.  Where there
 * is one the files' times count, as deleting changes the directory's: a
 * sweep that was broken off must not look like a backup under way.
 */
static int
on_base(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct expire	*x = arg;
	struct expire_dir	*d;

	(void)i;
	(void)missing;
	(void)e;
	for (d = x->dir; en != NULL && d < x->dir + x->ndir; d++)
		if (strcmp(d->id, en->name) == 0 && d->nfiles == 0)
			d->latest = en->mtime;
	return (0);
}

/* When a backup began, by its id; one that cannot be read began first. */
static int64_t
began(const char *id)
{
	struct err	 ignore = ERR_INIT;
	char		 text[24];
	int64_t		 us;

	(void)memcpy(text, "0000-00-00T00:00:00Z", 21);
	memcpy(text, id, 4);
	memcpy(text + 5, id + 4, 2);
	memcpy(text + 8, id + 6, 2);
	memcpy(text + 11, id + 9, 2);
	memcpy(text + 14, id + 11, 2);
	memcpy(text + 17, id + 13, 2);
	return (clock_parse(text, &us, NULL, NULL, &ignore) == 0 ? us : 0);
}

/*
 * An empty directory that changed long after its backup began was emptied by
 * a sweep that died before it removed it.
 */
static int
was_emptied(const struct expire_dir *d)
{
	return (d->nfiles == 0 &&
	    d->latest - began(d->id) / EXPIRE_SECOND > DAY / EXPIRE_SECOND);
}

/*
 * Directories without a label: withdrawn by an earlier run, abandoned, or a
 * backup under way, whose directory is left alone.  It may have come to its
 * end since the labels were read, and be pinned: so that a label was
 * withdrawn is not told by the name alone.
 */
static int
look_at_bare(struct expire *x, struct archive *a, struct err *e)
{
	static const char *const	 base[] = { LAYOUT_BASE };
	size_t				 i, n = 0;
	struct expire_dir			*d;

	x->ndir = catalogue_unlabelled(x->cat);
	for (i = 0; i < x->ndir; i++) {
		if (str_fmt(x->dir[i].id, LAYOUT_ID, e, "%s",
		    catalogue_unlabelled_id(x->cat, i)))
			return (-1);
		x->dir[i].withdrawn = catalogue_unlabelled_pin(x->cat,
		    i)->kind == PIN_WITHDRAWN;
	}
	if (expire_state_list(x, a, on_bare, x, e) ||
	    store_list(a->store, base, 1, on_base, x, e))
		return (-1);
	for (i = 0; i < x->ndir; i++) {
		d = &x->dir[i];
		d->running = d->labelled || !(d->withdrawn || was_emptied(d) ||
		    expire_state_abandoned(x, d->latest));
		if (d->running)
			x->running_us[x->nrunning++] = began(d->id);
		if (!d->running || catalogue_unlabelled_pin(x->cat, i)->kind ==
		    PIN_UNREADABLE)	/* may be a label, with claims on it */
			x->dir[n++] = *d;
	}
	x->ndir = n;
	return (0);
}

static void
hold(struct retention_backup *b)
{
	if (b->held == NULL)
		b->held = "may lead onto the latest timeline (only a "
		    ".restore key can tell)";
}

/*
 * Those of timeline "tli" that may lead onto one that begins between "lo" and
 * "hi": the newest that ended before, and all that ended in between.
 */
static void
hold_onto(struct expire *x, uint32_t tli, uint64_t lo, uint64_t hi,
    int64_t since)
{
	struct retention_backup	*b, *best = NULL;
	size_t			 labels = catalogue_labels(x->cat);

	for (b = x->backup; b < x->backup + labels; b++) {
		if (b->gone || b->at.tli != tli || b->at.stop_us > since)
			continue;
		if (b->at.stop_lsn > lo && b->at.stop_lsn < hi)
			hold(b);
		else if (b->at.stop_lsn <= lo && (best == NULL ||
		    b->at.stop_lsn > best->at.stop_lsn))
			best = b;
	}
	if (best != NULL)
		hold(best);
}

/*
 * Where the histories could not be read, who leads onto the latest timeline
 * is not known, nor by which way.  So long as that has no backup of its own
 * from before the window, those of each older timeline are held that may lead
 * onto a later one; such begins somewhere in its first segment.  One that was
 * just made and has no segment yet may begin anywhere.
 */
static void
hold_in_doubt(struct expire *x, uint32_t segsize)
{
	const struct walindex_timeline	*t;
	const struct retention_backup	*b;
	size_t				 i, k, n;
	int64_t				 since;

	if ((n = catalogue_timelines(x->cat)) < 2)
		return;
	t = catalogue_timeline(x->cat, n - 1);
	since = x->now_us - retention_policy_window(&x->conf->policy);
	for (b = x->backup; b < x->backup + catalogue_labels(x->cat); b++)
		if (!b->gone && b->at.tli == t->tli && b->at.stop_us <= since)
			return;
	for (i = 0; i + 1 < n; i++)
		for (k = i + 1; k < n; k++) {
			t = catalogue_timeline(x->cat, k);
			if (t->segments == 0 && k + 1 < n)
				continue;
			hold_onto(x, catalogue_timeline(x->cat, i)->tli,
			    t->segments == 0 ? 0 : t->first * segsize,
			    t->segments == 0 ? UINT64_MAX :
			    (t->first + 1) * segsize, since);
		}
}

/* Whether every timeline's history was read; the first has none. */
static int
know_forks(const struct expire *x, const struct lineage_set *lines, int read)
{
	const struct walindex_timeline	*t;
	size_t				 i;

	for (i = 0; i < catalogue_timelines(x->cat); i++) {
		t = catalogue_timeline(x->cat, i);
		if (t->tli > 1 && lineage_find(lines, t->tli) == NULL)
			return (0);
	}
	return (read || catalogue_timelines(x->cat) < 2);
}

static int
decide(struct expire *x, struct err *e)
{
	struct retention_input	 in = {
		.v = x->backup,
		.n = catalogue_labels(x->cat),
		.segsize = catalogue_segsize(x->cat),
		.policy = x->conf->policy,
		.minimum_redundancy = x->conf->minimum_redundancy,
		.now_us = x->now_us,
		.slack_us = DAY,
		.running_us = x->running_us,
		.nrunning = x->nrunning
	};
	int			 read;

	in.lines = catalogue_lines(x->cat, &read);
	x->forks_known = know_forks(x, &in.lines, read);
	if (!x->forks_known)
		hold_in_doubt(x, in.segsize);
	if (retention_make(&in, &x->plan, e))
		return (-1);
	return (0);
}

/* The directories of backups that go are looked at as well. */
static int
add_expired(struct expire *x, struct err *e)
{
	size_t	 i;

	for (i = 0; i < catalogue_labels(x->cat); i++) {
		if (x->plan.verdict[i].keep)
			continue;
		memset(&x->dir[x->ndir], 0, sizeof(*x->dir));
		if (str_fmt(x->dir[x->ndir].id, LAYOUT_ID, e, "%s",
		    x->backup[i].at.id))
			return (-1);
		x->dir[x->ndir++].expired = 1;
	}
	return (0);
}

/* Pins that lie aside show where it is looked at what goes. */
static int
decide_all(struct expire *x, struct archive *a, struct err *e)
{
	size_t	 bare = x->ndir;
	int	 again;

	if (decide(x, e) || add_expired(x, e) ||
	    (again = interruptedpins_look(x, a, e)) == -1)
		return (-1);
	if (!again)
		return (0);
	retention_plan_free(&x->plan);
	x->ndir = bare;
	return (expirechosen_check(x, e) || decide(x, e) || add_expired(x, e) ?
	    -1 : 0);
}

int
expire_plan(struct expire **out, struct archive *a,
    const struct catalogue *cat, const struct expire_conf *conf,
    struct err *e)
{
	struct expire	*x;

	if (refuse_doubt(cat, e))
		return (-1);
	if ((x = calloc(1, sizeof(*x))) == NULL)
		return (err_sys(e, ERR_LOCAL, "expire"));
	x->cat = cat;
	x->conf = conf;
	if (ask_time(x, a, e) ||
	    check_clocks(x, e) ||
	    add_backups(x, e) ||
	    expirechosen_check(x, e) ||
	    look_at_bare(x, a, e) ||
	    decide_all(x, a, e)) {
		expire_free(x);
		return (-1);
	}
	*out = x;
	return (0);
}
