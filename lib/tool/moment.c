/* SPDX-License-Identifier: ISC */
/* Options whose value is a point in time. */
#include <stdlib.h>

#include "base/clock.h"
#include "catalogue/pin.h"
#include "tool/moment.h"
#include "tool/tool.h"

int
moment_parse(const char *program, const char *option, const char *text,
    int64_t *us, struct err *e)
{
	long	 offset;
	int	 assumed;

	if (clock_parse(text, us, &assumed, &offset, e))
		return (err_ctx(e, "%s", option));
	if (assumed)
		tool_note(program, "%s %s: taken in this host's time zone, "
		    "UTC%+03ld:%02ld", option, text, offset / 3600,
		    labs(offset) % 3600 / 60);
	return (0);
}

int
moment_pin(const char *program, const char *option, const char *text,
    int64_t *us, struct err *e)
{
	*us = PIN_FOREVER;
	if (text == NULL)
		return (0);
	if (moment_parse(program, option, text, us, e))
		return (-1);
	if (*us <= clock_now_us())
		return (err_set(e, ERR_USAGE, "%s %s: found a time in the "
		    "past, expected a later one", option, text));
	if (*us >= PIN_LATEST)
		return (err_set(e, ERR_USAGE, "%s %s: expected a time before "
		    "the year 10000; without %s a pin never ends", option,
		    text, option));
	return (0);
}
