/* SPDX-License-Identifier: ISC */
#ifndef SHOW_PICTURE_H
#define SHOW_PICTURE_H

#include <stddef.h>
#include <stdint.h>

#include "show/showlist.h"

/*
 * The recovery windows of one cluster as a picture: time goes from left to
 * right, and each line of timelines has a lane, the newest on top.  On the
 * lane lie the spans to which recovery leads, the gaps between them, and the
 * backups.  picturetext.h and picturesvg.h draw it.
 */
enum picture_kind {
	PICTURE_KEPT,		/* or it is not known whether it is */
	PICTURE_PINNED,
	PICTURE_GOES,		/* expiry would delete it now */
	PICTURE_BROKEN		/* it cannot be restored */
};

struct picture_mark {
	size_t		 label;		/* index of the backup */
	size_t		 lane;
	int64_t		 us;		/* when it ended */
	enum picture_kind kind;
};

struct picture_span {
	size_t		 lane;
	int64_t		 from_us, to_us;
	int		 gap;		/* else WAL */
};

struct picture {
	const struct showlist *list;	/* borrowed */
	int64_t		 from_us, to_us;	/* all that is drawn, and now */
	uint32_t	*lane;		/* owned: the timelines, of each lane */
	size_t		 nlane;
	struct picture_span *span;	/* owned */
	size_t		 nspan;
	struct picture_mark *mark;	/* owned; as the catalogue's labels */
	size_t		 nmark;
};

/*
 * Lay it out.  ERR_LOCAL if memory is short.  Call picture_fini() in any case.
 */
int	 picture_make(struct picture *, const struct showlist *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 picture_fini(struct picture *) __attribute__((nonnull));

/*
 * Where a moment lies, from 0 at the left edge to "width" at the right one;
 * what is beyond an edge lies on it.
 */
unsigned picture_x(const struct picture *, int64_t us, unsigned width)
	    __attribute__((nonnull));

/*
 * What expires next, in words: which backups would go now, or else which goes
 * first and not before when; or that it is not known.  Returns "buf".
 */
#define PICTURE_NEXT	256
const char *picture_next(char buf[PICTURE_NEXT], const struct picture *)
	    __attribute__((nonnull));

/*
 * The moment of tick "i" of PICTURE_TICKS, the first at the left edge and the
 * last at the right, and its text: a date, or for short spans the time of day.
 */
#define PICTURE_TICKS	4
const char *picture_tick(char buf[CLOCK_TEXT], const struct picture *,
	    unsigned i) __attribute__((nonnull));

#endif /* SHOW_PICTURE_H */
