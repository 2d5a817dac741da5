/* SPDX-License-Identifier: ISC */
/* One label, found without reading all of them. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "backup/labelfind.h"
#include "base/str.h"
#include "crypt/sign.h"

struct found {
	const char	*id;
	struct archive	*a;
	struct label	*label;
	struct err	*why;
};

/*
 * A label that cannot be trusted is no failure, it is a backup that is not
 * used.  Any other failure to read it is one.
 */
static int
on_label(void *arg, size_t i, const uint8_t *data, size_t n, struct err *e)
{
	struct found	*f = arg;
	struct err	 why = ERR_INIT;

	(void)i;
	if (data == NULL)
		return (0);
	if (label_parse(&f->label, data, n, f->id, f->a, &why) == 0)
		return (0);
	if (why.kind != ERR_CORRUPT)
		return (err_set(e, why.kind, "%s", why.msg));
	(void)err_set(f->why, ERR_CORRUPT, "%s", why.msg);
	return (0);
}

int
labelfind_load(struct label **out, struct archive *a, const char *id,
    struct err *why, struct err *e)
{
	struct found	 f = { .id = id, .a = a, .why = why };
	char		 path[LAYOUT_PATH];
	const char	*paths = layout_label(path, id);

	if (store_load(a->store, &paths, 1, SIGN_MAX, on_label, &f, e))
		return (-1);
	if (f.label == NULL)
		return (1);
	*out = f.label;
	return (0);
}

struct ids {
	char	(*v)[LAYOUT_ID];
	size_t	 n, room;
};

static int
on_base(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct ids	*ids = arg;
	void		*p;

	(void)i;
	(void)missing;
	if (en == NULL || !en->is_dir || !layout_id_ok(en->name))
		return (0);
	if (ids->n == ids->room) {
		ids->room = ids->room == 0 ? 64 : 2 * ids->room;
		if ((p = reallocarray(ids->v, ids->room,
		    sizeof(*ids->v))) == NULL)
			return (err_sys(e, ERR_LOCAL, "list the backups"));
		ids->v = p;
	}
	return (str_fmt(ids->v[ids->n++], LAYOUT_ID, e, "%s", en->name));
}

static int
newest_first(const void *a, const void *b)
{
	return (strcmp(b, a));
}

int
labelfind_newest(struct label **out, struct archive *a, uint32_t chunk_size,
    struct err *why, struct err *e)
{
	static const char *const	 base[] = { LAYOUT_BASE };
	struct ids			 ids = { NULL, 0, 0 };
	struct label			*l = NULL, *found = NULL;
	size_t				 i;
	int				 others = 0, rc;

	rc = store_list(a->store, base, 1, on_base, &ids, e);
	if (ids.n > 0)
		qsort(ids.v, ids.n, sizeof(*ids.v), newest_first);
	for (i = 0; rc == 0 && i < ids.n && found == NULL; i++) {
		if ((rc = labelfind_load(&l, a, ids.v[i], why, e)) == 1)
			rc = 0;
		if (l != NULL && (chunk_size == 0 ||
		    l->chunk_size == chunk_size))
			found = l;
		else {
			others |= l != NULL;
			label_free(l);
		}
		l = NULL;
	}
	free(ids.v);
	if (rc == 0 && found == NULL) {
		if (others)
			(void)err_set(why, ERR_CONFIG, "found no earlier "
			    "backup with chunk_size %" PRIu32 " in the "
			    "repository", chunk_size);
		return (1);
	}
	if (rc == 0)
		*out = found;
	return (rc);
}
