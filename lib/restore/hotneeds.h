/* SPDX-License-Identifier: ISC */
#ifndef RESTORE_HOTNEEDS_H
#define RESTORE_HOTNEEDS_H

#include "catalogue/catalogue.h"

/*
 * What hot standby will need while WAL behind a backup is replayed: the five
 * settings (pg/hotsettings.h) as the labels of this backup and of later ones
 * on the same line have them; WAL behind the newest may need more.
 */
struct hotneeds {
	uint32_t	 value[HOTSETTINGS];	/* the highest of each */
	const char	*backup[HOTSETTINGS];	/* the first backup that had it,
					   or hotneeds_wal; NULL if nobody
					   knows */
};

/* In place of a backup's id: archived WAL says it (restore/laterfacts.h). */
extern const char hotneeds_wal[];

/*
 * Find it in the catalogue for the backup "from", recovered along timeline
 * "tli".  The ids belong to the catalogue.
 */
void	 hotneeds_find(struct hotneeds *, const struct catalogue *,
	    const struct label *from, uint32_t tli,
	    const struct lineage_set *) __attribute__((nonnull));

#endif /* RESTORE_HOTNEEDS_H */
