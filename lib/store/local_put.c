/* SPDX-License-Identifier: ISC */
/*
 * Put one object in a local directory: write a temporary file, fsync it, give
 * it its name with link(2), fsync the directories, remove the temporary name.
 * A crash before the link leaves a temporary file that expiry sweeps; after
 * it, a whole object whose name may be lost again, and no success reported.
 */
#include <sys/stat.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/beneath.h"
#include "store/local_fs.h"
#include "store/local_put.h"

struct local_put {
	struct store_put	 base;
	int			 fd;
	size_t			 head;
	uint64_t		 off;	/* where the next byte goes */
	char			 path[STORE_PATHMAX];
	int			 there;	/* tmp is to be removed */
	int			 ended;
	int			 done;	/* published */
	char			 tmp[STORE_PATHMAX];
};

/* Make the directories and the temporary file, with the first write. */
static int
create(struct local_put *p, struct err *e)
{
	struct store	*s = p->base.store;

	if (p->fd != -1)
		return (0);
	if (local_fs_mkdirs(s, p->tmp, e) || local_fs_mkdirs(s, p->path, e))
		return (-1);
	p->fd = beneath_open(s->root, local_fs_below(s, p->tmp),
	    O_WRONLY | O_CREAT | O_EXCL, 0400);
	if (p->fd == -1)
		return (local_fs_fail(s, "create", p->tmp, e));
	p->there = 1;
	if (fchmod(p->fd, 0400) == -1)		/* whatever the umask */
		return (local_fs_fail(s, "set the mode of", p->tmp, e));
	return (0);
}

int
local_put_open(struct store_put **out, struct store *s, const char *path,
    size_t head, struct err *e)
{
	struct local_put	*p;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return (err_sys(e, ERR_LOCAL, "put %s", path));
	p->base.store = s;
	p->fd = -1;
	p->head = head;
	p->off = head;
	memcpy(p->path, path, strlen(path) + 1);
	if (backend_tmp(s, path, p->tmp, e)) {
		free(p);
		return (-1);
	}
	*out = &p->base;
	return (0);
}

int
local_put_write(struct store_put *base, const void *buf, size_t n,
    struct err *e)
{
	struct local_put	*p = (struct local_put *)base;

	if (create(p, e) || local_fs_write_at(base->store, p->fd, p->tmp, buf,
	    n, p->off, e))
		return (-1);
	p->off += n;
	return (0);
}

/*
 * Prove that all data is on the disk.  An error of an earlier write may be
 * reported by fsync or close only, on a network file system in particular.
 */
static int
complete(struct local_put *p, struct err *e)
{
	struct stat	 st;
	int		 fd = p->fd;

	if (fsync(fd) == -1)
		return (local_fs_fail(p->base.store, "fsync", p->tmp, e));
	if (fstat(fd, &st) == -1)
		return (local_fs_fail(p->base.store, "stat", p->tmp, e));
	if ((uint64_t)st.st_size != p->off)
		return (err_set(e, ERR_REMOTE, "%s: %jd bytes, expected %ju",
		    p->tmp, (intmax_t)st.st_size, (uintmax_t)p->off));
	p->fd = -1;
	if (close(fd) == -1)
		return (local_fs_fail(p->base.store, "close", p->tmp, e));
	return (0);
}

int
local_put_end(struct store_put *base, const void *head, struct err *e)
{
	struct local_put	*p = (struct local_put *)base;

	if (create(p, e) || local_fs_write_at(base->store, p->fd, p->tmp,
	    head, p->head, 0, e))
		return (-1);
	p->ended = 1;
	return (complete(p, e));
}

static int
link_name(const struct local_put *p)
{
	const struct store	*s = p->base.store;

	return (beneath_link(s->root, local_fs_below(s, p->tmp),
	    local_fs_below(s, p->path)));
}

/* Give the name with link(2), which never replaces; rename(2) would. */
static int
give_name(struct local_put *p, int *taken, struct err *e)
{
	struct store	*s = p->base.store;
	int		 r = link_name(p);

	if (r == -1 && errno == ENOENT) {
		/* Expiry has removed its empty directory meanwhile. */
		synceddirs_clear(&s->synced);
		if (local_fs_mkdirs(s, p->path, e))
			return (-1);
		r = link_name(p);
	}
	*taken = r == -1 && errno == EEXIST;
	if (r == -1 && !*taken)
		return (local_fs_fail(s, "publish", p->path, e));
	return (0);
}

static int
remove_tmp(const struct local_put *p)
{
	const struct store	*s = p->base.store;

	return (beneath_unlink(s->root, local_fs_below(s, p->tmp)));
}

int
local_put_step(struct store_put *base, struct err *e)
{
	struct local_put	*p = (struct local_put *)base;
	struct store		*s = base->store;
	int			 taken;

	assert(p->ended);		/* store_put_end() comes first */
	if (p->done)
		return (0);
	if (give_name(p, &taken, e))
		return (-1);
	/* A taken name, too: the caller may rely on it being durable. */
	if (local_fs_sync_name(s, p->path, e))
		return (-1);
	if (taken)
		return (err_set(e, ERR_CONFLICT, "%s exists already",
		    p->path));
	if (remove_tmp(p) == 0)
		p->there = 0;
	p->done = 1;
	return (0);
}

/* One step gives the name and makes it durable; nothing is in between. */
int
local_put_named(const struct store_put *base)
{
	return (((const struct local_put *)base)->done);
}

void
local_put_free(struct store_put *base)
{
	struct local_put	*p = (struct local_put *)base;

	if (p->fd != -1)
		(void)close(p->fd);	/* given up: nothing to lose */
	if (p->there)
		(void)remove_tmp(p);	/* else expiry sweeps it */
	free(p);
}
