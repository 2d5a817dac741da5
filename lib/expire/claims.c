/* SPDX-License-Identifier: ISC */
/*
 * Claims on backups that are withdrawn (lib/FORMAT.md, 9).  A push that will
 * refer to an old backup publishes a claim in its directory and then looks at
 * the label.  We withdraw the label and then look for claims, so we see every
 * claim of a push that has still seen the label.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "crypt/sign.h"
#include "expire/claims.h"
#include "repo/loadeach.h"

/*
 * Whether a claim keeps nothing any more.  "by" is the backup that made it:
 *   - it has a label, which says itself what it needs; or
 *   - it has no directory, or one that is to be swept, and the claim is so old
 *     that the push behind it is dead; or its label was withdrawn.
 * A backup under way is not in x->dir: its claims hold.
 */
static int
claim_is_stale(const struct expire *x, const char *by, int64_t mtime)
{
	const struct expire_dir	*d;

	if (catalogue_find(x->cat, by) != NULL)
		return (1);		/* its label says what it needs */
	if (!catalogue_is_unlabelled(x->cat, by))
		return (expire_state_abandoned(x, mtime));
	d = expire_state_bare(x, by);
	return (d != NULL && !d->running && (d->withdrawn ||
	    expire_state_abandoned(x, mtime)));
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
	if (strcmp(en->name, "label.withdrawn") == 0 &&
	    (en->is_dir || en->size > SIGN_MAX))
		x->dir[i].no_label = 1;
	if (str_begins(en->name, "claim-") &&
	    !claim_is_stale(x, en->name + strlen("claim-"), en->mtime))
		x->dir[i].claimed = 1;
	if (!x->dir[i].expired && strcmp(en->name, "label") == 0)
		x->dir[i].labelled = 1;
	return (0);
}

/*
 * A push with a claim on a backup may refer to all packs that this backup
 * refers to, and these lie in many directories.  The backup's label lists
 * them, though it is withdrawn.
 */
struct holding {
	struct expire	*x;
	struct archive	*a;
	const char	**ids;
	int		*was_backup;	/* so its label must be found */
};

static int
refuse(const char *id, const struct err *why, struct err *e)
{
	return (err_set(e, why->kind, "nothing is deleted, as a push may need "
	    "withdrawn backup %s, whose label is damaged: %s", id, why->msg));
}

static int
on_withdrawn(void *arg, size_t i, const uint8_t *data, size_t n,
    struct err *e)
{
	struct holding	*h = arg;
	struct expire	*x = h->x;
	struct err	 why = ERR_INIT;

	/* A push that died without a label: only its own packs matter. */
	if (data == NULL && !h->was_backup[i])
		return (0);
	if (data == NULL)
		return (err_set(e, ERR_CONFLICT, "backup %s: its withdrawn "
		    "label was moved meanwhile, so what a push may need of it "
		    "is not known; no file is deleted, run again",
		    h->ids[i]));
	if (label_parse(&x->held[x->nheld], data, n, h->ids[i], h->a, &why))
		return (refuse(h->ids[i], &why, e));
	x->nheld++;
	return (0);
}

static int
on_unread(void *arg, size_t i, const struct err *why, struct err *e)
{
	return (refuse(((const struct holding *)arg)->ids[i], why, e));
}

static int
read_labels(struct expire *x, struct archive *a, int dry, struct err *e)
{
	struct holding	 h = { .x = x, .a = a };
	const struct store_reading to = { on_withdrawn, on_unread, &h };
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
		if (!x->dir[i].claimed || (x->dir[i].no_label &&
		    !x->dir[i].expired && !x->dir[i].withdrawn))
			continue;
		h.ids[n] = x->dir[i].id;
		h.was_backup[n] = x->dir[i].expired || x->dir[i].withdrawn;
		paths[n] = dry && x->dir[i].expired ?
		    layout_label(text[n], x->dir[i].id) :
		    layout_withdrawn(text[n], x->dir[i].id);
		n++;
	}
	rc = n == 0 ? 0 : loadeach_run(&to, a, paths, n, e);
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
	const struct label	*l;
	size_t			 i;

	for (i = 0; i < x->nheld; i++)
		if (label_has_pack(x->held[i], id, no))
			return (1);
	for (i = 0; i < catalogue_bads(x->cat); i++)
		if ((l = catalogue_bad_unlisted(x->cat, i)) != NULL &&
		    label_has_pack(l, id, no))
			return (1);
	return (0);
}

int
claims_look(struct expire *x, struct archive *a, int dry, struct err *e)
{
	return (expire_state_list(x, a, on_claim, x, e) ||
	    read_labels(x, a, dry, e) ? -1 : 0);
}
