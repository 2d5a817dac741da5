/* SPDX-License-Identifier: ISC */
/* Pins of one cluster, as the options name them. */
#include <stdio.h>

#include "catalogue/pinrelease.h"
#include "show/showexpire.h"
#include "tool/pinwork.h"

/* Pin or release a backup, if this cluster has it. */
static int
change(const struct pinwork *p, struct archive *a,
    const struct catalogue *cat, const char *id, enum pin_kind kind,
    struct err *e)
{
	const struct showexpire_pin	 s = { .archive = a, .id = id,
	    .pin = { .kind = kind, .until_us = p->until_us },
	    .dry = p->dry };

	if (catalogue_find(cat, id) == NULL)
		return (0);
	if (!p->dry && ((p->force && pinning_mend(a, id, e) == -1) ||
	    (kind == PIN_SET ? pinning_set(a, id, p->until_us, e) :
	    pinrelease_run(a, cat, id, e)) == -1))
		return (-1);
	return (showexpire_pin(stdout, p->all, &s, e));
}

int
pinwork_system(const struct pinwork *p, struct archive *a, struct err *e)
{
	struct catalogue	*cat = NULL;
	size_t			 i;
	int			 rc;

	rc = catalogue_load(&cat, a, e);
	for (i = 0; rc == 0 && i < p->release->n; i++)
		rc = change(p, a, cat, p->release->v[i], PIN_NONE, e);
	for (i = 0; rc == 0 && i < p->keep->n; i++)
		rc = change(p, a, cat, p->keep->v[i], PIN_SET, e);
	catalogue_free(cat);
	return (rc);
}
