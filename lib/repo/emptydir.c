/* SPDX-License-Identifier: ISC */
/* Directories that a restore fills, and what an interrupted one left. */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "repo/emptydir.h"

/* Whether "dir/name" is there, of whatever type. */
static int
has(const char *dir, const char *name)
{
	struct stat	 st;
	struct err	 unused = ERR_INIT;
	char		 path[PATH_MAX];

	return (path_join(path, sizeof(path), dir, name, &unused) == 0 &&
	    lstat(path, &st) == 0);
}

/* How many entries there are, 2 standing for any more. */
static int
entries(DIR *d)
{
	struct dirent	*en;
	int		 n = 0;

	while (n < 2 && (en = readdir(d)) != NULL)
		if (strcmp(en->d_name, ".") != 0 &&
		    strcmp(en->d_name, "..") != 0)
			n++;
	return (n);
}

int
emptydir_check(const char *dir, struct err *e)
{
	DIR	*d;
	int	 n;

	if ((d = opendir(dir)) == NULL) {
		if (errno == ENOENT)
			return (0);
		return (err_sys(e, errno == ENOTDIR ? ERR_CONFIG : ERR_LOCAL,
		    "open directory %s", dir));
	}
	n = entries(d);
	(void)closedir(d);
	if (n == 0)
		return (0);
	if (has(dir, "postmaster.pid"))
		return (err_set(e, ERR_CONFIG, "%s: a PostgreSQL server runs "
		    "there, or did not shut down (postmaster.pid); restore "
		    "into an empty directory", dir));
	if (has(dir, EMPTYDIR_MARK) && !has(dir, "global/pg_control"))
		return (1);
	if (has(dir, EMPTYDIR_MARK))
		return (err_set(e, ERR_CONFIG, "%s: a restore into it was "
		    "interrupted when all was there: start PostgreSQL on it, "
		    "or remove its global/pg_control to begin anew", dir));
	return (err_set(e, ERR_CONFIG, "%s: is not empty; restore into an "
	    "empty directory, or move away what is there", dir));
}

/*
 * Remove all entries of the directory "fd", which is closed; not itself, and
 * not "keep".
 */
static int
clear(int fd, const char *what, const char *keep, struct err *e)
{
	struct dirent	*en;
	DIR		*d;
	int		 sub, rc = -1;

	if ((d = fdopendir(fd)) == NULL) {
		(void)close(fd);
		return (err_sys(e, ERR_LOCAL, "read directory %s", what));
	}
	while (errno = 0, (en = readdir(d)) != NULL) {
		if (strcmp(en->d_name, ".") == 0 ||
		    strcmp(en->d_name, "..") == 0 ||
		    strcmp(en->d_name, keep) == 0)
			continue;
		/* Links are removed, never followed. */
		if (unlinkat(fd, en->d_name, 0) == 0)
			continue;
		if (errno != EISDIR && errno != EPERM) {
			err_sys(e, ERR_LOCAL, "remove %s/%s", what,
			    en->d_name);
			goto out;
		}
		sub = openat(fd, en->d_name, O_RDONLY | O_DIRECTORY |
		    O_NOFOLLOW | O_CLOEXEC);
		if (sub == -1) {
			err_sys(e, ERR_LOCAL, "open %s/%s", what, en->d_name);
			goto out;
		}
		if (clear(sub, en->d_name, "", e))
			goto out;
		if (unlinkat(fd, en->d_name, AT_REMOVEDIR) == -1) {
			err_sys(e, ERR_LOCAL, "remove %s/%s", what,
			    en->d_name);
			goto out;
		}
	}
	if (errno != 0) {
		err_sys(e, ERR_LOCAL, "read directory %s", what);
		goto out;
	}
	rc = 0;
out:
	(void)closedir(d);
	return (rc);
}

int
emptydir_begin(const char *dir, struct err *e)
{
	static const char	 text[] = "A restore into this directory was "
	    "not finished: nothing here is usable yet.\n";
	char			 path[PATH_MAX];
	int			 fd, rc;

	if (io_mkdirs(dir, 0700, e) ||
	    (rc = emptydir_check(dir, e)) == -1)
		return (-1);
	if (rc == 1) {
		fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd == -1)
			return (err_sys(e, ERR_LOCAL, "open directory %s",
			    dir));
		return (clear(fd, dir, EMPTYDIR_MARK, e));
	}
	if (path_join(path, sizeof(path), dir, EMPTYDIR_MARK, e))
		return (-1);
	return (io_save(path, 0600, text, strlen(text), 0, e));
}

int
emptydir_end(const char *dir, struct err *e)
{
	char	 path[PATH_MAX];

	if (path_join(path, sizeof(path), dir, EMPTYDIR_MARK, e))
		return (-1);
	if (unlink(path) == -1)
		return (err_sys(e, ERR_LOCAL, "remove %s", path));
	return (io_sync_dir(dir, e));
}
