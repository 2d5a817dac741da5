/* SPDX-License-Identifier: ISC */
/*
 * Add to a visible file on an SFTP server, flight by flight.
 *
 * On the wire: open (exclusive) and the opens of its directories; then the
 * fsyncs of these; then flight after flight, each of them writes, an fsync and
 * a stat of the name.  Nothing waits for the answers of an earlier flight, so
 * a flight costs one round trip and one fsync, however many are under way.  A
 * server in whose order we cannot trust is waited for within a flight: an
 * fsync that overtakes a write would prove nothing of it.
 *
 * The stat is there since an fsync succeeds, too, for a file that was removed
 * meanwhile, or that a quota has cut.
 *
 * What a crash leaves: a file that ends anywhere, or that has a hole where a
 * flight was lost and a later one was not.  Readers stop there; and nothing
 * behind it was reported as durable, since flights are judged in their order.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/dirsync.h"
#include "store/sftp_append.h"
#include "store/sftp_server.h"
#include "store/store_append.h"

#define CHUNK	((size_t)32 << 10)	/* what every server takes */

/* Of the file's name, in its directories. */
enum stage {
	DIRS_OPENING,
	DIRS_SYNCING,
	DIRS_DURABLE
};

struct flight {
	struct sftp_append	*of;
	uint64_t		 end;		/* of the file, with it */
	unsigned		 writing;	/* WRITEs under way */
	struct wire_status	 failed;	/* the first refused WRITE */
	struct ask		 sync, stat;
};

struct sftp_append {
	struct store_append	 base;
	struct sftp		*c;
	struct ask		 open;
	int			 opened;	/* open's answer was seen */
	int			 again;		/* the second open */
	struct dirsync		*dirs;
	enum stage		 stage;
	uint64_t		 off;		/* bytes sent */
	uint64_t		 done;		/* of them, by whole flights */
	struct flight		 ring[STORE_APPEND_FLIGHTS];
	unsigned		 first;	/* the oldest; see base.flights */
	int			 heard;		/* an answer, since ... */
	int64_t			 since;		/* ... this time */
	char			 path[STORE_PATHMAX];
	uint8_t			 packet[WIRE_WRITE_ROOM + CHUNK];
};

static int
ask_file(struct sftp_append *p, struct err *e)
{
	if (ask_open(p->c->r, p->path, WIRE_FOR_WRITE | WIRE_CREATE |
	    WIRE_EXCL, &p->open, e))
		return (-1);
	dirsync_free(p->dirs);
	p->dirs = NULL;
	return (dirsync_open(&p->dirs, p->c, p->path, e));
}

int
sftp_append_open(struct store_append **out, struct store *s,
    const char *path, struct err *e)
{
	struct sftp_append	*p;

	if ((p = calloc(1, sizeof(*p))) == NULL)
		return (err_sys(e, ERR_LOCAL, "append to %s", path));
	p->base.store = s;
	p->c = (struct sftp *)s;
	p->since = clock_mono_ms();
	memcpy(p->path, path, strlen(path) + 1);
	/* Its directory nearly always exists: only a refusal makes it. */
	if (ask_file(p, e)) {
		sftp_append_free(&p->base);
		return (-1);
	}
	*out = &p->base;
	return (0);
}

/* SFTP has no status for "exists", so look. */
static int
not_created(struct sftp_append *p, struct err *e)
{
	int	 r = 1;

	if (p->open.status.code == WIRE_FAILURE &&
	    (r = sftp_server_exists(p->c, p->path, e)) == -1)
		return (-1);
	if (r == 0)
		return (err_set(e, ERR_CONFLICT, "%s exists already on %s",
		    p->path, p->c->host));
	return (sftp_server_fail(p->c, "create", p->path, &p->open.status, e));
}

/*
 * Judge the answer to the open.  Returns 0; 1 if it is awaited, and "wait" is
 * 0; or -1.
 */
