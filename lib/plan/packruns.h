/* SPDX-License-Identifier: ISC */
#ifndef PLAN_PACKRUNS_H
#define PLAN_PACKRUNS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/*
 * A set of packs, kept as runs of consecutive numbers.  Pure: no files.
 *
 *	struct packruns set = { 0 };
 *
 *	packruns_add(&set, label->packs, label->npacks, e) ...
 *	packruns_settle(&set);
 *	if (packruns_has(&set, id, pack)) ...
 *	packruns_fini(&set);
 */
struct packruns_run {
	const char	*backup;	/* id of the directory they lie in */
	uint32_t	 first, last;	/* numbers, both included */
};

struct packruns {
	struct packruns_run *v;		/* owned; the ids are borrowed */
	size_t		 n, settled;	/* the same once it is settled */
};

/* For qsort(): the order of runs, by id and then by first number. */
int	 packruns_compare(const void *a, const void *b);

/*
 * Add "n" runs, in any order; they may overlap each other and what is in the
 * set already.  The set keeps pointers to the ids, not copies: these must
 * outlive it.  ERR_LOCAL if memory is short; the set is then as it was.
 */
int	 packruns_add(struct packruns *set, const struct packruns_run *runs,
	    size_t n, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 4)));

/*
 * After the last packruns_add(): sort set->v by id and number, and let each
 * pack be in one run only; runs that touch are joined.
 */
void	 packruns_settle(struct packruns *set) __attribute__((nonnull));

/*
 * Whether the set, which must be settled, holds this pack of this backup's
 * directory.
 */
int	 packruns_has(const struct packruns *set, const char *id,
	    uint32_t pack) __attribute__((nonnull));

/* Release what the set owns; the set is then empty. */
void	 packruns_fini(struct packruns *set) __attribute__((nonnull));

#endif /* PLAN_PACKRUNS_H */
