/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWFINDINGS_H
#define SHOW_SHOWFINDINGS_H

#include <stdint.h>

#include "base/jval.h"
#include "show/progress.h"
#include "show/showverify.h"
#include "verify/verify.h"

/*
 * The output of a whole run of backup-verify: findings while they are found
 * and a sum for each cluster, as text; or all of it as one JSON list at the
 * end.  A progress line goes to stderr meanwhile.
 *
 *	struct showfindings	 s = { .program = "backup-verify" };
 *
 *	if (showfindings_open(&s, e))
 *		return (-1);
 *	for each cluster:
 *		showfindings_begin(&s, e)
 *		verify_run(...)		which calls the three below
 *		showfindings_end(&s, &sum, e) or showfindings_skip(&s)
 *	showfindings_close(&s, e)
 */
struct showfindings {
	const char	*program;	/* for notes on stderr */
	int		 json;
	struct progress_want want;

	int		 findings;	/* set once there was one */
	uint64_t	 count;		/* how many of verify_run() */
	char		 first[256];	/* the first one; printable */
	struct progress	 progress;	/* of this cluster */
	struct jval	*all;		/* if json: clusters, owned */
	struct jval	*now;		/* findings of this one, owned */
};

int	 showfindings_open(struct showfindings *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* One cluster's turn begins, and ends with its sum or as if it never was. */
int	 showfindings_begin(struct showfindings *, struct err *)
	    __attribute__((warn_unused_result, nonnull));
int	 showfindings_end(struct showfindings *, const struct showverify *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 showfindings_skip(struct showfindings *) __attribute__((nonnull));

/* For struct verify_conf, with the struct showfindings as its "arg". */
int	 showfindings_finding(void *arg, const struct verify_finding *,
	    struct err *) __attribute__((warn_unused_result, nonnull));
void	 showfindings_note(void *arg, const char *text)
	    __attribute__((nonnull));
void	 showfindings_progress(void *arg, uint64_t bytes, uint64_t total)
	    __attribute__((nonnull));

/*
 * Print the JSON list, if that is the form, and release what is owned.  Call
 * it also after a failure: what was found until then counts.
 */
int	 showfindings_close(struct showfindings *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

#endif /* SHOW_SHOWFINDINGS_H */
