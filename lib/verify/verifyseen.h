/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFYSEEN_H
#define VERIFY_VERIFYSEEN_H

#include "repo/archive.h"
#include "verify/verifyreport.h"
#include "verify/verifyset.h"

/*
 * For a verification: report what this host saw in the repository earlier and
 * what is gone now, without expiry (catalogue/rollbackcheck.h); or remember
 * what stands, if conf->state_dir is set.  Fails as catalogue_load() does.
 */
int	 verifyseen_check(const struct verifyset *, struct archive *,
	    struct verifyreport *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* VERIFY_VERIFYSEEN_H */
