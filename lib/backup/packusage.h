/* SPDX-License-Identifier: ISC */
#ifndef BACKUP_PACKUSAGE_H
#define BACKUP_PACKUSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "backup/pack.h"

/*
 * How much of each pack one manifest uses, and so which packs a new backup
 * may refer to.  Pure: no files.  It takes 24 bytes for each pack of 256 MiB,
 * 1 MB for a cluster of 10 TiB.
 *
 * Backups are meant by their index in the manifest's table.
 */
#define PACKUSAGE_MAX	4000000		/* packs in one backup's directory */

struct packusage;

/* For references to "nbackups" backups.  ERR_LOCAL if memory is short. */
int	 packusage_new(struct packusage **, size_t nbackups, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 packusage_free(struct packusage *);		/* NULL is fine */

/*
 * Count a chunk of the manifest, which lies at "ref": its difference, too, as a
 * use of another pack.  Chunks of zeros count for nothing.  ERR_CORRUPT for a
 * pack number above PACKUSAGE_MAX, ERR_LOCAL if memory is short.
 */
int	 packusage_add(struct packusage *, const struct pack_ref *ref,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Note that the repository has the pack, and that its file has "bytes".  Packs
 * that the manifest does not use are ignored.
 */
void	 packusage_found(struct packusage *, size_t backup, uint32_t pack,
	    uint64_t bytes);

/* Forget all that was found: no pack counts as found from now on. */
void	 packusage_forget(struct packusage *);

/*
 * Whether new backups may refer to the pack: it was found, it is not shorter
 * than the chunks in it need, and at least half of it is in use.  Of other
 * packs a push stores anew what is in use, so that expiry can delete them: a
 * backup never keeps more than twice what it needs.
 */
int	 packusage_worth(const struct packusage *, size_t backup,
	    uint32_t pack);

/* The same without the last condition: at least one chunk is in use. */
int	 packusage_there(const struct packusage *, size_t backup,
	    uint32_t pack);

/* Counts of packs in use. */
struct packusage_sum {
	size_t	 lost;		/* not found, or too short */
	size_t	 sparse;	/* found, and less than half in use */
};
struct packusage_sum packusage_sum(const struct packusage *);

/* Whether any pack of this backup is in use. */
int	 packusage_any(const struct packusage *, size_t backup);

/*
 * Find the first run of packs in use with numbers above "after".  Returns 1
 * and sets *first and *last, or 0 if there is no further pack.
 */
int	 packusage_run(const struct packusage *, size_t backup, uint32_t after,
	    uint32_t *first, uint32_t *last);

#endif /* BACKUP_PACKUSAGE_H */
