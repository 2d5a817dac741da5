/* SPDX-License-Identifier: ISC */
#ifndef SHOW_SHOWPUSH_H
#define SHOW_SHOWPUSH_H

#include <stdio.h>

#include "backup/label.h"
#include "push/basepush.h"
#include "show/progress.h"

/*
 * The progress line of a push: its phase, and in the copy how far that is.
 * Nothing is printed if line.on is 0.
 */
struct showpush_progress {
	struct progress		 line;
	enum basepush_phase	 phase;
	int			 quiet;
};

struct showpush_progress showpush_begin(int quiet);

/* For basepush_conf.progress; "arg" is a struct showpush_progress. */
void	 showpush_progress(void *arg, const struct basepush_progress *)
	    __attribute__((nonnull));

/*
 * What base-push prints at its end: the backup's size and WAL, and what was
 * read, compared, reused and stored for it.
 */
void	 showpush_print(FILE *out, const struct label *,
	    const struct basepush_sum *) __attribute__((nonnull));

/*
 * On stderr, as "program": the files with pages that failed their checksum,
 * and configuration that could not be stored.
 */
void	 showpush_warn(const char *program, const struct label *)
	    __attribute__((nonnull));

#endif /* SHOW_SHOWPUSH_H */
