/* SPDX-License-Identifier: ISC */
/*
 * The proof that WAL summaries say all that happened between two backups.  A
 * block that is wrongly taken for unchanged is a wrong backup, which nothing
 * would show before a restore.
 */
#include <inttypes.h>

#include "plan/summaries.h"

int
summaries_follow(const struct summaries_backup *then,
    const struct summaries_backup *now, struct err *e)
{
	char	 a[LSN_TEXT], b[LSN_TEXT];

	if (then->timeline != now->timeline)
		return (err_set(e, ERR_PG, "the last backup is of timeline %"
		    PRIu32 ", this one of %" PRIu32, then->timeline,
		    now->timeline));
	if (then->stop_lsn > now->start_lsn ||
	    then->start_lsn >= now->start_lsn)
		return (err_set(e, ERR_PG, "the last backup ended at %s, "
		    "behind %s, where this one started",
		    lsn_format(a, then->stop_lsn),
		    lsn_format(b, now->start_lsn)));
	if (then->next_xid > now->next_xid)
		return (err_set(e, ERR_PG, "the last backup saw transaction %"
		    PRIu64 ", and PostgreSQL is at %" PRIu64 "; was its data "
		    "directory set back?", then->next_xid, now->next_xid));
	if (then->checksums != now->checksums)
		return (err_set(e, ERR_PG, "page checksums were turned %s "
		    "since the last backup", now->checksums ? "on" : "off"));
	return (0);
}

enum summaries
summaries_cover(const struct lsn_range *v, size_t n,
    const struct lsn_range *wanted, uint64_t *upto)
{
	size_t	 i;
	int	 begins = 0, gap = 0;

	*upto = wanted->start;
	for (i = 0; i < n; i++) {
		begins |= v[i].start == wanted->start;
		if (v[i].start > *upto)
			gap = 1;
		else if (!gap && v[i].end > *upto)
			*upto = v[i].end;
	}
	if (*upto < wanted->end)
		return (gap ? SUMMARIES_GAP : SUMMARIES_BEHIND);
	return (begins ? SUMMARIES_COMPLETE : SUMMARIES_OTHER);
}
