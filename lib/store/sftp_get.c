/* SPDX-License-Identifier: ISC */
/*
 * Read one object from an SFTP server, many requests in flight.
 *
 * Announced ranges (asked) are cut into pieces of one READ each, which wait in
 * a ring in the order in which store_get_take() hands them out.  Answers come
 * in any order and fill their own piece, so only the first piece is ever
 * waited for.
 *
 * How far an open-ended range goes is known only from the file's size, which
 * FSTAT brings one round trip after the open.  Until then pieces are requested
 * "blind", within a bound: a READ behind the end costs an answer, no more.
 * The end itself is believed from READ, and the size is checked against it: a
 * file that ends before its size was cut short under our hands.
 */
#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>

#include "store/ranges.h"
#include "store/sftp_get.h"
#include "store/sftp_piece.h"
#include "store/sftp_server.h"

#define PIECES		128		/* READs of one object at a time */

struct sftp_get {
	struct store_get	 base;
	struct sftp		*c;
	struct ask		 open, stat;
	struct ranges		 asked;
	struct sftp_piece	*piece[PIECES];	/* a ring */
	size_t			 first, n;	/* pieces in the ring */
	size_t			 ahead;		/* bytes of all pieces */
	size_t			 blind;		/* requested without a size */
	size_t			 blind_max;
	struct wire_status	 failed;	/* the first refused READ */
	char			 path[STORE_PATHMAX];
};

static int
open_get(struct sftp_get **out, struct store *s, const char *path,
    size_t blind_max, struct err *e)
{
	struct sftp_get	*g;

	if ((g = calloc(1, sizeof(*g))) == NULL)
		return (err_sys(e, ERR_LOCAL, "get %s", path));
	g->base.store = s;
	g->c = (struct sftp *)s;
	g->blind_max = blind_max;
	memcpy(g->path, path, strlen(path) + 1);
	if (ask_open(g->c->r, path, WIRE_FOR_READ, &g->open, e)) {
		sftp_get_free(&g->base);
		return (-1);
	}
	*out = g;
	return (0);
}

int
sftp_get_open(struct store_get **out, struct store *s, const char *path,
    struct err *e)
{
	struct sftp_get	*g = NULL;

	if (open_get(&g, s, path, s->ahead, e))
		return (-1);
	*out = &g->base;
	return (0);
}

int
sftp_get_open_whole(struct store_get **out, struct store *s,
    const char *path, size_t blind_max, struct err *e)
{
	struct sftp_get	*g = NULL;

	if (open_get(&g, s, path, blind_max, e))
		return (-1);
	if (ranges_add(&g->asked, 0, STORE_TO_END, e)) {
		sftp_get_free(&g->base);
		return (-1);
	}
	*out = &g->base;
	return (0);
}

static int
size_known(const struct sftp_get *g)
{
	return (g->stat.r != NULL && !g->stat.waiting &&
	    g->stat.status.code == WIRE_OK && g->stat.attrs.has_size);
}

/*
 * Whether nothing more will come into this piece.  In an open-ended range a
 * piece that reaches the file's size is complete without asking for the end.
 */
static int
is_done(const struct sftp_get *g, const struct sftp_piece *p)
{
	if (p->waiting)
		return (0);
	return (p->got == p->len || p->end || (p->open_end &&
	    size_known(g) && p->off + p->got == g->stat.attrs.size));
}

/*
 * How long the next piece may be; 0 if there is no room for one now.  Bytes
 * bound the memory.  If a server gives little a READ, the ring is full first.
 */
static size_t
next_length(const struct sftp_get *g)
{
	size_t	 max = g->c->read_len;

	if (g->n == PIECES || g->ahead >= g->base.store->ahead)
		return (0);
	return (max < g->base.store->ahead - g->ahead ? max :
	    g->base.store->ahead - g->ahead);
}

static int
add_piece(struct sftp_get *g, uint64_t off, size_t len, int open_end,
    struct err *e)
{
	struct sftp_piece	*p;

	if ((p = malloc(sizeof(*p) + len)) == NULL)
		return (err_sys(e, ERR_LOCAL, "get %s", g->path));
	memset(p, 0, sizeof(*p));
	p->c = g->c;
	p->handle = &g->open.handle;
	p->failed = &g->failed;
	p->off = off;
	p->len = len;
	p->open_end = open_end;
	g->piece[(g->first + g->n++) % PIECES] = p;
	g->ahead += len;
	return (sftp_piece_ask(p, e));
}

/*
 * Cut the next piece off the announced ranges and request it; *any is 0 if
 * there is none, or no room for it.
 */
