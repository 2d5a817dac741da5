/* SPDX-License-Identifier: ISC */
#ifndef CHECK_CHECKLAG_H
#define CHECK_CHECKLAG_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "check/checkfacts.h"
#include "check/checkreport.h"
#include "plan/coverage.h"

/*
 * Several repositories of one server: what each lacks that another has.  It is
 * judged when all were listed, so what is needed is kept here.
 */
struct checklag {
	const char	*name;		/* of the repository; borrowed */
	const char	*server, *state_dir;	/* borrowed */
	uint64_t	 system_id;	/* 0: not known */
	uint32_t	 segsize;
	int		 listed;	/* the next three are set */
	struct coverage_set wal;	/* owned */
	uint32_t	 tli;		/* timeline of its newest segment, 0: */
	uint64_t	 segno;		/* it has none; and its number */
	int64_t		 at;		/* when that was stored, in seconds by
					 * the repository's clock */
};

/* A pusher leaves a slow repository behind by so many segments. */
#define CHECKLAG_USUAL	16

/* Keep what was found of one.  ERR_LOCAL if memory is short. */
int	 checklag_take(struct checklag *, const struct checkfacts *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Set the check "lag" of all, in the same order.  A segment that is missing
 * behind its own newest one will never come by itself, so that is a warning
 * below the threshold, too.
 *
 * With it ends a finding of the check "archived", where as many others as the
 * quorum asks for have what left the server or could not be listed: it left for
 * those.  ERR_LOCAL if memory is short.
 */
int	 checklag_judge(const struct checklag *, struct checkreport *,
	    size_t n, size_t quorum, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Release what was kept.  All zeros are fine. */
void	 checklag_fini(struct checklag *) __attribute__((nonnull));

#endif /* CHECK_CHECKLAG_H */
