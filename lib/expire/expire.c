/* SPDX-License-Identifier: ISC */
/*
 * The second half of expiry does what was decided, in an order that is safe
 * to interrupt: tmp/ is swept, so that what goes later has no second name left
 * there; backups behind which WAL goes are marked; labels are withdrawn; the
 * directories of backups are swept, then WAL; last goes the history of a
 * timeline that is to be deleted.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "expire/alonemark.h"
#include "expire/dirsweep.h"
#include "expire/droptimeline.h"
#include "expire/expire.h"
#include "expire/expire_state.h"
#include "expire/fedlines.h"
#include "expire/opensweep.h"
#include "expire/realdirs.h"
#include "expire/seenexpire.h"
#include "expire/sweep.h"
#include "expire/tmpsweep.h"
#include "expire/walsweep.h"
#include "expire/withdraw.h"
#include "plan/dropline.h"

void
expire_free(struct expire *x)
{
	size_t	 i;

	if (x == NULL)
		return;
	for (i = 0; i < x->nheld; i++)
		label_free(x->held[i]);
	free(x->held);
	free(x->aside);
	evidence_fini(&x->evidence);
	younglines_fini(&x->young);
	free(x->backup);
	free(x->pin);
	free(x->running);
	free(x->line);
	free(x->at);
	free(x->fed);
	free(x->dir);
	retention_plan_free(&x->plan);
	free(x);
}

const struct retention_plan *
expire_retention(const struct expire *x)
{
	return (&x->plan);
}

const struct evidence *
expire_evidence(const struct expire *x)
{
	return (&x->evidence);
}

const struct younglines *
expire_young(const struct expire *x)
{
	return (&x->young);
}

const uint32_t *
expire_fed(const struct expire *x, size_t *n)
{
	*n = x->nfed;
	return (x->fed);
}

const struct rollbackcheck *
expire_seen(const struct expire *x)
{
	return (&x->seen);
}

uint32_t
expire_latest(const struct expire *x)
{
	const struct fed_input		 at = fedlines_input(x);
	const struct dropline_input	 in = { .tli = x->conf->timeline,
	    .at = &at };

	return (dropline_latest(&in));
}

size_t
expire_pick(const struct catalogue *cat, const char *const *ids, size_t n,
    const char **v)
{
	size_t	 i, k = 0;

	for (i = 0; i < n; i++)
		if (catalogue_find(cat, ids[i]) != NULL)
			v[k++] = ids[i];
	return (k);
}

/*
 * WAL goes after the packs.  If we die in between it is still there for the
 * next run, whose floors are computed from the labels that stand then.
 *
 * A timeline may be known by its history alone.  What lies in the place of its
 * folder is not looked into unless it was listed as a directory: it may be a
 * link to the folder of another cluster, which an SFTP server would follow.
 */
static int
sweep_wal(struct expire *x, struct sweep *s, struct err *e)
{
	const struct walindex_timeline	*t;
	size_t				 i;

	if (x->conf->timeline != 0)
		return (droptimeline_wal(x, s, e));
	for (i = 0; i < catalogue_timelines(x->cat); i++) {
		t = catalogue_timeline(x->cat, i);
		if (t->dir && walsweep_run(s, &x->plan.wal, t->tli,
		    retention_wal_floor(&x->plan.wal, t->tli),
		    catalogue_segsize(x->cat), e))
			return (-1);
	}
	return (0);
}

/* What was swept since the last call. */
static struct expire_sum
harvest(struct sweep *s)
{
	struct expire_sum	 sum = { s->files, s->bytes };

	s->files = s->bytes = 0;
	return (sum);
}

int
expire_run(struct expire *x, struct archive *a, struct expire_result *r,
    struct err *e)
{
	const int	 dry = x->conf->dry;
	struct sweep	*s = NULL;
	int		 rc = -1;

	memset(r, 0, sizeof(*r));
	if (x->seen.n > 0)
		return (0);
	/* Once more: to ask the time, tmp/ was made if it was missing. */
	if (realdirs_check(a, e) || sweep_new(&s, a->store, dry, e))
		goto out;
	s->progress = x->conf->progress;
	s->arg = x->conf->arg;
	if (tmpsweep_run(x, a, s, e) || alonemark_run(x, a, e))
		goto out;
	r->tmp = harvest(s);
	if (withdraw_labels(x, a, dry, &r->withdrawn, e) ||
	    dirsweep_run(x, a, s, e))
		goto out;
	r->backups = harvest(s);
	if (sweep_wal(x, s, e) || opensweep_run(x, a, s, e))
		goto out;
	r->wal = harvest(s);
	if (droptimeline_history(x, s, e))
		goto out;
	r->history = harvest(s);
	seenexpire_done(x, a, r->withdrawn + r->wal.files > 0);
	rc = 0;
out:
	sweep_free(s);
	if (rc == -1 && x->conf->timeline != 0)
		err_ctx(e, "delete timeline %" PRIu32, x->conf->timeline);
	return (rc);
}
