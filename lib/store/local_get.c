/* SPDX-License-Identifier: ISC */
/*
 * Read objects from a local directory.  Ranges are announced to the kernel,
 * which reads ahead; nothing else is done before store_get_take().
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/local_fs.h"
#include "store/local_get.h"
#include "store/ranges.h"

struct local_get {
	struct store_get	 base;
	int			 fd;	/* -1: there is no such object */
	struct ranges		 asked;
	char			 path[STORE_PATHMAX];
};

int
local_get_open(struct store_get **out, struct store *s, const char *path,
    struct err *e)
{
	struct local_get	*g;

	if ((g = calloc(1, sizeof(*g))) == NULL)
		return (err_sys(e, ERR_LOCAL, "get %s", path));
	g->base.store = s;
	memcpy(g->path, path, strlen(path) + 1);
	/* O_NONBLOCK: if somebody put a FIFO there, don't wait for a writer. */
	g->fd = local_fs_open(s, path, O_RDONLY | O_NONBLOCK);
	/* Absence is an answer, given by the calls that follow. */
	if (g->fd == -1 && errno != ENOENT) {
		local_fs_fail(s, "open", path, e);
		free(g);
		return (-1);
	}
	*out = &g->base;
	return (0);
}

int
local_get_size(struct store_get *base, uint64_t *size, struct err *e)
{
	struct local_get	*g = (struct local_get *)base;
	struct stat		 st;

	if (g->fd == -1)
		return (1);
	if (fstat(g->fd, &st) == -1)
		return (local_fs_fail(base->store, "stat", g->path, e));
	*size = (uint64_t)st.st_size;
	return (0);
}

int
local_get_ask(struct store_get *base, uint64_t off, uint64_t n,
    struct err *e)
{
	struct local_get	*g = (struct local_get *)base;

	if (g->fd != -1 && n <= INT64_MAX)
		(void)posix_fadvise(g->fd, (off_t)off, (off_t)n,
		    POSIX_FADV_WILLNEED);	/* only advice */
	return (ranges_add(&g->asked, off, n, e));
}

/* Read "n" bytes, or up to the end of the file. */
static int
read_at(struct local_get *g, uint8_t *to, size_t n, uint64_t off,
    size_t *got, struct err *e)
{
	ssize_t	 r;

	for (*got = 0; *got < n; *got += (size_t)r) {
		do
			r = pread(g->fd, to + *got, n - *got,
			    (off_t)(off + *got));
		while (r == -1 && errno == EINTR);
		if (r == -1)
			return (local_fs_fail(g->base.store, "read", g->path,
			    e));
		if (r == 0)
			break;
	}
	return (0);
}

int
local_get_take(struct store_get *base, void *buf, size_t n, size_t *got,
    struct err *e)
{
	struct local_get	*g = (struct local_get *)base;
	uint64_t		 off;
	size_t			 len, r;
	int			 open_end;

	*got = 0;
	if (g->fd == -1)
		return (1);
	while (*got < n &&
	    (len = ranges_take(&g->asked, n - *got, &off, &open_end)) > 0) {
		if (read_at(g, (uint8_t *)buf + *got, len, off, &r, e))
			return (-1);
		*got += r;
		if (r == len)
			continue;
		/* An object never shrinks: a short one was cut by somebody. */
		if (!open_end)
			return (err_set(e, ERR_CORRUPT, "%s: cut short at %ju"
			    " bytes", g->path, (uintmax_t)(off + r)));
		ranges_end(&g->asked);
	}
	return (0);
}

int
local_get_ready(struct store_get *base)
{
	(void)base;
	return (1);
}

void
local_get_free(struct store_get *base)
{
	struct local_get	*g = (struct local_get *)base;

	if (g->fd != -1)
		(void)close(g->fd);	/* read only: nothing to lose */
	ranges_free(&g->asked);
	free(g);
}

/* Read one whole; its "n" bytes are in "buf".  Returns 1 if it is missing. */
static int
load_one(struct store *s, const char *path, uint8_t *buf, size_t max,
    size_t *n, struct err *e)
{
	struct store_get	*g = NULL;
	uint64_t		 size = 0;
	int			 r;

	*n = 0;
	if (local_get_open(&g, s, path, e))
		return (-1);
	r = local_get_size(g, &size, e);
	if (r == 0 && size > max)
		r = err_set(e, ERR_CORRUPT, "%s: %ju bytes, expected at most "
		    "%zu", path, (uintmax_t)size, max);
	if (r == 0 && (local_get_ask(g, 0, size, e) ||
	    local_get_take(g, buf, (size_t)size, n, e)))
		r = -1;
	local_get_free(g);
	return (r);
}

/* Read number "i", and pass it on or what is wrong with it. */
static int
load_next(struct store *s, const char *path, size_t i, uint8_t *buf,
    size_t max, const struct store_reading *to, struct err *e)
{
	struct err	 why = ERR_INIT;
	char		 full[STORE_PATHMAX];
	size_t		 n;
	int		 r;

	if (backend_full(s, path, full, e))
		return (-1);
	if ((r = load_one(s, full, buf, max, &n, &why)) != -1)
		return (to->each(to->arg, i, r == 1 ? NULL : buf, n, e));
	if (to->unread == NULL || why.kind == ERR_LOCAL)
		return (err_set(e, why.kind, "%s", why.msg));
	return (to->unread(to->arg, i, &why, e));
}

int
local_get_load(struct store *s, const char *const *paths, size_t n,
    size_t max, const struct store_reading *to, struct err *e)
{
	uint8_t	*buf;
	size_t	 i;
	int	 rc = 0;

	if ((buf = malloc(max + 1)) == NULL)
		return (err_sys(e, ERR_LOCAL, "load"));
	for (i = 0; rc == 0 && i < n; i++)
		rc = load_next(s, paths[i], i, buf, max, to, e);
	free(buf);
	return (rc);
}
