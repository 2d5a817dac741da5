/* SPDX-License-Identifier: ISC */
/* Reads, writes and syncs files; the result of each system call counts. */
#include <sys/random.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "base/str.h"

/*
 * An offset that stands for the descriptor's own, and one that is too large
 * like it, for callers of io_read_at() that pass the first by chance.
 */
#define HERE	UINT64_MAX
#define NOWHERE	(UINT64_MAX - 1)

/* A read may return less than was asked for: only 0 bytes are the end. */
static int
read_from(int fd, void *buf, size_t n, uint64_t off, size_t *got,
    const char *what, struct err *e)
{
	uint8_t	*p = buf;
	size_t	 have = 0;
	ssize_t	 r;

	if (off != HERE && off > INT64_MAX - n)
		return (err_set(e, ERR_LOCAL, "read %s: offset %" PRIu64
		    " is too large", what, off));
	while (have < n) {
		r = off == HERE ? read(fd, p + have, n - have) :
		    pread(fd, p + have, n - have, (off_t)(off + have));
		if (r == -1 && errno == EINTR)
			continue;
		if (r == -1)
			return (err_sys(e, ERR_LOCAL, "read %s", what));
		if (r == 0)
			break;
		have += (size_t)r;
	}
	*got = have;
	return (0);
}

static int
write_to(int fd, const void *buf, size_t n, uint64_t off, const char *what,
    struct err *e)
{
	const uint8_t	*p = buf;
	size_t		 done = 0;
	ssize_t		 w;

	if (off != HERE && off > INT64_MAX - n)
		return (err_set(e, ERR_LOCAL, "write %s: offset %" PRIu64
		    " is too large", what, off));
	while (done < n) {
		w = off == HERE ? write(fd, p + done, n - done) :
		    pwrite(fd, p + done, n - done, (off_t)(off + done));
		if (w == -1 && errno == EINTR)
			continue;
		if (w == -1)
			return (err_sys(e, ERR_LOCAL, "write %s", what));
		if (w == 0)
			return (err_set(e, ERR_LOCAL, "write %s: the system "
			    "took none of %zu bytes", what, n - done));
		done += (size_t)w;
	}
	return (0);
}

int
io_read(int fd, void *buf, size_t n, size_t *got, const char *what,
    struct err *e)
{
	return (read_from(fd, buf, n, HERE, got, what, e));
}

int
io_read_at(int fd, void *buf, size_t n, uint64_t off, size_t *got,
    const char *what, struct err *e)
{
	return (read_from(fd, buf, n, off == HERE ? NOWHERE : off, got, what,
	    e));
}

int
io_write(int fd, const void *buf, size_t n, const char *what, struct err *e)
{
	return (write_to(fd, buf, n, HERE, what, e));
}

int
io_write_at(int fd, const void *buf, size_t n, uint64_t off, const char *what,
    struct err *e)
{
	return (write_to(fd, buf, n, off == HERE ? NOWHERE : off, what, e));
}

int
io_close(int *fd, const char *what, struct err *e)
{
	int	 was = *fd;

	/*
	 * After EINTR the descriptor is closed on Linux.  A second close()
	 * could hit a file that another thread has opened since.
	 */
	*fd = -1;
	if (close(was) == -1 && errno != EINTR)
		return (err_sys(e, ERR_LOCAL, "close %s", what));
	return (0);
}

int
io_sync(int fd, const char *what, struct err *e)
{
	if (fsync(fd) == -1)
		return (err_sys(e, ERR_LOCAL, "fsync %s", what));
	return (0);
}

int
io_sync_dir(const char *path, struct err *e)
{
	int	 fd, rc;

	if ((fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1)
		return (err_sys(e, ERR_LOCAL, "open directory %s", path));
	rc = io_sync(fd, path, e);
	(void)close(fd);		/* read only: nothing to lose */
	return (rc);
}

int
io_load(const char *path, size_t max, char **out, size_t *n, struct err *e)
{
	struct stat	 st;
	char		*buf = NULL;
	size_t		 got;
	int		 fd, rc = -1;

	/* Without O_NONBLOCK, opening a FIFO would wait for a writer. */
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1) {
		if (errno == ENOENT)
			return (1);
		return (err_sys(e, ERR_LOCAL, "open %s", path));
	}
	if (fstat(fd, &st) == -1) {
		err_sys(e, ERR_LOCAL, "stat %s", path);
		goto out;
	}
	/* The size is believed only for a regular file, and up to a limit. */
	if (!S_ISREG(st.st_mode) || st.st_size < 0 ||
	    (uint64_t)st.st_size > max) {
		err_set(e, ERR_LOCAL,
		    "%s: expected a file of at most %zu bytes", path, max);
		goto out;
	}
	if ((buf = malloc((size_t)st.st_size + 1)) == NULL) {
		err_sys(e, ERR_LOCAL, "read %s", path);
		goto out;
	}
	if (io_read(fd, buf, (size_t)st.st_size, &got, path, e) == -1)
		goto out;
	buf[got] = '\0';
	*out = buf;
	*n = got;
	buf = NULL;
	rc = 0;
out:
	free(buf);
	(void)close(fd);		/* read only: nothing to lose */
	return (rc);
}

