/* SPDX-License-Identifier: ISC */
/* Servers that answer late, in pieces, out of order or wrongly. */
#include <sys/stat.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/sftp.h"
#include "store/sftp_server.h"
#include "store_conformance.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define FILE_SIZE	300000
#define DRIP_SIZE	100000	/* always sent without an answer, see pace.h */
#define QUEUE		512
#define LINKING		255		/* as a type of request: EXTENDED */

/* How the server misbehaves. */
enum manner {
	HONEST, SHORT_READS, REVERSED, ONE_BYTE, TOO_MUCH_DATA, NO_DATA,
	HUGE_PACKET, TINY_PACKET, UNKNOWN_ID, ID_TWICE, WRONG_TYPE,
	OK_TO_OPEN, LONG_HANDLE, EARLY_EOF, TRAILING, HANGS_UP, SILENT,
	BAD_NAME, CUT_NAMES, MANY_NAMES, WRITE_REFUSED, WRONG_SIZE,
	BAD_GREETING, OLD_GREETING, LOGIN_TEXT, LOGIN_NEWLINE, FALSE_LINK,
	FLIP, NOISY, DEAF, PARALLEL, DRIP, LIST_REFUSED,
	OPEN_DENIED, OPEN_FAILS, READ_DENIED, READ_FAILS
};

/*
 * The far end of a transport: takes requests, has answers.  This stands in
 * for a server, not for libssh: the code under test is complete.
 */
struct server {
	struct transport	 base;
	enum manner		 manner;
	uint8_t			 in[1 << 17];	/* requests, not yet whole */
	size_t			 n_in;
	struct {
		uint8_t	*p;
		size_t	 n, done;
		uint8_t	 to;			/* type of the request */
	}			 queue[QUEUE];	/* answers */
	size_t			 first, n;
	size_t			 flip, sent;	/* bit to flip, bytes so far */
	unsigned		 reads, lists;
	uint8_t			 serving;	/* type of the request */
	int			 greeted;
	int			 broken;	/* say no more */
	/* DRIP: one answer for each that is let go. */
	unsigned		 let_go;
	unsigned		 answered;	/* after the greeting */
	unsigned		 refuse;	/* this answer is a failure */
	unsigned		 hang_up;	/* instead of this one */
	int			 backwards;	/* the last answer first */
	uint8_t			 refused;	/* type of its request */
	char			 refused_path[96]; /* of an OPEN */
	int			 refused_late;	/* a link was made before */
	unsigned		 named, unnamed; /* links: made; refused */
	int			 linked;	/* whatever the manner is */
	size_t			 extended;	/* the last such request */
	int			 early;		/* before what it relies on */
};

static void
answer(struct server *v, const void *p, size_t n)
{
	size_t	 at = (v->first + v->n++) % QUEUE;

	assert_true(v->n < QUEUE);
	assert_non_null(v->queue[at].p = malloc(n));
	memcpy(v->queue[at].p, p, n);
	v->queue[at].n = n;
	v->queue[at].done = 0;
	v->queue[at].to = v->serving;
}

static struct bytes_out
begin(uint8_t *buf, size_t size, int type, uint32_t id)
{
	struct bytes_out	 o = bytes_out_of(buf, size);

	bytes_put_u32be(&o, 0);
	bytes_put_u8(&o, (uint8_t)type);
	bytes_put_u32be(&o, id);
	return (o);
}

static void
finish(struct server *v, struct bytes_out *o)
{
	struct bytes_out	 head = bytes_out_of(o->p, 4);

	if (v->manner == TRAILING && o->p[4] != WIRE_VERSION)
		bytes_put_u8(o, 0);
	assert_true(bytes_out_ok(o));
	bytes_put_u32be(&head, (uint32_t)(o->n - 4));
	answer(v, o->p, o->n);
}

static void
status(struct server *v, uint32_t id, uint32_t code)
{
	uint8_t			 buf[64];
	struct bytes_out	 o = begin(buf, sizeof(buf), WIRE_STATUS, id);

	bytes_put_u32be(&o, code);
	bytes_put_u32be(&o, 3);
	bytes_put(&o, "why", 3);
	bytes_put_u32be(&o, 0);
	finish(v, &o);
}

