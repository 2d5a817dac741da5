/* SPDX-License-Identifier: ISC */
/* The folder in which agents listen: who may, and who does. */
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/place.h"
#include "base/str.h"

#define SOCK_SUFFIX	".sock"
#define LOCK_SUFFIX	".lock"
#define FILE_NAME	(PLACE_NAME + 8)
#define BACKLOG		128
#define LOCK_TRIES	10

_Static_assert(FILE_NAME <= sizeof(((struct sockaddr_un *)0)->sun_path),
    "a socket's name fits in its address");

static int
name_of(char buf[FILE_NAME], const struct place *p, const char *suffix,
    struct err *e)
{
	return (str_fmt(buf, FILE_NAME, e, "%s%s", p->name, suffix));
}

static int
is_ours(const struct stat *st)
{
	return (st->st_uid == geteuid());
}

/* What is in here is trusted, so nobody else may put anything here. */
static int
check_dir(int fd, const char *dir, struct err *e)
{
	struct stat	 st;

	if (fstat(fd, &st) == -1)
		return (err_sys(e, ERR_LOCAL, "stat %s", dir));
	if (!is_ours(&st) || (st.st_mode & 0777) != 0700)
		return (err_set(e, ERR_LOCAL, "%s: found a directory of user "
		    "%lu with mode %03o, expected one of user %lu with mode "
		    "700", dir, (unsigned long)st.st_uid,
		    (unsigned)(st.st_mode & 0777), (unsigned long)geteuid()));
	return (0);
}

/* Returns 0 with the folder, 1 if there is none, or -1. */
static int
open_dir(const char *dir, int *out, struct err *e)
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

static int
make_dir(const char *dir, int *out, struct err *e)
{
	int	 rc;

	if ((rc = open_dir(dir, out, e)) != 1)
		return (rc);
	if (mkdir(dir, 0700) == -1 && errno != EEXIST)
		return (err_sys(e, ERR_LOCAL, "create directory %s", dir));
	if ((rc = open_dir(dir, out, e)) == 1)
		return (err_set(e, ERR_LOCAL, "%s: vanished", dir));
	return (rc);
}

/*
 * Have the kernel look at an address of the folder "dir": bind(2) and
 * connect(2) take no folder and no long path.  Returns what the call did,
 * with its errno; -2 if it was not made or we did not get back.
 */
static int
call_in(int dir, int (*call)(int, const struct sockaddr *, socklen_t),
    int sock, const char *name, struct err *e)
{
	struct sockaddr_un	 a = { .sun_family = AF_UNIX };
	int			 here, rc, saved;

	(void)stpcpy(a.sun_path, name);
	if ((here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC)) == -1) {
		err_sys(e, ERR_LOCAL, "open the working directory");
		return (-2);
	}
	if (fchdir(dir) == -1) {
		err_sys(e, ERR_LOCAL, "enter the folder of sockets");
		(void)close(here);
		return (-2);
	}
	rc = call(sock, (const struct sockaddr *)&a, sizeof(a));
	saved = errno;
	if (fchdir(here) == -1) {
		err_sys(e, ERR_LOCAL, "return to the working directory");
		rc = -2;
	}
	(void)close(here);		/* a place, not a file */
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
	/* Not blocking: a queue that is full is an agent that hangs. */
	*out = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    0);
	return (*out == -1 ? err_sys(e, ERR_LOCAL, "make a socket") : 0);
}

static int
check_peer(int sock, const char *name, struct err *e)
{
	struct ucred	 who;
	socklen_t	 n = sizeof(who);

	if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &who, &n) == -1)
		return (err_sys(e, ERR_LOCAL, "ask who is at %s", name));
	if (who.uid != geteuid())
		return (err_set(e, ERR_LOCAL, "%s: found user %lu at the "
		    "other end, expected user %lu", name,
		    (unsigned long)who.uid, (unsigned long)geteuid()));
	return (0);
}

/* Returns as place_connect(). */
static int
connect_to(int dir, const char *name, int *out, struct err *e)
{
	int	 sock, rc;

	if (new_socket(&sock, e) == -1)
		return (-1);
	rc = call_in(dir, connect_call, sock, name, e);
	if (rc == -1 && (errno == ENOENT || errno == ECONNREFUSED))
		rc = 1;
	else if (rc == -1 && errno == EAGAIN)
		err_set(e, ERR_LOCAL, "%s: takes no connections", name);
	else if (rc == -1)
		err_sys(e, ERR_LOCAL, "connect to %s", name);
	else if (rc == 0)
		rc = check_peer(sock, name, e);
	if (rc != 0) {
		(void)close(sock);	/* nothing was said */
		return (rc == 1 ? 1 : -1);
	}
	*out = sock;
	return (0);
}

