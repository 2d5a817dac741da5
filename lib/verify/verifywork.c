/* SPDX-License-Identifier: ISC */
/*
 * Handing items to the jobs of a verification and taking them back.
 *
 * Marks, findings and the set are touched by conf.done() alone, on the one
 * thread that calls these functions; so they need no lock.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/crew.h"
#include "verify/verifyjob.h"
#include "verify/verifywork.h"

#define TICK_MS		1000
#define FLIGHT_MAX	512	/* items with the jobs: bounds memory */

struct verifywork {
	struct verifywork_conf	 conf;
	struct verifyjob_desk	 desk;
	int64_t			 last_tick;
	unsigned		 flight;	/* handed in, not taken back */
};

int
verifywork_open(struct verifywork **out, const struct verifywork_conf *conf,
    struct err *e)
{
	struct verifywork	*w;
	unsigned		 i;

	if ((w = calloc(1, sizeof(*w))) == NULL)
		return (err_sys(e, ERR_LOCAL, "start jobs"));
	w->conf = *conf;
	w->desk = (struct verifyjob_desk){
		.store = conf->store, .key = conf->key,
		.server = conf->server, .system_id = conf->system_id,
		.proved = conf->proved
	};
	w->last_tick = clock_mono_ms();
	if (crew_new(&w->desk.crew, e))
		goto fail;
	for (i = 0; i < conf->jobs; i++)
		if (crew_start(w->desk.crew, verifyjob_run, &w->desk, e))
			goto fail;
	*out = w;
	return (0);
fail:
	verifywork_free(w);
	return (-1);
}

static void
tick(struct verifywork *w)
{
	struct err	 unused = ERR_INIT;
	int64_t		 now = clock_mono_ms();

	if (now - w->last_tick < TICK_MS)
		return;
	w->last_tick = now;
	/* If it is lost, its next user meets the failure. */
	if (w->conf.keep != NULL && store_keep(w->conf.keep, &unused))
		w->conf.keep = NULL;
	if (w->conf.tick != NULL)
		w->conf.tick(w->conf.arg);
}

/*
 * Take back what is done, until no more than "most" items are with the jobs.
 * Results that have come count before the failure of a job: what was found so
 * far is reported even if the verification ends here.
 */
static int
settle(struct verifywork *w, unsigned most, struct err *e)
{
	struct verifyitem	*it;
	int			 rc = 0, enough = 0;

	while (rc == 0 && !enough) {
		tick(w);
		crew_lock(w->desk.crew);
		it = verifyitem_get(&w->desk.done);
		if (it != NULL)
			w->flight--;
		else if (crew_check(w->desk.crew, e))
			rc = -1;
		else if ((enough = w->flight <= most) == 0)
			(void)crew_wait(w->desk.crew, CREW_DONE, TICK_MS);
		crew_unlock(w->desk.crew);
		if (it != NULL)
			rc = w->conf.done(w->conf.arg, it, e);
		free(it);
	}
	return (rc);
}

int
verifywork_put(struct verifywork *w, struct verifyitem *it,
    struct err *e)
{
	if (settle(w, FLIGHT_MAX - 1, e)) {
		free(it);
		return (-1);
	}
	crew_lock(w->desk.crew);
	verifyitem_put(&w->desk.todo, it);
	w->flight++;
	crew_signal(w->desk.crew, CREW_WORK);
	crew_unlock(w->desk.crew);
	return (0);
}

void
verifywork_skip(struct verifywork *w, const char *of)
{
	crew_lock(w->desk.crew);
	w->desk.skip = of;
	crew_unlock(w->desk.crew);
}

int
verifywork_drain(struct verifywork *w, struct err *e)
{
	return (settle(w, 0, e));
}

void
verifywork_free(struct verifywork *w)
{
	if (w == NULL)
		return;
	crew_free(w->desk.crew);
	verifyitem_drop(&w->desk.todo);
	verifyitem_drop(&w->desk.done);
	free(w);
}