static void
greeting(struct server *v)
{
	static const char	 text[] = "\r\n\033[1mWelcome to h,\r\n"
				    "it is a \"fine\" day\n";
	uint8_t			 buf[256];
	struct bytes_out	 o;

	if (v->manner == LOGIN_TEXT)
		answer(v, text, sizeof(text) - 1);
	if (v->manner == LOGIN_NEWLINE)
		answer(v, "\n", 1);

	o = begin(buf, sizeof(buf), WIRE_VERSION,
	    v->manner == OLD_GREETING ? 2 : 3);
	bytes_put_u32be(&o, 17);
	bytes_put(&o, "fsync@openssh.com", 17);
	bytes_put_u32be(&o, v->manner == BAD_GREETING ? 100 : 1);
	bytes_put(&o, "1", 1);
	bytes_put_u32be(&o, 20);
	bytes_put(&o, "hardlink@openssh.com", 20);
	bytes_put_u32be(&o, 1);
	bytes_put(&o, "1", 1);
	finish(v, &o);
}

static void
handle(struct server *v, uint32_t id)
{
	static const uint8_t	 h[300];
	uint8_t			 buf[400];
	struct bytes_out	 o = begin(buf, sizeof(buf), WIRE_HANDLE, id);
	uint32_t		 n = v->manner == LONG_HANDLE ? 300 : 4;

	if (v->manner == OK_TO_OPEN) {
		status(v, id, WIRE_OK);
		return;
	}
	bytes_put_u32be(&o, n);
	bytes_put(&o, h, n);
	finish(v, &o);
}

static void
attrs(struct server *v, uint32_t id)
{
	uint8_t			 buf[64];
	struct bytes_out	 o = begin(buf, sizeof(buf), WIRE_ATTRS, id);

	bytes_put_u32be(&o, 1);
	bytes_put_u64be(&o, v->manner == WRONG_SIZE ? 5 :
	    v->manner == DRIP ? DRIP_SIZE : FILE_SIZE);
	finish(v, &o);
}

static void
give_data(struct server *v, uint32_t id, struct bytes *b)
{
	static uint8_t		 buf[300000];
	struct bytes_out	 o = begin(buf, sizeof(buf), WIRE_DATA, id);
	uint64_t		 off;
	uint32_t		 n, i;

	(void)bytes_take(b, bytes_u32be(b));
	off = bytes_u64be(b);
	n = bytes_u32be(b);
	if (off >= (v->manner == EARLY_EOF ? 1000 : FILE_SIZE)) {
		status(v, id, WIRE_EOF);
		return;
	}
	if (n > FILE_SIZE - off)
		n = (uint32_t)(FILE_SIZE - off);
	if (v->manner == SHORT_READS && n > 777)
		n = 777 + 100 * (v->reads % 3);
	if (v->manner == EARLY_EOF && n > 1000 - off)
		n = (uint32_t)(1000 - off);
	if (v->manner == TOO_MUCH_DATA)
		n += 1;
	if (v->manner == NO_DATA)
		n = 0;
	v->reads++;
	bytes_put_u32be(&o, n);
	for (i = 0; i < n; i++)
		bytes_put_u8(&o, conformance_byte(5, off + i));
	finish(v, &o);
}

static void
names(struct server *v, uint32_t id)
{
	uint8_t			 buf[512];
	struct bytes_out	 o = begin(buf, sizeof(buf), WIRE_NAME, id);
	const char		*name = v->manner == BAD_NAME ? "a/b" : "abc";
	uint32_t		 i;

	if (v->lists++ > 0 && v->manner != MANY_NAMES) {
		status(v, id, v->manner == LIST_REFUSED ?
		    WIRE_PERMISSION_DENIED : WIRE_EOF);
		return;
	}
	bytes_put_u32be(&o, v->manner == CUT_NAMES ? 1000 : 3);
	for (i = 0; i < 3; i++) {
		bytes_put_u32be(&o, 3);
		bytes_put(&o, name, 3);
		bytes_put_u32be(&o, 0);
		bytes_put_u32be(&o, 4);
		bytes_put_u32be(&o, 0100400);
	}
	finish(v, &o);
}

/* Whether it may still be busy with a request of that type. */
static int
busy(const struct server *v, uint8_t type)
{
	size_t	 i;

	for (i = 0; i < v->n; i++)
		if (v->queue[(v->first + i) % QUEUE].to == type)
			return (1);
	return (0);
}

/*
 * A request for a name: not before the client has every answer that it
 * needs for it.
 */
