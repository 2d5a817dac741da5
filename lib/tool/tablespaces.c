/* SPDX-License-Identifier: ISC */
/* Where tablespaces go, from the command line. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "tool/tablespaces.h"

static int
add(struct tablespaces *t, const char *arg, struct err *e)
{
	struct restore_map	*m = &t->v[t->n];
	const char		*colon = strrchr(arg, ':');
	char			*name = NULL;
	size_t			 i;

	if (colon == NULL || colon == arg || colon[1] != '/')
		return (err_set(e, ERR_USAGE, "--tablespace: found "
		    "\"%.128s\", expected NAME:/DIRECTORY", arg));
	if (str_dup(&name, arg, e))
		return (-1);
	name[colon - arg] = '\0';
	m->name = name;
	m->dir = colon + 1;
	for (i = 0; i < t->n; i++)
		if (strcmp(t->v[i].dir, m->dir) == 0 ||
		    strcmp(t->v[i].name, m->name) == 0)
			break;
	if (i < t->n++)
		return (err_set(e, ERR_USAGE, "--tablespace: \"%.128s\" names "
		    "a tablespace or a directory a second time", arg));
	return (0);
}

int
tablespaces_parse(struct tablespaces *t, const struct opt_list *list,
    struct err *e)
{
	size_t	 i;

	t->n = 0;
	if ((t->v = calloc(list->n + 1, sizeof(*t->v))) == NULL)
		return (err_sys(e, ERR_LOCAL, "--tablespace"));
	for (i = 0; i < list->n; i++)
		if (add(t, list->v[i], e))
			return (-1);
	return (0);
}

void
tablespaces_fini(struct tablespaces *t)
{
	size_t	 i;

	/* struct restore_map has const names, for all others who use it. */
	for (i = 0; i < t->n; i++)
		free((void *)(uintptr_t)t->v[i].name);
	free(t->v);
	t->v = NULL;
	t->n = 0;
}
