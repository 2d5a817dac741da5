/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_LINEPOINTS_H
#define CATALOGUE_LINEPOINTS_H

#include "catalogue/walread.h"
#include "pg/walfacts.h"

/*
 * The restore points and the commits of archived WAL along a line, by the
 * facts of its segments; one is read whole only where they leave it open, or
 * if it has none.
 */
struct linepoints_one {
	uint64_t	 lsn;
	int64_t		 us;
	char		 name[64];	/* any bytes but NUL */
};

struct linepoints {
	struct linepoints_one	*v;	/* owned; by LSN */
	size_t		 n;
	uint64_t	 commit_lsn;	/* the last commit; 0: none */
	int64_t		 commit_us;
	uint64_t	 whole;		/* segments that had no facts, and were
					 * read whole */
	uint64_t	 unread;	/* that are lost or damaged, or were
					 * not understood to their end */
};

/* From the LSN "from" to the end of segment "last". */
int	 linepoints_find(struct linepoints *, const struct walread_line *,
	    uint64_t from, uint64_t last, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 linepoints_fini(struct linepoints *);

#endif /* CATALOGUE_LINEPOINTS_H */
