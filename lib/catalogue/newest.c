/* SPDX-License-Identifier: ISC */
/* The newest backup of all clusters. */
#include <string.h>

#include "catalogue/newest.h"

void
newest_offer(struct newest *n, struct catalogue *cat,
    const struct label *label, uint64_t system_id)
{
	if (label == NULL ||
	    (n->label != NULL && label->start_us <= n->label->start_us)) {
		catalogue_free(cat);
		return;
	}
	catalogue_free(n->cat);
	n->cat = cat;
	n->label = label;
	n->system_id = system_id;
}

int
newest_look(void *newest, struct archive *a, struct err *e)
{
	struct catalogue	*cat = NULL;
	size_t			 n;

	if (catalogue_load(&cat, a, e))
		return (-1);
	n = catalogue_labels(cat);
	newest_offer(newest, cat, n == 0 ? NULL : catalogue_label(cat, n - 1),
	    a->system_id);
	return (0);
}

void
newest_fini(struct newest *n)
{
	catalogue_free(n->cat);
	memset(n, 0, sizeof(*n));
}