static void
drip_link(struct server *v, const struct bytes *b)
{
	struct bytes	 c = *b;
	size_t		 i;
	uint32_t	 n = bytes_u32be(&c);

	v->extended = v->answered + v->n + 1;
	if (n != 20 || memcmp(bytes_take(&c, n), "hardlink@openssh.com", n))
		return;
	if (v->refuse == v->answered + v->n + 1)
		v->unnamed++;
	else
		v->named++;
	for (i = 0; i < v->n; i++)
		switch (v->queue[(v->first + i) % QUEUE].to) {
		case WIRE_WRITE:
		case WIRE_EXTENDED:
		case WIRE_FSTAT:
		case WIRE_CLOSE:
			v->early = 1;
		}
}

/* Refuse to open or to read, and say why or not.  Returns 1 if it does. */
static int
deny(struct server *v, uint8_t type, uint32_t id)
{
	const int	 opens = v->manner == OPEN_DENIED ||
	    v->manner == OPEN_FAILS;

	if (v->manner < OPEN_DENIED || type != (opens ? WIRE_OPEN : WIRE_READ))
		return (0);
	status(v, id, v->manner == OPEN_DENIED || v->manner == READ_DENIED ?
	    WIRE_PERMISSION_DENIED : WIRE_FAILURE);
	return (1);
}

/* The path of an OPEN that is refused. */
static void
note_path(struct server *v, struct bytes b)
{
	uint32_t	 n = bytes_u32be(&b);

	if (n < sizeof(v->refused_path) && n <= b.left) {
		memcpy(v->refused_path, bytes_take(&b, n), n);
		v->refused_path[n] = '\0';
	}
}

/* One request: what this server says to it. */
static void
serve(struct server *v, const uint8_t *p, size_t n)
{
	static const uint8_t	 huge[] = { 0x7f, 0xff, 0xff, 0xff, 101 };
	static const uint8_t	 tiny[] = { 0, 0, 0, 1, 101 };
	struct bytes		 b = bytes_of(p, n);
	uint8_t			 type = bytes_u8(&b);
	uint32_t		 id = bytes_u32be(&b);

	v->serving = type;
	if (v->manner != DRIP && type == WIRE_EXTENDED && b.left > 24 &&
	    memcmp(b.p + 4, "hardlink@openssh.com", 20) == 0) {
		v->linked = 1;
		v->serving = LINKING;
	}
	if (type == WIRE_INIT) {
		v->greeted = 1;
		greeting(v);
		return;
	}
	switch (v->manner) {
	case HUGE_PACKET:
		answer(v, huge, sizeof(huge));
		return;
	case TINY_PACKET:
		answer(v, tiny, sizeof(tiny));
		return;
	case UNKNOWN_ID:
		status(v, id + 12345, WIRE_OK);
		return;
	case ID_TWICE:
		if (type == WIRE_OPEN)
			handle(v, id);
		break;
	case WRONG_TYPE:
		attrs(v, id);
		return;
	case HANGS_UP:
		answer(v, "\0\0\0", 3);
		v->broken = 1;
		return;
	case SILENT:
	case NOISY:
		return;
	case DRIP:
		if (type == WIRE_EXTENDED)
			drip_link(v, &b);
		if (v->refuse == 0 || v->refuse != v->answered + v->n + 1)
			break;
		v->refused = type;
		if (type == WIRE_OPEN)
			note_path(v, b);
		v->refused_late = v->named > 0;
		status(v, id, WIRE_FAILURE);
		return;
	case PARALLEL:
		if (type == WIRE_CLOSE && busy(v, WIRE_EXTENDED))
			v->early = 1;
		/* The fsync of a directory, and the look at the name. */
		if (busy(v, LINKING) && (type == WIRE_EXTENDED ||
		    type == WIRE_STAT))
			v->early = 1;
		if ((type != WIRE_EXTENDED && type != WIRE_FSTAT &&
		    type != WIRE_CLOSE) || !busy(v, WIRE_WRITE))
			break;
		status(v, id, WIRE_FAILURE);
		return;
	default:
		break;
	}
	if (deny(v, type, id))
		return;
	if (type == WIRE_OPEN || type == WIRE_OPENDIR)
		handle(v, id);
	else if (type == WIRE_FSTAT)
		attrs(v, id);
	else if (type == WIRE_STAT && v->manner != FALSE_LINK &&
	    (v->linked || v->named > 0))
		attrs(v, id);
	else if (type == WIRE_STAT)
		status(v, id, WIRE_NO_SUCH_FILE);
	else if (type == WIRE_READ)
		give_data(v, id, &b);
	else if (type == WIRE_READDIR)
		names(v, id);
	else if (type == WIRE_WRITE)
		status(v, id, v->manner == WRITE_REFUSED ?
		    WIRE_PERMISSION_DENIED : WIRE_OK);
	else
		status(v, id, WIRE_OK);
}

