/* SPDX-License-Identifier: ISC */
/*
 * The directories at the top, in which expiry deletes without having seen them
 * in a listing, and the folders of timelines.  All others it knows from
 * listings, which show a link as itself.
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
	int			 numbers;	/* those of timelines, too */
};

static int
is_wanted(const struct wanted *w, const char *entry)
{
	const char *const	*name;
	uint32_t		 tli;

	for (name = w->name; *name != NULL; name++)
		if (strcmp(entry, *name) == 0)
			return (1);
	return (w->numbers && layout_wal_number(entry, &tli) && tli != 0);
}

static int
on_entry(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	const struct wanted	*w = arg;

	(void)i;
	(void)missing;
	if (en == NULL || en->is_dir || !is_wanted(w, en->name))
		return (0);
	return (err_set(e, ERR_CORRUPT, "%s%s is no directory, and may be a "
	    "symbolic link that leads out of the repository; nothing is "
	    "deleted, find out who made it and remove it", w->in, en->name));
}

/* wal/ is listed only once it is known to be a directory. */
int
realdirs_check(struct archive *a, struct err *e)
{
	static const char *const	 top[] = { LAYOUT_TMP, LAYOUT_WAL,
	    LAYOUT_BASE, LAYOUT_VOUCHED, NULL };
	static const char *const	 none[] = { NULL };
	static const char *const	 dirs[] = { "", LAYOUT_WAL };
	struct wanted			 in_base = { "", top, 0 };
	struct wanted			 in_wal = { LAYOUT_WAL "/", none, 1 };

	return (store_list(a->store, dirs, 1, on_entry, &in_base, e) ||
	    store_list(a->store, dirs + 1, 1, on_entry, &in_wal, e) ? -1 : 0);
}

int
realdirs_clock(struct archive *a, struct err *e)
{
	static const char *const	 clock[] = { "clock", NULL };
	static const char *const	 dir[] = { LAYOUT_TMP };
	struct wanted			 in_tmp = { LAYOUT_TMP "/", clock, 0 };

	return (store_list(a->store, dir, 1, on_entry, &in_tmp, e));
}
