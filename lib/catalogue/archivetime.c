/* SPDX-License-Identifier: ISC */
/* Reads the headers of WAL files for the time when they were archived. */
#include "catalogue/archivetime.h"
#include "repo/marker.h"
#include "repo/object.h"

#define AT_ONCE	16		/* objects that are opened in one flight */

/*
 * One that is damaged, or that nobody may open, says nothing, and does not hide
 * the others.
 */
static int
take(struct archivetime *t, struct archive *a, struct store_get *get,
    struct err *e)
{
	struct head	 h;
	int		 rc;

	t->us = ARCHIVETIME_UNKNOWN;
	rc = get == NULL ? -1 :
	    object_head(&h, a, get, HEAD_WAL, t->path, &t->why);
	if (rc == 0)
		t->us = h.created_us;
	if (rc == -1 && t->why.kind == ERR_REMOTE &&
	    err_of_one_file(&t->why) && marker_stands(a))
		t->why.kind = ERR_CORRUPT;
	if (rc == -1 && t->why.kind != ERR_CORRUPT)
		return (err_set(e, t->why.kind, "%s", t->why.msg));
	return (0);
}

static int
look_some(struct archivetime *v, size_t n, struct archive *a, struct err *e)
{
	struct store_get	*get[AT_ONCE] = { NULL };
	size_t			 i;
	int			 rc = -1;

	/* Open all of them first: the answers come in one round trip. */
	for (i = 0; i < n; i++) {
		err_clear(&v[i].why);
		if (store_get_open(&get[i], a->store, v[i].path, &v[i].why))
			get[i] = NULL;
	}
	for (i = 0; i < n; i++)
		if (take(&v[i], a, get[i], e))
			goto out;
	rc = 0;
out:
	for (i = 0; i < n; i++)
		store_get_free(get[i]);
	return (rc);
}

int
archivetime_look(struct archivetime *v, size_t n, struct archive *a,
    struct err *e)
{
	size_t	 i, k;

	for (i = 0; i < n; i += k) {
		k = n - i < AT_ONCE ? n - i : AT_ONCE;
		if (look_some(v + i, k, a, e))
			return (-1);
	}
	return (0);
}
