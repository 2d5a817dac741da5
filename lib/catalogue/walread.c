/* SPDX-License-Identifier: ISC */
/* What records say, from archived segments that are read whole. */
#include <stdlib.h>

#include "catalogue/walread.h"
#include "pg/walname.h"
#include "pg/walxact.h"
#include "repo/layout.h"
#include "repo/object.h"
#include "wal/openread.h"

struct reading {
	struct walxact	 x;
	uint64_t	 start;		/* LSN of the first byte */
	uint32_t	 segsize;
	walread_fn	*fn;
	void		*arg;
};

/* The last stage of the pipeline: bytes pass, and records are looked at. */
struct read_sink {
	struct sink	 base;
	struct walxact	*x;
};

static int
read_write(struct sink *base, const void *p, size_t n, struct err *e)
{
	(void)e;
	walxact_add(((struct read_sink *)base)->x, p, n);
	return (0);
}

static int
read_finish(struct sink *base, struct err *e)
{
	(void)base;
	(void)e;
	return (0);
}

static void
read_free(struct sink *base)
{
	free(base);
}

static const struct sink_ops read_ops = { read_write, read_finish, read_free };

static int
open_read(struct sink **out, struct walxact *x, struct err *e)
{
	struct read_sink	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "read WAL"));
	s->base.ops = &read_ops;
	s->x = x;
	*out = &s->base;
	return (0);
}

/* What begins in a later segment was read for the sake of one before. */
static void
on_event(void *arg, const struct walevent *ev)
{
	const struct reading	*r = arg;

	if (ev->at < r->segsize)
		r->fn(r->arg, r->start + ev->at, ev);
}

static void
begin(struct reading *r, const struct walread_line *l, uint64_t start,
    walread_fn *fn, void *arg)
{
	*r = (struct reading){ .start = start, .segsize = l->segsize,
	    .fn = fn, .arg = arg };
	walxact_begin(&r->x);
	walxact_each(&r->x, on_event, r);
}

/* One file; 1 if it is not there or damaged. */
static int
read_file(struct reading *r, const struct walread_line *l, uint64_t segno,
    struct err *e)
{
	const uint32_t		 tli = lineage_file(l->lines, l->tli, segno,
	    l->segsize);
	const struct walname	 w = walname_at(tli, segno * l->segsize,
	    l->segsize);
	struct object_info	 info;
	struct store_get	*get = NULL;
	struct sink		*s = NULL;
	struct err		 why = ERR_INIT;
	char			 path[LAYOUT_PATH], name[WALNAME_TEXT];
	int			 rc = -1;

	if (layout_wal(path, walname_format(name, &w), &why) == 0 &&
	    open_read(&s, &r->x, &why) == 0 &&
	    store_get_open(&get, l->a->store, path, &why) == 0)
		rc = object_fetch(&info, l->a, get, HEAD_WAL, path, &s, &why);
	sink_free(s);
	store_get_free(get);
	if (rc != -1)
		return (rc);
	return (err_of_one_file(&why) ? 1 :
	    err_set(e, why.kind, "%s", why.msg));
}

/* Whether the rest of the last record is worth reading. */
static int
goes_on(const struct reading *r)
{
	const uint8_t	*rec;
	uint32_t	 seen;
	const size_t	 n = walxact_cut(&r->x, &rec, &seen);

	return (n > 0 && (n < 24 || walevent_matters(rec[17], rec[16])));
}

int
walread_segment(struct walread *out, const struct walread_line *l,
    uint64_t segno, walread_fn *fn, void *arg, struct err *e)
{
	struct reading	 r;
	int		 rc;

	begin(&r, l, segno * l->segsize, fn, arg);
	if ((rc = read_file(&r, l, segno, e)) != 0)
		return (rc);
	walxact_xids(&r.x, &out->next_xid, &out->high_xid);
	out->oldest_xid = walxact_oldest(&r.x);
	out->whole = walxact_whole(&r.x);
	while (rc == 0 && goes_on(&r))
		rc = read_file(&r, l, ++segno, e);
	return (rc == -1 ? -1 : 0);
}

int
walread_streamed(struct walread *out, const struct walread_line *l,
    uint64_t segno, unsigned number, walread_fn *fn, void *arg,
    struct err *e)
{
	const struct walname	 w = walname_at(l->tli, segno * l->segsize,
	    l->segsize);
	struct openread_run	 run;
	struct reading		 r;
	struct sink		*s = NULL;
	struct err		 why = ERR_INIT;
	int			 rc;

	begin(&r, l, segno * l->segsize, fn, arg);
	if (open_read(&s, &r.x, e))
		return (-1);
	rc = openread_wal(&run, l->a, &w, l->segsize, number, s, &why);
	sink_free(s);
	if (rc == -1 && why.kind != ERR_CORRUPT)
		return (err_set(e, why.kind, "%s", why.msg));
	if (rc != 0)
		return (1);
	walxact_xids(&r.x, &out->next_xid, &out->high_xid);
	out->oldest_xid = walxact_oldest(&r.x);
	out->whole = walxact_sound(&r.x);
	return (0);
}
