/* SPDX-License-Identifier: ISC */
/* Mounts directories of a sandbox over paths, for its server alone. */
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"
#include "datadir/insidedir.h"
#include "drill/cover.h"

#define NAMES_MOST	1000	/* of a directory that is shown anew */
#define FIRST		SIZE_MAX

struct mounted {
	char	 from[PATH_MAX], to[PATH_MAX];
	size_t	 depth, no;	/* the order: deeper ones first, then by no */
	int	 maybe;		/* it may be gone by now */
};

/* A directory that exists, and what stands in its place. */
struct shown {
	char	 dir[PATH_MAX], by[PATH_MAX];
};

struct cover {
	struct mounted	*v;	/* in this order */
	size_t		 n;
	struct shown	*shown;
	size_t		 nshown, round;
	char		 root[PATH_MAX];	/* what becomes /; "" */
	char		 uids[64], gids[64];	/* of the namespace */
};

/*
 * What lies deeper is mounted first, since what is mounted above it takes it
 * along.  "dir" is the directory that is shown anew; NULL: none is.
 */
static int
add(struct cover *c, const char *dir, const char *from, const char *to,
    int maybe, struct err *e)
{
	struct mounted	*v = reallocarray(c->v, c->n + 1, sizeof(*v));

	if (v == NULL)
		return (err_sys(e, ERR_LOCAL, "mounts"));
	c->v = v;
	v += c->n;
	v->maybe = maybe;
	v->no = c->n;
	v->depth = dir == NULL ? FIRST : strlen(dir);
	if (str_fmt(v->from, PATH_MAX, e, "%s", from) ||
	    str_fmt(v->to, PATH_MAX, e, "%s", to))
		return (-1);
	c->n++;
	return (0);
}

static int
make_dir(const char *path, struct err *e)
{
	return (mkdir(path, 0700) == -1 && errno != EEXIST ? err_sys(e,
	    ERR_LOCAL, "create %s", path) : 0);
}

/* Show a name of a directory in the one that stands in its place. */
static int
show_name(struct cover *c, const struct shown *s, const char *name,
    struct err *e)
{
	char		 from[PATH_MAX], to[PATH_MAX], link[PATH_MAX];
	struct stat	 st;
	ssize_t		 n;
	int		 fd;

	if (path_join(from, sizeof(from), s->dir, name, e) ||
	    path_join(to, sizeof(to), s->by, name, e))
		return (-1);
	if (lstat(from, &st) == -1)
		return (0);		/* it is gone, or is not ours to see */
	if (S_ISLNK(st.st_mode)) {
		if ((n = readlink(from, link, sizeof(link) - 1)) == -1)
			return (0);
		link[n] = '\0';
		return (symlink(link, to) == -1 ? err_sys(e, ERR_LOCAL,
		    "link %s", to) : 0);
	}
	if (S_ISDIR(st.st_mode)) {
		if (make_dir(to, e))
			return (-1);
	} else if ((fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
	    0600)) == -1)
		return (err_sys(e, ERR_LOCAL, "create %s", to));
	else
		(void)close(fd);	/* empty: nothing to lose */
	return (add(c, s->dir, from, to, 1, e));
}

/* Show all that a directory holds. */
static int
show(struct cover *c, const struct shown *s, struct err *e)
{
	struct dirent	*en;
	DIR		*d;
	int		 n = 0, rc = 0;

	if ((d = opendir(s->dir)) == NULL)
		return (err_sys(e, ERR_CONFIG, "read directory %s", s->dir));
	while (rc == 0 && (errno = 0, (en = readdir(d)) != NULL)) {
		if (strcmp(en->d_name, ".") == 0 ||
		    strcmp(en->d_name, "..") == 0)
			continue;
		if (n++ == NAMES_MOST)
			rc = err_set(e, ERR_CONFIG, "%s has more than %d "
			    "names", s->dir, NAMES_MOST);
		else
			rc = show_name(c, s, en->d_name, e);
	}
	if (rc == 0 && errno != 0)
		rc = err_sys(e, ERR_LOCAL, "read directory %s", s->dir);
	(void)closedir(d);		/* read only: nothing to lose */
	return (rc);
}

