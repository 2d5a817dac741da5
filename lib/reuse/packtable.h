/* SPDX-License-Identifier: ISC */
#ifndef REUSE_PACKTABLE_H
#define REUSE_PACKTABLE_H

#include <stddef.h>
#include <stdint.h>

#include "repo/connection.h"
#include "reuse/pastset.h"

/*
 * The backups that the new one may refer to, and which of their packs a
 * listing of the repository showed.  Each list of a pastset has its own table
 * of backups.  This is the one table of the new manifest; place[] of each list
 * leads into it.
 */
struct packtable;

/*
 * Make the table from what the lists refer to; place 0 is "id", the backup in
 * the making.  The set and "id" must outlive the table.  "abandoned_us" is the
 * age, in microseconds, at which expiry deletes what a dead push left.
 */
int	 packtable_new(struct packtable **out, const struct pastset *,
	    const char *id, int64_t abandoned_us, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 packtable_free(struct packtable *);		/* NULL is fine */

/* The ids of the table, *n of them; they live as long as the table. */
const char *const *packtable_ids(const struct packtable *, size_t *n);

/*
 * List the packs in the repository.  packtable_relist() forgets which were
 * found and lists them again; what the first listing showed of claims and
 * labels stays.
 */
int	 packtable_list(struct packtable *, struct connection *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 packtable_relist(struct packtable *, struct connection *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Whether the new backup may refer to a pack of the backup at "place": a list
 * says what lies in it, the listing showed it whole, and nothing will delete
 * it before the new label stands.
 */
int	 packtable_may_refer(const struct packtable *, size_t place,
	    uint32_t pack);

/*
 * How many packs may be referred to.  A pack counts once for each list that
 * uses it, so the number is good only for comparing two listings.
 */
size_t	 packtable_referable(const struct packtable *);

#endif /* REUSE_PACKTABLE_H */
