/* SPDX-License-Identifier: ISC */
/* Setting aside a history file that readers refuse. */
#include <inttypes.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "catalogue/archivetime.h"
#include "expire/expire.h"
#include "expire/refusedhistory.h"
#include "repo/layout.h"

/*
 * Find out whether the history is refused.  Only a .restore key has read it
 * with the catalogue, and any key can check its header.  Returns 1 and *why if
 * so, 0, or -1.
 */
static int
is_refused(const struct catalogue *cat, struct archive *a, const char *path,
    struct err *why, struct err *e)
{
	struct archivetime	 t = { .us = 0 };
	const char		*said = catalogue_refused(cat, path);

	if (said != NULL) {
		err_set(why, ERR_CORRUPT, "%s", said);
		return (1);
	}
	if (str_fmt(t.path, sizeof(t.path), e, "%s", path) ||
	    archivetime_look(&t, 1, a, e))
		return (-1);
	*why = t.why;
	return (t.why.kind == ERR_CORRUPT);
}

static int
has_timeline(const struct catalogue *cat, uint32_t tli)
{
	size_t	 i;

	if (catalogue_find_timeline(cat, tli) != NULL)
		return (1);
	for (i = 0; i < catalogue_labels(cat); i++)
		if (catalogue_label(cat, i)->timeline == tli)
			return (1);
	return (0);
}

/*
 * The name is made of the time and the process, so no two programs choose the
 * same one.
 */
static int
set_aside(struct archive *a, const char *from, char aside[LAYOUT_PATH],
    struct err *e)
{
	if (str_fmt(aside, LAYOUT_PATH, e, "%s%s%" PRId64 "-%ld", from,
	    LAYOUT_REFUSED, clock_now_us(), (long)getpid()))
		return (-1);
	return (store_rename(a->store, from, aside, e));
}

/*
 * Decide as if the file had been set aside.  What is refused then is refused
 * while nothing has been changed: a timeline that stays keeps its history file,
 * damaged or not.
 */
static int
check_rest(struct archive *a, const struct expire_conf *conf, struct err *e)
{
	struct catalogue	*rest = NULL;
	struct expire		*x = NULL;
	int			 rc;

	rc = catalogue_load_without(&rest, a, conf->timeline, e) ||
	    (has_timeline(rest, conf->timeline) &&
	    expire_plan(&x, a, rest, conf, e)) ? -1 : 0;
	expire_free(x);
	catalogue_free(rest);
	return (rc);
}

int
refusedhistory_run(struct catalogue **cat, struct archive *a,
    const struct expire_conf *conf, refusedhistory_each *each, int *done,
    struct err *e)
{
	const uint32_t	 tli = conf->timeline;
	struct err	 why = ERR_INIT;
	char		 path[LAYOUT_FOLDER], aside[LAYOUT_PATH];
	int		 rc;

	*done = 0;
	if (tli == 0)
		return (0);
	(void)layout_wal_history(path, tli);
	if ((rc = is_refused(*cat, a, path, &why, e)) != 1)
		return (rc);
	if (check_rest(a, conf, e))
		return (-1);
	if (conf->dry) {
		each(tli, why.msg, NULL);
		*done = 1;
		return (0);
	}
	if (set_aside(a, path, aside, e))
		return (err_ctx(e, "set %s aside", path));
	each(tli, why.msg, aside);
	catalogue_free(*cat);
	*cat = NULL;
	if (catalogue_load(cat, a, e))
		return (-1);
	*done = !has_timeline(*cat, tli);
	return (0);
}
