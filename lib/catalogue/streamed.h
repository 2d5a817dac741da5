/* SPDX-License-Identifier: ISC */
#ifndef CATALOGUE_STREAMED_H
#define CATALOGUE_STREAMED_H

#include <stdint.h>

#include "catalogue/catalogue.h"
#include "plan/openline.h"
#include "repo/archive.h"

/*
 * How far a recovery along a line of timelines gets beyond its complete WAL, by
 * what was streamed (lib/FORMAT.md, 14).
 */
struct streamed {
	uint64_t	 end;		/* LSN behind the last byte */
	uint64_t	 segno;		/* the segment that it lies in, or at
					 * whose end */
	unsigned	 number;	/* the open object of that segment */
	int64_t		 at_us;		/* when something was last added to it,
					 * by the repository's clock; 0: not
					 * known */
};

/*
 * Look behind "end", the LSN at which the complete WAL of line "tli" ends.
 * Open objects that are there are read to their ends, and nothing else is; any
 * key will do.  Returns 0; 1 if nothing of use was streamed; or -1.
 *
 * *problem describes why wal-fetch would stop a recovery where that ends, with
 * an error, or its kind is ERR_NONE: ERR_CORRUPT if an object that is there is
 * refused, ERR_ABSENT if a segment is missing behind which more was streamed.
 */
int	 streamed_find(struct streamed *, struct archive *,
	    const struct catalogue *, uint32_t tli, uint64_t end,
	    struct err *problem, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The longest run of the open objects of one segment, as the catalogue has
 * them, wherever a recovery would end.  Returns 0; 1 if there is none, with
 * s->end the segment's first byte; or -1.  One that is refused is *problem,
 * and 1 is returned; else that is untouched.
 */
int	 streamed_segment(struct streamed *s, struct archive *,
	    const struct catalogue *, uint32_t tli, uint64_t segno,
	    struct err *problem, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * What plan/openline decides by, of a catalogue.  *v, which the caller frees,
 * and the catalogue must outlive it.
 */
int	 streamed_input(struct openline_input *,
	    struct openline_segment **v, const struct catalogue *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* CATALOGUE_STREAMED_H */
