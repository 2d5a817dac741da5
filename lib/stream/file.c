/* SPDX-License-Identifier: ISC */
/*
 * The end of a pipeline that is a file of this host.
 *
 * The order is fsync, close, name, fsync of the directory, each with its
 * result checked: a name that appears before its content is durable could be
 * an empty file after a crash, and PostgreSQL would believe it.  A process
 * that is killed leaves a file "stem" with a random suffix.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "stream/file.h"

struct file_sink {
	struct sink	 base;
	int		 fd;
	int		 replace;
	char		 path[PATH_MAX];
	char		 tmp[PATH_MAX];	/* "" once nothing is left to remove */
};

static int
file_write(struct sink *base, const void *buf, size_t n, struct err *e)
{
	struct file_sink	*s = (struct file_sink *)base;

	return (io_write(s->fd, buf, n, s->path, e));
}

/* rename() replaces, link() never does. */
static int
publish(struct file_sink *s, struct err *e)
{
	int	 rc;

	rc = s->replace ? rename(s->tmp, s->path) : link(s->tmp, s->path);
	if (rc == -1)
		return (err_sys(e, errno == EEXIST ? ERR_CONFLICT : ERR_LOCAL,
		    "create %s", s->path));
	if (!s->replace && unlink(s->tmp) == -1)
		return (err_sys(e, ERR_LOCAL, "remove %s", s->tmp));
	s->tmp[0] = '\0';
	return (0);
}

static int
file_finish(struct sink *base, struct err *e)
{
	struct file_sink	*s = (struct file_sink *)base;
	char			 dir[PATH_MAX];

	if (path_dir(dir, sizeof(dir), s->path, e) ||
	    io_sync(s->fd, s->path, e) ||
	    io_close(&s->fd, s->path, e) ||
	    publish(s, e) ||
	    io_sync_dir(dir, e))
		return (-1);
	return (0);
}

static void
file_free(struct sink *base)
{
	struct file_sink	*s = (struct file_sink *)base;

	if (s->fd != -1)
		(void)close(s->fd);
	if (s->tmp[0] != '\0')
		(void)unlink(s->tmp);
	free(s);
}

static const struct sink_ops file_ops = { file_write, file_finish, file_free };

int
file_sink_open(struct sink **out, const char *path, const char *stem,
    mode_t mode, int replace, struct err *e)
{
	struct file_sink	*s;
	uint8_t			 rnd[8];
	char			 hex[17], dir[PATH_MAX];

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "create %s", path));
	s->base.ops = &file_ops;
	s->fd = -1;
	s->replace = replace;
	if (str_fmt(s->path, sizeof(s->path), e, "%s", path) ||
	    io_random(rnd, sizeof(rnd), e) ||
	    path_dir(dir, sizeof(dir), path, e) ||
	    str_fmt(s->tmp, sizeof(s->tmp), e, "%s/%s.%s", dir, stem,
	    str_hex(hex, rnd, sizeof(rnd))))
		goto fail;
	s->fd = open(s->tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (s->fd == -1) {
		err_sys(e, ERR_LOCAL, "create %s", s->tmp);
		goto fail;
	}
	if (fchmod(s->fd, mode) == -1) {	/* whatever the umask */
		err_sys(e, ERR_LOCAL, "set the mode of %s", s->tmp);
		goto fail;
	}
	*out = &s->base;
	return (0);
fail:
	if (s->fd == -1)		/* not ours: don't remove it */
		s->tmp[0] = '\0';
	file_free(&s->base);
	return (-1);
}
