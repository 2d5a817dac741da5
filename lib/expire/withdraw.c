/* SPDX-License-Identifier: ISC */
/*
 * Withdrawing labels, the first step of a deletion.  All labels are withdrawn
 * before any file goes: a pack may be needed by several of the backups that
 * go, and none of them may be found half deleted.
 */
#include "catalogue/pinning.h"
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
withdraw_one(struct archive *a, const char *id, uint64_t *withdrawn,
    struct err *e)
{
	char		 from[LAYOUT_PATH], to[LAYOUT_PATH];
	struct err	 why = ERR_INIT;

	if (store_rename(a->store, layout_label(from, id),
	    layout_withdrawn(to, id), &why) == 0) {
		++*withdrawn;
		return (0);
	}
	if (why.kind == ERR_ABSENT)	/* another expiry was faster */
		return (0);
	if (why.kind != ERR_CONFLICT)
		return (err_set(e, why.kind, "%s", why.msg));
	if (in_the_way(a, id, e))
		return (-1);
	++*withdrawn;
	return (0);
}

/*
 * Remove pins that are over, also from backups that stay.  A pin that is over
 * would be in the way of its backup's label just as one that holds.
 */
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

int
withdraw_labels(struct expire *x, struct archive *a, int dry,
    uint64_t *withdrawn, struct err *e)
{
	size_t	 i;

	if (!dry && (interruptedpins_put_back(x, a, e) ||
	    remove_lapsed(x, a, e)))
		return (-1);
	for (i = 0; i < x->ndir; i++) {
		if (!x->dir[i].expired)
			continue;
		if (dry)
			++*withdrawn;
		else if (withdraw_one(a, x->dir[i].id, withdrawn, e))
			return (err_ctx(e, "withdraw backup %s",
			    x->dir[i].id));
	}
	return (0);
}