int
place_connect(const struct place *p, int *sock, struct err *e)
{
	char	 name[FILE_NAME];
	int	 dir, rc;

	if (name_of(name, p, SOCK_SUFFIX, e) == -1)
		return (-1);
	if ((rc = open_dir(p->dir, &dir, e)) != 0)
		return (rc);
	if ((rc = connect_to(dir, name, sock, e)) == -1)
		err_ctx(e, "%s", p->dir);
	(void)close(dir);		/* read only */
	return (rc);
}

/* Whether "fd" is still what has that name. */
static int
is_named(int dir, const char *name, int fd)
{
	struct stat	 a, b;

	return (fstat(fd, &a) == 0 &&
	    fstatat(dir, name, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino);
}

static int
open_lock(int dir, const char *name, int flags, int *out, struct err *e)
{
	struct stat	 st;
	int		 fd;

	fd = openat(dir, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC |
	    flags, 0600);
	if (fd == -1)
		return (err_sys(e, ERR_LOCAL, "open %s", name));
	if (fstat(fd, &st) == -1) {
		err_sys(e, ERR_LOCAL, "stat %s", name);
	} else if (!S_ISREG(st.st_mode) || !is_ours(&st)) {
		err_set(e, ERR_LOCAL, "%s: found something else than a file "
		    "of user %lu; remove it", name, (unsigned long)geteuid());
	} else {
		*out = fd;
		return (0);
	}
	(void)close(fd);		/* nothing was written */
	return (-1);
}

/* As take_lock(), or 2 if what we locked is no longer the lock. */
static int
try_lock(int dir, const char *name, int flags, int *out, struct err *e)
{
	int	 fd = -1, rc;

	if (open_lock(dir, name, flags, &fd, e) == -1)
		return (-1);
	do
		rc = flock(fd, LOCK_EX | LOCK_NB);
	while (rc == -1 && errno == EINTR);
	if (rc == -1)
		rc = errno == EWOULDBLOCK ? 1 :
		    err_sys(e, ERR_LOCAL, "lock %s", name);
	else if (!is_named(dir, name, fd))
		rc = 2;
	if (rc != 0)
		(void)close(fd);	/* nothing was written */
	else
		*out = fd;
	return (rc);
}

/*
 * Returns 0, 1 if another holds it, or -1.  The holder removes the file when
 * it leaves, so what we opened may be locked, but no longer the lock.
 */
static int
take_lock(int dir, const char *name, int flags, int *out, struct err *e)
{
	int	 rc = 2, i;

	for (i = 0; rc == 2 && i < LOCK_TRIES; i++)
		rc = try_lock(dir, name, flags, out, e);
	return (rc == 2 ? 1 : rc);
}

/* The lock is held, so nobody listens there. */
static int
drop_socket(int dir, const char *name, struct err *e)
{
	struct stat	 st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == -1) {
		if (errno == ENOENT)
			return (0);
		return (err_sys(e, ERR_LOCAL, "stat %s", name));
	}
	if (!S_ISSOCK(st.st_mode) || !is_ours(&st))
		return (err_set(e, ERR_LOCAL, "%s: found something else than "
		    "a socket of user %lu; remove it", name,
		    (unsigned long)geteuid()));
	if (unlinkat(dir, name, 0) == -1)
		return (err_sys(e, ERR_LOCAL, "remove %s", name));
	return (0);
}

/* An agent that was killed left lock and socket behind. */
static void
sweep_one(int dir, const char *lock_name)
{
	struct err	 unused = ERR_INIT;
	size_t		 n = strlen(lock_name) - strlen(LOCK_SUFFIX);
	char		 name[FILE_NAME];
	int		 lock;

	if (n >= PLACE_NAME || take_lock(dir, lock_name, 0, &lock,
	    &unused) != 0)
		return;
	memcpy(name, lock_name, n);
	(void)stpcpy(name + n, SOCK_SUFFIX);
	if (drop_socket(dir, name, &unused) == 0)
		(void)unlinkat(dir, lock_name, 0);	/* or next time */
	(void)close(lock);
}

