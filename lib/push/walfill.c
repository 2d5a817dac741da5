/* SPDX-License-Identifier: ISC */
/*
 * What a repository lacks, from pg_wal.  PostgreSQL may recycle a segment that
 * it has archived at any time: the file gets another name, and after that it is
 * written over.  So what was read is the segment if the file still has this
 * name when all was read.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include "base/str.h"
#include "push/walfill.h"
#include "wal/padded.h"
#include "wal/walpush.h"

struct segment {
	char	 path[PATH_MAX], done[PATH_MAX];
	int	 fd;
	int	 gone;
};

/* See struct walpush_file. */
static int
still(void *arg, struct err *e)
{
	struct segment	*s = arg;
	struct stat	 own, named;

	if (access(s->done, F_OK) == 0 && fstat(s->fd, &own) == 0 &&
	    stat(s->path, &named) == 0 && own.st_dev == named.st_dev &&
	    own.st_ino == named.st_ino)
		return (0);
	s->gone = 1;
	return (err_set(e, ERR_LOCAL, "%s: PostgreSQL has taken it away",
	    s->path));
}

static int
push(const struct walfill *w, const char *name, struct segment *s,
    struct err *e)
{
	const struct walpush_file	 f = {
		.name = name, .fd = s->fd, .codec = w->codec,
		.state_dir = w->state_dir,
		.wal_segment_size = w->wal_segment_size,
		.still = still, .arg = s
	};
	struct padded			 unused;
	int				 rc;

	if ((rc = padded_is(&unused, w->dir, name, s->fd, e)) != 0)
		return (rc);
	return (connection_up(w->warm, e) ||
	    walpush_file(w->warm->a, &f, e) ? -1 : 0);
}

int
walfill_push(const struct walfill *w, const char *name, struct err *e)
{
	struct segment	 s = { .gone = 0 };
	struct err	 why = ERR_INIT;
	int		 rc;

	if (str_fmt(s.path, sizeof(s.path), e, "%s/pg_wal/%s", w->dir,
	    name) || str_fmt(s.done, sizeof(s.done), e,
	    "%s/pg_wal/archive_status/%s.done", w->dir, name))
		return (-1);
	s.fd = open(s.path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (s.fd == -1)
		return (errno == ENOENT ? 1 : err_sys(e, ERR_LOCAL, "open %s",
		    s.path));
	if ((rc = still(&s, &why)) == 0)
		rc = push(w, name, &s, &why);
	(void)close(s.fd);		/* read only */
	if (rc == -1 && s.gone)
		return (1);
	return (rc == -1 ? err_set(e, why.kind, "%s: %s", name, why.msg) : rc);
}
