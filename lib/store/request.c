/* SPDX-License-Identifier: ISC */
/*
 * Send SFTP requests, many at a time, and match the answers to them.
 *
 * The far end is not trusted.  Lengths are bounded before memory is used for
 * them (digest), an answer counts only for a request that was made and is
 * still open (dispatch), and every loop that waits looks at a deadline, since
 * a server may also send nothing, or noise without end.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/logintext.h"
#include "store/pace.h"
#include "store/request.h"
#include "store/storetypes.h"

/*
 * A transport may return a whole window at once.  The kernel provides this
 * memory only as far as data fills it.
 */
#define INPUT_ROOM	((size_t)3 << 20)

/* A request under way; its place is its id modulo REQUEST_MAX. */
struct slot {
	uint32_t	 id;
	request_answer	*fn;		/* NULL: free */
	void		*arg;
	struct pace_mark mark;		/* of a write */
};

struct requests {
	struct transport	*t;
	char			*host;
	int64_t			 timeout_ms;
	struct slot		 slot[REQUEST_MAX];
	uint32_t		 next_id;
	unsigned		 in_flight;
	uint64_t		 answers;	/* so far */
	struct pace		 pace;		/* of writes */
	uint64_t		 expect;	/* bytes of answers to come */
	uint64_t		 turns;		/* see request_turns() */
	int			 sent;		/* since the last turn */
	int64_t			 last_ms;	/* when we heard or asked */
	struct wire_features	*greeting;	/* VERSION is awaited */
	request_greeted		*greeted;	/* see request_init() */
	void			*greeted_arg;
	void			(*waits)(void *, int);	/* may be NULL */
	void			*waits_arg;
	struct err		 broken;	/* why the connection is lost */
	uint8_t			*in;		/* WIRE_MAX + INPUT_ROOM */
	size_t			 n;		/* bytes in "in" */
};

int
request_new(struct requests **out, struct transport *t, const char *host,
    uint64_t timeout_ms, struct err *e)
{
	struct requests	*r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (err_sys(e, ERR_LOCAL, "connect to %s", host));
	r->timeout_ms = timeout_ms > INT32_MAX ? INT32_MAX :
	    (int64_t)timeout_ms;
	r->last_ms = clock_mono_ms();
	if ((r->in = malloc(WIRE_MAX + INPUT_ROOM)) == NULL ||
	    (r->host = strdup(host)) == NULL) {
		err_sys(e, ERR_LOCAL, "connect to %s", host);
		free(r->in);
		free(r);
		return (-1);
	}
	r->t = t;
	*out = r;
	return (0);
}

void
request_free(struct requests *r)
{
	if (r == NULL)
		return;
	r->t->ops->free(r->t);
	free(r->host);
	free(r->in);
	free(r);
}

/*
 * The connection is lost.  Remember why, for all later calls.  Forget the
 * requests under way: no callback may come any more, since their owners are
 * free to go once request_broken() is true.
 */
static int
give_up(struct requests *r, struct err *e)
{
	if (r->broken.kind == ERR_NONE) {
		r->broken = *e;
		memset(r->slot, 0, sizeof(r->slot));
		r->in_flight = 0;
		r->expect = 0;
		r->pace.flying = 0;
	}
	return (-1);
}

static int
is_broken(const struct requests *r, struct err *e)
{
	if (r->broken.kind == ERR_NONE)
		return (0);
	return (err_set(e, r->broken.kind, "%s", r->broken.msg));
}

static int
greeted(struct requests *r, struct bytes *b, struct err *e)
{
	if (wire_get_version(b, r->greeting))
		return (err_set(e, ERR_REMOTE, "damaged greeting"));
	if (r->greeting->version < 3)
		return (err_set(e, ERR_REMOTE, "the server speaks version %u,"
		    " expected 3", r->greeting->version));
	r->greeting = NULL;
	r->in_flight--;
	return (r->greeted(r->greeted_arg, e));
}

/*
 * Hand out one whole packet, without its length.  The slot is freed before
 * the callback: a second answer to the same request then finds it free, or
 * taken by another id.
 */
static int
dispatch(struct requests *r, const uint8_t *p, size_t n, struct err *e)
{
	struct bytes	 b = bytes_of(p, n);	/* read if "n" is possible */
	struct slot	*s, was;
	uint32_t	 id;
	uint8_t		 type;

	if (n < 5 || n > WIRE_MAX - 4)
		return (err_set(e, ERR_REMOTE, "an answer of %zu bytes, "
		    "expected 5 to %d", n, WIRE_MAX - 4));
	type = bytes_u8(&b);
	r->answers++;
	if (r->greeting != NULL) {
		if (type != WIRE_VERSION)
			return (err_set(e, ERR_REMOTE,
			    "found type %u, expected a greeting", type));
		return (greeted(r, &b, e));
	}
	/* b.bad is sticky: a short packet fails below, whatever id is. */
	id = bytes_u32be(&b);
	s = &r->slot[id % REQUEST_MAX];
	if (b.bad || s->fn == NULL || s->id != id)
		return (err_set(e, ERR_REMOTE,
		    "an answer (type %u, id %u) to a request never made",
		    type, id));
	was = *s;
	s->fn = NULL;
	r->in_flight--;
	pace_answered(&r->pace, &was.mark, clock_mono_us());
	return (was.fn(was.arg, type, &b, e));
}

