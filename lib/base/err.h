/* SPDX-License-Identifier: ISC */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/*
 * One error, described once, in words fit for the user's log.
 *
 * A function that can fail takes a struct err * as its last parameter and
 * returns 0, or -1 after describing the failure there.  The first
 * description wins: nothing that fails while cleaning up can hide the cause.
 * Callers add what they know with err_ctx(); only lib/tool/ prints.
 *
 * The kind is for programs (it becomes the exit status and decides on
 * retry), the text is for people: lower case, no final stop, what was found
 * and what was expected, a hint after a semicolon.
 *
 * Threads do not share a struct err.
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
	ERR_PG			/* PostgreSQL refused or broke off */
};

#define ERR_MSGMAX	1024

struct err {
	enum err_kind	 kind;
	char		 msg[ERR_MSGMAX];
};

#define ERR_INIT	{ ERR_NONE, "" }

/* Describe a failure.  Always returns -1. */
int	 err_set(struct err *, enum err_kind, const char *, ...)
	    __attribute__((format(printf, 3, 4), nonnull));

/* As err_set(), followed by what errno says.  Always returns -1. */
int	 err_sys(struct err *, enum err_kind, const char *, ...)
	    __attribute__((format(printf, 3, 4), nonnull));

/* Put "context: " in front of a described failure.  Always returns -1. */
int	 err_ctx(struct err *, const char *, ...)
	    __attribute__((format(printf, 2, 3), nonnull));

/* Forget a failure that was dealt with. */
void	 err_clear(struct err *) __attribute__((nonnull));

#endif /* BASE_ERR_H */
