/* SPDX-License-Identifier: ISC */
/* The small files of an export. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "copy/exportsmall.h"
#include "copy/vouchednames.h"
#include "crypt/hash.h"
#include "crypt/sign.h"
#include "repo/marker.h"

/* Room for another one; NULL without memory. */
static struct exportsmall_file *
add(struct exportsmall *s, const char *path, size_t n, struct err *e)
{
	struct exportsmall_file	*f;

	f = reallocarray(s->v, s->n + 1, sizeof(*f));
	if (f == NULL) {
		err_sys(e, ERR_LOCAL, "export");
		return (NULL);
	}
	s->v = f;
	f = &s->v[s->n];
	f->n = n;
	if (str_fmt(f->path, sizeof(f->path), e, "%s", path))
		return (NULL);
	if ((f->p = malloc(n + 1)) == NULL) {
		err_sys(e, ERR_LOCAL, "export");
		return (NULL);
	}
	s->n++;
	return (f);
}

struct reading {
	struct exportsmall *s;
	const char	*path;
};

static int
on_loaded(void *arg, size_t i, const uint8_t *data, size_t n, struct err *e)
{
	const struct reading	*r = arg;
	struct exportsmall_file	*f;

	(void)i;
	if (data == NULL)
		return (err_set(e, ERR_REMOTE, "%s is gone since it was "
		    "listed", r->path));
	if ((f = add(r->s, r->path, n, e)) == NULL)
		return (-1);
	memcpy(f->p, data, n);
	return (0);
}

/* Read one as the next of them. */
static int
load(struct exportsmall *s, struct archive *a, const char *path, size_t max,
    struct err *e)
{
	struct reading	 r = { s, path };

	return (store_load(a->store, &path, 1, max, on_loaded, &r, e));
}

static int
load_marker(struct exportsmall *s, struct archive *a, struct err *e)
{
	struct marker	 m;

	return (load(s, a, LAYOUT_MARKER, MARKER_MAX, e) ||
	    marker_parse(&m, s->v[0].p, s->v[0].n, a, e) ? -1 : 0);
}

static int
load_label(struct exportsmall *s, struct archive *a, const struct label *l,
    struct err *e)
{
	char	 path[LAYOUT_PATH];
	uint8_t	 hash[HASH_LEN];

	if (load(s, a, layout_label(path, l->id), SIGN_MAX, e))
		return (-1);
	hash_of(hash, s->v[s->n - 1].p, s->v[s->n - 1].n);
	if (memcmp(hash, l->file_hash, HASH_LEN) != 0)
		return (err_set(e, ERR_REMOTE, "%s has changed since it was "
		    "read", path));
	return (0);
}

/* One that is not authentic counts for nobody and is left out. */
static int
load_inventory(struct exportsmall *s, struct archive *a, const char *path,
    struct err *e)
{
	struct inventoryfile	 r = { .n = 0 };
	struct exportsmall_file	*f;
	int			 rc = vouchednames_read(&r, a, path, e);

	if (rc == 1)
		rc = 0;
	else if (rc == 0 && (f = add(s, path, r.at + (size_t)r.entries *
	    HASH_LEN, e)) == NULL)
		rc = -1;
	else if (rc == 0) {
		memcpy(f->p, r.front, r.at);
		if (r.entries > 0)
			memcpy(f->p + r.at, r.entry,
			    (size_t)r.entries * HASH_LEN);
	}
	inventoryfile_fini(&r);
	return (rc);
}

static int
load_vouched(struct exportsmall *s, struct archive *a, struct err *e)
{
	struct vouchednames	 l = { .n = 0 };
	size_t			 i;
	int			 rc = vouchednames_list(&l, a, e);

	for (i = 0; rc == 0 && i < l.n; i++)
		rc = load_inventory(s, a, l.v[i], e);
	vouchednames_fini(&l);
	return (rc);
}

int
exportsmall_load(struct exportsmall *s, struct archive *a,
    const struct label *l, struct err *e)
{
	return (load_marker(s, a, e) || load_vouched(s, a, e) ||
	    load_label(s, a, l, e) ? -1 : 0);
}

void
exportsmall_fini(struct exportsmall *s)
{
	size_t	 i;

	for (i = 0; i < s->n; i++)
		free(s->v[i].p);
	free(s->v);
	memset(s, 0, sizeof(*s));
}
