/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_LISTEDBACKUPS_H
#define VERIFY_LISTEDBACKUPS_H

#include "repo/archive.h"
#include "verify/verifyreport.h"
#include "verify/verifyset.h"

/*
 * For a verification: report what labels and listings show of the backups in
 * the set, their pins, manifests and packs.  Manifests and packs that are
 * reported are marked bad; set->left grows by the sizes of the others.
 */
int	 listedbackups_check(struct verifyset *set, struct archive *,
	    struct verifyreport *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* VERIFY_LISTEDBACKUPS_H */
