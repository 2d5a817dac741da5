/* SPDX-License-Identifier: ISC */
/* Where a backup ended, by the file that PostgreSQL leaves of it. */
#include <string.h>

#include "base/parse.h"
#include "base/str.h"
#include "pg/bhistory.h"
#include "pg/lsn.h"

enum line { START, STOP, START_TLI, STOP_TLI, LINES };

/* The value of a line: up to a blank, if it is an LSN, else all of it. */
static int
take(struct bhistory *h, enum line which, const char *from, size_t n,
    struct err *e)
{
	char		 text[32];
	uint64_t	 v;

	if (which == START || which == STOP)
		n = strcspn(from, " \n") < n ? strcspn(from, " \n") : n;
	if (n >= sizeof(text))
		return (-1);
	memcpy(text, from, n);
	text[n] = '\0';
	switch (which) {
	case START:
		return (lsn_parse(text, &h->start, e));
	case STOP:
		return (lsn_parse(text, &h->stop, e));
	case START_TLI:
	case STOP_TLI:
		if (parse_u64(text, 1, UINT32_MAX, &v, "timeline", e))
			return (-1);
		*(which == START_TLI ? &h->start_tli : &h->stop_tli) =
		    (uint32_t)v;
		return (0);
	case LINES:
		break;
	}
	return (-1);
}

int
bhistory_parse(const char *p, size_t n, struct bhistory *out, struct err *e)
{
	static const char *const	 name[LINES] = {
		[START] = "START WAL LOCATION: ",
		[STOP] = "STOP WAL LOCATION: ",
		[START_TLI] = "START TIMELINE: ",
		[STOP_TLI] = "STOP TIMELINE: "
	};
	const char			*end = p + n, *line, *next;
	struct bhistory			 h = { .start = 0 };
	struct err			 unused = ERR_INIT;
	unsigned			 seen[LINES] = { 0 };
	size_t				 i, len;

	for (line = p; line < end; line = next + 1) {
		if ((next = memchr(line, '\n', (size_t)(end - line))) == NULL)
			goto bad;
		for (i = 0; i < LINES; i++) {
			len = strlen(name[i]);
			if ((size_t)(next - line) < len ||
			    memcmp(line, name[i], len) != 0)
				continue;
			if (seen[i]++ > 0 || take(&h, (enum line)i,
			    line + len, (size_t)(next - line) - len, &unused))
				goto bad;
		}
	}
	for (i = 0; i < LINES; i++)
		if (seen[i] != 1)
			goto bad;
	*out = h;
	return (0);
bad:
	return (err_set(e, ERR_CORRUPT, "this is no history file of a backup "
	    "that has ended"));
}
