/* SPDX-License-Identifier: ISC */
/* What the bytes of a pin say.  They are not signed and may be anything. */
#include <string.h>

#include "base/clock.h"
#include "base/jval.h"
#include "catalogue/pin.h"

#define FIRST_LEN	(sizeof(PIN_FIRST_LINE) - 1)

/* Only the spelling that clock_format() writes is a time here. */
static int
parse_time(const char *s, int64_t *us, const char *what, struct err *e)
{
	struct err	 why = ERR_INIT;
	char		 again[CLOCK_TEXT];

	if (clock_parse(s, us, NULL, NULL, &why) == 0 &&
	    strcmp(clock_format(again, *us), s) == 0)
		return (0);
	return (err_set(e, ERR_CORRUPT, "%s: expected a time like "
	    "2026-11-22T04:00:01Z", what));
}

static int
parse_until(const struct jval *j, int64_t *until_us, struct err *e)
{
	const char	*s;

	if (jval_is_null(j, "until")) {
		*until_us = PIN_FOREVER;
		return (0);
	}
	return (jval_get_str(j, "until", &s, e) ||
	    parse_time(s, until_us, "until", e) ? -1 : 0);
}

/*
 * "created" and "seawall" mean nothing to us, but a pin without them is not
 * one that FORMAT.md describes.  Unknown members are ignored: a later version
 * may add some.
 */
int
pin_parse(const void *buf, size_t n, int64_t *until_us, struct err *e)
{
	const char	*text = buf, *s;
	struct jval	*j = NULL;
	int64_t		 created, until;
	int		 rc = -1;

	if (n < FIRST_LEN || memcmp(text, PIN_FIRST_LINE, FIRST_LEN) != 0)
		return (err_set(e, ERR_CORRUPT, "is not a pin of version 1"));
	if (text[n - 1] != '\n')
		return (err_set(e, ERR_CORRUPT, "the pin is cut short"));
	if (jval_parse(text + FIRST_LEN, n - FIRST_LEN, &j, e) ||
	    parse_until(j, &until, e) ||
	    jval_get_str(j, "created", &s, e) ||
	    parse_time(s, &created, "created", e) ||
	    jval_get_str(j, "seawall", &s, e))
		goto out;
	*until_us = until;
	rc = 0;
out:
	jval_free(j);
	return (rc);
}
