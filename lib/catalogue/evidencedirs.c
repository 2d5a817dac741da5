/* SPDX-License-Identifier: ISC */
/* Listing the directories of backups, and which packs lie there. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "catalogue/evidencedirs.h"
#include "repo/loadeach.h"

#define AT_ONCE		512	/* directories that are listed in one flight */

void
evidencedirs_fini(struct evidencedirs *x)
{
	size_t	 i;

	for (i = 0; i < x->n; i++)
		free(x->v[i].file);
	free(x->v);
	packruns_fini(&x->packs);
	memset(x, 0, sizeof(*x));
}

static int
compare_ids(const void *a, const void *b)
{
	return (strcmp(((const struct evidencedirs_one *)a)->id,
	    ((const struct evidencedirs_one *)b)->id));
}

static int
add_id(struct evidencedirs *x, const char *id, struct err *e)
{
	const size_t	 room = x->room == 0 ? 64 : 2 * x->room;
	void		*p;

	if (x->n == x->room) {
		if ((p = reallocarray(x->v, room, sizeof(*x->v))) == NULL)
			return (err_sys(e, ERR_LOCAL, "list the packs"));
		x->v = p;
		x->room = room;
	}
	memset(&x->v[x->n], 0, sizeof(*x->v));
	return (str_fmt(x->v[x->n++].id, LAYOUT_ID, e, "%s", id));
}

/*
 * A forged label may name as many directories as fit into it.  One that does
 * not exist costs nothing here, neither memory nor a request.
 */
static int
add_label(struct evidencedirs *x, const struct catalogue *cat,
    const struct label *l, struct err *e)
{
	size_t	 i, from = 0;

	if (add_id(x, l->id, e))
		return (-1);
	for (i = 0; i < l->nfrom; i++)
		if (strcmp(l->from[i], l->id) != 0 &&
		    catalogue_has_directory(cat, l->from[i]) &&
		    add_id(x, l->from[i], e))
			return (-1);
	/* Those that lie between two that do not exist, at once. */
	for (i = 0; i <= l->npacks; i++) {
		if (i < l->npacks &&
		    catalogue_has_directory(cat, l->packs[i].backup))
			continue;
		if (i > from && packruns_add(&x->packs, l->packs + from,
		    i - from, e))
			return (-1);
		from = i + 1;
	}
	return (0);
}

static int
collect(struct evidencedirs *x, const struct catalogue *cat, struct err *e)
{
	size_t	 i, n = 0;

	for (i = 0; i < catalogue_labels(cat); i++)
		if (add_label(x, cat, catalogue_label(cat, i), e))
			return (-1);
	packruns_settle(&x->packs);
	if (x->n > 0)
		qsort(x->v, x->n, sizeof(*x->v), compare_ids);
	for (i = 0; i < x->n; i++)
		if (n == 0 || strcmp(x->v[i].id, x->v[n - 1].id) != 0)
			memmove(&x->v[n++], &x->v[i], sizeof(*x->v));
	x->n = n;
	return (0);
}

static struct evidencedirs_one *
find(const struct evidencedirs *x, const char *id)
{
	struct evidencedirs_one	 key = { .n = 0 };

	if (x->n == 0 || strlen(id) >= sizeof(key.id))
		return (NULL);
	memcpy(key.id, id, strlen(id) + 1);
	return (bsearch(&key, x->v, x->n, sizeof(*x->v), compare_ids));
}

static int
compare_files(const void *va, const void *vb)
{
	const struct evidencedirs_file	*a = va, *b = vb;

	if (a->no != b->no)
		return (a->no < b->no ? -1 : 1);
	return (a->size < b->size ? -1 : a->size > b->size);
}

/* A listing may name a file twice; one of them is enough to refuse it. */
static void
settle(struct evidencedirs_one *d)
{
	size_t	 i, n = 0;

	if (d->n == 0)
		return;
	qsort(d->file, d->n, sizeof(*d->file), compare_files);
	for (i = 0; i < d->n; i++)
		if (n == 0 || d->file[i].no != d->file[n - 1].no)
			d->file[n++] = d->file[i];
	d->n = n;
}

