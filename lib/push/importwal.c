/* SPDX-License-Identifier: ISC */
/* WAL of an imported backup, where the archive lacks it. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/io.h"
#include "base/str.h"
#include "pg/walxact.h"
#include "push/importwal.h"
#include "wal/walarchive.h"
#include "wal/walpush.h"

/* Open "name" in pg_wal: 0; 1 if there is none; or -1. */
static int
open_wal(const struct importwal *w, const char *name, int *fd,
    char path[PATH_MAX], struct err *e)
{
	if (str_fmt(path, PATH_MAX, e, "%s/pg_wal/%s", w->dir, name))
		return (-1);
	*fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (*fd != -1)
		return (0);
	return (errno == ENOENT ? 1 : err_sys(e, ERR_LOCAL, "open %s", path));
}

static int
push(const struct importwal *w, const char *name, int fd, struct err *e)
{
	const struct walpush_file	 f = {
		.name = name, .fd = fd, .codec = w->codec,
		.state_dir = w->state_dir,
		.wal_segment_size = w->facts->pg.segment_size
	};

	return (connection_up(w->warm, e) ||
	    walpush_file(w->warm->a, &f, e) ? err_ctx(e, "%s", name) : 0);
}

/* Whether the records of the segment lead to its end. */
static int
check_whole(int fd, const char *path, struct err *e)
{
	struct walxact	 x;
	uint8_t		 buf[65536];
	uint64_t	 off = 0;
	size_t		 n;

	walxact_begin(&x);
	do {
		if (io_read_at(fd, buf, sizeof(buf), off, &n, path, e))
			return (-1);
		walxact_add(&x, buf, n);
		off += n;
	} while (n > 0);
	return (walxact_whole(&x) ? 0 : err_set(e, ERR_ABSENT, "%s: its "
	    "records end before the segment does, so it is not pushed as a "
	    "whole one; the archive needs the one that PostgreSQL archived",
	    path));
}

static int
push_segment(const struct importwal *w, const char *name, struct err *e)
{
	char	 path[PATH_MAX];
	int	 fd, rc;

	if ((rc = open_wal(w, name, &fd, path, e)) == 1)
		return (err_set(e, ERR_ABSENT, "the backup needs WAL segment "
		    "%s, and neither the archive nor %s has it", name, path));
	if (rc == -1)
		return (-1);
	rc = check_whole(fd, path, e) || push(w, name, fd, e) ? -1 : 0;
	(void)close(fd);		/* read only */
	return (rc);
}

/* The history of the timeline, if the directory has it. */
static int
push_history(const struct importwal *w, struct err *e)
{
	char	 name[32], path[PATH_MAX];
	int	 fd, rc;

	if (w->facts->start.tli == 1)
		return (0);
	(void)snprintf(name, sizeof(name), "%08" PRIX32 ".history",
	    w->facts->start.tli);
	if ((rc = open_wal(w, name, &fd, path, e)) != 0)
		return (rc == 1 ? 0 : -1);
	rc = push(w, name, fd, e);
	(void)close(fd);		/* read only */
	return (rc);
}

int
importwal_push(const struct importwal *w, unsigned *pushed, struct err *e)
{
	const struct importfacts	*f = w->facts;
	const uint32_t			 size = f->pg.segment_size;
	const struct walname		 last = walname_before(f->start.tli,
	    f->stop_lsn, size);
	struct walname			 first = f->start.segment;
	char				 missing[WALNAME_TEXT];
	int				 rc;

	*pushed = 0;
	if (push_history(w, e))
		return (-1);
	for (;;) {
		if (connection_up(w->warm, e))
			return (-1);
		rc = walarchive_has(w->warm->a, &first, &last, size, missing,
		    e);
		if (rc != 1)
			return (rc);
		/* Each push makes it go on behind what was missing. */
		if (walname_parse(missing, &first, e) ||
		    push_segment(w, missing, e))
			return (-1);
		(*pushed)++;
	}
}
