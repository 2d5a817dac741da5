/* SPDX-License-Identifier: ISC */
#ifndef VERIFY_VERIFYBACKUP_H
#define VERIFY_VERIFYBACKUP_H

#include <stdint.h>

#include "backup/label.h"
#include "repo/object.h"
#include "verify/proved.h"
#include "verify/verifyset.h"
#include "verify/verifywork.h"

/*
 * For a verification: one backup by its contents.  The manifest is read and
 * compared with the label.  Each chunk that it refers to is handed to the
 * jobs, unless it was proved before or its pack is marked bad.
 */
struct verifybackup {
	/* What to work with; all borrowed. */
	struct archive		*archive;
	struct verifyset	*set;
	struct verifywork	*work;
	struct proved		*proved;
	const struct label	*label;
	/* The result, in bytes: */
	uint64_t		 read;		/* of the manifest */
	uint64_t		 already;	/* of chunks proved before */
	struct object_info	 info;		/* of the manifest, on 0 */
};

/*
 * Returns 0; 1 if the manifest is not what it should be, and *why says what is
 * wrong (ERR_ABSENT if it is missing); or -1.  What is wrong with chunks comes
 * to the done() of the jobs, which may still be at work on return.
 */
int	 verifybackup_run(struct verifybackup *b, struct err *why,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* VERIFY_VERIFYBACKUP_H */
