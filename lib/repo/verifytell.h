/* SPDX-License-Identifier: ISC */
#ifndef REPO_VERIFYTELL_H
#define REPO_VERIFYTELL_H

#include "pg/walname.h"
#include "repo/layout.h"
#include "repo/verify.h"

/* For a verification: how findings and notes reach who asked for it. */
struct verifytell {
	const struct verify_conf *conf;
	struct verify_sum	*sum;
	struct err		 failed;	/* why telling failed */
};

/* Count and tell a finding.  Returns 0, or -1 and t->failed is set. */
int	 verifytell_finding(struct verifytell *t, const char *object,
	    const char *means, const char *fmt, ...)
	    __attribute__((warn_unused_result, format(printf, 4, 5),
	    nonnull));
void	 verifytell_note(struct verifytell *, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3), nonnull));

/* A message without the object's path in front, where it stands there. */
const char *verifytell_without(const char *msg, const char *path);

/* The path of a WAL file whose name was parsed. */
const char *verifytell_wal(char buf[LAYOUT_PATH], const struct walname *);

#endif /* REPO_VERIFYTELL_H */
