/* SPDX-License-Identifier: ISC */
#ifndef PUSH_STREAMLABEL_H
#define PUSH_STREAMLABEL_H

#include "cluster/basebackup.h"
#include "push/pushrun.h"

/*
 * Write into a run's label what is known when PostgreSQL has started the
 * backup.  pg.start must be set.  Once.
 */
int	 streamlabel_start(struct pushrun *, const struct basebackup_start *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * PostgreSQL has stopped the backup, as the piece "p" says, and backup_label
 * is in pg.stop: set the rest of pg.stop, and of the label.  "ahead_us" is by
 * how much the server's clock is before ours, at most a second less than it
 * really is.  ERR_PG if the stop does not complete the backup that was
 * started.
 */
int	 streamlabel_stop(struct pushrun *, const struct basebackup_piece *p,
	    int64_t ahead_us, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PUSH_STREAMLABEL_H */
