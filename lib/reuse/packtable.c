/* SPDX-License-Identifier: ISC */
/*
 * The backups that a push may refer to, and which of their packs are there.
 * A label that refers to a pack which is gone, or which expiry is about to
 * delete, is a backup that cannot be restored; here is where that is kept
 * from happening.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "reuse/packtable.h"

#define NOWHERE		SIZE_MAX

/* What a listing showed of a backup's directory. */
struct dir {
	char		 id[LAYOUT_ID];
	size_t		 at[PASTSET_MAX];	/* in each list's table, or
						   NOWHERE */
	int64_t		 latest;	/* mtime of its newest pack, seconds */
	int64_t		 claim;		/* mtime of our claim; 0: none */
	int		 withdrawn;	/* expiry has taken its label back */
};

struct packtable {
	const struct pastset	*set;		/* borrowed */
	const char		*id;		/* of the new backup */
	int64_t			 abandoned_us;
	struct dir		*dir;		/* itself first */
	const char		**ids;
	size_t			 n;
};

/* Find the place of a backup in the table, and make one if it has none. */
static int
place_of(struct packtable *t, const char *id, size_t *at, struct err *e)
{
	struct dir	*d;
	void		*p;
	size_t		 i;

	for (i = 0; i < t->n; i++)
		if (strcmp(t->dir[i].id, id) == 0)
			break;
	*at = i;
	if (i < t->n)
		return (0);
	if (i == UINT16_MAX)
		return (err_set(e, ERR_LOCAL, "list of backups: found more "
		    "than a manifest can refer to, %d", UINT16_MAX));
	if ((p = reallocarray(t->dir, i + 1, sizeof(*t->dir))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list of backups"));
	t->dir = p;
	d = &t->dir[t->n++];
	memset(d, 0, sizeof(*d));
	for (i = 0; i < PASTSET_MAX; i++)
		d->at[i] = NOWHERE;
	return (str_fmt(d->id, LAYOUT_ID, e, "%s", id));
}

/*
 * Make one table of what all lists refer to.  The base's backups come first,
 * so that the tables of successive backups resemble each other.
 */
static int
fill(struct packtable *t, struct err *e)
{
	struct pastlist	*l;
	size_t		 i, k, at;

	if (place_of(t, t->id, &at, e))
		return (-1);
	for (i = t->set->n; i-- > 0;) {
		l = t->set->list[i];
		for (k = 0; k < l->nids; k++) {
			if (place_of(t, l->id[k], &at, e))
				return (-1);
			l->place[k] = (uint16_t)at;
			t->dir[at].at[i] = k;
		}
	}
	if ((t->ids = calloc(t->n, sizeof(*t->ids))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list of backups"));
	for (i = 0; i < t->n; i++)
		t->ids[i] = t->dir[i].id;
	return (0);
}

int
packtable_new(struct packtable **out, const struct pastset *set,
    const char *id, int64_t abandoned_us, struct err *e)
{
	struct packtable	*t;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list of backups"));
	t->set = set;
	t->id = id;
	t->abandoned_us = abandoned_us;
	if (fill(t, e)) {
		packtable_free(t);
		return (-1);
	}
	*out = t;
	return (0);
}

void
packtable_free(struct packtable *t)
{
	if (t == NULL)
		return;
	free(t->dir);
	free(t->ids);
	free(t);
}

const char *const *
packtable_ids(const struct packtable *t, size_t *n)
{
	*n = t->n;
	return (t->ids);
}

struct listing {
	struct packtable *t;
	struct dir	**dir;		/* of each path that is listed */
	int		 again;		/* take in the packs alone */
};

/*
 * Take in one name of a backup's directory.  All times that are compared
 * later are mtimes of this listing, so they are of one clock, which is the
 * repository's.
 */
static int
on_pack(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct listing		*l = arg;
	const struct pastset	*set = l->t->set;
	struct dir		*d = l->dir[i];
	uint32_t		 no;
	size_t			 k;

	(void)missing;
	(void)e;
	if (en == NULL || en->is_dir)
		return (0);
	if (!l->again && strcmp(en->name, "label.withdrawn") == 0)
		d->withdrawn = 1;
	if (!l->again && str_begins(en->name, "claim-") &&
	    strcmp(en->name + strlen("claim-"), l->t->id) == 0)
		d->claim = en->mtime;
	if ((no = layout_pack_no(en->name)) == 0)
		return (0);
	if (!l->again && en->mtime > d->latest)
		d->latest = en->mtime;
	for (k = 0; k < set->n; k++)
		if (d->at[k] != NOWHERE)
			packusage_found(set->list[k]->use, d->at[k], no,
			    en->size);
	return (0);
}

/* A directory in which no list has a chunk need not be listed. */
static int
is_used(const struct packtable *t, const struct dir *d)
{
	size_t	 k;

	for (k = 0; k < t->set->n; k++)
		if (d->at[k] != NOWHERE &&
		    packusage_any(t->set->list[k]->use, d->at[k]))
			return (1);
	return (0);
}

static int
list_packs(struct packtable *t, struct connection *w, int again,
    struct err *e)
{
	struct listing	 l = { .t = t, .again = again };
	char		(*text)[LAYOUT_PATH] = NULL;
	const char	**paths = NULL;
	size_t		 i, n = 0;
	int		 rc = -1;

	if ((text = calloc(t->n, sizeof(*text))) == NULL ||
	    (paths = calloc(t->n, sizeof(*paths))) == NULL ||
	    (l.dir = calloc(t->n, sizeof(*l.dir))) == NULL) {
		err_sys(e, ERR_LOCAL, "list packs");
		goto out;
	}
	for (i = 1; i < t->n; i++)	/* 0 is the new backup itself */
		if (is_used(t, &t->dir[i])) {
			paths[n] = layout_base(text[n], t->dir[i].id);
			l.dir[n++] = &t->dir[i];
		}
	if (n > 0 && (connection_up(w, e) ||
	    store_list(w->a->store, paths, n, on_pack, &l, e)))
		goto out;
	rc = 0;
out:
	free(text);
	free(paths);
	free(l.dir);
	return (rc);
}

int
packtable_list(struct packtable *t, struct connection *w, struct err *e)
{
	return (list_packs(t, w, 0, e));
}

int
packtable_relist(struct packtable *t, struct connection *w, struct err *e)
{
	size_t	 k;

	for (k = 0; k < t->set->n; k++)
		packusage_forget(t->set->list[k]->use);
	return (list_packs(t, w, 1, e));
}

/*
 * Whether the directory of a dead push may be relied on.  It has no label, so
 * a claim and a look at the label cannot settle who came first.  Expiry
 * deletes such a directory once nothing was added to it for abandoned_after,
 * and leaves it alone if there is a claim.  So our claim must have come long
 * before that moment: within half of abandoned_after since the last pack, by
 * the repository's clock.
 *
 * If the push died after its label was published, expiry may have withdrawn
 * that label since.  Then the directory is about to go, and the withdrawn
 * label shows it.
 */
static int
is_fresh(const struct packtable *t, const struct dir *d)
{
	return (d->claim != 0 && !d->withdrawn &&
	    d->claim - d->latest < t->abandoned_us / 2000000);
}

/*
 * It is enough that one list vouches for the pack.  The base knows how much of
 * a pack is in use, so one of which most is waste is left to expiry.  A
 * journal knows only what its push got to, so it cannot judge that.
 */
int
packtable_may_refer(const struct packtable *t, size_t place, uint32_t pack)
{
	const struct dir	*d = &t->dir[place];
	const struct pastlist	*l;
	size_t			 k;

	for (k = 0; k < t->set->n; k++) {
		l = t->set->list[k];
		if (d->at[k] == NOWHERE)
			continue;
		if (l->last != NULL ? packusage_worth(l->use, d->at[k], pack) :
		    is_fresh(t, d) && packusage_there(l->use, d->at[k], pack))
			return (1);
	}
	return (0);
}

size_t
packtable_referable(const struct packtable *t)
{
	const struct packusage	*u;
	size_t			 i, k, n = 0;
	uint32_t		 no, last;

	for (i = 1; i < t->n; i++)
		for (k = 0; k < t->set->n; k++) {
			if (t->dir[i].at[k] == NOWHERE)
				continue;
			u = t->set->list[k]->use;
			last = 0;
			while (packusage_run(u, t->dir[i].at[k], last, &no,
			    &last))
				for (; no <= last; no++)
					n += (size_t)packtable_may_refer(t, i,
					    no);
		}
	return (n);
}
