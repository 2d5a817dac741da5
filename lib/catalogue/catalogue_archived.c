/* SPDX-License-Identifier: ISC */
/*
 * When a segment came to the repository.  The store has no call that asks for
 * the time of one file, so its folder is listed.  A folder holds the segments
 * of 4 GiB of WAL.
 */
#include <string.h>

#include "catalogue/catalogue.h"
#include "pg/walname.h"
#include "repo/layout.h"

/* The file that is looked for, and its time in seconds. */
struct wanted {
	const char	*name;
	int64_t		 mtime;
	int		 found;
};

static int
on_file(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct wanted	*w = arg;

	(void)i;
	(void)missing;
	(void)e;
	if (en != NULL && strcmp(en->name, w->name) == 0) {
		w->mtime = en->mtime;
		w->found = 1;
	}
	return (0);
}

int
catalogue_archived(struct archive *a, uint32_t segsize, uint32_t tli,
    uint64_t segno, int64_t *us, struct err *e)
{
	struct walname	 name = walname_at(tli, segno * segsize, segsize);
	struct wanted	 w = { NULL, 0, 0 };
	char		 path[LAYOUT_PATH], text[WALNAME_TEXT];
	const char	*folder = path;

	w.name = walname_format(text, &name);
	if (layout_wal(path, text, e))
		return (-1);
	*strrchr(path, '/') = '\0';
	if (store_list(a->store, &folder, 1, on_file, &w, e))
		return (-1);
	if (!w.found || w.mtime < 0 || w.mtime > INT64_MAX / 1000000)
		return (1);
	*us = w.mtime * 1000000;
	return (0);
}
