/* SPDX-License-Identifier: ISC */
#ifndef REPO_WALINDEX_H
#define REPO_WALINDEX_H

#include "repo/catalogue.h"

/* For the catalogue: what the listings below wal/ say. */
struct walindex {
	uint32_t	 segsize;
	struct coverage_set set;	/* settled */
	struct catalogue_timeline *tl;	/* owned; ascending */
	size_t		 ntl;
	size_t		 unknown;	/* names that were ignored */
	char		 unknown_name[64];	/* the first of them */
};

/* Told of each complete segment. */
typedef void	 walindex_seen(void *arg, uint32_t tli, uint64_t segno,
		    uint64_t bytes);

/* "w" is zero but for segsize, which is valid; walindex_fini() in any case. */
int	 walindex_load(struct walindex *w, struct store *, walindex_seen *,
	    void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 3, 5)));
void	 walindex_fini(struct walindex *);

/* Note a name that is not ours. */
void	 walindex_ignore(struct walindex *, const char *name);

#endif /* REPO_WALINDEX_H */
