/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWLIST_H
#define SHOW_SHOWLIST_H

#include <stdio.h>

#include "base/jval.h"
#include "catalogue/catalogue.h"
#include "catalogue/rollbackcheck.h"
#include "catalogue/window.h"
#include "repo/archive.h"
#include "show/show.h"

/*
 * The listing of backup-list: the backups of one cluster, to which points
 * they can be recovered, and what is wrong with them.  Where nothing else is
 * said, it is borrowed.
 */
struct showlist {
	const struct archive	*archive;	/* server, system identifier */
	const struct catalogue	*cat;
	const struct window	*window;	/* of that catalogue */
	struct show_reach	 reach;		/* its end; if window->any */
	struct show_reach	*line;		/* owned; as window->lines:
						 * their ends, where they are
						 * not shared */
	const struct rollbackcheck *seen;	/* what is gone; NULL: not
						 * asked */
};

/*
 * Fill it in, and ask the repository when the ends of the windows were
 * archived, and what was streamed behind them.  ERR_LOCAL, or fails as
 * catalogue_archived() and streamed_find() do.  Call showlist_fini() in any
 * case.
 */
int	 showlist_make(struct showlist *, struct archive *,
	    const struct catalogue *, const struct window *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
void	 showlist_fini(struct showlist *) __attribute__((nonnull));

/* Whether there is a problem with what was streamed behind a window. */
int	 showlist_problem(const struct showlist *) __attribute__((nonnull));

/* Print it for people. */
void	 showlist_print(FILE *out, const struct showlist *)
	    __attribute__((nonnull));

/* Append it to "list" as an object. */
int	 showlist_json(struct jval *list, const struct showlist *,
	    struct err *) __attribute__((warn_unused_result, nonnull));

#endif /* SHOW_SHOWLIST_H */