static int
server_write(struct transport *t, const void *buf, size_t n, size_t *took,
    struct err *e)
{
	struct server	*v = (struct server *)t;
	struct bytes	 b;
	size_t		 len;

	(void)e;
	if (v->n > QUEUE / 2 || (v->manner == DEAF && v->greeted))
		return (0);
	if (n > sizeof(v->in) - v->n_in)
		n = sizeof(v->in) - v->n_in;
	memcpy(v->in + v->n_in, buf, n);
	v->n_in += n;
	*took = n;
	while (v->n_in >= 4) {
		b = bytes_of(v->in, 4);
		len = 4 + bytes_u32be(&b);
		if (v->n_in < len)
			break;
		if (!v->broken)
			serve(v, v->in + 4, len - 4);
		v->n_in -= len;
		memmove(v->in, v->in + len, v->n_in);
	}
	return (0);
}

static int
server_read(struct transport *t, void *buf, size_t n, uint64_t expect,
    size_t *got, struct err *e)
{
	struct server	*v = (struct server *)t;
	size_t		 at, i;

	(void)expect;
	if (v->manner == DRIP && v->greeted > 1) {
		if (v->n == 0 || v->let_go == 0)
			return (0);
		if (v->hang_up == v->answered + 1)
			return (err_set(e, ERR_REMOTE,
			    "h closed the connection"));
	}
	if (v->n == 0 && v->broken)
		return (err_set(e, ERR_REMOTE, "h closed the connection"));
	if (v->n == 0)
		return (0);
	/* Backwards only between whole packets. */
	at = v->manner == REVERSED || v->backwards ?
	    (v->first + v->n - 1) % QUEUE : v->first;
	if (n > v->queue[at].n - v->queue[at].done)
		n = v->queue[at].n - v->queue[at].done;
	if (v->manner == ONE_BYTE)
		n = 1;
	memcpy(buf, v->queue[at].p + v->queue[at].done, n);
	if (v->manner == FLIP)
		for (i = 0; i < n; i++)
			if (v->sent + i == v->flip / 8)
				((uint8_t *)buf)[i] ^=
				    (uint8_t)(1 << v->flip % 8);
	v->sent += n;
	v->queue[at].done += n;
	*got = n;
	if (v->queue[at].done == v->queue[at].n) {
		if (v->manner == DRIP && v->greeted++ > 1) {
			v->let_go--;
			v->answered++;
		}
		free(v->queue[at].p);
		if (at == v->first)
			v->first = (v->first + 1) % QUEUE;
		v->n--;
	}
	return (0);
}

/* Nothing moves by itself here: a wait for more is a wait too long. */
static int
server_wait(struct transport *t, int64_t deadline, struct err *e)
{
	struct server	*v = (struct server *)t;

	(void)deadline;
	(void)e;
	/* There is something to read, and then it is nothing of ours. */
	if (v->manner == NOISY || v->manner == DEAF)
		return (0);
	/* Only who has to describe a refusal may wait. */
	if (v->manner == DRIP && v->greeted > 1 && v->let_go == 0 &&
	    v->refused == 0)
		return (1);
	if (v->manner == DRIP)
		v->let_go++;
	return (v->n == 0 && !v->broken);
}

static int
server_keep(struct transport *t, struct err *e)
{
	(void)t;
	(void)e;
	return (0);
}

static void
server_free(struct transport *t)
{
	struct server	*v = (struct server *)t;

	for (; v->n > 0; v->n--) {
		free(v->queue[v->first].p);
		v->first = (v->first + 1) % QUEUE;
	}
	free(v);
}

static const struct transport_ops	 server_ops = {
	server_read, server_write, server_wait, server_keep, server_free,
	NULL
};

static struct server	*last;		/* the one connected to */

static int
connected(struct store **s, enum manner manner, size_t flip, struct err *e)
{
	struct sftp_conf	 conf = { "h", "/r", 7000, 1, 1, 0 };
	struct server		*v = calloc(1, sizeof(*v));

	assert_non_null(v);
	conf.in_order = manner != PARALLEL;
	if (manner == NOISY || manner == DEAF)
		conf.io_timeout_ms = 50;
	v->base.ops = &server_ops;
	v->manner = manner;
	v->flip = flip;
	last = v;
	if (sftp_over(s, &v->base, &conf, e))
		return (-1);
	if (manner == MANY_NAMES) {
		assert_true(((struct sftp *)*s)->names_max >= 1 << 26);
		((struct sftp *)*s)->names_max = 100000;
	}
	return (0);
}

