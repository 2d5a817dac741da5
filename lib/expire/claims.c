/* SPDX-License-Identifier: ISC */
/* Claims: pushes that may refer to a backup that is withdrawn. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "crypt/sign.h"
#include "expire/claims.h"

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
read_labels(struct expire *x, struct archive *a, int dry, struct err *e)
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

int
claims_hold(const struct expire *x, const char *id, uint32_t no)
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

int
claims_look(struct expire *x, struct archive *a, int dry, struct err *e)
{
	return (expire_state_list(x, a, on_claim, x, e) ||
	    read_labels(x, a, dry, e) ? -1 : 0);
}
