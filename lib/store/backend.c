/* SPDX-License-Identifier: ISC */
/* What the back ends share: the common struct, full paths, new names. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "store/backend.h"
#include "store/tmpname.h"

int
backend_init(struct store *s, const struct store_ops *ops, const char *name,
    const char *root, struct err *e)
{
	s->ops = ops;
	s->base_stands = 0;
	s->limit = NULL;
	s->ahead = STORE_AHEAD;
	if (str_fmt(s->base, sizeof(s->base), e, "%s", root) ||
	    str_dup(&s->name, name, e))
		return (-1);
	if (str_dup(&s->root, root, e)) {
		free(s->name);
		return (-1);
	}
	return (0);
}

void
backend_fini(struct store *s)
{
	synceddirs_clear(&s->synced);
	free(s->name);
	free(s->root);
}

int
backend_full(const struct store *s, const char *path, char buf[STORE_PATHMAX],
    struct err *e)
{
	if (*path == '\0')
		return (str_fmt(buf, STORE_PATHMAX, e, "%s", s->base));
	/* No path that a caller made of outside bytes may leave the base. */
	if (!path_is_inside(path))
		return (err_set(e, ERR_LOCAL,
		    "\"%.128s\" is not a path inside the repository", path));
	return (path_join(buf, STORE_PATHMAX, s->base, path, e));
}

int
backend_tmp(const struct store *s, const char *path, char buf[STORE_PATHMAX],
    struct err *e)
{
	const size_t	 n = strlen(s->base);
	uint8_t		 rnd[8];
	char		 hex[2 * sizeof(rnd) + 1], begin[TMPNAME];

	assert(strncmp(path, s->base, n) == 0 && path[n] == '/');
	if (io_random(rnd, sizeof(rnd), e))
		return (-1);
	return (str_fmt(buf, STORE_PATHMAX, e, "%s/tmp/%s%s", s->base,
	    tmpname_prefix(begin, path + n + 1),
	    str_hex(hex, rnd, sizeof(rnd))));
}

size_t
backend_first_dir(const struct store *s, const char *full)
{
	size_t	 n;

	if (!s->base_stands)
		return (strlen(s->root));
	/* Where the base must exist, the mkdir below a missing one fails. */
	n = strlen(s->base);
	return (n + 1 + strcspn(full + n + 1, "/"));
}
