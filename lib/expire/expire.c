/* SPDX-License-Identifier: ISC */
/* Expiry: the second half, which deletes in an order that is safe. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "catalogue/pinaside.h"
#include "catalogue/pinning.h"
#include "crypt/sign.h"
#include "expire/expire_state.h"
#include "expire/interruptedpins.h"
#include "expire/sweep.h"
#include "expire/walsweep.h"

void
expire_free(struct expire *x)
{
	size_t	 i;

	if (x == NULL)
		return;
	for (i = 0; i < x->nheld; i++)
		label_free(x->held[i]);
	free(x->held);
	free(x->aside);
	free(x->backup);
	free(x->pin);
	free(x->running_us);
	free(x->dir);
	retention_plan_free(&x->plan);
	free(x);
}

const struct retention_plan *
expire_retention(const struct expire *x)
{
	return (&x->plan);
}

/*
 * Something stands where the label is to go: a pin that came after we had
 * looked, or the other half of a rename.  What we decided without that pin
 * is void; nothing was deleted yet.
 */
static int
in_the_way(struct archive *a, const char *id, struct err *e)
{
	char		 label[LAYOUT_PATH], to[LAYOUT_PATH];
	const char	*one = layout_label(label, id);
	struct pin	 p;

	if (pinning_read(&p, a, id, e))
		return (-1);
	if (p.kind != PIN_WITHDRAWN)
		return (err_set(e, ERR_CONFLICT, "it was pinned, or released,"
		    " while this ran; no file is deleted, run it again"));
	return (store_remove(a->store, &one, 1, e) ||
	    store_settle(a->store, layout_withdrawn(to, id), e) ? -1 : 0);
}

static int
withdraw_one(struct archive *a, const char *id, struct expire_result *r,
    struct err *e)
{
	char		 from[LAYOUT_PATH], to[LAYOUT_PATH];
	struct err	 why = ERR_INIT;

	if (store_rename(a->store, layout_label(from, id),
	    layout_withdrawn(to, id), &why) == 0) {
		r->withdrawn++;
		return (0);
	}
	if (why.kind == ERR_ABSENT)	/* another expiry was here */
		return (0);
	if (why.kind != ERR_CONFLICT)
		return (err_set(e, why.kind, "%s", why.msg));
	if (in_the_way(a, id, e))
		return (-1);
	r->withdrawn++;
	return (0);
}

/* Pins whose time is over, whatever becomes of their backups. */
static int
remove_lapsed(struct expire *x, struct archive *a, struct err *e)
{
	const struct pin	*p;
	size_t			 i;

	for (i = 0; i < catalogue_labels(x->cat); i++) {
		p = catalogue_pin(x->cat, i);
		if (p->kind == PIN_SET && !pin_holds(p, x->now_us) &&
		    pinning_lapsed(a, x->backup[i].at.id, x->now_us, e) == -1)
			return (-1);
	}
	return (0);
}

static int
withdraw(struct expire *x, struct archive *a, int dry,
    struct expire_result *r, struct err *e)
{
	size_t	 i;

	if (!dry && (interruptedpins_put_back(x, a, e) || remove_lapsed(x, a, e)))
		return (-1);
	for (i = 0; i < x->ndir; i++) {
		if (!x->dir[i].expired)
			continue;
		if (dry)
			r->withdrawn++;
		else if (withdraw_one(a, x->dir[i].id, r, e))
			return (err_ctx(e, "withdraw backup %s",
			    x->dir[i].id));
	}
	return (0);
}

/* Whether the backup that made a claim has come to nothing. */
static int
claim_is_stale(const struct expire *x, const char *by, int64_t mtime)
{
	size_t	 i;

	if (catalogue_find(x->cat, by) != NULL)
		return (1);		/* its label says what it needs */
	for (i = 0; i < catalogue_unlabelled(x->cat); i++)
		if (strcmp(catalogue_unlabelled_id(x->cat, i), by) == 0)
			break;
	if (i == catalogue_unlabelled(x->cat))
		return (expire_state_abandoned(x, mtime));
	for (i = 0; i < x->ndir; i++)
		if (strcmp(x->dir[i].id, by) == 0)
			return (!x->dir[i].running &&
			    (x->dir[i].withdrawn ||
			    expire_state_abandoned(x, mtime)));
	return (0);
}

