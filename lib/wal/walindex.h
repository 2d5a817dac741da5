/* SPDX-License-Identifier: ISC */
#ifndef WAL_WALINDEX_H
#define WAL_WALINDEX_H

#include <stddef.h>
#include <stdint.h>

#include "pg/walname.h"
#include "plan/coverage.h"
#include "store/store.h"

/* What is stored of one timeline; bytes are those of all kinds of files. */
struct walindex_timeline {
	uint32_t	 tli;
	int		 history;	/* its history file is there */
	uint64_t	 segments, partials, backups;
	uint64_t	 bytes;
	uint64_t	 first, last;	/* segment numbers, if "segments" */
};

/* For the catalogue: what the listings below wal/ say. */
struct walindex {
	uint32_t	 segsize;
	struct coverage_set set;	/* settled */
	struct walindex_timeline *tl;	/* owned; ascending */
	size_t		 ntl;
	size_t		 unknown;	/* names that were ignored */
	char		 unknown_name[64];	/* the first of them */
};

/* Told of each file, in no order; returns 0, or -1 to stop. */
typedef int	 walindex_seen(void *arg, const struct walname *,
		    uint64_t bytes, struct err *);

/* "w" is zero but for segsize, which is valid; walindex_fini() in any case. */
int	 walindex_load(struct walindex *w, struct store *, walindex_seen *,
	    void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 3, 5)));
void	 walindex_fini(struct walindex *);

/* Note a name that is not ours. */
void	 walindex_ignore(struct walindex *, const char *name);

#endif /* WAL_WALINDEX_H */
