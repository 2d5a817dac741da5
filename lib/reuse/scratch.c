/* SPDX-License-Identifier: ISC */
/* A file without a name, written through a buffer. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/str.h"
#include "reuse/scratch.h"

#define WHAT	"scratch file in state_dir"
#define COPY_BYTES	((size_t)64 << 10)

/*
 * Some file systems cannot make a file without a name; there it gets one for a
 * moment.
 */
static int
open_unnamed(const char *dir, struct err *e)
{
	char	 path[PATH_MAX];
	int	 fd;

	fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd != -1)
		return (fd);
	if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)
		return (err_sys(e, ERR_LOCAL, "create a file in %s", dir));
	if (str_fmt(path, sizeof(path), e, "%s/scratch.XXXXXX", dir))
		return (-1);
	if ((fd = mkostemp(path, O_CLOEXEC)) == -1)
		return (err_sys(e, ERR_LOCAL, "create a file in %s", dir));
	(void)unlink(path);		/* or an empty one stays */
	return (fd);
}

int
scratch_new(struct scratch **out, const char *dir, struct err *e)
{
	struct scratch	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, WHAT));
	if ((s->fd = open_unnamed(dir, e)) == -1) {
		free(s);
		return (-1);
	}
	*out = s;
	return (0);
}

void
scratch_free(struct scratch *s)
{
	if (s == NULL)
		return;
	(void)close(s->fd);		/* nobody can read it any more */
	free(s);
}

static int
flush(struct scratch *s, struct err *e)
{
	size_t	 n = s->n;

	if (n == 0)
		return (0);
	s->n = 0;
	return (io_write_at(s->fd, s->buf, n, s->len - n, WHAT, e));
}

int
scratch_put(struct scratch *s, const void *from, size_t n, struct err *e)
{
	const uint8_t	*p = from;
	size_t		 take;

	for (; n > 0; p += take, n -= take) {
		if (s->n == sizeof(s->buf) && flush(s, e))
			return (-1);
		take = sizeof(s->buf) - s->n;
		take = n < take ? n : take;
		memcpy(s->buf + s->n, p, take);
		s->n += take;
		s->len += take;
	}
	return (0);
}

int
scratch_get(struct scratch *s, uint64_t at, void *p, size_t n, struct err *e)
{
	size_t	 got = 0;

	if (flush(s, e) ||
	    io_read_at(s->fd, p, n, at, &got, WHAT, e))
		return (-1);
	return (got == n ? 0 : err_set(e, ERR_LOCAL, WHAT ": cut short; check "
	    "this host's disk"));
}

int
scratch_copy(struct scratch *s, struct sink *to, struct hash *passed,
    struct err *e)
{
	uint8_t		*buf;
	uint64_t	 at;
	size_t		 n = 0;
	int		 rc = 0;

	if ((buf = malloc(COPY_BYTES)) == NULL)
		return (err_sys(e, ERR_LOCAL, WHAT));
	for (at = 0; rc == 0 && at < s->len; at += n) {
		n = s->len - at < COPY_BYTES ? (size_t)(s->len - at) :
		    COPY_BYTES;
		rc = scratch_get(s, at, buf, n, e);
		if (rc == 0 && passed != NULL)
			hash_add(passed, buf, n);
		if (rc == 0)
			rc = sink_write(to, buf, n, e);
	}
	free(buf);
	return (rc);
}
