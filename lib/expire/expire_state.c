/* SPDX-License-Identifier: ISC */
/* What both halves of expiry need: listing, and judging a file's age. */
#include <stdlib.h>
#include <string.h>

#include "expire/expire_state.h"
#include "repo/loadeach.h"

static int
compare_id(const void *id, const void *dir)
{
	return (strcmp(id, ((const struct expire_dir *)dir)->id));
}

struct expire_dir *
expire_state_bare(const struct expire *x, const char *id)
{
	return (x->nbare == 0 ? NULL : bsearch(id, x->dir, x->nbare,
	    sizeof(*x->dir), compare_id));
}

/* Listing x->dir. */
struct listing {
	struct expire	*x;
	store_listed	*each;
	void		*arg;
};

static int
on_entry(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	const struct listing	*l = arg;

	return (l->each(l->arg, i, en, missing, e));
}

/*
 * Whoever may push can make a directory that nobody may list.  It looks empty,
 * so nothing in it is deleted.  There may be claims in it, and what lies in the
 * place of its label is read only if its label must be there.
 */
static int
on_unlisted(void *arg, size_t i, const struct err *why, struct err *e)
{
	const struct listing	*l = arg;

	(void)why;
	(void)e;
	l->x->dir[i].claimed = l->x->dir[i].no_label = 1;
	return (0);
}

/* The paths of x->dir. */
struct paths {
	char		(*text)[LAYOUT_PATH];	/* owned */
	const char	**v;			/* owned */
};

static void
paths_fini(struct paths *p)
{
	free(p->text);
	free(p->v);
}

/* Call paths_fini() in any case. */
static int
paths_make(struct paths *p, const struct expire *x, struct err *e)
{
	size_t	 i;

	p->text = calloc(x->ndir, sizeof(*p->text));
	p->v = calloc(x->ndir, sizeof(*p->v));
	if (p->text == NULL || p->v == NULL)
		return (err_sys(e, ERR_LOCAL, "expire"));
	for (i = 0; i < x->ndir; i++)
		p->v[i] = layout_base(p->text[i], x->dir[i].id);
	return (0);
}

int
expire_state_list(struct expire *x, struct archive *a, store_listed *each,
    void *arg, struct err *e)
{
	struct listing			 l = { x, each, arg };
	const struct store_listing	 to = { on_entry, on_unlisted, &l };
	struct paths			 p;
	int				 rc;

	if (x->ndir == 0)
		return (0);
	rc = paths_make(&p, x, e) || loadeach_list(&to, a, p.v, x->ndir, e) ?
	    -1 : 0;
	paths_fini(&p);
	return (rc);
}

int
expire_state_rmdir(const struct expire *x, struct archive *a, struct err *e)
{
	struct paths	 p;
	int		 rc;

	if (x->ndir == 0)
		return (0);
	rc = paths_make(&p, x, e) || store_rmdir(a->store, p.v, x->ndir, e) ?
	    -1 : 0;
	paths_fini(&p);
	return (rc);
}

int
expire_state_abandoned(const struct expire *x, int64_t mtime)
{
	return (x->repo_now - mtime > x->conf->abandoned_us / EXPIRE_SECOND);
}
