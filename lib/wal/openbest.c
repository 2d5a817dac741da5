/* SPDX-License-Identifier: ISC */
/*
 * Every open object of the segment is read to its end.  Runs are read, not only
 * checked: what a .restore key cannot open is no part of one.  The longest
 * counts, and since all come from one slot on one timeline the others must say
 * the same.
 */
#include <stdlib.h>

#include "crypt/hash.h"
#include "stream/sink.h"
#include "wal/openbest.h"
#include "wal/openread.h"

/* A stage that hashes the first so many bytes, and takes all. */
struct prefix {
	struct sink	 base;
	struct hash	*hash;		/* NULL if "left" is 0 */
	uint64_t	 left;
};

static int
prefix_write(struct sink *base, const void *buf, size_t n, struct err *e)
{
	struct prefix	*p = (struct prefix *)base;

	(void)e;
	n = n < p->left ? n : (size_t)p->left;
	if (n > 0)
		hash_add(p->hash, buf, n);
	p->left -= n;
	return (0);
}

static const struct sink_ops	 prefix_ops = { prefix_write, NULL, NULL };

int
openbest_changed(struct archive *a, const struct walname *w, unsigned number,
    struct err *e)
{
	char	 name[WALNAME_TEXT];

	return (err_set(e, ERR_REMOTE, "%s: %s.open-%03u has changed while it "
	    "was read", store_name(a->store), walname_format(name, w),
	    number));
}

/* Hash the first "n" bytes of WAL in an object, which has so many. */
static int
hash_run(uint8_t out[HASH_LEN], struct archive *a, const struct walname *w,
    uint32_t segsize, unsigned number, uint64_t n, struct err *e)
{
	struct prefix		 p = { .base = { .ops = &prefix_ops } };
	struct openread_run	 run;
	int			 rc;

	if (hash_new(&p.hash, e))
		return (-1);
	p.left = n;
	rc = openread_wal(&run, a, w, segsize, number, &p.base, e);
	if (rc == 1 || (rc == 0 && p.left > 0))
		rc = openbest_changed(a, w, number, e);
	if (rc == 0)
		hash_final(p.hash, out);
	hash_free(p.hash);
	return (rc);
}

/* That two objects have the same WAL up to the end of the shorter run. */
static int
same(struct archive *a, const struct walname *w, uint32_t segsize,
    unsigned best, unsigned other, uint64_t n, struct err *e)
{
	uint8_t	 x[HASH_LEN], y[HASH_LEN];
	char	 name[WALNAME_TEXT];

	if (n == 0)
		return (0);
	if (hash_run(x, a, w, segsize, best, n, e) ||
	    hash_run(y, a, w, segsize, other, n, e))
		return (-1);
	if (hash_equal(x, y))
		return (0);
	return (err_set(e, ERR_CORRUPT, "%s: %s.open-%03u and .open-%03u "
	    "differ, though both are authentic; do two servers stream to one "
	    "place? Move the wrong one away", store_name(a->store),
	    walname_format(name, w), best, other));
}

struct runs {
	struct archive		*a;
	const struct walname	*w;
	uint32_t		 segsize;
	uint64_t		 n[LAYOUT_OPEN_LAST + 1];	/* of WAL */
};

static int
measure(struct runs *r, unsigned number, struct err *e)
{
	struct prefix		 p = { .base = { .ops = &prefix_ops } };
	struct openread_run	 run;
	int			 rc;

	rc = openread_wal(&run, r->a, r->w, r->segsize, number, &p.base, e);
	if (rc == 1)
		return (openbest_changed(r->a, r->w, number, e));
	if (rc == 0)
		r->n[number] = run.end - run.start;
	return (rc);
}

static int
find(struct openbest *out, struct runs *r, const struct openlist *list,
    struct err *e)
{
	const uint64_t	 start = walname_lsn(r->w, r->segsize);
	unsigned	 i;

	*out = (struct openbest){ 0, start };
	for (i = 1; i <= list->last; i++) {
		if (list->has[i] && measure(r, i, e))
			return (-1);
		if (r->n[i] > out->end - start)
			*out = (struct openbest){ i, start + r->n[i] };
	}
	for (i = 1; i <= list->last; i++)
		if (i != out->number && same(r->a, r->w, r->segsize,
		    out->number, i, r->n[i], e))
			return (-1);
	return (0);
}

int
openbest_find(struct openbest *out, struct archive *a,
    const struct openlist *list, const struct walname *w, uint32_t segsize,
    struct err *e)
{
	struct runs	*r;
	int		 rc;

	if ((r = calloc(1, sizeof(*r))) == NULL)
		return (err_sys(e, ERR_LOCAL, "open objects"));
	r->a = a;
	r->w = w;
	r->segsize = segsize;
	rc = find(out, r, list, e);
	free(r);
	return (rc);
}
