/* SPDX-License-Identifier: ISC */
#ifndef WAL_OPENREAD_H
#define WAL_OPENREAD_H

#include <stdint.h>

#include "pg/walname.h"
#include "repo/archive.h"
#include "stream/sink.h"

/*
 * Read one open object (lib/FORMAT.md, 14): the longest run of frames, from
 * the first, that are authentic.  A run that ends early is no failure, since a
 * crash leaves such objects, and since nobody can know where a hostile host has
 * cut one.  Whatever bytes lie there, no WAL is ever passed on that its signer
 * has not written at this place, behind all that was passed on before.
 *
 * "broken" bytes are what was altered, or what a crash of the repository's host
 * has left of several flights; a crash of the writer leaves none.
 */
struct openread_run {
	uint64_t	 start, end;	/* LSNs: WAL from "start" up to, not
					 * including, "end" */
	uint64_t	 frames;
	uint64_t	 stored;	/* bytes of the file in the run, the
					 * header too */
	uint64_t	 behind;	/* bytes behind the run */
	int		 broken;	/* these begin with a whole frame, by
					 * its length, or with no head of one,
					 * and not with zeros */
	uint8_t		 signer[KEY_ID_LEN];	/* if there is a header */
};

/*
 * The end of the run in the open object "number" of "segment".  It needs no
 * secret.  Without a secret what is sealed in a frame is not looked at: such a
 * run may be longer than one that openread_wal() finds, if its signer has
 * written nonsense.  Returns 0; 1 if there is no such object; or -1.
 *
 * ERR_CORRUPT if it has a header, and that is damaged, of another place, not
 * by a signer of the key, or by a retired one.  An object that ends within its
 * header has an empty run.
 */
int	 openread_end(struct openread_run *, struct archive *,
	    const struct walname *segment, uint32_t segsize, unsigned number,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Whether the run of that object ends at "lsn" or behind it: 1, 0, or -1.  One
 * that is refused, or missing by now, does not: another may.
 */
int	 openread_reaches(struct archive *, const struct walname *segment,
	    uint32_t segsize, unsigned number, uint64_t lsn, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The same as openread_end(), with a .restore key, and the WAL of the run is
 * written to "to" as it comes; "to" is not finished.  ERR_CONFIG if the key
 * cannot read it.
 */
int	 openread_wal(struct openread_run *, struct archive *,
	    const struct walname *segment, uint32_t segsize, unsigned number,
	    struct sink *to, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* WAL_OPENREAD_H */
