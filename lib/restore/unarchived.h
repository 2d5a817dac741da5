/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_UNARCHIVED_H
#define RESTORE_UNARCHIVED_H

#include "catalogue/catalogue.h"
#include "pg/walname.h"

/*
 * What a data directory's pg_wal holds and the repository does not: it would
 * be gone after a delta restore, and with it what was committed last.
 *
 * Counted are segments with WAL of this cluster that lie behind the last one
 * that is archived of their timeline, whether PostgreSQL had finished them
 * or not, and whatever waits to be archived (.ready).  Not counted are
 * segments that were made beforehand and hold nothing yet, and the one with
 * nothing but the checkpoint of a clean shutdown: an archiving server
 * switches to a new segment before that.  pg_wal may be a link; what is
 * behind it stays, so that counts for nothing.
 */
struct unarchived {
	size_t	 n;
	char	 first[WALNAME_TEXT];	/* of them, by name */
};

int	 unarchived_find(struct unarchived *, const char *dir, struct archive *,
	    const struct catalogue *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* RESTORE_UNARCHIVED_H */