static int
get(struct store *s, uint8_t *buf, size_t *got, struct err *e)
{
	struct store_get	*g = NULL;
	int			 rc;

	if (store_get_open(&g, s, "f", e))
		return (-1);
	rc = store_get_ask(g, 0, STORE_TO_END, e) ||
	    store_get_take(g, buf, FILE_SIZE + 10, got, e) ? -1 : 0;
	store_get_free(g);
	return (rc);
}

static int
ignore_entry(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	(void)i;
	(void)missing;
	(void)e;
	*(unsigned *)arg += en != NULL;
	return (0);
}

static int
list(struct store *s, unsigned *n, struct err *e)
{
	static const char *const	 paths[] = { "d" };

	*n = 0;
	return (store_list(s, paths, 1, ignore_entry, n, e));
}

static uint8_t	 content[FILE_SIZE + 10];

static void
test_odd_but_right(void **state)
{
	static const enum manner manners[] = { HONEST, SHORT_READS, REVERSED,
	    ONE_BYTE };
	struct store	*s = NULL;
	struct err	 e = ERR_INIT;
	size_t		 i, j, got;
	unsigned	 n;

	(void)state;
	for (i = 0; i < COUNT(manners); i++) {
		if (connected(&s, manners[i], 0, &e) ||
		    get(s, content, &got, &e))
			fail_msg("manner %d: %s", manners[i], e.msg);
		assert_int_equal(got, FILE_SIZE);
		for (j = 0; j < FILE_SIZE; j++)
			assert_int_equal(content[j], conformance_byte(5, j));
		if (conformance_put(s, "x/y", 100, FILE_SIZE, 1, &e))
			fail_msg("manner %d: %s", manners[i], e.msg);
		if (manners[i] != REVERSED) {
			if (list(s, &n, &e))
				fail_msg("manner %d: %s", manners[i], e.msg);
			assert_int_equal(n, 3);
		}
		store_free(s);
	}
}

static const struct {
	enum manner	 manner;
	char		 what;		/* get, list, put */
	enum err_kind	 kind;
	int		 broken;
	const char	*says;
} bad[] = {
	{ TOO_MUCH_DATA, 'g', ERR_REMOTE, 1, "where 261120 were asked for" },
	{ NO_DATA, 'g', ERR_REMOTE, 1, "h: SFTP: an answer of type 103" },
	{ HUGE_PACKET, 'g', ERR_REMOTE, 1, "an answer of 2147483647 bytes" },
	{ TINY_PACKET, 'g', ERR_REMOTE, 1, "an answer of 1 bytes" },
	{ UNKNOWN_ID, 'g', ERR_REMOTE, 1, "to a request never made" },
	{ ID_TWICE, 'g', ERR_REMOTE, 1, "to a request never made" },
	{ WRONG_TYPE, 'g', ERR_REMOTE, 1, "does not fit its question" },
	{ OK_TO_OPEN, 'g', ERR_REMOTE, 1, "does not fit its question" },
	{ LONG_HANDLE, 'g', ERR_REMOTE, 1, "does not fit its question" },
	{ TRAILING, 'g', ERR_REMOTE, 1, "or is damaged" },
	{ EARLY_EOF, 'g', ERR_CORRUPT, 0, "cut short at 1000 bytes" },
	{ HANGS_UP, 'g', ERR_REMOTE, 1, "h closed the connection" },
	{ SILENT, 'g', ERR_REMOTE, 1, "h did not answer for 7 s" },
	{ BAD_NAME, 'l', ERR_REMOTE, 1, "a damaged list of names" },
	{ CUT_NAMES, 'l', ERR_REMOTE, 1, "a damaged list of names" },
	{ LIST_REFUSED, 'l', ERR_REMOTE, 0, "read directory" },
	{ MANY_NAMES, 'l', ERR_REMOTE, 1, "more than 100000 names: \"d\";" },
	{ SILENT, 'l', ERR_REMOTE, 1, "did not answer" },
	{ WRONG_TYPE, 'l', ERR_REMOTE, 1, "does not fit its question" },
	{ WRITE_REFUSED, 'p', ERR_REMOTE, 0, "permission denied on h" },
	{ WRONG_SIZE, 'p', ERR_REMOTE, 0, "5 bytes on h, expected 300000" },
	{ FALSE_LINK, 'p', ERR_REMOTE, 0, "x/y: the SFTP server of h reported "
	    "success, but did not give the file this name" },
	{ SILENT, 'p', ERR_REMOTE, 1, "did not answer" },
	{ HANGS_UP, 'p', ERR_REMOTE, 1, "closed the connection" },
	{ NOISY, 'g', ERR_REMOTE, 1, "h did not answer for 1 s" },
	{ NOISY, 'p', ERR_REMOTE, 1, "did not answer" },
	{ DEAF, 'l', ERR_REMOTE, 1, "did not answer" },
	{ UNKNOWN_ID, 'p', ERR_REMOTE, 1, "to a request never made" },
	{ WRONG_TYPE, 'p', ERR_REMOTE, 1, "does not fit its question" },
};

