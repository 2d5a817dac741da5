/* SPDX-License-Identifier: ISC */
/* Whether WAL comes into the repository although nothing archives it. */
#include <inttypes.h>
#include <time.h>

#include "base/clock.h"
#include "pg/walname.h"
#include "push/walreceived.h"
#include "wal/walarchive.h"

static int
refuse(const char *what, struct err *e)
{
	return (err_set(e, ERR_PG, "archive_mode is off and %s is not in the "
	    "repository: without its WAL no backup can be restored; set "
	    "archive_mode = on and archive_command = 'wal-push %%p', and "
	    "restart, or let wal-receive store it", what));
}

int
walreceived_check(struct connection *w, const struct pgfacts *f, int known,
    uint64_t ms, struct err *e)
{
	const struct timespec	 pause = { 0, 200L * 1000 * 1000 };
	const int64_t		 until = clock_mono_ms() + (int64_t)ms;
	struct walname		 last;
	char			 name[WALNAME_TEXT], missing[WALNAME_TEXT];
	int			 rc;

	if (f->archive != PGFACTS_ARCHIVE_OFF || f->wal_lsn == 0)
		return (0);
	/* The first segment of all WAL has the number 1. */
	if (!known || f->wal_lsn / f->segment_size < 2)
		return (refuse("its last segment of WAL", e));
	last = walname_at(f->timeline, f->wal_lsn - f->segment_size,
	    f->segment_size);
	for (;;) {
		if (connection_up(w, e))
			return (-1);
		rc = walarchive_has(w->a, &last, &last, f->segment_size,
		    missing, e);
		if (rc != 1)
			return (rc);
		if (clock_mono_ms() > until)
			return (refuse(walname_format(name, &last), e));
		(void)nanosleep(&pause, NULL);
	}
}
