/* SPDX-License-Identifier: ISC */
/*
 * fsync directories through SFTP.
 *
 * A new name lies in its directory's data; until that is fsynced a crash of
 * the storage host may lose the name, though not the file.  The same holds
 * for each new directory in the one above it, up to the root and the root's
 * own name.  The directories are opened early, while the data is still on its
 * way, so that all that remains after the name is one flight of fsyncs.
 *
 * One case is left.  Expiry removes a directory that this connection fsynced,
 * and another process makes it again and dies before it fsyncs those above.
 * SFTP has no number by which that could be seen, as a local store does; to
 * fsync all of them for each object would cost too much for so rare a case.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "store/dirsync.h"

struct dir {
	char		*path;
	struct ask	 open, sync;
	int		 is_open;
	int		 may_fail;	/* it is above the root */
};

struct dirsync {
	struct sftp	*c;
	size_t		 n;
	struct dir	 dir[];	/* the lowest first */
};

/* No path has more directories than slashes. */
static size_t
depth(const char *s)
{
	size_t	 n = 1;

	for (; *s != '\0'; s++)
		n += *s == '/';
	return (n);
}

static int
add(struct dirsync *d, const char *path, struct err *e)
{
	struct dir	*dir = &d->dir[d->n];

	if (str_dup(&dir->path, path, e))
		return (-1);
	d->n++;
	/*
	 * The root's parent is opened only for the root's own entry.  It
	 * often belongs to somebody else, and an administrator who made the
	 * root made it durable long ago: no promise is made for it.
	 */
	dir->may_fail = strlen(path) < strlen(d->c->base.root);
	return (ask_open(d->c->r, path, WIRE_FOR_READ, &dir->open, e));
}

int
dirsync_open(struct dirsync **out, struct sftp *c, const char *path,
    struct err *e)
{
	struct dirsync	*d;
	char		 up[STORE_PATHMAX];
	int		 more;

	if (request_meet(c->r, e))
		return (-1);
	d = calloc(1, sizeof(*d) + depth(path) * sizeof(d->dir[0]));
	if (d == NULL)
		return (err_sys(e, ERR_LOCAL, "fsync directories"));
	d->c = c;
	memcpy(up, path, strlen(path) + 1);
	more = c->can.fsync && synceddirs_up(up, c->base.root);
	while (more) {
		if (add(d, up, e)) {
			dirsync_free(d);
			return (-1);
		}
		/* What this connection fsynced before stays durable. */
		more = !synceddirs_has(&c->base.synced, up) &&
		    synceddirs_up(up, c->base.root);
	}
	*out = d;
	return (0);
}

/*
 * A server that works on several requests at once may have looked for the
 * directory before it was made: ask again.
 */
static int
opened(struct dirsync *d, struct dir *dir, struct err *e)
{
	if (ask_wait(&dir->open, e))
		return (-1);
	if (dir->open.status.code == WIRE_NO_SUCH_FILE &&
	    (ask_open(d->c->r, dir->path, WIRE_FOR_READ, &dir->open, e) ||
	    ask_wait(&dir->open, e)))
		return (-1);
	dir->is_open = dir->open.status.code == WIRE_OK;
	if (dir->is_open || dir->may_fail)
		return (0);
	return (sftp_server_fail(d->c, "open directory (to fsync it)",
	    dir->path, &dir->open.status, e));
}

int
dirsync_send(struct dirsync *d, struct err *e)
{
	size_t	 i;

	for (i = 0; i < d->n; i++)
		if (opened(d, &d->dir[i], e))
			return (-1);
	for (i = 0; i < d->n; i++) {
		if (!d->dir[i].is_open)
			continue;
		/* A close must not overtake the fsync of its handle. */
		if (ask_fsync(d->c->r, &d->dir[i].open.handle,
		    &d->dir[i].sync, e) ||
		    (!d->c->in_order && ask_wait(&d->dir[i].sync, e)))
			return (-1);
		d->dir[i].is_open = 0;
		if (ask_handle(d->c->r, WIRE_CLOSE, &d->dir[i].open.handle,
		    NULL, e))
			return (-1);
	}
	return (0);
}

int
dirsync_check(struct dirsync *d, struct err *e)
{
	struct ask	*a;
	size_t		 i;

	for (i = 0; i < d->n; i++) {
		a = &d->dir[i].sync;
		if (a->r == NULL)
			continue;
		if (ask_wait(a, e))
			return (-1);
		if (a->status.code != WIRE_OK && !d->dir[i].may_fail)
			return (sftp_server_fail(d->c, "fsync directory",
			    d->dir[i].path, &a->status, e));
	}
	/* All above it were fsynced too, so later names need not do it. */
	if (d->n > 0)
		synceddirs_add(&d->c->base.synced, d->dir[0].path);
	return (0);
}

int
dirsync_pending(const struct dirsync *d)
{
	size_t	 i;

	for (i = 0; i < d->n; i++)
		if (ask_pending(&d->dir[i].open) ||
		    ask_pending(&d->dir[i].sync))
			return (1);
	return (0);
}

void
dirsync_free(struct dirsync *d)
{
	struct err	 e = ERR_INIT;
	struct dir	*dir;
	size_t		 i;

	if (d == NULL)
		return;
	for (i = 0; i < d->n; i++) {
		dir = &d->dir[i];
		ask_drain(&dir->open);
		ask_drain(&dir->sync);
		/* Opened, but given up before dirsync_send() closed it. */
		if (dir->sync.r == NULL && dir->open.r != NULL &&
		    !dir->open.waiting && dir->open.status.code == WIRE_OK &&
		    !request_broken(d->c->r))
			if (ask_handle(d->c->r, WIRE_CLOSE,
			    &dir->open.handle, NULL, &e))
				break;	/* lost: nothing to close */
	}
	for (i = 0; i < d->n; i++)
		free(d->dir[i].path);
	free(d);
}