static int
opened(struct sftp_append *p, int wait, struct err *e)
{
	while (!p->opened) {
		if (!wait && ask_pending(&p->open))
			return (1);
		if (ask_wait(&p->open, e))
			return (-1);
		p->heard = 1;
		if (p->open.status.code == WIRE_NO_SUCH_FILE && !p->again) {
			/* It was never made, or expiry has removed it. */
			p->again = 1;
			synceddirs_clear(&p->c->base.synced);
			if (sftp_server_mkdirs(p->c, p->path, e) ||
			    ask_file(p, e))
				return (-1);
			continue;
		}
		if (p->open.status.code != WIRE_OK)
			return (not_created(p, e));
		p->opened = 1;
	}
	return (0);
}

/* Make the name durable: the next step of it that needs no waiting. */
static int
settle_name(struct sftp_append *p, int wait, struct err *e)
{
	if (p->stage == DIRS_OPENING && (wait || !dirsync_pending(p->dirs))) {
		if (dirsync_send(p->dirs, e))
			return (-1);
		p->stage = DIRS_SYNCING;
	}
	if (p->stage == DIRS_SYNCING && !dirsync_pending(p->dirs)) {
		if (dirsync_check(p->dirs, e))
			return (-1);
		p->stage = DIRS_DURABLE;
		p->heard = 1;
	}
	return (0);
}

static int
on_written(void *arg, uint8_t type, struct bytes *b, struct err *e)
{
	struct flight		*f = arg;
	struct wire_status	 st;

	if (type != WIRE_STATUS || wire_get_status(b, &st))
		return (err_set(e, ERR_REMOTE, "an answer of type %u to a "
		    "write, or damaged", type));
	f->writing--;
	f->of->heard = 1;
	if (st.code != WIRE_OK && f->failed.code == WIRE_OK)
		f->failed = st;
	return (0);
}

static int
send_writes(struct sftp_append *p, struct flight *f, const uint8_t *from,
    size_t n, struct err *e)
{
	uint8_t	*data = p->packet + WIRE_WRITE_ROOM, *packet;
	size_t	 len;

	for (; n > 0; from += len, n -= len) {
		len = n < CHUNK ? n : CHUNK;
		memcpy(data, from, len);
		packet = wire_write_head(data, &p->open.handle, p->off,
		    (uint32_t)len);
		f->writing++;
		if (request_send(p->c->r, packet, (size_t)(data - packet) +
		    len, on_written, f, e))
			return (-1);
		p->off += len;
	}
	return (0);
}

/* Send one whole flight. */
static int
send_flight(struct sftp_append *p, struct flight *f, const void *buf,
    size_t n, struct err *e)
{
	struct requests	*r = p->c->r;
	int		 one_by_one = !p->c->in_order;

	if (send_writes(p, f, buf, n, e))
		return (-1);
	f->end = p->off;
	while (one_by_one && f->writing > 0)
		if (request_wait(r, e))
			return (-1);
	if (p->c->can.fsync && (ask_fsync(r, &p->open.handle, &f->sync, e) ||
	    (one_by_one && ask_wait(&f->sync, e))))
		return (-1);
	return (ask_path(r, WIRE_STAT, p->path, &f->stat, e));
}

static int
awaited(const struct flight *f)
{
	return (f->writing > 0 || ask_pending(&f->sync) ||
	    ask_pending(&f->stat));
}