static int
perform(struct store *s, char what, struct err *e)
{
	unsigned	 n;
	size_t		 got;

	if (what == 'g')
		return (get(s, content, &got, e));
	if (what == 'l')
		return (list(s, &n, e));
	return (conformance_put(s, "x/y", 100, FILE_SIZE, 1, e));
}

/*
 * An fsync that overtakes a write would make less durable than it says; one
 * that its file's or directory's close overtakes would fail.
 */
static void
test_parallel(void **state)
{
	static uint8_t	 buf[FILE_SIZE];
	struct store	*s = NULL;
	struct store_put *p = NULL;
	struct err	 e = ERR_INIT;

	(void)state;
	if (connected(&s, PARALLEL, 0, &e) || perform(s, 'p', &e))
		fail_msg("%s", e.msg);
	/* Nothing can be relied on to come later than a name. */
	if (store_put_open(&p, s, "x/z", 0, &e) ||
	    store_put_write(p, buf, sizeof(buf), &e) ||
	    store_put_publish(p, "", &e))
		fail_msg("%s", e.msg);
	assert_int_equal(store_put_named(p), 0);
	store_put_free(p);
	if (last->early)
		fail_msg("a request went out before the answer that it relies "
		    "on: a close, the fsync of a directory, or a look at the "
		    "name");
	store_free(s);
}

/* All that is to be sent; the open's answer is let go, no other. */
static struct store_put *
drip_end(struct store *s, const char *path, struct err *e)
{
	static uint8_t		 buf[DRIP_SIZE];
	struct store_put	*p = NULL;

	if (store_put_open(&p, s, path, 100, e))
		return (NULL);
	last->let_go = (unsigned)last->n;
	if (store_put_write(p, buf, DRIP_SIZE - 100, e) == 0 &&
	    store_put_end(p, buf, e) == 0)
		return (p);
	store_put_free(p);
	return (NULL);
}

/* Let answers go one by one; counts them.  What the last step said. */
static int
drip_through(struct store *s, struct store_put *p, unsigned *n,
    struct err *e)
{
	const unsigned	 before = last->named;
	int		 r;

	for (*n = 0; (r = store_put_step(p, e)) == 1; ++*n) {
		assert_in_range(*n, 0, 200);
		/* It is never said before the request was sent. */
		assert_true(last->refused != 0 || last->named > before ||
		    !store_put_named(p));
		last->let_go = 1;
		/* Here a wait would be a failure. */
		if (store_poll(s, e))
			return (-1);
	}
	return (r);
}

/*
 * Steps take what is there and never wait; the name is asked for when the
 * last write, the fsync, the size and the close were acknowledged.
 */
static void
test_steps(void **state)
{
	struct store		*s = NULL;
	struct store_put	*p;
	struct err		 e = ERR_INIT;
	unsigned		 i, n;
	int			 backwards;

	(void)state;
	for (backwards = 0; backwards <= 1; backwards++) {
		assert_int_equal(connected(&s, DRIP, 0, &e), 0);
		assert_non_null(p = drip_end(s, "x/y", &e));
		last->backwards = backwards;
		for (i = 0; i < 5; i++)		/* nothing comes */
			assert_int_equal(store_put_step(p, &e), 1);
		assert_int_equal(last->named, 0);
		assert_int_equal(store_put_named(p), 0);
		if (drip_through(s, p, &n, &e))
			fail_msg("%s", e.msg);
		assert_int_equal(store_put_named(p), 1);
		assert_in_range(n, 15, 40);
		assert_int_equal(last->named, 1);
		assert_int_equal(last->early, 0);
		last->let_go = 1000;
		store_put_free(p);
		store_free(s);
	}
}

/*
 * Each answer in turn a failure: no name where the data is not safe, and the
 * other object on the same connection is not concerned.
 */
