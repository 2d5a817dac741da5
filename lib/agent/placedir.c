/* SPDX-License-Identifier: ISC */
/* The directory in which agents listen, and the sockets in it. */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "agent/peer.h"
#include "agent/placedir.h"

#define BACKLOG		128

static int
is_ours(const struct stat *st)
{
	return (st->st_uid == geteuid());
}

/* Nobody else may be able to put a socket here: it would get WAL to read. */
static int
check_dir(int fd, const char *dir, struct err *e)
{
	struct stat	 st;

	if (fstat(fd, &st) == -1)
		return (err_sys(e, ERR_LOCAL, "stat %s", dir));
	if (!is_ours(&st) || (st.st_mode & 0777) != 0700)
		return (err_set(e, ERR_LOCAL, "%s: is owned by uid %lu with "
		    "mode %03o, expected uid %lu and mode 700", dir,
		    (unsigned long)st.st_uid, (unsigned)(st.st_mode & 0777),
		    (unsigned long)geteuid()));
	return (0);
}

int
placedir_open(const char *dir, int *out, struct err *e)
{
	int	 fd;

	fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd == -1 && errno == ENOENT)
		return (1);
	if (fd == -1)
		return (err_sys(e, ERR_LOCAL, "open directory %s", dir));
	if (check_dir(fd, dir, e) == -1) {
		(void)close(fd);	/* read only */
		return (-1);
	}
	*out = fd;
	return (0);
}

int
placedir_make(const char *dir, int *out, struct err *e)
{
	int	 rc;

	if ((rc = placedir_open(dir, out, e)) != 1)
		return (rc);
	if (mkdir(dir, 0700) == -1 && errno != EEXIST)
		return (err_sys(e, ERR_LOCAL, "create directory %s", dir));
	if ((rc = placedir_open(dir, out, e)) == 1)
		return (err_set(e, ERR_LOCAL, "%s: disappeared when it had "
		    "just been made", dir));
	return (rc);
}

/*
 * Call bind(2) or connect(2) for a name in the directory "dir".  Neither takes
 * a directory's descriptor, nor a path of more than 107 bytes, so go there and
 * come back.  Returns what the call returned, with its errno; or -2, with *e
 * set, if it was not made or there was no way back.
 */
static int
call_in(int dir, int (*call)(int, const struct sockaddr *, socklen_t),
    int sock, const char *name, struct err *e)
{
	struct sockaddr_un	 a = { .sun_family = AF_UNIX };
	int			 here, rc, saved;

	assert(strlen(name) < sizeof(a.sun_path));
	(void)stpcpy(a.sun_path, name);
	if ((here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC)) == -1) {
		err_sys(e, ERR_LOCAL, "open the working directory");
		return (-2);
	}
	if (fchdir(dir) == -1) {
		err_sys(e, ERR_LOCAL, "change to the sockets' directory");
		(void)close(here);
		return (-2);
	}
	rc = call(sock, (const struct sockaddr *)&a, sizeof(a));
	saved = errno;
	if (fchdir(here) == -1) {
		err_sys(e, ERR_LOCAL, "return to the working directory");
		rc = -2;
	}
	(void)close(here);		/* O_PATH: nothing to lose */
	errno = saved;
	return (rc);
}

static int
bind_call(int sock, const struct sockaddr *a, socklen_t n)
{
	return (bind(sock, a, n));
}

static int
connect_call(int sock, const struct sockaddr *a, socklen_t n)
{
	return (connect(sock, a, n));
}

static int
new_socket(int *out, struct err *e)
{
	/* Not blocking: if the queue is full the agent hangs; do not wait. */
	*out = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	return (*out == -1 ? err_sys(e, ERR_LOCAL, "make a socket") : 0);
}

int
placedir_connect(int dir, const char *name, int *out, struct err *e)
{
	int	 sock, rc;

	if (new_socket(&sock, e) == -1)
		return (-1);
	rc = call_in(dir, connect_call, sock, name, e);
	/* ECONNREFUSED: the name is left of an agent that was killed. */
	if (rc == -1 && (errno == ENOENT || errno == ECONNREFUSED))
		rc = 1;
	else if (rc == -1 && errno == EAGAIN)
		err_set(e, ERR_LOCAL, "%s: too many clients wait "
		    "for a connection", name);
	else if (rc == -1)
		err_sys(e, ERR_LOCAL, "connect to %s", name);
	else if (rc == 0)
		rc = peer_check(sock, name, e);
	if (rc != 0) {
		(void)close(sock);	/* nothing was sent */
		return (rc == 1 ? 1 : -1);
	}
	*out = sock;
	return (0);
}

int
placedir_drop(int dir, const char *name, struct err *e)
{
	struct stat	 st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == -1) {
		if (errno == ENOENT)
			return (0);
		return (err_sys(e, ERR_LOCAL, "stat %s", name));
	}
	if (!S_ISSOCK(st.st_mode) || !is_ours(&st))
		return (err_set(e, ERR_LOCAL, "%s: is not a socket owned by "
		    "uid %lu; remove it", name,
		    (unsigned long)geteuid()));
	if (unlinkat(dir, name, 0) == -1)
		return (err_sys(e, ERR_LOCAL, "remove %s", name));
	return (0);
}

int
placedir_listen(int dir, const char *name, int *out, struct err *e)
{
	int	 sock, rc;

	if (placedir_drop(dir, name, e) == -1 || new_socket(&sock, e) == -1)
		return (-1);
	rc = call_in(dir, bind_call, sock, name, e);
	if (rc == -1)
		err_sys(e, ERR_LOCAL, "create %s", name);
	if (rc == 0 && (rc = listen(sock, BACKLOG)) == -1)
		err_sys(e, ERR_LOCAL, "listen at %s", name);
	if (rc != 0) {
		(void)close(sock);
		return (-1);
	}
	*out = sock;
	return (0);
}

/* The kernel notes at each listen(2) who calls it (SO_PEERCRED, unix(7)). */
int
placedir_own(int sock, struct err *e)
{
	return (listen(sock, BACKLOG) == -1 ? err_sys(e, ERR_LOCAL,
	    "listen") : 0);
}
