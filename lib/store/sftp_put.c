/* SPDX-License-Identifier: ISC */
/* Put one object on an SFTP server. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "store/dirsync.h"
#include "store/sftp.h"

#define CHUNK		((size_t)32 << 10)	/* what every server takes */
#define FLIGHT		96			/* more than a 2 MiB window */

enum stage {
	WRITING,
	ENDED,		/* all was sent, and the request for an fsync */
	NAMING,		/* all is on the disk, the name was asked for */
	DONE
};

struct sftp_put {
	struct store_put	 base;
	struct sftp		*c;
	enum stage		 stage;
	struct ask		 open, sync, stat, close, named;
	struct dirsync		*dirs;
	int			 syncing;	/* their fsync was asked for */
	int			 unsynced_rc;	/* and could not be sent */
	struct err		 unsynced;	/* why */
	int			 again;		/* the second try of a name */
	int			 opened;	/* open's answer was seen */
	int			 closed;	/* close was sent */
	int			 there;		/* tmp is to be removed */
	unsigned		 writing;	/* WRITEs under way */
	struct wire_status	 failed;	/* the first that was refused */
	size_t			 head;
	uint64_t		 off;		/* of buf in the file */
	size_t			 n;		/* in buf */
	char			 path[STORE_PATHMAX];
	char			 tmp[STORE_PATHMAX];
	uint8_t			*buf;		/* CHUNK bytes in packet */
	uint8_t			 packet[WIRE_WRITE_ROOM + CHUNK];
};

static int
ask_tmp(struct sftp_put *p, struct err *e)
{
	return (ask_open(p->c->r, p->tmp,
	    WIRE_FOR_WRITE | WIRE_CREATE | WIRE_EXCL, &p->open, e));
}

int
sftp_put_open(struct store_put **out, struct store *s, const char *path,
    size_t head, struct err *e)
{
	struct sftp_put	*p;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return (err_sys(e, ERR_LOCAL, "put %s", path));
	p->base.store = s;
	p->c = (struct sftp *)s;
	p->head = head;
	p->off = head;
	p->buf = p->packet + WIRE_WRITE_ROOM;
	memcpy(p->path, path, strlen(path) + 1);
	if (backend_tmp(s, p->tmp, e) || ask_tmp(p, e)) {
		sftp_put_free(&p->base);
		return (-1);
	}
	*out = &p->base;
	return (0);
}

static void
settle_tmp(struct sftp_put *p)
{
	char	 dir[STORE_PATHMAX];

	/* No promise is made for it; this only spares its mkdirs. */
	memcpy(dir, p->tmp, sizeof(dir));
	if (synceddirs_up(dir, p->c->base.root))
		synceddirs_add(&p->c->base.settled, dir);
}

/*
 * The temporary file is open, the directories of "path" are asked for.  Not
 * before there is something to write: an unmounted disk's mount point, where
 * there is no folder for temporary files, stays empty until then.
 */
static int
opened(struct sftp_put *p, struct err *e)
{
	if (p->opened)
		return (0);
	if (ask_wait(&p->open, e))
		return (-1);
	if (p->open.status.code == WIRE_NO_SUCH_FILE) {
		/* Its folder was removed, or not yet made, by another. */
		synceddirs_clear(&p->c->base.settled);
		if (sftp_mkdirs(p->c, p->tmp, e) || ask_tmp(p, e) ||
		    ask_wait(&p->open, e))
			return (-1);
	}
	if (p->open.status.code != WIRE_OK)
		return (sftp_fail(p->c, "create", p->tmp, &p->open.status,
		    e));
	p->opened = p->there = 1;
	settle_tmp(p);
	if (sftp_mkdirs(p->c, p->path, e))
		return (-1);
	return (dirsync_open(&p->dirs, p->c, p->path, e));
}

static int
on_written(void *arg, uint8_t type, struct bytes *b, struct err *e)
{
	struct sftp_put		*p = arg;
	struct wire_status	 st;

	if (type != WIRE_STATUS || wire_get_status(b, &st))
		return (err_set(e, ERR_REMOTE, "an answer of type %u to a "
		    "write, or damaged", type));
	p->writing--;
	if (st.code != WIRE_OK && p->failed.code == WIRE_OK)
		p->failed = st;
	return (0);
}

static int
refused(struct sftp_put *p, struct err *e)
{
	if (p->failed.code == WIRE_OK)
		return (0);
	return (sftp_fail(p->c, "write", p->path, &p->failed, e));
}