static void
test_step_refused(void **state)
{
	struct store		*s = NULL;
	struct store_put	*p, *other;
	unsigned		 k, n, succeeded = 0;

	(void)state;
	for (k = 2; succeeded < 5; k++) {
		struct err	 e = ERR_INIT, oe = ERR_INIT;
		int		 r, data;

		assert_in_range(k, 2, 60);
		assert_int_equal(connected(&s, DRIP, 0, &e), 0);
		last->refuse = k;
		p = drip_end(s, "x/y", &e);
		r = p == NULL ? -1 : drip_through(s, p, &n, &e);
		data = !last->refused_late && last->unnamed == 0 &&
		    (last->refused == WIRE_WRITE ||
		    last->refused == WIRE_FSTAT ||
		    last->refused == WIRE_CLOSE ||
		    last->refused == WIRE_EXTENDED);
		/* Only the directory above the root need not be opened. */
		if (r == 0 && last->refused == WIRE_OPEN &&
		    strcmp(last->refused_path, "/") != 0)
			fail_msg("%s could not be opened, so it was not "
			    "synced, and success was reported",
			    last->refused_path);
		/* The last is the fsync above the root: no promise. */
		if ((data && last->named > 0) || (r == -1 &&
		    e.kind != ERR_REMOTE) || (r == 0 && (data ||
		    (last->refused == WIRE_EXTENDED &&
		    last->extended != k))))
			fail_msg("answer %u, to %u: %d, %s", k,
			    last->refused, r, e.msg);
		if (r == 0)
			succeeded += last->refused == 0;
		assert_int_equal(last->early, 0);
		last->refuse = 0;
		last->let_go = 1000;
		if ((other = drip_end(s, "x/z", &oe)) == NULL)
			fail_msg("answer %u, to %u: %s", k, last->refused,
			    oe.msg);
		if (drip_through(s, other, &n, &oe))
			fail_msg("answer %u: %s", k, oe.msg);
		last->let_go = 1000;
		store_put_free(other);
		store_put_free(p);
		store_free(s);
	}
}

/* The connection is lost after each answer: never a success before its time. */
static void
test_step_lost(void **state)
{
	struct store		*s = NULL;
	struct store_put	*p;
	unsigned		 k, n, all = 0;
	int			 r;

	(void)state;
	for (k = 0; all == 0 || k <= all; k++) {
		struct err	 e = ERR_INIT;

		assert_in_range(k, 0, 60);
		assert_int_equal(connected(&s, DRIP, 0, &e), 0);
		assert_non_null(p = drip_end(s, "x/y", &e));
		last->hang_up = k == 0 ? 0 : last->answered + k;
		r = drip_through(s, p, &n, &e);
		if (k == 0) {
			assert_int_equal(r, 0);
			all = n;
		} else {
			assert_int_equal(r, -1);
			assert_int_equal(n, k - 1);
			assert_string_equal(e.msg, "h closed the connection");
			err_clear(&e);
			assert_int_equal(store_put_step(p, &e), -1);
			err_clear(&e);
			assert_int_equal(store_wait(s, &e), -1);
			assert_string_equal(e.msg, "h closed the connection");
		}
		last->let_go = 1000;
		store_put_free(p);
		store_free(s);
	}
}

static void
spins(int sig)
{
	static const char	 said[] = "a get whose connection was lost "
	    "before never returned\n";

	(void)sig;
	(void)!write(STDERR_FILENO, said, sizeof(said) - 1);
	_exit(1);
}

/*
 * The connection is lost while another waits for it.  What awaits answers then
 * learns of it by its next call.
 */
static void
test_get_lost(void **state)
{
	static uint8_t		 buf[FILE_SIZE + 10];
	struct store		*s = NULL;
	struct store_get	*g;
	unsigned		 k, lost = 0;
	size_t			 n;
	int			 rc;

	(void)state;
	(void)signal(SIGALRM, spins);
	(void)alarm(60);
	for (k = 1; k == lost + 1; k++) {
		struct err	 e = ERR_INIT, after = ERR_INIT;

		assert_int_equal(connected(&s, DRIP, 0, &e), 0);
		assert_int_equal(store_get_open(&g, s, "f", &e), 0);
		assert_int_equal(store_get_ask(g, 0, STORE_TO_END, &e), 0);
		last->hang_up = last->answered + k;
		last->let_go = 1000;
		for (rc = 0; rc == 0 && !store_get_ready(g);)
			rc = store_wait(s, &e);
		lost += rc == -1;
		if (rc == -1) {
			assert_int_equal(store_get_take(g, buf, sizeof(buf),
			    &n, &after), -1);
			assert_string_equal(after.msg,
			    "h closed the connection");
		}
		store_get_free(g);
		store_free(s);
	}
	(void)alarm(0);
	assert_in_range(lost, 4, 20);	/* open, size, two reads */
}

