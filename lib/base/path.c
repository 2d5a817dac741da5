/* SPDX-License-Identifier: ISC */
/* Paths as text; nothing here looks at a file system. */
#include <string.h>

#include "base/path.h"
#include "base/str.h"

int
path_is_inside(const char *s)
{
	size_t	 n;

	for (;; s++) {
		n = strcspn(s, "/");
		if (n == 0 || (n == 1 && s[0] == '.') ||
		    (n == 2 && s[0] == '.' && s[1] == '.'))
			return (0);
		s += n;
		if (*s == '\0')
			return (1);
	}
}

const char *
path_base(const char *s)
{
	const char	*slash = strrchr(s, '/');

	return (slash == NULL ? s : slash + 1);
}

int
path_join(char *buf, size_t size, const char *dir, const char *name,
    struct err *e)
{
	return (str_fmt(buf, size, e, "%s/%s", dir, name));
}

int
path_dir(char *buf, size_t size, const char *s, struct err *e)
{
	const char	*slash = strrchr(s, '/');

	if (slash == NULL)
		return (str_fmt(buf, size, e, "."));
	if (slash == s)
		return (str_fmt(buf, size, e, "/"));
	return (str_fmt(buf, size, e, "%.*s", (int)(slash - s), s));
}
