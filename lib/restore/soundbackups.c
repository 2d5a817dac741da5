/* SPDX-License-Identifier: ISC */
/* Choosing a backup among those that have all their files. */
#include <stdlib.h>
#include <string.h>

#include "restore/soundbackups.h"

const char *
soundbackups_lacks(const struct evidence *v, size_t i)
{
	return (i < v->n && v->v[i].lacks[0] != '\0' && !v->v[i].wal ?
	    v->v[i].lacks : NULL);
}

/* A backup that was named is refused for what it is, not as missing. */
static int
check_named(const struct catalogue *cat, const struct evidence *v,
    const char *id, struct err *e)
{
	const char	*why;
	size_t		 i;

	for (i = 0; id != NULL && i < catalogue_labels(cat); i++)
		if (strcmp(catalogue_label(cat, i)->id, id) == 0 &&
		    (why = soundbackups_lacks(v, i)) != NULL)
			return (err_set(e, ERR_CORRUPT, "backup %s is "
			    "incomplete: %s", id, why));
	return (0);
}

int
soundbackups_choose(const struct catalogue *cat, const struct evidence *ev,
    const struct lineage_set *lines, const struct choose_target *t,
    struct choose_result *out, struct err *e)
{
	const size_t		 labels = catalogue_labels(cat);
	struct choose_result	 r;
	struct lineage_backup	*v;
	size_t			*index, i, n = 0;
	int			 rc = -1;

	v = calloc(labels + 1, sizeof(*v));
	index = calloc(labels + 1, sizeof(*index));
	if (v == NULL || index == NULL) {
		err_sys(e, ERR_LOCAL, "backups");
		goto out;
	}
	for (i = 0; i < labels; i++)
		if (soundbackups_lacks(ev, i) == NULL) {
			index[n] = i;
			v[n++] = catalogue_backup(cat, i);
		}
	if (check_named(cat, ev, t->backup, e))
		goto out;
	if (n == 0 && labels > 0)
		(void)err_set(e, ERR_CORRUPT, "no backup is complete: %s: %s",
		    catalogue_label(cat, labels - 1)->id,
		    soundbackups_lacks(ev, labels - 1));
	else if (choose_backup(v, n, lines, t, &r, e) == 0) {
		*out = r;
		out->index = index[r.index];
		rc = 0;
	}
out:
	free(v);
	free(index);
	return (rc);
}
