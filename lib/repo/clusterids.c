/* SPDX-License-Identifier: ISC */
/*
 * Which clusters a server has had: each has a folder of its own, named by its
 * system identifier.  pg_upgrade and initdb each begin another one.
 */
#include <stdlib.h>
#include <string.h>

#include "repo/clusterids.h"
#include "repo/layout.h"

/* What was found so far. */
struct found {
	uint64_t	*id;
	char		*holds;		/* whether it holds something */
	size_t		 n;
};

static int
on_system(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct found	*f = arg;
	uint64_t	*p, id;

	(void)i;
	(void)missing;
	if (en == NULL || !layout_system_id(en->name, &id))
		return (0);
	/* Left out, the cluster would look as if it had never been there. */
	if (!en->is_dir)
		return (err_set(e, ERR_CORRUPT, "%s, where a cluster's "
		    "directory is expected, is no directory; a symbolic link "
		    "there is not followed, find out who made it", en->name));
	if ((p = realloc(f->id, (f->n + 1) * sizeof(*p))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list the systems"));
	f->id = p;
	p[f->n++] = id;
	return (0);
}

static int
on_content(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct found	*f = arg;

	(void)missing;
	(void)e;
	if (en != NULL && strcmp(en->name, LAYOUT_TMP) != 0)
		f->holds[i] = 1;
	return (0);
}

static int
compare_ids(const void *va, const void *vb)
{
	const uint64_t	 a = *(const uint64_t *)va, b = *(const uint64_t *)vb;

	return (a < b ? -1 : a > b);
}

/*
 * Leave out the directories that hold nothing, unless all of them do: then the
 * disk may not be mounted, and callers find out that the marker is missing.
 */
static int
drop_empty(struct found *f, struct store *st, const char *server,
    struct err *e)
{
	char		 (*path)[LAYOUT_PATH] = NULL;
	const char	**paths = NULL;
	size_t		 i, kept = 0;
	int		 rc = -1;

	path = calloc(f->n + 1, sizeof(*path));
	paths = calloc(f->n + 1, sizeof(*paths));
	f->holds = calloc(f->n + 1, 1);
	if (path == NULL || paths == NULL || f->holds == NULL) {
		err_sys(e, ERR_LOCAL, "list the systems");
		goto out;
	}
	for (i = 0; i < f->n; i++) {
		if (layout_enter(path[i], server, f->id[i], e))
			goto out;
		paths[i] = path[i];
	}
	if (f->n > 0 && store_list(st, paths, f->n, on_content, f, e))
		goto out;
	for (i = 0; i < f->n; i++)
		if (f->holds[i])
			f->id[kept++] = f->id[i];
	if (kept > 0)
		f->n = kept;
	rc = 0;
out:
	free(path);
	free(paths);
	free(f->holds);
	return (rc);
}

int
clusterids_list(struct store *st, const char *server, uint64_t **ids,
    size_t *n, struct err *e)
{
	struct found	 f = { .id = NULL };

	if (!layout_server_ok(server))
		return (err_set(e, ERR_CONFIG, "not a server's name"));
	if (store_list(st, &server, 1, on_system, &f, e) ||
	    drop_empty(&f, st, server, e)) {
		free(f.id);
		return (-1);
	}
	if (f.n > 0)
		qsort(f.id, f.n, sizeof(*f.id), compare_ids);
	*ids = f.id;
	*n = f.n;
	return (0);
}
