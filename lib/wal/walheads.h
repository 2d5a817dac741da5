/* SPDX-License-Identifier: ISC */
#ifndef WAL_WALHEADS_H
#define WAL_WALHEADS_H

#include <stdint.h>

#include "pg/walfacts.h"
#include "pg/walname.h"
#include "repo/archive.h"

/*
 * Whether segments that were listed count.  A listing shows names and sizes,
 * and whoever holds a .push key can put any file under a name that is free.
 * A segment counts if its header is authentic for the archive's key, its file
 * is whole, and it holds "segsize" bytes of WAL (0: any number); nothing of its
 * content is read.  Many are in flight: 160 segments take two round trips.
 */
struct walheads;
struct walheads_bad {
	char		 name[WALNAME_TEXT];	/* the first that does not */
	struct err	 why;		/* ERR_ABSENT: it is missing;
					 * ERR_CORRUPT: it is refused, or
					 * the repository denies the file */
};

/*
 * Called for each segment in the order of walheads_add().  *why is clear if
 * the segment counts, else as above.  Returns 0, 1 to look at no further one,
 * or -1.
 */
typedef int walheads_fn(void *arg, const struct walname *w,
    const struct err *why, struct err *);

/*
 * Ask for the facts of each segment too, which takes a .restore key and
 * "segsize": in "fn", walheads_facts() are those of the segment at hand, NULL
 * if it has none that this program knows.  Facts that do not open make a
 * segment one that does not count.
 */
void	 walheads_want_facts(struct walheads *) __attribute__((nonnull));
const struct walfacts *walheads_facts(const struct walheads *)
	    __attribute__((nonnull));

int	 walheads_new(struct walheads **, struct archive *, uint32_t segsize,
	    walheads_fn *fn, void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4, 6)));

/*
 * Add one segment, and, in walheads_end(), read what is left.  Both return 0,
 * or 1 if "fn" did: then add no more.  They fail with what "fn" fails with,
 * with ERR_LOCAL, or with ERR_REMOTE if a read failed, which is no verdict on
 * any segment.
 */
int	 walheads_add(struct walheads *, const struct walname *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 walheads_end(struct walheads *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 walheads_free(struct walheads *);		/* NULL is fine */

/*
 * Look at the segments from "first" to "last", both included and of one
 * timeline.  Returns 0 if all of them count; 1 if not, with the first that
 * does not in *out; or -1 as above.
 */
int	 walheads_check(struct walheads_bad *out, struct archive *,
	    const struct walname *first, const struct walname *last,
	    uint32_t segsize, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* WAL_WALHEADS_H */