/* Find or make what stands in the place of "dir". */
static int
shown_for(const struct shown **out, struct cover *c, const char *dir,
    const struct sandbox *sb, struct err *e)
{
	struct shown	*s;
	size_t		 i;

	for (i = 0; i < c->nshown; i++)
		if (strcmp(c->shown[i].dir, dir) == 0) {
			*out = &c->shown[i];
			return (0);
		}
	s = reallocarray(c->shown, c->nshown + 1, sizeof(*s));
	if (s == NULL)
		return (err_sys(e, ERR_LOCAL, "mounts"));
	c->shown = s;
	s += c->nshown;
	if (str_fmt(s->dir, PATH_MAX, e, "%s", dir) ||
	    str_fmt(s->by, PATH_MAX, e, "%s/cover.%zu.%zu", sb->dir,
	    c->round, c->nshown) || make_dir(s->by, e))
		return (-1);
	c->nshown++;
	*out = s;
	return (show(c, s, e));
}

/* The deepest directory above "path" that exists, and the names behind it. */
static int
find_above(char dir[PATH_MAX], const char **rest, const char *path,
    struct err *e)
{
	char		 part[PATH_MAX];
	struct stat	 st;
	size_t		 n = strlen(path);

	do {
		while (n > 1 && path[n - 1] != '/')
			n--;
		while (n > 1 && path[n - 1] == '/')
			n--;
		if (str_fmt(part, sizeof(part), e, "%.*s", (int)n, path))
			return (-1);
	} while (n > 1 && lstat(part, &st) == -1 && errno == ENOENT);
	if (realpath(part, dir) == NULL || stat(dir, &st) == -1)
		return (err_sys(e, ERR_CONFIG, "%s", part));
	if (!S_ISDIR(st.st_mode))
		return (err_set(e, ERR_CONFIG, "%s is no directory", part));
	*rest = path + n + strspn(path + n, "/");
	return (0);
}

/* Make the names below a directory of ours. */
static int
make_below(char to[PATH_MAX], const char *dir, const char *rest,
    struct err *e)
{
	size_t	 n;

	if (str_fmt(to, PATH_MAX, e, "%s", dir))
		return (-1);
	for (; *rest != '\0'; rest += n + strspn(rest + n, "/")) {
		n = strcspn(rest, "/");
		if (str_fmt(to + strlen(to), PATH_MAX - strlen(to), e,
		    "/%.*s", (int)n, rest) || make_dir(to, e))
			return (-1);
	}
	return (0);
}

/*
 * Whether one that was found earlier covers "l", too; -1 if it would cover that
 * one, whose files are elsewhere by now.
 */
static int
is_below(const struct laterspaces *all, const struct laterspace *l,
    struct err *e)
{
	const struct laterspace	*o;
	size_t			 n, nl = strlen(l->path);

	for (o = all->v; o < l; o++) {
		n = strlen(o->path);
		if (n < nl && str_begins(l->path, o->path) &&
		    l->path[n] == '/')
			return (1);
		if (n > nl && str_begins(o->path, l->path) &&
		    o->path[nl] == '/')
			return (err_set(e, ERR_CONFIG, "another tablespace, "
			    "which was made before, lies in it"));
	}
	return (0);
}

/* A path that does not exist; what exists is mounted first. */
static int
cover_missing(struct cover *c, const char *path, const char *place,
    const struct sandbox *s, struct err *e)
{
	const struct shown	*by = NULL;
	const char		*rest = NULL;
	char			 dir[PATH_MAX], to[PATH_MAX];

	return (find_above(dir, &rest, path, e) ||
	    shown_for(&by, c, dir, s, e) || make_below(to, by->by, rest, e) ||
	    add(c, dir, place, to, 0, e) ? -1 : 0);
}

