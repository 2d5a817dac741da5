/* SPDX-License-Identifier: ISC */
#ifndef REPO_VERIFYBASE_H
#define REPO_VERIFYBASE_H

#include <stdint.h>

#include "backup/label.h"
#include "repo/proved.h"
#include "repo/verifyset.h"
#include "repo/verifywork.h"

/*
 * For a verification: one backup by what it holds.  The manifest is read and
 * compared with the label; each chunk that it refers to, and that was not
 * proved yet, goes to the jobs.
 */
struct verifybase {
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
int	 verifybase_run(struct verifybase *, struct err *why, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* REPO_VERIFYBASE_H */