static void
test_wrong(void **state)
{
	struct store	*s = NULL;
	size_t		 i;

	(void)state;
	for (i = 0; i < COUNT(bad); i++) {
		struct err	 e = ERR_INIT, again = ERR_INIT;

		assert_int_equal(connected(&s, bad[i].manner, 0, &e), 0);
		if (perform(s, bad[i].what, &e) != -1)
			fail_msg("case %zu: success was reported, not \"%s\"",
			    i, bad[i].says);
		if (e.kind != bad[i].kind ||
		    strstr(e.msg, bad[i].says) == NULL)
			fail_msg("case %zu: kind %d, %s", i, e.kind, e.msg);
		/* A broken connection says the same ever after. */
		if (bad[i].broken) {
			assert_int_equal(perform(s, 'l', &again), -1);
			assert_string_equal(again.msg, e.msg);
		}
		store_free(s);
	}
}

/* What a server denies is told from what it fails to do. */
static void
test_denied(void **state)
{
	static const struct {
		enum manner	 manner;
		int		 one_file;
	}		 c[] = {
		{ OPEN_DENIED, 1 }, { OPEN_FAILS, 0 },
		{ READ_DENIED, 1 }, { READ_FAILS, 0 }
	};
	struct store	*s = NULL;
	size_t		 i, got;

	(void)state;
	for (i = 0; i < COUNT(c); i++) {
		struct err	 e = ERR_INIT;

		assert_int_equal(connected(&s, c[i].manner, 0, &e), 0);
		assert_int_equal(get(s, content, &got, &e), -1);
		assert_int_equal(e.kind, ERR_REMOTE);
		if (err_of_one_file(&e) != c[i].one_file)
			fail_msg("case %zu: %s", i, e.msg);
		err_clear(&e);
		assert_false(err_of_one_file(&e));
		store_free(s);
	}
}

static void
test_greetings(void **state)
{
	struct store	*s = NULL;
	struct err	 e = ERR_INIT;

	(void)state;
	assert_int_equal(connected(&s, BAD_GREETING, 0, &e), -1);
	assert_string_equal(e.msg, "h: SFTP: damaged greeting");
	err_clear(&e);
	assert_int_equal(connected(&s, OLD_GREETING, 0, &e), -1);
	assert_string_equal(e.msg,
	    "h: SFTP: the server speaks version 2, expected 3");
	err_clear(&e);
	assert_int_equal(connected(&s, LOGIN_TEXT, 0, &e), -1);
	assert_int_equal(e.kind, ERR_REMOTE);
	if (strstr(e.msg, "h: the server sent the text \"?[1mWelcome to h, it "
	    "is a \"fine\" day\" before SFTP; ") == NULL ||
	    strstr(e.msg, ".bashrc") == NULL)
		fail_msg("%s", e.msg);
	err_clear(&e);
	assert_int_equal(connected(&s, LOGIN_NEWLINE, 0, &e), -1);
	if (strstr(e.msg, "h: the server sent bytes before SFTP; ") == NULL)
		fail_msg("%s", e.msg);
}

/* Whatever bit is wrong: an end, no overrun, and no more than was asked. */
static void
test_every_bit(void **state)
{
	static const char	 what[] = "lp";
	struct store		*s;
	size_t			 i, j;

	(void)state;
	for (j = 0; what[j] != '\0'; j++)
		for (i = 0; i < 8 * 700; i++) {
			struct err	 e = ERR_INIT;

			s = NULL;
			if (connected(&s, FLIP, i, &e))
				continue;
			if (perform(s, what[j], &e) == -1)
				assert_int_not_equal(e.kind, ERR_NONE);
			store_free(s);
		}
}

int
main(void)
{
	const struct CMUnitTest	 tests[] = {
		cmocka_unit_test(test_odd_but_right),
		cmocka_unit_test(test_parallel),
		cmocka_unit_test(test_steps),
		cmocka_unit_test(test_step_refused),
		cmocka_unit_test(test_step_lost),
		cmocka_unit_test(test_get_lost),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_denied),
		cmocka_unit_test(test_greetings),
		cmocka_unit_test(test_every_bit),
	};

	return (cmocka_run_group_tests(tests, NULL, NULL));
}
