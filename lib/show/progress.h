/* SPDX-License-Identifier: ISC */
#ifndef SHOW_PROGRESS_H
#define SHOW_PROGRESS_H

#include <stdint.h>

/*
 * How far the work is.  On a terminal that is one line, which is written over
 * and over.  Where stderr is no terminal it is, if --progress asks for it, a
 * line at the beginning of each phase and then one a minute; else nothing.
 *
 *	p = progress_begin("base-push", "read", &want);
 *	progress_show(&p, done, total);		about once a second
 *	progress_next(&p, NULL);		another phase
 *	progress_wait(&p, "waiting for the last WAL");
 *	progress_close(&p);
 */
struct progress_want {			/* the options of a program */
	int		 quiet;		/* --quiet: nothing at all */
	int		 lines;		/* --progress */
};

enum progress_form {
	PROGRESS_NONE,
	PROGRESS_TERMINAL,
	PROGRESS_LINES
};

struct progress {
	const char	*program;
	const char	*what;		/* "read", "restored" */
	enum progress_form form;
	int		 files;		/* what counts is files, not bytes */
	int64_t		 begin_ms;	/* of the phase */
	int64_t		 said_ms;	/* when its last line was printed; -1:
					   none was */
};

/*
 * The form for this process, and the first phase.  "what" was done with the
 * bytes: "copied".
 */
struct progress	 progress_begin(const char *program, const char *what,
		    const struct progress_want *) __attribute__((nonnull));

/*
 * Another phase begins: rates and times count from here on.  "files" is what
 * is done with files, "deleted", and then these are counted; NULL: bytes, with
 * the word as before.
 */
void		 progress_next(struct progress *, const char *files)
		    __attribute__((nonnull(1)));

/*
 * Print the line: "done" bytes, or files, of "total", or of an unknown total,
 * 0.  With a total it says how much time is left at the rate so far.
 */
void		 progress_show(struct progress *, uint64_t done,
		    uint64_t total) __attribute__((nonnull));

/* Print what is waited for, in words, and for how long it has been. */
void		 progress_wait(struct progress *, const char *text)
		    __attribute__((nonnull));

/* The text of progress_show(), "ms" milliseconds after the beginning. */
#define PROGRESS_LINE	160
const char	*progress_line(char buf[PROGRESS_LINE],
		    const struct progress *, uint64_t done, uint64_t total,
		    uint64_t ms) __attribute__((nonnull));

/* Whether a line is due at "now_ms"; on a terminal it always is. */
int		 progress_due(const struct progress *, int64_t now_ms)
		    __attribute__((nonnull));

/* Remove the line, before other output. */
void		 progress_end(const struct progress *) __attribute__((nonnull));

/* The same at the end: nothing is printed any more. */
void		 progress_close(struct progress *) __attribute__((nonnull));

/* Write a size for people ("1.5 GB") into "buf" and return it. */
#define PROGRESS_SIZE	16
const char	*progress_size(char buf[PROGRESS_SIZE], uint64_t bytes)
		    __attribute__((nonnull));

#endif /* SHOW_PROGRESS_H */
