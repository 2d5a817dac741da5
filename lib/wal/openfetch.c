/* SPDX-License-Identifier: ISC */
/*
 * An open object in the place of a segment.
 *
 * What this makes looks like a whole segment, and must never be archived as
 * one.  So it is noted in the data directory before PostgreSQL can see it: a
 * crash in between leaves a note of a file that does not exist.
 */
#include <string.h>

#include "crypt/hash.h"
#include "pg/walname.h"
#include "repo/marker.h"
#include "stream/file.h"
#include "wal/openbest.h"
#include "wal/openfetch.h"
#include "wal/openlist.h"
#include "wal/openread.h"
#include "wal/padded.h"
#include "wal/walarchive.h"
#include "wal/walend.h"

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

/*
 * A stage that passes on all but the last byte that is not zero, which becomes
 * zero.  What it has not passed on is that byte, and the zeros behind it.
 */
struct cutlast {
	struct sink	 base;
	struct sink	*to;
	int		 any;
	uint8_t		 last;
	uint64_t	 zeros;
};

static int
cutlast_write(struct sink *base, const void *buf, size_t n, struct err *e)
{
	struct cutlast	*c = (struct cutlast *)base;
	const uint8_t	*p = buf;
	size_t		 k = n;

	while (k > 0 && p[k - 1] == 0)
		k--;
	if (k == 0) {
		c->zeros += n;
		return (0);
	}
	if ((c->any && sink_write(c->to, &c->last, 1, e)) ||
	    pad(c->to, c->zeros, e) ||
	    sink_write(c->to, p, k - 1, e))
		return (-1);
	c->any = 1;
	c->last = p[k - 1];
	c->zeros = n - k;
	return (0);
}

static const struct sink_ops	 cutlast_ops = { cutlast_write, NULL, NULL };

struct fetch {
	struct archive		*a;
	struct walname		 w;
	uint32_t		 segsize;
	struct openbest		 best;
	const char		*path, *dir;
};

/*
 * The whole segment into the sink, which hashes it.
 *
 * If all of it was streamed, recovery would end with its last byte, and the
 * new timeline begin behind it.  That timeline's line would need this segment
 * for ever, and nobody can give it its name any more.  So its last record is
 * made invalid: then the new timeline begins in this segment, and has a file
 * of its own for it.  The record was acknowledged to nobody, since it ends
 * with the segment, or behind it: the last byte that is not zero is that of a
 * record which fills the segment up, of the beginning of one which goes on in
 * the next segment, or of a switch to that.
 */
static int
fill(const struct fetch *f, struct sink *s, struct err *e)
{
	struct openread_run	 run;
	struct cutlast		 c = { .base = { .ops = &cutlast_ops },
				    .to = s };
	const int		 all = f->best.end == walname_lsn(&f->w,
				    f->segsize) + f->segsize;
	int			 rc;

	rc = openread_wal(&run, f->a, &f->w, f->segsize, f->best.number,
	    all ? &c.base : s, e);
	if (rc == 1 || (rc == 0 && run.end != f->best.end))
		return (openbest_changed(f->a, &f->w, f->best.number, e));
	if (rc == -1)
		return (-1);
	return (pad(s, all ? c.zeros + (uint64_t)c.any :
	    run.start + f->segsize - run.end, e));
}

static int
write_file(const struct fetch *f, struct err *e)
{
	struct padded	 note = { .end = f->best.end };
	struct hash	*h = NULL;
	struct sink	*s = NULL;
	int		 rc = -1;

	(void)walname_format(note.name, &f->w);
	if (file_sink_open(&s, f->path, WALARCHIVE_TEMP, 0600, 1, e) ||
	    hash_new(&h, e) ||
	    hash_sink_stack(&s, h, e) ||
	    fill(f, s, e))
		goto out;
	hash_final(h, note.hash);
	if (padded_add(f->dir, &note, e) ||
	    sink_finish(s, e))
		goto out;
	rc = 0;
out:
	sink_free(s);
	hash_free(h);
	return (rc);
}

/* The size of the cluster's segments, by the marker. */
static int
take_segsize(struct fetch *f, struct err *e)
{
	struct marker	 m;

	if (marker_look(&m, f->a, e))
		return (-1);
	if (!walname_segsize_ok(m.wal_segment_size))
		return (err_set(e, ERR_CORRUPT, "the marker has no size of "
		    "segments, so what was streamed cannot be read"));
	f->segsize = (uint32_t)m.wal_segment_size;
	return (walname_check(&f->w, f->segsize, e));
}

int
openfetch_file(struct archive *a, const char *name, const char *path,
    const char *dir, uint64_t *end, struct err *e)
{
	struct fetch	 f = { .a = a, .path = path, .dir = dir };
	struct openlist	 list;
	struct err	 unused = ERR_INIT;

	if (walname_parse(name, &f.w, &unused) ||
	    f.w.kind != WALNAME_SEGMENT)
		return (1);
	if (openlist_load(&list, a, &f.w, e))
		return (-1);
	if (list.whole)
		return (err_set(e, ERR_REMOTE, "%s: was missing, and was "
		    "there a moment later", store_name(a->store)));
	if (list.n == 0)
		return (1);
	if (take_segsize(&f, e) ||
	    openbest_find(&f.best, a, &list, &f.w, f.segsize, e))
		return (-1);
	/* A receiver that had just begun has promised nothing. */
	if (f.best.number == 0)
		return (1);
	if (walend_alone(a, name, f.best.end, e))
		return (-1);
	*end = f.best.end;
	return (write_file(&f, e));
}
