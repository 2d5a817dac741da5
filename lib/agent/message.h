/* SPDX-License-Identifier: ISC */
#ifndef AGENT_MESSAGE_H
#define AGENT_MESSAGE_H

#include <stddef.h>

#include "base/err.h"
#include "pg/walname.h"

/*
 * What a program and its agent send each other: one request, then any number
 * of replies; the last one decides.  A message is one packet of a
 * SOCK_SEQPACKET socket (unix(7)) of at most MESSAGE_MAX bytes.
 *
 * A descriptor comes with each request (SCM_RIGHTS).  For MESSAGE_PUSH it is
 * the WAL file, open for reading; for MESSAGE_FETCH it is the directory in
 * which "target" is to appear.  So paths, and the directory in which the agent
 * runs, do not matter.
 *
 * Whoever makes the connection checks that the other end runs as the same
 * user.  What it sends is checked all the same.
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
	char		 target[MESSAGE_TARGET]; /* no slash; "" for PUSH */
	int		 fd;		/* borrowed when sent, owned by the
					   receiver when received */
};

enum message_kind {
	MESSAGE_BUSY = 1,	/* the agent is at work; wait on */
	MESSAGE_NOTE,		/* a line for the log, in err.msg */
	MESSAGE_ANSWER,		/* the result of the work, in rc and err */
	MESSAGE_REFUSAL		/* the caller is to do the work itself;
				   err.msg says why */
};

struct message_reply {
	enum message_kind kind;
	int		 rc;		/* 0, 1, 2 or -1: 1 is "absent",
					   2 "absent, but streamed" */
	struct err	 err;
};

/*
 * Send a message, without waiting.  ERR_LOCAL if the other end is gone or its
 * buffer is full.  ERR_CORRUPT for a message that the receiver would refuse,
 * which is a bug of ours.
 */
int	 message_send_request(int sock, const struct message_request *r,
	    struct err *e) __attribute__((warn_unused_result, nonnull));
int	 message_send_reply(int sock, const struct message_reply *r,
	    struct err *e) __attribute__((warn_unused_result, nonnull));

/*
 * Receive the next message; wait for it if the socket blocks.  Returns 0; 1
 * if the other end closed the connection; or -1: ERR_LOCAL if the socket
 * failed, or this process has too many open files for the descriptor;
 * ERR_CORRUPT for a packet that is not a valid message.  Unless it returns 0,
 * no descriptor is left open.
 */
int	 message_receive_request(int sock, struct message_request *r,
	    struct err *e) __attribute__((warn_unused_result, nonnull));
int	 message_receive_reply(int sock, struct message_reply *r,
	    struct err *e) __attribute__((warn_unused_result, nonnull));

/*
 * Read a packet of "n" bytes at "p".  The "fd" of a request is set to -1.
 * ERR_CORRUPT for a packet that is not a valid message.
 */
int	 message_parse_request(struct message_request *r, const void *p,
	    size_t n, struct err *e)
	    __attribute__((warn_unused_result, nonnull));
int	 message_parse_reply(struct message_reply *r, const void *p, size_t n,
	    struct err *e) __attribute__((warn_unused_result, nonnull));

#endif /* AGENT_MESSAGE_H */
