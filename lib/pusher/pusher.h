/* SPDX-License-Identifier: ISC */
#ifndef PUSHER_PUSHER_H
#define PUSHER_PUSHER_H

#include "agent/serve.h"
#include "pusher/pushpool.h"

/*
 * The work of wal-push's agent.  It pushes the file that is asked for, and
 * meanwhile those that PostgreSQL will ask for next, over "jobs" connections.
 * Up to two more connections are opened while sending a file waits for round
 * trips or for the server's disk.
 *
 * A file that was pushed ahead counts for a request only if it is the very
 * same file: device, inode, size, mtime and ctime of what the caller holds
 * open are compared, beside the name.  If it is another one, or if pushing it
 * ahead failed, it is pushed when it is asked for, and the caller gets the
 * result of that.  Results are kept in memory only.
 */
struct pusher;

/*
 * Start the threads.  What *conf points to must live as long as the pusher,
 * and so must "serve".  ERR_LOCAL if memory or threads run out.
 */
int	 pusher_new(struct pusher **out, const struct pushpool_conf *conf,
	    struct serve *serve, struct err *e)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Stop, within seconds.  Returns 0 once all is released; temporary files are
 * then removed from the repository, as far as the connections allowed.
 * Returns 1 if a connection hangs: its thread was left alone, and so was
 * everything that it may use.  Then the process must end at once, by _exit(),
 * without freeing anything that was given to pusher_new(); or this is called
 * again.  NULL is fine.
 */
int	 pusher_free(struct pusher *p) __attribute__((warn_unused_result));

/* For serve_run(), with the pusher as "arg". */
extern const struct serve_work pusher_work;

#endif /* PUSHER_PUSHER_H */
