/* SPDX-License-Identifier: ISC */
/*
 * Withdrawing labels, the first step of a deletion.  All labels are withdrawn
 * before any file goes: a pack may be needed by several of the backups that
 * go, and none of them may be found half deleted.
 */
#include <stdlib.h>
#include <string.h>

#include "catalogue/pinrelease.h"
#include "expire/alonemark.h"
#include "expire/interruptedpins.h"
#include "expire/withdraw.h"

/*
 * A file is in the way of the label.  Either it is a pin that was set after we
 * had looked, and all that was decided without it is void.  Or it is the label
 * itself: a server died half way through a rename, the new name was made and
 * the old one not removed.  Then removing the old one finishes the rename.
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
		return (err_set(e, ERR_CONFLICT, "it was pinned or released "
		    "meanwhile; no file is deleted, run again"));
	return (store_remove(a->store, &one, 1, e) ||
	    store_settle(a->store, layout_withdrawn(to, id), e) ? -1 : 0);
}

static int
withdraw_one(struct archive *a, struct expire_dir *d, struct err *e)
{
	const char	*id = d->id;
	char		 from[LAYOUT_PATH], to[LAYOUT_PATH];
	struct err	 why = ERR_INIT;

	if (store_rename(a->store, layout_label(from, id),
	    layout_withdrawn(to, id), &why) == 0) {
		d->taken = 1;
		return (0);
	}
	if (why.kind == ERR_ABSENT)	/* another expiry was faster */
		return (0);
	if (why.kind != ERR_CONFLICT)
		return (err_set(e, why.kind, "%s", why.msg));
	if (in_the_way(a, id, e))
		return (-1);
	d->taken = 1;
	return (0);
}

/*
 * Remove pins that are over, also from backups that stay.  A pin that is over
 * would be in the way of its backup's label just as one that holds.  But where
 * WAL behind a backup that stays has expired, or expires now, only its pin
 * says that this was no loss.
 */
static int
remove_lapsed(struct expire *x, struct archive *a, struct err *e)
{
	const struct pin	*p;
	size_t			 i;
	int			 gap;

	for (i = 0; i < catalogue_labels(x->cat); i++) {
		p = catalogue_pin(x->cat, i);
		if (p->kind != PIN_SET || pin_holds(p, x->now_us))
			continue;
		gap = !x->plan.verdict[i].keep ? 0 :
		    alonemark_needed(x, i) ? 1 : pinrelease_gap(x->cat, i, e);
		if (gap == -1 || (!gap && pinning_lapsed(a,
		    x->backup[i].at.id, x->now_us, e) == -1))
			return (-1);
	}
	return (0);
}

/* Whether that backup has turned out to be pinned since it was decided on. */
static int
is_pinned(const struct expire *x, const char *id)
{
	size_t	 i;

	for (i = 0; i < catalogue_labels(x->cat); i++)
		if (strcmp(x->backup[i].at.id, id) == 0)
			return (x->backup[i].pinned != NULL);
	return (0);
}

/*
 * A program that changes a pin has it aside for a moment, so then nothing is
 * in our way.  It may have been set after we had looked.  It still lies aside
 * now: the place to which it would go is taken by the label.  Nothing is
 * deleted yet, so the label goes back to where it was.  One that another
 * expiry has withdrawn stays withdrawn: that one may be deleting already.
 */
static int
spare_pinned(struct expire *x, struct archive *a, struct err *e)
{
	char		 from[LAYOUT_PATH], to[LAYOUT_PATH];
	size_t		 i;
	int		 rc;

	x->naside = 0;
	if ((rc = interruptedpins_look(x, a, e)) != 1)
		return (rc);
	for (i = 0; i < x->ndir; i++)
		if (x->dir[i].taken && is_pinned(x, x->dir[i].id) &&
		    store_rename(a->store, layout_withdrawn(from,
		    x->dir[i].id), layout_label(to, x->dir[i].id), e))
			return (err_ctx(e, "backup %s is pinned, and its label "
			    "must be put back", x->dir[i].id));
	return (err_set(e, ERR_CONFLICT, "a pin was set or changed meanwhile; "
	    "no file is deleted, run again"));
}

static int
withdraw_all(struct expire *x, struct archive *a, uint64_t *withdrawn,
    struct err *e)
{
	size_t	 i;

	for (i = 0; i < x->ndir; i++) {
		if (x->dir[i].expired && withdraw_one(a, &x->dir[i], e))
			return (err_ctx(e, "withdraw backup %s",
			    x->dir[i].id));
		*withdrawn += x->dir[i].taken != 0;
	}
	return (0);
}

/* Those that another run withdrew, and that are there. */
static int
settle_some(const struct expire *x, struct archive *a, const uint8_t *gone,
    struct err *e)
{
	char		(*text)[LAYOUT_PATH] = calloc(x->ndir + 1,
			    sizeof(*text));
	const char	**path = calloc(x->ndir + 1, sizeof(*path));
	const struct expire_dir	*d;
	size_t		 i, n = 0;
	int		 rc = -1;

	if (text == NULL || path == NULL) {
		err_sys(e, ERR_LOCAL, "expire");
		goto out;
	}
	for (i = 0; i < x->ndir; i++) {
		d = &x->dir[i];
		/* Nothing goes from one that nobody may list. */
		if (gone[i] || d->no_label ||
		    !(d->withdrawn || (d->expired && !d->taken)))
			continue;
		path[n] = layout_withdrawn(text[n], d->id);
		n++;
	}
	rc = store_settle_all(a->store, path, n, e);
out:
	free(text);
	free(path);
	return (rc);
}

static int
on_gone(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	uint8_t	*gone = arg;

	(void)e;
	gone[i] = en == NULL && missing;
	return (0);
}

/*
 * Labels that another run withdrew: it may have died, or failed, before that
 * was durable.  After a power cut of the repository's host they would stand
 * again, without the files that are removed now.  A run beside this one may
 * remove such a directory at any moment.
 */
static int
settle_others(struct expire *x, struct archive *a, struct err *e)
{
	uint8_t		*gone = calloc(x->ndir + 1, sizeof(*gone));
	struct err	 why = ERR_INIT;
	int		 rc = -1;

	if (gone == NULL)
		return (err_sys(e, ERR_LOCAL, "expire"));
	if (settle_some(x, a, gone, &why) == 0)
		rc = 0;
	else if (expire_state_list(x, a, on_gone, gone, e) == 0) {
		if (memchr(gone, 1, x->ndir) != NULL)
			rc = settle_some(x, a, gone, e);
		else
			*e = why;
	}
	free(gone);
	return (rc == 0 ? 0 : err_ctx(e, "backups that another run withdrew"));
}

int
withdraw_labels(struct expire *x, struct archive *a, int dry,
    uint64_t *withdrawn, struct err *e)
{
	struct err	 ignore = ERR_INIT;
	size_t		 i;

	if (dry) {
		for (i = 0; i < x->ndir; i++)
			*withdrawn += x->dir[i].expired != 0;
		return (0);
	}
	if (interruptedpins_put_back(x, a, e) || remove_lapsed(x, a, e))
		return (-1);
	if (withdraw_all(x, a, withdrawn, e)) {
		if (spare_pinned(x, a, &ignore) == -1)
			err_clear(&ignore);	/* the first failure counts */
		return (-1);
	}
	if (*withdrawn > 0 && spare_pinned(x, a, e))
		return (-1);
	return (settle_others(x, a, e));
}
