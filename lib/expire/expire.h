/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_EXPIRE_H
#define EXPIRE_EXPIRE_H

#include <stddef.h>
#include <stdint.h>

#include "catalogue/catalogue.h"
#include "expire/expire_conf.h"
#include "plan/retention.h"
#include "repo/archive.h"

/*
 * Free what no kept backup and no kept recovery point needs.
 *
 * The order makes it safe to die anywhere: labels are withdrawn first, so
 * that no backup exists whose packs or WAL are gone; what is left behind then
 * is garbage without a label, which the next run sweeps.  No lock, no lease:
 * a push that will refer to an old backup first puts a claim into its
 * directory and then looks at the label, expiry withdraws the label and then
 * looks for claims.  Whoever comes second sees the other.  A claim holds all
 * that the backup's label refers to, until the push has a label of its own or
 * has come to nothing.
 *
 * Swept as well: uploads and directories without a label that nothing was
 * added to for "abandoned_us", by the repository's own clock; and what
 * earlier runs withdrew and did not get to delete.
 *
 *	if (expire_plan(&x, a, catalogue, &conf, e) ||
 *	    expire_run(x, a, dry, e))
 *		goto out;
 * out:
 *	expire_free(x);
 */
struct expire;

/*
 * Decide.  Nothing is deleted; a directory is made in the repository's tmp/
 * and removed to learn its time.  ERR_CORRUPT if a label or history file
 * cannot be trusted: what it needs is not known, so nothing may go.
 * ERR_LOCAL if this host's clock and the repository's differ by more than a
 * day; of both the earlier one counts.  "catalogue" and "conf" must outlive
 * the result.
 *
 * With "gone" the policy is left alone: these backups go and no others, and
 * what is not needed without them.  ERR_ABSENT if one is not there.
 * ERR_USAGE, with what to do about it, if one is pinned, if fewer than
 * minimum_redundancy would remain, or, without "force", if the newest on the
 * latest timeline is among them.
 */
int	 expire_plan(struct expire **, struct archive *,
	    const struct catalogue *, const struct expire_conf *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 expire_free(struct expire *);			/* NULL is fine */

/* The plan: verdicts are in the order of the catalogue's labels. */
const struct retention_plan *expire_retention(const struct expire *);

/* What went, or with "dry" what would go. */
struct expire_sum {
	uint64_t	 files, bytes;
};

struct expire_result {
	uint64_t	 withdrawn;		/* labels */
	struct expire_sum backups;		/* their files, leftovers */
	struct expire_sum wal;
	struct expire_sum tmp;
};

int	 expire_run(struct expire *, struct archive *, int dry,
	    struct expire_result *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* EXPIRE_EXPIRE_H */
