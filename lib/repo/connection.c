/* SPDX-License-Identifier: ISC */
/*
 * A connection that works when it is needed.  Finding out whether an idle one
 * still does could take a whole timeout; a new one takes a few round trips.
 */
#include <stddef.h>

#include "base/clock.h"
#include "repo/connection.h"

#define IDLE_MS		20000	/* one that was idle for longer is dropped */

int
connection_up(struct connection *w, struct err *e)
{
	int64_t	 now = clock_mono_ms();

	if (w->a != NULL && now - w->used_ms > IDLE_MS)
		connection_drop(w);
	w->used_ms = now;
	if (w->a != NULL)
		return (0);
	return (archive_open(&w->a, w->store, w->key, w->server,
	    w->system_id, e));
}

void
connection_drop(struct connection *w)
{
	archive_free(w->a);
	w->a = NULL;
}
