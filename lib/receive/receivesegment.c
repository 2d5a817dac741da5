/* SPDX-License-Identifier: ISC */
/* The two ways of a segment that is not complete. */
#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/io.h"
#include "base/path.h"
#include "receive/receivesegment.h"
#include "store/store_append.h"

/*
 * Level 1: commits wait for it, and the object lives as long as its segment
 * is incomplete.
 */
static const struct codec_spec	 codec = { CODEC_ZSTD, 1 };

static int
open_object(struct receivesegment *s, struct archive *a, struct err *e)
{
	struct openwrite_spec	 spec = { .segment = s->name,
	    .segsize = s->segsize, .codec = codec };

	if ((s->waiting = malloc(OPENWRITE_MAX)) == NULL)
		return (err_sys(e, ERR_LOCAL, "receive"));
	if (openwrite_number(&spec.number, a, &s->name, e))
		return (-1);
	return (openwrite_open(&s->open, a, &spec, e));
}

int
receivesegment_begin(struct receivesegment **out, struct archive *a,
    const struct walname *name, uint32_t segsize, const char *dir,
    int with_open, struct err *e)
{
	struct receivesegment	*s;
	char			 text[WALNAME_TEXT];

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "receive"));
	s->name = *name;
	s->segsize = segsize;
	s->lsn = s->end = walname_lsn(name, segsize);
	s->fd = -1;
	if (path_join(s->path, sizeof(s->path), dir,
	    walname_format(text, name), e))
		goto fail;
	/* What an earlier connection left is begun anew. */
	s->fd = open(s->path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	if (s->fd == -1) {
		err_sys(e, ERR_LOCAL, "create %s", s->path);
		goto fail;
	}
	if (with_open && open_object(s, a, e)) {
		err_ctx(e, "%s", text);
		goto fail;
	}
	*out = s;
	return (0);
fail:
	receivesegment_free(s);
	return (-1);
}

size_t
receivesegment_room(const struct receivesegment *s)
{
	const size_t	 left = (size_t)(s->lsn + s->segsize - s->end);
	const size_t	 most = s->open == NULL ? left :
	    OPENWRITE_MAX - s->nwaiting;

	return (left < most ? left : most);
}

int
receivesegment_take(struct receivesegment *s, const void *p, size_t n,
    struct err *e)
{
	assert(n <= receivesegment_room(s));
	if (io_write(s->fd, p, n, s->path, e))
		return (-1);
	if (s->open != NULL) {
		memcpy(s->waiting + s->nwaiting, p, n);
		s->nwaiting += n;
	}
	s->end += n;
	return (0);
}

int
receivesegment_step(struct receivesegment *s, uint64_t *durable,
    struct err *e)
{
	*durable = s->lsn;
	if (s->open == NULL)
		return (0);
	if (openwrite_step(s->open, durable, e))
		return (-1);
	if (s->nwaiting == 0 ||
	    openwrite_flights(s->open) >= STORE_APPEND_FLIGHTS)
		return (0);
	if (openwrite_add(s->open, s->waiting, s->nwaiting, e))
		return (-1);
	s->nwaiting = 0;
	/* A local store has answered already. */
	return (openwrite_step(s->open, durable, e));
}

int
receivesegment_quiet(const struct receivesegment *s)
{
	return (s->open == NULL ||
	    (s->nwaiting == 0 && openwrite_flights(s->open) == 0));
}

int
receivesegment_complete(const struct receivesegment *s)
{
	return (s->end == s->lsn + s->segsize && receivesegment_quiet(s));
}

void
receivesegment_free(struct receivesegment *s)
{
	if (s == NULL)
		return;
	openwrite_free(s->open);
	if (s->fd != -1)
		(void)close(s->fd);	/* the push reads and checks it */
	free(s->waiting);
	free(s);
}
