/* SPDX-License-Identifier: ISC */
/* Removing many files, once a listing has named them. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "expire/sweep.h"
#include "repo/layout.h"

#define AT_ONCE	1024		/* files in one flight */

int
sweep_new(struct sweep **out, struct store *st, int dry, struct err *e)
{
	struct sweep	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "expire"));
	s->store = st;
	s->dry = dry;
	*out = s;
	return (0);
}

static void
forget(struct sweep *s)
{
	while (s->n > 0)
		free(s->path[--s->n]);
}

void
sweep_free(struct sweep *s)
{
	if (s == NULL)
		return;
	forget(s);
	free(s->path);
	free(s);
}

int
sweep_flush(struct sweep *s, struct err *e)
{
	size_t	 i, n;
	int	 rc = 0;

	for (i = 0; rc == 0 && i < s->n; i += n) {
		n = s->n - i < AT_ONCE ? s->n - i : AT_ONCE;
		if (s->progress != NULL)
			s->progress(s->arg, s->gone, s->gone + s->n - i);
		rc = store_remove(s->store, (const char *const *)s->path + i,
		    n, e);
		s->gone += n;
	}
	forget(s);
	return (rc);
}

/*
 * Only collects: a listing is under way, during which the store must not be
 * called.
 */
static int
collect(struct sweep *s, const char *dir, const char *name, struct err *e)
{
	const size_t	 room = s->room == 0 ? 256 : 2 * s->room;
	char		 path[LAYOUT_PATH];
	void		*p;

	if (str_fmt(path, sizeof(path), e, "%s/%s", dir, name))
		return (-1);
	if (s->n == s->room) {
		if ((p = reallocarray(s->path, room, sizeof(*s->path))) ==
		    NULL)
			return (err_sys(e, ERR_LOCAL, "expire"));
		s->path = p;
		s->room = room;
	}
	if (str_dup(&s->path[s->n], path, e))
		return (-1);
	s->n++;
	return (0);
}

int
sweep_add(struct sweep *s, const char *dir, const char *name, uint64_t bytes,
    struct err *e)
{
	if (!s->dry && collect(s, dir, name, e))
		return (-1);
	s->files++;
	s->bytes += bytes;
	return (0);
}
