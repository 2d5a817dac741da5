/* SPDX-License-Identifier: ISC */
/*
 * The names of files that are to be pushed ahead: an array with room in front,
 * so that names that were taken can be put back in their order.
 */
#include <assert.h>
#include <string.h>

#include "pusher/pushahead.h"

#define SEGMENT_LEN	24		/* of a segment's name */
#define TIMELINE_LEN	8		/* of the timeline in front of it */

int
pushahead_is_segment(const char *name)
{
	return (strlen(name) == SEGMENT_LEN);
}

int
pushahead_is_before(const char *a, const char *b)
{
	return (pushahead_is_segment(a) && pushahead_is_segment(b) &&
	    strncmp(a, b, TIMELINE_LEN) == 0 && strcmp(a, b) < 0);
}

void
pushahead_clear(struct pushahead *l)
{
	l->first = l->end = PUSHAHEAD_BACK;
}

void
pushahead_add(struct pushahead *l, const char name[WALNAME_TEXT])
{
	assert(l->end < PUSHAHEAD_BACK + READY_MAX);
	memcpy(l->name[l->end++], name, WALNAME_TEXT);
}

int
pushahead_take(struct pushahead *l, char name[WALNAME_TEXT])
{
	if (l->first == l->end)
		return (0);
	memcpy(name, l->name[l->first++], WALNAME_TEXT);
	return (1);
}

int
pushahead_put_back(struct pushahead *l, const char name[WALNAME_TEXT])
{
	if (l->first == 0)
		return (0);
	memcpy(l->name[--l->first], name, WALNAME_TEXT);
	return (1);
}

void
pushahead_drop(struct pushahead *l, const char *name)
{
	size_t	 i;

	for (i = l->first; i < l->end; i++)
		if (strcmp(l->name[i], name) == 0)
			break;
	if (i == l->end)
		return;
	l->end--;
	memmove(l->name[i], l->name[i + 1], (l->end - i) * WALNAME_TEXT);
}

void
pushahead_drop_behind(struct pushahead *l, const char *name)
{
	size_t	 i, n = l->first;

	for (i = l->first; i < l->end; i++)
		if (!pushahead_is_before(name, l->name[i]))
			memmove(l->name[n++], l->name[i], WALNAME_TEXT);
	l->end = n;
}

size_t
pushahead_count(const struct pushahead *l)
{
	return (l->end - l->first);
}

int
pushahead_has_before(const struct pushahead *l, const char *name)
{
	size_t	 i;

	for (i = l->first; i < l->end; i++)
		if (pushahead_is_before(l->name[i], name))
			return (1);
	return (0);
}
