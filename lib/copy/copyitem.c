/* SPDX-License-Identifier: ISC */
/* The objects that are to be copied. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "copy/copyitem.h"

struct copyitem *
copyitem_add(struct copyitem_list *l, const char *path, enum head_kind kind,
    struct err *e)
{
	struct copyitem	*it;
	size_t		 room;
	void		*p;

	if (l->n == l->room) {
		room = l->room == 0 ? 256 : 2 * l->room;
		if ((p = reallocarray(l->v, room, sizeof(*l->v))) == NULL) {
			err_sys(e, ERR_LOCAL, "list the objects");
			return (NULL);
		}
		l->v = p;
		l->room = room;
	}
	it = &l->v[l->n];
	memset(it, 0, sizeof(*it));
	it->kind = kind;
	if (str_dup(&it->path, path, e))
		return (NULL);
	l->n++;
	return (it);
}

void
copyitem_drop(struct copyitem_list *l)
{
	size_t	 i;

	for (i = 0; i < l->n; i++) {
		free(l->v[i].path);
		free(l->v[i].why);
	}
	free(l->v);
	memset(l, 0, sizeof(*l));
}

int
copyitem_ok(const struct copyitem *it)
{
	return (it->state == COPYITEM_COPIED || it->state == COPYITEM_THERE);
}

/* Without memory for the reason it is bad all the same. */
void
copyitem_spoil(struct copyitem *it, const struct err *why)
{
	it->state = COPYITEM_BAD;
	it->why = strdup(why->msg);
}
