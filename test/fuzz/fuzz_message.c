/* SPDX-License-Identifier: ISC */
/* Requests and replies at the agent's socket, from any program. */
#include <string.h>

#include "agent/message.h"

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct message_request	 req;
	struct message_reply	 rep;
	struct err		 e = ERR_INIT;

	if (message_parse_request(&req, p, n, &e) == 0 &&
	    strchr(req.target, '/') != NULL)
		__builtin_trap();
	err_clear(&e);
	if (message_parse_reply(&rep, p, n, &e) == 0 &&
	    rep.kind == MESSAGE_ANSWER &&
	    (rep.rc == -1) != (rep.err.kind != ERR_NONE))
		__builtin_trap();
	return (0);
}