/* Send what is in the buffer, to be written at "off". */
static int
send_chunk(struct sftp_put *p, uint64_t off, struct err *e)
{
	uint8_t	*packet;

	if (opened(p, e))
		return (-1);
	while (p->writing >= FLIGHT)
		if (request_wait(p->c->r, e))
			return (-1);
	if (refused(p, e))
		return (-1);
	packet = wire_write_head(p->buf, &p->open.handle, off,
	    (uint32_t)p->n);
	p->writing++;
	if (request_send(p->c->r, packet, (size_t)(p->buf - packet) + p->n,
	    on_written, p, e))
		return (-1);
	p->n = 0;
	return (0);
}

int
sftp_put_write(struct store_put *base, const void *buf, size_t n,
    struct err *e)
{
	struct sftp_put	*p = (struct sftp_put *)base;
	const uint8_t	*from = buf;
	size_t		 len;

	while (n > 0) {
		len = n < CHUNK - p->n ? n : CHUNK - p->n;
		memcpy(p->buf + p->n, from, len);
		p->n += len;
		from += len;
		n -= len;
		if (p->n < CHUNK)
			break;
		if (send_chunk(p, p->off, e))
			return (-1);
		p->off += CHUNK;
	}
	return (0);
}

static int
written(struct sftp_put *p, struct err *e)
{
	while (p->writing > 0)
		if (request_wait(p->c->r, e))
			return (-1);
	return (0);
}

/*
 * fsync, size and close; one after the other where the server may work on
 * several requests at once: an fsync must not overtake a write.
 */
static int
send_close(struct sftp_put *p, struct err *e)
{
	struct requests	*r = p->c->r;
	int		 one_by_one = !p->c->in_order;

	if (one_by_one && written(p, e))
		return (-1);
	if (p->c->can.fsync && (ask_fsync(r, &p->open.handle, &p->sync, e) ||
	    (one_by_one && ask_wait(&p->sync, e))))
		return (-1);
	if (ask_handle(r, WIRE_FSTAT, &p->open.handle, &p->stat, e) ||
	    (one_by_one && ask_wait(&p->stat, e)))
		return (-1);
	p->closed = 1;
	return (ask_handle(r, WIRE_CLOSE, &p->open.handle, &p->close, e));
}

/* The rest of the data, then the head, then fsync, size and close. */
static int
send_end(struct sftp_put *p, const void *head, struct err *e)
{
	const uint8_t	*from = head;
	size_t		 off;
	uint64_t	 end = p->off + p->n;

	if (opened(p, e) || (p->n > 0 && send_chunk(p, p->off, e)))
		return (-1);
	p->off = end;
	for (off = 0; off < p->head; off += CHUNK) {
		p->n = p->head - off < CHUNK ? p->head - off : CHUNK;
		memcpy(p->buf, from + off, p->n);
		if (send_chunk(p, off, e))
			return (-1);
	}
	return (send_close(p, e));
}

static int
went_well(struct sftp_put *p, struct ask *a, const char *verb,
    struct err *e)
{
	if (a->r == NULL)
		return (0);
	if (ask_wait(a, e))
		return (-1);
	if (a->status.code != WIRE_OK)
		return (sftp_fail(p->c, verb, p->path, &a->status, e));
	return (0);
}

static int
complete(struct sftp_put *p, struct err *e)
{
	if (written(p, e) || refused(p, e) || went_well(p, &p->sync, "fsync", e) ||
	    went_well(p, &p->stat, "stat", e) ||
	    went_well(p, &p->close, "close", e))
		return (-1);
	if (!p->stat.attrs.has_size || p->stat.attrs.size != p->off)
		return (err_set(e, ERR_REMOTE, "%s: %ju bytes on %s, expected"
		    " %ju", p->tmp, (uintmax_t)p->stat.attrs.size, p->c->host,
		    (uintmax_t)p->off));
	return (0);
}

/* Why the name was not given. */
static int
not_named(struct sftp_put *p, const struct wire_status *st, struct err *e)
{
	int	 r;

	if ((r = sftp_exists(p->c, p->path, e)) == -1)
		return (-1);
	if (r == 0)
		return (err_set(e, ERR_CONFLICT, "%s exists already on %s",
		    p->path, p->c->host));
	return (sftp_fail(p->c, "publish", p->path, st, e));
}

/* Why a name could not be given counts for more than a failure of this. */
static void
sync_dirs(struct sftp_put *p)
{
	p->syncing = 1;
	p->unsynced_rc = dirsync_send(p->dirs, &p->unsynced);
}

/*
 * Everything is on the disk: give the name.  Where the server keeps our
 * order the fsync of its directory follows at once.
 */