/* Write a file under its temporary name, durably; remove it on failure. */
static int
fill(const char *tmp, mode_t mode, const void *buf, size_t n, struct err *e)
{
	int	 fd, rc = -1;

	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd == -1)
		return (err_sys(e, ERR_LOCAL, "create %s", tmp));
	if (fchmod(fd, mode) == -1) {		/* open() applies the umask */
		err_sys(e, ERR_LOCAL, "set the mode of %s", tmp);
		goto out;
	}
	if (io_write(fd, buf, n, tmp, e) || io_sync(fd, tmp, e) ||
	    io_close(&fd, tmp, e))
		goto out;
	rc = 0;
out:
	if (fd != -1)
		(void)close(fd);
	if (rc == -1)
		(void)unlink(tmp);
	return (rc);
}

int
io_save(const char *path, mode_t mode, const void *buf, size_t n, int replace,
    struct err *e)
{
	char	 tmp[PATH_MAX], dir[PATH_MAX], hex[17];
	uint8_t	 rnd[8];

	if (io_random(rnd, sizeof(rnd), e) ||
	    str_fmt(tmp, sizeof(tmp), e, "%s.%s.tmp", path,
	    str_hex(hex, rnd, sizeof(rnd))) ||
	    path_dir(dir, sizeof(dir), path, e) ||
	    fill(tmp, mode, buf, n, e))
		return (-1);
	/*
	 * The content is durable before it gets its name, and the name is
	 * durable when the directory is.  A crash leaves at most the temporary
	 * file behind.  link(2), unlike rename(2), never replaces a file.
	 */
	if ((replace ? rename(tmp, path) : link(tmp, path)) == -1) {
		err_sys(e, errno == EEXIST ? ERR_CONFLICT : ERR_LOCAL,
		    "create %s", path);
		(void)unlink(tmp);
		return (-1);
	}
	if (!replace && unlink(tmp) == -1)
		return (err_sys(e, ERR_LOCAL, "remove %s", tmp));
	return (io_sync_dir(dir, e));
}

/* mkdir(2) reports EEXIST for a file of any type. */
static int
must_be_dir(const char *path, struct err *e)
{
	struct stat	 st;

	if (stat(path, &st) == -1)
		return (err_sys(e, ERR_LOCAL, "stat %s", path));
	if (!S_ISDIR(st.st_mode))
		return (err_set(e, ERR_LOCAL,
		    "%s: found a file, expected a directory", path));
	return (0);
}

int
io_mkdirs(const char *path, mode_t mode, struct err *e)
{
	char	 dir[PATH_MAX];

	if (mkdir(path, mode) == 0)
		return (path_dir(dir, sizeof(dir), path, e) ||
		    io_sync_dir(dir, e) ? -1 : 0);
	if (errno == EEXIST)
		return (must_be_dir(path, e));
	if (errno != ENOENT)
		return (err_sys(e, ERR_LOCAL, "create directory %s", path));
	/*
	 * The directory above is missing.  Each one's name is made durable in
	 * its parent before anything is put into it.
	 */
	if (path_dir(dir, sizeof(dir), path, e) ||
	    io_mkdirs(dir, mode, e))
		return (-1);
	/* Another process may have made it meanwhile. */
	if (mkdir(path, mode) == -1 && errno != EEXIST)
		return (err_sys(e, ERR_LOCAL, "create directory %s", path));
	return (io_sync_dir(dir, e));
}

int
io_random(void *buf, size_t n, struct err *e)
{
	ssize_t	 r;

	/* Up to 256 bytes come whole, once the kernel's pool was filled. */
	do
		r = getrandom(buf, n, 0);
	while (r == -1 && errno == EINTR);
	if (r == -1)
		return (err_sys(e, ERR_LOCAL, "get random bytes"));
	if ((size_t)r != n)
		return (err_set(e, ERR_LOCAL, "got %zd of %zu random bytes",
		    r, n));
	return (0);
}
