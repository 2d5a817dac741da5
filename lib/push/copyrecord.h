/* SPDX-License-Identifier: ISC */
#ifndef PUSH_COPYRECORD_H
#define PUSH_COPYRECORD_H

#include "push/copier.h"
#include "push/damage.h"
#include "reuse/manifestspool.h"

/*
 * What a push keeps of the files that it copied: their entries in the spool,
 * which is the journal of this push if it dies, and their damage.
 */
struct copyrecord {
	struct manifestspool	*spool;		/* owned; set it once open */
	struct damage		 damage;
	unsigned		 ticks;
};

/* For copier_conf.copied: record an entry, and damage in the label. */
int	 copyrecord_add(struct copyrecord *, struct label *,
	    const struct manifest_entry *, const struct pack_ref *refs,
	    size_t nrefs, uint64_t newest, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 3, 7)));

/*
 * For copier_conf.tick, once a second: bring the journal up to date.  Every
 * ten seconds it is made durable, with what is stored of the files that are
 * under way.  Does nothing while there is no spool.
 */
int	 copyrecord_tick(struct copyrecord *, struct copier *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

void	 copyrecord_free(struct copyrecord *);

#endif /* PUSH_COPYRECORD_H */
