/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWCOPY_H
#define SHOW_SHOWCOPY_H

#include <stdint.h>

#include "base/jval.h"
#include "copy/copy_conf.h"
#include "crypt/hash.h"
#include "show/progress.h"

/*
 * What a copy prints: findings while they are found and a sum for each
 * cluster, as text; or all of it as one JSON list at the end.  A progress line
 * goes to stderr meanwhile.
 */
struct showcopy {
	const char	*program;	/* for notes on stderr */
	int		 json;
	struct progress_want want;
	int		 findings;	/* set once there was one */
	int		 again;		/* this pass follows others: what they
					   have printed is not repeated */
	uint8_t		(*told)[HASH_LEN];	/* owned: those printed */
	size_t		 ntold;
	struct progress	 progress;
	struct jval	*all;		/* if json: clusters, owned */
	struct jval	*now;		/* findings of this one, owned */
};

int	 showcopy_open(struct showcopy *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* One cluster's turn begins, and ends with its sum. */
int	 showcopy_begin(struct showcopy *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 showcopy_end(struct showcopy *, const struct copy_conf *,
	    const struct copy_sum *, int complete, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* It ends as if it never was: it has nothing that is wanted. */
void	 showcopy_skip(struct showcopy *) __attribute__((nonnull));

/* For struct copy_conf, with the struct showcopy as its "arg". */
int	 showcopy_finding(void *arg, const char *path, const char *why,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 showcopy_note(void *arg, const char *text) __attribute__((nonnull));
void	 showcopy_progress(void *arg, uint64_t bytes, uint64_t total)
	    __attribute__((nonnull));

/*
 * Print the JSON list, if that is the form, and release what is owned.  Call
 * it also after a failure: what was copied until then counts.
 */
int	 showcopy_close(struct showcopy *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* SHOW_SHOWCOPY_H */
