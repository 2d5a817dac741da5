/* SPDX-License-Identifier: ISC */
/*
 * What a directory holds, entry by entry beside the manifest.
 *
 * A stack of levels, one for each directory on the way to the place reached,
 * with its sorted names.  A directory's name comes twice (dirnames.h): as "a"
 * it is an entry to be reached or removed, as "a/" it is pushed onto the
 * stack.  What was not reached at "a" is passed over at "a/".
 */
#include <sys/stat.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "datadir/dirnames.h"
#include "datadir/emptydir.h"
#include "datadir/treeremove.h"
#include "restore/delta.h"

#define DEPTH	64

struct level {
	struct dirnames	 names;
	size_t		 next;
	size_t		 len;		/* of the path, with its last slash */
	int		 foreign;	/* root of a tablespace's directory */
	int		 root;		/* a file system is mounted here */
};

struct delta {
	struct tree	*tree;		/* borrowed */
	struct delta_conf conf;
	uint64_t	 removed;
	int		 depth;		/* levels in use */
	struct level	 level[DEPTH];

	/* What is due: "path" exists, and the manifest has not come to it. */
	int		 due;
	size_t		 index;		/* in its level, which is the last */
	enum dirnames_kind kind;
	char		 path[PATH_MAX];
};

/* Read the directory d->path, which ends in a slash or is empty. */
static int
push(struct delta *d, int foreign, struct err *e)
{
	struct level	*l = &d->level[d->depth];
	char		 what[PATH_MAX];
	size_t		 n = strlen(d->path);
	int		 fd, rc;

	if (n > 0)
		d->path[n - 1] = '\0';
	(void)tree_show(d->tree, d->path, what, sizeof(what));
	if (d->depth == DEPTH)
		return (err_set(e, ERR_LOCAL, "%s: more than %d directories "
		    "deep", what, DEPTH));
	memset(l, 0, sizeof(*l));
	l->len = n;
	l->foreign = foreign;
	/*
	 * A directory of ours that its mode keeps us out of cannot be checked;
	 * the restore sets its mode before it goes in.
	 */
	if (d->conf.check && n > 0 && !foreign &&
	    tree_is_closed(d->tree, d->path)) {
		d->depth++;
		return (0);
	}
	if (tree_enter(d->tree, d->path, &fd, e))
		return (-1);
	l->root = tree_is_root(fd);
	rc = d->conf.check ? d->conf.entered(d->conf.arg, fd, what, e) : 0;
	if (rc == 0)
		rc = dirnames_read(&l->names, fd, what, e);
	(void)close(fd);		/* read only: nothing to lose */
	if (rc == -1)
		dirnames_free(&l->names);
	else
		d->depth++;
	return (rc);
}

int
delta_open(struct delta **out, struct tree *t, const struct delta_conf *conf,
    struct err *e)
{
	struct delta	*d;

