/* SPDX-License-Identifier: ISC */
#ifndef PLAN_RETENTION_PERIOD_H
#define PLAN_RETENTION_PERIOD_H

#include <stddef.h>
#include <stdint.h>

/*
 * Days, weeks, months and years, and which backups stand for them.  Pure: no
 * files, no clock, no time zone.
 *
 * Periods are those of UTC.  Backup ids are in UTC, too, several hosts in
 * several zones may expire from one repository and must decide alike, and no
 * day is repeated or cut short when summer time begins or ends.  A week begins
 * on Monday and has the number of ISO 8601: 2027-01-01 is in 2026-W53.
 */
enum retention_period {
	RETENTION_PERIOD_DAY,
	RETENTION_PERIOD_WEEK,
	RETENTION_PERIOD_MONTH,
	RETENTION_PERIOD_YEAR
};

#define RETENTION_PERIODS	4
#define RETENTION_PERIOD_MOST	36525	/* that can be asked for */

struct retention_period_one {
	int64_t	 stop_us;	/* when the backup ended, by its label */
	int64_t	 ended_us;	/* the same, but not before all of it lay in
				 * the repository: nobody can make this up */
	size_t	 which;		/* the caller's */
	/* Set and used by retention_period_pick() alone. */
	int64_t	 stop, ended;
	size_t	 order;
};

/*
 * Which of the "n" backups "v", newest first, stand for the last "most"
 * periods of a kind.  They come to the front of "v", which is reordered;
 * returns how many they are.
 *
 * A backup stands for a period if it is the newest of those that ended in it.
 * The last "most" periods are those in which something ended: a period without
 * a backup is not counted, so that nothing goes because backups have stopped.
 *
 * Both are judged by "ended_us", and besides a backup takes the place of
 * another one only if both ended in the same period by their labels as well.
 * So a backup that is added today with an old date takes no old one's place
 * and fills no old period; and after a copy of the repository, when all came
 * on one day, each period keeps its backup.
 */
size_t	 retention_period_pick(enum retention_period, uint64_t most,
	    struct retention_period_one *v, size_t n);

/*
 * The periods of a moment for which "kept" is not 0: "daily 2026-11-22, weekly
 * 2026-W47, monthly 2026-11, yearly 2026"; "" for none.  Returns "buf".
 */
#define RETENTION_PERIOD_TEXT	128
const char *retention_period_format(char buf[RETENTION_PERIOD_TEXT],
	    const int kept[RETENTION_PERIODS], int64_t us)
	    __attribute__((nonnull));

/* "daily", "weekly", "monthly", "yearly". */
const char *retention_period_name(enum retention_period)
	    __attribute__((returns_nonnull));

#endif /* PLAN_RETENTION_PERIOD_H */
