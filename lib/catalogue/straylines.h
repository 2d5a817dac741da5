/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_STRAYLINES_H
#define CATALOGUE_STRAYLINES_H

#include <stddef.h>
#include <stdint.h>

#include "catalogue/catalogue.h"
#include "plan/choose.h"
#include "plan/stray.h"
#include "repo/archive.h"

/*
 * The lines of timelines beside the one that a restore follows, with what
 * plan/stray.h judges them by: labels, the headers of history files, and the
 * times of commits in the newest WAL of each line.
 */
struct strayline {
	struct stray_line	 at;
	enum stray_why		 why;
};

struct straylines {
	struct strayline *v;		/* owned; by timeline */
	size_t		 n;
	uint32_t	 tli;		/* the chosen line */
	const struct lineage_backup *newest;	/* that leads to it */
	int64_t		 commit_us;	/* its newest, or STRAY_UNKNOWN */
	struct lineage_backup *backup;	/* owned; as the catalogue's labels */
};

/*
 * Find and judge the lines beside timeline "tli", which the restore follows
 * from segment "first" to segment "last".  A line is left out if it has
 * neither a backup nor a commit behind the fork.  What is damaged counts as
 * not there.  So does a time that lies behind "now_us" (stray_past()), where
 * it would speak for the chosen line.  Returns 0 or -1; straylines_fini() in
 * both cases.
 */
int	 straylines_find(struct straylines *, struct archive *,
	    const struct catalogue *, const struct choose_target *,
	    uint32_t tli, uint64_t first, uint64_t last, int64_t now_us,
	    struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * ERR_ABSENT if one of them stops this restore (stray_refuses()).  The
 * message describes both lines and says what to do.
 */
int	 straylines_check(const struct straylines *,
	    const struct choose_target *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * One line in words: "timeline 1: newest backup ID, ended TIME; last commit
 * TIME".  Returns "buf".
 */
#define STRAYLINES_TEXT	192
const char *straylines_text(char buf[STRAYLINES_TEXT], uint32_t tli,
	    const struct lineage_backup *newest, int64_t commit_us);

void	 straylines_fini(struct straylines *);

#endif /* CATALOGUE_STRAYLINES_H */
