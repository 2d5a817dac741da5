/* SPDX-License-Identifier: ISC */
#ifndef REPO_CATALOGUE_H
#define REPO_CATALOGUE_H

#include <stddef.h>
#include <stdint.h>

#include "pg/history.h"
#include "repo/archive.h"
#include "repo/label.h"

/*
 * What a repository holds of one cluster, read in as few round trips as the
 * store allows: all labels, all WAL names with sizes, all history files'
 * names.  Needs any key; history files can be read with a .restore key only,
 * without one the forks are known by name and the switch points are taken
 * from the segments that are there.
 */
struct catalogue;

/*
 * Read it.  ERR_REMOTE if the marker cannot be found.  A label that is not
 * authentic does not hide the others: it is listed in catalogue_bad_*().
 */
int	 catalogue_load(struct catalogue **, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 catalogue_free(struct catalogue *);		/* NULL is fine */

/* Backups by start time, oldest first; borrowed. */
size_t	 catalogue_labels(const struct catalogue *);
const struct label *catalogue_label(const struct catalogue *, size_t);
const struct label *catalogue_find(const struct catalogue *, const char *id);

/* Labels that are there but refused: id and why. */
size_t	 catalogue_bads(const struct catalogue *);
const char *catalogue_bad_id(const struct catalogue *, size_t);
const char *catalogue_bad_why(const struct catalogue *, size_t);

/* System identifiers below ROOT/SERVER: who lists before knowing one. */
int	 catalogue_systems(struct store *, const char *server, uint64_t **ids,
	    size_t *n, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* REPO_CATALOGUE_H */
