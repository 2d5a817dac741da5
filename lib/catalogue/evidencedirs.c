/* SPDX-License-Identifier: ISC */
/* Listing the directories of backups, and which packs lie there. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "catalogue/evidencedirs.h"

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
add_label(struct evidencedirs *x, const struct label *l, struct err *e)
{
	size_t	 i;

	memcpy(x->v[x->n++].id, l->id, LAYOUT_ID);
	for (i = 0; i < l->nfrom; i++)
		if (str_fmt(x->v[x->n++].id, LAYOUT_ID, e, "%s", l->from[i]))
			return (-1);
	return (packruns_add(&x->packs, l->packs, l->npacks, e));
}

static int
collect(struct evidencedirs *x, const struct catalogue *cat, struct err *e)
{
	size_t	 i, n = 0, max = 0;

	for (i = 0; i < catalogue_labels(cat); i++)
		max += 1 + catalogue_label(cat, i)->nfrom;
	if ((x->v = calloc(max + 1, sizeof(*x->v))) == NULL)
		return (err_sys(e, ERR_LOCAL, "list the packs"));
	for (i = 0; i < catalogue_labels(cat); i++)
		if (add_label(x, catalogue_label(cat, i), e))
			return (-1);
	packruns_settle(&x->packs);
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

/*
 * The first directory is base/, whose entries have the times of the others.
 * Packs that no label refers to are not remembered, however many they are.
 */
static int
on_entry(void *arg, size_t i, const struct store_entry *en, int missing,
    struct err *e)
{
	struct evidencedirs	*x = arg;
	struct evidencedirs_one	*d;
	uint32_t		 no;

	(void)missing;
	if (en == NULL) {
		if (i > 0)
			settle(&x->v[i - 1]);
		return (0);
	}
	if (i == 0) {
		if (en->is_dir && (d = find(x, en->name)) != NULL)
			d->dir_at = en->mtime;
		return (0);
	}
	d = &x->v[i - 1];
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

int
evidencedirs_list(struct evidencedirs *x, const struct catalogue *cat,
    struct archive *a, struct err *e)
{
	char		(*text)[LAYOUT_PATH] = NULL;
	const char	**path = NULL;
	size_t		 i;
	int		 rc = -1;

	memset(x, 0, sizeof(*x));
	if (collect(x, cat, e))
		return (-1);
	if (x->n == 0)
		return (0);
	if ((text = calloc(x->n, sizeof(*text))) == NULL ||
	    (path = calloc(x->n + 1, sizeof(*path))) == NULL) {
		err_sys(e, ERR_LOCAL, "list the packs");
		goto out;
	}
	path[0] = LAYOUT_BASE;
	for (i = 0; i < x->n; i++)
		path[i + 1] = layout_base(text[i], x->v[i].id);
	rc = store_list(a->store, path, x->n + 1, on_entry, x, e);
out:
	free(path);
	free(text);
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
