/* SPDX-License-Identifier: ISC */
/*
 * What the jobs of a restore share, under one lock.
 *
 * A file is closed by the last of those that hold it: one hold for the caller
 * as long as it adds chunks, one for each piece that is not written yet.  Jobs
 * finish pieces in any order, so nobody else knows when a file is complete.
 */
#include <stdlib.h>

#include "restore/fetchwork.h"

int
fetchwork_is(const struct fetchwork *w, enum fetchwork_state state)
{
	switch (state) {
	case FETCHWORK_ROOM:
		return (w->q.n < FETCHWORK_PIECES);
	case FETCHWORK_FEWER_FILES:
		return (w->files < FETCHWORK_FILES);
	case FETCHWORK_ALL_DONE:
		return (w->ended == w->conf->jobs);
	}
	return (0);
}

void
fetchwork_opened(struct fetchwork *w)
{
	crew_lock(w->crew);
	w->files++;
	crew_unlock(w->crew);
}

void
fetchwork_hold(struct fetchwork *w, struct fetchpiece_target *to)
{
	crew_lock(w->crew);
	to->holders++;
	crew_unlock(w->crew);
}

int
fetchwork_release(struct fetchwork *w, struct fetchpiece_target *to,
    struct err *e)
{
	unsigned	 left;
	int		 rc;

	crew_lock(w->crew);
	left = --to->holders;
	if (left == 0 && to->over && !to->differs)
		w->stats.kept_files++;
	else if (left == 0)
		w->stats.files++;
	crew_unlock(w->crew);
	if (left > 0)
		return (0);
	/* Nobody else knows it now; close() may take its time. */
	rc = fetchpiece_target_close(to, w->conf->dry, e);
	crew_lock(w->crew);
	/* The caller waits only where there were too many. */
	if (w->files-- == FETCHWORK_FILES)
		crew_signal(w->crew, CREW_DONE);
	crew_unlock(w->crew);
	return (rc);
}

void
fetchwork_put(struct fetchwork *w, struct fetchpiece *p)
{
	crew_lock(w->crew);
	fetchpiece_put(&w->q, p);
	crew_signal(w->crew, CREW_WORK);
	crew_unlock(w->crew);
}

void
fetchwork_close(struct fetchwork *w)
{
	crew_lock(w->crew);
	w->closing = 1;
	/* All jobs: there will not be a piece for each. */
	crew_broadcast(w->crew, CREW_WORK);
	crew_unlock(w->crew);
}

int
fetchwork_take(struct fetchwork *w, struct store *s, int wait,
    struct fetchpiece **p, struct err *e)
{
	struct crew	*c = w->crew;
	int		 rc = 0;

	*p = NULL;
	crew_lock(c);
	while (rc == 0 && wait && w->q.head == NULL && !w->closing &&
	    !crew_stopping(c)) {
		if (!crew_wait(c, CREW_WORK, 1000 * FETCHWORK_KEEP_S))
			continue;
		/* An answer may be long in coming: not under the lock. */
		crew_unlock(c);
		rc = store_keep(s, e);
		crew_lock(c);
	}
	if (rc == 0 && !crew_stopping(c) &&
	    (*p = fetchpiece_get(&w->q)) != NULL)
		crew_signal(c, CREW_DONE);
	crew_unlock(c);
	return (rc);
}

void
fetchwork_differs(struct fetchwork *w, struct fetchpiece_target *to)
{
	/* Under the lock, so that reports come once and one at a time. */
	crew_lock(w->crew);
	if (!to->differs && w->conf->differs != NULL)
		w->conf->differs(w->conf->arg, to->path);
	to->differs = 1;
	crew_unlock(w->crew);
}

void
fetchwork_compared(struct fetchwork *w, const struct fetchpiece_found *found)
{
	crew_lock(w->crew);
	w->bytes += found->right + found->settled;
	w->stats.kept += found->right;
	w->stats.bytes += found->settled;
	crew_unlock(w->crew);
}

void
fetchwork_fetched(struct fetchwork *w, uint64_t bytes)
{
	crew_lock(w->crew);
	w->bytes += bytes;
	w->stats.bytes += bytes;
	crew_unlock(w->crew);
}

void
fetchwork_ended(struct fetchwork *w)
{
	crew_lock(w->crew);
	w->ended++;
	crew_signal(w->crew, CREW_DONE);
	crew_unlock(w->crew);
}

void
fetchwork_drop(struct fetchwork *w, struct fetchpiece *p)
{
	struct err	 unused = ERR_INIT;

	/* The file is incomplete; that it fails to close adds nothing. */
	if (fetchwork_release(w, p->to, &unused))
		err_clear(&unused);
	free(p);
}
