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

size_t
str_utf8(const void *from, size_t n)
{
	const uint8_t	*p = from;
	size_t		 len, i;

	if (n == 0)
		return (0);
	len = *p < 0x80 ? 1 : *p < 0xc2 ? 0 : *p < 0xe0 ? 2 :
	    *p < 0xf0 ? 3 : *p < 0xf5 ? 4 : 0;
	if (len > n)
		return (0);
	for (i = 1; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return (0);
	if ((*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f) ||
	    (*p == 0xf0 && p[1] < 0x90) || (*p == 0xf4 && p[1] > 0x8f))
		return (0);
	return (len);
}

size_t
str_printable(const void *from, size_t n)
{
	const uint8_t	*p = from;
	const size_t	 len = str_utf8(p, n);

	if (len == 0 || (len == 1 && (*p < 0x20 || *p == 0x7f)) ||
	    (*p == 0xc2 && p[1] < 0xa0))
		return (0);
	return (len);
}

const char *
str_clean(char *buf, size_t size, const void *from, size_t n)
{
	const uint8_t	*p = from;
	size_t		 i, len, to = 0;

	for (i = 0; i < n; i += len) {
		len = str_printable(p + i, n - i);
		if (to + (len == 0 ? 1 : len) >= size)
			break;
		if (len > 0)
			memcpy(buf + to, p + i, len);
		else {
			buf[to] = '?';
			len = 1;
		}
		to += len;
	}
	buf[to] = '\0';
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

const char *
str_line(const char *text, unsigned no)
{
	const char	*p = text;

	for (; no > 1 && p != NULL; no--)
		if ((p = strchr(p, '\n')) != NULL)
			p++;
	return (p);
}

const char *
str_plural(uint64_t n)
{
	return (n == 1 ? "" : "s");
}
