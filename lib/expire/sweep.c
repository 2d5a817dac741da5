/* SPDX-License-Identifier: ISC */
/* Removing many files. */
#include <stdlib.h>

#include "base/str.h"
#include "expire/sweep.h"

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

void
sweep_free(struct sweep *s)
{
	free(s);
}

int
sweep_flush(struct sweep *s, struct err *e)
{
	const char	*paths[SWEEP_BATCH];
	size_t		 i, n = s->n;

	for (i = 0; i < n; i++)
		paths[i] = s->path[i];
	s->n = 0;
	return (n == 0 || s->dry ? 0 : store_remove(s->store, paths, n, e));
}

int
sweep_add(struct sweep *s, const char *dir, const char *name, uint64_t bytes,
    struct err *e)
{
	if (s->n == SWEEP_BATCH && sweep_flush(s, e))
		return (-1);
	if (str_fmt(s->path[s->n], LAYOUT_PATH, e, "%s/%s", dir, name))
		return (-1);
	s->n++;
	s->files++;
	s->bytes += bytes;
	return (0);
}
