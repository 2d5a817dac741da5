/* SPDX-License-Identifier: ISC */
/*
 * The record of what was copied: for the manifest of this backup, and, should
 * this push die, for the next one.
 */
#include <stdint.h>

#include "push/copyrecord.h"

#define SYNC_TICKS	10		/* seconds */

int
copyrecord_add(struct copyrecord *r, struct label *l,
    const struct manifest_entry *en, const struct pack_ref *refs,
    size_t nrefs, uint64_t newest, struct err *e)
{
	return (damage_add(&r->damage, l, en, newest, e) ||
	    manifestspool_add(r->spool, en, refs, nrefs, e) ? -1 : 0);
}

/*
 * Record what is stored of a file that is still being copied.  A push that
 * resumes this one may reuse these chunks, but must read the file: nobody
 * knows yet how it ends.  An mtime that no file has makes sure of that.
 */
static int
add_part(void *arg, const struct manifest_entry *en,
    const struct pack_ref *refs, size_t nrefs, struct err *e)
{
	struct manifest_entry	 part = *en;

	part.mtime_us = INT64_MAX;
	part.flags = 0;
	part.crc32c = 0;
	return (manifestspool_add(arg, &part, refs, nrefs, e));
}

/*
 * The journal is made durable before its part is replaced.  A file that is
 * reported moves from the part into the journal: in the other order a crash
 * could leave it in neither.
 */
static int
journal_all(struct copyrecord *r, struct copier *c, struct err *e)
{
	struct manifestspool	*part = NULL;
	int			 rc = -1;

	if (manifestspool_flush(r->spool, 1, e) == 0 &&
	    manifestspool_part(&part, r->spool, e) == 0 &&
	    copier_partial(c, add_part, part, e) == 0)
		rc = manifestspool_part_end(part, e);
	manifestspool_free(part);
	return (rc);
}

int
copyrecord_tick(struct copyrecord *r, struct copier *c, struct err *e)
{
	if (r->spool == NULL)
		return (0);
	return (++r->ticks % SYNC_TICKS == 0 ? journal_all(r, c, e) :
	    manifestspool_flush(r->spool, 0, e));
}

void
copyrecord_free(struct copyrecord *r)
{
	manifestspool_free(r->spool);
}
