/* SPDX-License-Identifier: ISC */
/*
 * Reading the headers of many segments.  Each costs the answers to open and
 * size, and then the one to the read; so each step is taken for all segments
 * of a flight before the next one is, and a flight costs as much as one file.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "repo/layout.h"
#include "repo/object.h"
#include "wal/walheads.h"

#define AT_ONCE	160			/* files that are open at a time */

struct one {
	struct walname	 name;
	char		 path[LAYOUT_PATH];
	struct store_get *get;		/* owned; NULL if it is not open */
	struct err	 why;		/* clear as long as it counts */
};

struct walheads {
	struct archive	*a;
	uint32_t	 segsize;
	walheads_fn	*fn;
	void		*arg;
	struct one	 v[AT_ONCE];
	size_t		 n;
	int		 want_facts, any;	/* any: "facts" are there */
	struct walfacts	 facts;		/* of the segment at hand */
};

int
walheads_new(struct walheads **out, struct archive *a, uint32_t segsize,
    walheads_fn *fn, void *arg, struct err *e)
{
	struct walheads	*w = calloc(1, sizeof(*w));

	if (w == NULL)
		return (err_sys(e, ERR_LOCAL, "headers of WAL"));
	w->a = a;
	w->segsize = segsize;
	w->fn = fn;
	w->arg = arg;
	*out = w;
	return (0);
}

/* Close what is open; the next flight begins. */
static void
clear(struct walheads *w)
{
	size_t	 i;

	for (i = 0; i < w->n; i++)
		store_get_free(w->v[i].get);
	w->n = 0;
}

void
walheads_free(struct walheads *w)
{
	if (w == NULL)
		return;
	clear(w);
	free(w);
}

/*
 * What became of a step for one segment.  A read that failed for another
 * reason than the file itself proves nothing.
 */
static int
judge(struct one *o, int rc, const struct err *why, struct err *e)
{
	if (rc == 0)
		return (0);
	if (rc == -1 && !err_of_one_file(why))
		return (err_set(e, why->kind, "%s", why->msg));
	if (rc == 1)
		(void)err_set(&o->why, ERR_ABSENT, "%s: was listed, and is "
		    "missing now", o->path);
	else
		(void)err_set(&o->why, ERR_CORRUPT, "%s", why->msg);
	return (0);
}

static int
open_all(struct walheads *w, struct err *e)
{
	size_t	 i;

	for (i = 0; i < w->n; i++) {
		struct one	*o = &w->v[i];
		struct err	 why = ERR_INIT;

		if (judge(o, store_get_open(&o->get, w->a->store, o->path,
		    &why), &why, e))
			return (-1);
	}
	return (0);
}

/* An answer to one may allow a request of any other: send them all. */
static int
wait_for_all(struct walheads *w, struct err *e)
{
	size_t	 i, waiting;

	for (;;) {
		for (i = waiting = 0; i < w->n; i++)
			waiting += w->v[i].why.kind == ERR_NONE &&
			    !store_get_ready(w->v[i].get);
		if (waiting == 0)
			return (0);
		if (store_wait(w->a->store, e))
			return (-1);
	}
}

static int
ask_all(struct walheads *w, struct err *e)
{
	size_t	 i;

	for (i = 0; i < w->n; i++) {
		struct one	*o = &w->v[i];
		struct err	 why = ERR_INIT;

		if (o->why.kind == ERR_NONE &&
		    judge(o, object_head_ask(o->get, &why), &why, e))
			return (-1);
	}
	return (0);
}

void
walheads_want_facts(struct walheads *w)
{
	w->want_facts = 1;
}

const struct walfacts *
walheads_facts(const struct walheads *w)
{
	return (w->any ? &w->facts : NULL);
}

static int
take_head(struct walheads *w, struct one *o, struct head *h, struct err *why)
{
	uint8_t	 facts[HEAD_FACTS_LEN];
	int	 rc;

	w->any = 0;
	if (!w->want_facts)
		return (object_head_take(h, w->a, o->get, HEAD_WAL, o->path,
		    why));
	rc = object_head_facts(h, facts, &w->any, w->a, o->get, o->path, why);
	if (rc == 0 && w->any)
		w->any = walfacts_decode(&w->facts, facts, w->segsize) == 0;
	return (rc);
}

/* What wal-push archives as a segment has the cluster's segment size. */
static int
take_one(struct walheads *w, struct one *o, struct err *why)
{
	struct head	 h;
	int		 rc = take_head(w, o, &h, why);

	if (rc != 0 || w->segsize == 0 || h.plain_size == w->segsize)
		return (rc);
	return (err_set(why, ERR_CORRUPT, "%s: holds %" PRIu64 " bytes of "
	    "WAL, expected %" PRIu32, o->path, h.plain_size, w->segsize));
}

static int
take_all(struct walheads *w, struct err *e)
{
	size_t	 i;
	int	 rc = 0;

	for (i = 0; rc == 0 && i < w->n; i++) {
		struct one	*o = &w->v[i];
		struct err	 why = ERR_INIT;

		if (o->why.kind == ERR_NONE &&
		    judge(o, take_one(w, o, &why), &why, e))
			return (-1);
		rc = w->fn(w->arg, &o->name, &o->why, e);
	}
	return (rc);
}

/* Fly, and land: nothing is open behind this. */
int
walheads_end(struct walheads *w, struct err *e)
{
	int	 rc;

	if (open_all(w, e) || wait_for_all(w, e) || ask_all(w, e) ||
	    wait_for_all(w, e))
		rc = -1;
	else
		rc = take_all(w, e);
	clear(w);
	return (rc);
}

int
walheads_add(struct walheads *w, const struct walname *name, struct err *e)
{
	struct one	*o = &w->v[w->n];
	char		 text[WALNAME_TEXT];

	*o = (struct one){ .name = *name, .why = ERR_INIT };
	if (layout_wal(o->path, walname_format(text, name), e))
		return (-1);
	return (++w->n == AT_ONCE ? walheads_end(w, e) : 0);
}

static int
stop_at_bad(void *arg, const struct walname *w, const struct err *why,
    struct err *e)
{
	struct walheads_bad	*out = arg;

	(void)e;
	if (why->kind == ERR_NONE)
		return (0);
	(void)walname_format(out->name, w);
	out->why = *why;
	return (1);
}

int
walheads_check(struct walheads_bad *out, struct archive *a,
    const struct walname *first, const struct walname *last,
    uint32_t segsize, struct err *e)
{
	struct walheads	*h = NULL;
	struct walname	 w = *first;
	const uint64_t	 end = walname_segno(last, segsize);
	uint64_t	 left = 0;
	int		 rc = 0;

	if (walheads_new(&h, a, segsize, stop_at_bad, out, e))
		return (-1);
	if (walname_segno(first, segsize) <= end)
		left = end - walname_segno(first, segsize) + 1;
	for (; rc == 0 && left > 0; left--) {
		rc = walheads_add(h, &w, e);
		w = walname_next(&w, segsize);
	}
	if (rc == 0)
		rc = walheads_end(h, e);
	walheads_free(h);
	return (rc);
}
