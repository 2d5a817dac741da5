/* SPDX-License-Identifier: ISC */
/* A last stage that compares its input with a file of this host. */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/str.h"
#include "check/comparesink.h"

#define PIECE	((size_t)64 << 10)

struct comparesink {
	struct sink	 base;
	int		 fd;		/* -1: nothing to compare with */
	char		*path;		/* owned */
	uint64_t	 at;		/* bytes that were equal */
	int		*compared;	/* borrowed */
	uint8_t		 buf[PIECE];
};

static int
differs(const struct comparesink *s, struct err *e)
{
	return (err_set(e, ERR_CORRUPT, "differs from %s, which is what was "
	    "written, behind byte %" PRIu64, s->path, s->at));
}

static int
compare_write(struct sink *base, const void *data, size_t n, struct err *e)
{
	struct comparesink	*s = (struct comparesink *)base;
	const uint8_t		*p = data;
	size_t			 k, got;

	for (; s->fd != -1 && n > 0; n -= k, p += k) {
		k = n < PIECE ? n : PIECE;
		if (io_read_at(s->fd, s->buf, k, s->at, &got, s->path, e))
			return (-1);
		if (got != k || memcmp(p, s->buf, k) != 0)
			return (differs(s, e));
		s->at += k;
	}
	return (0);
}

static int
compare_finish(struct sink *base, struct err *e)
{
	struct comparesink	*s = (struct comparesink *)base;
	struct stat		 st;

	*s->compared = s->fd != -1;
	if (s->fd == -1)
		return (0);
	if (fstat(s->fd, &st) == -1)
		return (err_sys(e, ERR_LOCAL, "stat %s", s->path));
	return ((uint64_t)st.st_size == s->at ? 0 : differs(s, e));
}

static void
compare_free(struct sink *base)
{
	struct comparesink	*s = (struct comparesink *)base;

	if (s->fd != -1)
		(void)close(s->fd);	/* read only */
	free(s->path);
	free(s);
}

static const struct sink_ops compare_ops = {
	compare_write, compare_finish, compare_free
};

int
comparesink_open(struct sink **out, const char *path, int *compared,
    struct err *e)
{
	struct comparesink	*s;

	*compared = 0;
	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "compare a segment"));
	s->base.ops = &compare_ops;
	s->compared = compared;
	s->fd = -1;
	if (path != NULL && str_dup(&s->path, path, e))
		goto bad;
	if (path != NULL && (s->fd = open(path, O_RDONLY | O_CLOEXEC)) == -1 &&
	    errno != ENOENT) {
		err_sys(e, ERR_LOCAL, "open %s", path);
		goto bad;
	}
	*out = &s->base;
	return (0);
bad:
	compare_free(&s->base);
	return (-1);
}
