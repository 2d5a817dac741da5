/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFYVANISHED_H
#define VERIFY_VERIFYVANISHED_H

#include <stddef.h>

#include "repo/archive.h"
#include "verify/verifyreport.h"
#include "verify/verifyitem.h"

/*
 * For a verification: objects that were listed and are missing when a job
 * looks at them.  Expiry may have removed them meanwhile.  So they are only
 * remembered, and reported at the end if something that is still in the
 * repository needs them.
 */
struct verifyvanished_object;

struct verifyvanished {
	struct verifyvanished_object *v;	/* owned */
	size_t			 n;
};

/* Remember the object of an item. */
int	 verifyvanished_add(struct verifyvanished *,
	    const struct verifyitem *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * If there is any, list the repository again and report those that are still
 * needed; the others are counted in a note.  "id" is the backup that is
 * verified, or NULL: ERR_ABSENT if it has expired meanwhile.
 */
int	 verifyvanished_report(const struct verifyvanished *, struct archive *,
	    struct verifyreport *, const char *id, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 3, 5)));
void	 verifyvanished_free(struct verifyvanished *);

#endif /* VERIFY_VERIFYVANISHED_H */
