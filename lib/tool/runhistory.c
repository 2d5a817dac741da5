/* SPDX-License-Identifier: ISC */
/* What was run: a file that is appended to, and that stays small. */
#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "tool/runhistory.h"
#include "tool/tool.h"

#define LOADMAX		(2 * RUNHISTORY_MOST)
#define KEEP		(RUNHISTORY_MOST / 2)
#define TRIES		600
#define PAUSE_MS	50

static int
place(char path[PATH_MAX], const char *state_dir, const char *server,
    struct err *e)
{
	return (str_fmt(path, PATH_MAX, e, "%s/%s/history", state_dir,
	    server));
}

static int
may_write(const char *state_dir)
{
	struct stat	 st;

	return (stat(state_dir, &st) == 0 &&
	    (geteuid() != 0 || st.st_uid == 0) &&
	    access(state_dir, W_OK) == 0);
}

/*
 * Open the file and lock it.  Another process may have replaced it between
 * these two, and then it is the wrong file.  The wait is bounded: a process
 * that is stopped must not stop all others.
 */
static int
open_locked(int *fd, const char *path, struct err *e)
{
	const struct timespec	 pause = { 0, PAUSE_MS * 1000L * 1000 };
	struct stat		 ours, there;
	int			 i;

	for (i = 0; i < TRIES; i++) {
		*fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC |
		    O_NOFOLLOW, 0600);
		if (*fd == -1)
			return (err_sys(e, ERR_LOCAL, "%s", path));
		if (flock(*fd, LOCK_EX | LOCK_NB) == 0 &&
		    fstat(*fd, &ours) == 0 && stat(path, &there) == 0 &&
		    ours.st_ino == there.st_ino &&
		    ours.st_dev == there.st_dev)
			return (0);
		(void)close(*fd);	/* nothing was written */
		(void)nanosleep(&pause, NULL);
	}
	return (err_set(e, ERR_LOCAL, "%s: another process holds it", path));
}

/* A line that a crash has cut short must not swallow the next one. */
static int
append(int fd, const char *path, const char *line, size_t n, uint64_t *size,
    struct err *e)
{
	struct stat	 st;
	char		 last = '\n';
	size_t		 got = 0;

	if (fstat(fd, &st) == -1)
		return (err_sys(e, ERR_LOCAL, "%s", path));
	if ((st.st_size > 0 && io_read_at(fd, &last, 1,
	    (uint64_t)st.st_size - 1, &got, path, e)) ||
	    (last != '\n' && io_write(fd, "\n", 1, path, e)) ||
	    io_write(fd, line, n, path, e) || io_sync(fd, path, e))
		return (-1);
	*size = (uint64_t)st.st_size + (last != '\n') + n;
	return (0);
}

/* Keep the newer half of the "size" bytes, from the beginning of a line. */
static int
trim(int fd, const char *path, uint64_t size, struct err *e)
{
	char		*text, *from;
	size_t		 n = 0;
	int		 rc = -1;

	if ((text = malloc(KEEP)) == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", path));
	if (io_read_at(fd, text, KEEP, size - KEEP, &n, path, e) == 0) {
		from = memchr(text, '\n', n);
		from = from == NULL ? text + n : from + 1;
		rc = io_save(path, 0600, from, (size_t)(text + n - from), 1,
		    e);
	}
	free(text);
	return (rc);
}

/* The folder is synced each time: a cut may have lost a name before. */
static int
add_line(const char *path, const char *line, size_t n, struct err *e)
{
	char		 dir[PATH_MAX];
	uint64_t	 size = 0;
	int		 fd, rc = -1;

	if (path_dir(dir, sizeof(dir), path, e) || io_mkdirs(dir, 0700, e) ||
	    open_locked(&fd, path, e))
		return (-1);
	if (append(fd, path, line, n, &size, e) || io_sync_dir(dir, e) ||
	    (size > RUNHISTORY_MOST && trim(fd, path, size, e)))
		goto out;
	rc = 0;
out:
	if (close(fd) == -1 && rc == 0)		/* and give the lock back */
		rc = err_sys(e, ERR_LOCAL, "%s", path);
	return (rc);
}

int
runhistory_add(const char *state_dir, const struct runrecord *r, struct err *e)
{
	struct jval	*j = NULL;
	char		 path[PATH_MAX], *line = NULL;
	size_t		 n;
	int		 rc = -1;

	if (!may_write(state_dir))
		return (0);
	if (place(path, state_dir, r->server, e) ||
	    runrecord_json(&j, r, e) || jval_text(j, 0, &line, &n, e))
		goto out;
	line[n++] = '\n';		/* in the place of the NUL */
	rc = add_line(path, line, n, e);
out:
	free(line);
	jval_free(j);
	return (rc == 0 ? 0 : err_ctx(e, "history"));
}

/* The end of a run takes the place of its beginning. */
static void
take(struct runrecord *all, size_t *n, const char *line, size_t len,
    const char *server)
{
	struct runrecord	 r;
	struct err		 unused = ERR_INIT;
	struct jval		*j = NULL;
	size_t			 i;

	if (jval_parse(line, len, &j, &unused) == 0 &&
	    runrecord_parse(&r, j, &unused) == 0 &&
	    strcmp(r.server, server) == 0) {
		for (i = *n; i > 0; i--)
			if (strcmp(all[i - 1].id, r.id) == 0 &&
			    all[i - 1].begin_us == r.begin_us)
				break;
		all[i > 0 ? i - 1 : (*n)++] = r;
	}
	jval_free(j);
}

static size_t
count_lines(const char *text, size_t size)
{
	size_t	 i, n = 0;

	for (i = 0; i < size; i++)
		n += text[i] == '\n';
	return (n);
}

int
runhistory_load(struct runrecord **out, size_t *n, const char *state_dir,
    const char *server, struct err *e)
{
	struct runrecord	*all;
	char			 path[PATH_MAX], *text = NULL, *p, *end;
	size_t			 size;
	int			 rc;

	*out = NULL;
	*n = 0;
	if (place(path, state_dir, server, e))
		return (-1);
	if ((rc = io_load(path, LOADMAX, &text, &size, e)) != 0)
		return (rc == 1 ? 0 : -1);
	all = calloc(count_lines(text, size) + 1, sizeof(*all));
	if (all == NULL) {
		free(text);
		return (err_sys(e, ERR_LOCAL, "history"));
	}
	/* What follows the last line is one that a crash has cut short. */
	for (p = text; (end = memchr(p, '\n', (size_t)(text + size - p))) !=
	    NULL; p = end + 1)
		take(all, n, p, (size_t)(end - p), server);
	free(text);
	*out = all;
	return (0);
}

int64_t
runhistory_expired(const char *state_dir, const char *server)
{
	struct runrecord	*v = NULL;
	struct err		 unused = ERR_INIT;
	size_t			 n = 0;
	int64_t			 us = 0;

	if (runhistory_load(&v, &n, state_dir, server, &unused))
		return (0);
	for (; n > 0 && us == 0; n--)
		if (strcmp(v[n - 1].program, "backup-expire") == 0 &&
		    !v[n - 1].chosen && (v[n - 1].status == TOOL_OK ||
		    v[n - 1].status == TOOL_FINDINGS))
			us = v[n - 1].begin_us;
	free(v);
	return (us);
}
