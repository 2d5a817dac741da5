/* SPDX-License-Identifier: ISC */
/* The ends of transactions in one archived segment. */
#include <stdlib.h>
#include <string.h>

#include "catalogue/commitscan.h"
#include "pg/walfacts.h"
#include "pg/walname.h"
#include "pg/walxact.h"
#include "repo/layout.h"
#include "repo/object.h"
#include "wal/openread.h"

/* The last stage of the pipeline: bytes pass, and only times are kept. */
struct scan_sink {
	struct sink	 base;
	struct walxact	*ends;
	uint64_t	 left;		/* bytes before the split */
	struct commitscan *to;
};

/* Bytes that are taken at once until the first end behind the split is seen. */
#define STEP	512

static int
scan_write(struct sink *base, const void *data, size_t n, struct err *e)
{
	struct scan_sink	*s = (struct scan_sink *)base;
	const uint8_t		*p = data;
	size_t			 k = n < s->left ? n : (size_t)s->left;
	int64_t			 last;

	(void)e;
	walxact_add(s->ends, p, k);
	s->left -= k;
	/* A record that reaches over the split has not ended here. */
	if (k > 0)
		s->to->before_us = walxact_last(s->ends);
	for (p += k, n -= k; n > 0 && s->to->first_us == WALXACT_NONE;
	    p += k, n -= k) {
		k = n < STEP ? n : STEP;
		walxact_add(s->ends, p, k);
		if ((last = walxact_last(s->ends)) != s->to->before_us)
			s->to->first_us = last;
	}
	walxact_add(s->ends, p, n);
	return (0);
}

static int
scan_finish(struct sink *base, struct err *e)
{
	(void)base;
	(void)e;
	return (0);
}

static void
scan_free(struct sink *base)
{
	free(base);
}

static const struct sink_ops scan_ops = {
	scan_write, scan_finish, scan_free
};

static int
open_scan(struct sink **out, struct walxact *ends, uint64_t left,
    struct commitscan *to, struct err *e)
{
	struct scan_sink	*s;

	if ((s = calloc(1, sizeof(*s))) == NULL)
		return (err_sys(e, ERR_LOCAL, "read WAL"));
	s->base.ops = &scan_ops;
	s->ends = ends;
	s->left = left;
	s->to = to;
	*out = &s->base;
	return (0);
}

/* An offset in the segment that begins at "start"; 0 if it is none. */
static uint64_t
lsn_of(uint64_t start, uint64_t at)
{
	return (at == WALXACT_NOWHERE ? 0 : start + at);
}

static void
begin(struct commitscan *out, struct walxact *ends)
{
	walxact_begin(ends);
	out->before_us = out->first_us = WALXACT_NONE;
}

static void
take(struct commitscan *out, const struct walxact *ends, uint64_t start)
{
	out->last_us = walxact_last(ends);
	out->end_lsn = lsn_of(start, walxact_end_at(ends));
	out->record_lsn = lsn_of(start, walxact_record_at(ends));
	out->whole = walxact_whole(ends);
	out->pending = walxact_pending(ends);
}

int
commitscan_segment(struct commitscan *out, struct archive *a,
    uint32_t segsize, uint32_t tli, uint64_t segno, uint64_t split,
    struct err *e)
{
	const struct walname	 w = walname_at(tli, segno * segsize, segsize);
	const uint64_t		 start = segno * segsize;
	struct object_info	 info;
	struct store_get	*get = NULL;
	struct sink		*s = NULL;
	struct walxact		 ends;
	struct err		 why = ERR_INIT;
	char			 path[LAYOUT_PATH], name[WALNAME_TEXT];
	int			 rc = -1;

	begin(out, &ends);
	if (layout_wal(path, walname_format(name, &w), &why) == 0 &&
	    open_scan(&s, &ends, split > start ? split - start : 0, out,
	    &why) == 0 &&
	    store_get_open(&get, a->store, path, &why) == 0)
		rc = object_fetch(&info, a, get, HEAD_WAL, path, &s, &why);
	sink_free(s);
	store_get_free(get);
	if (rc == -1 && why.kind == ERR_CORRUPT)
		return (1);
	if (rc == -1)
		return (err_set(e, why.kind, "%s", why.msg));
	if (rc == 0) {
		take(out, &ends, start);
		out->created_us = info.head.created_us;
	}
	return (rc);
}

static void
take_facts(struct commitscan *out, const struct walfacts *f, uint64_t start)
{
	out->before_us = out->first_us = WALXACT_NONE;
	out->last_us = f->ended_us;
	out->end_lsn = f->ended_at == WALFACTS_NOWHERE ? 0 :
	    start + f->ended_at;
	out->record_lsn = f->record_at == WALFACTS_NOWHERE ? 0 :
	    start + f->record_at;
	out->whole = (f->flags & WALFACTS_WHOLE) != 0;
	out->pending = f->ntail > 0 && (f->ntail < WALFACTS_TAIL ||
	    walevent_is_end(f->tail[17], f->tail[16]));
}

int
commitscan_facts(struct commitscan *out, struct archive *a, uint32_t segsize,
    uint32_t tli, uint64_t segno, struct err *e)
{
	const struct walname	 w = walname_at(tli, segno * segsize, segsize);
	struct store_get	*get = NULL;
	struct walfacts		 f;
	struct head		 h;
	struct err		 why = ERR_INIT;
	uint8_t			 bytes[HEAD_FACTS_LEN];
	char			 path[LAYOUT_PATH], name[WALNAME_TEXT];
	int			 rc = -1, any = 0;

	if (layout_wal(path, walname_format(name, &w), &why) == 0 &&
	    store_get_open(&get, a->store, path, &why) == 0 &&
	    (rc = object_head_ask(get, &why)) == 0)
		rc = object_head_facts(&h, bytes, &any, a, get, path, &why);
	store_get_free(get);
	if (rc == -1 && why.kind == ERR_CORRUPT)
		return (1);
	if (rc == -1)
		return (err_set(e, why.kind, "%s", why.msg));
	if (rc == 1)
		return (1);
	if (!any || walfacts_decode(&f, bytes, segsize))
		return (commitscan_segment(out, a, segsize, tli, segno, 0, e));
	take_facts(out, &f, segno * segsize);
	out->created_us = h.created_us;
	return (0);
}

int
commitscan_streamed(struct commitscan *out, struct archive *a,
    uint32_t segsize, uint32_t tli, uint64_t segno, unsigned number,
    struct err *e)
{
	const struct walname	 w = walname_at(tli, segno * segsize, segsize);
	struct openread_run	 run;
	struct sink		*s = NULL;
	struct walxact		 ends;
	struct err		 why = ERR_INIT;
	int			 rc;

	begin(out, &ends);
	if (open_scan(&s, &ends, 0, out, e))
		return (-1);
	rc = openread_wal(&run, a, &w, segsize, number, s, &why);
	sink_free(s);
	if (rc == -1 && why.kind != ERR_CORRUPT)
		return (err_set(e, why.kind, "%s", why.msg));
	if (rc != 0)
		return (1);
	take(out, &ends, run.start);
	out->whole = walxact_sound(&ends);
	out->created_us = 0;
	return (0);
}
