/* SPDX-License-Identifier: ISC */
/* The environment of a hook. */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "tool/hookenv.h"

void
hookenv_fmt(struct hookenv *x, const char *name, const char *fmt, ...)
{
	va_list	 ap;
	char	*to = x->text[x->n];
	int	 n;

	assert(x->n < HOOKENV_MOST);
	n = snprintf(to, HOOKENV_TEXT, "SEAWALL_%s=", name);
	va_start(ap, fmt);
	(void)vsnprintf(to + n, HOOKENV_TEXT - (size_t)n, fmt, ap);
	va_end(ap);
	x->v[x->n] = to;
	x->v[++x->n] = NULL;
}

void
hookenv_set(struct hookenv *x, const char *name, const char *value)
{
	if (value != NULL)
		hookenv_fmt(x, name, "%s", value);
}
