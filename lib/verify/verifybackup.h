/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFYBACKUP_H
#define VERIFY_VERIFYBACKUP_H

#include <stdint.h>

#include "backup/label.h"
#include "verify/proved.h"
#include "verify/verifyset.h"
#include "verify/verifywork.h"

/*
 * For a verification: one backup by what it holds.  The manifest is read and
 * compared with the label; each chunk that it refers to, and that was not
 * proved yet, goes to the jobs.
 */
struct verifybackup {
	struct archive		*archive;
	struct verifyset	*set;
	struct verifywork	*work;
	struct proved		*proved;
	const struct label	*label;
	uint64_t		 read, already;	/* bytes: of the manifest, and
						   of chunks proved before */
};

/*
 * Returns 0, 1 if the manifest is not what it should be and "why" says so,
 * or -1.  What is wrong with chunks the jobs' done() is told, and no chunk of
 * a pack that is marked bad is looked at.
 */
int	 verifybackup_run(struct verifybackup *, struct err *why, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* VERIFY_VERIFYBACKUP_H */
