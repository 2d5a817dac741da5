/* SPDX-License-Identifier: ISC */
#ifndef TOOL_INIFILE_H
#define TOOL_INIFILE_H

#include <stddef.h>

#include "base/err.h"

/*
 * INI text, read so strictly that nothing can be misread silently.
 *
 *	# comment, or ; comment: on a line of its own
 *	[section]
 *	key = value
 *
 * Blanks around all of these are ignored, and so are empty lines.  A line may
 * end in CR LF, and the text may begin with a UTF-8 byte order mark.
 * Everything else is ERR_CONFIG: text behind "[section]", a comment behind a
 * value, a value that continues on the next line, control characters, a key
 * before the first section, and a line of more than about 195 bytes, which is
 * the size of inih's buffer as distributions build it.  Comments may be
 * longer.
 */
struct inifile_events {
	int	(*section)(void *arg, const char *name, unsigned line,
		    struct err *);
	int	(*value)(void *arg, const char *key, const char *value,
		    unsigned line, struct err *);
};

/*
 * Parse the "n" bytes at "text".  A callback returns 0, or -1 with its own
 * error, which ends the parsing.  All errors get "FILE:LINE: " in front, with
 * "file" as the name.
 */
int	 inifile_parse(const char *file, const char *text, size_t n,
	    const struct inifile_events *, void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4, 6)));

#endif /* TOOL_INIFILE_H */
