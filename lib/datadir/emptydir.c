/* SPDX-License-Identifier: ISC */
/*
 * Directories that a restore fills, and what an interrupted one left there.
 *
 * The mark is made first and removed last, so a crash at any point leaves
 * either a directory that nothing of ours was put into, or one with the mark.
 * pg_control comes last of the files, so a mark beside a pg_control means
 * that all files are there.
 */
#include <sys/file.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "datadir/emptydir.h"
#include "datadir/treeremove.h"
#include "pg/control.h"

#define MARK_MAX	(PATH_MAX + 128)

int
emptydir_look(const char *dir, const char *name, int *has, struct err *e)
{
	struct stat	 st;
	char		 path[PATH_MAX];

	if (path_join(path, sizeof(path), dir, name, e))
		return (-1);
	*has = lstat(path, &st) == 0;
	if (!*has && errno != ENOENT && errno != ENOTDIR)
		return (err_sys(e, ERR_LOCAL, "stat %s", path));
	return (0);
}

/*
 * Whether there is any entry other than "mark"; -1 if it cannot be read.  A
 * file system that was just made has a lost+found, and is empty.
 */
static int
occupied(DIR *d, const char *mark)
{
	struct dirent	*en;

	while (errno = 0, (en = readdir(d)) != NULL)
		if (strcmp(en->d_name, ".") != 0 &&
		    strcmp(en->d_name, "..") != 0 &&
		    strcmp(en->d_name, TREEREMOVE_SPARED) != 0 &&
		    strcmp(en->d_name, mark) != 0)
			return (1);
	return (errno == 0 ? 0 : -1);
}

int
emptydir_check(const char *dir, struct err *e)
{
	DIR	*d;
	int	 n, pid, mark, aside, control;

	if ((d = opendir(dir)) == NULL) {
		if (errno == ENOENT)
			return (0);
		return (err_sys(e, errno == ENOTDIR ? ERR_CONFIG : ERR_LOCAL,
		    "open directory %s", dir));
	}
	/*
	 * A directory that cannot be read must not pass for an empty one: it
	 * would be marked now, and cleared by the next restore.
	 */
	if ((n = occupied(d, "")) == -1)
		err_sys(e, ERR_LOCAL, "read directory %s", dir);
	(void)closedir(d);		/* read only: nothing to lose */
	if (n != 1)
		return (n);
	if (emptydir_look(dir, "postmaster.pid", &pid, e) ||
	    emptydir_look(dir, EMPTYDIR_MARK, &mark, e) ||
	    emptydir_look(dir, EMPTYDIR_ASIDE, &aside, e) ||
	    emptydir_look(dir, CONTROL_PATH, &control, e))
		return (-1);
	if (pid)
		return (err_set(e, ERR_CONFIG, "%s: found postmaster.pid: a "
		    "PostgreSQL server runs there or has crashed; restore "
		    "into an empty directory", dir));
	if (mark && aside)
		return (err_set(e, ERR_CONFIG, "%s: a restore with --delta "
		    "was interrupted there; resume it with --delta, or move "
		    "the directory away", dir));
	if (mark && !control)
		return (1);
	if (mark)
		return (err_set(e, ERR_CONFIG, "%s: a restore into it was "
		    "interrupted after its last file; start PostgreSQL on "
		    "it, or move the directory away to restore anew", dir));
	return (emptydir_not_empty(dir, e));
}

/*
 * The text of the mark, for a restore into "dir".  Its second line is
 * compared when a restore comes back to a tablespace's directory.
 */
static int
mark_text(char *buf, size_t size, const char *dir, struct err *e)
{
	char	 whole[PATH_MAX];

	return (str_fmt(buf, size, e, "A restore was not finished: nothing "
	    "here is usable yet.\nIt goes to %s\n",
	    realpath(dir, whole) != NULL ? whole : dir));
}

enum mark_kind {
	MARK_NONE,
	MARK_BEGUN,		/* cut short: it names no directory */
	MARK_OURS,
	MARK_OTHER		/* of a restore into another directory */
};

/* Whose mark "place" bears, for a restore into "dir". */
static int
mark_kind(const char *place, const char *dir, enum mark_kind *kind,
    struct err *e)
{
	char	 path[PATH_MAX], want[MARK_MAX], *text;
	size_t	 n;
	int	 rc, has;

