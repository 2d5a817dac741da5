/* SPDX-License-Identifier: ISC */
/* The marker of a repository, without which nothing else can be read. */
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
		rc = err_set(&why, ERR_CORRUPT, "impossible "
		    "wal_segment_size");
	if (rc == 0)
		return (0);
	if (rc == -1 && why.kind != ERR_CORRUPT)
		return (err_set(e, why.kind, "%s", why.msg));
	if (rc == 1 && store_list(a->store, top, 2, any_entry, &any,
	    e))
		return (-1);
	if (rc == 1 && !any)
		return (err_set(e, ERR_REMOTE, "%s: there is nothing of "
		    "system identifier %" PRIu64 "; is the repository's disk "
		    "mounted?", store_name(a->store),
		    a->system_id));
	return (verifyreport_finding(t, LAYOUT_MARKER, "nothing is pushed, "
	    "fetched or restored, and nothing else can be verified, until it "
	    "is put back",
	    "%s", rc == 1 ? "not there, although backups or WAL are" :
	    verifyreport_without(why.msg, LAYOUT_MARKER)) ? -1 : 1);
}