static void
sweep(int dir, const char *mine)
{
	struct dirent	*d;
	const char	*suffix;
	DIR		*list;
	int		 fd;

	fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1 || (list = fdopendir(fd)) == NULL) {
		if (fd != -1)
			(void)close(fd);
		return;			/* nobody waits for this */
	}
	while ((d = readdir(list)) != NULL) {
		suffix = strrchr(d->d_name, '.');
		if (suffix != NULL && strcmp(suffix, LOCK_SUFFIX) == 0 &&
		    strcmp(d->d_name, mine) != 0)
			sweep_one(dir, d->d_name);
	}
	(void)closedir(list);
}

static int
listen_at(int dir, const char *name, int *out, struct err *e)
{
	int	 sock, rc;

	if (drop_socket(dir, name, e) == -1 || new_socket(&sock, e) == -1)
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

static int
take_in(int dir, const struct place *p, int *lock, int *listening,
    struct err *e)
{
	char	 sock_name[FILE_NAME], lock_name[FILE_NAME];
	int	 rc;

	if (name_of(sock_name, p, SOCK_SUFFIX, e) ||
	    name_of(lock_name, p, LOCK_SUFFIX, e))
		return (-1);
	if ((rc = take_lock(dir, lock_name, O_CREAT, lock, e)) != 0)
		return (rc);
	if (listen_at(dir, sock_name, listening, e) == -1) {
		(void)unlinkat(dir, lock_name, 0);	/* or the next one */
		(void)close(*lock);
		return (-1);
	}
	sweep(dir, lock_name);
	return (0);
}

int
place_take(const struct place *p, int *lock, int *listening, struct err *e)
{
	int	 dir, rc;

	if (make_dir(p->dir, &dir, e) == -1)
		return (-1);
	if ((rc = take_in(dir, p, lock, listening, e)) == -1)
		err_ctx(e, "%s", p->dir);
	(void)close(dir);		/* read only */
	return (rc);
}

int
place_check(const struct place *p, int listening, struct err *e)
{
	struct sockaddr_un	 a = { .sun_family = AF_UNSPEC };
	socklen_t		 n = sizeof(a);
	char			 name[FILE_NAME];
	char			 found[sizeof(a.sun_path) + 1];

	if (name_of(name, p, SOCK_SUFFIX, e))
		return (-1);
	memset(found, 0, sizeof(found));
	if (getsockname(listening, (struct sockaddr *)&a, &n) == -1)
		return (err_sys(e, ERR_LOCAL, "descriptor %d is no agent's "
		    "socket", listening));
	if (a.sun_family == AF_UNIX)
		memcpy(found, a.sun_path, sizeof(a.sun_path));
	if (strcmp(found, name) != 0)
		return (err_set(e, ERR_LOCAL, "found the socket \"%s\", "
		    "expected %s; configuration, key or program have changed "
		    "at this moment", found, name));
	return (0);
}

/* Remove a name of this place unless the place is another's by now. */
static void
remove_name(const struct place *p, int lock, const char *suffix)
{
	struct err	 unused = ERR_INIT;
	char		 name[FILE_NAME], lock_name[FILE_NAME];
	int		 dir;

	if (name_of(name, p, suffix, &unused) == -1 ||
	    name_of(lock_name, p, LOCK_SUFFIX, &unused) == -1 ||
	    open_dir(p->dir, &dir, &unused) != 0)
		return;
	/* What stays is stale, and is swept by who starts an agent next. */
	if (is_named(dir, lock_name, lock))
		(void)unlinkat(dir, name, 0);
	(void)close(dir);		/* read only */
}

int
place_holds(const struct place *p, int lock)
{
	struct err	 unused = ERR_INIT;
	struct stat	 a, b;
	char		 path[PATH_MAX];

	/* No descriptor is needed here: there may be none left. */
	if (str_fmt(path, sizeof(path), &unused, "%s/%s%s", p->dir, p->name,
	    LOCK_SUFFIX) == -1 || fstat(lock, &a) == -1)
		return (1);
	if (lstat(path, &b) == -1)
		return (errno != ENOENT && errno != ENOTDIR);
	return (a.st_dev == b.st_dev && a.st_ino == b.st_ino);
}

void
place_leave(const struct place *p, int lock)
{
	remove_name(p, lock, SOCK_SUFFIX);
}

void
place_release(const struct place *p, int lock)
{
	remove_name(p, lock, LOCK_SUFFIX);
	(void)close(lock);		/* nothing was written */
}