	*kind = MARK_NONE;
	if (emptydir_look(place, EMPTYDIR_MARK, &has, e))
		return (-1);
	if (!has)
		return (0);
	*kind = MARK_OTHER;
	if (mark_text(want, sizeof(want), dir, e) ||
	    path_join(path, sizeof(path), place, EMPTYDIR_MARK, e) ||
	    (rc = io_load(path, MARK_MAX, &text, &n, e)) == -1)
		return (-1);
	if (rc == 1)			/* a link to nothing */
		return (0);
	/* Two whole lines are a mark; a crash may leave less of them. */
	if (strcmp(text, want) == 0)
		*kind = MARK_OURS;
	else if (strchr(text, '\n') == NULL ||
	    text[strlen(text) - 1] != '\n' ||
	    strchr(text, '\n')[1] == '\0')
		*kind = MARK_BEGUN;
	free(text);
	return (0);
}

int
emptydir_not_empty(const char *dir, struct err *e)
{
	return (err_set(e, ERR_CONFIG, "%s: is not empty; restore into an "
	    "empty directory, or move its content away", dir));
}

int
emptydir_place_check(const char *place, const char *dir, struct err *e)
{
	enum mark_kind	 kind;
	DIR		*d;
	int		 n;

	if (mark_kind(place, dir, &kind, e))
		return (-1);
	if (kind == MARK_OURS)
		return (1);
	if (kind == MARK_OTHER)
		return (err_set(e, ERR_CONFIG, "%s: holds part of an "
		    "interrupted restore into another directory than %s (see "
		    EMPTYDIR_MARK " in it); remove it by hand if that "
		    "restore is not needed", place, dir));
	if ((d = opendir(place)) == NULL) {
		if (errno == ENOENT)
			return (0);
		return (err_sys(e, errno == ENOTDIR ? ERR_CONFIG : ERR_LOCAL,
		    "open directory %s", place));
	}
	if ((n = occupied(d, EMPTYDIR_MARK)) == -1)
		err_sys(e, ERR_LOCAL, "read directory %s", place);
	(void)closedir(d);		/* read only: nothing to lose */
	return (n == 1 ? 2 : n);
}

/*
 * Whether the open mark still has its name: a restore that finished between
 * our open() and our lock has removed it.
 */
static int
is_current(int fd, const char *mark)
{
	struct stat	 a, b;

	return (fstat(fd, &a) == 0 && lstat(mark, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino);
}

/* Lock the mark; the lock ends with the process, however that ends. */
static int
lock_mark(int fd, const char *mark, const char *place, struct err *e)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == -1)
		return (errno != EWOULDBLOCK ?
		    err_sys(e, ERR_LOCAL, "lock %s", mark) :
		    err_set(e, ERR_CONFIG, "%s: another base-fetch is "
		    "restoring into it; let it finish, or stop it first",
		    place));
	if (!is_current(fd, mark))
		return (err_set(e, ERR_CONFIG, "%s: another base-fetch has "
		    "just ended there; run this one again", place));
	return (0);
}

/*
 * Write the mark's text, durably, unless it says that already.  Then it is
 * synced all the same: who wrote it may have been killed before its own sync,
 * so what we read may be in memory alone.
 */
static int
write_mark(int fd, const char *mark, const char *dir, struct err *e)
{
	char	 text[MARK_MAX], now[MARK_MAX];
	size_t	 n = 0;

	if (mark_text(text, sizeof(text), dir, e) ||
	    io_read_at(fd, now, sizeof(now), 0, &n, mark, e))
		return (-1);
	if (n == strlen(text) && memcmp(now, text, n) == 0)
		return (io_sync(fd, mark, e));
	if (ftruncate(fd, 0) == -1)
		return (err_sys(e, ERR_LOCAL, "empty %s", mark));
	return (io_write_at(fd, text, strlen(text), 0, mark, e) ||
	    io_sync(fd, mark, e) ? -1 : 0);
}

void
emptydir_undo(const char *place)
{
	char		 mark[PATH_MAX];
	struct err	 unused = ERR_INIT;

	if (path_join(mark, sizeof(mark), place, EMPTYDIR_MARK, &unused) == 0)
		(void)unlink(mark);	/* nothing else can be done */
}

