/* SPDX-License-Identifier: ISC */
/*
 * Reading the headers of manifests and packs.  Each costs two answers in a row,
 * to the open and to the read, so many files are under way at a time.
 */
#include <string.h>

#include "catalogue/evidencedirs.h"
#include "crypt/head.h"
#include "repo/marker.h"

#define AT_ONCE	64			/* files that are open at a time */

/* One flight. */
struct flight {
	struct archive		*a;
	struct evidencedirs_file *file[AT_ONCE];
	struct store_get	*get[AT_ONCE];
	char			 path[AT_ONCE][LAYOUT_PATH];
	size_t			 n;
	struct err		 first;	/* why the first was unreadable */
};

/* To ask for more than there is would make the end of the file a failure. */
static size_t
wanted(const struct evidencedirs_file *f)
{
	return (f->size < HEAD_MAX ? (size_t)f->size : HEAD_MAX);
}

/*
 * A file that is denied or damaged says nothing about the others; whether the
 * repository can be read at all is asked at the end.  Where the call failed for
 * another reason nothing is known of the file, and a backup that is sound must
 * not be taken for one that is not.
 */
static int
refuse(struct flight *f, struct evidencedirs_file *file,
    const struct err *why, struct err *e)
{
	file->state = EVIDENCEDIRS_REFUSED;
	if (!err_of_one_file(why))
		return (err_set(e, why->kind, "%s", why->msg));
	if (why->kind != ERR_CORRUPT)
		(void)err_set(&f->first, why->kind, "%s", why->msg);
	return (0);
}

static int
open_one(struct flight *f, struct evidencedirs_file *file, const char *id,
    struct err *e)
{
	struct store_get	*get = NULL;
	struct err		 why = ERR_INIT;
	char			*path = f->path[f->n];

	if (file->no == 0)
		(void)layout_manifest(path, id);
	else
		(void)layout_pack(path, id, file->no);
	if (store_get_open(&get, f->a->store, path, &why) ||
	    store_get_ask(get, 0, wanted(file), &why)) {
		store_get_free(get);
		return (refuse(f, file, &why, e));
	}
	f->file[f->n] = file;
	f->get[f->n++] = get;
	return (0);
}

/* An answer to one may allow a request of any other: send them all. */
static int
wait_for_all(struct flight *f, struct err *e)
{
	size_t	 i, ready;

	for (;;) {
		for (i = ready = 0; i < f->n; i++)
			ready += store_get_ready(f->get[i]) != 0;
		if (ready == f->n)
			return (0);
		if (store_wait(f->a->store, e))
			return (-1);
	}
}

static int
take_one(struct flight *f, size_t i, struct err *e)
{
	const struct head_place		 place = archive_place(f->a,
	    f->path[i]);
	struct evidencedirs_file	*file = f->file[i];
	struct err			 why = ERR_INIT;
	struct head			 h;
	uint8_t				 buf[HEAD_MAX];
	size_t				 n;
	int				 rc;

	rc = store_get_take(f->get[i], buf, wanted(file), &n, &why);
	if (rc == 0)
		rc = head_decode(&h, buf, n, file->no == 0 ? HEAD_MANIFEST :
		    HEAD_PACK, &place, f->a->key, &why);
	if (rc == 1)		/* it has gone since it was listed */
		(void)err_set(&why, ERR_CORRUPT, "is missing");
	if (rc != 0)
		return (refuse(f, file, &why, e));
	file->said = h.len + h.payload_size;
	file->state = file->said == file->size ? EVIDENCEDIRS_WHOLE :
	    EVIDENCEDIRS_SIZE;
	return (0);
}

/* Take all headers of this flight, and begin an empty one. */
static int
land(struct flight *f, struct err *e)
{
	size_t	 i;
	int	 rc;

	rc = wait_for_all(f, e);
	for (i = 0; rc == 0 && i < f->n; i++)
		rc = take_one(f, i, e);
	for (i = 0; i < f->n; i++)
		store_get_free(f->get[i]);
	f->n = 0;
	return (rc);
}

int
evidencedirs_heads(struct evidencedirs *x, struct archive *a, struct err *e)
{
	struct flight	 f = { .a = a, .first = ERR_INIT };
	size_t		 i, k;
	int		 rc = 0;

	for (i = 0; rc == 0 && i < x->n; i++)
		for (k = 0; rc == 0 && k < x->v[i].n; k++) {
			rc = open_one(&f, &x->v[i].file[k], x->v[i].id, e);
			if (rc == 0 && f.n == AT_ONCE)
				rc = land(&f, e);
		}
	if (rc == 0)
		rc = land(&f, e);
	for (i = 0; i < f.n; i++)		/* after a failure */
		store_get_free(f.get[i]);
	if (rc == 0 && f.first.kind != ERR_NONE && !marker_stands(a))
		rc = err_set(e, f.first.kind, "%s", f.first.msg);
	return (rc);
}
