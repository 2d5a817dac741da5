/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_HANDIN_H
#define VERIFY_HANDIN_H

#include "verify/verifyset.h"
#include "verify/verifywork.h"

/*
 * For a verification: hand the objects of a set to the jobs, each with the
 * question "what".  Objects that are marked bad are left out.  The set is
 * borrowed until the jobs have answered.  Fails as verifywork_put() does.
 */

/* All packs that backups to be verified refer to. */
int	 handin_packs(struct verifyset *set, struct verifywork *,
	    enum verifyitem_what what, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* The manifests of all backups to be verified. */
int	 handin_manifests(struct verifyset *set, struct verifywork *,
	    enum verifyitem_what what, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* All WAL files to be verified. */
int	 handin_wal(struct verifyset *set, struct verifywork *,
	    enum verifyitem_what what, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* VERIFY_HANDIN_H */
