/* SPDX-License-Identifier: ISC */
/*
 * Columns into segments.  The writer was authentic, which does not make it
 * right: each length is held to a limit before anything is made of it.
 */
#include <stdlib.h>
#include <string.h>

#include "codec/lane.h"
#include "codec/unwal.h"
#include "codec/wal.h"
#include "cols/model.h"
#include "cols/piece.h"

enum state {
	VERSION,	/* one byte */
	HEAD,		/* kind; then, unless it is the end, a length */
	LENGTH,		/* three bytes */
	COUNT,		/* of columns: two bytes */
	PARCEL,		/* the length of a parcel: two bytes */
	DATA,		/* of a parcel */
	END
};

struct unwal {
	struct sink	 base;
	enum state	 state;
	uint8_t		 head[3];
	size_t		 nhead;
	int		 plain;		/* the piece is */
	size_t		 n;		/* bytes of the piece */
	unsigned	 ncol;
	unsigned	 group;
	size_t		 left;		/* of the parcel */
	size_t		 got;		/* of a plain piece, or the table */
	unsigned	 col;		/* that is filled */
	uint32_t	 pos;
	struct walk	*join;
	struct columns	*cols;
	struct lane	*lane[PIECE_GROUPS];
	uint8_t		 table[3 * COLUMN_MAX];
	uint8_t		 buf[PIECE_MAX];
};

static int
damaged(struct err *e, const char *what)
{
	return (err_set(e, ERR_CORRUPT, "wal: %s", what));
}

static size_t
length_of(const struct unwal *u, unsigned col)
{
	return (u->table[col] | (size_t)u->table[u->ncol + col] << 8 |
	    (size_t)u->table[2 * u->ncol + col] << 16);
}

static int
check_table(struct unwal *u, struct err *e)
{
	size_t		 all = 0;
	unsigned	 i;

	for (i = 0; i < u->ncol; i++)
		all += length_of(u, i);
	return (all > COLUMN_BYTES ? damaged(e, "columns are longer than "
	    "those of any piece") : 0);
}

/* The next column of the group that lacks bytes; u->ncol if none does. */
static void
next_column(struct unwal *u)
{
	while (u->col < u->ncol && (piece_group(u->col) != u->group ||
	    u->cols->col[u->col].n == length_of(u, u->col)))
		u->col++;
}

static size_t
take_head(uint8_t *to, size_t *got, size_t want, const uint8_t *p, size_t n)
{
	const size_t	 k = want - *got < n ? want - *got : n;

	memcpy(to + *got, p, k);
	*got += k;
	return (k);
}

/* What a lane gives: the table and columns of its group, or a plain piece. */
static int
take(void *arg, const uint8_t *p, size_t n, struct err *e)
{
	struct unwal	*u = arg;
	const size_t	 table = 3 * (size_t)u->ncol;
	size_t		 k;

	if (u->plain) {
		if (n > u->n - u->got)
			return (damaged(e, "a piece is too long"));
		(void)take_head(u->buf, &u->got, u->n, p, n);
		return (0);
	}
	if (u->got < table) {
		k = take_head(u->table, &u->got, table, p, n);
		p += k;
		n -= k;
		if (u->got == table && check_table(u, e))
			return (-1);
	}
	for (; n > 0; p += k, n -= k) {
		next_column(u);
		if (u->col == u->ncol)
			return (damaged(e, "a column is too long"));
		k = length_of(u, u->col) - u->cols->col[u->col].n;
		k = k < n ? k : n;
		column_put(u->cols, u->col, p, k);
		/* The table holds all to their limits: only memory is left. */
		if (!column_ok(u->cols))
			return (err_set(e, ERR_LOCAL, "wal: out of memory"));
	}
	return (0);
}

static int
put_piece(struct unwal *u, struct err *e)
{
	if (u->plain)
		piece_skip(u->join, u->pos, u->n);
	else if (piece_join(u->join, u->cols, u->buf, u->n))
		return (damaged(e, "columns do not make a piece of a segment"));
	u->pos += (uint32_t)u->n;
	u->state = HEAD;
	return (sink_write(u->base.next, u->buf, u->n, e));
}

static int
end_group(struct unwal *u, struct err *e)
{
	if (u->plain)
		return (u->got < u->n ? damaged(e, "a piece is too short") :
		    put_piece(u, e));
	next_column(u);
	if (u->got < 3 * (size_t)u->ncol || u->col < u->ncol)
		return (damaged(e, "a column is too short"));
	u->col = 0;
	return (++u->group < PIECE_GROUPS ? 0 : put_piece(u, e));
}