/* Judge a flight of which all answers have come. */
static int
landed(struct sftp_append *p, const struct flight *f, struct err *e)
{
	const struct wire_attrs	*a = &f->stat.attrs;

	if (f->failed.code != WIRE_OK)
		return (sftp_server_fail(p->c, "write", p->path, &f->failed,
		    e));
	if (f->sync.r != NULL && f->sync.status.code != WIRE_OK)
		return (sftp_server_fail(p->c, "fsync", p->path,
		    &f->sync.status, e));
	if (f->stat.status.code == WIRE_NO_SUCH_FILE)
		return (err_set(e, ERR_REMOTE, "%s was removed on %s while it "
		    "was written", p->path, p->c->host));
	if (f->stat.status.code != WIRE_OK)
		return (sftp_server_fail(p->c, "stat", p->path,
		    &f->stat.status, e));
	if (!a->has_size || a->size < f->end)
		return (err_set(e, ERR_REMOTE, "%s: %ju bytes on %s, expected"
		    " %ju", p->path, (uintmax_t)a->size, p->c->host,
		    (uintmax_t)f->end));
	return (0);
}

/*
 * Judge the flights that have landed, the oldest first.  The connection was
 * found whole before: on a lost one no answer is awaited, and none has come.
 */
static int
judge(struct sftp_append *p, struct err *e)
{
	const struct flight	*f;

	while (p->base.flights > 0) {
		f = &p->ring[p->first];
		if (awaited(f))
			break;
		if (landed(p, f, e))
			return (-1);
		p->done = f->end;
		p->first = (p->first + 1) % STORE_APPEND_FLIGHTS;
		p->base.flights--;
		p->heard = 1;
	}
	return (0);
}

int
sftp_append_send(struct store_append *base, const void *buf, size_t n,
    struct err *e)
{
	struct sftp_append	*p = (struct sftp_append *)base;
	struct flight		*f;

	assert(n > 0);
	if (opened(p, 1, e) || settle_name(p, 1, e) || judge(p, e))
		return (-1);
	while (base->flights == STORE_APPEND_FLIGHTS)
		if (request_wait(p->c->r, e) || judge(p, e))
			return (-1);
	if (base->flights == 0)
		p->since = clock_mono_ms();
	f = &p->ring[(p->first + base->flights) % STORE_APPEND_FLIGHTS];
	memset(f, 0, sizeof(*f));
	f->of = p;
	base->flights++;
	return (send_flight(p, f, buf, n, e));
}

int
sftp_append_step(struct store_append *base, uint64_t *durable, struct err *e)
{
	struct sftp_append	*p = (struct sftp_append *)base;
	int			 r;

	if (request_poll(p->c->r, e) || (r = opened(p, 0, e)) == -1)
		return (-1);
	if (r == 0 && (settle_name(p, 0, e) || judge(p, e)))
		return (-1);
	if (p->heard)
		p->since = clock_mono_ms();
	p->heard = 0;
	/* Whatever is awaited, and not only flights. */
	if ((r == 1 || p->stage != DIRS_DURABLE || base->flights > 0) &&
	    request_overdue(p->c->r, p->since, e))
		return (-1);
	*durable = p->stage == DIRS_DURABLE ? p->done : 0;
	return (0);
}

int
sftp_append_wait(struct store *s, struct pollfd *fds, size_t n, int ms,
    struct err *e)
{
	return (request_wait_beside(((struct sftp *)s)->r, fds, n, ms, e));
}

void
sftp_append_free(struct store_append *base)
{
	struct sftp_append	*p = (struct sftp_append *)base;
	struct err		 e = ERR_INIT;
	size_t			 i;

	ask_drain(&p->open);
	for (i = 0; i < STORE_APPEND_FLIGHTS; i++) {
		/* Answers would be written into memory that is freed. */
		while (p->ring[i].writing > 0 && !request_broken(p->c->r))
			if (request_wait(p->c->r, &e))
				break;
		ask_drain(&p->ring[i].sync);
		ask_drain(&p->ring[i].stat);
	}
	dirsync_free(p->dirs);
	if (p->open.r != NULL && !p->open.waiting &&
	    p->open.status.code == WIRE_OK && !request_broken(p->c->r))
		/* If this fails the connection is lost, and the file closed. */
		(void)!ask_handle(p->c->r, WIRE_CLOSE, &p->open.handle, NULL,
		    &e);
	free(p);
}
