/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWVERIFY_H
#define SHOW_SHOWVERIFY_H

#include <stdint.h>
#include <stdio.h>

#include "base/jval.h"
#include "repo/archive.h"
#include "restore/basefetch.h"
#include "verify/verify.h"
#include "verify/verifyvouch.h"

/* The inventory that was made of one cluster. */
struct showverify_vouch {
	uint8_t			 signer[KEY_ID_LEN];	/* the retired one */
	int64_t			 until_us;
	struct verifyvouch_sum	 sum;
};

/*
 * The listing of backup-verify: what was verified of one cluster.  All is
 * borrowed.
 */
struct showverify {
	const struct archive	*archive;	/* server, system identifier;
						   0: no cluster was reached */
	const struct verify_sum	*sum;
	enum verify_depth	 depth;
	int			 complete;	/* 0: the run failed halfway */
	/* How a point in time would be reached; NULL: there is no target. */
	const struct basefetch_plan *plan;
	int64_t			 target_us;
	const struct showverify_vouch *vouch;	/* NULL: none was asked for */
};

/* Print a finding when it is found. */
void	 showverify_finding(FILE *out, const struct verify_finding *)
	    __attribute__((nonnull));

/* Append it to the list of findings instead. */
int	 showverify_finding_json(struct jval *findings,
	    const struct verify_finding *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Print the sum, and whether the target is proved to be reachable. */
void	 showverify_print(FILE *out, const struct showverify *)
	    __attribute__((nonnull));

/*
 * Append an object to "list", with the findings in it: "findings" is owned by
 * this function, also when it fails.
 */
int	 showverify_json(struct jval *list, const struct showverify *,
	    struct jval *findings, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* SHOW_SHOWVERIFY_H */
