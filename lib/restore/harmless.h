/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_HARMLESS_H
#define RESTORE_HARMLESS_H

#include <stddef.h>

#include "restore/copyconf.h"
#include "restore/recovery.h"

/*
 * What of a restored configuration would do harm to the cluster that it came
 * from, or surprise the person who starts the copy: places outside of the
 * copy, and a few settings that are worth a word.
 *
 *	if (harmless_write(&h, &recovery, &place, recorded, e))
 *		return (-1);
 *	... show h->notes ...
 *	harmless_free(h)
 */
enum harmless_kind {
	HARMLESS_CHANGED,	/* "name" was "was", and is now "now" */
	HARMLESS_LEFT,		/* "name" leads to "was", outside, and stays */
	HARMLESS_STANDBY,	/* a standby's own setting stays: "was" */
	HARMLESS_COMMITS,	/* synchronous_standby_names is "was" */
	HARMLESS_JOBS,		/* preloaded library "was" runs jobs */
	HARMLESS_PAUSES,	/* recovery pauses where the original raised one
				   of these five settings: "was" has them */
	HARMLESS_RAISED,	/* it did: here "name" is "was", and later the
				   original had "now" */
	HARMLESS_INCLUDE,	/* an include leads to "was" */
	HARMLESS_NO_FILE	/* there is no postgresql.conf */
};

struct harmless_note {
	enum harmless_kind kind;
	const char	*name;
	char		*was;		/* owned; NULL where there is none */
	char		*now;		/* the same */
	int		 automatic;	/* changed in postgresql.auto.conf,
					   else in postgresql.conf */
};

struct harmless {
	struct harmless_note	*notes;
	size_t			 n;
	char			*append; /* to postgresql.conf; NULL: nothing */
	struct recovery_setting	*set;	/* for recovery_write() */
	size_t			 nset;
};

/*
 * Where the copy will be started.  "dir" is where its configuration is now,
 * and "home" where it will be then: the same, or another directory for what
 * goes into an archive, or NULL if nobody knows.
 */
struct harmless_place {
	const char	*dir, *home;
};

/*
 * Judge the configuration of the restored data directory.  "recorded" is
 * where the cluster of the backup was, or NULL if that is not known: restored
 * to that place it is no copy, and its paths stay as they are.
 *
 * Without a home, places inside the copy become those that suit any: no
 * external_pid_file, sockets in /tmp.  ERR_CONFIG if data_directory is set,
 * for which there is none.
 */
int	 harmless_find(struct harmless **, const struct copyconf *,
	    const struct recovery *, const struct harmless_place *,
	    const char *recorded, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 3, 4, 6)));

/*
 * Make the restored data directory harmless, and write its recovery:
 * append to postgresql.conf what PostgreSQL reads before postgresql.auto.conf,
 * and call recovery_write() with the rest.  "recorded" is that of
 * harmless_find().  The result belongs to the caller.
 */
int	 harmless_write(struct harmless **, const struct recovery *,
	    const struct harmless_place *, const char *recorded,
	    struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 3, 5)));

void	 harmless_free(struct harmless *);		/* NULL is fine */

#endif /* RESTORE_HARMLESS_H */
