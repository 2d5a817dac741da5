/* SPDX-License-Identifier: ISC */
/* A segment that was streamed to its end, and never got its name. */
#include "pg/walname.h"
#include "repo/marker.h"
#include "wal/openlist.h"
#include "wal/openread.h"
#include "wal/openwhole.h"

static int
write_all(struct archive *a, const struct walname *w, uint32_t segsize,
    unsigned number, struct sink *dst, struct err *e)
{
	struct openread_run	 run;
	int			 rc;

	rc = openread_wal(&run, a, w, segsize, number, dst, e);
	if (rc == 1 || (rc == 0 && run.end - run.start != segsize))
		rc = err_set(e, ERR_CORRUPT, "object %03u is not whole for "
		    "who reads it", number);
	return (rc == 0 ? sink_finish(dst, e) : -1);
}

int
openwhole_take(struct archive *a, const char *name, struct sink **dst,
    struct err *e)
{
	struct openlist	 list;
	struct marker	 m;
	struct walname	 w;
	uint32_t	 segsize;
	unsigned	 i;
	int		 rc;

	if (marker_look(&m, a, e) || walname_parse(name, &w, e))
		return (-1);
	if (w.kind != WALNAME_SEGMENT ||
	    !walname_segsize_ok(m.wal_segment_size))
		return (1);
	segsize = (uint32_t)m.wal_segment_size;
	if (openlist_load(&list, a, &w, e))
		return (-1);
	for (i = 1; i <= list.last; i++) {
		rc = list.has[i] ? openread_reaches(a, &w, segsize, i,
		    walname_lsn(&w, segsize) + segsize, e) : 0;
		if (rc == 1)
			return (write_all(a, &w, segsize, i, *dst, e));
		if (rc == -1)
			return (-1);
	}
	return (1);
}
