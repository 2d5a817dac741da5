/* SPDX-License-Identifier: ISC */
/*
 * The lock file of an agent: flock(2) on a file that its holder removes at the
 * end, so a lock counts only while the file still has its name.
 */
#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "agent/placelock.h"

#define LOCK_TRIES	10

int
placelock_is_named(int dir, const char *name, int fd)
{
	struct stat	 a, b;

	return (fstat(fd, &a) == 0 &&
	    fstatat(dir, name, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
	    a.st_dev == b.st_dev && a.st_ino == b.st_ino);
}

/*
 * O_NOFOLLOW and O_NONBLOCK: a link or a FIFO of that name must neither lead
 * elsewhere nor hang us.
 */
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
	} else if (!S_ISREG(st.st_mode) || st.st_uid != geteuid()) {
		err_set(e, ERR_LOCAL, "%s: is not a file owned by uid %lu; "
		    "remove it", name, (unsigned long)geteuid());
	} else {
		*out = fd;
		return (0);
	}
	(void)close(fd);		/* nothing was written */
	return (-1);
}

/* Returns as placelock_take(), or 2 if the file lost its name meanwhile. */
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
	else if (!placelock_is_named(dir, name, fd))
		rc = 2;
	if (rc != 0)
		(void)close(fd);	/* nothing was written */
	else
		*out = fd;
	return (rc);
}

int
placelock_take(int dir, const char *name, int flags, int *out, struct err *e)
{
	int	 rc = 2, i;

	/*
	 * The holder removes the file when it leaves, maybe after we opened
	 * it and before we locked it.  Then another process may make and lock
	 * a new file of that name, so start again from the name.
	 */
	for (i = 0; rc == 2 && i < LOCK_TRIES; i++)
		rc = try_lock(dir, name, flags, out, e);
	return (rc == 2 ? 1 : rc);
}
