/* SPDX-License-Identifier: ISC */
/*
 * Which clusters a server has had: each has a folder of its own, named by its
 * system identifier.  pg_upgrade and initdb each begin another one.
 */
#include <stdlib.h>

#include "catalogue/catalogue.h"
#include "repo/layout.h"

/* What was found so far. */
struct systems {
	uint64_t	*id;
	size_t		 n;
};

static int
on_system(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct systems	*s = arg;
	uint64_t	*p, id;

	(void)i;
	(void)missing;
	if (en == NULL || !en->is_dir || !layout_system_id(en->name, &id))
		return (0);
	if ((p = realloc(s->id, (s->n + 1) * sizeof(*p))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list the systems"));
	s->id = p;
	p[s->n++] = id;
	return (0);
}

static int
compare_ids(const void *va, const void *vb)
{
	const uint64_t	 a = *(const uint64_t *)va, b = *(const uint64_t *)vb;

	return (a < b ? -1 : a > b);
}

int
catalogue_systems(struct store *st, const char *server, uint64_t **ids,
    size_t *n, struct err *e)
{
	struct systems	 s = { NULL, 0 };

	if (!layout_server_ok(server))
		return (err_set(e, ERR_CONFIG, "not a server's name"));
	if (store_list(st, &server, 1, on_system, &s, e)) {
		free(s.id);
		return (-1);
	}
	if (s.n > 0)
		qsort(s.id, s.n, sizeof(*s.id), compare_ids);
	*ids = s.id;
	*n = s.n;
	return (0);
}
