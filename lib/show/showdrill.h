/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWDRILL_H
#define SHOW_SHOWDRILL_H

#include <stdio.h>

#include "base/jval.h"

/* A receipt of a drill (drill/receipt.h), for people. */

/* As text; ERR_CORRUPT if it lacks something that every receipt has. */
int	 showdrill_text(FILE *out, const struct jval *receipt, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * As a page of HTML for an auditor, with nothing from elsewhere in it, written
 * to a new file "path", durably.  ERR_CONFLICT if it exists.
 */
int	 showdrill_html(const char *path, const struct jval *receipt,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* SHOW_SHOWDRILL_H */
