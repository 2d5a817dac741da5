/* SPDX-License-Identifier: ISC */
#ifndef TOOL_RUNLOG_H
#define TOOL_RUNLOG_H

#include <stddef.h>

#include "base/err.h"
#include "tool/serverconf.h"

/*
 * The log of a program's runs: log_file, in a file or in syslog, beside what it
 * prints on standard error.  One line is one event:
 *
 *	TIME PROGRAM SERVER RUN LEVEL: TEXT
 *
 * It belongs to the process, as standard error does, so there is one.  It never
 * fails a program: a disk that is full must not stop archiving.  The file is
 * opened for each line, with one write(2), so that lines of several processes
 * do not mix and the file can be renamed at any time.
 */

#define RUNLOG_ID	9		/* 8 hexadecimal digits and a NUL */

/*
 * A program begins.  "quiet" if it runs so often, once for each WAL file, that
 * its success is an event for RUNLOG_DEBUG only, and that a log which cannot be
 * opened is not reported.  The arguments are borrowed.
 */
void	 runlog_begin(const char *program, int quiet, char **args,
	    size_t nargs) __attribute__((nonnull(1)));

/*
 * From here on lines go where the configuration says, and have its server.
 * ERR_LOCAL or ERR_CONFIG if the file cannot be opened: then there is no log.
 */
int	 runlog_open(const struct server_conf *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* One event, dropped unless log_level asks for it.  For any thread. */
void	 runlog_line(enum runlog_level, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3), nonnull));

/* The program ends with this exit status. */
void	 runlog_end(int status);

/* The id of this run: at random, the same each time. */
const char *runlog_id(void);

#endif /* TOOL_RUNLOG_H */
