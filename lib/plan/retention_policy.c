/* SPDX-License-Identifier: ISC */
/* The text of a retention policy, read and written. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/parse.h"
#include "base/str.h"
#include "plan/retention_policy.h"

#define WORDS_MAX	5	/* recovery window of N days */
#define WORD_LEN	16
#define DAYS_MAX	36525	/* 100 years: in 64 bits as microseconds */
#define DAY_US		INT64_C(86400000000)

static const struct {
	const char	*one, *many;
	uint64_t	 days;
} units[] = {
	{ "day", "days", 1 },
	{ "week", "weeks", 7 },
	{ "month", "months", 31 }
};

/*
 * Cut "s" into words.  Returns how many, or WORDS_MAX + 1 if there are more
 * or one is too long: no policy has that many.
 */
static size_t
split(const char *s, char word[WORDS_MAX][WORD_LEN])
{
	size_t	 n, len;

	for (n = 0; ; n++) {
		s += strspn(s, " \t");
		if ((len = strcspn(s, " \t")) == 0)
			return (n);
		if (n == WORDS_MAX || len >= WORD_LEN)
			return (WORDS_MAX + 1);
		memcpy(word[n], s, len);
		word[n][len] = '\0';
		s += len;
	}
}

static int
refuse(const char *s, struct err *e)
{
	char	 text[64];

	return (err_set(e, ERR_CONFIG, "retention policy \"%s\": expected "
	    "\"redundancy N\" or \"recovery window of N days\" (or weeks, "
	    "months)", str_clean(text, sizeof(text), s, strlen(s))));
}

/* Returns 0, 1 if the unit is not known, or -1 for a number out of range. */
static int
parse_window(char word[WORDS_MAX][WORD_LEN], struct retention_policy *p,
    struct err *e)
{
	size_t	 i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (strcasecmp(word[4], units[i].one) == 0 ||
		    strcasecmp(word[4], units[i].many) == 0) {
			p->kind = RETENTION_WINDOW;
			p->unit_days = units[i].days;
			return (parse_u64(word[3], 1, DAYS_MAX /
			    units[i].days, &p->n, "recovery window", e));
		}
	return (1);
}

int
retention_policy_parse(const char *s, struct retention_policy *out,
    struct err *e)
{
	struct retention_policy	 p = { .kind = RETENTION_ALL };
	char			 word[WORDS_MAX][WORD_LEN];
	size_t			 n = split(s, word);
	int			 rc = n == 0 ? 0 : 1;

	if (n == 2 && strcasecmp(word[0], "redundancy") == 0) {
		p.kind = RETENTION_REDUNDANCY;
		rc = parse_u64(word[1], 1, 1000000, &p.n, "redundancy", e);
	} else if (n == 5 && strcasecmp(word[0], "recovery") == 0 &&
	    strcasecmp(word[1], "window") == 0 &&
	    strcasecmp(word[2], "of") == 0)
		rc = parse_window(word, &p, e);
	if (rc == 1)
		return (refuse(s, e));
	if (rc == -1)
		return (err_ctx(e, "retention policy"));
	*out = p;
	return (0);
}

static void
append_periods(char buf[RETENTION_POLICY_TEXT],
    const struct retention_policy *p)
{
	enum retention_period	 kind;
	size_t			 n = strlen(buf);

	for (kind = 0; kind < RETENTION_PERIODS; kind++)
		if (p->keep[kind] > 0 && n < RETENTION_POLICY_TEXT)
			n += (size_t)snprintf(buf + n,
			    RETENTION_POLICY_TEXT - n, ", %" PRIu64 " %s",
			    p->keep[kind], retention_period_name(kind));
}

const char *
retention_policy_format(char buf[RETENTION_POLICY_TEXT],
    const struct retention_policy *p)
{
	const char	*unit = "days";
	size_t		 i;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (units[i].days == p->unit_days)
			unit = p->n == 1 ? units[i].one : units[i].many;
	switch (p->kind) {
	case RETENTION_ALL:
		(void)snprintf(buf, RETENTION_POLICY_TEXT, "keep everything");
		break;
	case RETENTION_REDUNDANCY:
		(void)snprintf(buf, RETENTION_POLICY_TEXT,
		    "redundancy %" PRIu64, p->n);
		break;
	case RETENTION_WINDOW:
		(void)snprintf(buf, RETENTION_POLICY_TEXT,
		    "recovery window of %" PRIu64 " %s", p->n, unit);
		break;
	}
	if (p->kind != RETENTION_ALL)
		append_periods(buf, p);
	return (buf);
}

int64_t
retention_policy_window(const struct retention_policy *p)
{
	if (p->kind != RETENTION_WINDOW)
		return (0);
	return ((int64_t)(p->n * p->unit_days) * DAY_US);
}
