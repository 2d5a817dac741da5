/* SPDX-License-Identifier: ISC */
/* Strict parsers of numbers, sizes, spans, switches and hexadecimal text. */
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/parse.h"

struct unit {
	const char	*name;
	uint64_t	 factor;
};

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

/* The digits "s" begins with; NULL if there are none or too many. */
static const char *
digits(const char *s, uint64_t *out)
{
	const char	*p;
	uint64_t	 v = 0;

	for (p = s; *p >= '0' && *p <= '9'; p++)
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(*p - '0'), &v))
			return (NULL);
	*out = v;
	return (p == s ? NULL : p);
}

int
parse_u64(const char *s, uint64_t min, uint64_t max, uint64_t *out,
    const char *what, struct err *e)
{
	const char	*end;
	uint64_t	 v = 0;

	end = digits(s, &v);
	if (*s == '\0' || s[strspn(s, "0123456789")] != '\0')
		return (err_set(e, ERR_CONFIG, "%s: \"%.64s\" is not a number",
		    what, s));
	if (end == NULL || v < min || v > max)
		return (err_set(e, ERR_CONFIG, "%s: %.64s is not between %"
		    PRIu64 " and %" PRIu64, what, s, min, max));
	*out = v;
	return (0);
}

static int
with_unit(const char *s, const struct unit *u, uint64_t min, uint64_t max,
    uint64_t *out, const char *what, const char *example, struct err *e)
{
	const char	*end;
	uint64_t	 v = 0;

	if ((end = digits(s, &v)) != NULL)
		for (; u->name != NULL; u++)
			if (strcmp(u->name, end) == 0)
				break;
	if (end == NULL || u->name == NULL)
		return (err_set(e, ERR_CONFIG,
		    "%s: found \"%.64s\", expected something like %s", what, s,
		    example));
	if (__builtin_mul_overflow(v, u->factor, &v) || v < min || v > max)
		return (err_set(e, ERR_CONFIG, "%s: %.64s is out of range",
		    what, s));
	*out = v;
	return (0);
}

int
parse_size(const char *s, uint64_t min, uint64_t max, uint64_t *out,
    const char *what, struct err *e)
{
	return (with_unit(s, sizes, min, max, out, what, "256k or 1G", e));
}

int
parse_span(const char *s, uint64_t min, uint64_t max, uint64_t *out,
    const char *what, struct err *e)
{
	return (with_unit(s, spans, min, max, out, what, "60s or 5min", e));
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