static int
extend(struct sftp_get *g, int *any, struct err *e)
{
	uint64_t	 off, size = g->stat.attrs.size;
	size_t		 max = next_length(g), len;
	int		 open_end, blind;

	*any = 0;
	blind = !size_known(g);
	/* Of a range without an end, no more than blind_max. */
	if (blind && g->asked.n > g->asked.first &&
	    g->asked.list[g->asked.first].n == UINT64_MAX) {
		if (g->blind >= g->blind_max)
			return (0);
		if (max > g->blind_max - g->blind)
			max = g->blind_max - g->blind;
	}
	if (max == 0 || (len = ranges_take(&g->asked, max, &off,
	    &open_end)) == 0)
		return (0);
	if (open_end && blind)
		g->blind += len;
	/* The size is known: request nothing behind it. */
	if (open_end && !blind) {
		if (off >= size) {
			ranges_end(&g->asked);
			return (0);
		}
		if (len > size - off)
			len = (size_t)(size - off);
	}
	*any = 1;
	return (add_piece(g, off, len, open_end, e));
}

/*
 * Send all that may be sent now.  The size comes first, so that blind reads
 * soon end; then the rests of short answers, since they belong to earlier
 * pieces than those that are new.
 */
static int
advance(struct sftp_get *g, struct err *e)
{
	struct sftp_piece	*p;
	size_t			 i;
	int			 any = 1;

	/* Without a handle nothing can be sent; opened() reports why. */
	if (g->open.waiting || g->open.status.code != WIRE_OK)
		return (0);
	if (g->stat.r == NULL && g->asked.n > g->asked.first &&
	    g->asked.list[g->asked.n - 1].n == UINT64_MAX &&
	    ask_handle(g->c->r, WIRE_FSTAT, &g->open.handle, &g->stat, e))
		return (-1);
	for (i = 0; i < g->n; i++) {
		p = g->piece[(g->first + i) % PIECES];
		if (!p->waiting && !is_done(g, p) && sftp_piece_ask(p, e))
			return (-1);
	}
	while (any)
		if (extend(g, &any, e))
			return (-1);
	return (0);
}

int
sftp_get_advance(struct store_get *base, struct err *e)
{
	return (advance((struct sftp_get *)base, e));
}

/* Wait until the file is open.  Returns 0, 1 if it does not exist, or -1. */
static int
opened(struct sftp_get *g, struct err *e)
{
	if (ask_wait(&g->open, e))
		return (-1);
	if (g->open.status.code == WIRE_NO_SUCH_FILE)
		return (1);
	if (g->open.status.code != WIRE_OK)
		return (sftp_server_fail(g->c, "open", g->path,
		    &g->open.status, e));
	return (0);
}

int
sftp_get_exists(struct store_get *base, struct err *e)
{
	return (opened((struct sftp_get *)base, e));
}

int
sftp_get_size(struct store_get *base, uint64_t *size, struct err *e)
{
	struct sftp_get	*g = (struct sftp_get *)base;
	int		 r;

	if ((r = opened(g, e)) != 0)
		return (r);
	if ((g->stat.r == NULL && ask_handle(g->c->r, WIRE_FSTAT,
	    &g->open.handle, &g->stat, e)) || ask_wait(&g->stat, e))
		return (-1);
	if (g->stat.status.code != WIRE_OK)
		return (sftp_server_fail(g->c, "stat", g->path,
		    &g->stat.status, e));
	if (!g->stat.attrs.has_size)
		return (err_set(e, ERR_REMOTE, "%s: %s does not report sizes",
		    g->path, g->c->host));
	*size = g->stat.attrs.size;
	return (0);
}

int
sftp_get_ask(struct store_get *base, uint64_t off, uint64_t n,
    struct err *e)
{
	struct sftp_get	*g = (struct sftp_get *)base;

	if (ranges_add(&g->asked, off, n, e))
		return (-1);
	return (advance(g, e));
}

int
sftp_get_cut_short(const struct store_get *base, uint64_t at, struct err *e)
{
	const struct sftp_get	*g = (const struct sftp_get *)base;

	return (err_set(e, ERR_CORRUPT, "%s: cut short at %ju bytes on %s",
	    g->path, (uintmax_t)at, g->c->host));
}

/*
 * Drop the first piece, which is used up, and check where the file ended.  A
 * range of known length must have all its bytes.  An open-ended one may end
 * with the file, but not before its size: that is a file that was truncated,
 * or a server that lies.
 */
static int
retire(struct sftp_get *g, struct err *e)
{
	struct sftp_piece	*p = g->piece[g->first];
	uint64_t		 at = p->off + p->got;
	int			 early;

	if (p->open_end)
		early = p->end && size_known(g) &&
		    at < g->stat.attrs.size;
	else
		early = p->got < p->len;
	/* What is left of the range lies behind the end. */
	if (p->open_end && p->end)
		ranges_end(&g->asked);
	g->first = (g->first + 1) % PIECES;
	g->n--;
	g->ahead -= p->len;
	free(p);
	return (early ? sftp_get_cut_short(&g->base, at, e) : 0);
}

