/* SPDX-License-Identifier: ISC */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/*
 * One error, described once, in words that are fit for the user's log.
 *
 * A function that can fail takes a struct err * as its last parameter "e".
 * It returns 0, or -1 after it described the failure there.  Headers name
 * the kinds that a function can fail with, but not this rule.
 *
 * The first description wins: a failure during cleanup cannot hide the
 * cause.  Callers prepend what they know with err_ctx().  Only lib/tool/ and
 * lib/show/ print.
 *
 * The kind is for programs: it becomes the exit status and decides on a
 * retry.  The text is for people: lower case, no final stop, what was found,
 * what was expected, and a hint behind a semicolon.
 *
 * Each thread has a struct err of its own.
 */

enum err_kind {
	ERR_NONE = 0,
	ERR_ABSENT,		/* the repository answered: no such object */
	ERR_USAGE,		/* the command line is wrong */
	ERR_CONFIG,		/* the configuration, a key file, a host key */
	ERR_LOCAL,		/* this host failed: disk, memory, permission */
	ERR_REMOTE,		/* the repository or the way to it failed */
	ERR_CONFLICT,		/* the repository holds other content */
	ERR_CORRUPT,		/* not authentic, damaged or cut short */
	ERR_PG			/* PostgreSQL refused, or ended the session */
};

#define ERR_MSGMAX	1024

struct err {
	enum err_kind	 kind;
	char		 msg[ERR_MSGMAX];
	int		 one_file;	/* see err_of_one_file() */
};

#define ERR_INIT	{ ERR_NONE, "", 0 }

/*
 * Describe a failure, unless *e describes one already.  A text of more than
 * ERR_MSGMAX - 1 bytes is cut.  Always returns -1.
 */
int	 err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4), nonnull));

/* Like err_set(), with ": " and the text of errno behind it. */
int	 err_sys(struct err *e, enum err_kind kind, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4), nonnull));

/* Put "context: " in front of a description.  Always returns -1. */
int	 err_ctx(struct err *e, const char *fmt, ...)
	    __attribute__((format(printf, 2, 3), nonnull));

/*
 * Whether a failure to read a file says something about that file alone: it is
 * ERR_CORRUPT, or the system that keeps it works and denies this one ("denied"
 * of err_denied()).  Any other failure may be one of the disk or of the way to
 * it, and proves nothing about the file.  err_set() and err_sys() do not copy
 * this from another description; an assignment does.
 */
int	 err_of_one_file(const struct err *e) __attribute__((nonnull));

/*
 * To be called before the failure is described: if "denied" is not 0, the
 * system that keeps the file has denied this one, because of its mode or type.
 */
void	 err_denied(struct err *e, int denied) __attribute__((nonnull));

/* Forget a failure that has been dealt with. */
void	 err_clear(struct err *e) __attribute__((nonnull));

#endif /* BASE_ERR_H */
