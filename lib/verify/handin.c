/* SPDX-License-Identifier: ISC */
/* From the objects of a set to the items that jobs look at. */
#include <string.h>

#include "repo/layout.h"
#include "verify/handin.h"
#include "verify/verifyreport.h"

struct handin {
	struct verifyset	*set;
	struct verifywork	*work;
	enum verifyitem_what	 what;
};

/* Hand in an item with the object that "like" describes. */
static int
put(const struct handin *h, const struct verifyitem *like, struct err *e)
{
	struct verifyitem	*it;

	if (verifyitem_new(&it, h->what, e))
		return (-1);
	it->kind = like->kind;
	it->size = like->size;
	it->id = like->id;
	it->pack = like->pack;
	it->wal = like->wal;
	it->segsize = catalogue_segsize(h->set->cat);
	memcpy(it->path, like->path, sizeof(it->path));
	return (verifywork_put(h->work, it, e));
}

static int
put_range(void *arg, const char *id, uint32_t first, uint32_t last,
    struct err *e)
{
	const struct handin	*h = arg;
	struct verifyset_dir	*d = verifyset_dir(h->set, id);
	struct verifyitem	 it = { .kind = HEAD_PACK };
	size_t			 i;

	for (i = 0; d != NULL && i < d->n; i++) {
		if (d->pack[i].no < first || d->pack[i].no > last ||
		    d->pack[i].bad)
			continue;
		it.id = d->id;
		it.pack = d->pack[i].no;
		it.size = d->pack[i].size;
		(void)layout_pack(it.path, d->id, it.pack);
		if (put(h, &it, e))
			return (-1);
	}
	return (0);
}

int
handin_packs(struct verifyset *set, struct verifywork *work,
    enum verifyitem_what what, struct err *e)
{
	struct handin	 h = { set, work, what };

	return (verifyset_ranges(set, put_range, &h, e));
}

int
handin_manifests(struct verifyset *set, struct verifywork *work,
    enum verifyitem_what what, struct err *e)
{
	const struct handin		 h = { set, work, what };
	const struct verifyset_dir	*d;
	struct verifyitem		 it = { .kind = HEAD_MANIFEST };
	size_t				 i;

	for (i = 0; i < catalogue_labels(set->cat); i++) {
		if (!verifyset_has_label(set, i))
			continue;
		d = verifyset_dir(set, catalogue_label(set->cat, i)->id);
		if (d->bad_manifest)
			continue;
		it.id = d->id;
		it.size = d->manifest;
		(void)layout_manifest(it.path, d->id);
		if (put(&h, &it, e))
			return (-1);
	}
	return (0);
}

int
handin_wal(struct verifyset *set, struct verifywork *work,
    enum verifyitem_what what, struct err *e)
{
	const struct handin		 h = { set, work, what };
	const struct verifyset_wal	*f;
	struct verifyitem		 it = { .kind = HEAD_WAL };
	size_t				 i;

	for (i = 0; i < set->nwal; i++) {
		f = &set->wal[i];
		if (f->bad || !verifyset_has_wal(set, f))
			continue;
		it.wal = f->name;
		it.size = f->size;
		(void)verifyreport_wal(it.path, &f->name);
		if (put(&h, &it, e))
			return (-1);
	}
	return (0);
}