/*
 * A server says "failure" of a directory, as of a disk that cannot be read;
 * what it says of the type, if that was asked, tells the two apart.
 */
static int
read_failed(struct sftp_get *g, struct err *e)
{
	struct err	 why = ERR_INIT;

	(void)sftp_server_fail(g->c, "read", g->path, &g->failed, &why);
	if (size_known(g) && S_ISDIR(g->stat.attrs.mode))
		why.one_file = 1;
	if (e->kind == ERR_NONE)
		*e = why;
	return (-1);
}

/*
 * Copy from the first piece, or drop it.  Returns 0 if something changed, 1
 * if only an answer can help, 2 at the end, or -1.
 */
static int
take_some(struct sftp_get *g, uint8_t *to, size_t n, size_t *got,
    struct err *e)
{
	struct sftp_piece	*p;
	size_t			 len;

	if (g->failed.code != WIRE_OK)
		return (read_failed(g, e));
	/* Ranges without a piece: their requests wait for the size. */
	if (g->n == 0)
		return (g->asked.n > g->asked.first ? 1 : 2);
	p = g->piece[g->first];
	if ((len = p->got - p->used) > 0) {
		if (len > n)
			len = n;
		memcpy(to, p->data + p->used, len);
		p->used += len;
		*got = len;
		return (0);
	}
	if (!is_done(g, p))
		return (1);
	return (retire(g, e));
}

int
sftp_get_take(struct store_get *base, void *buf, size_t n, size_t *got,
    struct err *e)
{
	struct sftp_get	*g = (struct sftp_get *)base;
	size_t		 some;
	int		 r;

	*got = 0;
	if ((r = opened(g, e)) != 0)
		return (r);
	while (*got < n) {
		some = 0;
		if (advance(g, e))
			return (-1);
		r = take_some(g, (uint8_t *)buf + *got, n - *got, &some, e);
		*got += some;
		if (r == -1)
			return (-1);
		if (r == 2)
			break;
		/*
		 * The server does not report sizes: the blind bound would
		 * stop us for ever.  Lift it, and read until READ says that
		 * this is the end.
		 */
		if (r == 1 && g->n == 0 && g->stat.r != NULL &&
		    !g->stat.waiting && !size_known(g)) {
			g->blind = 0;
			continue;
		}
		/*
		 * A connection that was lost on behalf of another get, or in
		 * sftp_get_ready(), has nothing in flight, and never answers.
		 */
		if (r == 1 && (request_in_flight(g->c->r) > 0 ||
		    request_broken(g->c->r)) && request_wait(g->c->r, e))
			return (-1);
	}
	return (0);
}

int
sftp_get_pending(const struct store_get *base)
{
	const struct sftp_get	*g = (const struct sftp_get *)base;

	return (ask_pending(&g->open) || ask_pending(&g->stat));
}

size_t
sftp_get_ahead(const struct store_get *base)
{
	return (((const struct sftp_get *)base)->ahead);
}

const char *
sftp_get_path(const struct store_get *base)
{
	return (((const struct sftp_get *)base)->path);
}

int
sftp_get_ready(struct store_get *base)
{
	struct sftp_get	*g = (struct sftp_get *)base;
	struct err	 e = ERR_INIT;
	size_t		 i;

	/* What is known to have failed is ready: the next call reports it. */
	if (ask_pending(&g->open))
		return (0);
	if (request_broken(g->c->r) || g->open.status.code != WIRE_OK ||
	    (g->stat.r == NULL && ask_handle(g->c->r, WIRE_FSTAT,
	    &g->open.handle, &g->stat, &e)) || advance(g, &e) ||
	    g->failed.code != WIRE_OK)
		return (1);
	if (ask_pending(&g->stat))
		return (0);
	for (i = 0; i < g->n; i++)
		if (!is_done(g, g->piece[(g->first + i) % PIECES]))
			return (0);
	return (1);
}

void
sftp_get_free(struct store_get *base)
{
	struct sftp_get	*g = (struct sftp_get *)base;
	struct err	 e = ERR_INIT;
	size_t		 i;

	/* Answers under way would be written into memory that is freed. */
	ask_drain(&g->open);
	ask_drain(&g->stat);
	for (i = 0; i < g->n; i++) {
		while (g->piece[(g->first + i) % PIECES]->waiting &&
		    !request_broken(g->c->r))
			if (request_wait(g->c->r, &e))
				break;
		free(g->piece[(g->first + i) % PIECES]);
	}
	if (g->open.r != NULL && !g->open.waiting &&
	    g->open.status.code == WIRE_OK && !request_broken(g->c->r) &&
	    ask_handle(g->c->r, WIRE_CLOSE, &g->open.handle, NULL, &e))
		err_clear(&e);		/* lost: nothing to close */
	ranges_free(&g->asked);
	free(g);
}
