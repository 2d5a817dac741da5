/* SPDX-License-Identifier: ISC */
/*
 * An open object in the place of a segment.
 *
 * Every open object of the segment is read to its end: the longest counts, and
 * since all come from one slot on one timeline the others must say the same.
 */
#include <stdlib.h>
#include <string.h>

#include "crypt/hash.h"
#include "pg/walname.h"
#include "repo/layout.h"
#include "repo/marker.h"
#include "stream/file.h"
#include "wal/openfetch.h"
#include "wal/openread.h"
#include "wal/walarchive.h"
#include "wal/walend.h"

struct found {
	const char	*name;
	int		 there;		/* the segment itself */
	uint8_t		 has[LAYOUT_OPEN_LAST + 1];	/* by number */
};

static int
on_entry(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct found	*f = arg;
	char		 name[LAYOUT_SEGMENT];
	unsigned	 number;

	(void)i;
	(void)missing;
	(void)e;
	if (en == NULL)
		return (0);
	f->there |= strcmp(en->name, f->name) == 0;
	number = layout_open_number(en->name, name);
	if (number != 0 && strcmp(name, f->name) == 0)
		f->has[number] = 1;
	return (0);
}

static int
look(struct found *f, struct archive *a, const struct walname *w,
    struct err *e)
{
	char		 folder[LAYOUT_FOLDER];
	const char	*const path = layout_wal_log(folder, w->tli, w->log);

	if (store_list(a->store, &path, 1, on_entry, f, e))
		return (-1);
	return (f->there ? err_set(e, ERR_REMOTE, "%s: was missing, and was "
	    "there a moment later", store_name(a->store)) : 0);
}

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

static int
gone(struct archive *a, const char *name, unsigned number, struct err *e)
{
	return (err_set(e, ERR_REMOTE, "%s: %s.open-%03u has changed while it "
	    "was read", store_name(a->store), name, number));
}

/* Hash the first "n" bytes of WAL in an object, which has so many. */
static int
hash_run(uint8_t out[HASH_LEN], struct archive *a, const struct walname *w,
    uint32_t segsize, unsigned number, uint64_t n, struct err *e)
{
	struct prefix		 p = { .base = { .ops = &prefix_ops } };
	struct openread_run	 run;
	char			 name[WALNAME_TEXT];
	int			 rc;

	if (hash_new(&p.hash, e))
		return (-1);
	p.left = n;
	rc = openread_wal(&run, a, w, segsize, number, &p.base, e);
	if (rc == 1 || (rc == 0 && p.left > 0))
		rc = gone(a, walname_format(name, w), number, e);
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

/*
 * The object with the longest run; *best is 0 if there is none with any WAL.
 * Runs are read, not only checked: what a .restore key cannot open is no part
 * of one.
 */
static int
choose(unsigned *best, uint64_t *len, struct archive *a,
    const struct found *f, const struct walname *w, uint32_t segsize,
    struct err *e)
{
	struct prefix		 p = { .base = { .ops = &prefix_ops } };
	struct openread_run	 run;
	uint64_t		*n;
	unsigned		 i;
	int			 rc = -1;

	*best = 0;
	*len = 0;
	if ((n = calloc(LAYOUT_OPEN_LAST + 1, sizeof(*n))) == NULL)
		return (err_sys(e, ERR_LOCAL, "open objects"));
	for (i = 1; i <= LAYOUT_OPEN_LAST; i++) {
		if (!f->has[i])
			continue;
		rc = openread_wal(&run, a, w, segsize, i, &p.base, e);
		if (rc == 1)
			rc = gone(a, f->name, i, e);
		if (rc == -1)
			goto out;
		n[i] = run.end - run.start;
		if (n[i] > *len) {
			*len = n[i];
			*best = i;
		}
	}
	rc = 0;
	for (i = 1; i <= LAYOUT_OPEN_LAST && rc == 0; i++)
		if (i != *best)
			rc = same(a, w, segsize, *best, i, n[i], e);
out:
	free(n);
	return (rc);
}

static int
pad(struct sink *s, uint64_t n, struct err *e)
{
	static const uint8_t	 zero[8192];
	size_t			 len;

	for (; n > 0; n -= len) {
		len = n < sizeof(zero) ? (size_t)n : sizeof(zero);
		if (sink_write(s, zero, len, e))
			return (-1);
	}
	return (0);
}

static int
write_file(struct archive *a, const struct walname *w, uint32_t segsize,
    unsigned number, uint64_t len, const char *path, struct err *e)
{
	struct openread_run	 run;
	struct sink		*s = NULL;
	char			 name[WALNAME_TEXT];
	int			 rc;

	if (file_sink_open(&s, path, WALARCHIVE_TEMP, 0600, 1, e))
		return (-1);
	rc = openread_wal(&run, a, w, segsize, number, s, e);
	if (rc == 1 || (rc == 0 && run.end - run.start != len))
		rc = gone(a, walname_format(name, w), number, e);
	if (rc == 0 && (pad(s, run.start + segsize - run.end, e) ||
	    sink_finish(s, e)))
		rc = -1;
	sink_free(s);
	return (rc);
}

int
openfetch_file(struct archive *a, const char *name, const char *path,
    uint64_t *end, struct err *e)
{
	struct found	 f = { .name = name };
	struct marker	 m;
	struct walname	 w;
	struct err	 unused = ERR_INIT;
	uint64_t	 len;
	uint32_t	 segsize;
	unsigned	 best;

	if (walname_parse(name, &w, &unused) || w.kind != WALNAME_SEGMENT)
		return (1);
	if (look(&f, a, &w, e))
		return (-1);
	if (memchr(f.has, 1, sizeof(f.has)) == NULL)
		return (1);
	if (marker_look(&m, a, e))
		return (-1);
	if (!walname_segsize_ok(m.wal_segment_size))
		return (err_set(e, ERR_CORRUPT, "the marker has no size of "
		    "segments, so %s.open cannot be read", name));
	segsize = (uint32_t)m.wal_segment_size;
	if (walname_check(&w, segsize, e) || walend_alone(a, name, e) ||
	    choose(&best, &len, a, &f, &w, segsize, e))
		return (-1);
	if (best == 0)
		return (1);
	*end = walname_lsn(&w, segsize) + len;
	return (write_file(a, &w, segsize, best, len, path, e));
}
