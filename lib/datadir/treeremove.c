/* SPDX-License-Identifier: ISC */
/*
 * Removes what lies in a tree, and checks beforehand whether it can.  Both go
 * down by openat() with O_NOFOLLOW, as tree.c does, and stop at mounts: what
 * is mounted there may be somebody's backup disk.
 */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "datadir/treeremove.h"

#define OPEN_DIR	(O_RDONLY | O_DIRECTORY | O_CLOEXEC)

static int
is_dots(const char *name)
{
	return (strcmp(name, ".") == 0 || strcmp(name, "..") == 0);
}

static int
refuse_root(const char *what, const char *name, struct err *e)
{
	return (err_set(e, ERR_CONFIG, "%s/%s: does not belong to the backup, "
	    "but something is mounted there; unmount it first", what, name));
}

/* Refuse the open directory "sub" if something is mounted there. */
static int
check_root(int sub, const char *what, const char *name, struct err *e)
{
	return (tree_is_root(sub) ? refuse_root(what, name, e) : 0);
}

/* The same for anything else: a file can be mounted, too. */
static int
check_file_root(int fd, const char *what, const char *name, struct err *e)
{
	struct statx	 sx;

	return (statx(fd, name, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &sx) == 0 &&
	    (sx.stx_attributes & sx.stx_attributes_mask &
	    STATX_ATTR_MOUNT_ROOT) != 0 ? refuse_root(what, name, e) : 0);
}

static int	 removable_at(int, const char *, const char *, struct err *);

/* Whether all in the directory "d" could be removed. */
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
	/* The names go from this directory, so it must be ours to write. */
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
	char	 whole[PATH_MAX];
	int	 sub;

	sub = openat(fd, name, OPEN_DIR | O_NOFOLLOW);
	if (sub == -1)
		return (err_sys(e, ERR_LOCAL, "open %s/%s", what, name));
	if (str_fmt(whole, sizeof(whole), e, "%s/%s", what, name) ||
	    check_root(sub, what, name, e)) {
		(void)close(sub);	/* read only */
		return (-1);
	}
	if (treeremove_all(sub, whole, "", n, e))
		return (-1);
	if (unlinkat(fd, name, AT_REMOVEDIR) == -1)
		return (err_sys(e, ERR_LOCAL, "remove %s/%s", what, name));
	return (0);
}

static int
remove_at(int fd, const char *name, const char *what, uint64_t *n,
    struct err *e)
{
	/* unlinkat() removes a file or a link, and refuses a directory. */
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
treeremove_all(int fd, const char *what, const char *keep, uint64_t *n,
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
		if (!is_dots(en->d_name) && strcmp(en->d_name, keep) != 0 &&
		    (keep[0] == '\0' ||
		    strcmp(en->d_name, TREEREMOVE_SPARED) != 0))
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
treeremove_check(struct tree *t, const char *path, struct err *e)
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
treeremove(struct tree *t, const char *path, uint64_t *n, struct err *e)
{
	char		 what[PATH_MAX];
	const char	*name;
	int		 fd, rc;

	if (tree_parent(t, path, &fd, &name, e))
		return (-1);
	show_parent(t, path, what, sizeof(what));
	rc = remove_at(fd, name, what, n, e);
	tree_forget(t);			/* it may lie in what is gone */
	return (rc);
}
