/* SPDX-License-Identifier: ISC */
/*
 * START_REPLICATION and its messages.  The server's are 'w' (WAL) and 'k'
 * (keepalive), ours is 'r' (status); see walsender.c in PostgreSQL.  Numbers
 * are big-endian, times are microseconds since 2000-01-01.
 */
#include <assert.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/parse.h"
#include "base/str.h"
#include "cluster/replslot.h"
#include "cluster/replstream.h"
#include "pg/lsn.h"

#define TIMEOUT_MS	60000
#define STATUS_LEN	34
#define EPOCH_US	INT64_C(946684800000000)	/* 2000-01-01 */

struct replstream {
	PGconn		*conn;
	uint64_t	 next;		/* position of the next byte */
	char		*buf;		/* of the message that was given */
	int		 unsent;	/* libpq holds bytes for the server */
	int		 ended;
	uint32_t	 next_tli;	/* known already when it started */
	uint64_t	 next_lsn;
};

/* The server's refusal, or why the connection broke. */
static int
failed(PGconn *c, const PGresult *res, enum replstream_why *why,
    struct err *e)
{
	static const struct {
		const char		*state;
		enum replstream_why	 why;
	} known[] = {
		{ "55006", REPLSTREAM_BUSY }, { "42704", REPLSTREAM_MISSING },
		{ "55000", REPLSTREAM_INVALID }, { "58P01", REPLSTREAM_REMOVED }
	};
	const char	*state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char	*said = PQresultErrorField(res,
	    PG_DIAG_MESSAGE_PRIMARY);
	char		 line[512];
	size_t		 i;

	*why = REPLSTREAM_OTHER;
	for (i = 0; state != NULL && i < 4; i++)
		if (strcmp(state, known[i].state) == 0)
			*why = known[i].why;
	if (said == NULL)
		said = PQerrorMessage(c);
	str_clean(line, sizeof(line), said, strcspn(said, "\r\n"));
	return (err_set(e, ERR_PG, "streaming from PostgreSQL: %s",
	    line[0] != '\0' ? line : "the connection was closed"));
}

/* The next result, NULL at the end, within a minute. */
static int
result(PGconn *c, PGresult **res, struct err *e)
{
	const int64_t	 end = clock_mono_ms() + TIMEOUT_MS;
	struct pollfd	 p = { .fd = PQsocket(c) };
	enum replstream_why unused;
	int64_t		 left;
	int		 more;

	while ((more = PQflush(c)) == 1 || PQisBusy(c)) {
		if ((left = end - clock_mono_ms()) <= 0)
			return (err_set(e, ERR_PG, "streaming from PostgreSQL: "
			    "no answer for %d s", TIMEOUT_MS / 1000));
		p.events = (short)(more == 1 ? POLLIN | POLLOUT : POLLIN);
		(void)poll(&p, 1, (int)left);
		if (PQconsumeInput(c) == 0)
			return (failed(c, NULL, &unused, e));
	}
	*res = PQgetResult(c);
	return (0);
}

/* The row behind a timeline's last byte: what follows, and from where. */
static int
follows(struct replstream *r, const PGresult *res, struct err *e)
{
	struct err	 why = ERR_INIT;
	uint64_t	 tli;

	if (PQntuples(res) != 1 || PQnfields(res) != 2 ||
	    parse_u64(PQgetvalue(res, 0, 0), 1, UINT32_MAX, &tli, "", &why) ||
	    lsn_parse(PQgetvalue(res, 0, 1), &r->next_lsn, &why))
		return (err_set(e, ERR_PG, "streaming from PostgreSQL: found "
		    "no valid timeline behind the end of this one"));
	r->next_tli = (uint32_t)tli;
	return (0);
}

/*
 * All results up to the end of the command.  With "over" the server ends, and
 * may be gone before the last.
 */
static int
conclude(struct replstream *r, PGresult *res, int over,
    enum replstream_why *why, struct err *e)
{
	struct err	 gone = ERR_INIT;
	int		 rc = 0;

	while (rc == 0 && res != NULL) {
		switch (PQresultStatus(res)) {
		case PGRES_TUPLES_OK:
			rc = follows(r, res, e);
			break;
		case PGRES_COMMAND_OK:
			break;
		default:
			rc = failed(r->conn, res, why, e);
		}
		PQclear(res);
		res = NULL;
		if (rc == 0 && over && result(r->conn, &res, &gone))
			break;
		if (rc == 0 && !over)
			rc = result(r->conn, &res, e);
	}
	PQclear(res);
	r->ended = 1;
	return (rc);
}

int
replstream_start(struct replstream **out, enum replstream_why *why,
    struct sql *sql, const struct replstream_spec *spec, struct err *e)
{
	PGconn			*c = sql_conn(sql);
	struct replstream	*r;
	PGresult		*res = NULL;
	char			 text[192], lsn[LSN_TEXT];

	assert(replslot_ok(spec->slot));
	*why = REPLSTREAM_OTHER;
	if (str_fmt(text, sizeof(text), e, "START_REPLICATION SLOT %s "
	    "PHYSICAL %s TIMELINE %" PRIu32, spec->slot,
	    lsn_format(lsn, spec->lsn), spec->tli))
		return (-1);
	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (err_sys(e, ERR_LOCAL, "streaming from PostgreSQL"));
	r->conn = c;
	r->next = spec->lsn;
	if (PQsetnonblocking(c, 1) == -1 || PQsendQuery(c, text) == 0) {
		failed(c, NULL, why, e);
		goto fail;
	}
	if (result(c, &res, e))
		goto fail;
	if (PQresultStatus(res) == PGRES_COPY_BOTH)
		PQclear(res);
	else if (conclude(r, res, 0, why, e))
		goto fail;		/* it has cleared the result */
	*out = r;
	return (0);
fail:
	replstream_free(r);
	return (-1);
}

