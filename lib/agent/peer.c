/* SPDX-License-Identifier: ISC */
/* Which user's process is at the other end of a socket. */
#include <sys/socket.h>

#include <unistd.h>

#include "agent/peer.h"

int
peer_check(int sock, const char *name, struct err *e)
{
	struct ucred	 who;
	socklen_t	 n = sizeof(who);

	if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &who, &n) == -1)
		return (err_sys(e, ERR_LOCAL, "look up the user at %s", name));
	if (who.uid != geteuid())
		return (err_set(e, ERR_LOCAL, "%s: the other process runs "
		    "as uid %lu, expected uid %lu", name,
		    (unsigned long)who.uid, (unsigned long)geteuid()));
	return (0);
}
