/* SPDX-License-Identifier: ISC */
#ifndef RECEIVE_RECEIVENAME_H
#define RECEIVE_RECEIVENAME_H

#include <stdint.h>

#include "codec/codec.h"
#include "pg/walname.h"
#include "repo/archive.h"

/*
 * Complete segments on their way to their names: a thread with a connection of
 * its own, which pushes one after the other, as wal-push does, so that commits
 * in the next segment do not wait for a compressor.  When a segment is durable,
 * its local file and then its open objects are removed, if the key may.
 *
 *	receivename_start(&n, &conf, e)
 *	receivename_add(n, &name, path, e)
 *	... when receivename_fd(n) is readable
 *	receivename_take(n, &lsn, e)
 *	receivename_free(n)
 */
struct receivename;

/* Borrowed until receivename_free(). */
struct receivename_conf {
	const struct store_conf	*store;
	const struct key	*key;
	const char		*server;
	uint64_t		 system_id;
	const char		*state_dir;
	struct codec_spec	 codec;
	uint32_t		 segsize;
};

/* How many segments may be under way. */
#define RECEIVENAME_MOST	4

int	 receivename_start(struct receivename **,
	    const struct receivename_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The local file "path" is the segment "name", complete.  At most
 * RECEIVENAME_MOST at a time.
 */
int	 receivename_add(struct receivename *, const struct walname *name,
	    const char *path, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Readable when a segment became durable, or after a failure. */
int	 receivename_fd(const struct receivename *) __attribute__((nonnull));

/*
 * The next that is durable under its name, in the order in which they were
 * added: returns 1 and its first position in *lsn; 0 if there is none yet; or
 * -1, with the failure of the thread, those of walpush_file().
 */
int	 receivename_take(struct receivename *, uint64_t *lsn, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* How many were added and not taken. */
unsigned receivename_queued(const struct receivename *)
	    __attribute__((nonnull));

/*
 * Stop, and wait for the thread: as long as the store's deadlines allow.  Local
 * files of segments that are not durable stay.  NULL is fine.
 */
void	 receivename_free(struct receivename *);

#endif /* RECEIVE_RECEIVENAME_H */
