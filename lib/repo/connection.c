/* SPDX-License-Identifier: ISC */
/* A connection that is there when it is needed. */
#include <stddef.h>

#include "base/clock.h"
#include "repo/connection.h"

#define IDLE_MS		20000	/* a connection idle so long is opened anew */

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
