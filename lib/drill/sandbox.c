/* SPDX-License-Identifier: ISC */
/* A folder that holds all of a drill, and can be taken away at any moment. */
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "datadir/treeremove.h"
#include "drill/leftover.h"
#include "drill/sandbox.h"

#define RUNNING	"seawall drill 1 running "
#define KEPT	"seawall drill 1 kept    "
#define MADE	"made\n"		/* the folder, for this */
#define THERE	"used\n"		/* it was there before */
#define WORD	(sizeof(KEPT) - 1)	/* the same for both */
#define LENGTH	(WORD + sizeof(MADE) - 1)
#define AGENT_MS	100
#define AGENT_TRIES	50

static int
name_all(struct sandbox *s, struct err *e)
{
	return (path_join(s->data, PATH_MAX, s->dir, "data", e) ||
	    path_join(s->socket, PATH_MAX, s->dir, "socket", e) ||
	    path_join(s->tablespaces, PATH_MAX, s->dir, "tablespaces", e) ||
	    path_join(s->config, PATH_MAX, s->dir, "config", e) ||
	    path_join(s->log, PATH_MAX, s->dir, "log", e) ||
	    path_join(s->output, PATH_MAX, s->dir, "output", e) ? -1 : 0);
}

/* Make the folder if it is missing, and find out its one absolute path. */
static int
enter(struct sandbox *s, const char *dir, int make, struct err *e)
{
	*s = (struct sandbox){ .lock = -1 };
	if (make && mkdir(dir, 0700) == 0)
		s->made = 1;
	else if (make && errno == ENOENT) {
		if (io_mkdirs(dir, 0700, e))
			return (-1);
		s->made = 1;
	}
	if (realpath(dir, s->dir) == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", dir));
	if (strlen(s->dir) > SANDBOX_MOST)
		return (err_set(e, ERR_USAGE, "%s: the path of a sandbox has "
		    "at most %d bytes, since sockets lie in it; name another "
		    "with --dir", s->dir, SANDBOX_MOST));
	/* In a list of socket directories, or in a conninfo, these divide. */
	if (strpbrk(s->dir, ",'\"\\\n") != NULL)
		return (err_set(e, ERR_USAGE, "%s: the path of a sandbox has "
		    "no comma, quote, backslash or line feed; name another "
		    "with --dir", s->dir));
	return (name_all(s, e));
}

static int
is_mark(const char *text, size_t n)
{
	return (n == LENGTH && (memcmp(text, RUNNING, WORD) == 0 ||
	    memcmp(text, KEPT, WORD) == 0) &&
	    (memcmp(text + WORD, MADE, LENGTH - WORD) == 0 ||
	    memcmp(text + WORD, THERE, LENGTH - WORD) == 0));
}

/* Take the lock, and read what the mark says: 1 if it was kept. */
static int
lock_mark(struct sandbox *s, int make, struct err *e)
{
	char	 path[PATH_MAX], text[LENGTH];
	size_t	 n;
	int	 names;

	if (path_join(path, sizeof(path), s->dir, SANDBOX_MARK, e))
		return (-1);
	s->lock = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC |
	    (make ? O_CREAT : 0), 0600);
	if (s->lock == -1 && errno == ENOENT)
		return (err_set(e, ERR_CONFIG, "%s holds no sandbox of a "
		    "drill", s->dir));
	if (s->lock == -1)
		return (err_sys(e, ERR_LOCAL, "open %s", path));
	if (flock(s->lock, LOCK_EX | LOCK_NB) == -1)
		return (errno != EWOULDBLOCK ? err_sys(e, ERR_LOCAL, "lock "
		    "%s", path) : err_set(e, ERR_CONFIG, "another "
		    "backup-drill works in %s; wait for it, or name another "
		    "folder with --dir", s->dir));
	if (io_read_at(s->lock, text, LENGTH, 0, &n, path, e))
		return (-1);
	/* A mark is written, and synced, before anything lies beside it. */
	if (!is_mark(text, n)) {
		if ((names = leftover_names(s->dir, e)) <= 1)
			return (names == -1 ? -1 : 0);
		return (err_set(e, ERR_CONFIG, "%s is no mark of a drill, so "
		    "nothing beside it is removed; name another folder with "
		    "--dir", path));
	}
	/* A run that was killed may have made the folder. */
	if (memcmp(text + WORD, MADE, LENGTH - WORD) == 0)
		s->made = 1;
	return (memcmp(text, KEPT, WORD) == 0);
}

