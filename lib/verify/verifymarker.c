/* SPDX-License-Identifier: ISC */
/*
 * The marker, which every program reads before it believes anything else.  A
 * missing marker alone is no finding: the folder of an unmounted disk looks
 * like that.  It is one if other things of the cluster are found.
 */
#include <inttypes.h>

#include "pg/walname.h"
#include "repo/layout.h"
#include "repo/marker.h"
#include "verify/verifymarker.h"

static int
any_entry(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	(void)i;
	(void)missing;
	(void)e;
	if (en != NULL)
		*(int *)arg = 1;
	return (0);
}

int
verifymarker_check(struct archive *a, struct verifyreport *t, struct err *e)
{
	static const char *const	 top[] = { LAYOUT_BASE, LAYOUT_WAL };
	struct store_get		*get = NULL;
	struct marker			 m;
	struct err			 why = ERR_INIT;
	int				 rc = -1, any = 0;

	if (marker_open(&get, a, e))
		return (-1);
	rc = marker_read(&m, a, get, &why);
	store_get_free(get);
	if (rc == 0 && !walname_segsize_ok(m.wal_segment_size))
		rc = err_set(&why, ERR_CORRUPT, "has a wal_segment_size of %"
		    PRIu64 ", expected a power of two from 1 MiB to 1 GiB",
		    m.wal_segment_size);
	if (rc == 0)
		return (0);
	if (rc == -1 && why.kind != ERR_CORRUPT)
		return (err_set(e, why.kind, "%s", why.msg));
	if (rc == 1 && store_list(a->store, top, 2, any_entry, &any,
	    e))
		return (-1);
	if (rc == 1 && !any)
		return (err_set(e, ERR_REMOTE, "%s: nothing is stored for "
		    "system identifier %" PRIu64 "; is the repository's disk "
		    "mounted?", store_name(a->store), a->system_id));
	return (verifyreport_finding(t, LAYOUT_MARKER, "until it is put "
	    "back, nothing is pushed, fetched or restored, and nothing else "
	    "can be verified",
	    "%s", rc == 1 ? "missing, although backups or WAL are stored" :
	    verifyreport_without(why.msg, LAYOUT_MARKER)) ? -1 : 1);
}
