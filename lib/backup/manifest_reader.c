/* SPDX-License-Identifier: ISC */
/*
 * Taking entries out of a manifest one by one.  The parser of manifest.h calls
 * back when it likes; this feeds it a little at a time and queues what comes.
 */
#include <stdlib.h>
#include <string.h>

#include "backup/manifest_reader.h"
#include "base/str.h"

/* Bytes that are parsed at once: a few hundred entries at most then wait. */
#define STEP	((size_t)8 << 10)

struct manifest_reader {
	struct sink		*parser;
	manifest_reader_input	*read;
	void			*arg;		/* for it */
	int			 partial, ended;
	uint32_t		 chunk_size;
	struct manifest_item	*head, *tail;	/* those that wait; the tail */
	uint64_t		 due;		/* lacks so many chunks */
};

static int
on_header(void *arg, uint32_t chunk_size, const char *const *backups,
    size_t nbackups, struct err *e)
{
	struct manifest_reader	*r = arg;

	(void)backups;
	(void)nbackups;
	(void)e;
	r->chunk_size = chunk_size;
	return (0);
}

static int
copy_entry(struct manifest_item *it, const struct manifest_entry *en,
    uint64_t chunks, struct err *e)
{
	it->en = *en;
	if (str_dup(&it->path, en->path, e) ||
	    (en->target != NULL && str_dup(&it->target, en->target, e)))
		return (-1);
	it->en.path = it->path;
	it->en.target = it->target;
	if (chunks > 0 &&
	    (it->refs = calloc(chunks, sizeof(*it->refs))) == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", it->path));
	return (0);
}

/* Sizes are believed: the caller knows that the manifest is authentic. */
static int
on_entry(void *arg, const struct manifest_entry *en, struct err *e)
{
	struct manifest_reader	*r = arg;
	struct manifest_item	*it;

	if ((it = calloc(1, sizeof(*it))) == NULL)
		return (err_sys(e, ERR_LOCAL, "%s", en->path));
	r->due = en->type == MANIFEST_FILE ?
	    manifest_chunks(en->size, r->chunk_size) : 0;
	if (copy_entry(it, en, r->due, e)) {
		manifest_reader_drop(it);
		return (-1);
	}
	if (r->tail != NULL)
		r->tail->next = it;
	else
		r->head = it;
	r->tail = it;
	return (0);
}

static int
on_chunk(void *arg, uint64_t index, const struct pack_ref *ref,
    struct err *e)
{
	struct manifest_reader	*r = arg;

	(void)e;
	r->tail->refs[index] = *ref;
	r->tail->nrefs = (size_t)index + 1;
	r->due--;
	return (0);
}

int
manifest_reader_new(struct manifest_reader **out,
    manifest_reader_input *input, void *arg, int partial, struct err *e)
{
	static const struct manifest_events	 events = {
		.header = on_header, .entry = on_entry, .chunk = on_chunk
	};
	struct manifest_reader	*r;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (err_sys(e, ERR_LOCAL, "manifest"));
	if (manifest_sink_open(&r->parser, &events, r, e)) {
		free(r);
		return (-1);
	}
	r->read = input;
	r->arg = arg;
	r->partial = partial;
	*out = r;
	return (0);
}

static int
parse_more(struct manifest_reader *r, struct err *e)
{
	uint8_t	 buf[STEP];
	size_t	 n;

	if (r->read(r->arg, buf, STEP, &n, e) ||
	    sink_write(r->parser, buf, n, e))
		return (-1);
	if (n == STEP)
		return (0);
	r->ended = 1;
	return (r->partial ? 0 : sink_finish(r->parser, e));
}

/* Whether the entry at the head has all of its chunks. */
static int
is_whole(const struct manifest_reader *r)
{
	return (r->head != NULL && (r->head != r->tail || r->due == 0));
}

int
manifest_reader_next(struct manifest_reader *r, struct manifest_item **out,
    struct err *e)
{
	struct manifest_item	*it;

	while (!is_whole(r) && !r->ended)
		if (parse_more(r, e))
			return (-1);
	if (!is_whole(r))
		return (1);
	it = r->head;
	if ((r->head = it->next) == NULL)
		r->tail = NULL;
	it->next = NULL;
	*out = it;
	return (0);
}

void
manifest_reader_drop(struct manifest_item *it)
{
	if (it == NULL)
		return;
	free(it->path);
	free(it->target);
	free(it->refs);
	free(it);
}

void
manifest_reader_free(struct manifest_reader *r)
{
	struct manifest_item	*it;

	if (r == NULL)
		return;
	while ((it = r->head) != NULL) {
		r->head = it->next;
		manifest_reader_drop(it);
	}
	sink_free(r->parser);
	free(r);
}
