/* SPDX-License-Identifier: ISC */
/* Read objects from an SFTP server, many requests in flight. */
#include <stdlib.h>
#include <string.h>

#include "store/ranges.h"
#include "store/sftp.h"

#define PIECES		128		/* READs of one object under way */
#define READ_LEAST	((size_t)4 << 10)

struct sftp_get;

/* What one READ asked for, in the order that take hands out. */
struct piece {
	struct sftp_get	*g;
	uint64_t	 off;
	size_t		 len, got, used;
	int		 waiting;
	int		 end;		/* the server said: end of file */
	int		 open_end;	/* of a range without end */
	uint8_t		 data[];
};

struct sftp_get {
	struct store_get	 base;
	struct sftp		*c;
	struct ask		 open, stat;
	struct ranges		 asked;
	struct piece		*piece[PIECES];	/* a ring */
	size_t			 first, n;
	size_t			 ahead;		/* bytes of all pieces */
	size_t			 blind;		/* asked without knowing size */
	size_t			 blind_max;
	struct wire_status	 failed;
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

/* A server that gives less than asked for is asked for less next time. */
static void
learn(struct sftp *c, size_t n)
{
	if (n < READ_LEAST)
		n = READ_LEAST;
	if (n < c->read_len)
		c->read_len = n;
}

static int
on_read(void *arg, uint8_t type, struct bytes *b, struct err *e)
{
	struct piece		*p = arg;
	struct wire_status	 st;
	const uint8_t		*data;
	size_t			 n;

	p->waiting = 0;
	request_expect(p->g->c->r, -(int64_t)(p->len - p->got));
	if (type == WIRE_STATUS) {
		if (wire_get_status(b, &st) || st.code == WIRE_OK)
			return (err_set(e, ERR_REMOTE,
			    "a bad status for a read"));
		if (st.code == WIRE_EOF)
			p->end = 1;
		else if (p->g->failed.code == WIRE_OK)
			p->g->failed = st;
		return (0);
	}
	if (type != WIRE_DATA || wire_get_data(b, &data, &n))
		return (err_set(e, ERR_REMOTE, "an answer of type %u to a "
		    "read, or damaged", type));
	if (n > p->len - p->got)
		return (err_set(e, ERR_REMOTE, "%zu bytes where %zu were "
		    "asked for", n, p->len - p->got));
	if (p->got > 0)
		learn(p->g->c, p->got);
	memcpy(p->data + p->got, data, n);
	p->got += n;
	return (0);
}

/* Ask for what a piece lacks. */
static int
ask_piece(struct sftp_get *g, struct piece *p, struct err *e)
{
	uint8_t			 buf[WIRE_HEAD + 4 + WIRE_HANDLEMAX + 12];
	struct bytes_out	 o;

	wire_begin(&o, buf, sizeof(buf), WIRE_READ);
	wire_put_handle(&o, &g->open.handle);
	bytes_put_u64be(&o, p->off + p->got);
	bytes_put_u32be(&o, (uint32_t)(p->len - p->got));
	p->waiting = 1;
	request_expect(g->c->r, (int64_t)(p->len - p->got));
	return (request_send(g->c->r, o.p, o.n, on_read, p, e));
}

static int
size_known(const struct sftp_get *g)
{
	return (g->stat.r != NULL && !g->stat.waiting &&
	    g->stat.status.code == WIRE_OK && g->stat.attrs.has_size);
}

/* Nothing more will come into this piece. */
static int
is_done(const struct piece *p)
{
	if (p->waiting)
		return (0);
	return (p->got == p->len || p->end || (p->open_end &&
	    size_known(p->g) && p->off + p->got == p->g->stat.attrs.size));
}

/* How long the next piece may be; 0 for none now. */
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
	struct piece	*p;

