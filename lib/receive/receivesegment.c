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
#include "repo/marker.h"
#include "store/store_append.h"

/*
 * Level 1: commits wait for it, and the object lives as long as its segment
 * is incomplete.
 */
static const struct codec_spec	 codec = { CODEC_ZSTD, 1 };

static int
open_number(struct receivesegment *s, unsigned number, struct err *e)
{
	const struct openwrite_spec	 spec = { .segment = s->name,
	    .segsize = s->segsize, .number = number, .codec = codec };

	return (openwrite_open(&s->open, s->archive, &spec, e));
}

/*
 * The name was taken, and was only guessed: look for one that is free.  What
 * was to go there still waits.  Returns -1 if that is not what has failed.
 */
static int
open_another(struct receivesegment *s, struct err *e)
{
	unsigned	 number;

	if (e->kind != ERR_CONFLICT || !s->guessed || s->created)
		return (-1);
	err_clear(e);
	s->guessed = 0;
	openwrite_free(s->open);
	s->open = NULL;
	if (openwrite_number(&number, s->archive, &s->name, e))
		return (-1);
	return (open_number(s, number, e));
}

static int
open_object(struct receivesegment *s, int guess, struct err *e)
{
	unsigned	 number = 1;

	if ((s->waiting = malloc(OPENWRITE_MAX)) == NULL)
		return (err_sys(e, ERR_LOCAL, "receive"));
	/* The marker first: see marker.h. */
	if (marker_open(&s->marker, s->archive, e))
		return (-1);
	s->guessed = guess;
	if (!guess && openwrite_number(&number, s->archive, &s->name, e))
		return (-1);
	if (open_number(s, number, e))
		return (open_another(s, e));
	return (0);
}

int
receivesegment_begin(struct receivesegment **out,
    const struct receivesegment_spec *spec, struct err *e)
{
	struct receivesegment	*s;
	char			 text[WALNAME_TEXT];

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "receive"));
	s->archive = spec->archive;
	s->name = spec->name;
	s->segsize = spec->segsize;
	s->lsn = s->end = s->durable = walname_lsn(&s->name, s->segsize);
	s->fd = -1;
	if (path_join(s->path, sizeof(s->path), spec->dir,
	    walname_format(text, &s->name), e))
		goto fail;
	/* What an earlier connection left is begun anew. */
	s->fd = open(s->path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW |
	    O_CLOEXEC, 0600);
	if (s->fd == -1) {
		err_sys(e, ERR_LOCAL, "create %s", s->path);
		goto fail;
	}
	if (spec->with_open && open_object(s, spec->follows, e)) {
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

/* What the open object has, once the marker was found. */
static int
settle(struct receivesegment *s, struct err *e)
{
	struct marker	 m;
	uint64_t	 lsn;

	if (openwrite_step(s->open, &lsn, e))
		return (open_another(s, e));
	if (lsn > s->lsn && s->marker != NULL) {
		if (!store_get_ready(s->marker))
			return (0);
		if (marker_require(&m, s->archive, s->marker, e))
			return (-1);
		store_get_free(s->marker);
		s->marker = NULL;
	}
	s->durable = lsn;
	return (0);
}

int
receivesegment_step(struct receivesegment *s, uint64_t *durable,
    struct err *e)
{
	*durable = s->durable;
	if (s->open == NULL)
		return (0);
	if (settle(s, e))
		return (-1);
	*durable = s->durable;
	if (s->nwaiting == 0 ||
	    openwrite_flights(s->open) >= STORE_APPEND_FLIGHTS)
		return (0);
	if (openwrite_add(s->open, s->waiting, s->nwaiting, e))
		return (open_another(s, e));
	s->created = 1;
	s->nwaiting = 0;
	/* A local store has answered already. */
	if (settle(s, e))
		return (-1);
	*durable = s->durable;
	return (0);
}

int
receivesegment_quiet(const struct receivesegment *s)
{
	return (s->open == NULL || (s->nwaiting == 0 && s->durable == s->end));
}

int
receivesegment_complete(const struct receivesegment *s)
{
	return (s->end == s->lsn + s->segsize && receivesegment_quiet(s));
}

static void
remove_barren(const struct receivesegment *s)
{
	struct err	 unused = ERR_INIT;
	const char	*path = openwrite_path(s->open);

	/* Else it stays, and counts for nothing. */
	(void)!store_remove(s->archive->store, &path, 1, &unused);
}

void
receivesegment_free(struct receivesegment *s)
{
	if (s == NULL)
		return;
	store_get_free(s->marker);
	if (s->open != NULL && s->created && s->durable == s->lsn)
		remove_barren(s);
	openwrite_free(s->open);
	if (s->fd != -1)
		(void)close(s->fd);	/* the push reads and checks it */
	free(s->waiting);
	free(s);
}
