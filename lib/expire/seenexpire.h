/* SPDX-License-Identifier: ISC */
#ifndef EXPIRE_SEENEXPIRE_H
#define EXPIRE_SEENEXPIRE_H

#include "expire/expire_state.h"

/*
 * For expiry: what this host remembers of the repository
 * (catalogue/rollbackcheck.h), in conf->state_dir.
 */

/*
 * Sets x->seen.  If nothing is missed, remembers what stands, unless conf->dry.
 * If something is, ERR_USAGE where backups or a timeline are to be deleted by
 * name.
 */
int	 seenexpire_look(struct expire *x, struct archive *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * All is done.  If labels or WAL were "deleted", or something was by name,
 * remember what stands now.
 */
void	 seenexpire_done(const struct expire *x, struct archive *, int deleted)
	    __attribute__((nonnull));

#endif /* EXPIRE_SEENEXPIRE_H */