	if ((p = malloc(sizeof(*p) + len)) == NULL)
		return (err_sys(e, ERR_LOCAL, "get %s", g->path));
	memset(p, 0, sizeof(*p));
	p->g = g;
	p->off = off;
	p->len = len;
	p->open_end = open_end;
	g->piece[(g->first + g->n++) % PIECES] = p;
	g->ahead += len;
	return (ask_piece(g, p, e));
}

/* Take one piece from the queue of ranges; 0 if there is none to be had. */
static int
extend(struct sftp_get *g, int *any, struct err *e)
{
	uint64_t	 off, size = g->stat.attrs.size;
	size_t		 max = next_length(g), len;
	int		 open_end, blind;

	*any = 0;
	blind = !size_known(g);
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

/* Send all that may be sent now. */
static int
advance(struct sftp_get *g, struct err *e)
{
	struct piece	*p;
	size_t		 i;
	int		 any = 1;

	if (g->open.waiting || g->open.status.code != WIRE_OK)
		return (0);
	if (g->stat.r == NULL && g->asked.n > g->asked.first &&
	    g->asked.list[g->asked.n - 1].n == UINT64_MAX &&
	    ask_handle(g->c->r, WIRE_FSTAT, &g->open.handle, &g->stat, e))
		return (-1);
	for (i = 0; i < g->n; i++) {
		p = g->piece[(g->first + i) % PIECES];
		if (!p->waiting && !is_done(p) && ask_piece(g, p, e))
			return (-1);
	}
	while (any)
		if (extend(g, &any, e))
			return (-1);
	return (0);
}

/* The file is open: 0, 1 if there is none, or -1. */
static int
opened(struct sftp_get *g, struct err *e)
{
	if (ask_wait(&g->open, e))
		return (-1);
	if (g->open.status.code == WIRE_NO_SUCH_FILE)
		return (1);
	if (g->open.status.code != WIRE_OK)
		return (sftp_fail(g->c, "open", g->path, &g->open.status, e));
	return (0);
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
		return (sftp_fail(g->c, "stat", g->path, &g->stat.status, e));
	if (!g->stat.attrs.has_size)
		return (err_set(e, ERR_REMOTE, "%s: %s does not tell sizes",
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

static int
cut_short(struct sftp_get *g, uint64_t at, struct err *e)
{
	return (err_set(e, ERR_CORRUPT, "%s: cut short at %ju bytes on %s",
	    g->path, (uintmax_t)at, g->c->host));
}

/* Drop the first piece, which is used up.  Check where the file ended. */
static int
retire(struct sftp_get *g, struct err *e)
{
	struct piece	*p = g->piece[g->first];
	uint64_t	 at = p->off + p->got;
	int		 early;

	if (p->open_end)
		early = p->end && size_known(g) &&
		    at < g->stat.attrs.size;
	else
		early = p->got < p->len;
	if (p->open_end && p->end)
		ranges_end(&g->asked);
	g->first = (g->first + 1) % PIECES;
	g->n--;
	g->ahead -= p->len;
	free(p);
	return (early ? cut_short(g, at, e) : 0);
}

/*
 * Copy from the first piece, or drop it.  Returns 0 when something changed,
 * 1 when only an answer can help, 2 at the end.
 */
static int
take_some(struct sftp_get *g, uint8_t *to, size_t n, size_t *got,
    struct err *e)
{
	struct piece	*p;
	size_t		 len;

	if (g->failed.code != WIRE_OK)
		return (sftp_fail(g->c, "read", g->path, &g->failed, e));
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
	if (!is_done(p))
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
		/* A size not told is found by reading to the end. */
		if (r == 1 && g->n == 0 && g->stat.r != NULL &&
		    !g->stat.waiting && !size_known(g)) {
			g->blind = 0;
			continue;
		}
		if (r == 1 && request_in_flight(g->c->r) > 0 &&
		    request_wait(g->c->r, e))
			return (-1);
	}
	return (0);
}

int
sftp_get_ready(struct store_get *base)
{
	struct sftp_get	*g = (struct sftp_get *)base;
	struct err	 e = ERR_INIT;
	size_t		 i;

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
		if (!is_done(g->piece[(g->first + i) % PIECES]))
			return (0);
	return (1);
}

void
sftp_get_free(struct store_get *base)
{
	struct sftp_get	*g = (struct sftp_get *)base;
	struct err	 e = ERR_INIT;
	size_t		 i;

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

/* Small objects, many at a time. */

#define LOADS		64
#define LOAD_BLIND	((size_t)32 << 10)
#define LOAD_AHEAD	((size_t)4 << 20)	/* of all together */

struct load {
	struct sftp_get	*get[LOADS];	/* of path i at i % LOADS */
	size_t		 opened, done;
	uint8_t		*buf;
	size_t		 max;
};

/* In their order, as far as there is memory; the first one in any case. */
static int
advance_all(struct load *l, struct err *e)
{
	size_t	 i, ahead = 0;

	for (i = l->done; i < l->opened && ahead < LOAD_AHEAD; i++) {
		if (advance(l->get[i % LOADS], e))
			return (-1);
		ahead += l->get[i % LOADS]->ahead;
	}
	return (0);
}

/* Fetch one whole: 0 and its size, 1 if there is none, or -1. */
static int
load_one(struct load *l, struct sftp_get *g, size_t *n, struct err *e)
{
	uint64_t	 size = 0;
	int		 r;

	/* Let the others go on while we wait for this one. */
	while (g->open.waiting || g->stat.r == NULL || g->stat.waiting) {
		if (advance_all(l, e))
			return (-1);
		if (!g->open.waiting && g->open.status.code != WIRE_OK)
			break;
		if ((g->open.waiting || g->stat.waiting) &&
		    request_wait(g->c->r, e))
			return (-1);
	}
	if ((r = sftp_get_size(&g->base, &size, e)) != 0)
		return (r);
	if (size > l->max)
		return (err_set(e, ERR_CORRUPT,
		    "%s: %ju bytes, expected at most %zu", g->path,
		    (uintmax_t)size, l->max));
	if (advance_all(l, e) ||
	    sftp_get_take(&g->base, l->buf, l->max + 1, n, e))
		return (-1);
	return (*n == size ? 0 : cut_short(g, *n, e));
}

static int
open_more(struct load *l, struct store *s, const char *const *paths,
    size_t npaths, struct err *e)
{
	char	 full[STORE_PATHMAX];
	size_t	 i;

	for (; l->opened < npaths && l->opened < l->done + LOADS;
	    l->opened++) {
		i = l->opened % LOADS;
		if (backend_full(s, paths[l->opened], full, e) ||
		    open_get(&l->get[i], s, full, LOAD_BLIND, e))
			return (-1);
		if (ranges_add(&l->get[i]->asked, 0, STORE_TO_END, e)) {
			sftp_get_free(&l->get[i]->base);
			return (-1);
		}
	}
	return (0);
}

int
sftp_get_load(struct store *s, const char *const *paths, size_t npaths,
    size_t max, store_loaded *each, void *arg, struct err *e)
{
	struct sftp_get	*g;
	struct load	 l;
	size_t		 n;
	int		 r, rc = -1;

	memset(&l, 0, sizeof(l));
	l.max = max;
	if ((l.buf = malloc(max + 1)) == NULL)
		return (err_sys(e, ERR_LOCAL, "load"));
	while (l.done < npaths) {
		if (open_more(&l, s, paths, npaths, e))
			goto out;
		n = 0;
		g = l.get[l.done % LOADS];
		if ((r = load_one(&l, g, &n, e)) == -1 ||
		    each(arg, l.done, r == 1 ? NULL : l.buf, n, e))
			goto out;
		sftp_get_free(&g->base);
		l.done++;
	}
	rc = 0;
out:
	for (; l.done < l.opened; l.done++)
		sftp_get_free(&l.get[l.done % LOADS]->base);
	free(l.buf);
	return (rc);
}
