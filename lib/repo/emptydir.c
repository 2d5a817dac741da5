/* SPDX-License-Identifier: ISC */
/* Directories that a restore fills, and what an interrupted one left. */
#include <sys/file.h>
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
#include "repo/tree.h"

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

/* Whether there is any entry; -1 if that cannot be read. */
static int
occupied(DIR *d)
{
	struct dirent	*en;

	while (errno = 0, (en = readdir(d)) != NULL)
		if (strcmp(en->d_name, ".") != 0 &&
		    strcmp(en->d_name, "..") != 0)
			return (1);
	return (errno == 0 ? 0 : -1);
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
	/* Taken for empty, it would be marked, and cleared the next time. */
	if ((n = occupied(d)) == -1)
		err_sys(e, ERR_LOCAL, "read directory %s", dir);
	(void)closedir(d);
	if (n != 1)
		return (n);
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

int
emptydir_mark(const char *dir, struct err *e)
{
	static const char	 text[] = "A restore into this directory was "
	    "not finished: nothing here is usable yet.\n";
	char			 mark[PATH_MAX];
	int			 fd, rc;

	if (path_join(mark, sizeof(mark), dir, EMPTYDIR_MARK, e))
		return (-1);
	/*
	 * Under its name at once: who dies here must leave nothing that the
	 * next one takes for somebody's file.  What it says is for people.
	 */
	fd = open(mark, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	if (fd == -1 && errno != EEXIST)
		return (err_sys(e, ERR_LOCAL, "create %s", mark));
	if (fd != -1) {
		rc = io_write(fd, text, strlen(text), mark, e) ||
		    io_sync(fd, mark, e);
		if (io_close(&fd, mark, e) || rc)
			return (-1);
	}
	return (io_sync_dir(dir, e));
}

int
emptydir_lock(const char *dir, int *lock, struct err *e)
{
	char	 mark[PATH_MAX];
	int	 fd;

	if (path_join(mark, sizeof(mark), dir, EMPTYDIR_MARK, e))
		return (-1);
	if ((fd = open(mark, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) == -1)
		return (err_sys(e, ERR_LOCAL, "open %s", mark));
	if (flock(fd, LOCK_EX | LOCK_NB) == -1) {
		if (errno == EWOULDBLOCK)
			err_set(e, ERR_CONFIG, "%s: another base-fetch is "
			    "restoring into it; let it finish, or stop it "
			    "first", dir);
		else
			err_sys(e, ERR_LOCAL, "lock %s", mark);
		(void)close(fd);	/* read only: nothing to lose */
		return (-1);
	}
	*lock = fd;
	return (0);
}

static int
clear_dir(const char *dir, struct err *e)
{
	int	 fd;

	if ((fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return (err_sys(e, ERR_LOCAL, "open directory %s", dir));
	return (tree_clear(fd, dir, EMPTYDIR_MARK, NULL, e));
}

int
emptydir_begin(const char *dir, int *lock, struct err *e)
{
	int	 rc, fd = -1;

	if (io_mkdirs(dir, 0700, e) ||
	    (rc = emptydir_check(dir, e)) == -1 ||
	    (rc == 0 && emptydir_mark(dir, e)))
		return (-1);
	if (lock != NULL && emptydir_lock(dir, &fd, e))
		return (-1);
	/* Who held the lock until now may have finished: look again. */
	if (emptydir_check(dir, e) != 1 || (rc == 1 && clear_dir(dir, e))) {
		err_set(e, ERR_CONFIG, "%s: changed meanwhile", dir);
		if (fd != -1)
			(void)close(fd);	/* read only */
		return (-1);
	}
	if (lock != NULL)
		*lock = fd;
	return (0);
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
