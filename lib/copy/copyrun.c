/* SPDX-License-Identifier: ISC */
/* A copy of one cluster, from its first listing to its last label. */
#include <stdlib.h>
#include <string.h>

#include "base/crew.h"
#include "copy/copyclaims.h"
#include "copy/copyknown.h"
#include "copy/copylane.h"
#include "copy/copylabels.h"
#include "copy/copyplan.h"
#include "copy/copyrun.h"
#include "copy/copysmall.h"

#define TICK_MS		1000

struct run {
	const struct copy_conf *c;
	struct copy_sum	*sum;
	struct archive	*fa, *ta;
	struct copyside	 from, before;
	struct copyside	 to;		/* empty without claims: then it would
					   say nothing new */
	struct copyclaims claims;
	struct copyplan	 plan;
	struct copylane_desk desk;
};

static int
finding(struct run *r, const char *path, const char *why, struct err *e)
{
	r->sum->findings++;
	return (r->c->finding(r->c->arg, path, why, e));
}

/*
 * Whatever of the labels cannot be read in FROM is left out of the copy.  In TO
 * it is a matter of programs that read there.
 */
static int
load_from(struct run *r, struct err *e)
{
	size_t	 i;

	if (copyside_load(&r->from, e))
		return (-1);
	for (i = 0; i < r->from.nbad; i++)
		if (finding(r, r->from.bad[i].path, r->from.bad[i].why, e))
			return (-1);
	for (i = 0; i < r->from.index.nopen; i++)
		if (!coverage_has(&r->from.index.set,
		    r->from.index.open[i].tli, r->from.index.open[i].segno))
			r->sum->open++;
	return (0);
}

/*
 * Whether FROM has each directory that the label refers to.  If not the backup
 * is left out, and a label that names thousands of them makes nothing in TO.
 */
static int
may_be_whole(const struct run *r, const struct label *l)
{
	size_t	 i;

	for (i = 0; i < l->nfrom; i++)
		if (copyside_dir(&r->from, l->from[i]) == NULL)
			return (0);
	return (1);
}

/* Claims for all that is not there; and what TO has, as seen after them. */
static int
claim(struct run *r, struct err *e)
{
	const struct labelindex	*x = &r->from.labels;
	size_t			 i;

	if (copyclaims_begin(&r->claims, r->c->known, r->c->abandoned_ms, e) ||
	    copyside_load(&r->before, e))
		return (-1);
	for (i = 0; i < x->nlabel; i++)
		if (r->plan.chosen[i] &&
		    copylabels_lacks(&r->before, x->label[i]) &&
		    may_be_whole(r, x->label[i]) &&
		    copyclaims_for(&r->claims, &r->before, x->label[i], e))
			return (-1);
	r->to.claimer = r->claims.claimer;
	return (r->claims.n == 0 ? 0 : copyside_load(&r->to, e));
}

static const struct copyside *
seen(const struct run *r)
{
	return (r->claims.n == 0 ? &r->before : &r->to);
}

static uint64_t
total(const struct copyitem_list *l)
{
	uint64_t	 sum = 0;
	size_t		 i;

	for (i = 0; i < l->n; i++)
		if (!l->v[i].there && !l->v[i].known)
			sum += l->v[i].size;
	return (sum);
}

/* Wait for the jobs, and keep our own connections alive meanwhile. */
static int
await(struct run *r, uint64_t all, struct err *e)
{
	struct copylane_desk	*d = &r->desk;
	struct err		 unused;
	uint64_t		 bytes;
	int			 rc = 0, running = 1;

	while (rc == 0 && running) {
		crew_lock(d->crew);
		rc = crew_check(d->crew, e);
		if (rc == 0 && d->running > 0)
			(void)crew_wait(d->crew, CREW_DONE, TICK_MS);
		running = d->running > 0;
		bytes = d->bytes;
		crew_unlock(d->crew);
		r->c->progress(r->c->arg, bytes, all);
		/* Who uses a lost one opens it anew. */
		unused = (struct err)ERR_INIT;
		if (store_keep(r->fa->store, &unused) ||
		    store_keep(r->ta->store, &unused))
			err_clear(&unused);
	}
	return (rc);
}

static int
copy_objects(struct run *r, struct err *e)
{
	struct copylane_desk	*d = &r->desk;
	uint64_t		 all;
	unsigned		 i;
	int			 rc = -1;

	d->conf = r->c;
	d->wal = r->plan.wal;		/* lent until the crew has ended */
	d->packs = r->plan.packs;
	all = total(&d->wal) + total(&d->packs);
	if (crew_new(&d->crew, e))
		return (-1);
	for (i = 0; i < r->c->jobs; i++) {
		crew_lock(d->crew);
		d->running++;
		crew_unlock(d->crew);
		if (crew_start(d->crew, copylane_run, d, e))
			goto out;
	}
	rc = await(r, all, e);
out:
	crew_free(d->crew);
	return (rc);
}

