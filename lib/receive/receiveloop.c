/* SPDX-License-Identifier: ISC */
/*
 * The loop: WAL from the server into the segment under way, complete segments
 * to the thread that names them, and acknowledgements back.  Nothing in it
 * waits but store_append_wait(), openwrite_number() when a segment begins, and
 * what openwrite_add() says.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "pg/lsn.h"
#include "plan/receiveack.h"
#include "plan/receivehurry.h"
#include "receive/receivedir.h"
#include "receive/receiveloop.h"
#include "receive/receivename.h"
#include "receive/receivesegment.h"
#include "store/store_append.h"

#define WAIT_MS		1000
#define AT_ONCE		64	/* messages, before anything else is done */

struct loop {
	const struct receive_conf	*conf;
	struct receiveconnect		*c;
	struct receivestate		*seen;
	struct receiveloop_result	*result;
	uint32_t			 tli, segsize;
	uint64_t			 first;
	uint64_t			 next;	/* first byte of the segment
						   that begins next */
	struct replstream		*stream;
	struct receivename		*names;
	struct receivesegment		*seg;	/* NULL: between two */
	struct replstream_message	 m;	/* not all of it taken if */
	size_t				 left;	/* this is not 0 */
	int				 ended;	/* the server sends no more */
	int				 more;	/* and may have more now */
	uint64_t			 received; /* behind the last byte */
	struct receiveack		 ack;
	struct receivehurry		 hurry;
	uint64_t			 reported;
	int64_t				 status_at, saved_at;
	int				 asked;	/* for a status */
};

/* Returns 1 if others must be named first. */
static int
begin_segment(struct loop *l, struct err *e)
{
	const struct receivesegment_spec	 spec = {
		.archive = l->c->archive,
		.name = walname_at(l->tli, l->next, l->segsize),
		.segsize = l->segsize, .dir = l->c->dir,
		/*
		 * What the server has whole is acknowledged at its end only,
		 * so an open object would be of no use; catching up costs half
		 * without.
		 */
		.with_open = l->m.server_end < l->next + l->segsize,
		.follows = l->next > l->first
	};

	if (receivename_queued(l->names) == RECEIVENAME_MOST ||
	    (spec.with_open && !receiveack_may_open(&l->ack, l->next)))
		return (1);
	return (receivesegment_begin(&l->seg, &spec, e));
}

/* As much of the message as the segment takes; it may end in the next one. */
static int
take_wal(struct loop *l, struct err *e)
{
	size_t	 n;
	int	 r;

	if (l->seg == NULL && (r = begin_segment(l, e)) != 0)
		return (r);
	n = receivesegment_room(l->seg);
	if (n > l->left)
		n = l->left;
	if (n == 0)
		return (1);
	if (receivesegment_take(l->seg, l->m.data + (l->m.n - l->left), n, e))
		return (-1);
	l->left -= n;
	return (0);
}

/* One message.  Returns 1 if there is none. */
static int
take_message(struct loop *l, struct err *e)
{
	if (replstream_next(l->stream, &l->m, &l->result->why, e))
		return (-1);
	switch (l->m.what) {
	case REPLSTREAM_NONE:
		return (1);
	case REPLSTREAM_WAL:
		l->left = l->m.n;
		l->received = l->m.lsn + l->m.n;
		break;
	case REPLSTREAM_KEEPALIVE:
		l->asked |= l->m.reply;
		break;
	case REPLSTREAM_TIMELINE:
		l->result->end = RECEIVELOOP_TIMELINE;
		l->result->next_tli = l->m.next_tli;
		l->result->next_lsn = l->m.next_lsn;
		l->ended = 1;
		break;
	case REPLSTREAM_SHUTDOWN:
		l->result->end = RECEIVELOOP_SHUTDOWN;
		l->ended = 1;
		break;
	}
	return (0);
}

/* What the server has sent, as far as there is room. */
static int
receive(struct loop *l, struct err *e)
{
	int	 i, r = 0;

	for (i = 0; i < AT_ONCE && r == 0 && (l->left > 0 || !l->ended); i++)
		r = l->left > 0 ? take_wal(l, e) : take_message(l, e);
	l->more = i == AT_ONCE;
	return (r == -1 ? -1 : 0);
}

/* Onwards to the repository, and what came from there. */
static int
store(struct loop *l, struct err *e)
{
	uint64_t	 lsn;
	int		 r;

	if (l->seg != NULL) {
		if (receivesegment_step(l->seg, &lsn, e))
			return (-1);
		if (l->seg->open != NULL)
			receiveack_open(&l->ack, l->seg->lsn, lsn);
		if (receivesegment_complete(l->seg)) {
			if (receivename_add(l->names, &l->seg->name,
			    l->seg->path, e))
				return (-1);
			l->next += l->segsize;
			receivesegment_free(l->seg);
			l->seg = NULL;
			l->more = 1;
		}
	}
	while ((r = receivename_take(l->names, &lsn, e)) == 1) {
		receiveack_named(&l->ack, lsn);
		l->more = 1;
	}
	return (r);
}

static int
save(struct loop *l, uint64_t lsn, int64_t now, struct err *e)
{
	l->saved_at = now;
	/* A new connection begins below what was acknowledged before. */
	if (l->tli == l->seen->tli && lsn <= l->seen->lsn)
		return (0);
	l->seen->tli = l->tli;
	l->seen->lsn = lsn;
	return (receivestate_save(l->seen, l->conf->state_dir,
	    l->conf->server, l->conf->slot, e));
}

