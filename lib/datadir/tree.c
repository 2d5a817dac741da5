/* SPDX-License-Identifier: ISC */
/*
 * Paths of a manifest, opened step by step below directories that are open
 * already.  Each step is an openat() with O_NOFOLLOW, so a link that somebody
 * puts in the way, at whatever moment, makes it fail.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"
#include "datadir/tree.h"

#define OPEN_DIR	(O_RDONLY | O_DIRECTORY | O_CLOEXEC)
#define MOUNT_PATH	24		/* "pg_tblspc/" and ten digits */

struct mount {
	char		 path[MOUNT_PATH];
	int		 fd;
};

struct tree {
	char		*dir;
	int		 fd;
	struct mount	*mounts;
	size_t		 n;

	/* The directory asked for last: the next path is often in it, too. */
	char		 last[PATH_MAX];
	int		 last_fd;		/* -1: none */
};

int
tree_open(struct tree **out, const char *dir, struct err *e)
{
	struct tree	*t;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", dir));
	t->fd = t->last_fd = -1;
	if (str_dup(&t->dir, dir, e))
		goto fail;
	if ((t->fd = open(dir, OPEN_DIR)) == -1) {
		err_sys(e, ERR_LOCAL, "open directory %s", dir);
		goto fail;
	}
	*out = t;
	return (0);
fail:
	tree_free(t);
	return (-1);
}

int
tree_mount(struct tree *t, uint32_t oid, const char *dir, struct err *e)
{
	struct mount	*m;

	m = reallocarray(t->mounts, t->n + 1, sizeof(*m));
	if (m == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", dir));
	t->mounts = m;
	m += t->n;
	(void)snprintf(m->path, sizeof(m->path), "pg_tblspc/%" PRIu32, oid);
	if ((m->fd = open(dir, OPEN_DIR)) == -1)
		return (err_sys(e, ERR_LOCAL, "open directory %s", dir));
	t->n++;
	return (0);
}

void
tree_forget(struct tree *t)
{
	if (t->last_fd != -1)
		(void)close(t->last_fd);	/* read only */
	t->last_fd = -1;
}

void
tree_free(struct tree *t)
{
	if (t == NULL)
		return;
	tree_forget(t);
	while (t->n > 0)
		(void)close(t->mounts[--t->n].fd);	/* read only */
	if (t->fd != -1)
		(void)close(t->fd);			/* the same */
	free(t->mounts);
	free(t->dir);
	free(t);
}

const char *
tree_show(const struct tree *t, const char *path, char *buf, size_t size)
{
	char	 clean[512];

	(void)snprintf(buf, size, "%s/%s", t->dir, str_clean(clean,
	    sizeof(clean), path, strlen(path)));
	return (buf);
}

static int
fail_sys(const struct tree *t, const char *deed, const char *path,
    struct err *e)
{
	int	 saved = errno;		/* before it is overwritten */
	char	 text[PATH_MAX];

	(void)tree_show(t, path, text, sizeof(text));
	errno = saved;
	return (err_sys(e, ERR_LOCAL, "%s %s", deed, text));
}

/*
 * The open directory that a path begins in, the root or a tablespace's; *rest
 * is what is left of the path.
 */
static int
begin(const struct tree *t, const char *path, const char **rest)
{
	size_t	 i, n;

	for (i = 0; i < t->n; i++) {
		n = strlen(t->mounts[i].path);
		if (strncmp(path, t->mounts[i].path, n) != 0 ||
		    (path[n] != '/' && path[n] != '\0'))
			continue;
		*rest = path + n + (path[n] == '/');
		return (t->mounts[i].fd);
	}
	*rest = path;
	return (t->fd);
}

int
tree_enter(struct tree *t, const char *path, int *out, struct err *e)
{
	char		 name[NAME_MAX + 1];
	const char	*rest;
	size_t		 n;
	int		 fd, next;

	/* A descriptor of its own, for the caller to close. */
	if ((fd = openat(begin(t, path, &rest), ".", OPEN_DIR)) == -1)
		return (fail_sys(t, "open directory", path, e));
	for (; *rest != '\0'; rest += n + (rest[n] == '/')) {
		n = strcspn(rest, "/");
		if (n > NAME_MAX) {
			(void)close(fd);	/* read only */
			errno = ENAMETOOLONG;
			return (fail_sys(t, "open directory", path, e));
		}
		memcpy(name, rest, n);
		name[n] = '\0';
		next = openat(fd, name, OPEN_DIR | O_NOFOLLOW);
		if (next == -1) {
			fail_sys(t, "open directory", path, e);
			(void)close(fd);	/* read only */
			return (-1);
		}
		(void)close(fd);		/* the same */
		fd = next;
	}
	*out = fd;
	return (0);
}

int
tree_parent(struct tree *t, const char *path, int *fd, const char **name,
    struct err *e)
{
	char	 dir[PATH_MAX];
	size_t	 n;

	*name = path_base(path);
	n = (size_t)(*name - path);
	if (n >= sizeof(dir)) {
		errno = ENAMETOOLONG;
		return (fail_sys(t, "open", path, e));
	}
	memcpy(dir, path, n);
	dir[n > 0 ? n - 1 : 0] = '\0';	/* without its slash */
	/* A manifest comes in order: most paths are in the last directory. */
	if (t->last_fd == -1 || strcmp(dir, t->last) != 0) {
		tree_forget(t);
		if (tree_enter(t, dir, &t->last_fd, e))
			return (-1);
		memcpy(t->last, dir, sizeof(dir));
	}
	*fd = t->last_fd;
	return (0);
}

int
tree_is_mount(struct tree *t, const char *path)
{
	struct err	 unused = ERR_INIT;
	struct stat	 a, b;
	const char	*name;
	size_t		 i;
	int		 fd;

	for (i = 0; i < t->n; i++)
		if (strcmp(path, t->mounts[i].path) == 0)
			break;
	/* By identity, since one directory may have several paths. */
	return (i < t->n && tree_parent(t, path, &fd, &name, &unused) == 0 &&
	    fstatat(fd, name, &a, 0) == 0 &&
	    fstat(t->mounts[i].fd, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino);
}

int
tree_is_root(int fd)
{
	struct statx	 sx;
	struct stat	 here, up;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &sx) == 0 &&
	    (sx.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0)
		return ((sx.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0);
	/* Linux before 5.8 does not say; a bind mount is not seen there. */
	return (fstat(fd, &here) == 0 && fstatat(fd, "..", &up, 0) == 0 &&
	    here.st_dev != up.st_dev);
}

int
tree_is_closed(struct tree *t, const char *path)
{
	struct err	 unused = ERR_INIT;
	struct stat	 st;
	const char	*name;
	int		 fd;

	/* To root every directory is open. */
	return (geteuid() != 0 &&
	    tree_parent(t, path, &fd, &name, &unused) == 0 &&
	    fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
	    (st.st_mode & 0500) != 0500);
}
