/* SPDX-License-Identifier: ISC */
/* Asks the agents in a directory whether they are alive. */
#include <sys/socket.h>

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/alive.h"
#include "agent/message.h"
#include "agent/placedir.h"
#include "base/str.h"

#define SUFFIX	".sock"

/* No message is of one byte, so it is refused. */
static int
answers(int sock, int timeout_ms)
{
	struct pollfd	 p = { .fd = sock, .events = POLLIN };

	return (send(sock, "?", 1, MSG_NOSIGNAL) == 1 &&
	    poll(&p, 1, timeout_ms) == 1);
}

/*
 * It says so in the refusal that waits.  Nobody else can: an agent's process,
 * which has keys in it, shows its program to nobody but root.
 */
static int
is_replaced(int sock)
{
	struct message_reply	 r;
	struct err		 unused = ERR_INIT;

	return (message_receive_reply(sock, &r, &unused) == 0 &&
	    r.kind == MESSAGE_REFUSAL &&
	    strcmp(r.err.msg, ALIVE_REPLACED) == 0);
}

int
alive_am_replaced(const char *exe)
{
	static const char	 deleted[] = " (deleted)";
	const size_t		 end = sizeof(deleted) - 1;
	char			 to[PATH_MAX];
	ssize_t			 n;

	n = readlink(exe, to, sizeof(to));
	return (n > (ssize_t)end && (size_t)n < sizeof(to) &&
	    memcmp(to + (size_t)n - end, deleted, end) == 0);
}

/*
 * One that left meanwhile is none.  One that cannot be connected to, since its
 * queue is full or another user listens there, is no help to anybody.
 */
static void
ask_one(struct alive *a, int dir, const char *name, int timeout_ms)
{
	struct ucred	 who = { .pid = 0 };
	struct err	 unused = ERR_INIT;
	socklen_t	 n = sizeof(who);
	int		 sock, rc;

	if ((rc = placedir_connect(dir, name, &sock, &unused)) == 1)
		return;
	a->agents++;
	if (rc == -1) {
		a->silent++;
		return;
	}
	(void)getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &who, &n);
	if (!answers(sock, timeout_ms)) {
		if (a->silent++ == 0)
			a->pid = who.pid;
	} else if (is_replaced(sock) && a->replaced++ == 0)
		a->old = who.pid;
	(void)close(sock);		/* nothing is under way there */
}

static int
is_agent(const char *name, const char *prefix)
{
	const size_t	 n = strlen(name);

	return (str_begins(name, prefix) && n > strlen(SUFFIX) &&
	    n < PLACE_NAME + strlen(SUFFIX) &&
	    strcmp(name + n - strlen(SUFFIX), SUFFIX) == 0);
}

int
alive_ask(struct alive *a, const char *dir, const char *prefix,
    int timeout_ms, struct err *e)
{
	struct dirent	*d;
	DIR		*list;
	int		 fd, copy, rc;

	memset(a, 0, sizeof(*a));
	if ((rc = placedir_open(dir, &fd, e)) != 0)
		return (rc == 1 ? 0 : -1);
	copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (copy == -1 || (list = fdopendir(copy)) == NULL) {
		err_sys(e, ERR_LOCAL, "open directory %s", dir);
		if (copy != -1)
			(void)close(copy);
		(void)close(fd);	/* read only, both */
		return (-1);
	}
	while ((d = readdir(list)) != NULL)
		if (is_agent(d->d_name, prefix))
			ask_one(a, fd, d->d_name, timeout_ms);
	(void)closedir(list);
	(void)close(fd);
	return (0);
}
