/* SPDX-License-Identifier: ISC */
/*
 * Directories without a label.  To take the directory of a backup under way
 * for garbage would destroy that backup, so three kinds of proof count only:
 * its own withdrawn label, a sweep that was interrupted, or long silence.
 */
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "expire/baredirs.h"

#define DAY	86400			/* in seconds */

/* An entry of base/ID: what it holds, and when something last came there. */
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
	if (d->nfiles++ == 0 || en->mtime < d->first)
		d->first = en->mtime;
	if (en->mtime > d->latest)
		d->latest = en->mtime;
	if (strcmp(en->name, "label") == 0)
		d->labelled = 1;
	if (strcmp(en->name, "label.withdrawn") == 0)
		d->withdrawn_at = en->mtime;
	return (0);
}

/*
 * An entry of base/: the directory's own time counts if the directory is
 * empty.  If it is not, the times of its files count: deleting a file changes
 * the directory's time, and an interrupted sweep must not look like a backup
 * under way.
 */
static int
on_base(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	const struct expire	*x = arg;
	struct expire_dir	*d;

	(void)i;
	(void)missing;
	(void)e;
	if (en != NULL && (d = expire_state_bare(x, en->name)) != NULL &&
	    d->nfiles == 0)
		d->first = d->latest = en->mtime;
	return (0);
}

/*
 * When a backup began, by its id ("20261122T040001Z"), in microseconds.  An id
 * that is no time counts as 1970, the careful answer: more WAL stays.
 */
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
 * A push makes its directory when it begins and soon stores a pack there.  So
 * an empty directory whose time is much later than its backup's start was
 * emptied by a sweep that died before it could remove the directory.
 */
static int
was_emptied(const struct expire_dir *d)
{
	return (d->nfiles == 0 &&
	    d->latest - began(d->id) / EXPIRE_SECOND > DAY);
}

/*
 * A backup may have been completed, and even pinned, since the labels were
 * read.  So a file under the name label.withdrawn proves nothing by itself;
 * the catalogue has read it, and knows whether it is the backup's own label.
 *
 * Nor does a withdrawn label that is young: whoever holds a .push key can put
 * one beside the packs of a push that is under way.  Renaming keeps a file's
 * time, and no policy takes back what is young; so an expiry wrote it only if
 * a backup was deleted by name soon after it was made.
 */
int
baredirs_look(struct expire *x, struct archive *a, struct err *e)
{
	static const char *const	 base[] = { LAYOUT_BASE };
	size_t				 i, n = 0;
	enum pin_kind			 kind;
	struct expire_dir			*d;

	x->ndir = x->nbare = catalogue_unlabelled(x->cat);
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
		if (grace_is_young(&x->grace, grace_time(d->withdrawn_at)))
			d->withdrawn = 0;
		d->running = d->labelled || !(d->withdrawn || was_emptied(d) ||
		    expire_state_abandoned(x, d->latest));
		if (d->running)
			x->running[x->nrunning++] = (struct retention_running){
			    began(d->id), d->first * EXPIRE_SECOND };
		/*
		 * There may be claims on a label that was withdrawn lately, or
		 * on what cannot be read and may be a label.
		 */
		kind = catalogue_unlabelled_pin(x->cat, i)->kind;
		if (!d->running || kind == PIN_UNREADABLE ||
		    kind == PIN_WITHDRAWN)
			x->dir[n++] = *d;
	}
	x->ndir = x->nbare = n;
	return (0);
}
