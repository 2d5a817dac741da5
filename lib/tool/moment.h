/* SPDX-License-Identifier: ISC */
#ifndef TOOL_MOMENT_H
#define TOOL_MOMENT_H

#include <stdint.h>

#include "base/err.h"

/*
 * Read the value of an option that is a point in time, as clock_parse() does.
 * A time without a zone is taken in this host's zone, and a note on stderr
 * says so: the zone of a database host at night is easily mistaken.
 * "program" and "option" ("--until") are for that note and for messages.
 * ERR_USAGE if "text" is no point in time.
 */
int	 moment_parse(const char *program, const char *option,
	    const char *text, int64_t *us, struct err *)
	    __attribute__((warn_unused_result, nonnull));

/*
 * The same for the end of a pin (catalogue/pin.h), which must be in the future;
 * "text" NULL is PIN_FOREVER.
 */
int	 moment_pin(const char *program, const char *option,
	    const char *text, int64_t *us, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4, 5)));

#endif /* TOOL_MOMENT_H */
