/* SPDX-License-Identifier: ISC */
#ifndef SHOW_PROGRESS_H
#define SHOW_PROGRESS_H

#include <stdint.h>

/*
 * A line on a terminal that tells how far the work is, and silence where
 * stderr is none.  "total" 0: not known.
 */
struct progress {
	const char	*what;		/* "copied", "restored" */
	int64_t		 begin_ms;
	int		 on;
};

struct progress	 progress_begin(const char *what, int quiet);
void		 progress_show(const struct progress *, uint64_t done,
		    uint64_t total);
void		 progress_end(const struct progress *);

/* "1.5 GB" for people; the buffer is returned. */
#define PROGRESS_SIZE	16
const char	*progress_size(char buf[PROGRESS_SIZE], uint64_t bytes);

#endif /* SHOW_PROGRESS_H */
