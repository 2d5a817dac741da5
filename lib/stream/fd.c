/* SPDX-License-Identifier: ISC */
/* The end of a pipeline that is an open descriptor. */
#include <sys/stat.h>

#include <stdlib.h>

#include "base/io.h"
#include "stream/fd.h"

struct fd_sink {
	struct sink	 base;
	int		 fd;		/* borrowed, both */
	const char	*name;
};

static int
fd_write(struct sink *base, const void *buf, size_t n, struct err *e)
{
	struct fd_sink	*s = (struct fd_sink *)base;

	return (io_write(s->fd, buf, n, s->name, e));
}

static int
fd_finish(struct sink *base, struct err *e)
{
	struct fd_sink	*s = (struct fd_sink *)base;
	struct stat	 st;

	if (fstat(s->fd, &st) == -1)
		return (err_sys(e, ERR_LOCAL, "stat %s", s->name));
	return (S_ISREG(st.st_mode) ? io_sync(s->fd, s->name, e) : 0);
}

static void
fd_free(struct sink *base)
{
	free(base);
}

static const struct sink_ops fd_ops = { fd_write, fd_finish, fd_free };

int
fd_sink_open(struct sink **out, int fd, const char *name, struct err *e)
{
	struct fd_sink	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "write %s", name));
	s->base.ops = &fd_ops;
	s->fd = fd;
	s->name = name;
	*out = &s->base;
	return (0);
}
