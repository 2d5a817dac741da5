/* SPDX-License-Identifier: ISC */
#ifndef SHOW_PROGRESS_H
#define SHOW_PROGRESS_H

#include <stdint.h>

/*
 * A line on the terminal that shows how far the work is.  Nothing is printed
 * if stderr is no terminal.
 */
struct progress {
	const char	*what;		/* "copied", "restored" */
	int64_t		 begin_ms;
	int		 on;
};

/*
 * Begin, also anew.  "what" was done with the bytes, "copied"; "quiet": print
 * nothing.
 */
struct progress	 progress_begin(const char *what, int quiet);

/*
 * Print the line: "done" bytes of "total", or of an unknown total, 0.  With a
 * total it says how much time is left at the rate so far.
 */
void		 progress_show(const struct progress *, uint64_t done,
		    uint64_t total);

/* Print what is waited for, in words, and for how long it has been. */
void		 progress_wait(const struct progress *, const char *text);

/* The text of progress_show(), "ms" milliseconds after the beginning. */
#define PROGRESS_LINE	160
const char	*progress_line(char buf[PROGRESS_LINE], const char *what,
		    uint64_t done, uint64_t total, uint64_t ms);

/* Remove the line, before other output. */
void		 progress_end(const struct progress *);

/* The same at the end: nothing is printed any more. */
void		 progress_close(struct progress *);

/* Write a size for people ("1.5 GB") into "buf" and return it. */
#define PROGRESS_SIZE	16
const char	*progress_size(char buf[PROGRESS_SIZE], uint64_t bytes);

#endif /* SHOW_PROGRESS_H */
