/* SPDX-License-Identifier: ISC */
/* What became of names: a ring, in which the newest replaces the oldest. */
#include <string.h>

#include "pusher/pushknown.h"

struct pushknown *
pushknown_find(struct pushknown_ring *r, const char *name)
{
	size_t	 i;

	for (i = 0; i < PUSHKNOWN_MAX; i++)
		if (strcmp(r->known[i].name, name) == 0)
			return (&r->known[i]);
	return (NULL);
}

void
pushknown_set(struct pushknown_ring *r, const char name[WALNAME_TEXT],
    enum pushknown_state state, const struct pushid *id)
{
	struct pushknown	*k = pushknown_find(r, name);

	if (k == NULL) {
		k = &r->known[r->next];
		r->next = (r->next + 1) % PUSHKNOWN_MAX;
	}
	memcpy(k->name, name, WALNAME_TEXT);
	k->state = state;
	k->id = *id;
}