static int
cover_one(struct cover *c, const struct laterspaces *all,
    const struct laterspace *l, const struct sandbox *s, struct err *e)
{
	struct stat	 st;
	char		 place[PATH_MAX], own[PATH_MAX];
	const int	 below = is_below(all, l, e);

	if (below == -1)
		return (-1);
	if (insidedir(s->dir, l->path))
		return (err_set(e, ERR_CONFIG, "the sandbox lies in it; name "
		    "another folder with --dir"));
	if (laterspace_place(place, all, l->path, s, e) ||
	    make_below(own, s->tablespaces, place + strlen(s->tablespaces) +
	    1, e))
		return (-1);
	if (below)
		return (0);
	if (lstat(l->path, &st) == -1 && errno == ENOENT)
		return (cover_missing(c, l->path, place, s, e));
	if (stat(l->path, &st) == -1)
		return (err_sys(e, ERR_CONFIG, "it cannot be reached"));
	if (!S_ISDIR(st.st_mode))
		return (err_set(e, ERR_CONFIG, "it is no directory"));
	return (add(c, NULL, place, l->path, 0, e));
}

static int
by_depth(const void *a, const void *b)
{
	const struct mounted	*x = a, *y = b;

	if (x->depth != y->depth)
		return (x->depth < y->depth ? 1 : -1);
	return (x->no < y->no ? -1 : x->no > y->no);
}

/* Put what was made in its place, behind all that it shows. */
static int
place_shown(struct cover *c, struct err *e)
{
	const struct shown	*s;
	size_t			 i;

	for (i = 0; i < c->nshown; i++) {
		s = &c->shown[i];
		if (strcmp(s->dir, "/") == 0)
			memcpy(c->root, s->by, PATH_MAX);
		else if (add(c, s->dir, s->by, s->dir, 0, e))
			return (-1);
	}
	if (c->n > 0)
		qsort(c->v, c->n, sizeof(*c->v), by_depth);
	return (0);
}

int
cover_make(struct cover **out, const struct laterspaces *all,
    const struct sandbox *s, struct err *e)
{
	struct cover	*c;
	size_t		 i;

	if ((c = calloc(1, sizeof(*c))) == NULL)
		return (err_sys(e, ERR_LOCAL, "mounts"));
	c->round = all->n;
	for (i = 0; i < all->n; i++)
		if (cover_one(c, all, &all->v[i], s, e)) {
			err_ctx(e, "%s", all->v[i].path);
			goto fail;
		}
	if (place_shown(c, e))
		goto fail;
	(void)snprintf(c->uids, sizeof(c->uids), "%lu %lu 1",
	    (unsigned long)geteuid(), (unsigned long)geteuid());
	(void)snprintf(c->gids, sizeof(c->gids), "%lu %lu 1",
	    (unsigned long)getegid(), (unsigned long)getegid());
	*out = c;
	return (0);
fail:
	cover_free(c);
	return (-1);
}

void
cover_free(struct cover *c)
{
	if (c == NULL)
		return;
	free(c->v);
	free(c->shown);
	free(c);
}

static int
tell(const char *path, const char *text)
{
	const size_t	 n = strlen(text);
	int		 fd, rc;

	if ((fd = open(path, O_WRONLY | O_CLOEXEC)) == -1)
		return (-1);
	rc = write(fd, text, n) == (ssize_t)n ? 0 : -1;
	(void)close(fd);		/* the kernel took it at once, or not */
	return (rc);
}

int
cover_enter(const struct cover *c)
{
	size_t	 i;

	/*
	 * The files below belong to root as long as this process is none to
	 * look into.  The program that it becomes soon has no secret of ours.
	 * This user and group are the only ones that have a name there.
	 */
	if (prctl(PR_SET_DUMPABLE, 1) == -1 ||
	    unshare(CLONE_NEWUSER | CLONE_NEWNS) == -1 ||
	    tell("/proc/self/setgroups", "deny") == -1 ||
	    tell("/proc/self/uid_map", c->uids) == -1 ||
	    tell("/proc/self/gid_map", c->gids) == -1 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1)
		return (errno);
	for (i = 0; i < c->n; i++)
		if (mount(c->v[i].from, c->v[i].to, NULL, MS_BIND | MS_REC,
		    NULL) == -1 && !(c->v[i].maybe && errno == ENOENT))
			return (errno);
	if (c->root[0] != '\0' && (chroot(c->root) == -1 ||
	    chdir("/") == -1))
		return (errno);
	return (0);
}
