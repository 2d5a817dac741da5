/* SPDX-License-Identifier: ISC */
/*
 * One READ, and what the server's answer to it may mean: fewer bytes than
 * requested (request the rest), the end of the file, or a refusal.  Anything
 * else violates the protocol and ends the connection.
 */
#include <string.h>

#include "store/sftp_piece.h"

#define READ_LEAST	((size_t)4 << 10)	/* never request less */

/*
 * A server that answers with "n" bytes where more were requested and followed
 * has a limit: request no more than that from now on, since each rest costs
 * a round trip.
 */
static void
learn(struct sftp *c, size_t n)
{
	if (n < READ_LEAST)
		n = READ_LEAST;
	if (n < c->read_len)
		c->read_len = n;
}

static int
on_read(void *arg, uint8_t type, struct bytes *b, struct err *e)
{
	struct sftp_piece	*p = arg;
	struct wire_status	 st;
	const uint8_t		*data;
	size_t			 n;

	p->waiting = 0;
	request_expect(p->c->r, -(int64_t)(p->len - p->got));
	if (type == WIRE_STATUS) {
		if (wire_get_status(b, &st) || st.code == WIRE_OK)
			return (err_set(e, ERR_REMOTE,
			    "a bad status for a read"));
		if (st.code == WIRE_EOF)
			p->end = 1;
		else if (p->failed->code == WIRE_OK)
			*p->failed = st;
		return (0);
	}
	if (type != WIRE_DATA || wire_get_data(b, &data, &n))
		return (err_set(e, ERR_REMOTE, "an answer of type %u to a "
		    "read, or damaged", type));
	/* More than requested would overrun the piece. */
	if (n > p->len - p->got)
		return (err_set(e, ERR_REMOTE, "%zu bytes where %zu were "
		    "asked for", n, p->len - p->got));
	/* These bytes are a rest, so the answer before was short. */
	if (p->got > 0)
		learn(p->c, p->got);
	memcpy(p->data + p->got, data, n);
	p->got += n;
	return (0);
}

int
sftp_piece_ask(struct sftp_piece *p, struct err *e)
{
	uint8_t			 buf[WIRE_HEAD + 4 + WIRE_HANDLEMAX + 12];
	struct bytes_out	 o;

	wire_begin(&o, buf, sizeof(buf), WIRE_READ);
	wire_put_handle(&o, p->handle);
	bytes_put_u64be(&o, p->off + p->got);
	bytes_put_u32be(&o, (uint32_t)(p->len - p->got));
	p->waiting = 1;
	request_expect(p->c->r, (int64_t)(p->len - p->got));
	return (request_send(p->c->r, o.p, o.n, on_read, p, e));
}
