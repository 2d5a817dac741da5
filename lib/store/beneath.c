/* SPDX-License-Identifier: ISC */
/*
 * Paths that are resolved below a directory without following links.
 *
 * Every call opens the root anew.  An open descriptor would keep a mounted
 * repository busy, and an agent would go on to write into the bare directory
 * on which a disk has been mounted meanwhile.
 */
#include <sys/stat.h>
#include <sys/syscall.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "store/beneath.h"

#define DIR_ONLY	(O_PATH | O_DIRECTORY | O_CLOEXEC)

/* Close a descriptor through which nothing was written; errno stays. */
static void
close_quietly(int fd)
{
	const int	 saved = errno;

	(void)close(fd);
	errno = saved;
}

static int
open_root(const char *root)
{
	return (open(root, DIR_ONLY));
}

#ifdef SYS_openat2
#include <linux/openat2.h>

static int
open_at_once(int root, const char *path, int flags, mode_t mode)
{
	struct open_how	 how = {
		.flags = (unsigned)flags,
		.mode = (flags & O_CREAT) != 0 ? mode : 0,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
		    RESOLVE_NO_MAGICLINKS
	};

	/* What open(2) adds on 32 bits; beside O_PATH it is refused. */
	if ((flags & O_PATH) == 0)
		how.flags |= O_LARGEFILE;
	return ((int)syscall(SYS_openat2, root, path, &how, sizeof(how)));
}
#else
static int
open_at_once(int root, const char *path, int flags, mode_t mode)
{
	(void)root;
	(void)path;
	(void)flags;
	(void)mode;
	errno = ENOSYS;
	return (-1);
}
#endif

/*
 * Open one component.  A link where a directory was asked for is ENOTDIR to
 * the kernel, like a file; callers must be able to tell them apart.
 */
static int
open_component(int dir, const char *name, int flags, mode_t mode)
{
	const int	 fd = openat(dir, name, flags | O_NOFOLLOW, mode);
	struct stat	 st;

	if (fd != -1 || errno != ENOTDIR)
		return (fd);
	errno = fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISLNK(st.st_mode) ? ELOOP : ENOTDIR;
	return (-1);
}

/*
 * Open "path" component by component.  Each directory is held open while the
 * next one is looked up in it, so replacing one of them meanwhile leads
 * nowhere else.  *len is the length of what was looked at last.
 */
static int
open_by_walk(int root, const char *path, int flags, mode_t mode, size_t *len)
{
	char		 name[NAME_MAX + 1];
	const char	*at = path;
	size_t		 n;
	int		 dir = root, fd = -1, last = 0;

	while (!last) {
		n = strcspn(at, "/");
		last = at[n] == '\0';
		*len = (size_t)(at - path) + n;
		if (n >= sizeof(name)) {
			errno = ENAMETOOLONG;
			fd = -1;
		} else {
			(void)snprintf(name, sizeof(name), "%.*s", (int)n, at);
			fd = open_component(dir, name, last ? flags :
			    DIR_ONLY, last ? mode : 0);
		}
		if (dir != root)
			close_quietly(dir);
		if (fd == -1)
			return (-1);
		dir = fd;
		at += n + 1;
	}
	return (fd);
}

int
beneath_open(const char *root, const char *path, int flags, mode_t mode)
{
	size_t	 len;
	int	 dir, fd;

	/* O_PATH alone would open a link itself. */
	assert((flags & O_PATH) == 0 || (flags & O_DIRECTORY) != 0);
	flags |= O_CLOEXEC;
	if (*path == '\0')
		return (open(root, flags, mode));
	if ((dir = open_root(root)) == -1)
		return (-1);
	fd = open_at_once(dir, path, flags, mode);
	/*
	 * A kernel before 5.6 says ENOSYS, a container's filter that does not
	 * know the call EPERM.  EPERM may also be the file's own; then the
	 * walk ends with it, too.
	 */
	if (fd == -1 && (errno == ENOSYS || errno == EPERM))
		fd = open_by_walk(dir, path, flags, mode, &len);
	close_quietly(dir);
	return (fd);
}

/* Open the directory that holds "path"; *name is the name in there. */
static int
open_holder(const char *root, const char *path, const char **name)
{
	const char	*slash = strrchr(path, '/');
	char		 dir[PATH_MAX];

	*name = slash == NULL ? path : slash + 1;
	if (slash == NULL)
		return (open_root(root));
	if ((size_t)(slash - path) >= sizeof(dir)) {
		errno = ENAMETOOLONG;
		return (-1);
	}
	(void)snprintf(dir, sizeof(dir), "%.*s", (int)(slash - path), path);
	return (beneath_open(root, dir, DIR_ONLY, 0));
}

int
beneath_mkdir(const char *root, const char *path, mode_t mode)
{
	const char	*name;
	int		 dir, rc;

	if ((dir = open_holder(root, path, &name)) == -1)
		return (-1);
	rc = mkdirat(dir, name, mode);
	close_quietly(dir);
	return (rc);
}

static int
unlink_at(const char *root, const char *path, int flags)
{
	const char	*name;
	int		 dir, rc;

	if ((dir = open_holder(root, path, &name)) == -1)
		return (-1);
	rc = unlinkat(dir, name, flags);
	close_quietly(dir);
	return (rc);
}

/* unlink(2) removes a link itself, which leads nowhere. */
int
beneath_unlink(const char *root, const char *path)
{
	return (unlink_at(root, path, 0));
}

int
beneath_rmdir(const char *root, const char *path)
{
	if (unlink_at(root, path, AT_REMOVEDIR) == 0)
		return (0);
	if (errno == ENOTDIR && beneath_symlink(root, path) > 0)
		errno = ELOOP;
	return (-1);
}

/* The two directories of a link or rename, as descriptors. */
struct pair {
	int		 from_dir, to_dir;
	const char	*from, *to;		/* the names in there */
};

static int
pair_open(struct pair *p, const char *root, const char *from, const char *to)
{
	if ((p->from_dir = open_holder(root, from, &p->from)) == -1)
		return (-1);
	if ((p->to_dir = open_holder(root, to, &p->to)) == -1) {
		close_quietly(p->from_dir);
		return (-1);
	}
	return (0);
}

static void
pair_close(struct pair *p)
{
	close_quietly(p->from_dir);
	close_quietly(p->to_dir);
}

int
beneath_link(const char *root, const char *from, const char *to)
{
	struct pair	 p;
	int		 rc;

	if (pair_open(&p, root, from, to))
		return (-1);
	rc = linkat(p.from_dir, p.from, p.to_dir, p.to, 0);
	pair_close(&p);
	return (rc);
}

int
beneath_rename(const char *root, const char *from, const char *to)
{
	struct pair	 p;
	int		 rc;

	if (pair_open(&p, root, from, to))
		return (-1);
	rc = renameat2(p.from_dir, p.from, p.to_dir, p.to, RENAME_NOREPLACE);
	pair_close(&p);
	return (rc);
}

size_t
beneath_symlink(const char *root, const char *path)
{
	const int	 saved = errno;
	size_t		 len = 0;
	int		 dir, fd;

	if (*path == '\0' || (dir = open_root(root)) == -1) {
		errno = saved;
		return (0);
	}
	/* A file is ENOTDIR here, and no link. */
	if ((fd = open_by_walk(dir, path, DIR_ONLY, 0, &len)) != -1)
		(void)close(fd);
	if (fd != -1 || errno != ELOOP)
		len = 0;
	(void)close(dir);
	errno = saved;
	return (len);
}