static int
write_mark(const struct sandbox *s, const char *word, struct err *e)
{
	char	 text[LENGTH + 1];

	(void)snprintf(text, sizeof(text), "%s%s", word, s->made ? MADE :
	    THERE);
	return (io_write_at(s->lock, text, LENGTH, 0, s->dir, e) ||
	    io_sync(s->lock, s->dir, e) || io_sync_dir(s->dir, e) ? -1 : 0);
}

/* What has no mark is not ours, unless there is nothing. */
static int
check_empty(const struct sandbox *s, struct err *e)
{
	struct stat	 st;
	char		 path[PATH_MAX];
	int		 n;

	if (path_join(path, sizeof(path), s->dir, SANDBOX_MARK, e))
		return (-1);
	if (lstat(path, &st) == 0 && S_ISREG(st.st_mode))
		return (0);
	if ((n = leftover_names(s->dir, e)) <= 0)
		return (n);
	return (err_set(e, ERR_CONFIG, "%s is not empty, and no sandbox of a "
	    "drill; name another folder with --dir", s->dir));
}

static int
remove_all(const struct sandbox *s, struct err *e)
{
	int	 fd;

	if ((fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return (err_sys(e, ERR_LOCAL, "open %s", s->dir));
	return (treeremove_all(fd, s->dir, SANDBOX_MARK, NULL, e));
}

/*
 * The agent of wal-fetch ends when it sees that its server has; until then it
 * may put another file there.
 */
static int
clear(const struct sandbox *s, struct err *e)
{
	const struct timespec	 pause = { 0, AGENT_MS * 1000L * 1000 };
	int			 i;

	if (leftover_end(s->dir, s->data, e))
		return (-1);
	for (i = 1; remove_all(s, e); i++) {
		if (i == AGENT_TRIES)
			return (-1);
		err_clear(e);
		(void)nanosleep(&pause, NULL);
	}
	return (0);
}

static int
make_folders(const struct sandbox *s, struct err *e)
{
	const char	*const dir[] = { s->socket, s->tablespaces };
	size_t		 i;

	for (i = 0; i < 2; i++)
		if (mkdir(dir[i], 0700) == -1)
			return (err_sys(e, ERR_LOCAL, "create %s", dir[i]));
	return (0);
}

static void
leave(struct sandbox *s)
{
	if (s->lock != -1)
		(void)close(s->lock);	/* with it the lock */
	s->lock = -1;
}

int
sandbox_open(struct sandbox *s, const char *dir, struct err *e)
{
	int	 kept;

	if (enter(s, dir, 1, e))
		return (-1);
	if (check_empty(s, e) || (kept = lock_mark(s, 1, e)) == -1)
		goto fail;
	if (kept) {
		err_set(e, ERR_CONFIG, "%s holds a sandbox that was kept; end "
		    "it with backup-drill --end %s", s->dir, s->dir);
		goto fail;
	}
	if (write_mark(s, RUNNING, e) || clear(s, e) || make_folders(s, e))
		goto fail;
	return (0);
fail:
	leave(s);
	return (-1);
}

int
sandbox_renew(struct sandbox *s, struct err *e)
{
	return (clear(s, e) || make_folders(s, e) ? -1 : 0);
}

int
sandbox_close(struct sandbox *s, struct err *e)
{
	char	 path[PATH_MAX];
	int	 rc;

	rc = clear(s, e);
	if (rc == 0 && path_join(path, sizeof(path), s->dir, SANDBOX_MARK,
	    e) == 0 && unlink(path) == -1)
		rc = err_sys(e, ERR_LOCAL, "remove %s", path);
	/* A folder that was there before, or is in use, stays. */
	if (rc == 0 && s->made)
		(void)rmdir(s->dir);
	leave(s);
	return (rc);
}

int
sandbox_keep(struct sandbox *s, struct err *e)
{
	const int	 rc = write_mark(s, KEPT, e);

	leave(s);
	return (rc);
}

int
sandbox_end(struct sandbox *s, const char *dir, struct err *e)
{
	if (enter(s, dir, 0, e) == 0 && lock_mark(s, 0, e) != -1)
		return (0);
	leave(s);
	return (-1);
}

int
sandbox_room(const struct sandbox *s, uint64_t bytes, struct err *e)
{
	struct statvfs	 v;
	uint64_t	 room;

	if (statvfs(s->dir, &v) == -1)
		return (err_sys(e, ERR_LOCAL, "%s", s->dir));
	room = (uint64_t)v.f_bavail * v.f_frsize;
	if (room >= bytes)
		return (0);
	return (err_set(e, ERR_LOCAL, "%s has room for %" PRIu64 " MiB, and "
	    "the drill needs about %" PRIu64 " MiB; name another folder with "
	    "--dir", s->dir, room >> 20, (bytes >> 20) + 1));
}
