/* SPDX-License-Identifier: ISC */
/* Strings: formatting with a checked size, copies, clean text, hexadecimal. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

int
str_fmt(char *buf, size_t size, struct err *e, const char *fmt, ...)
{
	va_list	 ap;
	int	 n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= size)
		return (err_set(e, ERR_LOCAL,
		    "too long (more than %zu bytes): %.64s...", size - 1, buf));
	return (0);
}

int
str_dup(char **out, const char *s, struct err *e)
{
	char	*copy;

	if ((copy = strdup(s)) == NULL)
		return (err_sys(e, ERR_LOCAL, "copy a string"));
	*out = copy;
	return (0);
}

const char *
str_clean(char *buf, size_t size, const void *from, size_t n)
{
	const uint8_t	*p = from;
	size_t		 i;

	for (i = 0; i < n && i + 1 < size; i++)
		buf[i] = p[i] >= 0x20 && p[i] < 0x7f ? (char)p[i] : '?';
	buf[i] = '\0';
	return (buf);
}

const char *
str_hex(char *buf, const uint8_t *p, size_t n)
{
	static const char	 digit[] = "0123456789abcdef";
	size_t			 i;

	for (i = 0; i < n; i++) {
		buf[2 * i] = digit[p[i] >> 4];
		buf[2 * i + 1] = digit[p[i] & 15];
	}
	buf[2 * n] = '\0';
	return (buf);
}

int
str_begins(const char *s, const char *prefix)
{
	return (strncmp(s, prefix, strlen(prefix)) == 0);
}
