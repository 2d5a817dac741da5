/* SPDX-License-Identifier: ISC */
/*
 * The first half of expiry: look at everything, and decide what goes.  The
 * decision itself is a pure function, retention_make(); here its input is
 * gathered, and everything is refused that would make it decide in doubt.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/path.h"
#include "base/str.h"
#include "expire/baredirs.h"
#include "expire/droptimeline.h"
#include "expire/expire.h"
#include "expire/expire_state.h"
#include "expire/expirechosen.h"
#include "expire/fedlines.h"
#include "expire/interruptedpins.h"
#include "expire/realdirs.h"
#include "expire/repoclock.h"
#include "expire/seenexpire.h"
#include "expire/unknownforks.h"
#include "expire/weigh.h"
#include "pg/walname.h"

#define DAY		(86400 * EXPIRE_SECOND)
#define LOOKS		3	/* more, while others expire backups */

/*
 * A backup whose label cannot be read keeps nothing, since what it needs is
 * not known.  So nothing may be deleted before the DBA has looked at it.  It is
 * known of one whose signer was retired and that no inventory lists: that keeps
 * itself, see keep_unlisted().
 */
static int
refuse_doubt(const struct catalogue *c, struct err *e)
{
	size_t		 i, n = 0, first = 0;
	char		 cure[96] = "";
	struct walname	 w;
	struct err	 unused = ERR_INIT;
	const char	*id;

	for (i = catalogue_bads(c); i-- > 0;)
		if (catalogue_bad_unlisted(c, i) == NULL) {
			first = i;
			n++;
		}
	if (n == 0)
		return (0);
	id = catalogue_bad_id(c, first);
	if (layout_id_ok(id))
		(void)snprintf(cure, sizeof(cure), ", unless --delete %s sets "
		    "that label aside", id);
	else if (walname_parse(path_base(id), &w, &unused) == 0)
		(void)snprintf(cure, sizeof(cure), ", unless "
		    "--delete-timeline %" PRIu32 " sets that history aside",
		    w.tli);
	return (err_set(e, ERR_CORRUPT, "%zu label%s or history file%s cannot "
	    "be trusted, first: %s; nothing is deleted%s", n, str_plural(n),
	    str_plural(n), catalogue_bad_why(c, first), cure));
}

/*
 * The policy compares times by this host's clock with those in labels, and
 * what is abandoned is judged by the repository's.  A clock that is ahead makes
 * everything look old, so the earlier of both counts; and if they differ by a
 * day one of them is wrong, and nothing is deleted by either.  To ask the
 * repository for its time is to write there, so a dry run does without.
 */
static int
ask_clocks(struct expire *x, struct archive *a, struct err *e)
{
	char		 here[CLOCK_TEXT], there[CLOCK_TEXT];
	struct err	 why = ERR_INIT;
	int64_t		 repo;

	if (realdirs_check(a, e) || realdirs_clock(a, e))
		return (-1);
	x->grace = (struct grace){ x->conf->now_us, x->conf->grace_us };
	if (x->conf->dry) {
		x->repo_now = x->conf->now_us / EXPIRE_SECOND;
		x->now_us = x->conf->now_us;
		return (0);
	}
	/* The first deletion of a run: a key that may not delete fails here. */
	if (repoclock_ask(a, &x->repo_now, &why))
		return (err_set(e, why.kind, "ask for the repository's time: "
		    "%s; if that was refused, use an SSH key that may delete",
		    why.msg));
	if (x->repo_now <= 0 || x->repo_now > INT64_MAX / EXPIRE_SECOND)
		return (err_set(e, ERR_REMOTE, "the repository's clock cannot"
		    " be read: the directory made in tmp/clock is not listed; "
		    "nothing is deleted"));
	repo = x->grace.now_us = x->repo_now * EXPIRE_SECOND;
	x->now_us = repo < x->conf->now_us ? repo : x->conf->now_us;
	if (repo - x->conf->now_us < DAY && x->conf->now_us - repo < DAY)
		return (0);
	return (err_set(e, ERR_LOCAL, "this host's clock shows %s, the"
	    " repository's %s; correct the wrong one, nothing is deleted",
	    clock_format(here, x->conf->now_us),
	    clock_format(there, repo)));
}

/*
 * With --delete and --delete-timeline, every backup that does not go by them
 * is held, and stays.
 */
static void
add_backup(struct expire *x, size_t i)
{
	const struct label	*l = catalogue_label(x->cat, i);
	const struct pin	*pin = catalogue_pin(x->cat, i);
	struct retention_backup	*b = &x->backup[i];

	b->at = catalogue_backup(x->cat, i);
	b->gone = expirechosen_named(x->conf, l->id) ||
	    b->at.tli == x->conf->timeline;
	if (x->conf->ngone > 0 && !b->gone)
		b->held = "not named with --delete";
	if (x->conf->timeline != 0 && !b->gone)
		b->held = "not on the timeline that is deleted";
	if (x->seen.n > 0)
		b->held = "the repository was set back";
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
	x->running = calloc(bare + 1, sizeof(*x->running));
	if (x->backup == NULL || x->pin == NULL || x->dir == NULL ||
	    x->running == NULL)
		return (err_sys(e, ERR_LOCAL, "expire"));
	for (i = 0; i < n; i++)
		add_backup(x, i);
	return (0);
}

/*
 * What a retired signer wrote and no inventory lists counts for no policy, and
 * is not deleted either: another inventory may list it later.  Its directory
 * has a label, so no sweep looks at it; its packs are asked for by
 * claims_hold(); its WAL stays from start to stop.
 */