static int
on_claim(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct expire	*x = arg;

	(void)missing;
	(void)e;
	if (en == NULL)
		return (0);
	if (str_begins(en->name, "claim-") &&
	    !claim_is_stale(x, en->name + strlen("claim-"), en->mtime))
		x->dir[i].claimed = 1;
	if (!x->dir[i].expired && strcmp(en->name, "label") == 0)
		x->dir[i].labelled = 1;
	return (0);
}

/*
 * A push with a claim on a backup may refer to all that this backup refers
 * to, also in other backups' directories: what that is its label says, though
 * withdrawn.  One that cannot be read may need anything.
 */
struct holding {
	struct expire	*x;
	struct archive	*a;
	const char	**ids;
	int		*was_backup;	/* it must have a label */
};

static int
on_withdrawn(void *arg, size_t i, const uint8_t *data, size_t n,
    struct err *e)
{
	struct holding	*h = arg;
	struct expire	*x = h->x;

	if (data == NULL && !h->was_backup[i])	/* refers to nothing */
		return (0);
	if (data == NULL)
		return (err_set(e, ERR_CONFLICT, "backup %s: its withdrawn "
		    "label was moved while this ran, and a push may need what "
		    "it refers to; no file is deleted, run it again",
		    h->ids[i]));
	if (label_parse(&x->held[x->nheld], data, n, h->ids[i], h->a, e))
		return (err_ctx(e, "a push has a claim on withdrawn backup %s,"
		    " and what that needs is not known, so nothing is deleted",
		    h->ids[i]));
	x->nheld++;
	return (0);
}

static int
hold_claimed(struct expire *x, struct archive *a, int dry, struct err *e)
{
	struct holding	 h = { .x = x, .a = a };
	char		(*text)[LAYOUT_PATH] = NULL;
	const char	**paths = NULL;
	size_t		 i, n = 0;
	int		 rc = -1;

	x->held = calloc(x->ndir, sizeof(*x->held));
	h.ids = calloc(x->ndir, sizeof(*h.ids));
	h.was_backup = calloc(x->ndir, sizeof(*h.was_backup));
	text = calloc(x->ndir, sizeof(*text));
	paths = calloc(x->ndir, sizeof(*paths));
	if (x->held == NULL || h.ids == NULL || h.was_backup == NULL ||
	    text == NULL || paths == NULL) {
		err_sys(e, ERR_LOCAL, "expire");
		goto out;
	}
	for (i = 0; i < x->ndir; i++) {
		if (!x->dir[i].claimed)
			continue;
		h.ids[n] = x->dir[i].id;
		h.was_backup[n] = x->dir[i].expired || x->dir[i].withdrawn;
		paths[n] = dry && x->dir[i].expired ?
		    layout_label(text[n], x->dir[i].id) :
		    layout_withdrawn(text[n], x->dir[i].id);
		n++;
	}
	rc = n == 0 ? 0 : store_load(a->store, paths, n, SIGN_MAX,
	    on_withdrawn, &h, e);
out:
	free(h.ids);
	free(h.was_backup);
	free(text);
	free(paths);
	return (rc);
}

static int
is_held(const struct expire *x, const char *id, uint32_t no)
{
	const struct packruns_run	*p;
	size_t				 i;

	for (i = 0; i < x->nheld; i++)
		for (p = x->held[i]->packs;
		    p < x->held[i]->packs + x->held[i]->npacks; p++)
			if (p->first <= no && no <= p->last &&
			    strcmp(p->backup, id) == 0)
				return (1);
	return (0);
}

/* One pass over the directories: which files go in it. */
struct pass {
	struct expire	*x;
	struct sweep	*sweep;
	int		 last;	/* what says that the label was withdrawn */
	int		*rest;	/* files that stay, by directory */
};

static int
is_needed(const struct expire *x, const struct expire_dir *d,
    const char *name)
{
	uint32_t	 no = layout_pack_no(name);

	if (no != 0)
		return (d->claimed || is_held(x, d->id, no) ||
		    packruns_has(&x->plan.packs, d->id, no));
	return (d->claimed || (strcmp(name, "manifest") != 0 &&
	    !str_begins(name, "claim-") && !pinaside_is_name(name)));
}

