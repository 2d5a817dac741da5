/* SPDX-License-Identifier: ISC */
#ifndef AGENT_MESSAGE_H
#define AGENT_MESSAGE_H

#include <stddef.h>

#include "base/err.h"
#include "pg/walname.h"

/*
 * What a program and its agent say to each other: one request, then any
 * number of replies of which the last decides.  A message is one packet of a
 * SOCK_SEQPACKET socket (unix(7)), at most MESSAGE_MAX bytes.
 *
 * The descriptor that comes with a request (SCM_RIGHTS) says what is meant
 * whatever the path was and wherever the agent is: for MESSAGE_PUSH the WAL
 * file, open for reading; for MESSAGE_FETCH the directory in which "target"
 * is to appear.
 *
 * The other end is the same program of the same user, checked by whoever
 * made the connection; what it sends is checked all the same.
 */
#define MESSAGE_MAX	4096
#define MESSAGE_TARGET	256		/* of a file's name, with its NUL */

enum message_verb {
	MESSAGE_PUSH = 1,
	MESSAGE_FETCH
};

struct message_request {
	enum message_verb verb;
	char		 name[WALNAME_TEXT];	/* a WAL file's name */
	char		 target[MESSAGE_TARGET];	/* no slash; FETCH only */
	int		 fd;		/* borrowed when sent, owned by the
					   receiver when received */
};

enum message_kind {
	MESSAGE_BUSY = 1,	/* at work: wait on */
	MESSAGE_NOTE,		/* a line for the log; err.msg */
	MESSAGE_ANSWER,		/* rc and err: the function's result */
	MESSAGE_REFUSAL		/* do it yourself; err.msg says why */
};

struct message_reply {
	enum message_kind kind;
	int		 rc;		/* 0, 1 or -1 */
	struct err	 err;
};

/*
 * Never waits: ERR_LOCAL if the other end is gone or takes nothing.
 * ERR_CORRUPT for what the receiver would not take, so a bug of ours.
 */
int	 message_send_request(int sock, const struct message_request *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 message_send_reply(int sock, const struct message_reply *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Receive the message that is there.  Returns 0, 1 if the other end closed
 * the connection, or -1: ERR_LOCAL for the socket or a descriptor that did
 * not fit in our table, ERR_CORRUPT for a message that is none.  Nothing is
 * left open then.
 */
int	 message_receive_request(int sock, struct message_request *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 message_receive_reply(int sock, struct message_reply *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * What a packet says, without its descriptor: "fd" is -1.  ERR_CORRUPT for a
 * packet that is none.
 */
int	 message_parse_request(struct message_request *, const void *, size_t,
	    struct err *) __attribute__((warn_unused_result, nonnull));
int	 message_parse_reply(struct message_reply *, const void *, size_t,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* AGENT_MESSAGE_H */
