/* SPDX-License-Identifier: ISC */
#ifndef PUSH_IMPORTWAL_H
#define PUSH_IMPORTWAL_H

#include "codec/codec.h"
#include "push/importfacts.h"
#include "repo/connection.h"

/*
 * The WAL that an imported backup needs.
 *
 * What the archive lacks of it is pushed from the directory's pg_wal, as
 * wal-push would: a history file, and segments.  A segment must be whole, that
 * is, full of records, or ended by a switch.  One that is not would pass for
 * complete in the archive: a recovery would end there, whatever WAL follows,
 * and the server's own segment of this name could never be archived.
 */
struct importwal {
	struct connection	*warm;
	const struct importfacts *facts;
	const char		*dir;
	const char		*state_dir;
	struct codec_spec	 codec;
};

/*
 * On success the archive lists all segments from the backup's start to its
 * end.  *pushed is how many were pushed.  ERR_ABSENT if one is neither there
 * nor, whole, in the directory; ERR_CONFLICT if the archive has other content
 * under a name; else the failures of walpush_file().
 */
int	 importwal_push(const struct importwal *, unsigned *pushed,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* PUSH_IMPORTWAL_H */