static int
keep_unlisted(struct expire *x, struct err *e)
{
	const uint32_t		 segsize = catalogue_segsize(x->cat);
	struct coverage_set	 wal = { 0 };
	struct coverage_run	 r;
	const struct label	*l;
	size_t			 i;
	int			 rc = 0;

	/* A thief may have made many: all of them at once. */
	for (i = 0; rc == 0 && i < catalogue_bads(x->cat); i++) {
		if ((l = catalogue_bad_unlisted(x->cat, i)) == NULL ||
		    l->stop_lsn <= l->start_lsn)
			continue;
		r = (struct coverage_run){ l->timeline,
		    l->start_lsn / segsize, (l->stop_lsn - 1) / segsize };
		rc = coverage_add_run(&wal, &r, e);
	}
	if (rc == 0)
		rc = retention_wal_keep(&x->plan.wal, &wal, e);
	coverage_set_free(&wal);
	return (rc);
}

/*
 * slack_us: a backup that ended a day after "now" was made by a clock that is
 * ahead.  It counts for nothing, so that it does not push out a real one.
 */
static struct retention_input
input_of(const struct expire *x)
{
	int	 read;

	return ((struct retention_input){
		.v = x->backup,
		.n = catalogue_labels(x->cat),
		.lines = catalogue_lines(x->cat, &read),
		.lines_guessed = !x->forks_known,
		.segsize = catalogue_segsize(x->cat),
		.policy = x->conf->policy,
		.minimum_redundancy = x->conf->minimum_redundancy,
		.latest = x->young.latest,
		.young = x->young.tli,
		.nyoung = x->young.n,
		.grace = weigh_grace(x),
		.fed = x->fed,
		.nfed = x->nfed,
		.now_us = x->now_us,
		.slack_us = DAY,
		.running = x->running,
		.nrunning = x->nrunning
	});
}

static int
decide(struct expire *x, struct err *e)
{
	struct retention_input	 in;

	weigh_hold(x);
	if (unknownforks_hold(x, e))
		return (-1);
	in = input_of(x);
	return (retention_make(&in, &x->plan, e) || keep_unlisted(x, e) ?
	    -1 : 0);
}

/* A pin that lies aside says nothing of its end here: it is taken for ever. */
int
expire_plan_simulate(const struct expire *x, uint64_t days,
    simulate_each *each, void *arg, struct err *e)
{
	const struct retention_input	 now = input_of(x);
	struct simulate_input		 in = { .now = &now, .days = days };
	int64_t				*until;
	int				*marked, rc = -1;
	size_t				 i;

	until = calloc(now.n + 1, sizeof(*until));
	marked = calloc(now.n + 1, sizeof(*marked));
	if (until == NULL || marked == NULL) {
		(void)err_sys(e, ERR_LOCAL, "simulate expiry");
		goto out;
	}
	for (i = 0; i < now.n; i++) {
		until[i] = x->backup[i].pinned == NULL || catalogue_pin(x->cat,
		    i)->kind != PIN_SET ? INT64_MAX : catalogue_pin(x->cat,
		    i)->until_us;
		marked[i] = catalogue_pin(x->cat, i)->kind != PIN_NONE;
	}
	in.pinned_until = until;
	in.marked = marked;
	rc = simulate_run(&in, each, arg, e);
out:
	free(until);
	free(marked);
	return (rc);
}

int
expire_plan_rate(const struct expire *x, struct simulate_rate *r,
    struct err *e)
{
	const struct retention_input	 now = input_of(x);

	return (simulate_rate(&now, r, e));
}

/* The directories of backups that go are swept, too. */
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

/*
 * Pins that lie aside are found only by listing the directories that are to
 * be swept.  If one of them keeps a backup, decide once more with what is
 * known now; what goes then is a part of what was to go before.
 */
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
	return (expirechosen_check(x, e) || droptimeline_check(x, e) ||
	    decide(x, e) || add_expired(x, e) ? -1 : 0);
}

/*
 * The directories without a label are looked at before the decision: a backup
 * under way needs WAL that no label speaks for yet.
 */
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
	unknownforks_look(x);
	if (seenexpire_look(x, a, e) ||
	    ask_clocks(x, a, e) ||
	    add_backups(x, e) ||
	    weigh_backups(x, a, e) ||
	    weigh_lines(x, e) ||
	    baredirs_look(x, a, e) ||
	    fedlines_find(x, a, e) ||
	    expirechosen_check(x, e) ||
	    droptimeline_look(x, a, e) ||
	    droptimeline_check(x, e) ||
	    decide_all(x, a, e)) {
		expire_free(x);
		return (-1);
	}
	*out = x;
	return (0);
}

static int
is_incomplete(const struct expire *x)
{
	size_t	 i;

	for (i = 0; i < x->evidence.n; i++)
		if (x->evidence.v[i].lacks[0] != '\0')
			return (1);
	return (0);
}

static int
have_same(const struct catalogue *a, const struct catalogue *b)
{
	size_t	 i;

	if (catalogue_labels(a) != catalogue_labels(b))
		return (0);
	for (i = 0; i < catalogue_labels(a); i++)
		if (strcmp(catalogue_label(a, i)->id,
		    catalogue_label(b, i)->id) != 0)
			return (0);
	return (1);
}

int
expire_plan_anew(struct expire **out, struct archive *a,
    struct catalogue **cat, const struct expire_conf *conf, struct err *e)
{
	struct catalogue	*now;
	unsigned		 left;

	for (left = LOOKS; expire_plan(out, a, *cat, conf, e) == 0; left--) {
		if (conf->ngone > 0 || left == 0 || !is_incomplete(*out))
			return (0);
		now = NULL;
		if (catalogue_load(&now, a, e))
			break;
		if (have_same(*cat, now)) {
			catalogue_free(now);
			return (0);
		}
		expire_free(*out);
		*out = NULL;
		catalogue_free(*cat);
		*cat = now;
	}
	return (-1);
}
