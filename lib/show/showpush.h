/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWPUSH_H
#define SHOW_SHOWPUSH_H

#include <stdint.h>
#include <stdio.h>

#include "backup/label.h"
#include "base/jval.h"
#include "push/basepush.h"
#include "show/progress.h"

/*
 * The output of one run of base-push: notes and a progress line on stderr
 * meanwhile, and at the end a report on stdout, as text or as JSON.
 *
 *	struct showpush	 s = { .program = "base-push", .json = json };
 *
 *	if (showpush_begin(&s, e) == 0 &&
 *	    basepush_run(..., which calls the next two ...) == 0)
 *		rc = showpush_report(&s, ...);
 *	showpush_end(&s);
 */
struct showpush {
	const char		*program;
	int			 json;
	struct progress_want	 want;

	struct progress		 line;
	enum basepush_phase	 phase;		/* that "line" shows */
	int64_t			 begin_ms;	/* when all of it began */
	struct jval		*notes;		/* if json: a list, owned */
};

int	 showpush_begin(struct showpush *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* For basepush_conf, with the struct showpush as its "arg". */
void	 showpush_note(void *arg, const char *text) __attribute__((nonnull));

/*
 * The same: the phase, and in the copy how far that is.  Nothing is printed
 * if line.on is 0.
 */
void	 showpush_progress(void *arg, const struct basepush_progress *)
	    __attribute__((nonnull));

/*
 * Print the report of a backup that is stored, and behind it, on stderr, the
 * files with pages that failed their checksum, and configuration that could
 * not be stored.  Fails if the report did not arrive.
 */
int	 showpush_report(struct showpush *, const char *server,
	    const struct label *, const struct basepush_sum *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Remove the progress line and release what is owned. */
void	 showpush_end(struct showpush *) __attribute__((nonnull));

/*
 * The text of the report: the backup's size and WAL, and what was read,
 * compared, reused and stored for it.
 */
void	 showpush_print(FILE *out, const struct label *,
	    const struct basepush_sum *) __attribute__((nonnull));

/*
 * The report as an object, which the caller frees: the members of the label,
 * what the push did in "ms" milliseconds, and "notes", a list, which is owned
 * by this function, also when it fails; NULL: none.
 */
int	 showpush_json(struct jval **, const char *server,
	    const struct label *, const struct basepush_sum *, uint64_t ms,
	    struct jval *notes, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 3, 4, 7)));

#endif /* SHOW_SHOWPUSH_H */
