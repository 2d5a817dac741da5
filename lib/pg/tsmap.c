/* SPDX-License-Identifier: ISC */
/* Reads and writes tablespace_map, which says where tablespaces are. */
#include <inttypes.h>
#include <string.h>

#include "base/bytes.h"
#include "base/parse.h"
#include "base/str.h"
#include "pg/tsmap.h"

/*
 * Copy the text up to the line feed without its backslashes.  Returns the text
 * behind the line feed, or NULL if none comes or the copy does not fit.
 */
static const char *
unescape(const char *p, const char *end, char *out, size_t size)
{
	size_t	 n = 0;

	for (; p < end && *p != '\n'; p++) {
		if (*p == '\\' && ++p == end)
			return (NULL);
		if (*p == '\0' || n + 1 >= size)
			return (NULL);
		out[n++] = *p;
	}
	out[n] = '\0';
	return (p < end ? p + 1 : NULL);
}

int
tsmap_next(const char **at, const char *end, uint32_t *oid, char *path,
    size_t size, struct err *e)
{
	struct err	 ignored = ERR_INIT;
	const char	*next = NULL, *blank;
	char		 shown[80], number[11];
	uint64_t	 v;

	if (*at == end)
		return (0);
	blank = memchr(*at, ' ', (size_t)(end - *at));
	if (blank != NULL && (size_t)(blank - *at) < sizeof(number) &&
	    str_fmt(number, sizeof(number), &ignored, "%.*s",
	    (int)(blank - *at), *at) == 0 &&
	    parse_u64(number, 1, UINT32_MAX, &v, "OID", &ignored) == 0)
		next = unescape(blank + 1, end, path, size);
	if (next == NULL || *path != '/')
		return (err_set(e, ERR_CORRUPT, "tablespace_map: found \"%s\", "
		    "expected an OID, an absolute path and a line feed",
		    str_clean(shown, sizeof(shown), *at, (size_t)(end - *at))));
	*oid = (uint32_t)v;
	*at = next;
	return (1);
}

int
tsmap_format(char *buf, size_t size, uint32_t oid, const char *path,
    struct err *e)
{
	struct bytes_out	 o = bytes_out_of(buf, size);
	char			 number[12];

	if (str_fmt(number, sizeof(number), e, "%" PRIu32 " ", oid))
		return (-1);
	bytes_put(&o, number, strlen(number));
	for (; *path != '\0'; path++) {
		if (strchr("\n\r\\", *path) != NULL)
			bytes_put(&o, "\\", 1);
		bytes_put(&o, path, 1);
	}
	bytes_put(&o, "\n", 2);			/* and the NUL */
	if (!bytes_out_ok(&o))
		return (err_set(e, ERR_LOCAL,
		    "tablespace_map: the path of tablespace %" PRIu32
		    " is too long", oid));
	return (0);
}
