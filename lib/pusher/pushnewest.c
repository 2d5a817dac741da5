/* SPDX-License-Identifier: ISC */
/* The newest segments that were pushed, one of each timeline. */
#include <string.h>

#include "pusher/pushahead.h"
#include "pusher/pushnewest.h"

/* Of one timeline: its eight digits stand first in the name. */
static int
same_timeline(const char *a, const char *b)
{
	return (strncmp(a, b, 8) == 0);
}

void
pushnewest_add(struct pushnewest *p, const char *name)
{
	size_t	 i;

	if (!pushahead_is_segment(name))
		return;
	for (i = 0; i < p->n; i++)
		if (same_timeline(p->name[i], name))
			break;
	if (i == PUSHNEWEST_MAX || (i < p->n &&
	    strcmp(p->name[i], name) >= 0))
		return;
	if (i == p->n)
		p->n++;
	memcpy(p->name[i], name, strlen(name) + 1);
}

int
pushnewest_take(struct pushnewest *p, struct pushnewest *to, int64_t now)
{
	if (p->n == 0 || now < p->due)
		return (0);
	*to = *p;
	p->n = 0;
	p->due = now + PUSHNEWEST_MS;
	return (1);
}