/*
 * The server's first bytes are no packet.  Nearly always a start-up file of
 * the account's shell has printed them, since sshd runs sftp-server by that
 * shell.
 */
static int
not_sftp(struct requests *r, struct err *e)
{
	(void)logintext_fail(r->t, r->host, r->in, r->n, e);
	return (give_up(r, e));
}

/*
 * Hand out every whole packet in the buffer, and keep what is left of the
 * last one: less than WIRE_MAX bytes, so INPUT_ROOM is always free again.
 */
static int
digest(struct requests *r, struct err *e)
{
	struct bytes	 b;
	size_t		 off = 0, n;

	while (r->n - off >= 4) {
		b = bytes_of(r->in + off, 4);
		n = bytes_u32be(&b);
		if (r->greeting != NULL && (n < 5 || n > WIRE_MAX - 4))
			return (not_sftp(r, e));
		if (n >= 5 && n <= WIRE_MAX - 4 && r->n - off - 4 < n)
			break;
		if (dispatch(r, r->in + off + 4, n, e)) {
			err_ctx(e, "%s: SFTP", r->host);
			return (give_up(r, e));
		}
		off += 4 + n;
	}
	if (off > 0)
		memmove(r->in, r->in + off, r->n - off);
	r->n -= off;
	return (0);
}

/* Take what has come; *any says whether something has. */
static int
receive(struct requests *r, int *any, struct err *e)
{
	size_t	 got = 0;

	*any = 0;
	if (r->t->ops->read(r->t, r->in + r->n, INPUT_ROOM, r->expect, &got,
	    e))
		return (give_up(r, e));
	if (got == 0)
		return (0);
	*any = 1;
	r->n += got;
	r->last_ms = clock_mono_ms();
	return (digest(r, e));
}

/*
 * The connection ended before the greeting came.  What was read last says more
 * of the cause than that the channel is closed: a text, or how the server
 * ended.  Less than a packet's length is a text, too.
 */
static int
ended_early(struct requests *r, struct err *e)
{
	struct err	 why = ERR_INIT;
	int		 any;

	if (receive(r, &any, &why)) {
		*e = why;
		return (-1);
	}
	if (r->n == 0 || r->n >= 4)
		return (give_up(r, e));
	err_clear(e);
	return (not_sftp(r, e));
}

static int
late(struct requests *r, struct err *e)
{
	err_set(e, ERR_REMOTE, "%s did not answer for %lld s", r->host,
	    (long long)((r->timeout_ms + 999) / 1000));
	return (give_up(r, e));
}

/*
 * Wait for the transport.  A turn is counted only if something was sent since
 * the last one: waiting twice for one answer is still one round trip.
 */
static int
sleep_until(struct requests *r, int64_t deadline, struct err *e)
{
	int	 rc;

	if (r->sent) {
		r->turns++;
		r->sent = 0;
	}
	if (r->waits != NULL)
		r->waits(r->waits_arg, 1);
	rc = r->t->ops->wait(r->t, deadline, e);
	if (r->waits != NULL)
		r->waits(r->waits_arg, 0);
	if (rc == 0)
		return (0);
	return (rc == 1 ? late(r, e) : give_up(r, e));
}

/*
 * Send a packet.  While there is no room for it, answers are taken: a server
 * that cannot send them stops reading, and then both ends would wait for each
 * other.  The deadline begins anew whenever either direction moves.
 */
static int
send_all(struct requests *r, const uint8_t *p, size_t n, struct err *e)
{
	int64_t	 deadline = clock_mono_ms() + r->timeout_ms;
	uint64_t before = r->answers;
	size_t	 took;
	int	 any, looked = 0;

	r->sent = 1;
	r->last_ms = clock_mono_ms();
	while (n > 0) {
		took = 0;
		if (r->t->ops->write(r->t, p, n, &took, e))
			return (r->greeting != NULL ? ended_early(r, e) :
			    give_up(r, e));
		p += took;
		n -= took;
		if (took > 0 || r->answers != before) {
			before = r->answers;
			deadline = clock_mono_ms() + r->timeout_ms;
		}
		if (took > 0) {
			looked = 0;
			continue;
		}
		if (clock_mono_ms() > deadline)
			return (late(r, e));
		/*
		 * receive() also makes libssh read what is not data, such
		 * as a larger window, which is room.  So try to write once
		 * more after it, and sleep only if that took nothing.
		 */
		if (looked && sleep_until(r, deadline, e))
			return (-1);
		if (receive(r, &any, e))
			return (-1);
		looked = !any;
	}
	return (0);
}

