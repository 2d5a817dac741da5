/* SPDX-License-Identifier: ISC */
#ifndef PUSH_COPYJOB_H
#define PUSH_COPYJOB_H

#include <stdint.h>

#include "codec/codec.h"
#include "crypt/key.h"
#include "push/copyqueue.h"
#include "store/store.h"

/*
 * One thread of a copier: it takes pieces of files from the queue and stores
 * their chunks, over a connection of its own, in packs of its own.
 *
 * This is what all jobs of a copier share.  backup_id and files.start_lsn may
 * be set later, under the crew's lock, but before the first piece is in the
 * queue.
 */
struct copyjob_conf {
	struct copyqueue	*queue;
	struct pack_counter	*counter;
	const struct store_conf *store;
	const struct key *key;
	const char	*server;
	uint64_t	 system_id;
	const char	*backup_id;
	struct codec_spec codec;
	struct copyfile_conf files;
};

/*
 * For crew_start(), with a struct copyjob_conf: copies until the queue ends,
 * then publishes the open pack.  What is not published leaves nothing visible.
 */
int	 copyjob_run(void *conf, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PUSH_COPYJOB_H */
