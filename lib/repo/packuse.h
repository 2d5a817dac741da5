/* SPDX-License-Identifier: ISC */
#ifndef REPO_PACKUSE_H
#define REPO_PACKUSE_H

#include <stddef.h>
#include <stdint.h>

#include "repo/pack.h"

/*
 * How much of each pack is in use by one manifest.  Pure.  About 24 bytes
 * for each pack of 256 MiB: 1 MB for a cluster of 10 TiB.
 */
#define PACKUSE_MAX	4000000		/* packs in one backup's directory */

struct packuse;

/* For references to so many backups: the manifest's table. */
int	 packuse_new(struct packuse **, size_t nbackups, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 packuse_free(struct packuse *);		/* NULL is fine */

/*
 * A chunk of the manifest lies there; chunks of zeros count for nothing.
 * ERR_CORRUPT for a pack number above PACKUSE_MAX.
 */
int	 packuse_add(struct packuse *, const struct pack_ref *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The pack lies in the repository with so many bytes. */
void	 packuse_found(struct packuse *, size_t backup, uint32_t pack,
	    uint64_t bytes);

/* None was found, as yet. */
void	 packuse_forget(struct packuse *);

/*
 * Whether new backups may refer to the pack: it was found, holds all that is
 * said to lie in it, and at least half of it is in use.  What is in use of
 * the others is stored anew, so that expiry can free them: what a backup
 * refers to is never more than twice what it needs.
 */
int	 packuse_worth(const struct packuse *, size_t backup, uint32_t pack);

/* Only that it was found and holds all that is said to lie in it. */
int	 packuse_there(const struct packuse *, size_t backup, uint32_t pack);

/* Packs in use that were not found, and found ones that are not worth it. */
struct packuse_sum {
	size_t	 lost, sparse;
};
struct packuse_sum packuse_sum(const struct packuse *);

/* Whether anything lies in packs of this backup. */
int	 packuse_any(const struct packuse *, size_t backup);

/*
 * The first run of packs in use with numbers above "after": 1, or 0 if there
 * is none.
 */
int	 packuse_run(const struct packuse *, size_t backup, uint32_t after,
	    uint32_t *first, uint32_t *last);

#endif /* REPO_PACKUSE_H */
