/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_NEWEST_H
#define CATALOGUE_NEWEST_H

#include <stdint.h>

#include "catalogue/backupword.h"
#include "catalogue/catalogue.h"

/*
 * The backup that a word means (backupword.h), over all clusters that a server
 * has had; without a word the newest.  The backup that began last is the
 * newest, by the time in its label.  Of two that began at the same time the
 * one that was offered first stays.
 *
 *	struct newest	 n = { .word = &word };
 *
 *	if (systems_visit(conf, key, newest_look, &n, e) ||
 *	    newest_settle(&n, e))
 *		goto out;
 *	... n.label ...
 * out:
 *	newest_fini(&n);
 */
struct newest {
	const struct backupword *word;	/* borrowed; NULL: the newest */
	const struct label *label;	/* in "cat"; NULL: no backup so far */
	struct catalogue *cat;		/* owned: all of its cluster */
	uint64_t	 system_id;	/* of that cluster */
};

/*
 * Load the catalogue of one cluster and offer its newest backup, or the one
 * whose id is in the word; "newest" is a struct newest.  Fails as
 * catalogue_load() does, or ERR_CORRUPT if that backup's label is refused.
 */
int	 newest_look(void *newest, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Offer a backup of the cluster "system_id": "label" is one of "cat", or NULL
 * if this cluster has none to offer.  Takes "cat" over, and releases whichever
 * catalogue does not hold the newest backup.
 */
void	 newest_offer(struct newest *, struct catalogue *cat,
	    const struct label *label, uint64_t system_id)
	    __attribute__((nonnull(1, 2)));

/*
 * After the last cluster: set "label" to the backup that is meant.  ERR_ABSENT
 * if there is no such backup.
 */
int	 newest_settle(struct newest *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Release the catalogue; the label goes with it. */
void	 newest_fini(struct newest *);

#endif /* CATALOGUE_NEWEST_H */
