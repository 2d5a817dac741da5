/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWCHECK_H
#define SHOW_SHOWCHECK_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/jval.h"
#include "check/checkreport.h"

/*
 * What backup-check prints, in four formats.  The text is for people and may
 * change; the others are read by programs, and backup-check(1) says what is in
 * them.
 */
struct showcheck {
	const struct checkreport *v;	/* one for each repository of each
					 * server; borrowed */
	size_t		 n;
	int64_t		 now_us;	/* when the checks ran */
};

/* The most severe status of all. */
enum health showcheck_worst(const struct showcheck *)
	    __attribute__((nonnull));

void	 showcheck_text(FILE *, const struct showcheck *)
	    __attribute__((nonnull));

/* ERR_LOCAL if memory is short. */
int	 showcheck_json(FILE *, const struct showcheck *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * What all such JSON has around its "servers", a list, which is freed in any
 * case.  ERR_LOCAL if memory is short.
 */
int	 showcheck_json_print(FILE *, int64_t now_us, enum health,
	    struct jval *servers, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* A plugin's line with its performance data, and one for each finding. */
void	 showcheck_nagios(FILE *, const struct showcheck *)
	    __attribute__((nonnull));

#endif /* SHOW_SHOWCHECK_H */
