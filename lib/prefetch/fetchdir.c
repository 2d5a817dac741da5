/* SPDX-License-Identifier: ISC */
/*
 * The directory in which fetched files wait, and the way out of it.
 *
 * Nothing of an earlier process is ever used: its files may be half written,
 * or belong to another cluster that was restored into this directory.  A crash
 * leaves files here; the next agent removes them before it fetches any.
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
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/str.h"
#include "prefetch/fetchdir.h"
#include "stream/pump.h"
#include "wal/walarchive.h"

#define LOCK_MS		5000	/* more than an agent needs to leave */
#define PAUSE_MS	20

struct fetchdir {
	int	 fd;		/* locked as long as it is open */
	char	 path[PATH_MAX];
};

/* Remove files only: a directory in it is nothing that we made. */
static int
empty(const struct fetchdir *d, struct err *e)
{
	struct dirent	*de;
	DIR		*dir;
	int		 fd, rc = 0;

	if ((fd = openat(d->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) ==
	    -1 || (dir = fdopendir(fd)) == NULL) {
		rc = err_sys(e, ERR_LOCAL, "open %s", d->path);
		if (fd != -1)
			(void)close(fd);
		return (rc);
	}
	errno = 0;
	while (rc == 0 && (de = readdir(dir)) != NULL) {
		if (strcmp(de->d_name, ".") != 0 &&
		    strcmp(de->d_name, "..") != 0 &&
		    unlinkat(d->fd, de->d_name, 0) == -1 && errno != ENOENT)
			rc = err_sys(e, ERR_LOCAL, "empty %s", d->path);
		errno = 0;
	}
	if (rc == 0 && errno != 0)
		rc = err_sys(e, ERR_LOCAL, "read %s", d->path);
	(void)closedir(dir);
	return (rc);
}

/* It must be ours; that it is private can be mended. */
static int
check(const struct fetchdir *d, struct err *e)
{
	struct stat	 st;

	if (fstat(d->fd, &st) == -1)
		return (err_sys(e, ERR_LOCAL, "stat %s", d->path));
	if (st.st_uid != geteuid())
		return (err_set(e, ERR_LOCAL, "%s is owned by uid %u, "
		    "expected uid %u; change its owner or remove it",
		    d->path, (unsigned)st.st_uid, (unsigned)geteuid()));
	if ((st.st_mode & 07777) != 0700 && fchmod(d->fd, 0700) == -1)
		return (err_sys(e, ERR_LOCAL, "set the mode of %s", d->path));
	return (0);
}

/*
 * Whether the directory still has its name.  The agent before removes it when
 * it leaves, maybe between our open and our lock.
 */
static int
is_named(const struct fetchdir *d)
{
	struct stat	 a, b;

	return (fstat(d->fd, &a) == 0 && lstat(d->path, &b) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino);
}

/* Returns 0, 1 if another agent has it at this moment, or -1. */
static int
try_open(struct fetchdir *d, struct err *e)
{
	if (mkdir(d->path, 0700) == -1 && errno != EEXIST)
		return (err_sys(e, ERR_LOCAL, "create %s", d->path));
	d->fd = open(d->path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC);
	if (d->fd == -1)
		return (errno == ENOENT ? 1 : err_sys(e, ERR_LOCAL,
		    "open directory %s", d->path));
	if (check(d, e) == -1)
		return (-1);
	/* If the file system cannot lock directories (NFS), go without. */
	if ((flock(d->fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) &&
	    is_named(d))
		return (0);
	(void)close(d->fd);		/* read only: nothing to lose */
	d->fd = -1;
	return (1);
}

/*
 * One agent at a time.  After a change of the configuration the agent before
 * needs some seconds to leave, and empties the directory when it does: it must
 * not remove our files.
 */
static int
open_alone(struct fetchdir *d, struct err *e)
{
	const struct timespec	 pause = { 0, PAUSE_MS * 1000000L };
	const int64_t		 end = clock_mono_ms() + LOCK_MS;
	int			 rc;

	while ((rc = try_open(d, e)) == 1) {
		if (clock_mono_ms() > end)
			return (err_set(e, ERR_LOCAL, "%s: another agent "
			    "still uses it", d->path));
		(void)nanosleep(&pause, NULL);	/* shorter does no harm */
	}
	return (rc);
}

int
fetchdir_open(struct fetchdir **out, const char *path, struct err *e)
{
	struct fetchdir	*d;

	if ((d = calloc(1, sizeof(*d))) == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", path));
	d->fd = -1;
	if (str_fmt(d->path, sizeof(d->path), e, "%s", path) == 0 &&
	    open_alone(d, e) == 0 && empty(d, e) == 0) {
		*out = d;
		return (0);
	}
	if (d->fd != -1)
		(void)close(d->fd);	/* read only: nothing to lose */
	free(d);
	return (-1);
}

void
fetchdir_clear(struct fetchdir *d)
{
	struct err	 unused = ERR_INIT;

	/* What cannot be removed is left to the next agent. */
	(void)empty(d, &unused);
	(void)rmdir(d->path);
}

void
fetchdir_free(struct fetchdir *d)
{
	if (d == NULL)
		return;
	fetchdir_clear(d);
	(void)close(d->fd);		/* read only: nothing to lose */
	free(d);
}

int
fetchdir_fd(const struct fetchdir *d)
{
	return (d->fd);
}

struct dir_sink {
	struct sink	 base;
	int		 dir;		/* borrowed */
	int		 fd;
	int		 finished;
	fetchdir_tick	*tick;
	void		*arg;
	char		 name[NAME_MAX + 1];
};

static int
dir_write(struct sink *base, const void *p, size_t n, struct err *e)
{
	struct dir_sink	*s = (struct dir_sink *)base;

	if (s->tick != NULL && s->tick(s->arg, e))
		return (-1);
	return (io_write(s->fd, p, n, s->name, e));
}

/*
 * Synced here: for a file that is fetched ahead nobody waits, and PostgreSQL,
 * which syncs what it gets, finds nothing left to do.
 */
static int
dir_finish(struct sink *base, struct err *e)
{
	struct dir_sink	*s = (struct dir_sink *)base;

	if (io_sync(s->fd, s->name, e) || io_close(&s->fd, s->name, e))
		return (-1);
	s->finished = 1;
	return (0);
}

static void
dir_free(struct sink *base)
{
	struct dir_sink	*s = (struct dir_sink *)base;

	if (s->fd != -1)
		(void)close(s->fd);
	if (!s->finished)
		(void)unlinkat(s->dir, s->name, 0);
	free(s);
}

static const struct sink_ops dir_ops = { dir_write, dir_finish, dir_free };

int
fetchdir_sink(struct sink **out, int fd, const char *name,
    fetchdir_tick *tick, void *arg, struct err *e)
{
	struct dir_sink	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "create %s", name));
	s->base.ops = &dir_ops;
	s->dir = fd;
	s->tick = tick;
	s->arg = arg;
	if (str_fmt(s->name, sizeof(s->name), e, "%s", name)) {
		free(s);
		return (-1);
	}
	s->fd = openat(fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC |
	    O_NOFOLLOW, 0600);
	if (s->fd == -1) {
		err_sys(e, ERR_LOCAL, "create %s", name);
		free(s);
		return (-1);
	}
	*out = &s->base;
	return (0);
}

static int
wanted(const struct fetchdir_move *m, struct err *e)
{
	if (m->still(m->arg))
		return (0);
	return (err_set(e, ERR_LOCAL, "nobody waits for it any more"));
}

/*
 * To another file system.  Should we be killed, the temporary name is one that
 * PostgreSQL takes for its own and removes at its next start.  The target gets
 * its name only when the copy is complete and synced.
 */
static int
copy(const struct fetchdir_move *m, struct err *e)
{
	struct sink	*s = NULL;
	uint8_t		 rnd[8];
	char		 hex[17], tmp[64];
	int		 fd, rc = -1;

	if ((fd = openat(m->from, m->name, O_RDONLY | O_CLOEXEC)) == -1)
		return (err_sys(e, ERR_LOCAL, "open %s", m->name));
	if (io_random(rnd, sizeof(rnd), e) ||
	    str_fmt(tmp, sizeof(tmp), e, WALARCHIVE_TEMP ".%s",
	    str_hex(hex, rnd, sizeof(rnd))) ||
	    fetchdir_sink(&s, m->to, tmp, NULL, NULL, e) ||
	    pump_fd(fd, s, m->name, e) ||
	    sink_finish(s, e))
		goto out;
	if (wanted(m, e) == 0)
		rc = renameat(m->to, tmp, m->to, m->target) == 0 ? 0 :
		    err_sys(e, ERR_LOCAL, "create %s", m->target);
	if (rc == -1)
		(void)unlinkat(m->to, tmp, 0);
	else
		(void)unlinkat(m->from, m->name, 0);	/* else at the end */
out:
	sink_free(s);
	(void)close(fd);		/* read only: nothing to lose */
	return (rc);
}

int
fetchdir_give(const struct fetchdir_move *m, struct err *e)
{
	if (wanted(m, e))
		return (-1);
	if (renameat(m->from, m->name, m->to, m->target) == 0)
		return (0);
	if (errno == EXDEV)
		return (copy(m, e));
	return (err_sys(e, ERR_LOCAL, "create %s", m->target));
}
