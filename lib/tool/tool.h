/* SPDX-License-Identifier: ISC */
#ifndef TOOL_TOOL_H
#define TOOL_TOOL_H

#include "base/err.h"
#include "base/jval.h"

/*
 * The start and the end of a process, and what it prints in between.
 * program_main() calls the first and the last of these for every program.
 */

/*
 * Exit statuses, the same for all programs.  All are below 126: PostgreSQL
 * takes more from an archive_command for a crash of its archiver.
 */
enum {
	TOOL_OK = 0,		/* done; after a push: durable */
	TOOL_ABSENT = 1,	/* the repository answered: no such object */
	TOOL_USAGE = 2,		/* the command line */
	TOOL_CONFIG = 3,	/* configuration, key file, host key */
	TOOL_LOCAL = 4,		/* this host: disk, memory, permission */
	TOOL_REMOTE = 5,	/* repository or network; worth a retry */
	TOOL_CONFLICT = 6,	/* other content under this name */
	TOOL_CORRUPT = 7,	/* not authentic, damaged or cut short */
	TOOL_PG = 8,		/* PostgreSQL */
	TOOL_FINDINGS = 9	/* done, with findings */
};

/*
 * Make the process sane.
 *
 * Descriptors 0 to 2 are open; one that was closed now fails when it is used,
 * so that no result is lost silently.  SIGPIPE and SIGXFSZ are ignored, so
 * that write(2) fails instead.  New files are private.  There is no core dump
 * and no other process of this user may read this one's memory, because there
 * are keys in it.
 */
int	 tool_init(struct err *) __attribute__((warn_unused_result, nonnull));

/* The exit status of a kind of failure. */
int	 tool_status(enum err_kind);

/*
 * The return value for main().  If rc is -1, print "program: message" as one
 * line on stderr and return the status of the error's kind.  Else rc is an
 * exit status already and is returned without a word.
 */
int	 tool_exit(const char *program, int rc, const struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Print a value on stdout, indented, with a line end. */
int	 tool_json(const struct jval *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Check that everything printed on stdout has arrived at its destination.
 * ERR_LOCAL if not.  program_main() does this at the end; a program does it
 * where a result must be seen before something else happens.
 */
int	 tool_flush(struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * Print "program: message" or "program: warning: message" on stderr, in one
 * write(2), with control characters replaced.  Failures are ignored: there is
 * no other place to report them.
 */
void	 tool_note(const char *program, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3), nonnull(1, 2)));
void	 tool_warn(const char *program, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3), nonnull(1, 2)));

#endif /* TOOL_TOOL_H */
