/* SPDX-License-Identifier: ISC */
/*
 * Which journals in the state directory are of pushes that died.  Their names
 * are the ids of backups, which are times: sorted, the newest comes first.
 */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "repo/layout.h"
#include "reuse/deadjournals.h"

struct ids {
	char	(*v)[LAYOUT_ID];
	size_t	 n;
};

/* Parts have names that are no ids, so they are found with their journals. */
static int
list_ids(struct ids *l, const char *dir, struct err *e)
{
	struct dirent	*d;
	const char	*id;
	void		*p;
	DIR		*dp;
	int		 rc = -1;

	if ((dp = opendir(dir)) == NULL)
		return (errno == ENOENT ? 0 :
		    err_sys(e, ERR_LOCAL, "open directory %s", dir));
	while ((d = readdir(dp)) != NULL) {
		if (!str_begins(d->d_name, JOURNAL_PREFIX))
			continue;
		id = d->d_name + strlen(JOURNAL_PREFIX);
		if (!layout_id_ok(id))
			continue;
		p = reallocarray(l->v, l->n + 1, sizeof(*l->v));
		if (p == NULL) {
			err_sys(e, ERR_LOCAL, "list journals");
			goto out;
		}
		l->v = p;
		if (str_fmt(l->v[l->n++], LAYOUT_ID, e, "%s", id))
			goto out;
	}
	rc = 0;
out:
	(void)closedir(dp);
	return (rc);
}

static int
newest_first(const void *a, const void *b)
{
	return (strcmp(b, a));
}

int
deadjournals_find(struct journal **v, size_t max, size_t *n,
    const struct archive *a, const char *state_dir, struct err *e)
{
	struct ids	 l = { NULL, 0 };
	struct journal	*j, *part;
	char		 dir[PATH_MAX];
	size_t		 i;
	int		 rc = -1;

	*n = 0;
	if (layout_state(dir, state_dir, a->server, a->system_id, e) ||
	    list_ids(&l, dir, e))
		goto out;
	if (l.n > 0)
		qsort(l.v, l.n, sizeof(*l.v), newest_first);
	for (i = 0; i < l.n; i++) {
		j = part = NULL;
		if (journal_open_dead(&j, a, dir, l.v[i], 0, e))
			goto out;
		if (j == NULL)
			continue;
		/* Older ones hold little that newer ones do not. */
		if (*n == max) {
			journal_remove(j);
			journal_free(j);
			continue;
		}
		v[(*n)++] = j;
		if (*n < max && journal_open_dead(&part, a, dir, l.v[i], 1, e))
			goto out;
		if (part != NULL)
			v[(*n)++] = part;
	}
	rc = 0;
out:
	free(l.v);
	return (rc);
}
