/* SPDX-License-Identifier: ISC */
#ifndef PUSH_COPYJOB_H
#define PUSH_COPYJOB_H

#include <stdint.h>

#include "codec/codec.h"
#include "crypt/key.h"
#include "push/copyqueue.h"
#include "store/store.h"

/*
 * One thread of a copier.  It takes pieces of files from the queue and stores
 * their chunks in packs of its own, over a connection of its own.
 *
 * All jobs of a copier share this struct.  backup_id, files.start_lsn and
 * files.hashes may be set after the jobs were started, under the crew's lock,
 * before the first file is put into the queue; the rest is constant.
 */
struct copyjob_conf {
	struct copyqueue	*queue;
	struct pack_counter	*counter;	/* numbers the packs */
	const struct store_conf *store;
	const struct key *key;
	const char	*server;
	uint64_t	 system_id;
	const char	*backup_id;
	struct codec_spec codec;
	struct copyfile_conf files;
};

/*
 * A job for crew_start(): "conf" is a struct copyjob_conf.  It copies pieces
 * until the queue ends, and then publishes its open pack.  A pack that is not
 * published leaves nothing visible.
 */
int	 copyjob_run(void *conf, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PUSH_COPYJOB_H */
