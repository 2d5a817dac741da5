/* SPDX-License-Identifier: ISC */
/* Setting aside labels that readers refuse. */
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "catalogue/rollbackcheck.h"
#include "expire/refusedlabel.h"
#include "repo/layout.h"

#define PREFIX	"label.refused-"	/* then digits, '-', digits */
#define DIGITS	"0123456789"

int
refusedlabel_is_name(const char *name)
{
	size_t	 n;

	if (!str_begins(name, PREFIX) || strlen(name) >= 64)
		return (0);
	name += strlen(PREFIX);
	n = strspn(name, DIGITS);
	if (n == 0 || name[n] != '-')
		return (0);
	name += n + 1;
	n = strspn(name, DIGITS);
	return (n > 0 && name[n] == '\0');
}

/*
 * The name is made of the time and the process, so no two programs choose the
 * same.  It is not label.withdrawn: somebody may have put a file there, and
 * what lies there is taken for a pin or for proof of a withdrawal.
 */
static int
set_aside(struct archive *a, const char *id, char aside[LAYOUT_PATH],
    struct err *e)
{
	char	 from[LAYOUT_PATH], dir[LAYOUT_PATH];

	if (str_fmt(aside, LAYOUT_PATH, e, "%s/" PREFIX "%" PRId64 "-%ld",
	    layout_base(dir, id), clock_now_us(), (long)getpid()))
		return (-1);
	return (store_rename(a->store, layout_label(from, id), aside, e));
}

/*
 * The label goes first.  If we die in between it is missed by the next run, as
 * after any other deletion by name (expire/seenexpire.h).
 */
static int
take_away(struct archive *a, const struct catalogue *cat, const char *id,
    const char *state_dir, char aside[LAYOUT_PATH], struct err *e)
{
	if (set_aside(a, id, aside, e))
		return (err_ctx(e, "set the label of %s aside", id));
	if (state_dir != NULL)
		rollbackcheck_forget(a, catalogue_repository(cat), state_dir,
		    id);
	return (0);
}

int
refusedlabel_run(struct catalogue **cat, struct archive *a,
    const struct refusedlabel *r, struct err *e)
{
	const char	*id, *why;
	char		 path[LAYOUT_PATH];
	size_t		 i, moved = 0;

	for (i = 0; i < r->n; i++) {
		id = r->ids[i];
		if (!layout_id_ok(id) ||
		    (why = catalogue_refused(*cat, id)) == NULL)
			continue;
		if (!r->dry && take_away(a, *cat, id, r->state_dir, path, e))
			return (-1);
		moved += !r->dry;
		r->each(id, why, r->dry ? NULL : path);
	}
	if (moved == 0)
		return (0);
	catalogue_free(*cat);
	*cat = NULL;
	return (catalogue_load(cat, a, e));
}
