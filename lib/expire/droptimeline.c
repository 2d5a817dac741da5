/* SPDX-License-Identifier: ISC */
/* Deleting a whole timeline: whether it may go, and in which order it does. */
#include <inttypes.h>
#include <string.h>

#include "catalogue/straylines.h"
#include "expire/droptimeline.h"
#include "expire/expirechosen.h"
#include "expire/fedlines.h"
#include "expire/walsweep.h"
#include "plan/dropline.h"
#include "repo/layout.h"

/*
 * The same question that a restore along the latest timeline is asked: does
 * another line go on?  All of its WAL is looked at, from the newest back.
 */
int
droptimeline_look(struct expire *x, struct archive *a, struct err *e)
{
	static const struct choose_target end = { .kind = CHOOSE_END,
	    .line = CHOOSE_LINE_DEFAULT };
	const uint32_t			 segsize = catalogue_segsize(x->cat);
	const struct fed_input		 in = fedlines_input(x);
	const struct fed_timeline	*t =
	    fed_timeline(&in, x->conf->timeline);
	struct straylines		 s;
	size_t				 i;
	int				 rc;

	if (t == NULL || t->tli < fed_latest(&in))
		return (0);
	/* Without a segment nothing is looked at: the last is before the
	   first. */
	rc = straylines_find(&s, a, x->cat, &end, t->tli, t->end == 0,
	    t->end == 0 ? 0 : t->end / segsize - 1, x->now_us, e);
	for (i = 0; rc == 0 && i < s.n; i++)
		x->nstray += stray_refuses(s.v[i].why, &end) != 0;
	straylines_fini(&s);
	return (rc);
}

int
droptimeline_check(const struct expire *x, struct err *e)
{
	const struct fed_input		 at = fedlines_input(x);
	struct dropline_input		 in = {
		.tli = x->conf->timeline,
		.at = &at,
		.fed = x->fed,
		.nfed = x->nfed,
		.backup = x->backup,
		.nstray = x->nstray,
		.nrunning = x->nrunning,
		.force = x->conf->force
	};

	if (x->conf->timeline == 0)
		return (0);
	(void)catalogue_lines(x->cat, &in.read);
	if (dropline_check(&in, e))
		return (-1);
	return (expirechosen_rest(x, e));
}

/*
 * Whether its folder is a directory: only then is anything removed there.
 * realdirs_check() has refused a file or a link of that name.
 */
static int
has_folder(const struct expire *x)
{
	const struct walindex_timeline	*t = catalogue_find_timeline(x->cat,
	    x->conf->timeline);

	return (t != NULL && t->dir);
}

/* The floor is the number behind the last that a segment can have. */
int
droptimeline_wal(const struct expire *x, struct sweep *s, struct err *e)
{
	const uint32_t			 segsize = catalogue_segsize(x->cat);
	static const struct retention_wal no_islands;

	return (!has_folder(x) ? 0 : walsweep_run(s, &no_islands,
	    x->conf->timeline, UINT64_MAX / segsize + 1, segsize, e));
}

struct wanted {
	const struct expire	*x;
	struct sweep		*sweep;
};

static int
on_top(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct wanted	*w = arg;
	char		 path[LAYOUT_FOLDER];

	(void)i;
	(void)missing;
	(void)layout_wal_history(path, w->x->conf->timeline);
	if (en == NULL || en->is_dir ||
	    strcmp(en->name, strrchr(path, '/') + 1) != 0)
		return (0);
	return (sweep_add(w->sweep, LAYOUT_WAL, en->name, en->size, e));
}

int
droptimeline_history(const struct expire *x, struct sweep *s, struct err *e)
{
	static const char *const	 top[] = { LAYOUT_WAL };
	struct wanted			 w = { x, s };
	char				 path[LAYOUT_FOLDER];
	const char			*one = path;

	if (x->conf->timeline == 0)
		return (0);
	if (store_list(s->store, top, 1, on_top, &w, e) || sweep_flush(s, e))
		return (-1);
	(void)layout_wal_timeline(path, x->conf->timeline);
	return (s->dry || !has_folder(x) ? 0 :
	    store_rmdir(s->store, &one, 1, e));
}
