/* SPDX-License-Identifier: ISC */
#ifndef PUSHER_PUSHSET_H
#define PUSHER_PUSHSET_H

#include "pusher/pusher.h"
#include "pusher/pushvote.h"

/*
 * The work of wal-push's agent for the repositories of a server: a pusher for
 * each, side by side.  A request is answered when the file is durable in
 * "quorum" of them; the others go on with it, each at its own pace.
 *
 * One that cannot be reached is tried again after a pause, longer each time,
 * and in between it is not asked as long as enough others are.  The same holds
 * for one that has PUSHSET_BEHIND files to do.  What it lacks then is for
 * repo-copy to fill; the log says so.  A conflict is noted for the log whatever
 * the others say.
 */
#define PUSHSET_BEHIND	16

struct pushset;

/*
 * Start.  "pool" has the settings for each of "n" repositories, whose "share",
 * "answer" and "answer_arg" are set here; "names" are for messages.  With one
 * repository it is a pusher and no more.  What both point to must live as long
 * as the set.  Fails as pusher_new() does.
 */
int	 pushset_new(struct pushset **out, struct pushpool_conf *pool,
	    const char *const *names, size_t n, size_t quorum,
	    struct serve *serve, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/* As pusher_free(). */
int	 pushset_free(struct pushset *) __attribute__((warn_unused_result));

/* For serve_run(), with the set as "arg". */
extern const struct serve_work pushset_work;

#endif /* PUSHER_PUSHSET_H */
