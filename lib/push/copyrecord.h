/* SPDX-License-Identifier: ISC */
#ifndef PUSH_COPYRECORD_H
#define PUSH_COPYRECORD_H

#include "push/copier.h"
#include "push/damage.h"
#include "reuse/manifestspool.h"

/*
 * What a push records of the files that it copied: their entries, in the
 * spool, and their damage.  The spool lies in a journal on disk, so that the
 * next push can reuse what was stored if this one dies.
 */
struct copyrecord {
	struct manifestspool	*spool;		/* owned; NULL until the
						   caller opens it */
	struct damage		 damage;
	unsigned		 ticks;
};

/* Record an entry, and its damage in the label: for copier_conf.copied(). */
int	 copyrecord_add(struct copyrecord *, struct label *,
	    const struct manifest_entry *, const struct pack_ref *refs,
	    size_t nrefs, uint64_t newest, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 3, 7)));

/*
 * Bring the journal up to date: for copier_conf.tick(), once a second.  Every
 * tenth time the journal is made durable, and what is stored of the files
 * that are under way is written beside it.  Does nothing before the spool is
 * open.
 */
int	 copyrecord_tick(struct copyrecord *, struct copier *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Release the spool; the journal's file stays. */
void	 copyrecord_free(struct copyrecord *);

#endif /* PUSH_COPYRECORD_H */
