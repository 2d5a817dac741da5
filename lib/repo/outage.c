/* SPDX-License-Identifier: ISC */
/* Waiting for a repository to come back. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "repo/outage.h"

#define FIRST_MS	1000	/* pause after the first try; it doubles, */
#define MAX_MS		30000	/* up to about this */
#define IN_VAIN		1	/* attempts with the repository reachable */

/* Only a whole new connection, with authentication, proves it. */
static int
is_there(const struct outage *o)
{
	struct store	*s = NULL;
	struct err	 unused = ERR_INIT;
	int		 rc = store_open(&s, o->store, &unused);

	store_free(s);
	return (rc == 0);
}

static void
report(const struct outage *o, const struct err *why)
{
	char	 text[ERR_MSGMAX + 64];

	if (o->note == NULL)
		return;
	(void)snprintf(text, sizeof(text), "%s; waiting up to %" PRIu64
	    " s for the repository", why->msg, o->for_ms / 1000);
	o->note(o->arg, text);
}

int
outage_over(struct outage *o, const struct err *why)
{
	const int64_t	 begin = clock_mono_ms();
	struct timespec	 pause;
	int64_t		 ms = FIRST_MS, now;
	int		 told = 0;

	if (why->kind != ERR_REMOTE || o->for_ms == 0)
		return (0);
	if (is_there(o))
		return (o->in_vain++ < IN_VAIN);
	do {
		if (!told)
			report(o, why);
		told = 1;
		if ((uint64_t)(clock_mono_ms() - begin) > o->for_ms)
			return (0);
		now = clock_jitter(ms);
		pause = (struct timespec){ now / 1000, now % 1000 * 1000000 };
		(void)nanosleep(&pause, NULL);
		if (ms < MAX_MS)
			ms *= 2;
	} while (!is_there(o));
	o->in_vain = 0;
	return (1);
}
