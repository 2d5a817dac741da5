/* SPDX-License-Identifier: ISC */
#ifndef SHOW_BACKUPFACTS_H
#define SHOW_BACKUPFACTS_H

#include <stddef.h>
#include <stdint.h>

#include "catalogue/catalogue.h"
#include "catalogue/window.h"

/*
 * What follows from a backup's label and its neighbours: figures of
 * backup-show that stand nowhere.
 */
enum backupfacts_status {
	BACKUPFACTS_OK,
	BACKUPFACTS_DAMAGED,	/* pages failed their checksum in it */
	BACKUPFACTS_WAL,	/* WAL from its start to its end is missing */
	BACKUPFACTS_INCOMPLETE	/* something else is */
};

struct backupfacts {
	enum backupfacts_status	 status;	/* the worst that holds */
	const struct label	*previous, *next;	/* NULL: none */

	uint64_t	 segments;	/* of WAL that it needs itself */
	uint64_t	 wal_bytes;	/* between its start and its end */
	uint64_t	 start_offset, stop_offset;	/* in their segments */

	uint64_t	 us;		/* how long it took; 0: clocks say
					 * nothing of use */
	uint64_t	 read_rate;	/* bytes a second; 0: not known */
	uint64_t	 stored_rate;

	/*
	 * WAL from its start to the start of the next backup, or if there is
	 * none to the last that is stored; on this timeline and later ones.
	 */
	int		 known;		/* not if the next backup is on an
					 * earlier timeline */
	struct catalogue_since until;
	uint64_t	 hourly;	/* bytes of WAL an hour, before
					 * compression; 0: not known */
};

/*
 * "label" is the backup's index in the catalogue, of which "w" is a window;
 * "end_us" is when the last WAL was archived, 0: not known.
 */
struct backupfacts backupfacts_make(const struct catalogue *, size_t label,
	    const struct window *w, int64_t end_us) __attribute__((nonnull));

/* "ok", "damaged", "wal_missing" or "incomplete". */
const char *backupfacts_status(enum backupfacts_status);

#endif /* SHOW_BACKUPFACTS_H */
