/* SPDX-License-Identifier: ISC */
/*
 * Write one object to a temporary file on an SFTP server.
 *
 * All requests are sent without waiting for the answers to those before them,
 * except where one needs the other: the writes need the handle that the open
 * brings.  The order on the wire is open, mkdirs of the name's directories and
 * opens of them (for their fsync), writes, the head, fsync, fstat, close.  A
 * server in whose order we cannot trust is waited for before the fsync, the
 * fstat and the close.
 *
 * The file is removed when the object is given up.  If this process dies it
 * stays in BASE/tmp, under a random name that nobody reads, until expiry
 * sweeps it.
 */
#include <stdlib.h>
#include <string.h>

#include "store/dirsync.h"
#include "store/sftp_put.h"
#include "store/sftp_server.h"

#define FLIGHT		96	/* WRITEs; more than a 2 MiB window holds */

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
	if (backend_tmp(s, path, p->tmp, e) || ask_tmp(p, e)) {
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

	/*
	 * Nobody relies on temporary names after a crash, so their directory
	 * needs no fsync; remembering it only saves its mkdirs.
	 */
	memcpy(dir, p->tmp, sizeof(dir));
	if (synceddirs_up(dir, p->c->base.root))
		synceddirs_add(&p->c->base.synced, dir);
}

/*
 * Wait until the temporary file is open, and request the directories of
 * "path".  The first open is sent without making BASE/tmp, since it nearly
 * always exists; only if it fails are directories made.  This happens with
 * the first write, so the bare mount point of an unmounted disk, which has no
 * BASE/tmp, stays empty until there is data.
 */
static int
opened(struct sftp_put *p, struct err *e)
{
	if (p->opened)
		return (0);
	if (ask_wait(&p->open, e))
		return (-1);
	if (p->open.status.code == WIRE_NO_SUCH_FILE) {
		/* It was never made, or another process removed it. */
		synceddirs_clear(&p->c->base.synced);
		if (sftp_server_mkdirs(p->c, p->tmp, e) || ask_tmp(p, e) ||
		    ask_wait(&p->open, e))
			return (-1);
	}
	if (p->open.status.code != WIRE_OK)
		return (sftp_server_fail(p->c, "create", p->tmp,
		    &p->open.status, e));
	p->opened = p->there = 1;
	settle_tmp(p);
	if (sftp_server_mkdirs(p->c, p->path, e))
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

int
sftp_put_refused(struct sftp_put *p, struct err *e)
{
	if (p->failed.code == WIRE_OK)
		return (0);
	return (sftp_server_fail(p->c, "write", p->path, &p->failed, e));
}

/*
 * Wait until no more of this object is under way than the link needs.  Answers
 * are taken each time, and not only when there is no room, since how long they
 * took is what says how much room there is.
 */
static int
wait_for_room(struct sftp_put *p, struct err *e)
{
	if (p->writing > 0 && request_poll(p->c->r, e))
		return (-1);
	while (p->writing > 0 && (p->writing >= FLIGHT ||
	    !request_may_send(p->c->r)))
		if (request_wait(p->c->r, e))
			return (-1);
	return (0);
}

/*
 * Send what is in the buffer, to be written at "off".  A refusal of an
 * earlier write is reported here, before more is sent in vain.
 */
static int
send_chunk(struct sftp_put *p, uint64_t off, struct err *e)
{
	uint8_t	*packet;

	if (opened(p, e) || wait_for_room(p, e))
		return (-1);
	if (sftp_put_refused(p, e))
		return (-1);
	/* The head of the packet goes right in front of the data. */
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
		len = n < SFTP_PUT_CHUNK - p->n ? n : SFTP_PUT_CHUNK - p->n;
		memcpy(p->buf + p->n, from, len);
		p->n += len;
		from += len;
		n -= len;
		if (p->n < SFTP_PUT_CHUNK)
			break;
		if (send_chunk(p, p->off, e))
			return (-1);
		p->off += SFTP_PUT_CHUNK;
	}
	return (0);
}

int
sftp_put_written(struct sftp_put *p, struct err *e)
{
	while (p->writing > 0)
		if (request_wait(p->c->r, e))
			return (-1);
	return (0);
}

/*
 * Send fsync, fstat and close.  A server that works on several requests at
 * once is waited for before each: an fsync that overtakes a write would leave
 * that write in memory, and a success would then be a lie after a power cut.
 */
static int
send_close(struct sftp_put *p, struct err *e)
{
	struct requests	*r = p->c->r;
	int		 one_by_one = !p->c->in_order;

	if (one_by_one && sftp_put_written(p, e))
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

/*
 * Send the rest of the data, then the head, then fsync, fstat and close.  The
 * head goes last since it holds the hash of all that follows it.
 */
static int
send_end(struct sftp_put *p, const void *head, struct err *e)
{
	const uint8_t	*from = head;
	size_t		 off;
	uint64_t	 end = p->off + p->n;

	if (opened(p, e) || (p->n > 0 && send_chunk(p, p->off, e)))
		return (-1);
	p->off = end;
	for (off = 0; off < p->head; off += SFTP_PUT_CHUNK) {
		p->n = p->head - off < SFTP_PUT_CHUNK ? p->head - off :
		    SFTP_PUT_CHUNK;
		memcpy(p->buf, from + off, p->n);
		if (send_chunk(p, off, e))
			return (-1);
	}
	return (send_close(p, e));
}

int
sftp_put_end(struct store_put *base, const void *head, struct err *e)
{
	struct sftp_put	*p = (struct sftp_put *)base;

	if (send_end(p, head, e))
		return (-1);
	p->stage = SFTP_PUT_ENDED;
	return (0);
}

void
sftp_put_free(struct store_put *base)
{
	struct sftp_put	*p = (struct sftp_put *)base;
	struct err	 e = ERR_INIT;

	/* Answers under way would be written into memory that is freed. */
	while (p->writing > 0 && !request_broken(p->c->r))
		if (request_wait(p->c->r, &e))
			break;
	ask_drain(&p->open);
	ask_drain(&p->sync);
	ask_drain(&p->stat);
	ask_drain(&p->close);
	ask_drain(&p->named);
	ask_drain(&p->proof);
	dirsync_free(p->dirs);
	if (p->open.r != NULL && !p->open.waiting &&
	    p->open.status.code == WIRE_OK && !request_broken(p->c->r)) {
		/* Given up before opened() saw that the file was made. */
		if (!p->opened)
			p->there = 1;
		if (!p->closed && ask_handle(p->c->r, WIRE_CLOSE,
		    &p->open.handle, NULL, &e))
			p->there = 0;	/* lost: expiry will sweep it */
		if (p->there && ask_path(p->c->r, WIRE_REMOVE, p->tmp, NULL,
		    &e))
			p->there = 0;
	}
	free(p);
}
