/* SPDX-License-Identifier: ISC */
/*
 * Read many small objects, such as labels, a window of LOADS of them at a
 * time.  Each costs three answers in a row (open, size, data), so it is the
 * window that saves round trips: while the first one's answer is awaited the
 * next request of every other is sent.
 */
#include <stdlib.h>
#include <string.h>

#include "store/sftp_get.h"
#include "store/sftp_load.h"
#include "store/sftp_server.h"

#define LOADS		64
#define LOAD_BLIND	((size_t)32 << 10)	/* most are smaller */
#define LOAD_AHEAD	((size_t)4 << 20)	/* of all together */

struct load {
	struct sftp		*c;
	struct store_get	*get[LOADS];	/* of path i at i % LOADS */
	size_t			 opened, done;
	uint8_t			*buf;
	size_t			 max;
};

/*
 * Send what may be sent, object by object in their order, until LOAD_AHEAD
 * bytes are requested.  The first one always may, or none would ever end.
 */
static int
advance_all(struct load *l, struct err *e)
{
	size_t	 i, ahead = 0;

	for (i = l->done; i < l->opened && ahead < LOAD_AHEAD; i++) {
		if (sftp_get_advance(l->get[i % LOADS], e))
			return (-1);
		ahead += sftp_get_ahead(l->get[i % LOADS]);
	}
	return (0);
}

/*
 * A file that cannot be read is the end, unless the caller takes that and the
 * connection stands.
 */
static int
unread(const struct load *l, const struct store_reading *to,
    const struct err *why, struct err *e)
{
	if (to->unread == NULL || why->kind == ERR_LOCAL ||
	    request_broken(l->c->r))
		return (err_set(e, why->kind, "%s", why->msg));
	return (to->unread(to->arg, l->done, why, e));
}

/*
 * Fetch one whole into l->buf.  Returns 0 and *n, 1 if it does not exist, or
 * -1.  The size is checked before anything is copied.
 */
static int
load_one(struct load *l, struct store_get *g, size_t *n, struct err *e)
{
	uint64_t	 size = 0;
	int		 r;

	/* Each answer may allow a request of any of them. */
	if (advance_all(l, e))
		return (-1);
	while (sftp_get_pending(g))
		if (request_wait(l->c->r, e) || advance_all(l, e))
			return (-1);
	if ((r = sftp_get_size(g, &size, e)) != 0)
		return (r);
	if (size > l->max)
		return (err_set(e, ERR_CORRUPT,
		    "%s: %ju bytes, expected at most %zu", sftp_get_path(g),
		    (uintmax_t)size, l->max));
	/* Room for one byte more shows a file that has grown meanwhile. */
	if (advance_all(l, e) ||
	    sftp_get_take(g, l->buf, l->max + 1, n, e))
		return (-1);
	return (*n == size ? 0 : sftp_get_cut_short(g, *n, e));
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
		    sftp_get_open_whole(&l->get[i], s, full, LOAD_BLIND, e))
			return (-1);
	}
	return (0);
}

int
sftp_load(struct store *s, const char *const *paths, size_t npaths,
    size_t max, const struct store_reading *to, struct err *e)
{
	struct err		 why;
	struct store_get	*g;
	struct load		 l;
	size_t			 n;
	int			 r, rc = -1;

	memset(&l, 0, sizeof(l));
	l.c = (struct sftp *)s;
	l.max = max;
	if ((l.buf = malloc(max + 1)) == NULL)
		return (err_sys(e, ERR_LOCAL, "load"));
	while (l.done < npaths) {
		if (open_more(&l, s, paths, npaths, e))
			goto out;
		n = 0;
		why = (struct err)ERR_INIT;
		g = l.get[l.done % LOADS];
		r = load_one(&l, g, &n, &why);
		if (r == -1 ? unread(&l, to, &why, e) :
		    to->each(to->arg, l.done, r == 1 ? NULL : l.buf, n, e))
			goto out;
		sftp_get_free(g);
		l.done++;
	}
	rc = 0;
out:
	for (; l.done < l.opened; l.done++)
		sftp_get_free(l.get[l.done % LOADS]);
	free(l.buf);
	return (rc);
}
