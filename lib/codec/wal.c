/* SPDX-License-Identifier: ISC */
/*
 * Segments into columns.  What PostgreSQL wrote is not ours to lose: a model
 * of it may be wrong, so no piece is sent that was not put together again.
 */
#include <stdlib.h>
#include <string.h>

#include "codec/lane.h"
#include "codec/wal.h"
#include "cols/model.h"
#include "cols/piece.h"
#include "pg/walseg.h"

#define BLOCK		512	/* bytes of a column that get a block */

/*
 * By levels and groups.  Of columns little more is to be got than a low level
 * gets; text is most of what is left, so time is spent there.  libzstd's own
 * tables are for windows that are larger.
 */
static const struct lane_form forms[][PIECE_GROUPS] = {
	{ { 3, 19, 0 }, { 8, 21, 18 }, { 3, 19, 0 } },		/* wal */
	{ { 9, 19, 18 }, { 9, 21, 20 }, { 9, 19, 18 } }		/* wal:small */
};

struct wal_sink {
	struct sink	 base;
	struct walk	*split, *join;
	struct columns	*cols;
	struct lane	*lane[PIECE_GROUPS];
	uint32_t	 pos;		/* offset of buf in the segment */
	int		 begun;		/* the version was written */
	int		 foreign;	/* no segment that is known */
	size_t		 n;
	uint8_t		 buf[PIECE_MAX];
	uint8_t		 table[3 * COLUMN_MAX];
};

/* The lengths of columns: their lowest bytes, then the next, ... */
static size_t
make_table(struct wal_sink *s, unsigned ncol)
{
	size_t		 all = 0;
	unsigned	 i;

	for (i = 0; i < ncol; i++) {
		const uint32_t	 n = s->cols->col[i].n;

		s->table[i] = (uint8_t)n;
		s->table[ncol + i] = (uint8_t)(n >> 8);
		s->table[2 * ncol + i] = (uint8_t)(n >> 16);
		all += n;
	}
	return (all);
}

/* How many bytes of the buffer the columns hold; 0 if they would not do. */
static size_t
take_apart(struct wal_sink *s, int last)
{
	size_t		 n;
	unsigned	 ncol;

	if (s->foreign)
		return (0);
	column_clear(s->cols);
	n = piece_split(s->split, s->cols, s->buf, s->n, last);
	ncol = piece_columns(s->split);
	if (n == 0 || make_table(s, ncol) > COLUMN_BYTES)
		return (0);
	column_rewind(s->cols, ncol);
	return (piece_check(s->join, s->cols, s->buf, n) ? 0 : n);
}

static int
piece_head(struct wal_sink *s, uint8_t kind, size_t n, struct err *e)
{
	const uint8_t	 h[4] = { kind, (uint8_t)(n >> 16), (uint8_t)(n >> 8),
	    (uint8_t)n };

	return (sink_write(s->base.next, h, sizeof(h), e));
}

static int
put_group(struct wal_sink *s, unsigned group, unsigned ncol, struct err *e)
{
	const struct column	*c = s->cols->col;
	unsigned		 i;

	for (i = 0; i < ncol; i++)
		if (piece_group(i) == group && c[i].n > 0 &&
		    lane_put(s->lane[group], s->base.next, c[i].p, c[i].n,
		    c[i].n >= BLOCK, e))
			return (-1);
	return (lane_end(s->lane[group], s->base.next, e));
}

static int
put_columns(struct wal_sink *s, size_t n, struct err *e)
{
	const unsigned	 ncol = piece_columns(s->split);
	const uint8_t	 two[2] = { (uint8_t)(ncol >> 8), (uint8_t)ncol };
	unsigned	 g;

	if (piece_head(s, WAL_COLUMNS, n, e) ||
	    sink_write(s->base.next, two, sizeof(two), e) ||
	    lane_put(s->lane[PIECE_NUMBERS], s->base.next, s->table,
	    3 * (size_t)ncol, 1, e))
		return (-1);
	for (g = 0; g < PIECE_GROUPS; g++)
		if (put_group(s, g, ncol, e))
			return (-1);
	return (0);
}

/* Whole pages, so that the next piece begins where a page does. */
static int
put_plain(struct wal_sink *s, size_t *n, int last, struct err *e)
{
	*n = last ? s->n : s->n - (s->pos + s->n) % WALK_PAGE;
	piece_skip(s->split, s->pos, *n);
	piece_skip(s->join, s->pos, *n);
	return (piece_head(s, WAL_PLAIN, *n, e) ||
	    lane_put(s->lane[PIECE_REST], s->base.next, s->buf, *n, 0, e) ||
	    lane_end(s->lane[PIECE_REST], s->base.next, e) ? -1 : 0);
}

static int
begin(struct wal_sink *s, struct err *e)
{
	static const uint8_t	 version = WAL_VERSION;

	s->begun = 1;
	s->foreign = s->n < WALSEG_HEADER || !piece_known(s->buf);
	return (sink_write(s->base.next, &version, 1, e));
}

static int
put_piece(struct wal_sink *s, int last, struct err *e)
{
	size_t	 n;

	if (!s->begun && begin(s, e))
		return (-1);
	n = take_apart(s, last);
	if (n > 0 ? put_columns(s, n, e) : put_plain(s, &n, last, e))
		return (-1);
	memmove(s->buf, s->buf + n, s->n - n);
	s->n -= n;
	s->pos += (uint32_t)n;
	return (0);
}

static int
wal_write(struct sink *base, const void *p, size_t n, struct err *e)
{
	struct wal_sink	*s = (struct wal_sink *)base;
	const uint8_t	*from = p;
	size_t		 k;

	for (; n > 0; from += k, n -= k) {
		if (s->n == PIECE_MAX && put_piece(s, 0, e))
			return (-1);
		k = PIECE_MAX - s->n < n ? PIECE_MAX - s->n : n;
		memcpy(s->buf + s->n, from, k);
		s->n += k;
	}
	return (0);
}

static int
wal_finish(struct sink *base, struct err *e)
{
	static const uint8_t	 end = WAL_END;
	struct wal_sink		*s = (struct wal_sink *)base;

	if (!s->begun && begin(s, e))
		return (-1);
	while (s->n > 0)
		if (put_piece(s, 1, e))
			return (-1);
	return (sink_write(base->next, &end, 1, e));
}

static void
wal_free(struct sink *base)
{
	struct wal_sink	*s = (struct wal_sink *)base;
	unsigned	 g;

	for (g = 0; g < PIECE_GROUPS; g++)
		lane_free(s->lane[g]);
	column_free(s->cols);
	model_free(s->split);
	model_free(s->join);
	free(s);
}

static const struct sink_ops wal_ops = { wal_write, wal_finish, wal_free };

int
wal_sink_stack(struct sink **head, int level, struct err *e)
{
	struct wal_sink	*s;
	unsigned	 g;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "wal"));
	s->base.ops = &wal_ops;
	if ((s->split = model_new(0)) == NULL ||
	    (s->join = model_new(1)) == NULL ||
	    (s->cols = column_new()) == NULL) {
		wal_free(&s->base);
		return (err_sys(e, ERR_LOCAL, "wal"));
	}
	for (g = 0; g < PIECE_GROUPS; g++)
		if (lane_encoder_new(&s->lane[g], forms[level - 1][g], e)) {
			wal_free(&s->base);
			return (-1);
		}
	s->base.next = *head;
	*head = &s->base;
	return (0);
}