	if ((d = calloc(1, sizeof(*d))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list a directory"));
	d->tree = t;
	d->conf = *conf;
	if (push(d, 0, e)) {
		delta_free(d);
		return (-1);
	}
	*out = d;
	return (0);
}

void
delta_free(struct delta *d)
{
	if (d == NULL)
		return;
	while (d->depth > 0)
		dirnames_free(&d->level[--d->depth].names);
	free(d);
}

uint64_t
delta_removed(const struct delta *d)
{
	return (d->removed);
}

/* Let the walk pass over the content of the directory that is due. */
static void
pass_over(struct delta *d)
{
	if (d->kind == DIRNAMES_DIR || d->kind == DIRNAMES_LINK_DIR)
		dirnames_forget(&d->level[d->depth - 1].names, d->index);
}

/* Go into "name/": a directory, or the place of a tablespace. */
static int
descend(struct delta *d, enum dirnames_kind kind, struct err *e)
{
	size_t	 n = strlen(d->path);
	int	 mounted;

	d->path[n - 1] = '\0';
	mounted = tree_is_mount(d->tree, d->path);
	d->path[n - 1] = '/';
	/* Any other link to a directory is an entry, and nothing below it. */
	if (kind == DIRNAMES_LINK_INTO && !mounted)
		return (0);
	return (push(d, mounted, e));
}

/*
 * Whether it stays although no backup has it: our mark and the pg_control that
 * was put aside, which are removed at the very end, and lost+found, which a
 * file system has where it is mounted.
 */
static int
stays(const struct delta *d, const struct level *l, const char *name)
{
	if (strcmp(name, "lost+found") == 0)
		return (l->root || l->foreign || l->len == 0);
	return (((l->len == 0 || l->foreign) &&
	    strcmp(name, EMPTYDIR_MARK) == 0) ||
	    strcmp(d->path, EMPTYDIR_ASIDE) == 0);
}

/* Find what is due next: an entry of the directory that is to be judged. */
static int
look(struct delta *d, struct err *e)
{
	struct level	*l;
	const char	*name;

	while (!d->due && d->depth > 0) {
		l = &d->level[d->depth - 1];
		if (l->next == l->names.n) {
			dirnames_free(&l->names);
			d->depth--;
			continue;
		}
		d->index = l->next++;
		name = dirnames_at(&l->names, d->index);
		d->kind = dirnames_kind(&l->names, d->index);
		if (str_fmt(d->path + l->len, sizeof(d->path) - l->len, e,
		    "%s", name))
			return (-1);
		/* push() and descend() cut the slash off. */
		if (l->len > 0)
			d->path[l->len - 1] = '/';
		if (d->kind == DIRNAMES_GONE)
			continue;
		if (d->kind == DIRNAMES_INTO || d->kind == DIRNAMES_LINK_INTO) {
			if (descend(d, d->kind, e))
				return (-1);
			continue;
		}
		d->due = !stays(d, l, name);
		if (!d->due)
			pass_over(d);
	}
	return (0);
}

/* Remove what is due, or check or report it. */
static int
drop(struct delta *d, struct err *e)
{
	pass_over(d);
	d->due = 0;
	if (d->conf.check)
		return (treeremove_check(d->tree, d->path, e));
	d->conf.report(d->conf.arg, d->kind == DIRNAMES_LINK_DIR ? DELTA_LINK :
	    DELTA_REMOVED, d->path);
	if (d->conf.dry) {
		d->removed++;
		return (0);
	}
	return (treeremove(d->tree, d->path, &d->removed, e));
}

/*
 * What is due is not in the manifest: it goes, unless it lies in the root of a
 * tablespace's directory, which may hold what others need.
 */
static int
unreached(struct delta *d, struct err *e)
{
	if (!d->level[d->depth - 1].foreign)
		return (drop(d, e));
	pass_over(d);
	d->due = 0;
	return (0);
}

static int
is_type(enum dirnames_kind kind, enum manifest_type type)
{
	switch (type) {
	case MANIFEST_DIR:
		return (kind == DIRNAMES_DIR);
	case MANIFEST_FILE:
		return (kind == DIRNAMES_FILE);
	case MANIFEST_LINK:
		return (kind == DIRNAMES_LINK_DIR ||
		    kind == DIRNAMES_LINK_FILE || kind == DIRNAMES_LINK_DEAD);
	case MANIFEST_END:
		break;
	}
	return (0);
}

int
delta_reach(struct delta *d, const char *path, enum manifest_type type,
    struct err *e)
{
	int	 order;

	for (;;) {
		if (look(d, e))
			return (-1);
		/* What is due comes later: there is nothing at "path". */
		if (!d->due || (order = strcmp(d->path, path)) > 0)
			return (0);
		if (order == 0 && is_type(d->kind, type)) {
			d->due = 0;
			return (1);
		}
		/* The wrong type at the path itself goes in any case. */
		if (order == 0 ? drop(d, e) : unreached(d, e))
			return (-1);
	}
}

int
delta_finish(struct delta *d, struct err *e)
{
	for (;;) {
		if (look(d, e))
			return (-1);
		if (!d->due)
			return (0);
		if (unreached(d, e))
			return (-1);
	}
}
