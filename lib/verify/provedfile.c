/* SPDX-License-Identifier: ISC */
/*
 * The file of a set of marks.  Its lock is on the open file, so it ends with
 * the process, however that dies.
 */
#include <sys/file.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"
#include "verify/provedfile.h"

/* A file without a name, which goes with the process. */
static int
open_unnamed(int *fd, const char *dir, struct err *e)
{
	char	 path[PATH_MAX];

	if (str_fmt(path, sizeof(path), e, "%s/seawall-proved.XXXXXX", dir))
		return (-1);
	if ((*fd = mkostemp(path, O_CLOEXEC)) == -1)
		return (err_sys(e, ERR_LOCAL, "%s", path));
	if (unlink(path) == -1) {
		(void)close(*fd);	/* nothing was written to it */
		return (err_sys(e, ERR_LOCAL, "%s", path));
	}
	return (0);
}

/*
 * Open "path" and lock it.  A process that had it locked may have removed the
 * file, or put a larger one in its place, between our open and our lock.  So
 * after locking check that the name still stands for this file, else try
 * again.  Returns 1 if another process keeps it locked.
 */
static int
open_named(int *out, const char *path, struct err *e)
{
	struct stat	 a, b;
	int		 fd, tries;

	for (tries = 0; tries < 10; tries++) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW,
		    0600);
		if (fd == -1)
			return (err_sys(e, ERR_LOCAL, "%s", path));
		if (flock(fd, LOCK_EX | LOCK_NB) == 0 &&
		    fstat(fd, &a) == 0 && stat(path, &b) == 0 &&
		    a.st_ino == b.st_ino && a.st_dev == b.st_dev) {
			*out = fd;
			return (0);
		}
		(void)close(fd);	/* nothing was written to it */
	}
	return (1);
}

int
provedfile_open(struct provedfile *f, const char *path, const char *dir,
    struct err *e)
{
	struct err	 why = ERR_INIT;

	*f = (struct provedfile){ .fd = -1 };
	if (str_dup(&f->dir, dir, e))
		return (-1);
	if (path != NULL && open_named(&f->fd, path, &why) == 0)
		return (str_dup(&f->path, path, e));
	return (open_unnamed(&f->fd, dir, e));
}

int
provedfile_remove(struct provedfile *f, struct err *e)
{
	if (f->path != NULL && unlink(f->path) == -1)
		return (err_sys(e, ERR_LOCAL, "%s", f->path));
	free(f->path);
	f->path = NULL;
	return (0);
}

void
provedfile_close(struct provedfile *f)
{
	if (f->fd != -1)
		(void)close(f->fd);	/* what it loses is read again */
	free(f->path);
	free(f->dir);
	*f = (struct provedfile){ .fd = -1 };
}

int
provedfile_next_open(struct provedfile_next *next,
    const struct provedfile *old, struct err *e)
{
	next->temp[0] = '\0';
	if (old->path == NULL)
		return (open_unnamed(&next->fd, old->dir, e));
	if (str_fmt(next->temp, sizeof(next->temp), e, "%s.XXXXXX",
	    old->path))
		return (-1);
	if ((next->fd = mkostemp(next->temp, O_CLOEXEC)) == -1)
		return (err_sys(e, ERR_LOCAL, "%s", next->temp));
	return (0);
}

/*
 * The new file is locked before it gets the name: another process that opens
 * the name must never find it unlocked.  If we die before the rename, the old
 * file still stands under its name.
 */
int
provedfile_next_replace(struct provedfile_next *next, struct provedfile *old,
    struct err *e)
{
	if (next->temp[0] != '\0' &&
	    (flock(next->fd, LOCK_EX | LOCK_NB) == -1 ||
	    rename(next->temp, old->path) == -1))
		return (err_sys(e, ERR_LOCAL, "%s", old->path));
	(void)close(old->fd);		/* all of it was copied */
	old->fd = next->fd;
	next->fd = -1;
	return (0);
}

void
provedfile_next_abandon(struct provedfile_next *next)
{
	if (next->temp[0] != '\0')
		(void)unlink(next->temp);
	(void)close(next->fd);		/* given up */
	next->fd = -1;
}
