/* SPDX-License-Identifier: ISC */
/*
 * Where agents listen: how a caller finds one, and how one process at a time
 * becomes the one that listens.
 *
 * Whatever a kill leaves behind is harmless.  The kernel releases the lock
 * with the process, a socket without a process refuses connections, and both
 * names are removed by the next process that takes this or another place.
 */
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
#include "agent/placedir.h"
#include "agent/placelock.h"
#include "base/str.h"

#define SOCK_SUFFIX	".sock"
#define LOCK_SUFFIX	".lock"
#define FILE_NAME	(PLACE_NAME + 8)

_Static_assert(FILE_NAME <= sizeof(((struct sockaddr_un *)0)->sun_path),
    "a socket's name fits in its address");

static int
name_of(char buf[FILE_NAME], const struct place *p, const char *suffix,
    struct err *e)
{
	return (str_fmt(buf, FILE_NAME, e, "%s%s", p->name, suffix));
}

int
place_connect(const struct place *p, int *sock, struct err *e)
{
	char	 name[FILE_NAME];
	int	 dir, rc;

	if (name_of(name, p, SOCK_SUFFIX, e) == -1)
		return (-1);
	if ((rc = placedir_open(p->dir, &dir, e)) != 0)
		return (rc);
	if ((rc = placedir_connect(dir, name, sock, e)) == -1)
		err_ctx(e, "%s", p->dir);
	(void)close(dir);		/* read only */
	return (rc);
}

/*
 * Remove what an agent that was killed left behind.  With its lock in our hands
 * nobody listens there, and nobody starts to: a caller that wants that name
 * waits until the lock is free.  The lock's name goes last.
 */
static void
sweep_one(int dir, const char *lock_name)
{
	struct err	 unused = ERR_INIT;
	size_t		 n = strlen(lock_name) - strlen(LOCK_SUFFIX);
	char		 name[FILE_NAME];
	int		 lock;

	if (n >= PLACE_NAME || placelock_take(dir, lock_name, 0, &lock,
	    &unused) != 0)
		return;
	memcpy(name, lock_name, n);
	(void)stpcpy(name + n, SOCK_SUFFIX);
	if (placedir_drop(dir, name, &unused) == 0)
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
		return;			/* the next one sweeps */
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
take_in(int dir, const struct place *p, int *lock, int *listening,
    struct err *e)
{
	char	 sock_name[FILE_NAME], lock_name[FILE_NAME];
	int	 rc;

	if (name_of(sock_name, p, SOCK_SUFFIX, e) ||
	    name_of(lock_name, p, LOCK_SUFFIX, e))
		return (-1);
	/* The lock first: it makes whatever socket is there a stale one. */
	if ((rc = placelock_take(dir, lock_name, O_CREAT, lock, e)) != 0)
		return (rc);
	if (placedir_listen(dir, sock_name, listening, e) == -1) {
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

	if (placedir_make(p->dir, &dir, e) == -1)
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
		return (err_sys(e, ERR_LOCAL, "descriptor %d is not an "
		    "agent's socket", listening));
	if (a.sun_family == AF_UNIX)
		memcpy(found, a.sun_path, sizeof(a.sun_path));
	if (strcmp(found, name) != 0)
		return (err_set(e, ERR_LOCAL, "found the socket \"%s\", "
		    "expected %s; the configuration, the key or the program "
		    "changed just now", found, name));
	return (0);
}

/*
 * Remove a name of this place, unless the lock file has been replaced: then
 * the names are another agent's.
 */
static void
remove_name(const struct place *p, int lock, const char *suffix)
{
	struct err	 unused = ERR_INIT;
	char		 name[FILE_NAME], lock_name[FILE_NAME];
	int		 dir;

	if (name_of(name, p, suffix, &unused) == -1 ||
	    name_of(lock_name, p, LOCK_SUFFIX, &unused) == -1 ||
	    placedir_open(p->dir, &dir, &unused) != 0)
		return;
	/* What stays is stale; whoever starts an agent next sweeps it. */
	if (placelock_is_named(dir, lock_name, lock))
		(void)unlinkat(dir, name, 0);
	(void)close(dir);		/* read only */
}

int
place_holds(const struct place *p, int lock)
{
	struct err	 unused = ERR_INIT;
	struct stat	 a, b;
	char		 path[PATH_MAX];

	/* By path, without a descriptor: there may be none left. */
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
