/* SPDX-License-Identifier: ISC */
#ifndef REPO_WARM_H
#define REPO_WARM_H

#include <stdint.h>

#include "repo/archive.h"

/*
 * A connection that is used now and then for hours: one that was idle may
 * be dead, and is opened anew.  Fill in all but the last two; warm_drop() at
 * the end.
 */
struct warm {
	const struct store_conf *store;
	const struct key *key;
	const char	*server;
	uint64_t	 system_id;
	struct archive	*a;		/* owned; good after warm_up() */
	int64_t		 used_ms;
};

int	 warm_up(struct warm *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 warm_drop(struct warm *);

#endif /* REPO_WARM_H */
