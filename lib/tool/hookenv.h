/* SPDX-License-Identifier: ISC */
#ifndef TOOL_HOOKENV_H
#define TOOL_HOOKENV_H

#include <stddef.h>

/*
 * What a hook gets in its environment, for hook.h: SEAWALL_NAME=VALUE.  Begins
 * as zeros, and has nothing to free.
 */
#define HOOKENV_MOST	12		/* variables */
#define HOOKENV_TEXT	2048		/* of one; the rest is cut off */

struct hookenv {
	char		 text[HOOKENV_MOST][HOOKENV_TEXT];
	const char	*v[HOOKENV_MOST + 1];	/* NULL at its end */
	size_t		 n;
};

/* Add a variable; one whose value is NULL is left out. */
void	 hookenv_set(struct hookenv *, const char *name, const char *value)
	    __attribute__((nonnull(1, 2)));

/* The same with a value that is made as by printf(3). */
void	 hookenv_fmt(struct hookenv *, const char *name, const char *fmt, ...)
	    __attribute__((nonnull(1, 2, 3), format(printf, 3, 4)));

#endif /* TOOL_HOOKENV_H */
