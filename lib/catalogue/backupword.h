/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_BACKUPWORD_H
#define CATALOGUE_BACKUPWORD_H

#include "backup/label.h"
#include "catalogue/catalogue.h"

/*
 * What people may write in the place of a backup's id:
 *
 *	20261122T040001Z	that backup
 *	latest, oldest		the last and the first of the cluster
 *	previous, next		the one before the latest, and the one behind
 *				the oldest
 *	previous:ID, next:ID	the neighbours of backup ID
 *
 * A word means backups of one cluster, in the order in which they began: of
 * the cluster that has ID, or else the newest backup of all; so "previous"
 * never leads back behind an upgrade.  Labels that are refused do not count.
 */
enum backupword_kind {
	BACKUPWORD_ID,
	BACKUPWORD_LATEST,
	BACKUPWORD_OLDEST,
	BACKUPWORD_PREVIOUS,
	BACKUPWORD_NEXT
};

struct backupword {
	enum backupword_kind	 kind;
	const char		*id;	/* behind the colon, or all of it;
					 * borrowed.  NULL: a word alone */
};

/*
 * Read "text", which must outlive the result.  ERR_USAGE if it is neither a
 * word nor formed like an id.
 */
int	 backupword_parse(struct backupword *, const char *text, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Find the backup in this catalogue.  Returns 0, 1 if the cluster does not
 * have the id, or for a word alone no backup; or -1, with ERR_ABSENT if no
 * backup precedes or follows, and ERR_CORRUPT if the label of the id is
 * refused.  *label is set on success only.
 */
int	 backupword_find(const struct backupword *, const struct catalogue *,
	    const struct label **label, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* CATALOGUE_BACKUPWORD_H */
