/* SPDX-License-Identifier: ISC */
#ifndef REPO_INVENTORY_H
#define REPO_INVENTORY_H

#include <stddef.h>
#include <stdint.h>

#include "crypt/headform.h"
#include "crypt/key.h"
#include "repo/layout.h"
#include "store/store.h"

/*
 * Inventories (lib/FORMAT.md, 13): which objects of a retired signer count.
 */

/*
 * Read the inventories of the cluster that "st" was entered for, as far as
 * they are of signers that "key" retires and were not read before, and give
 * them to the key, where crypt/retired.h finds them.  Does nothing for a key
 * that retires nobody, and after retired_forgo().  archive_enter() calls this,
 * so all that read objects through an archive have the inventories.
 *
 * An inventory that is not authentic, is damaged, or cannot be read although
 * the marker can, is left out: what it may have listed does not count, and the
 * messages that refuse it say why.  Fails only if the repository cannot be
 * read, or memory is short.
 */
int	 inventory_load(struct store *st, const struct key *key,
	    const char *server, uint64_t system_id, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* What an inventory says; all is borrowed. */
struct inventory {
	const uint8_t	*signer;	/* KEY_LEN bytes: the retired one */
	int64_t		 until_us;
	const char	*depth;		/* "signatures", "hashes", "contents" */
	uint8_t		(*entry)[HASH_LEN];	/* see vouched_entry() */
	size_t		 n;
};

/*
 * Sort the entries, drop those that come twice, and publish the inventory,
 * signed by the push key "key", for the cluster of "at".  "path", which is
 * at->path too, gets its name.  ERR_CONFIG if "key" is no push key, ERR_LOCAL
 * if there are more than VOUCHED_MAX entries.
 */
int	 inventory_publish(struct inventory *, struct store *,
	    const struct key *key, struct head_place *at,
	    char path[LAYOUT_PATH], struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* REPO_INVENTORY_H */