int
emptydir_mark_again(const char *place, const char *dir, struct err *e)
{
	char	 mark[PATH_MAX];
	int	 fd, rc;

	if (path_join(mark, sizeof(mark), place, EMPTYDIR_MARK, e))
		return (-1);
	fd = open(mark, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	if (fd == -1)
		return (errno == EEXIST ? 0 :
		    err_sys(e, ERR_LOCAL, "create %s", mark));
	rc = write_mark(fd, mark, dir, e) || io_sync_dir(place, e) ? -1 : 0;
	(void)close(fd);		/* it was synced, or failed already */
	return (rc);
}

int
emptydir_hold(const char *place, const char *dir, int *lock, int *made,
    struct err *e)
{
	char	 mark[PATH_MAX];
	int	 fd, is_new = 1;

	if (path_join(mark, sizeof(mark), place, EMPTYDIR_MARK, e))
		return (-1);
	/*
	 * It is made under its final name at once.  A temporary name that a
	 * crash left there would be a file of unknown origin to the next
	 * restore, which would refuse the directory as not empty.
	 */
	fd = open(mark, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	if (fd == -1 && errno == EEXIST) {
		is_new = 0;
		fd = open(mark, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	}
	if (fd == -1)
		return (err_sys(e, ERR_LOCAL, "create %s", mark));
	if (lock_mark(fd, mark, place, e)) {
		(void)close(fd);	/* nothing was written */
		return (-1);
	}
	if (write_mark(fd, mark, dir, e) || io_sync_dir(place, e)) {
		if (is_new)
			(void)unlink(mark);	/* it was not there */
		(void)close(fd);	/* it failed already */
		return (-1);
	}
	*lock = fd;
	*made = is_new;
	return (0);
}

static int
clear_dir(const char *dir, struct err *e)
{
	int	 fd;

	if ((fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return (err_sys(e, ERR_LOCAL, "open directory %s", dir));
	return (treeremove_all(fd, dir, EMPTYDIR_MARK, NULL, e));
}

int
emptydir_begin(const char *dir, int *lock, struct err *e)
{
	int	 rc, fd = -1, made;

	if (io_mkdirs(dir, 0700, e) ||
	    (rc = emptydir_check(dir, e)) == -1 ||
	    emptydir_hold(dir, dir, &fd, &made, e))
		return (-1);
	/*
	 * A restore that held the lock until now may have finished: look
	 * again, now that nobody else can change it.
	 */
	if (emptydir_check(dir, e) != 1 || (rc == 1 && clear_dir(dir, e))) {
		err_set(e, ERR_CONFIG, "%s: changed while the restore began; "
		    "run it again", dir);
		(void)close(fd);	/* nothing to lose */
		return (-1);
	}
	*lock = fd;
	return (0);
}

/* Remove PG_15_... and its like, which is what PostgreSQL has there. */
static int
clear_place(const char *place, unsigned major, struct err *e)
{
	struct tree	*t = NULL;
	struct dirent	*en;
	char		 begin[24];
	DIR		*d;
	int		 rc;

	(void)snprintf(begin, sizeof(begin), "PG_%u_", major);
	if ((d = opendir(place)) == NULL)
		return (err_sys(e, ERR_LOCAL, "open directory %s", place));
	rc = tree_open(&t, place, e);
	while (rc == 0 && (errno = 0, (en = readdir(d)) != NULL))
		if (str_begins(en->d_name, begin))
			rc = treeremove(t, en->d_name, NULL, e);
	if (rc == 0 && errno != 0)
		rc = err_sys(e, ERR_LOCAL, "read directory %s", place);
	tree_free(t);
	(void)closedir(d);		/* read only: nothing to lose */
	return (rc);
}

int
emptydir_place_begin(const char *place, const char *dir, unsigned major,
    int *lock, struct err *e)
{
	int	 rc, fd = -1, made;

	if (io_mkdirs(place, 0700, e) ||
	    (rc = emptydir_place_check(place, dir, e)) == -1 ||
	    (rc == 2 && emptydir_not_empty(place, e)) ||
	    emptydir_hold(place, dir, &fd, &made, e))
		return (-1);
	/* The same: look again under the lock. */
	if (emptydir_place_check(place, dir, e) != 1 ||
	    (rc == 1 && clear_place(place, major, e))) {
		err_set(e, ERR_CONFIG, "%s: changed while the restore began; "
		    "run it again", place);
		(void)close(fd);	/* nothing to lose */
		return (-1);
	}
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
