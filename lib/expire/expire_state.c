/* SPDX-License-Identifier: ISC */
/* What both halves of expiry need: listing, and judging a file's age. */
#include <stdlib.h>
#include <string.h>

#include "expire/expire_state.h"

static int
compare_id(const void *id, const void *dir)
{
	return (strcmp(id, ((const struct expire_dir *)dir)->id));
}

struct expire_dir *
expire_state_bare(const struct expire *x, const char *id)
{
	return (x->nbare == 0 ? NULL : bsearch(id, x->dir, x->nbare,
	    sizeof(*x->dir), compare_id));
}

int
expire_state_list(struct expire *x, struct archive *a, store_listed *each,
    void *arg, struct err *e)
{
	char		(*text)[LAYOUT_PATH];
	const char	**paths;
	size_t		 i;
	int		 rc = -1;

	if (x->ndir == 0)
		return (0);
	text = calloc(x->ndir, sizeof(*text));
	paths = calloc(x->ndir, sizeof(*paths));
	if (text == NULL || paths == NULL) {
		err_sys(e, ERR_LOCAL, "expire");
		goto out;
	}
	for (i = 0; i < x->ndir; i++)
		paths[i] = layout_base(text[i], x->dir[i].id);
	rc = store_list(a->store, paths, x->ndir, each, arg, e);
out:
	free(text);
	free(paths);
	return (rc);
}

int
expire_state_abandoned(const struct expire *x, int64_t mtime)
{
	return (x->repo_now - mtime > x->conf->abandoned_us / EXPIRE_SECOND);
}
