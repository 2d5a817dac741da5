/* SPDX-License-Identifier: ISC */
#ifndef BACKUP_PACKUSAGE_H
#define BACKUP_PACKUSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "backup/pack.h"

/*
 * How much of each pack is in use by one manifest.  Pure.  About 24 bytes
 * for each pack of 256 MiB: 1 MB for a cluster of 10 TiB.
 */
#define PACKUSAGE_MAX	4000000		/* packs in one backup's directory */

struct packusage;

/* For references to so many backups: the manifest's table. */
int	 packusage_new(struct packusage **, size_t nbackups, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 packusage_free(struct packusage *);		/* NULL is fine */

/*
 * A chunk of the manifest lies there; chunks of zeros count for nothing.
 * ERR_CORRUPT for a pack number above PACKUSAGE_MAX.
 */
int	 packusage_add(struct packusage *, const struct pack_ref *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The pack lies in the repository with so many bytes. */
void	 packusage_found(struct packusage *, size_t backup, uint32_t pack,
	    uint64_t bytes);

/* None was found, as yet. */
void	 packusage_forget(struct packusage *);

/*
 * Whether new backups may refer to the pack: it was found, holds all that is
 * said to lie in it, and at least half of it is in use.  What is in use of
 * the others is stored anew, so that expiry can free them: what a backup
 * refers to is never more than twice what it needs.
 */
int	 packusage_worth(const struct packusage *, size_t backup, uint32_t pack);

/* Only that it was found and holds all that is said to lie in it. */
int	 packusage_there(const struct packusage *, size_t backup, uint32_t pack);

/* Packs in use that were not found, and found ones that are not worth it. */
struct packusage_sum {
	size_t	 lost, sparse;
};
struct packusage_sum packusage_sum(const struct packusage *);

/* Whether anything lies in packs of this backup. */
int	 packusage_any(const struct packusage *, size_t backup);

/*
 * The first run of packs in use with numbers above "after": 1, or 0 if there
 * is none.
 */
int	 packusage_run(const struct packusage *, size_t backup, uint32_t after,
	    uint32_t *first, uint32_t *last);

#endif /* BACKUP_PACKUSAGE_H */
