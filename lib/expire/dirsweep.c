/* SPDX-License-Identifier: ISC */
/*
 * Sweeping the directories of backups that were withdrawn or abandoned.  Such
 * a directory may stay for years: its packs are removed one by one, as later
 * backups stop to refer to them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "catalogue/pinaside.h"
#include "expire/claims.h"
#include "expire/dirsweep.h"
#include "expire/latelabels.h"
#include "expire/refusedlabel.h"

/* One of two passes over the directories. */
struct pass {
	struct expire	*x;
	struct sweep	*sweep;
	int		 last;	/* the second: withdrawn labels alone */
	int		*rest;	/* for each directory: some file stays */
};

static int
is_claim(const char *name)
{
	return (str_begins(name, "claim-") &&
	    layout_id_ok(name + strlen("claim-")));
}

/*
 * While a claim holds, nothing in its directory goes.  A file whose name is
 * not one of FORMAT.md always stays.
 */
static int
is_needed(const struct expire *x, const struct expire_dir *d,
    const char *name)
{
	uint32_t	 no = layout_pack_no(name);

	if (no != 0)
		return (d->claimed || claims_hold(x, d->id, no) ||
		    packruns_has(&x->plan.packs, d->id, no));
	return (d->claimed || (strcmp(name, "manifest") != 0 &&
	    !is_claim(name) && !pinaside_is_name(name) &&
	    !refusedlabel_is_name(name)));
}

/*
 * A directory without a label was to go because it was empty, or nothing had
 * come there for long.  A file that has come since shows that a push is at
 * work there: its host's clock is far behind, or it had paused.
 */
static int
came_since(const struct expire *x, const struct expire_dir *d, int64_t mtime)
{
	return (!d->expired && !d->withdrawn &&
	    !expire_state_abandoned(x, mtime));
}

static int
on_garbage(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct pass	*p = arg;
	struct expire_dir	*d = &p->x->dir[i];
	const char	*label = "label.withdrawn";
	char		 dir[LAYOUT_PATH];

	(void)missing;
	if (en == NULL || en->is_dir || d->running || d->labelled)
		return (0);
	/*
	 * A dry run has not renamed the label.  If label.withdrawn lies beside
	 * it, that is a pin that is over, which a real run has removed by now.
	 */
	if (p->sweep->dry && d->expired) {
		if (strcmp(en->name, "label.withdrawn") == 0)
			return (0);
		label = "label";
	}
	if (strcmp(en->name, label) == 0) {
		if (!p->last || p->rest[i])
			return (0);
	} else if (p->last) {
		return (0);
	} else if (is_needed(p->x, d, en->name) ||
	    came_since(p->x, d, en->mtime)) {
		p->rest[i] = 1;
		return (0);
	}
	return (sweep_add(p->sweep, layout_base(dir, d->id), en->name,
	    en->size, e));
}

/*
 * Packs and manifests go in a first pass, label.withdrawn in a second one, and
 * only if nothing else is left.  As long as it stands, the next run knows that
 * this was a backup, need not wait until the directory counts as abandoned,
 * and can read what a claim on it keeps.
 */
int
dirsweep_run(struct expire *x, struct archive *a, struct sweep *s,
    struct err *e)
{
	struct pass	 p = { .x = x, .sweep = s };
	int		 rc = -1;

	if (x->ndir == 0)
		return (0);
	if ((p.rest = calloc(x->ndir, sizeof(*p.rest))) == NULL)
		return (err_sys(e, ERR_LOCAL, "expire"));
	if (claims_look(x, a, s->dry, e) ||
	    latelabels_hold(x, a, e) ||
	    expire_state_list(x, a, on_garbage, &p, e) ||
	    sweep_flush(s, e))
		goto out;
	p.last = 1;
	if (expire_state_list(x, a, on_garbage, &p, e) || sweep_flush(s, e))
		goto out;
	rc = s->dry ? 0 : expire_state_rmdir(x, a, e);
out:
	free(p.rest);
	return (rc);
}
