/* SPDX-License-Identifier: ISC */
#ifndef REPO_VERIFYDONE_H
#define REPO_VERIFYDONE_H

#include "repo/layout.h"
#include "repo/proved.h"
#include "repo/verifyset.h"
#include "repo/verifytell.h"
#include "repo/verifywork.h"

struct verifygone;

/* A verification under way, and what becomes of what its jobs find. */
struct verifydone {
	struct verifytell	 tell;
	struct archive		*archive;
	struct verifyset	 set;
	struct verifywork	*work;
	struct proved		*proved;	/* NULL if nothing is read */
	uint64_t		 total;		/* bytes to be read, about */
	struct err		 unread;	/* of the first such object */
	char			 chunky[LAYOUT_PATH]; /* last bad pack */
	struct verifygone	*gone;		/* owned; see verifygone.h */
	size_t			 ngone;
};

/*
 * For verifywork_conf: "arg" is the verification.  Findings are told, what
 * is proved is marked, and where a pack's chunks lie is noted in the set.
 */
int	 verifydone_item(void *arg, const struct verifywork_item *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* REPO_VERIFYDONE_H */
