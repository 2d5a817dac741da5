/* SPDX-License-Identifier: ISC */
/*
 * Reading the headers of many segments.  Each costs the answers to open and
 * size, and then the one to the read; so each step is taken for all segments
 * of a flight before the next one is, and a flight costs as much as one file.
 */
#include <inttypes.h>
#include <string.h>

#include "repo/layout.h"
#include "repo/object.h"
#include "wal/walheads.h"

#define AT_ONCE	64			/* files that are open at a time */

struct flight {
	struct archive		*a;
	uint32_t		 segsize;
	char			 name[AT_ONCE][WALNAME_TEXT];
	char			 path[AT_ONCE][LAYOUT_PATH];
	struct store_get	*get[AT_ONCE];	/* owned */
	size_t			 n;
	size_t			 bad;	/* the first that does not count; "n"
					 * if each does */
	struct err		 why;
};

/*
 * What became of a step for segment "i".  One that does not count hides those
 * behind it, so they are of no interest any more.  A read that failed for
 * another reason than the file itself proves nothing.
 */
static int
judge(struct flight *f, size_t i, int rc, const struct err *why,
    struct err *e)
{
	if (rc == 0)
		return (0);
	if (rc == -1 && !err_of_one_file(why))
		return (err_set(e, why->kind, "%s", why->msg));
	f->bad = i;
	err_clear(&f->why);
	if (rc == 1)
		err_set(&f->why, ERR_ABSENT, "%s: was listed, and is missing "
		    "now", f->path[i]);
	else
		err_set(&f->why, ERR_CORRUPT, "%s", why->msg);
	return (0);
}

static int
open_all(struct flight *f, struct err *e)
{
	size_t	 i;

	for (i = 0; i < f->bad; i++) {
		struct err	 why = ERR_INIT;
		int		 rc = store_get_open(&f->get[i], f->a->store,
		    f->path[i], &why);

		if (judge(f, i, rc, &why, e))
			return (-1);
	}
	return (0);
}

/* An answer to one may allow a request of any other: send them all. */
static int
wait_for_all(struct flight *f, struct err *e)
{
	size_t	 i, ready;

	for (;;) {
		for (i = ready = 0; i < f->bad; i++)
			ready += store_get_ready(f->get[i]) != 0;
		if (ready == f->bad)
			return (0);
		if (store_wait(f->a->store, e))
			return (-1);
	}
}

static int
ask_all(struct flight *f, struct err *e)
{
	size_t	 i;

	for (i = 0; i < f->bad; i++) {
		struct err	 why = ERR_INIT;
		int		 rc = object_head_ask(f->get[i], &why);

		if (judge(f, i, rc, &why, e))
			return (-1);
	}
	return (0);
}

/* What wal-push archives as a segment has the cluster's segment size. */
static int
take_one(struct flight *f, size_t i, struct err *why)
{
	struct head	 h;
	int		 rc = object_head_take(&h, f->a, f->get[i], HEAD_WAL,
	    f->path[i], why);

	if (rc != 0 || h.plain_size == f->segsize)
		return (rc);
	return (err_set(why, ERR_CORRUPT, "%s: holds %" PRIu64 " bytes of "
	    "WAL, expected %" PRIu32, f->path[i], h.plain_size, f->segsize));
}

static int
take_all(struct flight *f, struct err *e)
{
	size_t	 i;

	for (i = 0; i < f->bad; i++) {
		struct err	 why = ERR_INIT;
		int		 rc = take_one(f, i, &why);

		if (judge(f, i, rc, &why, e))
			return (-1);
	}
	return (0);
}

/* Fly, and land: nothing is open behind this. */
static int
fly(struct flight *f, struct err *e)
{
	size_t	 i;
	int	 rc;

	f->bad = f->n;
	rc = open_all(f, e) || wait_for_all(f, e) || ask_all(f, e) ||
	    wait_for_all(f, e) || take_all(f, e) ? -1 : 0;
	for (i = 0; i < f->n; i++) {
		store_get_free(f->get[i]);
		f->get[i] = NULL;
	}
	return (rc == 0 && f->bad < f->n ? 1 : rc);
}

int
walheads_check(struct walheads *out, struct archive *a,
    const struct walname *first, const struct walname *last,
    uint32_t segsize, struct err *e)
{
	struct flight	 f = { .a = a, .segsize = segsize, .why = ERR_INIT };
	struct walname	 w = *first;
	const uint64_t	 end = walname_segno(last, segsize);
	uint64_t	 left = 0;
	int		 rc = 0;

	if (walname_segno(first, segsize) <= end)
		left = end - walname_segno(first, segsize) + 1;
	for (; rc == 0 && left > 0; left -= f.n) {
		for (f.n = 0; f.n < AT_ONCE && f.n < left; f.n++) {
			(void)walname_format(f.name[f.n], &w);
			if (layout_wal(f.path[f.n], f.name[f.n], e))
				return (-1);
			w = walname_next(&w, segsize);
		}
		rc = fly(&f, e);
	}
	if (rc == 1) {
		memcpy(out->name, f.name[f.bad], sizeof(out->name));
		out->why = f.why;
	}
	return (rc);
}