static int
begin_piece(struct unwal *u, struct err *e)
{
	u->n = (size_t)u->head[0] << 16 | (size_t)u->head[1] << 8 | u->head[2];
	if (u->n == 0 || u->n > PIECE_MAX)
		return (damaged(e, "a piece has a wrong length"));
	u->got = 0;
	u->col = 0;
	u->group = u->plain ? PIECE_REST : PIECE_NUMBERS;
	u->state = u->plain ? PARCEL : COUNT;
	column_clear(u->cols);
	return (0);
}

/* The bytes of u->head are complete. */
static int
head(struct unwal *u, struct err *e)
{
	const uint8_t	*h = u->head;

	switch (u->state) {
	case VERSION:
		u->state = HEAD;
		return (h[0] == WAL_VERSION ? 0 : err_set(e, ERR_CORRUPT,
		    "wal: version %u, which this version does not know", h[0]));
	case HEAD:
		u->plain = h[0] == WAL_PLAIN;
		u->state = h[0] == WAL_END ? END : LENGTH;
		return (h[0] <= WAL_PLAIN ? 0 :
		    damaged(e, "unknown kind of a piece"));
	case LENGTH:
		return (begin_piece(u, e));
	case COUNT:
		u->ncol = (unsigned)h[0] << 8 | h[1];
		u->state = PARCEL;
		return (u->ncol <= COLUMN_MAX ? 0 :
		    damaged(e, "too many columns"));
	case PARCEL:
		u->left = (size_t)h[0] << 8 | h[1];
		if (u->left == 0)
			return (end_group(u, e));
		u->state = DATA;
		return (0);
	case DATA:
	case END:
		break;
	}
	return (damaged(e, "bytes follow the end of the data"));
}

static size_t
head_bytes(enum state state)
{
	switch (state) {
	case VERSION:
	case HEAD:
		return (1);
	case LENGTH:
		return (3);
	case COUNT:
	case PARCEL:
		return (2);
	case DATA:
	case END:
		break;
	}
	return (0);
}

static int
data(struct unwal *u, const uint8_t *p, size_t n, struct err *e)
{
	u->left -= n;
	if (u->left == 0)
		u->state = PARCEL;
	return (lane_get(u->lane[u->group], p, n, take, u, e));
}

static int
unwal_write(struct sink *base, const void *p, size_t n, struct err *e)
{
	struct unwal	*u = (struct unwal *)base;
	const uint8_t	*from = p;
	size_t		 k, want;

	for (; n > 0; from += k, n -= k) {
		if (u->state == DATA) {
			k = n < u->left ? n : u->left;
			if (data(u, from, k, e))
				return (-1);
			continue;
		}
		want = head_bytes(u->state);
		k = take_head(u->head, &u->nhead, want, from, n);
		if (u->nhead < want)
			return (0);
		u->nhead = 0;
		if (head(u, e))
			return (-1);
	}
	return (0);
}

static int
unwal_finish(struct sink *base, struct err *e)
{
	const struct unwal	*u = (struct unwal *)base;

	return (u->state == END ? 0 : damaged(e, "data cut short"));
}

static void
unwal_free(struct sink *base)
{
	struct unwal	*u = (struct unwal *)base;
	unsigned	 g;

	for (g = 0; g < PIECE_GROUPS; g++)
		lane_free(u->lane[g]);
	column_free(u->cols);
	model_free(u->join);
	free(u);
}

static const struct sink_ops unwal_ops = {
	unwal_write, unwal_finish, unwal_free
};

int
unwal_sink_stack(struct sink **top, struct err *e)
{
	struct unwal	*u;
	unsigned	 g;

	if ((u = calloc(1, sizeof(*u))) == NULL)
		return (err_sys(e, ERR_LOCAL, "wal"));
	u->base.ops = &unwal_ops;
	if ((u->join = model_new(1)) == NULL ||
	    (u->cols = column_new()) == NULL) {
		unwal_free(&u->base);
		return (err_sys(e, ERR_LOCAL, "wal"));
	}
	for (g = 0; g < PIECE_GROUPS; g++)
		if (lane_decoder_new(&u->lane[g], e)) {
			unwal_free(&u->base);
			return (-1);
		}
	u->base.next = *top;
	*top = &u->base;
	return (0);
}
