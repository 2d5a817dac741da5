/* SPDX-License-Identifier: ISC */
/*
 * Write an open object: each piece of WAL is compressed, sealed, chained and
 * signed as one frame, and leaves at once as one flight.
 *
 * The header goes with the first frame, in one flight: a crash before that
 * leaves an empty file, which says nothing and harms nothing.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "codec/flushed.h"
#include "crypt/openframe.h"
#include "store/store_append.h"
#include "wal/openlist.h"
#include "wal/openwrite.h"

_Static_assert(OPENWRITE_MAX == OPENFRAME_WAL_MAX, "WAL in a frame");

#define MARKS	(STORE_APPEND_FLIGHTS + 1)
#define WAIT_MS	1000

/* Up to which position WAL is durable once so much of the file is. */
struct mark {
	uint64_t	 bytes, lsn;
};

struct openwrite {
	struct store		*store;		/* borrowed */
	struct store_append	*to;
	struct openframe	*frames;
	struct flushed		*packer;
	uint64_t		 start, end, limit;	/* LSNs */
	uint64_t		 durable;		/* the same */
	uint64_t		 bytes;			/* of the file, sent */
	struct mark		 mark[MARKS];	/* a ring, oldest first */
	size_t			 first, n;
	size_t			 begin_n;	/* of the header: to be sent */
	char			 path[LAYOUT_PATH];
	uint8_t			 packed[OPENFRAME_SEALED_MAX];
	uint8_t			 out[HEAD_MAX + OPENFRAME_STREAM +
				    OPENFRAME_MAX];
};

int
openwrite_number(unsigned *number, struct archive *a,
    const struct walname *segment, struct err *e)
{
	struct openlist	 there;
	char		 name[WALNAME_TEXT];

	if (openlist_load(&there, a, segment, e))
		return (-1);
	if (there.last >= LAYOUT_OPEN_LAST)
		return (err_set(e, ERR_REMOTE, "%s has %d open objects; run "
		    "backup-expire", walname_format(name, segment),
		    LAYOUT_OPEN_LAST));
	*number = there.last + 1;
	return (0);
}

/* The header, and the file for it. */
static int
begin(struct openwrite *w, struct archive *a,
    const struct openwrite_spec *spec, struct err *e)
{
	struct head_place	 at = archive_place(a, w->path);
	struct head		 h;

	if (head_begin(&h, HEAD_OPEN, &at, a->key, e))
		return (-1);
	h.codec = (uint8_t)spec->codec.codec;
	h.created_us = clock_now_us();
	if (flushed_encoder_new(&w->packer, spec->codec, e) ||
	    openframe_begin(&w->frames, w->out, &w->begin_n, &h, &at, a->key,
	    e))
		return (-1);
	return (store_append_open(&w->to, a->store, w->path, e));
}

int
openwrite_open(struct openwrite **out, struct archive *a,
    const struct openwrite_spec *spec, struct err *e)
{
	struct openwrite	*w;
	char			 name[WALNAME_TEXT];

	assert(spec->segment.kind == WALNAME_SEGMENT);
	if ((w = calloc(1, sizeof(*w))) == NULL)
		return (err_sys(e, ERR_LOCAL, "memory for an open object"));
	w->store = a->store;
	w->start = walname_lsn(&spec->segment, spec->segsize);
	w->end = w->durable = w->start;
	w->limit = w->start + spec->segsize;
	if (layout_wal_open(w->path, walname_format(name, &spec->segment),
	    spec->number, e) || begin(w, a, spec, e)) {
		openwrite_free(w);
		return (-1);
	}
	*out = w;
	return (0);
}

/* Forget the marks that are durable. */
static int
settle(struct openwrite *w, struct err *e)
{
	uint64_t	 bytes;

	if (store_append_step(w->to, &bytes, e))
		return (-1);
	while (w->n > 0 && w->mark[w->first].bytes <= bytes) {
		w->durable = w->mark[w->first].lsn;
		w->first = (w->first + 1) % MARKS;
		w->n--;
	}
	return (0);
}

/*
 * Have a mark free.  A caller that never asked may have more marks than there
 * are flights; and while the file's name is not durable no mark goes.
 */
static int
have_mark(struct openwrite *w, struct err *e)
{
	if (w->n == MARKS && settle(w, e))
		return (-1);
	while (w->n == MARKS)
		if (store_append_wait(w->store, NULL, 0, WAIT_MS, e) ||
		    settle(w, e))
			return (-1);
	return (0);
}

int
openwrite_add(struct openwrite *w, const void *wal, size_t n, struct err *e)
{
	const uint8_t	*frame;
	struct mark	*m;
	size_t		 packed, frame_n;

	assert(n > 0 && n <= OPENWRITE_MAX && n <= w->limit - w->end);
	if (have_mark(w, e) ||
	    flushed_encode(w->packer, wal, n, w->packed, sizeof(w->packed) -
	    OPENFRAME_EXTRA, &packed, e))
		return (-1);
	openframe_seal(w->frames, w->end, (uint32_t)n, w->packed, packed,
	    &frame, &frame_n);
	memcpy(w->out + w->begin_n, frame, frame_n);
	if (store_append_send(w->to, w->out, w->begin_n + frame_n, e))
		return (-1);
	w->bytes += w->begin_n + frame_n;
	w->begin_n = 0;
	w->end += n;
	m = &w->mark[(w->first + w->n++) % MARKS];
	m->bytes = w->bytes;
	m->lsn = w->end;
	return (0);
}

int
openwrite_step(struct openwrite *w, uint64_t *lsn, struct err *e)
{
	if (settle(w, e))
		return (-1);
	*lsn = w->durable;
	return (0);
}

unsigned
openwrite_flights(const struct openwrite *w)
{
	return (store_append_flights(w->to));
}

uint64_t
openwrite_end(const struct openwrite *w)
{
	return (w->end);
}

const char *
openwrite_path(const struct openwrite *w)
{
	return (w->path);
}

void
openwrite_free(struct openwrite *w)
{
	if (w == NULL)
		return;
	store_append_free(w->to);
	openframe_free(w->frames);
	flushed_free(w->packer);
	free(w);
}
