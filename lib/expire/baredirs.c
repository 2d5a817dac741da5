/* SPDX-License-Identifier: ISC */
/* Directories of backups without a label. */
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "expire/baredirs.h"

#define DAY	86400			/* in seconds */

/* base/ID: what is in it, and when something last came into it. */
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
	d->nfiles++;
	if (en->mtime > d->latest)
		d->latest = en->mtime;
	if (strcmp(en->name, "label") == 0)
		d->labelled = 1;
	return (0);
}

/*
 * base/: the directories' own times, for those without a file.  Where there
 * is one the files' times count, as deleting changes the directory's: a
 * sweep that was broken off must not look like a backup under way.
 */
static int
on_base(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct expire	*x = arg;
	struct expire_dir	*d;

	(void)i;
	(void)missing;
	(void)e;
	for (d = x->dir; en != NULL && d < x->dir + x->ndir; d++)
		if (strcmp(d->id, en->name) == 0 && d->nfiles == 0)
			d->latest = en->mtime;
	return (0);
}

/* When a backup began, by its id; one that cannot be read began first. */
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
 * An empty directory that changed long after its backup began was emptied by
 * a sweep that died before it removed it.
 */
static int
was_emptied(const struct expire_dir *d)
{
	return (d->nfiles == 0 &&
	    d->latest - began(d->id) / EXPIRE_SECOND > DAY);
}

/*
 * Directories without a label: withdrawn by an earlier run, abandoned, or a
 * backup under way, whose directory is left alone.  It may have come to its
 * end since the labels were read, and be pinned: so that a label was
 * withdrawn is not told by the name alone.
 */
int
baredirs_look(struct expire *x, struct archive *a, struct err *e)
{
	static const char *const	 base[] = { LAYOUT_BASE };
	size_t				 i, n = 0;
	struct expire_dir			*d;

	x->ndir = catalogue_unlabelled(x->cat);
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
		d->running = d->labelled || !(d->withdrawn || was_emptied(d) ||
		    expire_state_abandoned(x, d->latest));
		if (d->running)
			x->running_us[x->nrunning++] = began(d->id);
		if (!d->running || catalogue_unlabelled_pin(x->cat, i)->kind ==
		    PIN_UNREADABLE)	/* may be a label, with claims on it */
			x->dir[n++] = *d;
	}
	x->ndir = n;
	return (0);
}
