/* SPDX-License-Identifier: ISC */
#ifndef TOOL_TOOL_H
#define TOOL_TOOL_H

#include "base/err.h"
#include "base/jval.h"

/*
 * Start and end of a program.
 *
 *	int
 *	main(int argc, char *argv[])
 *	{
 *		struct err	 e = ERR_INIT;
 *		int		 rc = -1;
 *
 *		if (tool_init(&e) || ...)
 *			goto out;
 *		...
 *		rc = tool_flush(&e);		if it printed a result
 *	out:
 *		...
 *		return (tool_exit("wal-push", rc, &e));
 *	}
 */

/* Exit statuses, the same for all programs.  Below 126: PostgreSQL takes
 * more from an archive_command for a crash of its archiver. */
enum {
	TOOL_OK = 0,		/* done; for a push: durable */
	TOOL_ABSENT = 1,	/* asked and answered: not in the repository */
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
 * Make the process sane: descriptors 0 to 2 are open (one that was closed
 * fails when used, so that no result is lost in silence), SIGPIPE and
 * SIGXFSZ are ignored (write(2) fails instead), new files are private, and
 * there is no core dump, nor may other processes of this user look in.
 */
int	 tool_init(struct err *) __attribute__((warn_unused_result, nonnull));

/* The exit status of a kind of failure. */
int	 tool_status(enum err_kind);

/*
 * Give main's return value.  rc -1: print "program: message" as one line on
 * stderr and return the status of its kind.  Anything else is a status
 * already (0, TOOL_FINDINGS) and is returned without a word.
 */
int	 tool_exit(const char *program, int rc, const struct err *)
	    __attribute__((warn_unused_result, nonnull));

/* Print a value on stdout, indented, with a line end; tool_flush() later. */
int	 tool_json(const struct jval *, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * Whether all that was printed on stdout arrived where it goes: ERR_LOCAL
 * if not.  Call it once, after the last output.
 */
int	 tool_flush(struct err *) __attribute__((warn_unused_result, nonnull));

/*
 * "program: message" and "program: warning: message" on stderr, in one
 * write(2), cleaned of control characters.  There is nothing to be done
 * about an stderr that cannot be written.
 */
void	 tool_note(const char *program, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3), nonnull(1, 2)));
void	 tool_warn(const char *program, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3), nonnull(1, 2)));

#endif /* TOOL_TOOL_H */
