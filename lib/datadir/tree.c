/* SPDX-License-Identifier: ISC */
/* Paths of a manifest below open directories, and no link followed. */
#include <sys/stat.h>

#include <dirent.h>
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

static void
forget_last(struct tree *t)
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
	forget_last(t);
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
	int	 saved = errno;
	char	 text[PATH_MAX];

	(void)tree_show(t, path, text, sizeof(text));
	errno = saved;
	return (err_sys(e, ERR_LOCAL, "%s %s", deed, text));
}

/* Where a path begins: the root, or a tablespace; the rest of it is *rest. */
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
	dir[n > 0 ? n - 1 : 0] = '\0';
	if (t->last_fd == -1 || strcmp(dir, t->last) != 0) {
		forget_last(t);
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
	return (i < t->n && tree_parent(t, path, &fd, &name, &unused) == 0 &&
	    fstatat(fd, name, &a, 0) == 0 &&
	    fstat(t->mounts[i].fd, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino);
}

static int
is_dots(const char *name)
{
	return (strcmp(name, ".") == 0 || strcmp(name, "..") == 0);
}

int
tree_is_root(int fd)
{
	struct statx	 sx;
	struct stat	 here, up;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &sx) == 0 &&
	    (sx.stx_attributes_mask & STATX_ATTR_MOUNT_ROOT) != 0)
		return ((sx.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0);
	/* Before Linux 5.8 what is of the same file system is not seen. */
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

	return (geteuid() != 0 &&
	    tree_parent(t, path, &fd, &name, &unused) == 0 &&
	    fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
	    (st.st_mode & 0500) != 0500);
}

static int
refuse_root(const char *what, const char *name, struct err *e)
{
	return (err_set(e, ERR_CONFIG, "%s/%s: does not belong to the backup, "
	    "but something is mounted there; unmount it", what, name));
}

/* Nothing is mounted there. */
static int
check_root(int sub, const char *what, const char *name, struct err *e)
{
	return (tree_is_root(sub) ? refuse_root(what, name, e) : 0);
}

/* The same of what is no directory: a file can be mounted, too. */
static int
check_file_root(int fd, const char *what, const char *name, struct err *e)
{
	struct statx	 sx;

	return (statx(fd, name, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &sx) == 0 &&
	    (sx.stx_attributes & sx.stx_attributes_mask &
	    STATX_ATTR_MOUNT_ROOT) != 0 ? refuse_root(what, name, e) : 0);
}

static int	 removable_at(int, const char *, const char *, struct err *);

/* All in the directory "d". */
static int
removable_in(DIR *d, const char *what, struct err *e)
{
	struct dirent	*en;
	int		 any = 0, rc = 0;

	while (rc == 0 && (errno = 0, (en = readdir(d)) != NULL))
		if (!is_dots(en->d_name)) {
			any = 1;
			rc = removable_at(dirfd(d), en->d_name, what, e);
		}
	if (rc == 0 && errno != 0)
		return (err_sys(e, ERR_LOCAL, "read directory %s", what));
	if (rc == 0 && any &&
	    faccessat(dirfd(d), ".", W_OK | X_OK, AT_EACCESS) == -1)
		return (err_sys(e, ERR_LOCAL, "remove what is in %s", what));
	return (rc);
}

static int
removable_at(int fd, const char *name, const char *what, struct err *e)
{
	char	 whole[PATH_MAX];
	DIR	*d;
	int	 sub, rc;

	sub = openat(fd, name, OPEN_DIR | O_NOFOLLOW);
	if (sub == -1)
		return (errno == ENOTDIR || errno == ELOOP ||
		    errno == ENOENT ? check_file_root(fd, what, name, e) :
		    err_sys(e, ERR_LOCAL, "open %s/%s", what, name));
	if (str_fmt(whole, sizeof(whole), e, "%s/%s", what, name) ||
	    check_root(sub, what, name, e)) {
		(void)close(sub);	/* read only */
		return (-1);
	}
	if ((d = fdopendir(sub)) == NULL) {
		err_sys(e, ERR_LOCAL, "read directory %s", whole);
		(void)close(sub);	/* the same */
		return (-1);
	}
	rc = removable_in(d, whole, e);
	(void)closedir(d);		/* the same */
	return (rc);
}

/* The directory "name" in "fd" and all in it. */
static int
remove_dir(int fd, const char *name, const char *what, uint64_t *n,
    struct err *e)
{
	int	 sub;

	sub = openat(fd, name, OPEN_DIR | O_NOFOLLOW);
	if (sub == -1)
		return (err_sys(e, ERR_LOCAL, "open %s/%s", what, name));
	if (check_root(sub, what, name, e)) {
		(void)close(sub);	/* read only */
		return (-1);
	}
	if (tree_clear(sub, name, "", n, e))
		return (-1);
	if (unlinkat(fd, name, AT_REMOVEDIR) == -1)
		return (err_sys(e, ERR_LOCAL, "remove %s/%s", what, name));
	return (0);
}

static int
remove_at(int fd, const char *name, const char *what, uint64_t *n,
    struct err *e)
{
	/* Links are removed, never followed. */
	if (unlinkat(fd, name, 0) == -1) {
		if (errno == ENOENT)
			return (0);
		if (errno != EISDIR && errno != EPERM)
			return (err_sys(e, ERR_LOCAL, "remove %s/%s", what,
			    name));
		if (remove_dir(fd, name, what, n, e))
			return (-1);
	}
	if (n != NULL)
		++*n;
	return (0);
}

int
tree_clear(int fd, const char *what, const char *keep, uint64_t *n,
    struct err *e)
{
	struct dirent	*en;
	DIR		*d;
	int		 rc = 0;

	if ((d = fdopendir(fd)) == NULL) {
		err_sys(e, ERR_LOCAL, "read directory %s", what);
		(void)close(fd);	/* read only: nothing to lose */
		return (-1);
	}
	while (rc == 0 && (errno = 0, (en = readdir(d)) != NULL))
		if (!is_dots(en->d_name) && strcmp(en->d_name, keep) != 0)
			rc = remove_at(fd, en->d_name, what, n, e);
	if (rc == 0 && errno != 0)
		rc = err_sys(e, ERR_LOCAL, "read directory %s", what);
	(void)closedir(d);		/* the same */
	return (rc);
}

/* The directory that holds "path", for messages. */
static void
show_parent(const struct tree *t, const char *path, char *buf, size_t size)
{
	(void)tree_show(t, path, buf, size);
	if (strrchr(buf, '/') != NULL)
		*strrchr(buf, '/') = '\0';
}

int
tree_removable(struct tree *t, const char *path, struct err *e)
{
	char		 what[PATH_MAX];
	const char	*name;
	int		 fd;

	if (tree_parent(t, path, &fd, &name, e))
		return (-1);
	show_parent(t, path, what, sizeof(what));
	return (removable_at(fd, name, what, e));
}

int
tree_remove(struct tree *t, const char *path, uint64_t *n, struct err *e)
{
	char		 what[PATH_MAX];
	const char	*name;
	int		 fd, rc;

	if (tree_parent(t, path, &fd, &name, e))
		return (-1);
	show_parent(t, path, what, sizeof(what));
	rc = remove_at(fd, name, what, n, e);
	forget_last(t);			/* it may lie in what is gone */
	return (rc);
}