/* Acknowledge what may be, at once; and now and then in any case. */
static int
acknowledge(struct loop *l, struct err *e)
{
	const uint64_t	 lsn = receiveack_status(&l->ack,
	    l->c->slot.restart_lsn, l->received != 0);
	const int64_t	 now = clock_mono_ms();
	const int64_t	 since = now - l->status_at;

	if (lsn > l->reported || since >= (int64_t)l->conf->status_ms ||
	    (l->asked && since >= RECEIVEHURRY_REPLY_MS)) {
		if (replstream_status(l->stream, lsn, e))
			return (-1);
		l->reported = lsn;
		l->status_at = now;
		l->asked = 0;
	}
	if (lsn > 0 && now - l->saved_at >= (int64_t)l->conf->status_ms)
		return (save(l, lsn, now, e));
	return (0);
}

/* Returns 1 at the end of this stream, and l->result says which. */
static int
at_end(struct loop *l)
{
	const uint64_t	 lsn = receiveack_lsn(&l->ack);

	if (l->conf->stopped(l->conf->arg) ||
	    (l->conf->once != 0 && lsn >= l->conf->once)) {
		l->result->end = RECEIVELOOP_STOPPED;
		return (1);
	}
	if (l->ended && l->result->end == RECEIVELOOP_SHUTDOWN)
		return (1);
	/* The last of this timeline must be durable before the next begins. */
	if (l->ended && l->left == 0 && receivename_queued(l->names) == 0 &&
	    (l->seg == NULL || receivesegment_quiet(l->seg)))
		return (1);
	if (!l->ended && receivehurry_ask(&l->hurry, l->received, lsn,
	    clock_mono_ms()) && sql_refuses(l->conf->conninfo)) {
		l->result->end = RECEIVELOOP_HURRY;
		return (1);
	}
	return (0);
}

static int
wait_for_any(struct loop *l, struct err *e)
{
	struct pollfd	 fds[2] = {
		{ .fd = receivename_fd(l->names), .events = POLLIN },
		{ .fd = replstream_fd(l->stream) }
	};
	int64_t		 ms = (int64_t)l->conf->status_ms -
	    (clock_mono_ms() - l->status_at);

	fds[1].events = replstream_events(l->stream);
	if (l->left > 0)
		fds[1].events = (short)(fds[1].events & ~POLLIN);
	if (ms > (l->asked ? RECEIVEHURRY_REPLY_MS : WAIT_MS))
		ms = l->asked ? RECEIVEHURRY_REPLY_MS : WAIT_MS;
	if (l->more || ms < 0)
		ms = 0;
	if (store_append_wait(l->c->archive->store, fds,
	    l->ended || fds[1].events == 0 ? 1 : 2, (int)ms, e))
		return (-1);
	return (store_keep(l->c->archive->store, e));
}

static int
turn(struct loop *l, struct err *e)
{
	for (;;) {
		if (receive(l, e) || store(l, e) || acknowledge(l, e))
			return (-1);
		if (at_end(l))
			return (save(l, receiveack_lsn(&l->ack),
			    clock_mono_ms(), e));
		if (wait_for_any(l, e))
			return (-1);
	}
}

static int
start(struct loop *l, struct err *e)
{
	const struct receivename_conf	 names = {
		.store = l->conf->store, .key = l->conf->key,
		.server = l->conf->server,
		.system_id = l->c->facts.system_id,
		.state_dir = l->conf->state_dir, .codec = l->conf->codec,
		.segsize = l->segsize
	};
	const struct replstream_spec	 spec = { .slot = l->conf->slot,
	    .tli = l->tli, .lsn = l->next };

	if (receivename_start(&l->names, &names, e) ||
	    replstream_start(&l->stream, &l->result->why, l->c->sql, &spec,
	    e) || receivedir_clear(l->c->dir, e))
		return (-1);
	l->conf->ready(l->conf->arg);
	return (0);
}

int
receiveloop_run(struct receiveloop_result *result, struct receiveconnect *c,
    const struct receive_conf *conf, uint32_t tli, uint64_t lsn,
    struct receivestate *seen, struct err *e)
{
	struct loop	*l;
	int		 rc;

	*result = (struct receiveloop_result){ .end = RECEIVELOOP_STOPPED };
	if ((l = calloc(1, sizeof(*l))) == NULL)
		return (err_sys(e, ERR_LOCAL, "receive"));
	l->conf = conf;
	l->c = c;
	l->seen = seen;
	l->result = result;
	l->tli = tli;
	l->segsize = c->facts.segment_size;
	l->first = l->next = l->ack.named = lsn;
	l->ack.segsize = l->segsize;
	l->saved_at = clock_mono_ms();
	l->status_at = l->saved_at - (int64_t)conf->status_ms;
	rc = start(l, e) || turn(l, e) ? -1 : 0;
	/*
	 * What follows may wait for a repository that does not answer.  So the
	 * server, which may be shutting down, is let go first.
	 */
	replstream_free(l->stream);
	if (rc == -1 || result->end != RECEIVELOOP_TIMELINE) {
		sql_free(c->sql);
		c->sql = NULL;
	}
	if (l->seg != NULL && rc == 0 && result->end == RECEIVELOOP_TIMELINE)
		(void)unlink(l->seg->path);	/* it has no name to get */
	receivesegment_free(l->seg);
	receivename_free(l->names);
	free(l);
	return (rc);
}