static int
on_garbage(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct pass	*p = arg;
	struct expire_dir	*d = &p->x->dir[i];
	const char	*label = "label.withdrawn";
	char		 dir[LAYOUT_PATH];

	(void)missing;
	if (en == NULL || en->is_dir || d->running || d->labelled)
		return (0);
	/* Without withdrawing it: a pin that is over would be gone by now. */
	if (p->sweep->dry && d->expired) {
		if (strcmp(en->name, "label.withdrawn") == 0)
			return (0);
		label = "label";
	}
	if (strcmp(en->name, label) == 0) {
		if (!p->last || p->rest[i])
			return (0);
	} else if (p->last) {
		return (0);
	} else if (is_needed(p->x, d, en->name)) {
		p->rest[i] = 1;
		return (0);
	}
	return (sweep_add(p->sweep, layout_base(dir, d->id), en->name,
	    en->size, e));
}

static int
remove_dirs(struct expire *x, struct archive *a, struct err *e)
{
	char		 path[LAYOUT_PATH];
	const char	*one = path;
	size_t		 i;

	for (i = 0; i < x->ndir; i++) {
		(void)layout_base(path, x->dir[i].id);
		if (store_rmdir(a->store, &one, 1, e))
			return (-1);
	}
	return (0);
}

/*
 * Packs and manifests first, label.withdrawn in a second pass and only where
 * nothing else is left: so long as it stands, the next run knows that it
 * need not wait for this directory to be abandoned.
 */
static int
sweep_dirs(struct expire *x, struct archive *a, struct sweep *s,
    struct err *e)
{
	struct pass	 p = { .x = x, .sweep = s };
	int		 rc = -1;

	if (x->ndir == 0)
		return (0);
	if ((p.rest = calloc(x->ndir, sizeof(*p.rest))) == NULL)
		return (err_sys(e, ERR_LOCAL, "expire"));
	if (expire_state_list(x, a, on_claim, x, e) ||
	    hold_claimed(x, a, s->dry, e) ||
	    expire_state_list(x, a, on_garbage, &p, e) ||
	    sweep_flush(s, e))
		goto out;
	p.last = 1;
	if (expire_state_list(x, a, on_garbage, &p, e) || sweep_flush(s, e))
		goto out;
	rc = s->dry ? 0 : remove_dirs(x, a, e);
out:
	free(p.rest);
	return (rc);
}

/*
 * Without the histories no timeline is known to be apart from another: WAL
 * goes only below what any kept backup needs.
 */
static uint64_t
wal_floor(const struct expire *x, uint32_t tli)
{
	uint64_t	 floor = retention_wal_floor(&x->plan, tli);

	if (x->forks_known || floor < x->plan.lowest)
		return (floor);
	return (tli > x->plan.newest_tli ? 0 : x->plan.lowest);
}

static int
sweep_wal(struct expire *x, struct sweep *s, struct err *e)
{
	uint32_t	 tli;
	size_t		 i;

	for (i = 0; i < catalogue_timelines(x->cat); i++) {
		tli = catalogue_timeline(x->cat, i)->tli;
		if (walsweep_run(s, &x->plan, tli, wal_floor(x, tli),
		    catalogue_segsize(x->cat), e))
			return (-1);
	}
	return (0);
}

static int
on_tmp(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct pass	*p = arg;

	(void)i;
	(void)missing;
	if (en == NULL || en->is_dir || strchr(en->name, '/') != NULL ||
	    !expire_state_abandoned(p->x, en->mtime))
		return (0);
	return (sweep_add(p->sweep, LAYOUT_TMP, en->name, en->size, e));
}

static int
sweep_tmp(struct expire *x, struct archive *a, struct sweep *s,
    struct err *e)
{
	static const char *const	 tmp[] = { LAYOUT_TMP };
	struct pass			 p = { .x = x, .sweep = s };

	if (store_list(a->store, tmp, 1, on_tmp, &p, e))
		return (-1);
	return (sweep_flush(s, e));
}

/* What was swept since the last time that we looked. */
static struct expire_sum
harvest(struct sweep *s)
{
	struct expire_sum	 sum = { s->files, s->bytes };

	s->files = s->bytes = 0;
	return (sum);
}

int
expire_run(struct expire *x, struct archive *a, int dry,
    struct expire_result *r, struct err *e)
{
	struct sweep	*s = NULL;
	int		 rc = -1;

	memset(r, 0, sizeof(*r));
	if (sweep_new(&s, a->store, dry, e) ||
	    withdraw(x, a, dry, r, e) ||
	    sweep_dirs(x, a, s, e))
		goto out;
	r->backups = harvest(s);
	if (sweep_wal(x, s, e))
		goto out;
	r->wal = harvest(s);
	if (sweep_tmp(x, a, s, e))
		goto out;
	r->tmp = harvest(s);
	rc = 0;
out:
	sweep_free(s);
	return (rc);
}
