/* SPDX-License-Identifier: ISC */
/* Requests that wait for a file, and those that have their answer. */
#include <string.h>

#include "prefetch/fetchask.h"

struct fetchask *
fetchask_find(const struct fetchask_lists *l, const char *name)
{
	struct fetchask	*a;

	for (a = l->waiting; a != NULL; a = a->next)
		if (strcmp(a->name, name) == 0)
			return (a);
	return (NULL);
}

static void
append(struct fetchask **list, struct fetchask *a)
{
	while (*list != NULL)
		list = &(*list)->next;
	a->next = NULL;
	*list = a;
}

/*
 * A request that comes while its file is being fetched is not covered: that
 * the file was absent before is no answer to it.
 */
void
fetchask_wait(struct fetchask_lists *l, struct fetchask *a)
{
	a->covered = 0;
	append(&l->waiting, a);
}

void
fetchask_unlink(struct fetchask_lists *l, struct fetchask *a)
{
	struct fetchask	**p;

	for (p = &l->waiting; *p != a; p = &(*p)->next)
		;
	*p = a->next;
	a->next = NULL;
}

void
fetchask_cover(struct fetchask_lists *l, const char *name, int covered)
{
	struct fetchask	*a;

	for (a = l->waiting; a != NULL; a = a->next)
		if (strcmp(a->name, name) == 0)
			a->covered = covered;
}

void
fetchask_answer(struct fetchask_lists *l, struct fetchask *a, int rc,
    const struct err *e)
{
	a->rc = rc;
	if (rc == -1)
		a->err = *e;
	append(&l->answered, a);
}

struct fetchask *
fetchask_answered(struct fetchask_lists *l)
{
	struct fetchask	*a = l->answered;

	if (a != NULL)
		l->answered = a->next;
	return (a);
}