static int
add_file(struct evidencedirs_one *d, uint32_t no, const struct store_entry *en,
    struct err *e)
{
	const size_t	 room = d->room == 0 ? 16 : 2 * d->room;
	void		*p;

	if (d->n == d->room) {
		p = reallocarray(d->file, room, sizeof(*d->file));
		if (p == NULL)
			return (err_sys(e, ERR_LOCAL, "list the packs"));
		d->file = p;
		d->room = room;
	}
	d->file[d->n++] = (struct evidencedirs_file){ .no = no,
	    .size = en->size, .at = en->mtime };
	return (0);
}

/* An entry of base/: only what stands there is listed. */
static int
on_base(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct evidencedirs	*x = arg;
	struct evidencedirs_one	*d;

	(void)i;
	(void)missing;
	(void)e;
	if (en != NULL && en->is_dir && (d = find(x, en->name)) != NULL) {
		d->dir_at = en->mtime;
		d->stands = 1;
	}
	return (0);
}

/* The directories that are listed in one flight. */
struct flight {
	struct evidencedirs	*x;
	struct evidencedirs_one	*d[AT_ONCE];
	char			 text[AT_ONCE][LAYOUT_PATH];
	const char		*path[AT_ONCE];
	size_t			 n;
};

/* Packs that no label refers to are not remembered, however many they are. */
static int
on_entry(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct flight		*f = arg;
	struct evidencedirs	*x = f->x;
	struct evidencedirs_one	*d = f->d[i];
	uint32_t		 no;

	(void)missing;
	if (en == NULL) {
		settle(d);
		return (0);
	}
	if (en->is_dir)
		return (0);
	if (strcmp(en->name, "label") == 0)
		d->label_at = en->mtime;
	if (strcmp(en->name, "manifest") == 0)
		return (add_file(d, 0, en, e));
	no = layout_pack_no(en->name);
	return (no != 0 && packruns_has(&x->packs, d->id, no) ?
	    add_file(d, no, en, e) : 0);
}

/* In one that nobody may open, what a label needs is missing. */
static int
on_unlisted(void *arg, size_t i, const struct err *why, struct err *e)
{
	const struct flight	*f = arg;

	(void)why;
	(void)e;
	settle(f->d[i]);
	return (0);
}

/* List those that stand, AT_ONCE of them in each flight. */
static int
list_dirs(struct flight *f, struct archive *a, struct err *e)
{
	const struct store_listing	 to = { on_entry, on_unlisted, f };
	struct evidencedirs		*x = f->x;
	size_t				 i;

	for (i = 0; i < x->n; i++) {
		if (x->v[i].stands) {
			f->d[f->n] = &x->v[i];
			f->path[f->n] = layout_base(f->text[f->n],
			    x->v[i].id);
			f->n++;
		}
		if (f->n == AT_ONCE || (i + 1 == x->n && f->n > 0)) {
			if (loadeach_list(&to, a, f->path, f->n, e))
				return (-1);
			f->n = 0;
		}
	}
	return (0);
}

int
evidencedirs_list(struct evidencedirs *x, const struct catalogue *cat,
    struct archive *a, struct err *e)
{
	static const char *const	 base[] = { LAYOUT_BASE };
	struct flight			*f;
	int				 rc;

	memset(x, 0, sizeof(*x));
	if (collect(x, cat, e))
		return (-1);
	if (x->n == 0)
		return (0);
	if ((f = calloc(1, sizeof(*f))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list the packs"));
	f->x = x;
	rc = store_list(a->store, base, 1, on_base, x, e) ||
	    list_dirs(f, a, e) ? -1 : 0;
	free(f);
	return (rc);
}

const struct evidencedirs_one *
evidencedirs_find(const struct evidencedirs *x, const char *id)
{
	return (find(x, id));
}

size_t
evidencedirs_from(const struct evidencedirs_one *d, uint32_t no)
{
	size_t	 lo = 0, hi = d->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (d->file[mid].no < no)
			lo = mid + 1;
		else
			hi = mid;
	}
	return (lo);
}
