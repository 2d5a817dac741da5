/* SPDX-License-Identifier: ISC */
#ifndef PUSH_CLUSTERFILES_H
#define PUSH_CLUSTERFILES_H

#include <stdint.h>

#include "backup/manifest.h"
#include "datadir/walk.h"
#include "pg/control.h"

/*
 * The files of a running cluster that belong into a backup, as entries of its
 * manifest.  The caller fills in all fields but the last.
 *
 *	struct clusterfiles	 c = { .dir = dir, .tablespace_dir = ts };
 *
 *	if (clusterfiles_open(&c, e))
 *		goto out;
 *	while ((rc = clusterfiles_next(&c, &entry, e)) == 0)
 *		...
 *	if (clusterfiles_control(&c, system_id, start_lsn, buf, &entry, e))
 *		goto out;
 * out:
 *	clusterfiles_free(&c);
 */
struct clusterfiles {
	const char	*dir;		/* the data directory */
	const char	*tablespace_dir;	/* "PG_15_202209061" */
	/* Called for each socket, pipe or device left out; may be NULL. */
	void	(*note)(void *arg, const char *text);
	void	*arg;
	struct walk	*walk;		/* owned */
};

int	 clusterfiles_open(struct clusterfiles *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The next entry, in the order of the manifest.  Returns 0, 1 after the last,
 * or -1.  The entry's texts are valid until the next call.
 *
 * Left out are the files that PostgreSQL's own base backup leaves out
 * (exclude.h), unlogged relations except for their init forks, and
 * global/pg_control, which is for clusterfiles_control().  Failures are those
 * of walk.h.
 */
int	 clusterfiles_next(struct clusterfiles *, struct manifest_entry *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Find the time for manifestfacts.h: a file whose last change is older than
 * *safe_us, by its own clock, did not change while the backup read it.
 * "start_us" is the backup's start by PostgreSQL's clock.  Call it when
 * PostgreSQL has started the backup.  Microseconds since 1970.
 */
int	 clusterfiles_safe_time(const struct clusterfiles *, int64_t start_us,
	    int64_t *safe_us, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The same from the two times by which it is decided: the backup's start, and
 * the mtime of pg_control just after it.
 */
int64_t	 clusterfiles_safe_us(int64_t start_us, int64_t control_us)
	    __attribute__((const));

/*
 * Check beforehand that "dir" has a pg_control of this system.  ERR_PG if it
 * is another's.
 */
int	 clusterfiles_check(const struct clusterfiles *, uint64_t system_id,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Read pg_control and make it what a restored cluster needs
 * (control_poison()).  Call it after all other files: a backup of a standby
 * must be recovered at least to the point that pg_control names, which must
 * not lie before the LSN of any page that was copied.  *hot becomes what it
 * says of the settings that hot standby compares.
 *
 * Returns ERR_PG if it is of another system than "system_id", or older than
 * the backup's start: then "dir" is not the directory of this server.
 */
int	 clusterfiles_control(const struct clusterfiles *, uint64_t system_id,
	    uint64_t start_lsn, uint8_t buf[CONTROL_SIZE],
	    struct manifest_entry *, struct hotsettings *hot, struct err *)
	    __attribute__((warn_unused_result, nonnull));

void	 clusterfiles_free(struct clusterfiles *);

#endif /* PUSH_CLUSTERFILES_H */
