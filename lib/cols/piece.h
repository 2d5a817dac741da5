/* SPDX-License-Identifier: ISC */
#ifndef COLS_PIECE_H
#define COLS_PIECE_H

#include "cols/walk.h"

/*
 * A piece of a WAL segment, taken apart into columns and put together again.
 * A walk (cols/model.h) takes the pieces of one segment in their order, since
 * each is predicted by those before it.
 */
#define PIECE_MAX	(4U << 20)	/* bytes of a segment */

/*
 * Columns are compressed in three groups, by their numbers (lib/FORMAT.md, 15).
 */
enum piece_group {
	PIECE_NUMBERS,		/* planes of numbers */
	PIECE_ROWS,		/* what rows and keys hold: text */
	PIECE_REST,		/* bytes that no model takes apart */
	PIECE_GROUPS
};

enum piece_group piece_group(unsigned column);

/* How many columns the walk has begun so far. */
unsigned piece_columns(const struct walk *) __attribute__((nonnull));

/*
 * Whether a segment begins with these bytes, WALSEG_HEADER, whose pages this
 * can take apart: of a known version, little-endian, with pages of 8 KiB.
 */
int	 piece_known(const uint8_t *p) __attribute__((nonnull));

/*
 * Take apart the "n" bytes that come next, PIECE_MAX at most; "last": no
 * others follow.  Returns how many bytes of them the columns hold, which is
 * less only where a page or a record is not complete, or 0 if that failed.
 * Then, as for any piece that does not come back as it was, piece_skip()
 * makes the walk fit for what follows.
 */
size_t	 piece_split(struct walk *, struct columns *, const uint8_t *p,
	    size_t n, int last) __attribute__((nonnull));

/*
 * Put together "n" bytes from columns that were rewound; piece_check()
 * compares them with "p" instead.  0; -1 if the columns are not those of "n"
 * bytes, or if these differ: whatever the columns are, nothing worse happens.
 */
int	 piece_join(struct walk *, struct columns *, uint8_t *p, size_t n)
	    __attribute__((warn_unused_result, nonnull));
int	 piece_check(struct walk *, struct columns *, const uint8_t *p,
	    size_t n) __attribute__((warn_unused_result, nonnull));

/*
 * "n" bytes, of which the walk knows nothing, go another way.  "pos" is the
 * offset in the segment at which they begin.
 */
void	 piece_skip(struct walk *, uint32_t pos, size_t n)
	    __attribute__((nonnull));

#endif /* COLS_PIECE_H */
