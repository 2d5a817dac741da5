/* SPDX-License-Identifier: ISC */
/*
 * Add to a visible file in a local directory.  Each flight is written and
 * fsynced before the call returns, so nothing is ever under way.
 */
#include <sys/stat.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/beneath.h"
#include "store/local_append.h"
#include "store/local_fs.h"

struct local_append {
	struct store_append	 base;
	int			 fd;
	uint64_t		 off;	/* bytes that are durable */
	char			 path[STORE_PATHMAX];
};

/* A taken name is made durable, as publishing does. */
static int
create(struct local_append *p, struct err *e)
{
	struct store	*s = p->base.store;
	int		 taken;

	if (local_fs_mkdirs(s, p->path, e))
		return (-1);
	p->fd = beneath_open(s->root, local_fs_below(s, p->path),
	    O_WRONLY | O_CREAT | O_EXCL, 0400);
	taken = p->fd == -1 && errno == EEXIST;
	if (p->fd == -1 && !taken)
		return (local_fs_fail(s, "create", p->path, e));
	if (!taken && fchmod(p->fd, 0400) == -1)  /* whatever the umask */
		return (local_fs_fail(s, "set the mode of", p->path, e));
	if (local_fs_sync_name(s, p->path, e))
		return (-1);
	return (taken ? err_set(e, ERR_CONFLICT, "%s exists already",
	    p->path) : 0);
}

int
local_append_open(struct store_append **out, struct store *s,
    const char *path, struct err *e)
{
	struct local_append	*p;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return (err_sys(e, ERR_LOCAL, "append to %s", path));
	p->base.store = s;
	p->fd = -1;
	memcpy(p->path, path, strlen(path) + 1);
	if (create(p, e)) {
		local_append_free(&p->base);
		return (-1);
	}
	*out = &p->base;
	return (0);
}

int
local_append_send(struct store_append *base, const void *buf, size_t n,
    struct err *e)
{
	struct local_append	*p = (struct local_append *)base;
	struct stat		 st;

	assert(n > 0);
	if (local_fs_write_at(base->store, p->fd, p->path, buf, n, p->off,
	    e))
		return (-1);
	if (fsync(p->fd) == -1)
		return (local_fs_fail(base->store, "fsync", p->path, e));
	if (fstat(p->fd, &st) == -1)
		return (local_fs_fail(base->store, "stat", p->path, e));
	/* What has no name any more is gone when it is closed. */
	if (st.st_nlink == 0)
		return (err_set(e, ERR_REMOTE, "%s was removed while it was "
		    "written", p->path));
	if ((uint64_t)st.st_size < p->off + n)
		return (err_set(e, ERR_REMOTE, "%s: %jd bytes, expected %ju",
		    p->path, (intmax_t)st.st_size, (uintmax_t)(p->off + n)));
	p->off += n;
	return (0);
}

int
local_append_step(struct store_append *base, uint64_t *durable,
    struct err *e)
{
	(void)e;
	*durable = ((struct local_append *)base)->off;
	return (0);
}

int
local_append_wait(struct store *s, struct pollfd *fds, size_t n, int ms,
    struct err *e)
{
	(void)s;
	if (poll(fds, (nfds_t)n, ms) != -1)
		return (0);
	return (errno == EINTR ? 0 : err_sys(e, ERR_LOCAL, "poll"));
}

void
local_append_free(struct store_append *base)
{
	struct local_append	*p = (struct local_append *)base;

	if (p->fd != -1)
		(void)close(p->fd);	/* all that counts was fsynced */
	free(p);
}