static int
count(struct run *r, const struct copyitem_list *l, struct err *e)
{
	const struct copyitem	*it;
	size_t			 i;

	for (i = 0; i < l->n; i++) {
		it = &l->v[i];
		if (it->state == COPYITEM_COPIED) {
			r->sum->objects++;
			r->sum->bytes += it->size;
		} else if (it->state == COPYITEM_THERE) {
			r->sum->there++;
			r->sum->there_bytes += it->size;
		} else if (it->state == COPYITEM_GONE) {
			r->sum->gone++;
		} else if (it->known) {
			r->sum->findings++;	/* it was named before */
		} else if (finding(r, it->path, it->why != NULL ? it->why :
		    "could not be copied", e)) {
			return (-1);
		}
	}
	return (0);
}

/*
 * What was there has a name, and the process that gave it may have died before
 * that was durable.  One file for each folder makes its names durable.
 */
static int
settle(struct run *r, const struct copyitem_list *l, struct err *e)
{
	const char	**paths, *last = "";
	size_t		 i, n = 0, len = 0;
	int		 rc = 0;

	if (l->n == 0)
		return (0);
	if ((paths = calloc(l->n, sizeof(*paths))) == NULL)
		return (err_sys(e, ERR_LOCAL, "copy"));
	for (i = 0; i < l->n; i++) {
		if (l->v[i].state != COPYITEM_THERE || l->v[i].known ||
		    (n > 0 && strncmp(l->v[i].path, last, len) == 0 &&
		    strchr(l->v[i].path + len, '/') == NULL))
			continue;
		last = paths[n++] = l->v[i].path;
		len = (size_t)(strrchr(last, '/') - last) + 1;
	}
	if (n > 0)
		rc = store_settle_all(r->ta->store, paths, n, e);
	free(paths);
	return (rc);
}

/* Connections that were idle for long may be dead. */
static int
reconnect(struct run *r, struct err *e)
{
	const struct copy_conf	*c = r->c;

	archive_free(r->fa);
	archive_free(r->ta);
	r->fa = r->ta = NULL;
	if (archive_open(&r->fa, c->from, c->key, c->server, c->system_id,
	    e) ||
	    archive_open(&r->ta, c->to, c->key, c->server, c->system_id, e))
		return (-1);
	r->from.a = r->fa;
	r->before.a = r->to.a = r->ta;
	return (0);
}

static int
finish(struct run *r, struct err *e)
{
	struct copylabels	 l = { .conf = r->c, .sum = r->sum,
	    .plan = &r->plan, .from = &r->from, .before = &r->before,
	    .to = seen(r), .claims = &r->claims };

	if (reconnect(r, e) ||
	    (r->c->whole != NULL && r->c->whole(e)) ||
	    count(r, &r->plan.wal, e) || count(r, &r->plan.packs, e) ||
	    settle(r, &r->plan.wal, e) || settle(r, &r->plan.packs, e))
		return (-1);
	if (r->c->whole != NULL && r->sum->findings > 0)
		return (0);
	copyside_fini(&r->to);
	if (r->claims.n > 0 && copyside_load(&r->to, e))
		return (-1);
	return (copylabels_run(&l, e));
}

static int
pass(struct run *r, struct err *e)
{
	const struct copy_conf	*c = r->c;
	int			 rc;

	if (reconnect(r, e) || load_from(r, e))
		return (-1);
	if ((rc = copyplan_choose(&r->plan, &r->from, &c->want, e)) != 0)
		return (rc);
	if (copysmall_marker(r->ta, r->fa, c, e) ||
	    copysmall_vouched(r->ta, r->fa, r->sum, e) ||
	    claim(r, e) ||
	    copyplan_list(&r->plan, seen(r), e))
		return (-1);
	if (c->known != NULL) {
		copyknown_recall(c->known, &r->plan.wal);
		copyknown_recall(c->known, &r->plan.packs);
	}
	if (copy_objects(r, e) ||
	    finish(r, e) || (c->known != NULL &&
	    copyknown_learn(c->known, &r->plan.wal, &r->plan.packs, e)))
		return (-1);
	return (0);
}

int
copyrun_pass(struct copy_sum *sum, const struct copy_conf *conf,
    struct err *e)
{
	struct run	 r = { .c = conf, .sum = sum };
	int		 rc;

	memset(sum, 0, sizeof(*sum));
	rc = pass(&r, e);
	if (sum->backups == 0 && r.ta != NULL && rc == 0)
		copyclaims_withdraw(&r.claims, r.ta);
	copyplan_fini(&r.plan);
	copyclaims_fini(&r.claims);
	copyside_fini(&r.from);
	copyside_fini(&r.before);
	copyside_fini(&r.to);
	archive_free(r.fa);
	archive_free(r.ta);
	return (rc);
}
