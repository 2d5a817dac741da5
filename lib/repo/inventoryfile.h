/* SPDX-License-Identifier: ISC */
#ifndef REPO_INVENTORYFILE_H
#define REPO_INVENTORYFILE_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/hash.h"
#include "crypt/headform.h"
#include "crypt/key.h"
#include "store/store.h"

/*
 * For inventory.c: one file of vouched/ (lib/FORMAT.md, 13), while it is read.
 * Zeroed at first; inventoryfile_fini() in any case.
 */
#define INVENTORYFILE_FRONT	((size_t)4096)	/* both lines are in it */

struct inventoryfile {
	struct store_get *get;
	uint8_t		 front[INVENTORYFILE_FRONT];
	size_t		 asked;		/* by inventoryfile_ask() */
	size_t		 n;		/* bytes in "front" */
	size_t		 at;		/* where the entries begin in it */
	size_t		 signer;	/* the number of the retired one */
	uint64_t	 entries;
	uint8_t		 hash[HASH_LEN];
	uint8_t		(*entry)[HASH_LEN];	/* owned */
};

/*
 * Ask for the first bytes of the file at "path", of which a listing says that
 * it has "size" bytes.  Does not wait, so many files may be asked for at once.
 */
int	 inventoryfile_ask(struct inventoryfile *, struct store *,
	    const char *path, uint64_t size, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * After inventoryfile_ask(): whether a signer in service of "key" signed this
 * file for this place, and for a signer that "key" has.  Returns 0, 1 if the
 * file is gone, or -1: ERR_CORRUPT if it did not.
 */
int	 inventoryfile_check(struct inventoryfile *,
	    const struct head_place *, const struct key *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Read the file at "at" whole, and check all of it.  Returns as above. */
int	 inventoryfile_read(struct inventoryfile *, struct store *,
	    const struct head_place *at, const struct key *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

void	 inventoryfile_fini(struct inventoryfile *) __attribute__((nonnull));

#endif /* REPO_INVENTORYFILE_H */