void
replstream_free(struct replstream *r)
{
	if (r == NULL)
		return;
	PQfreemem(r->buf);
	free(r);
}

/* The server sends no more of this timeline: agree, and ask why. */
static int
end(struct replstream *r, struct replstream_message *m,
    enum replstream_why *why, struct err *e)
{
	PGresult	*res = NULL;
	struct err	 gone = ERR_INIT;
	int		 over;

	if (!r->ended) {
		/*
		 * A server that ends has concluded the command by itself, so
		 * there is nothing to agree to; it may be gone already.
		 */
		over = PQputCopyEnd(r->conn, NULL) == -1;
		if (result(r->conn, &res, &gone)) {
			if (!over)
				return (err_set(e, gone.kind, "%s", gone.msg));
			r->ended = 1;
		} else if (conclude(r, res, over, why, e))
			return (-1);
	}
	m->what = r->next_tli != 0 ? REPLSTREAM_TIMELINE : REPLSTREAM_SHUTDOWN;
	m->next_tli = r->next_tli;
	m->next_lsn = r->next_lsn;
	return (0);
}

static int
parse(struct replstream *r, size_t n, struct replstream_message *m,
    struct err *e)
{
	struct bytes	 b = bytes_of(r->buf, n);
	char		 want[LSN_TEXT], got[LSN_TEXT];
	const uint8_t	 kind = bytes_u8(&b);

	if (kind == 'w') {
		m->what = REPLSTREAM_WAL;
		m->lsn = bytes_u64be(&b);
		m->server_end = bytes_u64be(&b);
		(void)bytes_u64be(&b);
		m->data = b.p;
		m->n = b.left;
		if (b.bad || b.left == 0)
			return (err_set(e, ERR_PG, "PostgreSQL sent WAL of no "
			    "bytes"));
		if (m->lsn != r->next || m->n > UINT64_MAX - m->lsn)
			return (err_set(e, ERR_PG, "PostgreSQL sent WAL from "
			    "%s, expected %s", lsn_format(got, m->lsn),
			    lsn_format(want, r->next)));
		r->next += m->n;
		return (0);
	}
	if (kind == 'k') {
		m->what = REPLSTREAM_KEEPALIVE;
		m->server_end = bytes_u64be(&b);
		(void)bytes_u64be(&b);
		m->reply = bytes_u8(&b) != 0;
		if (bytes_ok(&b))
			return (0);
	}
	return (err_set(e, ERR_PG, "PostgreSQL sent a message that is not "
	    "known (kind %u, %zu bytes)", kind, n));
}

int
replstream_next(struct replstream *r, struct replstream_message *m,
    enum replstream_why *why, struct err *e)
{
	PGresult	*res = NULL;
	int		 len;

	PQfreemem(r->buf);
	r->buf = NULL;
	memset(m, 0, sizeof(*m));
	*why = REPLSTREAM_OTHER;
	if (r->ended)
		return (end(r, m, why, e));
	if ((len = PQgetCopyData(r->conn, &r->buf, 1)) == 0) {
		if (PQconsumeInput(r->conn) == 0)
			return (failed(r->conn, NULL, why, e));
		len = PQgetCopyData(r->conn, &r->buf, 1);
	}
	if (len > 0)
		return (parse(r, (size_t)len, m, e));
	if (len == 0)
		return (0);
	if (len == -1)
		return (end(r, m, why, e));
	if (result(r->conn, &res, e))
		return (-1);
	failed(r->conn, res, why, e);
	PQclear(res);
	return (-1);
}

static uint8_t *
put64(uint8_t *p, uint64_t v)
{
	int	 i;

	for (i = 56; i >= 0; i -= 8)
		*p++ = (uint8_t)(v >> i);
	return (p);
}

int
replstream_status(struct replstream *r, uint64_t lsn, struct err *e)
{
	uint8_t			 buf[STATUS_LEN] = { 'r' }, *p = buf + 1;

	if (r->ended)
		return (0);
	p = put64(p, lsn);		/* written */
	p = put64(p, lsn);		/* flushed */
	p = put64(p, lsn);		/* applied: never behind, or commits
					   with remote_apply wait for ever */
	p = put64(p, (uint64_t)(clock_now_us() - EPOCH_US));
	*p = 0;				/* no answer is wanted */
	/*
	 * A server that has ended its side takes no more; what it said is seen
	 * when it is read, and so is why a connection broke.
	 */
	switch (PQputCopyData(r->conn, (const char *)buf, STATUS_LEN)) {
	case 0:
		return (err_set(e, ERR_LOCAL, "streaming from PostgreSQL: no "
		    "memory for a status"));
	case 1:
		(void)replstream_events(r);
		break;
	default:
		break;
	}
	return (0);
}

int
replstream_fd(const struct replstream *r)
{
	return (PQsocket(r->conn));
}

short
replstream_events(struct replstream *r)
{
	/* A failure is seen when the answer is read. */
	r->unsent = PQflush(r->conn) == 1;
	return ((short)(r->unsent ? POLLIN | POLLOUT : POLLIN));
}
