/* SPDX-License-Identifier: ISC */
#ifndef PUSH_CLUSTERFILES_H
#define PUSH_CLUSTERFILES_H

#include <stdint.h>

#include "backup/manifest.h"
#include "datadir/walk.h"
#include "pg/control.h"

/*
 * The files of a running cluster that belong into a backup, as entries of its
 * manifest.  Fill in all but the last field.
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
	/* Called with each socket, pipe or device left out; may be NULL. */
	void	(*note)(void *arg, const char *text);
	void	*arg;
	struct walk	*walk;		/* owned */
};

int	 clusterfiles_open(struct clusterfiles *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The next entry, in the order of the manifest: 0, 1 after the last, or -1.
 * Its texts are valid until the next call.  What PostgreSQL's own base backup
 * leaves out is left out, unlogged relations too but for their init forks,
 * and global/pg_control, which must come last of all.
 */
int	 clusterfiles_next(struct clusterfiles *, struct manifest_entry *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * The time before which a file must have changed to have been at rest during
 * a backup that started at "start_us" by PostgreSQL's clock.  After the
 * start's checkpoint.
 */
int	 clusterfiles_safe_time(const struct clusterfiles *, int64_t start_us,
	    int64_t *safe_us, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Read pg_control, as a restored cluster is to have it (control_poison()).
 * ERR_PG if it is not of this cluster at or after the backup's start.
 */
int	 clusterfiles_control(const struct clusterfiles *, uint64_t system_id,
	    uint64_t start_lsn, uint8_t buf[CONTROL_SIZE],
	    struct manifest_entry *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

void	 clusterfiles_free(struct clusterfiles *);

#endif /* PUSH_CLUSTERFILES_H */
