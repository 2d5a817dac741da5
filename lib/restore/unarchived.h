/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_UNARCHIVED_H
#define RESTORE_UNARCHIVED_H

#include "catalogue/catalogue.h"
#include "pg/walname.h"

/*
 * WAL that only a data directory has: it lies in pg_wal and was never
 * archived.  A delta restore would remove it, and with it the transactions
 * that were committed last.
 *
 * These files count:
 * - a segment with WAL of this cluster, finished or not, that is not archived,
 *   and that lies behind the last archived one of its timeline or waits for
 *   archiving (its .ready file is there);
 * - a history or partial file that is not archived and waits for that.
 *
 * These do not: segments that were made in advance and hold nothing yet; the
 * segment that holds nothing but the checkpoint of a clean shutdown, since a
 * server that archives switches to a new segment before it; and all of a
 * pg_wal that is a link, since a restore leaves the link's target alone.
 */
struct unarchived {
	size_t	 n;			/* files */
	char	 first[WALNAME_TEXT];	/* the first of them by name, if any */
};

/*
 * Find it in the data directory "dir".  What cannot be read counts.  A
 * missing pg_wal has none.  ERR_LOCAL for this host, ERR_CONFIG for a damaged
 * pg_control, ERR_REMOTE or ERR_CORRUPT for the repository.
 */
int	 unarchived_find(struct unarchived *, const char *dir,
	    struct archive *, const struct catalogue *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* RESTORE_UNARCHIVED_H */
