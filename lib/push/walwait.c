/* SPDX-License-Identifier: ISC */
/*
 * No backup without the WAL that it needs: a label that is published before
 * the last segment is in the repository promises a backup that cannot be
 * restored, should that segment never come.
 */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "pg/walname.h"
#include "push/walwait.h"
#include "wal/walarchive.h"

#define REPORT_MS		5000		/* most waits are shorter */

/* Returns 0 if no segment is missing, 1 with the first that is, or -1. */
static int
look(struct connection *w, const struct label *l, char missing[WALNAME_TEXT],
    struct err *e)
{
	struct walname	 first, last;

	if (walname_parse(l->start_wal, &first, e) ||
	    walname_parse(l->stop_wal, &last, e) ||
	    connection_up(w, e))
		return (-1);
	return (walarchive_has(w->a, &first, &last,
	    (uint32_t)l->wal_segment_size, missing, e));
}

static void
report(const struct label *l, const char *missing, const struct err *why,
    void (*note)(void *arg, const char *text), void *arg)
{
	char	 text[256];

	if (why->kind != ERR_NONE) {
		note(arg, why->msg);
		return;
	}
	(void)snprintf(text, sizeof(text), "waiting for WAL segment %s to be "
	    "archived%s", missing, l->from_standby ? "; the primary archives "
	    "it once it is full" : "");
	note(arg, text);
}

/* The pauses grow from 50 ms to less than a second. */
int
walwait_run(struct connection *w, const struct label *l, uint64_t ms,
    void (*note)(void *arg, const char *text), void *arg, struct err *e)
{
	const int64_t	 begin = clock_mono_ms();
	struct timespec	 pause = { 0, 50 * 1000 * 1000 };
	struct err	 why = ERR_INIT;
	char		 missing[WALNAME_TEXT] = "";
	int		 rc, reported = 0;

	while ((rc = look(w, l, missing, &why)) != 0) {
		if (rc == -1 && why.kind != ERR_REMOTE)
			break;
		if (rc == -1)
			connection_drop(w);
		if ((uint64_t)(clock_mono_ms() - begin) > ms)
			break;
		if (!reported && clock_mono_ms() - begin > REPORT_MS) {
			report(l, missing, &why, note, arg);
			reported = 1;
		}
		err_clear(&why);
		(void)nanosleep(&pause, NULL);
		if (pause.tv_nsec < 800 * 1000 * 1000)
			pause.tv_nsec *= 2;
	}
	if (rc == -1)
		return (err_set(e, why.kind, "%s", why.msg));
	if (rc == 1)
		return (err_set(e, ERR_PG, "WAL segment %s was not archived "
		    "within %" PRIu64 " s, so the backup was not completed; "
		    "see PostgreSQL's log for archive_command failures",
		    missing, ms / 1000));
	return (0);
}
