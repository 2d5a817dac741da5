/* SPDX-License-Identifier: ISC */
/* One tar archive: headers, content, the zeros behind it, the end. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "pg/pgtar.h"
#include "pg/tarhead.h"
#include "restore/tarfile.h"
#include "stream/fd.h"
#include "stream/file.h"

struct tarfile {
	struct sink	*to;
	uint64_t	 left;		/* bytes of the file to come */
	size_t		 pad;		/* and of zeros behind it */
};

int
tarfile_open(struct tarfile **to, const char *path, int out, struct err *e)
{
	struct tarfile	*t;

	if ((t = calloc(1, sizeof(*t))) == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", path));
	if (strcmp(path, TARFILE_STDOUT) == 0 ?
	    fd_sink_open(&t->to, out, "standard output", e) :
	    file_sink_open(&t->to, path, path_base(path), 0600, 0, e)) {
		free(t);
		return (-1);
	}
	*to = t;
	return (0);
}

/* The header of a member. */
static int
begin(struct tarfile *t, struct tarhead *h, struct err *e)
{
	uint8_t	 buf[TARHEAD_MAX];
	size_t	 n;

	assert(t->left == 0);
	h->uid = geteuid();
	h->gid = getegid();
	if (tarhead_make(buf, &n, h, e) || sink_write(t->to, buf, n, e))
		return (-1);
	t->left = h->size;
	t->pad = tarhead_padding(h->size);
	return (0);
}

int
tarfile_dir(struct tarfile *t, const char *path, uint32_t mode, int64_t mtime,
    struct err *e)
{
	struct tarhead	 h = { .path = path, .dir = 1, .mode = mode,
	    .mtime = mtime };

	return (begin(t, &h, e));
}

int
tarfile_begin(struct tarfile *t, const char *path, uint32_t mode,
    uint64_t size, int64_t mtime, struct err *e)
{
	struct tarhead	 h = { .path = path, .mode = mode, .size = size,
	    .mtime = mtime };

	return (begin(t, &h, e));
}

int
tarfile_write(struct tarfile *t, const void *p, size_t n, struct err *e)
{
	static const uint8_t	 zeros[PGTAR_BLOCK];
	size_t			 pad;

	assert(n <= t->left);
	if (n == 0)
		return (0);
	if (sink_write(t->to, p, n, e))
		return (-1);
	t->left -= n;
	if (t->left > 0 || t->pad == 0)
		return (0);
	pad = t->pad;
	t->pad = 0;
	return (sink_write(t->to, zeros, pad, e));
}

int
tarfile_finish(struct tarfile *t, struct err *e)
{
	static const uint8_t	 zeros[2 * PGTAR_BLOCK];

	assert(t->left == 0);
	return (sink_write(t->to, zeros, sizeof(zeros), e) ||
	    sink_finish(t->to, e) ? -1 : 0);
}

void
tarfile_free(struct tarfile *t)
{
	if (t == NULL)
		return;
	sink_free(t->to);
	free(t);
}
