/* SPDX-License-Identifier: ISC */
/* Reads and writes log sequence numbers as text. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "pg/lsn.h"

/* Read one to eight hexadecimal digits; the text behind them, or NULL. */
static const char *
half(const char *s, uint32_t *out)
{
	static const char	 digits[] = "0123456789abcdef0123456789ABCDEF";
	size_t			 n = strspn(s, digits), i;
	uint32_t		 v = 0;

	if (n < 1 || n > 8)
		return (NULL);
	for (i = 0; i < n; i++)
		v = v << 4 | ((uint32_t)(strchr(digits, s[i]) - digits) & 15);
	*out = v;
	return (s + n);
}

int
lsn_parse(const char *s, uint64_t *out, struct err *e)
{
	const char	*p;
	char		 shown[48];
	uint32_t	 hi, lo;

	if ((p = half(s, &hi)) == NULL || *p != '/' ||
	    (p = half(p + 1, &lo)) == NULL || *p != '\0')
		return (err_set(e, ERR_CONFIG,
		    "not an LSN: \"%s\", expected something like 16/B374D848",
		    str_clean(shown, sizeof(shown), s, strlen(s))));
	*out = (uint64_t)hi << 32 | lo;
	return (0);
}

const char *
lsn_format(char buf[LSN_TEXT], uint64_t lsn)
{
	(void)snprintf(buf, LSN_TEXT, "%" PRIX32 "/%" PRIX32,
	    (uint32_t)(lsn >> 32), (uint32_t)lsn);	/* always fits */
	return (buf);
}
