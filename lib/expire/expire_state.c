/* SPDX-License-Identifier: ISC */
/* What both halves of expiry need: listing, and judging a file's age. */
#include <stdlib.h>

#include "expire/expire_state.h"

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
