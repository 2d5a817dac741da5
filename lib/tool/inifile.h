/* SPDX-License-Identifier: ISC */
#ifndef TOOL_INIFILE_H
#define TOOL_INIFILE_H

#include <stddef.h>

#include "base/err.h"

/*
 * INI text, read so strictly that nothing can be misread in silence.
 *
 *	# comment, or ; comment: a line of its own
 *	[section]
 *	key = value
 *
 * Blanks around all of these don't count, nor do empty lines; a line may end
 * in CR LF, the text may begin with a UTF-8 byte order mark.  Everything
 * else is ERR_CONFIG: text behind "[section]", a comment behind a value, a
 * line that goes on in the next one, control characters, a key before the
 * first section, and a line of more than about 195 bytes, which is what
 * inih's buffer holds where distributions build it.  (Comments may be
 * longer.)
 */
struct inifile_events {
	int	(*section)(void *arg, const char *name, unsigned line,
		    struct err *);
	int	(*value)(void *arg, const char *key, const char *value,
		    unsigned line, struct err *);
};

/*
 * Parse "n" bytes; "file" is their name.  A callback returns 0, or -1 to
 * stop with its own error, which gets "FILE:LINE: " in front like ours.
 */
int	 inifile_parse(const char *file, const char *text, size_t n,
	    const struct inifile_events *, void *arg, struct err *)
	    __attribute__((warn_unused_result, nonnull(1, 2, 4, 6)));

#endif /* TOOL_INIFILE_H */
