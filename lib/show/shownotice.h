/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWNOTICE_H
#define SHOW_SHOWNOTICE_H

#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "plan/health.h"

/* How a run of a program ended, for notify_command.  All texts are borrowed. */
struct shownotice {
	const char	*program, *server;
	enum health	 health;
	const char	*found;		/* in a sentence */
	int64_t		 now_us;
};

/*
 * As JSON of the form that showcheck_json() has, so that one command reads
 * both: the program is its only check.  ERR_LOCAL if memory is short.
 */
int	 shownotice_json(FILE *, const struct shownotice *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* SHOW_SHOWNOTICE_H */
