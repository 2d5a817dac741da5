/* SPDX-License-Identifier: ISC */
/*
 * The directories at the top, in which expiry deletes without having seen them
 * in a listing.  All others it knows from listings, which show a link as
 * itself.
 *
 * Somebody who may neither delete nor rename cannot put a link in the place of
 * a directory that was seen here; so an append-only key cannot win a race
 * against this check.
 */
#include <string.h>

#include "expire/realdirs.h"
#include "repo/layout.h"

/* A listing, and which of its entries must be directories. */
struct wanted {
	const char		*in;		/* "", or with a final slash */
	const char *const	*name;		/* up to a NULL */
};

static int
on_entry(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	const struct wanted	*w = arg;
	const char *const	*name;

	(void)i;
	(void)missing;
	if (en == NULL || en->is_dir)
		return (0);
	for (name = w->name; *name != NULL; name++)
		if (strcmp(en->name, *name) == 0)
			return (err_set(e, ERR_CORRUPT, "%s%s is no directory, "
			    "and may be a symbolic link that leads out of the "
			    "repository; nothing is deleted, find out who "
			    "made it and remove it", w->in, *name));
	return (0);
}

/* tmp/ is listed only once it is known to be a directory. */
int
realdirs_check(struct archive *a, struct err *e)
{
	static const char *const	 top[] = { LAYOUT_TMP, LAYOUT_WAL,
	    LAYOUT_BASE, NULL };
	static const char *const	 clock[] = { "clock", NULL };
	static const char *const	 dirs[] = { "", LAYOUT_TMP };
	struct wanted			 in_base = { "", top };
	struct wanted			 in_tmp = { LAYOUT_TMP "/", clock };

	return (store_list(a->store, dirs, 1, on_entry, &in_base, e) ||
	    store_list(a->store, dirs + 1, 1, on_entry, &in_tmp, e) ? -1 : 0);
}
