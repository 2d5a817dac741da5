/* SPDX-License-Identifier: ISC */
#ifndef COPY_EXPORTPLAN_H
#define COPY_EXPORTPLAN_H

#include <stdint.h>

#include "copy/copyplan.h"
#include "store/exportform.h"

/*
 * What an export holds (lib/FORMAT.md, 17): one backup, and the WAL of all
 * timelines from the backup's first segment to a last one.
 */
struct exportplan_want {
	const char	*id;		/* of the backup */
	enum exportform_until until;
	int64_t		 until_us;	/* EXPORTFORM_TIME: since 1970 */
	uint64_t	 until_lsn;	/* EXPORTFORM_END */
	/*
	 * The archive's key is a .restore key, so commits can be read.  Else an
	 * export to a time takes all WAL, since nothing shows where that ends.
	 */
	int		 may_read;
};

/*
 * Choose the objects: p->wal and p->packs, in the order of the file.  *label is
 * the backup's, of from->labels.  ERR_ABSENT if there is no such backup or no
 * WAL up to where it is wanted; ERR_CORRUPT if the backup is incomplete, or WAL
 * is missing on the way.  copyplan_fini() in any case; zeroed before.
 */
int	 exportplan_make(struct copyplan *p, const struct label **label,
	    const struct copyside *from, const struct exportplan_want *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* COPY_EXPORTPLAN_H */
