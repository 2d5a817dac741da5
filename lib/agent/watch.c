/* SPDX-License-Identifier: ISC */
/* Files that must stay what they are. */
#include "agent/watch.h"

int
watch_start(struct watch *w, const char *const path[WATCH_MAX], struct err *e)
{
	for (w->n = 0; w->n < WATCH_MAX && path[w->n] != NULL; w->n++) {
		w->path[w->n] = path[w->n];
		if (stat(path[w->n], &w->was[w->n]) == -1)
			return (err_sys(e, ERR_LOCAL, "stat %s", path[w->n]));
	}
	return (0);
}

static int
is_same(const struct stat *a, const struct stat *b)
{
	if (a->st_dev != b->st_dev || a->st_ino != b->st_ino ||
	    (a->st_mode & S_IFMT) != (b->st_mode & S_IFMT))
		return (0);
	/* The mtime of a directory changes with what is in it. */
	return (!S_ISREG(a->st_mode) || (a->st_mode == b->st_mode &&
	    a->st_size == b->st_size &&
	    a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	    a->st_mtim.tv_nsec == b->st_mtim.tv_nsec));
}

const char *
watch_changed(const struct watch *w)
{
	struct stat	 st;
	size_t		 i;

	for (i = 0; i < w->n; i++)
		if (stat(w->path[i], &st) == -1 || !is_same(&st, &w->was[i]))
			return (w->path[i]);
	return (NULL);
}
