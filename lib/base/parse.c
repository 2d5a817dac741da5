/* SPDX-License-Identifier: ISC */
/*
 * Strict parsers of numbers, sizes, spans of time, switches and hexadecimal
 * text.  Units are those of "Parameter Names and Values" in PostgreSQL's
 * manual.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/parse.h"

#define RANGE	32		/* room for a number and its unit */

struct unit {
	const char	*name;
	uint64_t	 factor;
};

static const struct unit counts[] = { { "", 1 }, { NULL, 0 } };

static const struct unit sizes[] = {
	{ "", 1 }, { "B", 1 },
	{ "k", 1 << 10 }, { "kB", 1 << 10 },
	{ "M", 1 << 20 }, { "MB", 1 << 20 },
	{ "G", 1 << 30 }, { "GB", 1 << 30 },
	{ "T", UINT64_C(1) << 40 }, { "TB", UINT64_C(1) << 40 },
	{ NULL, 0 }
};

static const struct unit spans[] = {
	{ "", 1000 }, { "ms", 1 }, { "s", 1000 }, { "min", 60000 },
	{ "h", 3600000 }, { "d", 86400000 },
	{ NULL, 0 }
};

/* The number at the beginning of "s"; -1 if it exceeds 64 bits. */
static int
digits(const char *s, uint64_t *out)
{
	uint64_t	 v = 0;

	for (; *s >= '0' && *s <= '9'; s++)
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*s - '0'), &v))
			return (-1);
	*out = v;
	return (0);
}

const char *
parse_leading(const char *s, uint64_t max, uint64_t *out)
{
	uint64_t	 v;

	while (*s == ' ')
		s++;
	if (*s < '0' || *s > '9' || digits(s, &v) == -1 || v > max)
		return (NULL);
	while (*s >= '0' && *s <= '9')
		s++;
	*out = v;
	return (s);
}

/*
 * Write "v" in the largest unit that divides it.  Of equal units the last is
 * taken, since it is the one that PostgreSQL writes.
 */
static void
show(char buf[RANGE], uint64_t v, const struct unit *u)
{
	const struct unit	*best = NULL;

	for (; v != 0 && u->name != NULL; u++)
		if (v % u->factor == 0 &&
		    (best == NULL || u->factor >= best->factor))
			best = u;
	(void)snprintf(buf, RANGE, "%" PRIu64 "%s",
	    best == NULL ? v : v / best->factor,
	    best == NULL ? "" : best->name);
}

static int
out_of_range(const char *s, const struct unit *u, uint64_t min, uint64_t max,
    const char *what, struct err *e)
{
	char	 low[RANGE], high[RANGE];

	show(low, min, u);
	show(high, max, u);
	if (max == UINT64_MAX)
		return (err_set(e, ERR_CONFIG,
		    "%s: found %.64s, expected %s or more (in 64 bits)", what,
		    s, low));
	return (err_set(e, ERR_CONFIG,
	    "%s: found %.64s, expected %s to %s", what, s, low,
	    high));
}

/* All of "s": digits, and a unit of the table. */
static int
with_unit(const char *s, const struct unit *units, uint64_t min, uint64_t max,
    uint64_t *out, const char *what, const char *example, struct err *e)
{
	const struct unit	*u = units;
	const char		*unit = s + strspn(s, "0123456789");
	uint64_t		 v = 0;

	for (; u->name != NULL; u++)
		if (strcmp(u->name, unit) == 0)
			break;
	/* No digit at all, or no such unit. */
	if (unit == s || u->name == NULL)
		return (err_set(e, ERR_CONFIG,
		    "%s: found \"%.64s\", expected %s", what, s, example));
	if (digits(s, &v) == -1 || __builtin_mul_overflow(v, u->factor, &v) ||
	    v < min || v > max)
		return (out_of_range(s, units, min, max, what, e));
	*out = v;
	return (0);
}

int
parse_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out,
    const char *what, struct err *e)
{
	return (with_unit(s, counts, min, max, out, what, "a number", e));
}

int
parse_size(const char *s, uint64_t min, uint64_t max, uint64_t *out,
    const char *what, struct err *e)
{
	return (with_unit(s, sizes, min, max, out, what,
	    "something like 256k or 1G", e));
}

int
parse_span(const char *s, uint64_t min, uint64_t max, uint64_t *out,
    const char *what, struct err *e)
{
	return (with_unit(s, spans, min, max, out, what,
	    "something like 60s or 5min", e));
}

int
parse_bool(const char *s, int *out, const char *what, struct err *e)
{
	static const char *const words[] = {
		"off", "on", "no", "yes", "false", "true", "0", "1"
	};
	size_t	 i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(words[i], s) == 0) {
			*out = i % 2 == 1;
			return (0);
		}
	return (err_set(e, ERR_CONFIG,
	    "%s: found \"%.64s\", expected on or off", what, s));
}

static int
nibble(char c)
{
	if (c >= '0' && c <= '9')
		return (c - '0');
	if (c >= 'a' && c <= 'f')
		return (c - 'a' + 10);
	return (c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1);
}

int
parse_hex(const char *s, uint8_t *out, size_t n, const char *what,
    struct err *e)
{
	size_t	 i;

	if (strlen(s) != 2 * n ||
	    strspn(s, "0123456789abcdefABCDEF") != 2 * n)
		return (err_set(e, ERR_CONFIG,
		    "%s: expected %zu hexadecimal digits", what, 2 * n));
	for (i = 0; i < n; i++)
		out[i] = (uint8_t)(nibble(s[2 * i]) << 4 |
		    nibble(s[2 * i + 1]));
	return (0);
}
