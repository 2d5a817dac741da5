/* SPDX-License-Identifier: ISC */
/* Describes a failure once, and carries the description up to the user. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

int
err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	va_list	 ap;

	if (e->kind != ERR_NONE)
		return (-1);
	e->kind = kind;
	va_start(ap, fmt);
	(void)vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	return (-1);
}

int
err_sys(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	va_list	 ap;
	int	 saved = errno;		/* what follows may change it */
	size_t	 n;

	if (e->kind != ERR_NONE)
		return (-1);
	e->kind = kind;
	va_start(ap, fmt);
	(void)vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	n = strlen(e->msg);
	(void)snprintf(e->msg + n, sizeof(e->msg) - n, ": %s",
	    strerror(saved));
	return (-1);
}

int
err_ctx(struct err *e, const char *fmt, ...)
{
	va_list	 ap;
	char	 was[ERR_MSGMAX];
	size_t	 n;

	/* If both do not fit, the end of the old text is cut. */
	memcpy(was, e->msg, sizeof(was));
	va_start(ap, fmt);
	(void)vsnprintf(e->msg, sizeof(e->msg), fmt, ap);
	va_end(ap);
	n = strlen(e->msg);
	(void)snprintf(e->msg + n, sizeof(e->msg) - n, ": %s", was);
	return (-1);
}

int
err_of_one_file(const struct err *e)
{
	return (e->kind == ERR_CORRUPT || e->one_file);
}

void
err_denied(struct err *e, int denied)
{
	if (e->kind == ERR_NONE)
		e->one_file = denied;
}

void
err_clear(struct err *e)
{
	e->one_file = 0;
	e->kind = ERR_NONE;
	e->msg[0] = '\0';
}
