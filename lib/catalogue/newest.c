/* SPDX-License-Identifier: ISC */
/* The newest backup of all clusters, or one that is named in a word. */
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

/*
 * The word itself is understood when it is known which cluster it counts in:
 * until then its id alone is looked for.
 */
int
newest_look(void *newest, struct archive *a, struct err *e)
{
	struct newest		*n = newest;
	const struct backupword	 id = { BACKUPWORD_ID,
	    n->word == NULL ? NULL : n->word->id };
	const struct backupword	 last = { BACKUPWORD_LATEST, NULL };
	const struct label	*l = NULL;
	struct catalogue	*cat = NULL;

	if (catalogue_load(&cat, a, e))
		return (-1);
	if (backupword_find(id.id != NULL ? &id : &last, cat, &l, e) == -1) {
		catalogue_free(cat);
		return (-1);
	}
	newest_offer(n, cat, l, a->system_id);
	return (0);
}

int
newest_settle(struct newest *n, struct err *e)
{
	if (n->label == NULL && n->word != NULL && n->word->id != NULL)
		return (err_set(e, ERR_ABSENT, "no backup %s in the "
		    "repository; backup-list lists them", n->word->id));
	if (n->label == NULL)
		return (err_set(e, ERR_ABSENT, "there is no backup"));
	return (n->word != NULL && backupword_find(n->word, n->cat, &n->label,
	    e) == -1 ? -1 : 0);
}

void
newest_fini(struct newest *n)
{
	catalogue_free(n->cat);
	memset(n, 0, sizeof(*n));
}