static int
ask_name(struct sftp_put *p, struct err *e)
{
	struct requests	*r = p->c->r;

	if (p->c->can.hardlink ?
	    ask_link(r, p->tmp, p->path, &p->named, e) :
	    ask_rename(r, p->tmp, p->path, &p->named, e))
		return (-1);
	p->stage = NAMING;
	if (p->c->in_order)
		sync_dirs(p);
	return (0);
}

/* Its directory was removed meanwhile, or made too late: once more. */
static int
name_again(struct sftp_put *p, struct err *e)
{
	if (p->again)
		return (sftp_fail(p->c, "publish", p->path,
		    &p->named.status, e));
	p->again = 1;
	p->syncing = 0;
	err_clear(&p->unsynced);
	synceddirs_clear(&p->c->base.settled);
	dirsync_free(p->dirs);
	p->dirs = NULL;
	p->stage = ENDED;
	if (sftp_mkdirs(p->c, p->path, e))
		return (-1);
	return (dirsync_open(&p->dirs, p->c, p->path, e));
}

/* The name was given, or not, and the directories are on the disk, or not. */
static int
named(struct sftp_put *p, struct err *e)
{
	struct err	 late = ERR_INIT;

	if (ask_wait(&p->named, e))
		return (-1);
	if (p->named.status.code == WIRE_NO_SUCH_FILE)
		return (name_again(p, e));
	if (p->named.status.code == WIRE_OK && !p->c->can.hardlink)
		p->there = 0;
	if (p->unsynced_rc == -1 || dirsync_check(p->dirs, &p->unsynced))
		return (err_set(e, p->unsynced.kind, "%s", p->unsynced.msg));
	if (p->named.status.code != WIRE_OK)
		return (not_named(p, &p->named.status, e));
	p->stage = DONE;
	/*
	 * A refusal is no error, and neither is a connection lost from here
	 * on: the object is durable under its name.
	 */
	if (p->there && ask_path(p->c->r, WIRE_REMOVE, p->tmp, NULL,
	    &late) == 0)
		p->there = 0;
	return (0);
}

int
sftp_put_end(struct store_put *base, const void *head, struct err *e)
{
	struct sftp_put	*p = (struct sftp_put *)base;

	if (send_end(p, head, e))
		return (-1);
	p->stage = ENDED;
	return (0);
}

/* Whether an answer that the next step needs is still to come. */
static int
pending(const struct sftp_put *p)
{
	if (p->stage == NAMING)
		return (ask_pending(&p->named) || dirsync_pending(p->dirs));
	return ((p->writing > 0 && !request_broken(p->c->r)) ||
	    ask_pending(&p->sync) || ask_pending(&p->stat) ||
	    ask_pending(&p->close) || dirsync_pending(p->dirs));
}

int
sftp_put_step(struct store_put *base, struct err *e)
{
	struct sftp_put	*p = (struct sftp_put *)base;

	assert(p->stage != WRITING);	/* store_put_end() comes first */
	while (p->stage != DONE) {
		if (pending(p))
			return (1);
		if (p->stage == ENDED) {
			if (complete(p, e) || ask_name(p, e))
				return (-1);
		} else if (!p->syncing)
			sync_dirs(p);
		else if (named(p, e))
			return (-1);
	}
	return (0);
}

int
sftp_put_named(const struct store_put *base)
{
	const struct sftp_put	*p = (const struct sftp_put *)base;

	return (p->stage >= NAMING && p->c->in_order);
}

void
sftp_put_free(struct store_put *base)
{
	struct sftp_put	*p = (struct sftp_put *)base;
	struct err	 e = ERR_INIT;

	while (p->writing > 0 && !request_broken(p->c->r))
		if (request_wait(p->c->r, &e))
			break;
	ask_drain(&p->open);
	ask_drain(&p->sync);
	ask_drain(&p->stat);
	ask_drain(&p->close);
	ask_drain(&p->named);
	dirsync_free(p->dirs);
	if (p->open.r != NULL && !p->open.waiting &&
	    p->open.status.code == WIRE_OK && !request_broken(p->c->r)) {
		if (!p->opened)
			p->there = 1;
		if (!p->closed && ask_handle(p->c->r, WIRE_CLOSE,
		    &p->open.handle, NULL, &e))
			p->there = 0;	/* lost: expiry sweeps it */
		if (p->there && ask_path(p->c->r, WIRE_REMOVE, p->tmp, NULL,
		    &e))
			p->there = 0;
	}
	free(p);
}
