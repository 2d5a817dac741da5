/* SPDX-License-Identifier: ISC */
/* What the backups that stay need of WAL and packs. */
#include <stdlib.h>

#include "plan/retention.h"

int64_t
retention_ended(const struct retention_backup *b, const struct grace *g)
{
	return (g->us == 0 || b->here_us < b->at.stop_us ? b->at.stop_us :
	    b->here_us);
}

int
retention_is_future(const struct retention_backup *b,
    const struct retention_input *in)
{
	return (b->at.stop_us > in->now_us + in->slack_us);
}

int
retention_is_young(const struct retention_backup *b, const struct grace *g)
{
	return (grace_is_young(g, b->here_us) ||
	    grace_is_young(g, b->dir_us));
}

int
retention_counts(const struct retention_backup *b, const struct grace *g)
{
	return (!b->gone && b->lacks == NULL && !retention_is_young(b, g));
}

static enum retention_wal_need
need_of(const struct retention_verdict *v)
{
	if (!v->keep)
		return (RETENTION_WAL_NONE);
	return (v->alone ? RETENTION_WAL_ISLAND : RETENTION_WAL_LINE);
}

static int
plan_wal(const struct retention_input *in, struct retention_plan *plan,
    struct err *e)
{
	struct retention_wal_input	 wal = {
		.n = in->n,
		.lines = in->lines,
		.lines_guessed = in->lines_guessed,
		.segsize = in->segsize,
		.running = in->running,
		.nrunning = in->nrunning
	};
	struct retention_wal_backup	*v;
	size_t				 i;
	int				 rc;

	if ((v = calloc(in->n + 1, sizeof(*v))) == NULL)
		return (err_sys(e, ERR_LOCAL, "plan retention"));
	for (i = 0; i < in->n; i++) {
		/* Rule 4 there trusts no time that cannot be right. */
		v[i].at = in->v[i].at;
		v[i].label_us = in->v[i].label_us;
		v[i].need = need_of(&plan->verdict[i]);
		v[i].counts = !retention_is_future(&in->v[i], in) &&
		    retention_counts(&in->v[i], &in->grace);
		v[i].young = retention_is_young(&in->v[i], &in->grace);
	}
	wal.v = v;
	rc = retention_wal_make(&wal, &plan->wal, e);
	free(v);
	return (rc);
}

static int
plan_packs(const struct retention_input *in, struct retention_plan *plan,
    struct err *e)
{
	const struct retention_backup	*b;
	size_t				 i;

	for (i = 0; i < in->n; i++) {
		b = &in->v[i];
		if (plan->verdict[i].keep &&
		    packruns_add(&plan->packs, b->ref, b->nref, e))
			return (-1);
	}
	packruns_settle(&plan->packs);
	return (0);
}

int
retention_make(const struct retention_input *in, struct retention_plan *out,
    struct err *e)
{
	struct retention_plan	 plan = { 0 };

	/* WAL and packs go by the verdicts. */
	if (retention_judge(in, &plan, e) || plan_wal(in, &plan, e) ||
	    plan_packs(in, &plan, e)) {
		retention_plan_free(&plan);
		return (-1);
	}
	*out = plan;
	return (0);
}

void
retention_plan_free(struct retention_plan *plan)
{
	free(plan->verdict);
	retention_wal_fini(&plan->wal);
	packruns_fini(&plan->packs);
	*plan = (struct retention_plan){ 0 };
}
