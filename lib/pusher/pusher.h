/* SPDX-License-Identifier: ISC */
#ifndef PUSHER_PUSHER_H
#define PUSHER_PUSHER_H

#include "agent/serve.h"
#include "pusher/pushpool.h"

/*
 * The work of wal-push's agent: the file that was asked for first, and
 * meanwhile those that PostgreSQL will ask for next, over "jobs" connections,
 * and two more as long as sending waits for round trips or the server's disk.
 *
 * A file that was pushed ahead counts only for that very file: name, device,
 * inode, size, mtime and ctime of what the caller holds open are compared.
 * Anything else, and every failure, means that it is pushed when asked for,
 * and the caller gets what happened then.  All of this is remembered in
 * memory alone.
 */
struct pusher;

/* What "conf" points to must outlive it, and so must "serve". */
int	 pusher_new(struct pusher **, const struct pushpool_conf *,
	    struct serve *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Stop within seconds.  Returns 0; temporary files are gone then where that
 * could be helped.  Or 1 if a connection hangs: its thread was left alone,
 * and so was all that it may use.  The process must end at once then,
 * without freeing anything that was given to pusher_new().
 */
int	 pusher_free(struct pusher *) __attribute__((warn_unused_result));

/* For serve_run(), with the pusher as "arg". */
extern const struct serve_work pusher_work;

#endif /* PUSHER_PUSHER_H */