int
request_init(struct requests *r, struct wire_features *f,
    request_greeted *greeted_fn, void *arg, struct err *e)
{
	uint8_t			 buf[WIRE_HEAD];
	struct bytes_out	 o;

	wire_begin(&o, buf, sizeof(buf), WIRE_INIT);
	wire_patch(buf, 5);
	wire_patch(buf + 5, 3);		/* the version, in place of an id */
	r->greeting = f;
	r->greeted = greeted_fn;
	r->greeted_arg = arg;
	r->in_flight++;		/* it has no slot, but is waited for */
	return (send_all(r, buf, sizeof(buf), e));
}

int
request_meet(struct requests *r, struct err *e)
{
	while (r->greeting != NULL)
		if (request_wait(r, e))
			return (-1);
	return (is_broken(r, e));
}

int
request_send(struct requests *r, uint8_t *packet, size_t n,
    request_answer *fn, void *arg, struct err *e)
{
	struct slot	*s;

	if (is_broken(r, e))
		return (-1);
	/*
	 * Ids count up, so the slot of the next one may be taken by a request
	 * that is REQUEST_MAX older, whatever other slots are free.  Wait for
	 * exactly that one.
	 */
	while ((s = &r->slot[r->next_id % REQUEST_MAX])->fn != NULL)
		if (request_wait(r, e))
			return (-1);
	wire_patch(packet, (uint32_t)(n - 4));
	wire_patch(packet + 5, r->next_id);
	s->id = r->next_id++;
	s->fn = fn;
	s->arg = arg;
	/*
	 * Only writes are measured: of a server that looks names up quickly,
	 * but takes its time for writes and does many at once, the trips of the
	 * former would allow too little of the latter.
	 */
	pace_sent(&r->pace, &s->mark, clock_mono_us(),
	    packet[4] == WIRE_WRITE ? (uint32_t)n : 0);
	r->in_flight++;
	return (send_all(r, packet, n, e));
}

int
request_wait(struct requests *r, struct err *e)
{
	int64_t		 deadline = clock_mono_ms() + r->timeout_ms;
	uint64_t	 before = r->answers;
	int		 any;

	if (is_broken(r, e))
		return (-1);
	assert(r->in_flight > 0);
	for (;;) {
		if (receive(r, &any, e))
			return (-1);
		if (r->answers != before)
			return (0);
		/*
		 * Only a whole answer counts.  A server that sends noise, or
		 * a byte a minute, must not keep us for ever.
		 */
		if (clock_mono_ms() > deadline)
			return (late(r, e));
		if (!any && sleep_until(r, deadline, e))
			return (-1);
	}
}

int
request_poll(struct requests *r, struct err *e)
{
	int	 any = 1;

	if (is_broken(r, e))
		return (-1);
	while (any)
		if (receive(r, &any, e))
			return (-1);
	return (0);
}

int
request_wait_beside(struct requests *r, struct pollfd *fds, size_t n, int ms,
    struct err *e)
{
	int	 any;

	if (is_broken(r, e) || receive(r, &any, e))
		return (-1);
	/* What was read already makes no descriptor ready. */
	if (any)
		ms = 0;
	if (r->t->ops->beside(r->t, fds, n, ms, e))
		return (give_up(r, e));
	return (request_poll(r, e));
}

int
request_overdue(struct requests *r, int64_t since_ms, struct err *e)
{
	return (clock_mono_ms() - since_ms > r->timeout_ms ? late(r, e) : 0);
}

int
request_keep(struct requests *r, struct err *e)
{
	if (request_poll(r, e))
		return (-1);
	if (clock_mono_ms() - r->last_ms < STORE_IDLE_MS)
		return (0);
	r->last_ms = clock_mono_ms();
	return (r->t->ops->keep(r->t, e) ? give_up(r, e) : 0);
}

void
request_expect(struct requests *r, int64_t n)
{
	if (n < 0 && r->expect < (uint64_t)-n)
		r->expect = 0;		/* give_up() has reset it */
	else
		r->expect += (uint64_t)n;
}

int
request_may_send(const struct requests *r)
{
	return (r->pace.flying < pace_ahead(&r->pace));
}

void
request_on_wait(struct requests *r, void (*waits)(void *, int), void *arg)
{
	r->waits = waits;
	r->waits_arg = arg;
}

unsigned
request_in_flight(const struct requests *r)
{
	return (r->in_flight);
}

int
request_broken(const struct requests *r)
{
	return (r->broken.kind != ERR_NONE);
}

uint64_t
request_turns(const struct requests *r)
{
	return (r->turns);
}
