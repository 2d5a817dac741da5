/* SPDX-License-Identifier: ISC */
#ifndef SHOW_LISTTEXT_H
#define SHOW_LISTTEXT_H

#include <stdio.h>

#include "show/showlist.h"

/*
 * The listing of backup-list for people: a line that sums it up, the backups,
 * the recovery windows, and what is wrong.
 */
void	 listtext_print(FILE *out, const struct showlist *)
	    __attribute__((nonnull));

/* Its first two lines: which cluster it is, and what sums it up. */
void	 listtext_head(FILE *out, const struct showlist *)
	    __attribute__((nonnull));

#endif /* SHOW_LISTTEXT_H */
