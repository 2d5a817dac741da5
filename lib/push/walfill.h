/* SPDX-License-Identifier: ISC */
#ifndef PUSH_WALFILL_H
#define PUSH_WALFILL_H

#include <stdint.h>

#include "codec/codec.h"
#include "repo/connection.h"

/*
 * WAL that a backup needs, and that went into other repositories of the server
 * while this one was away: it is pushed from pg_wal, as wal-push would.
 */
struct walfill {
	struct connection *warm;
	const char	*dir;		/* the data directory */
	const char	*state_dir;
	struct codec_spec codec;
	uint64_t	 wal_segment_size;	/* bytes */
};

/*
 * Push the segment "name".  Returns 0 once it is durable; 1 if pg_wal does not
 * have it as one that PostgreSQL has archived, or PostgreSQL gave it a new name
 * meanwhile, to write over it; or -1 with the failures of walpush_file().
 */
int	 walfill_push(const struct walfill *, const char *name, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* PUSH_WALFILL_H */
